#include "seglog/seglog.h"
#include "seglog/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct ar_seglog_reader {
    ar_arena arena;
    const char *folder;
    const char *path; /* of the file that is open */
    ar_fd fd;
    ar_mapped file; /* as the writer changes it */
    size_t at;
    int64_t next; /* the number of the record that is to come; what is before it is passed over */
    bool exact;   /* the one before it was read here */
};

/* ---- files ---- */

static ar_err open_file(ar_seglog_reader *r, ar_str name, ar_segment_head *out_head,
                        bool *out_there)
{
    ar_auto(ar_mapped) mapped = { 0 };
    const char *path = ar_path_join(&r->arena, r->folder, ar_arena_cstr(&r->arena, name));
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));

    *out_there = false;
    if (ar_fd_n(fd) < 0) return errno == ENOENT ? ar_ok() : ar_fail_errno("%s", path);
    AR_TRY(ar_file_map(ar_fd_n(fd), ar_str_of(path), &mapped));
    if (!ar_segment_head_read(mapped.text, out_head)) return ar_ok(); /* it is being made */
    ar_fd_done(&r->fd);
    ar_mapped_done(&r->file);
    r->fd = ar_move(fd);
    r->file = ar_move(mapped);
    r->path = path;
    r->at = AR_SEGMENT_HEAD;
    *out_there = true;
    return ar_ok();
}

/* The file in which the next record must be, if it is there: the last that does not begin behind
 * it, or the first of all. */
static ar_err find_file(ar_seglog_reader *r, bool *out_there)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_segment_head head;
    ar_str *names;
    size_t n, best = 0;

    *out_there = false;
    AR_TRY(ar_segment_list(r->folder, &scratch, &names, &n));
    if (n == 0) return ar_ok();
    for (size_t i = 1; i < n; i++)
        if (ar_segment_first(names[i]) <= r->next) best = i;
    return open_file(r, names[best], &head, out_there);
}

/* The name of the file behind the one that is open; empty: there is none. */
static ar_err find_next(const ar_seglog_reader *r, ar_arena *arena, ar_str *out_name)
{
    int64_t own = ar_segment_first(ar_str_of(strrchr(r->path, '/') + 1));
    ar_str *names;
    size_t n;

    *out_name = (ar_str){ 0 };
    AR_TRY(ar_segment_list(r->folder, arena, &names, &n));
    for (size_t i = n; i > 0 && ar_segment_first(names[i - 1]) > own; i--) *out_name = names[i - 1];
    return ar_ok();
}

static ar_err enter_next(ar_seglog_reader *r, ar_str name, bool *out_there)
{
    ar_segment_head head = { 0 };
    const char *before = r->path;
    size_t at = r->at;

    AR_TRY(open_file(r, name, &head, out_there));
    if (!*out_there || !r->exact || head.after == r->next) return ar_ok();
    return ar_fail(AR_INVALID, "%s: byte %zu: records %lld to %lld are damaged", before, at,
                   (long long)r->next, (long long)head.after - 1);
}

/* ---- records ---- */

static bool read_here(ar_seglog_reader *r, ar_segment_record *out)
{
    if (r->file.text.ptr == NULL) return false;
    while (ar_segment_record_read(ar_str_cut(r->file.text, r->at, r->file.text.len), out)) {
        r->at += out->size;
        if (out->number >= r->next) return true;
    }
    return false;
}

/* What is written, in this file or, once that has got one behind it and so is whole, in the next.
 */
static ar_err read_on(ar_seglog_reader *r, ar_segment_record *out, bool *out_any)
{
    ar_auto(ar_arena) scratch = { 0 };
    bool there = true;
    ar_str name;

    if (r->file.text.ptr == NULL) AR_TRY(find_file(r, &there));
    for (*out_any = false; there;) {
        if ((*out_any = read_here(r, out))) return ar_ok();
        AR_TRY(find_next(r, &scratch, &name));
        if (name.len == 0) return ar_ok();
        if ((*out_any = read_here(r, out))) return ar_ok();
        AR_TRY(enter_next(r, name, &there));
    }
    return ar_ok();
}

ar_err ar_seglog_read(ar_seglog_reader *r, int64_t *out_number, ar_str *out_record)
{
    ar_segment_record record = { 0 };
    bool any;

    *out_record = (ar_str){ 0 };
    AR_TRY(read_on(r, &record, &any));
    if (!any) return ar_ok();
    r->next = record.number + 1;
    r->exact = true;
    *out_number = record.number;
    *out_record = record.bytes;
    return ar_ok();
}

/* A file that has one behind it is durable. */
ar_err ar_seglog_reader_sync(ar_seglog_reader *r)
{
    if (ar_fd_n(r->fd) < 0 || fdatasync(ar_fd_n(r->fd)) == 0) return ar_ok();
    return ar_fail_errno("%s", r->path);
}

ar_err ar_seglog_reader_open(const char *folder, int64_t from, ar_seglog_reader **out_reader)
{
    ar_seglog_reader *r = calloc(1, sizeof *r);

    if (r == NULL) abort();
    r->folder = ar_arena_cstr(&r->arena, ar_str_of(folder));
    r->next = from;
    *out_reader = r;
    return ar_ok();
}

void ar_seglog_reader_free(ar_seglog_reader **reader)
{
    if (*reader == NULL) return;
    ar_mapped_done(&(*reader)->file);
    ar_fd_done(&(*reader)->fd);
    ar_arena_done(&(*reader)->arena);
    free(*reader);
    *reader = NULL;
}
