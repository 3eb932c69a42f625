#include "fetch/recipe.h"

#include "form/json.h"

/* ---- reading ---- */

static ar_err read_method(ar_str file, const ar_node *map, ar_recipe *r)
{
    static const struct {
        const char *key, *method;
    } methods[] = { { "get", "GET" },
                    { "post", "POST" },
                    { "put", "PUT" },
                    { "patch", "PATCH" },
                    { "delete", "DELETE" } };
    size_t n = 0;

    for (size_t i = 0; i < AR_COUNT(methods); i++) {
        if (ar_node_get(map, ar_str_of(methods[i].key)) == NULL) continue;
        AR_TRY(ar_node_text(file, map, methods[i].key, true, &r->url));
        r->method = methods[i].method;
        n++;
    }
    for (size_t i = 0; i < r->url.len; i++)
        if ((unsigned char)r->url.ptr[i] <= ' ' || r->url.ptr[i] == '"' || r->url.ptr[i] == 127)
            return ar_node_fail(file, map,
                                "a path has no spaces and no quotes (want them "
                                "percent-encoded)");
    if (n == 1 && r->url.len > 0) return ar_ok();
    return ar_node_fail(file, map,
                        "want one of 'get', 'post', 'put', 'patch' and 'delete', with a "
                        "path");
}

static ar_err read_headers(ar_str file, const ar_node *map, ar_arena *arena, ar_recipe *r)
{
    const ar_node *headers = NULL;
    ar_auto(ar_buf) lines = { 0 };

    AR_TRY(ar_node_map(file, map, "headers", false, &headers));
    for (size_t i = 0; headers != NULL && i < headers->n; i++) {
        ar_str name = headers->pairs[i].key, value = headers->pairs[i].value->text;

        if (ar_str_contains(name, AR_LIT("\n")) || ar_str_contains(value, AR_LIT("\n")) ||
            ar_str_contains(value, AR_LIT("\r")) || ar_str_contains(value, AR_LIT("{")))
            return ar_node_fail(file, headers->pairs[i].value,
                                "a header is one line, as it is sent");
        ar_buf_addf(&lines, "%.*s: %.*s\n", AR_FMT(name), AR_FMT(value));
    }
    r->headers = ar_arena_copy(arena, ar_buf_str(&lines));
    return ar_ok();
}

static ar_err see_page(void *self, ar_str name)
{
    ar_recipe *r = self;

    r->paged = r->paged || ar_str_eq(name, AR_LIT("page"));
    return ar_ok();
}

ar_err ar_recipe_read(ar_str file, const ar_node *map, ar_arena *arena, ar_recipe *out_request)
{
    ar_recipe r = { .node = map, .body = ar_node_get(map, AR_LIT("body")) };

    AR_TRY(read_method(file, map, &r));
    AR_TRY(read_headers(file, map, arena, &r));
    if (r.body != NULL && r.body->kind != AR_NODE_MAP && r.body->kind != AR_NODE_LIST)
        return ar_node_fail(file, r.body, "a body is a map or a list");
    if (r.body != NULL && strcmp(r.method, "GET") == 0)
        return ar_node_fail(file, r.body, "what is got has no body (want 'post')");
    AR_TRY_WITH(ar_recipe_names(&r, see_page, &r), "%.*s:%u", AR_FMT(file), map->line);
    *out_request = r;
    return ar_ok();
}

/* ---- names in braces ---- */

/* The text before the next name, and the name; false when there is none. */
static bool next_name(ar_str *rest, ar_str *out_before, ar_str *out_name)
{
    size_t open = ar_str_find(*rest, '{'), close;

    *out_before = ar_str_cut(*rest, 0, open);
    *rest = ar_str_cut(*rest, open, rest->len);
    if (rest->len == 0) return false;
    close = ar_str_find(*rest, '}');
    *out_name = ar_str_cut(*rest, 1, close);
    *rest = ar_str_cut(*rest, close < rest->len ? close + 1 : close, rest->len);
    return true;
}

static ar_err names_in_text(ar_str text, ar_recipe_seen *see, void *self)
{
    ar_str before, name;

    while (next_name(&text, &before, &name)) AR_TRY(see(self, name));
    return ar_ok();
}

static ar_err names_in_node(const ar_node *node, ar_recipe_seen *see, void *self)
{
    if (node->kind == AR_NODE_TEXT) return names_in_text(node->text, see, self);
    for (size_t i = 0; node->kind == AR_NODE_LIST && i < node->n; i++)
        AR_TRY(names_in_node(node->items[i], see, self));
    for (size_t i = 0; node->kind == AR_NODE_MAP && i < node->n; i++)
        AR_TRY(names_in_node(node->pairs[i].value, see, self));
    return ar_ok();
}

ar_err ar_recipe_names(const ar_recipe *request, ar_recipe_seen *see, void *self)
{
    AR_TRY(names_in_text(request->url, see, self));
    return request->body == NULL ? ar_ok() : names_in_node(request->body, see, self);
}

/* ---- filling in ---- */

static ar_err find(const ar_fields *fields, ar_str name, const ar_field **out_field)
{
    for (size_t i = 0; i < fields->n; i++)
        if (ar_str_eq(fields->list[i].name, name)) return *out_field = &fields->list[i], ar_ok();
    return ar_fail(AR_INVALID,
                   "nothing is called '{%.*s}' here (a project gives its own with "
                   "`with: {%.*s: …}`)",
                   AR_FMT(name), AR_FMT(name));
}

static void add_encoded(ar_buf *out, ar_str value, bool quoted)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        char low = ar_lower((char)c);
        bool plain = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
                     (c != '\0' && strchr("-._~", c) != NULL);

        if (plain)
            ar_buf_addc(out, (char)c);
        else
            ar_buf_addf(out, "%s%%%02X", quoted && c == '\'' ? "%27" : "", c);
    }
}

/* Steps "." and ".." are taken on the way, encoded or not. */
static ar_err check_steps(ar_str url, ar_str template)
{
    ar_str path = ar_str_cut(url, 0, ar_str_find(url, '?')), step;

    while (ar_str_split(&path, '/', &step))
        if (ar_str_eq(step, AR_LIT(".")) || ar_str_eq(step, AR_LIT("..")))
            return ar_fail(AR_INVALID, "a value makes '%.*s' of '%.*s', which leads elsewhere",
                           AR_FMT(url), AR_FMT(template));
    return ar_ok();
}

static bool is_odd(ar_str text, char byte)
{
    bool odd = false;

    for (size_t i = 0; i < text.len; i++) odd ^= text.ptr[i] == byte;
    return odd;
}

static ar_err fill_url(ar_str template, const ar_fields *fields, ar_arena *arena, ar_str *out_url)
{
    ar_auto(ar_buf) out = { 0 };
    ar_str text = template, before, name;
    bool quoted = false;

    while (next_name(&text, &before, &name)) {
        const ar_field *field;

        AR_TRY(find(fields, name, &field));
        if (field->text.ptr == NULL)
            return ar_fail(AR_INVALID, "'{%.*s}' has no value here, and stands in a path",
                           AR_FMT(name));
        quoted ^= is_odd(before, '\'');
        ar_buf_add(&out, before);
        add_encoded(&out, field->text, quoted);
    }
    ar_buf_add(&out, before);
    *out_url = ar_arena_copy(arena, ar_buf_str(&out));
    return check_steps(*out_url, template);
}

ar_err ar_recipe_text(ar_str text, const ar_fields *fields, ar_arena *arena, ar_str *out_text)
{
    ar_auto(ar_buf) out = { 0 };
    ar_str before, name;

    while (next_name(&text, &before, &name)) {
        const ar_field *field;

        AR_TRY(find(fields, name, &field));
        ar_buf_add(&out, before);
        ar_buf_add(&out, field->text);
    }
    ar_buf_add(&out, before);
    *out_text = ar_arena_copy(arena, ar_buf_str(&out));
    return ar_ok();
}

static bool is_one_name(ar_str text, ar_str *out_name)
{
    ar_str rest = text, before;

    return next_name(&rest, &before, out_name) && before.len == 0 && rest.len == 0;
}

static ar_err fill_text(const ar_node *node, const ar_fields *fields, ar_arena *arena,
                        ar_node **out)
{
    const ar_field *field;
    ar_str name;

    if (is_one_name(node->text, &name)) {
        AR_TRY(find(fields, name, &field));
        if (field->text.ptr == NULL) return *out = NULL, ar_ok();
        if (field->json) return ar_json_parse(field->name, field->text, NULL, arena, out);
    }
    *out = ar_make(arena, ar_node);
    **out = *node;
    return ar_recipe_text(node->text, fields, arena, &(*out)->text);
}

static ar_err fill_node(const ar_node *node, const ar_fields *fields, ar_arena *arena,
                        ar_node **out)
{
    ar_node *filled = ar_make(arena, ar_node), *part;

    if (node->kind == AR_NODE_TEXT) return fill_text(node, fields, arena, out);
    *filled = *node;
    filled->n = 0;
    if (node->kind == AR_NODE_LIST) filled->items = ar_make_n(arena, ar_node *, node->n);
    if (node->kind == AR_NODE_MAP) filled->pairs = ar_make_n(arena, ar_pair, node->n);
    for (size_t i = 0; node->kind == AR_NODE_LIST && i < node->n; i++) {
        AR_TRY(fill_node(node->items[i], fields, arena, &part));
        if (part != NULL) filled->items[filled->n++] = part;
    }
    for (size_t i = 0; node->kind == AR_NODE_MAP && i < node->n; i++) {
        AR_TRY(fill_node(node->pairs[i].value, fields, arena, &part));
        if (part == NULL) continue;
        filled->pairs[filled->n] = node->pairs[i];
        filled->pairs[filled->n++].value = part;
    }
    return *out = filled, ar_ok();
}

ar_err ar_recipe_fill(const ar_recipe *request, const ar_fields *fields, ar_arena *arena,
                      ar_call *out_call)
{
    ar_auto(ar_buf) text = { 0 };
    ar_call call = { .method = request->method, .headers = request->headers };
    ar_node *body = NULL;

    AR_TRY(fill_url(request->url, fields, arena, &call.url));
    if (request->body != NULL) {
        AR_TRY(fill_node(request->body, fields, arena, &body));
        ar_json_node(&text, body);
        call.body = ar_arena_copy(arena, ar_buf_str(&text));
    }
    *out_call = call;
    return ar_ok();
}
