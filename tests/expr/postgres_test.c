#include "differ.h"
#include "sys/file.h"
#include "sys/proc.h"
#include "t.h"

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

/* The SQL that is printed for PostgreSQL, run by one of our own on a socket in a scratch folder.
 * Skipped where none is installed. */

struct server {
    ar_arena arena;
    const char *bin, *home;
    ar_str said; /* by the last program that was run */
};

static bool run_program(struct server *s, const char *const *argv)
{
    ar_spawn spawn = { .argv = argv, .dir = s->home };
    int status = 1;

    T_OK(ar_run(&spawn, 1 << 20, 120, &s->arena, &s->said, &status));
    return status == 0;
}

/* Runs shell text in the scratch folder, not as root, whom the server refuses. */
static bool run(struct server *s, const char *script)
{
    const char *file = ar_arena_printf(&s->arena, "%s/run", s->home).ptr;
    const char *argv[] = {
        "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "sh", file, NULL
    };
    ar_str text = ar_arena_printf(&s->arena, "exec 2>&1\nPATH=%s:$PATH\n%s\n", s->bin, script);

    T_OK(ar_file_write(file, text, 0644));
    return run_program(s, geteuid() == 0 ? argv : argv + 4);
}

static void say(const struct server *s)
{
    t_bad++, printf("# %.*s\n", (int)(s->said.len < 2000 ? s->said.len : 2000), s->said.ptr);
}

static bool find_binaries(struct server *s)
{
    glob_t found;

    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) != 0) return false;

    ar_str path = ar_str_of(found.gl_pathv[found.gl_pathc - 1]);

    path.len -= sizeof "/initdb" - 1;
    s->bin = ar_arena_cstr(&s->arena, path);
    globfree(&found);
    return true;
}

static bool server_start(struct server *s)
{
    char home[] = "/tmp/aright-postgres-XXXXXX";

    if (!find_binaries(s) || mkdtemp(home) == NULL) return false;
    s->home = ar_arena_cstr(&s->arena, ar_str_of(home));
    T_INT(chmod(home, 0777), 0);
    if (run(s, "initdb -D data -A trust -U aright -E UTF8 --locale=C.UTF-8 --no-sync &&\n"
               "pg_ctl -D data -w -l server.log -o \"-F -k $PWD -c listen_addresses=''\" start"))
        return true;
    say(s);
    return false;
}

static void server_stop(struct server *s)
{
    if (s->home != NULL) {
        T_TRUE(run(s, "pg_ctl -D data -m immediate stop"));
        T_TRUE(run_program(s, (const char *const[]){ "rm", "-r", s->home, NULL }));
    }
    ar_arena_done(&s->arena);
}

/* What a script of SQL prints, unaligned. */
static ar_str query(struct server *s, const ar_buf *sql)
{
    ar_str text = { 0 };

    T_OK(ar_file_write(ar_arena_printf(&s->arena, "%s/in", s->home).ptr, ar_buf_str(sql), 0644));
    if (!run(s, "psql -h \"$PWD\" -U aright -d postgres -XqAt -v ON_ERROR_STOP=1 -f in -o out")) {
        say(s);
        return text;
    }
    T_OK(ar_file_read(ar_arena_printf(&s->arena, "%s/out", s->home).ptr, 256 << 20, &s->arena,
                      &text));
    return text;
}

/* ---- values to PostgreSQL and back ---- */

static void add_value(ar_buf *sql, ar_value v)
{
    switch (v.type) {
    case AR_NULL: ar_buf_addz(sql, "NULL"); break;
    case AR_BOOL: ar_buf_addz(sql, v.b ? "TRUE" : "FALSE"); break;
    case AR_INT: ar_buf_addf(sql, "%lld", (long long)v.i); break;
    case AR_DOUBLE: ar_buf_addf(sql, "CAST('%.17g' AS DOUBLE PRECISION)", v.d); break;
    case AR_TEXT: ar_sql_text(sql, v.s); break;
    case AR_TIME:
        if (v.i == INT64_MAX || v.i == -INT64_MAX)
            ar_buf_addz(sql, v.i > 0 ? "'infinity'" : "'-infinity'");
        else
            ar_buf_addf(sql, "TIMESTAMP '1970-01-01' + INTERVAL '%lld microseconds'",
                        (long long)v.i);
        break;
    }
}

static void add_table(ar_buf *sql, const struct differ_rows *rows)
{
    for (size_t c = 0; c < DIFFER_COLUMNS; c++)
        ar_buf_addf(sql, "%s%.*s %s", c == 0 ? "CREATE TABLE r (" : ", ",
                    AR_FMT(differ_columns[c].name),
                    differ_columns[c].type == AR_DOUBLE ? "DOUBLE PRECISION"
                                                        : ar_sql_type(differ_columns[c].type));
    ar_buf_addz(sql, ");\n");
    for (size_t i = 0; i < rows->n * DIFFER_COLUMNS; i++) {
        ar_buf_addz(sql, i % DIFFER_COLUMNS == 0 ? "INSERT INTO r VALUES (" : ", ");
        add_value(sql, rows->cells[i]);
        if ((i + 1) % DIFFER_COLUMNS == 0) ar_buf_addz(sql, ");\n");
    }
}

/* A column whose text says exactly what the value is; "" is NULL. */
static void add_query(ar_buf *sql, const ar_expr *expr)
{
    enum ar_type type = ar_expr_type(expr);

    ar_buf_addz(sql, type == AR_TEXT   ? "SELECT 'x' || encode(convert_to("
                     : type == AR_TIME ? "SELECT CAST(1000000 * extract(epoch FROM "
                                       : "SELECT (");
    ar_expr_sql(expr, AR_SQL_POSTGRES, differ_params, DIFFER_PARAMS, AR_LIT("a"), sql);
    ar_buf_addz(sql, type == AR_TEXT   ? ", 'UTF8'), 'hex')"
                     : type == AR_TIME ? ") AS BIGINT)"
                                       : ")");
    ar_buf_addz(sql, " FROM r AS a ORDER BY a.id;\n");
}

static void expected(ar_buf *out, ar_value v)
{
    if (v.type == AR_BOOL) ar_buf_addc(out, v.b ? 't' : 'f');
    if (v.type == AR_INT || v.type == AR_TIME) ar_buf_addf(out, "%lld", (long long)v.i);
    if (v.type == AR_TEXT) ar_buf_addc(out, 'x');
    for (size_t i = 0; v.type == AR_TEXT && i < v.s.len; i++)
        ar_buf_addf(out, "%02x", (unsigned char)v.s.ptr[i]);
}

static bool same(ar_value ours, ar_str theirs)
{
    ar_auto(ar_buf) text = { 0 };
    double d;

    if (ours.type == AR_DOUBLE) return ar_str_double(theirs, &d) && d == ours.d;
    expected(&text, ours);
    return ar_str_eq(ar_buf_str(&text), theirs);
}

/* ---- the comparison ---- */

static void compare(struct part *part, const ar_expr *expr, const struct differ *d, ar_str *lines,
                    ar_arena *arena)
{
    const ar_program *program;
    ar_vector *inputs;
    ar_vector_out result = differ_column(ar_expr_type(expr), d->rows.n, arena);
    size_t bad = 0;

    T_OK(ar_program_compile(&expr, 1, differ_params, DIFFER_PARAMS, arena, &program));
    T_OK(differ_inputs(d, program, arena, &inputs));
    ar_program_run(program, inputs, d->rows.n, arena, &result);
    for (size_t row = 0; row < d->rows.n; row++) {
        ar_str line = { 0 };
        ar_value ours = differ_get(&result, row);

        (void)ar_str_split(lines, '\n', &line);
        if (same(ours, line)) continue;
        if (bad++ > 0) continue;
        differ_say(d, part, ours, ar_text(line), row);
    }
    T_INT(bad, 0);
}

TEST(random_expressions_give_the_same_in_c_and_in_postgresql)
{
    enum { ROWS = 128, EXPRESSIONS = 128 };
    struct server server = { 0 };
    struct differ d = { 0 };
    ar_auto(ar_buf) sql = { 0 };
    ar_auto(ar_arena) arena = { 0 };
    const ar_expr *exprs[EXPRESSIONS];
    struct part *parts[EXPRESSIONS];
    const char *seed = getenv("ARIGHT_SEED");

    if (server_start(&server)) {
        T_OK(differ_open(&d, seed == NULL ? 7 : strtoull(seed, NULL, 10), ROWS));
        add_table(&sql, &d.rows);
        for (size_t i = 0; i < EXPRESSIONS; i++) {
            parts[i] = random_expression(&differ_scope, 1 + pick(5), &arena, &exprs[i]);
            add_query(&sql, exprs[i]);
        }

        ar_str lines = query(&server, &sql);

        for (size_t i = 0; i < EXPRESSIONS && lines.len > 0; i++)
            compare(parts[i], exprs[i], &d, &lines, &arena);
        differ_close(&d);
    } else {
        printf("# no PostgreSQL is installed\n");
    }
    server_stop(&server);
}
