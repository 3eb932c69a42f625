#include "seglog/seglog.h"

#include "seglog/segment.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a disk that loses what was not made durable ---- */

enum { SECTOR = 512, UNSYNCED_MAX = 64, SEGMENT = 64 * 1024 };

typedef struct unsynced {
    int fd;
    off_t offset;
    char *before;
    size_t len;
} unsynced;

typedef struct disk {
    t_random random;
    bool cuts; /* the power goes at times */
    bool dark; /* it has gone */
    unsynced list[UNSYNCED_MAX];
    size_t n;
} disk;

static ssize_t keep_and_write(void *self, int fd, const void *bytes, size_t len, off_t offset)
{
    disk *d = self;
    unsynced *u = &d->list[d->n++];

    assert(d->n <= UNSYNCED_MAX && !d->dark);
    if (len > 1 && t_below(&d->random, 8) == 0) len = 1 + t_below(&d->random, len - 1);
    *u = (unsynced){ .fd = fd, .offset = offset, .before = calloc(1, len), .len = len };
    if (pread(fd, u->before, len, offset) < 0) abort();
    return pwrite(fd, bytes, len, offset);
}

/* Of what was not durable, any sectors may be what they were before. */
static void lose(disk *d)
{
    while (d->n > 0) {
        unsynced *u = &d->list[--d->n];

        for (size_t at = 0; at < u->len;) {
            size_t len = SECTOR - (size_t)(u->offset + (off_t)at) % SECTOR;

            if (len > u->len - at) len = u->len - at;
            if (t_below(&d->random, 2) == 0 &&
                pwrite(u->fd, u->before + at, len, u->offset + (off_t)at) < 0)
                abort();
            at += len;
        }
        free(u->before);
    }
}

static int sync_or_lose(void *self, int fd)
{
    disk *d = self;

    (void)fd;
    d->dark = d->cuts && t_below(&d->random, 6) == 0;
    if (d->dark) {
        lose(d);
        return errno = EIO, -1;
    }
    while (d->n > 0) free(d->list[--d->n].before);
    return 0;
}

/* ---- what must be true of a log after any crash ---- */

typedef struct world {
    char folder[64];
    disk disk;
    int64_t durable, added; /* the last number of either */
    ar_seglog *log;
} world;

/* The record of a number says that number, in a length that follows from it. */
static ar_str record_of(int64_t number, char *room)
{
    size_t len = (size_t)(number * 7919 % 3000);

    memset(room, (int)('a' + number % 26), len);
    if (len >= sizeof number) memcpy(room, &number, sizeof number);
    return (ar_str){ room, len };
}

static void reopen(world *w)
{
    ar_seglog_disk d = { SEGMENT, keep_and_write, sync_or_lose, &w->disk };
    bool cuts = w->disk.cuts;

    ar_seglog_free(&w->log);
    w->disk.dark = w->disk.cuts = false;
    T_OK(ar_seglog_open(w->folder, 1, &d, &w->log));
    w->disk.cuts = cuts;
}

static void check_all(world *w)
{
    ar_own(ar_seglog_reader) reader = NULL;
    int64_t number = 0, last = 0;
    char room[3000];
    ar_str record;

    T_OK(ar_seglog_reader_open(w->folder, 1, &reader));
    for (;;) {
        T_OK(ar_seglog_read(reader, &number, &record));
        if (record.ptr == NULL) break;
        T_INT(number, last + 1);
        T_TRUE(ar_str_eq(record, record_of(number, room)));
        last = number;
    }
    T_TRUE(last >= w->durable && last <= w->added);
    T_INT(ar_seglog_next(w->log), last + 1);
    w->added = w->durable = last;
}

static void add_some(world *w)
{
    char room[3000];

    for (size_t n = t_below(&w->disk.random, 12); n > 0 && !w->disk.dark; n--) {
        if (ar_seglog_add(w->log, record_of(w->added + 1, room)).code == AR_OK) w->added++;
    }
    if (!w->disk.dark && ar_seglog_sync(w->log).code == AR_OK) w->durable = w->added;
}

/* What a process has not synced when it is killed is in its memory only, or in the file. */
static void live(world *w, int groups)
{
    for (int i = 0; i < groups && t_bad == 0; i++) {
        if (w->disk.dark || t_below(&w->disk.random, 20) == 0) {
            reopen(w);
            check_all(w);
        }
        add_some(w);
    }
    reopen(w);
    check_all(w);
}

static void world_init(world *w, uint64_t seed, bool cuts)
{
    *w = (world){ .folder = "/tmp/aright-seglog-XXXXXX", .disk = { .random = { seed } } };
    w->disk.cuts = cuts;
    T_TRUE(mkdtemp(w->folder) != NULL);
    reopen(w);
}

static void world_done(world *w)
{
    ar_seglog_free(&w->log);
    while (w->disk.n > 0) free(w->disk.list[--w->disk.n].before);
    T_OK(ar_dir_remove(w->folder));
}

TEST(what_was_durable_is_there_once_and_in_order_after_any_power_cut)
{
    for (int seed = 1; seed <= t_rounds(20, 1000) && t_bad == 0; seed++) {
        world w;

        world_init(&w, (uint64_t)seed, true);
        live(&w, 150);
        T_TRUE(w.durable > 100);
        world_done(&w);
        if (t_bad > 0) printf("# seed %d\n", seed);
    }
}

/* ---- what no crash does ---- */

static void flip(const world *w, int nth_file, off_t offset)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str *names = NULL;
    size_t n = 0;
    char byte;

    T_OK(ar_segment_list(w->folder, &arena, &names, &n));
    ar_auto(ar_fd) fd =
        ar_fd_of(open(ar_path_join(&arena, w->folder, names[nth_file].ptr), O_RDWR | O_CLOEXEC));
    T_TRUE(pread(ar_fd_n(fd), &byte, 1, offset) == 1);
    byte ^= 1;
    T_TRUE(pwrite(ar_fd_n(fd), &byte, 1, offset) == 1);
}

static ar_err read_all(const world *w, int64_t from, int64_t *out_last)
{
    ar_own(ar_seglog_reader) reader = NULL;
    int64_t number = 0;
    ar_str record;

    *out_last = 0;
    AR_TRY(ar_seglog_reader_open(w->folder, from, &reader));
    for (;;) {
        AR_TRY(ar_seglog_read(reader, &number, &record));
        if (record.ptr == NULL) return ar_ok();
        *out_last = number;
    }
}

TEST(a_record_that_was_damaged_later_is_named_and_not_cut_off)
{
    world w;
    int64_t last;

    world_init(&w, 1, false);
    while (w.added < 100) add_some(&w);
    T_TRUE(ar_seglog_next(w.log) > 60);
    flip(&w, 0, 2000);
    T_FAILS(read_all(&w, 1, &last), AR_INVALID, "are damaged");
    T_OK(read_all(&w, 90, &last));
    T_INT(last, w.added);
    ar_seglog_free(&w.log);
    T_OK(ar_dir_remove(w.folder));

    world_init(&w, 2, false);
    while (w.added < 20) add_some(&w);
    ar_seglog_free(&w.log);
    flip(&w, 0, 2000);
    T_FAILS(ar_seglog_open(w.folder, 1, NULL, &w.log), AR_INVALID,
            "is damaged, and there are later");
    world_done(&w);
}

TEST(a_log_that_fell_behind_leaves_numbers_out_and_what_is_old_can_go)
{
    char room[3000];
    world w;
    int64_t last;

    world_init(&w, 1, false);
    while (w.added < 10) add_some(&w);
    ar_seglog_free(&w.log);
    T_OK(ar_seglog_prepare(w.folder));
    T_OK(ar_seglog_prepare(w.folder));
    T_OK(ar_seglog_open(w.folder, 1000, NULL, &w.log));
    T_INT(ar_seglog_next(w.log), 1000);
    T_OK(ar_seglog_add(w.log, record_of(1000, room)));
    T_OK(ar_seglog_sync(w.log));
    T_OK(read_all(&w, 1, &last));
    T_INT(last, 1000);
    T_OK(ar_seglog_forget(w.folder, 999));
    T_OK(read_all(&w, 1, &last));
    T_INT(last, 1000);
    T_OK(ar_seglog_forget(w.folder, 1000));
    T_OK(ar_seglog_forget(w.folder, 2000));
    T_OK(read_all(&w, 1, &last));
    T_INT(last, 1000);
    world_done(&w);
}

TEST(a_reader_follows_a_writer_from_file_to_file)
{
    ar_own(ar_seglog_reader) reader = NULL;
    int64_t number = 0, last = 0;
    ar_str record;
    world w;

    world_init(&w, 5, false);
    T_OK(ar_seglog_reader_open(w.folder, 1, &reader));
    while (w.added < 200 && t_bad == 0) {
        add_some(&w);
        for (;;) {
            T_OK(ar_seglog_read(reader, &number, &record));
            if (record.ptr == NULL) break;
            T_INT(number, ++last);
        }
        T_INT(last, w.durable);
    }
    T_FAILS(ar_seglog_add(w.log, (ar_str){ "", AR_SEGLOG_RECORD_MAX + 1 }), AR_LIMIT,
            "is the most");
    world_done(&w);
}
