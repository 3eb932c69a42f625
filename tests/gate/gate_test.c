#include "gate/gate.h"

#include "../standard/world.h"
#include "form/json.h"

static ar_gate_decision decide(world *w, const char *gate, const char *json, ar_time asof)
{
    ar_gate_decision d = { 0 };
    const ar_kind *kind = NULL;
    const ar_gate *made = NULL;
    ar_node *node = NULL;
    ar_row row;

    T_OK(ar_gate_find(&w->standards, ar_str_of(gate), &w->arena, &kind));
    T_OK(ar_gate_make(&w->standards, ar_str_of(gate), asof, &w->arena, &made));
    T_OK(ar_json_parse(AR_LIT("p"), ar_str_of(json), NULL, &w->arena, &node));
    T_OK(ar_row_check(AR_LIT("p"), kind, node));
    T_OK(ar_row_read(AR_LIT("p"), &kind->scope, node, asof, &w->arena, &row));
    T_OK(ar_gate_decide(made, &row, &w->arena, &d));
    return d;
}

static const char *effect(world *w, const char *json)
{
    return ar_gate_effect_name(decide(w, "thing.create", json, DAY0).effect);
}

TEST(a_gate_does_what_the_mode_says_with_what_misses_the_standard)
{
    ar_auto(world) w = { 0 };
    const ar_kind *kind;

    world_files(&w);
    world_standard(&w, "T-1",
                   "where: n > 0\npass: ok\n"
                   "stay: {gate: [thing.create, thing.update], mode: deny,"
                   " on_error: closed, needs: row}");
    world_standard(&w, "T-2",
                   "pass: m < 5\nstay: {gate: [thing.create], mode: warn,"
                   " on_error: open, needs: row}");
    world_load(&w);
    T_STR(ar_str_of(effect(&w, "{\"n\": 1, \"ok\": true, \"m\": 1}")), "none");
    T_STR(ar_str_of(effect(&w, "{\"n\": 0, \"ok\": false, \"m\": 1}")), "none");
    T_STR(ar_str_of(effect(&w, "{\"n\": 1, \"ok\": false, \"m\": 1}")), "deny");
    T_STR(ar_str_of(effect(&w, "{\"n\": 1, \"m\": 1}")), "deny");
    T_STR(ar_str_of(effect(&w, "{\"n\": 1, \"ok\": true, \"m\": 9}")), "warn");
    T_STR(ar_str_of(effect(&w, "{\"n\": 1, \"ok\": true}")), "audit");
    ar_gate_decision d = decide(&w, "thing.update", "{\"n\": 2, \"ok\": false}", DAY0);
    T_INT(d.n, 1);
    T_STR(d.verdicts[0].why, "ok does not hold: ok = false");
    d = decide(&w, "thing.update", "{\"n\": 2}", DAY0);
    T_STR(d.verdicts[0].why, "ok cannot be told: ok = (not known)");
    T_FAILS(ar_gate_find(&w.standards, AR_LIT("thing.crate"), &w.arena, &kind), AR_NOT_FOUND,
            "did you mean 'thing.create'?");
    T_FAILS(ar_gate_find(&w.standards, AR_LIT("cow"), &w.arena, &kind), AR_NOT_FOUND,
            "`aright gate list`");
}

/* ---- a gate and a scan never disagree ---- */

static const char *any_number(t_random *random)
{
    static const char *const numbers[] = { "null", "0", "1", "-3", "7" };

    return numbers[t_below(random, AR_COUNT(numbers))];
}

static const char *any_thing(world *w, t_random *random, int id)
{
    static const char *const truths[] = { "null", "true", "false" };
    static const char *const times[] = { "null", "\"2025-12-31T00:00:00Z\"",
                                         "\"2025-12-01T00:00:00Z\"", "\"2026-01-02T00:00:00Z\"" };
    ar_auto(ar_buf) json = { 0 };

    ar_buf_addf(&json, "{\"id\": \"%d\", \"ok\": %s, \"n\": %s, \"m\": %s, \"used_at\": %s", id,
                truths[t_below(random, 3)], any_number(random), any_number(random),
                times[t_below(random, 4)]);
    if (t_below(random, 3) == 0)
        ar_buf_addf(&json, ", \"last_seen\": %s", times[t_below(random, 4)]);
    if (t_below(random, 8) == 0) ar_buf_addz(&json, ", \"deleted_at\": \"2025-01-01T00:00:00Z\"");
    ar_buf_addz(&json, ", \"parts\": [");
    for (size_t i = 0, n = t_below(random, 3); i < n; i++)
        ar_buf_addf(&json, "%s{\"good\": %s}", i > 0 ? ", " : "", truths[t_below(random, 3)]);
    ar_buf_addz(&json, "]}");
    return ar_arena_cstr(&w->arena, ar_buf_str(&json));
}

/* Enters the thing and its parts in the tables that a scan reads. */
static void enter(world *w, const char *json)
{
    static const char *const columns[] = { "id",      "ok",        "n",         "m",
                                           "used_at", "last_seen", "deleted_at" };
    ar_value args[AR_COUNT(columns)];
    ar_node *node = NULL;
    const ar_node *parts;
    const ar_kind *kind;
    ar_row row;

    T_OK(ar_kinds_find(&w->kinds, AR_LIT("thing"), &kind));
    T_OK(ar_json_parse(AR_LIT("p"), ar_str_of(json), NULL, &w->arena, &node));
    T_OK(ar_row_read(AR_LIT("p"), &kind->scope, node, DAY0, &w->arena, &row));
    for (size_t i = 0; i < AR_COUNT(columns); i++)
        args[i] = *ar_row_cell(&row, ar_str_of(columns[i]));
    T_OK(ar_engine_run(w->engine,
                       AR_LIT("INSERT INTO thing (id, ok, n, m, used_at, last_seen, deleted_at)"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7)"),
                       args, AR_COUNT(args), NULL));
    parts = ar_node_get(node, AR_LIT("parts"));
    for (size_t i = 0; i < parts->n; i++) {
        const ar_node *good = ar_node_get(parts->items[i], AR_LIT("good"));
        ar_value part[] = { args[0], good->kind == AR_NODE_NULL ? ar_null() : ar_bool(good->b) };
        T_OK(ar_engine_run(w->engine, AR_LIT("INSERT INTO part (thing_id, good) VALUES ($1, $2)"),
                           part, AR_COUNT(part), NULL));
    }
}

/* What the last scan came to. */
static int64_t scanned(world *w, int id, ar_str standard)
{
    ar_str sql = ar_arena_printf(&w->arena,
                                 "SELECT coalesce(max((v.bits >> (2 * s.slot)) & 3), 0)"
                                 " FROM ar.verdict v JOIN ar.verdict_slot s ON s.kind = v.judged"
                                 " AND s.batch = v.batch AND s.standard_id = '%.*s'"
                                 " WHERE v.asset_id = '%d'",
                                 AR_FMT(standard), id);

    return world_int(w, sql.ptr);
}

TEST(a_gate_and_a_scan_never_disagree)
{
    static const char *const texts[] = { "where: n >= 0\npass: ok OR m > n",
                                         "pass: used_at > :asof - INTERVAL 5 DAY\nstale_after: 2d",
                                         "pass: EXISTS parts WHERE good",
                                         "where: ok IS NOT NULL\npass: COUNT(parts WHERE good) > 1",
                                         "where: deleted_at IS NOT NULL\npass: n / m > 1" };
    static const char *const stay =
        "\nstay: {gate: [thing.create], mode: deny, on_error: closed, needs: row}";
    int n = t_rounds(300, 5000);
    t_random random = { .state = 1 };
    ar_auto(world) w = { 0 };
    const char **things = ar_make_n(&w.arena, const char *, (size_t)n);

    world_files(&w);
    for (size_t i = 0; i < AR_COUNT(texts); i++)
        world_standard(&w, ar_arena_printf(&w.arena, "T-%zu", i + 1).ptr,
                       ar_arena_printf(&w.arena, "%s%s", texts[i], stay).ptr);
    world_load(&w);
    world_engine(&w, NULL);
    for (int i = 0; i < n; i++) enter(&w, things[i] = any_thing(&w, &random, i));
    (void)world_evaluate(&w, DAY0);
    for (int i = 0; i < n && t_bad == 0; i++) {
        ar_gate_decision d = decide(&w, "thing.create", things[i], DAY0);

        for (size_t k = 0; k < d.n; k++)
            T_INT(d.verdicts[k].state, scanned(&w, i, d.verdicts[k].standard->id));
        if (t_bad > 0) printf("# %s\n", things[i]);
    }
}
