/* upstream: a source that is fetched from: which connectors read it, with which settings, by which
 * secret (docs/formats.md, "Sources that are fetched"). */
#pragma once

#include "estate/connector.h"
#include "estate/reach.h"

enum { AR_UPSTREAM_CONNECTORS_MAX = 100 };

typedef struct ar_upstream {
    ar_str name;
    const ar_str *connectors;
    size_t n_connectors;
    ar_reach reach;
    int64_t pages_max, mib_max;
    ar_str file;
} ar_upstream;

typedef struct ar_upstreams {
    const ar_upstream *list; /* sorted by name */
    size_t n;
} ar_upstreams;

/* HOME/sources. AR_INVALID names file, line and column. */
ar_err ar_upstreams_load(const ar_place *place, ar_arena *arena, ar_upstreams *out_sources);
/* AR_NOT_FOUND with the nearest name. */
ar_err ar_upstreams_find(const ar_upstreams *sources, ar_str name, const ar_upstream **out_source);
/* One file of it. */
ar_err ar_upstream_parse(ar_str file, ar_str text, ar_arena *arena, ar_upstream *out_source);

/* How the connector's data is fetched from this source. AR_INVALID: the connector says nothing of
 * fetching, or asks for what the source does not give. */
ar_err ar_upstream_errand(const ar_upstream *source, const ar_connector *connector, ar_time now,
                          bool *used, ar_arena *arena, ar_errand *out_errand);
/* All of it: connectors, settings, secret, certificates. */
ar_err ar_upstream_check(const ar_upstream *source, const ar_connectors *connectors, ar_time now,
                         ar_arena *arena);
