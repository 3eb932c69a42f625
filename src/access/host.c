#include "access/host.h"

#include "form/hash.h"
#include "form/json.h"
#include "form/utf.h"
#include "inspect/host.h"
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
                         const char **out_path, ar_str *out_before, ar_str *out_after)
{
    if (f->until != 0)
        return ar_fail(AR_CONFLICT,
                       "%.*s has it by group %.*s, and membership of a group has no end; end it, "
                       "and give a rule with NOTAFTER",
                       AR_FMT(f->who), AR_FMT(group));
    AR_TRY(read_file(look, group_path, arena, out_before));
    AR_TRY(ar_edit_group(*out_before, group, f->who, arena, out_after));
    *out_path = group_path;
    return ar_ok();
}

static ar_err plan_sudo(const ar_look *look, const ar_host_facts *f, ar_arena *arena,
                        const char **out_path, ar_str *out_before, ar_str *out_after)
{
    ar_edit_grant grant = { f->who, f->scope, f->nopasswd, f->until };
    ar_sudoers all;
    ar_str *groups, through;
    size_t n;
    ar_err err;

    AR_TRY(ar_sudoers_load(look, f->host, arena, &all));
    *out_path = ar_arena_cstr(arena, f->path);
    AR_TRY(read_file(look, *out_path, arena, out_before));
    err = ar_edit_sudoers(&all, f->host, &grant, *out_before, arena, out_after);
    if (err.code != AR_NOT_FOUND) return err;
    AR_TRY(groups_of(look, f->who, arena, &groups, &n));
    through = ar_edit_through(&all, f->host, &grant, *out_before, groups, n, arena);
    if (through.len == 0) return err;
    return plan_group(look, f, through, arena, out_path, out_before, out_after);
}

static void look_done(ar_look *look)
{
    ar_look_done(look);
}

ar_err ar_host_plan(const char *root, const ar_host_facts *facts, ar_arena *arena,
                    const char **out_path, ar_str *out_before, ar_str *out_after)
{
    __attribute__((cleanup(look_done))) ar_look look = { 0 };
    ar_str here;

    AR_TRY(ar_look_open(root, 0, arena, &look));
    here = ar_host_name(&look, arena);
    if (!ar_str_eq(here, facts->host))
        return ar_fail(AR_CONFLICT, "it is on host %.*s, and this is %.*s; end it there",
                       AR_FMT(facts->host), AR_FMT(here));
    if (ar_str_eq(facts->path, ar_str_of(group_path)))
        return plan_group(&look, facts, facts->role, arena, out_path, out_before, out_after);
    if (ar_str_eq(facts->role, AR_LIT("sudo")))
        return plan_sudo(&look, facts, arena, out_path, out_before, out_after);
    return ar_fail(AR_CONFLICT, "role %.*s of %.*s is no rule of sudo and no group; end it by hand",
                   AR_FMT(facts->role), AR_FMT(facts->path));
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

static ar_err answer_plan(const char *root, const ar_node *map, ar_arena *arena, ar_buf *out)
{
    ar_str file = AR_LIT("request"), before, after;
    ar_host_facts f = { 0 };
    const char *path;

    AR_TRY(ar_node_text(file, map, "host", true, &f.host));
    AR_TRY(ar_node_text(file, map, "who", true, &f.who));
    AR_TRY(ar_node_text(file, map, "role", true, &f.role));
    AR_TRY(ar_node_text(file, map, "path", true, &f.path));
    AR_TRY(ar_node_text(file, map, "scope", true, &f.scope));
    AR_TRY(ar_node_bool(file, map, "nopasswd", true, &f.nopasswd));
    AR_TRY(ar_node_int(file, map, "until", true, &f.until));
    AR_TRY(ar_host_plan(root, &f, arena, &path, &before, &after));
    ar_buf_addz(out, "{\"path\":");
    ar_json_text(out, ar_str_of(path));
    ar_buf_addz(out, ",\"before\":");
    ar_json_text(out, before);
    ar_buf_addz(out, ",\"after\":");
    ar_json_text(out, after);
    ar_buf_addz(out, "}");
    return ar_ok();
}

static ar_err answer_replace(const char *root, const ar_node *map, ar_arena *arena)
{
    ar_str file = AR_LIT("request"), path, was, text;

    AR_TRY(ar_node_text(file, map, "path", true, &path));
    AR_TRY(ar_node_text(file, map, "was", true, &was));
    AR_TRY(ar_node_text(file, map, "text", true, &text));
    return ar_host_replace(root, ar_arena_cstr(arena, path), was, text, arena);
}

static ar_err answer(const char *root, ar_arena *arena, ar_buf *out)
{
    ar_str file = AR_LIT("request"), text;
    const ar_node *map;
    ar_node *request;

    AR_TRY(ar_fd_read_all(STDIN_FILENO, file, REQUEST_MAX, arena, &text));
    AR_TRY(ar_json_parse(file, text, NULL, arena, &request));
    map = ar_node_get(request, AR_LIT("plan"));
    if (map != NULL) return answer_plan(root, map, arena, out);
    map = ar_node_get(request, AR_LIT("replace"));
    if (map != NULL) return answer_replace(root, map, arena);
    return ar_fail(AR_INVALID, "want plan or replace");
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
