#include "life/cycle.h"

#include "form/yaml.h"

typedef struct reader {
    ar_str file;
    const ar_node *root;
    const ar_kinds *kinds;
    const ar_definitions *actions;
    ar_arena *arena;
    ar_cycle *to;
} reader;

#define ONLY(r, map, ...)                                           \
    ar_node_only((r)->file, (map), (const ar_str[]){ __VA_ARGS__ }, \
                 AR_COUNT(((const ar_str[]){ __VA_ARGS__ })))

static const ar_node *at(const ar_node *map, const char *key)
{
    const ar_node *node = ar_node_get(map, ar_str_of(key));

    return node == NULL ? map : node;
}

/* A failure without a place, at the place of the key. */
static ar_err at_key(const reader *r, const ar_node *map, const char *key, ar_err err)
{
    ar_str text;

    if (err.code == AR_OK) return err;
    text = ar_arena_copy(r->arena, ar_err_text(err));
    return ar_node_fail(r->file, at(map, key), "%.*s", AR_FMT(text));
}

/* ---- values ---- */

static ar_err read_span(const reader *r, const ar_node *map, const char *key, int64_t *out)
{
    ar_str text = { 0 };

    AR_TRY(ar_node_text(r->file, map, key, true, &text));
    if (ar_span_parse(text, out).code == AR_OK && *out > 0) return ar_ok();
    return ar_node_fail(r->file, at(map, key), "%s is '%.*s'; want a length above zero, like 14d",
                        key, AR_FMT(text));
}

static ar_err read_count(const reader *r, const ar_node *map, const char *key, int64_t least,
                         int64_t most, int64_t *out)
{
    AR_TRY(ar_node_int(r->file, map, key, true, out));
    if (*out >= least && *out <= most) return ar_ok();
    return ar_node_fail(r->file, at(map, key), "%s is %lld; want %lld to %lld", key,
                        (long long)*out, (long long)least, (long long)most);
}

static ar_err read_column(const reader *r, const char *key, enum ar_type type, bool required,
                          ar_str *out)
{
    const ar_kind_column *column;

    AR_TRY(ar_node_text(r->file, r->root, key, required, out));
    if (out->len == 0) return ar_ok();
    column = ar_kind_column_find(r->to->kind, *out);
    if (column != NULL && column->type == type) return ar_ok();
    return ar_node_fail(r->file, at(r->root, key), "'%.*s' is no column of kind %.*s with a %s",
                        AR_FMT(*out), AR_FMT(r->to->kind->name), ar_type_name(type));
}

/* ---- parts ---- */

static ar_err read_identity(reader *r, ar_str name)
{
    ar_cycle *c = r->to;

    AR_TRY(ar_node_text(r->file, r->root, "lifecycle", true, &c->name));
    if (name.len > 0 && !ar_str_eq(name, c->name))
        return ar_node_fail(r->file, at(r->root, "lifecycle"),
                            "the life cycle is of '%.*s' and the file is named %.*s.yaml; want the "
                            "same, which is the kind",
                            AR_FMT(c->name), AR_FMT(name));
    AR_TRY(at_key(r, r->root, "lifecycle", ar_kinds_find(r->kinds, c->name, &c->kind)));
    if (c->kind->view || c->kind->whole.len > 0)
        return ar_node_fail(r->file, at(r->root, "lifecycle"),
                            "assets of kind %.*s have no life of their own", AR_FMT(c->name));
    AR_TRY(ar_node_text(r->file, r->root, "title", true, &c->title));
    AR_TRY(read_column(r, "used", AR_TIME, true, &c->used));
    return read_column(r, "class", AR_TEXT, false, &c->class);
}

static ar_err read_proven(reader *r)
{
    const ar_node *node = ar_node_get(r->root, AR_LIT("proven"));
    ar_expr_place place = { .file = r->file };
    ar_str text = { 0 };

    if (node == NULL) return ar_ok();
    AR_TRY(ar_node_text(r->file, r->root, "proven", true, &text));
    place.line = node->line;
    place.column = node->column;
    return ar_expr_parse_as(AR_BOOL, &r->to->kind->scope, NULL, 0, place, text, r->arena,
                            &r->to->proven);
}

static ar_err read_class(const reader *r, const ar_pair *pair, ar_cycle_class *out)
{
    out->name = pair->key;
    if (pair->value->kind == AR_NODE_NULL) return ar_ok();
    AR_TRY(ONLY(r, pair->value, AR_LIT("life")));
    return read_span(r, pair->value, "life", &out->life);
}

static ar_err read_classes(reader *r)
{
    const ar_node *map = NULL;
    ar_cycle_class *classes;

    AR_TRY(ar_node_map(r->file, r->root, "classes", r->to->class.len > 0, &map));
    if (map == NULL) return ar_ok();
    if (r->to->class.len == 0)
        return ar_node_fail(r->file, map,
                            "there are classes, and no column that says which; "
                            "want class: COLUMN");
    if (map->n == 0 || map->n > AR_CYCLE_CLASSES_MAX)
        return ar_node_fail(r->file, map, "%zu classes; want 1 to %d", map->n,
                            (int)AR_CYCLE_CLASSES_MAX);
    classes = ar_make_n(r->arena, ar_cycle_class, map->n);
    for (size_t i = 0; i < map->n; i++) AR_TRY(read_class(r, &map->pairs[i], &classes[i]));
    r->to->classes = classes;
    r->to->n_classes = map->n;
    return ar_ok();
}

static ar_err read_idle(reader *r)
{
    ar_cycle *c = r->to;
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, r->root, "idle", true, &map));
    AR_TRY(ONLY(r, map, AR_LIT("after"), AR_LIT("sources"), AR_LIT("fresh")));
    AR_TRY(read_span(r, map, "after", &c->idle));
    AR_TRY(read_span(r, map, "fresh", &c->fresh));
    AR_TRY(read_count(r, map, "sources", 1, AR_CYCLE_SOURCES_MAX, &c->sources));
    if (c->fresh <= c->idle) return ar_ok();
    return ar_node_fail(r->file, at(map, "fresh"),
                        "what a source saw longer ago than 'after' could not tell whether it was "
                        "used since; want fresh below after");
}

/* `lasts`: the key of its length; NULL: it has none. */
static ar_err read_step(reader *r, const char *key, const char *lasts, ar_cycle_step *out)
{
    const ar_node *map = NULL;
    ar_str name = { 0 };

    AR_TRY(ar_node_map(r->file, r->root, key, true, &map));
    if (lasts != NULL) AR_TRY(read_span(r, map, lasts, &out->lasts));
    AR_TRY(ar_node_text(r->file, map, "action", false, &name));
    if (name.len == 0) return ar_ok();
    AR_TRY(at_key(r, map, "action", ar_actions_find(r->actions, name, &out->action)));
    if (out->action->kind == r->to->kind) return ar_ok();
    return ar_node_fail(r->file, at(map, "action"), "%.*s is for kind %.*s, and this is of %.*s",
                        AR_FMT(name), AR_FMT(out->action->kind->name), AR_FMT(r->to->name));
}

/* What is taken back must be able to come back. */
static ar_err check_undo(const reader *r, const char *key, const ar_cycle_step *step)
{
    if (step->action == NULL || ar_action_has(step->action, AR_ACT_UNDO)) return ar_ok();
    return ar_node_fail(r->file, at(r->root, key),
                        "%s can be taken back, and its action %.*s has no undo", key,
                        AR_FMT(step->action->name));
}

static ar_err read_steps(reader *r)
{
    ar_cycle *c = r->to;
    const ar_node *notice = ar_node_get(r->root, AR_LIT("notice"));

    AR_TRY(read_step(r, "notice", "answer", &c->notice));
    AR_TRY(ONLY(r, notice, AR_LIT("times"), AR_LIT("answer"), AR_LIT("action")));
    AR_TRY(read_count(r, notice, "times", 1, AR_CYCLE_NOTICES_MAX, &c->notices));
    AR_TRY(read_step(r, "quarantine", "for", &c->quarantine));
    AR_TRY(read_step(r, "soft_delete", "for", &c->soft_delete));
    AR_TRY(read_step(r, "purge", NULL, &c->purge));
    AR_TRY(check_undo(r, "quarantine", &c->quarantine));
    return check_undo(r, "soft_delete", &c->soft_delete);
}

static ar_err read_batch(reader *r)
{
    ar_cycle *c = r->to;
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(r->file, r->root, "batch", true, &map));
    AR_TRY(ONLY(r, map, AR_LIT("most"), AR_LIT("two_persons_above")));
    AR_TRY(read_count(r, map, "most", 1, AR_CYCLE_BATCH_MAX, &c->batch));
    AR_TRY(read_count(r, map, "two_persons_above", 0, AR_CYCLE_BATCH_MAX, &c->two_persons_above));
    if (c->two_persons_above < c->batch) return ar_ok();
    return ar_node_fail(r->file, at(map, "two_persons_above"),
                        "no batch is above %lld when %lld are the most: two persons would never be "
                        "asked; want it below",
                        (long long)c->two_persons_above, (long long)c->batch);
}

static ar_err read_stop(reader *r)
{
    ar_cycle *c = r->to;
    const ar_node *map = NULL;
    ar_str share = { 0 };

    AR_TRY(ar_node_map(r->file, r->root, "stop", true, &map));
    AR_TRY(ONLY(r, map, AR_LIT("restores"), AR_LIT("within"), AR_LIT("least")));
    AR_TRY(ar_node_text(r->file, map, "restores", true, &share));
    AR_TRY(read_span(r, map, "within", &c->within));
    AR_TRY(read_count(r, map, "least", 1, AR_CYCLE_BATCH_MAX, &c->least));
    if (share.len > 1 && share.ptr[share.len - 1] == '%' &&
        ar_str_double(ar_str_cut(share, 0, share.len - 1), &c->restores) && c->restores >= 0 &&
        c->restores < 100)
        return c->restores /= 100, ar_ok();
    return ar_node_fail(r->file, at(map, "restores"),
                        "restores is '%.*s'; want a share from 0%% to under 100%%, which is what "
                        "would never stop",
                        AR_FMT(share));
}

static ar_err check_steps(const reader *r)
{
    AR_TRY(ONLY(r, at(r->root, "quarantine"), AR_LIT("for"), AR_LIT("action")));
    AR_TRY(ONLY(r, at(r->root, "soft_delete"), AR_LIT("for"), AR_LIT("action")));
    return ONLY(r, at(r->root, "purge"), AR_LIT("action"));
}

ar_err ar_cycle_parse(ar_str file, ar_str name, ar_str text, const ar_kinds *kinds,
                      const ar_definitions *actions, ar_arena *arena, ar_cycle *out_cycle)
{
    ar_form_limits limits = { .bytes_max = AR_CYCLE_FILE_BYTES_MAX };
    ar_cycle to = { .file = ar_arena_copy(arena, file) };
    reader r = { .file = to.file, .kinds = kinds, .actions = actions, .arena = arena, .to = &to };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, &limits, arena, &root));
    r.root = root;
    AR_TRY(ONLY(&r, root, AR_LIT("lifecycle"), AR_LIT("title"), AR_LIT("used"), AR_LIT("proven"),
                AR_LIT("class"), AR_LIT("classes"), AR_LIT("idle"), AR_LIT("notice"),
                AR_LIT("quarantine"), AR_LIT("soft_delete"), AR_LIT("purge"), AR_LIT("batch"),
                AR_LIT("stop")));
    AR_TRY(read_identity(&r, name));
    AR_TRY(read_proven(&r));
    AR_TRY(read_classes(&r));
    AR_TRY(read_idle(&r));
    AR_TRY(read_steps(&r));
    AR_TRY(check_steps(&r));
    AR_TRY(read_batch(&r));
    AR_TRY(read_stop(&r));
    *out_cycle = to;
    return ar_ok();
}

int64_t ar_cycle_life(const ar_cycle *cycle, ar_str class)
{
    for (size_t i = 0; i < cycle->n_classes; i++)
        if (ar_str_eq(cycle->classes[i].name, class)) return cycle->classes[i].life;
    return 0;
}

/* ---- all of them ---- */

typedef struct surroundings {
    const ar_kinds *kinds;
    const ar_definitions *actions;
} surroundings;

static ar_err read_cycle(const ar_place_file *file, ar_str text, const void *with, ar_arena *arena,
                         void *out_one)
{
    const surroundings *in = with;
    ar_cycle *one = out_one;

    AR_TRY(ar_cycle_parse(ar_str_of(file->path), file->name, text, in->kinds, in->actions, arena,
                          one));
    one->shipped = file->shipped;
    return ar_ok();
}

static const ar_definition_type cycle_type = { .folder = "lifecycles",
                                               .one = "lifecycle",
                                               .file_max = AR_CYCLE_FILE_BYTES_MAX,
                                               .size = sizeof(ar_cycle),
                                               .name_at = offsetof(ar_cycle, name),
                                               .read = read_cycle };

ar_err ar_cycles_load(const ar_place *place, const ar_kinds *kinds, const ar_definitions *actions,
                      ar_arena *arena, ar_definitions *out_cycles)
{
    surroundings in = { kinds, actions };

    return ar_definitions_load(&cycle_type, place, &in, arena, out_cycles);
}

ar_err ar_cycles_find(const ar_definitions *cycles, ar_str kind, const ar_cycle **out_cycle)
{
    const void *one;

    AR_TRY(ar_definitions_find(&cycle_type, cycles, kind, &one));
    *out_cycle = one;
    return ar_ok();
}
