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

/* The whole file, in `arena`. AR_NOT_FOUND, AR_DENIED, AR_LIMIT beyond `max` bytes, AR_IO. */
ar_err ar_file_read(const char *path, size_t max, ar_arena *arena, ar_str *out_text);
ar_err ar_fd_read_all(int fd, ar_str name, size_t max, ar_arena *arena, ar_str *out_text);
ar_err ar_fd_write_all(int fd, ar_str text);
/* Replaces the file by rename, with fsync of file and folder: after a crash it is old or new. */
ar_err ar_file_write(const char *path, ar_str text, unsigned mode);
ar_err ar_file_copy(const char *from, const char *to, unsigned mode);
bool ar_file_exists(const char *path);
/* A view of the file that grows with no memory of ours (mmap, read-only); unmap with _done. */
typedef struct ar_mapped {
    ar_str text;
} ar_mapped;
ar_err ar_file_map(int fd, ar_str name, ar_mapped *out_mapped);
void ar_mapped_done(ar_mapped *mapped);

/* Makes the folder and its parents; existing ones stay as they are. */
ar_err ar_dir_make(const char *path, unsigned mode);
/* Names in the folder, sorted, without "." and "..". AR_NOT_FOUND. */
ar_err ar_dir_list(const char *path, ar_arena *arena, ar_str **out_names, size_t *out_n);
/* Removes a folder and all below it; does not follow links, does not cross devices. */
ar_err ar_dir_remove(const char *path);

/* An exclusive lock on the file, made when absent, held until the descriptor closes. AR_CONFLICT
 * when another process holds it; *out_holder is then its pid as that process wrote it, or 0. */
ar_err ar_file_lock(const char *path, ar_fd *out_lock, int *out_holder);

const char *ar_path_join(ar_arena *arena, const char *folder, const char *name);
/* Absolute, without ".." and links where it exists; else made absolute by text alone. */
const char *ar_path_absolute(ar_arena *arena, const char *path);
/* The folder of the running program. */
ar_err ar_path_self(ar_arena *arena, const char **out_program);
