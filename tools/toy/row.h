/* row: one thing of the made company on one day: what it is, what is wrong with it, and so how
 * every standard must judge it. The same seed, kind and number give the same row. */
#pragma once

#include "base/base.h"
#include "company.h"

enum { TOY_COLUMNS_MAX = 64, TOY_VERDICTS_MAX = 48, TOY_DIVISIONS = 8, TOY_TEAM_PERSONS = 5 };

enum toy_state { TOY_PASS, TOY_FAIL, TOY_UNKNOWN };

typedef struct toy_spec toy_spec; /* one fact, read from its word */
typedef struct toy_world toy_world;

typedef struct toy_plan {
    int64_t size; /* rows of the first day, all kinds together */
    uint64_t seed;
    ar_time now; /* what facts are dated from, on every day */
    int day;     /* 1 or later */
    bool story;  /* `now` is the day's own; there is much wrong at first, and it is mended over
                    months, but in one division, where it hardly is */
} toy_plan;

typedef struct toy_row {
    size_t kind;
    int64_t number; /* of its kind, from 0 */
    size_t about;   /* of a log source: the kind that it tells of */
    const struct variant *variant;
    const struct fault *fault; /* NULL: none */
    bool gone;                 /* its sources do not show it any more */
    int changed;               /* the day on which a harmless fact last changed, or 0 */
    ar_time born;
    const toy_spec *facts[TOY_COLUMNS_MAX];
} toy_row;

typedef struct toy_verdict {
    ar_str standard;
    enum toy_state state;
} toy_verdict;

enum toy_type { TOY_NULL, TOY_RAW, TOY_TEXT, TOY_TIME };

typedef struct toy_value {
    enum toy_type type;
    ar_str text; /* of TOY_RAW and TOY_TEXT */
    ar_time time;
} toy_value;

/* Reads the tables; what is wrong in them is an assertion. */
toy_world *toy_world_new(const toy_plan *plan, ar_arena *arena);
const toy_plan *toy_world_plan(const toy_world *world);

/* How many rows of the kind there have been until this day, gone ones too. */
int64_t toy_rows(const toy_world *world, size_t kind);
int64_t toy_teams(const toy_world *world);
/* Whether that person of a team has left: it is one of the first toy_teams × TOY_TEAM_PERSONS. */
bool toy_has_left(int64_t person);

/* The columns of the kind, without `id`. */
const ar_str *toy_columns(const toy_world *world, size_t kind, size_t *out_n);

/* Of which sort the facts in a column are. */
enum toy_sort { TOY_WORD, TOY_BOOL, TOY_INT, TOY_INSTANT };
enum toy_sort toy_column_sort(const toy_world *world, size_t kind, size_t column);

/* Row `number` of the kind as it is on the day of the plan. */
void toy_row_make(const toy_world *world, size_t kind, int64_t number, toy_row *out_row);
/* Its id in that source of its kind; that of the first source is the asset's. */
void toy_row_id(const toy_world *world, const toy_row *row, size_t source, ar_buf *out_id);
/* The fact in column `column`; its text lives in `text`. */
toy_value toy_row_value(const toy_world *world, const toy_row *row, size_t column, ar_buf *text);
/* Whether that source of its kind shows it, and whether the source disagrees with the other. */
bool toy_row_shown(const toy_world *world, const toy_row *row, size_t source);
bool toy_row_differs(const toy_world *world, const toy_row *row);
/* How each standard that speaks of it must judge it. */
size_t toy_row_verdicts(const toy_world *world, const toy_row *row,
                        toy_verdict out_list[static TOY_VERDICTS_MAX]);
