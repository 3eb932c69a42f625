/* Whatever a child writes, the core hears rows that keep the promises of a feed, or a failure. */
#include "estate/child.h"
#include "form/utf.h"
#include "sys/file.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ar_plan_column columns[] = { { AR_LIT("id"), AR_TEXT, { 0 } },
                                              { AR_LIT("n"), AR_INT, { 0 } },
                                              { AR_LIT("on"), AR_BOOL, { 0 } } };
    ar_plan plan = { .columns = columns, .n_columns = AR_COUNT(columns) };
    ar_auto(ar_fd) wire = ar_fd_of(memfd_create("fuzz", MFD_CLOEXEC));
    ar_own(ar_intake_child) child = NULL;
    const ar_vector *v;
    size_t n;

    assert(ar_fd_write_all(ar_fd_n(wire), (ar_str){ (const char *)data, size }).code == AR_OK);
    assert(lseek(ar_fd_n(wire), 0, SEEK_SET) == 0);
    assert(ar_feed_read_open(&plan, ar_fd_n(wire), &child).code == AR_OK);
    const ar_feed *feed = ar_intake_child_feed(child);
    while (feed->next(feed->self, &v, &n).code == AR_OK && n > 0) {
        assert(n <= AR_FEED_ROWS);
        for (size_t i = 0; i < n; i++) {
            assert(ar_vector_has(&v[0], i) && v[0].s[i].len > 0);
            assert(ar_utf8_valid(v[0].s[i]) == v[0].s[i].len);
            if (ar_vector_has(&v[2], i)) assert(((const unsigned char *)v[2].b)[i] <= 1);
        }
    }
    return 0;
}
