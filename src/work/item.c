#include "work/item.h"

#include "standard/finding.h"
#include "standard/owed.h"
#include "standard/waiver.h"
#include "standard/words.h"

/* What is waived at $1: findings, and whose they are. */
#define WAIVED                                                                     \
    "waived AS MATERIALIZED (SELECT DISTINCT f.verdict, f.standard_id, f.owner_id" \
    " FROM ar.waiver v JOIN ar.open_finding f ON f.verdict = v.verdict"            \
    " AND f.standard_id = v.standard_id WHERE " AR_WAIVER_IN_FORCE "),"            \
    " waiving AS MATERIALIZED (SELECT DISTINCT owner_id FROM waived)"

/* Items as they were counted when it was judged, but for the owners of what is waived, whose
 * findings are counted. */
#define TIMED                                                                                    \
    "WITH " WAIVED ", item AS (FROM ar.item i ANTI JOIN waiving w"                               \
    "  ON w.owner_id IS NOT DISTINCT FROM i.owner_id UNION ALL " AR_ITEMS_OF(                    \
        "(SELECT f.standard_id, f.owner_id, f.domain_id, count(*) AS open,"                      \
        "  count(*) FILTER (f.state = 'fail') AS fail,"                                          \
        "  count(*) FILTER (f.episode > 1) AS reopened, min(f.opened) AS opened,"                \
        "  max(coalesce(f.criticality, 3)) AS weight FROM ar.open_finding f"                     \
        "  SEMI JOIN waiving w ON w.owner_id IS NOT DISTINCT FROM f.owner_id"                    \
        "  ANTI JOIN waived v ON v.verdict = f.verdict AND v.standard_id = f.standard_id"        \
        "  GROUP BY ALL)") "),"                                                                  \
                           " rate AS (SELECT f.owner_id, sum(f.n) / least(28, greatest(1, "      \
                           "date_diff('day',"                                                    \
                           "  (SELECT min(as_of) FROM ar.evaluation), $1::TIMESTAMP))) AS "      \
                           "per_day FROM ar.fixed f"                                             \
                           "  JOIN ar.evaluation e ON e.id = f.evaluation"                       \
                           "  WHERE e.as_of <= $1 AND e.as_of > $1 - INTERVAL 28 DAY GROUP BY "  \
                           "f.owner_id),"                                                        \
                           " paced AS (SELECT i.*, r.per_day,"                                   \
                           "  $1::TIMESTAMP + to_seconds(86400 * i.ahead / r.per_day) AS "       \
                           "ready_at,"                                                           \
                           "  date_diff('day', i.due_at, $1::TIMESTAMP) AS late, i.due_at < $1 " \
                           "AS overdue FROM item i"                                              \
                           "  LEFT JOIN rate r ON r.owner_id = i.owner_id),"                     \
                           " timed AS (SELECT p.*, NOT overdue AND coalesce(ready_at > due_at, " \
                           "epoch_us($1::TIMESTAMP)"                                             \
                           "  - epoch_us(since) > (epoch_us(due_at) - epoch_us(since)) / 2) AS " \
                           "at_risk,"                                                            \
                           "  CASE WHEN owner_id IS NULL THEN 2 WHEN NOT overdue THEN 0"         \
                           "  WHEN late >= 14 THEN 2 WHEN late >= 7 THEN 1 ELSE 0 END AS level " \
                           "FROM paced p)"

const char ar_work_items[] = "(" TIMED " FROM " AR_WORK_WORDS("timed") ")";

/* Those at the door of one are their own, or of whom they are above, or in a domain of theirs. */
static void add_whose(ar_asked *asked, ar_str whose)
{
    size_t n;

    if (whose.len == 0) return;
    n = ar_asked_value(asked, ar_text(whose));
    if (ar_str_eq(whose, AR_LIT("-")))
        return ar_buf_addf(
            &asked->sql, " AND t.owner_id IS NULL AND coalesce(" AR_WORK_WHOSE ", '-') = $%zu", n);
    ar_buf_addf(&asked->sql,
                " AND (t.owner_id = $%zu OR t.owner_id IN (SELECT id FROM ar.owner WHERE parent ="
                " $%zu) OR t.domain_id IN (SELECT id FROM ar.domain WHERE deputy_ciso = $%zu"
                " OR reports_to = $%zu)) AND " AR_WORK_WHOSE " = $%zu",
                n, n, n, n, n);
}

ar_err ar_work_found(ar_engine *engine, const ar_work_query *query, ar_time asof, ar_arena *arena,
                     ar_asked *out)
{
    ar_auto(ar_asked) asked = { 0 };

    (void)ar_asked_value(&asked, ar_at(asof));
    ar_buf_addf(&asked.sql, TIMED ", found AS (SELECT t.* FROM timed t%s WHERE TRUE",
                query->whose.len > 0 ? AR_WORK_UP : "");
    ar_asked_add(&asked, "t.standard_id", query->standard);
    ar_asked_add_or_none(&asked, "t.domain_id", query->domain);
    ar_asked_add_or_none(&asked, "t.owner_id", query->exactly);
    AR_TRY(ar_asked_add_owner(&asked, engine, "t.owner_id", query->owner, arena));
    add_whose(&asked, query->whose);
    if (query->class.len > 0)
        ar_buf_addf(&asked.sql,
                    " AND t.standard_id IN (SELECT id FROM ar.standard WHERE class = $%zu)",
                    ar_asked_value(&asked, ar_text(query->class)));
    if (query->overdue) ar_buf_addz(&asked.sql, " AND t.overdue");
    if (query->at_risk) ar_buf_addz(&asked.sql, " AND t.at_risk");
    ar_buf_addc(&asked.sql, ')');
    *out = ar_move(asked);
    return ar_ok();
}

/* The findings that are open and not waived at $1, and of which OF holds. */
#define OPEN(OF)                                                                                 \
    "WITH " WAIVED ", open AS (SELECT f.verdict, f.standard_id, f.owner_id, f.state, f.episode," \
    " e.as_of AS opened_at, f.criticality, e.as_of + to_microseconds(s.due) AS due_at,"          \
    " s.risk * coalesce(f.criticality, 3) AS rank FROM ar.open_finding f"                        \
    " JOIN ar.evaluation e ON e.id = f.opened"                                                   \
    " JOIN ar.standard s ON s.id = f.standard_id AND s.retired_at IS NULL"                       \
    " ANTI JOIN waived v ON v.verdict = f.verdict AND v.standard_id = f.standard_id WHERE " OF ")"

/* Of the item $2. */
#define MEMBER                                     \
    "f.standard_id = split_part($2, '/', 1)"       \
    " AND f.owner_id IS NOT DISTINCT FROM nullif(" \
    "substr($2, length(split_part($2, '/', 1)) + 2), '-')"

#define ORDER " ORDER BY rank DESC, due_at NULLS LAST, verdict"

/* The first of them, $3 at most, without $4, and how many there are. */
#define MEMBERS(words, names)                                                   \
    OPEN(MEMBER)                                                                \
    ", first AS (FROM open" ORDER " LIMIT $3 OFFSET $4)"                        \
    " SELECT " words ", f.state, f.opened_at, f.due_at, f.rank, f.criticality," \
    " f.episode, f.verdict FROM first f" names ORDER

static const char named_members[] =
    MEMBERS("d.kind || ':' || d.asset_id, d.name", " JOIN ar.verdict d ON d.number = f.verdict");
static const char few_members[] = MEMBERS("NULL, NULL", "");
static const char count_members[] = OPEN(MEMBER) " SELECT count(*) FROM open";

static ar_err see_member(ar_engine *engine, ar_rows *rows, ar_work_member_fn *see, void *self)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_value member[AR_WORK_MEMBER_N];
    ar_words words;

    for (size_t i = 0; i < AR_WORK_MEMBER_N; i++) member[i] = ar_rows_get(rows, i);
    if (member[0].type == AR_NULL) {
        AR_TRY(ar_words_of(engine, ar_rows_get(rows, AR_WORK_MEMBER_N).i, &arena, &words));
        member[0] = ar_text(
            ar_arena_printf(&arena, "%.*s:%.*s", AR_FMT(words.kind.s), AR_FMT(words.asset.s)));
        member[1] = words.name;
    }
    return see(self, member);
}

ar_err ar_work_members(ar_engine *engine, ar_str item, ar_time asof, int64_t limit, int64_t skip,
                       ar_work_member_fn *see, void *self, int64_t *out_total)
{
    ar_value args[] = { ar_at(asof), ar_text(item), ar_int(limit), ar_int(skip) }, total;
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_value(engine, ar_str_of(count_members), args, 2, &arena, &total));
    AR_TRY(ar_engine_query(engine, ar_str_of(limit <= AR_WORDS_FEW ? few_members : named_members),
                           args, AR_COUNT(args), &rows));
    while (ar_rows_next(rows)) AR_TRY(see_member(engine, rows, see, self));
    *out_total = total.i;
    return ar_ok();
}

const char ar_work_all_members[] = OPEN(
    "TRUE") ", placed AS (SELECT *, row_number() OVER (PARTITION BY standard_id, owner_id" ORDER
            ") AS n FROM open)"
            " SELECT f.standard_id || '/' || coalesce(f.owner_id, '-') AS item,"
            " d.kind || ':' || d.asset_id AS asset, d.name, f.state, f.opened_at, f.due_at,"
            " f.n FROM placed f JOIN ar.verdict d ON d.number = f.verdict"
            " WHERE f.n <= $2 ORDER BY item, n";

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
