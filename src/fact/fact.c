#include "fact/fact.h"

#include "base/map.h"
#include "estate/row.h"

#include <stdlib.h>

/* What reads the facts of one kind: a batch of one row, filled by the names of its fields. */
typedef struct kind_reader {
    const ar_kind *kind;
    ar_plan plan;
    ar_batch batch;
    bool *given;
    ar_row *row;
} kind_reader;

struct ar_fact_reader {
    ar_arena arena;
    const ar_kinds *kinds;
    ar_map of; /* kind_reader, by kind */
    kind_reader **list;
    size_t n, cap;
};

void ar_fact_reader_new(const ar_kinds *kinds, ar_fact_reader **out_reader)
{
    ar_fact_reader *reader = calloc(1, sizeof *reader);

    if (reader == NULL) abort();
    reader->kinds = kinds;
    *out_reader = reader;
}

void ar_fact_reader_free(ar_fact_reader **reader)
{
    if (*reader == NULL) return;
    for (size_t i = 0; i < (*reader)->n; i++) {
        ar_row_free(&(*reader)->list[i]->row);
        ar_batch_done(&(*reader)->list[i]->batch);
    }
    ar_arena_done(&(*reader)->arena);
    free(*reader);
    *reader = NULL;
}

static ar_err make_kind(ar_fact_reader *reader, const ar_kind *kind, kind_reader **out)
{
    static const ar_connector by_name = { 0 };
    ar_arena *arena = &reader->arena;
    kind_reader *k = ar_make(arena, kind_reader);
    ar_feed_column *columns;

    k->kind = kind;
    ar_plan_make(&by_name, kind, AR_LIT("facts"), arena, &k->plan);
    columns = ar_make_n(arena, ar_feed_column, k->plan.n_columns);
    for (size_t i = 0; i < k->plan.n_columns; i++)
        columns[i] = (ar_feed_column){ k->plan.columns[i].name, k->plan.columns[i].type };
    k->given = ar_make_n(arena, bool, k->plan.n_columns);
    ar_batch_init(&k->batch, columns, k->plan.n_columns, arena);
    AR_TRY(ar_row_new(&k->plan, &k->batch, k->given, &k->row));
    ar_grow(arena, reader->list, reader->n, reader->cap);
    reader->list[reader->n++] = k;
    ar_map_put(&reader->of, arena, kind->name, NULL)->ptr = k;
    *out = k;
    return ar_ok();
}

/* ---- one row ---- */

static ar_err find_kind(ar_fact_reader *reader, ar_str name, kind_reader **out)
{
    const ar_map_value *found = ar_map_get(&reader->of, name);
    const ar_kind *kind;

    if (found != NULL) return *out = found->ptr, ar_ok();
    AR_TRY(ar_kinds_find(reader->kinds, name, &kind));
    if (kind->view)
        return ar_fail(AR_INVALID, "of kind %.*s aright itself keeps the register", AR_FMT(name));
    return make_kind(reader, kind, out);
}

static ar_err read_observed(ar_str file, const ar_node *row, ar_time now, ar_time *out)
{
    ar_str text = { 0 };
    char at[AR_TIME_LEN];

    *out = now;
    AR_TRY(ar_node_text(file, row, "observed", false, &text));
    if (text.len == 0) return ar_ok();
    ar_err err = ar_time_parse(text, out);
    if (err.code != AR_OK) return ar_context(err, "observed");
    if (*out <= now + AR_FACT_AHEAD_S * AR_SECOND) return ar_ok();
    return ar_fail(AR_INVALID, "observed: %.*s is yet to come (it is %s here)", AR_FMT(text),
                   ar_time_print(now, at));
}

/* Rows of imports may have fields that are no columns; who tells a fact means a column. */
static ar_err check_columns(const kind_reader *k, const ar_node *facts)
{
    for (size_t i = 0; i < facts->n; i++) {
        const ar_kind_column *column = ar_kind_column_find(k->kind, facts->pairs[i].key);

        if (column == NULL)
            return ar_fail(AR_INVALID, "kind %.*s has no column '%.*s' (`aright kind show %.*s`)",
                           AR_FMT(k->kind->name), AR_FMT(facts->pairs[i].key),
                           AR_FMT(k->kind->name));
        if (!ar_column_is_fact(column) || ar_str_eq(column->name, AR_LIT("id")))
            return ar_fail(AR_INVALID, "column '%.*s' is no fact that can be told",
                           AR_FMT(column->name));
    }
    return ar_ok();
}

/* The row as an import of the kind would show it. */
static ar_node *item_of(const ar_node *row, const ar_node *facts, ar_arena *arena)
{
    ar_node *item = ar_make(arena, ar_node);

    *item = (ar_node){ .kind = AR_NODE_MAP, .pairs = ar_make_n(arena, ar_pair, facts->n + 1) };
    for (size_t i = 0; i < row->n; i++)
        if (ar_str_eq(row->pairs[i].key, AR_LIT("id"))) item->pairs[item->n++] = row->pairs[i];
    for (size_t i = 0; i < facts->n; i++) item->pairs[item->n++] = facts->pairs[i];
    return item;
}

static void take_values(const kind_reader *k, ar_arena *arena, ar_told *out)
{
    ar_told_value *values = ar_make_n(arena, ar_told_value, k->plan.n_columns);

    out->id = ar_arena_copy(arena, k->batch.views[0].s[0]);
    for (size_t i = 1; i < k->plan.n_columns; i++)
        if (k->given[i])
            values[out->n++] = (ar_told_value){
                k->plan.columns[i].name,
                ar_vector_has(&k->batch.views[i], 0)
                    ? ar_value_copy(arena, ar_vector_value(&k->batch.views[i], 0))
                    : ar_null(),
            };
    out->values = values;
}

static ar_err read_row(ar_fact_reader *reader, ar_str file, int64_t line, const ar_node *row,
                       ar_time now, ar_arena *arena, ar_fact *out)
{
    static const ar_str names[] = { AR_LIT("kind"), AR_LIT("id"), AR_LIT("observed"),
                                    AR_LIT("facts") };
    const ar_node *facts = NULL;
    kind_reader *k = NULL;

    AR_TRY(ar_node_only(file, row, names, AR_COUNT(names)));
    AR_TRY(ar_node_text(file, row, "kind", true, &out->kind));
    AR_TRY(ar_node_map(file, row, "facts", true, &facts));
    AR_TRY(find_kind(reader, out->kind, &k));
    AR_TRY(read_observed(file, row, now, &out->told.observed));
    AR_TRY(check_columns(k, facts));
    k->plan.payload = file;
    memset(k->given, 0, k->plan.n_columns * sizeof *k->given);
    ar_batch_clear(&k->batch);
    AR_TRY(ar_row_add(k->row, line, &(ar_scope){ .item = item_of(row, facts, arena) }));
    out->kind = k->kind->name;
    take_values(k, arena, &out->told);
    return ar_ok();
}

ar_err ar_fact_read(ar_fact_reader *reader, ar_str file, int64_t line, const ar_node *row,
                    ar_time now, ar_arena *arena, ar_fact *out_fact)
{
    ar_fact fact = { 0 };
    ar_err err = read_row(reader, file, line, row, now, arena, &fact);

    if (err.code == AR_OK) return *out_fact = fact, err;
    if (ar_str_starts(ar_err_text(err), file)) return err;
    return ar_context(err, "%.*s:%lld", AR_FMT(file), (long long)line);
}

/* ---- in a record ---- */

enum { KIND, ID, OBSERVED, COUNT, HEAD };

size_t ar_fact_width(const ar_fact *fact)
{
    return HEAD + 2 * fact->told.n;
}

void ar_fact_values(const ar_fact *fact, ar_value *values)
{
    values[KIND] = ar_text(fact->kind);
    values[ID] = ar_text(fact->told.id);
    values[OBSERVED] = ar_at(fact->told.observed);
    values[COUNT] = ar_int((int64_t)fact->told.n);
    for (size_t i = 0; i < fact->told.n; i++) {
        values[HEAD + 2 * i] = ar_text(fact->told.values[i].column);
        values[HEAD + 2 * i + 1] = fact->told.values[i].value;
    }
}

ar_err ar_fact_take(const ar_value *values, size_t n, size_t *at, ar_arena *arena,
                    ar_fact *out_fact)
{
    const ar_value *v = values + *at;
    size_t left = n - *at;

    if (left < HEAD || v[KIND].type != AR_TEXT || v[ID].type != AR_TEXT ||
        v[OBSERVED].type != AR_TIME || v[COUNT].type != AR_INT || v[COUNT].i < 0 ||
        (uint64_t)v[COUNT].i > (left - HEAD) / 2)
        return ar_fail(AR_INVALID, "a fact is not as it was written");

    size_t n_values = (size_t)v[COUNT].i;
    ar_told_value *told = ar_make_n(arena, ar_told_value, n_values);

    for (size_t i = 0; i < n_values; i++) {
        if (v[HEAD + 2 * i].type != AR_TEXT)
            return ar_fail(AR_INVALID, "a fact is not as it was written");
        told[i] = (ar_told_value){ v[HEAD + 2 * i].s, v[HEAD + 2 * i + 1] };
    }
    *out_fact = (ar_fact){
        .kind = v[KIND].s,
        .told = { .id = v[ID].s, .observed = v[OBSERVED].i, .values = told, .n = n_values }
    };
    *at += HEAD + 2 * n_values;
    return ar_ok();
}
