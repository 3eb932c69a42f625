/* seglog: an append-only log of numbered records in files of one size, durable in groups, whole
 * after any crash. docs/formats.md, "Segment log", says what is in a file.
 *
 * One process writes, any may read. What ar_seglog_sync has returned for is there after a crash of
 * the process or the machine, once and in order; of what was added since, the front may be. */
#pragma once

#include "sys/file.h"

#include <sys/types.h>

enum {
    AR_SEGLOG_SEGMENT = 16 << 20,   /* bytes of a file */
    AR_SEGLOG_RECORD_MAX = 4 << 20, /* of one record */
};

/* How bytes reach the disk; a test loses some on the way. Each as the call it is named after. */
typedef struct ar_seglog_disk {
    int64_t segment; /* bytes of a file that is begun */
    ssize_t (*pwrite)(void *self, int fd, const void *bytes, size_t len, off_t offset);
    int (*fdatasync)(void *self, int fd);
    void *self;
} ar_seglog_disk;

/* ---- writing ---- */

typedef struct ar_seglog ar_seglog;

/* Makes the folder where it is missing, and goes on behind the last record; what a crash tore is
 * cut off. `first` is the least number that the next record may have: a log that has not come so
 * far leaves out what is between. `disk` NULL: the system's. AR_INVALID  a file is damaged in what
 * was durable once; names it and the byte */
ar_err ar_seglog_open(const char *folder, int64_t first, const ar_seglog_disk *disk,
                      ar_seglog **out_log);
void ar_seglog_free(ar_seglog **log); /* what was added and not synced is lost */

/* The number that the next record gets. */
int64_t ar_seglog_next(const ar_seglog *log);
/* Takes a copy; AR_LIMIT. A full file is made durable on the way. */
ar_err ar_seglog_add(ar_seglog *log, ar_str record);
/* Makes all that was added durable. After a failure of add or sync nobody knows what the disk has:
 * every later call fails too, and the log must be opened again. */
ar_err ar_seglog_sync(ar_seglog *log);

/* Has a file ready, all its bytes on the disk, for when the log needs another: the writer would
 * wait for that, and for each record that is the first to be where it is. Any process may, one at a
 * time.
 */
ar_err ar_seglog_prepare(const char *folder);
/* How many files there are; a folder that is missing has none. */
ar_err ar_seglog_files(const char *folder, size_t *out_n);
/* Removes the files that hold only records before `number`; the last file stays. */
ar_err ar_seglog_forget(const char *folder, int64_t number);

/* ---- reading ---- */

typedef struct ar_seglog_reader ar_seglog_reader;

/* Reads from record `from` on, or from the first behind it that there is; the folder may still be
 * missing. */
ar_err ar_seglog_reader_open(const char *folder, int64_t from, ar_seglog_reader **out_reader);
void ar_seglog_reader_free(ar_seglog_reader **reader);
/* The next record, as far as it has been written, perhaps not yet durably; out_record->ptr is NULL
 * when there is none now. It lives until the next call.
 *   AR_INVALID  a record is missing between two files; names the file and the byte */
ar_err ar_seglog_read(ar_seglog_reader *reader, int64_t *out_number, ar_str *out_record);
/* Makes durable what was read so far, whoever has written it. */
ar_err ar_seglog_reader_sync(ar_seglog_reader *reader);
