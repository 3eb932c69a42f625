/* tracker: how items are made, rewritten, closed and found again in one sort of tracker, as a file
 * says it (docs/formats.md, "Tracker"). */
#pragma once

#include "op/place.h"
#include "fetch/recipe.h"

enum { AR_TRACKER_SETTINGS_MAX = 20 };

/* In one list: what a tracker is asked. */
#define AR_TRACKER_STEPS(X) \
    X(FIND, "find")         \
    X(CREATE, "create")     \
    X(UPDATE, "update")     \
    X(READ, "read")         \
    X(CLOSE, "close")       \
    X(REOPEN, "reopen")     \
    X(ASSIGN, "assign")     \
    X(COMMENT, "comment")   \
    X(COMMENTS, "comments") \
    X(CLOSED, "closed")

enum ar_tracker_step {
#define X(id, name) AR_TRACKER_##id,
    AR_TRACKER_STEPS(X)
#undef X
        AR_TRACKER_STEPS_N
};

extern const char *const ar_tracker_step_names[AR_TRACKER_STEPS_N];

enum ar_tracker_text { AR_TRACKER_MARKDOWN, AR_TRACKER_HTML, AR_TRACKER_ADF };

typedef struct ar_tracker_request {
    ar_recipe request;
    bool tells;            /* its answer tells something: it must be JSON */
    ar_str items;          /* where the list is in the answer */
    ar_str key;            /* where the key is in it, or in an item of the list; empty: nowhere */
    ar_str state;          /* where the state is, */
    const ar_node *closed; /* and the states that are closed, a list */
} ar_tracker_request;

typedef struct ar_tracker {
    ar_str name, title, file;
    bool shipped;
    const ar_setting *settings; /* what a project may say; value ptr NULL: it must */
    size_t n_settings;
    ar_errand api;
    enum ar_tracker_text text;
    ar_str page;    /* where people see an item; empty: nobody says */
    int64_t settle; /* microseconds before what was made is found for sure */
    ar_tracker_request steps[AR_TRACKER_STEPS_N]; /* request.method NULL: none (ASSIGN only) */
} ar_tracker;

typedef struct ar_trackers {
    const ar_tracker *list;
    size_t n;
    const struct ar_definition_bad *bad;
    size_t n_bad;
} ar_trackers;

/* Reads one file. AR_INVALID with file, line and column, also for a name in braces that neither an
 * item nor `with` gives. */
ar_err ar_tracker_parse(ar_str file, ar_str name, ar_str text, ar_arena *arena,
                        ar_tracker *out_tracker);
ar_err ar_trackers_load(const ar_place *place, ar_arena *arena, ar_trackers *out_trackers);
/* AR_NOT_FOUND with the nearest name; AR_INVALID with what is wrong with its file. */
ar_err ar_trackers_find(const ar_trackers *trackers, ar_str name, const ar_tracker **out_tracker);
