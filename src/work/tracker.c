#include "work/tracker.h"

#include "form/yaml.h"
#include "op/definitions.h"

enum { TRACKER_FILE_MAX = 64 * 1024, SETTLE_MAX_HOURS = 24 };

const char *const ar_tracker_step_names[AR_TRACKER_STEPS_N] = {
#define X(id, name) name,
    AR_TRACKER_STEPS(X)
#undef X
};

/* What an item gives to a request (docs/formats.md). */
static const ar_str item_names[] = {
    AR_LIT("item"),    AR_LIT("marker"),        AR_LIT("standard"), AR_LIT("owner"),
    AR_LIT("title"),   AR_LIT("body"),          AR_LIT("due"),      AR_LIT("rank"),
    AR_LIT("comment"), AR_LIT("assignee"),      AR_LIT("since"),    AR_LIT("key"),
    AR_LIT("page"),    AR_LIT("since_minutes"),
};

typedef struct reader {
    ar_str file;
    ar_arena *arena;
    const ar_node *root;
    ar_tracker *t;
} reader;

/* ---- settings ---- */

static ar_err read_settings(reader *r)
{
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, r->root, "with", false, &map));
    if (map == NULL) return ar_ok();
    if (map->n > AR_TRACKER_SETTINGS_MAX)
        return ar_node_fail(r->file, map, "a tracker has %d settings at most",
                            AR_TRACKER_SETTINGS_MAX);

    ar_setting *settings = ar_make_n(r->arena, ar_setting, map->n);

    for (size_t i = 0; i < map->n; i++) {
        const ar_node *value = map->pairs[i].value;

        if (value->kind == AR_NODE_LIST || value->kind == AR_NODE_MAP)
            return ar_node_fail(r->file, value, "a setting is a text, or nothing");
        settings[i].name = map->pairs[i].key;
        if (value->kind != AR_NODE_NULL) settings[i].value = value->text;
    }
    r->t->settings = settings;
    r->t->n_settings = map->n;
    return ar_ok();
}

static ar_err check_name(void *self, ar_str name)
{
    const reader *r = self;
    ar_str names[AR_COUNT(item_names) + AR_TRACKER_SETTINGS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < AR_COUNT(item_names); i++) names[n++] = item_names[i];
    for (size_t i = 0; i < r->t->n_settings; i++) names[n++] = r->t->settings[i].name;
    for (size_t i = 0; i < n; i++)
        if (ar_str_eq(names[i], name)) return ar_ok();

    ar_str near = ar_str_nearest(name, names, n);

    if (near.len > 0)
        return ar_fail(AR_INVALID, "nothing gives '{%.*s}'; '{%.*s}' is given", AR_FMT(name),
                       AR_FMT(near));
    return ar_fail(AR_INVALID, "nothing gives '{%.*s}' (want it in 'with')", AR_FMT(name));
}

/* ---- requests ---- */

/* What the answer to each step must tell. */
static ar_err check_answer(const reader *r, enum ar_tracker_step step, const ar_node *map,
                           const ar_tracker_request *q)
{
    bool lists =
        step == AR_TRACKER_FIND || step == AR_TRACKER_COMMENTS || step == AR_TRACKER_CLOSED;
    bool keys = step == AR_TRACKER_FIND || step == AR_TRACKER_CREATE || step == AR_TRACKER_READ ||
                step == AR_TRACKER_CLOSED;
    bool states = step == AR_TRACKER_READ;

    if (lists != (ar_node_get(map, AR_LIT("items")) != NULL))
        return ar_node_fail(r->file, map,
                            lists ? "want 'items': where the list is, '' when the "
                                    "answer is one"
                                  : "'items' is of what lists");
    if (keys && q->key.len == 0)
        return ar_node_fail(r->file, map, "want 'key': where the item's key is");
    if (states != (q->state.len > 0) || states != (q->closed != NULL))
        return ar_node_fail(r->file, map,
                            states ? "want 'state' and 'closed': where the state is, "
                                     "and which ones are closed"
                                   : "'state' and 'closed' are of 'read'");
    return ar_ok();
}

static ar_err read_step(reader *r, enum ar_tracker_step step)
{
    static const ar_str keys[] = { AR_RECIPE_KEYS, AR_LIT("items"), AR_LIT("key"), AR_LIT("state"),
                                   AR_LIT("closed") };
    const char *name = ar_tracker_step_names[step];
    ar_tracker_request *q = &r->t->steps[step];
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, r->root, name, step != AR_TRACKER_ASSIGN, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(ar_node_only(r->file, map, keys, AR_COUNT(keys)));
    AR_TRY(ar_recipe_read(r->file, map, r->arena, &q->request));
    AR_TRY(ar_node_text(r->file, map, "items", false, &q->items));
    AR_TRY(ar_node_text(r->file, map, "key", false, &q->key));
    AR_TRY(ar_node_text(r->file, map, "state", false, &q->state));
    AR_TRY(ar_node_list(r->file, map, "closed", false, &q->closed));
    q->tells = q->key.len > 0 || ar_node_get(map, AR_LIT("items")) != NULL;
    AR_TRY_WITH(ar_recipe_names(&q->request, check_name, r), "%.*s:%u: %s", AR_FMT(r->file),
                map->line, name);
    return check_answer(r, step, map, q);
}

/* ---- the file ---- */

static ar_err read_text_form(const reader *r)
{
    static const ar_str forms[] = { AR_LIT("markdown"), AR_LIT("html"), AR_LIT("adf") };
    ar_str text = { 0 };

    AR_TRY(ar_node_text(r->file, r->root, "text", true, &text));
    for (size_t i = 0; i < AR_COUNT(forms); i++) {
        if (!ar_str_eq(text, forms[i])) continue;
        r->t->text = (enum ar_tracker_text)i;
        return ar_ok();
    }
    return ar_node_fail(r->file, ar_node_get(r->root, AR_LIT("text")),
                        "'%.*s' is no form of text (want markdown, html or adf)", AR_FMT(text));
}

static ar_err read_settle(const reader *r)
{
    ar_str text = { 0 };

    AR_TRY(ar_node_text(r->file, r->root, "settle", false, &text));
    if (text.len == 0) return ar_ok();
    AR_TRY_WITH(ar_span_parse(text, &r->t->settle), "%.*s: settle", AR_FMT(r->file));
    if (r->t->settle >= 0 && r->t->settle <= SETTLE_MAX_HOURS * AR_HOUR) return ar_ok();
    return ar_node_fail(r->file, ar_node_get(r->root, AR_LIT("settle")),
                        "'settle' is a length up to %d hours: 30s, 5m", SETTLE_MAX_HOURS);
}

static ar_err read_api(const reader *r)
{
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, r->root, "api", true, &map));
    AR_TRY(ar_errand_read(r->file, map, r->arena, &r->t->api));
    if (r->t->api.body.len == 0 && r->t->api.paging == AR_PAGING_NONE) return ar_ok();
    return ar_node_fail(r->file, map, "'api' has 'url', 'headers' and 'auth'");
}

ar_err ar_tracker_parse(ar_str file, ar_str name, ar_str text, ar_arena *arena,
                        ar_tracker *out_tracker)
{
    static const ar_str keys[] = { AR_LIT("tracker"),  AR_LIT("title"), AR_LIT("with"),
                                   AR_LIT("text"),     AR_LIT("page"),  AR_LIT("settle"),
                                   AR_LIT("api"),
#define X(id, step) AR_LIT(step),
                                   AR_TRACKER_STEPS(X)
#undef X
    };
    ar_tracker t = { .file = file };
    reader r = { .file = file, .arena = arena, .t = &t };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, NULL, arena, &root));
    r.root = root;
    AR_TRY(ar_node_only(file, root, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, root, "tracker", true, &t.name));
    AR_TRY(ar_node_text(file, root, "title", true, &t.title));
    AR_TRY(ar_node_text(file, root, "page", false, &t.page));
    if (name.len > 0 && !ar_str_eq(t.name, name))
        return ar_node_fail(file, root, "the file of tracker '%.*s' must be named %.*s.yaml",
                            AR_FMT(t.name), AR_FMT(t.name));
    AR_TRY(read_settings(&r));
    AR_TRY(read_text_form(&r));
    AR_TRY(read_settle(&r));
    AR_TRY(read_api(&r));
    for (int i = 0; i < AR_TRACKER_STEPS_N; i++) AR_TRY(read_step(&r, (enum ar_tracker_step)i));
    *out_tracker = t;
    return ar_ok();
}

/* ---- all of them ---- */

static ar_err read_definition(const ar_place_file *file, ar_str text, const void *with,
                              ar_arena *arena, void *out_one)
{
    ar_tracker *one = out_one;

    (void)with;
    AR_TRY(ar_tracker_parse(ar_str_of(file->path), file->name, text, arena, one));
    one->shipped = file->shipped;
    return ar_ok();
}

static const ar_definition_type tracker_type = {
    .folder = "trackers",
    .one = "tracker",
    .file_max = TRACKER_FILE_MAX,
    .size = sizeof(ar_tracker),
    .name_at = offsetof(ar_tracker, name),
    .read = read_definition,
};

ar_err ar_trackers_load(const ar_place *place, ar_arena *arena, ar_trackers *out_trackers)
{
    ar_definitions all;

    AR_TRY(ar_definitions_load(&tracker_type, place, NULL, arena, &all));
    *out_trackers = (ar_trackers){ all.list, all.n, all.bad, all.n_bad };
    return ar_ok();
}

ar_err ar_trackers_find(const ar_trackers *trackers, ar_str name, const ar_tracker **out_tracker)
{
    ar_definitions all = { trackers->list, trackers->n, trackers->bad, trackers->n_bad };
    const void *one;

    AR_TRY(ar_definitions_find(&tracker_type, &all, name, &one));
    *out_tracker = one;
    return ar_ok();
}
