#include "form/json.h"
#include "start/folder.h"
#include "start/proposal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The shipped kinds and standards, read once. */
typedef struct shelf {
    ar_kinds kinds;
    ar_standards standards;
} shelf;

static const shelf *shipped(void)
{
    static ar_arena arena;
    static shelf all;
    const char *source = getenv("ARIGHT_SOURCE");
    ar_place place = { .home = "/nonexistent", .data = source == NULL ? "." : source };

    if (all.kinds.n > 0) return &all;
    if (ar_kinds_load(&place, &arena, &all.kinds).code != AR_OK) abort();
    if (ar_standards_load(&place, &all.kinds, &arena, &all.standards).code != AR_OK) abort();
    return &all;
}

/* Something for each parameter that has to be given. */
static ar_wish wish_of(const ar_template *t, ar_arena *arena)
{
    static const char *const values[] = { "word", "a \"text\" {", "7", "0.5", "true", "-1d" };
    ar_str *sets = ar_make_n(arena, ar_str, t->n_asks + 1);
    ar_wish wish = { .name = AR_LIT("thing"), .owner = AR_LIT("team:web"), .sets = sets };

    for (size_t i = 0; i < t->n_asks; i++) {
        const ar_ask *ask = &t->asks[i];
        ar_str value = ask->n_choices > 0 ? ask->choices[0] : ar_str_of(values[ask->type]);

        if (ask->required)
            sets[wish.n_sets++] =
                ar_arena_printf(arena, "%.*s=%.*s", AR_FMT(ask->name), AR_FMT(value));
    }
    return wish;
}

/* What comes of a template stays within its promises. */
static void check(const ar_proposal *p, ar_arena *arena)
{
    ar_node *node;
    ar_err err = ar_json_parse(AR_LIT("p"), p->json, NULL, arena, &node);

    assert(err.code == AR_OK && node->kind == AR_NODE_MAP && p->hash.len == 64);
    for (size_t i = 0; i < p->n_files; i++) {
        err = ar_folder_check(p->files[i].path);
        assert(err.code == AR_OK && p->files[i].text.len <= AR_RENDER_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_template t = { .n_files = 77 };
    ar_str text = { (const char *)data, size };
    ar_proposal p;
    ar_err err = ar_template_parse(AR_LIT("file"), (ar_str){ 0 }, text, &shipped()->standards,
                                   &shipped()->kinds, &arena, &t);

    if (err.code != AR_OK) {
        assert((err.code == AR_INVALID || err.code == AR_LIMIT) && t.n_files == 77);
        return 0;
    }
    assert(t.n_classes > 0 && t.n_files <= AR_TEMPLATE_FILES_MAX);

    ar_wish wish = wish_of(&t, &arena);

    err = ar_propose(&t, &wish, &arena, &p);
    assert(err.code == AR_OK || err.code == AR_INVALID || err.code == AR_LIMIT);
    if (err.code == AR_OK) check(&p, &arena);
    return 0;
}
