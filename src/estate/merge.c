#include "estate/merge.h"

/* The names of the temporary tables: merge_todo; merge_id, the assets of it that have several rows,
 * how many of these live, and the first and the last of those in the order in which they are
 * believed; merge_row, the rows of the assets of which not just two live. */

/* %T, %S and %M are the tables of the kind, %A the asset of row t of the first. */
static void add_sql(ar_buf *sql, const ar_table *table, const char *text)
{
    for (; *text != '\0'; text++) {
        char name = text[0] == '%' ? text[1] : '\0';

        text++;
        switch (name) {
        case 'T': ar_sql_src(sql, table->kind); break;
        case 'S': ar_sql_said(sql, table->kind); break;
        case 'M': ar_sql_merged(sql, table->kind); break;
        case 'A': ar_sql_asset(sql, table); break;
        default: ar_buf_addc(sql, *--text);
        }
    }
}

static ar_err run(const ar_table *table, const char *text)
{
    ar_auto(ar_buf) sql = { 0 };

    add_sql(&sql, table, text);
    return ar_engine_exec(table->engine, sql.ptr);
}

__attribute__((format(printf, 3, 4))) static ar_err count(const ar_table *table, int64_t *out_n,
                                                          const char *fmt, ...)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_auto(ar_buf) sql = { 0 };
    ar_value n;
    va_list ap;

    va_start(ap, fmt);
    ar_buf_vaddf(&sql, fmt, ap);
    va_end(ap);
    AR_TRY(ar_engine_value(table->engine, ar_buf_str(&sql), NULL, 0, &scratch, &n));
    *out_n = n.i;
    return ar_ok();
}

/* ---- which assets ---- */

static ar_err make_todo(ar_engine *engine)
{
    return ar_engine_exec(engine, "CREATE OR REPLACE TEMP TABLE merge_todo (id VARCHAR,"
                                  " whose BOOLEAN)");
}

ar_err ar_merge_begin(ar_job *j)
{
    return make_todo(j->engine);
}

ar_err ar_merge_touch(ar_job *j, const char *where, const char *whose)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "INSERT INTO merge_todo SELECT t.id, %s FROM %%S t WHERE t._source = %%N AND %s",
                whose, where);
    return ar_job_run(j, ar_buf_str(&sql), 0);
}

/* ---- merging ----
 *
 * The rows of an asset are put side by side, in the order in which they are believed: a join that
 * the engine does in little memory, where a group that keeps the first value of each fact takes two
 * kilobytes an asset. The few assets of very many rows are grouped, some at a time. */

enum {
    SIDES_MAX = 4,        /* rows of one asset put side by side */
    GROUPED_MAX = 100000, /* assets at once of those that have more */
};

/* How one value comes of those of an asset's rows: what stands around them where they are t1, t2, …
 * side by side, and where they are one t in a group. */
typedef struct fold {
    const char *side, *side_end, *group, *group_end;
} fold;

static const fold first = { "coalesce(", ")", "arg_min(", ", t.place)" }; /* that is no NULL */
static const fold least = { "least(", ")", "min(", ")" };
static const fold greatest = { "greatest(", ")", "max(", ")" };
static const fold together = { "nullif(concat_ws(',', ", "), '')",
                               "nullif(array_to_string(list_sort(list(", ")), ','), '')" };
static const fold names = { "array_to_string(list_sort(list_distinct(list_value(", "))), ',')",
                            "array_to_string(list_sort(list_distinct(list(", "))), ',')" };
static const fold how_many = { "list_count(list_value(", "))", "count(", ")" };

/* n of them side by side; 0: a group. */
static void add_fold(ar_buf *sql, const fold *f, const char *what, int64_t n)
{
    if (n == 0) {
        ar_buf_addf(sql, "%st.%s%s", f->group, what, f->group_end);
        return;
    }
    ar_buf_addz(sql, f->side);
    for (int64_t i = 1; i <= n; i++)
        ar_buf_addf(sql, "%st%lld.%s", i > 1 ? ", " : "", (long long)i, what);
    ar_buf_addz(sql, f->side_end);
}

/* On how many facts the living differ. */
static void add_differ(ar_buf *sql, const ar_table *table, int64_t n)
{
    ar_buf_addz(sql, "0");
    for (size_t i = 1; i < table->n_facts; i++) {
        ar_auto(ar_buf) name = { 0 };

        if (!table->stored[i]) continue;
        ar_sql_name(&name, table->facts[i]->name);
        ar_buf_addz(sql, " + CAST(coalesce(");
        add_fold(sql, &least, name.ptr, n), ar_buf_addz(sql, " <> ");
        add_fold(sql, &greatest, name.ptr, n), ar_buf_addz(sql, ", false) AS BIGINT)");
    }
}

static void add_merged(ar_buf *sql, const ar_table *table, int64_t n)
{
    static const struct {
        const char *name;
        const fold *fold;
        const char *what;
    } beside[] = {
        { "_owner", &first, "_owner" },           { "_owner_source", &first, "_owner_source" },
        { "_domain", &first, "_domain" },         { "_teller", &first, "teller" },
        { "_first_seen", &least, "since" },       { "_seen_at", &greatest, "_seen_at" },
        { "_gone_at", &greatest, "_gone_at" },    { "_latest", &together, "latest" },
        { "_registers", &greatest, "registers" }, { "_observes", &greatest, "observes" },
        { "_sources", &names, "source" },         { "_count", &how_many, "living" },
    };

    ar_buf_addz(sql, n == 0 ? "t.asset AS id" : "t1.asset AS id");
    for (size_t i = 1; i < table->n_facts; i++) {
        ar_auto(ar_buf) name = { 0 };

        if (!table->stored[i]) continue;
        ar_sql_name(&name, table->facts[i]->name);
        ar_buf_addz(sql, ", "), add_fold(sql, &first, name.ptr, n);
        ar_buf_addf(sql, " AS %s", name.ptr);
    }
    for (size_t i = 0; i < AR_COUNT(beside); i++) {
        ar_buf_addz(sql, ", "), add_fold(sql, beside[i].fold, beside[i].what, n);
        ar_buf_addf(sql, " AS %s", beside[i].name);
    }
    ar_buf_addz(sql, ", CASE WHEN "), add_fold(sql, &first, "living", n);
    ar_buf_addz(sql, " IS NULL THEN 0 ELSE "), add_differ(sql, table, n);
    ar_buf_addz(sql, " END AS _differ");
}

static bool stores(const ar_table *table, ar_str fact)
{
    for (size_t i = 0; i < table->n_facts; i++)
        if (ar_str_eq(table->facts[i]->name, fact)) return table->stored[i];
    return false;
}

/* The rows that `picked` numbers by their assets, with what they bring of their source. */
static void add_rows(ar_buf *sql, const ar_table *table, ar_str picked)
{
    ar_buf_addz(sql, "(SELECT m.number, m.id AS asset, m.place, p.source,"
                     " NOT p.observes AS registers, p.observes,"
                     " coalesce(t._first_seen, p.first_at) AS since,"
                     " CASE WHEN t._seen_at IS NULL THEN p.number END AS latest,"
                     " CASE WHEN t._gone_at IS NULL THEN 1 END AS living,");
    ar_buf_addz(sql, stores(table, AR_LIT("owner_id"))
                         ? " CASE WHEN t.owner_id IS NOT NULL THEN p.source END AS teller"
                         : " CAST(NULL AS VARCHAR) AS teller");
    ar_buf_addz(sql, ", t.* FROM ("), ar_buf_add(sql, picked);
    add_sql(sql, table,
            ") m JOIN %T t ON t.rowid = m.row"
            " JOIN ar.source p ON p.number = t._source) t");
}

/* The assets of n rows, of which picked[i] picks those of place i + 1. */
static ar_err insert_side_by_side(const ar_table *table, const ar_str *picked, int64_t n)
{
    ar_auto(ar_buf) sql = { 0 };

    add_sql(&sql, table, "INSERT INTO %M BY NAME SELECT ");
    add_merged(&sql, table, n);
    for (int64_t i = 1; i <= n; i++) {
        ar_buf_addz(&sql, i > 1 ? " LEFT JOIN " : " FROM ");
        add_rows(&sql, table, picked[i - 1]);
        ar_buf_addf(&sql, "%lld", (long long)i);
        if (i > 1) ar_buf_addf(&sql, " ON t%lld.number = t1.number", (long long)i);
    }
    return ar_engine_exec(table->engine, sql.ptr);
}

/* Most assets are of two sources: they need no numbers of their rows. */
static ar_err insert_twos(const ar_table *table)
{
    static const ar_str picked[] = {
        AR_LIT("SELECT rowid AS number, id, 1 AS place, first AS row FROM merge_id"
               " WHERE living = 2"),
        AR_LIT("SELECT rowid AS number, id, 2 AS place, last AS row FROM merge_id"
               " WHERE living = 2"),
    };

    return insert_side_by_side(table, picked, AR_COUNT(picked));
}

static ar_err insert_few(const ar_table *table)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str picked[SIDES_MAX];
    int64_t most = 0;

    for (int i = 0; i < SIDES_MAX; i++)
        picked[i] = ar_arena_printf(&arena, "SELECT * FROM merge_row WHERE n <= %d AND place = %d",
                                    (int)SIDES_MAX, i + 1);
    AR_TRY(count(table, &most, "SELECT coalesce(max(n) FILTER (n <= %d), 0) FROM merge_row",
                 (int)SIDES_MAX));
    return most == 0 ? ar_ok() : insert_side_by_side(table, picked, most);
}

static ar_err insert_many(const ar_table *table)
{
    int64_t slices;

    AR_TRY(count(table, &slices, "SELECT count(*) FROM merge_row WHERE place = %d",
                 (int)SIDES_MAX + 1));
    slices = (slices + GROUPED_MAX - 1) / GROUPED_MAX;
    for (int64_t i = 0; i < slices; i++) {
        ar_auto(ar_buf) sql = { 0 }, picked = { 0 };

        ar_buf_addf(&picked, "SELECT * FROM merge_row WHERE n > %d AND hash(number) %% %lld = %lld",
                    (int)SIDES_MAX, (long long)slices, (long long)i);
        add_sql(&sql, table, "INSERT INTO %M BY NAME SELECT ");
        add_merged(&sql, table, 0);
        ar_buf_addz(&sql, " FROM ");
        add_rows(&sql, table, ar_buf_str(&picked));
        ar_buf_addz(&sql, " GROUP BY t.asset");
        AR_TRY(ar_engine_exec(table->engine, sql.ptr));
    }
    return ar_ok();
}

/* merge_row: the rows that have a say, numbered from 1 on, n for each asset. Of two rows of one
 * source, which then are both gone, the one that went last comes first. */
static ar_err insert_others(const ar_table *table)
{
    int64_t n;

    AR_TRY(count(table, &n, "SELECT count(*) FROM merge_id WHERE living <> 2"));
    if (n == 0) return ar_ok();
    AR_TRY(run(table, "CREATE OR REPLACE TEMP TABLE merge_row AS SELECT m.rowid AS number, m.id,"
                      " t.rowid AS row, row_number() OVER (PARTITION BY m.rowid ORDER BY"
                      " p.precedence, t._gone_at DESC, t.id) AS place,"
                      " count(*) OVER (PARTITION BY m.rowid) AS n"
                      " FROM %T t JOIN merge_id m ON m.id = %A"
                      " JOIN ar.source p ON p.number = t._source"
                      " WHERE m.living <> 2 AND (t._gone_at IS NULL OR m.living = 0)"));
    AR_TRY(insert_few(table));
    return insert_many(table);
}

/* Which sources' last snapshots an asset was in, so that the view finds when it was last seen. */
static ar_err record_latest(const ar_table *table)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "INSERT INTO ar.merged_latest SELECT ");
    ar_sql_text(&sql, table->kind->name);
    add_sql(&sql, table,
            ", _latest, CAST(unnest(string_split(_latest, ',')) AS BIGINT) FROM"
            " (SELECT DISTINCT _latest FROM %M m SEMI JOIN merge_id USING (id)"
            " WHERE _latest IS NOT NULL) WHERE _latest NOT IN"
            " (SELECT latest FROM ar.merged_latest WHERE kind = ");
    ar_sql_text(&sql, table->kind->name);
    ar_buf_addz(&sql, ")");
    return ar_engine_exec(table->engine, sql.ptr);
}

static ar_err forget_merged(const ar_table *table)
{
    return run(table, "DELETE FROM %M WHERE id IN (SELECT id FROM merge_todo);"
                      "UPDATE %T AS t SET _shared = NULL WHERE t._shared"
                      " AND %A IN (SELECT id FROM merge_todo)"
                      " AND %A NOT IN (SELECT id FROM merge_id)");
}

static ar_err merge_ids(const ar_table *table)
{
    AR_TRY(run(table, "UPDATE %T AS t SET _shared = true FROM merge_id m WHERE m.id = %A"
                      " AND t._shared IS NULL"));
    AR_TRY(insert_twos(table));
    AR_TRY(insert_others(table));
    return record_latest(table);
}

static ar_err find_ids(const ar_table *table, int64_t *out_n)
{
    AR_TRY(run(table, "CREATE OR REPLACE TEMP TABLE merge_id AS SELECT %A AS id,"
                      " count(*) FILTER (t._gone_at IS NULL) AS living,"
                      " arg_min(t.rowid, p.precedence) FILTER (t._gone_at IS NULL) AS first,"
                      " arg_max(t.rowid, p.precedence) FILTER (t._gone_at IS NULL) AS last"
                      " FROM %T t JOIN ar.source p ON p.number = t._source"
                      " SEMI JOIN merge_todo d ON d.id = %A GROUP BY ALL HAVING count(*) > 1"));
    return count(table, out_n, "SELECT count(*) FROM merge_id");
}

static ar_err drop_tables(ar_engine *engine)
{
    return ar_engine_exec(engine, "DROP TABLE merge_todo; DROP TABLE IF EXISTS merge_id;"
                                  "DROP TABLE IF EXISTS merge_row");
}

static ar_err merge_all_todo(ar_table *table)
{
    int64_t n = 0;

    AR_TRY(count(table, &n, "SELECT count(*) FROM (FROM merge_todo LIMIT 1)"));
    if (n == 0) return drop_tables(table->engine);
    AR_TRY(find_ids(table, &n));
    if (table->shares) AR_TRY(forget_merged(table));
    if (n > 0) AR_TRY(merge_ids(table));
    table->shares |= n > 0;
    return drop_tables(table->engine);
}

ar_err ar_merge_apply(ar_job *j, bool *out_first)
{
    bool before = j->table.shares;

    if (!j->table.marked) return *out_first = false, drop_tables(j->engine);
    AR_TRY(merge_all_todo(&j->table));
    *out_first = j->table.shares && !before;
    return ar_ok();
}

ar_err ar_merge_all(ar_engine *engine, ar_table *table)
{
    if (!table->marked) return ar_ok();
    AR_TRY(ar_table_remake(table));
    AR_TRY(make_todo(engine));
    AR_TRY(run(table, "INSERT INTO merge_todo SELECT id, false FROM %S GROUP BY id"
                      " HAVING count(*) > 1 OR bool_or(_shared)"));
    return merge_all_todo(table);
}
