/* connector: where the items of a payload are, and what each column of a kind is in one of them
 * (docs/formats.md, "Connector"). */
#pragma once

#include "estate/estate.h"
#include "estate/feed.h"
#include "estate/items.h"
#include "estate/kind.h"
#include "fetch/errand.h"

enum ar_payload {
    AR_PAYLOAD_AUTO, /* by the first bytes */
    AR_PAYLOAD_JSON,
    AR_PAYLOAD_NDJSON,
    AR_PAYLOAD_PAGES, /* JSON documents, one a line, each as AR_PAYLOAD_JSON */
    AR_PAYLOAD_YAML,
    AR_PAYLOAD_CSV,
    AR_PAYLOAD_PARQUET,
};

typedef struct ar_connector_column {
    ar_str name;
    ar_str text; /* of its mapping */
    uint32_t line, column;
} ar_connector_column;

/* What an item says of who owns it: a mapping to a name or a list of names. All of it is one fact
 * of the row, a line each: class, confidence, microseconds since 1970 or nothing, name, with tabs
 * between. */
typedef struct ar_connector_owner {
    ar_str evidence; /* its class */
    ar_str confidence;
    ar_str owner, at; /* mappings; at: when it was so, empty: whenever the row is shown */
} ar_connector_owner;

typedef struct ar_connector {
    ar_str name;
    ar_str title;
    enum ar_payload format;
    ar_items_text items;
    ar_str kind; /* empty: the caller says, and every field named like a column is that column */
    bool snapshot;
    enum ar_role role;
    int64_t bad_rows_max; /* so many unreadable rows are passed over; 0: none */
    ar_str latest; /* of rows of one id the one with the greatest value here; empty: refuse */
    const ar_connector_column *columns; /* `id` first; none without a kind */
    size_t n_columns;
    const ar_connector_owner *owners;
    size_t n_owners;
    const ar_errand *fetch; /* how it is fetched; NULL: it is not */
    ar_str file;
    bool shipped;
} ar_connector;

typedef struct ar_connectors {
    const ar_connector *list; /* sorted by name */
    size_t n;
} ar_connectors;

/* All of them, shipped and of the home. AR_INVALID names file, line and column. */
ar_err ar_connectors_load(const ar_place *place, ar_arena *arena, ar_connectors *out_connectors);
/* AR_NOT_FOUND with the nearest name. */
ar_err ar_connectors_find(const ar_connectors *connectors, ar_str name,
                          const ar_connector **out_connector);
/* AR_INVALID with file, line and column. */
ar_err ar_connector_parse(ar_str file, ar_str text, ar_arena *arena, ar_connector *out_connector);
/* Whether its columns are facts of its kind. AR_INVALID as above. */
ar_err ar_connector_check(const ar_connector *connector, const ar_kinds *kinds);
/* The kind of its rows, checked as above: its own, or the one asked for where it has none. Both
 * AR_INVALID and AR_NOT_FOUND say what would be right. */
ar_err ar_connector_kind(const ar_connector *connector, const ar_kinds *kinds, ar_str asked,
                         const ar_kind **out_kind);

const char *ar_payload_name(enum ar_payload format); /* "auto", "json", … */
bool ar_payload_parse(ar_str name, enum ar_payload *out_format);
