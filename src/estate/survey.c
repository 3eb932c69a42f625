#include "estate/survey.h"

#include "form/utf.h"

enum {
    ITEMS_MAX = 1000,
    NAMES_SHOWN = 8,
    NAMES_SHOWN_FULL = 200,
    NAME_SHOWN = 80, /* bytes */
};

static void speak_of(void *self, ar_str name)
{
    ar_survey *survey = self;

    ar_map_put(&survey->spoken_of, &survey->arena, name, NULL);
}

static void look_up(void *self, ar_str name)
{
    (void)self, (void)name;
}

void ar_survey_speak_of(ar_survey *survey, const ar_mapping *mapping)
{
    static const ar_mapping_visit visit = { .field = speak_of, .lookup = look_up };

    ar_mapping_walk(mapping, &visit, survey);
}

/* Names come from outside: only the first few are kept. */
void ar_survey_ignore(ar_survey *survey, ar_str name)
{
    size_t most = survey->full ? NAMES_SHOWN_FULL : NAMES_SHOWN;
    const char *between = survey->full ? "\n" : ", ";
    bool is_new;

    if (survey->names.n > most || ar_map_get(&survey->names, name) != NULL) return;
    ar_map_put(&survey->names, &survey->arena, ar_arena_copy(&survey->arena, name), &is_new);
    ar_buf_addz(&survey->text, survey->names.n > 1 ? between : "");
    if (survey->names.n > most)
        ar_buf_addz(&survey->text, "…");
    else
        ar_buf_add(&survey->text, ar_utf8_cut(name, NAME_SHOWN));
}

/* A name as a mapping writes it. */
static void add_path_part(ar_buf *out, ar_str name)
{
    bool plain = name.len > 0 && (name.ptr[0] < '0' || name.ptr[0] > '9');

    for (size_t i = 0; i < name.len; i++) {
        char c = ar_lower(name.ptr[i]);
        plain &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    ar_buf_addz(out, plain ? "" : "`");
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '`') ar_buf_addc(out, '`');
        ar_buf_addc(out, name.ptr[i]);
    }
    ar_buf_addz(out, plain ? "" : "`");
}

static void ignore_pair(ar_survey *survey, const ar_pair *pair)
{
    size_t n_inside = pair->value->kind == AR_NODE_MAP ? pair->value->n : 0;

    for (size_t i = 0; i == 0 || i < n_inside; i++) {
        ar_auto(ar_buf) path = { 0 };
        add_path_part(&path, pair->key);
        ar_buf_addz(&path, n_inside > 0 ? "." : "");
        if (n_inside > 0) add_path_part(&path, pair->value->pairs[i].key);
        ar_survey_ignore(survey, ar_buf_str(&path));
    }
}

void ar_survey_look(ar_survey *survey, const ar_node *item)
{
    if (!survey->full || survey->items++ >= ITEMS_MAX) return;
    if (item->kind != AR_NODE_MAP || ar_map_get(&survey->spoken_of, (ar_str){ 0 }) != NULL) return;
    for (size_t i = 0; i < item->n; i++)
        if (ar_map_get(&survey->spoken_of, item->pairs[i].key) == NULL)
            ignore_pair(survey, &item->pairs[i]);
}

void ar_survey_done(ar_survey *survey)
{
    ar_buf_done(&survey->text);
    ar_arena_done(&survey->arena);
}
