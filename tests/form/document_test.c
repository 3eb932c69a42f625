#include "form/document.h"

#include "form/json.h"
#include "t.h"

static void fill(ar_document *doc, ar_arena *arena)
{
    const ar_str heads[] = { AR_LIT("a|b"), AR_LIT("c") }, cells[] = { AR_LIT("<1>"), AR_LIT("2") };
    size_t source;

    *doc = (ar_document){ .arena = arena,
                          .schema = "test/1",
                          .title = AR_LIT("A \"report\""),
                          .subtitle = AR_LIT("now & then") };
    ar_doc_section(doc, 1, AR_LIT("First"));
    source = ar_doc_source(doc, AR_LIT("w1"), "aright score --by %s", "team");
    ar_doc_text(doc, source, "%d of %d", 3, 4);
    ar_doc_figure(doc, "pass", ar_int(3));
    ar_doc_item(doc, 0, "one");
    ar_doc_item(doc, ar_doc_source(doc, AR_LIT("w1"), "aright score --by team"), "two");
    ar_doc_section(doc, 2, AR_LIT("Second"));
    ar_doc_table(doc, heads, AR_COUNT(heads));
    ar_doc_row(doc, source, cells, AR_COUNT(cells));
}

TEST(a_document_is_written_as_markdown_in_which_no_text_is_markup)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) out = { 0 };
    ar_document doc;

    fill(&doc, &arena);
    ar_doc_markdown(&doc, &out);
    T_STR(ar_buf_str(&out), "# A \"report\"\n\nnow & then\n\n## First\n\n3 of 4 [Q1]\n\n- one\n"
                            "- two [Q1]\n\n### Second\n\n| a\\|b | c | source |\n|---|---|---|\n"
                            "| \\<1\\> | 2 | Q1 |\n\n## Sources of the figures\n\n"
                            "| source | snapshot | command |\n|---|---|---|\n"
                            "| Q1 | w1 | `aright score --by team` |\n");
}

TEST(and_as_a_page_in_which_no_text_is_an_element_and_nothing_runs)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) out = { 0 };
    ar_document doc;
    ar_str page;

    fill(&doc, &arena);
    ar_doc_html(&doc, &out);
    page = ar_buf_str(&out);
    T_TRUE(ar_str_contains(page, AR_LIT("<title>A &quot;report&quot;</title>")));
    T_TRUE(ar_str_contains(page, AR_LIT("<td>&lt;1&gt;</td><td>2</td><td><a href=\"#q1\">Q1</a>")));
    T_TRUE(ar_str_contains(page, AR_LIT("<ul>\n<li>one</li>\n<li>two <sup>")));
    T_TRUE(ar_str_contains(page, AR_LIT("default-src 'none'")));
    T_TRUE(!ar_str_contains(page, AR_LIT("<script")) && !ar_str_contains(page, AR_LIT("http://")));
}

TEST(and_as_json_with_its_figures_and_sources)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) out = { 0 };
    ar_document doc;
    ar_node *root;

    fill(&doc, &arena);
    ar_doc_json(&doc, &out);
    T_OK(ar_json_parse(AR_LIT("report"), ar_buf_str(&out), NULL, &arena, &root));
    T_STR(ar_node_at(root, AR_LIT("schema"))->text, "test/1");
    T_INT(ar_node_at(root, AR_LIT("sections.0.blocks.0.figures.pass"))->i, 3);
    T_STR(ar_node_at(root, AR_LIT("sections.0.blocks.2.source"))->text, "Q1");
    T_STR(ar_node_at(root, AR_LIT("sections.1.blocks.1.cells.0"))->text, "<1>");
    T_STR(ar_node_at(root, AR_LIT("sources.0.command"))->text, "aright score --by team");
    T_INT(ar_node_at(root, AR_LIT("sources"))->n, 1);
}

TEST(a_document_without_a_section_is_json_too)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) out = { 0 };
    ar_document doc = { .arena = &arena, .schema = "test/1" };
    ar_node *root;

    ar_doc_json(&doc, &out);
    T_OK(ar_json_parse(AR_LIT("report"), ar_buf_str(&out), NULL, &arena, &root));
    T_INT(ar_node_at(root, AR_LIT("sections"))->n, 0);
}
