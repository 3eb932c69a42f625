/* system: what actions act on over HTTP: how it is spoken to, as a file of systems/ says, and how
 * this organisation gets in, as the home's file of the same name says (docs/formats.md). Without
 * the home's nothing is done there. */
#pragma once

#include "estate/reach.h"
#include "fetch/call.h"
#include "op/place.h"

enum { AR_SYSTEM_FILE_MAX = 64 * 1024, AR_SYSTEM_SETTINGS_MAX = 20 };

typedef struct ar_system {
    ar_str name, title;
    ar_errand api;              /* with names in braces */
    const ar_setting *settings; /* value ptr NULL: the home must say it */
    size_t n_settings;
    ar_reach reach;
    bool on; /* the home has a file of it */
} ar_system;

/* Reads the shipped file, and the home's over it.
 *   AR_NOT_FOUND  neither is there
 *   AR_INVALID    one is none, with file, line and column; or a setting is missing, or asked for by
 *                 nothing */
ar_err ar_system_load(const ar_place *place, ar_str name, ar_arena *arena, ar_system *out_system);

/* Starts what calls it, with its secret. Before the estate is opened (fetch/call.h). */
ar_err ar_system_open(const ar_system *system, const ar_place *place, ar_time now, ar_arena *arena,
                      ar_caller **out_caller);
