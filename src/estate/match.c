#include "estate/match.h"

/* The names of the temporary tables: match_todo (rows to find an asset for), match_later (rows of
 * other sources whose asset lost the row that it is named after), match_row (todo with its keys),
 * match_other (all rows that are not asked about now), match_pair (who could be one), match_fit
 * (and what the keys say of it), match_pick, match_found. */

typedef struct matcher {
    ar_job *job;
    const ar_kind *kind;
    int64_t source; /* whose rows are matched now */
    ar_str name;
} matcher;

/* SQL as ar_job_run takes it, and in it: %d the number of the source matched now, %s its name, %n
 * now, %r the run. */
static ar_err run(matcher *m, ar_str text)
{
    ar_auto(ar_buf) sql = { 0 };

    for (size_t i = 0; i < text.len; i++) {
        char name = text.ptr[i] == '%' && i + 1 < text.len ? text.ptr[i + 1] : '\0';

        i++;
        switch (name) {
        case 'd': ar_buf_addf(&sql, "%lld", (long long)m->source); break;
        case 's': ar_sql_text(&sql, m->name); break;
        case 'n': ar_buf_addf(&sql, "make_timestamp(%lld)", (long long)m->job->now); break;
        case 'r': ar_buf_addf(&sql, "%lld", (long long)m->job->run); break;
        default: ar_buf_addc(&sql, text.ptr[--i]);
        }
    }
    return ar_job_run(m->job, ar_buf_str(&sql), 0);
}

/* ---- keys ---- */

/* The value of a key in row `t` as it is compared. */
static void add_value(ar_buf *sql, const ar_kind_key *key)
{
    for (size_t i = 0; i < key->n; i++) {
        ar_buf_addz(sql, i > 0 ? " || chr(31) || lower(trim(CAST(t." : "lower(trim(CAST(t.");
        ar_sql_name(sql, key->columns[i]->name);
        ar_buf_addz(sql, " AS VARCHAR)))");
    }
}

/* The same; NULL when a part of it says nothing. */
static void add_key(ar_buf *sql, const ar_kind_key *key)
{
    ar_buf_addz(sql, "CASE WHEN true");
    for (size_t i = 0; i < key->n; i++) {
        ar_auto(ar_buf) part = { 0 };

        add_value(&part, &(ar_kind_key){ .columns = key->columns + i, .n = 1 });
        ar_buf_addf(sql,
                    " AND translate(%s, '0-:. ', '') <> '' AND %s NOT IN (" AR_MATCH_NOTHING ")",
                    part.ptr, part.ptr);
    }
    ar_buf_addz(sql, " THEN ");
    add_value(sql, key);
    ar_buf_addz(sql, " END");
}

/* v0, v1, … are values, k0, k1, … keys: whoever seeks a key finds it among the values. */
static void add_keys(ar_buf *sql, const ar_kind *kind)
{
    for (size_t i = 0; i < kind->n_match; i++) {
        ar_buf_addz(sql, ", "), add_key(sql, &kind->match[i]);
        ar_buf_addf(sql, " AS k%zu", i);
    }
}

static void add_values(ar_buf *sql, const ar_kind *kind)
{
    for (size_t i = 0; i < kind->n_match; i++) {
        ar_buf_addz(sql, ", "), add_value(sql, &kind->match[i]);
        ar_buf_addf(sql, " AS v%zu", i);
    }
}

static bool in_key(const ar_kind *kind, ar_str column)
{
    for (size_t i = 0; i < kind->n_match; i++)
        for (size_t k = 0; k < kind->match[i].n; k++)
            if (ar_str_eq(kind->match[i].columns[k]->name, column)) return true;
    return false;
}

/* ---- which rows ---- */

/* match_todo for the source of the import: is_new where nothing was known of the row. */
static ar_err choose_imported(matcher *m, bool all)
{
    const ar_job *j = m->job;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE match_todo AS SELECT row, bool_or(is_new) AS"
                      " is_new FROM (SELECT c.id AS row, false AS is_new FROM ar.conflict c"
                      " WHERE c.kind = %K AND c.source = %d UNION ALL ");
    if (all) {
        ar_buf_addz(&sql, "SELECT id, true FROM %T WHERE _source = %d");
    } else {
        ar_buf_addz(&sql, "SELECT n0, o0 IS NULL FROM import_diff WHERE n0 IS NOT NULL AND"
                          " (o0 IS NULL OR back");
        for (size_t i = 1; i < j->table.n_facts; i++)
            if (in_key(m->kind, j->table.facts[i]->name) && (!j->spec->delta || j->given[i]) &&
                (j->given[i] || j->table.stored[i]))
                ar_buf_addf(&sql, " OR o%zu IS DISTINCT FROM n%zu", i, i);
        ar_buf_addz(&sql, ")");
    }
    ar_buf_addz(&sql, ") GROUP BY row");
    return run(m, ar_buf_str(&sql));
}

/* The same for another source: what lost its asset and, on its first turn, what could not be told
 * last time. */
static ar_err choose_other(matcher *m, bool first_turn)
{
    AR_TRY(run(m, AR_LIT("CREATE OR REPLACE TEMP TABLE match_todo AS SELECT row, false AS is_new"
                         " FROM match_later WHERE source = %d GROUP BY row")));
    if (first_turn)
        AR_TRY(run(m, AR_LIT("INSERT INTO match_todo SELECT c.id, false FROM ar.conflict c"
                             " WHERE c.kind = %K AND c.source = %d"
                             " AND c.id NOT IN (SELECT row FROM match_todo)")));
    return run(m, AR_LIT("DELETE FROM match_later WHERE source = %d"));
}

/* Whose asset is named after a row that is asked about now, is asked about after it: else the two
 * would never part, and the name might come to stand for others. */
static ar_err release_guests(matcher *m)
{
    return run(m,
               AR_LIT("INSERT INTO match_later SELECT t._source, t._id FROM %S t"
                      " JOIN match_row r ON r.old = t.id WHERE r.old IN (r.row, r.row || '@' || %s)"
                      " AND NOT r.is_new AND t._id <> r.row AND (t._source <> %d"
                      " OR t._id NOT IN (SELECT row FROM match_todo))"));
}

/* ---- who could be one ---- */

static ar_err find_pairs(matcher *m)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE match_pair AS"
                      " SELECT r.row, o.id AS asset FROM match_row r JOIN match_other o"
                      " ON o.id = r.row");
    for (size_t i = 0; i < m->kind->n_match; i++)
        ar_buf_addf(&sql,
                    " UNION SELECT r.row, o.id FROM match_row r JOIN (WITH it AS MATERIALIZED"
                    " (SELECT o.v%zu AS v, o.id FROM match_other o SEMI JOIN match_row r"
                    " ON r.k%zu = o.v%zu) SELECT it.v, it.id FROM it JOIN (SELECT v FROM it"
                    " GROUP BY v HAVING count(*) <= %d) few ON few.v = it.v) o ON o.v = r.k%zu",
                    i, i, i, (int)AR_MATCH_ROWS_MAX, i);
    return run(m, ar_buf_str(&sql));
}

/* same: what the first key says that both know; NULL when there is none. */
static ar_err weigh_pairs(matcher *m)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE match_fit AS SELECT row, asset, coalesce(");
    for (size_t i = 0; i < m->kind->n_match; i++) ar_buf_addf(&sql, "%ss%zu", i > 0 ? ", " : "", i);
    ar_buf_addz(&sql, ") AS same, CASE");
    for (size_t i = 0; i < m->kind->n_match; i++)
        ar_buf_addf(&sql, " WHEN s%zu IS NOT NULL THEN %zu", i, i);
    ar_buf_addz(&sql, " END AS key FROM (SELECT p.row, p.asset");
    for (size_t i = 0; i < m->kind->n_match; i++)
        ar_buf_addf(&sql, ", bool_or(o.k%zu = r.k%zu) AS s%zu", i, i, i);
    ar_buf_addz(&sql, " FROM match_pair p JOIN match_row r ON r.row = p.row JOIN match_other o"
                      " ON o.id = p.asset GROUP BY p.row, p.asset)");
    return run(m, ar_buf_str(&sql));
}

/* The asset of its own id, if that is not another thing; else the one that the strongest key
 * finds that finds any; pick is NULL when that finds several. */
static ar_err pick_assets(matcher *m)
{
    return run(
        m,
        AR_LIT(
            "CREATE OR REPLACE TEMP TABLE match_pick AS SELECT r.row, r.old, r.live, r.is_new,"
            " g.taken, g.by_id, g.key, g.first, g.last,"
            " CASE WHEN g.by_id THEN r.row WHEN g.first = g.last THEN g.first END AS pick,"
            " CASE WHEN g.by_id THEN 0 WHEN r.old = g.first AND NOT r.is_new THEN 1 ELSE 2 END"
            " AS rank FROM match_row r LEFT JOIN (SELECT f.row, bool_or(f.asset = f.row) AS taken,"
            " bool_or(f.asset = f.row AND f.same IS DISTINCT FROM false) AS by_id, any_value(b.key)"
            " AS key, min(f.asset) FILTER (WHERE f.same AND f.key = b.key) AS first,"
            " max(f.asset) FILTER (WHERE f.same AND f.key = b.key) AS last"
            " FROM match_fit f LEFT JOIN (SELECT row, min(key) AS key FROM match_fit WHERE same"
            " GROUP BY row) b ON b.row = f.row GROUP BY f.row) g ON g.row = r.row"));
}

/* An asset takes one living row of the source: the one of its own id, else the one that it has,
 * else the only one that asks. Who gets none is an asset of its own. */
static ar_err settle(matcher *m)
{
    return run(
        m,
        AR_LIT("CREATE OR REPLACE TEMP TABLE match_found AS SELECT *,"
               " CASE WHEN wins THEN pick WHEN taken THEN row || '@' || %s ELSE row END AS asset,"
               " CASE WHEN NOT live OR wins THEN NULL WHEN pick IS NOT NULL THEN 'twice'"
               " WHEN first <> last THEN 'several' WHEN taken THEN 'same id' END AS sort FROM"
               " (SELECT p.*, p.pick IS NOT NULL AND (NOT p.live OR (h.id IS NULL AND"
               " p.rank = min(p.rank) OVER claim AND count(*) OVER (PARTITION BY p.pick, p.rank,"
               " p.live) = 1)) AS wins FROM match_pick p LEFT JOIN (SELECT DISTINCT o.id"
               " FROM match_other o SEMI JOIN match_pick q ON q.pick = o.id"
               " WHERE o._source = %d AND o.live) h ON h.id = p.pick"
               " WINDOW claim AS (PARTITION BY p.pick, p.live))"));
}

/* ---- making it so ---- */

static ar_err move_rows(matcher *m)
{
    bool moves;

    AR_TRY(
        ar_job_ask(m->job, "SELECT EXISTS (SELECT 1 FROM match_found WHERE asset <> old)", &moves));
    if (!moves) return ar_ok();
    AR_TRY(run(m, AR_LIT("UPDATE %T AS t SET _asset = nullif(f.asset, f.row) FROM match_found f"
                         " WHERE f.row = t.id AND t._source = %d AND f.asset <> f.old")));
    AR_TRY(run(m, AR_LIT("INSERT INTO merge_todo SELECT unnest([old, asset]) FROM match_found"
                         " WHERE asset <> old")));
    return run(m, AR_LIT("INSERT INTO ar.history SELECT %K, row, %s, 'asset', old, asset, %n, %r"
                         " FROM match_found WHERE asset <> old AND NOT is_new"));
}

/* A conflict that stays keeps its date. */
static ar_err record_conflicts(matcher *m)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE match_conflict AS SELECT f.row, f.sort, CASE"
                      " WHEN f.sort = 'same id' OR f.by_id THEN 'id'");
    for (size_t i = 0; i < m->kind->n_match; i++) {
        ar_buf_addf(&sql, " WHEN f.key = %zu THEN ", i);
        ar_sql_text(&sql, m->kind->match[i].text);
    }
    ar_buf_addz(&sql,
                " END AS key, CASE f.sort WHEN 'twice' THEN f.pick WHEN 'several' THEN f.first"
                " || ',' || f.last ELSE f.row END AS assets, coalesce(c.since, %n) AS since"
                " FROM match_found f LEFT JOIN ar.conflict c ON c.kind = %K AND c.source = %d"
                " AND c.id = f.row AND c.sort = f.sort WHERE f.sort IS NOT NULL");
    AR_TRY(run(m, ar_buf_str(&sql)));
    AR_TRY(run(m, AR_LIT("DELETE FROM ar.conflict WHERE kind = %K AND source = %d"
                         " AND id IN (SELECT row FROM match_row)")));
    return run(m, AR_LIT("INSERT INTO ar.conflict SELECT %K, %d, row, sort, key, assets, since"
                         " FROM match_conflict"));
}

/* ---- one source, and all that follows from it ---- */

static ar_err match_todo(matcher *m)
{
    ar_auto(ar_buf) sql = { 0 };
    int64_t n;

    AR_TRY(ar_job_count(m->job, "SELECT count(*) FROM match_todo", &n));
    if (n == 0) return ar_ok();
    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE match_row AS SELECT d.row, d.is_new,"
                      " t.id AS old, t._gone_at IS NULL AS live");
    add_keys(&sql, m->kind);
    ar_buf_addz(&sql, " FROM %S t JOIN match_todo d ON d.row = t._id WHERE t._source = %d");
    AR_TRY(run(m, ar_buf_str(&sql)));
    AR_TRY(release_guests(m));

    ar_buf_clear(&sql);
    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP VIEW match_other AS SELECT t.id, t._source,"
                      " t._gone_at IS NULL AS live");
    add_keys(&sql, m->kind);
    add_values(&sql, m->kind);
    ar_buf_addz(&sql, " FROM %S t ANTI JOIN (SELECT source, row FROM match_later UNION ALL"
                      " SELECT %d, row FROM match_todo) x ON x.source = t._source"
                      " AND x.row = t._id");
    AR_TRY(run(m, ar_buf_str(&sql)));
    AR_TRY(find_pairs(m));
    AR_TRY(weigh_pairs(m));
    AR_TRY(pick_assets(m));
    AR_TRY(settle(m));
    AR_TRY(move_rows(m));
    return record_conflicts(m);
}

/* The next source that has rows to be asked about: those of the import had theirs, and so had what
 * could not be told of sources up to `turn`. */
static ar_err next_source(matcher *m, int64_t turn, bool *out_found)
{
    ar_value args[] = { ar_text(m->kind->name), ar_int(m->job->source), ar_int(turn) };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(m->job->engine,
                           AR_LIT("SELECT number, source FROM (SELECT number, source FROM ar.source"
                                  " WHERE kind = $1 AND (number IN (SELECT source FROM match_later)"
                                  " OR number <> $2 AND number > $3 AND number IN"
                                  " (SELECT source FROM ar.conflict WHERE kind = $1))"
                                  ") ORDER BY number LIMIT 1"),
                           args, AR_COUNT(args), &rows));
    *out_found = ar_rows_next(rows);
    if (!*out_found) return ar_ok();
    m->source = ar_rows_get(rows, 0).i;
    m->name = ar_arena_copy(m->job->ctx->arena, ar_rows_get(rows, 1).s);
    return ar_ok();
}

/* What the import moved may concern other sources; each step leaves fewer of them to ask. */
static ar_err match_others(matcher *m)
{
    int64_t turn = 0;
    bool more;

    for (;;) {
        AR_TRY(next_source(m, turn, &more));
        if (!more) return ar_ok();
        AR_TRY(choose_other(m, m->source > turn && m->source != m->job->source));
        AR_TRY(match_todo(m));
        if (m->source > turn) turn = m->source;
    }
}

static ar_err drop_tables(ar_engine *engine)
{
    return ar_engine_exec(engine, "DROP VIEW IF EXISTS match_other;"
                                  "DROP TABLE IF EXISTS match_todo;"
                                  "DROP TABLE IF EXISTS match_later;"
                                  "DROP TABLE IF EXISTS match_row;"
                                  "DROP TABLE IF EXISTS match_pair;"
                                  "DROP TABLE IF EXISTS match_fit;"
                                  "DROP TABLE IF EXISTS match_pick;"
                                  "DROP TABLE IF EXISTS match_found;"
                                  "DROP TABLE IF EXISTS match_conflict");
}

ar_err ar_match(ar_job *j)
{
    matcher m = { .job = j, .kind = j->kind, .source = j->source, .name = j->spec->source };
    bool alone;

    if (j->kind->n_match == 0) return ar_ok();
    AR_TRY(ar_job_ask(j, "SELECT NOT EXISTS (SELECT 1 FROM ar.source WHERE kind = %K)", &alone));
    if (alone) return ar_ok(); /* the first rows of all */
    AR_TRY(ar_engine_exec(j->engine,
                          "CREATE OR REPLACE TEMP TABLE match_later (source BIGINT, row VARCHAR)"));
    AR_TRY(choose_imported(&m, !j->known));
    AR_TRY(match_todo(&m));
    AR_TRY(match_others(&m));
    return drop_tables(j->engine);
}
