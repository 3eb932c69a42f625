/* catalog: what somebody obliges the organisation to, item by item, read from obligations/NAME.yaml
 * (docs/formats.md). Standards say with `maps` which items they answer. */
#pragma once

#include "op/op.h"

enum {
    AR_CATALOG_BYTES_MAX = 1024 * 1024, /* of one file */
    AR_CATALOG_ITEMS_MAX = 2000,
    AR_CATALOG_TEXT_MAX = 1000,
};

#define AR_OBLIGATION_STATUS_WORDS "complete in_progress not_applicable"

typedef struct ar_catalog_item {
    ar_str ref; /* its number there: "6", "ac-2.3" */
    ar_str group, text, owner, note;
    ar_str declared; /* one of the status words; empty: nothing was declared */
    ar_value at;     /* when it was */
} ar_catalog_item;

typedef struct ar_catalog {
    ar_str name; /* the word that standards map to */
    ar_str title, source;
    const ar_catalog_item *items;
    size_t n;
    bool shipped;
} ar_catalog;

/* Reads and checks one file. `name` is the file's name without .yaml, which the catalog's must be;
 * empty: any. AR_INVALID says file, line, column and what would be right. */
ar_err ar_catalog_parse(ar_str file, ar_str name, ar_str text, ar_arena *arena,
                        ar_catalog *out_catalog);
/* All of them by name, shipped and of the home. The first bad file is the error. */
ar_err ar_catalogs_load(const ar_place *place, ar_arena *arena, const ar_catalog **out_catalogs,
                        size_t *out_n);
