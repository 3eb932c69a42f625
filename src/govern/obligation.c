#include "govern/obligation.h"

#include "form/hash.h"
#include "govern/catalog.h"
#include "op/home.h"
#include "standard/current.h"
#include "standard/standard.h"

/* What was declared last holds; until then what the catalog's file says. The organisation is
 * obliged to what it declared something of, and to all of its own catalogs: only that is judged, in
 * main.obligation; of the shipped ones the rest is for reading. */
const ar_migration ar_obligation_migrations[] = {
    { 461, "obligations, which standards answer them, and what is declared of them",
      "CREATE TABLE ar.catalog (id VARCHAR, title VARCHAR, source VARCHAR, place BIGINT,"
      " shipped BOOLEAN);"
      "CREATE TABLE ar.catalog_item (catalog VARCHAR, ref VARCHAR, place BIGINT, category VARCHAR,"
      " text VARCHAR, owner_id VARCHAR, declared VARCHAR, declared_at TIMESTAMP, note VARCHAR);"
      "CREATE TABLE ar.standard_map (standard_id VARCHAR, catalog VARCHAR, ref VARCHAR);"
      "CREATE TABLE ar.declaration (catalog VARCHAR, ref VARCHAR, status VARCHAR, note VARCHAR,"
      " who VARCHAR, declared_at TIMESTAMP);"
      "CREATE TABLE ar.catalogs_known (hash VARCHAR, seen_at TIMESTAMP);"

      "CREATE VIEW ar.obligation AS"
      " SELECT i.catalog || '/' || i.ref AS id, i.catalog, i.ref, i.place, i.category, i.text,"
      " i.owner_id, coalesce(d.status, i.declared) AS declared,"
      " coalesce(d.declared_at, i.declared_at) AS declared_at, d.who AS declared_by,"
      " coalesce(d.note, i.note) AS note, NOT c.shipped OR d.who IS NOT NULL AS ours,"
      " c.place AS catalog_place FROM ar.catalog_item i JOIN ar.catalog c ON c.id = i.catalog"
      " LEFT JOIN (SELECT catalog, ref, arg_max(status, declared_at) AS status,"
      "  arg_max(note, declared_at) AS note, arg_max(who, declared_at) AS who,"
      "  max(declared_at) AS declared_at FROM ar.declaration GROUP BY catalog, ref) d"
      " ON d.catalog = i.catalog AND d.ref = i.ref;"

      "CREATE OR REPLACE VIEW main.obligation AS"
      " SELECT o.id, o.text AS name, o.owner_id, 'catalog' AS owner_source,"
      " NULL::VARCHAR AS domain_id, NULL::VARCHAR AS tenant_id, NULL::VARCHAR AS env,"
      " NULL::BIGINT AS criticality, NULL::TIMESTAMP AS created_at, true AS inventoried,"
      " NULL::TIMESTAMP AS inventoried_at, NULL::BOOLEAN AS discovered,"
      " NULL::TIMESTAMP AS adopted_at, k.seen_at AS first_seen, k.seen_at AS last_seen,"
      " NULL::TIMESTAMP AS deleted_at, 'aright' AS source, 1::BIGINT AS source_count,"
      " o.catalog AS framework, o.ref, coalesce(m.standards, 0) AS standard_count,"
      " CASE WHEN o.declared = 'not_applicable' THEN o.declared_at ELSE m.evidence_at END"
      " AS evidence_at, o.declared AS status FROM ar.obligation o CROSS JOIN ar.catalogs_known k"
      " LEFT JOIN (SELECT m.catalog, m.ref, count(*) AS standards, max(t.judged) AS evidence_at"
      "  FROM ar.standard_map m LEFT JOIN (SELECT a.standard_id, any_value(s.last_judged) AS judged"
      "   FROM ar.tally a JOIN ar.standard s ON s.id = a.standard_id GROUP BY a.standard_id"
      "   HAVING sum(a.pass + a.fail) > 0) t ON t.standard_id = m.standard_id GROUP BY 1, 2) m"
      " ON m.catalog = o.catalog AND m.ref = o.ref WHERE o.ours;" },
    { 0 },
};

/* ---- from the files ---- */

typedef struct files {
    const ar_catalog *catalogs;
    size_t n;
    const ar_standards *standards;
} files;

static void add_item(ar_buf *out, const ar_catalog_item *item)
{
    const ar_str texts[] = { item->ref,   item->group,    item->text,
                             item->owner, item->declared, item->note };
    char at[AR_TIME_LEN];

    for (size_t i = 0; i < AR_COUNT(texts); i++) ar_buf_addf(out, "%.*s\t", AR_FMT(texts[i]));
    ar_buf_addf(out, "%s\n", item->at.type == AR_TIME ? ar_time_print(item->at.i, at) : "");
}

/* Of all that the tables hold. */
static ar_str hash_of(const files *f, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    for (size_t i = 0; i < f->n; i++) {
        const ar_catalog *c = &f->catalogs[i];

        ar_buf_addf(&text, "%.*s\t%.*s\t%.*s\n", AR_FMT(c->name), AR_FMT(c->title),
                    AR_FMT(c->source));
        ar_buf_addz(&text, c->shipped ? "shipped\n" : "\n");
        for (size_t k = 0; k < c->n; k++) add_item(&text, &c->items[k]);
    }
    for (size_t i = 0; i < f->standards->n; i++) {
        const ar_standard *s = &f->standards->list[i];

        for (size_t k = 0; k < s->n_maps; k++)
            ar_buf_addf(&text, "%.*s\t%.*s\t%.*s\n", AR_FMT(s->id), AR_FMT(s->maps[k].catalog),
                        AR_FMT(s->maps[k].ref));
    }
    return ar_sha256(ar_buf_str(&text), arena);
}

static ar_err store_items(ar_engine *engine, const files *f)
{
    ar_own(ar_append) catalogs = NULL;
    ar_own(ar_append) items = NULL;

    AR_TRY(ar_append_open(engine, "ar.catalog", &catalogs));
    for (size_t i = 0; i < f->n; i++) {
        const ar_catalog *c = &f->catalogs[i];
        ar_value row[] = { ar_text(c->name), ar_text(c->title), ar_text_or_null(c->source),
                           ar_int((int64_t)i), ar_bool(c->shipped) };
        AR_TRY(ar_append_row(catalogs, row, AR_COUNT(row)));
    }
    AR_TRY(ar_append_close(&catalogs));

    AR_TRY(ar_append_open(engine, "ar.catalog_item", &items));
    for (size_t i = 0; i < f->n; i++)
        for (size_t k = 0; k < f->catalogs[i].n; k++) {
            const ar_catalog_item *item = &f->catalogs[i].items[k];
            ar_value row[] = { ar_text(f->catalogs[i].name),
                               ar_text(item->ref),
                               ar_int((int64_t)k),
                               ar_text_or_null(item->group),
                               ar_text(item->text),
                               ar_text_or_null(item->owner),
                               ar_text_or_null(item->declared),
                               item->at,
                               ar_text_or_null(item->note) };
            AR_TRY(ar_append_row(items, row, AR_COUNT(row)));
        }
    return ar_append_close(&items);
}

static ar_err store_maps(ar_engine *engine, const ar_standards *standards)
{
    ar_own(ar_append) maps = NULL;

    AR_TRY(ar_append_open(engine, "ar.standard_map", &maps));
    for (size_t i = 0; i < standards->n; i++)
        for (size_t k = 0; k < standards->list[i].n_maps; k++) {
            const ar_standard_map *map = &standards->list[i].maps[k];
            ar_value row[] = { ar_text(standards->list[i].id), ar_text(map->catalog),
                               ar_text(map->ref) };
            AR_TRY(ar_append_row(maps, row, AR_COUNT(row)));
        }
    return ar_append_close(&maps);
}

/* What is judged as of next year was not seen then. */
static ar_value seen_at(const ar_ctx *ctx)
{
    return ar_at(ctx->asof < ctx->now ? ctx->asof : ctx->now);
}

static ar_err store(ar_ctx *ctx, const files *f, ar_value hash)
{
    AR_TRY(ar_engine_exec(ctx->engine,
                          "DELETE FROM ar.catalog; DELETE FROM ar.catalog_item;"
                          " DELETE FROM ar.standard_map; DELETE FROM ar.catalogs_known"));
    AR_TRY(store_items(ctx->engine, f));
    AR_TRY(store_maps(ctx->engine, f->standards));
    /* last: a crash before it has the files read again */
    return ar_engine_run(ctx->engine, AR_LIT("INSERT INTO ar.catalogs_known VALUES ($1, $2)"),
                         (ar_value[]){ hash, seen_at(ctx) }, 2, NULL);
}

ar_err ar_obligations_sync(ar_ctx *ctx)
{
    files f = { 0 };
    ar_value known, hash;

    AR_TRY(ar_catalogs_load(ctx->place, ctx->arena, &f.catalogs, &f.n));
    AR_TRY(ar_standards_current(ctx, &f.standards));
    hash = ar_text(hash_of(&f, ctx->arena));
    AR_TRY(ar_engine_value(ctx->engine, AR_LIT("SELECT max(hash) FROM ar.catalogs_known"), NULL, 0,
                           ctx->arena, &known));
    if (known.type == AR_TEXT && ar_str_eq(known.s, hash.s)) return ar_ok();
    return store(ctx, &f, hash);
}

ar_err ar_obligations_judging(ar_ctx *ctx)
{
    ar_value seen = seen_at(ctx);
    ar_err err = ar_obligations_sync(ctx);

    if (err.code == AR_INVALID) return ar_ok(); /* `status` says so; they stay, and grow stale */
    if (err.code != AR_OK) return err;
    return ar_engine_run(ctx->engine,
                         AR_LIT("UPDATE ar.catalogs_known SET seen_at = greatest(seen_at, $1)"),
                         &seen, 1, NULL);
}

ar_err ar_obligation_status(ar_ctx *ctx, ar_reply *reply)
{
    const ar_catalog *catalogs;
    size_t n;
    ar_err err = ar_catalogs_load(ctx->place, ctx->arena, &catalogs, &n);

    if (err.code != AR_INVALID) return err;
    return ar_status_fact(reply, "estate", "obligations", ar_err_text(err), false);
}

/* ---- as they stand ---- */

#define SHARE                                                                                   \
    "CASE WHEN count(denominator) > 0 THEN sum(numerator) / nullif(sum(denominator), 0)"        \
    " ELSE sum(pass) / nullif(sum(pass + not_met), 0) END AS share, sum(pass)::BIGINT AS pass," \
    " sum(pass + not_met)::BIGINT AS scope, sum(fail)::BIGINT AS fail"

/* Waived is not right. */
#define OF_SNAPSHOT                                                                            \
    "SELECT snapshot, standard_id, pass, fail + unknown + waived AS not_met, fail, numerator," \
    " denominator FROM ar.snapshot_count"

/* "100 %" is said of nothing less. */
#define PERCENT                                                                \
    "CASE WHEN p.share IS NULL THEN '–' WHEN p.share >= 1 THEN '100 %' ELSE" \
    " format('{:.1f} %', floor(p.share * 1000 + 1e-9) / 10) END"

const char ar_obligations_stand[] =
    "(WITH point AS (SELECT standard_id, " SHARE " FROM (SELECT * EXCLUDE (snapshot) FROM"
    "   (" OF_SNAPSHOT ") WHERE snapshot = $1 UNION ALL SELECT standard_id, pass, fail + unknown,"
    "   fail, numerator, denominator FROM ar.tally WHERE $1 IS NULL) GROUP BY standard_id"
    "  HAVING sum(pass + not_met) > 0),"
    " told AS (SELECT snapshot, standard_id, " SHARE " FROM (" OF_SNAPSHOT ") WHERE snapshot IN"
    "  (SELECT id FROM ar.snapshot WHERE $1 IS NULL OR id <= $1 ORDER BY id DESC LIMIT 4)"
    "  GROUP BY ALL),"
    " steady AS (SELECT catalog, ref, count(*) AS times FROM (SELECT m.catalog, m.ref, h.id FROM"
    "  (SELECT DISTINCT snapshot AS id FROM told) h CROSS JOIN ar.standard_map m LEFT JOIN told t"
    "  ON t.snapshot = h.id AND t.standard_id = m.standard_id GROUP BY ALL"
    "  HAVING bool_and(coalesce(t.share >= 1 AND t.pass = t.scope, false))) GROUP BY ALL),"
    " line AS (SELECT m.catalog, m.ref, count(*) AS standards, count(p.standard_id) AS judged,"
    "  count(*) FILTER (p.share >= 1 AND p.pass = p.scope) AS met,"
    "  coalesce(sum(p.pass), 0)::BIGINT AS pass, coalesce(sum(p.scope), 0)::BIGINT AS scope,"
    "  CASE WHEN sum(p.fail) > 0 THEN 'fail' WHEN sum(p.pass) < sum(p.scope) THEN 'unknown'"
    "   WHEN count(p.standard_id) > 0 THEN 'pass' END AS worst,"
    "  string_agg(m.standard_id || ' ' || " PERCENT ", ', ' ORDER BY s.place, m.standard_id)"
    "   AS behind FROM ar.standard_map m LEFT JOIN point p ON p.standard_id = m.standard_id"
    "  LEFT JOIN ar.standard s ON s.id = m.standard_id GROUP BY m.catalog, m.ref),"
    " said AS (SELECT o.*,"
    "  coalesce(l.standards, 0) AS standards, coalesce(l.judged, 0) AS judged,"
    "  coalesce(l.met, 0) AS met, coalesce(l.pass, 0) AS pass, coalesce(l.scope, 0) AS scope,"
    "  l.worst, l.behind, CASE WHEN l.standards IS NULL THEN 'no standard'"
    "   WHEN l.judged = 0 THEN 'no evidence' WHEN l.met < l.standards THEN 'in progress'"
    "   WHEN coalesce(y.times, 0) >= 4 THEN 'complete' ELSE 'met' END AS computed"
    "  FROM ar.obligation o"
    "  LEFT JOIN line l ON l.catalog = o.catalog AND l.ref = o.ref"
    "  LEFT JOIN steady y ON y.catalog = o.catalog AND y.ref = o.ref)"
    " SELECT id, catalog, catalog_place, ref, place, category, text, owner_id AS owner,"
    " replace(declared, '_', ' ') AS declared, declared_at, declared_by, note, standards, judged,"
    " met, pass, scope, worst, behind, computed, CASE"
    "  WHEN declared = 'complete' AND computed = 'no standard' THEN 'no standard shows it'"
    "  WHEN declared = 'complete' AND computed = 'no evidence' THEN 'nothing that was judged shows"
    " it'"
    "  WHEN declared = 'complete' AND computed = 'in progress' THEN met || ' of ' || standards ||"
    "   ' standards are met'"
    "  WHEN declared = 'in_progress' AND computed = 'complete' THEN 'it was complete in four"
    " snapshots'"
    "  WHEN declared = 'not_applicable' AND scope > 0 THEN scope || ' checks apply' END"
    " AS contradiction FROM said)";
