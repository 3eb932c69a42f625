#include "op/args.h"
#include "t.h"

static const ar_param params[] = {
    { "id", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "which", NULL },
    { "top", AR_PARAM_INT, 0, "how many", NULL },
    { "since", AR_PARAM_TIME, 0, "from when", NULL },
    { "by", AR_PARAM_TEXT, 0, "grouped by", "standard pillar owner" },
    { "tag", AR_PARAM_TEXT, AR_REPEATED, "a tag", NULL },
    { "all", AR_PARAM_FLAG, 0, "all of them", NULL },
    { "file", AR_PARAM_FILE, 0, "where from", NULL },
    { 0 },
};
static const ar_op op = { .name = "thing.list", .params = params };
static const ar_time now = INT64_C(1795262400) * AR_SECOND;

static ar_err add(ar_args *args, const char *name, const char *text)
{
    return ar_args_add(args, ar_param_find(&op, ar_str_of(name)), ar_str_of(text), -1, now);
}

TEST(values_are_read_by_their_type)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_args args = { .op = &op, .arena = &arena };
    const ar_str *tags;

    T_OK(add(&args, "id", "app:1"));
    T_OK(add(&args, "top", "-20"));
    T_OK(add(&args, "since", "-7d"));
    T_OK(add(&args, "by", "pillar"));
    T_OK(add(&args, "tag", "a"));
    T_OK(add(&args, "tag", "b"));
    T_OK(add(&args, "all", ""));
    T_OK(ar_args_complete(&args));
    T_STR(ar_arg_text(&args, "id"), "app:1");
    T_INT(ar_arg_int(&args, "top", 0), -20);
    T_INT(ar_arg_time(&args, "since", 0), now - 7 * AR_DAY);
    T_TRUE(ar_arg_flag(&args, "all"));
    T_INT(ar_arg_texts(&args, "tag", &tags), 2);
    T_STR(tags[0], "a");
    T_STR(tags[1], "b");
}

TEST(what_is_absent_is_its_default)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_args args = { .op = &op, .arena = &arena };
    const ar_str *tags;

    T_INT(ar_arg_text(&args, "id").len, 0);
    T_INT(ar_arg_int(&args, "top", 7), 7);
    T_INT(ar_arg_time(&args, "since", now), now);
    T_TRUE(!ar_arg_flag(&args, "all") && !ar_arg_has(&args, "all"));
    T_INT(ar_arg_texts(&args, "tag", &tags), 0);
    T_INT(ar_arg_fd(&args, "id"), -1);
}

TEST(values_that_are_refused_say_why)
{
    static const struct {
        const char *name, *text;
        enum ar_code code;
        const char *says;
    } bad[] = {
        { "top", "many", AR_INVALID, "top: 'many' is no number" },
        { "top", "99999999999999999999", AR_INVALID, "is no number" },
        { "since", "yesterday", AR_INVALID, "since: " },
        { "by", "piller", AR_INVALID, "did you mean pillar?" },
        { "by", "zzzzzzzzzz", AR_INVALID, "want one of: standard pillar owner" },
        { "id", "again", AR_INVALID, "id is given twice" },
    };
    ar_auto(ar_arena) arena = { 0 };
    ar_args args = { .op = &op, .arena = &arena };

    T_FAILS(ar_args_complete(&args), AR_INVALID, "wants ID: which");
    T_OK(add(&args, "id", "x"));
    for (size_t i = 0; i < AR_COUNT(bad); i++)
        T_FAILS(add(&args, bad[i].name, bad[i].text), bad[i].code, bad[i].says);
    T_INT(args.n, 1); /* a failure leaves nothing behind */
}

TEST(text_is_utf8_but_a_file_may_have_any_name)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_args args = { .op = &op, .arena = &arena };

    T_FAILS(add(&args, "tag", "caf\xe9"), AR_INVALID, "tag is not valid UTF-8");
    T_OK(add(&args, "file", "caf\xe9.csv"));
    T_STR(ar_arg_text(&args, "file"), "caf\xef\xbf\xbd.csv");
}

TEST(a_value_with_a_nul_and_a_value_without_end_are_refused)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) long_text = { 0 };
    ar_args args = { .op = &op, .arena = &arena };

    for (int i = 0; i <= AR_ARG_BYTES_MAX; i++) ar_buf_addc(&long_text, 'x');
    T_FAILS(ar_args_add(&args, &params[0], (ar_str){ "a\0b", 3 }, -1, now), AR_INVALID, "NUL");
    T_FAILS(ar_args_add(&args, &params[0], ar_buf_str(&long_text), -1, now), AR_LIMIT, "262144");
    for (int i = 0; i < AR_ARGS_MAX; i++) T_OK(add(&args, "tag", "t"));
    T_FAILS(add(&args, "tag", "t"), AR_LIMIT, "4096 values");
}
