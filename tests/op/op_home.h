/* op_home: a home in a temporary folder, a core on it, and what an operation answered. */
#pragma once

#include "op/core.h"
#include "t.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const ar_time home_now = INT64_C(1795262400) * AR_SECOND; /* 2026-11-21T12:00:00Z */

typedef struct home {
    char root[64];
    ar_arena arena;
    ar_place place;
    ar_core *core;
    const ar_tables *tables;
} home;

[[maybe_unused]] static void home_init(home *h, const ar_tables *tables)
{
    *h = (home){ .tables = tables };
    (void)snprintf(h->root, sizeof h->root, "/tmp/aright-op-XXXXXX");
    T_TRUE(mkdtemp(h->root) != NULL);
    h->place = (ar_place){ .home = h->root, .data = getenv("ARIGHT_SOURCE") };
    h->place.program = getenv("ARIGHT_PROGRAM");
    ar_config_default(&h->place.config);
}

[[maybe_unused]] static ar_err home_open(home *h)
{
    ar_auto(ar_fd) lock = { 0 };

    AR_TRY(ar_home_make(&h->place));
    AR_TRY(ar_home_lock(&h->place, &lock));
    return ar_core_open(&h->place, h->tables, NULL, &lock, home_now, &h->core);
}

[[maybe_unused]] static void home_done(home *h)
{
    ar_core_free(&h->core);
    T_OK(ar_dir_remove(h->root));
    ar_arena_done(&h->arena);
}

[[maybe_unused]] static const char *home_path(home *h, const char *name)
{
    return ar_path_join(&h->arena, h->root, name);
}

[[maybe_unused]] static void home_write(home *h, const char *name, const char *text)
{
    T_OK(ar_file_write(home_path(h, name), ar_str_of(text), 0600));
}

[[maybe_unused]] static ar_str home_read(home *h, const char *name)
{
    ar_str text = { 0 };

    T_OK(ar_file_read(home_path(h, name), 1 << 20, &h->arena, &text));
    return text;
}

[[maybe_unused]] static size_t count_of(ar_str text, const char *part)
{
    size_t n = 0, len = strlen(part);

    for (size_t i = 0; i + len <= text.len; i++) n += memcmp(text.ptr + i, part, len) == 0;
    return n;
}

/* ---- a sink that keeps all as text ---- */

typedef struct kept {
    ar_buf text;
    bool gone; /* rows are refused */
    bool left; /* nobody waits for the end */
    size_t notes;
} kept;

[[maybe_unused]] static ar_err kept_columns(void *self, const ar_column *columns, size_t n)
{
    kept *k = self;

    for (size_t i = 0; i < n; i++) ar_buf_addf(&k->text, "%s%s", i > 0 ? "|" : "", columns[i].name);
    ar_buf_addc(&k->text, '\n');
    return ar_ok();
}

[[maybe_unused]] static ar_err kept_row(void *self, const ar_value *values, size_t n)
{
    kept *k = self;

    if (k->gone) return ar_fail(AR_IO, "nobody reads");
    for (size_t i = 0; i < n; i++) {
        if (i > 0) ar_buf_addc(&k->text, '|');
        ar_value_print(&k->text, values[i]);
    }
    ar_buf_addc(&k->text, '\n');
    return ar_ok();
}

[[maybe_unused]] static void kept_note(void *self, ar_str text)
{
    ((kept *)self)->notes += text.len > 0;
}

[[maybe_unused]] static void kept_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    (void)self, (void)what, (void)done, (void)total;
}

[[maybe_unused]] static bool kept_waiting(void *self)
{
    return !((kept *)self)->left;
}

[[maybe_unused]] static ar_sink kept_sink(kept *k)
{
    return (ar_sink){ kept_columns, kept_row, kept_note, kept_progress, NULL, kept_waiting, k };
}

[[maybe_unused]] static void kept_done(kept *k)
{
    ar_buf_done(&k->text);
}
