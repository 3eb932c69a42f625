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

const char *ar_op_socket(const ar_op *op)
{
    static const char *const logs[AR_LOGS] = { "gate.sock", "facts.sock" };

    return op->runs_in == AR_IN_LOG ? logs[op->log] : "core.sock";
}

ar_err ar_op_permit(const ar_op *op, const ar_person *who)
{
    if (ar_person_may(who, ar_str_of(op->grant))) return ar_ok();
    return ar_fail(AR_DENIED, "%.*s may not %s: it takes the grant %s", AR_FMT(who->name), op->name,
                   op->grant);
}

void ar_keep_put(ar_keep *keep, enum ar_keepsake what, void *kept, void (*free_kept)(void *kept))
{
    if (keep->kept[what] != NULL) keep->free[what](keep->kept[what]);
    keep->kept[what] = kept;
    keep->free[what] = free_kept;
}

void ar_keep_done(ar_keep *keep)
{
    for (size_t i = 0; i < AR_KEPTS; i++) ar_keep_put(keep, (enum ar_keepsake)i, NULL, NULL);
}
