#include "standard/standard.h"

#include "govern/metric.h"
#include "standard/tests.h"
#include "sys/file.h"
#include "world.h"

static world made(void)
{
    world w = { 0 };

    world_files(&w);
    world_load(&w);
    return w;
}

static ar_err parse(world *w, const char *text, ar_standard *out)
{
    return ar_standard_parse(AR_LIT("T-1.yaml"), AR_LIT("T-1"), ar_str_of(text), &w->kinds,
                             &w->arena, out);
}

TEST(a_standard_says_all_that_its_file_says)
{
    ar_auto(world) w = made();
    ar_standard s = { 0 };

    T_OK(parse(
        &w,
        standard_text(&w, "T-1",
                      "where: n > 0\npass: ok AND used_at > :asof - INTERVAL :days DAY\n"
                      "params: {days: 90}\nissued: 2026-01-01\nstale_after: 48h\n"
                      "share: n / coalesce(m, 1 / 2)\n"
                      "stay: {gate: [thing.create], mode: deny, on_error: closed, needs: row}\n"
                      "maps: {csrb: [9], nist-800-53: [ac-2]}\n"),
        &s));
    T_STR(s.id, "T-1");
    T_STR(s.kind->name, "thing");
    T_TRUE(!s.practice && s.has_issued);
    T_INT(s.issued, DAY0);
    T_INT(s.stale_after, 2 * AR_DAY);
    T_INT(s.due, 30 * AR_DAY);
    T_INT(s.waiver_max, 90 * AR_DAY);
    T_INT(s.n_params, 3);
    T_INT(s.n_tests, 3);
    T_INT(s.hash.len, 64);
    T_TRUE(s.where != NULL && s.numerator != NULL && ar_expr_type(s.denominator) == AR_DOUBLE);
    T_STR(s.gates[0], "thing.create");
}

TEST(what_decides_a_verdict_changes_the_hash_and_nothing_else_does)
{
    static const struct {
        const char *text;
        bool same;
    } versions[] = {
        { "where: n > 0\npass: ok\nparams: {days: 90}\nstale_after: 48h", true },
        { "where: n>0\npass: (ok)\nparams: {days: 90}\nstale_after: 2d\nissued: 2026-01-01",
          false },
        { "where: n > 0\npass: (ok)\nparams: {days: 90}\nstale_after: 2d\nmaps: {csrb: [1]}",
          true },
        { "where: n > 1\npass: ok\nparams: {days: 90}\nstale_after: 48h", false },
        { "where: n > 0\npass: NOT ok\nparams: {days: 90}\nstale_after: 48h", false },
        { "where: n > 0\npass: ok\nparams: {days: 91}\nstale_after: 48h", false },
        { "where: n > 0\npass: ok\nparams: {days: 90}\nstale_after: 49h", false },
        { "where: n > 0\npass: ok\nparams: {days: 90}", false },
        { "where: n > 0\npass: ok\nparams: {days: 90}\nstale_after: 48h\nshare: n / m", false },
    };
    ar_auto(world) w = made();
    ar_str first = { 0 };

    for (size_t i = 0; i < AR_COUNT(versions); i++) {
        ar_standard s = { 0 };

        T_OK(parse(&w, standard_text(&w, "T-1", versions[i].text), &s));
        if (i == 0) first = s.hash;
        T_TRUE(ar_str_eq(first, s.hash) == versions[i].same);
    }
}

TEST(files_that_are_refused_say_where_and_what_would_be_right)
{
    static const struct {
        const char *from, *to; /* replaced in a good file */
        const char *says;
    } bad[] = {
        { "id: T-1", "id: t1", "T-1.yaml:1:5: 't1' is no id of a standard" },
        { "id: T-1", "id: T-2", "the id is 'T-2' and the file is named T-1.yaml" },
        { "class: standard", "class: rule", "class is 'rule'; want standard or practice" },
        { "pillar: tenants", "pillar: tenant", "want identities, tenants, networks" },
        { "risk: 3", "risk: 6", "risk is 6; want 1 (low) to 5" },
        { "risk: 3", "rsik: 3", "risk" },
        { "kind: thing", "kind: thng", "thing" },
        { "pass: ok", "pass: use_at > :asof", "did you mean 'used_at'?" },
        { "pass: ok", "pass: n", "bool" },
        { "pass: ok", "pass: ok AND", "T-1.yaml:13:13: want a value" },
        { "pass: ok", "", "pass" },
        { "explain: [n]", "explain: [use_at]", "no column of kind thing; did you mean 'used_at'?" },
        { "explain: [n]", "explain: [colour]",
          "of kind thing; `aright kind show thing` names them" },
        { "explain: [n]", "explain: n", "explain" },
        { "pass: ok", "pass: ok\nshare: n", "want 'numerator / denominator'" },
        { "pass: ok", "pass: ok\nshare: n / ok", "the denominator is bool; want a number" },
        { "pass: ok", "pass: ok\nstale_after: soon", "stale_after" },
        { "pass: ok", "pass: ok\nstale_after: -2d", "want a length above zero" },
        { "pass: ok", "pass: ok\nissued: never", "issued" },
        { "pass: ok", "pass: ok\nparams: {days: [1]}", "the parameter 'days' is a list" },
        { "pass: ok", "pass: ok\nparams: {asof: 1}", "is given already; name it otherwise" },
        { "pass: ok", "pass: n > :days", "days" },
        { "pass: ok", "pass: ok\nstay: {needs: row}", "gate" },
        { "pass: ok", "pass: ok\nstay: {needs: rows}", "want row, lookup or none" },
        { "pass: ok", "pass: ok\nmaps: {csrb: 9}", "maps: want a list" },
        { "pass: ok", "pass: ok\nretired: {at: 2026-01-01}", "because" },
        { "pass: ok", "pass: ok\nretired: {at: soon, because: old}", "retired: 'soon'" },
        { "due: 30d", "due: 30x", "due" },
        { "max: 90d", "max: forever", "max" },
        { "approver: domain", "approver: anybody", "approver is 'anybody'; want domain" },
        { "pass: [{}]", "pass: []", "want a row under 'pass'" },
        { "pass: [{}]", "pass: [{oke: true}]", "'ok'" },
        { "pass: [{}]", "pass: [{ok: 1}]", "'ok' is bool, found" },
        { "pass: [{}]", "pass: [{used_at: soon}]", "used_at" },
        { "pass: [{}]", "pass: [{parts: 3}]", "'parts' is a link; want a list" },
        { "pass: [{}]", "pass: [{parts: [{god: true}]}]", "good" },
        { "pass: [{}]", "passes: [{}]", "passes" },
        { "unknown: [{}]", "out: [{}]", "unknown" },
    };
    ar_auto(world) w = made();
    const char *good = standard_text(&w, "T-1", "pass: ok");
    ar_standard s = { .risk = 77 };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        const char *at = strstr(good, bad[i].from);
        ar_str text;

        T_TRUE(at != NULL);
        text = ar_arena_printf(&w.arena, "%.*s%s%s", (int)(at - good), good, bad[i].to,
                               at + strlen(bad[i].from));
        T_FAILS(parse(&w, text.ptr, &s), AR_INVALID, bad[i].says);
        T_FAILS(parse(&w, text.ptr, &s), AR_INVALID, "T-1.yaml:");
        T_INT(s.risk, 77); /* a failure leaves the result alone */
    }
}

TEST(standards_come_in_the_order_in_which_people_count_and_a_missing_one_is_told_its_nearest)
{
    ar_auto(world) w = made();
    const ar_standard *one = NULL;

    world_standard(&w, "T-10", "pass: ok");
    world_standard(&w, "T-2", "pass: ok");
    world_standard(&w, "T-2b", "pass: ok");
    world_load(&w);
    T_INT(w.standards.n, 3);
    T_STR(w.standards.list[0].id, "T-2");
    T_STR(w.standards.list[1].id, "T-2b");
    T_STR(w.standards.list[2].id, "T-10");
    T_OK(ar_standards_find(&w.standards, AR_LIT("T-10"), &one));
    T_TRUE(one == &w.standards.list[2]);
    T_FAILS(ar_standards_find(&w.standards, AR_LIT("T-3"), &one), AR_NOT_FOUND,
            "did you mean 'T-2");
}

TEST(a_state_follows_from_its_parts)
{
    static const struct {
        int where, pass;
        bool deleted, names_deleted, old;
        enum ar_state want;
    } cases[] = {
        { 1, 1, false, false, false, AR_PASS },     { 1, 0, false, false, false, AR_FAIL },
        { 1, -1, false, false, false, AR_UNKNOWN }, { -1, 1, false, false, false, AR_UNKNOWN },
        { 0, 1, false, false, true, AR_OUT },       { 0, -1, false, false, false, AR_OUT },
        { 1, 1, false, false, true, AR_UNKNOWN },   { 1, 0, false, false, true, AR_UNKNOWN },
        { 1, 1, true, false, false, AR_OUT },       { -1, 1, true, false, false, AR_OUT },
        { 1, 1, true, true, false, AR_PASS },       { 1, 1, true, true, true, AR_PASS },
        { 1, -1, true, true, true, AR_UNKNOWN },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++)
        T_INT(ar_state_of(cases[i].where, cases[i].pass, cases[i].deleted, cases[i].names_deleted,
                          cases[i].old),
              cases[i].want);
}

TEST(every_shipped_standard_loads_and_judges_its_own_rows_as_it_says_in_all_three_ways)
{
    ar_auto(world) w = { 0 };
    ar_place place = { .home = "/nonexistent", .data = getenv("ARIGHT_SOURCE") };
    ar_engine_options options = { .threads = 1, .memory_bytes = UINT64_C(1) << 28 };
    size_t rows = 0, named = 0, outs;
    ar_scans scans;

    T_TRUE(place.data != NULL);
    T_OK(ar_kinds_load(&place, &w.arena, &w.kinds));
    T_OK(ar_standards_load(&place, &w.kinds, &w.arena, &w.standards));
    T_OK(ar_engine_open(&options, &w.engine));
    T_OK(ar_expr_opened(w.engine));
    T_OK(ar_scans_open(w.engine, &w.arena, &scans));
    for (size_t i = 0; i < w.standards.n; i++) {
        const ar_standard *s = &w.standards.list[i];
        ar_standard_result *results = NULL;

        named += !s->practice;
        outs = 0;
        for (size_t k = 0; k < s->n_tests; k++) outs += s->tests[k].want == AR_OUT;
        T_INT(outs > 0, s->where != NULL);
        T_OK(ar_standard_run_tests(s, &scans, &w.arena, &results));
        for (size_t k = 0; results != NULL && k < s->n_tests; k++, rows++) {
            const ar_standard_result *r = &results[k];

            if (ar_standard_result_ok(r)) continue;
            printf("# %.*s:%u: want %s, is %s, as SQL %s, in a scan %s\n", AR_FMT(s->file),
                   r->test->row->line, ar_state_name(r->test->want), ar_state_name(r->row),
                   ar_state_name(r->sql), ar_state_name(r->scan));
            t_bad++;
        }
    }
    T_INT((int64_t)w.standards.n_bad, 0);
    T_INT(named, 31);
    T_TRUE(rows >= 3 * w.standards.n);
}

/* What a row of the report's list must say: the class of the file with its title, or why there is
 * none. Counts the files. */
static void check_report_row(const world *w, const ar_metrics *metrics, ar_str id, ar_str is,
                             ar_str what, size_t *standards, size_t *numbers)
{
    for (size_t i = 0; i < w->standards.n; i++) {
        const ar_standard *s = &w->standards.list[i];

        if (!ar_str_eq(s->id, id)) continue;
        T_STR(is, s->practice ? "practice" : "standard");
        T_TRUE(ar_str_eq(what, s->title));
        ++*standards;
        return;
    }
    for (size_t i = 0; i < metrics->n; i++) {
        if (!ar_str_eq(metrics->list[i].id, id)) continue;
        T_STR(is, "metric");
        T_TRUE(ar_str_eq(what, metrics->list[i].title));
        ++*numbers;
        return;
    }
    if (ar_str_eq(is, AR_LIT("form")) || ar_str_eq(is, AR_LIT("history"))) return;
    T_STR(is, "number");
    T_TRUE(ar_str_starts(what, AR_LIT("`")) && ar_str_find(what, ';') + 1 < what.len);
}

TEST(every_row_of_the_report_is_a_standard_a_practice_a_metric_a_named_number_or_a_matter_of_form)
{
    ar_auto(world) w = { 0 };
    ar_place place = { .home = "/nonexistent", .data = getenv("ARIGHT_SOURCE") };
    ar_str rest, text;
    ar_metrics metrics;
    size_t rows = 0, n_rows = 0, standards = 0, numbers = 0;

    T_TRUE(place.data != NULL);
    T_OK(ar_kinds_load(&place, &w.arena, &w.kinds));
    T_OK(ar_standards_load(&place, &w.kinds, &w.arena, &w.standards));
    T_OK(ar_metrics_load(&place, &w.kinds, &w.arena, &metrics));
    T_OK(ar_file_read(
        ar_arena_cstr(&w.arena, ar_arena_printf(&w.arena, "%s/docs/report.md", place.data)),
        1 << 20, &w.arena, &rest));
    while (ar_str_split(&rest, '\n', &text)) {
        ar_str cells[5], id;
        size_t n = 0;

        while (n < AR_COUNT(cells) && ar_str_split(&text, '|', &cells[n])) n++;
        if (n < 4 || ar_str_find(cells[1], '-') == cells[1].len || cells[1].ptr[1] == '-') continue;
        id = ar_str_trim(cells[1]);
        if (ar_str_starts(id, AR_LIT("N-"))) /* N-22 is three */
            n_rows += id.ptr[id.len - 1] <= '9' || id.ptr[id.len - 1] == 'a';
        else
            rows += !ar_str_starts(id, AR_LIT("TR-")); /* numbers for what it only tells */
        check_report_row(&w, &metrics, id, ar_str_trim(cells[2]), ar_str_trim(cells[3]), &standards,
                         &numbers);
    }
    T_INT(rows, 103);
    T_INT(n_rows, 24);
    T_INT(standards, w.standards.n);
    T_INT(numbers, metrics.n);
}
