#include "op/place.h"

#include "sys/file.h"

#include <stdlib.h>

enum { FILES_MAX = 10000 };

typedef struct file_list {
    ar_place_file *files;
    size_t n, cap;
} file_list;

static bool has(const file_list *list, ar_str name)
{
    for (size_t i = 0; i < list->n; i++)
        if (ar_str_eq(list->files[i].name, name)) return true;
    return false;
}

static ar_err add_folder(const char *path, bool shipped, ar_arena *arena, file_list *list)
{
    const ar_str suffix = AR_LIT(".yaml");
    ar_str *names;
    size_t n;
    ar_err err = ar_dir_list(path, arena, &names, &n);

    if (err.code == AR_NOT_FOUND) return ar_ok(); /* a home without files of its own */
    AR_TRY(err);
    if (n > FILES_MAX)
        return ar_fail(AR_LIMIT, "%s: %zu files, %d is the most", path, n, (int)FILES_MAX);
    for (size_t i = 0; i < n; i++) {
        ar_str name = ar_str_cut(names[i], 0, names[i].len - suffix.len);

        if (!ar_str_ends(names[i], suffix) || names[i].ptr[0] == '.') continue;
        if (shipped && has(list, name)) continue;
        ar_grow(arena, list->files, list->n, list->cap);
        list->files[list->n++] = (ar_place_file){
            .name = name,
            .path = ar_path_join(arena, path, ar_arena_cstr(arena, names[i])),
            .shipped = shipped,
        };
    }
    return ar_ok();
}

static int by_name(const void *a, const void *b)
{
    return ar_str_cmp(((const ar_place_file *)a)->name, ((const ar_place_file *)b)->name);
}

ar_err ar_place_files(const ar_place *place, const char *folder, ar_arena *arena,
                      ar_place_file **out_files, size_t *out_n)
{
    file_list list = { 0 };

    AR_TRY(add_folder(ar_path_join(arena, place->home, folder), false, arena, &list));
    AR_TRY(add_folder(ar_path_join(arena, place->data, folder), true, arena, &list));
    if (list.n > 0) qsort(list.files, list.n, sizeof *list.files, by_name);
    *out_files = list.files;
    *out_n = list.n;
    return ar_ok();
}

/* Where the shipped files are: beside the program when it is installed, else in its source tree. */
static ar_err find_data(ar_arena *arena, const char *program, const char **out_data)
{
    static const char *const tries[] = { "../share/aright", "..", "." };
    const char *named = getenv("ARIGHT_DATA");
    ar_str path = ar_str_of(program);

    while (path.len > 1 && path.ptr[path.len - 1] != '/') path.len--;

    const char *folder = ar_arena_cstr(arena, path);

    if (named != NULL && *named != '\0') return *out_data = ar_path_absolute(arena, named), ar_ok();
    for (size_t i = 0; i < AR_COUNT(tries); i++) {
        const char *data = ar_path_join(arena, folder, tries[i]);

        if (ar_file_exists(ar_path_join(arena, data, "kinds/asset.yaml")))
            return *out_data = ar_path_absolute(arena, data), ar_ok();
    }
    return ar_fail(AR_NOT_FOUND, "no kinds/ beside %s; set ARIGHT_DATA to the folder that holds it",
                   program);
}

static ar_err find_home(ar_arena *arena, const char *named, const char **out_home)
{
    const char *home = getenv("ARIGHT_HOME"), *data = getenv("XDG_DATA_HOME"),
               *user = getenv("HOME");

    if (named != NULL && *named == '\0')
        return ar_fail(AR_INVALID, "--home is empty (want a folder)");
    if (named == NULL && home != NULL && *home != '\0') named = home;
    if (named == NULL && data != NULL && *data == '/') named = ar_path_join(arena, data, "aright");
    if (named == NULL && user != NULL && *user == '/')
        named = ar_path_join(arena, user, ".local/share/aright");
    if (named == NULL) return ar_fail(AR_INVALID, "no home: give --home DIR, or set ARIGHT_HOME");
    *out_home = ar_path_absolute(arena, named);
    return ar_ok();
}

ar_err ar_place_find(const char *home, ar_arena *arena, ar_place *out_place)
{
    ar_place place = { 0 };

    AR_TRY(find_home(arena, home, &place.home));
    AR_TRY(ar_path_self(arena, &place.program));
    AR_TRY(find_data(arena, place.program, &place.data));
    ar_config_default(&place.config);
    *out_place = place;
    return ar_ok();
}
