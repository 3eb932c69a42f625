#include "estate/ops.h"
#include "estate/upstream.h"
#include "fetch/fetch.h"
#include "op/args.h"
#include "op/core.h"

#include <unistd.h>

/* ---- one connector of one source ---- */

typedef struct part {
    const ar_upstream *source;
    const ar_connector *connector;
    const char *folder; /* HOME/fetch/SOURCE/CONNECTOR */
    ar_fd lock;
    bool busy; /* another fetch holds the lock */
    ar_kept kept;
    ar_err err;
    ar_str problem; /* the sentence of err, which outlives what comes next */
} part;

typedef struct parts {
    part *list;
    size_t n;
} parts;

static void parts_done(parts *all)
{
    for (size_t i = 0; i < all->n; i++) ar_fd_done(&all->list[i].lock);
}

static const char *folder_of(const ar_place *place, ar_str source, ar_str connector,
                             ar_arena *arena)
{
    return ar_arena_printf(arena, "%s/fetch/%.*s/%.*s", place->home, AR_FMT(source),
                           AR_FMT(connector))
        .ptr;
}

static void fail_part(part *p, ar_err err, ar_arena *arena)
{
    p->err = err;
    if (err.code != AR_OK) p->problem = ar_arena_copy(arena, ar_err_text(err));
}

/* ---- fetching, in the caller's own process ---- */

static ar_err add_source(ar_ctx *ctx, const ar_upstream *source, const ar_connectors *connectors,
                         parts *all)
{
    AR_TRY(ar_upstream_check(source, connectors, ctx->now, ctx->arena));
    for (size_t i = 0; i < source->n_connectors; i++) {
        part *p = &all->list[all->n++];

        p->source = source;
        AR_TRY(ar_connectors_find(connectors, source->connectors[i], &p->connector));
        p->folder = folder_of(ctx->place, source->name, p->connector->name, ctx->arena);
    }
    return ar_ok();
}

/* All that is asked for is checked before anything is fetched. */
static ar_err choose(ar_ctx *ctx, const ar_args *args, parts *all)
{
    ar_connectors connectors;
    ar_upstreams sources;
    const ar_str *names;
    size_t n = ar_arg_texts(args, "source", &names);

    AR_TRY(ar_upstreams_load(ctx->place, ctx->arena, &sources));
    AR_TRY(ar_connectors_load(ctx->place, ctx->arena, &connectors));
    if (sources.n == 0)
        return ar_fail(AR_NOT_FOUND, "no source is described yet (want %s/sources/NAME.yaml)",
                       ctx->place->home);
    all->list = ar_make_n(ctx->arena, part, (n == 0 ? sources.n : n) * AR_UPSTREAM_CONNECTORS_MAX);
    for (size_t i = 0; i < sources.n && n == 0; i++)
        AR_TRY(add_source(ctx, &sources.list[i], &connectors, all));
    for (size_t i = 0; i < n; i++) {
        const ar_upstream *source;

        AR_TRY(ar_upstreams_find(&sources, names[i], &source));
        AR_TRY(add_source(ctx, source, &connectors, all));
    }
    return ar_ok();
}

typedef struct shown {
    ar_reply *reply;
    const part *part;
} shown;

static void show_progress(void *self, const char *what, int64_t pages)
{
    const shown *s = self;
    ar_auto(ar_arena) arena = { 0 };

    ar_reply_progress(
        s->reply, ar_arena_printf(&arena, "%.*s: %s", AR_FMT(s->part->connector->name), what).ptr,
        pages, 0);
}

static ar_err lock_part(part *p, ar_arena *arena)
{
    int holder;

    AR_TRY(ar_dir_make(p->folder, 0700));

    ar_err err = ar_file_lock(ar_path_join(arena, p->folder, "lock"), &p->lock, &holder);

    if (err.code != AR_CONFLICT) return err;
    p->busy = true;
    return ar_fail(AR_CONFLICT, "%.*s is being fetched by process %d", AR_FMT(p->source->name),
                   holder);
}

static ar_err fetch_part(ar_ctx *ctx, bool anew, ar_reply *reply, part *p)
{
    ar_auto(ar_secret) secret = { 0 };
    shown progress = { reply, p };
    ar_errand errand;

    AR_TRY(ar_upstream_errand(p->source, p->connector, ctx->now,
                              ar_make_n(ctx->arena, bool, p->source->reach.n_settings + 1),
                              ctx->arena, &errand));
    AR_TRY(ar_reach_secret(&p->source->reach, ctx->arena, &secret));
    AR_TRY(lock_part(p, ctx->arena));

    ar_fetch fetch = { .program = ctx->place->program,
                       .folder = p->folder,
                       .errand = &errand,
                       .secret = &secret,
                       .anew = anew,
                       .now = ctx->now,
                       .progress = show_progress,
                       .self = &progress };

    return ar_fetch_run(&fetch, ctx->arena, &p->kept);
}

/* ---- and entering, wherever the estate is ---- */

typedef struct taken {
    ar_reply *reply;
    ar_arena *arena;
    ar_value row[8]; /* that of `import` */
} taken;

static ar_err take_row(void *self, const ar_value *values, size_t n)
{
    taken *t = self;

    for (size_t i = 0; i < n && i < AR_COUNT(t->row); i++) {
        t->row[i] = values[i];
        if (values[i].type == AR_TEXT) t->row[i].s = ar_arena_copy(t->arena, values[i].s);
    }
    return ar_ok();
}

static ar_err ask_take(ar_ctx *ctx, const part *p, taken *t)
{
    const ar_op *op = ar_tables_find(ctx->tables, AR_LIT("fetch.take"));
    ar_args args = { .op = op, .arena = ctx->arena };
    ar_receiver receiver = { .row = take_row, .self = t, .reply = t->reply };
    ar_sink sink = ar_receiver_sink(&receiver);

    AR_TRY(ar_args_add(&args, ar_param_find(op, AR_LIT("source")), p->source->name, -1, ctx->now));
    AR_TRY(ar_args_add(&args, ar_param_find(op, AR_LIT("connector")), p->connector->name, -1,
                       ctx->now));
    return ctx->hooks->ask(ctx, &args, &sink);
}

/* The link to what will have changed counts from the import that was committed; a held one may
 * never be. */
static ar_err settle(const part *p, const taken *t)
{
    bool is_in = ar_str_eq(t->row[1].s, AR_LIT("ok"));
    ar_kept_link link = { .errand = p->kept.errand, .base = t->row[0].i };

    if (is_in) link.link = p->kept.delta_link;
    AR_TRY(ar_kept_link_write(p->folder, &link));
    return ar_kept_drop(p->folder);
}

static ar_err reply_part(const part *p, const taken *t, ar_reply *reply)
{
    ar_value row[] = { ar_text(p->source->name),
                       ar_text(p->connector->name),
                       t->row[1],
                       p->kept.errand.len > 0 ? ar_int(p->kept.pages) : ar_null(),
                       ar_bool(p->kept.delta),
                       t->row[4],
                       t->row[5],
                       t->row[6],
                       t->row[7],
                       t->row[0] };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

/* What was not fetched is asked for too: the estate records that it could not be. But what another
 * fetch is at is that one's to enter. */
static ar_err take_part(ar_ctx *ctx, ar_reply *reply, part *p)
{
    taken t = { .reply = reply, .arena = ctx->arena, .row = { [1] = ar_textz("failed") } };

    if (p->busy) return reply_part(p, &t, reply);

    ar_err err = ask_take(ctx, p, &t);

    if (p->err.code == AR_OK) {
        fail_part(p, err, ctx->arena);
        if (err.code == AR_OK) AR_TRY(settle(p, &t));
    }
    return reply_part(p, &t, reply);
}

static ar_err verdict(const parts *all, ar_reply *reply)
{
    const part *first = NULL;
    size_t failed = 0;

    for (size_t i = 0; i < all->n; i++) {
        const part *p = &all->list[i];

        if (p->err.code == AR_OK) continue;
        if (first == NULL) first = p;
        failed++;
        if (all->n > 1)
            ar_reply_note(reply, "%.*s, %.*s: %.*s", AR_FMT(p->source->name),
                          AR_FMT(p->connector->name), AR_FMT(p->problem));
    }
    if (first == NULL) return ar_ok();
    if (all->n == 1) return ar_fail(first->err.code, "%.*s", AR_FMT(first->problem));
    return ar_fail(first->err.code, "%zu of %zu could not be fetched", failed, all->n);
}

static ar_err check_owner(const ar_place *place)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str owner = ar_uid_name(ar_home_owner(place), &arena);

    if (ar_home_owner(place) == (int64_t)geteuid()) return ar_ok();
    return ar_fail(AR_DENIED,
                   "%s belongs to %.*s, and only its owner fetches: the secrets of its sources are "
                   "for nobody else",
                   place->home, AR_FMT(owner));
}

static ar_err run_fetch(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    __attribute__((cleanup(parts_done))) parts all = { 0 };

    if (ctx->hooks == NULL || ctx->hooks->ask == NULL)
        return ar_fail(AR_UNAVAILABLE, "this program cannot ask for the estate");
    AR_TRY(check_owner(ctx->place));
    AR_TRY(ar_home_make(ctx->place));
    AR_TRY(choose(ctx, args, &all));
    /* first all that takes the network: whoever opens the estate gives it up */
    for (size_t i = 0; i < all.n; i++)
        fail_part(&all.list[i], fetch_part(ctx, ar_arg_flag(args, "anew"), reply, &all.list[i]),
                  ctx->arena);
    for (size_t i = 0; i < all.n; i++) AR_TRY(take_part(ctx, reply, &all.list[i]));
    return verdict(&all, reply);
}

/* ---- in the core ---- */

static ar_err find_take(ar_ctx *ctx, const ar_args *args, const ar_kinds *kinds,
                        ar_connector *out_connector, ar_import_spec *out_spec)
{
    const ar_connector *connector;
    ar_connectors connectors;
    const ar_upstream *source;
    ar_upstreams sources;

    AR_TRY(ar_upstreams_load(ctx->place, ctx->arena, &sources));
    AR_TRY(ar_upstreams_find(&sources, ar_arg_text(args, "source"), &source));
    AR_TRY(ar_connectors_load(ctx->place, ctx->arena, &connectors));
    AR_TRY(ar_connectors_find(&connectors, ar_arg_text(args, "connector"), &connector));
    *out_spec = (ar_import_spec){ .connector = connector->name,
                                  .source = source->name,
                                  .role = connector->role,
                                  .delta = !connector->snapshot };
    AR_TRY(ar_connector_kind(connector, kinds, (ar_str){ 0 }, &out_spec->kind));
    *out_connector = *connector;
    if (connector->fetch != NULL && connector->fetch->paging != AR_PAGING_NONE)
        out_connector->format = AR_PAYLOAD_PAGES;
    return ar_ok();
}

/* What has changed since an import is worth something on top of just that one: not after a restore,
 * and not when something else came in between. */
static ar_err check_base(ar_ctx *ctx, const ar_import_spec *spec, const ar_kept *kept)
{
    ar_value args[] = { ar_text(spec->source), ar_text(spec->kind->name) };
    ar_own(ar_rows) rows = NULL;

    if (!kept->delta) return ar_ok();
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT coalesce(max(run), 0) FROM ar.run WHERE source = $1 AND"
                                  " kind = $2 AND state = 'ok'"),
                           args, AR_COUNT(args), &rows));
    if (ar_rows_next(rows) && ar_rows_get(rows, 0).i == kept->base) return ar_ok();
    return ar_fail(AR_CONFLICT,
                   "what was fetched has changed since import %lld of %.*s, which is not the last "
                   "one any more; the next fetch brings all",
                   (long long)kept->base, AR_FMT(spec->source));
}

static ar_err take(ar_ctx *ctx, const ar_kinds *kinds, const ar_connector *connector,
                   ar_import_spec *spec, const char *folder, const ar_kept *kept, ar_reply *reply)
{
    ar_auto(ar_fd) payload = { 0 };

    AR_TRY(check_base(ctx, spec, kept));
    AR_TRY(ar_kept_payload(folder, kept, &payload));
    spec->delta = spec->delta || kept->delta;
    return ar_ops_import(ctx, kinds, connector, spec, spec->source, ar_fd_n(payload), reply);
}

/* What is wrong now would be wrong again: the next fetch brings all. What only the moment refused
 * stays, and is entered by the next one. */
static void drop_what_is_wrong(const char *folder, ar_err err)
{
    if (err.code != AR_INVALID && err.code != AR_LIMIT && err.code != AR_CONFLICT) return;

    ar_err dropped = ar_kept_drop(folder);
    ar_err unlinked = ar_kept_link_write(folder, &(ar_kept_link){ 0 });

    (void)dropped, (void)unlinked; /* the next fetch finds out */
}

static ar_err run_take(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_connector connector;
    ar_import_spec spec;
    ar_kinds kinds;
    ar_kept kept;

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(find_take(ctx, args, &kinds, &connector, &spec));

    const char *folder = folder_of(ctx->place, spec.source, connector.name, ctx->arena);
    ar_err err = ar_kept_read(folder, ctx->arena, &kept);

    if (err.code == AR_NOT_FOUND)
        return ar_fail(AR_NOT_FOUND, "nothing of %.*s is fetched; `aright fetch %.*s` does it",
                       AR_FMT(spec.source), AR_FMT(spec.source));
    AR_TRY(err);
    ar_audit_add(ctx, "pages", ar_int(kept.pages));
    ar_audit_add(ctx, "bytes", ar_int(kept.bytes));
    ar_audit_add(ctx, "delta", ar_bool(kept.delta));
    if (kept.code != AR_OK) return ar_fail((enum ar_code)kept.code, "%.*s", AR_FMT(kept.problem));
    if (!kept.whole)
        return ar_fail(AR_CONFLICT,
                       "%lld pages of %.*s are there, and not all; `aright fetch %.*s` goes on",
                       (long long)kept.pages, AR_FMT(spec.source), AR_FMT(spec.source));
    err = take(ctx, &kinds, &connector, &spec, folder, &kept, reply);
    drop_what_is_wrong(folder, err);
    return err;
}

static ar_err take_failed(ar_ctx *ctx, const ar_args *args, ar_str problem)
{
    ar_connector connector;
    ar_import_spec spec;
    ar_kinds kinds;

    if (ar_kinds_load(ctx->place, ctx->arena, &kinds).code != AR_OK) return ar_ok();
    if (find_take(ctx, args, &kinds, &connector, &spec).code != AR_OK) return ar_ok();
    return ar_import_failed(ctx, &spec, problem);
}

/* ---- checking ---- */

static ar_err run_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_connectors connectors;
    ar_upstreams sources;

    (void)args;
    AR_TRY(ar_upstreams_load(ctx->place, ctx->arena, &sources));
    AR_TRY(ar_connectors_load(ctx->place, ctx->arena, &connectors));
    for (size_t i = 0; i < sources.n; i++) {
        const ar_upstream *s = &sources.list[i];

        AR_TRY(ar_upstream_check(s, &connectors, ctx->now, ctx->arena));
        for (size_t c = 0; c < s->n_connectors; c++) {
            const ar_connector *connector;
            AR_TRY(ar_connectors_find(&connectors, s->connectors[c], &connector));
            ar_value row[] = { ar_text(s->name), ar_text(connector->name),
                               ar_text_or_null(connector->kind) };
            AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
        }
    }
    return ar_ok();
}

static const ar_param fetch_params[] = {
    { "source", AR_PARAM_TEXT, AR_POSITIONAL | AR_REPEATED,
      "a source that the home describes; all of them unless said", NULL },
    { "anew", AR_PARAM_FLAG, 0, "bring all, from the first page", NULL },
    { 0 },
};

static const ar_column fetch_columns[] = {
    { "source", AR_TEXT, 0, "whose rows they are" },
    { "connector", AR_TEXT, 0, "how they are read" },
    { "state", AR_TEXT, 0, "ok, held or failed" },
    { "pages", AR_INT, 0, "how many were fetched" },
    { "delta", AR_BOOL, AR_COLUMN_QUIET, "whether they hold only what has changed" },
    { "rows", AR_INT, 0, "how many came" },
    { "new", AR_INT, 0, "how many of them were not known" },
    { "changed", AR_INT, 0, "how many differ from before" },
    { "gone", AR_INT, 0, "how many are not among them any more" },
    { "run", AR_INT, AR_COLUMN_QUIET, "number of the import" },
    { 0 },
};

static const ar_param take_params[] = {
    { "source", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "a source that was fetched", NULL },
    { "connector", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "which part of it", NULL },
    { 0 },
};

static const ar_column check_columns[] = {
    { "source", AR_TEXT, 0, "its name" },
    { "connector", AR_TEXT, 0, "how it is read" },
    { "kind", AR_TEXT, 0, "what it gives" },
    { 0 },
};

const ar_op ar_fetch_ops[] = {
    { .name = "fetch",
      .help = "fetch what sources have from their systems and enter it",
      .more = "HOME/sources/NAME.yaml says which connectors, settings and secret. A child with the "
              "network and nothing else asks for page after page; what came is kept, so that a "
              "fetch that broke off goes on where it was. Only when every page is there does the "
              "estate change, as by `import`.",
      .example = "aright fetch contoso",
      .effect = AR_CHANGES,
      .runs_in = AR_IN_DOOR,
      .alone = true,
      .grant = "estate.write",
      .event = "estate.fetched",
      .params = fetch_params,
      .columns = fetch_columns,
      .run = run_fetch },
    { .name = "fetch.check",
      .help = "check the sources that the home describes, with their secrets",
      .none = "No source is described yet; HOME/sources/NAME.yaml describes one.",
      .example = "aright fetch check",
      .effect = AR_READS,
      .runs_in = AR_IN_DOOR,
      .grant = "estate.read",
      .columns = check_columns,
      .run = run_check },
    { .name = "fetch.take",
      .help = "enter what was fetched, as `fetch` does when every page is there",
      .example = "aright fetch take contoso graph-devices",
      .effect = AR_CHANGES,
      .grant = "estate.write",
      .event = "estate.fetched",
      .params = take_params,
      .columns = ar_import_columns,
      .run = run_take,
      .failed = take_failed },
    { 0 },
};
