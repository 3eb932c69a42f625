/* hands: what acts for one operation: the process that runs commands, and one for each system that
 * is set up, which asks it. All are started before the estate is opened, as who opens it gives up
 * what they take. */
#pragma once

#include "act/action.h"
#include "act/runner.h"

enum { AR_HANDS_SYSTEMS_MAX = 16 };

typedef struct ar_hand {
    ar_str system;
    ar_caller *caller;
    ar_str broken; /* why it is not there; empty: it is */
} ar_hand;

typedef struct ar_hands {
    ar_runner runner;
    ar_hand systems[AR_HANDS_SYSTEMS_MAX]; /* those that actions name and the home has a file of */
    size_t n;
} ar_hands;

/* A system whose file or secret is not right fails only what is asked of it. Texts in the
 * arena of `ctx`. */
ar_err ar_hands_open(ar_ctx *ctx, ar_hands *out_hands);
void ar_hands_done(ar_hands *hands);

/* AR_NOT_FOUND: it is not set up; AR_INVALID: its file is not right. */
ar_err ar_hands_caller(const ar_hands *hands, ar_str system, ar_caller **out_caller);
