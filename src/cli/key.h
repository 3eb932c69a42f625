/* key: the question that a no ends with, answered by one key of who sits at the terminal. */
#pragma once

#include "op/reply.h"

/* Stands before a sink and keeps what the first row is about. */
typedef struct ar_about {
    const ar_sink *sink;
    ar_arena *arena;
    ar_str what; /* the first value of the first row, when that is a text */
} ar_about;

/* Good as long as `about` is. */
ar_sink ar_about_sink(ar_about *about);

/* Waits for a key at the terminal that standard input is: true with yes or no for y or n, false for
 * any other and where there is no terminal to ask at. What was typed before counts for nothing. */
bool ar_key_yes_no(bool *out_yes);
