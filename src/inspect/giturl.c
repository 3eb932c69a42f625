#include "inspect/giturl.h"

#include "inspect/words.h"

static size_t scheme_len(ar_str url)
{
    for (size_t i = 0; i + 3 <= url.len; i++)
        if (memcmp(url.ptr + i, "://", 3) == 0) return i;
    return 0;
}

static ar_str plain_path(ar_str path)
{
    while (path.len > 0 && path.ptr[0] == '/') path = ar_str_cut(path, 1, path.len);
    while (path.len > 0 && path.ptr[path.len - 1] == '/') path.len--;
    if (ar_str_ends(path, AR_LIT(".git"))) path.len -= 4;
    while (path.len > 0 && path.ptr[path.len - 1] == '/') path.len--;
    return path;
}

/* Behind the last '@' of the part before the path: a password may hold one. */
static ar_str after_user(ar_str authority)
{
    size_t from = authority.len;

    while (from > 0 && authority.ptr[from - 1] != '@') from--;
    return ar_str_cut(authority, from, authority.len);
}

static ar_str without_port(ar_str host)
{
    if (host.len > 0 && host.ptr[0] == '[') return ar_before(ar_str_cut(host, 1, host.len), ']');
    return ar_before(host, ':');
}

/* A query or fragment may hold a token. */
static ar_str without_query(ar_str path)
{
    return ar_before(ar_before(path, '?'), '#');
}

/* user@host:path, with a colon before any slash */
static bool is_scp_form(ar_str url)
{
    size_t colon = ar_str_find(url, ':');

    return colon > 0 && colon < url.len && colon < ar_str_find(url, '/');
}

ar_git_url ar_git_url_cut(ar_str url, ar_arena *arena)
{
    size_t scheme = scheme_len(url);
    ar_git_url cut = { 0 };

    if (scheme > 0) {
        ar_str rest = ar_str_cut(url, scheme + 3, url.len), name = ar_str_cut(url, 0, scheme);
        ar_str authority = ar_before(rest, '/');

        if (!ar_str_eq(name, AR_LIT("file")))
            cut.host = ar_arena_lower(arena, without_port(after_user(authority)));
        cut.path = plain_path(without_query(ar_str_cut(rest, authority.len, rest.len)));
        cut.ssh = ar_str_eq(name, AR_LIT("ssh")) || ar_str_eq(name, AR_LIT("git+ssh")) ||
                  ar_str_eq(name, AR_LIT("ssh+git"));
    } else if (is_scp_form(url)) {
        ar_str authority = ar_before(url, ':');

        cut.host = ar_arena_lower(arena, after_user(authority));
        cut.path = plain_path(ar_str_cut(url, authority.len + 1, url.len));
        cut.ssh = true;
    } else {
        cut.path = plain_path(url);
    }
    return cut;
}

ar_str ar_git_url_clean(ar_str url, ar_arena *arena)
{
    size_t scheme = scheme_len(url);

    if (scheme == 0 && !is_scp_form(url)) return ar_arena_copy(arena, url);
    if (scheme == 0) {
        ar_str authority = ar_before(url, ':');

        return ar_arena_printf(arena, "%.*s%.*s", AR_FMT(after_user(authority)),
                               AR_FMT(ar_str_cut(url, authority.len, url.len)));
    }
    ar_str rest = ar_str_cut(url, scheme + 3, url.len), authority = ar_before(rest, '/');
    ar_str path = ar_str_cut(rest, authority.len, rest.len);

    return ar_arena_printf(arena, "%.*s://%.*s%.*s", (int)scheme, url.ptr,
                           AR_FMT(after_user(authority)), AR_FMT(without_query(path)));
}
