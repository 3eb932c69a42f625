#include "base/time.h"

#include <stdio.h>

static bool is_leap(int64_t y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int month_length(int64_t y, int m)
{
    static const int8_t length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return length[m - 1] + (m == 2 && is_leap(y));
}

/* Years are counted from 1 March, so that the leap day ends one; eras have 400 years. */
int64_t ar_days_from_civil(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, int64_t *out_y, int *out_m, int *out_d)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *out_d = (int)(doy - (153 * mp + 2) / 5 + 1);
    *out_m = (int)(mp < 10 ? mp + 3 : mp - 9);
    *out_y = yoe + era * 400 + (*out_m <= 2);
}

/* A reader over the text: each take_ moves on and says whether it fitted. */
typedef struct scan {
    ar_str rest;
} scan;

static bool take_digits(scan *s, size_t n, int *out)
{
    int value = 0;

    if (s->rest.len < n) return false;
    for (size_t i = 0; i < n; i++) {
        char c = s->rest.ptr[i];

        if (c < '0' || c > '9') return false;
        value = value * 10 + (c - '0');
    }
    s->rest = ar_str_cut(s->rest, n, s->rest.len);
    *out = value;
    return true;
}

/* Not strchr: the sets are of one to three, and known where this is called. */
static inline bool take(scan *s, const char *any_of)
{
    for (; s->rest.len > 0 && *any_of != '\0'; any_of++) {
        if (s->rest.ptr[0] != *any_of) continue;
        s->rest = ar_str_cut(s->rest, 1, s->rest.len);
        return true;
    }
    return false;
}

static bool take_date(scan *s, int64_t *out_days)
{
    int y, m, d;

    if (!take_digits(s, 4, &y) || !take(s, "-") || !take_digits(s, 2, &m) || !take(s, "-") ||
        !take_digits(s, 2, &d))
        return false;
    if (y < 1 || m < 1 || m > 12 || d < 1 || d > month_length(y, m)) return false;
    *out_days = ar_days_from_civil(y, m, d);
    return true;
}

/* Digits beyond the microsecond are read and dropped. */
static bool take_fraction(scan *s, int64_t *out_us)
{
    int64_t unit = AR_SECOND;
    size_t n = 0;
    int digit;

    *out_us = 0;
    if (!take(s, ".,")) return true;
    for (; take_digits(s, 1, &digit); n++) {
        unit /= 10;
        *out_us += digit * unit;
    }
    return n > 0 && n <= 12;
}

static bool take_clock(scan *s, int64_t *out_us)
{
    int h, m, sec;
    int64_t fraction;

    if (!take_digits(s, 2, &h) || !take(s, ":") || !take_digits(s, 2, &m)) return false;
    if (!take(s, ":"))
        sec = 0;
    else if (!take_digits(s, 2, &sec))
        return false;
    if (!take_fraction(s, &fraction)) return false;
    if (h > 23 || m > 59 || sec > 60) return false; /* 60: a leap second is the next minute */
    *out_us = h * AR_HOUR + m * AR_MINUTE + sec * AR_SECOND + fraction;
    return true;
}

static bool take_offset(scan *s, int64_t *out_us)
{
    int h, m = 0;

    *out_us = 0;
    if (s->rest.len == 0 || take(s, "Zz")) return true;

    bool west = s->rest.ptr[0] == '-';

    if (!take(s, "+-") || !take_digits(s, 2, &h)) return false;
    (void)take(s, ":");
    if (s->rest.len > 0 && !take_digits(s, 2, &m)) return false;
    if (h > 23 || m > 59) return false;
    *out_us = (west ? -1 : 1) * (h * AR_HOUR + m * AR_MINUTE);
    return true;
}

static bool read_instant(ar_str text, ar_time *out_time)
{
    scan s = { .rest = text };
    int64_t days, clock = 0, offset = 0;

    if (!take_date(&s, &days)) return false;
    if (s.rest.len > 0) {
        if (!take(&s, "Tt ") || !take_clock(&s, &clock)) return false;
        if (s.rest.len > 1 && s.rest.ptr[0] == ' ') s.rest = ar_str_cut(s.rest, 1, s.rest.len);
        if (!take_offset(&s, &offset)) return false;
    }
    ar_time time = days * AR_DAY + clock - offset;

    if (s.rest.len > 0 || time < AR_TIME_MIN || time > AR_TIME_MAX) return false;
    *out_time = time;
    return true;
}

ar_err ar_time_parse(ar_str text, ar_time *out_time)
{
    if (!read_instant(text, out_time))
        return ar_fail(AR_INVALID, "'%.*s' is not a time (want 2026-11-21T09:30:00Z or 2026-11-21)",
                       (int)(text.len < 60 ? text.len : 60), text.ptr);
    return ar_ok();
}

static const struct unit {
    char letter;
    int64_t us;
} units[] = { { 'd', AR_DAY }, { 'h', AR_HOUR }, { 'm', AR_MINUTE }, { 's', AR_SECOND } };

static bool read_span(ar_str text, int64_t *out_us)
{
    int64_t n;

    if (text.len < 2) return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (text.ptr[text.len - 1] == units[i].letter)
            return ar_str_int(ar_str_cut(text, 0, text.len - 1), &n) &&
                   !__builtin_mul_overflow(n, units[i].us, out_us);
    return false;
}

ar_err ar_span_parse(ar_str text, int64_t *out_microseconds)
{
    int64_t us;

    if (!read_span(text, &us))
        return ar_fail(AR_INVALID, "'%.*s' is not a length of time (want 90d, 48h, 30m or 10s)",
                       (int)(text.len < 60 ? text.len : 60), text.ptr);
    *out_microseconds = us;
    return ar_ok();
}

ar_err ar_time_parse_from(ar_str text, ar_time now, ar_time *out_time)
{
    int64_t span;
    ar_time time;

    if (!read_span(text, &span)) {
        if (!read_instant(text, out_time))
            return ar_fail(
                AR_INVALID,
                "'%.*s' is not a time (want 2026-11-21T09:30:00Z, 2026-11-21, or a length "
                "from now such as -7d or +12h)",
                (int)(text.len < 60 ? text.len : 60), text.ptr);
        return ar_ok();
    }
    if (__builtin_add_overflow(now, span, &time) || time < AR_TIME_MIN || time > AR_TIME_MAX)
        return ar_fail(AR_INVALID, "'%.*s' leads out of the years 1 to 9999", AR_FMT(text));
    *out_time = time;
    return ar_ok();
}

ar_time ar_time_to_second(ar_time time)
{
    return time - (time % AR_SECOND + AR_SECOND) % AR_SECOND;
}

const char *ar_time_print(ar_time time, char out_text[static AR_TIME_LEN])
{
    int64_t days = time / AR_DAY - (time % AR_DAY < 0);
    int64_t us = time - days * AR_DAY;
    int64_t y;
    int m, d;

    civil_from_days(days, &y, &m, &d);
    int n = snprintf(out_text, AR_TIME_LEN, "%04d-%02d-%02dT%02d:%02d:%02d", (int)y, m, d,
                     (int)(us / AR_HOUR), (int)(us / AR_MINUTE % 60), (int)(us / AR_SECOND % 60));
    size_t used = n < 0 ? 0 : (size_t)n;

    if (used >= AR_TIME_LEN) return out_text;
    if (us % AR_SECOND == 0)
        (void)snprintf(out_text + used, AR_TIME_LEN - used, "Z");
    else
        (void)snprintf(out_text + used, AR_TIME_LEN - used, ".%06dZ", (int)(us % AR_SECOND));
    return out_text;
}

ar_str ar_span_print(int64_t microseconds, ar_arena *arena)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (microseconds % units[i].us == 0)
            return ar_arena_printf(arena, "%lld%c", (long long)(microseconds / units[i].us),
                                   units[i].letter);
    return ar_arena_printf(arena, "%lldus", (long long)microseconds);
}
