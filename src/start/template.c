#include "start/template.h"

#include "form/utf.h"
#include "form/yaml.h"
#include "gate/gate.h"
#include "standard/row.h"
#include "start/folder.h"

static const char *const always[AR_TEMPLATE_ALWAYS] = { "name", "owner", "now", "class",
                                                        "expires" };
static const char *const filled[] = { "owner_id",    "class",          "created_at", "expires_at",
                                      "inventoried", "inventoried_at", "last_seen" };

/* Columns that the program fills itself: who makes a thing cannot say otherwise. */
static bool is_filled(ar_str column)
{
    for (size_t i = 0; i < AR_COUNT(filled); i++)
        if (ar_str_eq(column, ar_str_of(filled[i]))) return true;
    return false;
}

/* ---- what is asked for ---- */

static const struct {
    const char *name;
    enum ar_type type;
} ask_types[] = {
    [AR_ASK_WORD] = { "word", AR_TEXT }, [AR_ASK_TEXT] = { "text", AR_TEXT },
    [AR_ASK_INT] = { "int", AR_INT },    [AR_ASK_DOUBLE] = { "double", AR_DOUBLE },
    [AR_ASK_BOOL] = { "bool", AR_BOOL }, [AR_ASK_TIME] = { "time", AR_TIME },
};

const char *ar_ask_type_name(enum ar_ask_type type)
{
    return ask_types[type].name;
}

static bool is_of_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           memchr("._/:@+-", c, 7) != NULL;
}

static ar_err check_word(ar_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_of_word(text.ptr[i]))
            return ar_fail(AR_INVALID,
                           "'%.*s' is no word (want letters, digits and . _ / : @ + - only)",
                           AR_FMT(text));
    return ar_ok();
}

/* What ends a line, or turns the direction of writing, could say something else than it shows. */
static ar_err check_line(ar_str text)
{
    uint32_t c;

    for (ar_str rest = text; rest.len > 0;) {
        size_t len = ar_utf8_next(rest, &c);

        if (len == 0 || c < ' ' || c == 0x7f || ar_utf8_turns(c))
            return ar_fail(AR_INVALID, "want one line of text without control characters");
        rest = ar_str_cut(rest, len, rest.len);
    }
    return ar_ok();
}

static ar_err check_choice(const ar_ask *ask, ar_str text)
{
    ar_auto(ar_buf) words = { 0 };

    for (size_t i = 0; i < ask->n_choices; i++) {
        if (ar_str_eq(ask->choices[i], text)) return ar_ok();
        ar_buf_addf(&words, "%s%.*s", i == 0 ? "" : ", ", AR_FMT(ask->choices[i]));
    }
    return ar_fail(AR_INVALID, "'%.*s' is none of: %s", AR_FMT(text), words.ptr);
}

ar_err ar_ask_check(const ar_ask *ask, ar_str text)
{
    ar_value value;
    ar_time at;

    if (text.len > AR_TEMPLATE_VALUE_MAX)
        return ar_fail(AR_LIMIT, "%zu bytes, %d is the most", text.len, (int)AR_TEMPLATE_VALUE_MAX);
    if (text.len == 0 && ask->required) return ar_fail(AR_INVALID, "want something, it is empty");
    if (ask->n_choices > 0) return check_choice(ask, text);
    if (ask->type == AR_ASK_WORD) return check_word(text);
    if (ask->type == AR_ASK_TEXT) return check_line(text);
    if (ask->type == AR_ASK_TIME) return text.len == 0 ? ar_ok() : ar_time_parse_from(text, 0, &at);
    return ar_value_parse(text, ask_types[ask->type].type, &value);
}

ar_given *ar_template_names(const ar_template *template, ar_arena *arena, size_t *out_n)
{
    ar_given *names = ar_make_n(arena, ar_given, AR_TEMPLATE_ALWAYS + template->n_asks);
    size_t n = 0;

    for (size_t i = 0; i < AR_TEMPLATE_ALWAYS; i++)
        names[n++] = (ar_given){ .name = ar_str_of(always[i]) };
    for (size_t i = 0; i < template->n_asks; i++)
        names[n++] = (ar_given){ .name = template->asks[i].name };
    *out_n = n;
    return names;
}

/* ---- reading ---- */

typedef struct reader {
    ar_str file;
    const ar_node *root;
    ar_arena *arena;
    ar_template *to;
    ar_given *names; /* parameters that its texts may speak of */
    size_t n_names;
} reader;

#define ONLY(r, map, ...)                                           \
    ar_node_only((r)->file, (map), (const ar_str[]){ __VA_ARGS__ }, \
                 AR_COUNT(((const ar_str[]){ __VA_ARGS__ })))

/* A failure without a place, at the place of the node. */
static ar_err at_node(const reader *r, const ar_node *node, ar_str what, ar_err err)
{
    ar_str text;

    if (err.code == AR_OK) return err;
    text = ar_arena_copy(r->arena, ar_err_text(err));
    return ar_node_fail(r->file, node, "%.*s: %.*s", AR_FMT(what), AR_FMT(text));
}

static bool is_name(ar_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!(c >= 'a' && c <= 'z') && (i == 0 || (!(c >= '0' && c <= '9') && c != '_')))
            return false;
    }
    return name.len > 0;
}

static ar_err read_identity(reader *r, ar_str name, const ar_standards *standards,
                            const ar_kinds *kinds)
{
    ar_template *t = r->to;
    const ar_kind *judged;
    ar_str kind;

    AR_TRY(ar_node_text(r->file, r->root, "template", true, &t->name));
    if (!is_name(t->name))
        return ar_node_fail(r->file, ar_node_get(r->root, AR_LIT("template")),
                            "'%.*s' is no name of a template (want one like app or build_env)",
                            AR_FMT(t->name));
    if (name.len > 0 && !ar_str_eq(name, t->name))
        return ar_node_fail(r->file, ar_node_get(r->root, AR_LIT("template")),
                            "the template is '%.*s' and the file is named %.*s.yaml; want the same "
                            "name",
                            AR_FMT(t->name), AR_FMT(name));
    AR_TRY(ar_node_text(r->file, r->root, "title", true, &t->title));
    AR_TRY(ar_node_text(r->file, r->root, "meaning", true, &t->meaning));
    AR_TRY(ar_node_text(r->file, r->root, "kind", true, &kind));
    AR_TRY(at_node(r, ar_node_get(r->root, AR_LIT("kind")), AR_LIT("kind"),
                   ar_kinds_find(kinds, kind, &t->kind)));
    if (t->kind->view)
        return ar_node_fail(r->file, ar_node_get(r->root, AR_LIT("kind")),
                            "kind %.*s is a view of aright's own tables; nothing is made of it",
                            AR_FMT(kind));
    AR_TRY(ar_node_text(r->file, r->root, "gate", true, &t->gate));
    AR_TRY(at_node(r, ar_node_get(r->root, AR_LIT("gate")), AR_LIT("gate"),
                   ar_gate_find(standards, t->gate, r->arena, &judged)));
    if (judged == t->kind) return ar_ok();
    return ar_node_fail(r->file, ar_node_get(r->root, AR_LIT("gate")),
                        "%.*s judges kind %.*s, and this makes kind %.*s", AR_FMT(t->gate),
                        AR_FMT(judged->name), AR_FMT(kind));
}

static ar_err read_ask_type(const reader *r, const ar_node *map, ar_ask *ask)
{
    ar_str type = AR_LIT("text");

    AR_TRY(ar_node_text(r->file, map, "type", false, &type));
    for (size_t i = 0; i < AR_COUNT(ask_types); i++) {
        if (!ar_str_eq(type, ar_str_of(ask_types[i].name))) continue;
        ask->type = (enum ar_ask_type)i;
        return ar_ok();
    }
    return ar_node_fail(r->file, ar_node_get(map, AR_LIT("type")),
                        "type is '%.*s'; want word, text, int, double, bool or time", AR_FMT(type));
}

static bool is_scalar(const ar_node *node)
{
    return node->kind != AR_NODE_LIST && node->kind != AR_NODE_MAP && node->kind != AR_NODE_NULL;
}

static ar_err read_choices(const reader *r, const ar_node *map, ar_ask *ask)
{
    const ar_node *list = NULL;
    ar_str *choices;

    AR_TRY(ar_node_list(r->file, map, "choices", false, &list));
    if (list == NULL) return ar_ok();
    choices = ar_make_n(r->arena, ar_str, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (!is_scalar(list->items[i]))
            return ar_node_fail(r->file, list->items[i], "choices: want words, found %s",
                                ar_node_kind_name(list->items[i]->kind));
        AR_TRY(at_node(r, list->items[i], ask->name, ar_ask_check(ask, list->items[i]->text)));
        choices[i] = list->items[i]->text;
    }
    ask->choices = choices;
    ask->n_choices = list->n;
    return ar_ok();
}

static ar_err read_default(const reader *r, const ar_node *map, ar_ask *ask)
{
    const ar_node *node = ar_node_get(map, AR_LIT("default"));

    if (node == NULL) return ar_ok();
    if (ask->required)
        return ar_node_fail(r->file, node, "'%.*s' is required; want no default then",
                            AR_FMT(ask->name));
    if (!is_scalar(node))
        return ar_node_fail(r->file, node, "default: want a text or a number, found %s",
                            ar_node_kind_name(node->kind));
    ask->fallback = node->text;
    return at_node(r, node, AR_LIT("default"), ar_ask_check(ask, node->text));
}

static bool is_known(const ar_str name, const ar_ask *asks, size_t n)
{
    for (size_t i = 0; i < AR_TEMPLATE_ALWAYS; i++)
        if (ar_str_eq(name, ar_str_of(always[i]))) return true;
    for (size_t i = 0; i < n; i++)
        if (ar_str_eq(name, asks[i].name)) return true;
    return false;
}

static ar_err read_ask(const reader *r, const ar_node *map, ar_ask *asks, size_t n)
{
    ar_ask *ask = &asks[n];

    AR_TRY(ONLY(r, map, AR_LIT("name"), AR_LIT("type"), AR_LIT("required"), AR_LIT("default"),
                AR_LIT("choices"), AR_LIT("meaning")));
    AR_TRY(ar_node_text(r->file, map, "name", true, &ask->name));
    if (!is_name(ask->name))
        return ar_node_fail(r->file, ar_node_get(map, AR_LIT("name")),
                            "'%.*s' is no name of a parameter (want one like min_reviewers)",
                            AR_FMT(ask->name));
    if (is_known(ask->name, asks, n))
        return ar_node_fail(r->file, ar_node_get(map, AR_LIT("name")),
                            "there is a parameter '%.*s' already (name, owner, now, class and "
                            "expires are always there)",
                            AR_FMT(ask->name));
    AR_TRY(ar_node_text(r->file, map, "meaning", true, &ask->meaning));
    AR_TRY(ar_node_bool(r->file, map, "required", false, &ask->required));
    AR_TRY(read_ask_type(r, map, ask));
    AR_TRY(read_choices(r, map, ask));
    return read_default(r, map, ask);
}

static ar_err read_asks(reader *r)
{
    const ar_node *list = NULL;
    ar_ask *asks;

    AR_TRY(ar_node_list(r->file, r->root, "ask", false, &list));
    if (list != NULL && list->n > AR_TEMPLATE_ASKS_MAX)
        return ar_node_fail(r->file, list, "ask: %zu parameters, %d is the most", list->n,
                            (int)AR_TEMPLATE_ASKS_MAX);
    asks = ar_make_n(r->arena, ar_ask, AR_TEMPLATE_ASKS_MAX);
    for (size_t i = 0; list != NULL && i < list->n; i++)
        AR_TRY(read_ask(r, list->items[i], asks, i));
    r->to->asks = asks;
    r->to->n_asks = list == NULL ? 0 : list->n;
    r->names = ar_template_names(r->to, r->arena, &r->n_names);
    return ar_ok();
}

static ar_err read_class(const reader *r, const ar_pair *pair, ar_template_class *out)
{
    ar_str max = { 0 };
    ar_err err;

    out->name = pair->key;
    if (!is_name(pair->key))
        return ar_node_fail(r->file, pair->value, "'%.*s' is no name of a class",
                            AR_FMT(pair->key));
    if (pair->value->kind == AR_NODE_NULL) return ar_ok();
    AR_TRY(ONLY(r, pair->value, AR_LIT("max")));
    AR_TRY(ar_node_text(r->file, pair->value, "max", true, &max));
    err = ar_span_parse(max, &out->life_max);
    if (err.code == AR_OK && out->life_max <= 0)
        err = ar_fail(AR_INVALID, "want a length above zero");
    return at_node(r, pair->value, AR_LIT("max"), err);
}

static ar_err read_classes(reader *r)
{
    const ar_node *map = NULL;
    ar_template_class *classes;

    AR_TRY(ar_node_map(r->file, r->root, "class", true, &map));
    if (map->n == 0 || map->n > AR_TEMPLATE_CLASSES_MAX)
        return ar_node_fail(r->file, map, "class: want 1 to %d classes, found %zu",
                            (int)AR_TEMPLATE_CLASSES_MAX, map->n);
    classes = ar_make_n(r->arena, ar_template_class, map->n);
    for (size_t i = 0; i < map->n; i++) AR_TRY(read_class(r, &map->pairs[i], &classes[i]));
    r->to->classes = classes;
    r->to->n_classes = map->n;
    return ar_ok();
}

/* ---- the asset ---- */

/* The type of what the parameter stands for. */
static enum ar_type type_of(const ar_template *t, ar_str name)
{
    for (size_t i = 0; i < t->n_asks; i++)
        if (ar_str_eq(t->asks[i].name, name)) return ask_types[t->asks[i].type].type;
    return ar_str_eq(name, AR_LIT("now")) || ar_str_eq(name, AR_LIT("expires")) ? AR_TIME : AR_TEXT;
}

static ar_err check_cell(const reader *r, const ar_pair *pair, const ar_kind_column *column)
{
    const ar_node *value = pair->value;
    const ar_node row = { .kind = AR_NODE_MAP,
                          .line = pair->line,
                          .column = pair->column,
                          .pairs = (ar_pair[]){ *pair },
                          .n = 1 };
    ar_str only;

    if (value->kind != AR_NODE_TEXT || ar_str_find(value->text, '{') == value->text.len)
        return ar_row_check(r->file, r->to->kind, &row);
    AR_TRY(at_node(r, value, pair->key, ar_render_check(value->text, r->names, r->n_names)));
    if (column->type == AR_TEXT) return ar_ok();
    only = ar_render_only(value->text);
    if (only.len > 0 && type_of(r->to, only) == column->type) return ar_ok();
    return ar_node_fail(r->file, value,
                        "'%.*s' is %s; want a constant, or one parameter of type %s",
                        AR_FMT(pair->key), ar_type_name(column->type), ar_type_name(column->type));
}

static ar_err check_column(const reader *r, const ar_pair *pair)
{
    const ar_kind *kind = r->to->kind;
    const ar_kind_column *column = ar_kind_column_find(kind, pair->key);
    const ar_node place = { .line = pair->line, .column = pair->column };
    ar_str *names, near;

    if (column != NULL && ar_column_is_fact(column) && !is_filled(pair->key))
        return check_cell(r, pair, column);
    if (column != NULL)
        return ar_node_fail(r->file, &place, "'%.*s' is filled in by the program; leave it out",
                            AR_FMT(pair->key));
    names = ar_make_n(r->arena, ar_str, kind->n_columns);
    for (size_t i = 0; i < kind->n_columns; i++) names[i] = kind->columns[i].name;
    near = ar_str_nearest(pair->key, names, kind->n_columns);
    if (near.len > 0)
        return ar_node_fail(r->file, &place, "kind %.*s has no column '%.*s'; did you mean '%.*s'?",
                            AR_FMT(kind->name), AR_FMT(pair->key), AR_FMT(near));
    return ar_node_fail(r->file, &place, "kind %.*s has no column '%.*s'", AR_FMT(kind->name),
                        AR_FMT(pair->key));
}

static ar_err read_asset(reader *r)
{
    AR_TRY(ar_node_map(r->file, r->root, "asset", true, &r->to->asset));
    for (size_t i = 0; i < r->to->asset->n; i++) AR_TRY(check_column(r, &r->to->asset->pairs[i]));
    return ar_ok();
}

/* ---- the files ---- */

static ar_err read_as(const reader *r, const ar_node *map, enum ar_render_as *out)
{
    static const char *const words[] = { "plain", "json", "yaml" };
    ar_str as = AR_LIT("plain");

    AR_TRY(ar_node_text(r->file, map, "as", false, &as));
    for (size_t i = 0; i < AR_COUNT(words); i++)
        if (ar_str_eq(as, ar_str_of(words[i]))) return *out = (enum ar_render_as)i, ar_ok();
    return ar_node_fail(r->file, ar_node_get(map, AR_LIT("as")),
                        "as is '%.*s'; want plain, json or yaml", AR_FMT(as));
}

/* A path is looked at again when its parameters are filled in. */
static ar_err read_file(const reader *r, const ar_node *map, ar_template_file *out)
{
    const ar_node *text;

    AR_TRY(ONLY(r, map, AR_LIT("path"), AR_LIT("as"), AR_LIT("text")));
    AR_TRY(ar_node_text(r->file, map, "path", true, &out->path));
    AR_TRY(ar_node_text(r->file, map, "text", true, &out->text));
    AR_TRY(read_as(r, map, &out->as));
    out->node = map;
    text = ar_node_get(map, AR_LIT("text"));
    AR_TRY(at_node(r, ar_node_get(map, AR_LIT("path")), AR_LIT("path"),
                   ar_render_check(out->path, r->names, r->n_names)));
    if (ar_str_find(out->path, '{') == out->path.len)
        AR_TRY(at_node(r, ar_node_get(map, AR_LIT("path")), AR_LIT("path"),
                       ar_folder_check(out->path)));
    return at_node(r, text, out->path, ar_render_check(out->text, r->names, r->n_names));
}

static ar_err read_files(reader *r)
{
    const ar_node *list = NULL;
    ar_template_file *files;

    AR_TRY(ar_node_list(r->file, r->root, "files", true, &list));
    if (list->n > AR_TEMPLATE_FILES_MAX)
        return ar_node_fail(r->file, list, "files: %zu, %d is the most", list->n,
                            (int)AR_TEMPLATE_FILES_MAX);
    files = ar_make_n(r->arena, ar_template_file, list->n);
    for (size_t i = 0; i < list->n; i++) AR_TRY(read_file(r, list->items[i], &files[i]));
    r->to->files = files;
    r->to->n_files = list->n;
    return ar_ok();
}

ar_err ar_template_parse(ar_str file, ar_str name, ar_str text, const ar_standards *standards,
                         const ar_kinds *kinds, ar_arena *arena, ar_template *out_template)
{
    ar_form_limits limits = { .bytes_max = AR_TEMPLATE_BYTES_MAX };
    ar_template to = { .file = ar_arena_copy(arena, file) };
    reader r = { .file = to.file, .arena = arena, .to = &to };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, &limits, arena, &root));
    r.root = root;
    AR_TRY(ONLY(&r, root, AR_LIT("template"), AR_LIT("title"), AR_LIT("meaning"), AR_LIT("kind"),
                AR_LIT("gate"), AR_LIT("ask"), AR_LIT("class"), AR_LIT("asset"), AR_LIT("files")));
    AR_TRY(read_identity(&r, name, standards, kinds));
    AR_TRY(read_asks(&r));
    AR_TRY(read_classes(&r));
    AR_TRY(read_asset(&r));
    AR_TRY(read_files(&r));
    *out_template = to;
    return ar_ok();
}

/* ---- all of them ---- */

typedef struct surroundings {
    const ar_standards *standards;
    const ar_kinds *kinds;
} surroundings;

static ar_err read_template(const ar_place_file *file, ar_str text, const void *with,
                            ar_arena *arena, void *out_one)
{
    const surroundings *in = with;
    ar_template *one = out_one;

    AR_TRY(ar_template_parse(ar_str_of(file->path), file->name, text, in->standards, in->kinds,
                             arena, one));
    one->shipped = file->shipped;
    return ar_ok();
}

static const ar_definition_type template_type = {
    .folder = "templates",
    .one = "template",
    .file_max = AR_TEMPLATE_BYTES_MAX,
    .size = sizeof(ar_template),
    .name_at = offsetof(ar_template, name),
    .read = read_template,
};

ar_err ar_templates_load(const ar_place *place, const ar_standards *standards,
                         const ar_kinds *kinds, ar_arena *arena, ar_templates *out_templates)
{
    surroundings in = { standards, kinds };
    ar_definitions all;

    AR_TRY(ar_definitions_load(&template_type, place, &in, arena, &all));
    *out_templates = (ar_templates){ all.list, all.n, all.bad, all.n_bad };
    return ar_ok();
}

ar_err ar_templates_find(const ar_templates *templates, ar_str name, const ar_template **out_one)
{
    ar_definitions all = { templates->list, templates->n, templates->bad, templates->n_bad };
    const void *one;

    AR_TRY(ar_definitions_find(&template_type, &all, name, &one));
    *out_one = one;
    return ar_ok();
}
