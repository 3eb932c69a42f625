#include "op/home.h"

#include "op/backup.h"
#include "op/core.h"
#include "op/query.h"
#include "op/restore.h"
#include "sys/file.h"

#include <unistd.h>

enum { FILE_MAX = 1 << 20 };

/* ---- status ---- */

static const ar_column status_columns[] = {
    { "area", AR_TEXT, 0, "what the fact is about" },
    { "name", AR_TEXT, 0, "the fact" },
    { "value", AR_TEXT, 0, "what it is" },
    { "state", AR_TEXT, 0, "ok, or warn where someone should look" },
    { 0 },
};

typedef struct facts {
    ar_ctx *ctx;
    ar_reply *reply;
} facts;

ar_err ar_status_fact(ar_reply *reply, const char *area, const char *name, ar_str value, bool ok)
{
    ar_value row[] = { ar_textz(area), ar_textz(name), ar_text(value),
                       ar_textz(ok ? "ok" : "warn") };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err fact(const facts *f, const char *area, const char *name, ar_str value, bool ok)
{
    return ar_status_fact(f->reply, area, name, value, ok);
}

static ar_err number_fact(const facts *f, const char *area, const char *name, int64_t n, bool ok)
{
    return fact(f, area, name, ar_arena_printf(f->ctx->arena, "%lld", (long long)n), ok);
}

static ar_err say_program(const facts *f)
{
    const ar_ctx *ctx = f->ctx;
    const ar_place *place = ctx->place;
    uint64_t memory = ar_config_memory(&place->config, AR_SHARE_CORE);

    AR_TRY(fact(f, "home", "folder", ar_str_of(place->home), true));
    if (ctx->core->demo)
        AR_TRY(fact(f, "home", "company", AR_LIT("made up: a demo, nothing in it is real"), true));
    AR_TRY(fact(f, "home", "shipped files", ar_str_of(place->data), true));
    AR_TRY(fact(f, "program", "version", ar_str_of(ctx->tables->version), true));
    AR_TRY(fact(f, "program", "engine", ar_str_of(ar_engine_version(ctx->engine)), true));
    return fact(f, "program", "memory of the core",
                ar_arena_printf(ctx->arena, "%llu MiB", (unsigned long long)(memory >> 20)), true);
}

/* Whether others than the owner get to the socket, and whether that is what people.yaml says: a
 * core opens and closes the home when it starts. */
static ar_err say_others(const facts *f)
{
    const ar_place *place = f->ctx->place;
    ar_arena *arena = f->ctx->arena;
    bool passable = ar_home_is_passable(place);
    ar_people people;

    AR_TRY(ar_people_load(place->home, arena, &people));

    size_t named = ar_people_others(&people, ar_home_owner(place));
    ar_str value = AR_LIT("only its owner gets in");

    if (passable)
        value = ar_arena_printf(arena, "get to its socket; people.yaml names %zu", named);
    else if (named > 0)
        value =
            ar_arena_printf(arena, "people.yaml names %zu; a core that starts lets them in", named);
    return fact(f, "home", "others", value, passable == (named > 0));
}

static ar_err say_loose(const facts *f)
{
    const char **paths;
    size_t n;

    AR_TRY(ar_home_loose(f->ctx->place, f->ctx->arena, &paths, &n));
    for (size_t i = 0; i < n && ar_home_is_passable(f->ctx->place); i++)
        AR_TRY(fact(f, "home", "open to others", ar_str_of(paths[i]), false));
    return ar_ok();
}

/* Without root it has the uid of all, and what holds it is its sandbox: no file, no connection. */
static ar_err say_front(const facts *f)
{
    int64_t uid = f->ctx->core->front;
    bool own = uid != (int64_t)geteuid();

    if (uid < 0) return fact(f, "process", "pages", AR_LIT("not served"), true);
    return fact(f, "process", "pages",
                ar_arena_printf(f->ctx->arena,
                                own ? "served by uid %lld, which has nothing else"
                                    : "served by uid %lld, as everything; only its "
                                      "sandbox keeps it from the home",
                                (long long)uid),
                own);
}

static ar_err say_processes(const facts *f)
{
    const ar_core *core = f->ctx->core;

    AR_TRY(fact(f, "process", "served by", ar_str_of(core->state), true));
    AR_TRY(fact(f, "process", "sandbox", ar_str_of(core->sandbox), core->sandboxed));
    AR_TRY(say_front(f));
    /* a fault in one duty reaches the files of the others */
    return fact(f, "process", "users",
                core->front < 0 || core->front == (int64_t)geteuid()
                    ? AR_LIT("all duties share one uid")
                    : AR_LIT("all other duties share one uid"),
                false);
}

static ar_err say_estate(const facts *f)
{
    ar_value schema;

    AR_TRY(ar_engine_value(f->ctx->engine, AR_LIT("SELECT max(number) FROM ar.migrations"), NULL, 0,
                           f->ctx->arena, &schema));
    AR_TRY(number_fact(f, "estate", "schema", schema.i, true));

    ar_place_file *files;
    size_t n;

    AR_TRY(ar_place_files(f->ctx->place, "kinds", f->ctx->arena, &files, &n));
    AR_TRY(number_fact(f, "estate", "kinds", (int64_t)n, n > 0));
    AR_TRY(ar_place_files(f->ctx->place, "standards", f->ctx->arena, &files, &n));
    return number_fact(f, "estate", "standards", (int64_t)n, n > 0);
}

static ar_err say_log(const facts *f)
{
    ar_outbox *box = &f->ctx->core->outbox;
    int64_t waiting;
    ar_mark mark;

    AR_TRY(ar_mark_of_estate(f->ctx->engine, &mark));
    AR_TRY(ar_outbox_waiting(box, &waiting));
    AR_TRY(number_fact(f, "log", "epoch", mark.epoch, true));
    AR_TRY(number_fact(f, "log", "last event", mark.seq, true));
    AR_TRY(number_fact(f, "log", "events waiting", waiting, waiting == 0));
    return fact(f, "log", "complete", box->gap ? AR_LIT("events are missing") : AR_LIT("yes"),
                !box->gap);
}

static ar_err say_backup(const facts *f)
{
    ar_str newest;

    AR_TRY(ar_backup_newest(f->ctx->place, f->ctx->arena, &newest));
    return fact(f, "backup", "newest", newest.len > 0 ? newest : AR_LIT("none"), newest.len > 0);
}

static ar_err run_status(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    facts f = { .ctx = ctx, .reply = reply };

    (void)args;
    AR_TRY(say_program(&f));
    AR_TRY(say_others(&f));
    AR_TRY(say_loose(&f));
    AR_TRY(say_processes(&f));
    AR_TRY(say_estate(&f));
    if (ctx->hooks->status != NULL) AR_TRY(ctx->hooks->status(ctx, reply));
    AR_TRY(say_log(&f));
    return say_backup(&f);
}

/* ---- configuration ---- */

static const ar_column config_columns[] = {
    { "key", AR_TEXT, 0, "the setting" },
    { "value", AR_TEXT, 0, "what holds" },
    { "default", AR_TEXT, 0, "what holds when nothing is set" },
    { "source", AR_TEXT, 0, "default, or the file that sets it" },
    { "help", AR_TEXT, AR_COLUMN_BRIEF, "what it decides" },
    { 0 },
};

/* A file of the home that may be absent: then it says nothing. One that may not be read is not
 * absent. */
static ar_err read_own(const char *path, ar_arena *arena, ar_str *out_text, bool *out_there)
{
    ar_err err = ar_file_read(path, FILE_MAX, arena, out_text);

    *out_there = err.code == AR_OK;
    if (err.code == AR_NOT_FOUND) return *out_text = AR_LIT(""), ar_ok();
    return err;
}

static ar_err run_config_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const char *path = ar_path_join(ctx->arena, ctx->place->home, "aright.yaml");
    ar_config config;
    uint64_t set = 0;
    ar_str text;
    bool there;

    (void)args;
    AR_TRY(read_own(path, ctx->arena, &text, &there));
    AR_TRY(ar_config_read(ar_str_of(path), text, ctx->arena, &config, &set));
    for (size_t i = 0; ar_config_rows[i].key != NULL; i++) {
        const ar_config_row *row = &ar_config_rows[i];
        ar_auto(ar_buf) value = { 0 };

        ar_value_print(&value, ar_config_value(&config, row));

        ar_value cells[] = { ar_textz(row->key), ar_text(ar_buf_str(&value)),
                             ar_textz(row->fallback),
                             ar_textz(set >> i & 1 ? "aright.yaml" : "default"),
                             ar_textz(row->help) };

        AR_TRY(ar_reply_row(reply, cells, AR_COUNT(cells)));
    }
    return ar_ok();
}

static const ar_param config_check_params[] = {
    { "file", AR_PARAM_FILE, AR_POSITIONAL, "a file to check in place of the home's", NULL },
    { 0 },
};
static const ar_column config_check_columns[] = {
    { "file", AR_TEXT, 0, "what was checked" },
    { "settings", AR_INT, 0, "how many settings, people, or owners and domains it holds" },
    { 0 },
};

static ar_err check_row(ar_reply *reply, ar_str file, int64_t n)
{
    ar_value row[] = { ar_text(file), ar_int(n) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err check_config(ar_ctx *ctx, ar_reply *reply, ar_str file, ar_str text)
{
    ar_config config;
    uint64_t set;

    AR_TRY(ar_config_read(file, text, ctx->arena, &config, &set));
    return check_row(reply, file, __builtin_popcountll(set));
}

/* That a grant is one which some operation takes, or covers one. */
static ar_err check_grant(const ar_tables *tables, ar_arena *arena, ar_str who, ar_str grant)
{
    const ar_person holder = { .grants = &grant, .n_grants = 1 };
    size_t n;
    const ar_op **all = ar_tables_all(tables, arena, &n);
    ar_str *names = ar_make_n(arena, ar_str, n);

    for (size_t i = 0; i < n; i++) {
        names[i] = ar_str_of(all[i]->grant);
        if (ar_person_may(&holder, names[i])) return ar_ok();
    }

    ar_str near = ar_str_nearest(grant, names, n);

    if (near.len == 0) near = AR_LIT("one of `aright help grants`");
    return ar_fail(AR_INVALID, "people.yaml: %.*s holds %.*s, which no operation takes (want %.*s)",
                   AR_FMT(who), AR_FMT(grant), AR_FMT(near));
}

static ar_err check_people(ar_ctx *ctx, ar_reply *reply)
{
    const char *path = ar_path_join(ctx->arena, ctx->place->home, "people.yaml");
    ar_people people;
    ar_str text;
    bool there;

    AR_TRY(read_own(path, ctx->arena, &text, &there));
    if (!there) return ar_ok();
    AR_TRY(ar_people_read(ar_str_of(path), text, ctx->arena, &people));
    for (size_t i = 0; i < people.n; i++)
        for (size_t k = 0; k < people.list[i].n_grants; k++)
            AR_TRY(check_grant(ctx->tables, ctx->arena, people.list[i].name,
                               people.list[i].grants[k]));
    return check_row(reply, ar_str_of(path), (int64_t)people.n);
}

static ar_err check_owners(ar_ctx *ctx, ar_reply *reply)
{
    const char *path = ar_path_join(ctx->arena, ctx->place->home, "owners.yaml");
    int64_t n = -1;

    if (ctx->hooks->check_owners != NULL) AR_TRY(ctx->hooks->check_owners(ctx, path, &n));
    return n < 0 ? ar_ok() : check_row(reply, ar_str_of(path), n);
}

static ar_err run_config_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str file = ar_arg_text(args, "file"), text;
    bool there;

    if (file.len > 0) {
        AR_TRY(ar_fd_read_all(ar_arg_fd(args, "file"), file, FILE_MAX, ctx->arena, &text));
        return check_config(ctx, reply, file, text);
    }
    file = ar_str_of(ar_path_join(ctx->arena, ctx->place->home, "aright.yaml"));
    AR_TRY(read_own(file.ptr, ctx->arena, &text, &there));
    if (there) AR_TRY(check_config(ctx, reply, file, text));
    AR_TRY(check_people(ctx, reply));
    AR_TRY(check_owners(ctx, reply));
    ar_reply_note(reply, "%s", reply->rows > 0 ? "well formed" : "all defaults; no file is there");
    return ar_ok();
}

/* ---- the rows ---- */

static const ar_param backup_params[] = {
    { "to", AR_PARAM_PATH, AR_WRITTEN,
      "the folder that gets the backup; else backup_folder, else the home's", NULL },
    { 0 },
};
static const ar_param restore_params[] = {
    { "backup", AR_PARAM_PATH, AR_REQUIRED | AR_POSITIONAL, "the folder that a backup made", NULL },
    { 0 },
};

static const ar_param query_params[] = {
    { "sql", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "one SELECT; kinds are its tables", NULL },
    { 0 },
};

const ar_op ar_home_ops[] = {
    { .name = "status",
      .help = "show how this aright is doing, one fact a line",
      .example = "aright status",
      .grant = "home.read",
      .columns = status_columns,
      .run = run_status },
    { .name = "query",
      .help = "run a SELECT over the estate; every kind is a table",
      .more = "It runs in a process of its own over a copy of the estate, within query_seconds, "
              "query_rows and a share of the memory. It can read nothing but the kinds.",
      .example = "aright query 'SELECT 1 AS one'",
      .alone = true,
      .grant = "estate.query",
      .params = query_params,
      .run = ar_query_run },
    { .name = "config.show",
      .help = "list the settings, what holds and where it comes from",
      .more = "Settings stand in aright.yaml in the home. A running core takes a change when it is "
              "restarted.",
      .example = "aright config show",
      .runs_in = AR_IN_DOOR,
      .grant = "home.read",
      .columns = config_columns,
      .run = run_config_show },
    { .name = "config.check",
      .help = "check the configuration, people and owners of the home, or a file",
      .example = "aright config check",
      .runs_in = AR_IN_DOOR,
      .grant = "home.read",
      .params = config_check_params,
      .columns = config_check_columns,
      .run = run_config_check },
    { .name = "backup",
      .help = "copy the home, with the hash of every file",
      .more = "The database, the home's own files and the event log, as of now. A backup appears "
              "under its name when all of it is on disk.",
      .example = "aright backup",
      .effect = AR_CHANGES,
      .alone = true,
      .grant = "home.backup",
      .event = "home.backed_up",
      .params = backup_params,
      .columns = ar_backup_columns,
      .run = ar_backup_run },
    { .name = "restore",
      .help = "put a backup back in place of what the home holds",
      .more = "Every file is proved by its hash first. What was there is kept in the home's backup "
              "folder. The event log goes on in a new epoch; nothing is taken out of it. No core "
              "may run on the home meanwhile.",
      .effect = AR_CHANGES,
      .runs_in = AR_IN_DOOR,
      .alone = true,
      .shape = AR_SHAPE_RECORD,
      .grant = "home.restore",
      .event = "home.restored",
      .params = restore_params,
      .columns = ar_restore_columns,
      .run = ar_restore_run },
    { 0 },
};
