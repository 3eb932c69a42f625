/* What a server answers: a Link header gives a part of itself or nothing, a page that is JSON
 * becomes one line that is the same JSON, and no page is counted or searched out of its bounds. */
#include "fetch/page.h"
#include "form/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_link(ar_str header)
{
    ar_str link = ar_page_link(header, AR_LIT("next"));

    assert(link.len == 0 ||
           (link.ptr > header.ptr && link.ptr + link.len < header.ptr + header.len));
    assert(ar_str_find(link, '>') == link.len);
}

static void check_page(ar_str text)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) line = { 0 }, once = { 0 }, again = { 0 };
    ar_node *page, *back;

    if (ar_json_parse(AR_LIT("x"), text, NULL, &arena, &page).code != AR_OK) return;
    if (ar_str_starts(text, AR_LIT("\xef\xbb\xbf"))) text = ar_str_cut(text, 3, text.len);
    ar_page_line(&line, text);
    assert(line.len <= text.len && ar_str_find(ar_buf_str(&line), '\n') == line.len);

    ar_err err = ar_json_parse(AR_LIT("y"), ar_buf_str(&line), NULL, &arena, &back);

    assert(err.code == AR_OK);
    ar_json_node(&once, page);
    ar_json_node(&again, back);
    assert(ar_str_eq(ar_buf_str(&once), ar_buf_str(&again)));
    assert(ar_page_count(page, AR_LIT("value")) >= -1);
    if (ar_page_removes(page, AR_LIT("value"), AR_LIT("@removed")))
        assert(ar_page_count(page, AR_LIT("value")) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ar_str text = { .ptr = (const char *)data, .len = size };

    check_link(text);
    check_page(text);
    return 0;
}
