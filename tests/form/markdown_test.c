#include "form/markdown.h"

#include "t.h"

static ar_str written(ar_arena *arena, const char *text)
{
    ar_auto(ar_buf) out = { 0 };

    ar_markdown_text(&out, ar_str_of(text));
    return ar_arena_copy(arena, ar_buf_str(&out));
}

TEST(what_comes_from_outside_is_one_line_and_marks_up_nothing)
{
    ar_auto(ar_arena) arena = { 0 };

    T_STR(written(&arena, "a|b\n*c* <d> [e](f) `g`"), "a\\|b \\*c\\* \\<d\\> \\[e\\](f) \\`g\\`");
}

TEST(nobody_is_called_by_the_name_of_a_thing)
{
    ar_auto(ar_arena) arena = { 0 };

    T_STR(written(&arena, "@acme/all"), "@\u200bacme/all");
    T_STR(written(&arena, "for (@kim"), "for (@\u200bkim");
    T_STR(written(&arena, "kim@acme.example"), "kim@acme.example");
}
