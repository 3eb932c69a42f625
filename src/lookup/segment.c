#include "lookup/segment.h"

#include "base/crc.h"

#include <fcntl.h>
#include <unistd.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files have the little end first");

static const char magic[8] = "ARVERD1";

int ar_lookup_order(ar_siphash a, ar_siphash b)
{
    if (a.high != b.high) return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

const char *ar_lookup_segment_path(const char *folder, uint64_t id, ar_arena *arena)
{
    return ar_path_join(arena, folder,
                        ar_arena_printf(arena, "%016llx.verdict", (unsigned long long)id).ptr);
}

/* ---- blocks ---- */

static uint32_t sum_of(const ar_lookup_block *block)
{
    return ar_crc32c((ar_str){ (const char *)block, offsetof(ar_lookup_block, sum) });
}

void ar_lookup_block_seal(ar_lookup_block *block)
{
    block->sum = sum_of(block);
}

void ar_lookup_head_make(uint64_t id, int64_t n, ar_lookup_block *out_head)
{
    *out_head = (ar_lookup_block){ .id = id, .at = -1 };
    memcpy(&out_head->entries[0].hash.high, magic, sizeof magic);
    out_head->entries[0].bits = n;
    ar_lookup_block_seal(out_head);
}

static const ar_lookup_block *block_at(const ar_lookup_segment *s, int64_t at)
{
    return (const ar_lookup_block *)(const void *)s->map.text.ptr + at + 1;
}

static ar_err damaged(uint64_t id, const char *how)
{
    return ar_fail(AR_INVALID, "the index of verdicts is damaged: %016llx.verdict %s",
                   (unsigned long long)id, how);
}

int64_t ar_lookup_segment_blocks(const ar_lookup_segment *segment)
{
    return (segment->n + AR_LOOKUP_ENTRIES - 1) / AR_LOOKUP_ENTRIES;
}

ar_err ar_lookup_segment_block(const ar_lookup_segment *segment, int64_t at,
                               const ar_lookup_entry **out_entries, size_t *out_n)
{
    const ar_lookup_block *block = block_at(segment, at);
    int64_t left = segment->n - at * AR_LOOKUP_ENTRIES;

    if (block->id != segment->id || block->at != at || block->sum != sum_of(block) ||
        block->n != (left < AR_LOOKUP_ENTRIES ? left : AR_LOOKUP_ENTRIES))
        return damaged(segment->id, "has a block that is not as it was written");
    *out_entries = block->entries;
    *out_n = block->n;
    return ar_ok();
}

/* ---- a file ---- */

static ar_err check(ar_lookup_segment *s, uint64_t id)
{
    const ar_lookup_block *head = block_at(s, -1);

    if (s->map.text.len < AR_LOOKUP_BLOCK) return damaged(id, "has no head");
    if (head->sum != sum_of(head) || head->id != id || head->at != -1 ||
        memcmp(&head->entries[0].hash.high, magic, sizeof magic) != 0)
        return damaged(id, "has a head that is not as it was written");
    s->id = id;
    s->n = head->entries[0].bits;
    if (s->n < 0 || s->map.text.len != (size_t)(ar_lookup_segment_blocks(s) + 1) * AR_LOOKUP_BLOCK)
        return damaged(id, "is not as long as it was written");
    return ar_ok();
}

ar_err ar_lookup_segment_open(const char *folder, uint64_t id, ar_lookup_segment *out_segment)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_auto(ar_lookup_segment) s = { 0 };
    const char *path = ar_lookup_segment_path(folder, id, &scratch);
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));

    if (ar_fd_n(fd) < 0) return ar_fail(AR_NOT_FOUND, "there is no %s", path);
    AR_TRY(ar_file_map(ar_fd_n(fd), ar_str_of(path), &s.map));
    AR_TRY(check(&s, id));
    *out_segment = ar_move(s);
    return ar_ok();
}

void ar_lookup_segment_done(ar_lookup_segment *segment)
{
    ar_mapped_done(&segment->map);
    *segment = (ar_lookup_segment){ 0 };
}

/* ---- finding ---- */

/* In how many entries after `from` a hash is to be expected, as they are spread evenly. */
static int64_t expected(const ar_lookup_segment *s, uint64_t from, uint64_t to)
{
    return (int64_t)((unsigned __int128)(to - from) * (uint64_t)s->n >> 64);
}

static const ar_lookup_entry *in_block(const ar_lookup_entry *list, size_t n, ar_siphash hash)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = ar_lookup_order(list[mid].hash, hash);

        if (order == 0) return &list[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static int64_t within(int64_t n, int64_t low, int64_t high)
{
    return n < low ? low : n > high ? high : n;
}

ar_err ar_lookup_segment_find(const ar_lookup_segment *segment, ar_siphash hash,
                              const ar_lookup_entry **out_entry)
{
    int64_t low = 0, high = ar_lookup_segment_blocks(segment) - 1;
    int64_t at = expected(segment, 0, hash.high) / AR_LOOKUP_ENTRIES;

    *out_entry = NULL;
    while (low <= high) {
        const ar_lookup_entry *list;
        size_t n;

        at = within(at, low, high);
        AR_TRY(ar_lookup_segment_block(segment, at, &list, &n));
        if (ar_lookup_order(hash, list[0].hash) < 0) {
            high = at - 1;
            at -= 1 + expected(segment, hash.high, list[0].hash.high) / AR_LOOKUP_ENTRIES;
        } else if (ar_lookup_order(hash, list[n - 1].hash) > 0) {
            low = at + 1;
            at += 1 + expected(segment, list[n - 1].hash.high, hash.high) / AR_LOOKUP_ENTRIES;
        } else {
            return *out_entry = in_block(list, n, hash), ar_ok();
        }
    }
    return ar_ok();
}
