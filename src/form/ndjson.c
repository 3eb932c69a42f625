#include "form/ndjson.h"
#include "form/json.h"
#include "form/simdjson.h"
#include "form/tree.h"
#include "form/utf.h"

#include <stdlib.h>

struct ar_ndjson {
    ar_arena arena; /* what lives as long as the reader */
    ar_str *paths;
    size_t n;
    ar_simd *simd;
    ar_simd_step *steps;
    ar_simd_value *values;
    ar_field *fields;
    ar_buf json, padded;
    ar_arena record; /* of the tree reader */

    ar_str file, text;
    size_t at;
    size_t line_start;
    uint32_t line, record_line;
};

/* ---- the wanted paths as a tree of steps ---- */

typedef struct want {
    ar_str name;
    int32_t slot;
    struct want *below, *next;
} want;

static want *want_below(want *w, ar_str name, ar_arena *arena)
{
    want **at = &w->below;

    while (*at != NULL && !ar_str_eq((*at)->name, name)) at = &(*at)->next;
    if (*at == NULL) {
        *at = ar_make(arena, want);
        **at = (want){ .name = ar_arena_copy(arena, name), .slot = -1 };
    }
    return *at;
}

static ar_err add_path(want *root, ar_str path, size_t slot, ar_arena *arena)
{
    ar_str rest = path, part;
    size_t depth = 0;
    want *w = root;

    if (path.len == 0) return ar_fail(AR_INVALID, "a path to a field is empty");
    for (; ar_tree_path(&rest, arena, &part); depth++) w = want_below(w, part, arena);
    if (depth >= AR_RECORD_DEPTH_MAX)
        return ar_fail(AR_LIMIT, "the path '%.*s' has more than %d parts", AR_FMT(path),
                       AR_RECORD_DEPTH_MAX - 1);
    if (w->slot >= 0) return ar_fail(AR_INVALID, "the path '%.*s' is there twice", AR_FMT(path));
    w->slot = (int32_t)slot;
    return ar_ok();
}

static size_t count_wants(const want *w)
{
    size_t n = 1;

    for (const want *b = w->below; b != NULL; b = b->next) n += count_wants(b);
    return n;
}

/* Writes the step of `w` at `at`, and those below it from *used on. */
static void lay_out(const want *w, ar_simd_step *steps, uint32_t at, uint32_t *used)
{
    int64_t index;
    bool numbered = ar_str_int(w->name, &index) && index >= 0;
    ar_simd_step *step = &steps[at];

    *step = (ar_simd_step){
        .name = w->name.ptr,
        .name_len = w->name.len,
        .index = numbered ? index : -1,
        .first = *used,
        .slot = w->slot,
    };
    for (const want *b = w->below; b != NULL; b = b->next) step->n++;
    *used += step->n;

    uint32_t i = step->first;

    for (const want *b = w->below; b != NULL; b = b->next) lay_out(b, steps, i++, used);
}

ar_err ar_ndjson_new(const ar_str *paths, size_t n, ar_ndjson **out_reader)
{
    ar_own(ar_ndjson) r = calloc(1, sizeof *r);
    want root = { .slot = -1 };
    uint32_t used = 1;

    if (r == NULL) abort();
    if (n > AR_RECORD_PATHS_MAX)
        return ar_fail(AR_LIMIT, "%zu fields of a record, %d are the most", n,
                       (int)AR_RECORD_PATHS_MAX);
    r->n = n;
    r->paths = ar_make_n(&r->arena, ar_str, n);
    r->values = ar_make_n(&r->arena, ar_simd_value, n);
    r->fields = ar_make_n(&r->arena, ar_field, n + 1); /* not NULL when nothing is wanted */
    for (size_t i = 0; i < n; i++) {
        r->paths[i] = ar_arena_copy(&r->arena, paths[i]);
        AR_TRY(add_path(&root, r->paths[i], i, &r->arena));
    }
    r->steps = ar_make_n(&r->arena, ar_simd_step, count_wants(&root));
    lay_out(&root, r->steps, 0, &used);
    r->simd = ar_simd_new(AR_RECORD_DEPTH_MAX);
    *out_reader = ar_move(r);
    return ar_ok();
}

void ar_ndjson_free(ar_ndjson **reader)
{
    ar_ndjson *r = *reader;

    if (r == NULL) return;
    ar_simd_free(r->simd);
    ar_buf_done(&r->json);
    ar_buf_done(&r->padded);
    ar_arena_done(&r->record);
    ar_arena_done(&r->arena);
    free(r);
    *reader = NULL;
}

uint32_t ar_ndjson_line(const ar_ndjson *reader)
{
    return reader->record_line;
}

/* ---- one record ---- */

size_t ar_simd_put(void *out, const char *text, size_t len)
{
    ar_buf *buf = out;

    ar_buf_add(buf, (ar_str){ text, len });
    return buf->len;
}

void ar_simd_put_text(void *out, const char *text, size_t len)
{
    ar_json_text(out, (ar_str){ text, len });
}

void ar_simd_put_int(void *out, int64_t i)
{
    ar_json_value(out, ar_int(i));
}

void ar_simd_put_double(void *out, double d)
{
    ar_json_value(out, ar_double(d));
}

static uint32_t column_of(const ar_ndjson *r)
{
    return (uint32_t)(r->at - r->line_start + 1);
}

/* Member by member: a struct made aside and copied would wait for its own stores. */
static void set_field(ar_field *f, const ar_simd_value *v, const ar_buf *json)
{
    static const enum ar_type types[] = {
        [AR_SIMD_ABSENT] = AR_NULL, [AR_SIMD_NULL] = AR_NULL,     [AR_SIMD_BOOL] = AR_BOOL,
        [AR_SIMD_INT] = AR_INT,     [AR_SIMD_DOUBLE] = AR_DOUBLE, [AR_SIMD_TEXT] = AR_TEXT,
        [AR_SIMD_JSON] = AR_TEXT,
    };

    f->found = v->kind != AR_SIMD_ABSENT;
    f->json = v->kind == AR_SIMD_JSON;
    f->value.type = types[v->kind];
    switch (v->kind) {
    case AR_SIMD_ABSENT:
    case AR_SIMD_NULL: break;
    case AR_SIMD_BOOL: f->value.b = v->b; break;
    case AR_SIMD_INT: f->value.i = v->i; break;
    case AR_SIMD_DOUBLE: f->value.d = v->d; break;
    case AR_SIMD_TEXT:
        f->value.s.ptr = v->text.ptr;
        f->value.s.len = v->text.len;
        break;
    case AR_SIMD_JSON:
        f->value.s.ptr = json->ptr + v->json.from;
        f->value.s.len = v->json.to - v->json.from;
        break;
    }
}

static ar_field field_of_node(const ar_node *node, ar_arena *arena)
{
    ar_auto(ar_buf) json = { 0 };
    ar_field f = { .found = node != NULL };

    if (node == NULL) return f;
    switch (node->kind) {
    case AR_NODE_NULL: break;
    case AR_NODE_BOOL: f.value = ar_bool(node->b); break;
    case AR_NODE_INT: f.value = ar_int(node->i); break;
    case AR_NODE_DOUBLE: f.value = ar_double(node->d); break;
    case AR_NODE_TEXT: f.value = ar_text(node->text); break;
    case AR_NODE_LIST:
    case AR_NODE_MAP:
        ar_json_node(&json, node);
        f.value = ar_text(ar_arena_copy(arena, ar_buf_str(&json)));
        f.json = true;
    }
    return f;
}

/* simdjson reads a little beyond the end, so the last bytes of a text are moved. */
static const char *padded(ar_ndjson *r, ar_str piece)
{
    size_t behind = (size_t)(r->text.ptr + r->text.len - piece.ptr) - piece.len;

    if (behind >= ar_simd_padding()) return piece.ptr;
    ar_buf_clear(&r->padded);
    memset(ar_buf_room(&r->padded, piece.len + ar_simd_padding()), ' ',
           piece.len + ar_simd_padding());
    memcpy(r->padded.ptr, piece.ptr, piece.len);
    return r->padded.ptr;
}

/* Some versions of simdjson let half of a surrogate pair pass, which can only come from an escape.
 */
static bool has_sound_texts(const ar_ndjson *r, ar_str record)
{
    if (ar_str_find(record, '\\') == record.len) return true;
    for (size_t i = 0; i < r->n; i++)
        if (r->fields[i].value.type == AR_TEXT &&
            ar_utf8_valid(r->fields[i].value.s) < r->fields[i].value.s.len)
            return false;
    return ar_utf8_valid(ar_buf_str(&r->json)) == r->json.len;
}

static bool read_fast(ar_ndjson *r, ar_str record)
{
    memset(r->values, 0, r->n * sizeof *r->values);
    ar_buf_clear(&r->json);
    if (!ar_simd_read(r->simd, padded(r, record), record.len, r->steps, r->values, &r->json))
        return false;
    for (size_t i = 0; i < r->n; i++) set_field(&r->fields[i], &r->values[i], &r->json);
    return has_sound_texts(r, record);
}

/* What simdjson does not take is wrong, and then the tree reader says where and why, or has a
 * number beyond 64 bits. */
static ar_err read_slow(ar_ndjson *r, ar_str record)
{
    ar_form_limits limits = { .bytes_max = AR_RECORD_MAX, .depth_max = AR_RECORD_DEPTH_MAX };
    ar_node *root;

    ar_arena_done(&r->record);
    AR_TRY(ar_json_parse_at(r->file, r->line, column_of(r), record, &limits, &r->record, &root));
    if (root->kind != AR_NODE_MAP)
        return ar_node_fail(r->file, root, "a record must be an object, found %s",
                            ar_node_kind_name(root->kind));
    for (size_t i = 0; i < r->n; i++)
        r->fields[i] = field_of_node(ar_node_at(root, r->paths[i]), &r->record);
    return ar_ok();
}

static ar_err check_size(const ar_ndjson *r, ar_str piece)
{
    if (piece.len > AR_RECORD_MAX)
        return ar_fail(AR_LIMIT, "%.*s:%u:%u: a record of %zu bytes, %d are the most",
                       AR_FMT(r->file), r->line, column_of(r), piece.len, (int)AR_RECORD_MAX);
    return ar_ok();
}

/* The record at r->at. */
static ar_err read_record(ar_ndjson *r, ar_str record)
{
    r->record_line = r->line;
    if (read_fast(r, record)) return ar_ok();
    return read_slow(r, record);
}

/* ---- lines ---- */

void ar_ndjson_lines(ar_ndjson *reader, ar_str file, ar_str text)
{
    ar_ndjson *r = reader;

    r->file = file;
    r->text = text;
    r->at = ar_str_starts(text, AR_LIT("\xef\xbb\xbf")) ? 3 : 0;
    r->line_start = r->at;
    r->line = 1;
    r->record_line = 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static ar_err next_line(ar_ndjson *r, bool *out_end)
{
    while (r->at < r->text.len) {
        ar_str rest = ar_str_cut(r->text, r->at, r->text.len);
        size_t end = ar_str_find(rest, '\n');
        size_t from = 0;

        while (from < end && is_blank(rest.ptr[from])) from++;

        ar_str record = ar_str_cut(rest, from, end);

        r->at += from;
        ar_err err = check_size(r, record);
        if (err.code == AR_OK && record.len > 0) err = read_record(r, record);
        r->at = r->line_start + end + (end < rest.len);
        r->line_start = r->at;
        r->line++;
        AR_TRY(err);
        if (record.len > 0) return *out_end = false, ar_ok();
    }
    return *out_end = true, ar_ok();
}

ar_err ar_ndjson_next(ar_ndjson *reader, const ar_field **out_fields)
{
    bool end;

    AR_TRY(next_line(reader, &end));
    *out_fields = end ? NULL : reader->fields;
    return ar_ok();
}
