#include "gate/lookup.h"

#include "../standard/world.h"
#include "lookup/index.h"
#include "lookup/publish.h"

#include <unistd.h>

typedef struct house {
    world w;
    ar_keep keep;
} house;

static ar_ctx context(house *h)
{
    return (ar_ctx){ .now = DAY0,
                     .asof = DAY0,
                     .place = &h->w.place,
                     .engine = h->w.engine,
                     .arena = &h->w.arena,
                     .keep = &h->keep };
}

static void judge(house *h)
{
    ar_ctx ctx = context(h);
    ar_evaluation done;

    T_OK(ar_engine_begin(h->w.engine));
    T_OK(ar_evaluate(h->w.engine, &h->w.kinds, &h->w.standards, DAY0, DAY0, NULL, NULL, &h->w.arena,
                     &done));
    T_OK(ar_engine_commit(h->w.engine));
    T_OK(ar_lookup_publish(&ctx));
}

static void house_open(house *h)
{
    ar_ctx ctx;

    world_files(&h->w);
    world_standard(&h->w, "T-1",
                   "where: n > 0\npass: ok\nstale_after: 48h\n"
                   "stay: {gate: [thing.use], mode: deny, on_error: closed, needs: row}");
    world_standard(
        &h->w, "T-2",
        "pass: m < 5\nstay: {gate: [thing.use], mode: warn, on_error: open, needs: row}");
    world_load(&h->w);
    world_engine(&h->w, NULL);
    T_OK(ar_engine_exec(h->w.engine, ar_lookup_migrations[0].sql));
    ctx = context(h);
    T_OK(ar_lookup_opened(&ctx));
    T_OK(ar_engine_exec(h->w.engine,
                        "INSERT INTO thing (id, ok, n, m, last_seen, deleted_at) SELECT *,"
                        " TIMESTAMP '2026-01-01', NULL FROM (VALUES ('right', true, 1, 1),"
                        " ('wrong', false, 1, 9), ('unsaid', NULL, 1, NULL), ('out', false, 0, 1));"
                        "INSERT INTO thing (id, ok, n, m, last_seen, deleted_at) VALUES"
                        " ('sold', true, 1, 1, TIMESTAMP '2026-01-01', TIMESTAMP '2025-12-01')"));
}

static void house_done(house *h)
{
    ar_keep_done(&h->keep);
    world_done(&h->w);
}

/* "pass:none fail:warn", of both standards. */
static ar_str said(house *h, const char *asset, ar_time asof)
{
    ar_auto(ar_buf) text = { 0 };
    ar_gate_looked looked = { 0 };
    ar_ctx ctx = context(h);

    T_OK(ar_gate_lookup(&ctx, &h->w.standards, &h->w.kinds, AR_LIT("thing.use"), ar_str_of(asset),
                        asof, &looked));
    for (size_t i = 0; i < looked.decision.n; i++)
        ar_buf_addf(&text, "%s%s:%s", i > 0 ? " " : "",
                    ar_gate_state_name(&looked.decision.verdicts[i]),
                    ar_gate_effect_name(looked.decision.verdicts[i].effect));
    return ar_arena_copy(&h->w.arena, ar_buf_str(&text));
}

TEST(what_the_estate_has_is_judged_by_its_id_and_what_it_has_not_as_the_standards_say)
{
    __attribute__((cleanup(house_done))) house h = { 0 };

    house_open(&h);
    T_STR(said(&h, "thing:right", DAY0), "unknown:deny unknown:audit"); /* nothing was judged */
    judge(&h);
    T_STR(said(&h, "thing:right", DAY0), "pass:none pass:none");
    T_STR(said(&h, "thing:wrong", DAY0), "fail:deny fail:warn");
    T_STR(said(&h, "thing:unsaid", DAY0), "unknown:deny unknown:audit");
    T_STR(said(&h, "thing:out", DAY0), "out:none pass:none");
    T_STR(said(&h, "thing:sold", DAY0), "unknown:deny unknown:audit");
    T_STR(said(&h, "thing:nowhere", DAY0), "unknown:deny unknown:audit");
    T_STR(said(&h, "thing:Right", DAY0), "unknown:deny unknown:audit");
}

TEST(a_pass_is_believed_as_long_as_facts_are)
{
    __attribute__((cleanup(house_done))) house h = { 0 };

    house_open(&h);
    judge(&h);
    T_STR(said(&h, "thing:right", DAY0 + 2 * AR_DAY), "pass:none pass:none");
    T_STR(said(&h, "thing:right", DAY0 + 2 * AR_DAY + 1), "unknown:deny pass:none");
}

TEST(what_is_judged_anew_is_seen_at_once)
{
    __attribute__((cleanup(house_done))) house h = { 0 };

    house_open(&h);
    judge(&h);
    T_STR(said(&h, "thing:wrong", DAY0), "fail:deny fail:warn");
    T_OK(ar_engine_exec(h.w.engine, "UPDATE thing SET ok = true, m = 1"));
    judge(&h);
    T_STR(said(&h, "thing:wrong", DAY0), "pass:none pass:none");
}

TEST(an_index_that_is_cut_tells_nothing_and_says_so)
{
    __attribute__((cleanup(house_done))) house h = { 0 };
    const char *path;
    ar_gate_looked looked = { 0 };
    ar_ctx ctx;

    house_open(&h);
    judge(&h);
    ctx = context(&h);
    path = ar_lookup_manifest_path(ar_lookup_folder(&h.w.place, &h.w.arena), &h.w.arena);
    T_TRUE(truncate(path, 100) == 0);
    T_STR(said(&h, "thing:right", DAY0), "unknown:deny unknown:audit");
    T_OK(ar_gate_lookup(&ctx, &h.w.standards, &h.w.kinds, AR_LIT("thing.use"),
                        AR_LIT("thing:right"), DAY0, &looked));
    T_STR(looked.broken, "the index of verdicts is damaged: its file is not as it was written");
    T_STR(looked.decision.verdicts[0].why,
          "the index of verdicts is damaged: its file is not as it was written");
}

TEST(what_is_no_asset_of_the_gate_is_told)
{
    static const struct {
        const char *asset;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "right", AR_INVALID, "'right' is no asset; want KIND:ID, as thing:payments" },
        { ":right", AR_INVALID, "want KIND:ID" },
        { "thing:", AR_INVALID, "want KIND:ID" },
        { "thin:right", AR_NOT_FOUND, "thing" },
        { "part:right", AR_INVALID, "thing.use judges thing, and part:right is none" },
    };
    __attribute__((cleanup(house_done))) house h = { 0 };

    house_open(&h);
    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_gate_looked looked = { 0 };
        ar_ctx ctx = context(&h);

        T_FAILS(ar_gate_lookup(&ctx, &h.w.standards, &h.w.kinds, AR_LIT("thing.use"),
                               ar_str_of(bad[i].asset), DAY0, &looked),
                bad[i].code, bad[i].says);
    }
}
