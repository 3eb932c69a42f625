#include "seglog/seglog.h"
#include "seglog/segment.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char spare[] = "spare"; /* what ar_seglog_prepare made */

struct ar_seglog {
    ar_arena arena;
    const char *folder;
    ar_seglog_disk disk;
    ar_fd file;
    const char *path; /* of the file */
    int64_t next;
    int64_t end;    /* bytes of the file that are durable */
    ar_buf pending; /* what comes behind them */
    bool broken;
};

/* ---- the disk ---- */

static ssize_t plain_pwrite(void *self, int fd, const void *bytes, size_t len, off_t offset)
{
    (void)self;
    return pwrite(fd, bytes, len, offset);
}

static int plain_fdatasync(void *self, int fd)
{
    (void)self;
    return fdatasync(fd);
}

static ar_err write_at(ar_seglog *log, ar_str bytes, int64_t offset)
{
    while (bytes.len > 0) {
        ssize_t n =
            log->disk.pwrite(log->disk.self, ar_fd_n(log->file), bytes.ptr, bytes.len, offset);

        if (n <= 0) return ar_fail_errno("%s", log->path);
        bytes = ar_str_cut(bytes, (size_t)n, bytes.len);
        offset += n;
    }
    return ar_ok();
}

static ar_err sync_file(ar_seglog *log)
{
    if (log->disk.fdatasync(log->disk.self, ar_fd_n(log->file)) == 0) return ar_ok();
    return ar_fail_errno("%s", log->path);
}

static ar_err open_file(ar_seglog *log, ar_str name, int flags)
{
    ar_fd_done(&log->file);
    log->path = ar_path_join(&log->arena, log->folder, ar_arena_cstr(&log->arena, name));
    log->file = ar_fd_of(open(log->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600));
    return ar_fd_n(log->file) >= 0 ? ar_ok() : ar_fail_errno("%s", log->path);
}

/* A file of its whole size from the beginning: to grow with each record costs the disk more. */
static ar_err begin_file(ar_seglog *log, int64_t first)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_auto(ar_buf) head = { 0 };
    ar_str name = ar_segment_name(first, &scratch);

    ar_segment_head_add(&head, (ar_segment_head){ .first = first, .after = log->next });
    (void)rename(ar_path_join(&scratch, log->folder, spare),
                 ar_path_join(&scratch, log->folder, name.ptr));
    AR_TRY(open_file(log, name, O_CREAT));
    if (posix_fallocate(ar_fd_n(log->file), 0, log->disk.segment) != 0)
        return ar_fail_errno("%s", log->path);
    AR_TRY(write_at(log, ar_buf_str(&head), 0));
    AR_TRY(sync_file(log));
    log->next = first;
    log->end = AR_SEGMENT_HEAD;
    return ar_dir_sync(log->folder);
}

/* ---- after a crash ---- */

/* Whether behind a bad record something is whole that was written when the bad one was durable:
 * then no crash tore it. */
static ar_err check_damage(const ar_seglog *log, ar_str file, size_t bad)
{
    ar_segment_record r;

    for (size_t at = bad + 8; at + AR_SEGMENT_RECORD_HEAD <= file.len; at += 8)
        if (ar_segment_record_read(ar_str_cut(file, at, file.len), &r) &&
            r.durable > (int64_t)bad && r.number > log->next)
            return ar_fail(AR_INVALID,
                           "%s: byte %zu: the record is damaged, and there are later ones",
                           log->path, bad);
    return ar_ok();
}

/* What is left of a group that was not whole must not pass for records once others stand before it.
 */
static ar_err clean_rest(ar_seglog *log, ar_str file, size_t from)
{
    ar_auto(ar_buf) zeros = { 0 };
    size_t to = file.len;

    while (to > from && file.ptr[to - 1] == '\0') to--;
    if (to == from) return ar_ok();
    AR_TRY(check_damage(log, ar_str_cut(file, 0, to), from));
    memset(ar_buf_room(&zeros, to - from), 0, to - from);
    zeros.len = to - from;
    AR_TRY(write_at(log, ar_buf_str(&zeros), (int64_t)from));
    return sync_file(log);
}

/* A file whose head did not get to the disk holds nothing that was durable. */
static ar_err resume_file(ar_seglog *log, ar_str name, bool *out_usable)
{
    ar_auto(ar_mapped) mapped = { 0 };
    ar_segment_head head;
    ar_segment_record r;
    size_t at = AR_SEGMENT_HEAD;

    AR_TRY(open_file(log, name, 0));
    AR_TRY(ar_file_map(ar_fd_n(log->file), ar_str_of(log->path), &mapped));
    *out_usable = ar_segment_head_read(mapped.text, &head);
    if (!*out_usable) return ar_ok();
    for (log->next = head.first;
         ar_segment_record_read(ar_str_cut(mapped.text, at, mapped.text.len), &r) &&
         r.number == log->next;
         log->next++)
        at += r.size;
    log->end = (int64_t)at;
    return clean_rest(log, mapped.text, at);
}

static ar_err resume(ar_seglog *log)
{
    ar_str *names;
    size_t n;
    bool usable = false;

    AR_TRY(ar_segment_list(log->folder, &log->arena, &names, &n));
    while (n > 0 && !usable) {
        AR_TRY(resume_file(log, names[--n], &usable));
        if (!usable && unlink(log->path) != 0) return ar_fail_errno("%s", log->path);
    }
    return ar_ok();
}

ar_err ar_seglog_open(const char *folder, int64_t first, const ar_seglog_disk *disk,
                      ar_seglog **out_log)
{
    ar_own(ar_seglog) log = calloc(1, sizeof *log);

    if (log == NULL) abort();
    assert(first > 0);
    log->folder = ar_arena_cstr(&log->arena, ar_str_of(folder));
    log->disk = (ar_seglog_disk){ AR_SEGLOG_SEGMENT, plain_pwrite, plain_fdatasync, NULL };
    if (disk != NULL) log->disk = *disk;
    AR_TRY(ar_dir_make(folder, 0700));
    AR_TRY(resume(log));
    if (log->next < first) AR_TRY(begin_file(log, first));
    *out_log = ar_move(log);
    return ar_ok();
}

void ar_seglog_free(ar_seglog **log)
{
    if (*log == NULL) return;
    ar_fd_done(&(*log)->file);
    ar_buf_done(&(*log)->pending);
    ar_arena_done(&(*log)->arena);
    free(*log);
    *log = NULL;
}

/* ---- records ---- */

int64_t ar_seglog_next(const ar_seglog *log)
{
    return log->next;
}

static ar_err check(const ar_seglog *log)
{
    if (!log->broken) return ar_ok();
    return ar_fail(AR_IO, "%s could not be written; it is opened again after a restart", log->path);
}

static ar_err flush(ar_seglog *log)
{
    if (log->pending.len == 0) return ar_ok();
    AR_TRY(write_at(log, ar_buf_str(&log->pending), log->end));
    AR_TRY(sync_file(log));
    log->end += (int64_t)log->pending.len;
    ar_buf_clear(&log->pending);
    return ar_ok();
}

ar_err ar_seglog_sync(ar_seglog *log)
{
    AR_TRY(check(log));

    ar_err err = flush(log);

    log->broken = err.code != AR_OK;
    return err;
}

ar_err ar_seglog_add(ar_seglog *log, ar_str record)
{
    size_t size = ar_segment_record_size(record.len);

    if (record.len > AR_SEGLOG_RECORD_MAX)
        return ar_fail(AR_LIMIT, "a record of %zu bytes, %d is the most", record.len,
                       (int)AR_SEGLOG_RECORD_MAX);
    if (log->end + (int64_t)(log->pending.len + size) > log->disk.segment) {
        AR_TRY(ar_seglog_sync(log));
        ar_err err = begin_file(log, log->next);
        log->broken = err.code != AR_OK;
        AR_TRY(err);
    }
    AR_TRY(check(log));
    ar_segment_record_add(&log->pending, log->next, log->end, record);
    log->next++;
    return ar_ok();
}

ar_err ar_seglog_prepare(const char *folder)
{
    ar_auto(ar_arena) scratch = { 0 };
    const char *path = ar_path_join(&scratch, folder, spare);

    if (ar_file_exists(path)) return ar_ok();
    AR_TRY(ar_dir_make(folder, 0700));
    /* zeros, as bytes that were never written cost the disk more when they are */
    return ar_file_write(
        path, (ar_str){ ar_arena_take(&scratch, AR_SEGLOG_SEGMENT), AR_SEGLOG_SEGMENT }, 0600);
}

ar_err ar_seglog_files(const char *folder, size_t *out_n)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str *names;

    return ar_segment_list(folder, &arena, &names, out_n);
}

ar_err ar_seglog_forget(const char *folder, int64_t number)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str *names;
    size_t n, gone = 0;

    AR_TRY(ar_segment_list(folder, &arena, &names, &n));
    for (; gone + 1 < n && ar_segment_first(names[gone + 1]) <= number; gone++)
        if (unlink(ar_path_join(&arena, folder, names[gone].ptr)) != 0)
            return ar_fail_errno("%s/%.*s", folder, AR_FMT(names[gone]));
    return gone > 0 ? ar_dir_sync(folder) : ar_ok();
}
