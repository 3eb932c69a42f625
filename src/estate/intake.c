#include "estate/intake.h"

#include "engine/engine.h"
#include "form/csv.h"
#include "form/json.h"
#include "form/ndjson.h"
#include "form/utf.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    TREE_NODES_MAX = 20000000,
    LINE_MAX_BYTES = AR_RECORD_MAX, /* of CSV and NDJSON */
    IGNORED_SHOWN = 8,
};

struct ar_intake {
    ar_arena arena; /* of the intake itself */
    ar_arena item;  /* of the item being read */
    ar_arena page;  /* of the page that it is in */
    const ar_plan *plan;
    const ar_mapping **mappings; /* NULL: not given */
    ar_map by_name;              /* column number + 1 */
    ar_mapped mapped;
    ar_str text; /* the payload in UTF-8 */
    ar_batch batch;
    ar_feed feed;
    bool *given;
    ar_map ignored;
    ar_buf ignored_text;
    int64_t line; /* of the item being read */

    /* Puts the next item into the batch, or says that there is none. */
    ar_err (*read)(ar_intake *in, bool *out_more);
    ar_ndjson *records;   /* NDJSON, when every column is a path: */
    ar_str *paths;        /* what to look for, */
    size_t *path_columns; /* and the column that it is */
    size_t n_paths;
    ar_str rest;         /* NDJSON otherwise */
    const ar_node *list; /* JSON, pages */
    size_t at;           /* JSON, pages */
    ar_csv csv;          /* CSV */
    ar_str *header;      /* CSV, Parquet: names of the fields */
    size_t n_header;
    ar_engine *engine; /* Parquet */
    ar_rows *rows;
};

/* ---- one value ---- */

static ar_str shown(ar_str text)
{
    return ar_utf8_cut(text, 80);
}

static ar_err bad_field(const ar_intake *in, size_t column, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static ar_err bad_field(const ar_intake *in, size_t column, const char *fmt, ...)
{
    ar_auto(ar_buf) text = { 0 };
    va_list ap;

    va_start(ap, fmt);
    ar_buf_vaddf(&text, fmt, ap);
    va_end(ap);
    return ar_fail(AR_INVALID, "%.*s:%lld: column '%.*s': %.*s", AR_FMT(in->plan->payload),
                   (long long)in->line, AR_FMT(in->plan->columns[column].name),
                   AR_FMT(ar_buf_str(&text)));
}

static ar_err from_text(const ar_intake *in, size_t column, ar_str text, ar_value *out)
{
    enum ar_type type = in->plan->columns[column].type;

    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
        return bad_field(in, column, "a text with a NUL byte cannot be kept");
    if (type == AR_TEXT) {
        *out = ar_text(text);
        return ar_ok();
    }
    ar_err err = ar_value_parse(ar_str_trim(text), type, out);
    if (err.code == AR_OK) return err;
    return bad_field(in, column, "%.*s", AR_FMT(ar_err_text(err)));
}

/* A scalar of the payload as the column takes it. Texts may hold any type, a whole number is a
 * double too, and every scalar is a text; nothing else is turned into something else. */
static ar_err from_value(ar_intake *in, size_t column, ar_value value, ar_value *out)
{
    enum ar_type type = in->plan->columns[column].type;
    ar_auto(ar_buf) text = { 0 };

    if (value.type == AR_TEXT) return from_text(in, column, value.s, out);
    if (value.type == type || value.type == AR_NULL) {
        *out = value;
        return ar_ok();
    }
    if (value.type == AR_INT && type == AR_DOUBLE) {
        *out = ar_double((double)value.i);
        return ar_ok();
    }
    ar_value_print(&text, value);
    if (type == AR_TEXT) {
        *out = ar_text(ar_arena_copy(&in->item, ar_buf_str(&text)));
        return ar_ok();
    }
    return bad_field(in, column, "'%.*s' is %s (want %s)", AR_FMT(shown(ar_buf_str(&text))),
                     ar_type_name(value.type),
                     type == AR_TIME ? "a time as RFC 3339; a connector turns numbers into times"
                                     : ar_type_name(type));
}

static ar_err not_a_scalar(const ar_intake *in, size_t column, const char *what)
{
    return bad_field(in, column, "%s cannot be %s (a connector says which part: | count, | text)",
                     what, ar_type_name(in->plan->columns[column].type));
}

static ar_err from_node(ar_intake *in, size_t column, const ar_node *node, ar_value *out)
{
    switch (node->kind) {
    case AR_NODE_NULL: return from_value(in, column, ar_null(), out);
    case AR_NODE_BOOL: return from_value(in, column, ar_bool(node->b), out);
    case AR_NODE_INT: return from_value(in, column, ar_int(node->i), out);
    case AR_NODE_DOUBLE: return from_value(in, column, ar_double(node->d), out);
    case AR_NODE_TEXT: return from_value(in, column, ar_text(node->text), out);
    case AR_NODE_LIST:
    case AR_NODE_MAP: break;
    }
    return not_a_scalar(in, column, ar_node_kind_name(node->kind));
}

/* ---- one item ---- */

static ar_err finish_row(ar_intake *in)
{
    const ar_vector *id = &in->batch.views[0];
    size_t row = in->batch.n_rows;

    if (!ar_vector_has(id, row) || id->s[row].len == 0)
        return bad_field(in, 0, "it is empty, but it is what the row is known by");
    if (id->s[row].len > AR_FEED_ID_MAX)
        return ar_fail(AR_LIMIT, "%.*s:%lld: an id may have %d bytes, this one has %zu",
                       AR_FMT(in->plan->payload), (long long)in->line, AR_FEED_ID_MAX,
                       id->s[row].len);
    in->batch.n_rows++;
    return ar_ok();
}

/* Names come from outside: only the first few are kept. */
static void ignore(ar_intake *in, ar_str name)
{
    bool is_new;

    if (in->ignored.n > IGNORED_SHOWN || ar_map_get(&in->ignored, name) != NULL) return;
    ar_map_put(&in->ignored, &in->arena, ar_arena_copy(&in->arena, name), &is_new);
    if (in->ignored.n > IGNORED_SHOWN)
        ar_buf_addz(&in->ignored_text, ", …");
    else
        ar_buf_addf(&in->ignored_text, "%s%.*s", in->ignored.n > 1 ? ", " : "",
                    AR_FMT(shown(name)));
}

static ar_err set_field(ar_intake *in, ar_str name, const ar_node *node)
{
    const ar_map_value *place = ar_map_get(&in->by_name, name);
    ar_value value;

    if (place == NULL) {
        ignore(in, name);
        return ar_ok();
    }
    size_t column = (size_t)place->n - 1;
    AR_TRY(from_node(in, column, node, &value));
    in->given[column] = true;
    ar_batch_set(&in->batch, column, value);
    return ar_ok();
}

static ar_err add_item(ar_intake *in, const ar_node *item)
{
    if (item->kind != AR_NODE_MAP)
        return ar_fail(AR_INVALID, "%.*s:%lld: an item is %s (want a map of fields)",
                       AR_FMT(in->plan->payload), (long long)in->line,
                       ar_node_kind_name(item->kind));
    if (in->plan->by_name) {
        for (size_t i = 0; i < item->n; i++)
            AR_TRY(set_field(in, item->pairs[i].key, item->pairs[i].value));
        return finish_row(in);
    }
    for (size_t i = 0; i < in->plan->n_columns; i++) {
        const ar_node *node = NULL;
        ar_value value = ar_null();
        if (in->mappings[i] == NULL) continue;
        ar_err err = ar_mapping_eval(in->mappings[i], item, &in->item, &node);
        if (err.code != AR_OK) return bad_field(in, i, "%.*s", AR_FMT(ar_err_text(err)));
        if (node != NULL) AR_TRY(from_node(in, i, node, &value));
        ar_batch_set(&in->batch, i, value);
    }
    return finish_row(in);
}

/* ---- records without a tree ---- */

/* Most payloads need no tree: each column is what stands at one path. Not when two columns stand at
 * the same, or one is made by a function. */
static bool plan_paths(ar_intake *in)
{
    ar_map seen = { 0 };
    bool is_new;

    in->paths = ar_make_n(&in->arena, ar_str, in->plan->n_columns);
    in->path_columns = ar_make_n(&in->arena, size_t, in->plan->n_columns);
    for (size_t i = 0; i < in->plan->n_columns; i++) {
        if (!in->plan->by_name && in->mappings[i] == NULL) continue;
        ar_str path =
            in->plan->by_name ? in->plan->columns[i].name : ar_mapping_path(in->mappings[i]);
        if (path.len == 0) return false;
        ar_map_put(&seen, &in->arena, path, &is_new);
        if (!is_new) return false;
        in->paths[in->n_paths] = path;
        in->path_columns[in->n_paths++] = i;
    }
    return true;
}

static ar_err read_record(ar_intake *in, bool *out_more)
{
    const ar_field *fields;

    AR_TRY(ar_ndjson_next(in->records, &fields));
    *out_more = fields != NULL;
    if (fields == NULL) return ar_ok();
    in->line = ar_ndjson_line(in->records);
    for (size_t i = 0; i < in->n_paths; i++) {
        size_t column = in->path_columns[i];
        ar_value value;
        if (!fields[i].found) continue;
        if (fields[i].json) return not_a_scalar(in, column, "a list or a map");
        AR_TRY(from_value(in, column, fields[i].value, &value));
        in->given[column] = true;
        ar_batch_set(&in->batch, column, value);
    }
    return finish_row(in);
}

/* Which fields are no columns is learned from the first line; a look at each would cost a tree. */
static void ignore_of_line(ar_intake *in, ar_str line)
{
    ar_node *root;

    if (!in->plan->by_name) return;
    if (ar_json_parse(in->plan->payload, line, NULL, &in->item, &root).code != AR_OK) return;
    for (size_t i = 0; root->kind == AR_NODE_MAP && i < root->n; i++)
        if (ar_map_get(&in->by_name, root->pairs[i].key) == NULL) ignore(in, root->pairs[i].key);
}

/* ---- JSON ---- */

static ar_err read_json(ar_intake *in, bool *out_more)
{
    *out_more = in->at < in->list->n;
    if (!*out_more) return ar_ok();
    const ar_node *item = in->list->items[in->at++];
    in->line = item->line;
    return add_item(in, item);
}

/* Without a path: the document when it is a list, or the one list of maps in it, or it is itself
 * the one item. */
static ar_err find_items(ar_intake *in, const ar_node *root)
{
    const ar_node *found = root;

    if (in->plan->items.len > 0) {
        found = ar_node_at(root, in->plan->items);
        if (found == NULL || found->kind != AR_NODE_LIST)
            return ar_fail(AR_INVALID, "%.*s: no list at '%.*s'", AR_FMT(in->plan->payload),
                           AR_FMT(in->plan->items));
    } else if (root->kind == AR_NODE_MAP) {
        size_t n = 0;
        for (size_t i = 0; i < root->n; i++) {
            const ar_node *value = root->pairs[i].value;
            bool items = value->kind == AR_NODE_LIST &&
                         (value->n == 0 || value->items[0]->kind == AR_NODE_MAP);
            if (items) n++, found = value;
        }
        if (n > 1 || (n == 1 && ar_node_get(root, AR_LIT("id")) != NULL)) found = root;
    }
    if (found->kind == AR_NODE_MAP) {
        ar_node *one = ar_make(&in->arena, ar_node);
        ar_node **items = ar_make_n(&in->arena, ar_node *, 1);
        items[0] = (ar_node *)(uintptr_t)found; /* read only from here on */
        *one = (ar_node){ .kind = AR_NODE_LIST, .items = items, .n = 1 };
        found = one;
    }
    if (found->kind != AR_NODE_LIST)
        return ar_fail(AR_INVALID, "%.*s: the document is %s (want a list of items)",
                       AR_FMT(in->plan->payload), ar_node_kind_name(found->kind));
    in->list = found;
    in->at = 0;
    return ar_ok();
}

static ar_err open_json(ar_intake *in)
{
    static const ar_form_limits limits = { .bytes_max = AR_INTAKE_TREE_MAX,
                                           .nodes_max = TREE_NODES_MAX };
    ar_node *root;

    AR_TRY(ar_json_parse(in->plan->payload, in->text, &limits, &in->arena, &root));
    in->read = read_json;
    return find_items(in, root);
}

/* ---- NDJSON ---- */

static bool next_line(ar_intake *in, ar_str *out_line)
{
    while (in->rest.len > 0) {
        size_t end = ar_str_find(in->rest, '\n');
        ar_str line = ar_str_trim(ar_str_cut(in->rest, 0, end));
        in->rest = ar_str_cut(in->rest, end < in->rest.len ? end + 1 : end, in->rest.len);
        in->line++;
        if (line.len == 0) continue;
        *out_line = line;
        return true;
    }
    return false;
}

static ar_err read_ndjson(ar_intake *in, bool *out_more)
{
    static const ar_form_limits limits = { .bytes_max = AR_RECORD_MAX };
    ar_node *root;
    ar_str line;

    *out_more = next_line(in, &line);
    if (!*out_more) return ar_ok();
    ar_str place =
        ar_arena_printf(&in->item, "%.*s:%lld", AR_FMT(in->plan->payload), (long long)in->line);
    AR_TRY(ar_json_parse(place, line, &limits, &in->item, &root));
    return add_item(in, root);
}

static ar_err open_ndjson(ar_intake *in)
{
    ar_str line;

    in->rest = in->text;
    in->read = read_ndjson;
    if (!plan_paths(in)) return ar_ok();
    if (next_line(in, &line)) ignore_of_line(in, line);
    AR_TRY(ar_ndjson_new(in->paths, in->n_paths, &in->records));
    ar_ndjson_lines(in->records, in->plan->payload, in->text);
    in->read = read_record;
    return ar_ok();
}

/* ---- pages ---- */

static ar_err next_page(ar_intake *in, bool *out_more)
{
    static const ar_form_limits limits = { .bytes_max = AR_RECORD_MAX };
    ar_node *root;
    ar_str line;

    in->list = NULL;
    ar_arena_done(&in->page);
    *out_more = next_line(in, &line);
    if (!*out_more) return ar_ok();
    AR_TRY(ar_json_parse_at(in->plan->payload, (uint32_t)in->line, 1, line, &limits, &in->page,
                            &root));
    return find_items(in, root);
}

static ar_err read_page(ar_intake *in, bool *out_more)
{
    *out_more = true;
    while (*out_more && (in->list == NULL || in->at == in->list->n))
        AR_TRY(next_page(in, out_more));
    return *out_more ? read_json(in, out_more) : ar_ok();
}

static ar_err open_pages(ar_intake *in)
{
    in->rest = in->text;
    in->read = read_page;
    return ar_ok();
}

/* ---- CSV ---- */

/* A field of a row as the tree that mappings look at. */
static ar_err add_fields(ar_intake *in, const ar_value *values, size_t n)
{
    ar_node *nodes = ar_make_n(&in->item, ar_node, n + 1);
    ar_pair *pairs = ar_make_n(&in->item, ar_pair, n);

    for (size_t i = 0; i < n; i++) {
        ar_auto(ar_buf) text = { 0 };
        ar_node *node = &nodes[i + 1];
        ar_value v = values[i];
        switch (v.type) {
        case AR_NULL: node->kind = AR_NODE_NULL; break;
        case AR_BOOL: node->kind = AR_NODE_BOOL, node->b = v.b; break;
        case AR_INT: node->kind = AR_NODE_INT, node->i = v.i; break;
        case AR_DOUBLE: node->kind = AR_NODE_DOUBLE, node->d = v.d; break;
        case AR_TEXT:
        case AR_TIME: node->kind = AR_NODE_TEXT; break;
        }
        if (v.type == AR_TEXT) {
            node->text = v.s;
        } else {
            ar_value_print(&text, v);
            node->text = ar_arena_copy(&in->item, ar_buf_str(&text));
        }
        pairs[i] = (ar_pair){ .key = in->header[i], .value = node };
    }
    nodes[0] = (ar_node){ .kind = AR_NODE_MAP, .pairs = pairs, .n = n };
    return add_item(in, &nodes[0]);
}

static ar_err read_csv(ar_intake *in, bool *out_more)
{
    ar_str *fields;
    size_t n;

    in->line = in->csv.line;
    AR_TRY(ar_csv_row(&in->csv, &in->item, &fields, &n));
    *out_more = n > 0;
    if (n == 0) return ar_ok();
    if (n == 1 && fields[0].len == 0 && in->n_header > 1) return read_csv(in, out_more);
    if (n != in->n_header)
        return ar_fail(AR_INVALID, "%.*s:%lld: %zu fields, but the header has %zu",
                       AR_FMT(in->plan->payload), (long long)in->line, n, in->n_header);

    ar_value *values = ar_make_n(&in->item, ar_value, n);
    for (size_t i = 0; i < n; i++) values[i] = fields[i].len == 0 ? ar_null() : ar_text(fields[i]);
    return add_fields(in, values, n);
}

/* The separator is the candidate that the first line has most of. */
static char find_separator(ar_str text)
{
    ar_str line = ar_str_cut(text, 0, ar_str_find(text, '\n'));
    char best = ',';
    size_t most = 0;

    for (const char *c = ",;\t|"; *c != '\0'; c++) {
        size_t n = 0;
        for (size_t i = 0; i < line.len; i++) n += line.ptr[i] == *c;
        if (n > most) most = n, best = *c;
    }
    return best;
}

static ar_err keep_header(ar_intake *in, const ar_str *names, size_t n)
{
    ar_map seen = { 0 };
    bool is_new;

    in->header = ar_make_n(&in->arena, ar_str, n);
    in->n_header = n;
    for (size_t i = 0; i < n; i++) {
        in->header[i] = ar_arena_copy(&in->arena, ar_str_trim(names[i]));
        ar_map_put(&seen, &in->arena, in->header[i], &is_new);
        if (!is_new)
            return ar_fail(AR_INVALID, "%.*s:1: the header names '%.*s' twice",
                           AR_FMT(in->plan->payload), AR_FMT(shown(in->header[i])));
    }
    if (in->plan->by_name && ar_map_get(&seen, AR_LIT("id")) == NULL)
        return ar_fail(AR_INVALID, "%.*s:1: no field is named 'id', which rows are known by",
                       AR_FMT(in->plan->payload));
    return ar_ok();
}

static ar_err open_csv(ar_intake *in)
{
    ar_str *names;
    size_t n;

    AR_TRY(ar_utf8_check(in->plan->payload, in->text));
    ar_csv_init(&in->csv, in->plan->payload, in->text, find_separator(in->text));
    AR_TRY(ar_csv_row(&in->csv, &in->arena, &names, &n));
    if (n == 0)
        return ar_fail(AR_INVALID, "%.*s:1: a header with the names of the fields is missing",
                       AR_FMT(in->plan->payload));
    in->read = read_csv;
    return keep_header(in, names, n);
}

/* ---- Parquet ---- */

static ar_err read_parquet(ar_intake *in, bool *out_more)
{
    *out_more = ar_rows_next(in->rows);
    if (!*out_more) return ar_ok();
    in->line++;
    ar_value *values = ar_make_n(&in->item, ar_value, in->n_header);
    for (size_t i = 0; i < in->n_header; i++) values[i] = ar_rows_get(in->rows, i);
    return add_fields(in, values, in->n_header);
}

/* What the engine says of the file, without our SQL and with the file's own name. */
static ar_err bad_parquet(const ar_intake *in, ar_str path, ar_err err)
{
    ar_auto(ar_buf) said = { 0 };
    ar_str text = ar_err_text(err);
    static const ar_str quoted = AR_LIT("…: ");

    if (err.code == AR_LIMIT) return ar_context(err, "%.*s", AR_FMT(in->plan->payload));
    for (size_t i = 0; i < text.len; i++)
        if (ar_str_starts(ar_str_cut(text, i, text.len), quoted)) {
            text = ar_str_cut(text, i + quoted.len, text.len);
            break;
        }
    for (size_t i = 0; i < text.len; i++) {
        bool here = ar_str_starts(ar_str_cut(text, i, text.len), path);
        if (here) ar_buf_add(&said, in->plan->payload);
        if (here) i += path.len - 1;
        if (!here) ar_buf_addc(&said, text.ptr[i]);
    }
    return ar_fail(AR_INVALID,
                   "%.*s: it cannot be read as Parquet: %.*s (want the whole file, as its writer "
                   "closed it)",
                   AR_FMT(in->plan->payload), AR_FMT(ar_buf_str(&said)));
}

/* The engine opens by name what was opened already, maybe by another user. */
static ar_err check_parquet(const ar_intake *in, const char *path)
{
    ar_auto(ar_fd) again = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC));

    if (ar_fd_n(again) >= 0) return ar_ok();
    return ar_fail(AR_DENIED,
                   "%.*s: uid %u, who reads it, may not open it, which Parquet takes (from a pipe "
                   "it can be read: `cat FILE | aright import CONNECTOR -`)",
                   AR_FMT(in->plan->payload), geteuid());
}

static ar_err open_parquet(ar_intake *in, int fd)
{
    const char *path =
        ar_arena_cstr(&in->arena, ar_arena_printf(&in->arena, "/proc/self/fd/%d", fd));
    const char *files[] = { path, NULL };
    ar_engine_options options = { .threads = 1, .files = files };
    ar_auto(ar_buf) sql = { 0 };

    AR_TRY(check_parquet(in, path));
    AR_TRY(ar_engine_open(&options, &in->engine));
    ar_buf_addz(&sql, "SELECT * FROM read_parquet(");
    ar_sql_text(&sql, ar_str_of(path));
    ar_buf_addz(&sql, ")");
    ar_err err = ar_engine_query(in->engine, ar_buf_str(&sql), NULL, 0, &in->rows);
    if (err.code != AR_OK) return bad_parquet(in, ar_str_of(path), err);

    size_t n = ar_rows_width(in->rows);
    ar_str *names = ar_make_n(&in->arena, ar_str, n);
    for (size_t i = 0; i < n; i++) names[i] = ar_rows_name(in->rows, i);
    in->read = read_parquet;
    return keep_header(in, names, n);
}

/* ---- opening ---- */

static ar_str past_blanks(ar_str text)
{
    size_t at = 0;

    while (at < text.len && memchr(" \t\r\n", text.ptr[at], 4) != NULL) at++;
    return ar_str_cut(text, at, text.len);
}

static bool starts_map(ar_str text)
{
    text = past_blanks(text);
    return text.len > 0 && text.ptr[0] == '{';
}

/* A list, a map alone, maps line by line, or else CSV. */
static enum ar_payload guess(ar_str text)
{
    text = past_blanks(text);
    if (text.len == 0) return AR_PAYLOAD_NDJSON; /* no rows at all */
    if (text.ptr[0] == '[') return AR_PAYLOAD_JSON;
    if (text.ptr[0] != '{') return AR_PAYLOAD_CSV;

    size_t end = ar_str_find(text, '\n');
    ar_str first = ar_str_trim(ar_str_cut(text, 0, end));
    ar_str next = ar_str_cut(text, end < text.len ? end + 1 : end, text.len);
    if (!ar_str_ends(first, AR_LIT("}"))) return AR_PAYLOAD_JSON;
    return starts_map(next) ? AR_PAYLOAD_NDJSON : AR_PAYLOAD_JSON;
}

static ar_err open_format(ar_intake *in, int fd, enum ar_payload format)
{
    switch (format) {
    case AR_PAYLOAD_AUTO: return open_format(in, fd, guess(in->text));
    case AR_PAYLOAD_JSON: return open_json(in);
    case AR_PAYLOAD_NDJSON: return open_ndjson(in);
    case AR_PAYLOAD_PAGES: return open_pages(in);
    case AR_PAYLOAD_CSV: return open_csv(in);
    case AR_PAYLOAD_PARQUET: return open_parquet(in, fd);
    }
    return ar_ok();
}

static size_t line_of(ar_str text, size_t at)
{
    size_t line = 1;

    for (size_t i = 0; i < at; i++) line += text.ptr[i] == '\n';
    return line;
}

/* Looks at the last bytes only of as much as a line may have. */
static ar_err check_lines(const ar_intake *in, ar_str text)
{
    size_t at = 0;

    while (text.len - at > LINE_MAX_BYTES) {
        const char *end = memrchr(text.ptr + at, '\n', LINE_MAX_BYTES + 1);
        if (end == NULL)
            return ar_fail(AR_LIMIT, "%.*s:%zu: a line has more than %d bytes",
                           AR_FMT(in->plan->payload), line_of(text, at), (int)LINE_MAX_BYTES);
        at = (size_t)(end - text.ptr) + 1;
    }
    return ar_ok();
}

/* What its size, a hole or a line without end refuse is refused before it is read: a payload may be
 * sparse, or larger than memory. */
static ar_err check_payload(const ar_intake *in, ar_str raw)
{
    size_t nul = ar_str_find(raw, '\0');
    bool is_utf16 = ar_str_starts(raw, AR_LIT("\xff\xfe")) ||
                    ar_str_starts(raw, AR_LIT("\xfe\xff")) || nul == 1;
    enum ar_payload format = in->plan->format == AR_PAYLOAD_AUTO ? guess(raw) : in->plan->format;

    if (!is_utf16 && nul < raw.len)
        return ar_fail(AR_INVALID, "%.*s:%zu: a NUL (byte %zu of the file): it is no text",
                       AR_FMT(in->plan->payload), line_of(raw, nul), nul);
    if ((is_utf16 || format == AR_PAYLOAD_JSON) && raw.len > AR_INTAKE_TREE_MAX)
        return ar_fail(AR_LIMIT,
                       "%.*s: %zu bytes, %d are the most of %s (NDJSON has no such limit)",
                       AR_FMT(in->plan->payload), raw.len, (int)AR_INTAKE_TREE_MAX,
                       is_utf16 ? "UTF-16" : "JSON");
    return is_utf16 || format == AR_PAYLOAD_JSON ? ar_ok() : check_lines(in, raw);
}

static ar_err open_payload(ar_intake *in, int fd)
{
    ar_str raw;

    AR_TRY(ar_file_map(fd, in->plan->payload, &in->mapped));
    raw = in->mapped.text;
    if (ar_str_starts(raw, AR_LIT("PAR1")) &&
        (in->plan->format == AR_PAYLOAD_AUTO || in->plan->format == AR_PAYLOAD_PARQUET))
        return open_format(in, fd, AR_PAYLOAD_PARQUET);
    if (in->plan->format == AR_PAYLOAD_PARQUET)
        return ar_fail(AR_INVALID, "%.*s: it is no Parquet file", AR_FMT(in->plan->payload));
    AR_TRY(check_payload(in, raw));
    AR_TRY(ar_utf8_from(in->plan->payload, raw, &in->arena, &in->text));
    return open_format(in, fd, in->plan->format);
}

static ar_err parse_mappings(ar_intake *in)
{
    const ar_plan *plan = in->plan;

    in->mappings = ar_make_n(&in->arena, const ar_mapping *, plan->n_columns);
    for (size_t i = 0; i < plan->n_columns; i++) {
        ar_map_put(&in->by_name, &in->arena, plan->columns[i].name, NULL)->n = (int64_t)i + 1;
        if (plan->by_name || plan->columns[i].text.len == 0) continue;
        AR_TRY_WITH(ar_mapping_parse(plan->columns[i].text, &in->arena, &in->mappings[i]),
                    "column '%.*s'", AR_FMT(plan->columns[i].name));
        in->given[i] = true;
    }
    return ar_ok();
}

static ar_err next(void *self, const ar_vector **out_columns, size_t *out_rows)
{
    ar_intake *in = self;
    bool more = true;

    ar_batch_clear(&in->batch);
    while (more && !ar_batch_full(&in->batch)) {
        size_t before = in->batch.bytes;
        AR_TRY(in->read(in, &more));
        ar_arena_done(&in->item);
        if (in->batch.bytes - before > AR_FEED_ROW_MAX)
            return ar_fail(AR_LIMIT, "%.*s:%lld: a row may hold %d bytes of text",
                           AR_FMT(in->plan->payload), (long long)in->line, AR_FEED_ROW_MAX);
    }
    in->feed.ignored = ar_buf_str(&in->ignored_text);
    *out_columns = in->batch.views;
    *out_rows = in->batch.n_rows;
    return ar_ok();
}

static ar_err make_intake(const ar_plan *plan, ar_intake **out_intake)
{
    ar_own(ar_intake) in = calloc(1, sizeof *in);

    if (in == NULL) abort();
    ar_feed_column *columns = ar_make_n(&in->arena, ar_feed_column, plan->n_columns);
    for (size_t i = 0; i < plan->n_columns; i++)
        columns[i] =
            (ar_feed_column){ .name = plan->columns[i].name, .type = plan->columns[i].type };
    in->plan = plan;
    in->given = ar_make_n(&in->arena, bool, plan->n_columns);
    in->feed = (ar_feed){ .next = next,
                          .self = in,
                          .columns = columns,
                          .n_columns = plan->n_columns,
                          .given = in->given };
    ar_batch_init(&in->batch, columns, plan->n_columns, &in->arena);
    AR_TRY(parse_mappings(in));
    *out_intake = ar_move(in);
    return ar_ok();
}

ar_err ar_intake_open(const ar_plan *plan, int fd, ar_intake **out_intake)
{
    ar_own(ar_intake) in = NULL;

    AR_TRY(make_intake(plan, &in));
    AR_TRY(open_payload(in, fd));
    *out_intake = ar_move(in);
    return ar_ok();
}

ar_err ar_intake_over(const ar_plan *plan, ar_node **items, size_t n_items, ar_intake **out_intake)
{
    ar_own(ar_intake) in = NULL;

    AR_TRY(make_intake(plan, &in));
    ar_node *list = ar_make(&in->arena, ar_node);
    *list = (ar_node){ .kind = AR_NODE_LIST, .items = items, .n = n_items };
    in->list = list;
    in->read = read_json;
    *out_intake = ar_move(in);
    return ar_ok();
}

const ar_feed *ar_intake_feed(ar_intake *intake)
{
    return &intake->feed;
}

void ar_intake_free(ar_intake **intake)
{
    ar_intake *in = *intake;

    if (in == NULL) return;
    ar_rows_free(&in->rows);
    ar_ndjson_free(&in->records);
    ar_engine_free(&in->engine);
    ar_batch_done(&in->batch);
    ar_buf_done(&in->ignored_text);
    ar_mapped_done(&in->mapped);
    ar_arena_done(&in->item);
    ar_arena_done(&in->page);
    ar_arena_done(&in->arena);
    free(in);
    *intake = NULL;
}
