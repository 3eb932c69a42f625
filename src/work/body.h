/* body: an item in words: Markdown that trackers, mail and people read. */
#pragma once

#include "standard/standard.h"
#include "work/item.h"

enum { AR_WORK_SHOWN = 50 }; /* findings in one body; the rest are counted */

/* Of ar_work_items, what stands at the head of a body. */
#define AR_WORK_HEAD "standard, title, statement, open, due_at"
enum {
    AR_WORK_STANDARD,
    AR_WORK_TITLE,
    AR_WORK_STATEMENT,
    AR_WORK_OPEN,
    AR_WORK_DUE,
    AR_WORK_HEAD_N
};
enum { AR_WORK_LINE_N = 5 }; /* of a member: asset, name, state, since, due_at */

/* A value as text that cannot be read as Markdown, and the day of a time; "no date" for none. */
void ar_work_add_plain(ar_buf *out, ar_value value);
void ar_work_add_day(ar_buf *out, ar_value time);

/* The parts of a body, in this order: its head, its members, how many more there are. */
ar_err ar_work_add_head(ar_engine *engine, const ar_standards *standards, const ar_value *head,
                        ar_str item, ar_time asof, ar_arena *arena, ar_buf *out);
void ar_work_add_member(ar_buf *out, const ar_value *member);
void ar_work_add_rest(ar_buf *out, ar_str item, int64_t n);
/* What must hold, what would be right, what misses it, by when. AR_NOT_FOUND when nothing of that
 * item is open. */
ar_err ar_work_body(ar_engine *engine, const ar_standards *standards, ar_str item, ar_time asof,
                    ar_arena *arena, ar_str *out_text);
