/* Any payload is rows or an error; rows have an id, valid text without NUL, and come out of the
 * child's pipe as they went in. */
#include "estate/child.h"
#include "form/utf.h"
#include "sys/file.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ar_plan_column columns[] = {
    { AR_LIT("id"), AR_TEXT, AR_LIT("id ?? 'a:' + n") },
    { AR_LIT("name"), AR_TEXT, AR_LIT("name | lower") },
    { AR_LIT("n"), AR_INT, AR_LIT("n") },
    { AR_LIT("share"), AR_DOUBLE, AR_LIT("a.b") },
    { AR_LIT("on"), AR_BOOL, AR_LIT("on | bool") },
    { AR_LIT("at"), AR_TIME, AR_LIT("at") },
};

static const ar_str steps[] = { AR_LIT("l | deep(l)"), AR_LIT("[a, ^.l.0] | flat") };
static const ar_str where[] = { AR_LIT("n | is(7) | not") };
static const ar_lookup_text lookups[] = {
    { .name = AR_LIT("t"),
      .steps = steps,
      .n_steps = 1,
      .key = AR_LIT("id"),
      .value = AR_LIT(".") },
};
static const ar_refusal_text refuse[] = { { AR_LIT("no | bool"), AR_LIT("no") } };
static const ar_items_text found = { .steps = steps,
                                     .n_steps = AR_COUNT(steps),
                                     .where = where,
                                     .n_where = AR_COUNT(where),
                                     .lookups = lookups,
                                     .n_lookups = AR_COUNT(lookups),
                                     .refuse = refuse,
                                     .n_refuse = AR_COUNT(refuse),
                                     .partial = AR_LIT("next") };

static void check_text(ar_str text)
{
    assert(ar_utf8_valid(text) == text.len);
    assert(text.len == 0 || memchr(text.ptr, '\0', text.len) == NULL);
}

/* All rows of a feed as one text; `*out_err` says how it ended. */
static void read_rows(const ar_feed *feed, ar_buf *out, ar_err *out_err)
{
    const ar_vector *v;
    size_t n;

    for (;;) {
        *out_err = feed->next(feed->self, &v, &n);
        if (out_err->code != AR_OK || n == 0) break;
        assert(n <= AR_FEED_ROWS);
        for (size_t row = 0; row < n; row++) {
            assert(ar_vector_has(&v[0], row) && v[0].s[row].len > 0);
            assert(v[0].s[row].len <= AR_FEED_ID_MAX);
            for (size_t i = 0; i < feed->n_columns; i++) {
                if (!ar_vector_has(&v[i], row)) continue;
                if (v[i].type == AR_TEXT) check_text(v[i].s[row]);
                if (v[i].type == AR_TEXT)
                    ar_buf_addf(out, "%zu:%zu:", i, v[i].s[row].len), ar_buf_add(out, v[i].s[row]);
                else if (v[i].type == AR_BOOL)
                    ar_buf_addf(out, "%zu=%d,", i, v[i].b[row]);
                else
                    ar_buf_addf(out, "%zu=%lld,", i, (long long)v[i].i[row]);
            }
        }
    }
}

static int file_of(const void *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    assert(fd >= 0);
    assert(ar_fd_write_all(fd, (ar_str){ data, size }).code == AR_OK);
    assert(lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static void through_pipe(const ar_plan *plan, int payload, const ar_buf *want, enum ar_code code)
{
    ar_own(ar_intake) intake = NULL;
    ar_own(ar_intake_child) child = NULL;
    ar_auto(ar_fd) wire = ar_fd_of(file_of("", 0));
    ar_auto(ar_buf) got = { 0 };
    ar_err err;

    assert(lseek(payload, 0, SEEK_SET) == 0);
    if (ar_intake_open(plan, payload, &intake).code != AR_OK) return;
    assert(ar_feed_write(ar_intake_feed(intake), ar_fd_n(wire)).code == AR_OK);
    assert(lseek(ar_fd_n(wire), 0, SEEK_SET) == 0);
    assert(ar_feed_read_open(plan, ar_fd_n(wire), &child).code == AR_OK);
    read_rows(ar_intake_child_feed(child), &got, &err);
    assert(err.code == code);
    assert(ar_str_eq(ar_buf_str(&got), ar_buf_str(want)));
    const ar_feed *in = ar_intake_feed(intake), *out = ar_intake_child_feed(child);
    if (code != AR_OK) return;
    assert(out->bad == in->bad && out->partial == in->partial && in->bad <= plan->bad_rows_max);
    assert(ar_str_eq(out->ignored, in->ignored) && ar_str_eq(out->bad_rows, in->bad_rows));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    ar_plan plan = { .payload = AR_LIT("p"),
                     .format =
                         (enum ar_payload)((data[0] & 15) % AR_PAYLOAD_PARQUET), /* the engine's */
                     .by_name = (data[0] & 16) != 0,
                     .items = (data[0] & 32) != 0 ? found : (ar_items_text){ 0 },
                     .bad_rows_max = (data[0] & 64) != 0 ? 3 : 0,
                     .survey = (data[0] & 128) != 0,
                     .columns = columns,
                     .n_columns = AR_COUNT(columns) };
    ar_auto(ar_fd) payload = ar_fd_of(file_of(data + 1, size - 1));
    ar_own(ar_intake) intake = NULL;
    ar_auto(ar_buf) rows = { 0 };
    ar_err err;

    if (size > 4 && memcmp(data + 1, "PAR1", 4) == 0) return 0;
    if (ar_intake_open(&plan, ar_fd_n(payload), &intake).code != AR_OK) return 0;
    read_rows(ar_intake_feed(intake), &rows, &err);
    through_pipe(&plan, ar_fd_n(payload), &rows, err.code);
    return 0;
}
