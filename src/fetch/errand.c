#include "fetch/errand.h"

#include "form/json.h"

#define K(name) AR_LIT(#name)

static const char how_url_begins[] = "want a url that begins with https://, http:// or a setting "
                                     "in braces";

/* ---- reading ---- */

static ar_err check_url(ar_str file, const ar_node *map, const char *key, ar_str url)
{
    bool known = url.len == 0 || url.ptr[0] == '{' || ar_str_starts(url, AR_LIT("https://")) ||
                 ar_str_starts(url, AR_LIT("http://"));

    if (known) return ar_ok();
    return ar_node_fail(file, ar_node_get(map, ar_str_of(key)), "'%.*s': %s", AR_FMT(url),
                        how_url_begins);
}

static ar_err read_url(ar_str file, const ar_node *map, const char *key, bool required, ar_str *out)
{
    AR_TRY(ar_node_text(file, map, key, required, out));
    return check_url(file, map, key, *out);
}

static bool is_header_name(ar_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = ar_lower(name.ptr[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return name.len > 0;
}

static bool is_one_line(ar_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f) return false;
    return true;
}

static ar_err read_headers(ar_str file, const ar_node *node, ar_arena *arena, ar_errand *e)
{
    const ar_node *map = NULL;
    ar_auto(ar_buf) lines = { 0 };

    AR_TRY(ar_node_map(file, node, "headers", false, &map));
    for (size_t i = 0; map != NULL && i < map->n; i++) {
        ar_str name = map->pairs[i].key, value = map->pairs[i].value->text;

        if (!is_header_name(name) || !is_one_line(value))
            return ar_node_fail(file, map->pairs[i].value,
                                "'%.*s' is no header (want a name of letters, digits and '-', and "
                                "a text of one line)",
                                AR_FMT(name));
        ar_buf_addf(&lines, "%.*s: %.*s\n", AR_FMT(name), AR_FMT(value));
    }
    e->headers = ar_arena_copy(arena, ar_buf_str(&lines));
    return ar_ok();
}

static ar_err read_body(ar_str file, const ar_node *node, ar_arena *arena, ar_errand *e)
{
    const ar_node *map = NULL;
    ar_auto(ar_buf) text = { 0 };

    AR_TRY(ar_node_map(file, node, "body", false, &map));
    if (map == NULL) return ar_ok();
    ar_json_node(&text, map);
    e->body = ar_arena_copy(arena, ar_buf_str(&text));
    return ar_ok();
}

static ar_err read_auth(ar_str file, const ar_node *node, ar_errand *e)
{
    static const ar_str keys[] = { K(oauth), K(scope), K(header), K(prefix), K(basic) };
    const ar_node *map = NULL;
    bool basic = false;

    AR_TRY(ar_node_map(file, node, "auth", false, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(ar_node_only(file, map, keys, AR_COUNT(keys)));
    AR_TRY(read_url(file, map, "oauth", false, &e->token_url));
    AR_TRY(ar_node_text(file, map, "scope", false, &e->scope));
    AR_TRY(ar_node_text(file, map, "header", false, &e->proof_header));
    AR_TRY(ar_node_text(file, map, "prefix", false, &e->proof_prefix));
    AR_TRY(ar_node_bool(file, map, "basic", false, &basic));

    if ((e->token_url.len > 0) + (e->proof_header.len > 0) + basic != 1)
        return ar_node_fail(file, map, "want one of 'oauth', 'header' and 'basic'");
    if (e->proof_header.len > 0 && !is_header_name(e->proof_header))
        return ar_node_fail(file, map, "'%.*s' is not the name of a header",
                            AR_FMT(e->proof_header));
    if (!is_one_line(e->proof_prefix))
        return ar_node_fail(file, ar_node_get(map, AR_LIT("prefix")),
                            "'prefix' is more than one line of text");
    e->proof = basic ? AR_PROOF_BASIC : e->token_url.len > 0 ? AR_PROOF_OAUTH : AR_PROOF_HEADER;
    return ar_ok();
}

static ar_err read_paging(ar_str file, const ar_node *map, ar_errand *e)
{
    static const struct {
        const char *key;
        enum ar_paging paging;
    } forms[] = {
        { "next", AR_PAGING_NEXT }, { "link", AR_PAGING_LINK },     { "token", AR_PAGING_TOKEN },
        { "page", AR_PAGING_PAGE }, { "offset", AR_PAGING_OFFSET },
    };
    size_t n = 0;

    for (size_t i = 0; i < AR_COUNT(forms); i++) {
        ar_str value = { 0 };

        AR_TRY(ar_node_text(file, map, forms[i].key, false, &value));
        if (value.len == 0) continue;
        n++;
        e->paging = forms[i].paging;
        if (e->paging == AR_PAGING_PAGE || e->paging == AR_PAGING_OFFSET)
            e->page_field = value;
        else
            e->page_path = value;
    }
    if (n == 1) return ar_ok();
    return ar_node_fail(file, map, "want one of 'next', 'link', 'token', 'page' and 'offset'");
}

static ar_err read_pages(ar_str file, const ar_node *node, ar_errand *e)
{
    static const ar_str keys[] = { K(next), K(link), K(token), K(page), K(offset),
                                   K(into), K(from), K(by),    K(total) };
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(file, node, "pages", false, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(ar_node_only(file, map, keys, AR_COUNT(keys)));
    AR_TRY(read_paging(file, map, e));
    if (e->paging == AR_PAGING_TOKEN) AR_TRY(ar_node_text(file, map, "into", true, &e->page_field));
    e->from = e->paging == AR_PAGING_PAGE ? 1 : 0;
    e->by = e->paging == AR_PAGING_PAGE ? 1 : 0;
    AR_TRY(ar_node_int(file, map, "from", false, &e->from));
    AR_TRY(ar_node_int(file, map, "by", false, &e->by));
    AR_TRY(ar_node_text(file, map, "total", false, &e->total_header));
    if (e->from < 0 || e->by < 0 || e->from > AR_ERRAND_COUNT_MAX || e->by > AR_ERRAND_COUNT_MAX)
        return ar_node_fail(file, map, "'from' and 'by' are numbers from 0 to %d",
                            AR_ERRAND_COUNT_MAX);
    return ar_ok();
}

static ar_err read_delta(ar_str file, const ar_node *node, ar_errand *e)
{
    static const ar_str keys[] = { K(url), K(link), K(removed) };
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(file, node, "delta", false, &map));
    if (map == NULL) return ar_ok();
    AR_TRY(ar_node_only(file, map, keys, AR_COUNT(keys)));
    e->delta_url = e->url;
    AR_TRY(read_url(file, map, "url", false, &e->delta_url));
    AR_TRY(ar_node_text(file, map, "link", true, &e->delta_path));
    AR_TRY(ar_node_text(file, map, "removed", false, &e->removed_path));
    if (e->paging == AR_PAGING_NEXT) return ar_ok();
    return ar_node_fail(file, map,
                        "'delta' goes with pages that name the next one (want "
                        "'pages: {next: …}')");
}

ar_err ar_errand_read(ar_str file, const ar_node *node, ar_arena *arena, ar_errand *out_errand)
{
    static const ar_str keys[] = { K(url), K(body), K(headers), K(auth), K(pages), K(delta) };
    ar_errand e = { 0 };

    AR_TRY(ar_node_only(file, node, keys, AR_COUNT(keys)));
    AR_TRY(read_url(file, node, "url", true, &e.url));
    AR_TRY(read_body(file, node, arena, &e));
    AR_TRY(read_headers(file, node, arena, &e));
    AR_TRY(read_auth(file, node, &e));
    AR_TRY(read_pages(file, node, &e));
    AR_TRY(read_delta(file, node, &e));
    *out_errand = e;
    return ar_ok();
}

/* ---- filling in ---- */

typedef struct filling {
    const ar_settings *settings;
    ar_arena *arena;
} filling;

static void add_encoded(ar_buf *out, ar_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        char low = ar_lower((char)c);
        bool plain = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                     c == '_' || c == '~';

        if (plain)
            ar_buf_addc(out, (char)c);
        else
            ar_buf_addf(out, "%%%02X", c);
    }
}

/* The same all day long, so that what is asked for stays the same. */
static ar_err find_day(const filling *f, ar_str span, ar_str *out_value)
{
    char text[AR_TIME_LEN];
    int64_t back;

    AR_TRY(ar_span_parse(span, &back));
    ar_time day = f->settings->now - back;

    *out_value = ar_arena_copy(f->arena, ar_str_of(ar_time_print(day - day % AR_DAY, text)));
    return ar_ok();
}

static ar_err find_setting(const filling *f, ar_str name, ar_str *out_value)
{
    static const ar_str today = AR_LIT("today-");
    const ar_settings *s = f->settings;

    if (ar_str_starts(name, today))
        return find_day(f, ar_str_cut(name, today.len, name.len), out_value);
    for (size_t i = 0; i < s->n; i++) {
        if (!ar_str_eq(s->list[i].name, name)) continue;
        s->used[i] = true;
        return *out_value = s->list[i].value, ar_ok();
    }
    return ar_fail(AR_INVALID, "the setting '%.*s' is missing (want `with: {%.*s: …}`)",
                   AR_FMT(name), AR_FMT(name));
}

static ar_err fill_text(const filling *f, ar_str *text, bool is_url)
{
    ar_auto(ar_buf) out = { 0 };
    ar_str rest = *text;

    while (rest.len > 0) {
        size_t open = ar_str_find(rest, '{'), close = ar_str_find(rest, '}');
        ar_str value;

        ar_buf_add(&out, ar_str_cut(rest, 0, open < close ? open : rest.len));
        if (open >= close) break;
        if (close == rest.len)
            return ar_fail(AR_INVALID, "a brace is not closed in '%.*s'", AR_FMT(*text));
        AR_TRY(find_setting(f, ar_str_cut(rest, open + 1, close), &value));
        if (is_url && out.len > 0)
            add_encoded(&out, value);
        else
            ar_buf_add(&out, value);
        rest = ar_str_cut(rest, close + 1, rest.len);
    }
    *text = ar_arena_copy(f->arena, ar_buf_str(&out));
    return ar_ok();
}

static ar_err fill_node(const filling *f, ar_node *node)
{
    if (node->kind == AR_NODE_TEXT) return fill_text(f, &node->text, false);
    for (size_t i = 0; node->kind == AR_NODE_LIST && i < node->n; i++)
        AR_TRY(fill_node(f, node->items[i]));
    for (size_t i = 0; node->kind == AR_NODE_MAP && i < node->n; i++)
        AR_TRY(fill_node(f, node->pairs[i].value));
    return ar_ok();
}

static ar_err fill_body(const filling *f, ar_errand *e)
{
    ar_auto(ar_buf) text = { 0 };
    ar_node *body;

    if (e->body.len == 0) return ar_ok();
    AR_TRY(ar_json_parse(AR_LIT("body"), e->body, NULL, f->arena, &body));
    AR_TRY(fill_node(f, body));
    ar_json_node(&text, body);
    e->body = ar_arena_copy(f->arena, ar_buf_str(&text));
    return ar_ok();
}

static ar_err check_settings(const ar_settings *settings)
{
    for (size_t i = 0; i < settings->n; i++)
        if (!is_one_line(settings->list[i].value))
            return ar_fail(AR_INVALID, "the setting '%.*s' is more than one line of text",
                           AR_FMT(settings->list[i].name));
    return ar_ok();
}

static ar_err check_filled(ar_str url)
{
    bool known = ar_str_starts(url, AR_LIT("https://")) || ar_str_starts(url, AR_LIT("http://"));

    if (known || url.len == 0) return ar_ok();
    return ar_fail(AR_INVALID, "'%.*s' is no url (want https://HOST/PATH)", AR_FMT(url));
}

ar_err ar_errand_fill(ar_errand *errand, const ar_settings *settings, ar_arena *arena)
{
    filling f = { settings, arena };

    AR_TRY(check_settings(settings));
    AR_TRY(fill_text(&f, &errand->url, true));
    AR_TRY(fill_text(&f, &errand->delta_url, true));
    AR_TRY(fill_text(&f, &errand->token_url, true));
    AR_TRY(fill_text(&f, &errand->headers, false));
    AR_TRY(fill_text(&f, &errand->scope, false));
    AR_TRY(fill_body(&f, errand));
    AR_TRY(check_filled(errand->url));
    AR_TRY(check_filled(errand->delta_url));
    AR_TRY(check_filled(errand->token_url));
    return ar_ok();
}

/* ---- to the child ---- */

void ar_errand_print(const ar_errand *errand, ar_buf *out)
{
    const char *comma = "{";

#define X(name)                                  \
    ar_buf_addf(out, "%s\"%s\":", comma, #name); \
    ar_json_text(out, errand->name);             \
    comma = ",";
    AR_ERRAND_TEXTS(X)
#undef X
#define X(name) ar_buf_addf(out, ",\"%s\":%lld", #name, (long long)errand->name);
    AR_ERRAND_NUMBERS(X)
#undef X
    ar_buf_addc(out, '}');
}

ar_err ar_errand_parse(ar_str text, ar_arena *arena, ar_errand *out_errand)
{
    ar_str file = AR_LIT("errand");
    ar_errand e = { 0 };
    ar_node *root;

    AR_TRY(ar_json_parse(file, text, NULL, arena, &root));
#define X(name) AR_TRY(ar_node_text(file, root, #name, true, &e.name));
    AR_ERRAND_TEXTS(X)
#undef X
#define X(name) AR_TRY(ar_node_int(file, root, #name, true, &e.name));
    AR_ERRAND_NUMBERS(X)
#undef X
    *out_errand = e;
    return ar_ok();
}
