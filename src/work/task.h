/* task: what is to be sent to a tracker about one item. It is computed from what there is to do and
 * from what was sent: so nothing is lost that a tracker did not take, and nothing queues twice. */
#pragma once

#include "op/op.h"
#include "standard/standard.h"
#include "work/project.h"

typedef struct ar_task {
    ar_str project, item;
    ar_str action; /* create, update, escalate, reopen, close; look: what was closed there since */
    ar_str key;    /* empty: it is to be found, or made */
    ar_str fields; /* JSON of texts, as Markdown: what a request may ask for, and `note`, which
                      marks the comment */
    ar_str sent;   /* SHA-256 of title and body */
    int64_t level; /* whom it has risen to */
    bool waits;    /* it was tried a moment ago, and might not be found yet */
} ar_task;

typedef struct ar_task_query {
    const ar_standards *standards;
    const ar_projects *projects;
    const ar_trackers *trackers;
    ar_str project, tracker; /* only of these; empty: of all */
    bool looks;              /* only where to look what was closed; else all but these */
} ar_task_query;

/* Texts of the task live until it returns. */
typedef ar_err ar_task_fn(void *self, const ar_task *task);
/* Calls `see` for each task, items by name. AR_INVALID: a project is of no tracker. */
ar_err ar_tasks(ar_ctx *ctx, const ar_task_query *query, ar_task_fn *see, void *self);
