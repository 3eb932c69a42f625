#include "estate/heard.h"

#include "estate/estate.h"
#include "estate/evidence.h"

static void add_ids(ar_buf *sql, const char *ids)
{
    if (ids != NULL) ar_buf_addf(sql, " WHERE t.id IN (%s)", ids);
}

/* A part of the question that is read more than once: of a few assets it is found once, and the
 * whole is planned in less time; of all of them the engine decides. */
static const char *once(const char *ids)
{
    return ids == NULL ? "" : "MATERIALIZED ";
}

/* What is believed of an asset of several rows. */
static void add_first_word(ar_buf *sql, const ar_kind *kind, const char *ids)
{
    ar_buf_addz(sql, ", first_word AS (SELECT t.id, t.domain_id, t.owner_id AS shown,"
                     " coalesce(n.owner, t.owner_id) AS named,"
                     " CASE WHEN a.owner IS NULL THEN coalesce(n.owner, t.owner_id) END AS owner,"
                     " t._teller AS teller, t._gone_at IS NOT NULL AS gone, t._owner AS was_owner,"
                     " t._owner_source AS was_source, t._domain AS was_domain FROM ");
    ar_sql_whole(sql, kind);
    ar_buf_addz(sql, " t LEFT JOIN ar.owner_name n ON n.alias = lower(trim(t.owner_id))"
                     " LEFT JOIN away a ON a.owner = coalesce(n.owner, t.owner_id)");
    add_ids(sql, ids);
    ar_buf_addz(sql, ")");
}

/* word: what each source's row says, with the owner that it means and whether that one is here.
 * told: one row for each asset, of all its sources, as the view merges them. `shown` is what the
 * view shows unless told otherwise, `named` the owner whom it means, `owner`, in the words of
 * `teller`, the first who is here: of an asset of several rows another source may name one. */
static void add_told(ar_buf *sql, const ar_kind *kind, bool shared, const char *ids)
{
    ar_buf_addf(sql, "word AS %s(", once(ids));
    ar_buf_addz(sql,
                "SELECT t.id, t.domain_id, t.owner_id AS shown,"
                " coalesce(n.owner, t.owner_id) AS named,"
                " CASE WHEN a.owner IS NULL THEN coalesce(n.owner, t.owner_id) END AS owner,"
                " p.source AS teller, coalesce(t._seen_at, p.snapshot_at) AS seen, p.precedence,"
                " t._gone_at IS NULL AS live, t._owners AS owners,"
                " t._owner AS was_owner, t._owner_source AS was_source, t._domain AS was_domain,"
                " t._shared FROM ");
    ar_sql_said(sql, kind);
    ar_buf_addz(sql, " t JOIN ar.source p ON p.number = t._source"
                     " LEFT JOIN ar.owner_name n ON n.alias = lower(trim(t.owner_id))"
                     " LEFT JOIN away a ON a.owner = coalesce(n.owner, t.owner_id)");
    add_ids(sql, ids);
    ar_buf_addz(sql, ")");
    if (shared) add_first_word(sql, kind, ids);
    ar_buf_addf(sql, ", told AS %s(", once(ids));
    ar_buf_addz(sql, "SELECT id, domain_id, shown, named, owner, teller, was_owner,"
                     " was_source, was_domain FROM word WHERE _shared IS NULL");
    if (shared)
        ar_buf_addz(sql, " UNION ALL SELECT f.id, f.domain_id, f.shown, f.named,"
                         " coalesce(f.owner, o.owner), CASE WHEN f.owner IS NULL THEN o.teller"
                         " ELSE f.teller END, f.was_owner, f.was_source, f.was_domain"
                         " FROM first_word f LEFT JOIN (SELECT w.id,"
                         " arg_min(w.owner, w.precedence) AS owner,"
                         " arg_min(w.teller, w.precedence) AS teller FROM word w JOIN first_word f"
                         " ON f.id = w.id WHERE f.owner IS NULL AND w.owner IS NOT NULL"
                         " AND (w.live OR f.gone) GROUP BY w.id) o ON o.id = f.id");
    ar_buf_addz(sql, ")");
}

/* led_0, led_1, …: for each lead of the kind what it leads to. The views that it joins are wide,
 * and dear to plan; of all assets nothing is kept that is only passed on. */
static void add_led(ar_buf *sql, const ar_kind *kind, const char *ids)
{
    const char *how = ids == NULL ? "NOT MATERIALIZED" : "MATERIALIZED";

    ar_buf_addf(sql, ", own AS %s (SELECT t.id", how);
    for (size_t i = 0; i < kind->n_leads; i++) {
        ar_buf_addz(sql, ", t."), ar_sql_name(sql, kind->leads[i].by);
        ar_buf_addf(sql, " AS by_%zu", i);
    }
    ar_buf_addz(sql, " FROM main.");
    ar_sql_name(sql, kind->name);
    ar_buf_addz(sql, " t");
    add_ids(sql, ids);
    ar_buf_addc(sql, ')');
    for (size_t i = 0; i < kind->n_leads; i++) {
        const ar_kind_lead *lead = &kind->leads[i];
        bool person = ar_str_eq(lead->kind, AR_LIT("person"));

        ar_buf_addf(sql,
                    ", led_%zu AS %s (SELECT v.id, q.id AS leads_to, %s AS owner,"
                    " q.owner_source, q.domain_id, q.last_seen FROM own v JOIN main.",
                    i, how, person ? "'person:' || q.id" : "q.owner_id");
        ar_sql_name(sql, lead->kind);
        ar_buf_addf(sql, " q ON q.id = v.by_%zu)", i);
    }
}

/* What leads to the owner: the owner of what it is in, or the person whom a column names. A part is
 * its whole's whoever that is; of others a default owner is not handed down, so that what nobody is
 * known to own stays in its own queue. */
static void add_leads(ar_buf *sql, const ar_kind *kind, bool all)
{
    for (size_t i = 0; i < kind->n_leads; i++) {
        const ar_kind_lead *lead = &kind->leads[i];

        ar_buf_addz(sql, " UNION ALL SELECT id, owner, ");
        ar_sql_text(sql, lead->evidence);
        ar_buf_addz(sql, ", ");
        ar_sql_text(sql, lead->kind);
        ar_buf_addf(sql,
                    " || ':' || leads_to, %g, NULL, NULL, last_seen, %zu FROM led_%zu"
                    " WHERE id IN (SELECT id FROM told%s)",
                    ar_evidence_confidence(lead->evidence), i, i,
                    all ? "" : " WHERE owner IS NULL");
        if (ar_str_eq(lead->kind, AR_LIT("person"))) continue;
        ar_buf_addz(sql, " AND owner IS NOT NULL");
        if (!ar_str_eq(lead->evidence, AR_LIT("whole")))
            ar_buf_addz(sql, " AND owner_source IS DISTINCT FROM 'default'");
    }
}

/* What connectors find in the rows, packed as estate/connector.h says; of those that have a say. */
static void add_said(ar_buf *sql, bool shared)
{
    ar_buf_addf(
        sql,
        " UNION ALL SELECT id, split_part(line, chr(9), 4), split_part(line, chr(9), 1),"
        " teller, CAST(split_part(line, chr(9), 2) AS DOUBLE),"
        " make_timestamp(TRY_CAST(split_part(line, chr(9), 3) AS BIGINT)), NULL, seen, nth"
        " FROM (SELECT w.id, w.teller, w.seen, unnest(w.lines) AS line,"
        " generate_subscripts(w.lines, 1) AS nth FROM (SELECT *,"
        " string_split(owners, chr(10)) AS lines FROM word) w WHERE w.owners IS NOT NULL%s)",
        shared ? " AND (w.live OR NOT EXISTS"
                 " (SELECT 1 FROM word l WHERE l.id = w.id AND l.live))"
               : "");
}

/* seen_evidence: what inspectors found, of the asset that they call by an id of their source. */
static void add_seen(ar_buf *sql, const ar_kind *kind)
{
    ar_buf_addz(sql, ", seen_evidence AS (SELECT e.*");
    if (kind->n_match > 0) ar_buf_addz(sql, " REPLACE (coalesce(r.asset, e.id) AS id)");
    ar_buf_addz(sql, " FROM ar.evidence e");
    if (kind->n_match > 0) {
        ar_buf_addz(sql, " LEFT JOIN ");
        ar_sql_alias(sql, kind);
        ar_buf_addz(sql, " r ON r.id = e.id AND r.source = e.source");
    }
    ar_buf_addz(sql, " WHERE e.kind = ");
    ar_sql_text(sql, kind->name);
    ar_buf_addc(sql, ')');
}

/* evidence: all of it, under the names that its sources have for the owners. */
static void add_evidence(ar_buf *sql, const ar_kind *kind, const ar_owner_scope *scope)
{
    const char *of_told = scope->ids != NULL ? " AND id IN (SELECT id FROM told)" : "";

    ar_buf_addf(sql,
                ", evidence AS (SELECT id, owner, evidence, source, confidence, observed_at,"
                " recorded_at, CAST(NULL AS TIMESTAMP) AS seen, 0 AS nth FROM seen_evidence"
                " WHERE true%s UNION ALL"
                " SELECT id, owner, 'claim', who, 1.0, claimed_at, claimed_at, NULL, 0"
                " FROM ar.claim WHERE kind = ",
                of_told);
    ar_sql_text(sql, kind->name);
    ar_buf_addz(sql, of_told);
    add_said(sql, scope->shared);
    add_leads(sql, kind, scope->all_leads);
    ar_buf_addc(sql, ')');
}

void ar_sql_heard(ar_buf *sql, const ar_kind *kind, const ar_owner_scope *scope)
{
    ar_buf_addf(sql,
                "away AS (SELECT owner FROM ar.owner_away WHERE since <= make_timestamp(%lld)), ",
                (long long)scope->now);
    add_told(sql, kind, scope->shared, scope->ids);
    if (kind->n_leads > 0) add_led(sql, kind, scope->ids);
    add_seen(sql, kind);
    add_evidence(sql, kind, scope);
    ar_buf_addf(sql, ", heard AS %s(", once(scope->ids));
    ar_buf_addz(sql, "SELECT e.* REPLACE (coalesce(n.owner, e.owner) AS owner),"
                     " e.owner AS said, a.owner IS NULL AS here,"
                     " coalesce(p.precedence, 0) AS place, ");
    ar_sql_rank(sql, "e.evidence");
    ar_buf_addz(sql, " AS rank FROM evidence e"
                     " LEFT JOIN ar.source p ON p.source = e.source AND p.kind = ");
    ar_sql_text(sql, kind->name);
    ar_buf_addz(sql, " LEFT JOIN ar.owner_name n ON n.alias = lower(trim(e.owner))"
                     " LEFT JOIN away a ON a.owner = coalesce(n.owner, e.owner))");
}
