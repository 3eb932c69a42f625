#include "work/rich.h"

#include "t.h"

static const char body[] = "## T-1: Title\n\nIt is \\<b\\> `right` \\*.\n\n| a | b |\n|---|---|\n"
                           "| x \\| y |  |\n\nand more\n";

TEST(markdown_becomes_html_in_which_nothing_from_outside_marks_up)
{
    ar_auto(ar_arena) arena = { 0 };

    T_STR(ar_rich_html(ar_str_of(body), &arena),
          "<h2>T-1: Title</h2><p>It is &lt;b&gt; right *.</p><table><tr><th>a</th><th>b</th></tr>"
          "<tr><td>x | y</td><td></td></tr></table><p>and more</p>");
    T_STR(ar_rich_html((ar_str){ 0 }, &arena), "");
}

TEST(markdown_becomes_a_document_without_empty_texts)
{
    ar_auto(ar_arena) arena = { 0 };

    T_STR(ar_rich_adf(ar_str_of("# A\n| a |\n|---|\n|  |\nend"), &arena),
          "{\"type\":\"doc\",\"version\":1,\"content\":["
          "{\"type\":\"heading\",\"attrs\":{\"level\":1},\"content\":[{\"type\":\"text\",\"text\":"
          "\"A\"}]},{\"type\":\"table\",\"content\":[{\"type\":\"tableRow\",\"content\":["
          "{\"type\":\"tableHeader\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":"
          "\"text\",\"text\":\"a\"}]}]}]},{\"type\":\"tableRow\",\"content\":[{\"type\":"
          "\"tableCell\",\"content\":[{\"type\":\"paragraph\",\"content\":[]}]}]}]},"
          "{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"end\"}]}]}");
}
