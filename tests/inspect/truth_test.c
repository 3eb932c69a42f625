/* What the inspectors say of this very machine and this very repository, held against other means.
 * A means that is not installed is passed over and said so. */
#include "form/yaml.h"
#include "sys/proc.h"
#include "tree.h"

#include <sys/utsname.h>

/* What a program prints, trimmed; false when it is not there or fails. */
static bool ask(tree *t, ar_str *out, const char *const *argv)
{
    ar_spawn spawn = { .argv = argv };
    int status = -1;
    ar_err err = ar_run(&spawn, 16 << 20, 30, &t->arena, out, &status);

    if (err.code != AR_OK || status != 0) {
        printf("# passed over: %s does not answer\n", argv[0]);
        return false;
    }
    *out = ar_str_trim(*out);
    return true;
}
#define ASK(t, out, ...) ask((t), (out), (const char *const[]){ __VA_ARGS__, NULL })

static const ar_node *device(const tree *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (tree_says(t->rows[i], "kind", "device")) return t->rows[i];
    return NULL;
}

TEST(kernel_and_name_are_those_of_uname)
{
    ar_auto(tree) t = { 0 };
    struct utsname u;

    tree_init(&t);
    tree_look_host(&t, NULL);
    T_INT(uname(&u), 0);
    T_STR(tree_value(device(&t), "kernel"), u.release);
    T_STR(tree_value(device(&t), "arch"), u.machine);
    T_STR(tree_value(device(&t), "hostname"), u.nodename);
}

TEST(accounts_are_those_of_getent)
{
    ar_auto(tree) t = { 0 };
    ar_str text, line;

    tree_init(&t);
    tree_look_host(&t, NULL);
    if (!ASK(&t, &text, "getent", "-s", "files", "passwd")) return;
    while (ar_str_split(&text, '\n', &line)) {
        ar_str name = { 0 }, skip = { 0 }, uid = { 0 };

        T_TRUE(ar_str_split(&line, ':', &name) && ar_str_split(&line, ':', &skip) &&
               ar_str_split(&line, ':', &uid));
        const ar_node *row = tree_where(&t, "account", "name", ar_arena_cstr(&t.arena, name));
        T_STR(tree_value(row, "uid"), ar_arena_cstr(&t.arena, uid));
    }
}

TEST(packages_are_those_of_dpkg_query)
{
    ar_auto(tree) t = { 0 };
    ar_str text, line;
    size_t n = 0;

    tree_init(&t);
    tree_look_host(&t, NULL);
    if (!ASK(&t, &text, "dpkg-query", "-W",
             "-f=${db:Status-Status} ${Package}:${Architecture} ${Version}\\n"))
        return;
    ar_str host = tree_value(device(&t), "id");
    while (ar_str_split(&text, '\n', &line)) {
        ar_str status = { 0 }, package = { 0 };

        T_TRUE(ar_str_split(&line, ' ', &status) && ar_str_split(&line, ' ', &package));
        if (!ar_str_eq(status, AR_LIT("installed"))) continue;
        const char *id = ar_arena_printf(&t.arena, "%.*s/%.*s", AR_FMT(host), AR_FMT(package)).ptr;
        T_FACT(&t, "package", id, "version", ar_arena_cstr(&t.arena, line));
        n++;
    }
    T_INT(tree_count(&t, "package"), n);
}

/* The fourth word of each line is where it listens. */
static ar_str listened_at(ar_str line)
{
    ar_str part = { 0 };

    for (int word = 0; word < 4 && ar_str_split(&line, ' ', &part);) word += part.len > 0;
    return part;
}

static void check_listener(tree *t, ar_str local)
{
    size_t colon = ar_str_find(local, ':');
    bool any = ar_str_eq(ar_str_cut(local, 0, colon), AR_LIT("*"));
    const char *port = ar_arena_cstr(&t->arena, ar_str_cut(local, colon + 1, local.len));
    const ar_node *row = tree_where(t, "listener", "port", port);

    T_TRUE(row != NULL);
    T_TRUE(any || row == NULL || tree_value(row, "address").len > 0);
}

/* Others come and go meanwhile: what listens before and after listened in between. */
TEST(listening_tcp_ports_are_those_of_ss)
{
    ar_auto(tree) t = { 0 };
    ar_str before, after, line;
    size_t n = 0;

    tree_init(&t);
    if (!ASK(&t, &before, "ss", "-H", "-4", "-l", "-n", "-t")) return;
    tree_look_host(&t, NULL);
    if (!ASK(&t, &after, "ss", "-H", "-4", "-l", "-n", "-t")) return;
    while (before.len > 0 && ar_str_split(&before, '\n', &line)) {
        ar_str local = listened_at(line);
        ar_str word = ar_arena_printf(&t.arena, " %.*s ", AR_FMT(local));

        if (local.len == 0 || !ar_str_contains(after, word)) continue;
        check_listener(&t, local);
        n++;
    }
    T_TRUE(tree_count(&t, "listener") >= n);
}

TEST(the_groups_of_id_are_the_grants_of_groups)
{
    ar_auto(tree) t = { 0 };
    ar_str text;

    tree_init(&t);
    tree_look_host(&t, NULL);
    if (!tree_lists(&t, "role_grant")) return;
    for (size_t i = 0; i < t.n; i++) {
        const ar_node *row = t.rows[i];

        if (!tree_says(row, "source_path", "/etc/group")) continue;
        const char *name = ar_arena_cstr(&t.arena, tree_value(row, "name"));
        if (ASK(&t, &text, "id", "-nG", name))
            T_TRUE(ar_str_contains(text, tree_value(row, "role")));
    }
    T_TRUE(tree_where(&t, "role_grant", "name", "root") != NULL);
}

TEST(the_boot_time_is_that_of_uptime)
{
    ar_auto(tree) t = { 0 };
    ar_str text;
    ar_time said, seen;

    tree_init(&t);
    tree_look_host(&t, NULL);
    if (!ASK(&t, &text, "date", "-u", "-d", "now - 0 seconds", "+%Y-%m-%dT%H:%M:%SZ")) return;
    T_OK(ar_time_parse(text, &said));
    T_OK(ar_file_read("/proc/uptime", 4096, &t.arena, &text));
    double up = 0;
    T_TRUE(ar_str_double(ar_str_cut(text, 0, ar_str_find(text, ' ')), &up));
    T_OK(ar_time_parse(tree_value(device(&t), "boot_at"), &seen));
    int64_t off = said - (int64_t)(up * (double)AR_SECOND) - seen;
    T_TRUE(off > -5 * AR_MINUTE && off < 5 * AR_MINUTE);
}

/* What sshd takes its settings for. It wants a key and a folder in /run, which a machine has only
 * once sshd has been started: both are made, the folder where nobody else sees it. */
static bool ask_sshd(tree *t, ar_str *out)
{
    static const char private_run[] =
        "mount -t tmpfs none /run && mkdir /run/sshd && exec sshd -T -h \"$0\"";
    const char *key = tree_path(t, "/key"), *unshare = geteuid() == 0 ? "-m" : "-rm";
    ar_str made;

    return ASK(t, &made, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key) &&
           ASK(t, out, "unshare", unshare, "sh", "-c", private_run, key);
}

TEST(settings_of_sshd_are_those_of_sshd_itself)
{
    ar_auto(tree) t = { 0 };
    ar_str text, line;
    size_t compared = 0;

    tree_init(&t);
    tree_look_host(&t, NULL);
    if (!ask_sshd(&t, &text)) return;
    while (ar_str_split(&text, '\n', &line)) {
        ar_str key = { 0 };

        if (!ar_str_split(&line, ' ', &key)) continue;
        for (size_t i = 0; i < t.n; i++) {
            ar_str ours = tree_value(t.rows[i], "key");

            if (!tree_says(t.rows[i], "area", "sshd") || ours.len != key.len ||
                strncasecmp(ours.ptr, key.ptr, key.len) != 0)
                continue;
            compared++;
            ar_str value = tree_value(t.rows[i], "value");
            if (ar_str_eq(value, AR_LIT("prohibit-password"))) value = AR_LIT("without-password");
            T_TRUE(value.len == line.len && strncasecmp(value.ptr, line.ptr, line.len) == 0);
        }
    }
    T_TRUE(compared > 0);
}

TEST(fingerprints_are_those_of_ssh_keygen)
{
    ar_auto(tree) t = { 0 };
    ar_str text;

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    tree_file(&t, "/etc/passwd", "ada:x:1000:1000::/people/ada:/bin/sh\n");
    tree_file(&t, "/etc/group", "");
    tree_folder(&t, "/people/ada/.ssh");
    const char *path = tree_path(&t, "/people/ada/.ssh/id_ecdsa");
    if (!ASK(&t, &text, "ssh-keygen", "-q", "-t", "ecdsa", "-b", "521", "-N", "long enough", "-f",
             path) ||
        !ASK(&t, &text, "ssh-keygen", "-l", "-f", path))
        return;
    tree_look_host(&t, t.root);
    const ar_node *key = tree_where(&t, "credential", "path", "/people/ada/.ssh/id_ecdsa");
    T_TRUE(ar_str_contains(text, tree_value(key, "fingerprint")));
    T_STR(tree_value(key, "bits"), "521");
    T_STR(tree_value(tree_where(&t, "setting", "area", "ssh-key"), "value"), "encrypted");
}

TEST(the_head_of_a_repository_is_that_of_git_log)
{
    ar_auto(tree) t = { 0 };
    ar_str head, when, count;
    const char *source = getenv("ARIGHT_SOURCE");

    tree_init(&t);
    const char *path = tree_path(&t, "/copy");
    if (source == NULL || !ASK(&t, &head, "git", "clone", "-q", "--bare", source, path)) return;
    if (!ASK(&t, &head, "git", "-C", path, "rev-parse", "HEAD") ||
        !ASK(&t, &when, "git", "-C", path, "log", "-1", "--format=%ct") ||
        !ASK(&t, &count, "git", "-C", path, "rev-list", "--count", "HEAD"))
        return;
    tree_file(&t, "/etc/hostname", "mill\n");
    tree_look_repos(&t, path);
    const ar_node *row = t.n > 1 ? t.rows[1] : NULL;
    ar_time at = 0;
    T_STR(tree_value(row, "head_commit"), ar_arena_cstr(&t.arena, head));
    T_STR(tree_value(row, "commit_count"), ar_arena_cstr(&t.arena, count));
    T_OK(ar_time_parse(tree_value(row, "last_commit_at"), &at));
    T_STR(ar_arena_printf(&t.arena, "%lld", (long long)(at / AR_SECOND)),
          ar_arena_cstr(&t.arena, when));
}

TEST(an_encrypted_root_is_one_that_lsblk_calls_crypt)
{
    ar_auto(tree) t = { 0 };
    ar_str source, types;

    tree_init(&t);
    tree_look_host(&t, NULL);
    if (!tree_says(device(&t), "disk_encrypted", "true")) return;
    if (ASK(&t, &source, "findmnt", "-n", "-o", "SOURCE", "/") &&
        ASK(&t, &types, "lsblk", "-s", "-n", "-o", "TYPE", ar_arena_cstr(&t.arena, source)))
        T_TRUE(ar_str_contains(types, AR_LIT("crypt")));
}

/* ---- rows and kinds ---- */

static const ar_node *load_kind(tree *t, ar_str kind)
{
    const char *path =
        ar_arena_printf(&t->arena, "%s/kinds/%.*s.yaml", getenv("ARIGHT_SOURCE"), AR_FMT(kind)).ptr;
    ar_str text;
    ar_node *root = NULL;

    T_OK(ar_file_read(path, 1 << 20, &t->arena, &text));
    T_OK(ar_yaml_parse(kind, text, NULL, &t->arena, &root));
    return ar_node_get(root, AR_LIT("columns"));
}

static bool fits(const ar_node *value, ar_str type)
{
    ar_time at;

    if (ar_str_eq(type, AR_LIT("bool"))) return value->kind == AR_NODE_BOOL;
    if (ar_str_eq(type, AR_LIT("int"))) return value->kind == AR_NODE_INT;
    if (ar_str_eq(type, AR_LIT("double"))) return value->kind == AR_NODE_DOUBLE;
    if (ar_str_eq(type, AR_LIT("time")))
        return value->kind == AR_NODE_TEXT && ar_time_parse(value->text, &at).code == AR_OK;
    return value->kind == AR_NODE_TEXT;
}

/* Empty where the kind has no such column. */
static ar_str type_of(const ar_node *columns, ar_str key)
{
    static const struct {
        ar_str key, type;
    } common[] = {
        { AR_LIT("kind"), AR_LIT("text") },        { AR_LIT("id"), AR_LIT("text") },
        { AR_LIT("name"), AR_LIT("text") },        { AR_LIT("created_at"), AR_LIT("time") },
        { AR_LIT("inventoried"), AR_LIT("bool") }, { AR_LIT("discovered"), AR_LIT("bool") },
    };
    const ar_node *column;

    for (size_t i = 0; i < AR_COUNT(common); i++)
        if (ar_str_eq(key, common[i].key)) return common[i].type;
    column = ar_node_get(columns, ar_str_eq(key, AR_LIT("kind_")) ? AR_LIT("kind") : key);
    return column == NULL ? (ar_str){ 0 } : ar_node_get(column, AR_LIT("type"))->text;
}

/* Every column of the row is one of its kind, with a value of its type. */
static void check_row(const ar_node *row, const ar_node *columns)
{
    for (size_t i = 0; i < row->n; i++) {
        ar_str key = row->pairs[i].key;
        ar_str type = type_of(columns, key);

        if (type.len == 0) printf("# no column %.*s\n", AR_FMT(key));
        T_TRUE(type.len > 0 && fits(row->pairs[i].value, type));
    }
}

/* Every row is of one of the kinds, and fits it. Returns how many there are. */
static size_t check_rows(tree *t, const char *const *kinds, size_t n)
{
    size_t rows = 0;

    for (size_t k = 0; k < n; k++) {
        const ar_node *columns = load_kind(t, ar_str_of(kinds[k]));

        for (size_t i = 0; i < t->n; i++) {
            if (!tree_says(t->rows[i], "kind", kinds[k])) continue;
            check_row(t->rows[i], columns);
            rows++;
        }
    }
    return rows;
}

static size_t count_rows(const tree *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++) n += ar_node_get(t->rows[i], AR_LIT("kind")) != NULL;
    return n;
}

TEST(every_row_of_a_repository_fits_its_kind)
{
    static const char *const kinds[] = { "repo", "pipeline", "hook", "setting" };
    ar_auto(tree) t = { 0 };
    ar_str ignored;

    tree_init(&t);
    tree_file(&t, "/etc/hostname", "mill\n");
    tree_file(&t, "/srv/a/.gitlab-ci.yml", "build:\n  script: make\n");
    const char *a = tree_path(&t, "/srv/a"), *bare = tree_path(&t, "/srv/b.git");
    if (!ASK(&t, &ignored, "git", "init", "-q", a) ||
        !ASK(&t, &ignored, "git", "-C", a, "add", ".") ||
        !ASK(&t, &ignored, "git", "-C", a, "-c", "user.name=x", "-c", "user.email=x@example.org",
             "commit", "-q", "-m", "x") ||
        !ASK(&t, &ignored, "git", "clone", "-q", "--bare", a, bare))
        return;
    tree_file(&t, "/srv/a/.git/hooks/update", "x");
    tree_look_repos(&t, tree_path(&t, "/srv"));
    for (size_t k = 0; k < AR_COUNT(kinds); k++) T_TRUE(tree_count(&t, kinds[k]) > 0);
    T_INT(check_rows(&t, kinds, AR_COUNT(kinds)), count_rows(&t));
}

TEST(every_row_fits_its_kind)
{
    static const char *const kinds[] = { "account",    "credential", "device",  "listener",
                                         "log_source", "netdev",     "package", "role_grant",
                                         "setting",    "unit" };
    ar_auto(tree) t = { 0 };

    tree_init(&t);
    tree_look_host(&t, NULL);
    T_INT(check_rows(&t, kinds, AR_COUNT(kinds)), count_rows(&t));
}
