#include "estate/table.h"

static const struct {
    const char *name;
    enum ar_type type;
} marks[AR_TABLE_MARKS] = {
    { "_first_seen", AR_TIME }, { "_seen_at", AR_TIME },      { "_gone_at", AR_TIME },
    { "_owner", AR_TEXT },      { "_owner_source", AR_TEXT }, { "_domain", AR_TEXT },
    { "_asset", AR_TEXT },      { "_shared", AR_BOOL },
};

/* ---- names ---- */

static void add_name(ar_buf *sql, const char *prefix, const ar_kind *kind)
{
    ar_auto(ar_buf) name = { 0 };

    ar_buf_addf(&name, "%s_%.*s", prefix, AR_FMT(kind->name));
    ar_buf_addz(sql, "ar.");
    ar_sql_name(sql, ar_buf_str(&name));
}

void ar_sql_src(ar_buf *sql, const ar_kind *kind)
{
    add_name(sql, "src", kind);
}

void ar_sql_merged(ar_buf *sql, const ar_kind *kind)
{
    add_name(sql, "merged", kind);
}

void ar_sql_said(ar_buf *sql, const ar_kind *kind)
{
    add_name(sql, "said", kind);
}

void ar_sql_whole(ar_buf *sql, const ar_kind *kind)
{
    add_name(sql, "whole", kind);
}

void ar_sql_alias(ar_buf *sql, const ar_kind *kind)
{
    add_name(sql, "alias", kind);
}

void ar_sql_asset(ar_buf *sql, const ar_table *table)
{
    ar_buf_addz(sql, table->marked ? "coalesce(t._asset, t.id)" : "t.id");
}

/* ---- columns ---- */

static void add_view_column(ar_buf *sql, ar_str name, enum ar_type type, bool stored)
{
    ar_buf_addz(sql, ", ");
    if (!stored) ar_buf_addf(sql, "CAST(NULL AS %s) AS ", ar_sql_type(type));
    ar_sql_name(sql, name);
}

static ar_err view_merged(const ar_table *table)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE VIEW ");
    ar_sql_whole(&sql, table->kind);
    ar_buf_addz(&sql, " AS SELECT COLUMNS(c -> starts_with(c, '_'))");
    for (size_t i = 0; i < table->n_facts; i++)
        add_view_column(&sql, table->facts[i]->name, table->facts[i]->type, table->stored[i]);
    ar_buf_addz(&sql, " FROM ");
    ar_sql_merged(&sql, table->kind);
    return ar_engine_exec(table->engine, sql.ptr);
}

static ar_err view_aliases(const ar_table *table)
{
    ar_auto(ar_buf) sql = { 0 };

    if (table->kind->n_match == 0) return ar_ok();
    ar_buf_addz(&sql, "CREATE OR REPLACE VIEW ");
    ar_sql_alias(&sql, table->kind);
    ar_buf_addz(&sql, " AS SELECT p.source, t._id AS id, t.id AS asset FROM ");
    ar_sql_said(&sql, table->kind);
    ar_buf_addz(&sql, " t JOIN ar.source p ON p.number = t._source WHERE t._asset IS NOT NULL");
    return ar_engine_exec(table->engine, sql.ptr);
}

ar_err ar_table_view(const ar_table *table)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE VIEW ");
    ar_sql_said(&sql, table->kind);
    ar_buf_addz(&sql, " AS SELECT t._source, t.id AS _id, ");
    ar_sql_asset(&sql, table);
    ar_buf_addz(&sql, " AS id");
    for (size_t i = 1; i < table->n_facts; i++)
        add_view_column(&sql, table->facts[i]->name, table->facts[i]->type, table->stored[i]);
    for (size_t i = 0; i < AR_COUNT(marks); i++)
        add_view_column(&sql, ar_str_of(marks[i].name), marks[i].type, table->marked);
    ar_buf_addz(&sql, " FROM ");
    ar_sql_src(&sql, table->kind);
    ar_buf_addz(&sql, " t");
    AR_TRY(ar_engine_exec(table->engine, sql.ptr));
    AR_TRY(view_aliases(table));
    return table->marked ? view_merged(table) : ar_ok();
}

static ar_err add_column(const ar_table *table, ar_str name, enum ar_type type, bool merged)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "ALTER TABLE ");
    merged ? ar_sql_merged(&sql, table->kind) : ar_sql_src(&sql, table->kind);
    ar_buf_addz(&sql, " ADD COLUMN ");
    ar_sql_name(&sql, name);
    ar_buf_addf(&sql, " %s", ar_sql_type(type));
    return ar_engine_exec(table->engine, sql.ptr);
}

ar_err ar_table_store(ar_table *table, const bool *facts)
{
    bool more = false;

    for (size_t i = 0; i < table->n_facts; i++) {
        if (!facts[i] || table->stored[i]) continue;
        AR_TRY(add_column(table, table->facts[i]->name, table->facts[i]->type, false));
        if (table->marked)
            AR_TRY(add_column(table, table->facts[i]->name, table->facts[i]->type, true));
        table->stored[i] = more = true;
    }
    return more ? ar_table_view(table) : ar_ok();
}

/* What is kept of an asset beside its facts: see merge.c, which fills it. */
static ar_err make_merged(const ar_table *table)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE OR REPLACE TABLE ");
    ar_sql_merged(&sql, table->kind);
    ar_buf_addz(&sql, " (");
    for (size_t i = 0; i < table->n_facts; i++) {
        if (!table->stored[i]) continue;
        ar_sql_name(&sql, table->facts[i]->name);
        ar_buf_addf(&sql, " %s, ", ar_sql_type(table->facts[i]->type));
    }
    ar_buf_addz(&sql, "_teller VARCHAR, _first_seen TIMESTAMP, _seen_at TIMESTAMP, _latest VARCHAR,"
                      " _gone_at TIMESTAMP, _sources VARCHAR, _count BIGINT, _differ BIGINT, "
                      "_registers BOOLEAN, _observes BOOLEAN,"
                      " _owner VARCHAR, _owner_source VARCHAR, _domain VARCHAR)");
    return ar_engine_exec(table->engine, sql.ptr);
}

ar_err ar_table_mark(ar_table *table)
{
    if (table->marked) return ar_ok();
    for (size_t i = 0; i < AR_COUNT(marks); i++)
        if (!table->marks[i])
            AR_TRY(add_column(table, ar_str_of(marks[i].name), marks[i].type, false));
    AR_TRY(make_merged(table));
    table->marked = true;
    return ar_table_view(table);
}

ar_err ar_table_tell(ar_table *table)
{
    if (!table->tells) AR_TRY(add_column(table, AR_LIT("_told"), AR_TEXT, false));
    table->tells = true;
    return ar_ok();
}

ar_err ar_table_remake(ar_table *table)
{
    if (!table->marked) return ar_ok();
    AR_TRY(make_merged(table));
    return ar_table_view(table);
}

/* ---- opening ---- */

static ar_err make(ar_engine *engine, const ar_kind *kind)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE TABLE IF NOT EXISTS ");
    ar_sql_src(&sql, kind);
    ar_buf_addz(&sql, " (id VARCHAR NOT NULL, _source BIGINT NOT NULL)");
    return ar_engine_exec(engine, sql.ptr);
}

static ar_err note_column(ar_table *table, ar_str name, enum ar_type type)
{
    table->tells |= ar_str_eq(name, AR_LIT("_told"));
    for (size_t i = 0; i < AR_COUNT(marks); i++)
        if (ar_str_eq(name, ar_str_of(marks[i].name))) table->marks[i] = true;
    for (size_t i = 0; i < table->n_facts; i++) {
        const ar_kind_column *fact = table->facts[i];

        if (!ar_str_eq(name, fact->name)) continue;
        if (type != fact->type)
            return ar_fail(AR_CONFLICT,
                           "%.*s: column '%.*s' is %s now, but this home holds data of it as %s; "
                           "give the new column a new name",
                           AR_FMT(table->kind->file), AR_FMT(name), ar_type_name(fact->type),
                           ar_type_name(type));
        table->stored[i] = true;
    }
    return ar_ok();
}

static ar_err see_merged(ar_table *table, ar_arena *arena)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value any;

    ar_buf_addz(&sql, "SELECT EXISTS (SELECT 1 FROM ");
    ar_sql_merged(&sql, table->kind);
    ar_buf_addz(&sql, ")");
    AR_TRY(ar_engine_value(table->engine, ar_buf_str(&sql), NULL, 0, arena, &any));
    table->shares = any.b;
    return ar_ok();
}

ar_err ar_table_open(ar_engine *engine, const ar_kind *kind, ar_arena *arena, ar_table *out_table)
{
    ar_table table = { .engine = engine, .kind = kind };
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_kind_facts(kind, arena, &table.facts, &table.n_facts);
    table.stored = ar_make_n(arena, bool, table.n_facts);
    AR_TRY(make(engine, kind));
    ar_buf_addz(&sql, "SELECT * FROM ");
    ar_sql_src(&sql, kind);
    ar_buf_addz(&sql, " LIMIT 0");
    AR_TRY(ar_engine_query(engine, ar_buf_str(&sql), NULL, 0, &rows));
    for (size_t i = 0; i < ar_rows_width(rows); i++)
        AR_TRY(note_column(&table, ar_rows_name(rows, i), ar_rows_type(rows, i)));
    table.marked = true;
    for (size_t i = 0; i < AR_COUNT(marks); i++) table.marked &= table.marks[i];
    if (table.marked) AR_TRY(see_merged(&table, arena));
    *out_table = table;
    return ar_ok();
}
