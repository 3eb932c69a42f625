#include "base/arena.h"
#include "base/sanitize.h"

#include <stdlib.h>

/* With a sanitizer each take is an allocation of its own, so that every overrun is seen. */
enum { BLOCK = AR_SANITIZED ? 0 : 16 * 1024 };

struct ar_block {
    struct ar_block *next;
    size_t used, size;
    max_align_t bytes[];
};

static struct ar_block *new_block(size_t size)
{
    size_t whole;
    struct ar_block *block = NULL;

    if (!__builtin_add_overflow(size, sizeof *block, &whole)) block = calloc(1, whole);
    if (block == NULL) abort();
    block->size = size;
    return block;
}

void *ar_arena_take(ar_arena *arena, size_t size)
{
    size_t step = sizeof(max_align_t), rounded;
    struct ar_block *head = arena->head;

    if (BLOCK == 0 || __builtin_add_overflow(size, step - 1, &rounded))
        rounded = size;
    else
        rounded -= rounded % step;

    if (BLOCK == 0 || head == NULL || rounded > head->size - head->used) {
        struct ar_block *block = new_block(rounded > (size_t)BLOCK / 4 ? rounded : (size_t)BLOCK);

        /* a large piece gets a block of its own behind the head, which keeps its room */
        if (head != NULL && block->size != (size_t)BLOCK) {
            block->next = head->next;
            head->next = block;
        } else {
            block->next = head;
            arena->head = block;
        }
        head = block;
    }
    void *taken = (char *)head->bytes + head->used;

    head->used += rounded;
    return taken;
}

void *ar_arena_take_n(ar_arena *arena, size_t n, size_t size)
{
    size_t whole;

    if (__builtin_mul_overflow(n, size, &whole)) abort();
    return ar_arena_take(arena, whole);
}

ar_str ar_arena_copy(ar_arena *arena, ar_str text)
{
    char *copy = ar_arena_take(arena, text.len + 1);

    if (text.len > 0) memcpy(copy, text.ptr, text.len);
    return (ar_str){ .ptr = copy, .len = text.len };
}

const char *ar_arena_cstr(ar_arena *arena, ar_str text)
{
    return ar_arena_copy(arena, text).ptr;
}

ar_str ar_arena_lower(ar_arena *arena, ar_str text)
{
    char *copy = ar_arena_take(arena, text.len + 1);

    for (size_t i = 0; i < text.len; i++) copy[i] = ar_lower(text.ptr[i]);
    return (ar_str){ .ptr = copy, .len = text.len };
}

ar_str ar_arena_printf(ar_arena *arena, const char *fmt, ...)
{
    ar_auto(ar_buf) text = { 0 };
    va_list ap;

    va_start(ap, fmt);
    ar_buf_vaddf(&text, fmt, ap);
    va_end(ap);
    return ar_arena_copy(arena, ar_buf_str(&text));
}

void ar_arena_done(ar_arena *arena)
{
    while (arena->head != NULL) {
        struct ar_block *next = arena->head->next;

        free(arena->head);
        arena->head = next;
    }
}
