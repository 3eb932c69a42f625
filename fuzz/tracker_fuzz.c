#include "form/json.h"
#include "work/tracker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELDS_MAX = 64 };

typedef struct filling {
    ar_field list[FIELDS_MAX];
    size_t n;
} filling;

static ar_err add_name(void *self, ar_str name)
{
    static const ar_str hostile = AR_LIT("a\"b\\ {key}%/../?x=1#é&\t");
    filling *f = self;

    for (size_t i = 0; i < f->n; i++)
        if (ar_str_eq(f->list[i].name, name)) return ar_ok();
    if (f->n < FIELDS_MAX) f->list[f->n++] = (ar_field){ .name = name, .text = hostile };
    return ar_ok();
}

static void check_step(const ar_tracker_request *step, ar_arena *arena)
{
    filling f = { .n = 0 };
    ar_call call;
    ar_node *root;

    if (step->request.method == NULL) return;
    (void)ar_recipe_names(&step->request, add_name, &f);

    ar_fields fields = { .list = f.list, .n = f.n };

    if (ar_recipe_fill(&step->request, &fields, arena, &call).code != AR_OK) return;
    for (size_t i = 0; i < call.url.len; i++)
        assert((unsigned char)call.url.ptr[i] > ' ' && call.url.ptr[i] != '"');
    if (call.body.ptr != NULL && step->request.body->kind != AR_NODE_TEXT)
        assert(ar_json_parse(AR_LIT("body"), call.body, NULL, arena, &root).code == AR_OK);
}

/* Whatever the file says, a value of an item never becomes markup of a request. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_tracker t = { .settle = -77 };
    ar_err err = ar_tracker_parse(AR_LIT("file"), (ar_str){ 0 },
                                  (ar_str){ (const char *)data, size }, &arena, &t);

    if (err.code != AR_OK) {
        assert((err.code == AR_INVALID || err.code == AR_LIMIT) && t.settle == -77);
        return 0;
    }
    assert(t.settle >= 0 && t.n_settings <= AR_TRACKER_SETTINGS_MAX);
    for (int i = 0; i < AR_TRACKER_STEPS_N; i++) {
        assert(t.steps[i].request.method != NULL || i == AR_TRACKER_ASSIGN);
        check_step(&t.steps[i], &arena);
    }
    return 0;
}
