#include "op/migrate.h"
#include "t.h"

static const ar_migration first[] = { { 100, "one", "CREATE TABLE one(n BIGINT)" }, { 0 } };
static const ar_migration second[] = {
    { 300, "three", "CREATE TABLE three(n BIGINT); INSERT INTO three SELECT count(*) FROM one" },
    { 200, "two", "INSERT INTO one VALUES (2)" },
    { 0 },
};
static const ar_migration broken[] = {
    { 400, "half", "CREATE TABLE half(n BIGINT); INSERT INTO nowhere VALUES (1)" },
    { 0 },
};

static ar_err count_backup(void *self)
{
    return ++*(int *)self, ar_ok();
}

static ar_err no_room(void *self)
{
    (void)self;
    return ar_fail(AR_IO, "the disk is full");
}

static int64_t count(ar_engine *engine, const char *sql)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_value n = { 0 };

    T_OK(ar_engine_value(engine, ar_str_of(sql), NULL, 0, &arena, &n));
    return n.i;
}

TEST(steps_of_all_folders_are_applied_in_the_order_of_their_numbers_once)
{
    const ar_migration *const lists[] = { second, first, NULL };
    ar_own(ar_engine) engine = NULL;
    int applied;

    T_OK(ar_engine_open(&(ar_engine_options){ 0 }, &engine));
    T_OK(ar_migrate(engine, lists, 0, NULL, NULL, &applied));
    T_INT(applied, 3);
    T_INT(count(engine, "SELECT n FROM three"), 1); /* two came before three */
    T_OK(ar_migrate(engine, lists, 0, NULL, NULL, &applied));
    T_INT(applied, 0);
}

TEST(a_backup_is_made_before_the_first_step_on_a_home_that_has_data_and_only_then)
{
    const ar_migration *const old[] = { first, NULL };
    const ar_migration *const new[] = { first, second, NULL };
    ar_own(ar_engine) engine = NULL;
    int backups = 0;

    T_OK(ar_engine_open(&(ar_engine_options){ 0 }, &engine));
    T_OK(ar_migrate(engine, old, 0, count_backup, &backups, NULL));
    T_INT(backups, 0);
    T_FAILS(ar_migrate(engine, new, 0, no_room, NULL, NULL), AR_IO, "the disk is full");
    T_INT(count(engine, "SELECT count(*) FROM one"), 0); /* without a backup nothing happens */
    T_OK(ar_migrate(engine, new, 0, count_backup, &backups, NULL));
    T_INT(backups, 1);
    T_OK(ar_migrate(engine, new, 0, count_backup, &backups, NULL));
    T_INT(backups, 1);
}

TEST(a_newer_home_is_refused_and_stays_as_it_is)
{
    const ar_migration *const new[] = { first, second, NULL };
    const ar_migration *const old[] = { first, NULL };
    ar_own(ar_engine) engine = NULL;

    T_OK(ar_engine_open(&(ar_engine_options){ 0 }, &engine));
    T_OK(ar_migrate_check(engine, old));
    T_OK(ar_migrate(engine, new, 0, NULL, NULL, NULL));
    T_FAILS(ar_migrate(engine, old, 0, NULL, NULL, NULL), AR_CONFLICT, "made by a newer aright");
    T_FAILS(ar_migrate_check(engine, old), AR_CONFLICT, "restore an older backup");
    T_INT(count(engine, "SELECT count(*) FROM ar.migrations"), 3);
}

TEST(a_step_that_fails_leaves_the_ones_before_it_and_nothing_of_itself)
{
    const ar_migration *const lists[] = { first, broken, NULL };
    ar_own(ar_engine) engine = NULL;

    T_OK(ar_engine_open(&(ar_engine_options){ 0 }, &engine));
    T_FAILS(ar_migrate(engine, lists, 0, NULL, NULL, NULL), AR_NOT_FOUND, "step 400 (half)");
    T_INT(count(engine, "SELECT count(*) FROM ar.migrations"), 1);
    T_INT(count(engine, "SELECT count(*) FROM information_schema.tables "
                        "WHERE table_name = 'half'"),
          0);
}
