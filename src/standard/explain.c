#include "standard/explain.h"

#include "standard/finding.h"
#include "standard/part.h"
#include "standard/waiver.h"

/* Everything that is said of one asset under one standard. */
typedef struct account {
    ar_ctx *ctx;
    ar_finding_id id;
    const ar_standard *standard;
    bool gone_column;
    ar_part *parts;
    size_t n_parts;
    ar_value *facts; /* by column of the kind */
    enum ar_state state;
    bool gone;
} account;

enum { LINKED_SHOWN = 5 };

/* Whether it judges every kind at once; an id alone then does not say which asset is meant. */
static bool is_of_all(const ar_standard *s)
{
    return ar_str_eq(s->kind->name, AR_LIT("asset"));
}

/* ---- what to look at ---- */

static ar_err find_standard(account *a)
{
    ar_kinds kinds;
    ar_standards standards;
    const ar_kind *kind;
    ar_str judged;

    AR_TRY(ar_kinds_load(a->ctx->place, a->ctx->arena, &kinds));
    AR_TRY(ar_standards_load(a->ctx->place, &kinds, a->ctx->arena, &standards));
    AR_TRY(ar_standards_find(&standards, a->id.standard, &a->standard));
    AR_TRY(ar_kinds_find(&kinds, a->id.kind, &kind));
    judged = a->standard->kind->name;
    if (!ar_str_eq(judged, a->id.kind) && !ar_str_eq(judged, AR_LIT("asset")))
        return ar_fail(AR_INVALID, "%.*s judges %.*s; '%.*s' is of kind %.*s",
                       AR_FMT(a->id.standard), AR_FMT(judged), AR_FMT(a->id.asset),
                       AR_FMT(a->id.kind));
    return ar_ok();
}

/* ---- looking ---- */

static ar_err check_view(account *a)
{
    ar_value arg = ar_text(a->standard->kind->name), gone;

    AR_TRY(ar_engine_value(a->ctx->engine,
                           AR_LIT("SELECT bool_or(column_name = 'gone')"
                                  " FROM information_schema.columns"
                                  " WHERE table_schema = 'main' AND table_name = $1"),
                           &arg, 1, a->ctx->arena, &gone));
    if (gone.type == AR_NULL)
        return ar_fail(AR_NOT_FOUND, "nothing of kind %.*s is known yet",
                       AR_FMT(a->standard->kind->name));
    a->gone_column = gone.b;
    return ar_ok();
}

static ar_err read_account(account *a)
{
    const ar_standard *s = a->standard;
    const ar_expr_param *params = ar_standard_params(s, a->ctx->asof, a->ctx->arena);
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;
    ar_value args[2] = { ar_text(a->id.asset), ar_text(a->id.kind) };
    size_t n_args = is_of_all(s) ? 2 : 1, column = 2;

    ar_buf_addz(&sql, "SELECT ");
    ar_standard_sql(s, AR_SQL_DUCKDB, a->ctx->asof, a->gone_column, a->ctx->arena, &sql);
    ar_buf_addz(&sql, a->gone_column ? ", a.\"gone\"" : ", FALSE");
    for (size_t i = 0; i < s->kind->n_columns; i++) {
        ar_buf_addz(&sql, ", a.");
        ar_sql_name(&sql, s->kind->columns[i].name);
    }
    for (size_t i = 0; i < a->n_parts; i++) {
        ar_buf_addz(&sql, ", ");
        ar_expr_sql(a->parts[i].expr, AR_SQL_DUCKDB, params, s->n_params, AR_LIT("a"), &sql);
    }
    ar_buf_addz(&sql, " FROM ");
    ar_sql_name(&sql, s->kind->name);
    ar_buf_addf(&sql, " a WHERE a.\"id\" = $1%s", n_args == 2 ? " AND a.\"kind\" = $2" : "");
    AR_TRY(ar_engine_query(a->ctx->engine, ar_buf_str(&sql), args, n_args, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "there is no %.*s with the id '%.*s'", AR_FMT(a->id.kind),
                       AR_FMT(a->id.asset));
    a->state = (enum ar_state)ar_rows_get(rows, 0).i;
    a->gone = ar_rows_get(rows, 1).type == AR_BOOL && ar_rows_get(rows, 1).b;
    a->facts = ar_make_n(a->ctx->arena, ar_value, s->kind->n_columns);
    for (size_t i = 0; i < s->kind->n_columns; i++)
        a->facts[i] = ar_value_copy(a->ctx->arena, ar_rows_get(rows, column++));
    for (size_t i = 0; i < a->n_parts; i++) a->parts[i].truth = ar_rows_get(rows, column++);
    return ar_ok();
}

/* ---- in words ---- */

static ar_value fact(const account *a, const char *name)
{
    const ar_kind_column *c = ar_kind_column_find(a->standard->kind, ar_str_of(name));

    assert(c != NULL); /* only common columns are asked for */
    return a->facts[c - a->standard->kind->columns];
}

/* ---- what is linked ---- */

/* A link that a condition looks through. */
typedef struct through {
    const ar_expr_link *link;
    ar_part *parts; /* of what its rows must meet; none: any row will do */
    size_t n_parts;
} through;

static ar_err open_through(const account *a, const ar_program_input *in, through *out)
{
    *out = (through){ .link = in->link };
    if (in->where == NULL) return ar_ok();
    return ar_parts_of_expr(a->standard, in->link->target, in->where, a->ctx->arena, &out->parts,
                            &out->n_parts);
}

static void add_linked_from(const ar_standard *s, const ar_expr_link *link, ar_buf *sql)
{
    ar_buf_addz(sql, " FROM ");
    ar_sql_name(sql, link->table);
    ar_buf_addz(sql, " l JOIN ");
    ar_sql_name(sql, s->kind->name);
    ar_buf_addz(sql, " a ON ");
    for (size_t i = 0; i < link->n; i++) {
        ar_buf_addz(sql, i > 0 ? " AND l." : "l.");
        ar_sql_name(sql, link->theirs[i]);
        ar_buf_addz(sql, " = a.");
        ar_sql_name(sql, link->ours[i]);
    }
    ar_buf_addf(sql, " WHERE a.\"id\" = $1%s", is_of_all(s) ? " AND a.\"kind\" = $2" : "");
}

/* How many rows are linked, how many of them meet the condition, id, the truth of each part, the
 * facts. Those that meet it come first, then those that may. */
static void add_linked_sql(const account *a, const ar_program_input *in, const through *t,
                           ar_buf *sql)
{
    const ar_standard *s = a->standard;
    const ar_expr_param *params = ar_standard_params(s, a->ctx->asof, a->ctx->arena);
    const ar_expr_scope *target = t->link->target;

    ar_buf_addz(sql, "SELECT count(*) OVER (), count(*) FILTER (met) OVER (), * FROM (SELECT ");
    if (in->where == NULL)
        ar_buf_addz(sql, "TRUE");
    else
        ar_expr_sql(in->where, AR_SQL_DUCKDB, params, s->n_params, AR_LIT("l"), sql);
    ar_buf_addz(sql, " AS met, l.\"id\" AS l_id");
    for (size_t i = 0; i < t->n_parts; i++) {
        ar_buf_addz(sql, ", ");
        ar_expr_sql(t->parts[i].expr, AR_SQL_DUCKDB, params, s->n_params, AR_LIT("l"), sql);
        ar_buf_addf(sql, " AS part_%zu", i);
    }
    for (size_t i = 0; i < target->n_columns; i++) {
        ar_buf_addz(sql, ", l.");
        ar_sql_name(sql, target->columns[i].name);
        ar_buf_addf(sql, " AS fact_%zu", i);
    }
    add_linked_from(s, t->link, sql);
    ar_buf_addz(sql, ") ORDER BY met IS NOT TRUE, met IS NOT NULL, l_id");
}

/* "  vm/log/syslog: schema_ok = (not known)": what it lacks, or where it lacks nothing, all that
 * was asked of it. */
static void add_linked(const through *t, ar_rows *rows, ar_buf *out)
{
    enum { MET = 2, ID = 3, PARTS = 4 };
    const ar_expr_scope *target = t->link->target;
    ar_value met = ar_rows_get(rows, MET);
    bool lacks = met.type == AR_NULL || !met.b;
    const char *before = ": ";

    ar_buf_addz(out, "\n  ");
    ar_value_print(out, ar_rows_get(rows, ID));
    for (size_t i = 0; i < target->n_columns; i++) {
        bool told = false;

        for (size_t k = 0; k < t->n_parts; k++) {
            ar_value truth = ar_rows_get(rows, PARTS + k);

            told |= ar_expr_uses(t->parts[k].expr, target->columns[i].name) &&
                    (!lacks || truth.type == AR_NULL || !truth.b);
        }
        if (!told) continue;
        ar_buf_addz(out, before);
        ar_fact_print(out, target->columns[i].name, ar_rows_get(rows, PARTS + t->n_parts + i));
        before = ", ";
    }
}

static void add_counts(const through *t, int64_t n, int64_t met, ar_buf *out)
{
    ar_buf_addf(out, "%lld", (long long)n);
    if (t->n_parts == 0) return;
    if (met == 0) return ar_buf_addz(out, ", none of which meets it:");
    ar_buf_addf(out, ", %lld of which %s it:", (long long)met, met == 1 ? "meets" : "meet");
}

/* "linked log_sources: 4, none of which meets it:" and what each of them lacks. */
static ar_err add_through(const account *a, const ar_program_input *in, ar_buf *out)
{
    ar_value args[2] = { ar_text(a->id.asset), ar_text(a->id.kind) };
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;
    int64_t n = 0, shown = 0;
    through t;

    AR_TRY(open_through(a, in, &t));
    add_linked_sql(a, in, &t, &sql);
    AR_TRY(ar_engine_query(a->ctx->engine, ar_buf_str(&sql), args, is_of_all(a->standard) ? 2 : 1,
                           &rows));
    ar_buf_addf(out, "\nlinked %.*s: ", AR_FMT(t.link->name));
    for (; shown < LINKED_SHOWN && ar_rows_next(rows); shown++) {
        if (shown == 0) {
            n = ar_rows_get(rows, 0).i;
            add_counts(&t, n, ar_rows_get(rows, 1).i, out);
        }
        add_linked(&t, rows, out);
    }
    if (n == 0) ar_buf_addz(out, "none");
    if (n > shown) ar_buf_addf(out, "\n  and %lld more", (long long)(n - shown));
    return ar_ok();
}

static ar_err add_links(const account *a, const ar_part *p, ar_buf *out)
{
    const ar_expr_param *params = ar_standard_params(a->standard, a->ctx->asof, a->ctx->arena);
    const ar_program *program;
    const ar_program_input *in;
    size_t n;

    AR_TRY(ar_program_compile(&p->expr, 1, params, a->standard->n_params, a->ctx->arena, &program));
    in = ar_program_inputs(program, &n);
    for (size_t i = 0; i < n; i++)
        if (in[i].link != NULL) AR_TRY(add_through(a, &in[i], out));
    return ar_ok();
}

/* ---- conditions ---- */

static bool is_old(const account *a)
{
    ar_value seen = fact(a, "last_seen");

    return a->standard->stale_after > 0 &&
           (seen.type == AR_NULL || seen.i < a->ctx->asof - a->standard->stale_after);
}

/* Which conditions are false, or NULL where that decides; or that the facts are too old. */
static ar_err why(const account *a, ar_str *out_why)
{
    ar_auto(ar_buf) out = { 0 };
    bool deleted = fact(a, "deleted_at").type != AR_NULL;
    bool any_false = false;

    if (a->state == AR_PASS) return *out_why = AR_LIT("every condition holds"), ar_ok();
    if (deleted && a->state == AR_OUT && !ar_standard_names_deleted(a->standard))
        return *out_why = AR_LIT("it was deleted: out of scope"), ar_ok();
    if (a->state == AR_UNKNOWN && !deleted && a->gone) {
        ar_buf_addz(&out, "its source no longer shows it");
    } else if (a->state == AR_UNKNOWN && !deleted && is_old(a)) {
        ar_buf_addz(&out, "its facts are older than ");
        ar_buf_add(&out, ar_span_print(a->standard->stale_after, a->ctx->arena));
    }
    for (size_t i = 0; i < a->n_parts; i++)
        any_false |= a->parts[i].truth.type == AR_BOOL && !a->parts[i].truth.b;
    for (size_t i = 0; i < a->n_parts; i++) {
        const ar_part *p = &a->parts[i];
        bool null = p->truth.type == AR_NULL;

        if (a->state == AR_OUT && (!p->of_where || null || p->truth.b)) continue;
        if (null ? a->state != AR_UNKNOWN && any_false : p->truth.b) continue;
        ar_part_print(&out, a->standard, p, a->facts, a->ctx->asof);
        AR_TRY(add_links(a, p, &out));
    }
    *out_why = ar_arena_copy(a->ctx->arena, ar_buf_str(&out));
    return ar_ok();
}

static ar_str facts(const account *a)
{
    ar_auto(ar_buf) out = { 0 };

    for (size_t i = 0; i < a->standard->n_explain; i++) {
        const ar_kind_column *c = ar_kind_column_find(a->standard->kind, a->standard->explain[i]);

        if (i > 0) ar_buf_addz(&out, "\n");
        ar_fact_print(&out, c->name, a->facts[c - a->standard->kind->columns]);
    }
    return ar_arena_copy(a->ctx->arena, ar_buf_str(&out));
}

/* ---- what is on record ---- */

typedef struct record {
    ar_value opened_at, due_at;
    ar_str history;
    ar_str waiver;
} record;

static ar_err read_finding(const account *a, record *out)
{
    ar_own(ar_rows) rows = NULL;
    ar_value args[] = { ar_text(a->id.standard), ar_text(a->id.kind), ar_text(a->id.asset) };

    AR_TRY(ar_engine_query(a->ctx->engine,
                           AR_LIT("SELECT f.opened_at, f.opened_at + to_microseconds(s.due)"
                                  " FROM ar.finding f JOIN ar.standard s ON s.id = f.standard_id"
                                  " WHERE f.standard_id = $1 AND f.kind = $2 AND f.asset_id = $3"
                                  " AND f.closed_at IS NULL"),
                           args, AR_COUNT(args), &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    out->opened_at = ar_rows_get(rows, 0);
    out->due_at = ar_rows_get(rows, 1);
    return ar_ok();
}

static ar_err read_history(const account *a, record *out)
{
    ar_own(ar_rows) rows = NULL;
    ar_value args[] = { ar_text(a->id.standard), ar_text(a->id.kind), ar_text(a->id.asset) };
    ar_auto(ar_buf) text = { 0 };
    char at[AR_TIME_LEN];

    AR_TRY(ar_engine_query(a->ctx->engine,
                           AR_LIT("SELECT changed_at, episode, state FROM ar.finding_change"
                                  " WHERE standard_id = $1 AND kind = $2 AND asset_id = $3"
                                  " ORDER BY episode, evaluation"),
                           args, AR_COUNT(args), &rows));
    while (ar_rows_next(rows))
        ar_buf_addf(&text, "%s%s episode %lld: %.*s", text.len > 0 ? "\n" : "",
                    ar_time_print(ar_time_to_second(ar_rows_get(rows, 0).i), at),
                    (long long)ar_rows_get(rows, 1).i, AR_FMT(ar_rows_get(rows, 2).s));
    out->history = ar_arena_copy(a->ctx->arena, ar_buf_str(&text));
    return ar_ok();
}

static ar_err read_waiver(const account *a, ar_value id, record *out)
{
    ar_own(ar_rows) rows = NULL;
    ar_value args[2] = { ar_at(a->ctx->asof), id };
    char at[AR_TIME_LEN];

    AR_TRY(ar_engine_query(a->ctx->engine,
                           AR_LIT("SELECT v.id, v.until, v.approver, v.reason FROM ar.waiver v"
                                  " WHERE v.finding_id = $2 AND " AR_WAIVER_IN_FORCE),
                           args, 2, &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    out->waiver = ar_arena_printf(a->ctx->arena, "W-%lld by %.*s through %s: %.*s",
                                  (long long)ar_rows_get(rows, 0).i, AR_FMT(ar_rows_get(rows, 2).s),
                                  ar_time_print(ar_time_to_second(ar_rows_get(rows, 1).i), at),
                                  AR_FMT(ar_rows_get(rows, 3).s));
    return ar_ok();
}

/* ---- the operation ---- */

const ar_column ar_explain_columns[] = {
    { "id", AR_TEXT, 0, "the finding, STANDARD/KIND:ID" },
    { "state", AR_TEXT, 0, "pass, fail, unknown, waived or out, by the facts as they are now" },
    { "standard", AR_TEXT, 0, "the standard" },
    { "title", AR_TEXT, 0, "what it says, in short" },
    { "statement", AR_TEXT, 0, "what must hold" },
    { "where", AR_TEXT, 0, "which assets it is about" },
    { "pass", AR_TEXT, 0, "the condition they must meet" },
    { "name", AR_TEXT, 0, "what people call the asset" },
    { "why", AR_TEXT, 0, "the conditions that do not hold, and the facts in them" },
    { "facts", AR_TEXT, 0, "what is known of the asset" },
    { "right", AR_TEXT, 0, "what would be right, where it is not" },
    { "owner", AR_TEXT, 0, "who answers for the asset" },
    { "owner_source", AR_TEXT, 0, "how that is known" },
    { "domain", AR_TEXT, 0, "the domain that is accountable" },
    { "opened_at", AR_TIME, 0, "since when the standard is not met" },
    { "due", AR_TIME, 0, "when it must be right" },
    { "last_seen", AR_TIME, 0, "when a source last showed the asset" },
    { "source", AR_TEXT, 0, "which sources show it" },
    { "waiver", AR_TEXT, 0, "the waiver in force" },
    { "history", AR_TEXT, 0, "how it came to be" },
    { 0 },
};

static ar_err reply_record(const account *a, ar_value id, const record *r, ar_str because,
                           ar_reply *reply)
{
    const ar_standard *s = a->standard;
    ar_arena *arena = a->ctx->arena;
    bool lacking = a->state == AR_FAIL || a->state == AR_UNKNOWN;
    bool waived = r->waiver.len > 0 && lacking;
    ar_value row[] = {
        id,
        ar_textz(waived ? "waived" : ar_state_name(a->state)),
        ar_text(s->id),
        ar_text(s->title),
        ar_text(s->statement),
        ar_text_or_null(ar_standard_expr_text(s->where, arena)),
        ar_text(ar_standard_expr_text(s->pass, arena)),
        fact(a, "name"),
        ar_text_or_null(because),
        ar_text_or_null(facts(a)),
        lacking ? ar_text(s->right) : ar_null(),
        fact(a, "owner_id"),
        fact(a, "owner_source"),
        fact(a, "domain_id"),
        r->opened_at,
        r->due_at,
        fact(a, "last_seen"),
        fact(a, "source"),
        ar_text_or_null(r->waiver),
        ar_text_or_null(r->history),
    };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

ar_err ar_explain_run(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_value id = ar_text(ar_arg_text(args, "finding"));
    account a = { .ctx = ctx };
    record r = { 0 };
    ar_str because;

    AR_TRY(ar_finding_id_parse(id.s, &a.id));
    AR_TRY(find_standard(&a));
    AR_TRY(ar_parts_of(a.standard, ctx->arena, &a.parts, &a.n_parts));
    AR_TRY(check_view(&a));
    AR_TRY(read_account(&a));
    AR_TRY(read_finding(&a, &r));
    AR_TRY(read_history(&a, &r));
    AR_TRY(read_waiver(&a, id, &r));
    AR_TRY(why(&a, &because));
    return reply_record(&a, id, &r, because, reply);
}
