#include "fact/ops.h"

#include "base/map.h"
#include "estate/documents.h"
#include "estate/estate.h"
#include "fact/fact.h"
#include "form/json.h"
#include "form/utf.h"
#include "op/core.h"
#include "standard/current.h"
#include "standard/evaluate.h"
#include "sys/file.h"

#include <stdlib.h>

enum { REFUSED_SHOWN = 10, REFUSED_BYTES = 300 };

/* ---- what a process keeps from one request to the next ---- */

typedef struct kept {
    ar_arena arena;  /* of sources */
    int64_t edition; /* of the files that the reader reads by, or that the estate was opened with */
    ar_fact_reader *reader;
    ar_file_stamp stamp; /* of AR_TOLD_SOURCES */
    ar_map sources;      /* "SOURCE\tKIND", and "SOURCE" */
} kept;

static void free_kept(void *self)
{
    kept *k = self;

    ar_fact_reader_free(&k->reader);
    ar_arena_done(&k->arena);
    free(k);
}

static kept *keep_of(ar_ctx *ctx)
{
    kept *k = ctx->keep->kept[AR_KEPT_FACTS];

    if (k != NULL) return k;
    k = calloc(1, sizeof *k);
    if (k == NULL) abort();
    ar_keep_put(ctx->keep, AR_KEPT_FACTS, k, free_kept);
    return k;
}

static ar_err read_sources(kept *k, const char *path)
{
    ar_str text, line;

    ar_arena_done(&k->arena);
    k->sources = (ar_map){ 0 };
    AR_TRY(ar_file_read(path, AR_TOLD_SOURCES_MAX, &k->arena, &text));
    while (ar_str_split(&text, '\n', &line)) {
        ar_map_put(&k->sources, &k->arena, line, NULL)->n = 1;
        ar_map_put(&k->sources, &k->arena, ar_str_cut(line, 0, ar_str_find(line, '\t')), NULL)->n =
            1;
    }
    return ar_ok();
}

/* Read again when the core has written it anew. */
static ar_err refresh_sources(ar_ctx *ctx, kept *k)
{
    const char *path = ar_path_join(ctx->arena, ctx->place->home, AR_TOLD_SOURCES);
    ar_file_stamp stamp;

    AR_TRY(ar_file_stamp_read(path, &stamp));
    if (memcmp(&stamp, &k->stamp, sizeof stamp) == 0) return ar_ok();
    AR_TRY(read_sources(k, path));
    k->stamp = stamp;
    return ar_ok();
}

/* ---- fact tell ---- */

static const ar_param tell_params[] = {
    { "file", AR_PARAM_FILE, AR_POSITIONAL | AR_REQUIRED,
      "rows of NDJSON, docs/formats.md; - is standard input", NULL },
    { "source", AR_PARAM_TEXT, AR_REQUIRED, "who saw it; `aright source list` names them", NULL },
    { 0 },
};

static const ar_column tell_columns[] = {
    { "taken", AR_INT, 0, "facts that are kept, and seen in the estate within seconds" },
    { "refused", AR_INT, 0, "rows that say nothing that can be kept" },
    { 0 },
};

typedef struct telling {
    ar_ctx *ctx;
    ar_str file, source;
    kept *kept;
    ar_documents *documents;
    int64_t taken, refused;
    ar_buf sentences; /* of those refused first */
} telling;

static void telling_done(telling *t)
{
    ar_documents_free(&t->documents);
    ar_buf_done(&t->sentences);
}

static ar_err check_source(const telling *t, ar_str kind)
{
    ar_auto(ar_buf) name = { 0 };

    ar_buf_addf(&name, "%.*s\t", AR_FMT(t->source));
    ar_buf_add(&name, kind);
    if (ar_map_get(&t->kept->sources, ar_buf_str(&name)) != NULL) return ar_ok();
    return ar_fail(AR_INVALID,
                   "%.*s:%lld: source '%.*s' shows no %.*s; its first ones are imported (`aright "
                   "import`)",
                   AR_FMT(t->file), (long long)ar_documents_line(t->documents), AR_FMT(t->source),
                   AR_FMT(kind));
}

static ar_err take_row(telling *t, const ar_node *row)
{
    ar_arena *arena = t->ctx->arena;
    ar_fact fact;

    AR_TRY(ar_fact_read(t->kept->reader, t->file, ar_documents_line(t->documents), row, t->ctx->now,
                        arena, &fact));
    AR_TRY(check_source(t, fact.kind));

    size_t n = ar_fact_width(&fact);
    ar_value *values = ar_make_n(arena, ar_value, n);

    ar_fact_values(&fact, values);
    ar_logged_values(t->ctx, values, n);
    t->taken++;
    return ar_ok();
}

static void refuse_row(telling *t, ar_err err)
{
    if (t->refused++ >= REFUSED_SHOWN) return;
    ar_buf_addf(&t->sentences, "%s%.*s", t->sentences.len > 0 ? "\n" : "",
                AR_FMT(ar_utf8_cut(ar_err_text(err), REFUSED_BYTES)));
}

static ar_err take_rows(telling *t)
{
    for (;;) {
        const ar_node *row = NULL;
        ar_err err = ar_documents_next(t->documents, &row);

        if (err.code != AR_OK && !ar_documents_recovers(t->documents)) return err;
        if (err.code == AR_OK && row == NULL) return ar_ok();
        if (err.code == AR_OK) err = take_row(t, row);
        if (err.code != AR_OK) refuse_row(t, err);
    }
}

static ar_err reply_told(telling *t, ar_reply *reply)
{
    ar_str rest = ar_buf_str(&t->sentences), sentence;

    ar_audit_add(t->ctx, "taken", ar_int(t->taken));
    ar_audit_add(t->ctx, "refused", ar_int(t->refused));
    if (t->refused > 0)
        ar_reply_note(reply, "Refused: %lld row%s:", (long long)t->refused,
                      t->refused == 1 ? "" : "s");
    while (ar_str_split(&rest, '\n', &sentence)) ar_reply_note(reply, "  %.*s", AR_FMT(sentence));
    if (t->refused > 0 && t->taken == 0)
        ar_reply_answer(reply, ar_fail(AR_INVALID, "%.*s: no row could be taken", AR_FMT(t->file)));
    return ar_reply_row(reply, (ar_value[]){ ar_int(t->taken), ar_int(t->refused) }, 2);
}

/* What its rows are read by. */
static ar_err prepare(telling *t)
{
    ar_current *current;

    AR_TRY(ar_current_open(t->ctx, &current));
    AR_TRY(refresh_sources(t->ctx, t->kept));
    if (ar_map_get(&t->kept->sources, t->source) == NULL)
        return ar_fail(AR_NOT_FOUND, "there is no source '%.*s' (`aright source list` names them)",
                       AR_FMT(t->source));
    if (t->kept->reader != NULL && t->kept->edition == ar_current_edition(current)) return ar_ok();
    ar_fact_reader_free(&t->kept->reader);
    ar_fact_reader_new(ar_current_kinds(current), &t->kept->reader);
    t->kept->edition = ar_current_edition(current);
    return ar_ok();
}

static ar_err run_tell(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    __attribute__((cleanup(telling_done))) telling t = { .ctx = ctx,
                                                         .file = ar_arg_text(args, "file"),
                                                         .source = ar_arg_text(args, "source"),
                                                         .kept = keep_of(ctx) };
    const ar_plan plan = { .payload = t.file, .format = AR_PAYLOAD_NDJSON };
    ar_str text;

    AR_TRY(prepare(&t));
    AR_TRY(ar_fd_read_all(ar_arg_fd(args, "file"), t.file, AR_FACTS_BYTES_MAX, ctx->arena, &text));
    AR_TRY(ar_documents_open(&plan, plan.format, text, -1, &t.documents));
    ar_logged_values(ctx, &(ar_value){ .type = AR_TEXT, .s = t.source }, 1);
    AR_TRY(take_rows(&t));
    return reply_told(&t, reply);
}

/* ---- entering ---- */

/* Who told facts of a source. */
typedef struct teller {
    const ar_event *event; /* the last */
    ar_str source;
    int64_t requests, facts;
} teller;

typedef struct of_kind {
    ar_str kind;
    ar_told *facts;
    size_t n, cap;
} of_kind;

typedef struct batch {
    ar_ctx *ctx;
    of_kind *kinds;
    size_t n_kinds, cap_kinds;
    teller *tellers;
    size_t n_tellers, cap_tellers;
} batch;

static of_kind *kind_of(batch *b, ar_str kind)
{
    for (size_t i = 0; i < b->n_kinds; i++)
        if (ar_str_eq(b->kinds[i].kind, kind)) return &b->kinds[i];
    ar_grow(b->ctx->arena, b->kinds, b->n_kinds, b->cap_kinds);
    b->kinds[b->n_kinds] = (of_kind){ .kind = kind };
    return &b->kinds[b->n_kinds++];
}

static teller *teller_of(batch *b, const ar_event *event, ar_str source)
{
    for (size_t i = 0; i < b->n_tellers; i++)
        if (b->tellers[i].event->uid == event->uid && ar_str_eq(b->tellers[i].source, source))
            return &b->tellers[i];
    ar_grow(b->ctx->arena, b->tellers, b->n_tellers, b->cap_tellers);
    b->tellers[b->n_tellers] = (teller){ .source = source };
    return &b->tellers[b->n_tellers++];
}

static ar_err take_record(batch *b, const ar_record *r)
{
    if (r->values[0].type != AR_TEXT)
        return ar_fail(AR_INVALID, "record %lld has no source", (long long)r->number);

    teller *who = teller_of(b, &r->event, r->values[0].s);

    who->event = &r->event;
    who->requests++;
    for (size_t at = 1; at < r->n; who->facts++) {
        ar_fact fact;

        AR_TRY_WITH(ar_fact_take(r->values, r->n, &at, b->ctx->arena, &fact), "record %lld",
                    (long long)r->number);
        of_kind *k = kind_of(b, fact.kind);
        ar_grow(b->ctx->arena, k->facts, k->n, k->cap);
        fact.told.source = who->source;
        k->facts[k->n++] = fact.told;
    }
    return ar_ok();
}

/* What is wrong with a source's facts, everybody who told some of them is told. */
static ar_err add_event(batch *b, const teller *t, const ar_told_sum *sum)
{
    ar_auto(ar_buf) detail = { 0 };
    ar_event event = *t->event;

    ar_buf_addz(&detail, "{\"source\":");
    ar_json_text(&detail, t->source);
    ar_buf_addf(&detail, ",\"requests\":%lld,\"facts\":%lld", (long long)t->requests,
                (long long)t->facts);
    if (sum->late > 0) ar_buf_addf(&detail, ",\"late\":%lld", (long long)sum->late);
    if (sum->dropped > 0) ar_buf_addf(&detail, ",\"dropped\":%lld", (long long)sum->dropped);
    if (sum->problem.len > 0) {
        ar_buf_addz(&detail, ",\"problem\":");
        ar_json_text(&detail, sum->problem);
    }
    ar_buf_addc(&detail, '}');
    event.detail = ar_buf_str(&detail);
    return ar_outbox_add(&b->ctx->core->outbox, &event);
}

/* Kinds that are gone, and what aright has made of a kind since, is not there to be entered. */
static ar_err make_room(batch *b, const ar_kinds *kinds)
{
    for (size_t i = 0; i < b->n_kinds; i++) {
        const ar_kind *kind;

        if (ar_kinds_find(kinds, b->kinds[i].kind, &kind).code != AR_OK || kind->view) continue;
        AR_TRY(ar_told_room(b->ctx, kind, b->kinds[i].facts, b->kinds[i].n));
    }
    return ar_ok();
}

static ar_err enter_source(batch *b, const ar_kinds *kinds, ar_str source, ar_told_sum *sum)
{
    for (size_t i = 0; i < b->n_kinds; i++) {
        const of_kind *k = &b->kinds[i];
        const ar_kind *kind;

        if (ar_kinds_find(kinds, k->kind, &kind).code == AR_OK && !kind->view)
            AR_TRY(ar_told_enter(b->ctx, kinds, kind, source, k->facts, k->n, sum));
        else
            for (size_t f = 0; f < k->n; f++) sum->dropped += ar_str_eq(k->facts[f].source, source);
    }
    return ar_ok();
}

static ar_err enter_sources(batch *b, const ar_kinds *kinds)
{
    for (size_t i = 0; i < b->n_tellers; i++) {
        ar_told_sum sum = { 0 };
        bool first = true;

        for (size_t k = 0; k < i; k++)
            first &= !ar_str_eq(b->tellers[k].source, b->tellers[i].source);
        if (first) AR_TRY(enter_source(b, kinds, b->tellers[i].source, &sum));
        AR_TRY(add_event(b, &b->tellers[i], &sum));
    }
    return ar_ok();
}

/* The estate's tables and views are as the files of the kinds are. */
static ar_err open_estate(ar_ctx *ctx, const ar_current *current)
{
    kept *k = keep_of(ctx);
    ar_kinds kinds;

    if (k->edition == ar_current_edition(current)) return ar_ok();
    AR_TRY(ar_estate_open(ctx, &kinds));
    k->edition = ar_current_edition(current);
    return ar_ok();
}

static ar_err enter_facts(ar_ctx *ctx, const ar_record *records, size_t n)
{
    batch b = { .ctx = ctx };
    ar_current *current;
    ar_evaluation done;

    for (size_t i = 0; i < n; i++) AR_TRY(take_record(&b, &records[i]));
    AR_TRY(ar_current_open(ctx, &current));
    AR_TRY(open_estate(ctx, current));

    const ar_kinds *kinds = ar_current_kinds(current);

    AR_TRY(make_room(&b, kinds));
    AR_TRY(ar_told_begin(ctx->engine));
    AR_TRY(enter_sources(&b, kinds));
    return ar_evaluate_some(ctx->engine, kinds, ar_current_standards(current), "told_asset",
                            ctx->now, ctx->arena, &done);
}

const ar_op ar_fact_ops[] = {
    { .name = "fact.tell",
      .help = "tell what was seen of assets, between imports",
      .more = "Each row names an asset, when it was observed, and columns of it. What is answered "
              "is durable, and seen in assets, findings, items and counts within seconds. A fact "
              "that was observed before what the source has said of the column since is late, and "
              "left out. Rows that cannot be read are refused, each with a sentence; the others "
              "are taken. A fact that is told twice is one.",
      .effect = AR_CHANGES,
      .runs_in = AR_IN_LOG,
      .log = AR_LOG_FACTS,
      .grant = "fact.tell",
      .event = "fact.told",
      .params = tell_params,
      .columns = tell_columns,
      .run = run_tell,
      .enter = enter_facts,
      .sums = true },
    { 0 },
};
