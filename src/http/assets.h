/* assets: the files of the pages, compressed, as tools/embed puts them into the program. */
#pragma once

#include "base/base.h"

typedef struct ar_asset_file {
    const char *name; /* as modules import it: "preact", "aright/main"; style sheets end in .css */
    const char *bytes, *end; /* gzip */
    size_t size;             /* unpacked */
} ar_asset_file;

extern const ar_asset_file ar_asset_files[]; /* ends with a zero entry */
