#include "http/site.h"

#include "form/hash.h"
#include "form/json.h"
#include "http/assets.h"

enum { HASH_DIGITS = 16 };

static bool is_style(ar_str name)
{
    return ar_str_ends(name, AR_LIT(".css"));
}

static void add_file(ar_site *site, const ar_asset_file *from)
{
    ar_str bytes = { from->bytes, (size_t)(from->end - from->bytes) };
    ar_str name = ar_str_of(from->name), hash = ar_sha256(bytes, &site->arena);
    bool style = is_style(name);

    site->files[site->n++] = (ar_site_file){
        .name = name,
        .path = ar_arena_printf(&site->arena, "/assets/%.*s.%s", HASH_DIGITS, hash.ptr,
                                style ? "css" : "js"),
        .bytes = bytes,
        .type = style ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8",
    };
}

/* Where each module that a script may name lies. */
static void add_import_map(const ar_site *site, ar_buf *out)
{
    const char *comma = "";

    ar_buf_addz(out, "{\"imports\":{");
    for (size_t i = 0; i < site->n; i++) {
        if (is_style(site->files[i].name)) continue;
        ar_buf_addz(out, comma);
        ar_json_text(out, site->files[i].name);
        ar_buf_addc(out, ':');
        ar_json_text(out, site->files[i].path);
        comma = ",";
    }
    ar_buf_addz(out, "}}");
}

static void write_document(ar_site *site, ar_str import_map)
{
    ar_auto(ar_buf) html = { 0 };

    ar_buf_addz(&html, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n"
                       "<title>aright</title>\n<link rel=\"icon\" href=\"data:,\">\n");
    for (size_t i = 0; i < site->n; i++)
        if (is_style(site->files[i].name))
            ar_buf_addf(&html, "<link rel=\"stylesheet\" href=\"%.*s\">\n",
                        AR_FMT(site->files[i].path));
    ar_buf_addf(&html, "<script type=\"importmap\">%.*s</script>\n", AR_FMT(import_map));
    for (size_t i = 0; i < site->n; i++)
        if (ar_str_eq(site->files[i].name, AR_LIT("aright/main")))
            ar_buf_addf(&html, "<script type=\"module\" src=\"%.*s\"></script>\n",
                        AR_FMT(site->files[i].path));
    ar_buf_addz(&html, "<body>\n<noscript>These pages need scripts; the same is told by the "
                       "commands of aright.</noscript>\n");
    site->document = ar_arena_copy(&site->arena, ar_buf_str(&html));
    site->tag = ar_arena_printf(&site->arena, "\"%.*s\"", HASH_DIGITS,
                                ar_sha256(site->document, &site->arena).ptr);
}

/* Scripts and styles of our own only; the import map, which must stand in the document, by its
 * hash. */
static void write_policy(ar_site *site, ar_str import_map)
{
    ar_str hash = ar_sha256_base64(import_map, &site->arena);

    site->policy = ar_arena_printf(
        &site->arena,
        "default-src 'none'; script-src 'self' 'sha256-%.*s'; style-src 'self'; connect-src 'self';"
        " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
        " require-trusted-types-for 'script'",
        AR_FMT(hash));
}

void ar_site_make(ar_site *out_site)
{
    ar_site site = { 0 };
    ar_auto(ar_buf) import_map = { 0 };
    size_t n = 0;

    while (ar_asset_files[n].name != NULL) n++;
    site.files = ar_make_n(&site.arena, ar_site_file, n);
    for (size_t i = 0; i < n; i++) add_file(&site, &ar_asset_files[i]);
    add_import_map(&site, &import_map);
    write_document(&site, ar_buf_str(&import_map));
    write_policy(&site, ar_buf_str(&import_map));
    *out_site = site;
}

void ar_site_done(ar_site *site)
{
    ar_arena_done(&site->arena);
}

const ar_site_file *ar_site_find(const ar_site *site, ar_str path)
{
    for (size_t i = 0; i < site->n; i++)
        if (ar_str_eq(site->files[i].path, path)) return &site->files[i];
    return NULL;
}
