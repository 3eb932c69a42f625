#include "estate/resolve.h"

#include "estate/estate.h"
#include "estate/evidence.h"
#include "estate/heard.h"
#include "estate/table.h"

/* ---- what there is to find ---- */

static ar_err is_true(ar_engine *engine, ar_str sql, const ar_value *args, size_t n_args,
                      bool *out_true)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_value answer;

    AR_TRY(ar_engine_value(engine, sql, args, n_args, &arena, &answer));
    *out_true = answer.b;
    return ar_ok();
}

/* Where owners or domains are known, everything is to find. */
static ar_err knows_any(ar_engine *engine, bool *out_known)
{
    return is_true(engine,
                   AR_LIT("SELECT EXISTS (SELECT 1 FROM ar.owner)"
                          " OR EXISTS (SELECT 1 FROM ar.domain)"),
                   NULL, 0, out_known);
}

static ar_err has_rows(ar_engine *engine, const ar_kind *kind, bool *out_has)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql, "SELECT EXISTS (SELECT 1 FROM ");
    ar_sql_src(&sql, kind);
    ar_buf_addc(&sql, ')');
    return is_true(engine, ar_buf_str(&sql), NULL, 0, out_has);
}

/* Without them there may be leavers, evidence for the kind, or rows that were found something
 * before and are to be cleaned. */
static ar_err something_to_find(ar_engine *engine, const ar_table *table, ar_time now,
                                bool *out_something)
{
    const ar_kind *kind = table->kind;
    ar_auto(ar_buf) sql = { 0 };
    ar_value args[] = { ar_text(kind->name), ar_at(now) };

    ar_buf_addz(&sql, "SELECT EXISTS (SELECT 1 FROM ar.owner_away WHERE since <= $2)"
                      " OR EXISTS (SELECT 1 FROM ar.evidence WHERE kind = $1)"
                      " OR EXISTS (SELECT 1 FROM ar.claim WHERE kind = $1)"
                      " OR EXISTS (SELECT 1 FROM ar.ownership WHERE kind = $1)"
                      " OR EXISTS (SELECT 1 FROM ");
    ar_sql_said(&sql, kind);
    ar_buf_addz(&sql, " WHERE _owner_source IS NOT NULL OR _domain IS NOT NULL"
                      " OR _owners IS NOT NULL)");
    if (table->shares) {
        ar_buf_addz(&sql, " OR EXISTS (SELECT 1 FROM ");
        ar_sql_said(&sql, kind);
        ar_buf_addz(&sql, " t JOIN "), ar_sql_whole(&sql, kind);
        ar_buf_addz(&sql, " m ON m.id = t.id WHERE t._shared AND t._gone_at IS NULL"
                          " AND t.owner_id <> m.owner_id)");
    }
    for (size_t i = 0; i < kind->n_leads; i++) {
        bool person = ar_str_eq(kind->leads[i].kind, AR_LIT("person"));

        ar_buf_addz(&sql, " OR EXISTS (SELECT 1 FROM main.");
        ar_sql_name(&sql, kind->leads[i].kind);
        ar_buf_addz(&sql, person ? ")" : " WHERE owner_id IS NOT NULL OR domain_id IS NOT NULL)");
    }
    return is_true(engine, ar_buf_str(&sql), args, AR_COUNT(args), out_something);
}

/* ---- one kind ---- */

/* best: the first of the evidence of whom is here, for each asset. */
static void add_best(ar_buf *sql)
{
    ar_buf_addz(
        sql,
        ", best AS (SELECT id, min(struct_pack(rank := rank, lack := 1 - confidence,"
        " place := place, age := -coalesce(epoch_us(observed_at), 0), nth := nth, owner := owner,"
        " evidence := evidence, source := source, observed_at := observed_at)) AS b"
        " FROM heard WHERE here GROUP BY id)");
}

/* chosen: whom the evidence gives, the facts among it. */
static void add_chosen(ar_buf *sql)
{
    ar_buf_addf(sql,
                ", weighed AS (SELECT s.*, f.b, s.owner IS NOT NULL AND"
                " coalesce(f.b.rank, 99) >= %d AS fact"
                " FROM told s LEFT JOIN best f ON f.id = s.id),"
                " chosen AS (SELECT id, shown, named, domain_id, was_owner, was_source,"
                " was_domain, CASE WHEN fact THEN owner ELSE b.owner END AS owner,"
                " CASE WHEN fact THEN 'fact' ELSE b.evidence END AS evidence,"
                " CASE WHEN fact THEN teller ELSE b.source END AS source,"
                " CASE WHEN fact THEN %d ELSE b.rank END AS rank,"
                " CASE WHEN NOT fact THEN b.observed_at END AS observed_at FROM weighed)",
                AR_EVIDENCE_NAMING, AR_EVIDENCE_NAMING);
}

/* disputed: another source names someone else, as firmly as an owner is named: neither in the one
 * who won, nor the other way round, nor both in one team. */
static void add_disputed(ar_buf *sql, bool shared)
{
    ar_buf_addf(sql,
                ", rival AS (SELECT id, owner, source FROM heard WHERE here AND rank <= %d"
                " UNION ALL SELECT id, owner, teller FROM word WHERE owner IS NOT NULL AND live%s),"
                " disputed AS (SELECT DISTINCT r.id FROM rival r JOIN chosen c ON c.id = r.id"
                " LEFT JOIN ar.owner x ON x.id = r.owner LEFT JOIN ar.owner y ON y.id = c.owner"
                " WHERE r.owner <> c.owner AND r.source <> c.source AND c.rank <= %d"
                " AND (x.team IS NULL OR x.team IS DISTINCT FROM y.team)"
                " AND NOT EXISTS (SELECT 1 FROM ar.owner_up u WHERE u.id = r.owner"
                " AND u.up = c.owner) AND NOT EXISTS (SELECT 1 FROM ar.owner_up u"
                " WHERE u.id = c.owner AND u.up = r.owner))",
                AR_EVIDENCE_NAMING, shared ? "" : " AND id IN (SELECT id FROM heard)",
                AR_EVIDENCE_NAMING);
}

/* above: the domain of the first thing it is in that has one. */
static void add_above(ar_buf *sql, const ar_kind *kind)
{
    ar_buf_addz(sql, ", above AS (SELECT id, arg_min(domain_id, place) AS domain_id FROM"
                     " (SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS domain_id, 0 AS place"
                     " WHERE false");
    for (size_t i = 0; i < kind->n_leads; i++) {
        if (ar_str_eq(kind->leads[i].kind, AR_LIT("person"))) continue;
        ar_buf_addf(sql,
                    " UNION ALL SELECT id, domain_id, %zu FROM led_%zu WHERE domain_id IS NOT NULL"
                    " AND id IN (SELECT id FROM told WHERE domain_id IS NULL)",
                    i, i);
    }
    ar_buf_addz(sql, ") GROUP BY id)");
}

/* answer: the owner leads to the domain, also one who is away when nobody else is known, and the
 * domain to its default owner. Where the first word of the sources holds, the view shows it, and
 * nothing is stored. */
static const char answer_sql[] =
    ", standing AS (SELECT id, owner FROM ar.domain WHERE owner NOT IN (SELECT owner FROM away)),"
    " fallback AS (SELECT id FROM ar.domain WHERE is_default),"
    " placed AS (SELECT c.* REPLACE (coalesce(c.domain_id, w.domain_id, u.domain_id,"
    "  (SELECT id FROM fallback)) AS domain_id),"
    "  c.evidence = 'fact' AND c.owner = c.shown AS holds FROM chosen c"
    "  LEFT JOIN ar.owner w ON w.id = coalesce(c.owner, c.named)"
    "  LEFT JOIN above u ON u.id = c.id),"
    " answer AS (SELECT p.id, p.was_owner, p.was_source, p.was_domain, p.domain_id,"
    "  p.owner IS NULL AS unowned, q.id IS NOT NULL AS disputed, p.observed_at,"
    "  coalesce(p.owner, d.owner) AS whose,"
    "  CASE WHEN p.owner IS NULL AND d.owner IS NOT NULL THEN 'default' ELSE p.evidence END"
    "   AS evidence,"
    "  CASE WHEN NOT coalesce(p.holds, false) THEN coalesce(p.owner, d.owner) END AS owner,"
    "  CASE WHEN p.holds THEN NULL WHEN p.evidence = 'fact' THEN p.source"
    "   WHEN p.owner IS NOT NULL THEN p.evidence WHEN d.owner IS NOT NULL THEN 'default'"
    "   WHEN p.named IS NOT NULL THEN 'left' END AS owner_source"
    "  FROM placed p LEFT JOIN standing d ON d.id = p.domain_id"
    "  LEFT JOIN disputed q ON q.id = p.id)";

/* What differs from what is stored. */
static void add_differing(ar_buf *sql, const ar_kind *kind, ar_time now)
{
    ar_buf_addf(
        sql,
        ", it AS (SELECT *, make_timestamp(%lld) AS now FROM answer)"
        " SELECT a.id, a.owner, a.owner_source, a.domain_id, a.whose, a.evidence, a.observed_at,"
        " CASE WHEN o.owner IS NOT DISTINCT FROM a.whose AND o.evidence IS NOT DISTINCT FROM"
        "  a.evidence THEN coalesce(o.recorded_at, now) ELSE now END, a.disputed,"
        " CASE WHEN a.unowned THEN coalesce(o.unowned_since, now) END,"
        " a.evidence IS DISTINCT FROM 'fact' OR a.disputed"
        " FROM it a LEFT JOIN ar.ownership o ON o.id = a.id AND o.kind = ",
        (long long)now);
    ar_sql_text(sql, kind->name);
    ar_buf_addz(sql,
                " WHERE a.owner IS DISTINCT FROM a.was_owner"
                " OR a.owner_source IS DISTINCT FROM a.was_source OR a.domain_id IS DISTINCT FROM"
                " a.was_domain"
                " OR (o.id IS NOT NULL) <> (a.evidence IS DISTINCT FROM 'fact' OR a.disputed)"
                " OR (o.id IS NOT NULL AND (o.owner IS DISTINCT FROM a.whose"
                "  OR o.evidence IS DISTINCT FROM a.evidence OR o.observed_at IS DISTINCT FROM"
                "  a.observed_at OR o.disputed <> a.disputed OR (o.unowned_since IS NOT NULL) <>"
                "  a.unowned))");
}

static ar_err find_answers(ar_engine *engine, const ar_kind *kind, const ar_owner_scope *scope,
                           int64_t *out_n)
{
    ar_auto(ar_buf) sql = { 0 };

    AR_TRY(ar_engine_exec(engine,
                          "CREATE OR REPLACE TEMP TABLE owner_answer (id VARCHAR, owner VARCHAR,"
                          " owner_source VARCHAR, domain_id VARCHAR, whose VARCHAR,"
                          " evidence VARCHAR, observed_at TIMESTAMP, recorded_at TIMESTAMP,"
                          " disputed BOOLEAN, unowned_since TIMESTAMP, kept BOOLEAN)"));
    ar_buf_addz(&sql, "INSERT INTO owner_answer WITH ");
    ar_sql_heard(&sql, kind, scope);
    add_best(&sql);
    add_chosen(&sql);
    add_disputed(&sql, scope->shared);
    add_above(&sql, kind);
    ar_buf_addz(&sql, answer_sql);
    add_differing(&sql, kind, scope->now);
    return ar_engine_run(engine, ar_buf_str(&sql), NULL, 0, out_n);
}

/* In the table whose rows are of the assets that `id` says. */
static ar_err store_in(ar_engine *engine, ar_buf *table, ar_buf *id, int64_t *out_n)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "UPDATE %s AS t SET _owner = a.owner, _owner_source = a.owner_source,"
                " _domain = a.domain_id FROM owner_answer a WHERE a.id = %s"
                " AND (t._owner IS DISTINCT FROM a.owner"
                " OR t._owner_source IS DISTINCT FROM a.owner_source"
                " OR t._domain IS DISTINCT FROM a.domain_id)",
                table->ptr, id->ptr);
    return ar_engine_run(engine, ar_buf_str(&sql), NULL, 0, out_n);
}

static ar_err store_merged(ar_engine *engine, const ar_kind *kind)
{
    ar_auto(ar_buf) merged = { 0 }, id = { 0 };

    ar_sql_merged(&merged, kind);
    ar_buf_addz(&id, "t.id");
    return store_in(engine, &merged, &id, NULL);
}

static ar_err store_answers(ar_engine *engine, const ar_table *table, int64_t *out_n)
{
    ar_auto(ar_buf) rows = { 0 }, id = { 0 };
    ar_value name = ar_text(table->kind->name);

    ar_sql_src(&rows, table->kind);
    ar_sql_asset(&id, table);
    AR_TRY(store_in(engine, &rows, &id, out_n));
    if (table->shares) AR_TRY(store_merged(engine, table->kind));
    AR_TRY(ar_engine_run(engine,
                         AR_LIT("DELETE FROM ar.ownership WHERE kind = $1"
                                " AND id IN (SELECT id FROM owner_answer)"),
                         &name, 1, NULL));
    return ar_engine_run(engine,
                         AR_LIT("INSERT INTO ar.ownership SELECT $1, id, whose, evidence,"
                                " observed_at, recorded_at, disputed, unowned_since"
                                " FROM owner_answer WHERE kept"),
                         &name, 1, NULL);
}

/* *out_n: of how many rows the owner or the domain is another now. */
static ar_err resolve_kind(ar_engine *engine, const ar_kind *kind, bool known, const char *ids,
                           ar_time now, int64_t *out_n)
{
    ar_owner_scope scope = { .ids = ids, .now = now };
    ar_auto(ar_arena) arena = { 0 };
    ar_table table;
    int64_t n;
    bool due;

    *out_n = 0;
    AR_TRY(ar_table_open(engine, kind, &arena, &table));
    AR_TRY(has_rows(engine, kind, &due));
    if (due && !known) AR_TRY(something_to_find(engine, &table, now, &due));
    if (!due) return ar_ok();
    AR_TRY(ar_table_mark(&table));
    scope.shared = table.shares;
    AR_TRY(find_answers(engine, kind, &scope, &n));
    if (n > 0) AR_TRY(store_answers(engine, &table, out_n));
    return ar_engine_exec(engine, "DROP TABLE owner_answer");
}

/* ---- all of them ---- */

/* Of which assets of a kind the owners are to be found. */
enum due { DUE_NONE, DUE_SOME /* those in the table owner_due */, DUE_ALL };

static bool follows(const ar_kind *kind, const ar_kind *other)
{
    for (size_t i = 0; i < kind->n_leads; i++)
        if (ar_str_eq(kind->leads[i].kind, other->name)) return true;
    return false;
}

/* How many kinds stand above this one, one on the other. A person is led to as one of the tree. */
static int depth_of(const ar_kinds *kinds, const ar_kind *kind)
{
    int depth = 0;

    for (size_t i = 0; i < kinds->n; i++) {
        if (ar_str_eq(kinds->list[i].name, AR_LIT("person")) || !follows(kind, &kinds->list[i]))
            continue;
        int above = 1 + depth_of(kinds, &kinds->list[i]);
        if (above > depth) depth = above;
    }
    return depth;
}

/* Whether a column holds ids that are a source's own: what they stand for, the view knows. */
static bool refers(const ar_kind *kind, ar_str column)
{
    for (size_t i = 0; i < kind->n_refs; i++)
        if (ar_str_eq(kind->refs[i].column, column)) return true;
    return false;
}

/* Those of the kind that lead to one of `ids` of the other, and some that no longer do. */
static ar_err note_due(ar_engine *engine, const ar_kind *kind, const ar_kind *other,
                       const char *ids, int64_t *out_n)
{
    ar_auto(ar_buf) sql = { 0 }, leads = { 0 };
    bool view = false;

    for (size_t i = 0; i < kind->n_leads; i++) {
        if (!ar_str_eq(kind->leads[i].kind, other->name)) continue;
        view |= refers(kind, kind->leads[i].by);
        ar_buf_addz(&leads, " OR ");
        ar_sql_name(&leads, kind->leads[i].by);
        ar_buf_addf(&leads, " IN (%s)", ids);
    }
    ar_buf_addz(&sql, "INSERT INTO owner_due SELECT DISTINCT ");
    ar_sql_text(&sql, kind->name);
    ar_buf_addz(&sql, ", id FROM ");
    if (view)
        ar_buf_addz(&sql, "main."), ar_sql_name(&sql, kind->name);
    else
        ar_sql_said(&sql, kind);
    ar_buf_addf(&sql, " WHERE false%s", leads.ptr);
    return ar_engine_run(engine, ar_buf_str(&sql), NULL, 0, out_n);
}

/* What leads to those of a kind whose owners were just found. */
static ar_err make_due(ar_engine *engine, const ar_kinds *kinds, const ar_kind *found,
                       const char *ids, enum due *due)
{
    for (size_t k = 0; k < kinds->n; k++) {
        int64_t n;

        if (due[k] == DUE_ALL || !follows(&kinds->list[k], found)) continue;
        if (ids == NULL) {
            due[k] = DUE_ALL;
            continue;
        }
        AR_TRY(note_due(engine, &kinds->list[k], found, ids, &n));
        if (n > 0) due[k] = DUE_SOME;
    }
    return ar_ok();
}

static ar_err resolve_due(ar_engine *engine, const ar_kinds *kinds, const ar_kind *kind,
                          const char *ids, ar_time now, enum due *due)
{
    size_t left = 0;
    bool known;

    AR_TRY(knows_any(engine, &known));
    for (size_t i = 0; i < kinds->n; i++) left += !kinds->list[i].view;
    for (int depth = 0; left > 0; depth++)
        for (size_t i = 0; i < kinds->n; i++) {
            const ar_kind *it = &kinds->list[i];
            ar_auto(ar_buf) some = { 0 };
            int64_t n;

            if (it->view || depth_of(kinds, it) != depth) continue;
            left--;
            if (due[i] == DUE_NONE) continue;
            if (it == kind && ids != NULL) {
                ar_buf_addz(&some, ids);
            } else if (due[i] == DUE_SOME) {
                ar_buf_addz(&some, "SELECT id FROM owner_due WHERE kind = ");
                ar_sql_text(&some, it->name);
            }
            AR_TRY(resolve_kind(engine, it, known, some.ptr, now, &n));
            if (n > 0 || it == kind) AR_TRY(make_due(engine, kinds, it, some.ptr, due));
        }
    return ar_ok();
}

ar_err ar_owners_resolve(ar_engine *engine, const ar_kinds *kinds, const ar_kind *kind,
                         const char *ids, ar_time now)
{
    ar_auto(ar_arena) arena = { 0 };
    enum due *due = ar_make_n(&arena, enum due, kinds->n);
    ar_value at = ar_at(now);
    bool any = true;

    if (ids != NULL)
        AR_TRY(is_true(engine, ar_arena_printf(&arena, "SELECT EXISTS (%s)", ids), NULL, 0, &any));
    if (!any) return ar_ok();
    for (size_t i = 0; i < kinds->n; i++)
        if (kind == NULL || &kinds->list[i] == kind) due[i] = DUE_ALL;
    AR_TRY(ar_engine_exec(engine, "CREATE OR REPLACE TEMP TABLE owner_due (kind VARCHAR,"
                                  " id VARCHAR)"));
    AR_TRY(resolve_due(engine, kinds, kind, ids, now, due));
    AR_TRY(ar_engine_exec(engine, "DROP TABLE owner_due"));
    if (kind != NULL) return ar_ok();
    AR_TRY(ar_engine_exec(engine, "DELETE FROM ar.owners_resolved"));
    return ar_engine_run(engine, AR_LIT("INSERT INTO ar.owners_resolved VALUES ($1)"), &at, 1,
                         NULL);
}

/* ---- what is known of all of them ---- */

/* A unit is here while one of its persons is, or none is known. */
static const char view_sql[] =
    "CREATE OR REPLACE VIEW main.ownership AS"
    " WITH away AS (SELECT a.owner FROM ar.owner_away a, ar.owners_resolved r"
    "  WHERE a.since <= r.resolved_at),"
    " empty AS (SELECT u.up FROM ar.owner_up u LEFT JOIN away a ON a.owner = u.id"
    "  WHERE u.id LIKE 'person:%' GROUP BY u.up HAVING bool_and(a.owner IS NOT NULL)),"
    " here AS (SELECT DISTINCT owner FROM ar.owner_name WHERE owner NOT IN (SELECT owner FROM away)"
    "  AND owner NOT IN (SELECT up FROM empty))"
    " SELECT k.kind, k.id, k.name, k.domain_id, k.criticality, k.owner_id, k.owner_source,"
    "  CASE WHEN k.owner_id IS NULL THEN 'unowned' WHEN o.evidence = 'default' THEN 'default'"
    "   ELSE 'owned' END AS state,"
    "  CASE WHEN o.evidence IS NOT NULL AND o.evidence <> 'fact' THEN o.evidence"
    "   WHEN k.owner_id IS NOT NULL THEN 'owner' END AS evidence,"
    "  CASE WHEN k.owner_id IS NOT NULL AND o.evidence IS DISTINCT FROM 'default'"
    "   THEN coalesce(o.observed_at, k.last_seen) END AS observed_at,"
    "  coalesce(o.recorded_at, k.first_seen) AS recorded_at, h.owner IS NOT NULL AS owner_here,"
    "  coalesce(o.disputed, false) AS disputed,"
    "  CASE WHEN k.owner_id IS NULL OR o.evidence = 'default'"
    "   THEN coalesce(o.unowned_since, k.first_seen) END AS unowned_since"
    " FROM main.asset k LEFT JOIN ar.ownership o ON o.kind = k.kind AND o.id = k.id"
    " LEFT JOIN here h ON h.owner = k.owner_id WHERE k.deleted_at IS NULL";

ar_err ar_owners_view(ar_engine *engine)
{
    return ar_engine_exec(engine, view_sql);
}

ar_err ar_owners_leave(ar_engine *engine, const ar_kinds *kinds, ar_time now)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_value at = ar_at(now), last, any;

    AR_TRY(ar_engine_value(engine, AR_LIT("SELECT resolved_at FROM ar.owners_resolved"), NULL, 0,
                           &arena, &last));
    if (last.type == AR_NULL) { /* a home of an older aright */
        bool other;

        AR_TRY(ar_owners_name(engine, kinds, &other));
        AR_TRY(ar_owners_view(engine));
        return ar_owners_resolve(engine, kinds, NULL, NULL, now);
    }
    AR_TRY(ar_engine_value(engine,
                           AR_LIT("SELECT EXISTS (SELECT 1 FROM ar.owner_away, ar.owners_resolved"
                                  " WHERE since <= $1 AND since > resolved_at)"),
                           &at, 1, &arena, &any));
    return any.b ? ar_owners_resolve(engine, kinds, NULL, NULL, now) : ar_ok();
}
