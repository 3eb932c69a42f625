/* send: carries out one task at a tracker, so that it may be done again: what is there is looked
 * for before it is made, and a comment that was lost is looked for before it is written. */
#pragma once

#include "fetch/call.h"
#include "work/task.h"
#include "work/ticket.h"

typedef struct ar_sender {
    const ar_project *project;
    const ar_tracker *tracker;
    const ar_setting *settings; /* of the tracker, as the project says them */
    ar_caller *caller;          /* NULL: nothing is sent */
} ar_sender;

/* What became of it, texts in `arena`; its time is the caller's to say. */
void ar_send(const ar_sender *sender, const ar_task *task, ar_arena *arena,
             ar_ticket_news *out_news);

/* The requests that a task may come to, in the order in which they are made. `see` gets each with
 * its step. AR_INVALID. */
typedef ar_err ar_send_seen(void *self, enum ar_tracker_step step, const ar_call *call);
ar_err ar_send_show(const ar_sender *sender, const ar_task *task, ar_arena *arena,
                    ar_send_seen *see, void *self);
