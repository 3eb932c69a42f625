#include "op/op.h"

const ar_op *ar_tables_find(const ar_tables *tables, ar_str name)
{
    for (const ar_op *const *list = tables->ops; *list != NULL; list++)
        for (const ar_op *op = *list; op->name != NULL; op++)
            if (ar_str_eq(name, ar_str_of(op->name))) return op;
    return NULL;
}

const ar_op **ar_tables_all(const ar_tables *tables, ar_arena *arena, size_t *out_n)
{
    const ar_op **all = NULL;
    size_t n = 0, cap = 0;

    for (const ar_op *const *list = tables->ops; *list != NULL; list++)
        for (const ar_op *op = *list; op->name != NULL; op++) {
            ar_grow(arena, all, n, cap);
            all[n++] = op;
        }
    *out_n = n;
    return all;
}
