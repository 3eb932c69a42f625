#include "seglog/segment.h"

#include "base/crc.h"
#include "seglog/seglog.h"

static const char magic[] = "ARS1", suffix[] = ".log";

/* ---- numbers, the little end first ---- */

static void add_number(ar_buf *out, uint64_t n, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) ar_buf_addc(out, (char)(n >> (8 * i)));
}

static uint64_t number_at(ar_str text, size_t at, size_t bytes)
{
    uint64_t n = 0;

    for (size_t i = 0; i < bytes; i++) n |= (uint64_t)(unsigned char)text.ptr[at + i] << (8 * i);
    return n;
}

/* Puts the sum of what stands behind it in front, where four bytes are left for it. */
static void seal(ar_buf *out, size_t at)
{
    uint32_t sum = ar_crc32c(ar_str_cut(ar_buf_str(out), at + 4, out->len));

    for (size_t i = 0; i < 4; i++) out->ptr[at + i] = (char)(sum >> (8 * i));
}

static bool is_sealed(ar_str text)
{
    return number_at(text, 0, 4) == ar_crc32c(ar_str_cut(text, 4, text.len));
}

/* ---- head and records ---- */

void ar_segment_head_add(ar_buf *out, ar_segment_head head)
{
    size_t at = out->len;

    add_number(out, 0, 4);
    ar_buf_addz(out, magic);
    add_number(out, (uint64_t)head.first, 8);
    add_number(out, (uint64_t)head.after, 8);
    add_number(out, 0, 8);
    seal(out, at);
}

bool ar_segment_head_read(ar_str file, ar_segment_head *out_head)
{
    if (file.len < AR_SEGMENT_HEAD || !is_sealed(ar_str_cut(file, 0, AR_SEGMENT_HEAD)) ||
        !ar_str_eq(ar_str_cut(file, 4, 8), ar_str_of(magic)))
        return false;
    out_head->first = (int64_t)number_at(file, 8, 8);
    out_head->after = (int64_t)number_at(file, 16, 8);
    return true;
}

size_t ar_segment_record_size(size_t len)
{
    return (AR_SEGMENT_RECORD_HEAD + len + 7) / 8 * 8;
}

void ar_segment_record_add(ar_buf *out, int64_t number, int64_t durable, ar_str bytes)
{
    size_t at = out->len;

    add_number(out, 0, 4);
    add_number(out, bytes.len, 4);
    add_number(out, (uint64_t)number, 8);
    add_number(out, (uint64_t)durable, 8);
    ar_buf_add(out, bytes);
    seal(out, at);
    while ((out->len - at) % 8 != 0) ar_buf_addc(out, '\0');
}

bool ar_segment_record_read(ar_str text, ar_segment_record *out)
{
    if (text.len < AR_SEGMENT_RECORD_HEAD) return false;

    size_t len = number_at(text, 4, 4);

    if (len > AR_SEGLOG_RECORD_MAX || ar_segment_record_size(len) > text.len) return false;
    if (!is_sealed(ar_str_cut(text, 0, AR_SEGMENT_RECORD_HEAD + len))) return false;
    *out = (ar_segment_record){
        .number = (int64_t)number_at(text, 8, 8),
        .durable = (int64_t)number_at(text, 16, 8),
        .bytes = ar_str_cut(text, AR_SEGMENT_RECORD_HEAD, AR_SEGMENT_RECORD_HEAD + len),
        .size = ar_segment_record_size(len),
    };
    return out->number > 0;
}

/* ---- names ---- */

ar_str ar_segment_name(int64_t first, ar_arena *arena)
{
    return ar_arena_printf(arena, "%020lld%s", (long long)first, suffix);
}

int64_t ar_segment_first(ar_str name)
{
    int64_t n = 0;

    if (name.len != AR_SEGMENT_NAME_LEN || !ar_str_ends(name, ar_str_of(suffix))) return 0;
    return ar_str_int(ar_str_cut(name, 0, name.len - strlen(suffix)), &n) ? n : 0;
}

ar_err ar_segment_list(const char *folder, ar_arena *arena, ar_str **out_names, size_t *out_n)
{
    ar_str *names = NULL;
    size_t n = 0, kept = 0;
    ar_err err = ar_dir_list(folder, arena, &names, &n);

    if (err.code != AR_OK && err.code != AR_NOT_FOUND) return err;
    for (size_t i = 0; i < n; i++)
        if (ar_segment_first(names[i]) > 0) names[kept++] = names[i];
    *out_names = names;
    *out_n = kept;
    return ar_ok();
}
