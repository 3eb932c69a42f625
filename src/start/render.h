/* render: a text with {parameters} filled in. Nothing is ever run: a text goes in, a text comes
 * out.
 *
 * {name} is the parameter of that name, {{ is a brace, and a closing brace elsewhere is itself. */
#pragma once

#include "base/base.h"

enum { AR_RENDER_MAX = 256 * 1024 }; /* bytes of one text that comes out */

/* What stands in the place of a parameter is written so that it stays one text of the format, where
 * it stands in double quotes. */
enum ar_render_as { AR_RENDER_PLAIN, AR_RENDER_JSON, AR_RENDER_YAML };

typedef struct ar_given {
    ar_str name, value;
} ar_given;

/* Failures of both say the line and the column in the text.
 *   AR_INVALID  a brace that begins no parameter; a parameter that is not given, with the nearest
 */

/* Of `given` only the names are looked at. */
ar_err ar_render_check(ar_str text, const ar_given *given, size_t n);
/* Adds to `out`, which after a failure may hold a part of it. AR_LIMIT beyond AR_RENDER_MAX. */
ar_err ar_render(ar_str text, enum ar_render_as as, const ar_given *given, size_t n, ar_buf *out);

/* The name of the one parameter that is all of the text; empty when it is anything else. */
ar_str ar_render_only(ar_str text);
