#include "standard/snapshot.h"

#include "form/hash.h"
#include "standard/waiver.h"

/* The names of the temporary tables: snap_slot (which standard is where in a verdict now),
 * snap_waived (what is waived now), snap_row (verdicts of which something may be another), snap_old
 * and snap_new (their states then and now, by standard).
 *
 * States: 0 not in scope, 1 pass, 2 fail, 3 unknown, 4 waived. */

typedef struct taking {
    ar_engine *engine;
    ar_arena *arena;
    ar_value id, before; /* before: of the snapshot before; NULL: there is none */
    ar_value asof;
} taking;

static ar_err run(const taking *t, const char *sql, const ar_value *args, size_t n)
{
    return ar_engine_run(t->engine, ar_str_of(sql), args, n, NULL);
}

static ar_err ask(ar_engine *engine, const char *sql, const ar_value *args, size_t n,
                  ar_arena *arena, ar_value *out)
{
    return ar_engine_value(engine, ar_str_of(sql), args, n, arena, out);
}

/* ---- as it is now ---- */

static ar_err read_now(const taking *t)
{
    AR_TRY(run(t,
               "CREATE OR REPLACE TEMP TABLE snap_slot AS SELECT v.kind AS judged, v.batch, v.slot,"
               " v.standard_id, s.version FROM ar.verdict_slot v"
               " JOIN ar.standard s ON s.id = v.standard_id WHERE s.retired_at IS NULL",
               NULL, 0));
    AR_TRY(run(t, "CREATE OR REPLACE TEMP TABLE snap_waived (verdict BIGINT, standard_id VARCHAR)",
               NULL, 0));
    return run(t,
               "INSERT INTO snap_waived SELECT DISTINCT o.verdict, o.standard_id FROM ar.waiver v"
               " JOIN ar.verdict d ON d.kind = v.kind AND d.asset_id = v.asset_id"
               " JOIN ar.open_finding o ON o.verdict = d.number AND o.standard_id = v.standard_id"
               " WHERE " AR_WAIVER_IN_FORCE,
               &t->asof, 1);
}

/* What was counted when it was judged. Not of what stands as it was judged before, because its
 * file cannot be read: assets have moved under it since. */
#define TALLY                                                                                      \
    "(SELECT t.standard_id, s.version, t.domain_id, t.pass, t.fail - coalesce(w.fail, 0) AS fail," \
    " t.unknown - coalesce(w.unknown, 0) AS unknown,"                                              \
    " coalesce(w.fail, 0) + coalesce(w.unknown, 0) AS waived FROM (SELECT standard_id, domain_id," \
    "  sum(pass)::BIGINT AS pass, sum(fail)::BIGINT AS fail, sum(unknown)::BIGINT AS unknown"      \
    "  FROM ar.tally WHERE pass + fail + unknown > 0 GROUP BY ALL) t JOIN ar.standard s"           \
    " ON s.id = t.standard_id AND s.retired_at IS NULL AND s.error IS NULL"                        \
    " LEFT JOIN (SELECT x.standard_id, d.domain_id, count(*) FILTER (o.state = 'fail') AS fail,"   \
    "  count(*) FILTER (o.state = 'unknown') AS unknown FROM snap_waived x"                        \
    "  JOIN ar.open_finding o ON o.verdict = x.verdict AND o.standard_id = x.standard_id"          \
    "  JOIN ar.verdict d ON d.number = x.verdict GROUP BY ALL) w"                                  \
    " ON w.standard_id = t.standard_id AND w.domain_id IS NOT DISTINCT FROM t.domain_id)"

static ar_err count_first(const taking *t)
{
    return run(t,
               "INSERT INTO ar.snapshot_count SELECT $1, *, NULL, NULL FROM " TALLY " UNION ALL"
               " SELECT $1, standard_id, version, domain_id, count(*) FILTER (state = 1),"
               " count(*) FILTER (state = 2), count(*) FILTER (state = 3),"
               " count(*) FILTER (state = 4), NULL, NULL FROM (SELECT p.standard_id, p.version,"
               "  v.domain_id, CASE WHEN w.verdict IS NOT NULL THEN 4"
               "  ELSE (v.bits >> (2 * p.slot)) & 3 END AS state FROM snap_slot p"
               "  JOIN ar.standard s ON s.id = p.standard_id AND s.error IS NOT NULL"
               "  JOIN ar.verdict v ON v.judged = p.judged AND v.batch = p.batch"
               "  LEFT JOIN snap_waived w ON w.verdict = v.number"
               "  AND w.standard_id = p.standard_id) WHERE state > 0 GROUP BY ALL",
               &t->id, 1);
}

/* ---- what led to it ---- */

static ar_err find_rows(const taking *t)
{
    return run(t,
               "CREATE OR REPLACE TEMP TABLE snap_row AS SELECT v.number AS verdict, v.judged,"
               " v.batch, coalesce(n.bits, 0) AS old, v.bits AS new, n.domain_id AS old_domain,"
               " v.domain_id AS new_domain, n.verdict IS NULL AS born, false AS elder,"
               " v.deleted IS TRUE AS removed"
               " FROM ar.verdict v LEFT JOIN ar.snapshot_now n ON n.verdict = v.number"
               " WHERE n.verdict IS NULL OR n.bits <> v.bits"
               " OR n.domain_id IS DISTINCT FROM v.domain_id"
               " OR v.number IN (SELECT verdict FROM"
               "  ((SELECT * FROM snap_waived EXCEPT SELECT * FROM ar.snapshot_waived) UNION ALL"
               "   (SELECT * FROM ar.snapshot_waived EXCEPT SELECT * FROM snap_waived)))"
               " OR (v.judged, v.batch) IN (SELECT (judged, batch) FROM"
               "  ((SELECT * FROM snap_slot EXCEPT SELECT * FROM ar.snapshot_slot) UNION ALL"
               "   (SELECT * FROM ar.snapshot_slot EXCEPT SELECT * FROM snap_slot)))",
               NULL, 0);
}

/* What was there, and only out of every scope, was not born since: it had no verdict. */
static ar_err find_elders(const taking *t, ar_str kind)
{
    ar_value args[] = { t->before, ar_text(kind) };
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "UPDATE snap_row AS r SET elder = true FROM ar.verdict v, main.");
    ar_sql_name(&sql, kind);
    ar_buf_addz(&sql, " a, ar.snapshot b WHERE v.number = r.verdict AND v.kind = $2 AND r.born"
                      " AND a.id = v.asset_id AND b.id = $1 AND a.first_seen <= b.as_of");
    return ar_engine_run(t->engine, ar_buf_str(&sql), args, AR_COUNT(args), NULL);
}

static ar_err find_all_elders(const taking *t)
{
    ar_own(ar_rows) rows = NULL;
    ar_str *kinds = NULL;
    size_t n = 0, cap = 0;

    AR_TRY(ar_engine_query(t->engine,
                           AR_LIT("SELECT DISTINCT v.kind FROM snap_row r"
                                  " JOIN ar.verdict v ON v.number = r.verdict WHERE r.born"
                                  " AND v.kind IN (SELECT table_name FROM"
                                  " information_schema.tables WHERE table_schema = 'main')"
                                  " ORDER BY v.kind"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        ar_grow(t->arena, kinds, n, cap);
        kinds[n++] = ar_arena_copy(t->arena, ar_rows_get(rows, 0).s);
    }
    for (size_t i = 0; i < n; i++) AR_TRY(find_elders(t, kinds[i]));
    return ar_ok();
}

/* snap_old or snap_new: verdict, standard_id, version, domain_id, state; only what is in scope. */
static ar_err spread(const taking *t, const char *side, const char *slots, const char *waived)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "CREATE OR REPLACE TEMP TABLE snap_%s AS SELECT r.verdict, s.standard_id,"
                " s.version, r.%s_domain AS domain_id, CASE WHEN w.verdict IS NOT NULL THEN 4"
                " ELSE (r.%s >> (2 * s.slot)) & 3 END AS state FROM snap_row r"
                " JOIN %s s ON s.judged = r.judged AND s.batch = r.batch LEFT JOIN %s w"
                " ON w.verdict = r.verdict AND w.standard_id = s.standard_id"
                " WHERE (r.%s >> (2 * s.slot)) & 3 <> 0",
                side, side, side, slots, waived, side);
    return run(t, sql.ptr, NULL, 0);
}

/* A standard of another version is another one; so is a domain for what it counts. What moved
 * leaves its old domain, and enters the new one, as it was; what changed of it besides is a change
 * in the new one. */
static const char changes_sql[] =
    "INSERT INTO ar.snapshot_change WITH pair AS (SELECT"
    "  coalesce(o.verdict, n.verdict) AS verdict, coalesce(o.standard_id, n.standard_id) AS"
    "  standard_id, o.version AS ov, n.version AS nv, o.domain_id AS od, n.domain_id AS nd,"
    "  coalesce(o.state, 0) AS was, coalesce(n.state, 0) AS now FROM snap_old o"
    "  FULL JOIN snap_new n ON n.verdict = o.verdict AND n.standard_id = o.standard_id),"
    " told AS (SELECT b.*, r.born AND NOT r.elder AS born, r.removed, b.ov = b.nv AS same,"
    "  b.ov = b.nv AND b.od IS NOT DISTINCT FROM b.nd AS stays,"
    "  EXISTS (SELECT 1 FROM snap_slot s WHERE s.standard_id = b.standard_id AND s.version = b.ov)"
    "  AS still, EXISTS (SELECT 1 FROM ar.snapshot_slot s WHERE s.standard_id = b.standard_id"
    "  AND s.version = b.nv) AS already FROM pair b JOIN snap_row r ON r.verdict = b.verdict),"
    " line AS ("
    /* out of a version, a domain or the scope */
    "  SELECT verdict, standard_id, ov AS version, od AS domain_id, CASE WHEN NOT still THEN"
    "   'new version' WHEN same THEN 'moved' WHEN removed THEN 'removed' ELSE 're-scoped' END"
    "   AS cause, was, 0 AS now FROM told WHERE was > 0 AND stays IS NOT TRUE UNION ALL"
    /* into one */
    "  SELECT verdict, standard_id, nv, nd, CASE WHEN NOT already THEN 'new version'"
    "   WHEN same THEN 'moved' WHEN NOT born THEN 're-scoped' WHEN now = 1 THEN 'born right'"
    "   WHEN now = 3 THEN 'born unknown' ELSE 'born wrong' END, 0,"
    "   CASE WHEN same THEN was ELSE now END FROM told WHERE now > 0 AND stays IS NOT TRUE"
    "  UNION ALL"
    "  SELECT verdict, standard_id, nv, nd, CASE WHEN now = 1 THEN"
    "   CASE was WHEN 3 THEN 'unknown resolved' ELSE 'fixed' END"
    "   WHEN now = 4 THEN CASE was WHEN 1 THEN 'regressed' ELSE 'waiver started' END"
    "   WHEN was = 4 THEN 'waiver ended' WHEN was = 3 THEN 'unknown resolved'"
    "   WHEN now = 3 THEN 'became unknown' ELSE 'regressed' END, was, now"
    "  FROM told WHERE was > 0 AND now > 0 AND was <> now AND same)"
    " SELECT $1, * FROM line ORDER BY standard_id, cause, domain_id, verdict";

/* A state's part in what a change adds to its count. */
#define ADDS(state) "(now = " #state ")::BIGINT - (was = " #state ")::BIGINT"

static ar_err count_next(const taking *t)
{
    ar_value args[] = { t->id, t->before };

    AR_TRY(find_rows(t));
    AR_TRY(find_all_elders(t));
    AR_TRY(spread(t, "old", "ar.snapshot_slot", "ar.snapshot_waived"));
    AR_TRY(spread(t, "new", "snap_slot", "snap_waived"));
    AR_TRY(run(t, changes_sql, args, 1));
    return run(t,
               "INSERT INTO ar.snapshot_count SELECT $1, standard_id, version, domain_id,"
               " sum(pass)::BIGINT, sum(fail)::BIGINT, sum(unknown)::BIGINT, sum(waived)::BIGINT,"
               " NULL, NULL FROM (SELECT standard_id, version, domain_id, pass, fail, unknown,"
               " waived FROM ar.snapshot_count WHERE snapshot = $2 UNION ALL SELECT standard_id,"
               " version, domain_id, " ADDS(1) ", " ADDS(2) ", " ADDS(3) ", " ADDS(
                   4) " FROM ar.snapshot_change WHERE snapshot = $1)"
                      " GROUP BY ALL HAVING sum(pass) <> 0 OR sum(fail) <> 0 OR sum(unknown) <> 0"
                      " OR sum(waived) <> 0",
               args, 2);
}

/* Where something else than assets is counted. */
static ar_err add_shares(const taking *t)
{
    return run(t,
               "UPDATE ar.snapshot_count AS c SET numerator = t.numerator,"
               " denominator = t.denominator FROM (SELECT standard_id, domain_id,"
               " sum(numerator) AS numerator, sum(denominator) AS denominator FROM ar.tally"
               " GROUP BY ALL) t WHERE c.snapshot = $1 AND c.standard_id = t.standard_id"
               " AND c.domain_id IS NOT DISTINCT FROM t.domain_id",
               &t->id, 1);
}

/* What the changes sum to is what was counted. */
static ar_err check_sums(const taking *t)
{
    ar_value wrong;

    AR_TRY(ask(t->engine,
               "SELECT string_agg(DISTINCT coalesce(c.standard_id, t.standard_id), ', ') FROM"
               " (SELECT c.* FROM ar.snapshot_count c JOIN ar.standard s ON s.id = c.standard_id"
               "  AND s.error IS NULL WHERE c.snapshot = $1) c FULL JOIN " TALLY " t"
               " ON t.standard_id = c.standard_id AND t.domain_id IS NOT DISTINCT FROM c.domain_id"
               " WHERE (c.version, c.pass, c.fail, c.unknown, c.waived) IS DISTINCT FROM"
               " (t.version, t.pass, t.fail, t.unknown, t.waived)",
               &t->id, 1, t->arena, &wrong));
    if (wrong.type == AR_NULL) return ar_ok();
    return ar_fail(AR_CONFLICT,
                   "the changes since the last snapshot do not sum to what was counted: %.*s",
                   AR_FMT(wrong.s));
}

static ar_err keep_now(const taking *t)
{
    if (t->before.type == AR_NULL)
        AR_TRY(run(t, "INSERT INTO ar.snapshot_now SELECT number, bits, domain_id FROM ar.verdict",
                   NULL, 0));
    else
        AR_TRY(ar_engine_exec(t->engine,
                              "UPDATE ar.snapshot_now AS n SET bits = r.new,"
                              " domain_id = r.new_domain FROM snap_row r"
                              " WHERE r.verdict = n.verdict AND NOT r.born;"
                              "INSERT INTO ar.snapshot_now SELECT verdict, new, new_domain"
                              " FROM snap_row WHERE born ORDER BY verdict;"
                              "DROP TABLE snap_row; DROP TABLE snap_old; DROP TABLE snap_new"));
    return ar_engine_exec(t->engine, "DELETE FROM ar.snapshot_slot;"
                                     "INSERT INTO ar.snapshot_slot SELECT * FROM snap_slot;"
                                     "DELETE FROM ar.snapshot_waived;"
                                     "INSERT INTO ar.snapshot_waived SELECT * FROM snap_waived;"
                                     "DROP TABLE snap_slot; DROP TABLE snap_waived");
}

/* ---- its text ---- */

static void add_field(ar_buf *out, ar_value value)
{
    ar_auto(ar_buf) text = { 0 };

    ar_value_print(&text, value);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\t' || c == '\n' || c == '\\')
            ar_buf_addz(out, c == '\t' ? "\\t" : c == '\n' ? "\\n" : "\\\\");
        else
            ar_buf_addc(out, c);
    }
    ar_buf_addc(out, '\t');
}

static ar_err add_lines(ar_engine *engine, const char *name, const char *sql, int64_t id,
                        ar_buf *out)
{
    ar_own(ar_rows) rows = NULL;
    ar_value args[] = { ar_int(id) };

    AR_TRY(ar_engine_query(engine, ar_str_of(sql), args, 1, &rows));
    while (ar_rows_next(rows)) {
        ar_buf_addf(out, "%s\t", name);
        for (size_t i = 0; i < ar_rows_width(rows); i++) add_field(out, ar_rows_get(rows, i));
        ar_buf_addc(out, '\n');
    }
    return ar_ok();
}

ar_err ar_snapshot_text(ar_engine *engine, int64_t id, ar_arena *arena, ar_str *out_text)
{
    ar_auto(ar_buf) text = { 0 };

    AR_TRY(add_lines(engine, "snapshot",
                     "SELECT s.name, s.as_of, b.hash FROM ar.snapshot s"
                     " LEFT JOIN ar.snapshot b ON b.id = s.id - 1 WHERE s.id = $1",
                     id, &text));
    AR_TRY(add_lines(engine, "count",
                     "SELECT standard_id, version, domain_id, pass, fail, unknown, waived,"
                     " numerator, denominator FROM ar.snapshot_count WHERE snapshot = $1"
                     " ORDER BY standard_id, version, domain_id NULLS FIRST",
                     id, &text));
    AR_TRY(add_lines(engine, "change",
                     "SELECT standard_id, version, domain_id, cause, was, now, count(*)"
                     " FROM ar.snapshot_change WHERE snapshot = $1 GROUP BY ALL"
                     " ORDER BY standard_id, version, domain_id NULLS FIRST, cause, was, now",
                     id, &text));
    *out_text = ar_arena_copy(arena, ar_buf_str(&text));
    return ar_ok();
}

/* ---- taking one ---- */

ar_err ar_snapshot_find(ar_engine *engine, ar_str name, ar_arena *arena, int64_t *out_id)
{
    ar_value arg = ar_text(name), id;

    AR_TRY(ask(engine, "SELECT max(id) FROM ar.snapshot WHERE $1 = '' OR name = $1", &arg, 1, arena,
               &id));
    if (id.type == AR_NULL && name.len == 0)
        return ar_fail(AR_NOT_FOUND, "there is no snapshot yet; `aright snapshot take` takes one");
    if (id.type == AR_NULL)
        return ar_fail(AR_NOT_FOUND,
                       "there is no snapshot '%.*s'; `aright snapshot list` names them",
                       AR_FMT(name));
    *out_id = id.i;
    return ar_ok();
}

static ar_err check_new(ar_engine *engine, ar_str name, ar_time asof, ar_arena *arena)
{
    ar_value arg = ar_text(name), last, same, judged;
    char then[AR_TIME_LEN];

    AR_TRY(ask(engine, "SELECT max(as_of) FROM ar.evaluation", NULL, 0, arena, &judged));
    if (judged.type == AR_NULL)
        return ar_fail(AR_NOT_FOUND, "nothing was judged yet; `aright evaluate` judges");
    AR_TRY(ask(engine, "SELECT max(as_of) FROM ar.snapshot", NULL, 0, arena, &last));
    if (last.type == AR_TIME && last.i > asof)
        return ar_fail(AR_CONFLICT, "the last snapshot is as of %s; want a later time",
                       ar_time_print(ar_time_to_second(last.i), then));
    AR_TRY(
        ask(engine, "SELECT max(as_of) FROM ar.snapshot WHERE name = $1", &arg, 1, arena, &same));
    if (same.type == AR_TIME)
        return ar_fail(AR_CONFLICT,
                       "there is a snapshot '%.*s' already, as of %s; give another --name",
                       AR_FMT(name), ar_time_print(ar_time_to_second(same.i), then));
    return ar_ok();
}

static ar_err name_of_week(ar_engine *engine, ar_time asof, ar_arena *arena, ar_str *out_name)
{
    ar_value at = ar_at(asof), name;

    AR_TRY(ask(engine, "SELECT strftime($1::TIMESTAMP, '%G-W%V')", &at, 1, arena, &name));
    *out_name = name.s;
    return ar_ok();
}

static ar_err count(const taking *t)
{
    AR_TRY(read_now(t));
    AR_TRY(t->before.type == AR_NULL ? count_first(t) : count_next(t));
    AR_TRY(check_sums(t));
    AR_TRY(add_shares(t));
    return keep_now(t);
}

static ar_err seal(const taking *t, ar_snapshot *out)
{
    ar_value args[] = { t->id, ar_null() };
    ar_own(ar_rows) rows = NULL;
    ar_str text;

    AR_TRY(ar_snapshot_text(t->engine, t->id.i, t->arena, &text));
    out->hash = ar_sha256(text, t->arena);
    args[1] = ar_text(out->hash);
    AR_TRY(run(t, "UPDATE ar.snapshot SET hash = $2 WHERE id = $1", args, 2));
    AR_TRY(ar_engine_query(t->engine,
                           AR_LIT("SELECT coalesce(sum(c.pass + c.fail + c.unknown + c.waived), 0)"
                                  "::BIGINT, coalesce(sum(c.pass), 0)::BIGINT,"
                                  " (SELECT count(*) FROM ar.snapshot_change v JOIN ar.standard s"
                                  "  ON s.id = v.standard_id AND s.class = 'standard'"
                                  "  WHERE v.snapshot = $1) FROM ar.snapshot_count c"
                                  " JOIN ar.standard s ON s.id = c.standard_id"
                                  " AND s.class = 'standard' WHERE c.snapshot = $1"),
                           args, 1, &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    out->scope = ar_rows_get(rows, 0).i;
    out->pass = ar_rows_get(rows, 1).i;
    out->changes = ar_rows_get(rows, 2).i;
    return ar_ok();
}

ar_err ar_snapshot_take(ar_engine *engine, ar_str name, ar_time asof, ar_time now, ar_str who,
                        ar_arena *arena, ar_snapshot *out_snapshot)
{
    taking t = { .engine = engine, .arena = arena, .asof = ar_at(asof) };

    if (name.len == 0) AR_TRY(name_of_week(engine, asof, arena, &name));
    AR_TRY(check_new(engine, name, asof, arena));
    AR_TRY(ask(engine, "SELECT max(id) FROM ar.snapshot", NULL, 0, arena, &t.before));
    t.id = ar_int(t.before.type == AR_NULL ? 1 : t.before.i + 1);
    ar_value args[] = { t.id, ar_text(name), t.asof, ar_at(now), ar_text(who) };
    AR_TRY(run(&t,
               "INSERT INTO ar.snapshot SELECT $1, $2, $3, $4, $5,"
               " (SELECT max(id) FROM ar.evaluation), NULL",
               args, AR_COUNT(args)));
    AR_TRY(count(&t));
    *out_snapshot = (ar_snapshot){ .id = t.id.i, .name = name, .as_of = asof };
    return seal(&t, out_snapshot);
}
