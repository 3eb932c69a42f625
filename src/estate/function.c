#include "estate/function.h"

#include "form/csv.h"
#include "form/encoding.h"
#include "form/json.h"
#include "form/utf.h"

#include <strings.h>

/* ---- nodes ---- */

ar_node *ar_make_node(ar_arena *arena, enum ar_node_kind kind)
{
    ar_node *node = ar_make(arena, ar_node);

    node->kind = kind;
    return node;
}

const ar_node *ar_make_text(ar_arena *arena, ar_str text)
{
    ar_node *node = ar_make_node(arena, AR_NODE_TEXT);

    node->text = text;
    return node;
}

const ar_node *ar_make_int(ar_arena *arena, int64_t i)
{
    ar_node *node = ar_make_node(arena, AR_NODE_INT);

    node->i = i;
    node->text = ar_arena_printf(arena, "%lld", (long long)i);
    return node;
}

const ar_node *ar_make_bool(ar_arena *arena, bool b)
{
    ar_node *node = ar_make_node(arena, AR_NODE_BOOL);

    node->b = b;
    node->text = b ? AR_LIT("true") : AR_LIT("false");
    return node;
}

ar_node *ar_make_list(ar_arena *arena, size_t n_max)
{
    ar_node *list = ar_make_node(arena, AR_NODE_LIST);

    list->items = ar_make_n(arena, ar_node *, n_max);
    return list;
}

void ar_list_add(ar_node *list, const ar_node *part)
{
    list->items[list->n++] = (ar_node *)(uintptr_t)part;
}

static const ar_node *make_time(ar_arena *arena, ar_time time)
{
    char text[AR_TIME_LEN];

    return ar_make_text(arena, ar_arena_copy(arena, ar_str_of(ar_time_print(time, text))));
}

bool ar_node_is_scalar(const ar_node *node)
{
    return node->kind != AR_NODE_LIST && node->kind != AR_NODE_MAP;
}

/* ---- functions ---- */

static ar_err cannot(const ar_call *c, const char *want)
{
    if (ar_node_is_scalar(c->in))
        return ar_fail(
            AR_INVALID, "'%.*s' cannot be given to %s (want %s)",
            AR_FMT(ar_str_cut(c->in->text, 0, c->in->text.len < 80 ? c->in->text.len : 80)),
            c->fn->name, want);
    return ar_fail(AR_INVALID, "%s cannot be given to %s (want %s)", ar_node_kind_name(c->in->kind),
                   c->fn->name, want);
}

static ar_err run_count(const ar_call *c)
{
    if (ar_node_is_scalar(c->in)) return cannot(c, "a list or a map");
    *c->out = ar_make_int(c->arena, (int64_t)c->in->n);
    return ar_ok();
}

static ar_err change_case(const ar_call *c, char from, char to)
{
    if (c->in->kind != AR_NODE_TEXT) return cannot(c, "a text");
    ar_str text = ar_arena_copy(c->arena, c->in->text);
    char *bytes = (char *)(uintptr_t)text.ptr; /* our own copy */
    for (size_t i = 0; i < text.len; i++)
        if (bytes[i] >= from && bytes[i] < from + 26) bytes[i] = (char)(bytes[i] - from + to);
    *c->out = ar_make_text(c->arena, text);
    return ar_ok();
}

static ar_err run_lower(const ar_call *c)
{
    return change_case(c, 'A', 'a');
}

static ar_err run_upper(const ar_call *c)
{
    return change_case(c, 'a', 'A');
}

static ar_err run_trim(const ar_call *c)
{
    if (c->in->kind != AR_NODE_TEXT) return cannot(c, "a text");
    *c->out = ar_make_text(c->arena, ar_str_trim(c->in->text));
    return ar_ok();
}

static ar_err run_text(const ar_call *c)
{
    ar_auto(ar_buf) json = { 0 };

    if (ar_node_is_scalar(c->in)) {
        *c->out = ar_make_text(c->arena, c->in->text);
        return ar_ok();
    }
    ar_json_node(&json, c->in);
    *c->out = ar_make_text(c->arena, ar_arena_copy(c->arena, ar_buf_str(&json)));
    return ar_ok();
}

static ar_err run_int(const ar_call *c)
{
    int64_t i;

    if (c->in->kind == AR_NODE_TEXT && ar_str_trim(c->in->text).len == 0) return ar_ok();
    if (!ar_node_is_scalar(c->in) || !ar_str_int(ar_str_trim(c->in->text), &i))
        return cannot(c, "a whole number");
    *c->out = ar_make_int(c->arena, i);
    return ar_ok();
}

static ar_err run_bool(const ar_call *c)
{
    static const char *const yes[] = { "true", "yes", "1", "on", "y", "t", "enabled" };
    static const char *const no[] = { "false", "no", "0", "off", "n", "f", "disabled" };

    if (!ar_node_is_scalar(c->in)) return cannot(c, "true or false");
    ar_str text = ar_str_trim(c->in->text);
    if (text.len == 0) return ar_ok();
    for (size_t i = 0; i < AR_COUNT(yes); i++) {
        bool is_yes = strlen(yes[i]) == text.len && strncasecmp(yes[i], text.ptr, text.len) == 0;
        bool is_no = strlen(no[i]) == text.len && strncasecmp(no[i], text.ptr, text.len) == 0;
        if (is_yes || is_no) {
            *c->out = ar_make_bool(c->arena, is_yes);
            return ar_ok();
        }
    }
    return cannot(c, "true, yes, on, 1, enabled or their opposites");
}

static ar_err run_not(const ar_call *c)
{
    if (c->in->kind != AR_NODE_BOOL) return cannot(c, "true or false");
    *c->out = ar_make_bool(c->arena, !c->in->b);
    return ar_ok();
}

/* A time in parts, as some programs write theirs: {year: 2026, month: 7, day: 24, hour: 10, …}. */
static ar_str time_of_parts(const ar_call *c)
{
    static const struct {
        const char *name, *before;
        int digits;
    } parts[] = { { "year", "", 4 },  { "month", "-", 2 },  { "day", "-", 2 },
                  { "hour", "T", 2 }, { "minute", ":", 2 }, { "second", ":", 2 } };
    ar_auto(ar_buf) text = { 0 };

    for (size_t i = 0; i < AR_COUNT(parts); i++) {
        const ar_node *part = ar_node_get(c->in, ar_str_of(parts[i].name));
        if (part != NULL && part->kind != AR_NODE_INT) return (ar_str){ 0 };
        ar_buf_addf(&text, "%s%0*lld", parts[i].before, parts[i].digits,
                    part == NULL ? 0LL : (long long)part->i);
    }
    return ar_arena_copy(c->arena, ar_buf_str(&text));
}

static ar_err run_time(const ar_call *c)
{
    static const char want[] = "a time as RFC 3339, or its parts: year, month, day, …";
    ar_str text;
    ar_time time;

    if (c->in->kind != AR_NODE_TEXT && c->in->kind != AR_NODE_MAP) return cannot(c, want);
    text = c->in->kind == AR_NODE_MAP ? time_of_parts(c) : ar_str_trim(c->in->text);
    if (c->in->kind == AR_NODE_TEXT && text.len == 0) return ar_ok();
    if (ar_time_parse(text, &time).code != AR_OK) return cannot(c, want);
    *c->out = make_time(c->arena, time);
    return ar_ok();
}

/* A number of `unit` microseconds since 1970; out of what we print it is nothing. */
static ar_err since_epoch(const ar_call *c, ar_str number, int64_t unit)
{
    int64_t n;

    if (!ar_str_int(number, &n)) return cannot(c, "a whole number");
    if (n < AR_TIME_MIN / unit || n > AR_TIME_MAX / unit) return ar_ok();
    *c->out = make_time(c->arena, n * unit);
    return ar_ok();
}

static ar_err run_epoch_s(const ar_call *c)
{
    if (!ar_node_is_scalar(c->in)) return cannot(c, "a whole number");
    return since_epoch(c, c->in->text, AR_SECOND);
}

static ar_err run_epoch_ms(const ar_call *c)
{
    if (!ar_node_is_scalar(c->in)) return cannot(c, "a whole number");
    return since_epoch(c, c->in->text, AR_SECOND / 1000);
}

/* "/Date(1700000000000)/", as .NET's older serializers write it, where the slash may have kept the
 * backslash that JSON allows before it; an offset behind the number only says where the clock hung.
 */
static ar_err run_date_ms(const ar_call *c)
{
    ar_str text = c->in->text;
    bool escaped = c->in->kind == AR_NODE_TEXT && ar_str_starts(text, AR_LIT("\\"));
    ar_str head = escaped ? AR_LIT("\\/Date(") : AR_LIT("/Date(");
    ar_str tail = escaped ? AR_LIT(")\\/") : AR_LIT(")/");

    if (c->in->kind != AR_NODE_TEXT || !ar_str_starts(text, head) || !ar_str_ends(text, tail) ||
        text.len <= head.len + tail.len)
        return cannot(c, "/Date(milliseconds)/");
    ar_str number = ar_str_cut(text, head.len, text.len - tail.len);
    for (size_t i = 1; i < number.len; i++)
        if (number.ptr[i] == '+' || number.ptr[i] == '-') number.len = i;
    return since_epoch(c, number, AR_SECOND / 1000);
}

static ar_err run_json(const ar_call *c)
{
    ar_node *root;

    if (c->in->kind != AR_NODE_TEXT) return cannot(c, "a text that holds JSON");
    if (ar_str_trim(c->in->text).len == 0) return ar_ok();
    AR_TRY(ar_json_parse(AR_LIT("the text given to json"), c->in->text, NULL, c->arena, &root));
    *c->out = root;
    return ar_ok();
}

static bool same_scalar(const ar_node *a, const ar_node *b)
{
    return ar_node_is_scalar(a) && ar_node_is_scalar(b) && ar_str_eq(a->text, b->text);
}

static ar_err run_null_if(const ar_call *c)
{
    *c->out = c->in;
    for (size_t i = 0; i < c->args.n; i++)
        if (same_scalar(c->in, c->args.values[i])) *c->out = NULL;
    return ar_ok();
}

/* Pairs of arguments: from, to. What is not named is nothing. */
static ar_err run_map(const ar_call *c)
{
    for (size_t i = 0; i + 1 < c->args.n; i += 2) {
        if (!same_scalar(c->in, c->args.values[i])) continue;
        *c->out = c->args.values[i + 1];
        return ar_ok();
    }
    return ar_ok();
}

static bool has_one(const ar_node *in, const ar_node *wanted)
{
    if (in->kind == AR_NODE_MAP) return ar_node_get(in, wanted->text) != NULL;
    if (in->kind != AR_NODE_LIST) return ar_str_contains(in->text, wanted->text);
    for (size_t i = 0; i < in->n; i++)
        if (same_scalar(in->items[i], wanted)) return true;
    return false;
}

static ar_err run_has(const ar_call *c)
{
    bool found = false;

    for (size_t i = 0; i < c->args.n; i++) found |= has_one(c->in, c->args.values[i]);
    *c->out = ar_make_bool(c->arena, found);
    return ar_ok();
}

static ar_err run_is(const ar_call *c)
{
    bool same = false;

    for (size_t i = 0; i < c->args.n; i++) same |= same_scalar(c->in, c->args.values[i]);
    *c->out = ar_make_bool(c->arena, same);
    return ar_ok();
}

/* The argument over `part`, which is looked at from where the whole mapping stands. */
static ar_err eval_part(const ar_call *c, const ar_node *part, const ar_node **out)
{
    ar_scope inner = { .item = part, .outer = c->scope, .lookups = c->scope->lookups };

    return ar_mapping_eval(c->args.mapping, &inner, c->arena, out);
}

static ar_err run_get(const ar_call *c)
{
    return eval_part(c, c->in, c->out);
}

/* The same of every item of a list, without those that lack it. */
static ar_err run_each(const ar_call *c)
{
    if (c->in->kind != AR_NODE_LIST) return cannot(c, "a list");
    ar_node *list = ar_make_list(c->arena, c->in->n);
    for (size_t i = 0; i < c->in->n; i++) {
        const ar_node *part;
        AR_TRY(eval_part(c, c->in->items[i], &part));
        if (part != NULL) ar_list_add(list, part);
    }
    *c->out = list;
    return ar_ok();
}

static ar_err is_true(const ar_call *c, const ar_node *part, bool *out_yes)
{
    const ar_node *yes;

    AR_TRY(eval_part(c, part, &yes));
    if (yes != NULL && yes->kind != AR_NODE_BOOL)
        return ar_fail(AR_INVALID, "only takes what is true or false, not %s",
                       ar_node_kind_name(yes->kind));
    *out_yes = yes != NULL && yes->b;
    return ar_ok();
}

/* The items of a list for which the argument is true; anything else itself, when it is. */
static ar_err run_only(const ar_call *c)
{
    bool yes;

    if (c->in->kind != AR_NODE_LIST) {
        AR_TRY(is_true(c, c->in, &yes));
        *c->out = yes ? c->in : NULL;
        return ar_ok();
    }
    ar_node *list = ar_make_list(c->arena, c->in->n);
    for (size_t i = 0; i < c->in->n; i++) {
        AR_TRY(is_true(c, c->in->items[i], &yes));
        if (yes) ar_list_add(list, c->in->items[i]);
    }
    *c->out = list;
    return ar_ok();
}

/* Of equal texts and numbers the first. */
static ar_err run_unique(const ar_call *c)
{
    ar_map seen = { 0 };
    bool is_new;

    if (c->in->kind != AR_NODE_LIST) return cannot(c, "a list");
    ar_node *list = ar_make_list(c->arena, c->in->n);
    for (size_t i = 0; i < c->in->n; i++) {
        const ar_node *part = c->in->items[i];
        if (!ar_node_is_scalar(part)) return cannot(c, "a list of texts");
        ar_map_put(&seen, c->arena, part->text, &is_new);
        if (is_new) ar_list_add(list, part);
    }
    *c->out = list;
    return ar_ok();
}

static ar_err run_flat(const ar_call *c)
{
    size_t n = 0;

    if (c->in->kind != AR_NODE_LIST) return cannot(c, "a list");
    for (size_t i = 0; i < c->in->n; i++)
        n += c->in->items[i]->kind == AR_NODE_LIST ? c->in->items[i]->n : 1;
    ar_node *list = ar_make_list(c->arena, n);
    for (size_t i = 0; i < c->in->n; i++) {
        const ar_node *part = c->in->items[i];
        if (part->kind != AR_NODE_LIST) ar_list_add(list, part);
        for (size_t k = 0; part->kind == AR_NODE_LIST && k < part->n; k++)
            ar_list_add(list, part->items[k]);
    }
    *c->out = list;
    return ar_ok();
}

enum { DEEP_MAX = 1000000 };

typedef struct tree {
    const ar_call *call;
    ar_node *list;
    size_t cap;
} tree;

static ar_err add_with_all_under_it(tree *t, const ar_node *part, int depth)
{
    const ar_node *below;

    if (depth > AR_MAPPING_DEPTH_MAX)
        return ar_fail(AR_LIMIT, "more than %d items inside each other", AR_MAPPING_DEPTH_MAX);
    if (t->list->n == DEEP_MAX) return ar_fail(AR_LIMIT, "deep finds more than %d items", DEEP_MAX);
    ar_grow(t->call->arena, t->list->items, t->list->n, t->cap);
    ar_list_add(t->list, part);
    AR_TRY(eval_part(t->call, part, &below));
    for (size_t i = 0; below != NULL && below->kind == AR_NODE_LIST && i < below->n; i++)
        AR_TRY(add_with_all_under_it(t, below->items[i], depth + 1));
    return ar_ok();
}

/* Lists in items of a list: all of them in one, each before what is in it. */
static ar_err run_deep(const ar_call *c)
{
    tree t = { .call = c, .list = ar_make_node(c->arena, AR_NODE_LIST) };

    if (c->in->kind != AR_NODE_LIST) return cannot(c, "a list");
    for (size_t i = 0; i < c->in->n; i++) AR_TRY(add_with_all_under_it(&t, c->in->items[i], 1));
    *c->out = t.list;
    return ar_ok();
}

static const ar_node *make_map(ar_arena *arena, const ar_pair *pairs, size_t n, uint32_t line)
{
    ar_node *map = ar_make_node(arena, AR_NODE_MAP);

    map->pairs = ar_make_n(arena, ar_pair, n);
    if (n > 0) memcpy(map->pairs, pairs, n * sizeof *pairs);
    map->n = n;
    map->line = line;
    return map;
}

/* A map whose keys are facts, as a list: {"x": 1} is [{"key": "x", "value": 1}]. */
static ar_err run_entries(const ar_call *c)
{
    if (c->in->kind != AR_NODE_MAP) return cannot(c, "a map");
    ar_node *list = ar_make_list(c->arena, c->in->n);
    for (size_t i = 0; i < c->in->n; i++) {
        const ar_pair *pair = &c->in->pairs[i];
        ar_pair entry[] = {
            { .key = AR_LIT("key"),
              .value = (ar_node *)(uintptr_t)ar_make_text(c->arena, pair->key) },
            { .key = AR_LIT("value"), .value = pair->value },
        };
        ar_list_add(list, make_map(c->arena, entry, AR_COUNT(entry), pair->value->line));
    }
    *c->out = list;
    return ar_ok();
}

static ar_err run_lookup(const ar_call *c)
{
    const ar_map_value *table, *found;

    if (!ar_node_is_scalar(c->in)) return cannot(c, "a text or a number");
    if (c->scope->lookups == NULL) return ar_ok();
    table = ar_map_get(c->scope->lookups, c->args.values[0]->text);
    found = table == NULL ? NULL : ar_map_get(table->cptr, c->in->text);
    if (found != NULL) *c->out = found->cptr;
    return ar_ok();
}

static ar_err run_split(const ar_call *c)
{
    ar_str rest = c->in->text, by = c->args.values[0]->text, part;
    size_t n = 1;

    if (c->in->kind != AR_NODE_TEXT) return cannot(c, "a text");
    if (by.len != 1)
        return ar_fail(AR_INVALID, "split wants one character, not '%.*s'", AR_FMT(by));
    for (size_t i = 0; i < rest.len; i++) n += rest.ptr[i] == by.ptr[0];
    ar_node *list = ar_make_list(c->arena, n);
    while (ar_str_split(&rest, by.ptr[0], &part)) ar_list_add(list, ar_make_text(c->arena, part));
    *c->out = list;
    return ar_ok();
}

/* The greatest of a list of texts by bytes, as which times from `time` sort. */
static ar_err run_newest(const ar_call *c)
{
    if (c->in->kind != AR_NODE_LIST) return cannot(c, "a list");
    for (size_t i = 0; i < c->in->n; i++) {
        const ar_node *part = c->in->items[i];
        if (part->kind != AR_NODE_TEXT) return cannot(c, "a list of times");
        if (*c->out == NULL || ar_str_cmp(part->text, (*c->out)->text) > 0) *c->out = part;
    }
    return ar_ok();
}

/* ---- texts that hold something else ---- */

static ar_err run_base64(const ar_call *c)
{
    ar_str bytes;

    if (c->in->kind != AR_NODE_TEXT || !ar_base64(ar_str_trim(c->in->text), c->arena, &bytes))
        return cannot(c, "base64");
    if (ar_utf8_valid(bytes) != bytes.len)
        return ar_fail(AR_INVALID, "what base64 holds here is no text in UTF-8");
    *c->out = ar_make_text(c->arena, bytes);
    return ar_ok();
}

static ar_err run_percent(const ar_call *c)
{
    ar_str bytes;

    if (c->in->kind != AR_NODE_TEXT || !ar_percent(c->in->text, c->arena, &bytes) ||
        ar_utf8_valid(bytes) != bytes.len)
        return cannot(c, "a text with %XX for bytes of UTF-8");
    *c->out = ar_make_text(c->arena, bytes);
    return ar_ok();
}

static ar_err csv_row(const ar_call *c, const ar_str *header, size_t n_header, const ar_str *fields,
                      size_t n, const ar_node **out)
{
    ar_pair *pairs = ar_make_n(c->arena, ar_pair, n);

    if (n != n_header)
        return ar_fail(AR_INVALID, "a row of CSV has %zu fields, but its header has %zu", n,
                       n_header);
    for (size_t i = 0; i < n; i++) {
        const ar_node *value = ar_make_text(c->arena, fields[i]);
        if (fields[i].len == 0) value = ar_make_node(c->arena, AR_NODE_NULL);
        pairs[i] = (ar_pair){ .key = header[i], .value = (ar_node *)(uintptr_t)value };
    }
    *out = make_map(c->arena, pairs, n, 0);
    return ar_ok();
}

static ar_err run_csv(const ar_call *c)
{
    ar_node *list = ar_make_node(c->arena, AR_NODE_LIST);
    ar_str *header, *fields;
    size_t n_header, n, cap = 0;
    ar_csv csv;

    if (c->in->kind != AR_NODE_TEXT) return cannot(c, "a text that holds CSV");
    ar_csv_init(&csv, AR_LIT("the text given to csv"), c->in->text, ',');
    AR_TRY(ar_csv_row(&csv, c->arena, &header, &n_header));
    for (;;) {
        const ar_node *row = NULL;
        AR_TRY(ar_csv_row(&csv, c->arena, &fields, &n));
        if (n == 0) break;
        AR_TRY(csv_row(c, header, n_header, fields, n, &row));
        ar_grow(c->arena, list->items, list->n, cap);
        ar_list_add(list, row);
    }
    *c->out = list;
    return ar_ok();
}

static ar_err run_join(const ar_call *c)
{
    ar_auto(ar_buf) text = { 0 };

    if (c->in->kind != AR_NODE_LIST) return cannot(c, "a list");
    for (size_t i = 0; i < c->in->n; i++) {
        if (!ar_node_is_scalar(c->in->items[i])) return cannot(c, "a list of texts");
        if (i > 0) ar_buf_add(&text, c->args.values[0]->text);
        ar_buf_add(&text, c->in->items[i]->text);
    }
    *c->out = ar_make_text(c->arena, ar_arena_copy(c->arena, ar_buf_str(&text)));
    return ar_ok();
}

const ar_mapping_function ar_mapping_functions[] = {
    { .name = "base64", .run = run_base64 },
    { .name = "bool", .run = run_bool },
    { .name = "count", .run = run_count },
    { .name = "csv", .run = run_csv },
    { .name = "date_ms", .run = run_date_ms },
    { .name = "deep", .args_min = 1, .args_max = 1, .run = run_deep, .maps = true },
    { .name = "each", .args_min = 1, .args_max = 1, .run = run_each, .maps = true },
    { .name = "entries", .run = run_entries },
    { .name = "epoch_ms", .run = run_epoch_ms },
    { .name = "epoch_s", .run = run_epoch_s },
    { .name = "flat", .run = run_flat },
    { .name = "get", .args_min = 1, .args_max = 1, .run = run_get, .maps = true },
    { .name = "has", .args_min = 1, .args_max = 32, .run = run_has },
    { .name = "int", .run = run_int },
    { .name = "is", .args_min = 1, .args_max = 64, .run = run_is },
    { .name = "join", .args_min = 1, .args_max = 1, .run = run_join },
    { .name = "json", .run = run_json },
    { .name = "lookup", .args_min = 1, .args_max = 1, .run = run_lookup, .looks_up = true },
    { .name = "lower", .run = run_lower },
    { .name = "map", .args_min = 2, .args_max = 128, .run = run_map, .pairs = true },
    { .name = "newest", .run = run_newest },
    { .name = "not", .run = run_not },
    { .name = "null_if", .args_min = 1, .args_max = 32, .run = run_null_if },
    { .name = "only", .args_min = 1, .args_max = 1, .run = run_only, .maps = true },
    { .name = "percent", .run = run_percent },
    { .name = "split", .args_min = 1, .args_max = 1, .run = run_split },
    { .name = "text", .run = run_text },
    { .name = "time", .run = run_time },
    { .name = "trim", .run = run_trim },
    { .name = "unique", .run = run_unique },
    { .name = "upper", .run = run_upper },
    { 0 },
};
static_assert(AR_COUNT(ar_mapping_functions) <= AR_MAPPING_FUNCTIONS_MAX);
