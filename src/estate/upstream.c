#include "estate/upstream.h"

#include "form/yaml.h"
#include "sys/file.h"

enum {
    SOURCE_FILE_MAX = 64 * 1024,
    MIB_MAX = 100 * 1024,
};

/* ---- reading ---- */

static ar_err read_connectors(const ar_node *root, ar_arena *arena, ar_upstream *s)
{
    const ar_node *list = NULL;

    AR_TRY(ar_node_list(s->file, root, "connectors", true, &list));
    if (list->n == 0 || list->n > AR_UPSTREAM_CONNECTORS_MAX)
        return ar_node_fail(s->file, list, "a source has 1 to %d connectors",
                            AR_UPSTREAM_CONNECTORS_MAX);

    ar_str *names = ar_make_n(arena, ar_str, list->n);

    for (size_t i = 0; i < list->n; i++) {
        names[i] = list->items[i]->text;
        if (list->items[i]->kind != AR_NODE_TEXT)
            return ar_node_fail(s->file, list->items[i], "%s is not a connector's name",
                                ar_node_kind_name(list->items[i]->kind));
        for (size_t j = 0; j < i; j++)
            if (ar_str_eq(names[i], names[j]))
                return ar_node_fail(s->file, list->items[i], "'%.*s' stands there twice",
                                    AR_FMT(names[i]));
    }
    s->connectors = names;
    s->n_connectors = list->n;
    return ar_ok();
}

static ar_err read_limits(const ar_node *root, ar_upstream *s)
{
    AR_TRY(ar_node_int(s->file, root, "pages_max", false, &s->pages_max));
    AR_TRY(ar_node_int(s->file, root, "mib_max", false, &s->mib_max));
    if (s->pages_max < 1 || s->pages_max > AR_ERRAND_PAGES_MAX)
        return ar_node_fail(s->file, ar_node_get(root, AR_LIT("pages_max")),
                            "'pages_max' is a number from 1 to %d", AR_ERRAND_PAGES_MAX);
    if (s->mib_max < 1 || s->mib_max > MIB_MAX)
        return ar_node_fail(s->file, ar_node_get(root, AR_LIT("mib_max")),
                            "'mib_max' is a number from 1 to %d", MIB_MAX);
    return ar_ok();
}

ar_err ar_upstream_parse(ar_str file, ar_str text, ar_arena *arena, ar_upstream *out_source)
{
    static const ar_str keys[] = { AR_LIT("source"), AR_LIT("connectors"), AR_LIT("pages_max"),
                                   AR_LIT("mib_max"), AR_REACH_KEYS };
    ar_upstream s = {
        .file = file,
        .reach = { .file = file, .minutes_max = 360, .request_seconds = 120, .attempts = 8 },
        .pages_max = 10000,
        .mib_max = 4096,
    };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_only(file, root, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, root, "source", true, &s.name));
    if (!ar_reach_is_name(s.name))
        return ar_node_fail(file, ar_node_get(root, AR_LIT("source")),
                            "'%.*s' is not a source's name (want small letters, digits, '-', '_' "
                            "and '.')",
                            AR_FMT(s.name));
    AR_TRY(read_connectors(root, arena, &s));
    AR_TRY(ar_reach_read(root, arena, &s.reach));
    AR_TRY(read_limits(root, &s));
    *out_source = s;
    return ar_ok();
}

ar_err ar_upstreams_load(const ar_place *place, ar_arena *arena, ar_upstreams *out_sources)
{
    ar_place_file *files;
    size_t n;

    AR_TRY(ar_place_files(place, "sources", arena, &files, &n));

    ar_upstream *list = ar_make_n(arena, ar_upstream, n);

    for (size_t i = 0; i < n; i++) {
        ar_str text;

        AR_TRY(ar_file_read(files[i].path, SOURCE_FILE_MAX, arena, &text));
        AR_TRY(ar_upstream_parse(ar_str_of(files[i].path), text, arena, &list[i]));
        if (!ar_str_eq(list[i].name, files[i].name))
            return ar_fail(AR_INVALID, "%s: the file of source '%.*s' must be named %.*s.yaml",
                           files[i].path, AR_FMT(list[i].name), AR_FMT(list[i].name));
    }
    *out_sources = (ar_upstreams){ .list = list, .n = n };
    return ar_ok();
}

ar_err ar_upstreams_find(const ar_upstreams *sources, ar_str name, const ar_upstream **out_source)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_str *names = ar_make_n(&scratch, ar_str, sources->n + 1);

    for (size_t i = 0; i < sources->n; i++) {
        names[i] = sources->list[i].name;
        if (!ar_str_eq(names[i], name)) continue;
        *out_source = &sources->list[i];
        return ar_ok();
    }

    ar_str near = ar_str_nearest(name, names, sources->n);

    if (near.len > 0)
        return ar_fail(AR_NOT_FOUND, "no source is named '%.*s'; '%.*s' is", AR_FMT(name),
                       AR_FMT(near));
    return ar_fail(AR_NOT_FOUND,
                   "no source is named '%.*s' (want a file sources/%.*s.yaml in the home)",
                   AR_FMT(name), AR_FMT(name));
}

/* ---- what is asked for ---- */

ar_err ar_upstream_errand(const ar_upstream *source, const ar_connector *connector, ar_time now,
                          bool *used, ar_arena *arena, ar_errand *out_errand)
{
    if (connector->fetch == NULL)
        return ar_fail(
            AR_INVALID,
            "%.*s: connector %.*s does not say how it is fetched (want 'fetch:' in %.*s)",
            AR_FMT(source->file), AR_FMT(connector->name), AR_FMT(connector->file));

    ar_errand e = *connector->fetch;
    ar_str what = ar_arena_printf(arena, "connector %.*s", AR_FMT(connector->name));

    AR_TRY(ar_reach_errand(&source->reach, what, now, used, arena, &e));
    e.pages_max = source->pages_max;
    e.bytes_max = source->mib_max << 20;
    *out_errand = e;
    return ar_ok();
}

/* Two of one kind would take each other's assets away. */
static ar_err check_kinds(const ar_upstream *s, const ar_connector *const *connectors, size_t n)
{
    for (size_t j = 0; j < n; j++)
        if (connectors[j]->snapshot && connectors[n]->snapshot &&
            ar_str_eq(connectors[j]->kind, connectors[n]->kind))
            return ar_fail(AR_INVALID,
                           "%.*s: connectors %.*s and %.*s both show all of kind %.*s; what one "
                           "does not show would be gone (want a source for each)",
                           AR_FMT(s->file), AR_FMT(connectors[j]->name),
                           AR_FMT(connectors[n]->name), AR_FMT(connectors[n]->kind));
    return ar_ok();
}

ar_err ar_upstream_check(const ar_upstream *source, const ar_connectors *connectors, ar_time now,
                         ar_arena *arena)
{
    const ar_connector **mine = ar_make_n(arena, const ar_connector *, source->n_connectors);
    bool *used = ar_make_n(arena, bool, source->reach.n_settings + 1);
    ar_auto(ar_secret) secret = { 0 };
    ar_errand errand;

    for (size_t i = 0; i < source->n_connectors; i++) {
        AR_TRY_WITH(ar_connectors_find(connectors, source->connectors[i], &mine[i]), "%.*s",
                    AR_FMT(source->file));
        AR_TRY(ar_upstream_errand(source, mine[i], now, used, arena, &errand));
        AR_TRY(check_kinds(source, mine, i));
    }
    AR_TRY(ar_reach_all_used(&source->reach, used, "no connector"));
    return ar_reach_secret(&source->reach, arena, &secret);
}
