#include "inspect/finder.h"
#include "inspect/host.h"
#include "inspect/inspect.h"
#include "inspect/repo.h"
#include "inspect/words.h"

#include <stdlib.h>

enum { SOURCE_PATHS_MAX = 200 };

/* A repository before its second work trees: of one id the first row counts. */
static int by_path(const void *a, const void *b)
{
    const ar_found_repo *x = a, *y = b;

    if (x->linked != y->linked) return x->linked ? 1 : -1;
    return ar_str_cmp(x->path, y->path);
}

static void look_at_all(const ar_finder *finder, const ar_repo_place *place, ar_report *report)
{
    for (size_t i = 0; i < finder->n; i++) {
        ar_auto(ar_arena) arena = { 0 }; /* each gives back what it took */
        ar_err err = ar_repo_look(&finder->repos[i], place, &arena, report);

        if (err.code != AR_OK) ar_report_could_not(report, "repo.path", ar_err_text(err));
    }
}

static void say_what_is_missing(const ar_finder *finder, ar_arena *arena, ar_report *report)
{
    if (finder->denied > 0)
        ar_report_could_not(
            report, "repo.path",
            ar_arena_printf(arena, "%zu folders: permission denied", finder->denied));
    if (finder->cut)
        ar_report_could_not(report, "repo",
                            ar_arena_printf(arena, "more than %d repositories or %d folders",
                                            (int)AR_FINDER_REPOS_MAX, (int)AR_FINDER_FOLDERS_MAX));
}

/* What was looked at is part of the source: looking elsewhere tomorrow says nothing of these. */
static ar_str source_of(ar_str host, const ar_str *paths, size_t n, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };

    for (size_t i = 0; i < n; i++)
        ar_buf_addf(&out, "%s%s", i > 0 ? "," : "",
                    ar_path_absolute(arena, ar_arena_cstr(arena, paths[i])));
    ar_str where = ar_buf_str(&out);
    if (where.len > SOURCE_PATHS_MAX) where = ar_short_hash(arena, where);
    return ar_arena_printf(arena, "%.*s:%.*s", AR_FMT(host), AR_FMT(where));
}

ar_err ar_inspect_repos(const ar_inspect_options *options, const ar_str *paths, size_t n_paths,
                        int out_fd)
{
    static const char *const kinds[] = { "repo", "pipeline", "hook", "setting" };
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_look) look = { 0 }, files = { 0 };
    ar_auto(ar_report) report = { .now = options->now };
    ar_finder finder = { .arena = &arena };

    AR_TRY(ar_look_open(options->root, options->now, &arena, &look));
    AR_TRY(ar_look_open(NULL, options->now, &arena, &files));
    for (size_t i = 0; i < n_paths; i++)
        AR_TRY(ar_finder_look(&finder, ar_arena_cstr(&arena, paths[i])));
    if (finder.n > 0) qsort(finder.repos, finder.n, sizeof *finder.repos, by_path);
    ar_str host = ar_host_name(&look, &arena);
    ar_repo_place place = { .host = host, .host_look = &look, .files = &files };
    ar_repo_init();
    look_at_all(&finder, &place, &report);
    say_what_is_missing(&finder, &arena, &report);
    /* what lies beyond a limit was not looked at; it must not seem gone */
    for (size_t i = 0; i < AR_COUNT(kinds) && !finder.cut; i++) ar_report_seen(&report, kinds[i]);
    return ar_report_write(&report, "git", source_of(host, paths, n_paths, &arena), out_fd);
}
