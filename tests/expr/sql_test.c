#include "differ.h"
#include "t.h"

static void agrees(size_t n_rows, size_t n_expressions, bool links)
{
    const char *text = getenv("ARIGHT_SEED");
    uint64_t seed = text == NULL ? 1 : strtoull(text, NULL, 10);
    struct differ d = { 0 };

    T_OK(differ_open(&d, seed, n_rows));

    size_t differences = differ_run(&d, n_expressions, links);

    if (differences > 0) printf("# seed %llu\n", (unsigned long long)seed);
    T_INT(differences, 0);
    differ_close(&d);
}

TEST(random_expressions_give_the_same_in_c_and_in_duckdb)
{
    agrees(512, 256, false);
}

TEST(counts_over_links_are_the_same_joined_and_looked_up)
{
    agrees(100, 64, true);
}
