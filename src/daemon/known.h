/* known: whom the core lets ask at all: the home's owner, and whoever people.yaml names. What they
 * may do is judged with each request; this keeps strangers from taking time and places. */
#pragma once

#include "op/person.h"

#include <sys/stat.h>

typedef struct ar_known {
    const char *home; /* the caller's */
    struct stat file; /* people.yaml, when it was read */
    ar_arena arena;   /* of people */
    ar_people people;
    bool broken;
} ar_known;

/* Reads people.yaml again when it is another than before.
 * AR_DENIED: nobody of that uid is named, or the file cannot be read: then only the owner is
 * known. */
ar_err ar_known_check(ar_known *known, int64_t uid);
void ar_known_done(ar_known *known);
