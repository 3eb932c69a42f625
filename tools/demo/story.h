/* story: what happens in the demo company, week by week, read from a table (tools/demo/story).
 *
 * A line is   WEEKS DAY HOUR [as PERSON] [NAME =] [!|?] OPERATION…
 *   WEEKS      3   2-16   2-16/4 (every fourth from the second)   * (all)   end (now, really)
 *   DAY HOUR   mon … sun, 14:30, in UTC; of `end`: no day and no hour
 *   as PERSON  who does it; else whoever owns the home
 *   NAME =     the first thing that it answers is called $NAME afterwards
 *   !          it is to be refused
 *   ?          it may be refused: whether that person may depends on what is picked
 * In the words {week}, {date} and {story} stand for themselves, $NAME for what was named so, and
 * $(OPERATION…) for the first column of the last row that it answers; where that answers nothing,
 * the line does not happen. "…" keeps words together, # begins a remark. */
#pragma once

#include "base/base.h"

typedef struct story_event {
    int line, week;
    bool now; /* of `end` */
    ar_time at;
    ar_str person; /* empty: the owner of the home */
    ar_str name, column;
    bool refused, doubtful;
    ar_str *words;
    size_t n;
} story_event;

typedef struct story {
    story_event *events; /* in the order in which they happen */
    size_t n;
    ar_time began; /* the first Monday */
    ar_str *persons;
    size_t n_persons;
} story;

/* The last `weeks` calendar weeks before `now`, the one of `now` being the last; what the table
 * says of later than an hour ago does not happen. AR_INVALID names file and line. */
ar_err story_read(ar_str file, ar_str text, int weeks, ar_time now, ar_arena *arena,
                  story *out_story);
