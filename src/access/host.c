#include "access/host.h"

#include "form/hash.h"
#include "form/json.h"
#include "form/utf.h"
#include "inspect/host.h"
#include "inspect/words.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <shadow.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 20, VISUDO_SECONDS = 20 };

static const char group_path[] = "/etc/group";

/* ---- how it would be ---- */

static ar_err read_file(const ar_look *look, const char *path, ar_arena *arena, ar_str *out_text)
{
    ar_look_file file;

    AR_TRY(ar_look_read(look, path, AR_EDIT_BYTES_MAX, arena, &file));
    AR_TRY_WITH(ar_utf8_check(ar_str_of(path), file.text), "change it by hand");
    if (memchr(file.text.ptr, '\0', file.text.len) != NULL)
        return ar_fail(AR_CONFLICT, "%s holds a NUL; change it by hand", path);
    *out_text = file.text;
    return ar_ok();
}

static ar_err groups_of(const ar_look *look, ar_str who, ar_arena *arena, ar_str **out_names,
                        size_t *out_n)
{
    ar_account named = { .name = who, .gid = -1 };
    ar_group *groups;
    size_t n;

    AR_TRY(ar_group_load(look, arena, &groups, &n));
    *out_names = ar_make_n(arena, ar_str, n);
    *out_n = 0;
    for (size_t i = 0; i < n; i++)
        if (ar_group_has(&groups[i], &named)) (*out_names)[(*out_n)++] = groups[i].name;
    return ar_ok();
}

static ar_err plan_group(const ar_look *look, const ar_host_facts *f, ar_str group, ar_arena *arena,
                         ar_host_edit *out)
{
    if (f->until != 0)
        return ar_fail(AR_CONFLICT,
                       "%.*s has it by group %.*s, and membership of a group has no end; end it, "
                       "and give a rule with NOTAFTER",
                       AR_FMT(f->who), AR_FMT(group));
    out->path = group_path;
    AR_TRY(read_file(look, group_path, arena, &out->before));
    return ar_edit_group(out->before, group, f->who, arena, &out->after);
}

static ar_err plan_sudo(const ar_look *look, const ar_host_facts *f, ar_arena *arena,
                        ar_host_edit *out)
{
    ar_edit_grant grant = { f->who, f->scope, f->nopasswd, f->until };
    ar_sudoers all;
    ar_str *groups, through;
    size_t n;
    ar_err err;

    AR_TRY(ar_sudoers_load(look, f->host, arena, &all));
    out->path = ar_arena_cstr(arena, f->path);
    AR_TRY(read_file(look, out->path, arena, &out->before));
    err = ar_edit_sudoers(&all, f->host, &grant, out->before, arena, &out->after);
    if (err.code != AR_NOT_FOUND) return err;
    AR_TRY(groups_of(look, f->who, arena, &groups, &n));
    through = ar_edit_through(&all, f->host, &grant, out->before, groups, n, arena);
    if (through.len == 0) return err;
    return plan_group(look, f, through, arena, out);
}

static ar_err open_host(const char *root, const ar_host_facts *facts, ar_arena *arena,
                        ar_look *out_look)
{
    ar_str here;

    AR_TRY(ar_look_open(root, 0, arena, out_look));
    here = ar_host_name(out_look, arena);
    if (ar_str_eq(here, facts->host)) return ar_ok();
    return ar_fail(AR_CONFLICT, "it is on host %.*s, and this is %.*s; end it there",
                   AR_FMT(facts->host), AR_FMT(here));
}

static bool is_group_file(ar_str path)
{
    return ar_str_eq(path, ar_str_of(group_path));
}

ar_err ar_host_plan(const char *root, const ar_host_facts *facts, ar_arena *arena,
                    ar_host_edit *out_edit)
{
    __attribute__((cleanup(ar_look_done))) ar_look look = { 0 };

    AR_TRY(open_host(root, facts, arena, &look));
    if (is_group_file(facts->path)) return plan_group(&look, facts, facts->role, arena, out_edit);
    if (ar_str_eq(facts->role, AR_LIT("sudo"))) return plan_sudo(&look, facts, arena, out_edit);
    return ar_fail(AR_CONFLICT, "role %.*s of %.*s is no rule of sudo and no group; end it by hand",
                   AR_FMT(facts->role), AR_FMT(facts->path));
}

/* ---- whether it is that, and no more ---- */

/* Leaving one group, the one of the role or one that the rule may name. */
static bool is_leave(const ar_host_facts *f, const ar_host_edit *e, ar_arena *arena)
{
    ar_str rest = e->before, line, after;

    while (ar_str_split(&rest, '\n', &line)) {
        ar_str group = ar_before(line, ':');

        if (is_group_file(f->path) && !ar_str_eq(group, f->role)) continue;
        if (ar_edit_group(e->before, group, f->who, arena, &after).code == AR_OK &&
            ar_str_eq(after, e->after))
            return true;
    }
    return false;
}

static ar_err is_end(const ar_look *look, const ar_host_facts *f, const ar_host_edit *e,
                     ar_arena *arena, bool *out_is)
{
    ar_edit_grant grant = { f->who, f->scope, f->nopasswd, f->until };
    ar_sudoers all;
    ar_str after;

    *out_is = is_group_file(ar_str_of(e->path)) && is_leave(f, e, arena);
    if (*out_is || !ar_str_eq(ar_str_of(e->path), f->path) || is_group_file(f->path))
        return ar_ok();
    AR_TRY(ar_sudoers_load(look, f->host, arena, &all));
    *out_is = ar_edit_sudoers(&all, f->host, &grant, e->before, arena, &after).code == AR_OK &&
              ar_str_eq(after, e->after);
    return ar_ok();
}

ar_err ar_host_check(const char *root, const ar_host_facts *facts, const ar_host_edit *edit,
                     ar_arena *arena)
{
    __attribute__((cleanup(ar_look_done))) ar_look look = { 0 };
    bool is = false;

    AR_TRY(open_host(root, facts, arena, &look));
    AR_TRY(is_end(&look, facts, edit, arena, &is));
    if (is) return ar_ok();
    return ar_fail(AR_CONFLICT,
                   "the receipt changes more of %s than this grant; nothing was done, change it by "
                   "hand",
                   edit->path);
}

/* ---- making it so ---- */

static bool is_sudoers(const char *path)
{
    return strcmp(path, group_path) != 0;
}

/* What sudo cannot read, it refuses, and everybody's with it. */
static ar_err check_sudoers(ar_str text, ar_arena *arena)
{
    static const char *const argv[] = { "visudo", "-c", "-q", "-f", "-", NULL };
    ar_auto(ar_fd) in = { 0 };
    ar_sudoers sudoers = { 0 };
    ar_str printed;
    int status = 0;
    ar_err err;

    AR_TRY(ar_sudoers_parse(text, AR_LIT("sudoers"), arena, &sudoers));
    if (sudoers.n_bad > 0)
        return ar_fail(AR_INVALID, "%zu lines would not be understood by sudo; nothing was changed",
                       sudoers.n_bad);
    AR_TRY(ar_fd_holding(text, &in));
    ar_spawn spawn = { .argv = argv, .in_fd = in };
    err = ar_run(&spawn, REQUEST_MAX, VISUDO_SECONDS, arena, &printed, &status);
    if (err.code == AR_NOT_FOUND) return ar_ok(); /* our own reading of it has to do */
    AR_TRY(err);
    return status == 0 ? ar_ok()
                       : ar_fail(AR_INVALID, "visudo refuses the file; nothing was changed");
}

/* The file as it lies there: ours to replace, and no link. */
static ar_err check_place(const char *path, struct stat *out_st)
{
    if (lstat(path, out_st) != 0) return ar_fail_errno("%s", path);
    if (!S_ISREG(out_st->st_mode))
        return ar_fail(AR_CONFLICT, "%s is no file of its own; change it by hand", path);
    if (out_st->st_uid != geteuid() || out_st->st_gid != getegid())
        return ar_fail(AR_CONFLICT, "%s is of uid %u and gid %u, and we are another; ask as they",
                       path, (unsigned)out_st->st_uid, (unsigned)out_st->st_gid);
    return ar_ok();
}

static ar_err swap(const char *path, ar_str was, ar_str text, ar_arena *arena)
{
    struct stat st;
    ar_str is;

    AR_TRY(check_place(path, &st));
    AR_TRY(ar_file_read(path, AR_EDIT_BYTES_MAX, arena, &is));
    if (!ar_str_eq(ar_sha256(is, arena), was))
        return ar_fail(AR_CONFLICT,
                       "%s has changed since, and nothing was done to it; see what it is now",
                       path);
    AR_TRY(ar_file_write(path, text, st.st_mode & 07777));
    AR_TRY(ar_file_read(path, AR_EDIT_BYTES_MAX, arena, &is));
    if (ar_str_eq(is, text)) return ar_ok();
    return ar_fail(AR_IO, "%s does not hold what was written", path);
}

ar_err ar_host_replace(const char *root, const char *path, ar_str was, ar_str text, ar_arena *arena)
{
    bool live = root == NULL || strcmp(root, "/") == 0;
    const char *below = live ? path : ar_arena_printf(arena, "%s%s", root, path).ptr;
    ar_err err;

    if (is_sudoers(path)) {
        AR_TRY(check_sudoers(text, arena));
        return swap(below, was, text, arena);
    }
    /* what passwd(1), useradd(8) and the others lock */
    if (live && lckpwdf() != 0)
        return ar_fail(AR_UNAVAILABLE, "the account files are locked by another program");
    err = swap(below, was, text, arena);
    if (live) (void)ulckpwdf();
    return err;
}

/* ---- the child ---- */

static ar_err read_facts(const ar_node *map, ar_host_facts *f)
{
    ar_str file = AR_LIT("request");

    AR_TRY(ar_node_text(file, map, "host", true, &f->host));
    AR_TRY(ar_node_text(file, map, "who", true, &f->who));
    AR_TRY(ar_node_text(file, map, "role", true, &f->role));
    AR_TRY(ar_node_text(file, map, "path", true, &f->path));
    AR_TRY(ar_node_text(file, map, "scope", true, &f->scope));
    return ar_node_bool(file, map, "nopasswd", true, &f->nopasswd);
}

static ar_err read_edit(const ar_node *map, ar_arena *arena, ar_host_edit *e, int64_t *until)
{
    ar_str file = AR_LIT("request"), path;

    AR_TRY(ar_node_text(file, map, "path", true, &path));
    AR_TRY(ar_node_text(file, map, "before", true, &e->before));
    AR_TRY(ar_node_text(file, map, "after", true, &e->after));
    e->path = ar_arena_cstr(arena, path);
    return ar_node_int(file, map, "until", true, until);
}

static void print_edit(const ar_host_edit *e, ar_time until, ar_buf *out)
{
    ar_buf_addz(out, "{\"path\":");
    ar_json_text(out, ar_str_of(e->path));
    ar_buf_addz(out, ",\"before\":");
    ar_json_text(out, e->before);
    ar_buf_addz(out, ",\"after\":");
    ar_json_text(out, e->after);
    ar_buf_addf(out, ",\"until\":%lld}", (long long)until);
}

/* {"plan"|"end"|"back": the facts, "until", and for the latter two "edit"} */
static ar_err answer(const char *root, ar_arena *arena, ar_buf *out)
{
    ar_str file = AR_LIT("request"), text, todo;
    ar_host_facts facts = { 0 };
    const ar_node *map = NULL;
    ar_host_edit e = { 0 };
    ar_node *request;

    AR_TRY(ar_fd_read_all(STDIN_FILENO, file, REQUEST_MAX, arena, &text));
    AR_TRY(ar_json_parse(file, text, NULL, arena, &request));
    AR_TRY(ar_node_text(file, request, "do", true, &todo));
    AR_TRY(ar_node_map(file, request, "facts", true, &map));
    AR_TRY(read_facts(map, &facts));
    if (ar_str_eq(todo, AR_LIT("plan"))) {
        AR_TRY(ar_node_int(file, request, "until", true, &facts.until));
        AR_TRY(ar_host_plan(root, &facts, arena, &e));
        return print_edit(&e, facts.until, out), ar_ok();
    }
    AR_TRY(ar_node_map(file, request, "edit", true, &map));
    AR_TRY(read_edit(map, arena, &e, &facts.until));
    AR_TRY(ar_host_check(root, &facts, &e, arena));
    if (ar_str_eq(todo, AR_LIT("back")))
        return ar_host_replace(root, e.path, ar_sha256(e.after, arena), e.before, arena);
    return ar_host_replace(root, e.path, ar_sha256(e.before, arena), e.after, arena);
}

int ar_host_grant_main(const ar_tables *tables, int argc, char **argv)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) out = { 0 };
    ar_err err = answer(argc > 0 ? argv[0] : "/", &arena, &out);

    (void)tables;
    if (err.code != AR_OK) {
        ar_buf_clear(&out);
        ar_buf_addz(&out, "{\"failed\":");
        ar_json_text(&out, ar_err_text(err));
        ar_buf_addf(&out, ",\"code\":%d}", (int)err.code);
    }
    return ar_code_exit(ar_fd_write_all(STDOUT_FILENO, ar_buf_str(&out)).code);
}
