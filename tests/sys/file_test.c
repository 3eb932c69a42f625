#include "sys/file.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[32];

static void make_folder(void)
{
    memcpy(folder, "/tmp/aright-file-XXXXXX", 24);
    T_TRUE(mkdtemp(folder) != NULL);
}

/* Reused: the path of a name in the folder. */
static const char *in(ar_arena *arena, const char *name)
{
    return ar_path_join(arena, folder, name);
}

static size_t count_names(const char *path)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str *names;
    size_t n = 0;

    T_OK(ar_dir_list(path, &arena, &names, &n));
    return n;
}

TEST(what_is_written_is_read_with_its_mode)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = { 0 };
    struct stat st = { 0 };

    make_folder();
    T_OK(ar_file_write(in(&arena, "a"), AR_LIT("first"), 0640));
    T_OK(ar_file_write(in(&arena, "a"), AR_LIT("second\0half"), 0600));
    T_OK(ar_file_read(in(&arena, "a"), 11, &arena, &text));
    T_INT(text.len, 11);
    T_TRUE(memcmp(text.ptr, "second\0half", 12) == 0);
    T_TRUE(stat(in(&arena, "a"), &st) == 0 && (st.st_mode & 07777) == 0600);
    T_OK(ar_file_copy(in(&arena, "a"), in(&arena, "b"), 0400));
    T_OK(ar_file_read(in(&arena, "b"), 100, &arena, &text));
    T_INT(text.len, 11);
    /* files under /proc say that they have 0 bytes */
    T_OK(ar_file_copy("/proc/self/maps", in(&arena, "maps"), 0400));
    T_OK(ar_file_read(in(&arena, "maps"), 1 << 20, &arena, &text));
    T_TRUE(text.len > 100);
    T_OK(ar_file_read("/proc/self/maps", 1 << 20, &arena, &text));
    T_TRUE(text.len > 100);
    T_INT(count_names(folder), 3); /* no draft is left */
    T_OK(ar_dir_remove(folder));
    T_TRUE(!ar_file_exists(folder));
}

TEST(what_cannot_be_read_says_why)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = AR_LIT("old");
    ar_mapped mapped = { 0 };

    make_folder();
    T_OK(ar_file_write(in(&arena, "five"), AR_LIT("12345"), 0600));
    T_TRUE(mkfifo(in(&arena, "pipe"), 0600) == 0);
    T_FAILS(ar_file_read(in(&arena, "none"), 10, &arena, &text), AR_NOT_FOUND, "/none': No such");
    T_FAILS(ar_file_read(in(&arena, "five/x"), 10, &arena, &text), AR_NOT_FOUND, "five/x");
    T_FAILS(ar_file_read(folder, 10, &arena, &text), AR_INVALID, "is a folder, want a file");
    T_FAILS(ar_file_read(in(&arena, "pipe"), 10, &arena, &text), AR_INVALID, "is a pipe");
    T_FAILS(ar_file_read(in(&arena, "five"), 4, &arena, &text), AR_LIMIT, "larger than 4 bytes");
    T_FAILS(ar_file_read("/proc/self/maps", 4, &arena, &text), AR_LIMIT, "larger than 4 bytes");
    T_FAILS(ar_file_write(in(&arena, "none/x"), text, 0600), AR_NOT_FOUND, "none/x");
    T_FAILS(ar_file_write(in(&arena, ""), text, 0600), AR_INVALID, "is not the name of a file");
    T_FAILS(ar_file_map(0x7fff, AR_LIT("x"), &mapped), AR_IO, "cannot map 'x'");
    T_STR(text, "old");
    T_OK(ar_dir_remove(folder));
}

TEST(a_map_views_the_file)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_mapped) mapped = { 0 };

    make_folder();
    for (size_t len = 0; len < 20000; len += 9999) {
        ar_str text = { ar_arena_take(&arena, len), len };

        T_OK(ar_file_write(in(&arena, "m"), text, 0600));
        ar_auto(ar_fd) fd = ar_fd_of(open(in(&arena, "m"), O_RDONLY | O_CLOEXEC));

        T_OK(ar_file_map(ar_fd_n(fd), AR_LIT("m"), &mapped));
        T_TRUE(ar_str_eq(mapped.text, text));
        ar_mapped_done(&mapped);
    }
    T_OK(ar_dir_remove(folder));
}

TEST(folders_are_made_with_their_parents_and_listed_in_order)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str *names = NULL;
    size_t n = 0;

    make_folder();
    T_OK(ar_dir_make(in(&arena, "x/y//z/"), 0700));
    T_OK(ar_dir_make(in(&arena, "x/y"), 0755));
    T_OK(ar_file_write(in(&arena, "x/b"), AR_LIT(""), 0600));
    T_OK(ar_file_write(in(&arena, "x/B"), AR_LIT(""), 0600));
    T_FAILS(ar_dir_make(in(&arena, "x/b"), 0700), AR_CONFLICT, "a file is in its place");
    T_FAILS(ar_dir_make(in(&arena, "x/b/c"), 0700), AR_CONFLICT, "a file is in its place");
    T_OK(ar_dir_list(in(&arena, "x"), &arena, &names, &n));
    T_INT(n, 3);
    T_STR(names[0], "B");
    T_STR(names[1], "b");
    T_STR(names[2], "y");
    T_OK(ar_dir_sync(in(&arena, "x")));
    T_FAILS(ar_dir_sync(in(&arena, "x/b")), AR_NOT_FOUND, "x/b");
    T_FAILS(ar_dir_sync(in(&arena, "none")), AR_NOT_FOUND, "cannot sync");
    T_FAILS(ar_dir_list(in(&arena, "none"), &arena, &names, &n), AR_NOT_FOUND, "cannot list");
    T_FAILS(ar_dir_remove(in(&arena, "none")), AR_NOT_FOUND, "cannot remove");
    T_OK(ar_dir_remove(folder));
}

TEST(removing_follows_no_link)
{
    ar_auto(ar_arena) arena = { 0 };

    make_folder();
    T_OK(ar_dir_make(in(&arena, "keep"), 0700));
    T_OK(ar_file_write(in(&arena, "keep/file"), AR_LIT("x"), 0600));
    T_OK(ar_dir_make(in(&arena, "gone/deep"), 0700));
    T_TRUE(symlink("../keep", in(&arena, "gone/link")) == 0);
    T_TRUE(symlink("gone", in(&arena, "to-gone")) == 0);
    T_FAILS(ar_dir_remove(in(&arena, "to-gone")), AR_NOT_FOUND, "to-gone");
    T_OK(ar_dir_remove(in(&arena, "gone")));
    T_TRUE(ar_file_exists(in(&arena, "keep/file")));
    T_TRUE(!ar_file_exists(in(&arena, "gone")));
    T_OK(ar_dir_remove(folder));
}

TEST(a_lock_is_held_by_one_process_until_it_closes_it)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_fd) lock = { 0 };
    int holder = -1, status = -1;

    make_folder();
    T_OK(ar_file_lock(in(&arena, "lock"), &lock, &holder));

    pid_t child = fork();

    if (child == 0) {
        ar_fd mine = { 0 };
        int seen = -1;
        ar_err err = ar_file_lock(in(&arena, "lock"), &mine, &seen);

        _exit(err.code == AR_CONFLICT && seen == (int)getppid() && mine.n == 0 ? 0 : 1);
    }
    T_INT(waitpid(child, &status, 0), child);
    T_INT(status, 0);
    ar_fd_done(&lock);
    T_OK(ar_file_lock(in(&arena, "lock"), &lock, &holder));
    T_OK(ar_dir_remove(folder));
}

TEST(paths_become_absolute)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *self = NULL;

    T_STR(ar_str_of(ar_path_absolute(&arena, "/no/such/../place/./x//y/")), "/no/place/x/y");
    T_STR(ar_str_of(ar_path_absolute(&arena, "/no/../../..")), "/");
    T_STR(ar_str_of(ar_path_absolute(&arena, "/proc/self/../self/nothing/..")),
          "/proc/self"); /* by text */
    T_STR(ar_str_of(ar_path_join(&arena, "a", "b")), "a/b");
    T_STR(ar_str_of(ar_path_join(&arena, "/", "b")), "/b");
    T_STR(ar_str_of(ar_path_join(&arena, "", "b")), "b");

    make_folder();
    T_TRUE(symlink(folder, in(&arena, "me")) == 0 && chdir(folder) == 0);
    T_STR(ar_str_of(ar_path_absolute(&arena, "me/me/.")), ar_path_absolute(&arena, folder));
    T_STR(ar_str_of(ar_path_absolute(&arena, "new/../x")),
          ar_path_join(&arena, ar_path_absolute(&arena, folder), "x"));
    T_TRUE(chdir("/") == 0);
    T_OK(ar_path_self(&arena, &self));
    T_TRUE(self[0] == '/' && ar_str_ends(ar_str_of(self), AR_LIT("sys_file_test")));
    T_OK(ar_dir_remove(folder));
}

/* ---- a full disk ---- */

static int fill_disk(void)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str old = { ar_arena_take(&arena, 20000), 20000 }, text = { 0 };
    ar_str large = { ar_arena_take(&arena, 200000), 200000 };

    /* a mount of our own, which is gone with us */
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=65536") != 0)
        return 77;
    T_OK(ar_file_write(in(&arena, "state"), old, 0600));
    T_OK(ar_file_write("/tmp/aright-large", large, 0600));
    T_FAILS(ar_file_write(in(&arena, "state"), large, 0600), AR_IO, "No space left");
    T_FAILS(ar_file_copy("/tmp/aright-large", in(&arena, "state"), 0600), AR_IO, "No space left");
    T_OK(ar_file_read(in(&arena, "state"), 1 << 20, &arena, &text));
    T_TRUE(ar_str_eq(text, old));
    T_INT(count_names(folder), 1); /* and no draft takes the room */
    T_OK(ar_file_write(in(&arena, "state"), AR_LIT("small again"), 0600));

    /* what is mounted below a folder is not removed with it */
    T_OK(ar_dir_make(in(&arena, "a/mounted"), 0700));
    if (mount("tmpfs", in(&arena, "a/mounted"), "tmpfs", 0, "size=65536") != 0) return 77;
    T_OK(ar_file_write(in(&arena, "a/mounted/kept"), AR_LIT("x"), 0600));
    T_FAILS(ar_dir_remove(in(&arena, "a")), AR_CONFLICT, "another file system");
    T_TRUE(ar_file_exists(in(&arena, "a/mounted/kept")));
    T_TRUE(unlink("/tmp/aright-large") == 0);
    return t_bad == 0 ? 0 : 1;
}

TEST(a_full_disk_leaves_the_old_file_whole)
{
    int status = -1;

    make_folder();

    pid_t child = fork();

    if (child == 0) {
        int result = fill_disk();

        (void)fflush(stdout);
        _exit(result);
    }
    T_INT(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        printf("# skipped: needs the right to mount\n");
    else
        T_INT(status, 0);
    T_OK(ar_dir_remove(folder));
}

TEST(a_copy_of_an_open_file_is_whole_and_moves_nothing)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_fd) fd = { 0 };
    ar_str text = { 0 };

    make_folder();
    T_OK(ar_fd_holding(AR_LIT("all of it"), &fd));
    T_TRUE(lseek(ar_fd_n(fd), 4, SEEK_SET) == 4);
    T_OK(ar_fd_copy(ar_fd_n(fd), "it", in(&arena, "copy"), 0600));
    T_OK(ar_file_read(in(&arena, "copy"), 100, &arena, &text));
    T_STR(text, "all of it");
    T_TRUE(lseek(ar_fd_n(fd), 0, SEEK_CUR) == 4);
    T_OK(ar_dir_remove(folder));
}

TEST(drafts_that_a_crash_left_are_removed_and_nothing_else)
{
    static const char *const kept[] = { ".aright-0123456789abcde", ".aright-0123456789abcdeff",
                                        ".aright-0123456789ABCDEF", "aright-0123456789abcdef",
                                        ".aright.yaml" };
    ar_auto(ar_arena) arena = { 0 };

    make_folder();
    for (size_t i = 0; i < AR_COUNT(kept); i++)
        T_OK(ar_file_write(in(&arena, kept[i]), AR_LIT("x"), 0600));
    T_OK(ar_file_write(in(&arena, ".aright-0123456789abcdef"), AR_LIT("x"), 0600));
    T_OK(ar_drafts_remove(folder));
    for (size_t i = 0; i < AR_COUNT(kept); i++) T_TRUE(ar_file_exists(in(&arena, kept[i])));
    T_INT(count_names(folder), AR_COUNT(kept));
    T_OK(ar_dir_remove(folder));
}

TEST(reading_to_the_end_within_a_time_ends_with_it)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text = AR_LIT("as before"), name = AR_LIT("the pipe");
    int ends[2];

    T_INT(pipe2(ends, O_CLOEXEC), 0);
    T_OK(ar_fd_write_all(ends[1], AR_LIT("half")));
    T_FAILS(ar_fd_read_all_within(ends[0], name, 100, 50, &arena, &text), AR_UNAVAILABLE,
            "'the pipe' did not end in time");
    T_STR(text, "as before");
    T_OK(ar_fd_write_all(ends[1], AR_LIT("and half")));
    T_INT(close(ends[1]), 0);
    T_OK(ar_fd_read_all_within(ends[0], name, 100, 10000, &arena, &text));
    T_STR(text, "and half");
    T_INT(close(ends[0]), 0);
}
