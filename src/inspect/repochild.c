#include "inspect/repochild.h"

#include "form/json.h"
#include "inspect/passwd.h"
#include "sys/ticks.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REAP_MS_MAX = 2000 };

static const char *const kinds[] = { "repo", "pipeline", "hook", "setting" };

/* ---- the child ---- */

/* The owner's own group; that of the folder may be one which the owner is not in. */
static gid_t group_of(const ar_found_repo *found, const ar_repo_place *place, ar_arena *arena)
{
    ar_account *accounts;
    size_t n;

    if (found->gid != AR_FINDER_NOBODY ||
        ar_passwd_load(place->files, arena, &accounts, &n).code != AR_OK)
        return (gid_t)found->gid;
    for (size_t i = 0; i < n; i++)
        if (accounts[i].uid == found->uid) return (gid_t)accounts[i].gid;
    return AR_FINDER_NOBODY;
}

/* Who planted a path in a repository learns no more by it than by opening the path. */
static ar_err become_owner(const ar_found_repo *found, const ar_repo_place *place, ar_arena *arena)
{
    if (geteuid() != 0 || found->uid == 0) return ar_ok();

    uid_t uid = (uid_t)found->uid;
    gid_t gid = group_of(found, place, arena);

    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return ar_fail_errno("%.*s: cannot be read as its owner, uid %lld", AR_FMT(found->path),
                             (long long)found->uid);
    return ar_ok();
}

/* A change of account forgets both: that we die with who started us, and that nobody traces us. */
static ar_err stay_apart(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        return ar_fail_errno("cannot set a process apart");
    return getppid() == parent ? ar_ok() : ar_fail(AR_IO, "its starter is gone");
}

static ar_err look(const ar_found_repo *found, const ar_repo_place *place, pid_t parent,
                   ar_arena *arena, ar_report *report)
{
    AR_TRY(become_owner(found, place, arena));
    AR_TRY(stay_apart(parent));
    return ar_repo_look(found, place, arena, report);
}

static _Noreturn void look_and_say(const ar_found_repo *found, const ar_repo_place *place,
                                   pid_t parent, int fd)
{
    ar_arena arena = { 0 };
    ar_report report = { .now = place->files->now };
    ar_err err = look(found, place, parent, &arena, &report);

    if (err.code != AR_OK) ar_report_could_not(&report, "repo.path", ar_err_text(err));
    for (size_t i = 0; i < AR_COUNT(kinds); i++) ar_report_seen(&report, kinds[i]);
    err = ar_report_write(&report, "git", found->path, fd);
    _exit(err.code == AR_OK ? 0 : 1);
}

/* ---- the parent ---- */

/* Killed and reaped; one that the kernel does not let go of is left behind, to die with us. */
static void end(pid_t pid)
{
    ar_auto(ar_fd) ended = ar_fd_of(pidfd_open(pid, 0));
    struct pollfd p = { .fd = ar_fd_n(ended), .events = POLLIN };

    (void)kill(pid, SIGKILL);
    while (poll(&p, 1, REAP_MS_MAX) < 0 && errno == EINTR) {
    }
    (void)waitpid(pid, NULL, WNOHANG);
}

static ar_err start(const ar_found_repo *found, const ar_repo_place *place, int out_fd,
                    ar_fd *out_said, pid_t *out_pid)
{
    pid_t parent = getpid();
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) return ar_fail_errno("cannot make a pipe");

    ar_auto(ar_fd) hear = ar_fd_of(ends[0]), say = ar_fd_of(ends[1]);
    pid_t pid = fork();

    if (pid < 0) return ar_fail_errno("cannot start a process");
    if (pid == 0) {
        (void)close(out_fd);
        ar_fd_done(&hear);
        look_and_say(found, place, parent, ar_fd_n(say));
    }
    *out_said = ar_move(hear);
    *out_pid = pid;
    return ar_ok();
}

static ar_err nonsense(const ar_found_repo *found)
{
    return ar_fail(AR_UNAVAILABLE, "%.*s: the look at it broke off", AR_FMT(found->path));
}

static bool is_known(ar_str kind)
{
    for (size_t i = 0; i < AR_COUNT(kinds); i++)
        if (ar_str_eq(kind, ar_str_of(kinds[i]))) return true;
    return false;
}

static ar_str text_of(const ar_node *line, const char *key)
{
    const ar_node *value = ar_node_get(line, ar_str_of(key));

    return value != NULL && value->kind == AR_NODE_TEXT ? value->text : (ar_str){ 0 };
}

/* A repository may speak of itself and of what is in it. */
static bool is_of(ar_str id, ar_str repo)
{
    return ar_str_starts(id, repo) && (id.len == repo.len || id.ptr[repo.len] == ':');
}

static ar_err check(const ar_found_repo *found, ar_repo_said *said)
{
    size_t rows = 0;

    for (size_t i = 0; i < said->n; i++)
        if (ar_str_eq(text_of(said->lines[i], "kind"), AR_LIT("repo")))
            said->id = text_of(said->lines[i], "id");
    for (size_t i = 0; i < said->n; i++) {
        ar_str kind = text_of(said->lines[i], "kind");

        if (kind.len == 0) continue;
        if (++rows > AR_REPO_ROWS_MAX)
            return ar_fail(AR_LIMIT, "%.*s: more than %d rows", AR_FMT(found->path),
                           (int)AR_REPO_ROWS_MAX);
        if (!is_known(kind) || said->id.len == 0 || !is_of(text_of(said->lines[i], "id"), said->id))
            return nonsense(found);
    }
    return ar_ok();
}

static ar_err parse(const ar_found_repo *found, ar_str text, ar_arena *arena, ar_repo_said *said)
{
    size_t cap = 0;
    bool done = false;
    ar_str line;

    while (ar_str_split(&text, '\n', &line)) {
        ar_node *node;

        if (line.len == 0) continue;
        if (done || ar_json_parse(found->path, line, NULL, arena, &node).code != AR_OK)
            return nonsense(found);
        done = ar_node_get(node, AR_LIT("done")) != NULL;
        ar_grow(arena, said->lines, said->n, cap);
        said->lines[said->n++] = node;
    }
    return done ? check(found, said) : nonsense(found);
}

ar_err ar_repo_child_look(const ar_found_repo *found, const ar_repo_place *place, int64_t ms_max,
                          int out_fd, ar_arena *arena, ar_repo_said *out_said)
{
    ar_auto(ar_fd) hear = { 0 };
    ar_repo_said said = { 0 };
    ar_str text;
    pid_t pid = 0;

    AR_TRY(start(found, place, out_fd, &hear, &pid));
    ar_err err =
        ar_fd_read_all_within(ar_fd_n(hear), found->path, AR_REPO_SAID_MAX, ms_max, arena, &text);
    end(pid);
    AR_TRY(err);
    AR_TRY(parse(found, text, arena, &said));
    *out_said = said;
    return ar_ok();
}

/* ---- what was said ---- */

static ar_value value_of(const ar_node *node)
{
    switch (node->kind) {
    case AR_NODE_BOOL: return ar_bool(node->b);
    case AR_NODE_INT: return ar_int(node->i);
    case AR_NODE_DOUBLE: return ar_double(node->d);
    case AR_NODE_TEXT: return ar_text(node->text);
    case AR_NODE_NULL:
    case AR_NODE_LIST:
    case AR_NODE_MAP: break;
    }
    return ar_null();
}

static void report_row(const ar_node *line, ar_report *report)
{
    const char *kind = ar_arena_cstr(&report->arena, text_of(line, "kind"));
    ar_fact *facts = ar_make_n(&report->arena, ar_fact, line->n);
    size_t n = 0;

    for (size_t i = 0; i < line->n; i++) {
        const ar_pair *pair = &line->pairs[i];

        if (ar_str_eq(pair->key, AR_LIT("kind")) || ar_str_eq(pair->key, AR_LIT("id"))) continue;
        facts[n++] = (ar_fact){ .column = ar_arena_cstr(&report->arena, pair->key),
                                .value = value_of(pair->value) };
    }
    ar_report_row(report, kind, text_of(line, "id"), facts, n);
}

static void report_owner(const ar_repo_said *said, const ar_node *line, ar_report *report)
{
    const ar_node *confidence = ar_node_get(line, AR_LIT("confidence"));
    ar_str of = text_of(line, "owner_of");
    ar_time at;

    if (!ar_str_starts(of, AR_LIT("repo:")) ||
        !ar_str_eq(ar_str_cut(of, strlen("repo:"), of.len), said->id))
        return;
    if (confidence == NULL || confidence->kind != AR_NODE_DOUBLE ||
        ar_time_parse(text_of(line, "observed_at"), &at).code != AR_OK)
        return;
    ar_report_owner(report, "repo", said->id, text_of(line, "owner"),
                    ar_arena_cstr(&report->arena, text_of(line, "evidence")), confidence->d, at);
}

static void report_note(const ar_node *line, size_t number, ar_report *report)
{
    ar_str what = text_of(line, "could_not");

    if (number < AR_REPO_NOTES_MAX)
        ar_report_could_not(report, ar_arena_cstr(&report->arena, what), text_of(line, "why"));
    else if (number == AR_REPO_NOTES_MAX)
        ar_report_could_not(report, "repo.path", AR_LIT("and more of the same repository"));
}

void ar_repo_said_report(const ar_repo_said *said, ar_report *report)
{
    size_t notes = 0;

    for (size_t i = 0; i < said->n; i++) {
        const ar_node *line = said->lines[i];

        if (text_of(line, "could_not").len > 0)
            report_note(line, notes++, report);
        else if (text_of(line, "owner_of").len > 0)
            report_owner(said, line, report);
        else if (text_of(line, "kind").len > 0)
            report_row(line, report);
    }
}
