/* events: the home's event log as it is read: who did what, the latest first. */
#pragma once

#include "form/node.h"
#include "op/op.h"
#include "op/outbox.h"

enum {
    AR_EVENTS_MAX = 1000000,        /* of one answer */
    AR_EVENTS_BYTES_MAX = 64 << 20, /* of the log that are looked through for one answer */
};

/* One line of the log. Its event has no detail: that is the tree. */
typedef struct ar_event_line {
    int64_t epoch, seq;
    ar_event event;
    const ar_node *detail; /* a map */
} ar_event_line;

/* Texts live in `arena`. AR_INVALID: it is no event. */
ar_err ar_event_read(ar_str line, ar_arena *arena, ar_event_line *out_line);
/* What was asked and what came of it, for people: "standard TN-3; reason the vendor moves". */
void ar_event_say(const ar_event_line *line, ar_buf *out);
/* Whether something in it is that: an id, or one behind what leads to it (ID-4/app:payroll). */
bool ar_event_names(const ar_event_line *line, ar_str id);

extern const ar_op ar_event_ops[];
