/* folder: files written below one folder of whoever asks, and never outside of it. */
#pragma once

#include "sys/file.h"

enum { AR_FOLDER_PATH_MAX = 400 };

/* Whether a path leads to a file below a folder: relative, without empty parts, dots, backslashes
 * and control characters, and not into a .git, where files are programs. AR_INVALID, AR_LIMIT. */
ar_err ar_folder_check(ar_str path);

/* Whether files may be written there: it is not there and what it lies in is, or it is a folder
 * without anything in it. *out_writable is what has to be writable for that, and exists.
 * AR_CONFLICT and AR_NOT_FOUND say what would be right. */
ar_err ar_folder_ready(const char *path, ar_arena *arena, const char **out_writable);
/* Makes it where it is missing; never follows a link in its place. */
ar_err ar_folder_open(const char *path, ar_fd *out_folder);
/* Writes one new file, with the folders on its way; no link is followed and no file replaced. */
ar_err ar_folder_write(const ar_fd *folder, ar_str path, ar_str text);
