/* arena: memory for what one piece of work makes, given back all at once. Also the two words for
 * cleanup at the end of scope. Running out of memory ends the process. */
#pragma once

#include "base/str.h"

typedef struct ar_arena {
    struct ar_block *head;
} ar_arena;

void *ar_arena_take(ar_arena *arena, size_t size);             /* zeroed, aligned for anything */
void *ar_arena_take_n(ar_arena *arena, size_t n, size_t size); /* n × size, overflow checked */
ar_str ar_arena_copy(ar_arena *arena, ar_str text);            /* the copy ends with a NUL */
ar_str ar_arena_lower(ar_arena *arena, ar_str text);           /* copy, ASCII in lower case */
ar_str ar_arena_printf(ar_arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *ar_arena_cstr(ar_arena *arena, ar_str text);
void ar_arena_done(ar_arena *arena);

#define ar_make(arena, type)      ((type *)ar_arena_take((arena), sizeof(type)))
#define ar_make_n(arena, type, n) ((type *)ar_arena_take_n((arena), (n), sizeof(type)))

/* Room for one more in an arena array: doubles `ptr` when `n` has reached `cap`. */
#define ar_grow(arena, ptr, n, cap)                                             \
    do {                                                                        \
        if ((n) == (cap)) {                                                     \
            size_t cap_ = (cap) == 0 ? 8 : (cap)*2;                             \
            typeof(ptr) grown_ = ar_arena_take_n((arena), cap_, sizeof *(ptr)); \
            if ((n) > 0) memcpy(grown_, (ptr), (n) * sizeof *(ptr));            \
            (ptr) = grown_;                                                     \
            (cap) = cap_;                                                       \
        }                                                                       \
    } while (0)

/* ar_auto(T) v = {0};   calls T_done(&v) when v leaves scope.
 * ar_own(T)  p = NULL;  calls T_free(&p) when p leaves scope. */
#define ar_auto(type) __attribute__((cleanup(type##_done))) type
#define ar_own(type)  __attribute__((cleanup(type##_free))) type *

/* Hand a value over and leave its zero behind, so the cleanup finds nothing to do. */
#define ar_move(v)              \
    ({                          \
        typeof(v) moved_ = (v); \
        (v) = (typeof(v)){ 0 }; \
        moved_;                 \
    })
