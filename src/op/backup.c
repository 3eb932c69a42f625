#include "op/backup.h"

#include "form/json.h"
#include "op/core.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 20, MANIFEST_MAX = 64 << 20, SHA_LEN = 65 };

static const char database_name[] = "estate.duckdb";
static const char log_name[] = "log/events.ndjson";
static const char partial_prefix[] = ".partial-";

/* ---- files, copied and hashed at once ---- */

typedef struct copied {
    char sha256[SHA_LEN];
    int64_t bytes;
} copied;

static void hash_free(EVP_MD_CTX **hash)
{
    EVP_MD_CTX_free(*hash);
}

static ar_err copy_all(int in, int out, const char *name, EVP_MD_CTX *hash, int64_t *out_bytes)
{
    ar_auto(ar_arena) arena = { 0 };
    char *chunk = ar_arena_take(&arena, COPY_BYTES);
    ssize_t n;

    while ((n = pread(in, chunk, COPY_BYTES, *out_bytes)) > 0) {
        if (EVP_DigestUpdate(hash, chunk, (size_t)n) != 1) return ar_fail(AR_IO, "SHA-256 failed");
        AR_TRY_WITH(ar_fd_write_all(out, (ar_str){ chunk, (size_t)n }), "%s", name);
        *out_bytes += n;
    }
    return n < 0 ? ar_fail_errno("%s", name) : ar_ok();
}

/* A durable copy, that is not there yet, of a regular file that is open. */
static ar_err copy_hashed(int in, const char *from, const char *to, copied *out)
{
    __attribute__((cleanup(hash_free))) EVP_MD_CTX *hash = EVP_MD_CTX_new();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len;
    ar_auto(ar_fd) made = ar_fd_of(open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));

    if (ar_fd_n(made) < 0) return ar_fail_errno("%s", to);
    if (hash == NULL || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
        return ar_fail(AR_IO, "SHA-256 failed");
    *out = (copied){ 0 };
    AR_TRY(copy_all(in, ar_fd_n(made), from, hash, &out->bytes));
    if (EVP_DigestFinal_ex(hash, digest, &digest_len) != 1) return ar_fail(AR_IO, "SHA-256 failed");
    if (fsync(ar_fd_n(made)) != 0) return ar_fail_errno("%s", to);
    ar_hex(digest, digest_len, out->sha256);
    return ar_ok();
}

static ar_err copy_file(const char *from, const char *to, copied *out)
{
    /* without O_NONBLOCK a pipe that nobody writes to would hold us up */
    ar_auto(ar_fd) in = ar_fd_of(open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat st;

    if (ar_fd_n(in) < 0 || fstat(ar_fd_n(in), &st) != 0) return ar_fail_errno("%s", from);
    if (!S_ISREG(st.st_mode)) return ar_fail(AR_INVALID, "%s is no regular file", from);
    return copy_hashed(ar_fd_n(in), from, to, out);
}

static ar_err move(const char *from, const char *to)
{
    return rename(from, to) == 0 ? ar_ok() : ar_fail_errno("moving %s to %s", from, to);
}

/* ---- what a home consists of ---- */

typedef struct paths {
    const char **list; /* relative to the home */
    size_t n, cap;
} paths;

static ar_err add_path(paths *p, ar_arena *arena, const char *path)
{
    if (p->n == AR_BACKUP_FILES_MAX)
        return ar_fail(AR_LIMIT, "the home has more than %d files", (int)AR_BACKUP_FILES_MAX);
    ar_grow(arena, p->list, p->n, p->cap);
    p->list[p->n++] = path;
    return ar_ok();
}

static bool is_regular(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Folders that hold nothing of the home's own. */
static bool is_passing(ar_str name)
{
    static const ar_str names[] = { AR_LIT("run"), AR_LIT("tmp"), AR_LIT("backup"),
                                    AR_LIT("restoring") };

    for (size_t i = 0; i < AR_COUNT(names); i++)
        if (ar_str_eq(name, names[i])) return true;
    return false;
}

/* What a backup holds and a restore takes: the database, the log, NAME.yaml and FOLDER/NAME.yaml. A
 * name that begins with a dot is nobody's. */
static bool is_of_home(ar_str path)
{
    ar_str rest = path, part, first = { 0 };
    size_t n = 0;

    if (ar_str_eq(path, ar_str_of(database_name)) || ar_str_eq(path, ar_str_of(log_name)))
        return true;
    if (!ar_str_ends(path, AR_LIT(".yaml")) || memchr(path.ptr, '\0', path.len) != NULL)
        return false;
    while (ar_str_split(&rest, '/', &part)) {
        if (part.len == 0 || part.ptr[0] == '.') return false;
        if (n++ == 0) first = part;
    }
    return n == 1 || (n == 2 && !is_passing(first) && !ar_str_eq(first, AR_LIT("log")));
}

static ar_err add_folder(paths *p, ar_arena *arena, const char *home, const char *folder)
{
    ar_str *names;
    size_t n;

    AR_TRY(ar_dir_list(ar_path_join(arena, home, folder), arena, &names, &n));
    for (size_t i = 0; i < n; i++) {
        const char *path = ar_path_join(arena, folder, names[i].ptr);

        if (is_of_home(ar_str_of(path)) && is_regular(ar_path_join(arena, home, path)))
            AR_TRY(add_path(p, arena, path));
    }
    return ar_ok();
}

static ar_err list_home(const char *home, ar_arena *arena, paths *p)
{
    ar_str *names;
    size_t n;
    struct stat st;

    AR_TRY(add_path(p, arena, database_name));
    if (is_regular(ar_path_join(arena, home, log_name))) AR_TRY(add_path(p, arena, log_name));
    AR_TRY(ar_dir_list(home, arena, &names, &n));
    for (size_t i = 0; i < n; i++) {
        const char *path = ar_path_join(arena, home, names[i].ptr);

        if (is_passing(names[i]) || ar_str_eq(names[i], AR_LIT("log"))) continue;
        if (lstat(path, &st) != 0) return ar_fail_errno("%s", path);
        if (S_ISDIR(st.st_mode)) AR_TRY(add_folder(p, arena, home, names[i].ptr));
        if (S_ISREG(st.st_mode) && !ar_str_eq(names[i], ar_str_of(database_name)) &&
            is_of_home(names[i]))
            AR_TRY(add_path(p, arena, names[i].ptr));
    }
    return ar_ok();
}

/* The folder that `path` lies in, made below `base`. */
static ar_err make_parent(ar_arena *arena, const char *base, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL) return ar_ok();
    return ar_dir_make(
        ar_path_join(arena, base, ar_arena_cstr(arena, (ar_str){ path, (size_t)(slash - path) })),
        0700);
}

/* ---- backup ---- */

typedef struct backup {
    ar_core *core;
    ar_time now;
    bool automatic;
    const char *folder; /* where backups lie */
    const char *partial, *final;
    int64_t files, bytes;
} backup;

static const char *backup_folder(const ar_place *place, ar_arena *arena)
{
    if (place->config.backup_folder.len > 0)
        return ar_arena_cstr(arena, place->config.backup_folder);
    return ar_path_join(arena, place->home, "backup");
}

/* "2026-11-21T093000Z": sorts by time, and is a file name everywhere. */
static ar_str stamp(ar_arena *arena, ar_time now)
{
    char text[AR_TIME_LEN];
    ar_buf name = { 0 };

    (void)ar_time_print(now - now % AR_SECOND, text);
    for (const char *c = text; *c != '\0'; c++)
        if (*c != ':') ar_buf_addc(&name, *c);

    ar_str copy = ar_arena_copy(arena, ar_buf_str(&name));

    ar_buf_done(&name);
    return copy;
}

/* A name below `folder` that is free: the stamp, or the stamp and a number. */
static const char *free_name(ar_arena *arena, const char *folder, const char *before, ar_str when,
                             const char *after)
{
    ar_str name = ar_arena_printf(arena, "%s%.*s%s", before, AR_FMT(when), after);

    for (int i = 2; ar_file_exists(ar_path_join(arena, folder, name.ptr)); i++)
        name = ar_arena_printf(arena, "%s%.*s-%d%s", before, AR_FMT(when), i, after);
    return ar_path_join(arena, folder, name.ptr);
}

static void add_file(ar_buf *manifest, bool first, const char *path, const copied *file)
{
    ar_buf_addz(manifest, first ? "\n    {\"path\":" : ",\n    {\"path\":");
    ar_json_text(manifest, ar_str_of(path));
    ar_buf_addf(manifest, ",\"bytes\":%lld,\"sha256\":\"%s\"}", (long long)file->bytes,
                file->sha256);
}

/* The database is read where the core has it open. */
static ar_err copy_of_home(const backup *b, const char *name, const char *from, const char *to,
                           copied *out)
{
    if (name != database_name) return copy_file(from, to, out);
    return copy_hashed(ar_fd_n(b->core->database), from, to, out);
}

static ar_err copy_home(backup *b, ar_arena *arena, ar_buf *manifest)
{
    const char *home = b->core->place.home;
    paths p = { 0 };
    copied file;

    AR_TRY(list_home(home, arena, &p));
    for (size_t i = 0; i < p.n; i++) {
        AR_TRY(make_parent(arena, b->partial, p.list[i]));
        AR_TRY(copy_of_home(b, p.list[i], ar_path_join(arena, home, p.list[i]),
                            ar_path_join(arena, b->partial, p.list[i]), &file));
        add_file(manifest, i == 0, p.list[i], &file);
        b->files++;
        b->bytes += file.bytes;
    }
    return ar_ok();
}

static ar_err begin_manifest(const backup *b, ar_buf *manifest)
{
    char at[AR_TIME_LEN];
    ar_mark mark;

    AR_TRY(ar_mark_of_estate(b->core->engine, &mark));
    ar_buf_addz(manifest, "{\n  \"format\": 1,\n");
    ar_buf_addf(manifest, "  \"made_at\": \"%s\",\n", ar_time_print(b->now, at));
    ar_buf_addf(manifest, "  \"version\": \"%s\",\n", b->core->tables->version);
    ar_buf_addf(manifest, "  \"automatic\": %s,\n", b->automatic ? "true" : "false");
    ar_buf_addf(manifest, "  \"core\": \"%s\",\n  \"epoch\": %lld,\n  \"seq\": %lld,\n", mark.core,
                (long long)mark.epoch, (long long)mark.seq);
    ar_buf_addz(manifest, "  \"files\": [");
    return ar_ok();
}

static ar_err fill(backup *b, ar_arena *arena)
{
    ar_auto(ar_buf) manifest = { 0 };

    AR_TRY(ar_engine_checkpoint(b->core->engine));
    AR_TRY(begin_manifest(b, &manifest));
    AR_TRY(copy_home(b, arena, &manifest));
    ar_buf_addz(&manifest, "\n  ]\n}\n");
    AR_TRY(ar_file_write(ar_path_join(arena, b->partial, "manifest.json"), ar_buf_str(&manifest),
                         0600));
    return ar_dir_sync(b->partial);
}

/* Those that were cut short. Only folders of ours: what lies in a folder that others write in may
 * be a trap, and a link is not followed. */
static ar_err sweep_partials(const char *folder, ar_arena *arena)
{
    ar_str *names;
    size_t n;
    struct stat st;

    AR_TRY(ar_dir_list(folder, arena, &names, &n));
    for (size_t i = 0; i < n; i++) {
        const char *path = ar_path_join(arena, folder, names[i].ptr);

        if (ar_str_starts(names[i], AR_LIT(".partial")) && lstat(path, &st) == 0 &&
            S_ISDIR(st.st_mode) && st.st_uid == geteuid())
            AR_TRY(ar_dir_remove(path));
    }
    return ar_ok();
}

static ar_err make_backup(backup *b, ar_arena *arena)
{
    uint64_t number;

    AR_TRY_WITH(ar_dir_make(b->folder, 0700), "the folder for backups");
    AR_TRY(sweep_partials(b->folder, arena));
    if (getrandom(&number, sizeof number, 0) != sizeof number) return ar_fail_errno("getrandom");
    b->partial = ar_path_join(
        arena, b->folder,
        ar_arena_printf(arena, "%s%016llx", partial_prefix, (unsigned long long)number).ptr);
    b->final = free_name(arena, b->folder, "", stamp(arena, b->now), b->automatic ? "-auto" : "");

    /* a name that nobody could foresee, and that must not be there: no link is followed */
    if (mkdir(b->partial, 0700) != 0)
        return ar_context(ar_fail_errno("%s", b->partial),
                          "a core may write only in its home and in backup_folder");

    ar_err err = fill(b, arena);

    if (err.code == AR_OK) err = move(b->partial, b->final);
    if (err.code != AR_OK) {
        /* half a backup is no use, and the disk may be full; if it stays, the next removes it */
        ar_err swept = ar_dir_remove(b->partial);

        (void)swept;
        return err;
    }
    return ar_dir_sync(b->folder);
}

static ar_err prune(const ar_place *place, ar_arena *arena, const char *folder)
{
    ar_str *names;
    size_t n;
    int64_t keep = place->config.keep_backups;

    AR_TRY(ar_dir_list(folder, arena, &names, &n));
    while (n-- > 0) {
        if (!ar_str_ends(names[n], AR_LIT("-auto"))) continue;
        if (keep-- > 0) continue;
        AR_TRY(ar_dir_remove(ar_path_join(arena, folder, names[n].ptr)));
    }
    return ar_ok();
}

ar_err ar_backup_automatic(ar_core *core, ar_time now)
{
    ar_auto(ar_arena) arena = { 0 };
    backup b = {
        .core = core, .now = now, .automatic = true, .folder = backup_folder(&core->place, &arena)
    };

    AR_TRY(make_backup(&b, &arena));
    return prune(&core->place, &arena, b.folder);
}

ar_err ar_backup_newest(const ar_place *place, ar_arena *arena, ar_str *out_name)
{
    ar_str *names;
    size_t n;
    ar_err err = ar_dir_list(backup_folder(place, arena), arena, &names, &n);

    *out_name = (ar_str){ 0 };
    if (err.code == AR_NOT_FOUND) return ar_ok();
    AR_TRY(err);
    for (size_t i = 0; i < n; i++)
        if (names[i].ptr[0] >= '0' && names[i].ptr[0] <= '9') *out_name = names[i];
    return ar_ok();
}

const ar_column ar_backup_columns[] = {
    { "backup", AR_TEXT, 0, "the folder of the backup" },
    { "files", AR_INT, 0, "how many files it holds" },
    { "bytes", AR_INT, 0, "how large they are" },
    { 0 },
};

ar_err ar_backup_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str to = ar_arg_text(args, "to");
    backup b = { .core = ctx->core,
                 .now = ctx->now,
                 .folder = to.len > 0 ? to.ptr : backup_folder(ctx->place, ctx->arena) };

    AR_TRY(make_backup(&b, ctx->arena));
    ar_audit_add(ctx, "backup", ar_textz(b.final));
    ar_audit_add(ctx, "files", ar_int(b.files));

    ar_value row[] = { ar_textz(b.final), ar_int(b.files), ar_int(b.bytes) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

/* ---- restore: stage, swap ---- */

typedef struct restore {
    const ar_place *place;
    ar_arena *arena;
    const char *from;
    const char *stage; /* HOME/restoring/new */
    int64_t files;
    bool take_log;
} restore;

static const char *home_path(const ar_place *place, ar_arena *arena, const char *name)
{
    return ar_path_join(arena, place->home, name);
}

static ar_err stage_file(restore *r, ar_str file, const ar_node *item)
{
    ar_str path, sha256;
    copied got;

    AR_TRY(ar_node_text(file, item, "path", true, &path));
    AR_TRY(ar_node_text(file, item, "sha256", true, &sha256));
    if (!is_of_home(path)) return ar_node_fail(file, item, "not a path of a backup");
    if (ar_str_eq(path, ar_str_of(log_name)) && !r->take_log) return ar_ok();

    const char *name = ar_arena_cstr(r->arena, path);

    AR_TRY(make_parent(r->arena, r->stage, name));
    AR_TRY(copy_file(ar_path_join(r->arena, r->from, name), ar_path_join(r->arena, r->stage, name),
                     &got));
    if (!ar_str_eq(sha256, ar_str_of(got.sha256)))
        return ar_fail(AR_INVALID,
                       "%s/%s is damaged: its SHA-256 is %s, the manifest has %.*s; take another "
                       "backup",
                       r->from, name, got.sha256, AR_FMT(sha256));
    r->files++;
    return ar_ok();
}

/* Another home's log, or none, gives way to the one of the backup. */
static ar_err judge_log(restore *r, const ar_node *root)
{
    const char *path = home_path(r->place, r->arena, log_name);
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    ar_mark mark = { 0 };
    ar_str core = { 0 };

    if (ar_fd_n(fd) < 0 && errno != ENOENT) return ar_fail_errno("%s", path);
    if (ar_fd_n(fd) >= 0 && ar_mark_of_log(ar_fd_n(fd), path, false, &mark).code != AR_OK)
        mark = (ar_mark){ 0 };
    AR_TRY(ar_node_text(ar_str_of(r->from), root, "core", true, &core));
    r->take_log = !ar_str_eq(core, ar_str_of(mark.core));
    return ar_ok();
}

static ar_err stage(restore *r)
{
    ar_str text, file = ar_str_of(ar_path_join(r->arena, r->from, "manifest.json"));
    ar_node *root;
    const ar_node *files = NULL;
    int64_t format = 0;

    AR_TRY_WITH(ar_file_read(file.ptr, MANIFEST_MAX, r->arena, &text), "%s is no backup", r->from);
    AR_TRY(ar_json_parse(file, text, NULL, r->arena, &root));
    AR_TRY(ar_node_int(file, root, "format", true, &format));
    if (format != 1)
        return ar_fail(AR_CONFLICT, "%s was made by a newer aright (format %lld)", r->from,
                       (long long)format);
    AR_TRY(ar_node_list(file, root, "files", true, &files));
    if (files->n > AR_BACKUP_FILES_MAX)
        return ar_fail(AR_LIMIT, "%.*s names %zu files, %d is the most", AR_FMT(file), files->n,
                       (int)AR_BACKUP_FILES_MAX);
    AR_TRY(judge_log(r, root));
    AR_TRY(ar_dir_make(r->stage, 0700));
    for (size_t i = 0; i < files->n; i++) AR_TRY(stage_file(r, file, files->items[i]));
    return ar_ok();
}

/* The epoch that no log has seen yet. */
static ar_err next_epoch(const restore *r, const ar_mark *estate, int64_t *out_epoch)
{
    const char *path = r->take_log ? ar_path_join(r->arena, r->stage, log_name)
                                   : home_path(r->place, r->arena, log_name);
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    ar_mark log = { 0 };

    if (ar_fd_n(fd) < 0 && errno != ENOENT) return ar_fail_errno("%s", path);
    if (ar_fd_n(fd) >= 0) AR_TRY(ar_mark_of_log(ar_fd_n(fd), path, false, &log));
    *out_epoch = (log.epoch > estate->epoch ? log.epoch : estate->epoch) + 1;
    return ar_ok();
}

static ar_err write_event(ar_engine *engine, const restore *r, const ar_person *who, ar_time now,
                          const ar_mark *mark)
{
    ar_outbox box = { .engine = engine, .estate = *mark };
    ar_auto(ar_buf) detail = { 0 };

    ar_buf_addz(&detail, "{\"backup\":");
    ar_json_text(&detail, ar_str_of(r->from));
    ar_buf_addf(&detail, ",\"files\":%lld}", (long long)r->files);

    ar_event event = {
        .at = now,
        .who = who->name,
        .uid = who->uid,
        .op = AR_LIT("restore"),
        .event = AR_LIT("home.restored"),
        .outcome = AR_LIT("ok"),
        .detail = ar_buf_str(&detail),
    };

    return ar_outbox_add(&box, &event);
}

static bool is_core_name(const char *name)
{
    return strspn(name, "0123456789abcdef") == AR_CORE_ID_LEN - 1;
}

/* The restored estate carries its new epoch and the event of its restoration before it is put in
 * place, so that no crash can leave it without them. */
static ar_err mark_estate(restore *r, const ar_tables *tables, const ar_person *who, ar_time now)
{
    ar_engine_options options = {
        .path = ar_path_join(r->arena, r->stage, database_name),
        .memory_bytes = ar_config_memory(&r->place->config, AR_SHARE_CORE),
    };
    ar_own(ar_engine) engine = NULL;
    ar_mark mark;

    AR_TRY(ar_engine_open(&options, &engine));
    AR_TRY(ar_migrate_check(engine, tables->migrations));
    AR_TRY(ar_mark_of_estate(engine, &mark));
    if (!is_core_name(mark.core))
        return ar_fail(AR_INVALID, "its estate is not of an aright: '%.*s' is no name of a core",
                       (int)sizeof mark.core, mark.core);
    AR_TRY(next_epoch(r, &mark, &mark.epoch));

    ar_value epoch = ar_int(mark.epoch);

    AR_TRY(ar_engine_begin(engine));
    AR_TRY(ar_engine_run(engine, AR_LIT("UPDATE ar.home SET epoch = $1"), &epoch, 1, NULL));
    /* what waits in a backup is of the run before it; whoever made the file may have made it up */
    AR_TRY(ar_engine_exec(engine, "DELETE FROM ar.outbox"));
    AR_TRY(write_event(engine, r, who, now, &mark));
    AR_TRY(ar_engine_commit(engine));
    return ar_engine_checkpoint(engine);
}

/* The swap is two moves of many names, each of which may be cut short and taken up again: the old
 * state goes aside while HOME/restoring/ready is there, the new comes in while .../aside is. */
static ar_err move_old_aside(const ar_place *place, ar_arena *arena, const char *aside)
{
    ar_str *names;
    size_t n;
    bool with_log = ar_file_exists(home_path(place, arena, "restoring/new/log"));

    AR_TRY(ar_dir_make(aside, 0700));
    AR_TRY(ar_dir_list(place->home, arena, &names, &n));
    for (size_t i = 0; i < n; i++) {
        if (is_passing(names[i]) || (!with_log && ar_str_eq(names[i], AR_LIT("log")))) continue;
        AR_TRY(
            move(home_path(place, arena, names[i].ptr), ar_path_join(arena, aside, names[i].ptr)));
    }
    AR_TRY(ar_dir_sync(aside));
    return ar_dir_sync(place->home);
}

static ar_err move_new_in(const ar_place *place, ar_arena *arena)
{
    const char *stage = home_path(place, arena, "restoring/new");
    ar_str *names;
    size_t n;

    AR_TRY(ar_dir_list(stage, arena, &names, &n));
    for (size_t i = 0; i < n; i++)
        AR_TRY(
            move(ar_path_join(arena, stage, names[i].ptr), home_path(place, arena, names[i].ptr)));
    AR_TRY(ar_dir_sync(place->home));
    return ar_dir_remove(home_path(place, arena, "restoring"));
}

ar_err ar_restore_finish(const ar_place *place)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *folder = home_path(place, &arena, "restoring");
    const char *ready = home_path(place, &arena, "restoring/ready");
    const char *aside = home_path(place, &arena, "restoring/aside");
    ar_str target;

    if (!ar_file_exists(folder)) return ar_ok();
    if (ar_file_exists(ready)) {
        AR_TRY(ar_file_read(ready, AR_ARG_BYTES_MAX, &arena, &target));
        AR_TRY(move_old_aside(place, &arena, ar_arena_cstr(&arena, target)));
        AR_TRY(move(ready, aside));
        AR_TRY(ar_dir_sync(folder));
    }
    if (ar_file_exists(aside)) return move_new_in(place, &arena);
    return ar_dir_remove(folder); /* nothing of it was in place yet */
}

static ar_err admit(const ar_place *place, ar_arena *arena, const ar_op *op,
                    const ar_person **out_who)
{
    ar_people people;

    AR_TRY(ar_people_load(place->home, arena, &people));
    AR_TRY(ar_people_by_uid(&people, (int64_t)getuid(), out_who));
    if (!ar_person_may(*out_who, ar_str_of(op->grant)))
        return ar_fail(AR_DENIED, "%.*s may not %s: it takes the grant %s",
                       AR_FMT((*out_who)->name), op->name, op->grant);
    return ar_ok();
}

static ar_err prepare(restore *r, const ar_tables *tables, const ar_person *who, ar_time now,
                      const char *aside)
{
    AR_TRY(stage(r));
    AR_TRY_WITH(mark_estate(r, tables, who, now), "%s", r->from);
    AR_TRY(ar_dir_sync(r->stage));
    return ar_file_write(home_path(r->place, r->arena, "restoring/ready"), ar_str_of(aside), 0600);
}

/* A home that cannot be opened cannot record it either. */
static ar_err record(const ar_ctx *ctx, const ar_args *args, ar_fd *lock, const char *outcome,
                     ar_err err)
{
    ar_own(ar_core) core = NULL;
    ar_request request = {
        .args = args, .now = ctx->now, .asof = ctx->asof, .uid = (int64_t)getuid()
    };
    ar_str text = ar_arena_copy(ctx->arena, ar_err_text(err));

    if (ar_core_open(ctx->place, ctx->tables, NULL, lock, ctx->now, &core).code != AR_OK)
        return ar_fail(err.code, "%.*s", AR_FMT(text));
    return ar_core_refused(core, &request, outcome, ar_fail(err.code, "%.*s", AR_FMT(text)));
}

const ar_column ar_restore_columns[] = {
    { "restored", AR_TEXT, 0, "the backup that was put back" },
    { "files", AR_INT, 0, "how many files it held" },
    { "epoch", AR_INT, 0, "the epoch of the event log that begins with it" },
    { "before", AR_TEXT, 0, "the folder that keeps what was there before" },
    { 0 },
};

ar_err ar_restore_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_auto(ar_fd) lock = { 0 };
    ar_own(ar_core) core = NULL;
    ar_place place = *ctx->place;
    const ar_person *who;

    AR_TRY(ar_home_make(&place));
    AR_TRY_WITH(ar_home_lock(&place, &lock), "a home is restored when nothing runs on it");

    ar_err err = admit(&place, ctx->arena, reply->op, &who);

    if (err.code != AR_OK) return record(ctx, args, &lock, "denied", err);
    AR_TRY(ar_restore_finish(&place));

    restore r = { .place = &place,
                  .arena = ctx->arena,
                  .from = ar_arg_text(args, "backup").ptr,
                  .stage = home_path(&place, ctx->arena, "restoring/new") };
    const char *aside = free_name(ctx->arena, home_path(&place, ctx->arena, "backup"),
                                  "before-restore-", stamp(ctx->arena, ctx->now), "");

    err = prepare(&r, ctx->tables, who, ctx->now, aside);
    if (err.code != AR_OK) return record(ctx, args, &lock, "failed", err); /* it sweeps up, too */
    AR_TRY(ar_restore_finish(&place));
    AR_TRY(ar_home_make(&place));
    AR_TRY(ar_core_open(&place, ctx->tables, NULL, &lock, ctx->now, &core));

    ar_value row[] = { ar_textz(r.from), ar_int(r.files), ar_int(core->outbox.estate.epoch),
                       ar_textz(aside) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}
