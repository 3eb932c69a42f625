/* deadline: an end to how long the engine may work on one thing. */
#pragma once

#include "engine/engine.h"
#include "sys/file.h"

#include <pthread.h>

typedef struct ar_deadline {
    ar_engine *engine;
    int64_t seconds;
    ar_fd stop; /* becomes readable when the watch must end */
    pthread_t thread;
    bool over; /* the thread's, until it is joined */
} ar_deadline;

/* From now on the engine has that long; then every statement that runs is ended with AR_LIMIT,
 * until ar_deadline_stop. `deadline` stays where it is. AR_UNAVAILABLE: there is nothing left to
 * watch with. */
ar_err ar_deadline_start(ar_deadline *deadline, ar_engine *engine, int64_t seconds);
/* Once, after a start that did not fail. Whether the end came before this. */
bool ar_deadline_stop(ar_deadline *deadline);
