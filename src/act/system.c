#include "act/system.h"

#include "form/yaml.h"
#include "sys/file.h"

/* ---- reading ---- */

static ar_err read_settings(ar_str file, const ar_node *map, ar_arena *arena, ar_system *s)
{
    ar_setting *settings;

    if (map == NULL) return ar_ok();
    if (map->n > AR_SYSTEM_SETTINGS_MAX)
        return ar_node_fail(file, map, "a system has %d settings at most", AR_SYSTEM_SETTINGS_MAX);
    s->settings = settings = ar_make_n(arena, ar_setting, map->n);
    s->n_settings = map->n;
    for (size_t i = 0; i < map->n; i++) {
        const ar_node *value = map->pairs[i].value;

        if (value->kind == AR_NODE_LIST || value->kind == AR_NODE_MAP)
            return ar_node_fail(file, value, "a setting is a text, or nothing");
        settings[i].name = map->pairs[i].key;
        if (value->kind != AR_NODE_NULL) settings[i].value = value->text;
    }
    return ar_ok();
}

/* How it is spoken to: `title`, `with` and what holds unless the home says otherwise, `api`. */
static ar_err read_manner(ar_str file, const ar_node *root, ar_arena *arena, ar_system *s)
{
    const ar_node *with = NULL, *api = NULL;

    AR_TRY(ar_node_text(file, root, "title", true, &s->title));
    AR_TRY(ar_node_map(file, root, "with", false, &with));
    AR_TRY(ar_node_map(file, root, "api", true, &api));
    AR_TRY(read_settings(file, with, arena, s));
    AR_TRY(ar_errand_read(file, api, arena, &s->api));
    if (s->api.body.len == 0 && s->api.paging == AR_PAGING_NONE) return ar_ok();
    return ar_node_fail(file, api, "'api' has 'url', 'headers' and 'auth'");
}

static ar_err read_file(const char *path, ar_str name, ar_arena *arena, ar_node **out_root)
{
    static const ar_str keys[] = { AR_LIT("system"), AR_LIT("title"), AR_LIT("api"),
                                   AR_REACH_KEYS };
    ar_str file = ar_str_of(path), text, is;

    AR_TRY(ar_file_read(path, AR_SYSTEM_FILE_MAX, arena, &text));
    AR_TRY(ar_yaml_parse(file, text, NULL, arena, out_root));
    AR_TRY(ar_node_only(file, *out_root, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, *out_root, "system", true, &is));
    if (ar_str_eq(is, name)) return ar_ok();
    return ar_node_fail(file, ar_node_get(*out_root, AR_LIT("system")),
                        "the system is '%.*s' and the file is named %.*s.yaml; want the same",
                        AR_FMT(is), AR_FMT(name));
}

static const char *path_of(const char *folder, ar_str name, ar_arena *arena)
{
    return ar_arena_printf(arena, "%s/systems/%.*s.yaml", folder, AR_FMT(name)).ptr;
}

static ar_err read_shipped(const ar_place *place, ar_arena *arena, ar_system *s, bool *out_found)
{
    const char *path = path_of(place->data, s->name, arena);
    ar_node *root;
    ar_err err = read_file(path, s->name, arena, &root);

    *out_found = err.code == AR_OK;
    if (err.code == AR_NOT_FOUND) return ar_ok();
    AR_TRY(err);
    return read_manner(ar_str_of(path), root, arena, s);
}

/* A system of the organisation's own says all of it in the home's file. */
static ar_err read_own(const ar_place *place, ar_arena *arena, bool shipped, ar_system *s)
{
    const char *path = path_of(place->home, s->name, arena);
    ar_node *root;
    ar_err err = read_file(path, s->name, arena, &root);

    s->reach = (ar_reach){
        .file = ar_str_of(path), .minutes_max = 10, .request_seconds = 30, .attempts = 4
    };
    if (err.code == AR_NOT_FOUND) return ar_ok();
    AR_TRY(err);
    s->on = true;
    if (!shipped || ar_node_get(root, AR_LIT("api")) != NULL)
        AR_TRY(read_manner(s->reach.file, root, arena, s));
    return ar_reach_read(root, arena, &s->reach);
}

/* ---- settings ---- */

static ar_err settle(ar_system *s, ar_arena *arena)
{
    ar_setting *settings = ar_make_n(arena, ar_setting, s->n_settings);
    bool used[AR_SYSTEM_SETTINGS_MAX] = { 0 };

    if (s->reach.n_settings > AR_SYSTEM_SETTINGS_MAX)
        return ar_fail(AR_LIMIT, "%.*s: more than %d settings", AR_FMT(s->reach.file),
                       AR_SYSTEM_SETTINGS_MAX);
    for (size_t i = 0; i < s->n_settings; i++) {
        settings[i] = s->settings[i];
        for (size_t k = 0; k < s->reach.n_settings; k++)
            if (ar_str_eq(s->reach.settings[k].name, settings[i].name)) {
                settings[i].value = s->reach.settings[k].value;
                used[k] = true;
            }
        if (settings[i].value.ptr == NULL)
            return ar_fail(AR_INVALID, "%.*s: system %.*s asks for '%.*s' (want `with: {%.*s: …}`)",
                           AR_FMT(s->reach.file), AR_FMT(s->name), AR_FMT(settings[i].name),
                           AR_FMT(settings[i].name));
    }
    AR_TRY(ar_reach_all_used(&s->reach, used, "no system of that name"));
    s->settings = s->reach.settings = settings;
    s->reach.n_settings = s->n_settings;
    return ar_ok();
}

ar_err ar_system_load(const ar_place *place, ar_str name, ar_arena *arena, ar_system *out_system)
{
    ar_system s = { .name = name };
    bool shipped = false;

    if (!ar_reach_is_name(name))
        return ar_fail(AR_INVALID, "'%.*s' is no name of a system", AR_FMT(name));
    AR_TRY(read_shipped(place, arena, &s, &shipped));
    AR_TRY(read_own(place, arena, shipped, &s));
    if (!shipped && !s.on)
        return ar_fail(AR_NOT_FOUND, "no system '%.*s' is described (want %.*s)", AR_FMT(name),
                       AR_FMT(s.reach.file));
    if (s.on) AR_TRY(settle(&s, arena));
    *out_system = s;
    return ar_ok();
}

/* ---- speaking to it ---- */

ar_err ar_system_open(const ar_system *system, const ar_place *place, ar_time now, ar_arena *arena,
                      ar_caller **out_caller)
{
    ar_auto(ar_secret) secret = { 0 };
    ar_errand errand = system->api;
    bool used[AR_SYSTEM_SETTINGS_MAX] = { 0 };
    ar_str what = ar_arena_printf(arena, "system %.*s", AR_FMT(system->name));

    AR_TRY(ar_reach_errand(&system->reach, what, now, used, arena, &errand));
    if (!ar_str_ends(errand.url, AR_LIT("/")))
        errand.url = ar_arena_printf(arena, "%.*s/", AR_FMT(errand.url));
    AR_TRY(ar_reach_secret(&system->reach, arena, &secret));

    ar_call_system to = { .program = place->program, .errand = &errand, .secret = &secret };

    return ar_caller_open(&to, out_caller);
}
