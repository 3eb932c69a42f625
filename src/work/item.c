#include "work/item.h"

#include "standard/finding.h"
#include "standard/waiver.h"

/* What is open and not waived at $1; what else it must be goes behind. */
#define OPEN                                                                                   \
    "WITH open AS (SELECT f.standard_id, d.owner_id, d.domain_id, d.kind, d.asset_id, d.name," \
    " f.state, f.episode, e.as_of AS opened_at, d.criticality,"                                \
    " e.as_of + to_microseconds(s.due) AS due_at, s.risk * coalesce(d.criticality, 3) AS rank" \
    " FROM ar.open_finding f JOIN ar.verdict d ON d.number = f.verdict"                        \
    " JOIN ar.evaluation e ON e.id = f.opened"                                                 \
    " JOIN ar.standard s ON s.id = f.standard_id AND s.retired_at IS NULL"                     \
    " ANTI JOIN (SELECT v.standard_id, v.kind, v.asset_id FROM ar.waiver v"                    \
    "  WHERE " AR_WAIVER_IN_FORCE ") w ON w.standard_id = f.standard_id AND w.kind = d.kind"   \
    "  AND w.asset_id = d.asset_id"

/* Of the item $2. */
#define MEMBER                                      \
    " WHERE f.standard_id = split_part($2, '/', 1)" \
    " AND coalesce(d.owner_id, '-') = substr($2, length(split_part($2, '/', 1)) + 2)"

#define ITEMS                                                                                      \
    ", item AS (SELECT standard_id, owner_id, mode(domain_id) AS domain_id,"                       \
    "  count(*) AS open, count(*) FILTER (state = 'fail') AS fail,"                                \
    "  count(*) FILTER (state = 'unknown') AS unknown, bool_or(episode > 1) AS reopened,"          \
    "  min(opened_at) AS since, min(due_at) AS due_at, max(rank) AS rank FROM open"                \
    "  GROUP BY standard_id, owner_id),"                                                           \
    " rate AS (SELECT d.owner_id, count(*) / least(28, greatest(1, date_diff('day',"               \
    "  (SELECT min(as_of) FROM ar.evaluation), $1::TIMESTAMP))) AS per_day FROM "                  \
    "ar.closed_finding c"                                                                          \
    "  JOIN ar.evaluation e ON e.id = c.closed JOIN ar.verdict d ON d.number = c.verdict"          \
    "  WHERE c.reason = 'fixed' AND e.as_of <= $1 AND e.as_of > $1 - INTERVAL 28 DAY"              \
    "  GROUP BY d.owner_id),"                                                                      \
    " placed AS (SELECT i.*, r.per_day, sum(i.open) OVER (PARTITION BY i.owner_id"                 \
    "  ORDER BY i.rank DESC, i.due_at NULLS LAST, i.standard_id"                                   \
    "  ROWS UNBOUNDED PRECEDING)::BIGINT AS ahead FROM item i"                                     \
    "  LEFT JOIN rate r ON r.owner_id = i.owner_id),"                                              \
    " timed AS (SELECT p.*, $1::TIMESTAMP + to_seconds(86400 * p.ahead / p.per_day) AS ready_at,"  \
    "  date_diff('day', p.due_at, $1::TIMESTAMP) AS late, p.due_at < $1 AS overdue FROM placed "   \
    "p),"                                                                                          \
    " levels AS (SELECT t.*, CASE WHEN t.owner_id IS NULL THEN 2 WHEN NOT overdue THEN 0"          \
    "  WHEN late >= 14 THEN 2 WHEN late >= 7 THEN 1 ELSE 0 END AS level FROM timed t)"             \
    " SELECT t.standard_id || '/' || coalesce(t.owner_id, '-') AS item, t.standard_id AS "         \
    "standard,"                                                                                    \
    "  s.title, s.statement, s.pillar, s.class, s.action, t.owner_id AS owner,"                    \
    "  t.domain_id AS domain, t.open, t.fail, t.unknown, t.reopened, t.since, t.due_at,"           \
    "  CASE WHEN t.overdue THEN t.late END AS overdue_days, t.rank, t.ahead, t.per_day, "          \
    "t.ready_at,"                                                                                  \
    "  NOT t.overdue AND coalesce(t.ready_at > t.due_at,"                                          \
    "   epoch_us($1::TIMESTAMP) - epoch_us(t.since) > (epoch_us(t.due_at) - epoch_us(t.since)) / " \
    "2)"                                                                                           \
    "  AS at_risk, t.level, CASE t.level WHEN 0 THEN t.owner_id"                                   \
    "   WHEN 1 THEN coalesce(o.parent, t.owner_id)"                                                \
    "   ELSE coalesce(m.deputy_ciso, m.reports_to, o.parent, t.owner_id) END AS whose,"            \
    "  coalesce(h.hours, 0) AS hours FROM levels t JOIN ar.standard s ON s.id = t.standard_id"     \
    " LEFT JOIN ar.owner o ON o.id = t.owner_id LEFT JOIN ar.domain m ON m.id = t.domain_id"       \
    " LEFT JOIN (SELECT standard_id, owner_id, sum(hours) AS hours FROM ar.effort GROUP BY ALL) h" \
    "  ON h.standard_id = t.standard_id AND h.owner_id IS NOT DISTINCT FROM t.owner_id"

const char ar_work_items[] = "(" OPEN ")" ITEMS ")";
const char ar_work_items_owned[] =
    "(" OPEN " WHERE coalesce(d.owner_id, '-') IN " AR_OWNER_AND_BELOW("$2") ")" ITEMS ")";

const char ar_work_members[] =
    OPEN MEMBER ") SELECT kind || ':' || asset_id AS asset, name, state, opened_at, due_at, rank,"
                " criticality, episode FROM open"
                " ORDER BY rank DESC, due_at NULLS LAST, kind, asset_id";

const char ar_work_all_members[] =
    OPEN "), placed AS (SELECT standard_id || '/' || coalesce(owner_id, '-') AS item,"
         " kind || ':' || asset_id AS asset, name, state, opened_at, due_at,"
         " row_number() OVER (PARTITION BY standard_id, owner_id"
         "  ORDER BY rank DESC, due_at NULLS LAST, kind, asset_id) AS n FROM open)"
         " SELECT item, asset, name, state, opened_at, due_at, n FROM placed WHERE n <= $2"
         " ORDER BY item, n";

ar_err ar_work_id_parse(ar_str text, ar_work_id *out_id)
{
    ar_str rest = text;

    if (!ar_str_split(&rest, '/', &out_id->standard) || out_id->standard.len == 0 || rest.len == 0)
        return ar_fail(AR_INVALID,
                       "'%.*s' is no item; they look like TN-3/person:kim, TN-3/team:web"
                       " or TN-3/-",
                       AR_FMT(text));
    out_id->owner = rest;
    return ar_ok();
}
