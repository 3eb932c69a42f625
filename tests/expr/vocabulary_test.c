#include "differ.h"
#include "estate/kind.h"
#include "sys/file.h"
#include "t.h"

/* Every condition of tests/expr/vocabulary over the kinds that the program ships. */

struct line {
    const ar_kind *kind;
    ar_str text;
    const ar_expr *expr;
};

struct vocabulary {
    ar_arena arena;
    struct line lines[128];
    size_t n;
};

static const ar_expr_param asof[] = { { AR_LIT("asof"), { .type = AR_TIME, .i = DIFFER_ASOF } } };

static const char *in_source(ar_arena *arena, const char *path)
{
    return ar_arena_printf(arena, "%s/%s", getenv("ARIGHT_SOURCE"), path).ptr;
}

static void read_vocabulary(struct vocabulary *v)
{
    ar_place place = { .home = "/nowhere", .data = getenv("ARIGHT_SOURCE") };
    ar_str rest = { 0 }, text;
    ar_kinds kinds;
    uint32_t number = 0;

    T_OK(ar_kinds_load(&place, &v->arena, &kinds));
    T_OK(ar_file_read(in_source(&v->arena, "tests/expr/vocabulary"), 1 << 20, &v->arena, &rest));
    while (ar_str_split(&rest, '\n', &text)) {
        struct line *line = &v->lines[v->n];
        size_t colon = ar_str_find(text, ':');
        ar_expr_place at = { AR_LIT("vocabulary"), ++number, (uint32_t)colon + 3 };

        if (text.len == 0 || text.ptr[0] == '#') continue;
        assert(v->n < AR_COUNT(v->lines));
        line->text = ar_str_trim(ar_str_cut(text, colon + 1, text.len));
        T_OK(ar_kinds_find(&kinds, ar_str_cut(text, 0, colon), &line->kind));
        T_OK(ar_expr_parse_as(AR_BOOL, &line->kind->scope, asof, 1, at, line->text, &v->arena,
                              &line->expr));
        v->n += line->expr != NULL;
    }
}

static void vocabulary_done(struct vocabulary *v)
{
    ar_arena_done(&v->arena);
}

TEST(every_condition_of_the_table_parses_and_prints_back_to_itself)
{
    __attribute__((cleanup(vocabulary_done))) struct vocabulary v = { 0 };

    read_vocabulary(&v);
    T_INT(v.n, 103);
    for (size_t i = 0; i < v.n; i++) {
        ar_auto(ar_buf) first = { 0 };
        ar_auto(ar_buf) second = { 0 };
        const ar_expr *again = NULL;

        ar_expr_print(v.lines[i].expr, &first);
        T_OK(ar_expr_parse(&v.lines[i].kind->scope, asof, 1, (ar_expr_place){ 0 },
                           ar_buf_str(&first), &v.arena, &again));
        if (again == NULL) continue;
        ar_expr_print(again, &second);
        T_STR(ar_buf_str(&second), first.ptr);
    }
}

/* ARIGHT_SNAP=write puts what is printed now in place of what was read in review. */
static void same_as_snapshot(struct vocabulary *v, enum ar_dialect dialect, const char *name)
{
    ar_auto(ar_buf) now = { 0 };
    ar_str then = { 0 };
    const char *path = in_source(&v->arena, name), *snap = getenv("ARIGHT_SNAP");

    for (size_t i = 0; i < v->n; i++) {
        ar_buf_addf(&now, "-- %.*s: %.*s\n", AR_FMT(v->lines[i].kind->name),
                    AR_FMT(v->lines[i].text));
        ar_expr_sql(v->lines[i].expr, dialect, asof, 1, AR_LIT("a"), &now);
        ar_buf_addz(&now, ";\n");
    }
    if (snap != NULL && strcmp(snap, "write") == 0)
        T_OK(ar_file_write(path, ar_buf_str(&now), 0644));
    T_OK(ar_file_read(path, 1 << 20, &v->arena, &then));
    T_TRUE(ar_str_eq(then, ar_buf_str(&now)));
}

TEST(the_sql_of_the_table_is_what_was_reviewed)
{
    __attribute__((cleanup(vocabulary_done))) struct vocabulary v = { 0 };

    read_vocabulary(&v);
    same_as_snapshot(&v, AR_SQL_DUCKDB, "tests/snap/expr/duckdb.sql");
    same_as_snapshot(&v, AR_SQL_POSTGRES, "tests/snap/expr/postgres.sql");
}

/* Values near what the conditions ask for, so that each of them is true, false and unknown. */
static ar_value likely_value(enum ar_type type)
{
    static const char *const texts[] = { "auto",     "managed",  "standard", "governed", "enforced",
                                         "template", "eligible", "critical", "none",     "legacy" };

    if (pick(8) == 0) return ar_null();
    if (type == AR_TEXT) return ar_textz(PICK(texts));
    if (type == AR_INT) return ar_int((int64_t)pick(4));
    if (type == AR_TIME) return ar_at(DIFFER_ASOF + ((int64_t)pick(100) - 60) * AR_DAY);
    return random_value(type);
}

static void make_table(ar_engine *engine, const ar_kind *kind, ar_arena *arena)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_append) append = NULL;
    ar_value *row = ar_make_n(arena, ar_value, kind->n_columns);

    ar_buf_addz(&sql, "CREATE TABLE ");
    ar_sql_name(&sql, kind->name);
    for (size_t i = 0; i < kind->n_columns; i++) {
        ar_buf_addz(&sql, i == 0 ? " (" : ", ");
        ar_sql_name(&sql, kind->columns[i].name);
        ar_buf_addf(&sql, " %s", ar_sql_type(kind->columns[i].type));
    }
    ar_buf_addz(&sql, ")");
    T_OK(ar_engine_exec(engine, sql.ptr));
    T_OK(ar_append_open(engine, ar_arena_cstr(arena, kind->name), &append));
    for (size_t n = 0; n < 100; n++) {
        for (size_t i = 0; i < kind->n_columns; i++) row[i] = likely_value(kind->columns[i].type);
        T_OK(ar_append_row(append, row, kind->n_columns));
    }
    T_OK(ar_append_close(&append));
}

static void same_in_engine(ar_engine *engine, const struct line *line, ar_arena *arena)
{
    ar_auto(ar_buf) from = { 0 };
    ar_auto(ar_buf) sql = { 0 };
    ar_own(ar_rows) rows = NULL;
    const ar_program *program;
    ar_value inputs[32], result;
    size_t n, differ = 0;

    T_OK(ar_program_compile(&line->expr, 1, asof, 1, arena, &program));
    (void)ar_program_inputs(program, &n);
    assert(n < AR_COUNT(inputs));
    ar_buf_addz(&sql, "SELECT ");
    ar_program_from(program, line->kind->name, AR_LIT("a"), &from, &sql);
    ar_buf_addz(&sql, ", ");
    ar_expr_sql(line->expr, AR_SQL_DUCKDB, asof, 1, AR_LIT("a"), &sql);
    ar_buf_addf(&sql, " FROM %s", from.ptr);
    T_OK(ar_engine_query(engine, ar_buf_str(&sql), NULL, 0, &rows));
    while (rows != NULL && ar_rows_next(rows)) {
        for (size_t i = 0; i < n; i++) inputs[i] = ar_rows_get(rows, i);
        ar_program_row(program, inputs, arena, &result);
        differ += !ar_value_eq(result, ar_rows_get(rows, n));
    }
    if (differ > 0) t_bad++, printf("# %zu rows differ: %.*s\n", differ, AR_FMT(line->text));
}

TEST(every_condition_of_the_table_is_the_same_in_c_and_in_duckdb)
{
    __attribute__((cleanup(vocabulary_done))) struct vocabulary v = { 0 };
    ar_own(ar_engine) engine = NULL;
    ar_engine_options options = { .threads = 1 };
    ar_map made = { 0 };

    differ_state = 1;
    read_vocabulary(&v);
    T_OK(ar_engine_open(&options, &engine));
    T_OK(ar_expr_opened(engine));
    for (size_t i = 0; i < v.n; i++) {
        bool is_new;

        (void)ar_map_put(&made, &v.arena, v.lines[i].kind->name, &is_new);
        if (is_new) make_table(engine, v.lines[i].kind, &v.arena);
    }
    for (size_t i = 0; i < v.n; i++) same_in_engine(engine, &v.lines[i], &v.arena);
}
