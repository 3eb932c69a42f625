#include "daemon/spool.h"
#include "t.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct pair {
    char folder[32];
    int near, far;
} pair;

static void pair_make(pair *p)
{
    int ends[2];

    (void)snprintf(p->folder, sizeof p->folder, "/tmp/aright-spool-XXXXXX");
    T_TRUE(mkdtemp(p->folder) != NULL);
    T_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    p->near = ends[0];
    p->far = ends[1];
}

static void pair_done(pair *p)
{
    (void)close(p->near);
    if (p->far >= 0) (void)close(p->far);
    T_INT(rmdir(p->folder), 0); /* the file has no name */
}

/* The n-th byte of a text that does not repeat where a mistake would. */
static char byte_at(size_t n)
{
    return (char)(n * 2654435761u >> 13);
}

static void add(ar_spool *s, size_t *written, size_t len)
{
    char *to = ar_buf_room(&s->tail, len);

    for (size_t i = 0; i < len; i++) to[i] = byte_at((*written)++);
    s->tail.len += len;
}

/* Reads once; how many bytes were not what was written. */
static size_t take(int fd, size_t most, size_t *read_so_far)
{
    static char bytes[1 << 20];
    ssize_t n = read(fd, bytes, most < sizeof bytes ? most : sizeof bytes);
    size_t wrong = 0;

    T_TRUE(n > 0 || errno == EAGAIN);
    for (ssize_t i = 0; i < n; i++) wrong += bytes[i] != byte_at((*read_so_far)++);
    return wrong;
}

TEST(what_is_written_arrives_in_order_however_it_is_read)
{
    enum { ALL = 40 << 20 };
    t_random r = { 5 };
    pair p;
    ar_spool s = { 0 };
    size_t written = 0, got = 0, wrong = 0;
    int64_t largest = 0;

    pair_make(&p);
    while (written < ALL) {
        add(&s, &written, t_below(&r, 2 << 20));
        T_OK(ar_spool_send(&s, p.near));
        T_OK(ar_spool_set_aside(&s, p.folder, ALL));
        T_TRUE(s.tail.len <= AR_SPOOL_AHEAD);
        if (s.file_len > largest) largest = s.file_len;
        wrong += take(p.far, t_below(&r, 1 << 20), &got);
    }
    T_TRUE(largest > AR_SPOOL_AHEAD);
    while (!ar_spool_is_empty(&s)) {
        T_OK(ar_spool_send(&s, p.near));
        wrong += take(p.far, 1 << 20, &got);
    }
    while (got < written) wrong += take(p.far, 1 << 20, &got);
    T_INT(got, written);
    T_INT(wrong, 0);
    T_TRUE(s.file.n == 0); /* and its room on the disk is free again */
    ar_spool_done(&s);
    pair_done(&p);
}

TEST(one_who_nearly_keeps_up_costs_no_file_and_little_memory)
{
    enum { ALL = 20 << 20, STEP = 64 << 10 };
    pair p;
    ar_spool s = { 0 };
    size_t written = 0, got = 0, wrong = 0;

    pair_make(&p);
    while (written < ALL) {
        add(&s, &written, STEP);
        T_OK(ar_spool_send(&s, p.near));
        T_OK(ar_spool_set_aside(&s, p.folder, 0));
        T_TRUE(s.tail.len <= AR_SPOOL_AHEAD);
        if (written > STEP) wrong += take(p.far, STEP, &got);
    }
    T_INT(wrong, 0);
    ar_spool_done(&s);
    pair_done(&p);
}

TEST(one_turn_sends_so_much_and_no_more)
{
    pair p;
    ar_spool s = { 0 };
    size_t written = 0, got = 0;
    int large = 4 * AR_SPOOL_TURN;

    pair_make(&p);
    (void)setsockopt(p.near, SOL_SOCKET, SO_SNDBUFFORCE, &large, sizeof large);
    add(&s, &written, 3 * AR_SPOOL_TURN);
    T_OK(ar_spool_send(&s, p.near));
    T_TRUE(s.tail_sent > 0 && s.tail_sent <= AR_SPOOL_TURN);
    T_INT(take(p.far, 1 << 20, &got), 0);
    ar_spool_done(&s);
    pair_done(&p);
}

TEST(what_has_no_room_or_no_reader_is_refused)
{
    pair p;
    ar_spool s = { 0 };
    size_t written = 0;

    pair_make(&p);
    add(&s, &written, AR_SPOOL_AHEAD);
    T_OK(ar_spool_set_aside(&s, p.folder, 0)); /* it may wait in memory */
    add(&s, &written, 1);
    T_FAILS(ar_spool_set_aside(&s, p.folder, AR_SPOOL_AHEAD), AR_LIMIT,
            "after 4 MiB of it there is no room to keep more");
    T_FAILS(ar_spool_set_aside(&s, "/nowhere", AR_SPOOL_AHEAD + 1), AR_IO, "/nowhere/answer-");
    T_OK(ar_spool_set_aside(&s, p.folder, AR_SPOOL_AHEAD + 1));
    (void)close(p.far);
    p.far = -1;
    (void)signal(SIGPIPE, SIG_IGN);
    T_FAILS(ar_spool_send(&s, p.near), AR_UNAVAILABLE, "whoever asked is gone");
    ar_spool_done(&s);
    pair_done(&p);
}
