#include "op/answers.h"
#include "op_home.h"

static ar_err nothing(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    (void)ctx, (void)args, (void)reply;
    return ar_ok();
}

static const ar_param params[] = {
    { "of", AR_PARAM_TEXT, 0, "o", NULL },
    { 0 },
};
static const ar_column columns[] = { { "n", AR_INT, 0, "n" }, { 0 } };
static const ar_op ops[] = {
    { .name = "thing.list", .grant = "g", .params = params, .columns = columns, .run = nothing },
    { .name = "thing.count", .grant = "g", .surveyed = true, .columns = columns, .run = nothing },
    { 0 },
};
static const ar_op *const all_ops[] = { ops, NULL };
static const ar_migration *const all_migrations[] = { ar_core_migrations, NULL };
static ar_opened_fn *const opened[] = { NULL };
static const ar_tables home_tables = {
    .version = "1.2.3", .ops = all_ops, .migrations = all_migrations, .opened = opened
};
static const ar_tables tables = { .version = "1.2.3", .ops = all_ops };

/* What is asked, at some minute. */
typedef struct asking {
    ar_arena arena;
    ar_args args;
    ar_request request;
} asking;

static void asking_done(asking *a)
{
    ar_arena_done(&a->arena);
}

static void ask(asking *a, const ar_op *op, const char *of, int minute)
{
    a->args = (ar_args){ .op = op, .arena = &a->arena };
    if (of != NULL) T_OK(ar_args_add(&a->args, &params[0], ar_str_of(of), -1, home_now));
    a->request = (ar_request){ .args = &a->args, .now = home_now + minute * AR_MINUTE };
    a->request.asof = a->request.now;
}

/* An answer of one row, and more if it is to be long, which took so many milliseconds. */
static void answer(ar_answers *answers, asking *a, int64_t n, size_t rows, int64_t took_ms)
{
    ar_auto(ar_answer_taker) taker = { 0 };
    ar_sink sink = ar_answer_taker_sink(&taker, NULL);

    T_OK(sink.columns(sink.self, columns, 1));
    for (size_t i = 0; i < rows; i++) T_OK(sink.row(sink.self, (ar_value[]){ ar_int(n) }, 1));
    sink.note(sink.self, AR_LIT("so it is"));
    sink.about(sink.self, AR_LIT("total"), ar_int(n));
    ar_answers_keep(answers, &tables, &a->request, &taker, took_ms);
}

typedef struct heard {
    int64_t n, total, as_of;
    size_t notes;
} heard;

static ar_err hear_columns(void *self, const ar_column *cols, size_t n)
{
    (void)self, (void)cols;
    T_INT(n, 1);
    return ar_ok();
}

static ar_err hear_row(void *self, const ar_value *values, size_t n)
{
    (void)n;
    ((heard *)self)->n = values[0].i;
    return ar_ok();
}

static void hear_note(void *self, ar_str text)
{
    (void)text;
    ((heard *)self)->notes++;
}

static void hear_about(void *self, ar_str name, ar_value value)
{
    heard *h = self;

    if (ar_str_eq(name, AR_LIT("total"))) h->total = value.i;
    if (ar_str_eq(name, AR_LIT("as_of"))) h->as_of = value.i;
}

static bool told(ar_answers *answers, asking *a, heard *out)
{
    const ar_sink sink = { .columns = hear_columns,
                           .row = hear_row,
                           .note = hear_note,
                           .about = hear_about,
                           .self = out };
    ar_err err = ar_ok();

    *out = (heard){ 0 };

    bool was = ar_answers_tell(answers, &tables, &a->request, &sink, &err);

    T_OK(err);
    return was;
}

TEST(what_took_long_is_told_again_until_something_changes)
{
    ar_own(ar_answers) answers = ar_answers_new(100);
    __attribute__((cleanup(asking_done))) asking a = { 0 };
    heard h;

    ask(&a, &ops[0], "this", 0);
    T_TRUE(!told(answers, &a, &h));
    answer(answers, &a, 7, 1, 100);
    ask(&a, &ops[0], "this", 59);
    T_TRUE(told(answers, &a, &h));
    T_INT(h.n, 7);
    T_INT(h.total, 7);
    T_INT(h.notes, 1);
    T_INT(h.as_of, home_now);
    ask(&a, &ops[0], "that", 1);
    T_TRUE(!told(answers, &a, &h));
    ask(&a, &ops[0], "this", 60); /* what is late by time alone */
    T_TRUE(!told(answers, &a, &h));
    ask(&a, &ops[0], "this", 2);
    ar_answers_changed(answers);
    T_TRUE(!told(answers, &a, &h));
}

TEST(what_is_quick_or_long_is_not_kept)
{
    ar_own(ar_answers) answers = ar_answers_new(100);
    __attribute__((cleanup(asking_done))) asking a = { 0 };
    heard h;

    ask(&a, &ops[0], NULL, 0);
    answer(answers, &a, 7, 1, 99);
    T_TRUE(!told(answers, &a, &h));
    answer(answers, &a, 7, AR_ANSWERS_BYTES_MAX / 8, 5000);
    T_TRUE(!told(answers, &a, &h));
}

TEST(a_survey_stands_as_of_when_it_was_made)
{
    ar_own(ar_answers) answers = ar_answers_new(100);
    __attribute__((cleanup(asking_done))) asking a = { 0 };
    heard h;

    ask(&a, &ops[1], NULL, 3);
    answer(answers, &a, 7, 1, 100);
    ar_answers_changed(answers);
    ask(&a, &ops[1], NULL, 600);
    T_TRUE(told(answers, &a, &h));
    T_INT(h.as_of, home_now + 3 * AR_MINUTE);
}

TEST(what_was_asked_lately_is_answered_ahead_and_then_stays_kept)
{
    ar_own(ar_answers) answers = ar_answers_new(100);
    ar_auto(ar_arena) arena = { 0 };
    __attribute__((cleanup(asking_done))) asking a = { 0 };
    ar_request *lately;
    heard h;

    ask(&a, &ops[0], "long ago", -AR_ANSWERS_DAYS_MAX * 24 * 60 - 1);
    answer(answers, &a, 6, 1, 100);
    ask(&a, &ops[0], "this", -1);
    answer(answers, &a, 7, 1, 100);
    ar_answers_changed(answers);
    T_INT(ar_answers_lately(answers, &tables, home_now, false, &arena, &lately), 1);
    T_TRUE(lately[0].args->op == &ops[0]);
    T_STR(ar_arg_text(lately[0].args, "of"), "this");
    T_INT(lately[0].now, home_now);
    T_INT(lately[0].asof, home_now);
    a.request = lately[0];
    answer(answers, &a, 8, 1, 0);
    T_TRUE(told(answers, &a, &h));
    T_INT(h.n, 8);
}

TEST(surveys_are_answered_ahead_though_nobody_asked)
{
    ar_own(ar_answers) answers = ar_answers_new(100);
    ar_auto(ar_arena) arena = { 0 };
    ar_request *lately;
    size_t n = ar_answers_lately(answers, &tables, home_now, true, &arena, &lately);
    __attribute__((cleanup(asking_done))) asking a = { 0 };

    T_INT(n, 1);
    T_TRUE(lately[0].args->op == &ops[1]);
    T_INT(lately[0].asof, home_now);
    ask(&a, &ops[1], NULL, -1);
    answer(answers, &a, 7, 1, 100);
    T_INT(ar_answers_lately(answers, &tables, home_now, true, &arena, &lately), 1); /* once */
}

TEST(surveys_outlive_the_process_and_nothing_else_does)
{
    ar_own(ar_answers) answers = ar_answers_new(100);
    ar_own(ar_answers) next = ar_answers_new(100);
    __attribute__((cleanup(asking_done))) asking a = { 0 };
    home h;
    heard said;

    home_init(&h, &home_tables);
    T_OK(home_open(&h));
    ask(&a, &ops[0], "this", 0);
    answer(answers, &a, 6, 1, 100);
    ask(&a, &ops[1], NULL, 3);
    answer(answers, &a, 7, 1, 100);
    T_OK(ar_answers_save(answers, &tables, h.core->engine));
    T_OK(ar_answers_save(answers, &tables, h.core->engine)); /* in the place of the last ones */
    T_OK(ar_answers_load(next, h.core->engine));
    T_TRUE(told(next, &a, &said));
    T_INT(said.n, 7);
    T_INT(said.notes, 1);
    T_INT(said.as_of, home_now + 3 * AR_MINUTE);
    ask(&a, &ops[0], "this", 0);
    T_TRUE(!told(next, &a, &said));
    home_done(&h);
}

TEST(the_one_asked_longest_ago_makes_room)
{
    ar_own(ar_answers) answers = ar_answers_new(100);
    __attribute__((cleanup(asking_done))) asking a = { 0 };
    heard h;

    for (int i = 0; i <= AR_ANSWERS_MAX; i++) {
        char of[16];

        (void)snprintf(of, sizeof of, "%d", i);
        ask(&a, &ops[0], of, i == 5 ? -1 : i / 10);
        answer(answers, &a, i, 1, 100);
    }
    ask(&a, &ops[0], "5", 30);
    T_TRUE(!told(answers, &a, &h));
    ask(&a, &ops[0], "0", 30);
    T_TRUE(told(answers, &a, &h));
    ask(&a, &ops[0], "256", 30);
    T_TRUE(told(answers, &a, &h));
    T_INT(h.n, 256);
}
