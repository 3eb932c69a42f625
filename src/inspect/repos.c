#include "inspect/finder.h"
#include "inspect/host.h"
#include "inspect/inspect.h"
#include "inspect/repochild.h"
#include "inspect/words.h"
#include "sys/ticks.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    SOURCE_PATHS_MAX = 200,
    ALL_MS_MAX = 10 * 60 * 1000,
    OWNER_MS_MAX = 60 * 1000, /* for all that a stranger owns */
};

static bool is_trusted(const ar_found_repo *repo)
{
    return repo->uid == 0 || repo->uid == (int64_t)geteuid();
}

/* Of one id the first counts: what is root's or ours before what is a stranger's, a repository
 * before its second work trees. */
static int by_rank(const void *a, const void *b)
{
    const ar_found_repo *x = a, *y = b;

    if (is_trusted(x) != is_trusted(y)) return is_trusted(x) ? -1 : 1;
    if (x->linked != y->linked) return x->linked ? 1 : -1;
    return ar_str_cmp(x->path, y->path);
}

typedef struct round {
    const ar_repo_place *place;
    ar_report *report;
    ar_arena *arena;
    int out_fd;
    int64_t end_ms;
    ar_map spent; /* milliseconds by owner */
    ar_map ids;   /* which repository has the id */
    bool late;    /* some were not come to */
} round;

static void could_not(round *r, const ar_found_repo *repo, const char *why)
{
    ar_report_could_not(r->report, "repo.path",
                        ar_arena_printf(r->arena, "%.*s: %s", AR_FMT(repo->path), why));
}

/* A second clone adds nothing to the first: whoever can write somewhere can name any remote. */
static bool is_taken(round *r, const ar_found_repo *repo, ar_str id)
{
    bool is_new;
    ar_map_value *first = ar_map_put(&r->ids, r->arena, ar_arena_copy(r->arena, id), &is_new);
    const ar_found_repo *other = first->cptr;

    if (is_new) {
        first->cptr = repo;
        return false;
    }
    if (!repo->linked || repo->uid != other->uid)
        could_not(r, repo,
                  ar_arena_printf(r->arena, "it says it is %.*s, which %.*s is", AR_FMT(id),
                                  AR_FMT(other->path))
                      .ptr);
    return true;
}

/* One who owns many that never end does not keep us from the others'. */
static int64_t time_for(round *r, const ar_found_repo *repo, int64_t spent_ms)
{
    int64_t left = r->end_ms - ar_ticks_ms(), max = AR_REPO_MS_MAX;

    if (!is_trusted(repo) && OWNER_MS_MAX - spent_ms < max) max = OWNER_MS_MAX - spent_ms;
    return left < max ? left : max;
}

static void look_at(round *r, const ar_found_repo *repo)
{
    ar_auto(ar_arena) arena = { 0 }; /* each gives back what it took */
    ar_str owner = ar_arena_printf(r->arena, "%lld", (long long)repo->uid);
    bool is_new;
    ar_map_value *spent = ar_map_put(&r->spent, r->arena, owner, &is_new);
    int64_t begin = ar_ticks_ms(), ms_max = time_for(r, repo, spent->n);
    ar_repo_said said;

    if (ms_max <= 0) {
        r->late = true;
        could_not(r, repo, "no time is left for it");
        return;
    }

    ar_err err = ar_repo_child_look(repo, r->place, ms_max, r->out_fd, &arena, &said);

    spent->n += ar_ticks_ms() - begin;
    if (err.code != AR_OK)
        ar_report_could_not(r->report, "repo.path", ar_err_text(err));
    else if (said.id.len == 0 || !is_taken(r, repo, said.id))
        ar_repo_said_report(&said, r->report);
}

static void say_what_is_missing(const ar_finder *finder, ar_arena *arena, ar_report *report)
{
    if (finder->denied > 0)
        ar_report_could_not(
            report, "repo.path",
            ar_arena_printf(arena, "%zu folders: permission denied", finder->denied));
    for (size_t i = 0; i < finder->n_owners; i++) {
        const ar_finder_owner *owner = finder->owners[i];

        if (owner->cut)
            ar_report_could_not(
                report, "repo",
                ar_arena_printf(arena,
                                "uid %lld has more than %d folders or %d repositories there; those "
                                "beyond were not looked into",
                                (long long)owner->uid, (int)AR_FINDER_FOLDERS_MAX,
                                (int)AR_FINDER_REPOS_MAX));
    }
    if (finder->cut)
        ar_report_could_not(report, "repo",
                            ar_arena_printf(arena,
                                            "more than %d folders, or more than could be walked "
                                            "through in %d s; those beyond were not looked into",
                                            (int)AR_FINDER_ALL_MAX, AR_FINDER_MS_MAX / 1000));
}

static int downwards(const void *a, const void *b)
{
    return ar_str_cmp(*(const ar_str *)b, *(const ar_str *)a);
}

/* Each path once, what lies below another before it, so that it is looked into to its full depth.
 */
static ar_str *sort_paths(const ar_str *paths, size_t n, ar_arena *arena, size_t *out_n)
{
    ar_str *sorted = ar_make_n(arena, ar_str, n);
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        sorted[i] = ar_str_of(ar_path_absolute(arena, ar_arena_cstr(arena, paths[i])));
    if (n > 0) qsort(sorted, n, sizeof *sorted, downwards);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !ar_str_eq(sorted[i], sorted[kept - 1])) sorted[kept++] = sorted[i];
    *out_n = kept;
    return sorted;
}

/* What was looked at is part of the source: looking elsewhere tomorrow says nothing of these. */
static ar_str source_of(ar_str host, const ar_str *sorted, size_t n, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };

    for (size_t i = n; i-- > 0;) ar_buf_addf(&out, "%.*s%s", AR_FMT(sorted[i]), i > 0 ? "," : "");
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
    ar_str *sorted = sort_paths(paths, n_paths, &arena, &n_paths);

    AR_TRY(ar_look_open(options->root, options->now, &arena, &look));
    AR_TRY(ar_look_open(NULL, options->now, &arena, &files));
    for (size_t i = 0; i < n_paths; i++) AR_TRY(ar_finder_look(&finder, sorted[i].ptr));
    if (finder.n > 0) qsort(finder.repos, finder.n, sizeof *finder.repos, by_rank);

    ar_repo_place place = { .host = ar_host_name(&look, &arena),
                            .host_look = &look,
                            .files = &files };
    round r = { .place = &place,
                .report = &report,
                .arena = &arena,
                .out_fd = out_fd,
                .end_ms = ar_ticks_ms() + ALL_MS_MAX };

    ar_repo_init();
    for (size_t i = 0; i < finder.n; i++) look_at(&r, &finder.repos[i]);
    say_what_is_missing(&finder, &arena, &report);
    /* what lies beyond a limit was not looked at; it must not seem gone */
    bool partly = r.late || ar_finder_is_partial(&finder);
    for (size_t i = 0; i < AR_COUNT(kinds); i++)
        partly ? ar_report_seen_partly(&report, kinds[i]) : ar_report_seen(&report, kinds[i]);
    return ar_report_write(&report, "git", source_of(place.host, sorted, n_paths, &arena), out_fd);
}
