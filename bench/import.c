/* import: a first import of NDJSON, committed, against the engine's own read_json into a table of
 * the same kind of file. Both answer the same before a ratio is printed.
 *   bench_import [ROWS] */
#include "estate/import.h"
#include "estate/child.h"
#include "estate/estate.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char kind_file[] =
    "kind: thing\ntitle: Thing\nmeaning: One of many.\ncolumns:\n"
    "  owner: {type: text, meaning: Whose.}\n  region: {type: text, meaning: Where.}\n"
    "  port: {type: int, meaning: A number.}\n  size: {type: int, meaning: A number.}\n"
    "  load: {type: double, meaning: A share.}\n  open: {type: bool, meaning: A flag.}\n"
    "  patched: {type: bool, meaning: A flag.}\n  used_at: {type: time, meaning: When.}\n"
    "  built_at: {type: time, meaning: When.}\n  note: {type: text, meaning: Words.}\n";

static const char views[][160] = {
    "kind: asset\ntitle: A\nmeaning: A.\nview: true\ncolumns:\n  kind: {type: text, meaning: K.}\n",
    "kind: domain\ntitle: D\nmeaning: D.\nview: true\n",
    "kind: person\ntitle: P\nmeaning: P.\ncolumns:\n  active: {type: bool, meaning: Here.}\n",
};

/* What both must agree on, whatever types read_json guessed. */
static const char digest[] =
    "SELECT count(*) || ' ' || sum(hash(id, name, owner, region, port, size, load, open, patched,"
    " CAST(used_at AS TIMESTAMP), CAST(built_at AS TIMESTAMP), note)) FROM ";

static void must(ar_err err)
{
    if (err.code == AR_OK) return;
    (void)fprintf(stderr, "bench: %.*s\n", AR_FMT(ar_err_text(err)));
    exit(1);
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void write_payload(const char *path, long n_rows)
{
    FILE *file = fopen(path, "w");

    if (file == NULL) exit(1);
    for (long i = 0; i < n_rows; i++)
        (void)fprintf(
            file,
            "{\"id\":\"thing-%08ld\",\"name\":\"n%ld.example.org\",\"owner\":\"team:%ld\","
            "\"region\":\"eu-%ld\",\"port\":%ld,\"size\":%ld,\"load\":0.%03ld,\"open\":%s,"
            "\"patched\":%s,\"used_at\":\"2026-%02ld-%02ldT%02ld:30:00Z\","
            "\"built_at\":\"2025-%02ld-11T09:%02ld:00Z\",\"note\":\"row %ld of many\"}\n",
            i, i * 7919 % n_rows, i % 97, i % 13, i % 65536, i * 104729, i % 1000,
            i % 3 == 0 ? "true" : "false", i % 5 == 0 ? "true" : "false", i % 12 + 1, i % 28 + 1,
            i % 24, i % 12 + 1, i % 60, i);
    if (fclose(file) != 0) exit(1);
}

static ar_str text_of(ar_engine *engine, ar_arena *arena, const char *table)
{
    ar_value value;

    must(ar_engine_value(engine, ar_arena_printf(arena, "%s%s", digest, table), NULL, 0, arena,
                         &value));
    return value.s;
}

static double ours(ar_ctx *ctx, const char *path, ar_str *out_digest)
{
    static const ar_migration *const lists[] = { ar_estate_migrations, NULL };
    ar_connector generic = { .name = AR_LIT("generic") };
    ar_import_spec spec = { .connector = generic.name, .source = generic.name };
    ar_own(ar_intake_child) child = NULL;
    ar_import_result result;
    ar_kinds kinds;
    ar_plan plan;
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC));

    must(ar_migrate(ctx->engine, lists, ctx->now, NULL, NULL, NULL));
    must(ar_estate_open(ctx, &kinds));
    must(ar_kinds_find(&kinds, AR_LIT("thing"), &spec.kind));

    double start = seconds();
    must(ar_engine_begin(ctx->engine));
    ar_plan_make(&generic, spec.kind, AR_LIT("bench"), ctx->arena, &plan);
    must(ar_intake_child_open(ctx->place, &plan, ar_fd_n(fd), &child));
    must(ar_import(ctx, &kinds, &spec, ar_intake_child_feed(child), &result));
    must(ar_engine_commit(ctx->engine));
    must(ar_engine_checkpoint(ctx->engine));
    double took = seconds() - start;
    *out_digest = text_of(ctx->engine, ctx->arena, "main.thing");

    (void)lseek(ar_fd_n(fd), 0, SEEK_SET);
    ar_intake_child_free(&child);
    ctx->now += AR_DAY;
    start = seconds();
    must(ar_engine_begin(ctx->engine));
    must(ar_intake_child_open(ctx->place, &plan, ar_fd_n(fd), &child));
    must(ar_import(ctx, &kinds, &spec, ar_intake_child_feed(child), &result));
    must(ar_engine_commit(ctx->engine));
    if (result.added + result.changed + result.gone != 0) exit(1);
    printf("the same snapshot again, compared and committed: %.2f s\n", seconds() - start);
    return took;
}

static double theirs(ar_engine *engine, ar_arena *arena, const char *path, ar_str *out_digest)
{
    double start = seconds();

    must(ar_engine_exec(engine, ar_arena_printf(arena,
                                                "CREATE TABLE t AS SELECT * FROM"
                                                " read_json('%s', format = 'newline_delimited')",
                                                path)
                                    .ptr));
    must(ar_engine_checkpoint(engine));
    double took = seconds() - start;
    *out_digest = text_of(engine, arena, "t");
    return took;
}

int main(int argc, char **argv)
{
    int64_t n_rows = 1000000;
    char dir[] = "/tmp/aright-bench-XXXXXX";
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) mine = NULL;
    ar_own(ar_engine) other = NULL;
    ar_str a, b;

    if (argc > 1 && !ar_str_int(ar_str_of(argv[1]), &n_rows)) return 2;
    if (n_rows <= 0 || mkdtemp(dir) == NULL) return 1;
    const char *payload = ar_path_join(&arena, dir, "payload.ndjson");
    const char *kinds = ar_path_join(&arena, dir, "kinds");
    write_payload(payload, (long)n_rows);
    must(ar_dir_make(kinds, 0700));
    must(ar_file_write(ar_path_join(&arena, kinds, "thing.yaml"), AR_LIT(kind_file), 0600));
    must(ar_file_write(ar_path_join(&arena, kinds, "asset.yaml"), ar_str_of(views[0]), 0600));
    must(ar_file_write(ar_path_join(&arena, kinds, "domain.yaml"), ar_str_of(views[1]), 0600));
    must(ar_file_write(ar_path_join(&arena, kinds, "person.yaml"), ar_str_of(views[2]), 0600));

    ar_place place = { .home = dir, .data = "/nonexistent", .program = getenv("ARIGHT_PROGRAM") };
    if (place.program == NULL) place.program = "build/aright";
    place.program = ar_path_absolute(&arena, place.program);
    const char *files[] = { payload, NULL };
    ar_engine_options options = { .path = ar_path_join(&arena, dir, "mine"),
                                  .memory_bytes = UINT64_C(2) << 30 };
    must(ar_engine_open(&options, &mine));
    options.path = ar_path_join(&arena, dir, "other");
    options.files = files;
    must(ar_engine_open(&options, &other));

    ar_ctx ctx = { .now = 20000 * AR_DAY, .place = &place, .engine = mine, .arena = &arena };
    double read_json = theirs(other, &arena, payload, &b);
    double import = ours(&ctx, payload, &a);
    if (!ar_str_eq(a, b)) {
        (void)fprintf(stderr, "bench: the results differ: %.*s, %.*s\n", AR_FMT(a), AR_FMT(b));
        return 1;
    }
    printf("%lld rows x 12 columns: import %.2f s, read_json %.2f s: %.2f of its time\n",
           (long long)n_rows, import, read_json, import / read_json);
    must(ar_dir_remove(dir));
    return 0;
}
