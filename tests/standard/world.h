/* world: a small made estate for the tests of this folder: its own kinds and standards in a folder,
 * an engine in memory or in a file, tables in the place of the estate's views. */
#pragma once

#include "estate/estate.h"
#include "op/args.h"
#include "op/reply.h"
#include "standard/evaluate.h"
#include "standard/ops.h"
#include "standard/tables.h"
#include "sys/file.h"
#include "t.h"

#include <stdlib.h>

#define DAY0 INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */

typedef struct world {
    ar_arena arena;
    ar_place place;
    ar_engine *engine;
    ar_kinds kinds;
    ar_standards standards;
    ar_str who;
} world;

static void world_write(world *w, const char *folder, const char *name, const char *text)
{
    const char *path =
        ar_path_join(&w->arena, ar_path_join(&w->arena, w->place.data, folder), name);

    T_OK(ar_file_write(path, ar_str_of(text), 0644));
}

[[maybe_unused]] static void world_files(world *w)
{
    char path[] = "/tmp/aright-standard-XXXXXX";

    T_TRUE(mkdtemp(path) != NULL);
    w->place.data = ar_arena_cstr(&w->arena, ar_str_of(path));
    w->place.home = ar_path_join(&w->arena, path, "home");
    w->who = AR_LIT("person:officer");
    T_OK(ar_dir_make(w->place.home, 0700));
    T_OK(ar_dir_make(ar_path_join(&w->arena, path, "kinds"), 0755));
    T_OK(ar_dir_make(ar_path_join(&w->arena, path, "standards"), 0755));
    world_write(w, "kinds", "thing.yaml",
                "kind: thing\ntitle: Thing\nmeaning: A thing.\ncolumns:\n"
                "  ok: {type: bool, meaning: Whether it is right.}\n"
                "  n: {type: int, meaning: A number.}\n"
                "  m: {type: int, meaning: Another number.}\n"
                "  used_at: {type: time, meaning: When it was used.}\n"
                "links:\n  parts: {kind: part, on: {thing_id: id}}\n");
    world_write(w, "kinds", "part.yaml",
                "kind: part\ntitle: Part\nmeaning: A part of a thing.\ncolumns:\n"
                "  thing_id: {type: text, meaning: The thing.}\n"
                "  good: {type: bool, meaning: Whether it is good.}\n");
}

/* A standard whose `rest` gives where, pass and what else is of interest. */
static const char *standard_text(world *w, const char *id, const char *rest)
{
    return ar_arena_printf(&w->arena,
                           "id: %s\nclass: standard\ntitle: Title of %s\nstatement: It is right.\n"
                           "pillar: tenants\nright: Make it right.\nrisk: 3\nowner: team:owners\n"
                           "explain: [n]\nkind: thing\nwaiver: {max: 90d, approver: domain}\n"
                           "get: {due: 30d, action: make-right}\n%s\n"
                           "tests: {pass: [{}], fail: [{}], unknown: [{}]}\n",
                           id, id, rest)
        .ptr;
}

[[maybe_unused]] static void world_standard(world *w, const char *id, const char *rest)
{
    world_write(w, "standards", ar_arena_printf(&w->arena, "%s.yaml", id).ptr,
                standard_text(w, id, rest));
}

[[maybe_unused]] static void world_load(world *w)
{
    T_OK(ar_kinds_load(&w->place, &w->arena, &w->kinds));
    T_OK(ar_standards_load(&w->place, &w->kinds, &w->arena, &w->standards));
}

static void world_table(world *w, const char *name)
{
    ar_auto(ar_buf) sql = { 0 };
    const ar_kind *kind;

    T_OK(ar_kinds_find(&w->kinds, ar_str_of(name), &kind));
    ar_buf_addf(&sql, "CREATE TABLE \"%s\" (gone BOOLEAN DEFAULT FALSE", name);
    for (size_t i = 0; i < kind->n_columns; i++) {
        ar_buf_addz(&sql, ", ");
        ar_sql_name(&sql, kind->columns[i].name);
        ar_buf_addf(&sql, " %s", ar_sql_type(kind->columns[i].type));
    }
    ar_buf_addc(&sql, ')');
    T_OK(ar_engine_exec(w->engine, sql.ptr));
}

/* `path` NULL: in memory. A new database gets its tables. */
[[maybe_unused]] static void world_engine(world *w, const char *path)
{
    static const ar_migration *const lists[] = { ar_estate_migrations, ar_standard_migrations,
                                                 NULL };
    ar_engine_options options = { .path = path, .threads = 2, .memory_bytes = UINT64_C(1) << 28 };
    int applied = 0;

    T_OK(ar_engine_open(&options, &w->engine));
    T_OK(ar_expr_opened(w->engine));
    T_OK(ar_migrate(w->engine, lists, DAY0, NULL, NULL, &applied));
    if (applied == 0) return;
    world_table(w, "thing");
    world_table(w, "part");
}

static void world_done(world *w)
{
    ar_engine_free(&w->engine);
    if (w->place.data != NULL) T_OK(ar_dir_remove(w->place.data));
    ar_arena_done(&w->arena);
}

[[maybe_unused]] static ar_evaluation world_evaluate(world *w, ar_time asof)
{
    ar_evaluation e = { 0 };

    T_OK(ar_engine_begin(w->engine));
    T_OK(ar_evaluate(w->engine, &w->kinds, &w->standards, asof, asof, NULL, NULL, &w->arena, &e));
    T_OK(ar_engine_commit(w->engine));
    if (e.n == 0) e.kinds = ar_make(&w->arena, ar_evaluated);
    return e;
}

[[maybe_unused]] static void world_sql(world *w, const char *sql)
{
    T_OK(ar_engine_exec(w->engine, sql));
}

/* The number, or -1 for NULL and failure. */
[[maybe_unused]] static int64_t world_int(world *w, const char *sql)
{
    ar_value value = ar_null();

    T_OK(ar_engine_value(w->engine, ar_str_of(sql), NULL, 0, &w->arena, &value));
    return value.type == AR_INT ? value.i : -1;
}

[[maybe_unused]] static ar_str world_text(world *w, const char *sql)
{
    ar_value value = ar_null();

    T_OK(ar_engine_value(w->engine, ar_str_of(sql), NULL, 0, &w->arena, &value));
    return value.type == AR_TEXT ? value.s : (ar_str){ 0 };
}

/* ---- operations: every row as CSV-like text "a|b|c", NULL as nothing ---- */

typedef struct answer {
    ar_buf head, rows, notes;
    ar_err err;
} answer;

[[maybe_unused]] static void answer_done(answer *a)
{
    ar_buf_done(&a->head);
    ar_buf_done(&a->rows);
    ar_buf_done(&a->notes);
}

static ar_err take_columns(void *self, const ar_column *columns, size_t n)
{
    answer *a = self;

    for (size_t i = 0; i < n; i++) ar_buf_addf(&a->head, "%s%s", i > 0 ? "|" : "", columns[i].name);
    return ar_ok();
}

static ar_err take_row(void *self, const ar_value *values, size_t n)
{
    answer *a = self;

    for (size_t i = 0; i < n; i++) {
        if (i > 0) ar_buf_addc(&a->rows, '|');
        ar_value_print(&a->rows, values[i]);
    }
    ar_buf_addc(&a->rows, '\n');
    return ar_ok();
}

static void take_note(void *self, ar_str text)
{
    answer *a = self;

    ar_buf_add(&a->notes, text);
    ar_buf_addc(&a->notes, '\n');
}

static void take_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    (void)self, (void)what;
    T_TRUE(done >= 0 && done <= total);
}

static const ar_op *find_op(const char *name)
{
    for (const ar_op *op = ar_standard_ops; op->name != NULL; op++)
        if (strcmp(op->name, name) == 0) return op;
    abort();
}

/* `pairs`: parameter, value, …, NULL. */
[[maybe_unused]] static answer world_ask(world *w, const char *name, ar_time now,
                                         const char *const *pairs)
{
    answer a = { 0 };
    ar_sink sink = { take_columns, take_row, take_note, take_progress, NULL, NULL, &a };
    ar_person who = { .name = w->who };
    ar_ctx ctx = { .now = now,
                   .asof = now,
                   .who = &who,
                   .place = &w->place,
                   .engine = w->engine,
                   .arena = &w->arena };
    const ar_op *op = find_op(name);
    ar_args args = { .op = op, .arena = &w->arena };
    ar_reply reply;

    ar_reply_init(&reply, op, &sink);
    for (; *pairs != NULL; pairs += 2)
        T_OK(ar_args_add(&args, ar_param_find(op, ar_str_of(pairs[0])), ar_str_of(pairs[1]), -1,
                         now));
    T_OK(ar_args_complete(&args));
    a.err = op->run(&ctx, &args, &reply);
    if (a.err.code == AR_OK) a.err = ar_reply_finish(&reply);
    return a;
}

#define ASK(w, name, now, ...) world_ask((w), (name), (now), (const char *const[]){ __VA_ARGS__ })
