#include "base/base.h"
#include "t.h"

#include <float.h>

TEST(doubles_print_as_the_shortest_text_that_reads_back)
{
    static const struct {
        double d;
        const char *text;
    } cases[] = { { 0.1, "0.1" },
                  { 1, "1.0" },
                  { -2.5e300, "-2.5e+300" },
                  { DBL_MAX, "1.7976931348623157e+308" } };

    for (size_t i = 0; i < AR_COUNT(cases); i++) {
        ar_auto(ar_buf) out = { 0 };

        ar_value_print(&out, ar_double(cases[i].d));
        T_STR(ar_buf_str(&out), cases[i].text);
    }
}

TEST(text_that_does_not_fit_its_type_is_refused)
{
    ar_value v = ar_int(3);

    T_FAILS(ar_value_parse(AR_LIT("maybe"), AR_BOOL, &v), AR_INVALID, "'maybe' is not a bool");
    T_FAILS(ar_value_parse(AR_LIT("1.5"), AR_INT, &v), AR_INVALID, "'1.5' is not an int");
    T_FAILS(ar_value_parse(AR_LIT("late"), AR_TIME, &v), AR_INVALID, "'late' is not a time");
    T_INT(v.i, 3);
    T_OK(ar_value_parse(AR_LIT(""), AR_INT, &v));
    T_TRUE(v.type == AR_NULL);
}
