#include "estate/estate.h"

#include "estate/merge.h"
#include "estate/resolve.h"

const ar_migration ar_estate_migrations[] = {
    { .number = 200,
      .name = "the estate: kinds, sources, runs, history, owners",
      .sql = "CREATE SCHEMA IF NOT EXISTS ar;"
             /* every version of a kind's columns that this home has seen */
             "CREATE TABLE ar.kind_version (kind VARCHAR NOT NULL, version BIGINT NOT NULL,"
             " columns VARCHAR NOT NULL, since TIMESTAMP NOT NULL);"
             "CREATE TABLE ar.source (number BIGINT NOT NULL, source VARCHAR NOT NULL,"
             " kind VARCHAR NOT NULL, connector VARCHAR NOT NULL, precedence BIGINT NOT NULL,"
             " first_at TIMESTAMP NOT NULL, snapshot_at TIMESTAMP,"
             " seen_at TIMESTAMP NOT NULL, run BIGINT NOT NULL, size BIGINT NOT NULL);"
             "CREATE TABLE ar.run (run BIGINT NOT NULL, connector VARCHAR NOT NULL,"
             " source VARCHAR NOT NULL, kind VARCHAR NOT NULL, delta BOOLEAN NOT NULL,"
             " started TIMESTAMP NOT NULL, who VARCHAR NOT NULL, state VARCHAR NOT NULL,"
             " rows BIGINT NOT NULL, new BIGINT NOT NULL, changed BIGINT NOT NULL,"
             " gone BIGINT NOT NULL, columns VARCHAR NOT NULL);"
             /* kinds of which one id is shown by two sources: their view has to merge */
             "CREATE TABLE ar.shared_kind (kind VARCHAR NOT NULL);"
             "CREATE TABLE ar.history (kind VARCHAR NOT NULL, id VARCHAR NOT NULL,"
             " source VARCHAR NOT NULL, col VARCHAR NOT NULL, old VARCHAR, new VARCHAR,"
             " changed_at TIMESTAMP NOT NULL, run BIGINT NOT NULL);"
             "CREATE TABLE ar.evidence (kind VARCHAR NOT NULL, id VARCHAR NOT NULL,"
             " owner VARCHAR NOT NULL, evidence VARCHAR NOT NULL, confidence DOUBLE NOT NULL,"
             " observed_at TIMESTAMP NOT NULL, source VARCHAR NOT NULL);"
             "CREATE TABLE ar.owner (id VARCHAR NOT NULL, name VARCHAR, parent VARCHAR,"
             " team VARCHAR, domain_id VARCHAR, left_at TIMESTAMP);"
             "CREATE TABLE ar.domain (id VARCHAR NOT NULL, name VARCHAR, kind VARCHAR,"
             " owner VARCHAR, deputy_ciso VARCHAR, reports_to VARCHAR, council_member BOOLEAN,"
             " appointed_at TIMESTAMP, is_default BOOLEAN NOT NULL);"
             "CREATE TABLE ar.owners_file (text VARCHAR NOT NULL);" },
    { .number = 201,
      .name = "imports that failed say why",
      .sql = "ALTER TABLE ar.run ADD COLUMN problem VARCHAR" },
    { .number = 210,
      .name = "names of owners, who is away, how each asset's owner was found, claims",
      .sql = "CREATE TABLE ar.owner_alias (alias VARCHAR NOT NULL, owner VARCHAR NOT NULL);"
             /* who is in whom, at any depth */
             "CREATE TABLE ar.owner_up (id VARCHAR NOT NULL, up VARCHAR NOT NULL);"
             /* made of the file and of the persons: names in lower case, and leavers by date */
             "CREATE TABLE ar.owner_name (alias VARCHAR NOT NULL, owner VARCHAR NOT NULL);"
             "CREATE TABLE ar.owner_away (owner VARCHAR NOT NULL, since TIMESTAMP NOT NULL);"
             "CREATE TABLE ar.owners_resolved (resolved_at TIMESTAMP NOT NULL);"
             /* of assets whose owner is not plainly what one source says */
             "CREATE TABLE ar.ownership (kind VARCHAR NOT NULL, id VARCHAR NOT NULL,"
             " owner VARCHAR, evidence VARCHAR, observed_at TIMESTAMP, recorded_at TIMESTAMP,"
             " disputed BOOLEAN NOT NULL, unowned_since TIMESTAMP);"
             "CREATE TABLE ar.claim (kind VARCHAR NOT NULL, id VARCHAR NOT NULL,"
             " owner VARCHAR NOT NULL, who VARCHAR NOT NULL, claimed_at TIMESTAMP NOT NULL);"
             "ALTER TABLE ar.evidence ADD COLUMN recorded_at TIMESTAMP;"
             "UPDATE ar.evidence SET recorded_at = observed_at;"
             /* so that what follows from the file is made once more */
             "DELETE FROM ar.owners_file" },
    { .number = 211,
      .name = "rows that could not be matched say why",
      .sql = "CREATE TABLE ar.conflict (kind VARCHAR NOT NULL, source BIGINT NOT NULL,"
             " id VARCHAR NOT NULL, sort VARCHAR NOT NULL, key VARCHAR, assets VARCHAR NOT NULL,"
             " since TIMESTAMP NOT NULL)" },
    { .number = 212,
      .name = "imports say how many rows they skipped",
      .sql = "ALTER TABLE ar.run ADD COLUMN skipped BIGINT" },
    { .number = 213,
      .name = "assets of several rows are kept merged",
      .sql = "CREATE TABLE ar.merged_latest (kind VARCHAR NOT NULL, latest VARCHAR NOT NULL,"
             " number BIGINT NOT NULL);"
             "DROP TABLE ar.shared_kind" },
    { .number = 214,
      .name = "whether a source is a register or only saw things",
      .sql = "ALTER TABLE ar.source ADD COLUMN observes BOOLEAN;"
             "UPDATE ar.source SET observes = true WHERE connector IN ('host', 'repos')" },
    { .number = 215,
      .name = "the match keys by which the rows of a kind found their assets",
      .sql = "CREATE TABLE ar.matched (kind VARCHAR NOT NULL, keys VARCHAR NOT NULL)" },
    { 0 },
};

/* ---- views ---- */

static ar_err count_of(ar_engine *engine, const char *sql, ar_str kind, int64_t *out_n)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_value arg = ar_text(kind), n;

    AR_TRY(ar_engine_value(engine, ar_str_of(sql), &arg, kind.len > 0, &arena, &n));
    *out_n = n.type == AR_INT ? n.i : 0;
    return ar_ok();
}

typedef struct how {
    const char *name;   /* of a computed column */
    const char *plain;  /* its SQL where the asset is one row t of ar."said_K" */
    const char *merged; /* and where it is one of ar."merged_K" */
} how;

/* Of all sources of the kind: whether one is a register, and whether one only sees. */
#define ROLES " bool_or(NOT observes) OVER () AS registers, bool_or(observes) OVER () AS watches "

/* An observation cannot say that a thing is in no register which shows it.
 * p is the row's source in ar.source, q when the sources were last seen whose last snapshot showed
 * the asset. */
static const how computed[] = {
    { "owner_id", "CASE WHEN t._owner_source IS NULL THEN t.owner_id ELSE t._owner END",
      "CASE WHEN t._owner_source IS NULL THEN t.owner_id ELSE t._owner END" },
    { "owner_source",
      "coalesce(t._owner_source, CASE WHEN t.owner_id IS NOT NULL THEN p.source END)",
      "coalesce(t._owner_source, t._teller)" },
    { "domain_id", "coalesce(t.domain_id, t._domain)", "coalesce(t.domain_id, t._domain)" },
    { "first_seen", "coalesce(t._first_seen, p.first_at)", "t._first_seen" },
    { "last_seen", "coalesce(t._seen_at, p.snapshot_at)", "greatest(t._seen_at, q.snapshot_at)" },
    { "source", "p.source", "t._sources" },
    { "inventoried",
      "coalesce(t.inventoried, CASE WHEN NOT p.observes THEN true WHEN p.registers THEN false END)",
      "coalesce(t._registers AND t._observes OR t.inventoried,"
      " CASE WHEN t._registers THEN true WHEN r.registers THEN false END)" },
    { "discovered",
      "coalesce(t.discovered, CASE WHEN p.observes THEN true WHEN p.watches THEN false END)",
      "coalesce(t.discovered, CASE WHEN t._observes THEN true WHEN r.watches THEN false END)" },
    { "source_count", "CASE WHEN t._gone_at IS NULL THEN CAST(1 AS BIGINT) ELSE 0 END",
      "t._count" },
};

static const how *find_how(ar_str column)
{
    for (size_t i = 0; i < AR_COUNT(computed); i++)
        if (ar_str_eq(column, ar_str_of(computed[i].name))) return &computed[i];
    return NULL;
}

/* What refers to an asset by the id that one of its sources has for it, refers to the asset. */
static void add_fact(ar_buf *sql, const ar_kind *kind, ar_str column)
{
    bool refers = false;

    for (size_t i = 0; i < kind->n_refs; i++) {
        if (!ar_str_eq(kind->refs[i].column, column)) continue;
        ar_buf_addf(sql, "%sr%zu.asset, ", refers ? "" : "coalesce(", i);
        refers = true;
    }
    ar_buf_addz(sql, "t.");
    ar_sql_name(sql, column);
    if (refers) ar_buf_addz(sql, ")");
}

/* The source of the row has the first word about its ids; of an asset that several show, any that
 * is sure. */
static void add_refs(ar_buf *sql, const ar_kind *kind, bool merged)
{
    for (size_t i = 0; i < kind->n_refs; i++) {
        const ar_kind_ref *ref = &kind->refs[i];

        ar_buf_addz(sql,
                    merged ? " LEFT JOIN (SELECT id, min(asset) AS asset FROM " : " LEFT JOIN ");
        ar_sql_alias(sql, ref->kind);
        if (merged) ar_buf_addz(sql, " GROUP BY id HAVING min(asset) = max(asset))");
        ar_buf_addf(sql, " r%zu ON r%zu.id = t.", i, i);
        ar_sql_name(sql, ref->column);
        if (!merged) ar_buf_addf(sql, " AND r%zu.source = p.source", i);
    }
}

static void add_view_column(ar_buf *sql, const ar_kind *kind, const ar_kind_column *column,
                            bool merged)
{
    const how *special = find_how(column->name);

    if (special != NULL)
        ar_buf_addz(sql, merged ? special->merged : special->plain);
    else
        add_fact(sql, kind, column->name);
    ar_buf_addz(sql, " AS ");
    ar_sql_name(sql, column->name);
    ar_buf_addz(sql, ", ");
}

static void add_select(ar_buf *sql, const ar_kind *kind, bool merged)
{
    ar_buf_addz(sql, "SELECT ");
    for (size_t i = 0; i < kind->n_columns; i++)
        add_view_column(sql, kind, &kind->columns[i], merged);
    ar_buf_addz(sql, "t._gone_at IS NOT NULL AS gone FROM ");
}

/* With one source the join would cost a scan of ten million rows a hash look-up each: its one row
 * is a scalar then. */
static void add_plain(ar_buf *sql, const ar_table *table, int64_t n_sources)
{
    add_select(sql, table->kind, false);
    ar_sql_said(sql, table->kind);
    ar_buf_addz(sql, n_sources > 1 ? " t JOIN" : " t CROSS JOIN");
    ar_buf_addz(sql, " (SELECT number, source, precedence, first_at, snapshot_at, observes," ROLES
                     " FROM ar.source WHERE kind = ");
    ar_sql_text(sql, table->kind->name);
    ar_buf_addz(sql, ") p");
    if (n_sources > 1) ar_buf_addz(sql, " ON p.number = t._source");
    add_refs(sql, table->kind, false);
    if (table->shares) ar_buf_addz(sql, " WHERE t._shared IS NULL");
}

static void add_merged(ar_buf *sql, const ar_table *table)
{
    add_select(sql, table->kind, true);
    ar_sql_whole(sql, table->kind);
    ar_buf_addz(sql, " t LEFT JOIN (SELECT l.latest, max(p.snapshot_at) AS snapshot_at"
                     " FROM ar.merged_latest l JOIN ar.source p ON p.number = l.number"
                     " WHERE l.kind = ");
    ar_sql_text(sql, table->kind->name);
    ar_buf_addz(sql,
                " GROUP BY l.latest) q ON q.latest = t._latest CROSS JOIN (SELECT DISTINCT " ROLES
                " FROM ar.source WHERE kind = ");
    ar_sql_text(sql, table->kind->name);
    ar_buf_addz(sql, ") r");
    add_refs(sql, table->kind, true);
}

ar_err ar_estate_view(ar_engine *engine, const ar_table *table)
{
    ar_auto(ar_buf) sql = { 0 };
    int64_t n_sources = 0;

    AR_TRY(count_of(engine, "SELECT count(*) FROM ar.source WHERE kind = $1", table->kind->name,
                    &n_sources));
    ar_buf_addz(&sql, "CREATE OR REPLACE VIEW main.");
    ar_sql_name(&sql, table->kind->name);
    ar_buf_addz(&sql, " AS ");
    add_plain(&sql, table, n_sources);
    if (table->shares) {
        ar_buf_addz(&sql, " UNION ALL ");
        add_merged(&sql, table);
    }
    return ar_engine_exec(engine, sql.ptr);
}

/* A view of aright's own tables whose part of the program is not here yet is empty, so that every
 * kind can be asked for. The part that has it replaces this. */
static ar_err make_empty_view(ar_engine *engine, const ar_kind *kind)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "CREATE VIEW IF NOT EXISTS main.");
    ar_sql_name(&sql, kind->name);
    ar_buf_addz(&sql, " AS SELECT ");
    for (size_t i = 0; i < kind->n_columns; i++) {
        ar_buf_addf(&sql, "CAST(NULL AS %s) AS ", ar_sql_type(kind->columns[i].type));
        ar_sql_name(&sql, kind->columns[i].name);
        ar_buf_addz(&sql, ", ");
    }
    ar_buf_addz(&sql, "false AS gone WHERE false");
    return ar_engine_exec(engine, sql.ptr);
}

/* Parts of others are no assets of their own. */
static bool is_asset(const ar_kind *kind)
{
    return !kind->view && kind->whole.len == 0;
}

static void add_asset_part(ar_buf *sql, const ar_kind *asset, const ar_kind *part, ar_str from,
                           bool teams)
{
    ar_buf_addz(sql, "SELECT ");
    for (size_t i = 0; i < asset->n_columns; i++) {
        ar_str name = asset->columns[i].name;
        if (ar_str_eq(name, AR_LIT("kind")))
            ar_sql_text(sql, part->name);
        else if (asset->columns[i].common)
            ar_buf_addz(sql, "k."), ar_sql_name(sql, name);
        else if (teams)
            ar_buf_addz(sql, "w.team");
        else
            ar_buf_addz(sql, "CASE WHEN k.owner_id LIKE 'team:%' THEN k.owner_id END");
        ar_buf_addz(sql, " AS ");
        ar_sql_name(sql, name);
        ar_buf_addz(sql, ", ");
    }
    ar_buf_addz(sql, "k.gone FROM ");
    ar_buf_add(sql, from);
    ar_buf_addz(sql, " k");
    if (teams) ar_buf_addz(sql, " LEFT JOIN ar.owner w ON w.id = k.owner_id");
}

/* Without owners in the home no join is paid for. */
static ar_err knows_teams(ar_engine *engine, bool *out_teams)
{
    int64_t n;

    AR_TRY(count_of(engine, "SELECT count(*) FROM ar.owner", (ar_str){ 0 }, &n));
    *out_teams = n > 0;
    return ar_ok();
}

/* All kinds that have sources and are no parts of others, as one. */
static ar_err make_asset_view(ar_engine *engine, const ar_kinds *kinds, const ar_kind *asset)
{
    ar_auto(ar_buf) sql = { 0 };
    bool first = true, teams;

    AR_TRY(knows_teams(engine, &teams));
    ar_buf_addz(&sql, "CREATE OR REPLACE VIEW main.asset AS ");
    for (size_t i = 0; i < kinds->n; i++) {
        ar_auto(ar_buf) from = { 0 };

        if (!is_asset(&kinds->list[i])) continue;
        if (!first) ar_buf_addz(&sql, " UNION ALL ");
        ar_buf_addz(&from, "main.");
        ar_sql_name(&from, kinds->list[i].name);
        add_asset_part(&sql, asset, &kinds->list[i], ar_buf_str(&from), teams);
        first = false;
    }
    return first ? make_empty_view(engine, asset) : ar_engine_exec(engine, sql.ptr);
}

ar_err ar_estate_assets(ar_engine *engine, const ar_kind *asset, const ar_kind *kind, ar_str from,
                        ar_buf *sql)
{
    bool teams;

    if (!is_asset(kind)) return ar_ok();
    AR_TRY(knows_teams(engine, &teams));
    if (sql->len > 0) ar_buf_addz(sql, " UNION ALL ");
    add_asset_part(sql, asset, kind, from, teams);
    return ar_ok();
}

/* "function" is what a domain is when the file does not say; its common columns are those that a
 * domain can have. Its deputy is active when the person is known and works here. */
static ar_err make_domain_view(ar_engine *engine, const ar_kinds *kinds, const ar_kind *domain)
{
    static const how columns[] = {
        { "id", "d.id", NULL },
        { "name", "d.name", NULL },
        { "owner_id", "d.deputy_ciso", NULL },
        { "owner_source", "CASE WHEN d.deputy_ciso IS NOT NULL THEN 'owners.yaml' END", NULL },
        { "domain_id", "d.id", NULL },
        { "source", "'owners.yaml'", NULL },
        { "source_count", "CAST(1 AS BIGINT)", NULL },
        { "kind", "d.kind", NULL },
        { "deputy_ciso", "d.deputy_ciso", NULL },
        { "reports_to", "d.reports_to", NULL },
        { "council_member", "d.council_member", NULL },
        { "appointed_at", "d.appointed_at", NULL },
        { "deputy_active",
          "coalesce(p.active, CASE WHEN w.id IS NOT NULL THEN w.left_at IS NULL END)", NULL },
    };
    ar_auto(ar_buf) sql = { 0 };
    const ar_kind *person;

    AR_TRY(ar_kinds_find(kinds, AR_LIT("person"), &person));
    ar_buf_addz(&sql, "CREATE OR REPLACE VIEW main.domain AS SELECT ");
    for (size_t i = 0; i < domain->n_columns; i++) {
        const char *text = NULL;
        for (size_t k = 0; k < AR_COUNT(columns); k++)
            if (ar_str_eq(domain->columns[i].name, ar_str_of(columns[k].name)))
                text = columns[k].plain;
        if (text == NULL)
            ar_buf_addf(&sql, "CAST(NULL AS %s)", ar_sql_type(domain->columns[i].type));
        else
            ar_buf_addz(&sql, text);
        ar_buf_addz(&sql, " AS ");
        ar_sql_name(&sql, domain->columns[i].name);
        ar_buf_addz(&sql, ", ");
    }
    ar_buf_addz(&sql, "false AS gone FROM ar.domain d LEFT JOIN ar.owner w ON w.id = d.deputy_ciso"
                      " LEFT JOIN main.person p ON 'person:' || p.id = d.deputy_ciso");
    return ar_engine_exec(engine, sql.ptr);
}

/* ---- opening ---- */

/* What the tables and views of a kind are made from. */
static ar_str columns_text(const ar_kind *kind, ar_arena *arena)
{
    enum { VIEWS = 6 }; /* raised when views are made in another way */
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "%d ", VIEWS);
    if (kind->view) ar_buf_addz(&text, "view ");
    if (kind->whole.len > 0) ar_buf_addf(&text, "part of %.*s ", AR_FMT(kind->whole));
    for (size_t i = 0; i < kind->n_precedence; i++)
        ar_buf_addf(&text, "%s%.*s%s", i == 0 ? "precedence " : ",", AR_FMT(kind->precedence[i]),
                    i + 1 == kind->n_precedence ? " " : "");
    for (size_t i = 0; i < kind->n_refs; i++)
        ar_buf_addf(&text, "%s%.*s:%.*s%s", i == 0 ? "refers " : ",", AR_FMT(kind->refs[i].column),
                    AR_FMT(kind->refs[i].kind->name), i + 1 == kind->n_refs ? " " : "");
    for (size_t i = 0; i < kind->n_columns; i++)
        ar_buf_addf(&text, "%s%.*s:%s", i > 0 ? "," : "", AR_FMT(kind->columns[i].name),
                    ar_type_name(kind->columns[i].type));
    return ar_arena_copy(arena, ar_buf_str(&text));
}

static ar_err record_version(ar_ctx *ctx, const ar_kind *kind, ar_str columns)
{
    ar_value args[] = { ar_text(kind->name), ar_text(columns), ar_at(ctx->now) };

    return ar_engine_run(ctx->engine,
                         AR_LIT("INSERT INTO ar.kind_version SELECT $1,"
                                " coalesce(max(version), 0) + 1, $2, $3"
                                " FROM ar.kind_version WHERE kind = $1"),
                         args, AR_COUNT(args), NULL);
}

/* The columns of each kind as this home last saw them. */
static ar_err read_versions(ar_ctx *ctx, ar_map *out_versions)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT kind, columns FROM ar.kind_version ORDER BY version"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        ar_str kind = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);
        ar_map_put(out_versions, ctx->arena, kind, NULL)->cptr =
            ar_arena_cstr(ctx->arena, ar_rows_get(rows, 1).s);
    }
    return ar_ok();
}

ar_err ar_estate_rank(ar_engine *engine, const ar_kind *kind)
{
    ar_value args[] = { ar_text(kind->name) };
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "UPDATE ar.source AS s SET precedence = r.place FROM (SELECT number,"
                      " row_number() OVER (ORDER BY CASE");
    for (size_t i = 0; i < kind->n_precedence; i++) {
        ar_buf_addz(&sql, " WHEN source = "), ar_sql_text(&sql, kind->precedence[i]);
        ar_buf_addz(&sql, " OR connector = "), ar_sql_text(&sql, kind->precedence[i]);
        ar_buf_addf(&sql, " THEN %zu", i);
    }
    ar_buf_addf(&sql,
                " WHEN true THEN %zu END, number) AS place FROM ar.source WHERE kind = $1) r"
                " WHERE r.number = s.number AND r.place <> s.precedence",
                kind->n_precedence);
    return ar_engine_run(engine, ar_buf_str(&sql), args, AR_COUNT(args), NULL);
}

/* The file is another, or this is another aright. */
static ar_err remake(ar_ctx *ctx, ar_table *table)
{
    ar_value kind = ar_text(table->kind->name), several;

    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT count(*) > 1 FROM ar.source WHERE kind = $1"), &kind, 1,
                           ctx->arena, &several));
    if (several.b || table->marks[0]) AR_TRY(ar_table_mark(table));
    AR_TRY(ar_estate_rank(ctx->engine, table->kind));
    return ar_merge_all(ctx->engine, table);
}

static ar_err open_table(ar_ctx *ctx, const ar_kind *kind, bool known)
{
    ar_table table;

    if (kind->view) return ar_ok();
    AR_TRY(ar_table_open(ctx->engine, kind, ctx->arena, &table));
    AR_TRY(ar_table_view(&table));
    return known ? remake(ctx, &table) : ar_ok();
}

static ar_err open_view(ar_ctx *ctx, const ar_kind *kind)
{
    ar_table table;

    if (kind->view &&
        (ar_str_eq(kind->name, AR_LIT("asset")) || ar_str_eq(kind->name, AR_LIT("domain"))))
        return ar_ok(); /* made below, from the others */
    if (kind->view) return make_empty_view(ctx->engine, kind);
    AR_TRY(ar_table_open(ctx->engine, kind, ctx->arena, &table));
    return ar_estate_view(ctx->engine, &table);
}

/* The view of a kind stands on tables of others: all tables come first. */
static ar_err open_kinds(ar_ctx *ctx, const ar_kinds *kinds, bool *out_changed)
{
    bool *changed = ar_make_n(ctx->arena, bool, kinds->n);
    ar_map versions = { 0 };

    AR_TRY(read_versions(ctx, &versions));
    for (size_t i = 0; i < kinds->n; i++) {
        const ar_kind *kind = &kinds->list[i];
        ar_str now = columns_text(kind, ctx->arena);
        const ar_map_value *then = ar_map_get(&versions, kind->name);

        if (then != NULL && ar_str_eq(now, ar_str_of(then->cptr))) continue;
        AR_TRY(open_table(ctx, kind, then != NULL));
        AR_TRY(record_version(ctx, kind, now));
        changed[i] = *out_changed = true;
    }
    for (size_t i = 0; i < kinds->n; i++)
        if (changed[i]) AR_TRY(open_view(ctx, &kinds->list[i]));
    return ar_ok();
}

/* What stands on several kinds, and on who owns and who left. */
static ar_err join_kinds(ar_ctx *ctx, const ar_kinds *kinds)
{
    const ar_kind *asset, *domain;
    bool other;

    AR_TRY(ar_kinds_find(kinds, AR_LIT("asset"), &asset));
    AR_TRY(ar_kinds_find(kinds, AR_LIT("domain"), &domain));
    AR_TRY(make_asset_view(ctx->engine, kinds, asset));
    AR_TRY(make_domain_view(ctx->engine, kinds, domain));
    AR_TRY(ar_owners_view(ctx->engine));
    AR_TRY(ar_owners_name(ctx->engine, kinds, &other));
    return ar_owners_resolve(ctx->engine, kinds, NULL, NULL, ctx->now);
}

ar_err ar_estate_open(ar_ctx *ctx, ar_kinds *out_kinds)
{
    bool changed = false, owners_changed = false;
    ar_kinds kinds;

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(open_kinds(ctx, &kinds, &changed));
    AR_TRY(ar_owners_sync(ctx, &owners_changed));
    AR_TRY(changed || owners_changed ? join_kinds(ctx, &kinds)
                                     : ar_owners_leave(ctx->engine, &kinds, ctx->now));
    *out_kinds = kinds;
    return ar_ok();
}

ar_err ar_estate_opened(ar_ctx *ctx)
{
    ar_kinds kinds;

    AR_TRY(ar_expr_opened(ctx->engine));
    return ar_estate_open(ctx, &kinds);
}
