#include "fetch/fetch.h"
#include "fetch/message.h"
#include "t.h"

#include <sys/stat.h>
#include <unistd.h>

/* A folder, and in it a program that says to its parent what a test wants. */
typedef struct play {
    ar_arena arena;
    const char *folder, *program;
} play;

static void play_done(play *p)
{
    static const char *const files[] = { "fetched.json", "payload", "child" };

    for (size_t i = 0; i < AR_COUNT(files); i++)
        (void)unlink(ar_path_join(&p->arena, p->folder, files[i]));
    (void)rmdir(p->folder);
    ar_arena_done(&p->arena);
}

static play play_of(const char *script)
{
    play p = { 0 };
    char folder[] = "/tmp/ar-fetch-XXXXXX";

    if (mkdtemp(folder) == NULL) abort();
    p.folder = ar_arena_cstr(&p.arena, ar_str_of(folder));
    p.program = ar_path_join(&p.arena, p.folder, "child");

    ar_str text = ar_arena_printf(&p.arena, "#!/bin/sh\n%s\nsleep 60\n", script);

    T_OK(ar_file_write(p.program, text, 0700));
    return p;
}

static ar_err fetch(play *p, const ar_errand *errand)
{
    ar_auto(ar_secret) secret = { 0 };
    ar_fetch f = { .program = p->program,
                   .folder = p->folder,
                   .errand = errand,
                   .secret = &secret,
                   .now = 20000 * AR_DAY };
    ar_kept kept;

    return ar_fetch_run(&f, &p->arena, &kept);
}

static int64_t payload_bytes(play *p)
{
    struct stat st;

    return stat(ar_path_join(&p->arena, p->folder, "payload"), &st) == 0 ? st.st_size : -1;
}

/* A page of one byte, as the child says it: a length of 5, in it a cursor of none. */
#define PAGE "printf 'P\\005\\000\\000\\000\\000\\000\\000\\000x';"

TEST(a_child_brings_no_more_than_it_may)
{
    static const ar_errand narrow = { .bytes_max = 3, .pages_max = 100, .seconds_max = 60 };
    static const ar_errand few = {
        .url = AR_LIT("u"), .bytes_max = 100, .pages_max = 3, .seconds_max = 60
    };
    __attribute__((cleanup(play_done))) play p = play_of("for i in 1 2 3 4 5 6; do " PAGE " done");

    T_FAILS(fetch(&p, &narrow), AR_UNAVAILABLE, "sent more than it may");
    T_INT(payload_bytes(&p), 4); /* of the last page the end of its line may go over */
    T_FAILS(fetch(&p, &few), AR_UNAVAILABLE, "sent more than it may");
    T_INT(payload_bytes(&p), 3);
}

TEST(a_child_that_stops_in_the_middle_of_a_word_is_not_waited_for)
{
    static const char *const argv[] = { "sh", "-c", "printf 'P\\005\\000'; sleep 60", NULL };
    ar_spawn spawn = { .argv = argv, .seconds = 1 };
    ar_auto(ar_child) child = { 0 };
    ar_auto(ar_buf) body = { 0 };
    char tag = 0;

    T_OK(ar_child_start(&spawn, &child));
    T_FAILS(ar_message_read(ar_fd_n(child.out), &child, 100, &tag, &body), AR_UNAVAILABLE,
            "did not end in its time");
}

TEST(what_is_kept_can_be_read_again_however_long_its_links_are)
{
    __attribute__((cleanup(play_done))) play p = play_of("");
    ar_auto(ar_buf) link = { 0 };
    ar_kept kept = { .errand = AR_LIT("e"), .whole = true }, back;

    memset(ar_buf_room(&link, AR_MESSAGE_CURSOR_MAX), 1, AR_MESSAGE_CURSOR_MAX);
    link.len = AR_MESSAGE_CURSOR_MAX;
    kept.cursor = kept.delta_link = ar_buf_str(&link);
    T_OK(ar_kept_write(p.folder, &kept));
    T_OK(ar_kept_read(p.folder, &p.arena, &back));
    T_TRUE(ar_str_eq(back.delta_link, kept.delta_link) && ar_str_eq(back.cursor, kept.cursor));
}
