/* words: what an asset is called, by the number of its verdict. Of ten million, a hundred are found
 * sooner one by one than in a join. */
#pragma once

#include "engine/engine.h"

enum { AR_WORDS_FEW = 200 }; /* so many one by one; more are joined */

typedef struct ar_words {
    ar_value kind, asset, name; /* name: a text, or NULL */
} ar_words;

/* AR_NOT_FOUND: no verdict has that number. */
ar_err ar_words_of(ar_engine *engine, int64_t verdict, ar_arena *arena, ar_words *out_words);
