#include "http/site.h"

#include "form/hash.h"
#include "http/assets.h"
#include "t.h"

TEST(every_file_lies_under_its_own_name_and_nothing_else_does)
{
    ar_site site;

    ar_site_make(&site);
    T_TRUE(site.n > 5);
    for (size_t i = 0; i < site.n; i++) {
        T_TRUE(ar_site_find(&site, site.files[i].path) == &site.files[i]);
        T_TRUE(site.files[i].bytes.len > 20 && site.files[i].bytes.ptr[0] == 0x1f);
    }
    T_TRUE(ar_site_find(&site, AR_LIT("/assets/")) == NULL);
    T_TRUE(ar_site_find(&site, AR_LIT("")) == NULL);
    ar_site_done(&site);
}

static size_t place_of(ar_str text, ar_str part)
{
    const char *at = memmem(text.ptr, text.len, part.ptr, part.len);

    return at == NULL ? text.len : (size_t)(at - text.ptr);
}

/* The policy lets in one inline script: the map that stands in the document. */
TEST(the_policy_names_the_import_map_by_its_hash)
{
    const ar_str before = AR_LIT("<script type=\"importmap\">"), after = AR_LIT("</script>");
    ar_site site;

    ar_site_make(&site);

    size_t from = place_of(site.document, before) + before.len;
    ar_str rest = ar_str_cut(site.document, from, site.document.len);
    ar_str map = ar_str_cut(rest, 0, place_of(rest, after));
    ar_str hash = ar_sha256_base64(map, &site.arena);

    ar_str named = ar_arena_printf(&site.arena, "'sha256-%.*s'", AR_FMT(hash));

    T_TRUE(ar_str_contains(site.policy, named));
    T_TRUE(!ar_str_contains(site.policy, AR_LIT("unsafe")));
    for (size_t i = 0; i < site.n; i++) T_TRUE(ar_str_contains(site.document, site.files[i].path));
    ar_site_done(&site);
}

/* What a browser loads before the first chart: the modules of the frame and of the first page. */
TEST(the_scripts_of_the_first_page_are_small)
{
    static const char *const first[] = {
        "preact",      "preact/hooks", "@preact/signals", "@preact/signals-core",
        "htm",         "aright/main",  "aright/door",     "aright/ui",
        "aright/keys", "aright/pages", "aright/today"
    };
    size_t bytes = 0;

    for (size_t i = 0; i < AR_COUNT(first); i++) {
        const ar_asset_file *f = ar_asset_files;

        while (f->name != NULL && strcmp(f->name, first[i]) != 0) f++;
        T_TRUE(f->name != NULL);
        if (f->name != NULL) bytes += (size_t)(f->end - f->bytes);
    }
    T_TRUE(bytes > 0 && bytes <= 30 * 1024);
}
