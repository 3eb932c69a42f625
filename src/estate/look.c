#include "estate/look.h"

#include "estate/enter.h"
#include "estate/estate.h"
#include "estate/evidence.h"
#include "form/json.h"
#include "sys/file.h"
#include "sys/proc.h"

enum {
    REPORT_BYTES_MAX = 512 << 20,
    REPORT_MS_MAX = 15 * 60 * 1000, /* the inspector itself gives up before */
};

/* What an inspector said (inspect/inspect.h), sorted. */
typedef struct seen_kind {
    const ar_kind *kind;
    bool partly; /* more may be there than came */
    ar_node **items;
    size_t n, cap;
} seen_kind;

typedef struct report {
    ar_str inspector, source;
    seen_kind *kinds;
    size_t n_kinds;
    ar_evidence *evidence;
    size_t n_evidence, cap_evidence;
    int64_t rows;
    bool partly;  /* some kind is */
    bool refused; /* something was not seen for want of permission */
    bool done;
} report;

static ar_err bad_line(const report *r, int64_t line, const char *what)
{
    return ar_fail(AR_UNAVAILABLE, "inspector %.*s: line %lld %s", AR_FMT(r->inspector),
                   (long long)line, what);
}

static ar_err read_head(ar_ctx *ctx, const ar_kinds *kinds, const ar_node *line, report *r)
{
    ar_str file = AR_LIT("inspector");
    const ar_node *whole = NULL, *partly = NULL;

    AR_TRY(ar_node_text(file, line, "inspector", true, &r->inspector));
    AR_TRY(ar_node_text(file, line, "source", true, &r->source));
    AR_TRY(ar_node_list(file, line, "kinds", true, &whole));
    AR_TRY(ar_node_list(file, line, "partly", true, &partly));
    r->kinds = ar_make_n(ctx->arena, seen_kind, whole->n + partly->n);
    r->partly = partly->n > 0;
    for (size_t i = 0; i < whole->n + partly->n; i++) {
        const ar_node *name = i < whole->n ? whole->items[i] : partly->items[i - whole->n];
        seen_kind *seen = &r->kinds[r->n_kinds++];

        AR_TRY(ar_kinds_find(kinds, name->text, &seen->kind));
        seen->partly = i >= whole->n;
    }
    return ar_ok();
}

static ar_err check_class(ar_ctx *ctx, const report *r, int64_t line, ar_str evidence)
{
    if (ar_evidence_class_find(evidence) != NULL) return ar_ok();

    ar_str words = ar_evidence_class_words(ctx->arena);
    return ar_fail(AR_UNAVAILABLE,
                   "inspector %.*s: line %lld: '%.*s' is no class of evidence (want %.*s)",
                   AR_FMT(r->inspector), (long long)line, AR_FMT(evidence), AR_FMT(words));
}

static ar_err read_owner(ar_ctx *ctx, const ar_node *line, int64_t number, report *r)
{
    ar_str file = AR_LIT("inspector"), of = { 0 }, at = { 0 };
    const ar_node *confidence = ar_node_get(line, AR_LIT("confidence"));
    ar_evidence e = { .observed_at = ctx->now };

    AR_TRY(ar_node_text(file, line, "owner_of", true, &of));
    AR_TRY(ar_node_text(file, line, "owner", true, &e.owner));
    AR_TRY(ar_node_text(file, line, "evidence", true, &e.evidence));
    AR_TRY(ar_node_text(file, line, "observed_at", false, &at));
    if (at.len > 0) AR_TRY(ar_time_parse(at, &e.observed_at));
    if (confidence == NULL || !ar_str_double(confidence->text, &e.confidence) || e.confidence < 0 ||
        e.confidence > 1)
        return bad_line(r, number, "has no confidence between 0 and 1");
    size_t colon = ar_str_find(of, ':');
    if (colon == 0 || colon + 1 >= of.len)
        return bad_line(r, number, "does not say KIND:ID in owner_of");
    AR_TRY(check_class(ctx, r, number, e.evidence));
    e.kind = ar_str_cut(of, 0, colon);
    e.id = ar_str_cut(of, colon + 1, of.len);
    ar_grow(ctx->arena, r->evidence, r->n_evidence, r->cap_evidence);
    r->evidence[r->n_evidence++] = e;
    return ar_ok();
}

/* The key that only says what the row is makes room for a column of that name ("kind_"). */
static void drop_kind(ar_node *line)
{
    size_t n = 0;

    for (size_t i = 0; i < line->n; i++) {
        if (ar_str_eq(line->pairs[i].key, AR_LIT("kind"))) continue;
        line->pairs[n] = line->pairs[i];
        if (ar_str_eq(line->pairs[n].key, AR_LIT("kind_"))) line->pairs[n].key = AR_LIT("kind");
        n++;
    }
    line->n = n;
}

static ar_err read_row(ar_ctx *ctx, ar_node *line, ar_str kind, int64_t number, report *r)
{
    for (size_t i = 0; i < r->n_kinds; i++) {
        seen_kind *seen = &r->kinds[i];
        if (!ar_str_eq(seen->kind->name, kind)) continue;
        drop_kind(line);
        line->line = (uint32_t)number;
        ar_grow(ctx->arena, seen->items, seen->n, seen->cap);
        seen->items[seen->n++] = line;
        r->rows++;
        return ar_ok();
    }
    return bad_line(r, number, "is of a kind that its first line does not name");
}

static bool is_partly(const report *r, ar_str kind)
{
    for (size_t i = 0; i < r->n_kinds; i++)
        if (ar_str_eq(r->kinds[i].kind->name, kind)) return r->kinds[i].partly;
    return false;
}

static ar_err read_line(ar_ctx *ctx, ar_reply *reply, ar_node *line, int64_t number, report *r)
{
    const ar_node *kind = ar_node_get(line, AR_LIT("kind"));
    const ar_node *could_not = ar_node_get(line, AR_LIT("could_not"));
    const ar_node *why = ar_node_get(line, AR_LIT("why"));
    const ar_node *done = ar_node_get(line, AR_LIT("done"));
    const ar_node *rows = ar_node_get(line, AR_LIT("rows"));

    if (ar_node_get(line, AR_LIT("owner_of")) != NULL) return read_owner(ctx, line, number, r);
    if (could_not != NULL) {
        ar_reply_note(reply, "%.*s could not %sbe seen: %.*s", AR_FMT(could_not->text),
                      is_partly(r, could_not->text) ? "all " : "",
                      why == NULL ? 0 : (int)why->text.len, why == NULL ? "" : why->text.ptr);
        r->refused |= why != NULL && ar_str_contains(why->text, AR_LIT("permission denied"));
        return ar_ok();
    }
    if (done != NULL) {
        if (rows == NULL || rows->kind != AR_NODE_INT || rows->i != r->rows)
            return bad_line(r, number, "counts other rows than came");
        r->done = true;
        return ar_ok();
    }
    if (kind == NULL || kind->kind != AR_NODE_TEXT)
        return bad_line(r, number, "says nothing known");
    return read_row(ctx, line, kind->text, number, r);
}

/* Why the inspector could not look, in its own words. */
static ar_err check_failed(const report *r, const ar_node *line, int64_t number)
{
    const ar_node *failed = ar_node_get(line, AR_LIT("failed"));
    const ar_node *code = ar_node_get(line, AR_LIT("code"));

    if (failed == NULL) return ar_ok();
    if (code == NULL || code->kind != AR_NODE_INT || code->i <= AR_OK || code->i > AR_IO)
        return bad_line(r, number, "fails without a cause");
    return ar_fail((enum ar_code)code->i, "%.*s", AR_FMT(failed->text));
}

static ar_err read_report(ar_ctx *ctx, ar_reply *reply, const ar_kinds *kinds, ar_str text,
                          report *r)
{
    int64_t number = 0;
    ar_str line;

    while (ar_str_split(&text, '\n', &line)) {
        ar_node *node;
        number++;
        if (line.len == 0) continue;
        AR_TRY(ar_json_parse(ar_arena_printf(ctx->arena, "inspector:%lld", (long long)number), line,
                             NULL, ctx->arena, &node));
        AR_TRY(check_failed(r, node, number));
        if (r->source.len == 0)
            AR_TRY(read_head(ctx, kinds, node, r));
        else
            AR_TRY(read_line(ctx, reply, node, number, r));
    }
    if (!r->done)
        return ar_fail(AR_UNAVAILABLE, "inspector %.*s ended before its last line",
                       AR_FMT(r->inspector));
    return ar_ok();
}

static ar_err import_kind(ar_ctx *ctx, ar_reply *reply, const ar_kinds *kinds, const report *r,
                          const seen_kind *seen)
{
    ar_import_spec spec = { .kind = seen->kind,
                            .connector = r->inspector,
                            .source = r->source,
                            .role = AR_ROLE_OBSERVATION,
                            .delta = seen->partly,
                            .witnessed = true };
    ar_str what = ar_arena_printf(ctx->arena, "inspector %.*s", AR_FMT(r->inspector)), ignored;
    ar_import_result result;

    AR_TRY(ar_enter(ctx, kinds, &spec, what, seen->items, seen->n, &result, &ignored));
    if (ignored.len > 0)
        ar_reply_note(reply, "kind %.*s has no columns for: %.*s", AR_FMT(seen->kind->name),
                      AR_FMT(ignored));

    ar_value row[] = { ar_int(result.run),  ar_text(r->source),   ar_text(seen->kind->name),
                       ar_int(result.rows), ar_int(result.added), ar_int(result.changed),
                       ar_int(result.gone) };
    return ar_reply_row(reply, row, AR_COUNT(row));
}

ar_err ar_look_take(ar_ctx *ctx, ar_reply *reply, ar_str text)
{
    ar_kinds kinds;
    report r = { 0 };

    AR_TRY(ar_estate_open(ctx, &kinds));
    AR_TRY(read_report(ctx, reply, &kinds, text, &r));
    AR_TRY(r.partly
               ? ar_evidence_add(ctx->engine, r.source, r.evidence, r.n_evidence, ctx->now)
               : ar_evidence_replace(ctx->engine, r.source, r.evidence, r.n_evidence, ctx->now));
    for (size_t i = 0; i < r.n_kinds; i++) AR_TRY(import_kind(ctx, reply, &kinds, &r, &r.kinds[i]));
    if (r.partly) ar_reply_note(reply, "What was left out stays as it was known; it has not gone.");
    if (r.refused) ar_reply_note(reply, "Root may see it; until then it stays unknown.");
    ar_audit_add(ctx, "source", ar_text(r.source));
    ar_audit_add(ctx, "rows", ar_int(r.rows));
    return ar_ok();
}

/* ---- operations ---- */

static ar_err look(ar_ctx *ctx, ar_reply *reply, ar_str inspector, const ar_str *args,
                   size_t n_args)
{
    ar_auto(ar_child) child = { 0 };
    ar_str text;

    if (ctx->hooks == NULL || ctx->hooks->inspect == NULL)
        return ar_fail(AR_UNAVAILABLE, "this program has no inspectors");
    AR_TRY(ctx->hooks->inspect(ctx, inspector, args, n_args, &child));
    AR_TRY_WITH(ar_fd_read_all_within(ar_fd_n(child.out), inspector, REPORT_BYTES_MAX,
                                      REPORT_MS_MAX, ctx->arena, &text),
                "the inspector");
    AR_TRY(ar_child_wait(&child, "the inspector"));
    return ar_look_take(ctx, reply, text);
}

static ar_err run_host(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    (void)args;
    return look(ctx, reply, AR_LIT("host"), NULL, 0);
}

static ar_err run_repos(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_str *paths;
    size_t n = ar_arg_texts(args, "path", &paths);

    return look(ctx, reply, AR_LIT("repos"), paths, n);
}

static const ar_column columns[] = {
    { "run", AR_INT, AR_COLUMN_QUIET, "number of the import" },
    { "source", AR_TEXT, 0, "who looked, and where" },
    { "kind", AR_TEXT, 0, "what was looked for" },
    { "rows", AR_INT, 0, "how many were seen" },
    { "new", AR_INT, 0, "how many of them were not known" },
    { "changed", AR_INT, 0, "how many differ from before" },
    { "gone", AR_INT, 0, "how many are no longer there" },
    { 0 },
};

static const ar_param repos_params[] = {
    { "path", AR_PARAM_PATH, AR_REQUIRED | AR_POSITIONAL | AR_REPEATED,
      "a folder that is a repository or holds some", NULL },
    { 0 },
};

const ar_op ar_look_ops[] = {
    { .name = "look.host",
      .help = "look at this machine and enter what is seen in the estate",
      .more = "A child without network reads accounts, privileges, settings, services, packages, "
              "logs and scheduled work. It changes nothing and decides nothing. What could not be "
              "seen is named; it stays unknown.",
      .example = "aright look host",
      .effect = AR_CHANGES,
      .grant = "estate.write",
      .event = "estate.looked",
      .columns = columns,
      .run = run_host },
    { .name = "look.repos",
      .help = "look at the git repositories in and below folders",
      .more = "Nothing of a repository is run. Owners are found from CODEOWNERS and from who "
              "committed.",
      .example = "aright look repos /srv",
      .effect = AR_CHANGES,
      .grant = "estate.write",
      .event = "estate.looked",
      .params = repos_params,
      .columns = columns,
      .run = run_repos },
    { 0 },
};
