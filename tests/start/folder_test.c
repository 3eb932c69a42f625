#include "start/folder.h"

#include "t.h"

#include <unistd.h>

typedef struct scratch {
    ar_arena arena;
    const char *path;
} scratch;

static void scratch_init(scratch *s)
{
    char path[] = "/tmp/aright-start-XXXXXX";

    T_TRUE(mkdtemp(path) != NULL);
    s->path = ar_arena_cstr(&s->arena, ar_str_of(path));
}

static void scratch_done(scratch *s)
{
    T_OK(ar_dir_remove(s->path));
    ar_arena_done(&s->arena);
}

static const char *in(scratch *s, const char *name)
{
    return ar_path_join(&s->arena, s->path, name);
}

TEST(paths_that_lead_elsewhere_are_refused)
{
    static const struct {
        const char *path;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "", AR_INVALID, "is empty" },
        { "/etc/passwd", AR_INVALID, "leads out of the folder" },
        { "../x", AR_INVALID, "leads out of the folder" },
        { "a/../b", AR_INVALID, "leads out of the folder" },
        { "a//b", AR_INVALID, "leads out of the folder" },
        { "./a", AR_INVALID, "leads out of the folder" },
        { "a/", AR_INVALID, "leads out of the folder" },
        { "a\\b", AR_INVALID, "backslash" },
        { "a\nb", AR_INVALID, "control character" },
        { ".git/hooks/post-checkout", AR_INVALID, "whose files are run" },
        { "sub/.GIT/config", AR_INVALID, "whose files are run" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++)
        T_FAILS(ar_folder_check(ar_str_of(bad[i].path)), bad[i].code, bad[i].says);
    T_OK(ar_folder_check(AR_LIT(".github/workflows/build.yml")));
    T_OK(ar_folder_check(AR_LIT("..a/.b")));
}

TEST(files_are_written_below_the_folder_and_replace_nothing)
{
    ar_auto(scratch) s = { 0 };
    ar_auto(ar_fd) folder = { 0 };
    const char *writable;
    ar_str text;

    scratch_init(&s);
    T_OK(ar_folder_ready(in(&s, "new"), &s.arena, &writable));
    T_STR(ar_str_of(writable), s.path);
    T_OK(ar_folder_open(in(&s, "new"), &folder));
    T_OK(ar_folder_ready(in(&s, "new"), &s.arena, &writable));
    T_STR(ar_str_of(writable), in(&s, "new"));
    T_OK(ar_folder_write(&folder, AR_LIT("a/b/c.txt"), AR_LIT("one")));
    T_OK(ar_folder_write(&folder, AR_LIT("a/d.txt"), AR_LIT("")));
    T_OK(ar_file_read(in(&s, "new/a/b/c.txt"), 100, &s.arena, &text));
    T_STR(text, "one");
    T_FAILS(ar_folder_write(&folder, AR_LIT("a/d.txt"), AR_LIT("two")), AR_IO, "File exists");
    T_FAILS(ar_folder_write(&folder, AR_LIT("../d.txt"), AR_LIT("two")), AR_INVALID, "leads out");
    T_FAILS(ar_folder_ready(in(&s, "new"), &s.arena, &writable), AR_CONFLICT, "holds a");
    T_FAILS(ar_folder_ready(in(&s, "no/new"), &s.arena, &writable), AR_NOT_FOUND,
            "there is no folder");
    T_FAILS(ar_folder_ready(in(&s, "new/a/d.txt"), &s.arena, &writable), AR_CONFLICT,
            "is no folder");
}

TEST(no_link_is_followed)
{
    ar_auto(scratch) s = { 0 };
    ar_auto(ar_fd) folder = { 0 }, linked = { 0 };
    const char *writable;

    scratch_init(&s);
    T_OK(ar_folder_open(in(&s, "new"), &folder));
    T_OK(ar_dir_make(in(&s, "outside"), 0700));
    T_TRUE(symlink(in(&s, "outside"), in(&s, "new/a")) == 0);
    T_TRUE(symlink(in(&s, "outside/file"), in(&s, "new/b")) == 0);
    T_FAILS(ar_folder_write(&folder, AR_LIT("a/file"), AR_LIT("x")), AR_IO, "'a'");
    T_FAILS(ar_folder_write(&folder, AR_LIT("b"), AR_LIT("x")), AR_IO, "'b'");
    T_TRUE(!ar_file_exists(in(&s, "outside/file")));
    T_TRUE(symlink(in(&s, "outside"), in(&s, "link")) == 0);
    T_FAILS(ar_folder_ready(in(&s, "link"), &s.arena, &writable), AR_CONFLICT, "is no folder");
    T_FAILS(ar_folder_open(in(&s, "link"), &linked), AR_IO, "link");
}
