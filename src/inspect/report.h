/* report: what an inspector saw, kept until it is known which kinds were seen in full. */
#pragma once

#include "base/base.h"

enum {
    AR_REPORT_KINDS_MAX = 16,
    AR_REPORT_ROWS_MAX = 500000,
    AR_REPORT_BYTES_MAX = 256 << 20,
    AR_REPORT_ID_MAX = 1024,       /* what the estate takes as an id */
    AR_REPORT_TEXT_MAX = 64 << 10, /* of one fact */
    AR_REPORT_NOTES_MAX = 1000,    /* the rest is counted */
};

typedef struct ar_fact {
    const char *column;
    ar_value value;
} ar_fact;

typedef struct ar_report {
    ar_arena arena;
    struct ar_report_kind {
        const char *name;
        bool seen;       /* looked at, */
        bool partly;     /* but not all of it: what is not among the rows may well be there, */
        bool too_many;   /* because rows were dropped, */
        size_t n_unread; /* or so many things could not be read; */
        ar_str unread;   /* why, the first time */
        ar_buf rows;
        size_t n;
        ar_map ids;
    } kinds[AR_REPORT_KINDS_MAX];
    size_t n_kinds;
    size_t n_bytes;
    ar_buf notes;
    size_t n_notes;
    ar_buf owners;
    ar_time now;
} ar_report;

/* `kind` was looked at in full, whether or not it has rows. */
void ar_report_seen(ar_report *report, const char *kind);
/* What of `kind` has rows was seen; there may be more. */
void ar_report_seen_partly(ar_report *report, const char *kind);
/* Something of `kind` could not be read: what of it has rows stands, and there may be more. The
 * first reason is printed, and how many more there are. */
void ar_report_unread(ar_report *report, const char *kind, ar_str why);
/* `what` (a kind, or kind.column) could not be looked at. Rows of a kind that was never seen are
 * not printed. */
void ar_report_could_not(ar_report *report, const char *what, ar_str why);
/* One asset. NULL facts are left out; a second row of the same id is dropped. A row whose id is too
 * long, and a fact that is, could not be seen; the rows beside it stand. */
void ar_report_row(ar_report *report, const char *kind, ar_str id, const ar_fact *facts, size_t n);
#define AR_ROW(report, kind, id, ...)                                       \
    ar_report_row((report), (kind), (id), (const ar_fact[]){ __VA_ARGS__ }, \
                  sizeof((const ar_fact[]){ __VA_ARGS__ }) / sizeof(ar_fact))
/* Evidence that `owner` answers for the asset; none when a name is longer than an id may be. */
void ar_report_owner(ar_report *report, const char *kind, ar_str id, ar_str owner,
                     const char *evidence, double confidence, ar_time observed_at);
/* Prints the lines of inspect.h; the source is INSPECTOR:`source`. */
ar_err ar_report_write(const ar_report *report, const char *inspector, ar_str source, int fd);
void ar_report_done(ar_report *report);
