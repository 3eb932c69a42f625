#include "standard/owed.h"

ar_err ar_owed_begin(ar_judge *j)
{
    return ar_engine_exec(j->engine,
                          "CREATE OR REPLACE TEMP TABLE ar_moved (standard_id VARCHAR,"
                          " owner_id VARCHAR, domain_id VARCHAR, opened BIGINT, weight BIGINT,"
                          " fail BOOLEAN, reopened BOOLEAN, sign BIGINT)");
}

ar_err ar_owed_turned(ar_judge *j)
{
    ar_value id = ar_int(j->id);

    AR_TRY(ar_engine_exec(
        j->engine, "INSERT INTO ar_moved SELECT standard_id, owner_id, domain_id, opened,"
                   " coalesce(criticality, 3), CASE WHEN sign < 0 THEN state = 'fail'"
                   " ELSE new = 2 END, episode > 1, sign"
                   " FROM ar_turned, (VALUES (-1), (1)) s(sign) WHERE sign < 0 OR new >= 2"));
    return ar_judge_run(j,
                        "INSERT INTO ar.fixed SELECT $1, owner_id, count(*) FROM ar_turned"
                        " WHERE new = 1 AND NOT merged AND NOT deleted AND NOT fresh"
                        " GROUP BY owner_id",
                        &id, 1, NULL);
}

ar_err ar_owed_retold(ar_judge *j)
{
    j->moved = true;
    return ar_engine_exec(
        j->engine,
        "CREATE OR REPLACE TEMP TABLE ar_retold AS SELECT f.rowid AS row, f.standard_id,"
        " f.opened, f.state = 'fail' AS fail, f.episode > 1 AS reopened,"
        " f.owner_id AS old_owner, f.domain_id AS old_domain, f.criticality AS old_criticality,"
        " c.owner_id, c.domain_id, c.criticality FROM ar.open_finding f JOIN ar_change c"
        " ON c.number = f.verdict WHERE c.retold AND (f.owner_id IS DISTINCT FROM c.owner_id"
        " OR f.domain_id IS DISTINCT FROM c.domain_id"
        " OR f.criticality IS DISTINCT FROM c.criticality);"
        "INSERT INTO ar_moved SELECT standard_id, old_owner, old_domain, opened,"
        " coalesce(old_criticality, 3), fail, reopened, -1 FROM ar_retold;"
        "INSERT INTO ar_moved SELECT standard_id, owner_id, domain_id, opened,"
        " coalesce(criticality, 3), fail, reopened, 1 FROM ar_retold;"
        "UPDATE ar.open_finding SET owner_id = r.owner_id, domain_id = r.domain_id,"
        " criticality = r.criticality FROM ar_retold r WHERE ar.open_finding.rowid = r.row;"
        "DROP TABLE ar_retold");
}

/* ---- at the end ---- */

/* SQL: that rows a and b are of one standard, owner and domain. */
#define SAME(a, b)                                                                  \
    a ".standard_id = " b ".standard_id AND " a ".owner_id IS NOT DISTINCT FROM " b \
      ".owner_id AND " a ".domain_id IS NOT DISTINCT FROM " b ".domain_id"

/* ar_net: how many more or fewer there are, of findings counted alike. */
static ar_err sum_moved(ar_judge *j)
{
    ar_value id = ar_int(j->id);

    return ar_judge_run(j,
                        "CREATE OR REPLACE TEMP TABLE ar_net AS SELECT * FROM (SELECT standard_id,"
                        " owner_id, domain_id, opened, weight, sum(sign)::BIGINT AS n,"
                        " coalesce(sum(sign) FILTER (fail), 0)::BIGINT AS fail,"
                        " coalesce(sum(sign) FILTER (reopened), 0)::BIGINT AS reopened FROM"
                        " (SELECT * FROM ar_moved UNION ALL SELECT standard_id, owner_id,"
                        "  domain_id, opened, coalesce(criticality, 3), state = 'fail',"
                        "  episode > 1, 1 FROM ar.open_finding WHERE opened = $1) GROUP BY ALL)"
                        " WHERE n <> 0 OR fail <> 0 OR reopened <> 0",
                        &id, 1, NULL);
}

/* ar_owing: the rows of ar.owed that become others. Where none is left of the first or weightiest,
 * or one came before it, what it is now (`again`) only the findings can say. */
static const char owing_sql[] =
    "CREATE OR REPLACE TEMP TABLE ar_owing AS SELECT *, open > 0 AND (at_opened <= 0"
    " OR at_weight <= 0 OR before) AS again FROM (SELECT o.rowid AS row, o.standard_id,"
    " o.owner_id, o.domain_id, o.open + sum(n.n)::BIGINT AS open,"
    " o.fail + sum(n.fail)::BIGINT AS fail, o.reopened + sum(n.reopened)::BIGINT AS reopened,"
    " o.opened, o.at_opened + coalesce(sum(n.n) FILTER (n.opened = o.opened), 0)::BIGINT"
    "  AS at_opened, o.weight,"
    " o.at_weight + coalesce(sum(n.n) FILTER (n.weight = o.weight), 0)::BIGINT AS at_weight,"
    " bool_or(n.n > 0 AND (n.opened < o.opened OR n.weight > o.weight)) AS before"
    " FROM ar_net n JOIN ar.owed o ON " SAME("o",
                                             "n") " GROUP BY o.rowid, o.standard_id, o.owner_id, "
                                                  "o.domain_id, o.open, o.fail, o.reopened,"
                                                  " o.opened, o.at_opened, o.weight, o.at_weight)";

static ar_err shift(ar_judge *j)
{
    AR_TRY(ar_engine_exec(j->engine, owing_sql));
    return ar_engine_exec(
        j->engine,
        "CREATE OR REPLACE TEMP TABLE ar_arrived AS FROM ar_net n ANTI JOIN ar.owed o ON " SAME(
            "o", "n") ";"
                      "DELETE FROM ar.owed WHERE rowid IN (SELECT row FROM ar_owing);"
                      "INSERT INTO ar.owed SELECT standard_id, owner_id, domain_id, open, fail, "
                      "reopened, opened,"
                      " at_opened, weight, at_weight FROM ar_owing WHERE open > 0 AND "
                      "NOT again;"
                      "INSERT INTO ar.owed " AR_OWED_OF("ar_arrived") ";"
                                                                      "DROP TABLE ar_arrived");
}

static ar_err count_again(ar_judge *j)
{
    int64_t n;

    AR_TRY(ar_judge_number(j, "SELECT count(*) FROM ar_owing WHERE again", NULL, 0, &n));
    if (n == 0) return ar_ok();
    return ar_engine_exec(
        j->engine, "CREATE OR REPLACE TEMP TABLE ar_again AS FROM " AR_OWED_COUNTED(
                       "(FROM ar.open_finding f SEMI JOIN (FROM ar_owing WHERE again) o ON " SAME(
                           "o", "f") ")") ";"
                                          "INSERT INTO ar.owed " AR_OWED_OF(
                                              "ar_again") "; DROP TABLE ar_again");
}

/* SQL: that something of the owner moved. */
#define MOVED "coalesce(owner_id, '') IN (SELECT coalesce(owner_id, '') FROM ar_net)"

/* With everything the standards may be others: how much they weigh, and what they give. */
static ar_err itemize(ar_judge *j)
{
    if (j->some == NULL)
        return ar_engine_exec(j->engine, "DELETE FROM ar.item;"
                                         "INSERT INTO ar.item " AR_ITEMS_OF(
                                             "ar.owed") " ORDER BY owner_id, standard_id");
    return ar_engine_exec(j->engine,
                          "DELETE FROM ar.item WHERE " MOVED ";"
                          "INSERT INTO ar.item " AR_ITEMS_OF("(FROM ar.owed WHERE " MOVED ")"));
}

static ar_err forget_fixed(ar_judge *j)
{
    ar_value since = ar_at(j->asof - AR_OWED_FIXED_DAYS * AR_DAY);

    return ar_judge_run(j,
                        "DELETE FROM ar.fixed WHERE evaluation IN"
                        " (SELECT id FROM ar.evaluation WHERE as_of <= $1)",
                        &since, 1, NULL);
}

/* Where all was judged, what each item weighs may be another though nothing moved. */
ar_err ar_owed_settle(ar_judge *j)
{
    int64_t known;

    if (j->some != NULL && !j->moved) return ar_engine_exec(j->engine, "DROP TABLE ar_moved");
    AR_TRY(ar_judge_number(j, "SELECT count(*) FROM ar.owed", NULL, 0, &known));
    if (known == 0) {
        AR_TRY(ar_engine_exec(j->engine,
                              "CREATE OR REPLACE TEMP TABLE ar_net AS FROM " AR_OWED_COUNTED(
                                  "ar.open_finding") ";"
                                                     "INSERT INTO ar.owed " AR_OWED_OF("ar_net")));
    } else {
        AR_TRY(sum_moved(j));
        AR_TRY(shift(j));
        AR_TRY(count_again(j));
    }
    AR_TRY(itemize(j));
    if (j->some == NULL) AR_TRY(forget_fixed(j));
    return ar_engine_exec(j->engine, "DROP TABLE ar_moved; DROP TABLE ar_net;"
                                     " DROP TABLE IF EXISTS ar_owing");
}
