#include "standard/evaluate.h"

#include "standard/judge.h"
#include "standard/owed.h"

static ar_err begin_run(ar_judge *j, ar_time now)
{
    ar_value args[3] = { ar_null(), ar_at(now), ar_at(j->asof) };

    AR_TRY(ar_judge_next(j));
    args[0] = ar_int(j->id);
    return ar_judge_run(j, "INSERT INTO ar.evaluation (id, judged_at, as_of) VALUES ($1, $2, $3)",
                        args, 3, NULL);
}

/* ---- one batch ---- */

static ar_err sum_batch(ar_judge *j, const ar_roster_batch *batch)
{
    ar_value args[2] = { ar_text(batch->kind->name), ar_int(batch->number) };

    return ar_judge_run(j,
                        "INSERT INTO ar_sum SELECT s.standard_id, g.owner_id, g.domain_id,"
                        " split_part(g.part, ' ', 2)::BIGINT, split_part(g.part, ' ', 3)::BIGINT,"
                        " split_part(g.part, ' ', 4)::BIGINT, NULL, NULL"
                        " FROM (SELECT owner_id, domain_id,"
                        "  unnest(string_split(ar_verdict_count(bits), ';')) AS part"
                        "  FROM ar_judged GROUP BY owner_id, domain_id) g"
                        " JOIN ar_slot s ON s.slot = split_part(g.part, ' ', 1)::BIGINT"
                        " WHERE g.part <> '' AND s.kind = $1 AND s.batch = $2",
                        args, 2, NULL);
}

static ar_err count_batch(ar_judge *j, const ar_roster_batch *batch, ar_evaluated *sum)
{
    int64_t assets;

    AR_TRY(ar_judge_number(j, "SELECT count(*) FROM ar_judged", NULL, 0, &assets));
    if (batch->number == 0) sum->assets = assets;
    return ar_ok();
}

static ar_err evaluate_batch(ar_judge *j, const ar_roster_batch *batch, ar_evaluated *sum)
{
    ar_judge_sum found;

    if (batch->idle) return ar_ok();
    AR_TRY(ar_judge_batch(j, batch));
    AR_TRY(sum_batch(j, batch));
    AR_TRY(ar_judge_shares(j, batch));
    AR_TRY(count_batch(j, batch, sum));
    if (!j->stored) return ar_ok();
    AR_TRY(ar_judge_changes(j, batch, &found));
    if (found.changes == 0) return ar_ok(); /* most days, of most kinds */
    AR_TRY(ar_judge_turn(j, &found, sum));
    AR_TRY(ar_judge_note(j, batch, &found));
    return ar_judge_keep(j, batch, &found);
}

/* ---- after all kinds ---- */

static ar_err keep_sums(ar_judge *j, const ar_roster *roster, const ar_evaluation *e)
{
    ar_value args[2] = { ar_int(j->id), ar_int((int64_t)j->standards->n) };
    int64_t assets = 0, opened = 0, closed = roster->closed;

    for (size_t i = 0; i < e->n; i++) {
        assets += ar_str_eq(e->kinds[i].kind->name, AR_LIT("asset")) ? 0 : e->kinds[i].assets;
        opened += e->kinds[i].opened;
        closed += e->kinds[i].closed;
    }
    AR_TRY(ar_engine_exec(j->engine,
                          "INSERT INTO ar_sum SELECT t.* FROM ar.tally t"
                          " JOIN ar_held h ON h.standard_id = t.standard_id;"
                          "DELETE FROM ar.tally;"
                          "INSERT INTO ar.tally FROM ar_sum ORDER BY owner_id, standard_id"));
    AR_TRY(ar_judge_run(
        j,
        "INSERT INTO ar.tally_history SELECT $1, n.* FROM (SELECT standard_id,"
        " sum(pass)::BIGINT AS pass, sum(fail)::BIGINT AS fail,"
        " sum(unknown)::BIGINT AS unknown, sum(numerator) AS numerator,"
        " sum(denominator) AS denominator FROM ar_sum GROUP BY standard_id) n"
        " LEFT JOIN (SELECT standard_id, arg_max(h, h.evaluation) AS h"
        "  FROM ar.tally_history h GROUP BY standard_id) o"
        " ON o.standard_id = n.standard_id"
        " WHERE (n.pass, n.fail, n.unknown, n.numerator, n.denominator) IS DISTINCT FROM"
        " (o.h.pass, o.h.fail, o.h.unknown, o.h.numerator, o.h.denominator)",
        args, 1, NULL));
    AR_TRY(ar_judge_run(
        j,
        "UPDATE ar.evaluation SET standards = $2, assets = $3, scope = s.pass + s.fail +"
        " s.unknown, pass = s.pass, fail = s.fail, unknown = s.unknown FROM (SELECT"
        " coalesce(sum(pass), 0)::BIGINT AS pass, coalesce(sum(fail), 0)::BIGINT AS fail,"
        " coalesce(sum(unknown), 0)::BIGINT AS unknown FROM ar_sum) s WHERE id = $1",
        (ar_value[]){ args[0], args[1], ar_int(assets) }, 3, NULL));
    return ar_judge_run(j, "UPDATE ar.evaluation SET opened = $2, closed = $3 WHERE id = $1",
                        (ar_value[]){ args[0], ar_int(opened), ar_int(closed) }, 3, NULL);
}

static ar_err count_states(ar_judge *j, ar_evaluation *e)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(j->engine,
                           AR_LIT("SELECT s.kind, sum(t.pass)::BIGINT, sum(t.fail)::BIGINT,"
                                  " sum(t.unknown)::BIGINT FROM ar_sum t JOIN ar_slot s"
                                  " ON s.standard_id = t.standard_id GROUP BY s.kind"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        size_t i = 0;

        while (!ar_str_eq(e->kinds[i].kind->name, ar_rows_get(rows, 0).s)) i++;
        e->kinds[i].pass = ar_rows_get(rows, 1).i;
        e->kinds[i].fail = ar_rows_get(rows, 2).i;
        e->kinds[i].unknown = ar_rows_get(rows, 3).i;
    }
    return ar_ok();
}

static ar_err evaluate_all(ar_judge *j, const ar_roster *roster, ar_evaluate_fn *tell, void *self,
                           ar_evaluation *e)
{
    ar_evaluated *sum = NULL;

    e->kinds = ar_make_n(j->arena, ar_evaluated, roster->n_batches);
    for (size_t i = 0; i < roster->n_batches; i++) {
        const ar_roster_batch *batch = &roster->batches[i];

        if (sum == NULL || sum->kind != batch->kind) {
            sum = &e->kinds[e->n++];
            sum->kind = batch->kind;
            if (tell != NULL) tell(self, batch->kind, i, roster->n_batches);
        }
        for (size_t k = 0; k < AR_SCAN_SLOTS; k++) sum->standards += batch->slots[k] != NULL;
        AR_TRY_WITH(evaluate_batch(j, batch, sum), "judging %.*s", AR_FMT(batch->kind->name));
    }
    return count_states(j, e);
}

ar_err ar_evaluate(ar_engine *engine, const ar_kinds *kinds, const ar_standards *standards,
                   ar_time now, ar_time asof, ar_evaluate_fn *tell, void *self, ar_arena *arena,
                   ar_evaluation *out_evaluation)
{
    ar_judge j = { .engine = engine, .standards = standards, .asof = asof, .arena = arena };
    ar_evaluation e = { 0 };
    ar_roster roster;

    AR_TRY(ar_judge_last(&j, &e.last));
    j.stored = asof >= e.last && asof <= now;
    if (j.stored) AR_TRY(begin_run(&j, now));
    AR_TRY(
        ar_roster_open(engine, kinds, standards, asof, j.stored ? j.id : 0, NULL, arena, &roster));
    AR_TRY(ar_scans_open(engine, arena, &j.scans));
    AR_TRY(ar_engine_exec(engine, "CREATE OR REPLACE TEMP TABLE ar_sum AS"
                                  " SELECT * FROM ar.tally LIMIT 0"));
    if (j.stored) AR_TRY(ar_owed_begin(&j));
    AR_TRY(evaluate_all(&j, &roster, tell, self, &e));
    if (j.stored) AR_TRY(keep_sums(&j, &roster, &e));
    if (j.stored) AR_TRY(ar_owed_settle(&j));
    AR_TRY(ar_judge_end(&j));
    e.id = j.id;
    *out_evaluation = e;
    return ar_ok();
}
