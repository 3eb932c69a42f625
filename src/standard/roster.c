#include "standard/roster.h"

#include <stdlib.h>

typedef struct known {
    int64_t version;
    ar_str hash;
    ar_value since, first_judged;
    bool fresh;
} known;

typedef struct opening {
    ar_engine *engine;
    const ar_kinds *kinds;
    const ar_standards *standards;
    ar_time asof;
    int64_t evaluation;
    ar_arena *arena;
    known *of; /* by place in `standards` */
    ar_roster *to;
    size_t cap;
} opening;

/* ---- values as SQL, for many rows in one statement ---- */

static void add_value(ar_buf *sql, ar_value value)
{
    char at[AR_TIME_LEN];

    switch (value.type) {
    case AR_NULL: ar_buf_addz(sql, "NULL"); break;
    case AR_TEXT: ar_sql_text(sql, value.s); break;
    case AR_TIME: ar_buf_addf(sql, "TIMESTAMP '%s'", ar_time_print(value.i, at)); break;
    case AR_BOOL:
    case AR_INT:
    case AR_DOUBLE: ar_value_print(sql, value); break;
    }
}

static void add_row(ar_buf *sql, const ar_value *values, size_t n)
{
    ar_buf_addz(sql, sql->ptr[sql->len - 1] == ')' ? ", (" : " (");
    for (size_t i = 0; i < n; i++) {
        if (i > 0) ar_buf_addz(sql, ", ");
        add_value(sql, values[i]);
    }
    ar_buf_addc(sql, ')');
}

/* ---- what can be seen ---- */

static ar_err read_views(opening *o, ar_map *out_views)
{
    ar_own(ar_rows) rows = NULL;
    ar_str *views = ar_make_n(o->arena, ar_str, o->kinds->n);

    AR_TRY(ar_engine_query(o->engine,
                           AR_LIT("SELECT table_name, bool_or(column_name = 'gone')"
                                  " FROM information_schema.columns WHERE table_schema = 'main'"
                                  " AND column_name IN ('last_seen', 'gone')"
                                  " GROUP BY table_name HAVING bool_or(column_name = 'last_seen')"
                                  " ORDER BY table_name"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        ar_str name = ar_arena_copy(o->arena, ar_rows_get(rows, 0).s);
        const ar_kind *kind;

        if (ar_kinds_find(o->kinds, name, &kind).code != AR_OK) continue;
        ar_map_put(out_views, o->arena, name, NULL)->n = ar_rows_get(rows, 1).b ? 2 : 1;
        if (!kind->view) views[o->to->n_views++] = name;
    }
    o->to->views = views;
    return ar_ok();
}

/* ---- versions ---- */

static ar_err read_known(opening *o)
{
    ar_own(ar_rows) rows = NULL;
    ar_map places = { 0 };

    o->of = ar_make_n(o->arena, known, o->standards->n);
    for (size_t i = 0; i < o->standards->n; i++)
        ar_map_put(&places, o->arena, o->standards->list[i].id, NULL)->n = (int64_t)i;
    AR_TRY(ar_engine_query(o->engine,
                           AR_LIT("SELECT id, version, hash, since, first_judged FROM ar.standard"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        const ar_map_value *place = ar_map_get(&places, ar_rows_get(rows, 0).s);

        if (place == NULL) continue;
        o->of[place->n] = (known){ .version = ar_rows_get(rows, 1).i,
                                   .hash = ar_arena_copy(o->arena, ar_rows_get(rows, 2).s),
                                   .since = ar_rows_get(rows, 3),
                                   .first_judged = ar_rows_get(rows, 4) };
    }
    for (size_t i = 0; i < o->standards->n; i++) {
        known *k = &o->of[i];

        if (k->version > 0 && ar_str_eq(k->hash, o->standards->list[i].hash)) continue;
        k->fresh = k->version > 0;
        if (k->version++ == 0) k->first_judged = ar_at(o->asof);
        k->since = ar_at(o->asof);
    }
    return ar_ok();
}

static ar_str joined(const ar_str *texts, size_t n, ar_arena *arena)
{
    ar_auto(ar_buf) all = { 0 };

    for (size_t i = 0; i < n; i++) {
        if (i > 0) ar_buf_addz(&all, ", ");
        ar_buf_add(&all, texts[i]);
    }
    return ar_arena_copy(arena, ar_buf_str(&all));
}

enum { VERSION = 15 }; /* where the version, its hash and its date are in a row of ar.standard */

static void add_standard(opening *o, size_t place, ar_buf *rows, ar_buf *versions)
{
    const ar_standard *s = &o->standards->list[place];
    const known *k = &o->of[place];
    ar_value row[] = {
        ar_text(s->id),
        ar_textz(s->practice ? "practice" : "standard"),
        ar_text(s->title),
        ar_text(s->statement),
        ar_text(s->pillar),
        ar_text(s->kind->name),
        ar_int(s->risk),
        ar_text(s->owner),
        ar_text_or_null(s->template),
        ar_text_or_null(joined(s->gates, s->n_gates, o->arena)),
        ar_text(ar_standard_expr_text(s->pass, o->arena)),
        ar_text_or_null(s->action),
        s->due > 0 ? ar_int(s->due) : ar_null(),
        s->waiver_max > 0 ? ar_int(s->waiver_max) : ar_null(),
        ar_int((int64_t)place),
        ar_int(k->version),
        ar_text(s->hash),
        k->since,
        s->has_issued ? ar_at(s->issued) : ar_null(),
        ar_bool(s->shipped),
        k->first_judged,
        ar_at(o->asof),
        ar_null(),
        ar_null(),
    };
    ar_value version[] = {
        row[0],           row[VERSION],
        row[VERSION + 1], row[VERSION + 2],
        row[5],           ar_text_or_null(ar_standard_expr_text(s->where, o->arena)),
        row[10],          ar_text_or_null(ar_standard_params_text(s, o->arena)),
    };

    add_row(rows, row, AR_COUNT(row));
    if (!ar_str_eq(k->hash, s->hash)) add_row(versions, version, AR_COUNT(version));
}

static ar_err keep_standards(opening *o)
{
    ar_auto(ar_buf) rows = { 0 }, versions = { 0 }, ids = { 0 };
    ar_value args[1] = { ar_at(o->asof) };
    size_t head;

    ar_buf_addz(&rows, "INSERT INTO ar.standard VALUES");
    ar_buf_addz(&versions, "INSERT INTO ar.standard_version VALUES");
    head = versions.len;
    ar_buf_addz(&ids, "DELETE FROM ar.standard WHERE id IN (");
    for (size_t i = 0; i < o->standards->n; i++) {
        add_standard(o, i, &rows, &versions);
        if (i > 0) ar_buf_addz(&ids, ", ");
        ar_sql_text(&ids, o->standards->list[i].id);
    }
    ar_buf_addc(&ids, ')');
    AR_TRY(ar_engine_run(o->engine,
                         AR_LIT("UPDATE ar.standard SET retired_at = $1 WHERE retired_at IS NULL"
                                " AND id NOT IN (SELECT standard_id FROM ar_held)"),
                         args, 1, NULL));
    AR_TRY(ar_engine_exec(o->engine, "UPDATE ar.standard SET error = h.error FROM ar_held h"
                                     " WHERE ar.standard.id = h.standard_id"));
    if (o->standards->n > 0) {
        AR_TRY(ar_engine_exec(o->engine, ids.ptr));
        AR_TRY(ar_engine_exec(o->engine, rows.ptr));
    }
    return versions.len > head ? ar_engine_exec(o->engine, versions.ptr) : ar_ok();
}

/* ---- slots ---- */

static ar_roster_batch *batch_of(opening *o, const ar_kind *kind, int64_t number)
{
    ar_roster *to = o->to;

    for (size_t i = 0; i < to->n_batches; i++)
        if (to->batches[i].kind == kind && to->batches[i].number == number) return &to->batches[i];
    ar_grow(o->arena, to->batches, to->n_batches, o->cap);
    to->batches[to->n_batches] = (ar_roster_batch){ .kind = kind, .number = number };
    return &to->batches[to->n_batches++];
}

typedef struct freed {
    ar_str kind, standard;
    int64_t batch, slot;
    bool removed; /* else: it judges another kind now */
} freed;

/* Where the kind is gone too there is nothing to scan, and nothing to keep bits from. */
static void hold(opening *o, const freed *f)
{
    const ar_kind *kind;

    if (ar_kinds_find(o->kinds, f->kind, &kind).code == AR_OK)
        batch_of(o, kind, f->batch)->held |= INT64_C(3) << 2 * f->slot;
}

/* Gives each standard the slot that it had. What had one and has none now is in `out`. */
static ar_err read_slots(opening *o, bool *placed, freed **out, size_t *out_n)
{
    ar_own(ar_rows) rows = NULL;
    size_t cap = 0;

    AR_TRY(ar_engine_query(o->engine,
                           AR_LIT("SELECT kind, standard_id, batch, slot FROM ar.verdict_slot"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        freed f = { ar_arena_copy(o->arena, ar_rows_get(rows, 0).s),
                    ar_arena_copy(o->arena, ar_rows_get(rows, 1).s), ar_rows_get(rows, 2).i,
                    ar_rows_get(rows, 3).i, false };
        const ar_standard *s;

        if (ar_standards_bad(o->standards, f.standard) != NULL) {
            hold(o, &f);
            continue;
        }
        f.removed = ar_standards_find(o->standards, f.standard, &s).code != AR_OK;
        if (f.removed || !ar_str_eq(s->kind->name, f.kind)) {
            ar_grow(o->arena, *out, *out_n, cap);
            (*out)[(*out_n)++] = f;
            continue;
        }
        batch_of(o, s->kind, f.batch)->slots[f.slot] = s;
        placed[s - o->standards->list] = true;
    }
    return ar_ok();
}

static ar_err free_slot(opening *o, const freed *f)
{
    ar_value find[] = { ar_text(f->standard), ar_int(o->evaluation),
                        ar_textz(f->removed ? "standard_removed" : "standard_changed") };
    ar_value slot[] = { ar_text(f->kind), ar_int(f->batch), ar_int(~(INT64_C(3) << 2 * f->slot)) };
    ar_value gone[] = { ar_text(f->kind), ar_text(f->standard) };
    int64_t n;

    AR_TRY(ar_engine_exec(o->engine, "INSERT INTO ar.verdict_change (part) VALUES (NULL)"));
    AR_TRY(
        ar_engine_run(o->engine,
                      AR_LIT("INSERT INTO ar.closed_finding SELECT verdict, standard_id, episode,"
                             " version, opened, opened_as, $2, $3 FROM ar.open_finding"
                             " WHERE standard_id = $1 ORDER BY verdict"),
                      find, 3, &n));
    AR_TRY(ar_engine_run(o->engine, AR_LIT("DELETE FROM ar.open_finding WHERE standard_id = $1"),
                         find, 1, NULL));
    AR_TRY(ar_engine_run(o->engine, AR_LIT("DELETE FROM ar.owed WHERE standard_id = $1"), find, 1,
                         NULL));
    o->to->closed += n;
    AR_TRY(ar_engine_run(o->engine,
                         AR_LIT("UPDATE ar.verdict SET bits = bits & $3"
                                " WHERE judged = $1 AND batch = $2 AND bits <> bits & $3"),
                         slot, 3, NULL));
    return ar_engine_run(o->engine,
                         AR_LIT("DELETE FROM ar.verdict_slot WHERE kind = $1 AND standard_id = $2"),
                         gone, 2, NULL);
}

/* The lowest free slot of the kind. */
static ar_err take_slot(opening *o, const ar_standard *s)
{
    for (int64_t number = 0;; number++) {
        ar_roster_batch *batch = batch_of(o, s->kind, number);
        size_t slot = 0;
        ar_value row[] = { ar_text(s->kind->name), ar_int(number), ar_null(), ar_text(s->id) };

        while (slot < AR_SCAN_SLOTS &&
               (batch->slots[slot] != NULL || (batch->held >> 2 * slot & 3) != 0))
            slot++;
        if (slot == AR_SCAN_SLOTS) continue;
        batch->slots[slot] = s;
        row[2] = ar_int((int64_t)slot);
        if (o->evaluation == 0) return ar_ok();
        return ar_engine_run(
            o->engine, AR_LIT("INSERT INTO ar.verdict_slot VALUES ($1, $2, $3, $4)"), row, 4, NULL);
    }
}

static ar_err settle_slots(opening *o)
{
    bool *placed = ar_make_n(o->arena, bool, o->standards->n);
    freed *out = NULL;
    size_t n = 0;

    AR_TRY(read_slots(o, placed, &out, &n));
    for (size_t i = 0; i < n && o->evaluation > 0; i++) AR_TRY(free_slot(o, &out[i]));
    for (size_t i = 0; i < o->standards->n; i++)
        if (!placed[i]) AR_TRY(take_slot(o, &o->standards->list[i]));
    return ar_ok();
}

static ar_err make_held_table(opening *o)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE ar_held (standard_id VARCHAR, error VARCHAR)");
    if (o->standards->n_bad > 0) ar_buf_addz(&sql, "; INSERT INTO ar_held VALUES");
    for (size_t i = 0; i < o->standards->n_bad; i++) {
        const ar_definition_bad *bad = &o->standards->bad[i];

        add_row(&sql, (ar_value[]){ ar_text(bad->name), ar_text(bad->error) }, 2);
    }
    return ar_engine_exec(o->engine, sql.ptr);
}

static ar_err make_slot_table(opening *o)
{
    ar_auto(ar_buf) rows = { 0 };
    size_t head;

    ar_buf_addz(&rows, "INSERT INTO ar_slot VALUES");
    head = rows.len;
    for (size_t i = 0; i < o->to->n_batches; i++)
        for (size_t slot = 0; slot < AR_SCAN_SLOTS; slot++) {
            const ar_roster_batch *batch = &o->to->batches[i];
            const ar_standard *s = batch->slots[slot];

            if (s == NULL) continue;
            add_row(&rows,
                    (ar_value[]){ ar_text(batch->kind->name), ar_int(batch->number),
                                  ar_int((int64_t)slot), ar_text(s->id),
                                  ar_int(o->of[s - o->standards->list].version),
                                  ar_bool(o->of[s - o->standards->list].fresh) },
                    6);
        }
    AR_TRY(ar_engine_exec(o->engine,
                          "CREATE OR REPLACE TEMP TABLE ar_slot (kind VARCHAR, batch BIGINT,"
                          " slot BIGINT, standard_id VARCHAR, version BIGINT, fresh BOOLEAN)"));
    return rows.len > head ? ar_engine_exec(o->engine, rows.ptr) : ar_ok();
}

static ar_err add_busy(opening *o, ar_str sql, ar_map *busy)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(o->engine, sql, NULL, 0, &rows));
    while (ar_rows_next(rows))
        (void)ar_map_put(busy, o->arena, ar_arena_copy(o->arena, ar_rows_get(rows, 0).s), NULL);
    return ar_ok();
}

/* Which kinds with sources have verdicts, and which of the others have assets, in one question for
 * all of these: their views are dear to plan. */
static ar_err find_busy(opening *o, ar_map *busy)
{
    ar_auto(ar_buf) sql = { 0 };

    AR_TRY(add_busy(o, AR_LIT("SELECT DISTINCT judged FROM ar.verdict WHERE bits <> 0 OR there"),
                    busy));
    for (size_t i = 0; i < o->to->n_views; i++) {
        ar_str view = o->to->views[i];

        if (ar_map_get(busy, view) != NULL) continue;
        ar_buf_addz(&sql, sql.len > 0 ? " UNION ALL SELECT " : "SELECT ");
        ar_sql_text(&sql, view);
        ar_buf_addz(&sql, " WHERE EXISTS (SELECT 1 FROM ");
        ar_sql_name(&sql, view);
        ar_buf_addc(&sql, ')');
    }
    return sql.len > 0 ? add_busy(o, ar_buf_str(&sql), busy) : ar_ok();
}

static bool is_empty(const ar_roster_batch *batch)
{
    size_t slot = 0;

    while (slot < AR_SCAN_SLOTS && batch->slots[slot] == NULL) slot++;
    return slot == AR_SCAN_SLOTS;
}

/* What aright's own tables say comes last: work items are what is found of all else. */
static int batch_order(const void *left, const void *right)
{
    const ar_roster_batch *a = left, *b = right;
    int order = a->kind->view - b->kind->view;

    if (order == 0) order = ar_str_cmp(a->kind->name, b->kind->name);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

ar_err ar_roster_open(ar_engine *engine, const ar_kinds *kinds, const ar_standards *standards,
                      ar_time asof, int64_t evaluation, const ar_map *only, ar_arena *arena,
                      ar_roster *out_roster)
{
    ar_roster to = { 0 };
    opening o = { .engine = engine,
                  .kinds = kinds,
                  .standards = standards,
                  .asof = asof,
                  .evaluation = evaluation,
                  .arena = arena,
                  .to = &to };
    ar_map views = { 0 }, busy = { 0 };

    AR_TRY(read_views(&o, &views));
    AR_TRY(read_known(&o));
    AR_TRY(make_held_table(&o));
    if (evaluation > 0) AR_TRY(keep_standards(&o));
    AR_TRY(settle_slots(&o));
    AR_TRY(make_slot_table(&o));
    if (only == NULL) AR_TRY(find_busy(&o, &busy));
    if (to.n_batches > 1) qsort(to.batches, to.n_batches, sizeof *to.batches, batch_order);
    for (size_t i = 0; i < to.n_batches; i++) {
        const ar_map_value *view = ar_map_get(&views, to.batches[i].kind->name);

        to.batches[i].viewed = view != NULL;
        to.batches[i].gone = view != NULL && view->n == 2;
        to.batches[i].idle =
            is_empty(&to.batches[i]) ||
            ((only != NULL || !to.batches[i].kind->view) &&
             ar_map_get(only == NULL ? &busy : only, to.batches[i].kind->name) == NULL);
    }
    *out_roster = to;
    return ar_ok();
}
