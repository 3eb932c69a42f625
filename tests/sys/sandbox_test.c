#include "sys/file.h"
#include "sys/proc.h"
#include "sys/sandbox.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seen by parent and child. */
static struct shared {
    ar_sandbox_state state;
    int entered, failed_line;
    bool scoped; /* the kernel can hold back signals */
} * shared;

#define IN_BOX(cond)                                                             \
    do {                                                                         \
        if (!(cond) && shared->failed_line == 0) shared->failed_line = __LINE__; \
    } while (0)

/* Runs `body` in a child in the sandbox; the first line that did not hold fails the test. */
static int run_in(const ar_sandbox *box, void (*body)(void))
{
    int status = -1;

    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared->scoped = syscall(SYS_landlock_create_ruleset, NULL, 0, 1u) >= 6;
    pid_t child = fork();

    if (child == 0) {
        shared->entered = ar_sandbox_enter(box, &shared->state).code == AR_OK;
        if (shared->entered) body();
        _exit(0);
    }
    (void)waitpid(child, &status, 0);
    T_TRUE(shared->entered);
    T_TRUE(shared->state.no_new_privs && shared->state.no_dump);
    T_INT(shared->failed_line, 0);
    return status;
}

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags, 0600);

    if (fd >= 0) (void)close(fd);
    return fd >= 0;
}

static bool has_socket(int family)
{
    int fd = socket(family, family == AF_NETLINK ? SOCK_RAW : SOCK_STREAM, 0);

    if (fd >= 0) (void)close(fd);
    return fd >= 0;
}

static bool execs(const char *program)
{
    const char *const argv[] = { program, NULL };
    ar_auto(ar_arena) arena = { 0 };
    ar_str text;
    int status = -1;

    return ar_run(&(ar_spawn){ .argv = argv }, 1000, 10, &arena, &text, &status).code == AR_OK &&
           status == 0;
}

static char folder[32];

/* A fresh folder to try in, where we then are. */
static void make_folder(void)
{
    ar_auto(ar_arena) arena = { 0 };

    memcpy(folder, "/tmp/aright-sandbox-XXXXXX", 27);
    T_TRUE(mkdtemp(folder) != NULL && chdir(folder) == 0);
    T_OK(ar_dir_make(ar_path_join(&arena, folder, "read"), 0700));
    T_OK(ar_dir_make(ar_path_join(&arena, folder, "write"), 0700));
    T_OK(ar_dir_make(ar_path_join(&arena, folder, "other"), 0700));
    T_OK(ar_file_write(ar_path_join(&arena, folder, "read/file"), AR_LIT("x"), 0600));
    T_OK(ar_file_write(ar_path_join(&arena, folder, "other/file"), AR_LIT("x"), 0600));
}

static void remove_folder(void)
{
    T_TRUE(chdir("/") == 0);
    T_OK(ar_dir_remove(folder));
}

static void use_files(void)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text;

    if (!shared->state.landlock) return;
    IN_BOX(opens("read/file", O_RDONLY));
    IN_BOX(!opens("read/file", O_WRONLY) && errno == EACCES);
    IN_BOX(!opens("read/new", O_WRONLY | O_CREAT) && errno == EACCES);
    IN_BOX(unlink("read/file") != 0 && errno == EACCES);
    IN_BOX(!opens("other/file", O_RDONLY) && errno == EACCES);
    IN_BOX(!opens("/etc/passwd", O_RDONLY) && errno == EACCES);
    IN_BOX(!opens("/", O_RDONLY | O_DIRECTORY) && errno == EACCES);
    IN_BOX(ar_file_write("write/file", AR_LIT("new"), 0600).code == AR_OK);
    IN_BOX(ar_file_read("write/file", 10, &arena, &text).code == AR_OK);
    IN_BOX(rename("write/file", "other/file") != 0);
    IN_BOX(unlink("write/file") == 0);
    IN_BOX(opens("/dev/null", O_RDWR));
}

TEST(only_the_named_files_are_reached)
{
    ar_auto(ar_arena) arena = { 0 };

    make_folder();
    const char *const reads[] = { ar_path_join(&arena, folder, "read"), "/no/such/path", NULL };
    const char *const writes[] = { ar_path_join(&arena, folder, "write"), NULL };

    T_INT(run_in(&(ar_sandbox){ .read_paths = reads, .write_paths = writes }, use_files), 0);
    if (!shared->state.landlock) printf("# this kernel has no Landlock\n");
    remove_folder();
}

static void read_all(void)
{
    IN_BOX(opens("/etc/passwd", O_RDONLY));
    IN_BOX(opens("/", O_RDONLY | O_DIRECTORY));
    if (shared->state.landlock)
        IN_BOX(!opens("/tmp/aright-sandbox-new", O_WRONLY | O_CREAT) && errno == EACCES);
    IN_BOX(!execs("/bin/true"));
}

TEST(an_inspector_reads_everything_and_writes_nothing)
{
    T_INT(run_in(&(ar_sandbox){ .all_reads = true }, read_all), 0);
}

static void use_little(void)
{
    if (!shared->state.seccomp) return;
    IN_BOX(!has_socket(AF_INET) && errno == EPERM);
    IN_BOX(!has_socket(AF_INET6) && errno == EPERM);
    IN_BOX(!has_socket(AF_PACKET) && errno == EPERM);
    IN_BOX(!has_socket(AF_UNIX) && errno == EPERM);
    IN_BOX(!has_socket(AF_NETLINK) && errno == EPERM);
    IN_BOX(kill(getppid(), 0) != 0 && errno == EPERM);
    IN_BOX(syscall(SYS_tgkill, getppid(), getppid(), 0) != 0 && errno == EPERM);
    IN_BOX(syscall(SYS_tgkill, getpid(), getpid(), 0) == 0);
    IN_BOX(execl("/bin/true", "true", NULL) != 0 && errno == EPERM);
    IN_BOX(ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 && errno == EPERM);
    IN_BOX(unshare(CLONE_NEWUSER) != 0 && errno == EPERM);
    IN_BOX(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL) < 0 &&
           errno == EPERM);
    IN_BOX(syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS);
    IN_BOX(syscall(SYS_bpf, 0, NULL, 0) < 0 && errno == EPERM);
    IN_BOX(syscall(500) < 0 && errno == ENOSYS);
#ifdef __x86_64__
    IN_BOX(syscall((1 << 30) + SYS_execve, NULL, NULL, NULL) < 0 && errno == EPERM);
#endif
    struct rlimit core;

    IN_BOX(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0);

    pid_t child = fork();

    if (child == 0) _exit(has_socket(AF_INET) ? 1 : 0);

    int status = -1;

    IN_BOX(waitpid(child, &status, 0) == child && status == 0);
}

TEST(what_is_not_allowed_fails_also_in_children)
{
    T_INT(run_in(&(ar_sandbox){ 0 }, use_little), 0);
}

static void use_more(void)
{
    IN_BOX(has_socket(AF_INET));
    IN_BOX(has_socket(AF_INET6) || errno == EAFNOSUPPORT);
    if (shared->state.seccomp) IN_BOX(!has_socket(AF_PACKET) && errno == EPERM);
    IN_BOX(execs("true"));
}

static void signal_and_ask(void)
{
    if (shared->scoped) IN_BOX(kill(getppid(), 0) != 0 && errno == EPERM);
    IN_BOX(kill(getpid(), 0) == 0);
    if (shared->state.seccomp) IN_BOX(!has_socket(AF_UNIX) && errno == EPERM);
    IN_BOX(has_socket(AF_NETLINK));
}

TEST(an_inspector_asks_the_kernel_and_reaches_no_other_process)
{
    T_INT(run_in(&(ar_sandbox){ .all_reads = true, .exec = true, .netlink = true }, signal_and_ask),
          0);
}

TEST(what_is_allowed_works)
{
    T_INT(run_in(&(ar_sandbox){ .network = true, .exec = true }, use_more), 0);
}

/* Where namespaces are refused, a child without a network has a filter more. */
static void start_cut_off(void)
{
    const char *const argv[] = { "grep", "Seccomp_filters", "/proc/self/status", NULL };
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_child) child = { 0 };
    ar_spawn spawn = { .argv = argv, .no_network = true };
    ar_str text = { 0 };

    if (!shared->state.seccomp) return;
    IN_BOX(ar_child_start(&spawn, &child).code == AR_OK);
    IN_BOX(child.no_network);
    IN_BOX(ar_fd_read_all(ar_fd_n(child.out), AR_LIT("grep"), 100, &arena, &text).code == AR_OK);
    IN_BOX(ar_str_ends(text, AR_LIT("\t2\n")) || ar_str_ends(text, AR_LIT("\t3\n")));
    IN_BOX(ar_child_wait(&child, "grep").code == AR_OK);

    IN_BOX(has_socket(AF_INET));
    IN_BOX(ar_sandbox_cut_network());
    IN_BOX(!has_socket(AF_INET) && errno == EPERM);
    IN_BOX(has_socket(AF_UNIX));
    IN_BOX(execs("true"));
}

TEST(a_child_is_cut_off_also_where_namespaces_are_refused)
{
    ar_sandbox box = { .all_reads = true, .exec = true, .network = true, .local = true };

    T_INT(run_in(&box, start_cut_off), 0);
}

static void *wait_for_ever(void *nothing)
{
    (void)pause();
    return nothing;
}

TEST(landlock_does_not_claim_threads_that_it_does_not_bind)
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        ar_sandbox_state state = { .landlock = true };
        pthread_t thread;
        bool started = pthread_create(&thread, NULL, wait_for_ever, NULL) == 0;

        _exit(started && ar_sandbox_enter(&(ar_sandbox){ 0 }, &state).code == AR_OK &&
                      !state.landlock
                  ? 0
                  : 1);
    }
    T_INT(waitpid(child, &status, 0), child);
    T_INT(status, 0);
}

static void exec_written(void)
{
    ar_auto(ar_arena) arena = { 0 };
    const char *program = ar_path_join(&arena, folder, "write/program");

    IN_BOX(ar_file_copy("/usr/bin/true", program, 0700).code == AR_OK);
    IN_BOX(execs("/usr/bin/true"));
    IN_BOX(execs(program) == !shared->state.landlock);
}

TEST(what_was_written_is_not_run)
{
    ar_auto(ar_arena) arena = { 0 };

    make_folder();
    const char *const writes[] = { ar_path_join(&arena, folder, "write"), NULL };

    T_INT(run_in(&(ar_sandbox){ .write_paths = writes, .exec = true }, exec_written), 0);
    remove_folder();
}

#ifdef __x86_64__
static void call_32_bit(void)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory"); /* getpid */
    IN_BOX(!shared->state.seccomp);
}

TEST(a_32_bit_call_ends_the_process)
{
    int status = run_in(&(ar_sandbox){ 0 }, call_32_bit);

    if (shared->state.seccomp) T_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}
#endif
