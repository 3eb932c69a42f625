#include "standard/current.h"

#include "sys/file.h"
#include "sys/ticks.h"

#include <stdlib.h>

struct ar_current {
    ar_arena arena;
    ar_str stamp; /* of the files that it was read from */
    ar_kinds kinds;
    ar_standards standards;
    ar_connectors connectors; /* none: not read yet */
    int64_t edition;
    int64_t looked_ms; /* when the files were last looked at */
};

static void free_current(void *self)
{
    ar_current *c = self;

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
    AR_TRY(add_stamps(place, "connectors", &arena, out));
    return add_stamps(place, "standards", &arena, out);
}

static ar_err load(const ar_place *place, ar_arena *arena, ar_current *c)
{
    AR_TRY(ar_kinds_load(place, arena, &c->kinds));
    return ar_standards_load(place, &c->kinds, arena, &c->standards);
}

static ar_err load_kept(const ar_place *place, ar_str stamp, ar_current **out)
{
    static int64_t editions;
    ar_current *c = calloc(1, sizeof *c);

    if (c == NULL) abort();
    c->edition = ++editions;
    c->stamp = ar_arena_copy(&c->arena, stamp);
    ar_err err = load(place, &c->arena, c);
    if (err.code == AR_OK)
        *out = c;
    else
        free_current(c);
    return err;
}

ar_err ar_current_open(ar_ctx *ctx, ar_current **out)
{
    ar_auto(ar_buf) stamp = { 0 };
    ar_current *c;

    if (ctx->keep == NULL)
        return load(ctx->place, ctx->arena, *out = ar_make(ctx->arena, ar_current));
    c = ctx->keep->kept[AR_KEPT_CURRENT];
    if (c != NULL && ar_ticks_ms() - c->looked_ms < AR_CURRENT_LOOK_MS) return *out = c, ar_ok();
    AR_TRY(read_stamp(ctx->place, &stamp));
    if (c == NULL || !ar_str_eq(c->stamp, ar_buf_str(&stamp))) {
        AR_TRY(load_kept(ctx->place, ar_buf_str(&stamp), &c));
        ar_keep_put(ctx->keep, AR_KEPT_CURRENT, c, free_current);
    }
    c->looked_ms = ar_ticks_ms();
    *out = c;
    return ar_ok();
}

int64_t ar_current_edition(const ar_current *current)
{
    return current->edition;
}

const ar_kinds *ar_current_kinds(const ar_current *current)
{
    return &current->kinds;
}

const ar_standards *ar_current_standards(const ar_current *current)
{
    return &current->standards;
}

/* Fewer operations need them: they are read by the first one that does. */
ar_err ar_current_connector(ar_ctx *ctx, ar_current *current, ar_str name,
                            const ar_connector **out_connector)
{
    ar_arena *arena = ctx->keep == NULL ? ctx->arena : &current->arena;

    if (current->connectors.n == 0)
        AR_TRY(ar_connectors_load(ctx->place, arena, &current->connectors));
    return ar_connectors_find(&current->connectors, name, out_connector);
}

ar_err ar_standards_current(ar_ctx *ctx, const ar_standards **out_standards)
{
    ar_current *current;

    AR_TRY(ar_current_open(ctx, &current));
    *out_standards = &current->standards;
    return ar_ok();
}
