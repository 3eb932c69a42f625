#include "gate/ops.h"

#include "form/json.h"
#include "gate/admission.h"
#include "gate/gate.h"
#include "gate/lookup.h"
#include "gate/proposal.h"
#include "lookup/publish.h"
#include "op/logged.h"
#include "op/reply.h"
#include "standard/current.h"
#include "standard/waiver.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <stdlib.h>

enum { PROPOSAL_MAX = 1024 * 1024, DECISION_DIGITS = 18 };

/* A decision keeps who asked what and what came of it; `verdicts` is "TN-3:fail:deny
 * TN-4:pass:none" in one text, as a gate has no time for a row each. */
const ar_migration ar_gate_migrations[] = {
    { 400, "decisions of gates",
      "CREATE TABLE ar.gate_decision (id BIGINT, gate VARCHAR, kind VARCHAR, asset_id VARCHAR,"
      " owner_id VARCHAR, domain_id VARCHAR, decided_at TIMESTAMP, who VARCHAR, effect VARCHAR,"
      " verdicts VARCHAR, took_us BIGINT, was_right BOOLEAN, answered_by VARCHAR,"
      " answered_at TIMESTAMP, override_reason VARCHAR, overridden_by VARCHAR,"
      " overridden_at TIMESTAMP);" },
    { 401, "a decision's id is the number of its record",
      "UPDATE ar.logged SET number = greatest(number, (SELECT coalesce(max(id), 0)"
      " FROM ar.gate_decision))" },
    { 402, "decisions on what the estate has",
      "ALTER TABLE ar.gate_decision ADD COLUMN mode VARCHAR;"
      "ALTER TABLE ar.gate_decision ADD COLUMN as_of TIMESTAMP" },
    { 0 },
};

/* ---- gate list ---- */

static const ar_column list_columns[] = {
    { "gate", AR_TEXT, 0, "KIND.VERB" },
    { "kind", AR_TEXT, 0, "what is judged at it" },
    { "standards", AR_TEXT, 0, "by which; * denies, ? warns, the others are recorded" },
    { 0 },
};

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_standards *standards;
    ar_map at = { 0 };
    ar_str *names = NULL;
    size_t n = 0, cap = 0;

    (void)args;
    AR_TRY(ar_standards_current(ctx, &standards));
    for (size_t i = 0; i < standards->n; i++) {
        const ar_standard *s = &standards->list[i];
        const char *mark = ar_str_eq(s->mode, AR_LIT("deny"))   ? "*"
                           : ar_str_eq(s->mode, AR_LIT("warn")) ? "?"
                                                                : "";

        for (size_t k = 0; k < s->n_gates; k++) {
            bool is_new;
            ar_map_value *value = ar_map_put(&at, ctx->arena, s->gates[k], &is_new);
            const char *before =
                is_new ? "" : ar_arena_printf(ctx->arena, "%s ", (const char *)value->cptr).ptr;

            if (is_new) {
                ar_grow(ctx->arena, names, n, cap);
                names[n++] = s->gates[k];
            }
            value->cptr = ar_arena_printf(ctx->arena, "%s%.*s%s", before, AR_FMT(s->id), mark).ptr;
        }
    }
    ar_str_sort(names, n);
    for (size_t i = 0; i < n; i++) {
        const ar_kind *kind = NULL;

        AR_TRY(ar_gate_find(standards, names[i], ctx->arena, &kind));
        ar_value row[] = { ar_text(names[i]), ar_text(kind->name),
                           ar_textz(ar_map_get(&at, names[i])->cptr) };
        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    return ar_ok();
}

/* ---- gate decide ---- */

static const ar_param decide_params[] = {
    { "gate", AR_PARAM_TEXT, AR_REQUIRED, "which; `aright gate list` names them", NULL },
    { "file", AR_PARAM_FILE, AR_POSITIONAL,
      "the proposed asset, a JSON map of its columns, or an AdmissionReview", NULL },
    { "asset", AR_PARAM_TEXT, 0, "in its place: KIND:ID of one that the estate has", NULL },
    { "connector", AR_PARAM_TEXT, 0, "read it as an import by this connector would", NULL },
    { 0 },
};

static const ar_column decide_columns[] = {
    { "decision", AR_TEXT, 0, "its id" },
    { "allow", AR_BOOL, 0, "whether it may become so; the same in every row" },
    { "standard", AR_TEXT, 0, "which standard says so; empty when none is missed" },
    { "state", AR_TEXT, 0, "pass, fail, unknown, waived or out of scope" },
    { "effect", AR_TEXT, 0, "deny, warn, audit (recorded only) or none" },
    { "why", AR_TEXT, 0, "which conditions do not hold, with the facts" },
    { "right", AR_TEXT, AR_COLUMN_QUIET, "what would be right" },
    { "as_of", AR_TIME, AR_COLUMN_QUIET, "when that was so; empty when nobody knows" },
    { 0 },
};

/* One question at a gate. */
typedef struct question {
    ar_time asof; /* the second that has begun: within it, one compilation serves all */
    ar_str gate;
    ar_current *current;
    const ar_kind *kind;
    ar_row row;
    bool is_admission;
    ar_admission admission;
} question;

/* Objects of Kubernetes are read as they are when they are imported. */
static ar_str connector_of(const ar_args *args, const question *q)
{
    if (ar_arg_has(args, "connector")) return ar_arg_text(args, "connector");
    return q->is_admission ? AR_LIT("kubernetes-objects") : (ar_str){ 0 };
}

static ar_err read_by_connector(ar_ctx *ctx, ar_str name, ar_str what, const ar_node *document,
                                question *q)
{
    const ar_connector *connector;

    AR_TRY(ar_current_connector(ctx, q->current, name, &connector));
    return ar_proposal_map(what, q->kind, connector, ar_current_kinds(q->current), document,
                           q->asof, ctx->arena, &q->row);
}

static ar_err read_question(ar_ctx *ctx, const ar_args *args, question *q)
{
    ar_str what = ar_arg_text(args, "file"), text, connector;
    const ar_node *document;
    ar_node *root;

    AR_TRY(ar_fd_read_all(ar_arg_fd(args, "file"), what, PROPOSAL_MAX, ctx->arena, &text));
    AR_TRY(ar_json_parse(what, text, NULL, ctx->arena, &root));
    document = root;
    q->is_admission = ar_admission_is(document);
    if (q->is_admission) {
        AR_TRY(ar_admission_read(what, root, ctx->arena, &q->admission));
        document = q->admission.object;
    }
    connector = connector_of(args, q);
    if (connector.len == 0)
        return ar_proposal_read(what, q->kind, document, q->asof, ctx->arena, &q->row);
    AR_TRY(read_by_connector(ctx, connector, what, document, q));
    if (q->admission.gone) *ar_row_cell(&q->row, AR_LIT("deleted_at")) = ar_at(q->asof);
    return ar_ok();
}

static ar_str verdicts_text(const ar_gate_decision *d, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    for (size_t i = 0; i < d->n; i++)
        ar_buf_addf(&text, "%s%.*s:%s:%s", i > 0 ? " " : "", AR_FMT(d->verdicts[i].standard->id),
                    ar_gate_state_name(&d->verdicts[i]),
                    ar_gate_effect_name(d->verdicts[i].effect));
    return ar_arena_copy(arena, ar_buf_str(&text));
}

/* What was decided, as it is kept. */
typedef struct outcome {
    ar_str gate, kind;
    ar_value asset, owner, domain;
    const ar_gate_decision *decision;
    const char *mode; /* "row"; "lookup"; "broken": the same, where the index could not be read */
    ar_value asof;
} outcome;

/* What a record has of a decision, in this order; the event says who and when. */
enum { GATE, KIND, ASSET, OWNER, DOMAIN, EFFECT, VERDICTS, TOOK, MODE, ASOF, DECISION_VALUES };

static ar_str keep(ar_ctx *ctx, const outcome *o, int64_t start)
{
    const char *effect = ar_gate_effect_name(o->decision->effect);
    ar_str name = ar_arena_printf(ctx->arena, "G-%lld", (long long)ar_logged_number(ctx));
    const ar_value values[DECISION_VALUES] = {
        [GATE] = ar_text(o->gate),
        [KIND] = ar_text(o->kind),
        [ASSET] = o->asset,
        [OWNER] = o->owner,
        [DOMAIN] = o->domain,
        [EFFECT] = ar_textz(effect),
        [VERDICTS] = ar_text(verdicts_text(o->decision, ctx->arena)),
        [TOOK] = ar_int(ar_clock_ticks() - start),
        [MODE] = ar_textz(o->mode),
        [ASOF] = o->asof,
    };

    ar_logged_values(ctx, values, DECISION_VALUES);
    ar_audit_add(ctx, "decision", ar_text(name));
    ar_audit_add(ctx, "gate", ar_text(o->gate));
    if (o->asset.type == AR_TEXT)
        ar_audit_add(
            ctx, "asset",
            ar_text(ar_arena_printf(ctx->arena, "%.*s:%.*s", AR_FMT(o->kind), AR_FMT(o->asset.s))));
    ar_audit_add(ctx, "effect", ar_textz(effect));
    return name;
}

/* Records of an earlier program have no mode. */
static ar_err check_record(const ar_record *r)
{
    if (r->n == DECISION_VALUES || r->n == MODE) return ar_ok();
    return ar_fail(AR_INVALID, "record %lld: a decision of %zu values", (long long)r->number, r->n);
}

static ar_err enter_decisions(ar_ctx *ctx, const ar_record *records, size_t n)
{
    ar_own(ar_append) append = NULL;
    bool broken = false;

    AR_TRY(ar_append_open(ctx->engine, "ar.gate_decision", &append));
    for (size_t i = 0; i < n; i++) {
        const ar_record *r = &records[i];
        const ar_value *v = r->values;

        AR_TRY(check_record(r));
        /* nobody has said yet whether it was right, nor let it through */
        ar_value row[] = { ar_int(r->number),
                           v[GATE],
                           v[KIND],
                           v[ASSET],
                           v[OWNER],
                           v[DOMAIN],
                           ar_at(r->event.at),
                           ar_text(r->event.who),
                           v[EFFECT],
                           v[VERDICTS],
                           v[TOOK],
                           ar_null(),
                           ar_null(),
                           ar_null(),
                           ar_null(),
                           ar_null(),
                           ar_null(),
                           r->n > MODE ? v[MODE] : ar_null(),
                           r->n > MODE ? v[ASOF] : ar_null() };

        broken = broken || (r->n > MODE && ar_str_eq(v[MODE].s, AR_LIT("broken")));
        AR_TRY(ar_append_row(append, row, AR_COUNT(row)));
    }
    AR_TRY(ar_append_close(&append));
    return broken ? ar_lookup_distrust(ctx->engine) : ar_ok();
}

static ar_err reply_verdicts(const ar_gate_decision *d, ar_str id, ar_reply *reply)
{
    bool allow = d->effect != AR_GATE_DENY;

    for (size_t i = 0; i < d->n; i++) {
        const ar_gate_verdict *v = &d->verdicts[i];
        ar_value row[] = { ar_text(id),
                           ar_bool(allow),
                           ar_text(v->standard->id),
                           ar_textz(ar_gate_state_name(v)),
                           ar_textz(ar_gate_effect_name(v->effect)),
                           v->why.len > 0 ? ar_text(v->why) : ar_null(),
                           v->effect == AR_GATE_NONE ? ar_null() : ar_text(v->standard->right),
                           v->asof == AR_TIME_MIN ? ar_null() : ar_at(v->asof) };

        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    ar_gate_note(d, reply);
    return ar_ok();
}

static ar_err reply_decision(const question *q, const ar_gate_decision *d, ar_str id,
                             ar_reply *reply)
{
    ar_auto(ar_buf) text = { 0 };

    if (!q->is_admission) return reply_verdicts(d, id, reply);
    ar_admission_answer(&q->admission, d, q->gate, id, &text);
    return ar_reply_document(reply, ar_buf_str(&text));
}

/* Gates that are ready to judge at one moment by the files as they were at one. */
typedef struct ready {
    ar_arena arena;
    ar_time asof;
    int64_t edition;
    ar_map gates;
} ready;

static void free_ready(void *self)
{
    ready *r = self;

    ar_arena_done(&r->arena);
    free(r);
}

static ready *keep_ready(ar_keep *keep, ar_time asof, int64_t edition)
{
    ready *r = keep->kept[AR_KEPT_GATES];

    if (r != NULL && r->asof == asof && r->edition == edition) return r;
    r = calloc(1, sizeof *r);
    if (r == NULL) abort();
    r->asof = asof;
    r->edition = edition;
    ar_keep_put(keep, AR_KEPT_GATES, r, free_ready);
    return r;
}

static ar_err find_gate(ar_ctx *ctx, const question *q, const ar_gate **out_gate)
{
    ready *r = keep_ready(ctx->keep, q->row.asof, ar_current_edition(q->current));
    const ar_standards *standards = ar_current_standards(q->current);
    ar_map_value *found = ar_map_get(&r->gates, q->gate);

    if (found != NULL) return *out_gate = found->cptr, ar_ok();
    AR_TRY(ar_gate_make(standards, q->gate, q->row.asof, &r->arena, out_gate));
    ar_map_put(&r->gates, &r->arena, ar_arena_copy(&r->arena, q->gate), NULL)->cptr = *out_gate;
    return ar_ok();
}

static ar_err denial(const ar_gate_decision *d, ar_str gate, ar_str name)
{
    if (d->effect != AR_GATE_DENY) return ar_ok();
    return ar_fail(AR_DENIED,
                   "%.*s denies it (%.*s); was that right? `aright gate answer %.*s yes|no`",
                   AR_FMT(gate), AR_FMT(name), AR_FMT(name));
}

/* What somebody proposes. */
static ar_err decide_row(ar_ctx *ctx, const ar_args *args, ar_reply *reply, question *q,
                         int64_t start)
{
    ar_gate_decision decision;
    const ar_gate *gate;

    AR_TRY(ar_gate_find(ar_current_standards(q->current), q->gate, ctx->arena, &q->kind));
    AR_TRY(read_question(ctx, args, q));
    AR_TRY(find_gate(ctx, q, &gate));
    AR_TRY(ar_gate_decide(gate, &q->row, ctx->arena, &decision));

    const outcome o = { .gate = q->gate,
                        .kind = q->kind->name,
                        .asset = *ar_row_cell(&q->row, AR_LIT("id")),
                        .owner = *ar_row_cell(&q->row, AR_LIT("owner_id")),
                        .domain = *ar_row_cell(&q->row, AR_LIT("domain_id")),
                        .decision = &decision,
                        .mode = "row",
                        .asof = ar_at(q->asof) };
    ar_str name = keep(ctx, &o, start);

    AR_TRY(reply_decision(q, &decision, name, reply));
    ar_reply_answer(reply, denial(&decision, q->gate, name));
    return ar_ok();
}

/* What the estate has. */
static ar_err decide_asset(ar_ctx *ctx, const ar_args *args, ar_reply *reply, const question *q,
                           int64_t start)
{
    ar_gate_looked looked;
    char at[AR_TIME_LEN];

    AR_TRY(ar_gate_lookup(ctx, ar_current_standards(q->current), ar_current_kinds(q->current),
                          q->gate, ar_arg_text(args, "asset"), q->asof, &looked));

    const outcome o = { .gate = q->gate,
                        .kind = looked.kind,
                        .asset = ar_text(looked.id),
                        .decision = &looked.decision,
                        .mode = looked.broken.len > 0 ? "broken" : "lookup",
                        .asof = looked.asof == AR_TIME_MIN ? ar_null() : ar_at(looked.asof) };
    ar_str name = keep(ctx, &o, start);

    AR_TRY(reply_verdicts(&looked.decision, name, reply));
    if (looked.asof != AR_TIME_MIN)
        ar_reply_note(reply, "This is as of %s, when the estate was last judged.",
                      ar_time_print(ar_time_to_second(looked.asof), at));
    ar_reply_answer(reply, denial(&looked.decision, q->gate, name));
    return ar_ok();
}

static ar_err run_decide(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    question q = { .asof = ar_time_to_second(ctx->asof), .gate = ar_arg_text(args, "gate") };
    int64_t start = ar_clock_ticks();
    bool asset = ar_arg_has(args, "asset");

    if (asset == ar_arg_has(args, "file") || (asset && ar_arg_has(args, "connector")))
        return ar_fail(AR_INVALID, "want either a file with what is proposed, or --asset KIND:ID "
                                   "of what the estate has");
    AR_TRY(ar_current_open(ctx, &q.current));
    return asset ? decide_asset(ctx, args, reply, &q, start)
                 : decide_row(ctx, args, reply, &q, start);
}

/* ---- gate answer, gate override ---- */

/* `denial`: it must be one; else anything but what was let through without a word. Whose the thing
 * is, the estate knows; of what is new to it, whoever proposed it said so. */
static ar_err find_decision(ar_ctx *ctx, ar_str text, bool denial, int64_t *out_id,
                            ar_waiver_subject *out)
{
    ar_own(ar_rows) rows = NULL;
    ar_value arg = ar_null();

    if (!ar_str_starts(text, AR_LIT("G-")) || text.len > DECISION_DIGITS ||
        !ar_str_int(ar_str_cut(text, 2, text.len), out_id))
        return ar_fail(AR_INVALID, "'%.*s' is no decision; they look like G-12", AR_FMT(text));
    arg = ar_int(*out_id);
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT d.effect, d.kind || ':' || coalesce(d.asset_id, ''),"
                                  " coalesce(v.owner_id, d.owner_id), CASE WHEN v.kind IS NULL"
                                  " THEN d.domain_id ELSE v.domain_id END, d.overridden_by"
                                  " FROM ar.gate_decision d"
                                  " LEFT JOIN ar.verdict v"
                                  " ON v.kind = d.kind AND v.asset_id = d.asset_id"
                                  " WHERE d.id = $1 LIMIT 1"),
                           &arg, 1, &rows));
    if (!ar_rows_next(rows))
        return ar_fail(AR_NOT_FOUND, "there is no decision %.*s", AR_FMT(text));
    if (ar_str_eq(ar_rows_get(rows, 0).s, AR_LIT("none")))
        return ar_fail(AR_CONFLICT, "%.*s let it through without a word", AR_FMT(text));
    if (denial && !ar_str_eq(ar_rows_get(rows, 0).s, AR_LIT("deny")))
        return ar_fail(AR_CONFLICT, "%.*s was no denial", AR_FMT(text));
    if (ar_rows_get(rows, 4).type == AR_TEXT)
        return ar_fail(AR_CONFLICT, "%.*s was overridden by %.*s already", AR_FMT(text),
                       AR_FMT(ar_rows_get(rows, 4).s));
    ar_value owner = ar_rows_get(rows, 2), domain = ar_rows_get(rows, 3);
    *out = (ar_waiver_subject){ .name = ar_arena_copy(ctx->arena, ar_rows_get(rows, 1).s) };
    if (owner.type == AR_TEXT) out->owner = ar_arena_copy(ctx->arena, owner.s);
    if (domain.type == AR_TEXT) out->domain = ar_arena_copy(ctx->arena, domain.s);
    return ar_ok();
}

static const ar_param answer_params[] = {
    { "decision", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "what was decided, G-12", NULL },
    { "answer", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "whether it was right", "yes no" },
    { 0 },
};

static const ar_column answer_columns[] = {
    { "decision", AR_TEXT, 0, "the denial" },
    { "was_right", AR_BOOL, 0, "what was answered" },
    { 0 },
};

/* Whoever answered may say otherwise; who is second is told. */
static ar_err check_unanswered(ar_ctx *ctx, const ar_value *answer, size_t n)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT answered_by FROM ar.gate_decision WHERE id = $1"
                                  " AND was_right <> $2 AND answered_by <> $3"),
                           answer, n, &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    return ar_fail(AR_CONFLICT, "%.*s called G-%lld %s already; only they may say otherwise",
                   AR_FMT(ar_rows_get(rows, 0).s), (long long)answer[0].i,
                   answer[1].b ? "wrong" : "right");
}

static ar_err run_answer(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    bool yes = ar_str_eq(ar_arg_text(args, "answer"), AR_LIT("yes"));
    ar_waiver_subject subject;
    int64_t id;

    AR_TRY(find_decision(ctx, ar_arg_text(args, "decision"), false, &id, &subject));
    ar_value query[] = { ar_int(id), ar_bool(yes), ar_text(ctx->who->name), ar_at(ctx->now) };
    AR_TRY(check_unanswered(ctx, query, 3));
    ar_audit_add(ctx, "decision", ar_text(ar_arg_text(args, "decision")));
    ar_audit_add(ctx, "was_right", ar_bool(yes));
    AR_TRY(ar_engine_run(ctx->engine,
                         AR_LIT("UPDATE ar.gate_decision SET was_right = $2, answered_by = $3,"
                                " answered_at = $4 WHERE id = $1"
                                " AND was_right IS DISTINCT FROM $2"),
                         query, AR_COUNT(query), NULL));
    return ar_reply_row(reply, (ar_value[]){ ar_text(ar_arg_text(args, "decision")), ar_bool(yes) },
                        2);
}

static const ar_param override_params[] = {
    { "decision", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "the denial, G-12", NULL },
    { "reason", AR_PARAM_TEXT, AR_REQUIRED, "why it may become so all the same", NULL },
    { 0 },
};

static const ar_column override_columns[] = {
    { "decision", AR_TEXT, 0, "the denial" },
    { "overridden_by", AR_TEXT, 0, "who let it through" },
    { 0 },
};

static ar_err run_override(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str reason = ar_str_trim(ar_arg_text(args, "reason"));
    ar_waiver_subject subject;
    int64_t id;

    if (reason.len < AR_WAIVER_REASON_MIN)
        return ar_fail(AR_INVALID, "the reason is too short, %zu of at least %d characters",
                       reason.len, (int)AR_WAIVER_REASON_MIN);
    AR_TRY(find_decision(ctx, ar_arg_text(args, "decision"), true, &id, &subject));
    AR_TRY(ar_waiver_check_approver(ctx->engine, ctx->who->name, &subject, ctx->now, ctx->arena));
    ar_value query[] = { ar_int(id), ar_text(reason), ar_text(ctx->who->name), ar_at(ctx->now) };
    ar_audit_add(ctx, "decision", ar_text(ar_arg_text(args, "decision")));
    ar_audit_add(ctx, "reason", ar_text(reason));
    AR_TRY(ar_engine_run(ctx->engine,
                         AR_LIT("UPDATE ar.gate_decision SET override_reason = $2,"
                                " overridden_by = $3, overridden_at = $4 WHERE id = $1"),
                         query, AR_COUNT(query), NULL));
    return ar_reply_row(
        reply, (ar_value[]){ ar_text(ar_arg_text(args, "decision")), ar_text(ctx->who->name) }, 2);
}

/* ---- the rows ---- */

const ar_op ar_gate_ops[] = {
    { .name = "gate.list",
      .help = "list the gates, and the standards at each",
      .example = "aright gate list",
      .grant = "gate.read",
      .columns = list_columns,
      .run = run_list },
    { .name = "gate.decide",
      .help = "say whether a thing may become as proposed",
      .more = "The standards that name the gate judge the proposed asset as a scan would. It is "
              "denied, and the command ends with status 3, when one whose mode is deny is missed, "
              "or cannot be told and is closed on error. An AdmissionReview of Kubernetes is "
              "answered by one, and its object read by the connector kubernetes-objects unless "
              "another is named. With --asset it is judged by what the last evaluation says of an "
              "asset that the estate has; one that it has not cannot be told.",
      .effect = AR_CHANGES,
      .runs_in = AR_IN_LOG,
      .grant = "gate.decide",
      .event = "gate.decided",
      .params = decide_params,
      .columns = decide_columns,
      .judged_by = "gate.answer",
      .run = run_decide,
      .enter = enter_decisions },
    { .name = "gate.answer",
      .help = "say whether what a gate held against a thing was right",
      .effect = AR_CHANGES,
      .grant = "gate.decide",
      .event = "gate.answered",
      .params = answer_params,
      .columns = answer_columns,
      .run = run_answer },
    { .name = "gate.override",
      .help = "let through what a gate denied",
      .more = "Who is accountable for the thing's domain may do so, as for a waiver; what came "
              "through is a finding all the same, until it is right or waived.",
      .effect = AR_CHANGES,
      .grant = "gate.override",
      .event = "gate.overridden",
      .params = override_params,
      .columns = override_columns,
      .run = run_override },
    { 0 },
};
