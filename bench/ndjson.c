/* ndjson: how fast records become values. First every value of every record is compared with the
 * tree reader's; then both are timed in the same run, beside simdjson's bare parse of the same
 * lines, which is the limit. */
#include "form/ndjson.h"
#include "form/json.h"
#include "form/simdjson.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RECORDS = 200000, ROUNDS = 5 };

static const char *const names[] = { "id",     "display_name", "owner.id",    "env",
                                     "tenant", "created",      "last_seen",   "multi_tenant",
                                     "risk",   "score",        "criticality", "note" };

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_records(ar_buf *out)
{
    for (unsigned i = 0; i < RECORDS; i++)
        ar_buf_addf(out,
                    "{\"id\":\"app-%08u\",\"display_name\":\"Payroll export %u\",\"owner\":{\"id\":"
                    "\"team:%u\"},\"env\":\"production\",\"tenant\":\"t-%u\",\"created\":"
                    "\"2024-03-%02uT09:30:00Z\",\"last_seen\":\"2026-11-%02uT01:02:03Z\","
                    "\"multi_tenant\":%s,\"risk\":%u,\"score\":%u.25,\"criticality\":null,"
                    "\"note\":\"\"}\n",
                    i, i % 977, i % 311, i % 17, i % 28 + 1, i % 21 + 1, i % 3 ? "true" : "false",
                    i % 5, i % 100);
}

static void must(ar_err err)
{
    if (err.code == AR_OK) return;
    printf("%.*s\n", AR_FMT(ar_err_text(err)));
    exit(1);
}

static bool is_same(const ar_field *f, const ar_node *n)
{
    if (n == NULL) return !f->found;
    switch (n->kind) {
    case AR_NODE_NULL: return f->found && f->value.type == AR_NULL;
    case AR_NODE_BOOL: return ar_value_eq(f->value, ar_bool(n->b));
    case AR_NODE_INT: return ar_value_eq(f->value, ar_int(n->i));
    case AR_NODE_DOUBLE: return ar_value_eq(f->value, ar_double(n->d));
    case AR_NODE_TEXT: return ar_value_eq(f->value, ar_text(n->text));
    case AR_NODE_LIST:
    case AR_NODE_MAP: break;
    }
    return false;
}

static double by_tree(ar_str text, ar_ndjson *compare)
{
    double start = now();
    ar_str line;

    while (ar_str_split(&text, '\n', &line) && line.len > 0) {
        ar_auto(ar_arena) arena = { 0 };
        const ar_field *fields = NULL;
        ar_node *root = NULL;

        must(ar_json_parse(AR_LIT("records"), line, NULL, &arena, &root));
        if (compare == NULL) continue;
        must(ar_ndjson_next(compare, &fields));
        for (size_t i = 0; i < AR_COUNT(names); i++)
            if (fields == NULL || !is_same(&fields[i], ar_node_at(root, ar_str_of(names[i])))) {
                printf("'%s' differs in %.*s\n", names[i], AR_FMT(line));
                exit(1);
            }
    }
    return now() - start;
}

static double by_reader(ar_str text, ar_ndjson *reader)
{
    double start = now();
    const ar_field *fields;
    size_t n = 0;

    ar_ndjson_lines(reader, AR_LIT("records"), text);
    for (;; n++) {
        must(ar_ndjson_next(reader, &fields));
        if (fields == NULL) break;
    }
    if (n != RECORDS) exit(1);
    return now() - start;
}

/* `text` has room behind it for the library's padding. */
static double by_simdjson(ar_str text, ar_simd *simd)
{
    double start = now();
    ar_simd_step nothing = { .index = -1, .slot = -1 };
    ar_str line;

    while (ar_str_split(&text, '\n', &line) && line.len > 0)
        if (!ar_simd_read(simd, line.ptr, line.len, &nothing, NULL, NULL)) exit(1);
    return now() - start;
}

int main(void)
{
    ar_auto(ar_buf) text = { 0 };
    ar_own(ar_ndjson) reader = NULL;
    ar_str paths[AR_COUNT(names)];
    ar_simd *simd = ar_simd_new(AR_RECORD_DEPTH_MAX);
    double reader_s = 1e9, bare_s = 1e9, tree_s;

    for (size_t i = 0; i < AR_COUNT(names); i++) paths[i] = ar_str_of(names[i]);
    make_records(&text);
    (void)ar_buf_room(&text, ar_simd_padding());
    must(ar_ndjson_new(paths, AR_COUNT(paths), &reader));

    ar_ndjson_lines(reader, AR_LIT("records"), ar_buf_str(&text));
    (void)by_tree(ar_buf_str(&text), reader);
    printf("%d records of %zu bytes, %zu fields: equal to the tree's\n", RECORDS,
           text.len / RECORDS, AR_COUNT(names));

    tree_s = by_tree(ar_buf_str(&text), NULL);
    for (int i = 0; i < ROUNDS; i++) {
        double r = by_reader(ar_buf_str(&text), reader), b = by_simdjson(ar_buf_str(&text), simd);

        if (r < reader_s) reader_s = r;
        if (b < bare_s) bare_s = b;
    }
    double mb = (double)text.len / 1e6;

    printf("reader %.0f MB/s, simdjson's bare parse %.0f MB/s (ratio %.2f), tree %.0f MB/s\n",
           mb / reader_s, mb / bare_s, bare_s / reader_s, mb / tree_s);
    ar_simd_free(simd);
    return 0;
}
