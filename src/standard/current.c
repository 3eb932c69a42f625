#include "standard/current.h"

#include "op/core.h"
#include "sys/file.h"

#include <stdlib.h>

typedef struct current {
    ar_arena arena;
    ar_str stamp; /* of the files that it was read from */
    ar_kinds kinds;
    ar_standards standards;
} current;

static void free_current(void *self)
{
    current *c = self;

    ar_arena_done(&c->arena);
    free(c);
}

static ar_err add_stamps(const ar_place *place, const char *folder, ar_arena *arena, ar_buf *out)
{
    ar_place_file *files;
    size_t n;

    AR_TRY(ar_place_files(place, folder, arena, &files, &n));
    for (size_t i = 0; i < n; i++) {
        ar_file_stamp stamp;

        AR_TRY(ar_file_stamp_read(files[i].path, &stamp));
        ar_buf_addf(out, "%s %llu %lld %lld %lld\n", files[i].path, (unsigned long long)stamp.inode,
                    (long long)stamp.size, (long long)stamp.written_ns,
                    (long long)stamp.changed_ns);
    }
    return ar_ok();
}

static ar_err read_stamp(const ar_place *place, ar_buf *out)
{
    ar_auto(ar_arena) arena = { 0 };

    AR_TRY(add_stamps(place, "kinds", &arena, out));
    return add_stamps(place, "standards", &arena, out);
}

static ar_err load(const ar_place *place, ar_arena *arena, current *c)
{
    AR_TRY(ar_kinds_load(place, arena, &c->kinds));
    return ar_standards_load(place, &c->kinds, arena, &c->standards);
}

static ar_err load_kept(const ar_place *place, ar_str stamp, current **out)
{
    current *c = calloc(1, sizeof *c);

    if (c == NULL) abort();
    c->stamp = ar_arena_copy(&c->arena, stamp);
    ar_err err = load(place, &c->arena, c);
    if (err.code == AR_OK)
        *out = c;
    else
        free_current(c);
    return err;
}

ar_err ar_standards_current(ar_ctx *ctx, const ar_standards **out_standards)
{
    ar_auto(ar_buf) stamp = { 0 };
    current *c;

    if (ctx->core == NULL) {
        c = ar_make(ctx->arena, current);
        *out_standards = &c->standards;
        return load(ctx->place, ctx->arena, c);
    }
    AR_TRY(read_stamp(ctx->place, &stamp));
    c = ctx->core->kept;
    if (c == NULL || !ar_str_eq(c->stamp, ar_buf_str(&stamp))) {
        AR_TRY(load_kept(ctx->place, ar_buf_str(&stamp), &c));
        ar_core_keep(ctx->core, c, free_current);
    }
    *out_standards = &c->standards;
    return ar_ok();
}
