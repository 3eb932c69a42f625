#include "op/person.h"

#include "form/yaml.h"
#include "sys/file.h"

#include <pwd.h>
#include <sys/stat.h>

enum { FILE_MAX = 1 << 20 };

static const char file_name[] = "people.yaml";
static const ar_str all_grants = AR_LIT("all");

static bool covers(ar_str held, ar_str wanted)
{
    if (ar_str_eq(held, all_grants) || ar_str_eq(held, wanted)) return true;
    return ar_str_ends(held, AR_LIT(".*")) &&
           ar_str_starts(wanted, ar_str_cut(held, 0, held.len - 1));
}

bool ar_person_may(const ar_person *person, ar_str grant)
{
    for (size_t i = 0; i < person->n_grants; i++)
        if (covers(person->grants[i], grant)) return true;
    return false;
}

static size_t word_len(ar_str text)
{
    size_t i = 0;

    while (i < text.len && ((text.ptr[i] >= 'a' && text.ptr[i] <= 'z') || text.ptr[i] == '_')) i++;
    return i;
}

static bool is_grant(ar_str text)
{
    if (ar_str_eq(text, all_grants)) return true;

    size_t area = word_len(text);

    if (area == 0 || area == text.len || text.ptr[area] != '.') return false;

    ar_str verb = ar_str_cut(text, area + 1, text.len);

    return ar_str_eq(verb, AR_LIT("*")) || (verb.len > 0 && word_len(verb) == verb.len);
}

static ar_err read_grants(ar_str file, const ar_node *list, ar_arena *arena, ar_person *out)
{
    ar_str *grants = ar_make_n(arena, ar_str, list->n);

    for (size_t i = 0; i < list->n; i++) {
        const ar_node *item = list->items[i];

        if (item->kind != AR_NODE_TEXT || !is_grant(item->text))
            return ar_node_fail(file, item,
                                "'%.*s' is no grant (want area.verb, area.* or all, as `aright "
                                "help grants` lists them)",
                                AR_FMT(item->text));
        grants[i] = item->text;
    }
    out->grants = grants;
    out->n_grants = list->n;
    return ar_ok();
}

static ar_err read_person(ar_str file, const ar_node *node, ar_arena *arena, ar_person *out)
{
    static const ar_str keys[] = { AR_LIT("person"), AR_LIT("uid"), AR_LIT("grants") };
    const ar_node *grants = NULL;

    out->uid = -1;
    AR_TRY(ar_node_only(file, node, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, node, "person", true, &out->name));
    AR_TRY(ar_node_int(file, node, "uid", false, &out->uid));
    AR_TRY(ar_node_list(file, node, "grants", true, &grants));
    if (!ar_str_starts(out->name, AR_LIT("person:")) || out->name.len == strlen("person:"))
        return ar_node_fail(file, ar_node_get(node, keys[0]),
                            "'%.*s' is no person (want person:NAME)", AR_FMT(out->name));
    if (ar_node_get(node, keys[1]) != NULL && (out->uid < 0 || out->uid > UINT32_MAX))
        return ar_node_fail(file, ar_node_get(node, keys[1]), "a uid is 0 to 4294967295");
    return read_grants(file, grants, arena, out);
}

static ar_err check_new(ar_str file, const ar_node *node, const ar_people *people,
                        const ar_person *one)
{
    for (size_t i = 0; i < people->n; i++) {
        if (ar_str_eq(people->list[i].name, one->name))
            return ar_node_fail(file, node, "%.*s is listed twice", AR_FMT(one->name));
        if (one->uid >= 0 && people->list[i].uid == one->uid)
            return ar_node_fail(file, node, "uid %lld is already %.*s's", (long long)one->uid,
                                AR_FMT(people->list[i].name));
    }
    return ar_ok();
}

ar_err ar_people_read(ar_str file, ar_str text, ar_arena *arena, ar_people *out_people)
{
    static const ar_str keys[] = { AR_LIT("people") };
    const ar_node *list = NULL;
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_only(file, root, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_list(file, root, "people", true, &list));
    if (list->n > AR_PEOPLE_MAX)
        return ar_fail(AR_LIMIT, "%.*s: %zu people, %d is the most", AR_FMT(file), list->n,
                       (int)AR_PEOPLE_MAX);

    ar_person *people = ar_make_n(arena, ar_person, list->n);
    ar_people read = { .list = people };

    for (; read.n < list->n; read.n++) {
        AR_TRY(read_person(file, list->items[read.n], arena, &people[read.n]));
        AR_TRY(check_new(file, list->items[read.n], &read, &people[read.n]));
    }
    *out_people = read;
    return ar_ok();
}

static ar_err owner_only(const char *home, ar_arena *arena, ar_people *out_people)
{
    struct stat st;

    if (stat(home, &st) != 0) return ar_fail_errno("%s", home);

    const struct passwd *entry = getpwuid(st.st_uid);
    ar_person *owner = ar_make(arena, ar_person);

    *owner = (ar_person){
        .name = entry != NULL ? ar_arena_printf(arena, "person:%s", entry->pw_name)
                              : ar_arena_printf(arena, "person:uid-%u", (unsigned)st.st_uid),
        .uid = st.st_uid,
        .grants = &all_grants,
        .n_grants = 1,
    };
    *out_people = (ar_people){ .list = owner, .n = 1 };
    return ar_ok();
}

ar_err ar_people_load(const char *home, ar_arena *arena, ar_people *out_people)
{
    const char *path = ar_path_join(arena, home, file_name);
    ar_str text;
    ar_err err = ar_file_read(path, FILE_MAX, arena, &text);

    if (err.code == AR_NOT_FOUND) return owner_only(home, arena, out_people);
    AR_TRY(err);
    return ar_people_read(ar_str_of(path), text, arena, out_people);
}

size_t ar_people_others(const ar_people *people, int64_t owner)
{
    size_t n = 0;

    for (size_t i = 0; i < people->n; i++)
        n += people->list[i].uid > 0 && people->list[i].uid != owner;
    return n;
}

ar_err ar_people_by_uid(const ar_people *people, int64_t uid, const ar_person **out_person)
{
    for (size_t i = 0; uid >= 0 && i < people->n; i++)
        if (people->list[i].uid == uid) return *out_person = &people->list[i], ar_ok();
    return ar_fail(AR_DENIED, "uid %lld is nobody here; HOME/%s names who is", (long long)uid,
                   file_name);
}

ar_err ar_people_by_name(const ar_people *people, ar_str name, const ar_person **out_person)
{
    for (size_t i = 0; i < people->n; i++)
        if (ar_str_eq(people->list[i].name, name)) return *out_person = &people->list[i], ar_ok();
    return ar_fail(AR_DENIED, "%.*s is nobody here any more; HOME/%s names who is", AR_FMT(name),
                   file_name);
}

ar_str ar_people_name(const ar_people *people, int64_t uid, ar_arena *arena)
{
    const ar_person *who;

    if (ar_people_by_uid(people, uid, &who).code == AR_OK) return who->name;
    return ar_arena_printf(arena, "uid:%lld", (long long)uid);
}
