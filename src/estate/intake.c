#include "estate/intake.h"

#include "engine/engine.h"
#include "estate/sniff.h"
#include "form/csv.h"
#include "form/json.h"
#include "form/ndjson.h"
#include "form/utf.h"
#include "form/yaml.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    TREE_NODES_MAX = 20000000,
    IGNORED_SHOWN = 8,
    SURVEY_SHOWN = 200, /* of them in a survey, one a line */
    BAD_ROWS_SHOWN = 10,
    BAD_ROW_SHOWN = 300, /* bytes of its sentence */
    SURVEY_ITEMS = 1000,
    OWNER_BYTES_MAX = 320, /* of the name of one */
    ROW_OWNERS_MAX = 256,
};

struct ar_intake {
    ar_arena arena;    /* of the intake itself */
    ar_arena document; /* of the document being read, where there are many */
    ar_arena item;     /* of the item being read */
    const ar_plan *plan;
    ar_items *items;
    const ar_mapping **mappings; /* NULL: not given */
    const ar_mapping **owners, **owners_at;
    size_t owners_column; /* that they go to; 0: the plan has none */
    ar_map by_name;       /* column number + 1 */
    ar_mapped mapped;
    ar_str text; /* the payload in UTF-8 */
    ar_batch batch;
    ar_feed feed;
    bool *given;
    ar_map ignored;
    ar_buf ignored_text;
    ar_map spoken_of; /* fields of an item that a mapping takes, for a survey */
    int64_t surveyed;
    ar_buf bad_rows;
    int64_t line; /* of the item being read */

    /* Puts the next item into the batch, or says that there is none. What is wrong with one row
     * alone is left behind when it `recovers`: the next call goes on behind it. */
    ar_err (*read)(ar_intake *in, bool *out_more);
    bool recovers;
    /* The next document, NULL at the end; its items are read by `read_item`. */
    ar_err (*read_document)(ar_intake *in, const ar_node **out_document);
    bool open;            /* a document is being read */
    bool guess;           /* where its items are */
    ar_ndjson *records;   /* NDJSON, when every column is a path: */
    ar_str *paths;        /* what to look for, */
    size_t *path_columns; /* and the column that it is */
    size_t n_paths;
    ar_str rest;         /* NDJSON otherwise */
    const ar_node *root; /* JSON, YAML */
    bool taken;          /* the root, as the one document that it is */
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
    size_t most = in->plan->survey ? SURVEY_SHOWN : IGNORED_SHOWN;
    const char *between = in->plan->survey ? "\n" : ", ";
    bool is_new;

    if (in->ignored.n > most || ar_map_get(&in->ignored, name) != NULL) return;
    ar_map_put(&in->ignored, &in->arena, ar_arena_copy(&in->arena, name), &is_new);
    ar_buf_addz(&in->ignored_text, in->ignored.n > 1 ? between : "");
    if (in->ignored.n > most)
        ar_buf_addz(&in->ignored_text, "…");
    else
        ar_buf_add(&in->ignored_text, shown(name));
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

/* A name as a mapping writes it. */
static void add_path_part(ar_buf *out, ar_str name)
{
    bool plain = name.len > 0 && (name.ptr[0] < '0' || name.ptr[0] > '9');

    for (size_t i = 0; i < name.len; i++) {
        char c = ar_lower(name.ptr[i]);
        plain &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    ar_buf_addz(out, plain ? "" : "`");
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '`') ar_buf_addc(out, '`');
        ar_buf_addc(out, name.ptr[i]);
    }
    ar_buf_addz(out, plain ? "" : "`");
}

/* Which fields no mapping speaks of is learned from the first items; of a map those in it. */
static void survey(ar_intake *in, const ar_node *item)
{
    if (!in->plan->survey || in->surveyed++ >= SURVEY_ITEMS) return;
    if (item->kind != AR_NODE_MAP || ar_map_get(&in->spoken_of, (ar_str){ 0 }) != NULL) return;
    for (size_t i = 0; i < item->n; i++) {
        const ar_pair *pair = &item->pairs[i];
        size_t n_inside = pair->value->kind == AR_NODE_MAP ? pair->value->n : 0;
        if (ar_map_get(&in->spoken_of, pair->key) != NULL) continue;
        for (size_t k = 0; k == 0 || k < n_inside; k++) {
            ar_auto(ar_buf) path = { 0 };
            add_path_part(&path, pair->key);
            ar_buf_addz(&path, n_inside > 0 ? "." : "");
            if (n_inside > 0) add_path_part(&path, pair->value->pairs[k].key);
            ignore(in, ar_buf_str(&path));
        }
    }
}

static ar_err add_by_name(ar_intake *in, const ar_node *item)
{
    if (item->kind != AR_NODE_MAP)
        return ar_fail(AR_INVALID, "%.*s:%lld: an item is %s (want a map of fields)",
                       AR_FMT(in->plan->payload), (long long)in->line,
                       ar_node_kind_name(item->kind));
    for (size_t i = 0; i < item->n; i++)
        AR_TRY(set_field(in, item->pairs[i].key, item->pairs[i].value));
    return finish_row(in);
}

/* ---- who owns it ---- */

/* A name is one line, whatever stands in it: none can pass for evidence of another class. */
static ar_err add_name(ar_intake *in, const ar_connector_owner *said, ar_str at,
                       const ar_node *node, size_t *n, ar_buf *out)
{
    ar_str name = node->kind == AR_NODE_NULL ? (ar_str){ 0 } : ar_str_trim(node->text);

    if (node->kind == AR_NODE_LIST || node->kind == AR_NODE_MAP)
        return not_a_scalar(in, in->owners_column, ar_node_kind_name(node->kind));
    if (name.len == 0) return ar_ok();
    if (name.len > OWNER_BYTES_MAX)
        return bad_field(in, in->owners_column, "a name may have %d bytes, this one has %zu",
                         OWNER_BYTES_MAX, name.len);
    if (++*n > ROW_OWNERS_MAX)
        return bad_field(in, in->owners_column, "more than %d names", ROW_OWNERS_MAX);
    ar_buf_addf(out, "%s%.*s\t%.*s\t%.*s\t", out->len > 0 ? "\n" : "", AR_FMT(said->evidence),
                AR_FMT(said->confidence), AR_FMT(at));
    for (size_t i = 0; i < name.len; i++)
        ar_buf_addc(out, (unsigned char)name.ptr[i] < ' ' ? ' ' : name.ptr[i]);
    return ar_ok();
}

/* When it was so, in microseconds; empty where the item does not say. */
static ar_err owner_time(ar_intake *in, const ar_mapping *mapping, const ar_scope *scope,
                         ar_str *out_text)
{
    const ar_node *node = NULL;
    ar_time time;

    *out_text = (ar_str){ 0 };
    if (mapping == NULL) return ar_ok();
    ar_err err = ar_mapping_eval(mapping, scope, &in->item, &node);
    if (err.code != AR_OK)
        return bad_field(in, in->owners_column, "%.*s", AR_FMT(ar_err_text(err)));
    if (node == NULL || node->kind == AR_NODE_NULL || node->text.len == 0) return ar_ok();
    err = ar_time_parse(node->text, &time);
    if (err.code != AR_OK)
        return bad_field(in, in->owners_column, "%.*s", AR_FMT(ar_err_text(err)));
    *out_text = ar_arena_printf(&in->item, "%lld", (long long)time);
    return ar_ok();
}

static ar_err add_owners(ar_intake *in, const ar_scope *scope)
{
    ar_auto(ar_buf) text = { 0 };
    size_t n = 0;

    if (in->plan->n_owners == 0 || in->owners_column == 0) return ar_ok();
    for (size_t i = 0; i < in->plan->n_owners; i++) {
        const ar_connector_owner *said = &in->plan->owners[i];
        const ar_node *node = NULL;
        ar_str at;

        ar_err err = ar_mapping_eval(in->owners[i], scope, &in->item, &node);
        if (err.code != AR_OK)
            return bad_field(in, in->owners_column, "%.*s", AR_FMT(ar_err_text(err)));
        if (node == NULL) continue;
        AR_TRY(owner_time(in, in->owners_at[i], scope, &at));
        for (size_t k = 0; node->kind == AR_NODE_LIST && k < node->n; k++)
            AR_TRY(add_name(in, said, at, node->items[k], &n, &text));
        if (node->kind != AR_NODE_LIST) AR_TRY(add_name(in, said, at, node, &n, &text));
    }
    ar_batch_set(&in->batch, in->owners_column,
                 text.len > 0 ? ar_text(ar_buf_str(&text)) : ar_null());
    return ar_ok();
}

static ar_err add_item(ar_intake *in, const ar_scope *scope)
{
    if (in->plan->by_name) return add_by_name(in, scope->item);
    survey(in, scope->item);
    for (size_t i = 0; i < in->plan->n_columns; i++) {
        const ar_node *node = NULL;
        ar_value value = ar_null();
        if (in->mappings[i] == NULL) continue;
        ar_err err = ar_mapping_eval(in->mappings[i], scope, &in->item, &node);
        if (err.code != AR_OK) return bad_field(in, i, "%.*s", AR_FMT(ar_err_text(err)));
        if (node != NULL) AR_TRY(from_node(in, i, node, &value));
        ar_batch_set(&in->batch, i, value);
    }
    AR_TRY(add_owners(in, scope));
    return finish_row(in);
}

static ar_err next_item(ar_intake *in, const ar_scope **out_scope)
{
    ar_err err = ar_items_next(in->items, out_scope);
    uint32_t line = ar_items_line(in->items);

    if (line > 0 && in->root != NULL) in->line = line;
    if (err.code == AR_OK || ar_str_starts(ar_err_text(err), in->plan->payload)) return err;
    return ar_context(err, "%.*s:%lld", AR_FMT(in->plan->payload), (long long)in->line);
}

/* The next item of the document at hand, or of those behind it. */
static ar_err read_item(ar_intake *in, bool *out_more)
{
    const ar_node *document;
    const ar_scope *scope;

    *out_more = true;
    for (;;) {
        in->recovers = true;
        if (in->open) AR_TRY(next_item(in, &scope));
        if (in->open && scope != NULL) return add_item(in, scope);
        in->recovers = in->open = false;
        ar_arena_done(&in->document);
        AR_TRY(in->read_document(in, &document));
        *out_more = document != NULL;
        if (document == NULL) return ar_ok();
        in->recovers = false;
        AR_TRY(ar_items_begin(in->items, document, in->guess));
        in->open = true;
    }
}

static void read_documents(ar_intake *in, ar_err (*read)(ar_intake *, const ar_node **))
{
    in->read = read_item;
    in->read_document = read;
}

/* ---- records without a tree ---- */

/* Most payloads need no tree: each column is what stands at one path. Not when two columns stand at
 * the same, or one is made by a function. */
static bool plan_paths(ar_intake *in)
{
    ar_map seen = { 0 };
    bool is_new;

    const ar_items_text *items = &in->plan->items;
    if (items->n_steps + items->n_where + items->n_lookups + items->n_refuse > 0) return false;
    if (items->partial.len > 0 || in->plan->survey || in->plan->n_owners > 0) return false;
    in->paths = ar_make_n(&in->arena, ar_str, in->plan->n_columns);
    in->path_columns = ar_make_n(&in->arena, size_t, in->plan->n_columns);
    for (size_t i = 0; i < in->plan->n_columns; i++) {
        if (in->plan->by_name ? i > 0 && i == in->owners_column : in->mappings[i] == NULL) continue;
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

    *out_more = true;
    in->recovers = true;
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

/* ---- JSON and YAML ---- */

static const ar_form_limits tree_limits = { .bytes_max = AR_INTAKE_TREE_MAX,
                                            .nodes_max = TREE_NODES_MAX };

static ar_err read_root(ar_intake *in, const ar_node **out_document)
{
    *out_document = in->taken ? NULL : in->root;
    in->taken = true;
    return ar_ok();
}

static ar_err open_tree(ar_intake *in, enum ar_payload format)
{
    ar_node *root;

    AR_TRY((format == AR_PAYLOAD_YAML ? ar_yaml_parse : ar_json_parse)(
        in->plan->payload, in->text, &tree_limits, &in->arena, &root));
    in->root = root;
    in->guess = true;
    read_documents(in, read_root);
    return ar_ok();
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

static ar_err read_line(ar_intake *in, const ar_node **out_document)
{
    static const ar_form_limits limits = { .bytes_max = AR_RECORD_MAX };
    ar_node *root;
    ar_str line;

    *out_document = NULL;
    if (!next_line(in, &line)) return ar_ok();
    in->recovers = !in->guess;
    AR_TRY(ar_json_parse_at(in->plan->payload, (uint32_t)in->line, 1, line, &limits, &in->document,
                            &root));
    *out_document = root;
    return ar_ok();
}

static ar_err open_ndjson(ar_intake *in)
{
    ar_str line;

    in->rest = in->text;
    read_documents(in, read_line);
    if (!plan_paths(in)) return ar_ok();
    if (next_line(in, &line)) ignore_of_line(in, line);
    AR_TRY(ar_ndjson_new(in->paths, in->n_paths, &in->records));
    ar_ndjson_lines(in->records, in->plan->payload, in->text);
    in->read = read_record;
    return ar_ok();
}

/* One that cannot be read would be a hole in what the source shows. */
static ar_err open_pages(ar_intake *in)
{
    in->rest = in->text;
    in->guess = true;
    read_documents(in, read_line);
    return ar_ok();
}

/* ---- CSV ---- */

/* A row as the tree that mappings look at. */
static const ar_node *make_document(ar_intake *in, const ar_value *values, size_t n)
{
    ar_node *nodes = ar_make_n(&in->document, ar_node, n + 1);
    ar_pair *pairs = ar_make_n(&in->document, ar_pair, n);

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
            node->text = ar_arena_copy(&in->document, ar_buf_str(&text));
        }
        pairs[i] = (ar_pair){ .key = in->header[i], .value = node };
    }
    nodes[0] = (ar_node){ .kind = AR_NODE_MAP, .pairs = pairs, .n = n };
    return &nodes[0];
}

static ar_err read_csv(ar_intake *in, const ar_node **out_document)
{
    ar_str *fields;
    size_t n;

    do {
        in->line = in->csv.line;
        AR_TRY(ar_csv_row(&in->csv, &in->document, &fields, &n));
    } while (n == 1 && fields[0].len == 0 && in->n_header > 1);
    *out_document = NULL;
    if (n == 0) return ar_ok();
    in->recovers = true;
    if (n != in->n_header)
        return ar_fail(AR_INVALID, "%.*s:%lld: %zu fields, but the header has %zu",
                       AR_FMT(in->plan->payload), (long long)in->line, n, in->n_header);

    ar_value *values = ar_make_n(&in->document, ar_value, n);
    for (size_t i = 0; i < n; i++) values[i] = fields[i].len == 0 ? ar_null() : ar_text(fields[i]);
    *out_document = make_document(in, values, n);
    return ar_ok();
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
    read_documents(in, read_csv);
    return keep_header(in, names, n);
}

/* ---- Parquet ---- */

static ar_err read_parquet(ar_intake *in, const ar_node **out_document)
{
    *out_document = NULL;
    if (!ar_rows_next(in->rows)) return ar_ok();
    in->line++;
    ar_value *values = ar_make_n(&in->document, ar_value, in->n_header);
    for (size_t i = 0; i < in->n_header; i++) values[i] = ar_rows_get(in->rows, i);
    *out_document = make_document(in, values, in->n_header);
    return ar_ok();
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
    read_documents(in, read_parquet);
    return keep_header(in, names, n);
}

/* ---- opening ---- */

static ar_err open_format(ar_intake *in, int fd, enum ar_payload format)
{
    switch (format) {
    case AR_PAYLOAD_AUTO: return open_format(in, fd, ar_sniff_format(in->text));
    case AR_PAYLOAD_JSON:
    case AR_PAYLOAD_YAML: return open_tree(in, format);
    case AR_PAYLOAD_NDJSON: return open_ndjson(in);
    case AR_PAYLOAD_PAGES: return open_pages(in);
    case AR_PAYLOAD_CSV: return open_csv(in);
    case AR_PAYLOAD_PARQUET: return open_parquet(in, fd);
    }
    return ar_ok();
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
    AR_TRY(ar_sniff_check(in->plan->payload, in->plan->format, raw));
    AR_TRY(ar_utf8_from(in->plan->payload, raw, &in->arena, &in->text));
    AR_TRY(ar_sniff_refuse_page(in->plan->payload, in->text));
    return open_format(in, fd, in->plan->format);
}

static void speak_of(void *self, ar_str name)
{
    ar_intake *in = self;

    ar_map_put(&in->spoken_of, &in->arena, name, NULL);
}

static void look_up(void *self, ar_str name)
{
    (void)self, (void)name;
}

static ar_err parse_owners(ar_intake *in, const ar_mapping_visit *visit)
{
    const ar_plan *plan = in->plan;

    in->owners = ar_make_n(&in->arena, const ar_mapping *, plan->n_owners);
    in->owners_at = ar_make_n(&in->arena, const ar_mapping *, plan->n_owners);
    for (size_t i = 0; i < plan->n_owners; i++) {
        const ar_connector_owner *o = &plan->owners[i];

        AR_TRY_WITH(ar_mapping_parse(o->owner, &in->arena, &in->owners[i]), "owner %zu", i + 1);
        ar_mapping_walk(in->owners[i], visit, in);
        if (o->at.len == 0) continue;
        AR_TRY_WITH(ar_mapping_parse(o->at, &in->arena, &in->owners_at[i]), "owner %zu: at", i + 1);
        ar_mapping_walk(in->owners_at[i], visit, in);
    }
    in->given[in->owners_column] = plan->n_owners > 0;
    return ar_ok();
}

static ar_err parse_mappings(ar_intake *in)
{
    static const ar_mapping_visit visit = { .field = speak_of, .lookup = look_up };
    const ar_plan *plan = in->plan;

    in->mappings = ar_make_n(&in->arena, const ar_mapping *, plan->n_columns);
    for (size_t i = 0; i < plan->n_columns; i++) {
        if (ar_str_eq(plan->columns[i].name, AR_LIT(AR_KIND_OWNERS))) {
            in->owners_column = i; /* no field fills it */
            continue;
        }
        ar_map_put(&in->by_name, &in->arena, plan->columns[i].name, NULL)->n = (int64_t)i + 1;
        if (plan->by_name || plan->columns[i].text.len == 0) continue;
        AR_TRY_WITH(ar_mapping_parse(plan->columns[i].text, &in->arena, &in->mappings[i]),
                    "column '%.*s'", AR_FMT(plan->columns[i].name));
        in->given[i] = true;
        ar_mapping_walk(in->mappings[i], &visit, in);
    }
    if (in->owners_column > 0) AR_TRY(parse_owners(in, &visit));
    return ar_items_new(&plan->items, plan->payload, &in->items);
}

/* Leaves a row behind that cannot be read, and says so of the first few. */
static ar_err pass_over(ar_intake *in, ar_err err)
{
    size_t row = in->batch.n_rows;

    if (!in->recovers || in->plan->bad_rows_max == 0) return err;
    in->feed.bad++;
    if (in->feed.bad > in->plan->bad_rows_max)
        return ar_fail(AR_LIMIT, "%.*s: more than %lld rows cannot be read; the first: %.*s",
                       AR_FMT(in->plan->payload), (long long)in->plan->bad_rows_max,
                       AR_FMT(ar_str_cut(ar_buf_str(&in->bad_rows), 0,
                                         ar_str_find(ar_buf_str(&in->bad_rows), '\n'))));
    if (in->feed.bad <= BAD_ROWS_SHOWN)
        ar_buf_addf(&in->bad_rows, "%s%.*s", in->bad_rows.len > 0 ? "\n" : "",
                    AR_FMT(ar_utf8_cut(ar_err_text(err), BAD_ROW_SHOWN)));
    for (size_t i = 0; i < in->batch.n_columns; i++) ar_vector_clear(&in->batch.columns[i], row);
    return ar_ok();
}

static ar_err next(void *self, const ar_vector **out_columns, size_t *out_rows)
{
    ar_intake *in = self;
    bool more = true;

    ar_batch_clear(&in->batch);
    while (more && !ar_batch_full(&in->batch)) {
        size_t before = in->batch.bytes;
        ar_err err = in->read(in, &more);
        if (err.code != AR_OK) AR_TRY(pass_over(in, err));
        ar_arena_done(&in->item);
        if (in->batch.bytes - before > AR_FEED_ROW_MAX)
            return ar_fail(AR_LIMIT, "%.*s:%lld: a row may hold %d bytes of text",
                           AR_FMT(in->plan->payload), (long long)in->line, AR_FEED_ROW_MAX);
    }
    in->feed.ignored = ar_buf_str(&in->ignored_text);
    in->feed.bad_rows = ar_buf_str(&in->bad_rows);
    in->feed.partial = ar_items_partial(in->items);
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
    in->root = list;
    in->guess = true;
    read_documents(in, read_root);
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
    ar_items_free(&in->items);
    ar_buf_done(&in->ignored_text);
    ar_buf_done(&in->bad_rows);
    ar_mapped_done(&in->mapped);
    ar_arena_done(&in->item);
    ar_arena_done(&in->document);
    ar_arena_done(&in->arena);
    free(in);
    *intake = NULL;
}
