#include "gate/admission.h"

#include "form/json.h"
#include "t.h"

static ar_admission read_one(ar_arena *arena, const char *json)
{
    ar_admission a = { 0 };
    ar_node *root = NULL;

    T_OK(ar_json_parse(AR_LIT("r"), ar_str_of(json), NULL, arena, &root));
    T_TRUE(ar_admission_is(root));
    T_OK(ar_admission_read(AR_LIT("r"), root, arena, &a));
    return a;
}

static ar_str uid_of(const ar_admission *a)
{
    return ar_node_at(a->object, AR_LIT("metadata.uid"))->text;
}

#define ASK(more)                                                                                  \
    "{\"kind\": \"AdmissionReview\", \"apiVersion\": \"admission.k8s.io/v1\", \"request\": {" more \
    "}}"

TEST(a_thing_is_known_by_its_uid_else_by_the_name_it_has_or_will_have)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_admission a = read_one(&arena, ASK("\"uid\": \"q\", \"operation\": \"CREATE\","
                                          " \"object\": {\"metadata\": {\"uid\": \"u\"}}"));

    T_STR(a.uid, "q");
    T_STR(uid_of(&a), "u");
    a = read_one(&arena, ASK("\"uid\": \"q\", \"operation\": \"CREATE\", \"namespace\": \"n\","
                             " \"name\": \"a\", \"object\": {\"metadata\": {\"name\": \"b\"}}"));
    T_STR(uid_of(&a), "n/a");
    a = read_one(&arena, ASK("\"uid\": \"q\", \"operation\": \"UPDATE\", \"namespace\": \"n\","
                             " \"object\": {\"metadata\": {\"generateName\": \"b-\"}}"));
    T_STR(uid_of(&a), "n/b-");
    T_TRUE(!a.gone);
    a = read_one(&arena, ASK("\"uid\": \"q\", \"operation\": \"DELETE\", \"object\": null,"
                             " \"oldObject\": {\"metadata\": {\"name\": \"b\"}}"));
    T_STR(uid_of(&a), "b");
    T_TRUE(a.gone);
}

/* A decision that warns of n standards with long sentences. */
static ar_gate_decision warns_of(ar_arena *arena, size_t n)
{
    ar_gate_decision d = { .effect = AR_GATE_WARN, .n = n };
    ar_standard *standard = ar_make(arena, ar_standard);
    char *right = ar_arena_take(arena, 301);

    memset(right, 'x', 300);
    memcpy(right + 230, "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 12);
    standard->id = AR_LIT("X-1");
    standard->title = AR_LIT("Be right");
    standard->right = ar_str_of(right);
    d.verdicts = ar_make_n(arena, ar_gate_verdict, n + 1);
    for (size_t i = 0; i < n; i++)
        d.verdicts[i] =
            (ar_gate_verdict){ .standard = standard, .state = AR_FAIL, .effect = AR_GATE_WARN };
    return d;
}

TEST(warnings_stay_within_what_an_api_server_hands_on)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) out = { 0 };
    ar_admission a = { .uid = AR_LIT("q") };
    ar_gate_decision d = warns_of(&arena, 100);
    const ar_node *warnings;
    ar_node *root = NULL;
    size_t all = 0;

    ar_admission_answer(&a, &d, AR_LIT("g"), AR_LIT("G-1"), &out);
    T_OK(ar_json_parse(AR_LIT("out"), ar_buf_str(&out), NULL, &arena, &root));
    warnings = ar_node_at(root, AR_LIT("response.warnings"));
    T_INT(warnings->n, 16);
    for (size_t i = 0; i < warnings->n; i++) {
        T_TRUE(warnings->items[i]->text.len <= AR_ADMISSION_WARNING_MAX);
        all += warnings->items[i]->text.len;
    }
    T_TRUE(all <= AR_ADMISSION_WARNINGS_MAX);
    T_TRUE(ar_node_at(root, AR_LIT("response.allowed"))->b);
}
