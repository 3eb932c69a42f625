/* chapter: the parts of the progress report, each put into one document. */
#pragma once

#include "estate/kind.h"
#include "form/document.h"
#include "op/op.h"

typedef struct ar_chapter {
    ar_ctx *ctx;
    ar_document *doc;
    ar_kinds kinds;
    ar_value from, to;         /* ids of snapshots */
    ar_str from_name, to_name; /* and their names */
    ar_value from_at, to_at;
    ar_str from_day, to_day; /* "14 September 2026" */
    bool latest;             /* nothing was judged after `to`: whose the findings are is known */
} ar_chapter;

/* The rest of a statement that begins with it sees line, a row for each standard and practice that
 * has something in scope in `to`; $1 from, $2 to. */
extern const char ar_chapter_line[];

/* `sql` behind ar_chapter_line; with $1 and $2 only. */
ar_err ar_chapter_lines(const ar_chapter *c, const char *sql, ar_rows **out_rows);
/* A query of $1 from, $2 to, $3 and $4 their times; all must be named. */
ar_err ar_chapter_query(const ar_chapter *c, const char *sql, ar_rows **out_rows);

/* "1,204"; "98.6 %", which is never 100 before all of it is right, "–" for none; "3 decisions". */
ar_str ar_say_count(const ar_chapter *c, int64_t n);
ar_str ar_say_share(const ar_chapter *c, ar_value share);
ar_str ar_say_many(const ar_chapter *c, int64_t n, const char *one, const char *many);

/* "2 were fixed, 1 broke and 3 are gone" of those that are not zero; empty when all are. */
typedef struct ar_say_part {
    int64_t n;
    const char *one, *many;
} ar_say_part;

ar_str ar_say_parts(const ar_chapter *c, const ar_say_part *parts, size_t n);

int64_t ar_row_count(ar_rows *rows, size_t column);
ar_str ar_row_text(ar_rows *rows, size_t column, const char *none);

/* A section for each line that `where` takes, in prose; *out_n: how many. */
ar_err ar_chapter_standards(const ar_chapter *c, const char *where, int64_t *out_n);

/* "Protect networks" of "networks"; what is of no pillar is "Culture and governance". */
const char *ar_chapter_pillar_title(ar_str pillar);

ar_err ar_chapter_highlights(const ar_chapter *c);
ar_err ar_chapter_culture(const ar_chapter *c);
ar_err ar_chapter_governance(const ar_chapter *c);
ar_err ar_chapter_pillars(const ar_chapter *c);
ar_err ar_chapter_practices(const ar_chapter *c);
ar_err ar_chapter_numbers(const ar_chapter *c);
ar_err ar_chapter_obligations(const ar_chapter *c);
