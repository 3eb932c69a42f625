/* site: what of the pages is the same for everybody: the files, each under the hash of its bytes,
 * and the one document that loads them. */
#pragma once

#include "base/base.h"

typedef struct ar_site_file {
    ar_str name;      /* as modules import it */
    ar_str path;      /* "/assets/0123456789abcdef.js": what lies there never changes */
    ar_str bytes;     /* gzip */
    const char *type; /* Content-Type */
} ar_site_file;

typedef struct ar_site {
    ar_arena arena;
    ar_site_file *files;
    size_t n;
    ar_str document; /* HTML */
    ar_str tag;      /* of the document, quoted, as an ETag */
    ar_str policy;   /* Content-Security-Policy */
} ar_site;

void ar_site_make(ar_site *out_site);
void ar_site_done(ar_site *site);
/* NULL: nothing lies there. */
const ar_site_file *ar_site_find(const ar_site *site, ar_str path);
