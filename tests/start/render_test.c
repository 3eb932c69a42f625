#include "start/render.h"

#include "t.h"

static const ar_given given[] = { { AR_LIT("name"), AR_LIT("payroll") },
                                  { AR_LIT("owner"), AR_LIT("team:\"web\"\n{name}") },
                                  { AR_LIT("nothing"), { 0 } } };

static ar_err render(const char *text, enum ar_render_as as, ar_buf *out)
{
    return ar_render(ar_str_of(text), as, given, AR_COUNT(given), out);
}

TEST(parameters_are_filled_in_and_braces_are_braces)
{
    static const struct {
        const char *text, *want;
        enum ar_render_as as;
    } good[] = {
        { "", "", AR_RENDER_PLAIN },
        { "a {name}.", "a payroll.", AR_RENDER_PLAIN },
        { "{name}{name}", "payrollpayroll", AR_RENDER_PLAIN },
        { "[{nothing}]", "[]", AR_RENDER_PLAIN },
        { "{{name}", "{name}", AR_RENDER_PLAIN },
        { "${{{{ x }}", "${{ x }}", AR_RENDER_PLAIN },
        { "} }}", "} }}", AR_RENDER_PLAIN },
        { "{{{{{name}", "{{payroll", AR_RENDER_PLAIN },
        { "{owner}", "team:\"web\"\n{name}", AR_RENDER_PLAIN }, /* what is given is not rendered */
        { "\"{owner}\"", "\"team:\\\"web\\\"\\n{name}\"", AR_RENDER_JSON },
        { "\"{owner}\"", "\"team:\\\"web\\\"\\n{name}\"", AR_RENDER_YAML },
    };

    for (size_t i = 0; i < AR_COUNT(good); i++) {
        ar_auto(ar_buf) out = { 0 };

        T_OK(ar_render_check(ar_str_of(good[i].text), given, AR_COUNT(given)));
        T_OK(render(good[i].text, good[i].as, &out));
        T_STR(ar_buf_str(&out), good[i].want);
    }
}

TEST(what_cannot_be_filled_in_is_refused_with_its_place)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "{", "line 1, column 1: this brace begins no parameter (want {name}, or {{" },
        { "a\nb {", "line 2, column 3" },
        { "{name", "begins no parameter" },
        { "{na me}", "begins no parameter" },
        { "{Name}", "begins no parameter" },
        { "{}", "begins no parameter" },
        { "x {nmae}", "line 1, column 3: there is no parameter {nmae}; did you mean {name}?" },
        { "{zzzzzzzz}", "there is no parameter {zzzzzzzz}" },
    };

    for (size_t i = 0; i < AR_COUNT(bad); i++) {
        ar_auto(ar_buf) out = { 0 };

        T_FAILS(ar_render_check(ar_str_of(bad[i].text), given, AR_COUNT(given)), AR_INVALID,
                bad[i].says);
        T_FAILS(render(bad[i].text, AR_RENDER_PLAIN, &out), AR_INVALID, bad[i].says);
    }
}

TEST(a_text_that_becomes_too_large_is_refused)
{
    ar_auto(ar_buf) text = { 0 }, out = { 0 };

    while (text.len < AR_RENDER_MAX) ar_buf_addz(&text, "{name}");
    T_FAILS(render(text.ptr, AR_RENDER_PLAIN, &out), AR_LIMIT, "larger than 262144 bytes");
}

TEST(one_parameter_alone_is_known_as_such)
{
    T_STR(ar_render_only(AR_LIT("{name}")), "name");
    T_STR(ar_render_only(AR_LIT("{name} ")), "");
    T_STR(ar_render_only(AR_LIT(" {name}")), "");
    T_STR(ar_render_only(AR_LIT("{name}{name}")), "");
    T_STR(ar_render_only(AR_LIT("{{")), "");
    T_STR(ar_render_only(AR_LIT("{")), "");
    T_STR(ar_render_only(AR_LIT("")), "");
}
