/* Any text is rows within their limits or an error with its line, and rows that are written again
 * read back the same. */
#include "form/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const ar_str *fields, size_t n, bool guard)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) out = { 0 };
    ar_str *again;
    size_t n_again = 0;
    ar_csv csv;

    for (size_t i = 0; i < n; i++) {
        if (i > 0) ar_buf_addc(&out, ',');
        ar_csv_field(&out, fields[i], guard);
    }
    ar_buf_addz(&out, "\r\n");
    ar_csv_init(&csv, AR_LIT("y"), ar_buf_str(&out), ',');

    ar_err err = ar_csv_row(&csv, &arena, &again, &n_again);

    assert(err.code == AR_OK || err.code == AR_LIMIT); /* an apostrophe more may be one too many */
    if (err.code != AR_OK) return;
    assert(n_again == n && csv.rest.len == 0);
    for (size_t i = 0; i < n; i++) {
        bool guarded = guard && again[i].len == fields[i].len + 1 && again[i].ptr[0] == '\'';

        assert(ar_str_eq(guarded ? ar_str_cut(again[i], 1, again[i].len) : again[i], fields[i]));
        assert(!guard || again[i].len == 0 || again[i].ptr[0] == '\0' ||
               strchr("=+-@\t\r", again[i].ptr[0]) == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str *fields;
    size_t n;
    ar_csv csv;

    ar_csv_init(&csv, AR_LIT("x"), (ar_str){ (const char *)data, size }, size % 2 == 0 ? ',' : ';');
    for (;;) {
        uint32_t line = csv.line;
        size_t rest = csv.rest.len;
        ar_err err = ar_csv_row(&csv, &arena, &fields, &n);

        if (err.code != AR_OK) {
            assert(err.code == AR_INVALID || err.code == AR_LIMIT);
            assert(ar_str_starts(ar_err_text(err), AR_LIT("x:")));
            assert(csv.rest.len == rest && csv.line == line);
            return 0;
        }
        if (n == 0) return assert(rest == 0), 0;
        assert(csv.rest.len < rest && csv.line >= line);
        check_row(fields, n, line % 2 == 0);
    }
}
