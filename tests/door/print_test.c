#include "door/print.h"
#include "sys/file.h"
#include "t.h"

#include <unistd.h>

static ar_str safe(ar_arena *arena, const char *text, size_t len, bool lines)
{
    ar_auto(ar_buf) out = { 0 };

    ar_print_safe(&out, (ar_str){ text, len }, lines);
    return ar_arena_copy(arena, ar_buf_str(&out));
}

TEST(no_byte_that_a_terminal_would_obey_is_printed)
{
    ar_auto(ar_arena) arena = { 0 };
    t_random random = { 7 };

    for (int i = 0; i < 20000; i++) {
        char text[24];
        size_t len = t_below(&random, sizeof text);

        for (size_t k = 0; k < len; k++) text[k] = (char)t_next(&random);

        ar_str out = safe(&arena, text, len, i % 2 == 0);

        for (size_t k = 0; k < out.len; k++) {
            unsigned char c = (unsigned char)out.ptr[k];

            T_TRUE(c >= 0x20 || (i % 2 == 0 && (c == '\n' || c == '\t')));
            T_TRUE(c != 0x7f);
            T_TRUE(c != 0xc2 || (unsigned char)out.ptr[k + 1] >= 0xa0); /* the upper controls */
        }
    }
}

TEST(plain_text_stays_and_the_rest_is_named)
{
    static const struct {
        const char *text;
        size_t len;
        bool lines;
        const char *want;
    } rows[] = {
        { "naïve 漢字 🙂", 18, false, "naïve 漢字 🙂" },
        { "a\033[1mb", 6, true, "a\\x1b[1mb" },
        { "a\nb\tc\rd", 7, false, "a\\nb\\tc\\rd" },
        { "a\nb\tc\rd", 7, true, "a\nb\tc\\rd" },
        { "\xff\xc3", 2, false, "\\xff\\xc3" },
        { "\xc2\x9b\x31m", 4, false, "\\x9b1m" },
        { "x\xe2\x80\xaey", 5, false, "x\\u202ey" },
        { "a\0b", 3, false, "a\\x00b" },
    };
    ar_auto(ar_arena) arena = { 0 };

    for (size_t i = 0; i < AR_COUNT(rows); i++)
        T_STR(safe(&arena, rows[i].text, rows[i].len, rows[i].lines), rows[i].want);
}

/* What a printer writes of these rows, as if the terminal were `width` wide. */
static ar_str printed(ar_arena *arena, enum ar_shape shape, size_t width, const ar_column *columns,
                      size_t n, const ar_value *values, size_t rows)
{
    ar_auto(ar_printer) printer = { 0 };
    int ends[2];
    ar_str text = { 0 };

    T_INT(pipe(ends), 0);
    ar_printer_init(&printer, AR_FORMAT_TABLE, shape, ends[1], ends[1]);
    printer.width = width;

    ar_sink sink = ar_printer_sink(&printer);

    T_OK(sink.columns(sink.self, columns, n));
    for (size_t i = 0; i < rows; i++) T_OK(sink.row(sink.self, values + i * n, n));
    sink.note(sink.self, AR_LIT("a note"));
    T_OK(ar_printer_finish(&printer));
    (void)close(ends[1]);
    T_OK(ar_fd_read_all(ends[0], AR_LIT("pipe"), 1 << 16, arena, &text));
    (void)close(ends[0]);
    return text;
}

static const ar_column columns[] = {
    { "name", AR_TEXT, AR_COLUMN_BRIEF, NULL },
    { "n", AR_INT, 0, NULL },
    { "share", AR_DOUBLE, AR_COLUMN_SHARE, NULL },
    { "inner", AR_TEXT, AR_COLUMN_QUIET, NULL },
};

TEST(a_table_is_aligned_by_what_is_seen)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_value rows[] = {
        ar_textz("plain"), ar_int(5), ar_double(1), ar_textz("q"), ar_textz("漢字"), ar_int(-12345),
        ar_double(0.9999), ar_null(), ar_null(),    ar_null(),     ar_null(),        ar_null(),
    };

    T_STR(printed(&arena, AR_SHAPE_TABLE, 0, columns, 4, rows, 3), "name        n    share\n"
                                                                   "plain       5  100.0 %\n"
                                                                   "漢字   -12345   99.9 %\n"
                                                                   "-           -        -\n"
                                                                   "\na note\n");
}

TEST(brief_columns_are_cut_to_the_terminal_and_others_never)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_value rows[] = {
        ar_textz("a very long name of a thing"), ar_int(5),       ar_double(0.5),  ar_null(),
        ar_textz("漢字漢字漢字漢字漢字"),        ar_int(1234567), ar_double(0.25), ar_null(),
    };

    T_STR(printed(&arena, AR_SHAPE_TABLE, 30, columns, 4, rows, 2),
          "name                 n   share\n"
          "a very long …        5  50.0 %\n"
          "漢字漢字漢字…  1234567  25.0 %\n"
          "\na note\n");
    T_TRUE(ar_str_contains(printed(&arena, AR_SHAPE_TABLE, 0, columns, 4, rows, 2),
                           AR_LIT("a very long name of a thing")));
}

TEST(times_are_shortened_before_names_are_cut_to_nothing)
{
    static const ar_column dated[] = {
        { "name", AR_TEXT, AR_COLUMN_BRIEF, NULL },
        { "due", AR_TIME, 0, NULL },
        { "seen", AR_TIME, 0, NULL },
    };
    ar_auto(ar_arena) arena = { 0 };
    ar_time noon = INT64_C(1795262400) * AR_SECOND;
    const ar_value rows[] = {
        ar_textz("a long name of a thing"), ar_at(noon), ar_at(noon),
        ar_textz("another thing"), ar_at(noon + 30 * AR_DAY), ar_at(noon + AR_HOUR),
    };

    T_STR(printed(&arena, AR_SHAPE_TABLE, 70, dated, 3, rows, 2),
          "name                    due                   seen\n"
          "a long name of a thing  2026-11-21T12:00:00Z  2026-11-21T12:00:00Z\n"
          "another thing           2026-12-21T12:00:00Z  2026-11-21T13:00:00Z\n"
          "\na note\n");
    T_STR(printed(&arena, AR_SHAPE_TABLE, 50, dated, 3, rows, 2),
          "name                 due         seen\n"
          "a long name of a t…  2026-11-21  2026-11-21T12:00Z\n"
          "another thing        2026-12-21  2026-11-21T13:00Z\n"
          "\na note\n");
}

TEST(a_record_is_lines_of_name_and_value)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_value rows[] = {
        ar_textz("two\nlines"), ar_int(5), ar_double(0.5), ar_null(),
        ar_textz("next"),       ar_int(6), ar_null(),      ar_null(),
    };

    T_STR(printed(&arena, AR_SHAPE_RECORD, 0, columns, 4, rows, 2), "name   two\n"
                                                                    "       lines\n"
                                                                    "n      5\n"
                                                                    "share  50.0 %\n"
                                                                    "\n"
                                                                    "name   next\n"
                                                                    "n      6\n"
                                                                    "share  -\n"
                                                                    "\na note\n");
}

/* Columns that a query named, and a note that quotes somebody: neither makes a line of its own. */
TEST(what_others_named_makes_no_lines_and_moves_no_cursor)
{
    static const ar_column named[] = { { "a\nb\033[2J", AR_INT, 0, NULL },
                                       { "ü", AR_INT, 0, NULL } };
    const ar_value row[] = { ar_int(1), ar_int(2) };
    ar_auto(ar_arena) arena = { 0 };

    T_STR(printed(&arena, AR_SHAPE_TABLE, 0, named, 2, row, 1), "a\\nb\\x1b[2J  ü\n"
                                                                "          1  2\n"
                                                                "\na note\n");
    T_STR(printed(&arena, AR_SHAPE_RECORD, 0, named, 2, row, 1), "a\\nb\\x1b[2J  1\n"
                                                                 "ü            2\n"
                                                                 "\na note\n");
}

TEST(a_note_is_one_line_whatever_it_quotes)
{
    ar_auto(ar_printer) printer = { 0 };

    ar_printer_init(&printer, AR_FORMAT_TABLE, AR_SHAPE_TABLE, -1, -1);

    ar_sink sink = ar_printer_sink(&printer);

    sink.note(sink.self, AR_LIT("no owner 'x\nAll is well.\t'"));
    T_STR(ar_buf_str(&printer.notes), "no owner 'x\\nAll is well.\\t'\n");
}
