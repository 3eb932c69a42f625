/* asked: a condition that holds what was asked for and nothing else, with its values. Whatever is
 * not in it the engine need not look at: of ten million assets, those of one owner are few. */
#pragma once

#include "engine/engine.h"

enum {
    AR_ASKED_OWNERS_MAX = 200, /* that are named one by one; more are looked up as they come */
    AR_ASKED_MAX = AR_ASKED_OWNERS_MAX + 32,
};

typedef struct ar_asked {
    ar_buf sql; /* " AND …", once for each */
    ar_value values[AR_ASKED_MAX];
    size_t n;
} ar_asked;

void ar_asked_done(ar_asked *asked);
/* Takes a value; returns its number: 1 is $1. */
size_t ar_asked_value(ar_asked *asked, ar_value value);
/* That the column is the value; nothing when that is empty. */
void ar_asked_add(ar_asked *asked, const char *column, ar_str value);
/* The same where "-" asks for what has none. */
void ar_asked_add_or_none(ar_asked *asked, const char *column, ar_str value);
/* That the column is this owner or one below them in the tree. Texts go to `arena`. */
ar_err ar_asked_add_owner(ar_asked *asked, ar_engine *engine, const char *column, ar_str owner,
                          ar_arena *arena);
