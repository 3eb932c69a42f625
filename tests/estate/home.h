/* home: an estate in memory over kinds of its own, and payloads put into it, for tests. */
#pragma once

#include "estate/estate.h"
#include "estate/import.h"
#include "estate/intake.h"
#include "sys/file.h"
#include "t.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct home {
    ar_arena arena;
    ar_place place;
    ar_ctx ctx;
    ar_kinds kinds;
} home;

static const char *const small_kinds[] = {
    "asset",
    "kind: asset\ntitle: Asset\nmeaning: All.\nview: true\ncolumns:\n"
    "  kind: {type: text, meaning: Its kind.}\n"
    "  owner_team: {type: text, meaning: Its owner's team.}\n",
    "domain",
    "kind: domain\ntitle: Domain\nmeaning: A part.\nview: true\ncolumns:\n"
    "  deputy_ciso: {type: text, meaning: Who is accountable.}\n"
    "  deputy_active: {type: bool, meaning: Whether that person is here.}\n",
    "person",
    "kind: person\ntitle: Person\nmeaning: Someone.\ncolumns:\n"
    "  active: {type: bool, meaning: Whether here., personal: true}\n",
    "app",
    "kind: app\ntitle: App\nmeaning: A program.\ninfrastructure: false\ncolumns:\n"
    "  users: {type: int, meaning: How many use it.}\n"
    "  share: {type: double, meaning: A share.}\n"
    "  multi: {type: bool, meaning: Whether it is open.}\n"
    "  used_at: {type: time, meaning: When it was last used.}\n",
};

static void put_file(home *h, const char *folder, const char *name, const char *text)
{
    const char *dir = ar_path_join(&h->arena, h->place.home, folder);

    T_OK(ar_dir_make(dir, 0700));
    T_OK(ar_file_write(ar_path_join(&h->arena, dir, name), ar_str_of(text), 0600));
}

static void reopen(home *h)
{
    T_OK(ar_estate_open(&h->ctx, &h->kinds));
}

/* path NULL: in memory. */
static void home_open(home *h, const char *path)
{
    static const ar_migration *const lists[] = { ar_estate_migrations, NULL };
    static const ar_person all = { .name = AR_LIT("person:test"), .uid = -1 };
    char dir[] = "/tmp/aright-estate-XXXXXX";

    *h = (home){ 0 };
    if (mkdtemp(dir) == NULL) abort();
    h->place.home = ar_arena_cstr(&h->arena, ar_str_of(dir));
    h->place.data = "/nonexistent";
    for (size_t i = 0; i < AR_COUNT(small_kinds); i += 2)
        put_file(h, "kinds", ar_arena_printf(&h->arena, "%s.yaml", small_kinds[i]).ptr,
                 small_kinds[i + 1]);
    T_OK(ar_engine_open(&(ar_engine_options){ .path = path, .threads = 4 }, &h->ctx.engine));
    h->ctx.now = h->ctx.asof = 1000 * AR_DAY;
    h->ctx.place = &h->place;
    h->ctx.arena = &h->arena;
    h->ctx.who = &all;
    ar_err err = ar_migrate(h->ctx.engine, lists, h->ctx.now, NULL, NULL, NULL);
    T_OK(err);
    if (err.code != AR_OK) exit(1); /* nothing else can be tested */
    reopen(h);
}

static void home_done(home *h)
{
    ar_engine_free(&h->ctx.engine);
    T_OK(ar_dir_remove(h->place.home));
    ar_arena_done(&h->arena);
}

/* A descriptor whose file holds `text`. */
static ar_fd payload_of(ar_str text)
{
    int fd = memfd_create("payload", MFD_CLOEXEC);

    if (fd < 0) abort();
    T_OK(ar_fd_write_all(fd, text));
    if (lseek(fd, 0, SEEK_SET) != 0) abort();
    return ar_fd_of(fd);
}

[[maybe_unused]] static ar_err import_with(home *h, const ar_connector *connector, const char *kind,
                                           const char *source, bool delta, bool dry, ar_str text,
                                           ar_import_result *out)
{
    ar_auto(ar_fd) fd = payload_of(text);
    ar_import_spec spec = { .source = ar_str_of(source),
                            .role = connector->role,
                            .connector = connector->name,
                            .latest = connector->latest,
                            .delta = delta,
                            .dry_run = dry };
    ar_own(ar_intake) intake = NULL;
    ar_plan plan;

    AR_TRY(ar_kinds_find(&h->kinds, ar_str_of(kind), &spec.kind));
    ar_plan_make(connector, spec.kind, AR_LIT("payload"), &h->arena, &plan);
    AR_TRY(ar_intake_open(&plan, ar_fd_n(fd), &intake));
    return ar_import(&h->ctx, &h->kinds, &spec, ar_intake_feed(intake), out);
}

/* As the core runs a change: all of it or nothing. */
[[maybe_unused]] static ar_err import_text(home *h, const char *source, bool delta,
                                           const char *text, ar_import_result *out)
{
    ar_connector generic = { .name = AR_LIT("generic") };

    T_OK(ar_engine_begin(h->ctx.engine));
    ar_err err = import_with(h, &generic, "app", source, delta, false, ar_str_of(text), out);
    if (err.code != AR_OK) {
        ar_engine_rollback(h->ctx.engine);
        return err;
    }
    return ar_engine_commit(h->ctx.engine);
}

/* All rows of a query as one text: "a|b;c|d;". */
[[maybe_unused]] static ar_str text_of(home *h, const char *sql)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) text = { 0 };

    T_OK(ar_engine_query(h->ctx.engine, ar_str_of(sql), NULL, 0, &rows));
    while (rows != NULL && ar_rows_next(rows)) {
        for (size_t i = 0; i < ar_rows_width(rows); i++) {
            if (i > 0) ar_buf_addc(&text, '|');
            ar_value_print(&text, ar_rows_get(rows, i));
        }
        ar_buf_addc(&text, ';');
    }
    return ar_arena_copy(&h->arena, ar_buf_str(&text));
}
