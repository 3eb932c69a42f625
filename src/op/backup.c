#include "op/backup.h"

#include "form/json.h"
#include "op/copy.h"
#include "op/core.h"
#include "sys/file.h"

#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char partial_prefix[] = ".partial-";

/* ---- what a home consists of ---- */

typedef struct paths {
    const char **list; /* relative to the home */
    size_t n, cap;
} paths;

static ar_err add_path(paths *p, ar_arena *arena, const char *path)
{
    if (p->n == AR_COPY_FILES_MAX)
        return ar_fail(AR_LIMIT, "the home has more than %d files", (int)AR_COPY_FILES_MAX);
    ar_grow(arena, p->list, p->n, p->cap);
    p->list[p->n++] = path;
    return ar_ok();
}

static bool is_regular(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static ar_err add_folder(paths *p, ar_arena *arena, const char *home, const char *folder)
{
    ar_str *names;
    size_t n;

    AR_TRY(ar_dir_list(ar_path_join(arena, home, folder), arena, &names, &n));
    for (size_t i = 0; i < n; i++) {
        const char *path = ar_path_join(arena, folder, names[i].ptr);

        if (ar_copy_takes(ar_str_of(path)) && is_regular(ar_path_join(arena, home, path)))
            AR_TRY(add_path(p, arena, path));
    }
    return ar_ok();
}

static ar_err list_home(const char *home, ar_arena *arena, paths *p)
{
    ar_str *names;
    size_t n;
    struct stat st;

    AR_TRY(add_path(p, arena, ar_copy_database));
    if (is_regular(ar_path_join(arena, home, ar_copy_log))) AR_TRY(add_path(p, arena, ar_copy_log));
    AR_TRY(ar_dir_list(home, arena, &names, &n));
    for (size_t i = 0; i < n; i++) {
        const char *path = ar_path_join(arena, home, names[i].ptr);

        if (ar_copy_skips(names[i]) || ar_str_eq(names[i], AR_LIT("log"))) continue;
        if (lstat(path, &st) != 0) return ar_fail_errno("%s", path);
        if (S_ISDIR(st.st_mode)) AR_TRY(add_folder(p, arena, home, names[i].ptr));
        if (S_ISREG(st.st_mode) && !ar_str_eq(names[i], ar_str_of(ar_copy_database)) &&
            ar_copy_takes(names[i]))
            AR_TRY(add_path(p, arena, names[i].ptr));
    }
    return ar_ok();
}

/* ---- one backup ---- */

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

static void add_file(ar_buf *manifest, bool first, const char *path, const ar_copied *file)
{
    ar_buf_addz(manifest, first ? "\n    {\"path\":" : ",\n    {\"path\":");
    ar_json_text(manifest, ar_str_of(path));
    ar_buf_addf(manifest, ",\"bytes\":%lld,\"sha256\":\"%s\"}", (long long)file->bytes,
                file->sha256);
}

/* The database is read where the core has it open. */
static ar_err copy_of_home(const backup *b, const char *name, const char *from, const char *to,
                           ar_copied *out)
{
    if (strcmp(name, ar_copy_database) != 0) return ar_copy_file(from, to, out);
    return ar_copy_open(ar_fd_n(b->core->database), from, to, out);
}

static ar_err copy_home(backup *b, ar_arena *arena, ar_buf *manifest)
{
    const char *home = b->core->place.home;
    paths p = { 0 };
    ar_copied file;

    AR_TRY(list_home(home, arena, &p));
    for (size_t i = 0; i < p.n; i++) {
        AR_TRY(ar_copy_parent(arena, b->partial, p.list[i]));
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
    b->final = ar_copy_name(arena, b->folder, "", b->now, b->automatic ? "-auto" : "");

    /* a name that nobody could foresee, and that must not be there: no link is followed */
    if (mkdir(b->partial, 0700) != 0)
        return ar_context(ar_fail_errno("%s", b->partial),
                          "a core may write only in its home and in backup_folder");

    ar_err err = fill(b, arena);

    if (err.code == AR_OK && rename(b->partial, b->final) != 0)
        err = ar_fail_errno("moving %s to %s", b->partial, b->final);
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

/* A folder in a home may be more than a folder: others than its owner add to the backups alone. */
static ar_err choose_folder(ar_ctx *ctx, ar_str to, const char **out_folder)
{
    const char *usual = ar_path_absolute(ctx->arena, backup_folder(ctx->place, ctx->arena));
    const char *folder = to.len > 0 ? ar_path_absolute(ctx->arena, to.ptr) : usual;
    size_t len = strlen(usual);
    bool within = strncmp(folder, usual, len) == 0 && (folder[len] == '/' || folder[len] == '\0');

    *out_folder = folder;
    if (within || ctx->who->uid == (int64_t)ar_home_owner(ctx->place)) return ar_ok();
    return ar_fail(AR_DENIED,
                   "a backup of this home goes to %s, or below; only its owner says where else",
                   usual);
}

ar_err ar_backup_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    backup b = { .core = ctx->core, .now = ctx->now };

    AR_TRY(choose_folder(ctx, ar_arg_text(args, "to"), &b.folder));
    AR_TRY(make_backup(&b, ctx->arena));
    ar_audit_add(ctx, "backup", ar_textz(b.final));
    ar_audit_add(ctx, "files", ar_int(b.files));

    ar_value row[] = { ar_textz(b.final), ar_int(b.files), ar_int(b.bytes) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}
