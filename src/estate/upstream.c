#include "estate/upstream.h"

#include "form/yaml.h"
#include "sys/file.h"

#include <stdlib.h>

enum {
    SOURCE_FILE_MAX = 64 * 1024,
    NAME_MAX_BYTES = 100,
    CA_BYTES_MAX = 1 << 20,
};

/* ---- reading ---- */

/* It names a folder too. */
static bool is_name(ar_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (!plain && (i == 0 || (c != '-' && c != '_' && c != '.'))) return false;
    }
    return name.len > 0 && name.len <= NAME_MAX_BYTES;
}

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

static ar_err read_settings(const ar_node *root, ar_arena *arena, ar_upstream *s)
{
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(s->file, root, "with", false, &map));
    if (map == NULL) return ar_ok();

    ar_setting *settings = ar_make_n(arena, ar_setting, map->n);

    for (size_t i = 0; i < map->n; i++) {
        const ar_node *value = map->pairs[i].value;

        if (value->kind == AR_NODE_LIST || value->kind == AR_NODE_MAP || value->text.len == 0)
            return ar_node_fail(s->file, value, "'%.*s' is %s (want a text)",
                                AR_FMT(map->pairs[i].key), ar_node_kind_name(value->kind));
        settings[i] = (ar_setting){ .name = map->pairs[i].key, .value = value->text };
    }
    s->settings = settings;
    s->n_settings = map->n;
    return ar_ok();
}

static ar_err read_path(const ar_node *map, const char *key, ar_upstream *s, ar_str *out)
{
    AR_TRY(ar_node_text(s->file, map, key, false, out));
    if (out->len == 0 || out->ptr[0] == '/') return ar_ok();
    return ar_node_fail(s->file, ar_node_get(map, ar_str_of(key)),
                        "'%.*s' is no absolute path (want one that begins with /)", AR_FMT(*out));
}

/* What systemd hands to a unit lies in a folder that it names (LoadCredential=). */
static ar_err read_credential(const ar_node *map, ar_arena *arena, ar_upstream *s)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    ar_str name = { 0 };

    AR_TRY(ar_node_text(s->file, map, "credential", false, &name));
    if (name.len == 0) return ar_ok();
    if (s->secret.len > 0 || !is_name(name))
        return ar_node_fail(s->file, map,
                            "want 'secret_file' with a path, or 'credential' with the name of one "
                            "that systemd hands over");
    s->handed_over = true;
    s->secret = ar_arena_printf(arena, "%s/%.*s", folder == NULL ? "/run/credentials" : folder,
                                AR_FMT(name));
    return ar_ok();
}

static ar_err read_auth(const ar_node *root, ar_arena *arena, ar_upstream *s)
{
    static const ar_str keys[] = { AR_LIT("client_id"), AR_LIT("user"), AR_LIT("secret_file"),
                                   AR_LIT("credential") };
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(s->file, root, "auth", false, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(ar_node_only(s->file, map, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(s->file, map, "user", false, &s->user));
    AR_TRY(ar_node_text(s->file, map, "client_id", false, &s->user));
    AR_TRY(read_path(map, "secret_file", s, &s->secret));
    return read_credential(map, arena, s);
}

static ar_err read_limits(const ar_node *root, ar_upstream *s)
{
    const struct {
        const char *key;
        int64_t *value, max;
    } limits[] = {
        { "pages_max", &s->pages_max, AR_ERRAND_PAGES_MAX },
        { "mib_max", &s->mib_max, 100 * 1024 },
        { "minutes_max", &s->minutes_max, 7 * 24 * 60 },
        { "request_seconds", &s->request_seconds, 3600 },
        { "attempts", &s->attempts, 100 },
    };

    for (size_t i = 0; i < AR_COUNT(limits); i++) {
        AR_TRY(ar_node_int(s->file, root, limits[i].key, false, limits[i].value));
        if (*limits[i].value < 1 || *limits[i].value > limits[i].max)
            return ar_node_fail(s->file, ar_node_get(root, ar_str_of(limits[i].key)),
                                "'%s' is a number from 1 to %lld", limits[i].key,
                                (long long)limits[i].max);
    }
    return ar_ok();
}

ar_err ar_upstream_parse(ar_str file, ar_str text, ar_arena *arena, ar_upstream *out_source)
{
    static const ar_str keys[] = {
        AR_LIT("source"),      AR_LIT("connectors"),      AR_LIT("with"),      AR_LIT("auth"),
        AR_LIT("ca_file"),     AR_LIT("plain_http"),      AR_LIT("pages_max"), AR_LIT("mib_max"),
        AR_LIT("minutes_max"), AR_LIT("request_seconds"), AR_LIT("attempts")
    };
    ar_upstream s = { .file = file,
                      .pages_max = 10000,
                      .mib_max = 4096,
                      .minutes_max = 360,
                      .request_seconds = 120,
                      .attempts = 8 };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_only(file, root, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, root, "source", true, &s.name));
    if (!is_name(s.name))
        return ar_node_fail(file, ar_node_get(root, AR_LIT("source")),
                            "'%.*s' is not a source's name (want small letters, digits, '-', '_' "
                            "and '.')",
                            AR_FMT(s.name));
    AR_TRY(read_connectors(root, arena, &s));
    AR_TRY(read_settings(root, arena, &s));
    AR_TRY(read_auth(root, arena, &s));
    AR_TRY(read_path(root, "ca_file", &s, &s.ca));
    AR_TRY(ar_node_bool(file, root, "plain_http", false, &s.plain_http));
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

static ar_err check_auth(const ar_upstream *s, const ar_connector *c, const ar_errand *e)
{
    bool needs_user = e->proof == AR_PROOF_OAUTH || e->proof == AR_PROOF_BASIC;
    bool needs_secret = e->proof != AR_PROOF_NONE;

    if (needs_user && s->user.len == 0)
        return ar_fail(AR_INVALID, "%.*s: connector %.*s signs in by name (want 'auth: {%s: …}')",
                       AR_FMT(s->file), AR_FMT(c->name),
                       e->proof == AR_PROOF_OAUTH ? "client_id" : "user");
    if (needs_secret && s->secret.len == 0)
        return ar_fail(AR_INVALID,
                       "%.*s: connector %.*s needs a secret (want 'auth: {secret_file: /…}')",
                       AR_FMT(s->file), AR_FMT(c->name));
    return ar_ok();
}

ar_err ar_upstream_errand(const ar_upstream *source, const ar_connector *connector, ar_time now,
                          bool *used, ar_arena *arena, ar_errand *out_errand)
{
    if (connector->fetch == NULL)
        return ar_fail(
            AR_INVALID,
            "%.*s: connector %.*s does not say how it is fetched (want 'fetch:' in %.*s)",
            AR_FMT(source->file), AR_FMT(connector->name), AR_FMT(connector->file));

    ar_errand e = *connector->fetch;
    ar_settings settings = {
        .list = source->settings, .n = source->n_settings, .used = used, .now = now
    };

    AR_TRY_WITH(ar_errand_fill(&e, &settings, arena), "%.*s: connector %.*s", AR_FMT(source->file),
                AR_FMT(connector->name));
    AR_TRY(check_auth(source, connector, &e));
    e.user = source->user;
    e.plain_http = source->plain_http;
    e.pages_max = source->pages_max;
    e.bytes_max = source->mib_max << 20;
    e.seconds_max = source->minutes_max * 60;
    e.request_seconds = source->request_seconds;
    e.attempts = source->attempts;
    if (source->ca.len > 0)
        AR_TRY_WITH(ar_file_read(ar_arena_cstr(arena, source->ca), CA_BYTES_MAX, arena, &e.ca),
                    "%.*s: ca_file", AR_FMT(source->file));
    *out_errand = e;
    return ar_ok();
}

ar_err ar_upstream_secret(const ar_upstream *source, ar_arena *arena, ar_secret *out_secret)
{
    if (source->secret.len == 0) return ar_ok();
    AR_TRY_WITH(
        ar_secret_read(ar_arena_cstr(arena, source->secret), source->handed_over, out_secret),
        "%.*s: the secret", AR_FMT(source->file));
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
    bool *used = ar_make_n(arena, bool, source->n_settings + 1);
    ar_auto(ar_secret) secret = { 0 };
    ar_errand errand;

    for (size_t i = 0; i < source->n_connectors; i++) {
        AR_TRY_WITH(ar_connectors_find(connectors, source->connectors[i], &mine[i]), "%.*s",
                    AR_FMT(source->file));
        AR_TRY(ar_upstream_errand(source, mine[i], now, used, arena, &errand));
        AR_TRY(check_kinds(source, mine, i));
    }
    for (size_t i = 0; i < source->n_settings; i++)
        if (!used[i])
            return ar_fail(AR_INVALID, "%.*s: no connector asks for the setting '%.*s'",
                           AR_FMT(source->file), AR_FMT(source->settings[i].name));
    return ar_upstream_secret(source, arena, &secret);
}
