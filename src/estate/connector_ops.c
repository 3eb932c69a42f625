#include "estate/draft.h"
#include "estate/ops.h"

#include "sys/file.h"

enum {
    CONNECTOR_TEXT_MAX = 256 * 1024,
    TRY_ROWS_SHOWN = 5,
    TRY_BAD_ROWS_MAX = 1000000,
    TRY_IDS_MAX = 1000000, /* among which one that is there twice is found, */
    TRY_IDS_BYTES_MAX = 64 << 20,
};

static const ar_column connector_columns[] = {
    { "connector", AR_TEXT, 0, "its name" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it reads" },
    { "format", AR_TEXT, 0, "json, ndjson, pages, yaml, csv, parquet, or auto" },
    { "kind", AR_TEXT, 0, "what it gives; empty: said with --kind" },
    { "columns", AR_INT, 0, "how many columns it fills" },
    { "shipped", AR_BOOL, AR_COLUMN_QUIET, "whether it came with the program" },
    { 0 },
};

static ar_err reply_connector(ar_reply *reply, const ar_connector *c)
{
    ar_value row[] = { ar_text(c->name),
                       ar_text(c->title),
                       ar_textz(ar_payload_name(c->format)),
                       ar_text_or_null(c->kind),
                       c->n_columns == 0 ? ar_null() : ar_int((int64_t)c->n_columns),
                       ar_bool(c->shipped) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err run_connector_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_connectors connectors;

    (void)args;
    AR_TRY(ar_connectors_load(ctx->place, ctx->arena, &connectors));
    for (size_t i = 0; i < connectors.n; i++) AR_TRY(reply_connector(reply, &connectors.list[i]));
    return ar_ok();
}

static const ar_param connector_check_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "a connector file", NULL },
    { 0 },
};

static ar_err read_connector(ar_ctx *ctx, const ar_args *args, ar_kinds *out_kinds,
                             ar_connector *out_connector)
{
    ar_str name = ar_arg_text(args, "file"), text;

    AR_TRY(ar_fd_read_all(ar_arg_fd(args, "file"), name, CONNECTOR_TEXT_MAX, ctx->arena, &text));
    AR_TRY(ar_connector_parse(name, text, ctx->arena, out_connector));
    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, out_kinds));
    return ar_connector_check(out_connector, out_kinds);
}

static ar_err run_connector_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_connector connector;
    ar_kinds kinds;

    AR_TRY(read_connector(ctx, args, &kinds, &connector));
    return reply_connector(reply, &connector);
}

ar_err ar_ops_feed(ar_ctx *ctx, const ar_plan *plan, int fd, ar_intake **intake,
                   ar_intake_child **child, const ar_feed **out_feed)
{
    if (ctx->place->program == NULL) {
        AR_TRY(ar_intake_open(plan, fd, intake));
        *out_feed = ar_intake_feed(*intake);
        return ar_ok();
    }
    AR_TRY(ar_intake_child_open(ctx->place, plan, fd, child));
    *out_feed = ar_intake_child_feed(*child);
    return ar_ok();
}

static const ar_param connector_try_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "a connector file", NULL },
    { "payload", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "a payload to read with it", NULL },
    { "kind", AR_PARAM_TEXT, 0, "the kind, for a connector that does not say", NULL },
    { 0 },
};

/* What a payload gave, as far as one looks who writes a connector. */
typedef struct trial {
    int64_t n_rows;
    bool *filled; /* per column, by any row */
    ar_map ids;
    size_t ids_bytes;
    ar_str twice; /* an id that is */
} trial;

static void look_at_row(trial *t, const ar_feed *feed, const ar_vector *columns, size_t row,
                        ar_arena *arena)
{
    bool is_new = true;

    for (size_t i = 0; i < feed->n_columns; i++) t->filled[i] |= ar_vector_has(&columns[i], row);
    if (t->n_rows++ >= TRY_IDS_MAX || t->ids_bytes > TRY_IDS_BYTES_MAX || t->twice.len > 0) return;
    t->ids_bytes += columns[0].s[row].len;
    ar_str id = ar_arena_copy(arena, columns[0].s[row]);
    ar_map_put(&t->ids, arena, id, &is_new);
    if (!is_new) t->twice = id;
}

/* One line per value of the first rows: what the connector would give. */
static ar_err reply_values(const ar_feed *feed, ar_ctx *ctx, ar_reply *reply, trial *t)
{
    for (;;) {
        const ar_vector *columns;
        size_t n;
        AR_TRY(feed->next(feed->self, &columns, &n));
        if (n == 0) return ar_ok();
        for (size_t row = 0; row < n; row++) {
            for (size_t i = 0; i < feed->n_columns && t->n_rows < TRY_ROWS_SHOWN; i++) {
                ar_value value = ar_vector_value(&columns[i], row);
                if (value.type == AR_NULL) continue;
                ar_str name = feed->columns[i].name;
                ar_value out[] = { ar_text(columns[0].s[row]), ar_text(ar_ops_fact_name(name)),
                                   ar_ops_fact_text(ctx, name, value) };
                AR_TRY(ar_reply_row(reply, out, AR_COUNT(out)));
            }
            look_at_row(t, feed, columns, row, ctx->arena);
        }
    }
}

static ar_str never_filled(const ar_connector *c, const ar_feed *feed, const trial *t,
                           ar_arena *arena)
{
    ar_auto(ar_buf) names = { 0 };

    for (size_t i = 0; i < c->n_columns; i++)
        for (size_t k = 0; k < feed->n_columns; k++)
            if (!t->filled[k] && ar_str_eq(c->columns[i].name, feed->columns[k].name))
                ar_buf_addf(&names, "%s%.*s", names.len > 0 ? ", " : "",
                            AR_FMT(c->columns[i].name));
    return ar_arena_copy(arena, ar_buf_str(&names));
}

/* Names that come one a line, with commas. */
static ar_str in_a_row(ar_str lines, ar_arena *arena)
{
    ar_auto(ar_buf) names = { 0 };
    ar_str name;

    while (ar_str_split(&lines, '\n', &name))
        ar_buf_addf(&names, "%s%.*s", names.len > 0 ? ", " : "", AR_FMT(name));
    return ar_arena_copy(arena, ar_buf_str(&names));
}

static void note_trial(ar_ctx *ctx, ar_reply *reply, const ar_connector *c, const ar_feed *feed,
                       const trial *t)
{
    ar_str empty = never_filled(c, feed, t, ctx->arena), rest = feed->bad_rows, sentence;
    ar_str unused = in_a_row(feed->ignored, ctx->arena);

    ar_reply_note(reply, "%lld row%s can be read%s.", (long long)t->n_rows,
                  t->n_rows == 1 ? "" : "s",
                  t->n_rows > TRY_ROWS_SHOWN ? "; the first 5 are shown" : "");
    if (t->n_rows == 0 && feed->bad == 0)
        ar_reply_note(reply,
                      "No item was found: 'items' says where they lie, 'where' which count.");
    if (feed->bad > 0)
        ar_reply_note(reply, "%lld row%s cannot be read%s:", (long long)feed->bad,
                      feed->bad == 1 ? "" : "s",
                      feed->bad <= c->bad_rows_max ? " and would be skipped"
                                                   : "; an import would refuse the payload");
    while (feed->bad > 0 && ar_str_split(&rest, '\n', &sentence))
        ar_reply_note(reply, "  %.*s", AR_FMT(sentence));
    if (t->twice.len > 0 && c->latest.len == 0)
        ar_reply_note(reply,
                      "The id '%.*s' is there twice, which an import would refuse (want another "
                      "id, or a column in 'latest' by which one row counts).",
                      AR_FMT(t->twice));
    if (empty.len > 0 && t->n_rows > 0) ar_reply_note(reply, "No row filled: %.*s", AR_FMT(empty));
    if (unused.len > 0) ar_reply_note(reply, "Fields that no column uses: %.*s", AR_FMT(unused));
    if (feed->partial)
        ar_reply_note(reply, "The payload says that its source has more: nothing would be gone.");
}

static ar_err run_connector_try(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_intake_child) child = NULL;
    ar_own(ar_intake) intake = NULL;
    ar_connector connector;
    const ar_kind *kind;
    const ar_feed *feed;
    trial t = { 0 };
    ar_kinds kinds;
    ar_plan plan;

    AR_TRY(read_connector(ctx, args, &kinds, &connector));
    AR_TRY(ar_connector_kind(&connector, &kinds, ar_arg_text(args, "kind"), &kind));
    ar_plan_make(&connector, kind, ar_arg_text(args, "payload"), ctx->arena, &plan);
    plan.bad_rows_max = TRY_BAD_ROWS_MAX;
    plan.survey = true;
    AR_TRY(ar_ops_feed(ctx, &plan, ar_arg_fd(args, "payload"), &intake, &child, &feed));
    t.filled = ar_make_n(ctx->arena, bool, feed->n_columns);
    AR_TRY(reply_values(feed, ctx, reply, &t));
    note_trial(ctx, reply, &connector, feed, &t);
    return ar_ok();
}

static const ar_column connector_try_columns[] = {
    { "id", AR_TEXT, 0, "of the row" },
    { "column", AR_TEXT, 0, "of the kind" },
    { "value", AR_TEXT, AR_COLUMN_BRIEF, "as it would be stored" },
    { 0 },
};

/* ---- show ---- */

static const ar_param connector_show_params[] = {
    { "connector", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its name", NULL },
    { 0 },
};

static const ar_column text_columns[] = {
    { "text", AR_TEXT, 0, "of the file" },
    { 0 },
};

static ar_err run_connector_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_connector *connector;
    ar_connectors connectors;
    ar_str text;

    AR_TRY(ar_connectors_load(ctx->place, ctx->arena, &connectors));
    AR_TRY(ar_connectors_find(&connectors, ar_arg_text(args, "connector"), &connector));
    AR_TRY(ar_file_read(ar_arena_cstr(ctx->arena, connector->file), CONNECTOR_TEXT_MAX, ctx->arena,
                        &text));
    ar_value row[] = { ar_text(text) };
    return ar_reply_row(reply, row, AR_COUNT(row));
}

/* ---- new ---- */

static const ar_param connector_new_params[] = {
    { "payload", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "what the source writes", NULL },
    { "kind", AR_PARAM_TEXT, AR_REQUIRED, "what its items are", NULL },
    { "items", AR_PARAM_TEXT, AR_REPEATED,
      "where they lie, when it is not seen at once: data.devices; again for a list in each", NULL },
    { 0 },
};

/* The payload's name without folder and ending, as a connector may be named. */
static ar_str name_of(ar_str payload, ar_arena *arena)
{
    ar_auto(ar_buf) name = { 0 };
    size_t from = payload.len;

    while (from > 0 && payload.ptr[from - 1] != '/') from--;
    for (size_t i = from; i < payload.len && payload.ptr[i] != '.'; i++) {
        char c = ar_lower(payload.ptr[i]);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        ar_buf_addc(&name, plain ? c : '-');
    }
    return name.len > 0 && name.ptr[0] != '-' ? ar_arena_copy(arena, ar_buf_str(&name))
                                              : AR_LIT("mine");
}

/* The fields of its items, as the child that reads it names them. */
static ar_err read_fields(ar_ctx *ctx, const ar_args *args, ar_str *out_fields)
{
    static const ar_plan_column any = { AR_LIT("id"), AR_TEXT, AR_LIT("'any'") };
    ar_plan plan = {
        .payload = ar_arg_text(args, "payload"), .survey = true, .columns = &any, .n_columns = 1
    };
    ar_own(ar_intake_child) child = NULL;
    ar_own(ar_intake) intake = NULL;
    const ar_vector *columns;
    const ar_feed *feed;
    size_t n;

    plan.items.n_steps = ar_arg_texts(args, "items", &plan.items.steps);
    if (plan.items.n_steps > AR_ITEMS_STEPS_MAX)
        return ar_fail(AR_LIMIT, "%d --items are the most, not %zu", AR_ITEMS_STEPS_MAX,
                       plan.items.n_steps);
    AR_TRY(ar_ops_feed(ctx, &plan, ar_arg_fd(args, "payload"), &intake, &child, &feed));
    do AR_TRY(feed->next(feed->self, &columns, &n));
    while (n > 0);
    if (feed->ignored.len == 0)
        return ar_fail(AR_INVALID,
                       "%.*s: no item with fields is %s (want --items with the way to them, "
                       "as data.devices)",
                       AR_FMT(plan.payload), plan.items.n_steps > 0 ? "there" : "seen in it");
    *out_fields = ar_arena_copy(ctx->arena, feed->ignored);
    return ar_ok();
}

static ar_err run_connector_new(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_auto(ar_buf) text = { 0 };
    ar_draft draft = { 0 };
    ar_kinds kinds;

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(ar_kinds_find(&kinds, ar_arg_text(args, "kind"), &draft.kind));
    AR_TRY(read_fields(ctx, args, &draft.fields));
    draft.name = name_of(ar_arg_text(args, "payload"), ctx->arena);
    draft.n_items = ar_arg_texts(args, "items", &draft.items);
    ar_draft_connector(&draft, &text);
    ar_value row[] = { ar_text(ar_buf_str(&text)) };
    return ar_reply_row(reply, row, AR_COUNT(row));
}

const ar_op ar_connector_ops[] = {
    { .name = "connector.list",
      .help = "list the connectors",
      .example = "aright connector list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = connector_columns,
      .run = run_connector_list },
    { .name = "connector.check",
      .help = "check a connector file",
      .example = "aright connector check laptops.yaml",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = connector_check_params,
      .columns = connector_columns,
      .run = run_connector_check },
    { .name = "connector.try",
      .help = "read a payload with a connector file and store nothing",
      .more = "Shows the first rows as they would be stored, the rows that cannot be read, the "
              "columns that no row filled and the fields that no column uses.",
      .example = "aright connector try laptops.yaml laptops.json",
      .effect = AR_READS,
      .grant = "estate.read",
      .params = connector_try_params,
      .columns = connector_try_columns,
      .run = run_connector_try },
    { .name = "connector.show",
      .help = "print the file of a connector, to begin from",
      .example = "aright connector show generic",
      .effect = AR_READS,
      .shape = AR_SHAPE_TEXT,
      .grant = "estate.read",
      .params = connector_show_params,
      .columns = text_columns,
      .run = run_connector_show },
    { .name = "connector.new",
      .help = "draft a connector file for a payload",
      .more = "Fields that are called like a column of the kind fill it; the others stand in "
              "comments. `aright connector try` says how it does.",
      .example = "aright connector new laptops.json --kind device",
      .effect = AR_READS,
      .shape = AR_SHAPE_TEXT,
      .grant = "estate.read",
      .params = connector_new_params,
      .columns = text_columns,
      .run = run_connector_new },
    { 0 },
};
