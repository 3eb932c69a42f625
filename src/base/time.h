/* time: UTC instants and lengths in microseconds. "now" is always a parameter (sys/clock.h asks).
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

typedef int64_t ar_time; /* microseconds since 1970-01-01T00:00:00Z */

#define AR_SECOND INT64_C(1000000)
#define AR_MINUTE (60 * AR_SECOND)
#define AR_HOUR   (60 * AR_MINUTE)
#define AR_DAY    (24 * AR_HOUR)

/* What the program accepts and prints: years 1 to 9999. Facts outside are unknown (NULL). */
#define AR_TIME_MIN INT64_C(-62135596800000000)
#define AR_TIME_MAX INT64_C(253402300799999999)

enum { AR_TIME_LEN = 32 }; /* "2026-11-21T09:30:00.123456Z" and its NUL, with room */

/* RFC 3339 date-time ("2026-11-21T09:30:00Z", offset or fraction allowed, 'T' may be a space, no
 * offset means UTC) or a full-date, which is its midnight. AR_INVALID says what would be right. */
ar_err ar_time_parse(ar_str text, ar_time *out_time);
/* The same, or a length from `now`: "-91d", "+2h", "30m", "0d". */
ar_err ar_time_parse_from(ar_str text, ar_time now, ar_time *out_time);
/* "90d", "48h", "30m", "10s", one number and one unit, optionally signed. */
ar_err ar_span_parse(ar_str text, int64_t *out_microseconds);

/* RFC 3339 in UTC; the fraction is left out when it is zero. */
const char *ar_time_print(ar_time time, char out_text[static AR_TIME_LEN]);
/* Down to the second, which is how people read it. */
ar_time ar_time_to_second(ar_time time);
/* The largest unit that divides it: "90d", "48h", "10s". */
ar_str ar_span_print(int64_t microseconds, ar_arena *arena);

/* Days since 1970-01-01 of a civil date (proleptic Gregorian). */
int64_t ar_days_from_civil(int64_t year, int month, int day);
