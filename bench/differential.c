/* bench_differential: ten million pairs of a random expression and a random row, in C and in
 * DuckDB. An argument is the first seed. Ends with 1 when a pair differs. */
#include "../tests/expr/differ.h"

enum { PAIRS = 10000000, ROWS = 1024, EXPRESSIONS = 512, LINK_ROWS = 128, LINK_EXPRESSIONS = 32 };

static size_t differences_of(uint64_t seed, size_t n_rows, size_t n_expressions, bool links)
{
    struct differ d = { 0 };
    ar_err err = differ_open(&d, seed, n_rows);

    if (err.code != AR_OK) {
        printf("%.*s\n", AR_FMT(ar_err_text(err)));
        exit(1);
    }

    size_t differences = differ_run(&d, n_expressions, links);

    if (differences > 0) printf("# seed %llu\n", (unsigned long long)seed);
    differ_close(&d);
    return differences;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
    size_t pairs = 0, differences = 0;

    while (pairs < PAIRS) {
        differences += differences_of(seed, ROWS, EXPRESSIONS, false);
        differences += differences_of(seed, LINK_ROWS, LINK_EXPRESSIONS, true);
        pairs += ROWS * EXPRESSIONS + LINK_ROWS * LINK_EXPRESSIONS;
        seed++;
    }
    printf("%zu pairs, %zu differences\n", pairs, differences);
    return differences > 0;
}
