#include "inspect/debian.h"
#include "inspect/host.h"
#include "inspect/words.h"
#include "sys/proc.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define LISTS "/var/lib/apt/lists"

enum {
    STATUS_MAX = 64 << 20,
    STANZA_MAX = 1 << 20,
    PACKAGES_MAX = 100000,
};

typedef struct installed {
    ar_deb_package p;
    ar_str candidate, origin;
    bool held, pending;
} installed;

typedef struct packages {
    ar_host *host;
    installed *list;
    size_t n, cap;
    ar_map by_name;               /* "name:architecture" -> place in the list */
    bool all_seen, security_seen; /* of apt's lists */
} packages;

static ar_str key_of(ar_arena *arena, const ar_deb_package *p)
{
    return ar_arena_printf(arena, "%.*s:%.*s", AR_FMT(p->package), AR_FMT(p->architecture));
}

/* "install ok installed": what is wanted, errors, what it is (dpkg(1)). */
static ar_err load_installed(packages *ps)
{
    ar_arena *arena = ps->host->arena;
    ar_look_file file;
    ar_deb_package p;

    AR_TRY(ar_look_read(&ps->host->look, "/var/lib/dpkg/status", STATUS_MAX, arena, &file));
    while (ar_deb_next(&file.text, &p)) {
        ar_str status = p.status;
        ar_str wanted = ar_word(&status);
        bool is_new;

        (void)ar_word(&status);
        if (!ar_str_eq(ar_word(&status), AR_LIT("installed"))) continue;
        if (ps->n == PACKAGES_MAX)
            return ar_fail(AR_LIMIT, "/var/lib/dpkg/status: more than %d packages",
                           (int)PACKAGES_MAX);
        ar_map_value *at = ar_map_put(&ps->by_name, arena, key_of(arena, &p), &is_new);
        if (!is_new) continue;
        at->n = (int64_t)ps->n;
        ar_grow(arena, ps->list, ps->n, ps->cap);
        ps->list[ps->n++] = (installed){ .p = p, .held = ar_str_eq(wanted, AR_LIT("hold")) };
    }
    return ar_ok();
}

/* ---- what the archives offer ---- */

typedef struct archive {
    ar_str origin;
    bool security;
} archive;

static void offer(packages *ps, const archive *from, const ar_deb_package *p)
{
    char key[512];
    int len = snprintf(key, sizeof key, "%.*s:%.*s", AR_FMT(p->package), AR_FMT(p->architecture));
    const ar_map_value *at =
        len < (int)sizeof key ? ar_map_get(&ps->by_name, (ar_str){ key, (size_t)len }) : NULL;

    if (at == NULL) return;
    installed *i = &ps->list[at->n];
    int newer = ar_deb_compare(p->version, i->p.version);

    if (newer == 0 && i->origin.len == 0) i->origin = from->origin;
    if (newer > 0 && from->security) i->pending = true;
    if (i->candidate.len == 0 || ar_deb_compare(p->version, i->candidate) > 0)
        i->candidate = ar_arena_copy(ps->host->arena, p->version);
}

/* The length of the stanzas that are whole. */
static size_t whole_stanzas(ar_str text)
{
    size_t end = text.len;

    while (end > 1 && !(text.ptr[end - 1] == '\n' && text.ptr[end - 2] == '\n')) end--;
    return end > 1 ? end : 0;
}

static void offer_all(packages *ps, const archive *from, ar_str text)
{
    ar_deb_package p;

    while (ar_deb_next(&text, &p)) offer(ps, from, &p);
}

/* Reads a list of tens of megabytes through a window. */
static ar_err read_list(packages *ps, const archive *from, int fd, const char *path)
{
    ar_auto(ar_buf) window = { 0 };

    for (;;) {
        ssize_t n = read(fd, ar_buf_room(&window, 1 << 16), 1 << 16);

        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return ar_fail_errno("%s", path);
        if (n == 0) break;
        window.len += (size_t)n;
        size_t whole = whole_stanzas(ar_buf_str(&window));
        offer_all(ps, from, ar_str_cut(ar_buf_str(&window), 0, whole));
        memmove(window.ptr, window.ptr + whole, window.len - whole);
        window.len -= whole;
        if (window.len > STANZA_MAX)
            return ar_fail(AR_LIMIT, "%s: a paragraph longer than %d bytes", path, (int)STANZA_MAX);
    }
    offer_all(ps, from, ar_buf_str(&window));
    return ar_ok();
}

/* apt keeps its lists compressed where it is told to; its own helper knows all the ways. */
static ar_err read_compressed(packages *ps, const archive *from, const char *path)
{
    const char *const argv[] = { "/usr/lib/apt/apt-helper", "cat-file", path, NULL };
    ar_spawn spawn = { .argv = argv, .cpu_seconds = 60 };
    ar_auto(ar_child) child = { 0 };

    if (!ps->host->look.live) return ar_fail(AR_UNAVAILABLE, "%s: compressed", path);
    AR_TRY(ar_child_start(&spawn, &child));
    AR_TRY(read_list(ps, from, ar_fd_n(child.out), path));
    return ar_child_wait(&child, "apt-helper");
}

static ar_err read_packages(packages *ps, const archive *from, ar_str name)
{
    const char *path = ar_path_join(ps->host->arena, LISTS, name.ptr);
    ar_auto(ar_fd) fd = { 0 };

    if (!ar_str_ends(name, AR_LIT("_Packages"))) return read_compressed(ps, from, path);
    AR_TRY(ar_look_fd(&ps->host->look, path, &fd));
    return read_list(ps, from, ar_fd_n(fd), path);
}

/* The archive's own words, from the Release file that signs for this list. */
static archive archive_of(packages *ps, ar_str list, const ar_str *names, size_t n)
{
    static const ar_str ends[] = { AR_LIT("_InRelease"), AR_LIT("_Release") };
    ar_arena *arena = ps->host->arena;
    archive a = { 0 };

    for (size_t i = 0; i < 2 * n; i++) {
        ar_str name = names[i / 2], end = ends[i % 2];
        ar_look_file file;

        if (!ar_str_ends(name, end)) continue;
        if (!ar_str_starts(list, ar_str_cut(name, 0, name.len - end.len + 1))) continue;
        if (ar_look_read_own(&ps->host->look, LISTS, name.ptr, 4096, true, arena, &file).code !=
            AR_OK)
            continue;
        ar_str text = file.text, line;
        while (ar_str_starts(text, AR_LIT("-----BEGIN")) && ar_line(&text, &line))
            while (ar_line(&text, &line) && ar_str_trim(line).len > 0) {
            } /* its Hash: lines */
        a.origin = ar_deb_field(text, AR_LIT("Origin"));
        a.security = ar_str_contains(ar_deb_field(text, AR_LIT("Label")), AR_LIT("Security")) ||
                     ar_str_ends(ar_deb_field(text, AR_LIT("Suite")), AR_LIT("-security")) ||
                     ar_str_ends(ar_deb_field(text, AR_LIT("Codename")), AR_LIT("-security"));
        return a;
    }
    return a;
}

static void load_offers(packages *ps)
{
    ar_host *host = ps->host;
    bool security_failed = false;
    size_t seen = 0, failed = 0, n;
    ar_str *names;

    if (ar_look_list(&host->look, LISTS, false, host->arena, &names, &n).code != AR_OK) return;
    for (size_t i = 0; i < n; i++) {
        ar_str stem = names[i];
        size_t at = stem.len;

        while (at > 0 && stem.ptr[at - 1] != '_') at--;
        if (!ar_str_starts(ar_str_cut(stem, at, stem.len), AR_LIT("Packages"))) continue;
        archive from = archive_of(ps, names[i], names, n);
        ar_err err = read_packages(ps, &from, names[i]);

        seen++;
        ps->security_seen |= from.security && err.code == AR_OK;
        if (err.code == AR_OK) continue;
        failed++;
        security_failed |= from.security;
        ar_report_could_not(host->report, "package.candidate_version", ar_err_text(err));
    }
    ps->security_seen = ps->security_seen && !security_failed;
    ps->all_seen = seen > 0 && failed == 0;
}

ar_err ar_host_packages(ar_host *host)
{
    packages ps = { .host = host };

    AR_TRY(load_installed(&ps));
    load_offers(&ps);
    for (size_t i = 0; i < ps.n; i++) {
        const installed *p = &ps.list[i];
        ar_str key = key_of(host->arena, &p->p);

        AR_ROW(host->report, "package", ar_host_id(host, "%.*s", AR_FMT(key)),
               { "name", ar_text(p->p.package) }, { "device_id", ar_text(host->id) },
               { "version", ar_text(p->p.version) },
               { "architecture", ar_text_or_null(p->p.architecture) },
               { "source_package", ar_text(p->p.source) }, { "held", ar_bool(p->held) },
               { "origin", ar_text_or_null(p->origin) },
               { "candidate_version", ps.all_seen ? ar_text_or_null(p->candidate) : ar_null() },
               { "security_update_pending", ps.security_seen ? ar_bool(p->pending) : ar_null() });
    }
    ar_report_seen(host->report, "package");
    return ar_ok();
}
