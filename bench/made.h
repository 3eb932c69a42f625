/* made: an estate of one kind under 31 standards in the shapes of the report's, made up for the
 * programs of this folder. */
#pragma once

#include "engine/engine.h"
#include "standard/scan.h"
#include "sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { STANDARDS = 31 };

static void must(ar_err err)
{
    if (err.code == AR_OK) return;
    (void)fprintf(stderr, "%.*s\n", AR_FMT(ar_err_text(err)));
    exit(1);
}

/* Shapes of the report's standards: facts that must be so, ages, enumerations, numbers. */
static const struct {
    const char *where, *pass;
} shapes[] = {
    { NULL, "b1 AND NOT b2 AND b3" },
    { "u1 IS NULL", "t1 = 'auto' AND n1 = 0 AND u2 > :asof - INTERVAL n2 DAY" },
    { "NOT b4", "n3 >= 2 AND NOT b5" },
    { "NOT b4 AND coalesce(b6, TRUE)", "b1 AND b3 AND n1 = 0" },
    { "t2 <> 'none' OR n1 > 0", "n1 = 0 AND t2 IN ('managed', 'federated')" },
    { "n4 > 0 OR n5 > 0", "n4 = nullif(n5, 0)" },
    { NULL, "b7 AND b8" },
    { NULL, "owner_id IS NOT NULL AND u2 > :asof - INTERVAL :days DAY AND (t1 <> 'manual' OR u3 > "
            ":asof)" },
    { NULL, "t3 <> 'legacy'" },
    { "env IN ('production', 'productivity')",
      "b1 AND (NOT b2 OR t3 IS NOT NULL) AND u2 > :asof - INTERVAL 90 DAY" },
    { NULL, "owner_id IS NOT NULL AND t4 IS NOT NULL AND u3 IS NOT NULL" },
};

static const char *const columns[] = { "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "n1", "n2",
                                       "n3", "n4", "n5", "t1", "t2", "t3", "t4", "u1", "u2", "u3" };

static const char *type_of(const char *column)
{
    return column[0] == 'b'   ? "bool"
           : column[0] == 'n' ? "int"
           : column[0] == 't' ? "text"
                              : "time";
}

/* Into the folder `kinds`. */
static void write_kind(const char *folder, const char *name, const char *link, ar_arena *arena)
{
    const char *path = ar_path_join(arena, folder, ar_arena_printf(arena, "%s.yaml", name).ptr);
    ar_auto(ar_buf) text = { 0 };

    must(ar_dir_make(folder, 0755));
    ar_buf_addf(&text, "kind: %s\ntitle: Asset\nmeaning: One.\ncolumns:\n", name);
    for (size_t i = 0; i < AR_COUNT(columns); i++)
        ar_buf_addf(&text, "  %s: {type: %s, meaning: A fact.}\n", columns[i], type_of(columns[i]));
    ar_buf_addz(&text, link);
    must(ar_file_write(path, ar_buf_str(&text), 0644));
}

/* A kind `asset`, and one that it is linked to. */
[[maybe_unused]] static void write_kinds(const ar_place *place, ar_arena *arena)
{
    const char *folder = ar_path_join(arena, place->data, "kinds");

    write_kind(folder, "asset", "links:\n  log_sources: {kind: log_source, on: {asset_id: id}}\n",
               arena);
    must(ar_file_write(ar_path_join(arena, folder, "log_source.yaml"),
                       AR_LIT("kind: log_source\ntitle: Log\nmeaning: One.\ncolumns:\n"
                              "  asset_id: {type: text, meaning: The asset.}\n"
                              "  last_event_at: {type: time, meaning: When it last wrote.}\n"),
                       0644));
}

[[maybe_unused]] static const ar_standard *
make_standard(const ar_kinds *kinds, int n, const char *where, const char *pass, ar_arena *arena)
{
    ar_standard *s = ar_make(arena, ar_standard);
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "id: B-%d\nclass: standard\ntitle: T\nstatement: S\npillar: tenants\n", n);
    ar_buf_addf(&text, "right: R\nrisk: 1\nowner: o\nexplain: []\nkind: asset\npass: %s\n", pass);
    if (where != NULL) ar_buf_addf(&text, "where: %s\n", where);
    ar_buf_addf(&text, "params: {days: %d}\nstale_after: %dh\n", 30 + n, n % 2 == 0 ? 48 : 72);
    ar_buf_addz(&text, "tests: {pass: [{}], fail: [{}], unknown: [{}]}\n");
    must(ar_standard_parse(AR_LIT("bench"), (ar_str){ 0 }, ar_buf_str(&text), kinds, arena, s));
    return s;
}

[[maybe_unused]] static void fill(ar_engine *engine, int64_t n_rows, ar_time asof)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addz(&sql,
                "CREATE TABLE asset AS SELECT 'asset-' || i AS id, 'd' || h % 20 AS domain_id,"
                " CASE WHEN h % 11 <> 0 THEN 'team:' || h % 5000 END AS owner_id,"
                " ['production', 'productivity', 'test'][1 + h % 3] AS env");
    for (size_t i = 0; i < AR_COUNT(columns); i++) {
        const char *c = columns[i];
        size_t shift = i * 2 + 3;

        ar_buf_addf(&sql, ", CASE WHEN (h >> %zu) %% 16 <> 0 THEN ", shift % 40);
        if (c[0] == 'b') ar_buf_addf(&sql, "(h >> %zu) %% 3 <> 0", shift % 37);
        if (c[0] == 'n') ar_buf_addf(&sql, "((h >> %zu) %% 40)::BIGINT", shift % 31);
        if (c[0] == 't')
            ar_buf_addf(&sql,
                        "['auto', 'manual', 'managed', 'none', 'legacy'][1 + (h >> %zu) %% 5]",
                        shift % 29);
        if (c[0] == 'u')
            ar_buf_addf(&sql, "make_timestamp(%lld - ((h >> %zu) %% 200)::BIGINT * 86400000000)",
                        (long long)asof, shift % 23);
        ar_buf_addf(&sql, " END AS %s", c);
    }
    ar_buf_addf(&sql,
                ", make_timestamp(%lld - (h %% 60)::BIGINT * 3600000000) AS last_seen,"
                " CASE WHEN h %% 50 = 0 THEN make_timestamp(%lld) END AS deleted_at,"
                " h %% 97 = 0 AS gone"
                " FROM (SELECT i, (hash(i) >> 8)::BIGINT AS h FROM range(%lld) t(i));",
                (long long)asof, (long long)asof, (long long)n_rows);
    ar_buf_addf(&sql,
                "CREATE TABLE log_source AS SELECT 'asset-' || (i * 3 %% %lld) AS asset_id,"
                " make_timestamp(%lld - (hash(i) %% 50)::BIGINT * 3600000000) AS last_event_at"
                " FROM range(%lld) t(i)",
                (long long)n_rows, (long long)asof, (long long)n_rows / 2);
    must(ar_engine_exec(engine, sql.ptr));
}

[[maybe_unused]] static void make_standards(const ar_kinds *kinds, ar_arena *arena,
                                            const ar_standard *standards[static STANDARDS])
{
    for (int i = 0; i < STANDARDS; i++)
        standards[i] = make_standard(kinds, i, shapes[(size_t)i % AR_COUNT(shapes)].where,
                                     shapes[(size_t)i % AR_COUNT(shapes)].pass, arena);
}
