#include "sys/sandbox.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- Landlock: raw calls, glibc has none ---- */

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)
#endif

enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_SCOPE = 6 };

/* Later kernels know more fields than older headers. */
typedef struct ruleset {
    uint64_t files, network, scoped;
} ruleset;

#define SCOPE_ABSTRACT_SOCKETS UINT64_C(1)
#define SCOPE_SIGNALS          UINT64_C(2)

#define READS    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define EXECUTES LANDLOCK_ACCESS_FS_EXECUTE
#define WRITES                                                                                     \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                               \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |   \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER |      \
     LANDLOCK_ACCESS_FS_TRUNCATE)
/* What a right on a file, not a folder, may be. */
#define OF_FILES                                                                                  \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | \
     EXECUTES)

typedef struct rules {
    ar_fd fd;
    uint64_t handled; /* rights that are refused where no rule gives them */
} rules;

static ar_err add_rule(const rules *r, const char *path, uint64_t rights)
{
    ar_auto(ar_fd) fd = ar_fd_of(open(path, O_PATH | O_CLOEXEC));
    struct landlock_path_beneath_attr rule = { .parent_fd = ar_fd_n(fd) };
    struct stat st;

    if (fd.n == 0 && (errno == ENOENT || errno == ENOTDIR)) return ar_ok();
    if (fd.n == 0 || fstat(ar_fd_n(fd), &st) != 0)
        return ar_fail_errno("cannot open '%s' for the sandbox", path);
    rule.allowed_access = rights & r->handled & (S_ISDIR(st.st_mode) ? ~UINT64_C(0) : OF_FILES);
    if (rule.allowed_access == 0) return ar_ok();
    if (syscall(SYS_landlock_add_rule, ar_fd_n(r->fd), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0)
        return ar_ok();
    if (errno == EBADFD) return ar_ok(); /* a file in memory only: Landlock leaves those alone */
    return ar_fail_errno("cannot let '%s' into the sandbox", path);
}

static ar_err add_rules(const rules *r, const char *const *paths, uint64_t rights)
{
    for (; paths != NULL && *paths != NULL; paths++) AR_TRY(add_rule(r, *paths, rights));
    return ar_ok();
}

static ar_err enter_landlock(const ar_sandbox *box, bool *out_done)
{
    static const char *const programs[] = { "/usr",           "/bin",   "/sbin",
                                            "/lib",           "/lib64", "/etc/ld.so.cache",
                                            "/proc/self/exe", NULL };
    static const char *const always[] = { "/dev/null", NULL };
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    ar_auto(ar_fd) fd = { 0 };
    rules r = { .handled = WRITES | EXECUTES | (box->all_reads ? 0 : READS) };

    if (abi < 1) return *out_done = false, ar_ok();
    if (abi < ABI_REFER) r.handled &= ~(uint64_t)LANDLOCK_ACCESS_FS_REFER;
    if (abi < ABI_TRUNCATE) r.handled &= ~(uint64_t)LANDLOCK_ACCESS_FS_TRUNCATE;

    ruleset attr = { .files = r.handled };

    if (abi >= ABI_SCOPE) attr.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
    fd = ar_fd_of((int)syscall(SYS_landlock_create_ruleset, &attr,
                               abi >= ABI_SCOPE ? sizeof attr : sizeof attr.files, 0));
    if (fd.n == 0) return ar_fail_errno("cannot make a sandbox (Landlock)");
    r.fd = fd;
    AR_TRY(add_rules(&r, always, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE));
    AR_TRY(add_rules(&r, box->read_paths, READS));
    AR_TRY(add_rules(&r, box->write_paths, READS | WRITES));
    if (box->exec) AR_TRY(add_rules(&r, programs, READS | EXECUTES));
    if (syscall(SYS_landlock_restrict_self, ar_fd_n(fd), 0) != 0)
        return ar_fail_errno("cannot enter the sandbox (Landlock)");
    *out_done = true;
    return ar_ok();
}

/* ---- seccomp: a list of what is refused. An allow-list would have to know every call of every
 * version of the C library and the engine; instead, calls that are newer than this list are not
 * there at all (ENOSYS), and callers fall back on older ones. ---- */

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "the sandbox knows x86_64 and aarch64"
#endif

enum {
    NEWEST_CALL = 456,  /* futex_requeue; from 424 on all architectures count alike */
    X32_CALL = 1 << 30, /* the second set of calls of x86_64 */
    FILTER_MAX = 256,
};

static const int refused[] = {
    /* other processes */
    __NR_ptrace,
    __NR_process_vm_readv,
    __NR_process_vm_writev,
    __NR_pidfd_getfd,
    __NR_kcmp,
    __NR_process_madvise,
    __NR_perf_event_open,
    /* mounts and namespaces */
    __NR_mount,
    __NR_umount2,
    __NR_pivot_root,
    __NR_chroot,
    __NR_move_mount,
    __NR_open_tree,
    __NR_fsopen,
    __NR_fsconfig,
    __NR_fsmount,
    __NR_fspick,
    __NR_mount_setattr,
    __NR_unshare,
    __NR_setns,
    __NR_open_by_handle_at,
    __NR_fanotify_init,
    __NR_quotactl,
    __NR_quotactl_fd,
    __NR_swapon,
    __NR_swapoff,
    /* the kernel itself */
    __NR_init_module,
    __NR_finit_module,
    __NR_delete_module,
    __NR_kexec_load,
    __NR_kexec_file_load,
    __NR_bpf,
    __NR_userfaultfd,
    __NR_io_uring_setup,
    __NR_io_uring_enter,
    __NR_io_uring_register,
    __NR_reboot,
    __NR_syslog,
    __NR_acct,
    __NR_sethostname,
    __NR_setdomainname,
    __NR_add_key,
    __NR_request_key,
    __NR_keyctl,
    /* clocks */
    __NR_settimeofday,
    __NR_clock_settime,
    __NR_clock_adjtime,
    __NR_adjtimex,
#ifdef __x86_64__
    __NR_iopl,
    __NR_ioperm,
    __NR_modify_ldt,
    __NR_uselib,
#endif
};

/* Who starts no programs has nobody to signal but itself (abort, by tgkill). */
static const int without_children[] = {
    __NR_execve,
    __NR_execveat,
    __NR_kill,
    __NR_tkill,
    __NR_rt_sigqueueinfo,
    __NR_rt_tgsigqueueinfo,
    __NR_pidfd_send_signal,
};

#define NEW_NAMESPACES                                                                            \
    (CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | \
     CLONE_NEWUTS)

typedef struct filter {
    struct sock_filter code[FILTER_MAX];
    unsigned short n;
} filter;

static void add(filter *f, struct sock_filter instruction)
{
    assert(f->n < FILTER_MAX);
    f->code[f->n++] = instruction;
}

static void load(filter *f, size_t offset)
{
    add(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void end(filter *f, uint32_t action)
{
    add(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* When `test` (BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET) holds between what was loaded and k, goes on;
 * otherwise skips the next n instructions. */
static void when(filter *f, unsigned short test, uint32_t k, uint8_t n)
{
    add(f, (struct sock_filter)BPF_JUMP((unsigned short)(BPF_JMP | test | BPF_K), k, 0, n));
}

static void end_when(filter *f, unsigned short test, uint32_t k, uint32_t action)
{
    when(f, test, k, 1);
    end(f, action);
}

#define REFUSE  (SECCOMP_RET_ERRNO | EPERM)
#define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)

/* The lower half of an argument; the machines we know are little-endian. */
static size_t argument(size_t i)
{
    return offsetof(struct seccomp_data, args) + i * sizeof(uint64_t);
}

/* The number of the call is loaded; anything else goes on. */
static void check_sockets(const ar_sandbox *box, filter *f)
{
    const struct {
        uint32_t family;
        bool allowed;
    } families[] = {
        { AF_UNIX, box->local },
        { AF_NETLINK, box->netlink },
        { AF_INET, box->network },
        { AF_INET6, box->network },
    };
    uint8_t n = 0;

    for (size_t i = 0; i < AR_COUNT(families); i++) n += families[i].allowed;
    when(f, BPF_JEQ, __NR_socket, (uint8_t)(2 + 2 * n));
    load(f, argument(0));
    for (size_t i = 0; i < AR_COUNT(families); i++)
        if (families[i].allowed) end_when(f, BPF_JEQ, families[i].family, SECCOMP_RET_ALLOW);
    end(f, REFUSE);
}

static void make_filter(const ar_sandbox *box, filter *f)
{
    load(f, offsetof(struct seccomp_data, arch));
    when(f, BPF_JEQ, OUR_ARCH, 1);
    add(f, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1));
    end(f, SECCOMP_RET_KILL_PROCESS);

    load(f, offsetof(struct seccomp_data, nr));
    end_when(f, BPF_JGE, X32_CALL, REFUSE);
    end_when(f, BPF_JGT, NEWEST_CALL, UNKNOWN);
    for (size_t i = 0; i < AR_COUNT(refused); i++)
        end_when(f, BPF_JEQ, (uint32_t)refused[i], REFUSE);
    for (size_t i = 0; i < AR_COUNT(without_children) && !box->exec; i++)
        end_when(f, BPF_JEQ, (uint32_t)without_children[i], REFUSE);
    /* its flags lie in memory, which a filter cannot read; callers fall back on clone */
    end_when(f, BPF_JEQ, __NR_clone3, UNKNOWN);

    when(f, BPF_JEQ, __NR_clone, 4);
    load(f, argument(0));
    end_when(f, BPF_JSET, NEW_NAMESPACES, REFUSE);
    end(f, SECCOMP_RET_ALLOW);

    when(f, BPF_JEQ, __NR_ioctl, 4);
    load(f, argument(1));
    end_when(f, BPF_JEQ, TIOCSTI, REFUSE);
    end(f, SECCOMP_RET_ALLOW);

    if (!box->exec) {
        when(f, BPF_JEQ, __NR_tgkill, 4);
        load(f, argument(0));
        end_when(f, BPF_JEQ, (uint32_t)getpid(), SECCOMP_RET_ALLOW);
        end(f, REFUSE);
    }
    check_sockets(box, f);
    end(f, SECCOMP_RET_ALLOW);
}

/* 0, -1 with errno, or the number of a thread that cannot follow. */
static long set_filter(const ar_sandbox *box)
{
    filter f = { .n = 0 };

    make_filter(box, &f);

    struct sock_fprog program = { .len = f.n, .filter = f.code };

    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}

bool ar_sandbox_cut_network(void)
{
    return set_filter(&(ar_sandbox){ .exec = true, .local = true, .netlink = true }) == 0;
}

static ar_err enter_seccomp(const ar_sandbox *box, bool *out_done)
{
    long done = set_filter(box);

    if (done > 0)
        return ar_fail(AR_IO, "cannot enter the sandbox: thread %ld has one of its own", done);
    if (done < 0 && errno != ENOSYS && errno != EINVAL)
        return ar_fail_errno("cannot enter the sandbox (seccomp)");
    *out_done = done == 0;
    return ar_ok();
}

/* A folder has two links and one more for each folder in it. */
static bool is_single_threaded(void)
{
    struct stat st;

    return stat("/proc/self/task", &st) == 0 && st.st_nlink == 3;
}

bool ar_sandbox_no_dump(void)
{
    struct rlimit none = { 0 };

    return prctl(PR_SET_DUMPABLE, 0) == 0 && setrlimit(RLIMIT_CORE, &none) == 0;
}

ar_err ar_sandbox_enter(const ar_sandbox *box, ar_sandbox_state *out_state)
{
    ar_sandbox_state state = { 0 };
    bool alone = is_single_threaded();

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return ar_fail_errno("no_new_privs");
    state.no_new_privs = true;
    state.no_dump = ar_sandbox_no_dump();
    AR_TRY(enter_landlock(box, &state.landlock));
    state.landlock = state.landlock && alone;
    AR_TRY(enter_seccomp(box, &state.seccomp));
    *out_state = state;
    return ar_ok();
}
