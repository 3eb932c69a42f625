#include "form/json.h"
#include "gate/admission.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read can be answered, by a document that names the same question. */
static void check(const ar_admission *admission, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };
    ar_gate_decision none = { 0 };
    ar_node *root = NULL;
    ar_str uid = { 0 };

    ar_admission_answer(admission, &none, AR_LIT("g.create"), AR_LIT("G-1"), &out);

    ar_err err = ar_json_parse(AR_LIT("answer"), ar_buf_str(&out), NULL, arena, &root);

    assert(err.code == AR_OK);
    err = ar_node_text(AR_LIT("answer"), ar_node_get(root, AR_LIT("response")), "uid", true, &uid);
    assert(err.code == AR_OK && ar_str_eq(uid, admission->uid));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str what = AR_LIT("review");
    ar_admission admission = { 0 };
    ar_node *root;

    if (ar_json_parse(what, (ar_str){ (const char *)data, size }, NULL, &arena, &root).code !=
            AR_OK ||
        !ar_admission_is(root))
        return 0;

    ar_err err = ar_admission_read(what, root, &arena, &admission);

    assert(err.code == AR_OK || err.code == AR_INVALID);
    if (err.code != AR_OK) return assert(admission.object == NULL), 0;
    assert(admission.uid.len > 0);
    assert(ar_node_at(admission.object, AR_LIT("metadata.uid")) != NULL);
    check(&admission, &arena);
    return 0;
}
