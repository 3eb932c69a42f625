#include "form/csv.h"
#include "t.h"

#include <stdlib.h>

/* The rows of a text, each field in brackets, rows behind their line. */
static ar_err show(const char *text, char separator, ar_buf *out)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_csv csv;
    ar_str *fields;
    size_t n;

    ar_csv_init(&csv, AR_LIT("x.csv"), ar_str_of(text), separator);
    for (;;) {
        uint32_t line = csv.line;

        AR_TRY(ar_csv_row(&csv, &arena, &fields, &n));
        if (n == 0) return ar_ok();
        ar_buf_addf(out, "%u", line);
        for (size_t i = 0; i < n; i++) ar_buf_addf(out, "[%.*s]", AR_FMT(fields[i]));
        ar_buf_addc(out, ' ');
    }
}

TEST(rows_as_programs_write_them)
{
    static const struct {
        const char *text;
        char separator;
        const char *rows;
    } cases[] = {
        { "", ',', "" },
        { "a,b\n1,2", ',', "1[a][b] 2[1][2] " },
        { "\xef\xbb\xbf"
          "a,b\r\n1,2\r\n",
          ',', "1[a][b] 2[1][2] " },
        { "a;\"b;c\";\n", ';', "1[a][b;c][] " },
        { "\"say \"\"x\"\"\",2\n", ',', "1[say \"x\"][2] " },
        { "\"two\nlines\",1\nx,y\n", ',', "1[two\nlines][1] 3[x][y] " },
        { "a \"b\" c,5\" disk\n", ',', "1[a \"b\" c][5\" disk] " },
        { "a\n\nb\n", ',', "1[a] 2[] 3[b] " },
        { ",\n", ',', "1[][] " },
        { "\"a\rb\"\tc\td\n", '\t', "1[a\rb][c][d] " },
        { "\"\"\n\"\"", ',', "1[] 2[] " },
        { "x\r", ',', "1[x] " },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_buf) out = { 0 };

        T_OK(show(cases[i].text, cases[i].separator, &out));
        T_STR(ar_buf_str(&out), cases[i].rows);
    }
}

TEST(what_is_refused_says_where)
{
    ar_auto(ar_buf) out = { 0 }, big = { 0 }, many = { 0 };

    T_FAILS(show("a,b\n\"c,d\ne\n", ',', &out), AR_INVALID, "x.csv:2: a quote is opened and never");
    T_FAILS(show("a,b\nc,d\re,f\r", ',', &out), AR_INVALID, "x.csv:2: a carriage return alone");
    T_FAILS(show("\"a\n\"b,c\n", ',', &out), AR_INVALID, "x.csv:2: text behind a closing quote");
    memset(ar_buf_room(&big, AR_CSV_FIELD_MAX + 3), 'x', AR_CSV_FIELD_MAX + 1);
    big.ptr[AR_CSV_FIELD_MAX + 1] = '\0';
    T_FAILS(show(big.ptr, ',', &out), AR_LIMIT, "x.csv:1: a field has more than 1048576 bytes");
    big.ptr[0] = '"'; /* the largest there is, and never closed */
    T_FAILS(show(big.ptr, ',', &out), AR_INVALID, "x.csv:1: a quote is opened and never closed");
    big.ptr[AR_CSV_FIELD_MAX + 1] = '"';
    big.ptr[AR_CSV_FIELD_MAX + 2] = '\0';
    T_OK(show(big.ptr, ',', &out));
    big.ptr[AR_CSV_FIELD_MAX + 1] = 'x';
    T_FAILS(show(big.ptr, ',', &out), AR_LIMIT, "x.csv:1: a field has more than 1048576 bytes");
    for (int i = 0; i < AR_CSV_FIELDS_MAX; i++) ar_buf_addc(&many, ',');
    T_FAILS(show(many.ptr, ',', &out), AR_LIMIT, "x.csv:1: more than 4096 fields");
}

TEST(fields_are_quoted_where_they_must_be)
{
    static const struct {
        const char *field;
        bool guard;
        const char *written;
    } cases[] = {
        { "", false, "" },
        { "plain text", false, "plain text" },
        { "a,b", false, "\"a,b\"" },
        { "say \"x\"", false, "\"say \"\"x\"\"\"" },
        { "a\nb", false, "\"a\nb\"" },
        { " a", false, "\" a\"" },
        { "=1+1", false, "\"=1+1\"" },
        { "=1+1", true, "\"'=1+1\"" },
        { "-5", true, "\"'-5\"" },
        { " =1+1", true, "\"' =1+1\"" },
        { "\n", true, "\"'\n\"" },
        { " \t\xc2\xa0\xef\xbb\xbf @x", true, "\"' \t\xc2\xa0\xef\xbb\xbf @x\"" },
        { " a=b", true, "\" a=b\"" },
        { "\xc2\xa0", true, "\xc2\xa0" },
        { "a=b", true, "a=b" },
        { "a,b", true, "\"a,b\"" },
    };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_buf) out = { 0 };

        ar_csv_field(&out, ar_str_of(cases[i].field), cases[i].guard);
        T_STR(ar_buf_str(&out), cases[i].written);
    }
}

TEST(what_is_written_reads_back)
{
    static const char bytes[] = "ab,\"\n\r;= '\t\xef\xbb\xbf";
    t_random r = { 3 };

    for (int round = 0; round < 5000; round++) {
        ar_auto(ar_arena) arena = { 0 };
        ar_auto(ar_buf) out = { 0 };
        ar_str want[4], *fields;
        size_t n = 1 + t_below(&r, 4), got;
        ar_csv csv;

        for (size_t i = 0; i < n; i++) {
            char *text = ar_arena_take(&arena, 8);
            size_t len = t_below(&r, 8);

            for (size_t k = 0; k < len; k++) text[k] = bytes[t_below(&r, sizeof bytes - 1)];
            want[i] = (ar_str){ text, len };
            if (i > 0) ar_buf_addc(&out, ',');
            ar_csv_field(&out, want[i], false);
        }
        ar_buf_addz(&out, "\r\n");
        ar_csv_init(&csv, AR_LIT("x"), ar_buf_str(&out), ',');
        T_OK(ar_csv_row(&csv, &arena, &fields, &got));
        T_INT(got, n);
        for (size_t i = 0; i < n && i < got; i++) T_TRUE(ar_str_eq(fields[i], want[i]));
        T_INT(csv.rest.len, 0);
    }
}
