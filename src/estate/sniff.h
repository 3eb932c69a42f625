/* sniff: what a payload is, and what is refused before it is read. `payload` is its name. */
#pragma once

#include "estate/connector.h"

/* A list, a map alone, maps line by line, YAML, or else CSV. */
enum ar_payload ar_sniff_format(ar_str text);

/* A payload may be sparse, or larger than memory: what its size, a hole or a line without end
 * refuse is refused before any of it is copied.
 *   AR_INVALID  a NUL in what is not UTF-16
 *   AR_LIMIT    too large for its format, or for a line of it */
ar_err ar_sniff_check(ar_str payload, enum ar_payload format, ar_str raw);

/* A server that wants a sign-in answers with a page and status 200, which would be read as CSV.
 *   AR_INVALID  it is HTML or XML */
ar_err ar_sniff_refuse_page(ar_str payload, ar_str text);
