#include "door/print.h"

#include "form/csv.h"
#include "form/json.h"
#include "form/utf.h"
#include "sys/file.h"

#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    FLUSH_BYTES = 64 * 1024,
    BRIEF_FAIR = 24, /* columns of a brief one, before times are shortened for it */
    BRIEF_LEAST = 8,
    GAP = 2,
    DAY_LEN = sizeof "2026-11-22" - 1,
    MINUTE_LEN = sizeof "2026-11-22T12:00" - 1,
    NEAR = 2, /* days that times of one column span, so that their time of day tells them apart */
};

static const ar_str formats[] = {
    [AR_FORMAT_TABLE] = AR_LIT("table"),
    [AR_FORMAT_JSON] = AR_LIT("json"),
    [AR_FORMAT_NDJSON] = AR_LIT("ndjson"),
    [AR_FORMAT_CSV] = AR_LIT("csv"),
};

ar_err ar_format_parse(ar_str text, enum ar_format *out_format)
{
    for (size_t i = 0; i < AR_COUNT(formats); i++)
        if (ar_str_eq(text, formats[i])) return *out_format = (enum ar_format)i, ar_ok();
    return ar_fail(AR_INVALID, "'%.*s' is no format (want table, json, ndjson or csv)",
                   AR_FMT(text));
}

/* ---- text for people ---- */

static uint32_t decode(ar_str text, size_t *len)
{
    unsigned char lead = (unsigned char)text.ptr[0];
    size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t c = n == 1 ? lead : lead & (0x7fu >> n);

    for (size_t i = 1; i < n; i++) c = c << 6 | ((unsigned char)text.ptr[i] & 0x3fu);
    *len = n;
    return c;
}

static void add_char(ar_buf *out, ar_str bytes, uint32_t c, bool lines)
{
    if (lines && (c == '\n' || c == '\t')) return ar_buf_addc(out, (char)c);
    if (c == '\n') return ar_buf_addz(out, "\\n");
    if (c == '\t') return ar_buf_addz(out, "\\t");
    if (c == '\r') return ar_buf_addz(out, "\\r");
    if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return ar_buf_addf(out, "\\x%02x", (unsigned)c);
    if (ar_utf8_turns(c)) return ar_buf_addf(out, "\\u%04x", (unsigned)c);
    ar_buf_add(out, bytes);
}

void ar_print_safe(ar_buf *out, ar_str text, bool lines)
{
    while (text.len > 0) {
        size_t valid = ar_utf8_valid(text);

        for (size_t at = 0, len; at < valid; at += len) {
            uint32_t c = decode(ar_str_cut(text, at, valid), &len);

            add_char(out, ar_str_cut(text, at, at + len), c, lines);
        }
        if (valid < text.len) ar_buf_addf(out, "\\x%02x", (unsigned char)text.ptr[valid++]);
        text = ar_str_cut(text, valid, text.len);
    }
}

/* Rounded down: only what is whole is shown as whole. */
static void add_share(ar_buf *out, double share)
{
    double tenths = (double)(int64_t)(share * 1000);

    if (share >= 0 && share <= 1)
        ar_buf_addf(out, "%.1f %%", tenths / 10);
    else
        ar_value_print(out, ar_double(share));
}

static void add_cell(ar_buf *out, const ar_column *column, ar_value value, bool lines)
{
    if (value.type == AR_NULL) return ar_buf_addz(out, "-");
    if (value.type == AR_TEXT) return ar_print_safe(out, value.s, lines);
    if (value.type == AR_TIME) value.i = ar_time_to_second(value.i);
    if (value.type == AR_DOUBLE && (column->flags & AR_COLUMN_SHARE))
        return add_share(out, value.d);
    ar_value_print(out, value);
}

static ar_str cell_text(ar_arena *arena, const ar_column *column, ar_value value)
{
    ar_auto(ar_buf) text = { 0 };

    add_cell(&text, column, value, false);
    return ar_arena_copy(arena, ar_buf_str(&text));
}

static bool is_number(const ar_column *column)
{
    return column->type == AR_INT || column->type == AR_DOUBLE;
}

static bool is_shown(const ar_column *column)
{
    return !(column->flags & AR_COLUMN_QUIET);
}

/* ---- writing ---- */

static bool has_reader(int fd)
{
    struct pollfd state = { .fd = fd, .events = POLLOUT };

    return poll(&state, 1, 0) <= 0 || (state.revents & (POLLERR | POLLHUP)) == 0;
}

static ar_err flush(ar_printer *p)
{
    if (p->text.len == 0) return ar_ok();
    if (p->gone) return ar_fail(AR_IO, "nobody reads the output");

    ar_auto(ar_buf) safe = { 0 };
    bool raw = p->width > 0 && p->format != AR_FORMAT_TABLE; /* for programs, yet on a terminal */

    if (raw) ar_print_safe(&safe, ar_buf_str(&p->text), true);

    ar_err err = ar_fd_write_all(p->out, ar_buf_str(raw ? &safe : &p->text));

    p->gone = err.code != AR_OK && !has_reader(p->out);
    ar_buf_clear(&p->text);
    return err;
}

static ar_err flush_when_full(ar_printer *p)
{
    return p->text.len < FLUSH_BYTES ? ar_ok() : flush(p);
}

static void clear_progress(ar_printer *p)
{
    if (p->progress_shown) (void)dprintf(p->side, "\r\033[K");
    p->progress_shown = false;
}

/* ---- table ---- */

static void pad(ar_buf *out, size_t n)
{
    while (n-- > 0) ar_buf_addc(out, ' ');
}

/* The longest part of `text` that is `width` columns wide. */
static ar_str cut_to(ar_str text, size_t width)
{
    size_t at = 0, len;

    while (at < text.len) {
        (void)decode(ar_str_cut(text, at, text.len), &len);
        if (ar_utf8_width(ar_str_cut(text, 0, at + len)) > width) break;
        at += len;
    }
    return ar_str_cut(text, 0, at);
}

static void add_aligned(ar_printer *p, size_t column, ar_str text, bool last)
{
    size_t want = p->widths[column], has = ar_utf8_width(text);
    bool right = is_number(&p->columns[column]);

    if (has > want && p->width > 0 && (p->columns[column].flags & AR_COLUMN_BRIEF) && want > 1) {
        text = cut_to(text, want - 1);
        ar_buf_add(&p->text, text);
        ar_buf_addz(&p->text, "…");
        has = ar_utf8_width(text) + 1;
        return last ? (void)0 : pad(&p->text, want - has + GAP);
    }

    size_t space = has < want ? want - has : 0;

    if (right) pad(&p->text, space);
    ar_buf_add(&p->text, text);
    if (!last) pad(&p->text, (right ? 0 : space) + GAP);
}

/* Of a time whose column is too wide for the terminal: the day, or the minute. */
static ar_str shortened(const ar_printer *p, size_t column, ar_value value, ar_str text,
                        ar_arena *arena)
{
    size_t len = p->times == NULL ? 0 : p->times[column];

    if (len == 0 || value.type != AR_TIME || text.len <= len) return text;
    return len == DAY_LEN ? ar_str_cut(text, 0, len)
                          : ar_arena_printf(arena, "%.*sZ", (int)len, text.ptr);
}

static ar_str shown_text(const ar_printer *p, ar_arena *arena, size_t column, ar_value value)
{
    ar_str text = cell_text(arena, &p->columns[column], value);

    return shortened(p, column, value, text, arena);
}

static size_t last_shown(const ar_printer *p)
{
    size_t last = 0;

    for (size_t i = 0; i < p->n_columns; i++)
        if (is_shown(&p->columns[i])) last = i;
    return last;
}

static void add_line(ar_printer *p, const ar_value *values)
{
    ar_auto(ar_arena) scratch = { 0 };
    size_t last = last_shown(p);

    for (size_t i = 0; i < p->n_columns; i++) {
        const ar_column *column = &p->columns[i];

        if (!is_shown(column)) continue;
        add_aligned(p, i,
                    values == NULL ? ar_str_of(column->name)
                                   : shown_text(p, &scratch, i, values[i]),
                    i == last);
    }
    ar_buf_addc(&p->text, '\n');
}

static void widen(ar_printer *p, const ar_value *values)
{
    ar_auto(ar_arena) scratch = { 0 };

    for (size_t i = 0; i < p->n_columns; i++) {
        size_t width = ar_utf8_width(shown_text(p, &scratch, i, values[i]));

        if (width > p->widths[i]) p->widths[i] = width;
    }
}

static size_t total_width(const ar_printer *p)
{
    size_t total = 0;

    for (size_t i = 0; i < p->n_columns; i++)
        if (is_shown(&p->columns[i])) total += p->widths[i] + (total > 0 ? GAP : 0);
    return total;
}

static bool fits(const ar_printer *p)
{
    return p->width == 0 || total_width(p) <= p->width;
}

/* Takes one column after the other off the widest brief one, none below `least`, until the line
 * fits. */
static void narrow(ar_printer *p, size_t least)
{
    while (!fits(p)) {
        size_t widest = p->n_columns;

        for (size_t i = 0; i < p->n_columns; i++)
            if (is_shown(&p->columns[i]) && (p->columns[i].flags & AR_COLUMN_BRIEF) &&
                p->widths[i] > least &&
                (widest == p->n_columns || p->widths[i] > p->widths[widest]))
                widest = i;
        if (widest == p->n_columns) return;
        p->widths[widest]--;
    }
}

/* How much of the times of a column is shown. */
static size_t time_len(const ar_printer *p, size_t column)
{
    ar_time first = INT64_MAX, last = INT64_MIN;

    for (size_t row = 0; row < p->n_kept; row++) {
        ar_value value = p->kept[row][column];

        if (value.type != AR_TIME) continue;
        if (value.i < first) first = value.i;
        if (value.i > last) last = value.i;
    }
    return first < last && last - first < NEAR * AR_DAY ? MINUTE_LEN : DAY_LEN;
}

static void measure(ar_printer *p)
{
    for (size_t i = 0; i < p->n_columns; i++)
        p->widths[i] = ar_utf8_width(ar_str_of(p->columns[i].name));
    for (size_t row = 0; row < p->n_kept; row++) widen(p, p->kept[row]);
}

static void shorten_times(ar_printer *p)
{
    p->times = ar_make_n(&p->arena, size_t, p->n_columns + 1);
    for (size_t i = 0; i < p->n_columns; i++) p->times[i] = time_len(p, i);
    measure(p);
}

static ar_err print_kept(ar_printer *p)
{
    p->widths = ar_make_n(&p->arena, size_t, p->n_columns + 1);
    measure(p);
    narrow(p, BRIEF_FAIR);
    if (!fits(p)) shorten_times(p);
    narrow(p, BRIEF_LEAST);
    add_line(p, NULL);
    for (size_t row = 0; row < p->n_kept; row++) {
        add_line(p, p->kept[row]);
        AR_TRY(flush_when_full(p));
    }
    return ar_ok();
}

static bool is_empty(const ar_printer *p, const ar_value *values)
{
    for (size_t i = 0; i < p->n_columns; i++)
        if (p->columns[i].flags & AR_COLUMN_NEEDED && values[i].type == AR_INT && values[i].i == 0)
            return true;
    return false;
}

static ar_err table_row(ar_printer *p, const ar_value *values)
{
    if (is_empty(p, values)) return ar_ok();
    if (p->widths != NULL) return add_line(p, values), flush_when_full(p);

    ar_value *row = ar_make_n(&p->arena, ar_value, p->n_columns);

    for (size_t i = 0; i < p->n_columns; i++) row[i] = ar_value_copy(&p->arena, values[i]);
    ar_grow(&p->arena, p->kept, p->n_kept, p->cap_kept);
    p->kept[p->n_kept++] = row;
    return p->n_kept < AR_TABLE_KEPT ? ar_ok() : print_kept(p);
}

/* ---- record and text ---- */

static void add_indented(ar_buf *out, ar_str text, size_t indent)
{
    ar_str line;
    bool first = true;

    while (ar_str_split(&text, '\n', &line)) {
        if (!first) {
            ar_buf_addc(out, '\n');
            if (line.len > 0) pad(out, indent);
        }
        ar_buf_add(out, line);
        first = false;
    }
}

static ar_err record_row(ar_printer *p, const ar_value *values)
{
    size_t widest = 0;

    for (size_t i = 0; i < p->n_columns; i++)
        if (is_shown(&p->columns[i]) && ar_utf8_width(ar_str_of(p->columns[i].name)) > widest)
            widest = ar_utf8_width(ar_str_of(p->columns[i].name));
    if (p->rows > 1) ar_buf_addc(&p->text, '\n');
    for (size_t i = 0; i < p->n_columns; i++) {
        ar_auto(ar_buf) text = { 0 };
        const ar_column *column = &p->columns[i];

        if (!is_shown(column)) continue;
        add_cell(&text, column, values[i], true);
        ar_buf_addz(&p->text, column->name);
        pad(&p->text, widest - ar_utf8_width(ar_str_of(column->name)) + GAP);
        add_indented(&p->text, ar_buf_str(&text), widest + GAP);
        ar_buf_addc(&p->text, '\n');
    }
    return flush_when_full(p);
}

static ar_err text_row(ar_printer *p, const ar_value *values)
{
    add_cell(&p->text, &p->columns[0], values[0], true);
    if (p->text.len > 0 && p->text.ptr[p->text.len - 1] != '\n') ar_buf_addc(&p->text, '\n');
    return flush_when_full(p);
}

/* ---- json, ndjson, csv ---- */

static void add_object(ar_printer *p, const ar_value *values)
{
    ar_buf_addc(&p->text, '{');
    for (size_t i = 0; i < p->n_columns; i++) {
        if (i > 0) ar_buf_addc(&p->text, ',');
        ar_json_text(&p->text, ar_str_of(p->columns[i].name));
        ar_buf_addc(&p->text, ':');
        ar_json_value(&p->text, values[i]);
    }
    ar_buf_addc(&p->text, '}');
}

static void csv_cell(ar_buf *out, ar_value value)
{
    ar_auto(ar_buf) text = { 0 };

    ar_value_print(&text, value);
    /* a hostile name must not become a formula in a spreadsheet; numbers may be negative */
    ar_csv_field(out, ar_buf_str(&text), value.type == AR_TEXT);
}

static void csv_row(ar_printer *p, const ar_value *values)
{
    for (size_t i = 0; i < p->n_columns; i++) {
        if (i > 0) ar_buf_addc(&p->text, ',');
        csv_cell(&p->text, values == NULL ? ar_textz(p->columns[i].name) : values[i]);
    }
    ar_buf_addz(&p->text, "\r\n");
}

/* ---- the sink ---- */

/* A query names its columns itself. Programs get the name as it is, in the quotes of their format.
 */
static const char *column_name(ar_printer *p, const char *name)
{
    ar_auto(ar_buf) safe = { 0 };

    if (p->format == AR_FORMAT_TABLE)
        ar_print_safe(&safe, ar_str_of(name), false);
    else
        ar_buf_addz(&safe, name);
    return ar_arena_cstr(&p->arena, ar_buf_str(&safe));
}

static ar_err on_columns(void *self, const ar_column *columns, size_t n)
{
    ar_printer *p = self;

    p->columns = ar_make_n(&p->arena, ar_column, n + 1);
    p->n_columns = n;
    for (size_t i = 0; i < n; i++) {
        p->columns[i] = columns[i];
        p->columns[i].name = column_name(p, columns[i].name);
    }
    p->document = n == 1 && (columns[0].flags & AR_COLUMN_DOCUMENT) != 0;
    if (p->format == AR_FORMAT_CSV && !p->document) csv_row(p, NULL);
    return ar_ok();
}

static ar_err on_row(void *self, const ar_value *values, size_t n)
{
    ar_printer *p = self;

    assert(n == p->n_columns);
    (void)n;
    clear_progress(p);
    p->rows++;
    if (p->document) return text_row(p, values);
    switch (p->format) {
    case AR_FORMAT_JSON:
        ar_buf_addz(&p->text, p->rows == 1 ? "[\n" : ",\n");
        add_object(p, values);
        return flush_when_full(p);
    case AR_FORMAT_NDJSON:
        add_object(p, values);
        ar_buf_addc(&p->text, '\n');
        return flush_when_full(p);
    case AR_FORMAT_CSV: return csv_row(p, values), flush_when_full(p);
    case AR_FORMAT_TABLE: break;
    }
    if (p->shape == AR_SHAPE_RECORD) return record_row(p, values);
    if (p->shape == AR_SHAPE_TEXT) return text_row(p, values);
    return table_row(p, values);
}

static void on_note(void *self, ar_str text)
{
    ar_printer *p = self;

    ar_print_safe(&p->notes, text, false);
    ar_buf_addc(&p->notes, '\n');
}

static void on_about(void *self, ar_str name, ar_value value)
{
    ar_printer *p = self;

    if (ar_str_eq(name, AR_LIT("total")) && value.type == AR_INT) p->total = value.i;
    if (ar_str_eq(name, AR_LIT("skip")) && value.type == AR_INT) p->skip = value.i;
    if (ar_str_eq(name, AR_LIT("after")) && value.type == AR_TEXT)
        p->after = ar_arena_copy(&p->arena, value.s);
}

/* Rows that did not come, and how they do. */
static void note_rest(ar_printer *p)
{
    long long rows = (long long)p->rows, total = (long long)p->total;
    ar_auto(ar_buf) text = { 0 };

    if (p->skip > 0)
        ar_buf_addf(&text, "%lld to %lld of %lld; --skip %lld shows what follows.",
                    (long long)p->skip - rows + 1, (long long)p->skip, total, (long long)p->skip);
    else if (p->after.len > 0 && p->total == 0)
        ar_buf_addf(&text, "%lld rows; --after '%.*s' shows what follows.", rows, AR_FMT(p->after));
    else if (p->after.len > 0)
        ar_buf_addf(&text, "%lld of %lld; --after '%.*s' shows what follows.", rows, total,
                    AR_FMT(p->after));
    if (text.len > 0) on_note(p, ar_buf_str(&text));
}

static size_t terminal_width(int fd)
{
    struct winsize size;

    if (!isatty(fd)) return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void on_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    ar_printer *p = self;
    ar_auto(ar_buf) text = { 0 };

    if (!p->progress) return;
    ar_print_safe(&text, what, false);
    if (done > 0 || total > 0) ar_buf_addf(&text, " %lld", (long long)done);
    if (total > 0) ar_buf_addf(&text, " of %lld", (long long)total);
    /* what goes on in a second line cannot be taken away again */
    size_t width = terminal_width(p->side);
    ar_str line = ar_utf8_cut(ar_buf_str(&text), width > 0 ? width - 1 : text.len);
    (void)dprintf(p->side, "\r%.*s\033[K", AR_FMT(line));
    p->progress_shown = true;
}

void ar_printer_init(ar_printer *printer, enum ar_format format, enum ar_shape shape, int out,
                     int side)
{
    *printer = (ar_printer){
        .format = format,
        .shape = shape,
        .out = out,
        .side = side,
        .width = terminal_width(out),
        .progress = isatty(side),
    };
}

ar_sink ar_printer_sink(ar_printer *printer)
{
    return (ar_sink){
        .columns = on_columns,
        .row = on_row,
        .note = on_note,
        .progress = on_progress,
        .about = on_about,
        .self = printer,
    };
}

static ar_err print_notes(ar_printer *p)
{
    if (p->notes.len == 0) return ar_ok();
    if (p->format != AR_FORMAT_TABLE || p->document)
        return ar_fd_write_all(p->side, ar_buf_str(&p->notes));
    if (p->rows > 0) ar_buf_addc(&p->text, '\n');
    ar_buf_add(&p->text, ar_buf_str(&p->notes));
    return flush(p);
}

ar_err ar_printer_finish(ar_printer *p)
{
    bool rows = p->columns != NULL && !p->document;

    clear_progress(p);
    if (rows && p->format == AR_FORMAT_TABLE && p->shape == AR_SHAPE_TABLE && p->widths == NULL)
        AR_TRY(print_kept(p));
    if (rows && p->format == AR_FORMAT_JSON) ar_buf_addz(&p->text, p->rows == 0 ? "[]\n" : "\n]\n");
    AR_TRY(flush(p));
    note_rest(p);
    return print_notes(p);
}

void ar_printer_done(ar_printer *printer)
{
    ar_arena_done(&printer->arena);
    ar_buf_done(&printer->text);
    ar_buf_done(&printer->notes);
    *printer = (ar_printer){ 0 };
}
