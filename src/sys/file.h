/* file: whole files, directories, locks, and writing that is either done or not. */
#pragma once

#include "base/base.h"

/* A file descriptor that closes itself; -1 is empty. */
typedef struct ar_fd {
    int n; /* descriptor + 1, so that the zero value is empty */
} ar_fd;

static inline int ar_fd_n(ar_fd fd)
{
    return fd.n - 1;
}
static inline ar_fd ar_fd_of(int n)
{
    return (ar_fd){ .n = n + 1 };
}
void ar_fd_done(ar_fd *fd);

enum {
    AR_DIR_NAMES_MAX = 1000000, /* names of one folder */
    AR_DIR_DEPTH_MAX = 200,     /* folders in folders, of one that is removed */
};

/* Failures of all functions with a path: AR_NOT_FOUND, AR_DENIED, AR_IO; further ones are named. */

/* The whole file, in `arena`, with a NUL behind it. AR_LIMIT beyond `max` bytes; AR_INVALID when it
 * is a folder, a pipe or a device. */
ar_err ar_file_read(const char *path, size_t max, ar_arena *arena, ar_str *out_text);
/* What is left to read of a descriptor of any sort; `name` is for the sentence. AR_LIMIT, AR_IO. */
ar_err ar_fd_read_all(int fd, ar_str name, size_t max, ar_arena *arena, ar_str *out_text);
/* The same, and AR_UNAVAILABLE when the end has not come within `ms` milliseconds. */
ar_err ar_fd_read_all_within(int fd, ar_str name, size_t max, int64_t ms, ar_arena *arena,
                             ar_str *out_text);
/* All of `text`, waiting where the other side is slow. AR_IO. */
ar_err ar_fd_write_all(int fd, ar_str text);
/* A file without a name that holds the text, at its beginning: what a child reads that must not
 * keep us waiting, as a pipe could. AR_IO. */
ar_err ar_fd_holding(ar_str text, ar_fd *out_fd);
/* What is left to read of a descriptor, as such a file. AR_LIMIT beyond `max` bytes. */
ar_err ar_fd_spool(int from, ar_str name, size_t max, ar_fd *out_fd);
/* Replaces the file by rename, with fsync of file and folder: after a crash it is old or new, and
 * after a failure it is the old one. A link is replaced, not followed. */
ar_err ar_file_write(const char *path, ar_str text, unsigned mode);
ar_err ar_file_copy(const char *from, const char *to, unsigned mode);
/* The same of a file that is open, from its first byte, without moving its position. Closing any
 * descriptor of a file drops the POSIX locks that this process has on it; this one stays open.
 * `name` is for the sentence. */
ar_err ar_fd_copy(int from, const char *name, const char *to, unsigned mode);
/* Removes what a crash in the middle of such writing left in the folder. Nobody may be writing into
 * it meanwhile. */
ar_err ar_drafts_remove(const char *folder);
bool ar_file_exists(const char *path);

/* By which it is seen that a file is another, or has other content. */
typedef struct ar_file_stamp {
    uint64_t inode;
    int64_t size, written_ns, changed_ns;
} ar_file_stamp;
ar_err ar_file_stamp_read(const char *path, ar_file_stamp *out_stamp);

/* A view of a file that costs no memory of ours (mmap, read-only). Only for files that nobody
 * shortens meanwhile: reading behind the new end is a bus error. */
typedef struct ar_mapped {
    ar_str text;
} ar_mapped;
/* AR_INVALID when it is no regular file. */
ar_err ar_file_map(int fd, ar_str name, ar_mapped *out_mapped);
void ar_mapped_done(ar_mapped *mapped);

/* Makes the folder and its parents; existing ones stay as they are. AR_CONFLICT when something
 * else is in its place. */
ar_err ar_dir_make(const char *path, unsigned mode);
/* Lets what was made, renamed or removed in the folder outlive a crash. */
ar_err ar_dir_sync(const char *path);
/* Names in the folder, sorted by bytes, NUL-terminated, without "." and "..". AR_LIMIT. */
ar_err ar_dir_list(const char *path, ar_arena *arena, ar_str **out_names, size_t *out_n);
/* Removes a folder and all below it; links are removed, not followed. AR_CONFLICT when another
 * file system is mounted below, AR_LIMIT when it is too deep. */
ar_err ar_dir_remove(const char *path);

/* An exclusive lock on the file, made when absent, held until the descriptor closes. AR_CONFLICT
 * when another process holds it; *out_holder is then its pid as that process wrote it, or 0. */
ar_err ar_file_lock(const char *path, ar_fd *out_lock, int *out_holder);

const char *ar_path_join(ar_arena *arena, const char *folder, const char *name);
/* Absolute, without ".." and links where it exists; else made absolute by text alone. */
const char *ar_path_absolute(ar_arena *arena, const char *path);
/* The absolute path of the running program. */
ar_err ar_path_self(ar_arena *arena, const char **out_program);
