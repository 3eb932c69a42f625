#include "standard/asked.h"

#include "world.h"

/* How many of the assets that are asked for are found. */
static int64_t found(world *w, ar_str owner)
{
    ar_auto(ar_asked) asked = { 0 };
    ar_auto(ar_buf) sql = { 0 };
    ar_value n = { 0 };

    T_INT(ar_asked_value(&asked, ar_textz("box")), 1);
    T_OK(ar_asked_add_owner(&asked, w->engine, "v.owner_id", owner, &w->arena));
    ar_buf_addf(&sql, "SELECT count(*) FROM ar.verdict v WHERE v.kind = $1%.*s",
                AR_FMT(ar_buf_str(&asked.sql)));
    T_OK(ar_engine_value(w->engine, ar_buf_str(&sql), asked.values, asked.n, &w->arena, &n));
    return n.i;
}

static void make(world *w)
{
    world_files(w);
    world_standard(w, "T-1", "pass: ok");
    world_load(w);
    world_engine(w, NULL);
    world_sql(w, "INSERT INTO ar.owner (id, parent) SELECT 'person:p-' || i, 'team:few' FROM"
                 " range(3) r(i);"
                 "INSERT INTO ar.owner (id, parent) SELECT 'person:q-' || i, 'team:many' FROM"
                 " range(500) r(i);"
                 "INSERT INTO ar.owner (id, parent) VALUES ('team:few', 'division:x'),"
                 " ('team:many', 'division:x'), ('division:x', NULL);"
                 "INSERT INTO ar.verdict (kind, asset_id, owner_id) SELECT 'box', id, id FROM"
                 " ar.owner;"
                 "INSERT INTO ar.verdict (kind, asset_id, owner_id) VALUES ('box', 'lost', NULL),"
                 " ('hat', 'lost', NULL)");
}

TEST(an_owner_is_asked_for_with_all_below_them_however_many_these_are)
{
    ar_auto(world) w = { 0 };

    make(&w);
    T_INT(found(&w, AR_LIT("person:p-1")), 1);
    T_INT(found(&w, AR_LIT("team:few")), 4);
    T_INT(found(&w, AR_LIT("team:many")), 501);
    T_INT(found(&w, AR_LIT("division:x")), 506);
    T_INT(found(&w, AR_LIT("person:nobody")), 0);
    T_INT(found(&w, AR_LIT("-")), 1);
    T_INT(found(&w, (ar_str){ 0 }), 507);
}
