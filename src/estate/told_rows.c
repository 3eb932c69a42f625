#include "estate/told_rows.h"

#include "estate/estate.h"
#include "estate/match.h"

#include <stdlib.h>

size_t ar_told_column(const ar_table *table, ar_str name)
{
    size_t i = 0;

    while (i < table->n_facts && !ar_str_eq(table->facts[i]->name, name)) i++;
    return i;
}

/* ---- as of when ---- */

/* "BASE TIME name name TIME name" */
static void read_told(const ar_table *table, ar_str text, ar_told_row *r)
{
    ar_time at = 0;
    bool first = true;
    ar_str word;

    while (ar_str_split(&text, ' ', &word)) {
        size_t column = ar_told_column(table, word);

        if (column < table->n_facts)
            r->at[column] = at;
        else if (ar_str_int(word, &at) && first)
            r->base = at;
        first = false;
    }
}

/* Columns of one time stand together. */
static ar_str print_told(const ar_table *table, const ar_told_row *r, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "%lld", (long long)r->base);
    for (size_t i = 1; i < table->n_facts; i++) {
        bool said = r->at[i] == AR_TIME_MIN;

        for (size_t k = 1; k < i && !said; k++) said = r->at[k] == r->at[i];
        if (said) continue;
        ar_buf_addf(&text, " %lld", (long long)r->at[i]);
        for (size_t k = i; k < table->n_facts; k++)
            if (r->at[k] == r->at[i]) ar_buf_addf(&text, " %.*s", AR_FMT(table->facts[k]->name));
    }
    return ar_arena_copy(arena, ar_buf_str(&text));
}

/* ---- rows as they are ---- */

static int by_row_and_time(const void *left, const void *right, void *self)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    const ar_told *facts = ((const ar_teller *)self)->facts;
    int ids = ar_str_cmp(facts[a].id, facts[b].id);

    if (ids != 0) return ids;
    if (facts[a].observed != facts[b].observed)
        return facts[a].observed < facts[b].observed ? -1 : 1;
    return (a > b) - (a < b);
}

bool ar_told_fits(const ar_table *table, const ar_told *fact)
{
    for (size_t i = 0; i < fact->n; i++) {
        size_t column = ar_told_column(table, fact->values[i].column);
        enum ar_type type = fact->values[i].value.type;

        if (column == table->n_facts || (type != AR_NULL && type != table->facts[column]->type))
            return false;
    }
    return true;
}

/* Those of the job's source that are still to be understood. */
void ar_teller_sort(ar_teller *t, size_t n_facts)
{
    t->order = ar_make_n(t->arena, size_t, n_facts);
    for (size_t i = 0; i < n_facts; i++) {
        if (!ar_str_eq(t->facts[i].source, t->job->spec->source)) continue;
        t->sum.facts++;
        if (t->job->known && ar_told_fits(&t->job->table, &t->facts[i]))
            t->order[t->n++] = i;
        else
            t->sum.dropped++;
    }
    qsort_r(t->order, t->n, sizeof *t->order, by_row_and_time, t);
}

static void make_rows(ar_teller *t)
{
    size_t n = t->job->table.n_facts;

    t->rows = ar_make_n(t->arena, ar_told_row, t->n);
    for (size_t i = 0; i < t->n; i++) {
        ar_str id = t->facts[t->order[i]].id;
        ar_told_row *r = &t->rows[t->n_rows];

        if (t->n_rows > 0 && ar_str_eq(r[-1].id, id)) continue;
        *r = (ar_told_row){ .id = id,
                            .was = ar_make_n(t->arena, ar_value, n),
                            .is = ar_make_n(t->arena, ar_value, n),
                            .at = ar_make_n(t->arena, ar_time, n),
                            .seen = AR_TIME_MIN };
        for (size_t k = 0; k < n; k++) r->at[k] = AR_TIME_MIN;
        t->n_rows++;
    }
}

typedef struct told_ids {
    const ar_teller *teller;
    size_t next;
} told_ids;

static ar_err next_ids(void *self, size_t lane, ar_vector_out *out, size_t *out_rows)
{
    told_ids *ids = self;
    size_t n = 0;

    (void)lane;
    for (; n < AR_ENGINE_BATCH && ids->next < ids->teller->n_rows; n++, ids->next++) {
        out[0].i[n] = (int64_t)ids->next;
        out[1].s[n] = ids->teller->rows[ids->next].id;
    }
    *out_rows = n;
    return ar_ok();
}

enum { PLACE, ROW, ASSET, SHARED, GONE, SEEN, TOLD, FACTS /* of what is read of a row */ };

static bool is_read(const ar_job *j, size_t column)
{
    return column > 0 && j->given[column] && j->table.stored[column];
}

static void take_row(ar_teller *t, ar_rows *rows)
{
    const ar_job *j = t->job;
    ar_told_row *r = &t->rows[ar_rows_get(rows, PLACE).i];
    ar_value gone = ar_rows_get(rows, GONE), seen = ar_rows_get(rows, SEEN);
    ar_value told = ar_rows_get(rows, TOLD), asset = ar_rows_get(rows, ASSET);
    size_t at = FACTS;

    r->there = true;
    r->row = ar_rows_get(rows, ROW).i;
    r->asset = ar_str_eq(asset.s, r->id) ? r->id : ar_arena_copy(t->arena, asset.s);
    r->shared = ar_rows_get(rows, SHARED).type == AR_BOOL;
    r->gone = gone.type == AR_TIME;
    if (seen.type != AR_TIME) seen = j->snapshot_at;
    r->seen = r->base = seen.type == AR_TIME ? seen.i : 0;
    if (told.type == AR_TEXT) read_told(&j->table, told.s, r);
    if (r->gone && gone.i > r->base) r->base = gone.i;
    for (size_t i = 1; i < j->table.n_facts; i++)
        if (is_read(j, i)) r->is[i] = r->was[i] = ar_value_copy(t->arena, ar_rows_get(rows, at++));
}

ar_err ar_teller_read(ar_teller *t)
{
    static const ar_str names[] = { AR_LIT("place"), AR_LIT("id") };
    static const enum ar_type types[] = { AR_INT, AR_TEXT };
    const ar_job *j = t->job;
    told_ids self = { .teller = t };
    ar_source ids = {
        .names = names, .types = types, .n_columns = 2, .next = next_ids, .self = &self
    };
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;

    ar_buf_addz(&sql, "SELECT d.place, t.rowid, coalesce(t._asset, t.id), t._shared, t._gone_at,"
                      " t._seen_at, t._told");
    for (size_t i = 1; i < j->table.n_facts; i++)
        if (is_read(j, i)) ar_buf_addz(&sql, ", t."), ar_sql_name(&sql, j->table.facts[i]->name);
    ar_buf_addz(&sql, " FROM told_ids() d JOIN ");
    ar_sql_src(&sql, j->kind);
    ar_buf_addf(&sql, " t ON t.id = d.id AND t._source = %lld", (long long)j->source);
    make_rows(t);
    AR_TRY(ar_engine_source(j->engine, "told_ids", &ids));
    ar_err err = ar_engine_query(j->engine, ar_buf_str(&sql), NULL, 0, &rows);
    AR_TRY(ar_engine_source(j->engine, "told_ids", NULL));
    AR_TRY(err);
    while (ar_rows_next(rows)) take_row(t, rows);
    return ar_ok();
}

/* ---- what the facts make of them ---- */

static void note_late(ar_teller *t, const ar_told_row *r, const ar_told *fact, size_t column)
{
    char was[AR_TIME_LEN], is[AR_TIME_LEN];
    ar_time known = r->at[column] > r->base ? r->at[column] : r->base;

    if (t->sum.problem.len > 0) return;
    t->sum.problem = ar_arena_printf(
        t->arena, "%.*s:%.*s: %.*s is known as of %s, a fact of %s came late",
        AR_FMT(t->job->kind->name), AR_FMT(r->id), AR_FMT(t->job->table.facts[column]->name),
        ar_time_print(known, was), ar_time_print(fact->observed, is));
}

static bool is_late(const ar_told_row *r, const ar_told *fact, size_t column)
{
    return fact->observed < r->base || fact->observed < r->at[column];
}

static void set_column(ar_teller *t, size_t place, size_t column, ar_value value, ar_time observed)
{
    ar_told_row *r = &t->rows[place];

    r->at[column] = observed;
    if (ar_value_eq(r->is[column], value)) return;
    ar_grow(t->arena, t->steps, t->n_steps, t->cap_steps);
    t->steps[t->n_steps++] = (ar_told_step){ place, column, r->is[column], value };
    r->is[column] = value;
}

static void take_fact(ar_teller *t, size_t place, const ar_told *fact)
{
    ar_told_row *r = &t->rows[place];
    bool late = false;

    for (size_t i = 0; i < fact->n; i++) {
        size_t column = ar_told_column(&t->job->table, fact->values[i].column);

        if (is_late(r, fact, column)) {
            late = true;
            note_late(t, r, fact, column);
            continue;
        }
        r->touched = true;
        set_column(t, place, column, fact->values[i].value, fact->observed);
    }
    t->sum.late += late;
    if (fact->n == 0 && fact->observed >= r->base) r->touched = true;
    if (r->touched && fact->observed > r->seen) r->seen = fact->observed;
}

/* What there is to be done about a row. */
static void weigh_row(ar_teller *t, ar_told_row *r, bool *differs)
{
    ar_job *j = t->job;
    bool back = r->there && r->gone;

    if (!r->touched) return;
    r->asked = r->whose = !r->there || back;
    r->changed = back;
    for (size_t i = 1; i < j->table.n_facts; i++) {
        if (!j->given[i] || ar_value_eq(r->was[i], r->is[i])) continue;
        r->changed |= r->there;
        differs[i] |= r->there;
        r->asked |= ar_match_asks(j->kind, j->table.facts[i]->name);
        r->whose |= ar_stage_names_owner(j->kind, j->table.facts[i]->name);
    }
    r->told = print_told(&j->table, r, t->arena);
    t->touched++;
    t->changed += r->changed;
    t->back += back;
    t->asked += r->asked;
    t->shared += r->shared;
    t->whose += r->whose;
    j->result.added += !r->there;
    j->result.changed += r->changed;
}

void ar_teller_take(ar_teller *t)
{
    size_t place = 0, n = t->job->table.n_facts;
    bool *differs = ar_make_n(t->arena, bool, n);

    for (size_t i = 0; i < t->n; i++) {
        const ar_told *fact = &t->facts[t->order[i]];

        while (!ar_str_eq(t->rows[place].id, fact->id)) place++;
        take_fact(t, place, fact);
    }
    for (size_t i = 0; i < t->n_rows; i++) weigh_row(t, &t->rows[i], differs);
    t->differing = ar_make_n(t->arena, size_t, n);
    for (size_t i = 0; i < n; i++)
        if (differs[i]) t->differing[t->n_differing++] = i;
}
