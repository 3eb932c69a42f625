#include "fetch/page.h"

enum { BACKOFF_MS_FIRST = 1000, BACKOFF_MS_MAX = 60 * 1000 };

/* ---- Link ---- */

static ar_str unquoted(ar_str text)
{
    if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"')
        return ar_str_cut(text, 1, text.len - 1);
    return text;
}

/* `; rel="next last"; title=x`: whether one of its relations is that one. */
static bool has_relation(ar_str parameters, ar_str relation)
{
    ar_str parameter, word;

    while (ar_str_split(&parameters, ';', &parameter)) {
        size_t equals = ar_str_find(parameter, '=');

        if (equals == parameter.len ||
            !ar_str_same(ar_str_trim(ar_str_cut(parameter, 0, equals)), AR_LIT("rel")))
            continue;
        ar_str words = unquoted(ar_str_trim(ar_str_cut(parameter, equals + 1, parameter.len)));

        while (ar_str_split(&words, ' ', &word))
            if (ar_str_same(word, relation)) return true;
    }
    return false;
}

/* The end of the parameters that begin here: a comma outside quotes, or the end. */
static size_t end_of(ar_str text)
{
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') quoted = !quoted;
        if (text.ptr[i] == ',' && !quoted) return i;
    }
    return text.len;
}

ar_str ar_page_link(ar_str header, ar_str relation)
{
    while (header.len > 0) {
        size_t open = ar_str_find(header, '<'), close = ar_str_find(header, '>');

        if (close == header.len || open > close) break;

        ar_str url = ar_str_cut(header, open + 1, close);
        ar_str rest = ar_str_cut(header, close + 1, header.len);
        size_t end = end_of(rest);

        if (has_relation(ar_str_cut(rest, 0, end), relation)) return url;
        header = ar_str_cut(rest, end, rest.len);
    }
    return (ar_str){ 0 };
}

/* ---- bodies ---- */

void ar_page_line(ar_buf *out, ar_str json)
{
    char *to = ar_buf_room(out, json.len + 1);
    size_t n = 0;
    bool quoted = false;

    for (size_t i = 0; i < json.len; i++) {
        char c = json.ptr[i];

        if (!quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) continue;
        if (c == '"') quoted = !quoted;
        to[n++] = c;
        if (quoted && c == '\\' && i + 1 < json.len) to[n++] = json.ptr[++i];
    }
    to[n] = '\0';
    out->len += n;
}

const ar_node *ar_page_at(const ar_node *page, ar_str path)
{
    const ar_node *here = ar_node_get(page, path);

    return here != NULL ? here : ar_node_at(page, path);
}

static ar_node *put_key(ar_node *map, ar_str key, ar_arena *arena)
{
    for (size_t i = 0; i < map->n; i++)
        if (ar_str_eq(map->pairs[i].key, key)) return map->pairs[i].value;

    ar_pair *pairs = ar_make_n(arena, ar_pair, map->n + 1);

    if (map->n > 0) memcpy(pairs, map->pairs, map->n * sizeof *pairs);
    pairs[map->n] = (ar_pair){ .key = key, .value = ar_make(arena, ar_node) };
    map->pairs = pairs;
    return map->pairs[map->n++].value;
}

ar_err ar_page_put(ar_node *map, ar_str path, ar_str text, ar_arena *arena)
{
    ar_str rest = path, key;
    ar_node *at = map;

    while (ar_str_split(&rest, '.', &key)) {
        if (at->kind == AR_NODE_NULL) at->kind = AR_NODE_MAP;
        if (at->kind != AR_NODE_MAP)
            return ar_fail(AR_INVALID, "'%.*s' is in the way of '%.*s' in the body that is sent",
                           AR_FMT(at->text), AR_FMT(path));
        at = put_key(at, key, arena);
    }
    *at = (ar_node){ .kind = AR_NODE_TEXT, .text = text };
    return ar_ok();
}

static const ar_node *find_list(const ar_node *page, ar_str path)
{
    const ar_node *found = path.len > 0 ? ar_page_at(page, path) : page;

    if (path.len == 0 && page->kind == AR_NODE_MAP)
        for (size_t i = 0; i < page->n; i++)
            if (page->pairs[i].value->kind == AR_NODE_LIST) found = page->pairs[i].value;
    return found != NULL && found->kind == AR_NODE_LIST ? found : NULL;
}

int64_t ar_page_count(const ar_node *page, ar_str path)
{
    const ar_node *list = find_list(page, path);

    return list == NULL ? -1 : (int64_t)list->n;
}

bool ar_page_removes(const ar_node *page, ar_str path, ar_str removed)
{
    const ar_node *list = removed.len > 0 ? find_list(page, path) : NULL;

    for (size_t i = 0; list != NULL && i < list->n; i++)
        if (ar_page_at(list->items[i], removed) != NULL) return true;
    return false;
}

/* ---- waiting ---- */

int64_t ar_page_backoff_ms(int64_t n, uint64_t random)
{
    int64_t bound = n > 6 ? BACKOFF_MS_MAX : (int64_t)BACKOFF_MS_FIRST << (n - 1);

    if (bound > BACKOFF_MS_MAX) bound = BACKOFF_MS_MAX;
    return (int64_t)(random % (uint64_t)(bound + 1));
}
