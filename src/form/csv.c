#include "form/csv.h"

void ar_csv_init(ar_csv *csv, ar_str file, ar_str text, char separator)
{
    size_t mark = ar_str_starts(text, AR_LIT("\xef\xbb\xbf")) ? 3 : 0;

    *csv = (ar_csv){
        .file = file,
        .rest = ar_str_cut(text, mark, text.len),
        .line = 1,
        .separator = separator,
    };
}

static ar_err check_field(const ar_csv *csv, uint32_t line, size_t len)
{
    if (len > AR_CSV_FIELD_MAX)
        return ar_fail(AR_LIMIT, "%.*s:%u: a field has more than %d bytes", AR_FMT(csv->file), line,
                       (int)AR_CSV_FIELD_MAX);
    return ar_ok();
}

static bool ends_field(const ar_csv *csv, ar_str text, size_t at)
{
    return at == text.len || text.ptr[at] == csv->separator || text.ptr[at] == '\n' ||
           (text.ptr[at] == '\r' && (at + 1 == text.len || text.ptr[at + 1] == '\n'));
}

static ar_str undouble(ar_arena *arena, ar_str text, size_t quotes)
{
    char *plain = ar_arena_take(arena, text.len - quotes);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        plain[len++] = text.ptr[i];
        if (text.ptr[i] == '"') i++;
    }
    return (ar_str){ plain, len };
}

/* From the opening quote; moves past the closing one. */
static ar_err take_quoted(ar_csv *csv, ar_arena *arena, uint32_t *line, ar_str *out_field)
{
    ar_str text = csv->rest;
    uint32_t from_line = *line;
    size_t at = 1, doubled = 0;

    for (;; at++) {
        if (at - 1 - doubled > AR_CSV_FIELD_MAX) /* of one without end no more is read */
            return check_field(csv, from_line, at - 1 - doubled);
        if (at == text.len)
            return ar_fail(AR_INVALID, "%.*s:%u: a quote is opened and never closed",
                           AR_FMT(csv->file), from_line);
        if (text.ptr[at] == '\n') ++*line;
        if (text.ptr[at] != '"') continue;
        if (at + 1 == text.len || text.ptr[at + 1] != '"') break;
        doubled++;
        at++;
    }
    ar_str inside = ar_str_cut(text, 1, at);

    if (!ends_field(csv, text, at + 1))
        return ar_fail(AR_INVALID,
                       "%.*s:%u: text behind a closing quote (a quote inside quotes is doubled)",
                       AR_FMT(csv->file), *line);
    csv->rest = ar_str_cut(text, at + 1, text.len);
    *out_field = doubled == 0 ? inside : undouble(arena, inside, doubled);
    return ar_ok();
}

static ar_err take_bare(ar_csv *csv, uint32_t line, ar_str *out_field)
{
    size_t at = 0;

    while (at <= AR_CSV_FIELD_MAX && !ends_field(csv, csv->rest, at)) at++;
    AR_TRY(check_field(csv, line, at));
    *out_field = ar_str_cut(csv->rest, 0, at);
    if (ar_str_find(*out_field, '\r') < out_field->len)
        return ar_fail(AR_INVALID,
                       "%.*s:%u: a carriage return alone (want lines that end in LF or CRLF, and"
                       " others in quotes)",
                       AR_FMT(csv->file), line);
    csv->rest = ar_str_cut(csv->rest, at, csv->rest.len);
    return ar_ok();
}

static bool take(ar_csv *csv, char c)
{
    if (csv->rest.len == 0 || csv->rest.ptr[0] != c) return false;
    csv->rest = ar_str_cut(csv->rest, 1, csv->rest.len);
    return true;
}

ar_err ar_csv_row(ar_csv *csv, ar_arena *arena, ar_str **out_fields, size_t *out_n)
{
    ar_csv at = *csv; /* moves on only when the whole row is good */
    ar_str *fields = NULL;
    size_t n = 0, cap = 0;

    if (at.rest.len == 0) return *out_n = 0, ar_ok();
    do {
        if (n == AR_CSV_FIELDS_MAX)
            return ar_fail(AR_LIMIT, "%.*s:%u: more than %d fields", AR_FMT(at.file), at.line,
                           (int)AR_CSV_FIELDS_MAX);
        ar_grow(arena, fields, n, cap);
        if (at.rest.len > 0 && at.rest.ptr[0] == '"')
            AR_TRY(take_quoted(&at, arena, &at.line, &fields[n]));
        else
            AR_TRY(take_bare(&at, at.line, &fields[n]));
        n++;
    } while (take(&at, at.separator));
    (void)take(&at, '\r');
    if (take(&at, '\n')) at.line++;
    *csv = at;
    *out_fields = fields;
    *out_n = n;
    return ar_ok();
}

static bool begins_with_one_of(ar_str field, const char *bytes)
{
    return field.len > 0 && field.ptr[0] != '\0' && strchr(bytes, field.ptr[0]) != NULL;
}

/* Spreadsheets trim what they read: blanks, blanks that do not break, byte order marks. */
static ar_str without_blanks(ar_str field)
{
    static const ar_str wide[] = { AR_LIT("\xc2\xa0"), AR_LIT("\xef\xbb\xbf") };
    size_t skip;

    do {
        skip = begins_with_one_of(field, " \t\r\n\v\f") ? 1 : 0;
        for (size_t i = 0; i < AR_COUNT(wide); i++)
            if (ar_str_starts(field, wide[i])) skip = wide[i].len;
        field = ar_str_cut(field, skip, field.len);
    } while (skip > 0);
    return field;
}

static bool is_formula(ar_str field)
{
    return begins_with_one_of(field, "\t\r\n") || begins_with_one_of(without_blanks(field), "=+-@");
}

/* Also what is quoted for readers that trim, that split at semicolons, or that take the bytes of a
 * mark at the beginning for one. */
static bool needs_quotes(ar_str field)
{
    if (field.len == 0) return false;
    if (is_formula(field) || field.ptr[0] == '\xef' || field.ptr[0] == ' ' ||
        field.ptr[field.len - 1] == ' ')
        return true;
    for (size_t i = 0; i < field.len; i++)
        if (field.ptr[i] != '\0' && strchr(",;\"\r\n\t", field.ptr[i]) != NULL) return true;
    return false;
}

void ar_csv_field(ar_buf *out, ar_str field, bool guard)
{
    if (!needs_quotes(field)) return ar_buf_add(out, field);
    ar_buf_addc(out, '"');
    if (guard && is_formula(field)) ar_buf_addc(out, '\'');
    for (size_t i = 0; i < field.len; i++) {
        if (field.ptr[i] == '"') ar_buf_addc(out, '"');
        ar_buf_addc(out, field.ptr[i]);
    }
    ar_buf_addc(out, '"');
}
