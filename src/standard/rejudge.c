#include "standard/evaluate.h"

#include "estate/estate.h"
#include "standard/judge.h"
#include "standard/owed.h"

/* ---- what follows what ---- */

/* A link that is another kind's id needs no look at that kind. */
static void add_linked(ar_buf *sql, const ar_judge *j, const ar_kind *kind,
                       const ar_expr_link *link)
{
    bool by_id = link->n == 1 && ar_str_eq(link->ours[0], AR_LIT("id"));

    ar_buf_addf(sql, "INSERT INTO %s SELECT DISTINCT ", j->some);
    if (ar_judge_is_of_all(kind))
        ar_buf_addz(sql, "a.kind");
    else
        ar_sql_text(sql, kind->name);
    ar_buf_addz(sql, by_id ? ", b." : ", a.id FROM main.");
    ar_sql_name(sql, by_id ? link->theirs[0] : kind->name);
    ar_buf_addz(sql, by_id ? " FROM main." : " a JOIN main.");
    ar_sql_name(sql, link->table);
    ar_buf_addz(sql, " b");
    for (size_t i = 0; i < link->n && !by_id; i++) {
        ar_buf_addz(sql, i == 0 ? " ON b." : " AND b.");
        ar_sql_name(sql, link->theirs[i]);
        ar_buf_addz(sql, " = a.");
        ar_sql_name(sql, link->ours[i]);
    }
    ar_buf_addf(sql, " WHERE b.id IN (SELECT id FROM %s WHERE kind = ", j->some);
    ar_sql_text(sql, link->table);
    ar_buf_addz(sql, ");");
    if (!by_id) return;
    /* and what it led to before */
    ar_buf_addf(sql, "INSERT INTO %s SELECT DISTINCT ", j->some);
    ar_sql_text(sql, kind->name);
    ar_buf_addz(sql, ", old FROM ar.history WHERE kind = ");
    ar_sql_text(sql, link->table);
    ar_buf_addz(sql, " AND col = ");
    ar_sql_text(sql, link->theirs[0]);
    ar_buf_addf(sql, " AND old IS NOT NULL AND changed_at >= make_timestamp(%lld);",
                (long long)j->asof);
}

static bool judges(const ar_standards *standards, const ar_kind *kind)
{
    for (size_t i = 0; i < standards->n; i++)
        if (standards->list[i].kind == kind) return true;
    return false;
}

/* The kinds of which there are some. */
static ar_err read_kinds(ar_judge *j, ar_map *out)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;

    ar_buf_addf(&sql, "SELECT DISTINCT kind FROM %s", j->some);
    AR_TRY(ar_engine_query(j->engine, ar_buf_str(&sql), NULL, 0, &rows));
    while (ar_rows_next(rows))
        (void)ar_map_put(out, j->arena, ar_arena_copy(j->arena, ar_rows_get(rows, 0).s), NULL);
    (void)ar_map_put(out, j->arena, AR_LIT("asset"), NULL); /* which has them all */
    return ar_ok();
}

/* A verdict may look at rows of another kind. */
static ar_err follow_links(ar_judge *j, const ar_kinds *kinds)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_map told = { 0 };

    AR_TRY(read_kinds(j, &told));
    for (size_t i = 0; i < kinds->n; i++) {
        const ar_kind *kind = &kinds->list[i];

        for (size_t k = 0; k < kind->scope.n_links && judges(j->standards, kind); k++)
            if (ar_map_get(&told, kind->scope.links[k].table) != NULL)
                add_linked(&sql, j, kind, &kind->scope.links[k]);
    }
    return sql.len > 0 ? ar_engine_exec(j->engine, sql.ptr) : ar_ok();
}

/* ---- what is judged, and what is kept of it ---- */

static ar_err gather_kind(ar_judge *j, const ar_kind *kind, ar_str table)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE ");
    ar_sql_name(&sql, table);
    ar_buf_addz(&sql, " AS SELECT * FROM main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addf(&sql, " WHERE id IN (SELECT id FROM %s WHERE kind = ", j->some);
    ar_sql_text(&sql, kind->name);
    ar_buf_addc(&sql, ')');
    return ar_engine_exec(j->engine, sql.ptr);
}

static ar_err gather_assets(ar_judge *j, ar_str asset, ar_str rows)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE ");
    ar_sql_name(&sql, ar_judge_some(j, asset));
    ar_buf_addz(&sql, " AS ");
    if (rows.len > 0)
        ar_buf_add(&sql, rows);
    else
        ar_buf_addz(&sql, "SELECT * FROM main.asset WHERE false");
    return ar_engine_exec(j->engine, sql.ptr);
}

static void add_kept(ar_buf *sql, const ar_judge *j, const ar_kind *kind)
{
    if (sql->len > 0) ar_buf_addz(sql, " UNION ALL ");
    ar_buf_addz(sql, "SELECT rowid AS row, number, judged, batch, kind, asset_id, bits, facts,"
                     " there, owner_id, domain_id FROM ar.verdict WHERE kind = ");
    ar_sql_text(sql, kind->name);
    ar_buf_addf(sql, " AND asset_id IN (SELECT id FROM %s WHERE kind = ", j->some);
    ar_sql_text(sql, kind->name);
    ar_buf_addc(sql, ')');
}

static ar_err drop_gathered(ar_judge *j, const ar_kinds *kinds, const ar_map *told)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "DROP TABLE IF EXISTS ar_kept");
    for (size_t i = 0; i < kinds->n; i++) {
        if (ar_map_get(told, kinds->list[i].name) == NULL) continue;
        ar_buf_addz(&sql, ";DROP TABLE IF EXISTS ");
        ar_sql_name(&sql, ar_judge_some(j, kinds->list[i].name));
    }
    return ar_engine_exec(j->engine, sql.ptr);
}

/* Each big table is read once, for all batches of standards. */
static ar_err gather(ar_judge *j, const ar_kinds *kinds, const ar_map *told)
{
    ar_auto(ar_buf) assets = { 0 }, kept = { 0 };
    const ar_kind *asset = NULL;

    for (size_t i = 0; i < kinds->n; i++)
        if (ar_judge_is_of_all(&kinds->list[i]) && judges(j->standards, &kinds->list[i]))
            asset = &kinds->list[i];
    for (size_t i = 0; i < kinds->n; i++) {
        const ar_kind *kind = &kinds->list[i];
        ar_auto(ar_buf) name = { 0 };
        ar_str table = ar_judge_some(j, kind->name);

        if (ar_judge_is_of_all(kind) || ar_map_get(told, kind->name) == NULL) continue;
        if (asset == NULL && !judges(j->standards, kind)) continue;
        AR_TRY(gather_kind(j, kind, table));
        add_kept(&kept, j, kind);
        ar_sql_name(&name, table);
        if (asset != NULL)
            AR_TRY(ar_estate_assets(j->engine, asset, kind, ar_buf_str(&name), &assets));
    }
    if (asset != NULL) AR_TRY(gather_assets(j, asset->name, ar_buf_str(&assets)));
    if (kept.len == 0) return ar_ok();
    return ar_engine_exec(
        j->engine,
        ar_arena_printf(j->arena, "CREATE OR REPLACE TEMP TABLE ar_kept AS %s", kept.ptr).ptr);
}

/* ---- counts ---- */

/* SQL: the bits that count otherwise now; all of them when the asset is another's. */
#define OTHER                                                                 \
    "CASE WHEN vanished OR is_new OR was_owner IS NOT DISTINCT FROM owner_id" \
    " AND was_domain IS NOT DISTINCT FROM domain_id THEN xor(old, new) ELSE -1 END"

/* ar_shift: by how much each standard's counts are others, by owner and domain. */
static ar_err find_shifts(ar_judge *j, const ar_roster_batch *batch)
{
    ar_value args[2] = { ar_text(batch->kind->name), ar_int(batch->number) };

    AR_TRY(ar_engine_exec(
        j->engine, "CREATE OR REPLACE TEMP TABLE ar_shift (standard_id VARCHAR, owner_id VARCHAR,"
                   " domain_id VARCHAR, pass BIGINT, fail BIGINT, unknown BIGINT)"));
    return ar_judge_run(
        j,
        "INSERT INTO ar_shift SELECT * FROM (SELECT s.standard_id, c.owner_id, c.domain_id,"
        " coalesce(sum(c.sign) FILTER ((c.bits >> 2 * s.slot) & 3 = 1), 0)::BIGINT AS pass,"
        " coalesce(sum(c.sign) FILTER ((c.bits >> 2 * s.slot) & 3 = 2), 0)::BIGINT AS fail,"
        " coalesce(sum(c.sign) FILTER ((c.bits >> 2 * s.slot) & 3 = 3), 0)::BIGINT AS unknown"
        " FROM (SELECT CASE WHEN vanished THEN was_owner ELSE owner_id END AS owner_id,"
        "   CASE WHEN vanished THEN was_domain ELSE domain_id END AS domain_id, 1 AS sign,"
        "   new AS bits, " OTHER " AS other FROM ar_change"
        "  UNION ALL SELECT was_owner, was_domain, -1, old, " OTHER " FROM ar_change"
        "   WHERE NOT is_new) c"
        " JOIN ar_slot s ON (c.bits >> 2 * s.slot) & 3 <> 0 AND (c.other >> 2 * s.slot) & 3 <> 0"
        " WHERE s.kind = $1 AND s.batch = $2 GROUP BY ALL)"
        " WHERE pass <> 0 OR fail <> 0 OR unknown <> 0",
        args, 2, NULL);
}

/* SQL: that the rows t and s are of one standard, owner and domain. */
#define SAME                                                                       \
    "t.standard_id = s.standard_id AND t.owner_id IS NOT DISTINCT FROM s.owner_id" \
    " AND t.domain_id IS NOT DISTINCT FROM s.domain_id"

static ar_err shift_tally(ar_judge *j)
{
    return ar_engine_exec(
        j->engine,
        "UPDATE ar.tally AS t SET pass = t.pass + s.pass, fail = t.fail + s.fail,"
        " unknown = t.unknown + s.unknown FROM ar_shift s WHERE " SAME ";"
        "INSERT INTO ar.tally SELECT s.*, NULL, NULL FROM ar_shift s ANTI JOIN ar.tally t ON " SAME
        ";DELETE FROM ar.tally WHERE pass = 0 AND fail = 0 AND unknown = 0");
}

/* ---- all of it ---- */

/* By a standard that is new, or not what it was, all assets must be judged at once. */
static ar_err drop_fresh(ar_judge *j, ar_roster *roster)
{
    ar_own(ar_rows) rows = NULL;
    ar_map fresh = { 0 };

    AR_TRY(ar_engine_query(j->engine,
                           AR_LIT("SELECT s.standard_id FROM ar_slot s LEFT JOIN ar.verdict_slot v"
                                  " ON v.standard_id = s.standard_id AND v.kind = s.kind"
                                  " WHERE s.fresh OR v.slot IS NULL"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows))
        (void)ar_map_put(&fresh, j->arena, ar_arena_copy(j->arena, ar_rows_get(rows, 0).s), NULL);
    for (size_t i = 0; i < roster->n_batches; i++) {
        ar_roster_batch *batch = &roster->batches[i];

        batch->held = INT64_MAX;
        for (size_t k = 0; k < AR_SCAN_SLOTS; k++) {
            const ar_standard *s = batch->slots[k];

            if (s != NULL && ar_map_get(&fresh, s->id) != NULL) batch->slots[k] = NULL;
            if (batch->slots[k] != NULL) batch->held &= ~(INT64_C(3) << 2 * k);
        }
    }
    return ar_ok();
}

/* *out_turned: findings opened, closed or changed. */
static ar_err evaluate_some_of(ar_judge *j, const ar_roster_batch *batch, ar_evaluated *sum,
                               int64_t *out_turned)
{
    ar_judge_sum found;

    AR_TRY(ar_judge_batch(j, batch));
    AR_TRY(ar_judge_changes(j, batch, &found));
    *out_turned = found.turned;
    if (found.changes > 0) {
        AR_TRY(find_shifts(j, batch));
        AR_TRY(ar_judge_turn(j, &found, sum));
        AR_TRY(ar_judge_note(j, batch, &found));
        AR_TRY(ar_judge_keep(j, batch, &found));
        AR_TRY(shift_tally(j));
    }
    return ar_judge_shares(j, batch);
}

/* Only an evaluation to which an episode refers is kept. */
static ar_err keep_run(ar_judge *j, ar_time now, const ar_evaluation *e)
{
    ar_value args[] = { ar_int(j->id), ar_at(now), ar_at(j->asof), ar_int(0), ar_int(0) };

    for (size_t i = 0; i < e->n; i++) {
        args[3].i += e->kinds[i].opened;
        args[4].i += e->kinds[i].closed;
    }
    return ar_judge_run(
        j,
        "INSERT INTO ar.evaluation (id, judged_at, as_of, standards, assets, scope, pass,"
        " fail, unknown, opened, closed, part) SELECT $1, $2, $3, l.standards, l.assets,"
        " s.pass + s.fail + s.unknown, s.pass, s.fail, s.unknown, $4, $5, true"
        " FROM (SELECT arg_max(standards, id) AS standards, arg_max(assets, id) AS assets"
        "  FROM ar.evaluation) l, (SELECT coalesce(sum(pass), 0)::BIGINT AS pass,"
        "  coalesce(sum(fail), 0)::BIGINT AS fail,"
        "  coalesce(sum(unknown), 0)::BIGINT AS unknown FROM ar.tally) s",
        args, AR_COUNT(args), NULL);
}

static ar_err evaluate_some(ar_judge *j, const ar_roster *roster, ar_time now, ar_evaluation *e)
{
    int64_t turned = 0;

    e->kinds = ar_make_n(j->arena, ar_evaluated, roster->n_batches);
    for (size_t i = 0; i < roster->n_batches; i++) {
        const ar_roster_batch *batch = &roster->batches[i];
        int64_t n = 0;

        if (batch->idle || !batch->viewed) continue;
        e->kinds[e->n].kind = batch->kind;
        AR_TRY_WITH(evaluate_some_of(j, batch, &e->kinds[e->n++], &n), "judging %.*s",
                    AR_FMT(batch->kind->name));
        turned += n;
    }
    return turned > 0 ? keep_run(j, now, e) : ar_ok();
}

ar_err ar_evaluate_some(ar_engine *engine, const ar_kinds *kinds, const ar_standards *standards,
                        const char *assets, ar_time now, ar_arena *arena,
                        ar_evaluation *out_evaluation)
{
    ar_judge j = {
        .engine = engine, .standards = standards, .some = assets, .stored = true, .arena = arena
    };
    ar_evaluation e = { 0 };
    ar_map told = { 0 };
    ar_roster roster;

    AR_TRY(ar_judge_last(&j, &e.last));
    *out_evaluation = e;
    if (e.last == AR_TIME_MIN) return ar_ok();
    j.asof = now > e.last ? now : e.last;
    AR_TRY(ar_judge_next(&j));
    AR_TRY(follow_links(&j, kinds));
    AR_TRY(read_kinds(&j, &told));
    if (told.n == 1) return ar_ok(); /* but for the kind of all: nothing came of it */
    AR_TRY(ar_roster_open(engine, kinds, standards, j.asof, 0, &told, arena, &roster));
    AR_TRY(drop_fresh(&j, &roster));
    AR_TRY(ar_scans_open(engine, arena, &j.scans));
    AR_TRY(gather(&j, kinds, &told));
    AR_TRY(ar_owed_begin(&j));
    AR_TRY(evaluate_some(&j, &roster, now, &e));
    AR_TRY(ar_owed_settle(&j));
    AR_TRY(drop_gathered(&j, kinds, &told));
    AR_TRY(ar_judge_end(&j));
    e.id = j.id;
    *out_evaluation = e;
    return ar_ok();
}
