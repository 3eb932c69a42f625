/* import: imports of NDJSON, committed, against the engine's own read_json into a table of the same
 * kind of file: the first of a source; the same again; the first of a second source, whose rows
 * find their assets by a match key; and a snapshot that differs in one row of a hundred, compared,
 * matched, merged and with its history. What the estate then shows equals what plain SQL makes of
 * the three files, before a ratio is printed.
 *
 *   bench_import [ROWS [ROUNDS [MIB]]]   MIB: the memory of either engine */
#include "estate/import.h"
#include "estate/child.h"
#include "estate/estate.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const char kind_file[] =
    "kind: thing\ntitle: Thing\nmeaning: One of many.\nmatch: [serial]\ncolumns:\n"
    "  serial: {type: text, meaning: What its maker calls it.}\n"
    "  version: {type: text, meaning: What runs on it.}\n"
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
    " CAST(used_at AS TIMESTAMP), CAST(built_at AS TIMESTAMP), serial)) FROM ";

static const char merged_digest[] =
    "SELECT count(*) || ' ' || sum(hash(id, name, size, port, patched, version, lower(serial)))"
    " FROM ";

/* Of what is live. Who was known before keeps the id it had. */
static const char plain_merge[] =
    "(SELECT coalesce(a.id, z.id, b.id) AS id, a.name, a.size, coalesce(a.port, b.port) AS port,"
    " coalesce(a.patched, b.patched) AS patched, b.version,"
    " coalesce(a.serial, b.serial) AS serial FROM later a"
    " FULL JOIN second b ON lower(a.serial) = lower(b.serial)"
    " LEFT JOIN t z ON lower(z.serial) = lower(b.serial))";

static void must(ar_err err)
{
    if (err.code == AR_OK) return;
    (void)fprintf(stderr, "bench: %.*s\n", AR_FMT(ar_err_text(err)));
    exit(1);
}

/* What something took: on the wall, and of the processors, children included. */
typedef struct cost {
    double wall, cpu;
} cost;

static double of_timeval(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double cpu_of(int who)
{
    struct rusage used;

    (void)getrusage(who, &used);
    return of_timeval(used.ru_utime) + of_timeval(used.ru_stime);
}

static cost now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (cost){ .wall = (double)t.tv_sec + (double)t.tv_nsec / 1e9,
                   .cpu = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN) };
}

static cost since(cost start)
{
    cost end = now();

    return (cost){ .wall = end.wall - start.wall, .cpu = end.cpu - start.cpu };
}

/* The best of several rounds: what else the machine did is not ours. */
static void keep_best(cost *best, cost round)
{
    if (best->wall == 0 || round.wall < best->wall) best->wall = round.wall;
    if (best->cpu == 0 || round.cpu < best->cpu) best->cpu = round.cpu;
}

/* What the first source shows: all of n_rows, or a day later, when of a thousand one is gone, one
 * is new, and eight are other than they were. */
static void write_payload(const char *path, long n_rows, bool later)
{
    FILE *file = fopen(path, "w");

    if (file == NULL) exit(1);
    for (long i = 0; i < n_rows + (later ? n_rows / 1000 : 0); i++) {
        if (later && i < n_rows && i % 1000 == 13) continue;
        (void)fprintf(
            file,
            "{\"id\":\"thing-%08ld\",\"name\":\"n%ld.example.org\",\"owner\":\"team:%ld\","
            "\"region\":\"eu-%ld\",\"port\":%ld,\"size\":%ld,\"load\":0.%03ld,\"open\":%s,"
            "\"patched\":%s,\"used_at\":\"2026-%02ld-%02ldT%02ld:30:00Z\","
            "\"built_at\":\"2025-%02ld-11T09:%02ld:00Z\",\"serial\":\"SN%09ld\"}\n",
            i, i * 7919 % n_rows, i % 97, i % 13, i % 65536, i * 104729 + (later && i % 125 == 7),
            i % 1000, i % 3 == 0 ? "true" : "false", i % 5 == 0 ? "true" : "false", i % 12 + 1,
            i % 28 + 1, i % 24, i % 12 + 1, i % 60, i * 31 % (n_rows * 7));
    }
    if (fclose(file) != 0) exit(1);
}

/* And the second: nine of ten of them, and some that the first does not know, by names of its own.
 */
static void write_other(const char *path, long n_rows)
{
    FILE *file = fopen(path, "w");

    if (file == NULL) exit(1);
    for (long i = 0; i < n_rows; i++)
        (void)fprintf(file,
                      "{\"id\":\"agent-%08ld\",\"serial\":\"%s%09ld\",\"version\":\"v%ld.%ld\","
                      "\"port\":%ld,\"patched\":%s}\n",
                      i, i % 10 == 3 ? "xx" : "sn", i * 31 % (n_rows * 7), i % 7, i % 31, i % 60000,
                      i % 4 == 0 ? "true" : "false");
    if (fclose(file) != 0) exit(1);
}

typedef struct bench {
    const ar_place *place;
    const char *payload, *later, *second, *mine, *other, *temp;
    uint64_t memory_bytes;
    ar_arena *arena;
} bench;

static ar_str text_of(ar_engine *engine, ar_arena *arena, const char *what, const char *table)
{
    ar_value value;

    must(ar_engine_value(engine, ar_arena_printf(arena, "%s%s", what, table), NULL, 0, arena,
                         &value));
    return value.s;
}

/* One snapshot, from the payload to what is committed and in the file itself. */
static cost import(ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec, const char *path,
                   ar_import_result *out_result)
{
    ar_connector generic = { .name = spec->connector };
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC));
    ar_own(ar_intake_child) child = NULL;
    cost start = now();
    ar_plan plan;

    must(ar_engine_begin(ctx->engine));
    ar_plan_make(&generic, spec->kind, AR_LIT("bench"), ctx->arena, &plan);
    must(ar_intake_child_open(ctx->place, &plan, ar_fd_n(fd), &child));
    must(ar_import(ctx, kinds, spec, ar_intake_child_feed(child), out_result));
    ar_intake_child_free(&child);
    must(ar_engine_commit(ctx->engine));
    must(ar_engine_checkpoint(ctx->engine));
    return since(start);
}

typedef struct costs {
    cost first, again, second, changed, scan, read_json;
} costs;

static void scan(ar_engine *engine, cost *best)
{
    cost start = now();

    must(ar_engine_exec(engine,
                        "CREATE TEMP TABLE seen AS SELECT count(id), sum(size), sum(port),"
                        " count(version), count(owner_id), max(last_seen), sum(source_count)"
                        " FROM main.thing; DROP TABLE seen"));
    keep_best(best, since(start));
}

static void ours(const bench *b, costs *all, ar_str *out_digest, ar_str *out_merged)
{
    static const ar_migration *const lists[] = { ar_estate_migrations, NULL };
    ar_import_spec spec = { .connector = AR_LIT("generic"), .source = AR_LIT("generic") };
    ar_engine_options options = { .path = b->mine,
                                  .memory_bytes = b->memory_bytes,
                                  .temp_dir = b->temp };
    ar_own(ar_engine) engine = NULL;
    ar_import_result result;
    ar_kinds kinds;

    must(ar_engine_open(&options, &engine));
    ar_ctx ctx = { .now = 20000 * AR_DAY, .place = b->place, .engine = engine, .arena = b->arena };
    must(ar_migrate(engine, lists, ctx.now, NULL, NULL, NULL));
    must(ar_estate_open(&ctx, &kinds));
    must(ar_kinds_find(&kinds, AR_LIT("thing"), &spec.kind));

    keep_best(&all->first, import(&ctx, &kinds, &spec, b->payload, &result));
    *out_digest = text_of(engine, b->arena, digest, "main.thing");
    ctx.now += AR_DAY;
    keep_best(&all->again, import(&ctx, &kinds, &spec, b->payload, &result));
    if (result.added + result.changed + result.gone != 0) exit(1);
    spec.source = AR_LIT("second");
    keep_best(&all->second, import(&ctx, &kinds, &spec, b->second, &result));
    spec.source = AR_LIT("generic");
    ctx.now += AR_DAY;
    keep_best(&all->changed, import(&ctx, &kinds, &spec, b->later, &result));
    scan(engine, &all->scan);
    *out_merged = text_of(engine, b->arena, merged_digest, "main.thing WHERE NOT gone");
}

static void read_json(ar_engine *engine, ar_arena *arena, const char *table, const char *path)
{
    must(ar_engine_exec(engine, ar_arena_printf(arena,
                                                "CREATE TABLE %s AS SELECT * FROM"
                                                " read_json('%s', format = 'newline_delimited')",
                                                table, path)
                                    .ptr));
    must(ar_engine_checkpoint(engine));
}

static void theirs(const bench *b, cost *best, ar_str *out_digest, ar_str *out_merged)
{
    const char *files[] = { b->payload, b->later, b->second, NULL };
    ar_engine_options options = {
        .path = b->other, .memory_bytes = b->memory_bytes, .temp_dir = b->temp, .files = files
    };
    ar_own(ar_engine) engine = NULL;

    must(ar_engine_open(&options, &engine));
    cost start = now();
    read_json(engine, b->arena, "t", b->payload);
    keep_best(best, since(start));
    read_json(engine, b->arena, "later", b->later);
    read_json(engine, b->arena, "second", b->second);
    *out_digest = text_of(engine, b->arena, digest, "t");
    *out_merged = text_of(engine, b->arena, merged_digest, plain_merge);
    ar_engine_free(&engine);
    (void)unlink(b->other);
}

static void print(const char *what, cost took, const costs *all, long n_rows)
{
    printf("  %-31s %6.2f %6.2f  %4.2f of read_json, %4.2f of its processor; %7.0f rows/s\n", what,
           took.wall, took.cpu, took.wall / all->read_json.wall, took.cpu / all->read_json.cpu,
           (double)n_rows / took.wall);
}

int main(int argc, char **argv)
{
    int64_t n_rows = 1000000, n_rounds = 3, memory_mib = 2048;
    char dir[] = "/tmp/aright-bench-XXXXXX";
    costs all = { 0 };
    ar_auto(ar_arena) arena = { 0 };

    if (argc > 1 && !ar_str_int(ar_str_of(argv[1]), &n_rows)) return 2;
    if (argc > 2 && !ar_str_int(ar_str_of(argv[2]), &n_rounds)) return 2;
    if (argc > 3 && !ar_str_int(ar_str_of(argv[3]), &memory_mib)) return 2;
    if (n_rows <= 0 || n_rounds <= 0 || memory_mib <= 0 || mkdtemp(dir) == NULL) return 2;
    const char *kinds = ar_path_join(&arena, dir, "kinds");
    must(ar_dir_make(kinds, 0700));
    must(ar_file_write(ar_path_join(&arena, kinds, "thing.yaml"), AR_LIT(kind_file), 0600));
    must(ar_file_write(ar_path_join(&arena, kinds, "asset.yaml"), ar_str_of(views[0]), 0600));
    must(ar_file_write(ar_path_join(&arena, kinds, "domain.yaml"), ar_str_of(views[1]), 0600));
    must(ar_file_write(ar_path_join(&arena, kinds, "person.yaml"), ar_str_of(views[2]), 0600));

    const char *program = getenv("ARIGHT_PROGRAM");
    ar_place place = { .home = dir, .data = "/nonexistent" };
    place.program = ar_path_absolute(&arena, program == NULL ? "build/aright" : program);
    bench b = { .place = &place,
                .payload = ar_path_join(&arena, dir, "payload.ndjson"),
                .later = ar_path_join(&arena, dir, "later.ndjson"),
                .second = ar_path_join(&arena, dir, "second.ndjson"),
                .mine = ar_path_join(&arena, dir, "mine"),
                .other = ar_path_join(&arena, dir, "other"),
                .temp = ar_path_join(&arena, dir, "temp"),
                .memory_bytes = (uint64_t)memory_mib << 20,
                .arena = &arena };
    write_payload(b.payload, (long)n_rows, false);
    write_payload(b.later, (long)n_rows, true);
    write_other(b.second, (long)n_rows);
    for (int64_t round = 0; round < n_rounds; round++) {
        ar_str mine, other, merged, plain;

        theirs(&b, &all.read_json, &other, &plain);
        ours(&b, &all, &mine, &merged);
        if (!ar_str_eq(mine, other) || !ar_str_eq(merged, plain)) {
            (void)fprintf(stderr, "bench: the results differ: %.*s, %.*s; %.*s, %.*s\n",
                          AR_FMT(mine), AR_FMT(other), AR_FMT(merged), AR_FMT(plain));
            return 1;
        }
        (void)unlink(b.mine);
    }
    printf("%lld rows x 12 columns, committed and in the file, best of %lld;"
           " seconds, and of processor:\n",
           (long long)n_rows, (long long)n_rounds);
    print("read_json", all.read_json, &all, (long)n_rows);
    print("import", all.first, &all, (long)n_rows);
    print("the same snapshot, compared", all.again, &all, (long)n_rows);
    print("a second source, matched", all.second, &all, (long)n_rows);
    print("a snapshot with 1 % changed", all.changed, &all, (long)n_rows);
    print("a scan of the merged view", all.scan, &all, (long)n_rows);
    must(ar_dir_remove(dir));
    return 0;
}
