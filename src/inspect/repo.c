#include "inspect/repo.h"

#include "inspect/codeowners.h"
#include "inspect/giturl.h"
#include "inspect/passwd.h"
#include "inspect/pipeline.h"
#include "inspect/words.h"
#include "sys/sandbox.h"

#include <fcntl.h>
#include <git2.h>
#include <stdlib.h>
#include <unistd.h>

#define FREED(type)                                    \
    [[maybe_unused]] static void type##_drop(type **p) \
    {                                                  \
        type##_free(*p);                               \
    }
FREED(git_repository)
FREED(git_reference)
FREED(git_revwalk)
FREED(git_config)
FREED(git_commit)
FREED(git_index)
FREED(git_tree)
FREED(git_tree_entry)
FREED(git_blob)
FREED(git_odb)
FREED(git_object)
#define held(type) __attribute__((cleanup(type##_drop))) type *

typedef struct repo {
    const ar_found_repo *found;
    git_repository *git;
    const ar_repo_place *place;
    ar_str id;
    ar_arena *arena;
    ar_report *report;
    ar_str url;   /* of origin, or of the only remote */
    bool any_ssh; /* a remote is reached over SSH */
    bool has_remote;
    ar_str branch;      /* default */
    const char **reads; /* the folders it consists of, as descriptors that stay open */
    size_t n_reads, cap_reads;
    git_oid head;
    bool has_head;
} repo;

void ar_repo_init(void)
{
    static const int levels[] = { GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL,
                                  GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_PROGRAMDATA };

    (void)git_libgit2_init();
    /* we read other people's repositories on purpose, and run nothing of them */
    (void)git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    (void)git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)(64 << 20));
    (void)git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)512 << 20);
    for (size_t i = 0; i < AR_COUNT(levels); i++)
        (void)git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
}

static ar_err git_failed(const repo *r, const char *what)
{
    const git_error *e = git_error_last();

    return ar_fail(AR_INVALID, "%.*s: %s: %s", AR_FMT(r->found->path), what,
                   e == NULL ? "unknown" : e->message);
}

/* libgit2 opens these by name and would wait on a pipe for ever. */
static ar_err check_folder(const repo *r, const char *folder)
{
    static const char *const names[] = {
        "HEAD",  "config",  "config.worktree", "packed-refs",
        "index", "shallow", "commondir",       "objects/info/alternates"
    };

    for (size_t i = 0; i < AR_COUNT(names); i++) {
        const char *path = ar_path_join(r->arena, folder, names[i]);
        struct stat st;

        if (lstat(path, &st) != 0) continue;
        if (!S_ISREG(st.st_mode)) return ar_fail(AR_INVALID, "%s: not a regular file", path);
        if (st.st_size > AR_REPO_INDEX_MAX)
            return ar_fail(AR_LIMIT, "%s: longer than %d bytes", path, (int)AR_REPO_INDEX_MAX);
    }
    return ar_ok();
}

/* The folder that the first line of a small file names, behind `prefix`, seen from `base`. */
static ar_err read_pointer(const repo *r, const char *base, const char *name, ar_str prefix,
                           const char **out_folder)
{
    ar_look_file file;
    ar_str line;

    AR_TRY(ar_look_read_own(r->place->files, base, name, 4096, false, r->arena, &file));
    if (!ar_line(&file.text, &line) || !ar_str_starts(line, prefix))
        return ar_fail(AR_INVALID, "%s/%s: names no folder", base, name);
    const char *to = ar_arena_cstr(r->arena, ar_str_trim(ar_str_cut(line, prefix.len, line.len)));
    *out_folder = to[0] == '/' ? to : ar_path_join(r->arena, base, to);
    return ar_ok();
}

/* Another's folder is not read under the name of this one; root's lends to all. It stays open as
 * long as this process: a moment later its path may lead to another. */
static ar_err take_folder(repo *r, const char *folder)
{
    int fd = open(folder, O_PATH | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) return ar_fail_errno("%s", folder);
    if (st.st_uid != 0 && st.st_uid != r->found->uid)
        return ar_fail(
            AR_DENIED,
            "%.*s: %s is of uid %u, the repository of uid %lld (want one owner, or root)",
            AR_FMT(r->found->path), folder, st.st_uid, (long long)r->found->uid);
    ar_grow(r->arena, r->reads, r->n_reads, r->cap_reads);
    r->reads[r->n_reads++] = ar_arena_printf(r->arena, "/proc/self/fd/%d", fd).ptr;
    return ar_ok();
}

/* Where we cannot become the owner, what the owner could not read must not be read for them. */
static ar_err check_no_includes(const repo *r, const char *folder)
{
    ar_look_file file;

    if (r->found->uid == (int64_t)geteuid()) return ar_ok();

    ar_err err = ar_look_read_own(r->place->files, folder, "config", AR_LOOK_FILE_MAX, false,
                                  r->arena, &file);
    if (err.code == AR_NOT_FOUND) return ar_ok();
    AR_TRY(err);
    for (ar_str rest = file.text; ar_str_find(rest, '[') < rest.len;) {
        rest = ar_str_cut(rest, ar_str_find(rest, '[') + 1, rest.len);

        ar_str section = rest;
        ar_str word = ar_word(&section);

        if (word.len >= strlen("include") &&
            ar_str_same(ar_str_cut(word, 0, strlen("include")), AR_LIT("include")))
            return ar_fail(AR_DENIED, "%s/config: includes a file, and is another's", folder);
    }
    return ar_ok();
}

/* Objects may be borrowed from elsewhere; gitrepository-layout(5) "objects/info/alternates". */
static ar_err check_alternates(repo *r, const char *folder)
{
    const char *objects = ar_path_join(r->arena, folder, "objects");
    ar_look_file file;
    ar_str line;

    ar_err err = ar_look_read_own(r->place->files, objects, "info/alternates", AR_LOOK_FILE_MAX,
                                  false, r->arena, &file);
    if (err.code == AR_NOT_FOUND) return ar_ok();
    AR_TRY(err);
    while (ar_line(&file.text, &line)) {
        const char *to = ar_arena_cstr(r->arena, ar_str_trim(line));

        if (to[0] == '\0' || to[0] == '#') continue;
        AR_TRY(take_folder(r, to[0] == '/' ? to : ar_path_join(r->arena, objects, to)));
    }
    return ar_ok();
}

static ar_err check_store(repo *r, const char *folder)
{
    AR_TRY(take_folder(r, folder));
    AR_TRY(check_folder(r, folder));
    AR_TRY(check_no_includes(r, folder));
    return check_alternates(r, folder);
}

/* A second work tree keeps its own HEAD and index, and has the rest in the repository it is of. */
static ar_err check_files(repo *r)
{
    const char *folder = r->found->git.ptr, *common;

    if (r->found->linked)
        AR_TRY(read_pointer(r, r->found->path.ptr, ".git", AR_LIT("gitdir: "), &folder));
    AR_TRY(take_folder(r, folder));
    AR_TRY(check_folder(r, folder));
    ar_err err = read_pointer(r, folder, "commondir", (ar_str){ 0 }, &common);
    return check_store(r, err.code == AR_OK ? common : folder);
}

/* Where we cannot become the owner, a link of theirs anywhere in it would be followed as us: then
 * all that can be read must be theirs, the folder around it too. */
static ar_err shut_in(repo *r)
{
    if (r->found->uid == (int64_t)geteuid()) return ar_ok();
    AR_TRY(take_folder(r, r->found->path.ptr));

    const char **paths = ar_make_n(r->arena, const char *, r->n_reads + 2);
    ar_sandbox_state state;

    paths[0] = ar_path_join(r->arena, r->place->host_look->root_path.ptr, "etc/passwd");
    memcpy(paths + 1, r->reads, r->n_reads * sizeof *paths);
    AR_TRY(ar_sandbox_enter(&(ar_sandbox){ .read_paths = paths }, &state));
    if (state.landlock) return ar_ok();
    return ar_fail(AR_DENIED,
                   "%.*s: is another's, and this kernel (without Landlock) would follow links out "
                   "of it; root reads it as its owner",
                   AR_FMT(r->found->path));
}

static bool config_text(const repo *r, const char *key, ar_str *out_value)
{
    held(git_config) config = NULL;
    git_buf value = { 0 };

    if (git_repository_config_snapshot(&config, r->git) != 0) return false;
    if (git_config_get_string_buf(&value, config, key) != 0) return false;
    *out_value = ar_arena_copy(r->arena, (ar_str){ value.ptr, value.size });
    git_buf_dispose(&value);
    return true;
}

static void add_remote(repo *r, ar_str name, ar_str url)
{
    bool is_url = ar_str_ends(name, AR_LIT(".url"));

    if (!ar_str_starts(name, AR_LIT("remote.")) ||
        (!is_url && !ar_str_ends(name, AR_LIT(".pushurl"))))
        return;
    r->has_remote = true;
    if (url.len > AR_REPO_URL_MAX) {
        ar_report_could_not(r->report, "repo.remote_url",
                            ar_arena_printf(r->arena, "%.*s: longer than %d bytes",
                                            AR_FMT(r->found->path), (int)AR_REPO_URL_MAX));
        return;
    }
    r->any_ssh |= ar_git_url_cut(url, r->arena).ssh;
    /* it is called origin nearly always; else the first one counts */
    if (is_url && (r->url.len == 0 || ar_str_eq(name, AR_LIT("remote.origin.url"))))
        r->url = ar_arena_copy(r->arena, url);
}

/* Read from the configuration: libgit2's own list of remotes goes through patterns, and loses 20 kB
 * for each entry compared (1.5.1). */
static void read_remotes(repo *r)
{
    held(git_config) config = NULL;
    git_config_iterator *entries;
    git_config_entry *e;

    if (git_repository_config_snapshot(&config, r->git) != 0 ||
        git_config_iterator_new(&entries, config) != 0)
        return;
    while (git_config_next(&e, entries) == 0)
        if (e->value != NULL) add_remote(r, ar_str_of(e->name), ar_str_of(e->value));
    git_config_iterator_free(entries);
}

/* Where it lies; of a second work tree, where the repository lies that it is of. */
static ar_str place_of(const repo *r)
{
    ar_str common = ar_str_of(git_repository_commondir(r->git));

    if (!git_repository_is_worktree(r->git)) return r->found->path;
    if (ar_str_ends(common, AR_LIT("/"))) common.len--;
    if (ar_str_ends(common, AR_LIT("/.git"))) common.len -= strlen("/.git");
    return common;
}

/* Where it is fetched from names it in the whole organisation; without that, its place does. */
static void name_it(repo *r)
{
    ar_git_url url = ar_git_url_cut(r->url, r->arena);

    if (url.host.len > 0 && url.path.len > 0)
        r->id = ar_arena_printf(r->arena, "%.*s/%.*s", AR_FMT(url.host), AR_FMT(url.path));
    else
        r->id = ar_arena_printf(r->arena, "%.*s%.*s", AR_FMT(r->place->host), AR_FMT(place_of(r)));
}

static bool resolve(repo *r, const char *ref)
{
    return git_reference_name_to_id(&r->head, r->git, ref) == 0;
}

static bool try_branch(repo *r, ar_str branch)
{
    const char *remote = ar_arena_printf(r->arena, "refs/remotes/origin/%.*s", AR_FMT(branch)).ptr;
    const char *local = ar_arena_printf(r->arena, "refs/heads/%.*s", AR_FMT(branch)).ptr;

    if (!resolve(r, remote) && !resolve(r, local)) return false;
    r->branch = branch;
    return r->has_head = true;
}

static ar_str symbolic(const repo *r, const char *name, ar_str prefix)
{
    held(git_reference) ref = NULL;

    if (git_reference_lookup(&ref, r->git, name) != 0) return (ar_str){ 0 };
    ar_str target = ar_str_of(git_reference_symbolic_target(ref));
    if (!ar_str_starts(target, prefix)) return (ar_str){ 0 };
    return ar_arena_copy(r->arena, ar_str_cut(target, prefix.len, target.len));
}

/* A bare repository's own HEAD. Of a clone, what the remote calls its HEAD; when it never asked,
 * main or master: our own is whatever someone works on. */
static void find_default_branch(repo *r)
{
    ar_str own = symbolic(r, "HEAD", AR_LIT("refs/heads/"));
    ar_str remote = symbolic(r, "refs/remotes/origin/HEAD", AR_LIT("refs/remotes/origin/"));
    bool clone = r->has_remote && !r->found->bare;

    if (clone && remote.len > 0 && try_branch(r, remote)) return;
    if (clone && (try_branch(r, AR_LIT("main")) || try_branch(r, AR_LIT("master")))) return;
    if (own.len > 0 && try_branch(r, own)) return;
    r->branch = own; /* nothing committed yet */
}

/* ---- history ---- */

typedef struct author {
    ar_str email;
    double weight;
    ar_time last;
} author;

typedef struct history {
    size_t commits, signed_of, signed_n;
    bool whole;
    ar_time first, last;
    author *authors;
    size_t n_authors, cap_authors;
    double weight;
} history;

static ar_time commit_time(const git_commit *commit)
{
    int64_t seconds = git_commit_time(commit);

    return seconds > 0 && seconds <= AR_TIME_MAX / AR_SECOND ? seconds * AR_SECOND : 0;
}

/* Half as much for each half year: who works on it now answers for it. */
static double weight_of(ar_time at, ar_time now)
{
    double weight = 1;

    for (ar_time age = now - at; age > 180 * AR_DAY && weight > 0.001; age -= 180 * AR_DAY)
        weight /= 2;
    return weight;
}

static void count_author(const repo *r, history *h, const git_commit *commit, ar_time at)
{
    const git_signature *who = git_commit_author(commit);
    ar_str email = who == NULL ? (ar_str){ 0 } : ar_str_trim(ar_str_of(who->email));
    double weight = weight_of(at, r->place->files->now);
    size_t i = 0;

    if (email.len == 0 || email.len > 254) return;
    while (i < h->n_authors && !ar_str_same(h->authors[i].email, email)) i++;
    if (i == h->n_authors) {
        ar_grow(r->arena, h->authors, h->n_authors, h->cap_authors);
        h->authors[h->n_authors++] = (author){ .email = ar_arena_copy(r->arena, email) };
    }
    h->authors[i].weight += weight;
    if (at > h->authors[i].last) h->authors[i].last = at;
    h->weight += weight;
}

static bool is_signed(const git_commit *commit)
{
    ar_str line, header = ar_str_of(git_commit_raw_header(commit));

    while (ar_line(&header, &line))
        if (ar_str_starts(line, AR_LIT("gpgsig "))) return true;
    return false;
}

static void walk(const repo *r, history *h)
{
    held(git_revwalk) walk = NULL;
    git_oid oid;

    h->whole = git_repository_is_shallow(r->git) == 0;
    if (git_revwalk_new(&walk, r->git) != 0 || git_revwalk_push(walk, &r->head) != 0) {
        h->whole = false;
        return;
    }
    git_revwalk_sorting(walk, GIT_SORT_TIME);
    for (;;) {
        held(git_commit) commit = NULL;
        int next = git_revwalk_next(&oid, walk);

        if (next == GIT_ITEROVER) return;
        if (next != 0 || h->commits == AR_REPO_COMMITS_MAX ||
            git_commit_lookup(&commit, r->git, &oid) != 0) {
            h->whole = false;
            return;
        }
        ar_time at = commit_time(commit);
        if (h->commits == 0) h->last = at;
        if (at != 0) h->first = at;
        if (h->commits < AR_REPO_AUTHORS_OF) count_author(r, h, commit, at);
        if (h->commits < AR_REPO_SIGNED_OF) {
            h->signed_of++;
            h->signed_n += is_signed(commit);
        }
        h->commits++;
    }
}

static int heavier(const void *a, const void *b)
{
    const author *x = a, *y = b;

    if (x->weight != y->weight) return x->weight > y->weight ? -1 : 1;
    return ar_str_cmp(x->email, y->email);
}

/* ---- files of the default branch ---- */

/* Text of a file in the tree at HEAD; false when absent, no file, or too large. */
static bool read_blob(const repo *r, const git_oid *oid, ar_str *out_text)
{
    held(git_odb) odb = NULL;
    held(git_blob) blob = NULL;
    size_t len;
    git_object_t type;

    if (git_repository_odb(&odb, r->git) != 0 || git_odb_read_header(&len, &type, odb, oid) != 0 ||
        type != GIT_OBJECT_BLOB || len > AR_REPO_BLOB_MAX ||
        git_blob_lookup(&blob, r->git, oid) != 0)
        return false;
    *out_text = ar_arena_copy(
        r->arena, (ar_str){ git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob) });
    return true;
}

static bool open_tree(const repo *r, git_tree **out_tree)
{
    held(git_commit) commit = NULL;

    return r->has_head && git_commit_lookup(&commit, r->git, &r->head) == 0 &&
           git_commit_tree(out_tree, commit) == 0;
}

static bool read_file(const repo *r, const git_tree *tree, const char *path, ar_str *out_text)
{
    held(git_tree_entry) entry = NULL;

    return git_tree_entry_bypath(&entry, tree, path) == 0 &&
           git_tree_entry_type(entry) == GIT_OBJECT_BLOB &&
           read_blob(r, git_tree_entry_id(entry), out_text);
}

/* In the order in which GitHub and GitLab look. */
static bool read_codeowners(const repo *r, const git_tree *tree, ar_str *out_text)
{
    static const char *const paths[] = { ".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS",
                                         ".gitlab/CODEOWNERS" };

    for (size_t i = 0; i < AR_COUNT(paths); i++)
        if (read_file(r, tree, paths[i], out_text)) return true;
    return false;
}

static void report_pipeline(const repo *r, const char *path, const char *system, ar_str text)
{
    bool github = strcmp(system, "github") == 0;
    ar_pipeline p;

    ar_pipeline_read(text, &p);
    AR_ROW(r->report, "pipeline", ar_arena_printf(r->arena, "%.*s:%s", AR_FMT(r->id), path),
           { "name", ar_textz(path) }, { "repo_id", ar_text(r->id) }, { "path", ar_textz(path) },
           { "system", ar_textz(system) },
           { "pinned_share",
             p.foreign == 0 ? ar_null() : ar_double((double)p.pinned / (double)p.foreign) },
           { "runner_pool", ar_text_or_null(p.runner) },
           /* only GitHub's triggers and secrets stand in the file itself */
           { "uses_secrets", github ? ar_bool(p.uses_secrets) : ar_null() },
           { "untrusted_trigger", github ? ar_bool(p.untrusted_trigger) : ar_null() },
           { "provenance", p.provenance ? ar_bool(true) : ar_null() });
}

static void look_at_file(const repo *r, const char *folder, const git_tree_entry *e)
{
    const char *name = git_tree_entry_name(e);
    const char *path = folder == NULL ? name : ar_path_join(r->arena, folder, name);
    const char *system = ar_pipeline_system(ar_str_of(path));
    ar_str text;

    if (system != NULL && git_tree_entry_type(e) == GIT_OBJECT_BLOB &&
        read_blob(r, git_tree_entry_id(e), &text))
        report_pipeline(r, path, system, text);
}

static void look_for_pipelines(const repo *r, const git_tree *tree)
{
    static const char *const folders[] = { ".github/workflows", ".azure-pipelines",
                                           ".circleci",         ".tekton",
                                           ".woodpecker",       ".forgejo/workflows",
                                           ".gitea/workflows" };

    for (size_t i = 0; i < git_tree_entrycount(tree); i++)
        look_at_file(r, NULL, git_tree_entry_byindex(tree, i));
    for (size_t i = 0; i < AR_COUNT(folders); i++) {
        held(git_tree_entry) entry = NULL;
        held(git_tree) below = NULL;

        if (git_tree_entry_bypath(&entry, tree, folders[i]) != 0 ||
            git_tree_lookup(&below, r->git, git_tree_entry_id(entry)) != 0)
            continue;
        for (size_t k = 0; k < git_tree_entrycount(below) && k < AR_REPO_PIPELINES_MAX; k++)
            look_at_file(r, folders[i], git_tree_entry_byindex(below, k));
    }
}

/* ---- owners ---- */

static void report_owners(const repo *r, const history *h, ar_str codeowners)
{
    ar_str owners[AR_CODEOWNERS_MAX];
    size_t n = ar_codeowners_of_all(codeowners, r->arena, owners);

    for (size_t i = 0; i < n; i++)
        ar_report_owner(r->report, "repo", r->id, owners[i], "codeowners", i == 0 ? 0.9 : 0.85,
                        h->last != 0 ? h->last : r->place->files->now);
    for (size_t i = 0; i < h->n_authors && i < 3; i++)
        ar_report_owner(r->report, "repo", r->id,
                        ar_arena_printf(r->arena, "person:%.*s", AR_FMT(h->authors[i].email)),
                        "git_history", 0.2 + 0.4 * h->authors[i].weight / h->weight,
                        h->authors[i].last != 0 ? h->authors[i].last : r->place->files->now);
}

static void report_file_owner(const repo *r)
{
    ar_account *accounts;
    size_t n;

    if (r->found->uid == 0 || r->found->uid == AR_FINDER_NOBODY ||
        ar_passwd_load(r->place->host_look, r->arena, &accounts, &n).code != AR_OK)
        return;
    for (size_t i = 0; i < n; i++)
        if (accounts[i].uid == r->found->uid) {
            ar_report_owner(r->report, "repo", r->id,
                            ar_arena_printf(r->arena, "person:%.*s", AR_FMT(accounts[i].name)),
                            "file_owner", 0.2, r->place->files->now);
            return;
        }
}

/* ---- hooks, settings, sizes ---- */

static const char *hooks_folder(const repo *r)
{
    ar_str set;

    if (!config_text(r, "core.hookspath", &set) || set.len == 0)
        return ar_path_join(r->arena, git_repository_commondir(r->git), "hooks");
    if (set.ptr[0] == '/') return set.ptr;
    return ar_path_join(r->arena, r->found->path.ptr, set.ptr);
}

static void look_for_hooks(const repo *r)
{
    static const char *const events[] = {
        "applypatch-msg",     "pre-applypatch",
        "post-applypatch",    "pre-commit",
        "pre-merge-commit",   "prepare-commit-msg",
        "commit-msg",         "post-commit",
        "pre-rebase",         "post-checkout",
        "post-merge",         "pre-push",
        "pre-receive",        "update",
        "proc-receive",       "post-receive",
        "post-update",        "reference-transaction",
        "push-to-checkout",   "pre-auto-gc",
        "post-rewrite",       "sendemail-validate",
        "fsmonitor-watchman", "post-index-change",
    };
    const char *folder = hooks_folder(r);

    for (size_t i = 0; i < AR_COUNT(events); i++) {
        const char *path = ar_path_join(r->arena, folder, events[i]);
        struct stat st;

        if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) continue;
        AR_ROW(r->report, "hook", ar_arena_printf(r->arena, "%.*s:%s", AR_FMT(r->id), events[i]),
               { "name", ar_textz(events[i]) }, { "repo_id", ar_text(r->id) },
               { "event", ar_textz(events[i]) }, { "command", ar_textz(path) },
               { "executable", ar_bool((st.st_mode & 0111) != 0) });
    }
}

/* What a repository that takes pushes refuses by itself; git-config(1) "receive". */
static void report_settings(const repo *r)
{
    static const struct {
        const char *key, *standard;
    } keys[] = {
        { "receive.denyNonFastForwards", "false" },
        { "receive.denyDeletes", "false" },
        { "receive.fsckObjects", "false" },
    };

    for (size_t i = 0; i < AR_COUNT(keys); i++) {
        ar_str value = ar_str_of(keys[i].standard);
        int on = 0;
        bool set = config_text(r, keys[i].key, &value);

        (void)git_config_parse_bool(&on, ar_arena_cstr(r->arena, value));
        AR_ROW(r->report, "setting",
               ar_arena_printf(r->arena, "%.*s:%s", AR_FMT(r->id), keys[i].key),
               { "name", ar_textz(keys[i].key) }, { "device_id", ar_text(r->place->host) },
               { "area", ar_textz("git") }, { "key", ar_textz(keys[i].key) },
               { "value", ar_text(value) }, { "recommended", ar_textz("true") },
               { "ok", ar_bool(on != 0) },
               { "path",
                 set ? ar_textz(ar_path_join(r->arena, r->found->git.ptr, "config")) : ar_null() });
    }
}

static int64_t folder_bytes(const char *path, ar_arena *arena)
{
    ar_str *names;
    size_t n;
    int64_t bytes = 0;

    if (ar_dir_list(path, arena, &names, &n).code != AR_OK) return 0;
    for (size_t i = 0; i < n; i++) {
        struct stat st;

        if (lstat(ar_path_join(arena, path, names[i].ptr), &st) == 0 && S_ISREG(st.st_mode))
            bytes += st.st_size;
    }
    return bytes;
}

/* Packs and loose objects. */
static int64_t object_bytes(const repo *r)
{
    const char *objects = ar_path_join(r->arena, git_repository_commondir(r->git), "objects");
    int64_t bytes = folder_bytes(ar_path_join(r->arena, objects, "pack"), r->arena);

    for (int i = 0; i < 256; i++)
        bytes += folder_bytes(ar_arena_printf(r->arena, "%s/%02x", objects, i).ptr, r->arena);
    return bytes;
}

static int stop_at_change(const char *path, unsigned status, void *found)
{
    (void)path, (void)status;
    *(bool *)found = true;
    return GIT_EUSER;
}

/* A link to elsewhere in the configuration would have us tell whether files there are as an index
 * says. */
static bool has_own_worktree(const repo *r)
{
    const char *work = git_repository_workdir(r->git);
    struct stat named, found;

    return work != NULL && stat(work, &named) == 0 && stat(r->found->path.ptr, &found) == 0 &&
           named.st_dev == found.st_dev && named.st_ino == found.st_ino;
}

/* The index keeps 32 bits of a size: a file of 4 GiB looks like an empty one, and is read whole. */
static bool has_large_files(const repo *r, git_index *index)
{
    for (size_t i = 0; i < git_index_entrycount(index); i++) {
        const char *name = git_index_get_byindex(index, i)->path;
        struct stat st;

        if (lstat(ar_path_join(r->arena, r->found->path.ptr, name), &st) == 0 &&
            S_ISREG(st.st_mode) && st.st_size > AR_REPO_WORK_FILE_MAX)
            return true;
    }
    return false;
}

/* Compares the work tree as git status does, without looking into submodules. */
static void look_at_worktree(const repo *r, ar_value *out_dirty, ar_value *out_files)
{
    git_status_options options;
    held(git_index) index = NULL;
    bool dirty = false;

    if (r->found->bare || git_repository_index(&index, r->git) != 0) return;
    *out_files = ar_int((int64_t)git_index_entrycount(index));
    if (git_index_entrycount(index) > AR_REPO_DIRTY_FILES_MAX || !has_own_worktree(r) ||
        has_large_files(r, index))
        return;
    (void)git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION);
    options.flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
    int err = git_status_foreach_ext(r->git, &options, stop_at_change, &dirty);
    if (err == 0 || dirty) *out_dirty = ar_bool(dirty);
}

static ar_value time_or_null(ar_time at)
{
    return at == 0 ? ar_null() : ar_at(at);
}

static void report_repo(const repo *r, const history *h, ar_value has_codeowners)
{
    ar_value dirty = ar_null(), files = ar_null();
    char oid[GIT_OID_HEXSZ + 1] = "";

    look_at_worktree(r, &dirty, &files);
    git_oid_tostr(oid, sizeof oid, &r->head);
    AR_ROW(
        r->report, "repo", r->id, { "name", ar_text(ar_last_part(r->id)) },
        { "device_id", ar_text(r->place->host) }, { "path", ar_text(r->found->path) },
        { "remote_url", r->url.len == 0 ? ar_null() : ar_text(ar_git_url_clean(r->url, r->arena)) },
        { "ssh_enabled", r->any_ssh ? ar_bool(true) : ar_null() },
        { "default_branch", ar_text_or_null(r->branch) },
        { "head_commit", r->has_head ? ar_textz(oid) : ar_null() },
        { "last_commit_at", time_or_null(h->last) },
        { "created_at", h->whole ? time_or_null(h->first) : ar_null() },
        { "commit_count", h->whole ? ar_int((int64_t)h->commits) : ar_null() },
        { "codeowners", has_codeowners },
        { "signed_commits_share",
          h->signed_of == 0 ? ar_null() : ar_double((double)h->signed_n / (double)h->signed_of) },
        { "worktree_dirty", dirty }, { "file_count", files },
        { "size_bytes", ar_int(object_bytes(r)) });
}

static void look_at_content(repo *r)
{
    held(git_tree) tree = NULL;
    history h = { 0 };
    ar_str codeowners = { 0 };
    ar_value has_codeowners = ar_null();

    if (r->has_head) walk(r, &h);
    if (h.n_authors > 1) qsort(h.authors, h.n_authors, sizeof *h.authors, heavier);
    if (open_tree(r, &tree)) {
        has_codeowners = ar_bool(read_codeowners(r, tree, &codeowners));
        look_for_pipelines(r, tree);
    }
    report_repo(r, &h, has_codeowners);
    report_owners(r, &h, codeowners);
    report_file_owner(r);
    look_for_hooks(r);
    if (r->found->bare) report_settings(r);
}

ar_err ar_repo_look(const ar_found_repo *found, const ar_repo_place *place, ar_arena *arena,
                    ar_report *report)
{
    held(git_repository) git = NULL;
    repo r = { .found = found, .place = place, .arena = arena, .report = report };

    AR_TRY(check_files(&r));
    AR_TRY(shut_in(&r));
    if (git_repository_open_ext(&git, found->git.ptr, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) != 0)
        return git_failed(&r, "cannot be opened");
    r.git = git;
    read_remotes(&r);
    name_it(&r);
    find_default_branch(&r);
    look_at_content(&r);
    return ar_ok();
}
