#include "base/base.h"
#include "t.h"

#include <pthread.h>

static ar_err fails(void)
{
    AR_TRY_WITH(ar_fail(AR_LIMIT, "%d is too many", 9), "reading %s", "x.yaml");
    return ar_ok();
}

TEST(context_goes_in_front_and_the_code_stays)
{
    ar_err err = fails();

    T_TRUE(err.code == AR_LIMIT);
    T_STR(ar_err_text(err), "reading x.yaml: 9 is too many");
}

TEST(a_sentence_that_is_cut_says_so)
{
    char word[3000];

    memset(word, 'a', sizeof word);
    ar_err err = ar_context(ar_fail(AR_LIMIT, "%.*s", (int)sizeof word, word), "reading");

    T_TRUE(ar_str_starts(ar_err_text(err), AR_LIT("reading: aaa")));
    T_TRUE(ar_str_ends(ar_err_text(err), AR_LIT("aaa ...")));
}

TEST(a_late_reader_gets_the_text_of_the_code)
{
    ar_err first = ar_fail(AR_DENIED, "the first");

    for (int i = 0; i < 16; i++) (void)ar_fail(AR_INVALID, "another");
    T_STR(ar_err_text(first), "not allowed");
}

static void *read_elsewhere(void *err)
{
    return ar_str_eq(ar_err_text(*(ar_err *)err), AR_LIT("no such thing")) ? err : NULL;
}

TEST(another_thread_gets_the_text_of_the_code)
{
    ar_err err = ar_fail(AR_NOT_FOUND, "mine alone");
    pthread_t thread;
    void *same = NULL;

    T_TRUE(pthread_create(&thread, NULL, read_elsewhere, &err) == 0);
    T_TRUE(pthread_join(thread, &same) == 0);
    T_TRUE(same == &err);
}
