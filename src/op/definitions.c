#include "op/definitions.h"

#include "sys/file.h"

#include <stdlib.h>

static ar_err read_one(const ar_definition_type *type, const ar_place_file *file, const void *with,
                       ar_arena *arena, void *out_one)
{
    ar_str text;

    AR_TRY(ar_file_read(file->path, type->file_max, arena, &text));
    return type->read(file, text, with, arena, out_one);
}

ar_err ar_definitions_load(const ar_definition_type *type, const ar_place *place, const void *with,
                           ar_arena *arena, ar_definitions *out_all)
{
    ar_definitions to = { 0 };
    ar_definition_bad *bad;
    ar_place_file *files;
    size_t n;

    AR_TRY(ar_place_files(place, type->folder, arena, &files, &n));

    char *list = ar_arena_take_n(arena, n, type->size);

    to.bad = bad = ar_make_n(arena, ar_definition_bad, n);
    for (size_t i = 0; i < n; i++) {
        ar_err err = read_one(type, &files[i], with, arena, list + to.n * type->size);

        if (err.code == AR_OK)
            to.n++;
        else
            bad[to.n_bad++] =
                (ar_definition_bad){ files[i].name, ar_arena_copy(arena, ar_err_text(err)),
                                     files[i].shipped };
    }
    if (type->order != NULL && to.n > 1) qsort(list, to.n, type->size, type->order);
    to.list = list;
    *out_all = to;
    return ar_ok();
}

const ar_definition_bad *ar_definitions_bad(const ar_definitions *all, ar_str name)
{
    for (size_t i = 0; i < all->n_bad; i++)
        if (ar_str_eq(all->bad[i].name, name)) return &all->bad[i];
    return NULL;
}

ar_err ar_definitions_find(const ar_definition_type *type, const ar_definitions *all, ar_str name,
                           const void **out_one)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_str *names = ar_make_n(&scratch, ar_str, all->n), near;
    const ar_definition_bad *bad = ar_definitions_bad(all, name);

    if (bad != NULL) return ar_fail(AR_INVALID, "%.*s", AR_FMT(bad->error));
    for (size_t i = 0; i < all->n; i++) {
        const char *one = (const char *)all->list + i * type->size;

        memcpy(&names[i], one + type->name_at, sizeof names[i]);
        if (ar_str_eq(names[i], name)) return *out_one = one, ar_ok();
    }
    near = ar_str_nearest(name, names, all->n);
    if (near.len > 0)
        return ar_fail(AR_NOT_FOUND, "there is no %s '%.*s'; did you mean '%.*s'?", type->one,
                       AR_FMT(name), AR_FMT(near));
    return ar_fail(AR_NOT_FOUND, "there is no %s '%.*s'; `aright %s list` names those there are",
                   type->one, AR_FMT(name), type->one);
}
