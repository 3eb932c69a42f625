#include "estate/reach.h"

#include "sys/file.h"

#include <stdlib.h>

enum {
    NAME_MAX_BYTES = 100,
    CA_BYTES_MAX = 1 << 20,
    MINUTES_MAX = 7 * 24 * 60,
    SECONDS_MAX = 3600,
    ATTEMPTS_MAX = 100,
};

bool ar_reach_is_name(ar_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (!plain && (i == 0 || (c != '-' && c != '_' && c != '.'))) return false;
    }
    return name.len > 0 && name.len <= NAME_MAX_BYTES;
}

static ar_err read_settings(const ar_node *root, ar_arena *arena, ar_reach *r)
{
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, root, "with", false, &map));
    if (map == NULL) return ar_ok();

    ar_setting *settings = ar_make_n(arena, ar_setting, map->n);

    for (size_t i = 0; i < map->n; i++) {
        const ar_node *value = map->pairs[i].value;

        if (value->kind == AR_NODE_LIST || value->kind == AR_NODE_MAP || value->text.len == 0)
            return ar_node_fail(r->file, value, "'%.*s' is %s (want a text)",
                                AR_FMT(map->pairs[i].key), ar_node_kind_name(value->kind));
        settings[i] = (ar_setting){ .name = map->pairs[i].key, .value = value->text };
    }
    r->settings = settings;
    r->n_settings = map->n;
    return ar_ok();
}

static ar_err read_path(const ar_node *map, const char *key, ar_reach *r, ar_str *out)
{
    AR_TRY(ar_node_text(r->file, map, key, false, out));
    if (out->len == 0 || out->ptr[0] == '/') return ar_ok();
    return ar_node_fail(r->file, ar_node_get(map, ar_str_of(key)),
                        "'%.*s' is no absolute path (want one that begins with /)", AR_FMT(*out));
}

/* What systemd hands to a unit lies in a folder that it names (LoadCredential=). */
static ar_err read_credential(const ar_node *map, ar_arena *arena, ar_reach *r)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    ar_str name = { 0 };

    AR_TRY(ar_node_text(r->file, map, "credential", false, &name));
    if (name.len == 0) return ar_ok();
    if (r->secret.len > 0 || !ar_reach_is_name(name))
        return ar_node_fail(r->file, map,
                            "want 'secret_file' with a path, or 'credential' with the name of one "
                            "that systemd hands over");
    r->handed_over = true;
    r->secret = ar_arena_printf(arena, "%s/%.*s", folder == NULL ? "/run/credentials" : folder,
                                AR_FMT(name));
    return ar_ok();
}

static ar_err read_auth(const ar_node *root, ar_arena *arena, ar_reach *r)
{
    static const ar_str keys[] = { AR_LIT("client_id"), AR_LIT("user"), AR_LIT("secret_file"),
                                   AR_LIT("credential") };
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, root, "auth", false, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(ar_node_only(r->file, map, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(r->file, map, "user", false, &r->user));
    AR_TRY(ar_node_text(r->file, map, "client_id", false, &r->user));
    AR_TRY(read_path(map, "secret_file", r, &r->secret));
    return read_credential(map, arena, r);
}

static ar_err read_number(const ar_node *root, const char *key, int64_t max, const ar_reach *r,
                          int64_t *value)
{
    AR_TRY(ar_node_int(r->file, root, key, false, value));
    if (*value >= 1 && *value <= max) return ar_ok();
    return ar_node_fail(r->file, ar_node_get(root, ar_str_of(key)),
                        "'%s' is a number from 1 to %lld", key, (long long)max);
}

ar_err ar_reach_read(const ar_node *root, ar_arena *arena, ar_reach *r)
{
    AR_TRY(read_settings(root, arena, r));
    AR_TRY(read_auth(root, arena, r));
    AR_TRY(read_path(root, "ca_file", r, &r->ca));
    AR_TRY(ar_node_bool(r->file, root, "plain_http", false, &r->plain_http));
    AR_TRY(read_number(root, "minutes_max", MINUTES_MAX, r, &r->minutes_max));
    AR_TRY(read_number(root, "request_seconds", SECONDS_MAX, r, &r->request_seconds));
    return read_number(root, "attempts", ATTEMPTS_MAX, r, &r->attempts);
}

static ar_err check_auth(const ar_reach *r, ar_str what, const ar_errand *e)
{
    bool needs_user = e->proof == AR_PROOF_OAUTH || e->proof == AR_PROOF_BASIC;
    bool needs_secret = e->proof != AR_PROOF_NONE;

    if (needs_user && r->user.len == 0)
        return ar_fail(AR_INVALID, "%.*s: %.*s signs in by name (want 'auth: {%s: …}')",
                       AR_FMT(r->file), AR_FMT(what),
                       e->proof == AR_PROOF_OAUTH ? "client_id" : "user");
    if (needs_secret && r->secret.len == 0)
        return ar_fail(AR_INVALID, "%.*s: %.*s needs a secret (want 'auth: {secret_file: /…}')",
                       AR_FMT(r->file), AR_FMT(what));
    return ar_ok();
}

ar_err ar_reach_errand(const ar_reach *r, ar_str what, ar_time now, bool *used, ar_arena *arena,
                       ar_errand *errand)
{
    ar_settings settings = { .list = r->settings, .n = r->n_settings, .used = used, .now = now };

    AR_TRY_WITH(ar_errand_fill(errand, &settings, arena), "%.*s: %.*s", AR_FMT(r->file),
                AR_FMT(what));
    AR_TRY(check_auth(r, what, errand));
    errand->user = r->user;
    errand->plain_http = r->plain_http;
    errand->seconds_max = r->minutes_max * 60;
    errand->request_seconds = r->request_seconds;
    errand->attempts = r->attempts;
    if (r->ca.len == 0) return ar_ok();
    AR_TRY_WITH(ar_file_read(ar_arena_cstr(arena, r->ca), CA_BYTES_MAX, arena, &errand->ca),
                "%.*s: ca_file", AR_FMT(r->file));
    return ar_ok();
}

ar_err ar_reach_secret(const ar_reach *r, ar_arena *arena, ar_secret *out_secret)
{
    if (r->secret.len == 0) return ar_ok();
    AR_TRY_WITH(ar_secret_read(ar_arena_cstr(arena, r->secret), r->handed_over, out_secret),
                "%.*s: the secret", AR_FMT(r->file));
    return ar_ok();
}

ar_err ar_reach_all_used(const ar_reach *r, const bool *used, const char *nobody)
{
    for (size_t i = 0; i < r->n_settings; i++)
        if (!used[i])
            return ar_fail(AR_INVALID, "%.*s: %s asks for the setting '%.*s'", AR_FMT(r->file),
                           nobody, AR_FMT(r->settings[i].name));
    return ar_ok();
}
