/* A connector file, a line "---", a file of a source. A connector that is read works: its mappings
 * are ones, what goes to the children comes out as it went in, and what a source fills in stays in
 * its place: a url is one, and no header becomes two. */
#include "estate/items.h"
#include "estate/plan.h"
#include "estate/upstream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_plan(const ar_connector *c, ar_arena *arena)
{
    ar_plan_column *columns = ar_make_n(arena, ar_plan_column, c->n_columns);
    ar_auto(ar_buf) once = { 0 }, again = { 0 };
    ar_own(ar_items) items = NULL;
    ar_plan back;

    for (size_t i = 0; i < c->n_columns; i++)
        columns[i] = (ar_plan_column){ c->columns[i].name, AR_TEXT, c->columns[i].text };

    ar_plan plan = { .format = c->format,
                     .items = c->items,
                     .bad_rows_max = c->bad_rows_max,
                     .columns = columns,
                     .n_columns = c->n_columns,
                     .owners = c->owners,
                     .n_owners = c->n_owners };

    assert(ar_items_new(&c->items, c->file, &items).code == AR_OK);
    ar_plan_print(&plan, &once);
    assert(ar_plan_parse(ar_buf_str(&once), arena, &back).code == AR_OK);
    ar_plan_print(&back, &again);
    assert(ar_str_eq(ar_buf_str(&once), ar_buf_str(&again)));
}

static size_t lines_of(ar_str text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) n += text.ptr[i] == '\n';
    return n;
}

static void check_url(ar_str url)
{
    assert(url.len == 0 || ar_str_starts(url, AR_LIT("https://")) ||
           ar_str_starts(url, AR_LIT("http://")));
}

static void check_errand(const ar_upstream *source, const ar_connector *c, ar_arena *arena)
{
    bool *used = ar_make_n(arena, bool, source->reach.n_settings + 1);
    ar_auto(ar_buf) once = { 0 }, again = { 0 };
    ar_errand e, back;

    if (ar_upstream_errand(source, c, 20000 * AR_DAY, used, arena, &e).code != AR_OK) return;
    check_url(e.url);
    check_url(e.token_url);
    check_url(e.delta_url);
    assert(lines_of(e.headers) == lines_of(c->fetch->headers) && lines_of(e.proof_prefix) == 0);
    assert(e.pages_max > 0 && e.bytes_max > 0 && e.seconds_max > 0 && e.attempts > 0);
    ar_errand_print(&e, &once);
    assert(ar_errand_parse(ar_buf_str(&once), arena, &back).code == AR_OK);
    ar_errand_print(&back, &again);
    assert(ar_str_eq(ar_buf_str(&once), ar_buf_str(&again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ar_str between = AR_LIT("\n---\n");
    ar_str first = { (const char *)data, size }, second = { 0 };
    ar_auto(ar_arena) arena = { 0 };
    ar_upstream source;
    ar_connector c;

    for (size_t i = 0; i + between.len <= size && second.ptr == NULL; i++)
        if (ar_str_starts(ar_str_cut(first, i, size), between)) {
            second = ar_str_cut(first, i + between.len, size);
            first = ar_str_cut(first, 0, i + 1);
        }
    if (size == 0 || ar_connector_parse(AR_LIT("c.yaml"), first, &arena, &c).code != AR_OK)
        return 0;
    check_plan(&c, &arena);
    if (second.ptr == NULL ||
        ar_upstream_parse(AR_LIT("s.yaml"), second, &arena, &source).code != AR_OK)
        return 0;
    source.reach.ca = (ar_str){ 0 }; /* no file is opened */
    check_errand(&source, &c, &arena);
    return 0;
}
