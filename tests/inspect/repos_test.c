#include "inspect/repochild.h"
#include "sys/proc.h"
#include "tree.h"

#include <git2.h>
#include <grp.h>
#include <sys/wait.h>

#define OK(call) T_INT((call), 0)

/* A repository of `n` commits by `email`, the first a day after the epoch of the tree's clock. */
static git_repository *make_repo(tree *t, const char *path, bool bare)
{
    git_repository *repo = NULL;
    git_repository_init_options options;

    (void)git_libgit2_init();
    (void)git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    OK(git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION));
    options.flags = GIT_REPOSITORY_INIT_MKPATH | (bare ? GIT_REPOSITORY_INIT_BARE : 0);
    options.initial_head = "main";
    OK(git_repository_init_ext(&repo, tree_path(t, path), &options));
    return repo;
}

/* Commits everything in the work tree. */
static void commit(git_repository *repo, const char *email, ar_time at, bool is_signed)
{
    git_index *index;
    git_tree *content;
    git_signature *who;
    git_oid tree_id, id, parent_id;
    git_commit *parent = NULL;
    char *all[] = { (char[]){ "*" } };
    git_strarray paths = { all, 1 };
    git_buf text = { 0 };

    OK(git_repository_index(&index, repo));
    OK(git_index_add_all(index, &paths, 0, NULL, NULL));
    OK(git_index_write(index));
    OK(git_index_write_tree(&tree_id, index));
    OK(git_tree_lookup(&content, repo, &tree_id));
    OK(git_signature_new(&who, "Someone", email, at / AR_SECOND, 0));
    if (git_reference_name_to_id(&parent_id, repo, "HEAD") == 0)
        OK(git_commit_lookup(&parent, repo, &parent_id));
    const git_commit *parents[] = { parent };
    OK(git_commit_create_buffer(&text, repo, who, who, NULL, "x\n", content, parent != NULL,
                                parents));
    if (is_signed) {
        git_reference *ref;

        OK(git_commit_create_with_signature(&id, repo, text.ptr, "made", NULL));
        OK(git_reference_create(&ref, repo, "refs/heads/main", &id, 1, NULL));
        git_reference_free(ref);
    } else {
        OK(git_commit_create(&id, repo, "HEAD", who, who, NULL, "x\n", content, parent != NULL,
                             parents));
    }
    git_buf_dispose(&text);
    git_commit_free(parent);
    git_signature_free(who);
    git_tree_free(content);
    git_index_free(index);
}

static void set(git_repository *repo, const char *key, const char *value)
{
    git_config *config;

    OK(git_repository_config(&config, repo));
    OK(git_config_set_string(config, key, value));
    git_config_free(config);
}

static const ar_node *owner_row(const tree *t, const char *of, const char *evidence)
{
    for (size_t i = 0; i < t->n; i++)
        if (tree_says(t->rows[i], "owner_of", of) && tree_says(t->rows[i], "evidence", evidence))
            return t->rows[i];
    return NULL;
}

TEST(a_repository_is_told_by_where_it_is_fetched_from)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository *repo = make_repo(&t, "/srv/tool", false);
    set(repo, "remote.origin.url", "git@Git.Example.org:team/tool.git");
    set(repo, "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*");
    tree_file(&t, "/srv/tool/CODEOWNERS", "* @team/core ada@example.org\n");
    tree_file(&t, "/srv/tool/.github/workflows/ci.yml",
              "on: push\njobs:\n  a:\n    runs-on: big\n    steps:\n    - uses: a/b@v1\n");
    tree_file(&t, "/srv/tool/a.txt", "1");
    commit(repo, "old@example.org", tree_now - 1000 * AR_DAY, false);
    tree_file(&t, "/srv/tool/a.txt", "2");
    commit(repo, "old@example.org", tree_now - 900 * AR_DAY, false);
    tree_file(&t, "/srv/tool/a.txt", "3");
    commit(repo, "ada@example.org", tree_now - 2 * AR_DAY, true);
    git_repository_free(repo);

    tree_look_repos(&t, tree_path(&t, "/srv"));
    const char *id = "git.example.org/team/tool";
    T_FACT(&t, "repo", id, "name", "tool");
    T_FACT(&t, "repo", id, "ssh_enabled", "true");
    T_FACT(&t, "repo", id, "default_branch", "main");
    T_FACT(&t, "repo", id, "commit_count", "3");
    T_FACT(&t, "repo", id, "codeowners", "true");
    T_FACT(&t, "repo", id, "file_count", "3");
    T_FACT(&t, "repo", id, "worktree_dirty", "false");
    T_FACT(&t, "repo", id, "last_commit_at", "2026-11-19T12:00:00Z");
    T_FACT(&t, "repo", id, "created_at", "2024-02-25T12:00:00Z");
    T_FACT(&t, "repo", id, "prod_branch_protected", "");
    T_FACT(&t, "repo", id, "push_protection", "");
    T_STR(tree_value(owner_row(&t, "repo:git.example.org/team/tool", "codeowners"), "owner"),
          "team:team/core");
    T_STR(tree_value(owner_row(&t, "repo:git.example.org/team/tool", "git_history"), "owner"),
          "person:ada@example.org");
    T_FACT(&t, "pipeline", "git.example.org/team/tool:.github/workflows/ci.yml", "pinned_share",
           "0.0");
    T_FACT(&t, "pipeline", "git.example.org/team/tool:.github/workflows/ci.yml", "runner_pool",
           "big");
    double share = ar_node_get(tree_row(&t, "repo", id), AR_LIT("signed_commits_share"))->d;
    T_TRUE(share > 0.33 && share < 0.34);
}

TEST(hooks_are_seen_and_never_run)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository *repo = make_repo(&t, "/srv/one", false);
    const char *run = ar_arena_printf(&t.arena, "#!/bin/sh\ntouch %s/ran\n", t.root).ptr;
    tree_bytes(&t, "/srv/one/.git/hooks/pre-commit", ar_str_of(run), 0755);
    tree_bytes(&t, "/srv/one/.git/hooks/post-index-change", ar_str_of(run), 0755);
    tree_bytes(&t, "/srv/one/.git/hooks/update", ar_str_of(run), 0644);
    tree_bytes(&t, "/srv/one/.git/hooks/pre-push.sample", ar_str_of(run), 0755);
    set(repo, "core.fsmonitor", tree_path(&t, "/srv/one/.git/hooks/pre-commit"));
    set(repo, "filter.x.clean", tree_path(&t, "/srv/one/.git/hooks/pre-commit"));
    set(repo, "filter.x.smudge", tree_path(&t, "/srv/one/.git/hooks/pre-commit"));
    tree_file(&t, "/srv/one/.gitattributes", "* filter=x\n");
    tree_file(&t, "/srv/one/a", "1");
    commit(repo, "a@example.org", tree_now - AR_DAY, false);
    tree_file(&t, "/srv/one/a", "2");
    git_repository_free(repo);

    tree_look_repos(&t, tree_path(&t, "/srv"));
    T_TRUE(!ar_file_exists(tree_path(&t, "/ran")));
    T_INT(tree_count(&t, "hook"), 3);
    const ar_node *update = tree_where(&t, "hook", "event", "update");
    T_STR(tree_value(update, "executable"), "false");
    T_STR(tree_value(tree_where(&t, "hook", "event", "pre-commit"), "executable"), "true");
    T_STR(tree_value(tree_where(&t, "repo", "name", "one"), "worktree_dirty"), "true");
}

TEST(a_bare_repository_tells_what_it_refuses)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository *repo = make_repo(&t, "/srv/git/x.git", true);
    set(repo, "receive.denyNonFastForwards", "yes");
    git_repository_free(repo);

    tree_look_repos(&t, tree_path(&t, "/srv"));
    const char *id = ar_arena_printf(&t.arena, "mill%s/srv/git/x.git", t.root).ptr;
    T_FACT(&t, "repo", id, "default_branch", "main");
    T_FACT(&t, "repo", id, "head_commit", "");
    T_FACT(&t, "repo", id, "commit_count", "");
    const ar_node *set_row = tree_where(&t, "setting", "key", "receive.denyNonFastForwards");
    T_STR(tree_value(set_row, "value"), "yes");
    T_STR(tree_value(set_row, "ok"), "true");
    T_STR(tree_value(tree_where(&t, "setting", "key", "receive.denyDeletes"), "ok"), "false");
}

TEST(what_lies_in_passed_over_folders_or_behind_links_is_not_looked_at)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository_free(make_repo(&t, "/srv/app/node_modules/dep", false));
    git_repository_free(make_repo(&t, "/else/where", false));
    git_repository_free(make_repo(&t, "/srv/outer", false));
    git_repository_free(make_repo(&t, "/srv/outer/inner", false));
    tree_link(&t, "/srv/link", "../else");
    tree_look_repos(&t, tree_path(&t, "/srv"));
    T_INT(tree_count(&t, "repo"), 2);
    T_TRUE(tree_where(&t, "repo", "name", "outer") != NULL);
    T_TRUE(tree_where(&t, "repo", "name", "inner") != NULL);
}

TEST(a_broken_repository_is_said_and_the_others_are_looked_at)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository_free(make_repo(&t, "/srv/good", false));
    git_repository_free(make_repo(&t, "/srv/pipe", false));
    git_repository_free(make_repo(&t, "/srv/torn", false));
    T_INT(unlink(tree_path(&t, "/srv/pipe/.git/config")), 0);
    T_INT(mkfifo(tree_path(&t, "/srv/pipe/.git/config"), 0600), 0);
    tree_file(&t, "/srv/torn/.git/config", "[core\nbroken");
    tree_look_repos(&t, tree_path(&t, "/srv"));
    T_INT(tree_count(&t, "repo"), 1);
    T_TRUE(tree_where(&t, "repo", "name", "good") != NULL);
    T_TRUE(tree_could_not(&t, "repo.path").len > 0);
}

TEST(a_path_that_is_no_folder_is_refused)
{
    ar_inspect_options options = { .now = tree_now };
    ar_str paths[] = { AR_LIT("/nonexistent/repos") };

    T_FAILS(ar_inspect_repos(&options, paths, 1, 1), AR_NOT_FOUND, "/nonexistent/repos");
}

TEST(a_second_work_tree_is_the_same_repository)
{
    ar_auto(tree) t = { 0 };
    git_worktree *second = NULL;

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository *repo = make_repo(&t, "/srv/one", false);
    tree_file(&t, "/srv/one/a", "1");
    commit(repo, "a@example.org", tree_now - AR_DAY, false);
    tree_folder(&t, "/srv/copies");
    OK(git_worktree_add(&second, repo, "second", tree_path(&t, "/srv/copies/second"), NULL));
    git_worktree_free(second);
    git_repository_free(repo);

    const char *id = ar_arena_printf(&t.arena, "mill%s/srv/one", t.root).ptr;
    tree_look_repos(&t, tree_path(&t, "/srv"));
    T_INT(tree_count(&t, "repo"), 1);
    T_FACT(&t, "repo", id, "path", tree_path(&t, "/srv/one"));
    tree_look_repos(&t, tree_path(&t, "/srv/copies"));
    T_INT(tree_count(&t, "repo"), 1);
    T_FACT(&t, "repo", id, "path", tree_path(&t, "/srv/copies/second"));
    T_STR(tree_value(t.rows[0], "source"),
          ar_arena_printf(&t.arena, "git:mill:%s/srv/copies", t.root).ptr);
}

/* ---- repositories that are made to harm ---- */

static void pipe_at(tree *t, const char *path)
{
    const char *whole = tree_path(t, path);

    (void)unlink(whole);
    T_INT(mkfifo(whole, 0666), 0);
}

/* What the child for /srv/bad says when its time is short. */
static ar_err look_shortly(tree *t)
{
    ar_auto(ar_look) files = { 0 };
    ar_repo_said said;

    ar_repo_init();
    T_OK(ar_look_open(NULL, tree_now, &t->arena, &files));
    ar_repo_place place = { .host = AR_LIT("mill"), .host_look = &files, .files = &files };
    ar_found_repo found = { .path = ar_str_of(tree_path(t, "/srv/bad")),
                            .git = ar_str_of(tree_path(t, "/srv/bad/.git")),
                            .uid = (int64_t)geteuid(),
                            .gid = AR_FINDER_NOBODY };
    int out = open("/dev/null", O_WRONLY | O_CLOEXEC);

    ar_err err = ar_repo_child_look(&found, &place, 300, out, &t->arena, &said);
    close(out);
    return err;
}

TEST(a_repository_that_never_ends_is_stopped)
{
    static const char *const pipes[] = { "/srv/bad/.git/refs/heads/main", "/srv/bad/.gitignore",
                                         "/srv/bad/.git/info/exclude", "/srv/bad/.git/more" };

    for (size_t i = 0; i < AR_COUNT(pipes); i++) {
        ar_auto(tree) t = { 0 };

        tree_init(&t);
        git_repository *repo = make_repo(&t, "/srv/bad", false);
        set(repo, "include.path", tree_path(&t, "/srv/bad/.git/more"));
        tree_file(&t, "/srv/bad/new", "x");
        T_OK(look_shortly(&t));
        tree_file(&t, "/srv/bad/x", "1");
        commit(repo, "a@example.org", tree_now - AR_DAY, false);
        git_repository_free(repo);
        pipe_at(&t, pipes[i]);
        T_FAILS(look_shortly(&t), AR_UNAVAILABLE, "/srv/bad' did not end in time");
    }
}

static char *filled(ar_arena *arena, char byte, size_t n)
{
    char *text = ar_arena_take(arena, n + 1);

    memset(text, byte, n);
    return text;
}

TEST(names_beyond_the_limits_cost_only_what_bears_them)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository_free(make_repo(&t, "/srv/good", false));
    git_repository *repo = make_repo(&t, "/srv/long", false);
    set(repo, "remote.origin.url", filled(&t.arena, 'u', 100000));
    tree_file(&t, "/srv/long/.gitlab-ci.yml", "a:\n");
    commit(repo, "a@example.org", tree_now - AR_DAY, false);
    git_repository_free(repo);
    tree_look_repos(&t, tree_path(&t, "/srv"));
    T_INT(tree_count(&t, "repo"), 2);
    T_INT(tree_count(&t, "pipeline"), 1);
    T_STR(tree_value(tree_where(&t, "repo", "name", "long"), "remote_url"), "");
    T_TRUE(ar_str_contains(tree_could_not(&t, "repo.remote_url"), AR_LIT("longer than 512")));
}

/* A commit whose tree holds one workflow of that name, which no file system could. */
static void commit_workflow(git_repository *repo, const char *name)
{
    git_treebuilder *builder;
    git_oid blob, tree_id, id;
    git_signature *who;
    git_tree *content;

    OK(git_blob_create_from_buffer(&blob, repo, "on: push\n", 9));
    OK(git_treebuilder_new(&builder, repo, NULL));
    OK(git_treebuilder_insert(NULL, builder, name, &blob, GIT_FILEMODE_BLOB));
    OK(git_treebuilder_write(&tree_id, builder));
    for (int i = 0; i < 2; i++) {
        OK(git_treebuilder_clear(builder));
        OK(git_treebuilder_insert(NULL, builder, i == 0 ? "workflows" : ".github", &tree_id,
                                  GIT_FILEMODE_TREE));
        OK(git_treebuilder_write(&tree_id, builder));
    }
    OK(git_tree_lookup(&content, repo, &tree_id));
    OK(git_signature_new(&who, "Someone", "a@example.org", tree_now / AR_SECOND, 0));
    OK(git_commit_create(&id, repo, "HEAD", who, who, NULL, "x\n", content, 0, NULL));
    git_signature_free(who);
    git_tree_free(content);
    git_treebuilder_free(builder);
}

TEST(a_row_whose_id_is_too_long_is_said_and_not_printed)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository *repo = make_repo(&t, "/srv/odd.git", true);
    const char *name = ar_arena_printf(&t.arena, "%s.yml", filled(&t.arena, 'w', 1100)).ptr;
    commit_workflow(repo, name);
    git_repository_free(repo);
    tree_look_repos(&t, tree_path(&t, "/srv"));
    T_INT(tree_count(&t, "repo"), 1);
    T_INT(tree_count(&t, "pipeline"), 0);
    T_TRUE(ar_str_contains(tree_could_not(&t, "pipeline"), AR_LIT("longer than 1024")));
}

TEST(a_second_clone_replaces_nothing_and_is_named)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository *real = make_repo(&t, "/srv/z", false), *fake = make_repo(&t, "/srv/a", false);
    set(real, "remote.origin.url", "https://git.example.org/team/tool");
    set(fake, "remote.origin.url", "https://git.example.org/team/tool");
    tree_file(&t, "/srv/a/x", "1");
    tree_file(&t, "/srv/a/.git/hooks/update", "x");
    commit(fake, "eve@example.org", tree_now - AR_DAY, false);
    git_repository_free(real);
    git_repository_free(fake);
    if (geteuid() != 0) return; /* whose it is cannot be made otherwise */
    T_INT(chown(tree_path(&t, "/srv/a"), 4242, 4242), 0);
    tree_look_repos(&t, tree_path(&t, "/srv"));
    const char *id = "git.example.org/team/tool";
    T_INT(tree_count(&t, "repo"), 1);
    T_FACT(&t, "repo", id, "path", tree_path(&t, "/srv/z"));
    T_INT(tree_count(&t, "hook"), 0);
    T_TRUE(owner_row(&t, "repo:git.example.org/team/tool", "git_history") == NULL);
    T_TRUE(ar_str_contains(tree_could_not(&t, "repo.path"), AR_LIT("/srv/a: it says it is")));
}

/* Gives a folder and all in it to someone. */
static void give(tree *t, const char *path, uid_t uid)
{
    ar_spawn spawn = { .argv = (const char *const[]){
                           "chown", "-R", ar_arena_printf(&t->arena, "%u:%u", uid, uid).ptr,
                           tree_path(t, path), NULL } };
    ar_str text;
    int status = -1;

    T_OK(ar_run(&spawn, 1 << 16, 10, &t->arena, &text, &status));
    T_INT(status, 0);
}

static const ar_found_repo *found_at(const ar_finder *f, const char *path)
{
    for (size_t i = 0; i < f->n; i++)
        if (ar_str_eq(f->repos[i].path, ar_str_of(path))) return &f->repos[i];
    return NULL;
}

static ar_finder_owner *owner_in(const ar_finder *f, int64_t uid)
{
    for (size_t i = 0; i < f->n_owners; i++)
        if (f->owners[i]->uid == uid) return f->owners[i];
    T_STR(ar_str_of("nothing"), "something of that owner");
    return NULL;
}

TEST(what_one_owner_plants_keeps_nobody_from_the_others)
{
    ar_auto(tree) t = { 0 };
    ar_finder f = { .arena = &t.arena };

    if (geteuid() != 0) return; /* whose it is cannot be made otherwise */
    tree_init(&t);
    tree_file(&t, "/one/eve/first/.git", "x");
    tree_file(&t, "/two/b/eve/more/.git", "x");
    tree_file(&t, "/two/a/tool/.git", "x");
    tree_file(&t, "/two/c/tool/.git", "x");
    give(&t, "/one/eve", 4242);
    give(&t, "/two/b", 4242);
    T_OK(ar_finder_look(&f, tree_path(&t, "/one")));
    T_TRUE(found_at(&f, tree_path(&t, "/one/eve/first")) != NULL);
    T_INT(owner_in(&f, 4242)->folders, 2);
    T_INT(owner_in(&f, 4242)->repos, 1);
    T_TRUE(!ar_finder_is_partial(&f));

    owner_in(&f, 4242)->folders = AR_FINDER_FOLDERS_MAX - 1; /* all but one more */
    T_OK(ar_finder_look(&f, tree_path(&t, "/two")));
    T_TRUE(found_at(&f, tree_path(&t, "/two/b/eve/more")) == NULL);
    T_TRUE(found_at(&f, tree_path(&t, "/two/a/tool")) != NULL);
    T_TRUE(found_at(&f, tree_path(&t, "/two/c/tool")) != NULL);
    T_TRUE(owner_in(&f, 4242)->cut && !owner_in(&f, 0)->cut && !f.cut);
    T_TRUE(ar_finder_is_partial(&f));
}

TEST(repositories_beyond_a_limit_are_left_out_and_the_look_is_a_partial_one)
{
    ar_auto(tree) t = { 0 };
    ar_finder f = { .arena = &t.arena };

    tree_init(&t);
    tree_file(&t, "/one/a/.git", "x");
    tree_file(&t, "/two/b/.git", "x");
    T_OK(ar_finder_look(&f, tree_path(&t, "/one")));
    owner_in(&f, geteuid())->repos = AR_FINDER_REPOS_MAX;
    T_OK(ar_finder_look(&f, tree_path(&t, "/two")));
    T_INT(f.n, 1);
    T_TRUE(ar_finder_is_partial(&f));
}

TEST(rows_beyond_a_limit_are_left_out_and_the_kind_is_seen_partly)
{
    ar_auto(tree) t = { 0 };
    ar_auto(ar_report) report = { .now = tree_now };
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    tree_init(&t);
    AR_ROW(&report, "repo", AR_LIT("a"), { "name", ar_textz("a") });
    report.n_bytes = AR_REPORT_BYTES_MAX + 1;
    AR_ROW(&report, "repo", AR_LIT("b"), { "name", ar_textz("b") });
    ar_report_seen(&report, "repo");
    ar_report_seen(&report, "hook");
    ar_report_seen_partly(&report, "pipeline");
    T_OK(ar_report_write(&report, "git", AR_LIT("x"), fd));
    tree_read(&t, fd);
    close(fd);
    T_TRUE(tree_row(&t, "repo", "a") != NULL && tree_row(&t, "repo", "b") == NULL);
    T_TRUE(!tree_lists(&t, "repo") && tree_lists(&t, "hook") && !tree_lists(&t, "pipeline"));
    T_INT(ar_node_get(t.rows[0], AR_LIT("partly"))->n, 2);
    T_TRUE(ar_str_contains(tree_could_not(&t, "repo"), AR_LIT("more than 500000 rows")));
}

TEST(a_repository_shows_no_more_than_its_owner_may_read)
{
    ar_auto(tree) t = { 0 };

    if (geteuid() != 0) return; /* only root could read more */
    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    tree_bytes(&t, "/secret/file", AR_LIT("[remote \"origin\"]\nurl = https://x.example/hidden\n"),
               0600);
    git_repository *hidden = make_repo(&t, "/secret/repo", false);
    tree_file(&t, "/secret/repo/x", "1");
    commit(hidden, "root@example.org", tree_now - AR_DAY, false);
    git_repository_free(hidden);
    git_repository *repo = make_repo(&t, "/srv/eve/includes", false);
    set(repo, "include.path", tree_path(&t, "/secret/file"));
    git_repository_free(repo);
    const char *leads = ar_arena_printf(&t.arena, "gitdir: %s/secret/repo/.git\n", t.root).ptr;
    tree_file(&t, "/srv/eve/leads/.git", leads);
    T_INT(chmod(tree_path(&t, "/secret"), 0700), 0);
    give(&t, "/srv/eve", 4242);
    tree_file(&t, "/srv/roots/.git",
              ar_arena_printf(&t.arena, "gitdir: %s/srv/eve/includes/.git\n", t.root).ptr);

    tree_look_repos(&t, tree_path(&t, "/srv"));
    T_INT(tree_count(&t, "repo"), 0); /* the first cannot be read as its owner; that is said */
    for (size_t i = 0; i < t.n; i++)
        T_TRUE(!ar_str_contains(tree_value(t.rows[i], "remote_url"), AR_LIT("hidden")));
    bool refused = false;
    for (size_t i = 0; i < t.n; i++)
        refused |=
            ar_str_contains(tree_value(t.rows[i], "why"), AR_LIT("(want one owner, or root)"));
    T_TRUE(refused);
}

/* Exit status: whether the only repository has a commit at its head. */
static _Noreturn void look_as(tree *t, uid_t uid)
{
    if (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
        _exit(2);
    tree_look_repos(t, tree_path(t, "/srv"));
    if (tree_count(t, "repo") != 1) _exit(3);
    _exit(tree_value(tree_where(t, "repo", "name", "repo"), "head_commit").len > 0 ? 1 : 0);
}

static int status_as(tree *t, uid_t uid)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) look_as(t, uid);
    T_INT(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(links_deep_in_the_repository_of_another_are_not_followed_as_us)
{
    ar_auto(tree) t = { 0 };
    ar_str oid = { 0 };

    if (geteuid() != 0) return; /* the two accounts cannot be made otherwise */
    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository *repo = make_repo(&t, "/srv/repo", false);
    tree_file(&t, "/srv/repo/x", "1");
    commit(repo, "eve@example.org", tree_now - AR_DAY, false);
    git_repository_free(repo);
    give(&t, "/srv", 4343);
    T_INT(status_as(&t, 4242), 1); /* another's may be looked at */

    const char *ref = tree_path(&t, "/srv/repo/.git/refs/heads/main");
    T_OK(ar_file_read(ref, 64, &t.arena, &oid));
    tree_bytes(&t, "/private/file", oid, 0600);
    give(&t, "/private", 4242);
    T_INT(unlink(ref), 0);
    T_INT(symlink(tree_path(&t, "/private/file"), ref), 0);
    T_INT(status_as(&t, 4242), 0); /* what is in the file does not come out */
    T_INT(status_as(&t, 4343), 0);
    T_INT(status_as(&t, 0), 0);
}

TEST(what_another_plants_in_our_folder_does_not_show_what_is_in_it)
{
    ar_auto(tree) t = { 0 };
    ar_str oid = { 0 };

    if (geteuid() != 0) return; /* the two accounts cannot be made otherwise */
    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository *repo = make_repo(&t, "/srv/repo", false);
    tree_file(&t, "/srv/repo/x", "1");
    commit(repo, "eve@example.org", tree_now - AR_DAY, false);
    git_repository_free(repo);

    const char *ref = tree_path(&t, "/srv/repo/.git/refs/heads/main");
    T_OK(ar_file_read(ref, 64, &t.arena, &oid));
    tree_bytes(&t, "/srv/repo/private", oid, 0600);
    T_INT(unlink(ref), 0);
    T_INT(symlink(tree_path(&t, "/srv/repo/private"), ref), 0);
    give(&t, "/srv", 4242);
    give(&t, "/srv/repo/.git", 4343);
    T_INT(status_as(&t, 4242), 3); /* it is not looked at */
}

TEST(a_work_tree_elsewhere_or_with_a_huge_file_is_not_compared)
{
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    git_repository *away = make_repo(&t, "/srv/away", false);
    git_repository *huge = make_repo(&t, "/srv/huge", false);
    tree_file(&t, "/srv/away/x", "1");
    tree_file(&t, "/srv/huge/x", "");
    commit(away, "a@example.org", tree_now - AR_DAY, false);
    commit(huge, "a@example.org", tree_now - AR_DAY, false);
    set(away, "core.worktree", "/etc");
    git_repository_free(away);
    git_repository_free(huge);
    T_INT(truncate(tree_path(&t, "/srv/huge/x"), INT64_C(4) << 30), 0);
    tree_look_repos(&t, tree_path(&t, "/srv"));
    T_INT(tree_count(&t, "repo"), 2);
    T_STR(tree_value(tree_where(&t, "repo", "name", "away"), "worktree_dirty"), "");
    T_STR(tree_value(tree_where(&t, "repo", "name", "huge"), "worktree_dirty"), "");
}

TEST(paths_given_twice_or_inside_others_are_looked_at_once)
{
    ar_auto(tree) t = { 0 };
    ar_inspect_options options = { .now = tree_now };
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    options.root = t.root;
    git_repository_free(make_repo(&t, "/srv/a/one", false));
    git_repository_free(make_repo(&t, "/srv/two", false));
    ar_str srv = ar_str_of(tree_path(&t, "/srv"));
    ar_str paths[] = { srv, ar_str_of(tree_path(&t, "/srv/a")), srv,
                       ar_str_of(tree_path(&t, "/srv/a/../a/one")) };
    T_OK(ar_inspect_repos(&options, paths, AR_COUNT(paths), fd));
    tree_read(&t, fd);
    close(fd);
    T_INT(tree_count(&t, "repo"), 2);
    T_TRUE(tree_could_not(&t, "repo.path").len == 0);
    ar_str source = tree_value(t.rows[0], "source");
    T_TRUE(ar_str_ends(
        source, ar_arena_printf(&t.arena, "%s/srv,%s/srv/a,%s/srv/a/one", t.root, t.root, t.root)));
}
