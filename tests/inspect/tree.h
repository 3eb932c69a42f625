/* tree: a made machine in a temporary folder, and the rows that an inspector prints of it. */
#pragma once

#include "form/json.h"
#include "inspect/inspect.h"
#include "sys/file.h"
#include "t.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const ar_time tree_now = INT64_C(1795262400) * AR_SECOND; /* 2026-11-21T12:00:00Z */

typedef struct tree {
    char root[64];
    ar_arena arena;
    ar_node **rows; /* every line of the last run */
    size_t n;
} tree;

[[maybe_unused]] static void tree_done(tree *t)
{
    (void)!ar_dir_remove(t->root).code;
    ar_arena_done(&t->arena);
}

[[maybe_unused]] static void tree_init(tree *t)
{
    (void)snprintf(t->root, sizeof t->root, "/tmp/aright-inspect-XXXXXX");
    T_TRUE(mkdtemp(t->root) != NULL);
    T_INT(chmod(t->root, 0755), 0);
}

[[maybe_unused]] static const char *tree_path(tree *t, const char *path)
{
    return ar_arena_printf(&t->arena, "%s%s", t->root, path).ptr;
}

[[maybe_unused]] static void tree_folder(tree *t, const char *path)
{
    T_OK(ar_dir_make(tree_path(t, path), 0755));
}

[[maybe_unused]] static void tree_bytes(tree *t, const char *path, ar_str text, unsigned mode)
{
    const char *slash = strrchr(path, '/');
    const char *whole = tree_path(t, path);

    tree_folder(t, ar_arena_printf(&t->arena, "%.*s", (int)(slash - path), path).ptr);
    int fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    T_TRUE(fd >= 0);
    T_OK(ar_fd_write_all(fd, text));
    T_INT(fchmod(fd, mode), 0);
    close(fd);
}

[[maybe_unused]] static void tree_file(tree *t, const char *path, const char *text)
{
    tree_bytes(t, path, ar_str_of(text), 0644);
}

[[maybe_unused]] static void tree_link(tree *t, const char *path, const char *to)
{
    const char *slash = strrchr(path, '/');

    tree_folder(t, ar_arena_printf(&t->arena, "%.*s", (int)(slash - path), path).ptr);
    T_INT(symlink(to, tree_path(t, path)), 0);
}

static void tree_read(tree *t, int fd)
{
    ar_str text = { 0 }, line;
    size_t cap = 0;

    T_TRUE(lseek(fd, 0, SEEK_SET) == 0);
    T_OK(ar_fd_read_all(fd, AR_LIT("rows"), 64 << 20, &t->arena, &text));
    t->n = 0;
    t->rows = NULL;
    while (ar_str_split(&text, '\n', &line)) {
        if (line.len == 0) continue;
        ar_grow(&t->arena, t->rows, t->n, cap);
        T_OK(ar_json_parse(AR_LIT("rows"), line, NULL, &t->arena, &t->rows[t->n]));
        t->n++;
    }
}

[[maybe_unused]] static void tree_look_host(tree *t, const char *root)
{
    ar_inspect_options options = { .root = root, .now = tree_now };
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    T_OK(ar_inspect_host(&options, fd));
    tree_read(t, fd);
    close(fd);
}

/* The same, without the rights of root. */
[[maybe_unused]] static void tree_look_as_user(tree *t)
{
    bool root = geteuid() == 0;

    if (root) T_INT(seteuid(65534), 0);
    tree_look_host(t, t->root);
    if (root) T_INT(seteuid(0), 0);
}

[[maybe_unused]] static void tree_look_repos(tree *t, const char *path)
{
    ar_inspect_options options = { .root = t->root, .now = tree_now };
    ar_str paths[] = { ar_str_of(path) };
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    T_OK(ar_inspect_repos(&options, paths, 1, fd));
    tree_read(t, fd);
    close(fd);
}

[[maybe_unused]] static bool tree_says(const ar_node *row, const char *key, const char *text)
{
    const ar_node *value = ar_node_get(row, ar_str_of(key));

    return value != NULL && ar_str_eq(value->text, ar_str_of(text));
}

/* The row of this kind and id; NULL when there is none. */
[[maybe_unused]] static const ar_node *tree_row(const tree *t, const char *kind, const char *id)
{
    for (size_t i = 0; i < t->n; i++)
        if (tree_says(t->rows[i], "kind", kind) && tree_says(t->rows[i], "id", id))
            return t->rows[i];
    return NULL;
}

/* The first row of this kind in which `key` is `text`. */
[[maybe_unused]] static const ar_node *tree_where(const tree *t, const char *kind, const char *key,
                                                  const char *text)
{
    for (size_t i = 0; i < t->n; i++)
        if (tree_says(t->rows[i], "kind", kind) && tree_says(t->rows[i], key, text))
            return t->rows[i];
    return NULL;
}

[[maybe_unused]] static size_t tree_count(const tree *t, const char *kind)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++) n += tree_says(t->rows[i], "kind", kind);
    return n;
}

/* A value as it was printed; "" when the column is absent, "no row" without a row. */
[[maybe_unused]] static ar_str tree_value(const ar_node *row, const char *key)
{
    const ar_node *value = row == NULL ? NULL : ar_node_get(row, ar_str_of(key));

    if (row == NULL) return AR_LIT("no row");
    return value == NULL ? AR_LIT("") : value->text;
}
#define T_FACT(t, kind, id, key, want) T_STR(tree_value(tree_row((t), (kind), (id)), (key)), (want))

static bool tree_names(const tree *t, const char *list, const char *kind)
{
    const ar_node *kinds = ar_node_get(t->rows[0], ar_str_of(list));

    for (size_t i = 0; kinds != NULL && i < kinds->n; i++)
        if (ar_str_eq(kinds->items[i]->text, ar_str_of(kind))) return true;
    return false;
}

/* Whether the kind was looked at in full, and in part. */
[[maybe_unused]] static bool tree_lists(const tree *t, const char *kind)
{
    return tree_names(t, "kinds", kind);
}

[[maybe_unused]] static bool tree_partly(const tree *t, const char *kind)
{
    return tree_names(t, "partly", kind);
}

[[maybe_unused]] static ar_str tree_could_not(const tree *t, const char *what)
{
    for (size_t i = 0; i < t->n; i++)
        if (tree_says(t->rows[i], "could_not", what)) return tree_value(t->rows[i], "why");
    return (ar_str){ 0 };
}
