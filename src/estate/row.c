#include "estate/row.h"

#include "estate/survey.h"
#include "form/utf.h"

#include <stdlib.h>

enum {
    VALUE_SHOWN = 80,      /* bytes */
    OWNER_BYTES_MAX = 320, /* of the name of one */
    OWNERS_MAX = 256,
};

struct ar_row {
    ar_arena arena;   /* of the row itself */
    ar_arena scratch; /* of the item being added */
    const ar_plan *plan;
    ar_batch *batch;
    bool *given;
    int64_t line;                /* of the item being added */
    const ar_mapping **mappings; /* of the columns; NULL: not given */
    const ar_mapping **owners, **owners_at;
    size_t owners_column; /* that they go to; 0: the plan has none */
    ar_map by_name;       /* column number + 1 */
    ar_str *paths;        /* of records without a tree, */
    size_t *path_columns; /* and the column that each is */
    size_t n_paths;
    ar_survey survey;
};

/* ---- one value ---- */

static ar_err bad_field(const ar_row *row, size_t column, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static ar_err bad_field(const ar_row *row, size_t column, const char *fmt, ...)
{
    ar_auto(ar_buf) text = { 0 };
    va_list ap;

    va_start(ap, fmt);
    ar_buf_vaddf(&text, fmt, ap);
    va_end(ap);
    return ar_fail(AR_INVALID, "%.*s:%lld: column '%.*s': %.*s", AR_FMT(row->plan->payload),
                   (long long)row->line, AR_FMT(row->plan->columns[column].name),
                   AR_FMT(ar_buf_str(&text)));
}

static ar_err from_text(const ar_row *row, size_t column, ar_str text, ar_value *out)
{
    enum ar_type type = row->plan->columns[column].type;

    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
        return bad_field(row, column, "a text with a NUL byte cannot be kept");
    if (type == AR_TEXT) {
        *out = ar_text(text);
        return ar_ok();
    }
    ar_err err = ar_value_parse(ar_str_trim(text), type, out);
    if (err.code == AR_OK) return err;
    return bad_field(row, column, "%.*s", AR_FMT(ar_err_text(err)));
}

/* A scalar of the payload as the column takes it. Texts may hold any type, a whole number is a
 * double too, and every scalar is a text; nothing else is turned into something else. */
static ar_err from_value(ar_row *row, size_t column, ar_value value, ar_value *out)
{
    enum ar_type type = row->plan->columns[column].type;
    ar_auto(ar_buf) text = { 0 };

    if (value.type == AR_TEXT) return from_text(row, column, value.s, out);
    if (value.type == type || value.type == AR_NULL) {
        *out = value;
        return ar_ok();
    }
    if (value.type == AR_INT && type == AR_DOUBLE) {
        *out = ar_double((double)value.i);
        return ar_ok();
    }
    ar_value_print(&text, value);
    if (type == AR_TEXT) {
        *out = ar_text(ar_arena_copy(&row->scratch, ar_buf_str(&text)));
        return ar_ok();
    }
    return bad_field(row, column, "'%.*s' is %s (want %s)",
                     AR_FMT(ar_utf8_cut(ar_buf_str(&text), VALUE_SHOWN)), ar_type_name(value.type),
                     type == AR_TIME ? "a time as RFC 3339; a connector turns numbers into times"
                                     : ar_type_name(type));
}

static ar_err not_a_scalar(const ar_row *row, size_t column, const char *what)
{
    return bad_field(row, column, "%s cannot be %s (a connector says which part: | count, | text)",
                     what, ar_type_name(row->plan->columns[column].type));
}

static ar_err from_node(ar_row *row, size_t column, const ar_node *node, ar_value *out)
{
    switch (node->kind) {
    case AR_NODE_NULL: return from_value(row, column, ar_null(), out);
    case AR_NODE_BOOL: return from_value(row, column, ar_bool(node->b), out);
    case AR_NODE_INT: return from_value(row, column, ar_int(node->i), out);
    case AR_NODE_DOUBLE: return from_value(row, column, ar_double(node->d), out);
    case AR_NODE_TEXT: return from_value(row, column, ar_text(node->text), out);
    case AR_NODE_LIST:
    case AR_NODE_MAP: break;
    }
    return not_a_scalar(row, column, ar_node_kind_name(node->kind));
}

static ar_err eval(ar_row *row, size_t column, const ar_mapping *mapping, const ar_scope *scope,
                   const ar_node **out_node)
{
    ar_err err = ar_mapping_eval(mapping, scope, &row->scratch, out_node);

    if (err.code == AR_OK) return err;
    return bad_field(row, column, "%.*s", AR_FMT(ar_err_text(err)));
}

/* ---- who owns it ---- */

/* A name is one line, whatever stands in it: none can pass for evidence of another class. */
static ar_err add_name(ar_row *row, const ar_connector_owner *said, ar_str at, const ar_node *node,
                       size_t *n, ar_buf *out)
{
    ar_str name = node->kind == AR_NODE_NULL ? (ar_str){ 0 } : ar_str_trim(node->text);

    if (node->kind == AR_NODE_LIST || node->kind == AR_NODE_MAP)
        return not_a_scalar(row, row->owners_column, ar_node_kind_name(node->kind));
    if (name.len == 0) return ar_ok();
    if (name.len > OWNER_BYTES_MAX)
        return bad_field(row, row->owners_column, "a name may have %d bytes, this one has %zu",
                         OWNER_BYTES_MAX, name.len);
    if (++*n > OWNERS_MAX)
        return bad_field(row, row->owners_column, "more than %d names", OWNERS_MAX);
    ar_buf_addf(out, "%s%.*s\t%.*s\t%.*s\t", out->len > 0 ? "\n" : "", AR_FMT(said->evidence),
                AR_FMT(said->confidence), AR_FMT(at));
    for (size_t i = 0; i < name.len; i++)
        ar_buf_addc(out, (unsigned char)name.ptr[i] < ' ' ? ' ' : name.ptr[i]);
    return ar_ok();
}

/* When it was so, in microseconds; empty where the item does not say. */
static ar_err owner_time(ar_row *row, const ar_mapping *mapping, const ar_scope *scope,
                         ar_str *out_text)
{
    const ar_node *node = NULL;
    ar_time time;

    *out_text = (ar_str){ 0 };
    if (mapping == NULL) return ar_ok();
    AR_TRY(eval(row, row->owners_column, mapping, scope, &node));
    if (node == NULL || node->kind == AR_NODE_NULL || node->text.len == 0) return ar_ok();
    ar_err err = ar_time_parse(node->text, &time);
    if (err.code != AR_OK)
        return bad_field(row, row->owners_column, "%.*s", AR_FMT(ar_err_text(err)));
    *out_text = ar_arena_printf(&row->scratch, "%lld", (long long)time);
    return ar_ok();
}

static ar_err add_owners(ar_row *row, const ar_scope *scope)
{
    ar_auto(ar_buf) text = { 0 };
    size_t n = 0;

    if (row->plan->n_owners == 0 || row->owners_column == 0) return ar_ok();
    for (size_t i = 0; i < row->plan->n_owners; i++) {
        const ar_connector_owner *said = &row->plan->owners[i];
        const ar_node *node = NULL;
        ar_str at;
        AR_TRY(eval(row, row->owners_column, row->owners[i], scope, &node));
        if (node == NULL) continue;
        AR_TRY(owner_time(row, row->owners_at[i], scope, &at));
        for (size_t k = 0; node->kind == AR_NODE_LIST && k < node->n; k++)
            AR_TRY(add_name(row, said, at, node->items[k], &n, &text));
        if (node->kind != AR_NODE_LIST) AR_TRY(add_name(row, said, at, node, &n, &text));
    }
    ar_batch_set(row->batch, row->owners_column,
                 text.len > 0 ? ar_text(ar_buf_str(&text)) : ar_null());
    return ar_ok();
}

/* ---- one item ---- */

static ar_err set_field(ar_row *row, ar_str name, const ar_node *node)
{
    const ar_map_value *place = ar_map_get(&row->by_name, name);
    ar_value value;

    if (place == NULL) {
        ar_survey_ignore(&row->survey, name);
        return ar_ok();
    }
    size_t column = (size_t)place->n - 1;
    AR_TRY(from_node(row, column, node, &value));
    row->given[column] = true;
    ar_batch_set(row->batch, column, value);
    return ar_ok();
}

static ar_err add_by_name(ar_row *row, const ar_node *item)
{
    if (item->kind != AR_NODE_MAP)
        return ar_fail(AR_INVALID, "%.*s:%lld: an item is %s (want a map of fields)",
                       AR_FMT(row->plan->payload), (long long)row->line,
                       ar_node_kind_name(item->kind));
    for (size_t i = 0; i < item->n; i++)
        AR_TRY(set_field(row, item->pairs[i].key, item->pairs[i].value));
    return ar_ok();
}

static ar_err add_by_mapping(ar_row *row, const ar_scope *scope)
{
    ar_survey_look(&row->survey, scope->item);
    for (size_t i = 0; i < row->plan->n_columns; i++) {
        const ar_node *node = NULL;
        ar_value value = ar_null();
        if (row->mappings[i] == NULL) continue;
        AR_TRY(eval(row, i, row->mappings[i], scope, &node));
        if (node != NULL) AR_TRY(from_node(row, i, node, &value));
        ar_batch_set(row->batch, i, value);
    }
    return add_owners(row, scope);
}

static void begin(ar_row *row, int64_t line)
{
    ar_arena_done(&row->scratch);
    row->line = line;
}

static ar_err finish(ar_row *row)
{
    const ar_vector *id = &row->batch->views[0];
    size_t n = row->batch->n_rows;

    if (!ar_vector_has(id, n) || id->s[n].len == 0)
        return bad_field(row, 0, "it is empty, but it is what the row is known by");
    if (id->s[n].len > AR_FEED_ID_MAX)
        return ar_fail(AR_LIMIT, "%.*s:%lld: an id may have %d bytes, this one has %zu",
                       AR_FMT(row->plan->payload), (long long)row->line, AR_FEED_ID_MAX,
                       id->s[n].len);
    row->batch->n_rows++;
    return ar_ok();
}

ar_err ar_row_add(ar_row *row, int64_t line, const ar_scope *scope)
{
    begin(row, line);
    AR_TRY(row->plan->by_name ? add_by_name(row, scope->item) : add_by_mapping(row, scope));
    return finish(row);
}

void ar_row_drop(ar_row *row)
{
    for (size_t i = 0; i < row->batch->n_columns; i++)
        ar_vector_clear(&row->batch->columns[i], row->batch->n_rows);
}

/* ---- records without a tree ---- */

/* Adds the path of a column, where it is one that no other column has. */
static bool add_path(ar_row *row, ar_map *seen, size_t column)
{
    const ar_plan *plan = row->plan;
    ar_str path =
        plan->by_name ? plan->columns[column].name : ar_mapping_path(row->mappings[column]);
    bool is_new = false;

    if (path.len > 0) ar_map_put(seen, &row->arena, path, &is_new);
    if (!is_new) return false;
    row->paths[row->n_paths] = path;
    row->path_columns[row->n_paths++] = column;
    return true;
}

/* No field of the payload fills it. */
static bool is_unfilled(const ar_row *row, size_t column)
{
    if (!row->plan->by_name) return row->mappings[column] == NULL;
    return column > 0 && column == row->owners_column;
}

bool ar_row_paths(ar_row *row, const ar_str **out_paths, size_t *out_n)
{
    const ar_plan *plan = row->plan;
    ar_map seen = { 0 };

    if (plan->survey || plan->n_owners > 0) return false;
    row->paths = ar_make_n(&row->arena, ar_str, plan->n_columns);
    row->path_columns = ar_make_n(&row->arena, size_t, plan->n_columns);
    row->n_paths = 0;
    for (size_t i = 0; i < plan->n_columns; i++)
        if (!is_unfilled(row, i) && !add_path(row, &seen, i)) return false;
    *out_paths = row->paths;
    *out_n = row->n_paths;
    return true;
}

static ar_err set_fields(ar_row *row, const ar_field *fields)
{
    for (size_t i = 0; i < row->n_paths; i++) {
        size_t column = row->path_columns[i];
        ar_value value;
        if (!fields[i].found) continue;
        if (fields[i].json) return not_a_scalar(row, column, "a list or a map");
        AR_TRY(from_value(row, column, fields[i].value, &value));
        row->given[column] = true;
        ar_batch_set(row->batch, column, value);
    }
    return ar_ok();
}

ar_err ar_row_add_fields(ar_row *row, int64_t line, const ar_field *fields)
{
    begin(row, line);
    AR_TRY(set_fields(row, fields));
    return finish(row);
}

void ar_row_look(ar_row *row, const ar_node *item)
{
    if (!row->plan->by_name || item->kind != AR_NODE_MAP) return;
    for (size_t i = 0; i < item->n; i++)
        if (ar_map_get(&row->by_name, item->pairs[i].key) == NULL)
            ar_survey_ignore(&row->survey, item->pairs[i].key);
}

ar_str ar_row_ignored(const ar_row *row)
{
    return ar_buf_str(&row->survey.text);
}

/* ---- making ---- */

static ar_err parse(ar_row *row, ar_str text, const ar_mapping **out_mapping)
{
    AR_TRY(ar_mapping_parse(text, &row->arena, out_mapping));
    ar_survey_speak_of(&row->survey, *out_mapping);
    return ar_ok();
}

static ar_err parse_owners(ar_row *row)
{
    const ar_plan *plan = row->plan;

    row->owners = ar_make_n(&row->arena, const ar_mapping *, plan->n_owners);
    row->owners_at = ar_make_n(&row->arena, const ar_mapping *, plan->n_owners);
    for (size_t i = 0; i < plan->n_owners; i++) {
        const ar_connector_owner *said = &plan->owners[i];
        AR_TRY_WITH(parse(row, said->owner, &row->owners[i]), "owner %zu", i + 1);
        if (said->at.len > 0)
            AR_TRY_WITH(parse(row, said->at, &row->owners_at[i]), "owner %zu: at", i + 1);
    }
    row->given[row->owners_column] = plan->n_owners > 0;
    return ar_ok();
}

static ar_err parse_column(ar_row *row, size_t i)
{
    const ar_plan_column *column = &row->plan->columns[i];

    if (ar_str_eq(column->name, AR_LIT(AR_KIND_OWNERS))) {
        row->owners_column = i; /* no field fills it */
        return ar_ok();
    }
    ar_map_put(&row->by_name, &row->arena, column->name, NULL)->n = (int64_t)i + 1;
    if (row->plan->by_name || column->text.len == 0) return ar_ok();
    row->given[i] = true;
    AR_TRY_WITH(parse(row, column->text, &row->mappings[i]), "column '%.*s'", AR_FMT(column->name));
    return ar_ok();
}

ar_err ar_row_new(const ar_plan *plan, ar_batch *batch, bool *given, ar_row **out_row)
{
    ar_own(ar_row) row = calloc(1, sizeof *row);

    if (row == NULL) abort();
    row->plan = plan;
    row->batch = batch;
    row->given = given;
    row->survey.full = plan->survey;
    row->mappings = ar_make_n(&row->arena, const ar_mapping *, plan->n_columns);
    for (size_t i = 0; i < plan->n_columns; i++) AR_TRY(parse_column(row, i));
    if (row->owners_column > 0) AR_TRY(parse_owners(row));
    *out_row = ar_move(row);
    return ar_ok();
}

void ar_row_free(ar_row **row)
{
    ar_row *r = *row;

    if (r == NULL) return;
    ar_survey_done(&r->survey);
    ar_arena_done(&r->scratch);
    ar_arena_done(&r->arena);
    free(r);
    *row = NULL;
}
