#include "estate/sheet.h"

#include "engine/engine.h"
#include "form/csv.h"
#include "form/utf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAME_SHOWN = 80 }; /* bytes */

struct ar_sheet {
    ar_arena arena; /* of the sheet itself */
    ar_arena row;   /* of the row at hand */
    const ar_plan *plan;
    ar_str *header;
    size_t n_header;
    int64_t line;
    bool recovers;
    ar_err (*read)(ar_sheet *sheet, ar_value **out_values); /* NULL at the end */
    ar_csv csv;
    ar_engine *engine; /* Parquet */
    ar_rows *rows;
};

static ar_sheet *new_sheet(const ar_plan *plan, ar_err (*read)(ar_sheet *, ar_value **))
{
    ar_sheet *sheet = calloc(1, sizeof *sheet);

    if (sheet == NULL) abort();
    sheet->plan = plan;
    sheet->read = read;
    return sheet;
}

static ar_err keep_header(ar_sheet *sheet, const ar_str *names, size_t n)
{
    ar_map seen = { 0 };
    bool is_new;

    sheet->header = ar_make_n(&sheet->arena, ar_str, n);
    sheet->n_header = n;
    for (size_t i = 0; i < n; i++) {
        sheet->header[i] = ar_arena_copy(&sheet->arena, ar_str_trim(names[i]));
        ar_map_put(&seen, &sheet->arena, sheet->header[i], &is_new);
        if (!is_new)
            return ar_fail(AR_INVALID, "%.*s:1: the header names '%.*s' twice",
                           AR_FMT(sheet->plan->payload),
                           AR_FMT(ar_utf8_cut(sheet->header[i], NAME_SHOWN)));
    }
    if (sheet->plan->by_name && ar_map_get(&seen, AR_LIT("id")) == NULL)
        return ar_fail(AR_INVALID, "%.*s:1: no field is named 'id', which rows are known by",
                       AR_FMT(sheet->plan->payload));
    return ar_ok();
}

/* ---- rows ---- */

static void set_node(ar_node *node, ar_value value, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    switch (value.type) {
    case AR_NULL: node->kind = AR_NODE_NULL; break;
    case AR_BOOL: node->kind = AR_NODE_BOOL, node->b = value.b; break;
    case AR_INT: node->kind = AR_NODE_INT, node->i = value.i; break;
    case AR_DOUBLE: node->kind = AR_NODE_DOUBLE, node->d = value.d; break;
    case AR_TEXT: node->kind = AR_NODE_TEXT, node->text = value.s; return;
    case AR_TIME: node->kind = AR_NODE_TEXT; break;
    }
    ar_value_print(&text, value);
    node->text = ar_arena_copy(arena, ar_buf_str(&text));
}

static const ar_node *make_row(ar_sheet *sheet, const ar_value *values)
{
    size_t n = sheet->n_header;
    ar_node *nodes = ar_make_n(&sheet->row, ar_node, n + 1);
    ar_pair *pairs = ar_make_n(&sheet->row, ar_pair, n);

    for (size_t i = 0; i < n; i++) {
        set_node(&nodes[i + 1], values[i], &sheet->row);
        pairs[i] = (ar_pair){ .key = sheet->header[i], .value = &nodes[i + 1] };
    }
    nodes[0] = (ar_node){ .kind = AR_NODE_MAP, .pairs = pairs, .n = n };
    return &nodes[0];
}

ar_err ar_sheet_next(ar_sheet *sheet, const ar_node **out_row)
{
    ar_value *values;

    sheet->recovers = false;
    ar_arena_done(&sheet->row);
    AR_TRY(sheet->read(sheet, &values));
    *out_row = values == NULL ? NULL : make_row(sheet, values);
    return ar_ok();
}

int64_t ar_sheet_line(const ar_sheet *sheet)
{
    return sheet->line;
}

bool ar_sheet_recovers(const ar_sheet *sheet)
{
    return sheet->recovers;
}

/* ---- CSV ---- */

static ar_err read_csv(ar_sheet *sheet, ar_value **out_values)
{
    ar_str *fields;
    size_t n;

    do {
        sheet->line = sheet->csv.line;
        AR_TRY(ar_csv_row(&sheet->csv, &sheet->row, &fields, &n));
    } while (n == 1 && fields[0].len == 0 && sheet->n_header > 1);
    *out_values = NULL;
    if (n == 0) return ar_ok();
    sheet->recovers = true;
    if (n != sheet->n_header)
        return ar_fail(AR_INVALID, "%.*s:%lld: %zu fields, but the header has %zu",
                       AR_FMT(sheet->plan->payload), (long long)sheet->line, n, sheet->n_header);

    ar_value *values = ar_make_n(&sheet->row, ar_value, n);
    for (size_t i = 0; i < n; i++) values[i] = fields[i].len == 0 ? ar_null() : ar_text(fields[i]);
    *out_values = values;
    return ar_ok();
}

/* The separator is the candidate that the first line has most of. */
static char find_separator(ar_str text)
{
    ar_str line = ar_str_cut(text, 0, ar_str_find(text, '\n'));
    char best = ',';
    size_t most = 0;

    for (const char *c = ",;\t|"; *c != '\0'; c++) {
        size_t n = 0;
        for (size_t i = 0; i < line.len; i++) n += line.ptr[i] == *c;
        if (n > most) most = n, best = *c;
    }
    return best;
}

ar_err ar_sheet_csv(const ar_plan *plan, ar_str text, ar_sheet **out_sheet)
{
    ar_own(ar_sheet) sheet = new_sheet(plan, read_csv);
    ar_str *names;
    size_t n;

    AR_TRY(ar_utf8_check(plan->payload, text));
    ar_csv_init(&sheet->csv, plan->payload, text, find_separator(text));
    AR_TRY(ar_csv_row(&sheet->csv, &sheet->arena, &names, &n));
    if (n == 0)
        return ar_fail(AR_INVALID, "%.*s:1: a header with the names of the fields is missing",
                       AR_FMT(plan->payload));
    AR_TRY(keep_header(sheet, names, n));
    *out_sheet = ar_move(sheet);
    return ar_ok();
}

/* ---- Parquet ---- */

static ar_err read_parquet(ar_sheet *sheet, ar_value **out_values)
{
    *out_values = NULL;
    if (!ar_rows_next(sheet->rows)) return ar_ok();
    sheet->line++;
    *out_values = ar_make_n(&sheet->row, ar_value, sheet->n_header);
    for (size_t i = 0; i < sheet->n_header; i++) (*out_values)[i] = ar_rows_get(sheet->rows, i);
    return ar_ok();
}

/* What the engine says of the file, without our SQL and with the file's own name. */
static ar_err bad_parquet(const ar_plan *plan, ar_str path, ar_err err)
{
    ar_auto(ar_buf) said = { 0 };
    ar_str text = ar_err_text(err);
    static const ar_str quoted = AR_LIT("…: ");

    if (err.code == AR_LIMIT) return ar_context(err, "%.*s", AR_FMT(plan->payload));
    for (size_t i = 0; i < text.len; i++)
        if (ar_str_starts(ar_str_cut(text, i, text.len), quoted)) {
            text = ar_str_cut(text, i + quoted.len, text.len);
            break;
        }
    for (size_t i = 0; i < text.len; i++) {
        bool here = ar_str_starts(ar_str_cut(text, i, text.len), path);
        if (here) ar_buf_add(&said, plan->payload);
        if (here) i += path.len - 1;
        if (!here) ar_buf_addc(&said, text.ptr[i]);
    }
    return ar_fail(AR_INVALID,
                   "%.*s: it cannot be read as Parquet: %.*s (want the whole file, as its writer "
                   "closed it)",
                   AR_FMT(plan->payload), AR_FMT(ar_buf_str(&said)));
}

/* The engine opens by name what was opened already, maybe by another user. */
static ar_err check_parquet(const ar_plan *plan, const char *path)
{
    ar_auto(ar_fd) again = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC));

    if (ar_fd_n(again) >= 0) return ar_ok();
    return ar_fail(AR_DENIED,
                   "%.*s: uid %u, who reads it, may not open it, which Parquet takes (from a pipe "
                   "it can be read: `cat FILE | aright import CONNECTOR -`)",
                   AR_FMT(plan->payload), geteuid());
}

static ar_err query_parquet(ar_sheet *sheet, const char *path)
{
    const char *files[] = { path, NULL };
    ar_engine_options options = { .threads = 1, .files = files };
    ar_auto(ar_buf) sql = { 0 };

    AR_TRY(ar_engine_open(&options, &sheet->engine));
    ar_buf_addz(&sql, "SELECT * FROM read_parquet(");
    ar_sql_text(&sql, ar_str_of(path));
    ar_buf_addz(&sql, ")");
    ar_err err = ar_engine_query(sheet->engine, ar_buf_str(&sql), NULL, 0, &sheet->rows);
    return err.code == AR_OK ? err : bad_parquet(sheet->plan, ar_str_of(path), err);
}

ar_err ar_sheet_parquet(const ar_plan *plan, int fd, ar_sheet **out_sheet)
{
    ar_own(ar_sheet) sheet = new_sheet(plan, read_parquet);
    const char *path = ar_arena_printf(&sheet->arena, "/proc/self/fd/%d", fd).ptr;

    AR_TRY(check_parquet(plan, path));
    AR_TRY(query_parquet(sheet, path));

    size_t n = ar_rows_width(sheet->rows);
    ar_str *names = ar_make_n(&sheet->arena, ar_str, n);
    for (size_t i = 0; i < n; i++) names[i] = ar_rows_name(sheet->rows, i);
    AR_TRY(keep_header(sheet, names, n));
    *out_sheet = ar_move(sheet);
    return ar_ok();
}

void ar_sheet_free(ar_sheet **sheet)
{
    ar_sheet *s = *sheet;

    if (s == NULL) return;
    ar_rows_free(&s->rows);
    ar_engine_free(&s->engine);
    ar_arena_done(&s->row);
    ar_arena_done(&s->arena);
    free(s);
    *sheet = NULL;
}
