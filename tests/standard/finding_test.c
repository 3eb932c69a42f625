#include "standard/finding.h"

#include "judged.h"

TEST(an_empty_list_of_findings_says_whether_that_is_good_news)
{
    ar_auto(world) w = judged(), fresh = { 0 };
    ar_auto(answer) none = ASK(&w, "finding.list", day(1), "standard", "T-3", NULL);
    ar_auto(answer) odd = ASK(&w, "finding.list", day(1), "standard", "T-9", NULL);

    world_files(&fresh);
    world_load(&fresh);
    world_engine(&fresh, NULL);
    ar_auto(answer) early = ASK(&fresh, "finding.list", day(1), NULL);
    T_STR(ar_buf_str(&none.notes), "There is no such finding.\n");
    T_STR(ar_buf_str(&odd.notes),
          "No standard 'T-9' was judged yet: `aright standard list` names them.\n");
    T_STR(ar_buf_str(&early.notes), "Nothing was judged yet: run `aright evaluate`.\n");
}

TEST(findings_come_by_risk_and_criticality_then_age)
{
    ar_auto(world) w = judged();

    LISTS(&w, "T-1/thing:c T-1/thing:b T-2/thing:b T-1/thing:d", day(1), NULL);
    LISTS(&w, "T-1/thing:c T-1/thing:b", day(1), "limit", "2", NULL);
    LISTS(&w, "T-2/thing:b", day(1), "standard", "T-2", NULL);
    LISTS(&w, "T-2/thing:b", day(1), "standard", "T-2", "class", "standard", NULL);
    LISTS(&w, "", day(1), "class", "practice", NULL);
    LISTS(&w, "", day(1), "pillar", "networks", NULL);
    LISTS(&w, "T-1/thing:c", day(1), "pillar", "tenants", "class", "all", "limit", "1", NULL);
    LISTS(&w, "T-1/thing:b T-2/thing:b", day(1), "owner", "person:kim", NULL);
    LISTS(&w, "T-1/thing:c", day(1), "domain", "west", "state", "unknown", NULL);
    LISTS(&w, "", day(1), "state", "closed", NULL);
    REFUSES(ASK(&w, "finding.list", day(1), "limit", "0", NULL), AR_INVALID, "want 1 or more");
    grant(&w, "T-1/thing:c", 10);
    LISTS(&w, "T-1/thing:c", day(10), "state", "waived", NULL);
    LISTS(&w, "", day(10) + 1, "state", "waived", NULL);

    world_sql(&w, "UPDATE thing SET ok = TRUE, n = 2, last_seen = $$2026-01-02$$ WHERE id = 'b'");
    (void)world_evaluate(&w, day(2));
    LISTS(&w, "T-1/thing:b T-2/thing:b", day(2), "state", "closed", NULL);
}

TEST(a_finding_says_since_when_and_until_when)
{
    ar_auto(world) w = judged();

    ANSWERS(ASK(&w, "finding.list", day(1), "standard", "T-2", NULL),
            "T-2/thing:b|fail|2026-01-31T00:00:00Z|3|person:kim|Title of T-2|Bee|T-2|thing|b|east|"
            "2026-01-01T00:00:00Z|2026-01-01T00:00:00Z||9|1||\n");
}
