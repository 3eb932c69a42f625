#include "start/proposal.h"

#include "form/hash.h"
#include "form/json.h"
#include "form/yaml.h"
#include "start/folder.h"

typedef struct maker {
    const ar_template *template;
    const ar_wish *wish;
    ar_arena *arena;
    ar_proposal *to;
    ar_given *given; /* the names that are always there, then what the template asks for */
    size_t n;
} maker;

/* ---- who, which class, how long ---- */

static ar_err check_word(const char *what, ar_str text)
{
    const ar_ask word = { .type = AR_ASK_WORD, .required = true };

    AR_TRY_WITH(ar_ask_check(&word, text), "%s", what);
    return ar_ok();
}

/* It becomes an id, and part of paths. */
static ar_err check_name(ar_str name)
{
    if (name.len > AR_START_NAME_MAX)
        return ar_fail(AR_LIMIT, "the name has %zu bytes, %d is the most", name.len,
                       (int)AR_START_NAME_MAX);
    AR_TRY(check_word("the name", name));
    if (name.ptr[0] != '.' && name.ptr[0] != '-' && ar_str_find(name, '/') == name.len)
        return ar_ok();
    return ar_fail(AR_INVALID, "'%.*s' is no name (want one like payroll-api)", AR_FMT(name));
}

static ar_err check_owner(ar_str owner)
{
    static const char *const sorts[] = { "person:", "team:", "division:" };

    AR_TRY(check_word("the owner", owner));
    for (size_t i = 0; i < AR_COUNT(sorts); i++)
        if (ar_str_starts(owner, ar_str_of(sorts[i])) && owner.len > strlen(sorts[i]))
            return ar_ok();
    return ar_fail(AR_INVALID, "'%.*s' is no owner (want person:NAME, team:NAME or division:NAME)",
                   AR_FMT(owner));
}

static ar_err find_class(maker *m, const ar_template_class **out_class)
{
    const ar_template *t = m->template;
    ar_auto(ar_buf) names = { 0 };
    ar_str name = m->wish->class;

    if (name.len == 0) return *out_class = &t->classes[0], ar_ok();
    for (size_t i = 0; i < t->n_classes; i++) {
        if (ar_str_eq(t->classes[i].name, name)) return *out_class = &t->classes[i], ar_ok();
        ar_buf_addf(&names, "%s%.*s", i == 0 ? "" : ", ", AR_FMT(t->classes[i].name));
    }
    return ar_fail(AR_INVALID, "template %.*s makes nothing of class '%.*s' (want one of: %s)",
                   AR_FMT(t->name), AR_FMT(name), names.ptr);
}

static ar_err check_life(const maker *m, const ar_template_class *class, ar_time end)
{
    ar_time last = m->wish->now + class->life_max;
    char most[AR_TIME_LEN], asked[AR_TIME_LEN];
    ar_str span;

    if (end <= m->wish->now)
        return ar_fail(AR_INVALID, "it would have ended before it began, %s",
                       ar_time_print(end, asked));
    if (class->life_max == 0 || end <= last) return ar_ok();
    span = ar_span_print(class->life_max, m->arena);
    return ar_fail(AR_INVALID,
                   "what is %.*s lives %.*s at most, until %s, and this one would live until %s; a "
                   "longer life is another class",
                   AR_FMT(class->name), AR_FMT(span), ar_time_print(ar_time_to_second(last), most),
                   ar_time_print(end, asked));
}

static ar_err read_life(maker *m)
{
    const ar_template_class *class = NULL;
    ar_time end;

    AR_TRY(find_class(m, &class));
    m->to->class = class->name;
    if (m->wish->expires.len > 0) {
        AR_TRY_WITH(ar_time_parse_from(m->wish->expires, m->wish->now, &end), "--expires");
        AR_TRY_WITH(check_life(m, class, end), "--expires");
        m->to->expires_at = ar_at(end);
    } else if (class->life_max > 0) {
        m->to->expires_at = ar_at(m->wish->now + class->life_max);
    }
    return ar_ok();
}

/* ---- what is given for the parameters ---- */

static ar_str value_text(maker *m, ar_value value)
{
    ar_auto(ar_buf) text = { 0 };

    ar_value_print(&text, value);
    return ar_arena_copy(m->arena, ar_buf_str(&text));
}

/* In the order of ar_template_names. */
static void give_always(maker *m)
{
    const ar_str values[AR_TEMPLATE_ALWAYS] = { m->wish->name, m->wish->owner,
                                                value_text(m, ar_at(m->wish->now)), m->to->class,
                                                value_text(m, m->to->expires_at) };

    m->given = ar_template_names(m->template, m->arena, &m->n);
    for (size_t i = 0; i < AR_TEMPLATE_ALWAYS; i++) m->given[i].value = values[i];
}

static ar_err find_ask(const maker *m, ar_str name, size_t *out_i)
{
    const ar_template *t = m->template;
    ar_str *names = ar_make_n(m->arena, ar_str, t->n_asks), near;

    for (size_t i = 0; i < t->n_asks; i++) {
        names[i] = t->asks[i].name;
        if (ar_str_eq(names[i], name)) return *out_i = i, ar_ok();
    }
    near = ar_str_nearest(name, names, t->n_asks);
    if (near.len > 0)
        return ar_fail(AR_INVALID, "template %.*s asks for no '%.*s'; did you mean '%.*s'?",
                       AR_FMT(t->name), AR_FMT(name), AR_FMT(near));
    return ar_fail(AR_INVALID,
                   "template %.*s asks for no '%.*s'; `aright template show %.*s` says what it "
                   "asks for",
                   AR_FMT(t->name), AR_FMT(name), AR_FMT(t->name));
}

static ar_err give(maker *m, const ar_ask *ask, ar_str text, ar_str *out_value)
{
    ar_time at;

    AR_TRY_WITH(ar_ask_check(ask, text), "--set %.*s", AR_FMT(ask->name));
    *out_value = text;
    if (ask->type != AR_ASK_TIME || text.len == 0) return ar_ok();
    AR_TRY(ar_time_parse_from(text, m->wish->now, &at));
    *out_value = value_text(m, ar_at(at));
    return ar_ok();
}

static ar_err give_asked(maker *m)
{
    const ar_template *t = m->template;
    bool *is_set = ar_make_n(m->arena, bool, t->n_asks + 1);
    size_t i = 0;

    for (size_t k = 0; k < m->wish->n_sets; k++) {
        ar_str set = m->wish->sets[k];
        size_t equals = ar_str_find(set, '=');

        if (equals == set.len)
            return ar_fail(AR_INVALID, "--set is '%.*s'; want PARAMETER=VALUE", AR_FMT(set));
        AR_TRY_WITH(find_ask(m, ar_str_cut(set, 0, equals), &i), "--set");
        if (is_set[i])
            return ar_fail(AR_INVALID, "--set gives '%.*s' twice", AR_FMT(t->asks[i].name));
        is_set[i] = true;
        AR_TRY(give(m, &t->asks[i], ar_str_cut(set, equals + 1, set.len),
                    &m->given[AR_TEMPLATE_ALWAYS + i].value));
    }
    for (i = 0; i < t->n_asks; i++) {
        const ar_ask *ask = &t->asks[i];

        if (is_set[i]) continue;
        if (ask->required)
            return ar_fail(AR_INVALID, "template %.*s needs --set %.*s=…: %.*s", AR_FMT(t->name),
                           AR_FMT(ask->name), AR_FMT(ask->meaning));
        AR_TRY(give(m, ask, ask->fallback, &m->given[AR_TEMPLATE_ALWAYS + i].value));
    }
    return ar_ok();
}

/* ---- the asset ---- */

/* What who makes a thing says of it and nobody else knows better. */
static bool is_registered(ar_str column)
{
    static const char *const names[] = {
        "id",          "name",           "owner_id",          "tenant_id",  "env",
        "criticality", "class",          "created_at",        "expires_at", "created_via",
        "repo_id",     "inventoried_at", "emergency_contact",
    };

    for (size_t i = 0; i < AR_COUNT(names); i++)
        if (ar_str_eq(column, ar_str_of(names[i]))) return true;
    return false;
}

typedef struct two_rows {
    ar_buf all, registered;
} two_rows;

static void two_rows_done(two_rows *rows)
{
    ar_buf_done(&rows->all);
    ar_buf_done(&rows->registered);
}

static void add_pair(ar_buf *json, ar_str column, ar_value value)
{
    ar_buf_addc(json, json->len == 0 ? '{' : ',');
    ar_json_text(json, column);
    ar_buf_addc(json, ':');
    ar_json_value(json, value);
}

static void add_cell(two_rows *rows, ar_str column, ar_value value)
{
    if (value.type == AR_NULL) return;
    add_pair(&rows->all, column, value);
    if (is_registered(column)) add_pair(&rows->registered, column, value);
}

static ar_err read_text(maker *m, ar_str text, enum ar_type type, ar_value *out)
{
    ar_time at;

    if (type == AR_TEXT || text.len == 0) return *out = ar_text_or_null(text), ar_ok();
    if (type != AR_TIME) return ar_value_parse(text, type, out);
    AR_TRY(ar_time_parse_from(text, m->wish->now, &at));
    *out = ar_at(at);
    return ar_ok();
}

/* The template was checked: constants are of their column's type. */
static ar_err cell_value(maker *m, const ar_node *node, enum ar_type type, ar_value *out)
{
    ar_auto(ar_buf) text = { 0 };

    *out = ar_null();
    if (node->kind == AR_NODE_NULL) return ar_ok();
    if (type == AR_BOOL && node->kind == AR_NODE_BOOL) return *out = ar_bool(node->b), ar_ok();
    if (type == AR_INT && node->kind == AR_NODE_INT) return *out = ar_int(node->i), ar_ok();
    if (type == AR_DOUBLE && node->kind == AR_NODE_DOUBLE)
        return *out = ar_double(node->d), ar_ok();
    if (node->kind != AR_NODE_TEXT) return read_text(m, node->text, type, out);
    AR_TRY(ar_render(node->text, AR_RENDER_PLAIN, m->given, m->n, &text));
    return read_text(m, ar_arena_copy(m->arena, ar_buf_str(&text)), type, out);
}

static ar_err add_asked(maker *m, two_rows *rows)
{
    const ar_node *asset = m->template->asset;

    for (size_t i = 0; i < asset->n; i++) {
        const ar_pair *pair = &asset->pairs[i];
        const ar_kind_column *column = ar_kind_column_find(m->template->kind, pair->key);
        ar_value value;

        AR_TRY_WITH(cell_value(m, pair->value, column->type, &value), "%.*s", AR_FMT(pair->key));
        if (ar_str_eq(pair->key, AR_LIT("id")) && value.type == AR_TEXT) m->to->id = value.s;
        add_cell(rows, pair->key, value);
    }
    return ar_ok();
}

static void add_filled(maker *m, two_rows *rows)
{
    const ar_kind *kind = m->template->kind;
    ar_value now = ar_at(m->wish->now);

    if (ar_node_get(m->template->asset, AR_LIT("name")) == NULL)
        add_cell(rows, AR_LIT("name"), ar_text(m->wish->name));
    add_cell(rows, AR_LIT("owner_id"), ar_text(m->wish->owner));
    add_cell(rows, AR_LIT("created_at"), now);
    add_cell(rows, AR_LIT("inventoried"), ar_bool(true));
    add_cell(rows, AR_LIT("inventoried_at"), now);
    if (ar_kind_column_find(kind, AR_LIT("class")) != NULL)
        add_cell(rows, AR_LIT("class"), ar_text(m->to->class));
    if (ar_kind_column_find(kind, AR_LIT("expires_at")) != NULL)
        add_cell(rows, AR_LIT("expires_at"), m->to->expires_at);
}

static ar_err propose_asset(maker *m)
{
    __attribute__((cleanup(two_rows_done))) two_rows rows = { 0 };

    m->to->id = m->wish->name;
    if (ar_node_get(m->template->asset, AR_LIT("id")) == NULL)
        add_cell(&rows, AR_LIT("id"), ar_text(m->wish->name));
    AR_TRY(add_asked(m, &rows));
    add_filled(m, &rows);
    ar_buf_addc(&rows.all, '}');
    ar_buf_addc(&rows.registered, '}');
    m->to->json = ar_arena_copy(m->arena, ar_buf_str(&rows.all));
    AR_TRY(ar_json_parse(AR_LIT("proposal"), m->to->json, NULL, m->arena, &m->to->asset));
    return ar_json_parse(AR_LIT("proposal"), ar_buf_str(&rows.registered), NULL, m->arena,
                         &m->to->registered);
}

/* ---- the files ---- */

static ar_err rendered(maker *m, ar_str text, enum ar_render_as as, ar_str *out)
{
    ar_auto(ar_buf) buf = { 0 };

    AR_TRY(ar_render(text, as, m->given, m->n, &buf));
    *out = ar_arena_copy(m->arena, ar_buf_str(&buf));
    return ar_ok();
}

/* What was given may make something else of a file than its template meant. */
static ar_err check_format(maker *m, const ar_proposed_file *file, enum ar_render_as as)
{
    ar_node *node;

    if (as == AR_RENDER_JSON) return ar_json_parse(file->path, file->text, NULL, m->arena, &node);
    if (as == AR_RENDER_YAML) return ar_yaml_parse(file->path, file->text, NULL, m->arena, &node);
    return ar_ok();
}

/* Whether both can be: neither is the other, nor a folder on its way. */
static bool fit_together(ar_str a, ar_str b)
{
    ar_str shorter = a.len < b.len ? a : b, longer = a.len < b.len ? b : a;

    return !ar_str_starts(longer, shorter) ||
           (longer.len > shorter.len && longer.ptr[shorter.len] != '/');
}

static ar_err propose_file(maker *m, const ar_template_file *from, ar_proposed_file *out)
{
    AR_TRY(rendered(m, from->path, AR_RENDER_PLAIN, &out->path));
    AR_TRY(ar_folder_check(out->path));
    AR_TRY_WITH(rendered(m, from->text, from->as, &out->text), "%.*s", AR_FMT(out->path));
    AR_TRY(check_format(m, out, from->as));
    for (size_t i = 0; i < m->to->n_files; i++)
        if (!fit_together(m->to->files[i].path, out->path))
            return ar_fail(AR_INVALID, "'%.*s' is in the way of '%.*s'; want different paths",
                           AR_FMT(m->to->files[i].path), AR_FMT(out->path));
    return ar_ok();
}

static ar_err propose_files(maker *m)
{
    const ar_template *t = m->template;
    size_t bytes = 0;

    m->to->files = ar_make_n(m->arena, ar_proposed_file, t->n_files);
    for (size_t i = 0; i < t->n_files; i++) {
        ar_proposed_file *file = &m->to->files[i];
        ar_err err = propose_file(m, &t->files[i], file);

        if (err.code != AR_OK)
            return ar_context(err, "%.*s:%u", AR_FMT(t->file), t->files[i].node->line);
        bytes += file->text.len;
        if (bytes > AR_START_BYTES_MAX)
            return ar_fail(AR_LIMIT, "the files have more than %d bytes together",
                           (int)AR_START_BYTES_MAX);
        m->to->n_files++;
    }
    return ar_ok();
}

static ar_str hash_of(const ar_proposal *p, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "%.*s\n", AR_FMT(p->json));
    for (size_t i = 0; i < p->n_files; i++)
        ar_buf_addf(&text, "%.*s %zu\n%.*s\n", AR_FMT(p->files[i].path), p->files[i].text.len,
                    AR_FMT(p->files[i].text));
    return ar_sha256(ar_buf_str(&text), arena);
}

ar_err ar_propose(const ar_template *template, const ar_wish *wish, ar_arena *arena,
                  ar_proposal *out_proposal)
{
    ar_proposal to = { .template = template, .owner = wish->owner, .made_at = wish->now };
    maker m = { .template = template, .wish = wish, .arena = arena, .to = &to };

    AR_TRY(check_name(wish->name));
    AR_TRY(check_owner(wish->owner));
    AR_TRY(read_life(&m));
    give_always(&m);
    AR_TRY(give_asked(&m));
    AR_TRY(propose_asset(&m));
    AR_TRY(propose_files(&m));
    to.hash = hash_of(&to, arena);
    *out_proposal = to;
    return ar_ok();
}
