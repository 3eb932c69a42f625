#include "op/restore.h"

#include "form/json.h"
#include "op/copy.h"
#include "op/core.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { MANIFEST_MAX = 64 << 20 };

static ar_err move(const char *from, const char *to)
{
    return rename(from, to) == 0 ? ar_ok() : ar_fail_errno("moving %s to %s", from, to);
}

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
    ar_copied got;

    AR_TRY(ar_node_text(file, item, "path", true, &path));
    AR_TRY(ar_node_text(file, item, "sha256", true, &sha256));
    if (!ar_copy_takes(path)) return ar_node_fail(file, item, "not a path of a backup");
    if (ar_str_eq(path, ar_str_of(ar_copy_log)) && !r->take_log) return ar_ok();

    const char *name = ar_arena_cstr(r->arena, path);

    AR_TRY(ar_copy_parent(r->arena, r->stage, name));
    AR_TRY(ar_copy_file(ar_path_join(r->arena, r->from, name),
                        ar_path_join(r->arena, r->stage, name), &got));
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
    const char *path = home_path(r->place, r->arena, ar_copy_log);
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
    if (files->n > AR_COPY_FILES_MAX)
        return ar_fail(AR_LIMIT, "%.*s names %zu files, %d is the most", AR_FMT(file), files->n,
                       (int)AR_COPY_FILES_MAX);
    AR_TRY(judge_log(r, root));
    AR_TRY(ar_dir_make(r->stage, 0700));
    for (size_t i = 0; i < files->n; i++) AR_TRY(stage_file(r, file, files->items[i]));
    return ar_ok();
}

/* The epoch that no log has seen yet. */
static ar_err next_epoch(const restore *r, const ar_mark *estate, int64_t *out_epoch)
{
    const char *path = r->take_log ? ar_path_join(r->arena, r->stage, ar_copy_log)
                                   : home_path(r->place, r->arena, ar_copy_log);
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
        .path = ar_path_join(r->arena, r->stage, ar_copy_database),
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
        if (ar_copy_skips(names[i]) || (!with_log && ar_str_eq(names[i], AR_LIT("log")))) continue;
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
    const char *aside = ar_copy_name(ctx->arena, home_path(&place, ctx->arena, "backup"),
                                     "before-restore-", ctx->now, "");

    err = prepare(&r, ctx->tables, who, ctx->now, aside);
    if (err.code != AR_OK) return record(ctx, args, &lock, "failed", err); /* it sweeps up, too */
    AR_TRY(ar_restore_finish(&place));
    AR_TRY(ar_home_make(&place));
    AR_TRY(ar_core_open(&place, ctx->tables, NULL, &lock, ctx->now, &core));

    ar_value row[] = { ar_textz(r.from), ar_int(r.files), ar_int(core->outbox.estate.epoch),
                       ar_textz(aside) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}
