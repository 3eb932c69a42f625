#include "lookup/manifest.h"

#include "base/crc.h"
#include "form/json.h"
#include "sys/file.h"

/* "ARVERD1 0123abcd\n", the sum of what follows, then a JSON object. */
static const char magic[] = "ARVERD1 ";
enum { HEAD = sizeof magic - 1 + 8 + 1 };

const char *ar_lookup_folder(const ar_place *place, ar_arena *arena)
{
    return ar_path_join(arena, place->home, "lookup");
}

const char *ar_lookup_manifest_path(const char *folder, ar_arena *arena)
{
    return ar_path_join(arena, folder, "index");
}

/* ---- printing ---- */

static void print_standard(const ar_lookup_standard *s, ar_buf *out)
{
    ar_buf_addz(out, "{\"id\":"), ar_json_text(out, s->id);
    ar_buf_addz(out, ",\"hash\":"), ar_json_text(out, s->hash);
    ar_buf_addz(out, ",\"judged\":"), ar_json_text(out, s->judged);
    ar_buf_addf(out, ",\"batch\":%lld,\"slot\":%lld,\"asof\":%lld}", (long long)s->batch,
                (long long)s->slot, (long long)s->asof);
}

static void print_object(const ar_lookup_manifest *m, ar_buf *out)
{
    ar_buf_addz(out, "{\"id\":"), ar_json_text(out, m->id);
    ar_buf_addz(out, ",\"before\":"), ar_json_text(out, m->before);
    ar_buf_addf(out, ",\"evaluation\":%lld,\"key\":\"%016llx%016llx\",\"segments\":[",
                (long long)m->evaluation, (unsigned long long)m->key[0],
                (unsigned long long)m->key[1]);
    for (size_t i = 0; i < m->n_parts; i++)
        ar_buf_addf(out, "%s{\"id\":\"%016llx\",\"entries\":%lld}", i > 0 ? "," : "",
                    (unsigned long long)m->parts[i].id, (long long)m->parts[i].n);
    ar_buf_addz(out, "],\"standards\":[");
    for (size_t i = 0; i < m->n_standards; i++) {
        ar_buf_addz(out, i > 0 ? ",\n" : "\n");
        print_standard(&m->standards[i], out);
    }
    ar_buf_addz(out, "]}\n");
}

void ar_lookup_manifest_print(const ar_lookup_manifest *manifest, ar_buf *out)
{
    ar_auto(ar_buf) object = { 0 };

    print_object(manifest, &object);
    ar_buf_addf(out, "%s%08x\n", magic, (unsigned)ar_crc32c(ar_buf_str(&object)));
    ar_buf_add(out, ar_buf_str(&object));
}

/* ---- reading ---- */

static const ar_str file = AR_LIT("index");

static bool read_hex(ar_str text, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
        *out = *out << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return text.len == 16;
}

static ar_err read_key(const ar_node *root, ar_lookup_manifest *m)
{
    ar_str key;

    AR_TRY(ar_node_text(file, root, "key", true, &key));
    if (key.len == 32 && read_hex(ar_str_cut(key, 0, 16), &m->key[0]) &&
        read_hex(ar_str_cut(key, 16, 32), &m->key[1]))
        return ar_ok();
    return ar_fail(AR_INVALID, "its key is none");
}

static ar_err read_parts(const ar_node *root, ar_lookup_manifest *m)
{
    const ar_node *list = NULL;

    AR_TRY(ar_node_list(file, root, "segments", true, &list));
    if (list->n > AR_LOOKUP_SEGMENTS_MAX) return ar_fail(AR_INVALID, "%zu segments", list->n);
    for (size_t i = 0; i < list->n; i++) {
        ar_lookup_part *part = &m->parts[m->n_parts++];
        ar_str id;

        AR_TRY(ar_node_text(file, list->items[i], "id", true, &id));
        AR_TRY(ar_node_int(file, list->items[i], "entries", true, &part->n));
        if (!read_hex(id, &part->id)) return ar_fail(AR_INVALID, "a segment has no id");
    }
    return ar_ok();
}

static ar_err read_standard(const ar_node *node, ar_lookup_standard *s)
{
    AR_TRY(ar_node_text(file, node, "id", true, &s->id));
    AR_TRY(ar_node_text(file, node, "hash", true, &s->hash));
    AR_TRY(ar_node_text(file, node, "judged", true, &s->judged));
    AR_TRY(ar_node_int(file, node, "batch", true, &s->batch));
    AR_TRY(ar_node_int(file, node, "slot", true, &s->slot));
    AR_TRY(ar_node_int(file, node, "asof", true, &s->asof));
    return s->slot >= 0 && s->slot < 31 ? ar_ok() : ar_fail(AR_INVALID, "a slot that is none");
}

static ar_err read_object(const ar_node *root, ar_arena *arena, ar_lookup_manifest *m)
{
    const ar_node *list = NULL;

    AR_TRY(ar_node_text(file, root, "id", true, &m->id));
    AR_TRY(ar_node_text(file, root, "before", true, &m->before));
    AR_TRY(ar_node_int(file, root, "evaluation", true, &m->evaluation));
    AR_TRY(read_key(root, m));
    AR_TRY(read_parts(root, m));
    AR_TRY(ar_node_list(file, root, "standards", true, &list));
    if (list->n > AR_LOOKUP_STANDARDS_MAX) return ar_fail(AR_INVALID, "%zu standards", list->n);
    m->standards = ar_make_n(arena, ar_lookup_standard, list->n + 1);
    m->n_standards = list->n;
    for (size_t i = 0; i < list->n; i++) AR_TRY(read_standard(list->items[i], &m->standards[i]));
    return ar_ok();
}

ar_err ar_lookup_manifest_parse(ar_str text, ar_arena *arena, ar_lookup_manifest *out_manifest)
{
    ar_lookup_manifest m = { 0 };
    ar_str object, sum;
    ar_node *root;

    if (text.len < HEAD || !ar_str_starts(text, ar_str_of(magic)))
        return ar_fail(AR_INVALID, "the index of verdicts is damaged: its file begins otherwise");
    object = ar_str_cut(text, HEAD, text.len);
    sum = ar_arena_printf(arena, "%08x", (unsigned)ar_crc32c(object));
    if (!ar_str_eq(sum, ar_str_cut(text, HEAD - 9, HEAD - 1)))
        return ar_fail(AR_INVALID, "the index of verdicts is damaged: its file is not as it was "
                                   "written");
    AR_TRY(ar_json_parse(file, object, NULL, arena, &root));
    AR_TRY_WITH(read_object(root, arena, &m), "the index of verdicts");
    *out_manifest = m;
    return ar_ok();
}

/* ---- the file ---- */

ar_err ar_lookup_manifest_write(const char *folder, const ar_lookup_manifest *manifest)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) text = { 0 };

    ar_lookup_manifest_print(manifest, &text);
    return ar_file_write(ar_lookup_manifest_path(folder, &arena), ar_buf_str(&text), 0600);
}

ar_err ar_lookup_manifest_read(const char *folder, ar_arena *arena,
                               ar_lookup_manifest *out_manifest)
{
    ar_str text;

    AR_TRY(
        ar_file_read(ar_lookup_manifest_path(folder, arena), AR_LOOKUP_MANIFEST_MAX, arena, &text));
    return ar_lookup_manifest_parse(text, arena, out_manifest);
}
