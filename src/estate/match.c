#include "estate/match.h"

/* The names of the temporary tables: match_todo (rows to find an asset for), match_later (rows of
 * other sources whose asset lost the row that it is named after), match_row (todo with its keys),
 * match_other (all rows that are not asked about now), match_crowd (values that tell nothing
 * apart), match_pick (what each row asks for), match_found (what it gets, where that is new or in
 * doubt). */

typedef struct matcher {
    ar_job *job;
    const ar_kind *kind;
    int64_t source; /* whose rows are matched now */
    ar_str name;
    bool imported; /* it is the one that the import is of */
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

/* k0, k1, … */
static void add_keys(ar_buf *sql, const ar_kind *kind)
{
    for (size_t i = 0; i < kind->n_match; i++) {
        ar_buf_addz(sql, ", "), add_key(sql, &kind->match[i]);
        ar_buf_addf(sql, " AS k%zu", i);
    }
}

/* What each key says of rows r, of match_row, and `t`: whoever seeks a key finds it among values.
 */
static void add_says(ar_buf *sql, const ar_kind *kind)
{
    for (size_t i = 0; i < kind->n_match; i++) {
        ar_buf_addz(sql, ", CASE WHEN "), add_value(sql, &kind->match[i]);
        ar_buf_addf(sql, " = r.k%zu THEN true ELSE ", i), add_key(sql, &kind->match[i]);
        ar_buf_addf(sql, " = r.k%zu END AS s%zu", i, i);
    }
}

bool ar_match_asks(const ar_kind *kind, ar_str column)
{
    for (size_t i = 0; i < kind->n_match; i++)
        for (size_t k = 0; k < kind->match[i].n; k++)
            if (ar_str_eq(kind->match[i].columns[k]->name, column)) return true;
    return false;
}

/* ---- which rows ---- */

/* Of what an import found different, the rows that ask. */
static void add_asked(ar_buf *sql, const ar_job *j)
{
    ar_buf_addz(sql, "SELECT n0, o0 IS NULL FROM import_diff WHERE n0 IS NOT NULL AND"
                     " (o0 IS NULL OR back");
    for (size_t i = 1; i < j->table.n_facts; i++)
        if (ar_match_asks(j->kind, j->table.facts[i]->name) && (!j->spec->delta || j->given[i]) &&
            (j->given[i] || j->table.stored[i]))
            ar_buf_addf(sql, " OR o%zu IS DISTINCT FROM n%zu", i, i);
    ar_buf_addc(sql, ')');
}

/* match_todo for the source of the import: is_new where nothing was known of the row. */
static ar_err choose_imported(matcher *m)
{
    const ar_job *j = m->job;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE match_todo AS SELECT row, bool_or(is_new) AS"
                      " is_new FROM (SELECT c.id AS row, false AS is_new FROM ar.conflict c"
                      " WHERE c.kind = %K AND c.source = %d UNION ALL ");
    j->told ? ar_buf_addz(&sql, "FROM match_asked") : add_asked(&sql, j);
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
                      " AND NOT r.is_new AND t._id <> r.old AND (t._source <> %d"
                      " OR t._id NOT IN (SELECT row FROM match_todo))"));
}

/* match_row; all: of a source that was not known, every one. */
static ar_err read_rows(matcher *m, bool all)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "CREATE OR REPLACE TEMP TABLE match_row AS SELECT t._id AS row, %s AS is_new,"
                " t.id AS old, t._gone_at IS NULL AS live",
                all ? "true" : "d.is_new");
    add_keys(&sql, m->kind);
    ar_buf_addf(&sql, " FROM %%S t%s WHERE t._source = %%d",
                all ? "" : " JOIN match_todo d ON d.row = t._id");
    AR_TRY(run(m, ar_buf_str(&sql)));
    return all ? ar_ok() : release_guests(m);
}

/* The rows that are not asked about now. `alone`: no other row says anything of its asset. */
static ar_err view_others(matcher *m, bool all)
{
    ar_auto(ar_buf) sql = { 0 }, row = { 0 };
    const ar_job *j = m->job;
    bool later;

    AR_TRY(ar_job_ask(m->job, "SELECT EXISTS (SELECT 1 FROM match_later)", &later));
    ar_buf_addf(&row, "SELECT t.id, t._source, t._gone_at IS NULL AS live, %s AS alone",
                m->imported ? "t._shared IS NULL" : "false");
    for (size_t i = 1; i < j->table.n_facts; i++)
        if (ar_match_asks(m->kind, j->table.facts[i]->name))
            ar_buf_addz(&row, ", t."), ar_sql_name(&row, j->table.facts[i]->name);
    ar_buf_addz(&row, " FROM %S t");
    if (later)
        ar_buf_addz(&row, " ANTI JOIN match_later l ON l.source = t._source AND l.row = t._id");

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP VIEW match_other AS ");
    ar_buf_add(&sql, ar_buf_str(&row));
    ar_buf_addz(&sql, " WHERE t._source <> %d");
    if (!all) {
        ar_buf_addz(&sql, " UNION ALL ");
        ar_buf_add(&sql, ar_buf_str(&row));
        ar_buf_addz(&sql, " ANTI JOIN match_todo x ON x.row = t._id WHERE t._source = %d");
    }
    return run(m, ar_buf_str(&sql));
}

/* ---- who could be one ---- */

/* Counted by their hashes first, of which a group takes a tenth of the memory. */
static ar_err find_crowds(matcher *m)
{
    ar_auto(ar_buf) sql = { 0 };

    if (m->kind->n_match == 0) return ar_ok();
    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE match_crowd AS");
    for (size_t i = 0; i < m->kind->n_match; i++) {
        ar_auto(ar_buf) value = { 0 };

        add_value(&value, &m->kind->match[i]);
        ar_buf_addf(&sql,
                    "%s SELECT %zu AS key, %s AS value FROM match_other t WHERE hash(%s) IN"
                    " (SELECT hash(%s) FROM match_other t SEMI JOIN match_row r ON r.k%zu = %s"
                    " GROUP BY ALL HAVING count(*) > %d) GROUP BY ALL HAVING count(*) > %d",
                    i > 0 ? " UNION ALL" : "", i, value.ptr, value.ptr, value.ptr, i, value.ptr,
                    (int)AR_MATCH_ROWS_MAX, (int)AR_MATCH_ROWS_MAX);
    }
    return run(m, ar_buf_str(&sql));
}

/* pair: rows with those that have their id or one of their keys. */
static void add_pairs(ar_buf *sql, const ar_kind *kind)
{
    ar_auto(ar_buf) pair = { 0 };

    ar_buf_addz(&pair, "SELECT r.rowid AS n, t.id AS asset, t.id = r.row AS own, t.alone");
    add_says(&pair, kind);
    ar_buf_addz(&pair, " FROM match_row r JOIN match_other t ON ");
    ar_buf_addz(sql, "pair AS MATERIALIZED (");
    ar_buf_add(sql, ar_buf_str(&pair));
    ar_buf_addz(sql, "t.id = r.row");
    for (size_t i = 0; i < kind->n_match; i++) {
        ar_buf_addz(sql, " UNION ALL ");
        ar_buf_add(sql, ar_buf_str(&pair));
        add_value(sql, &kind->match[i]);
        ar_buf_addf(sql,
                    " = r.k%zu WHERE r.k%zu NOT IN (SELECT value FROM match_crowd"
                    " WHERE key = %zu)",
                    i, i, i);
    }
    ar_buf_addc(sql, ')');
}

/* said: the same with what is known of the whole asset. */
static void add_said(ar_buf *sql, const ar_kind *kind)
{
    ar_buf_addz(sql, ", said AS (SELECT * EXCLUDE (alone) FROM pair WHERE alone"
                     " UNION ALL SELECT n, asset, any_value(own)");
    for (size_t i = 0; i < kind->n_match; i++) ar_buf_addf(sql, ", bool_or(s%zu)", i);
    ar_buf_addz(sql, " FROM (SELECT p.n, p.asset, p.own");
    add_says(sql, kind);
    ar_buf_addz(sql, " FROM (SELECT DISTINCT n, asset, own FROM pair WHERE NOT alone) p"
                     " JOIN match_row r ON r.rowid = p.n JOIN match_other t ON t.id = p.asset)"
                     " GROUP BY n, asset)");
}

/* fit: what the first key says that both know; NULL when there is none. */
static void add_fit(ar_buf *sql, const ar_kind *kind)
{
    ar_buf_addz(sql, ", fit AS (SELECT n, asset, own, coalesce(");
    for (size_t i = 0; i < kind->n_match; i++) ar_buf_addf(sql, "s%zu, ", i);
    ar_buf_addz(sql, "NULL) AS same, CASE WHEN false THEN 0");
    for (size_t i = 0; i < kind->n_match; i++)
        ar_buf_addf(sql, " WHEN s%zu IS NOT NULL THEN %zu", i, i);
    ar_buf_addz(sql, " END AS key FROM said)");
}

/* told: the asset of its own id, if that is not another thing; else the one that the strongest key
 * finds that finds any; pick is NULL when that finds several. The letter before an asset is the
 * key's, the strongest that of the first in the order and, from the other end, of the last. */
static const char told_sql[] =
    ", best AS (SELECT n, bool_or(own) AS taken, bool_or(own AND same IS DISTINCT FROM false) AS"
    "  by_id, min(CASE WHEN same THEN chr(65 + key) || asset END) AS first,"
    "  max(CASE WHEN same THEN chr(90 - key) || asset END) AS last FROM fit GROUP BY n),"
    " told AS MATERIALIZED (SELECT *, CASE WHEN by_id THEN row WHEN first = last THEN first END"
    "  AS pick, CASE WHEN by_id THEN 0 WHEN old = first AND NOT is_new THEN 1 ELSE 2 END AS rank"
    "  FROM (SELECT r.row, r.old, r.live, r.is_new, b.taken, b.by_id, ascii(b.first) - 65 AS key,"
    "  substr(b.first, 2) AS first, substr(b.last, 2) AS last"
    "  FROM match_row r LEFT JOIN best b ON b.n = r.rowid))";

/* found: an asset takes one living row of the source: the one of its own id, else the one that it
 * has, else the only one that asks. Who gets none is an asset of its own. claim: what several ask
 * for, and what the one has that gets it. */
static const char found_sql[] =
    ", claim AS (SELECT pick, CASE WHEN count(*) FILTER (rank = 0) > 0"
    "  THEN CASE WHEN count(*) FILTER (rank = 0) = 1 THEN 0 END"
    "  WHEN count(*) FILTER (rank = 1) = 1 THEN 1 END AS rank"
    "  FROM told WHERE live AND pick IS NOT NULL GROUP BY pick HAVING count(*) > 1),"
    " held AS (SELECT DISTINCT o.id FROM match_other o SEMI JOIN told q ON q.pick = o.id"
    "  WHERE o._source = %d AND o.live),"
    " given AS (SELECT p.*, (p.pick IS NOT NULL AND (NOT p.live OR (h.id IS NULL AND"
    "  (c.pick IS NULL OR p.rank = c.rank)))) IS TRUE AS wins FROM told p"
    "  LEFT JOIN claim c ON c.pick = p.pick LEFT JOIN held h ON h.id = p.pick),"
    " found AS (SELECT *, CASE WHEN wins THEN pick WHEN taken THEN row || '@' || %s ELSE row END"
    "  AS asset, CASE WHEN NOT live OR wins THEN NULL WHEN pick IS NOT NULL THEN 'twice'"
    "  WHEN first <> last THEN 'several' WHEN taken THEN 'same id' END AS sort FROM given)"
    " SELECT row, old, asset, is_new, sort, key, by_id, CASE sort WHEN 'twice' THEN pick"
    "  WHEN 'several' THEN first || ',' || last WHEN 'same id' THEN row END AS assets"
    " FROM found WHERE asset <> old OR sort IS NOT NULL";

static ar_err find_assets(matcher *m)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TEMP TABLE match_found AS WITH ");
    add_pairs(&sql, m->kind);
    add_said(&sql, m->kind);
    add_fit(&sql, m->kind);
    ar_buf_addz(&sql, told_sql);
    ar_buf_addz(&sql, found_sql);
    return run(m, ar_buf_str(&sql));
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
    AR_TRY(run(m, AR_LIT("INSERT INTO merge_todo SELECT unnest([old, asset]), true FROM match_found"
                         " WHERE asset <> old AND NOT is_new")));
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
    ar_buf_addz(&sql, " END AS key, f.assets, coalesce(c.since, %n) AS since"
                      " FROM match_found f LEFT JOIN ar.conflict c ON c.kind = %K AND c.source = %d"
                      " AND c.id = f.row AND c.sort = f.sort WHERE f.sort IS NOT NULL");
    AR_TRY(run(m, ar_buf_str(&sql)));
    AR_TRY(run(m, AR_LIT("DELETE FROM ar.conflict WHERE kind = %K AND source = %d"
                         " AND id IN (SELECT row FROM match_row)")));
    return run(m, AR_LIT("INSERT INTO ar.conflict SELECT %K, %d, row, sort, key, assets, since"
                         " FROM match_conflict"));
}

/* ---- one source, and all that follows from it ---- */

static ar_err match_rows(matcher *m, bool all)
{
    int64_t n;

    AR_TRY(read_rows(m, all));
    AR_TRY(ar_job_count(m->job, "SELECT count(*) FROM match_row", &n));
    if (n == 0) return ar_ok();
    AR_TRY(view_others(m, all));
    AR_TRY(find_crowds(m));
    AR_TRY(find_assets(m));
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

    m->imported = false;
    for (;;) {
        AR_TRY(next_source(m, turn, &more));
        if (!more) return ar_ok();
        AR_TRY(choose_other(m, m->source > turn && m->source != m->job->source));
        AR_TRY(match_rows(m, false));
        if (m->source > turn) turn = m->source;
    }
}

/* ---- when the keys are others ---- */

static ar_str keys_text(const ar_kind *kind, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    for (size_t i = 0; i < kind->n_match; i++)
        ar_buf_addf(&text, "%s[%.*s]", i > 0 ? ", " : "", AR_FMT(kind->match[i].text));
    return ar_arena_copy(arena, ar_buf_str(&text));
}

/* Keeps the keys that the kind has now, and tells whether its rows were matched by others. */
static ar_err note_keys(ar_job *j, bool *out_changed)
{
    ar_value args[] = { ar_text(j->kind->name), ar_text(keys_text(j->kind, j->ctx->arena)) };
    ar_value changed;

    AR_TRY(ar_engine_value(j->engine,
                           AR_LIT("SELECT coalesce(max(keys), '') <> $2 FROM ar.matched"
                                  " WHERE kind = $1"),
                           args, 2, j->ctx->arena, &changed));
    *out_changed = changed.b;
    if (!changed.b) return ar_ok();
    AR_TRY(
        ar_engine_run(j->engine, AR_LIT("DELETE FROM ar.matched WHERE kind = $1"), args, 1, NULL));
    return ar_engine_run(j->engine, AR_LIT("INSERT INTO ar.matched VALUES ($1, $2)"), args, 2,
                         NULL);
}

/* Every row of every source is asked about, those of the first source last: the assets that are
 * named after them keep their names. */
static ar_err match_all(matcher *m)
{
    ar_value kind = ar_text(m->kind->name);
    ar_own(ar_rows) rows = NULL;

    m->imported = false;
    AR_TRY(ar_engine_query(m->job->engine,
                           AR_LIT("SELECT number, source FROM ar.source WHERE kind = $1"
                                  " ORDER BY number DESC"),
                           &kind, 1, &rows));
    while (ar_rows_next(rows)) {
        m->source = ar_rows_get(rows, 0).i;
        m->name = ar_arena_copy(m->job->ctx->arena, ar_rows_get(rows, 1).s);
        AR_TRY(run(m, AR_LIT("CREATE OR REPLACE TEMP TABLE match_todo AS SELECT _id AS row,"
                             " false AS is_new FROM %S WHERE _source = %d")));
        AR_TRY(match_rows(m, false));
    }
    return ar_ok();
}

static ar_err drop_tables(ar_engine *engine)
{
    return ar_engine_exec(engine, "DROP VIEW IF EXISTS match_other;"
                                  "DROP TABLE IF EXISTS match_asked;"
                                  "DROP TABLE IF EXISTS match_todo;"
                                  "DROP TABLE IF EXISTS match_later;"
                                  "DROP TABLE IF EXISTS match_row;"
                                  "DROP TABLE IF EXISTS match_crowd;"
                                  "DROP TABLE IF EXISTS match_found;"
                                  "DROP TABLE IF EXISTS match_conflict");
}

static ar_err make_asked(ar_job *j)
{
    return ar_engine_exec(j->engine,
                          "CREATE OR REPLACE TEMP TABLE match_asked (row VARCHAR, is_new BOOLEAN)");
}

/* What could not be told last time asks too. */
static ar_err asks_any(ar_job *j, bool *out_asks)
{
    *out_asks = !j->told || j->asks;
    if (*out_asks) return ar_ok();
    return ar_job_ask(j, "SELECT EXISTS (SELECT 1 FROM ar.conflict WHERE kind = %K)", out_asks);
}

ar_err ar_match(ar_job *j)
{
    matcher m = {
        .job = j, .kind = j->kind, .source = j->source, .name = j->spec->source, .imported = true
    };
    bool alone, changed, asks;

    AR_TRY(note_keys(j, &changed));
    if (j->kind->n_match == 0 && !changed) return ar_ok();
    AR_TRY(asks_any(j, &asks));
    if (!asks && !changed) return ar_ok();
    AR_TRY(ar_job_ask(j, "SELECT NOT EXISTS (SELECT 1 FROM ar.source WHERE kind = %K)", &alone));
    if (alone) return ar_ok(); /* the first rows of all */
    AR_TRY(ar_engine_exec(j->engine,
                          "CREATE OR REPLACE TEMP TABLE match_later (source BIGINT, row VARCHAR)"));
    if (j->told && !j->asks) AR_TRY(make_asked(j));
    if (j->known) AR_TRY(choose_imported(&m));
    AR_TRY(match_rows(&m, !j->known));
    if (changed) AR_TRY(match_all(&m));
    AR_TRY(match_others(&m));
    return drop_tables(j->engine);
}
