#include "lookup/segment.h"

#include "lookup/writer.h"
#include "t.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct folder {
    ar_arena arena;
    const char *path;
} folder;

static void folder_open(folder *f)
{
    char path[] = "/tmp/aright-lookup-XXXXXX";

    T_TRUE(mkdtemp(path) != NULL);
    f->path = ar_arena_cstr(&f->arena, ar_str_of(path));
}

static void folder_done(folder *f)
{
    T_OK(ar_dir_remove(f->path));
    ar_arena_done(&f->arena);
}

static ar_siphash hash_of(int64_t n)
{
    static const uint64_t key[2] = { 7, 8 };

    return ar_siphash_text(key, (ar_str){ (const char *)&n, sizeof n });
}

/* Entries of the numbers from..to-1, each with `bits` and its number. */
static uint64_t write_numbers(folder *f, int64_t from, int64_t to, int64_t bits)
{
    __attribute__((cleanup(ar_lookup_heap_done))) ar_lookup_heap heap = { 0 };
    uint64_t id = 0;
    int64_t n = 0;

    T_OK(ar_lookup_heap_open(f->path, (size_t)(to - from), &heap));
    for (int64_t i = from; i < to; i++)
        *ar_lookup_heap_take(&heap, 1) =
            (ar_lookup_entry){ .hash = hash_of(i), .bits = bits + i, .there = 1 };
    T_TRUE(ar_lookup_heap_take(&heap, 1) == NULL);
    T_OK(ar_lookup_write(f->path, &heap, &id, &n));
    T_INT(n, to - from);
    return id;
}

static int64_t find(const ar_lookup_segment *s, int64_t number)
{
    const ar_lookup_entry *entry = NULL;

    T_OK(ar_lookup_segment_find(s, hash_of(number), &entry));
    return entry == NULL ? -1 : entry->bits;
}

TEST(what_was_written_is_found_and_nothing_else)
{
    static const int64_t sizes[] = { 0, 1, 126, 127, 128, 254, 255, 5000, 70000 };
    __attribute__((cleanup(folder_done))) folder f = { 0 };

    folder_open(&f);
    for (size_t i = 0; i < AR_COUNT(sizes); i++) {
        ar_auto(ar_lookup_segment) s = { 0 };
        int64_t wrong = 0;

        T_OK(ar_lookup_segment_open(f.path, write_numbers(&f, 0, sizes[i], 100), &s));
        for (int64_t n = 0; n < sizes[i]; n++) wrong += find(&s, n) != 100 + n;
        for (int64_t n = sizes[i]; n < sizes[i] + 2000; n++) wrong += find(&s, n) != -1;
        T_INT(wrong, 0);
    }
}

TEST(the_newer_of_two_wins_when_they_become_one)
{
    __attribute__((cleanup(folder_done))) folder f = { 0 };
    ar_auto(ar_lookup_segment) older = { 0 };
    ar_auto(ar_lookup_segment) newer = { 0 };
    ar_auto(ar_lookup_segment) both = { 0 };
    uint64_t id;
    int64_t n, wrong = 0;

    folder_open(&f);
    T_OK(ar_lookup_segment_open(f.path, write_numbers(&f, 0, 3000, 0), &older));
    T_OK(ar_lookup_segment_open(f.path, write_numbers(&f, 2900, 3100, 10000), &newer));
    T_OK(ar_lookup_merge(f.path, &newer, &older, &id, &n));
    T_INT(n, 3100);
    T_OK(ar_lookup_segment_open(f.path, id, &both));
    for (int64_t i = 0; i < 3100; i++) wrong += find(&both, i) != (i < 2900 ? i : 10000 + i);
    T_INT(wrong, 0);
}

/* Each byte of it in turn. Never is what is found another than what was written. */
TEST(a_byte_that_is_another_is_seen_where_it_matters)
{
    __attribute__((cleanup(folder_done))) folder f = { 0 };
    uint64_t id;
    int64_t refused = 0, wrong = 0;

    folder_open(&f);
    id = write_numbers(&f, 0, 200, 0);

    const char *path = ar_lookup_segment_path(f.path, id, &f.arena);
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_RDWR | O_CLOEXEC));

    for (off_t at = 0; at < 3 * AR_LOOKUP_BLOCK; at += 7) {
        ar_auto(ar_lookup_segment) s = { 0 };
        char byte;

        T_TRUE(pread(ar_fd_n(fd), &byte, 1, at) == 1);
        byte ^= 0x10;
        T_TRUE(pwrite(ar_fd_n(fd), &byte, 1, at) == 1);
        if (ar_lookup_segment_open(f.path, id, &s).code != AR_OK) refused++;
        for (int64_t n = 0; n < 200 && s.map.text.len > 0; n += 20) {
            const ar_lookup_entry *entry = NULL;
            ar_err err = ar_lookup_segment_find(&s, hash_of(n), &entry);

            wrong += err.code == AR_OK && (entry == NULL || entry->bits != n);
            wrong += err.code != AR_OK && err.code != AR_INVALID;
        }
        byte ^= 0x10;
        T_TRUE(pwrite(ar_fd_n(fd), &byte, 1, at) == 1);
    }
    T_INT(wrong, 0);
    T_INT(refused, (AR_LOOKUP_BLOCK + 6) / 7);
}

TEST(a_file_that_is_cut_is_refused)
{
    static const off_t lengths[] = { 0, 1, 4095, 4096, 8191, 8192, 12287 };
    __attribute__((cleanup(folder_done))) folder f = { 0 };
    ar_auto(ar_lookup_segment) s = { 0 };
    uint64_t id;

    folder_open(&f);
    T_FAILS(ar_lookup_segment_open(f.path, 1, &s), AR_NOT_FOUND, "0000000000000001.verdict");
    id = write_numbers(&f, 0, 200, 0);
    for (size_t i = AR_COUNT(lengths); i > 0; i--) {
        T_TRUE(truncate(ar_lookup_segment_path(f.path, id, &f.arena), lengths[i - 1]) == 0);
        T_FAILS(ar_lookup_segment_open(f.path, id, &s), AR_INVALID, "damaged");
    }
}
