#include "story.h"

#include <stdlib.h>

enum { WORDS_MAX = 40, WEEKS_MAX = 99 };

typedef struct reading {
    ar_str file;
    int line, weeks;
    ar_time now;
    ar_arena *arena;
    story *to;
    size_t cap, persons_cap;
} reading;

static ar_err wrong(const reading *r, ar_str word, const char *want)
{
    return ar_fail(AR_INVALID, "%.*s:%d: '%.*s' is no %s", AR_FMT(r->file), r->line, AR_FMT(word),
                   want);
}

/* The next word of the line; "…" and $(…) are one, without their quotes. */
static bool next_word(ar_str *rest, ar_str *out_word)
{
    char open = 0;
    size_t end = 0;

    *rest = ar_str_trim(*rest);
    if (rest->len == 0 || rest->ptr[0] == '#') return false;
    if (rest->ptr[0] == '"') open = '"';
    if (rest->len > 1 && rest->ptr[0] == '$' && rest->ptr[1] == '(') open = ')';
    for (end = open != 0; end < rest->len; end++)
        if (open == 0 ? rest->ptr[end] == ' ' : rest->ptr[end] == open) break;
    if (open != 0 && end < rest->len) end++;
    *out_word = ar_str_cut(*rest, open == '"', end - (open == '"'));
    *rest = ar_str_cut(*rest, end, rest->len);
    return true;
}

static ar_err read_number(const reading *r, ar_str word, int *out)
{
    int64_t n;

    if (!ar_str_int(word, &n) || n < 1 || n > WEEKS_MAX) return wrong(r, word, "week");
    *out = (int)n;
    return ar_ok();
}

/* "2-16/4" as its first, its last and its step. */
static ar_err read_weeks(const reading *r, ar_str word, int out[static 3])
{
    size_t slash = ar_str_find(word, '/'), dash = ar_str_find(ar_str_cut(word, 0, slash), '-');
    ar_str first = ar_str_cut(word, 0, dash < slash ? dash : slash);

    out[0] = 1, out[1] = r->weeks, out[2] = 1;
    if (slash < word.len) AR_TRY(read_number(r, ar_str_cut(word, slash + 1, word.len), &out[2]));
    if (ar_str_eq(first, AR_LIT("*"))) return ar_ok();
    AR_TRY(read_number(r, first, &out[0]));
    if (dash < slash)
        AR_TRY(read_number(r, ar_str_cut(word, dash + 1, slash), &out[1]));
    else if (slash == word.len)
        out[1] = out[0];
    return ar_ok();
}

static ar_err read_day(const reading *r, ar_str word, ar_time *out)
{
    static const ar_str days[] = { AR_LIT("mon"), AR_LIT("tue"), AR_LIT("wed"), AR_LIT("thu"),
                                   AR_LIT("fri"), AR_LIT("sat"), AR_LIT("sun") };

    for (size_t i = 0; i < AR_COUNT(days); i++)
        if (ar_str_eq(word, days[i])) return *out = (ar_time)i * AR_DAY, ar_ok();
    return wrong(r, word, "day (want mon, tue, …)");
}

static ar_err read_hour(const reading *r, ar_str word, ar_time *to)
{
    int64_t hour, minute;

    if (word.len != 5 || word.ptr[2] != ':' || !ar_str_int(ar_str_cut(word, 0, 2), &hour) ||
        !ar_str_int(ar_str_cut(word, 3, 5), &minute) || hour > 23 || minute > 59)
        return wrong(r, word, "hour (want 14:30)");
    *to += hour * AR_HOUR + minute * AR_MINUTE;
    return ar_ok();
}

static void know(reading *r, ar_str person)
{
    story *to = r->to;

    for (size_t i = 0; i < to->n_persons; i++)
        if (ar_str_eq(to->persons[i], person)) return;
    ar_grow(r->arena, to->persons, to->n_persons, r->persons_cap);
    to->persons[to->n_persons++] = person;
}

/* Who, what it is called, whether it is refused, and the operation. */
static ar_err read_rest(reading *r, ar_str rest, story_event *to)
{
    ar_str word, after = rest, sign = { 0 };

    if (next_word(&after, &word) && ar_str_eq(word, AR_LIT("as"))) {
        if (!next_word(&after, &to->person)) return wrong(r, word, "operation");
        know(r, to->person);
        rest = after;
    }
    after = rest;
    if (next_word(&after, &word) && next_word(&after, &sign) && ar_str_eq(sign, AR_LIT("="))) {
        size_t colon = ar_str_find(word, ':');

        to->name = ar_str_cut(word, 0, colon);
        if (colon < word.len) to->column = ar_str_cut(word, colon + 1, word.len);
        rest = after;
    }
    after = rest;
    (void)next_word(&after, &sign);
    to->refused = ar_str_eq(sign, AR_LIT("!"));
    to->doubtful = ar_str_eq(sign, AR_LIT("?"));
    if (to->refused || to->doubtful) rest = after;
    to->words = ar_make_n(r->arena, ar_str, WORDS_MAX);
    while (to->n < WORDS_MAX && next_word(&rest, &word)) to->words[to->n++] = word;
    return to->n > 0 && to->n < WORDS_MAX ? ar_ok() : wrong(r, rest, "operation");
}

static void add(reading *r, story_event event)
{
    if (!event.now && event.at > r->now - AR_HOUR) return;
    ar_grow(r->arena, r->to->events, r->to->n, r->cap);
    r->to->events[r->to->n++] = event;
}

static ar_err read_line(reading *r, ar_str rest)
{
    story_event event = { .line = r->line };
    ar_str weeks, day, hour;
    ar_time within = 0;
    int of[3];

    if (!next_word(&rest, &weeks)) return ar_ok();
    if (ar_str_eq(weeks, AR_LIT("end"))) {
        AR_TRY(read_rest(r, rest, &event));
        event.now = true, event.week = r->weeks, event.at = r->now;
        return add(r, event), ar_ok();
    }
    AR_TRY(read_weeks(r, weeks, of));
    if (!next_word(&rest, &day) || !next_word(&rest, &hour)) return wrong(r, weeks, "day and hour");
    AR_TRY(read_day(r, day, &within));
    AR_TRY(read_hour(r, hour, &within));
    AR_TRY(read_rest(r, rest, &event));
    for (int week = of[0]; week <= of[1] && week <= r->weeks; week += of[2]) {
        event.week = week;
        event.at = r->to->began + (week - 1) * 7 * AR_DAY + within;
        add(r, event);
    }
    return ar_ok();
}

static int by_time(const void *left, const void *right)
{
    const story_event *a = left, *b = right;

    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return a->line - b->line;
}

ar_err story_read(ar_str file, ar_str text, int weeks, ar_time now, ar_arena *arena,
                  story *out_story)
{
    int64_t day = now / AR_DAY, monday = day - (day + 3) % 7; /* 1970 began on a Thursday */
    story to = { .began = (monday - (weeks - 1) * 7) * AR_DAY };
    reading r = { .file = file, .weeks = weeks, .now = now, .arena = arena, .to = &to };
    ar_str line;

    while (ar_str_split(&text, '\n', &line)) {
        r.line++;
        AR_TRY(read_line(&r, line));
    }
    qsort(to.events, to.n, sizeof *to.events, by_time);
    *out_story = to;
    return ar_ok();
}
