/* demo: lives the weeks of a made-up company in a home of its own: the operations of a story, each
 * run by a core as on any other home, but at its own time. Only this program tells a core another
 * time than the clock's, and only in a home that it made: the estate is marked when it is made. */
#include "cli/cli.h"
#include "cli/words.h"
#include "daemon/tables.h"
#include "op/core.h"
#include "story.h"
#include "sys/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STORY_MAX = 1 << 20, NAMES_MAX = 256, UID_FIRST = 2000000000, SIZE = 2500, SEED = 7 };

static const char usage[] =
    "demo: a made-up company lives some weeks in a home of its own\n"
    "\n"
    "usage: demo [--weeks N] PROGRAM DATA STORY HOME\n"
    "\n"
    "  --weeks N  how many, 1 to 99, else 16; the last one is that of today\n"
    "  PROGRAM    aright, to start children with; estate-toy lies in tools/ beside it\n"
    "  DATA       the folder of kinds/ and standards/\n"
    "  STORY      what happens, a table (tools/demo/story)\n"
    "  HOME       made anew; a home that is not a demo's is left alone\n";

typedef struct named {
    ar_str name, value;
} named;

typedef struct player {
    ar_tables tables; /* first: an operation of the door finds us by it */
    ar_place place;
    ar_core *core;
    ar_arena *arena; /* as long as the story */
    story story;
    const char *folder, *facts; /* of the story; of the payloads */
    int weeks, week, done, skipped;
    ar_time now;
    int64_t uid;
    named names[NAMES_MAX];
    size_t n_names;
} player;

/* What an operation answers: of one column, the first when none is named, the first cell and the
 * last. */
typedef struct answer {
    ar_str column;
    size_t at;
    ar_buf first, last;
} answer;

static void answer_done(answer *a)
{
    ar_buf_done(&a->first);
    ar_buf_done(&a->last);
}

static ar_err take_columns(void *self, const ar_column *columns, size_t n)
{
    answer *a = self;

    for (size_t i = 0; i < n; i++)
        if (ar_str_eq(a->column, ar_str_of(columns[i].name))) a->at = i;
    return ar_ok();
}

static ar_err take_row(void *self, const ar_value *values, size_t n)
{
    answer *a = self;

    if (a->at >= n) return ar_ok();
    ar_buf_clear(&a->last);
    ar_value_print(&a->last, values[a->at]);
    if (a->first.len == 0) ar_value_print(&a->first, values[a->at]);
    return ar_ok();
}

static void take_note(void *self, ar_str text)
{
    (void)self, (void)text;
}

static void take_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    (void)self, (void)what, (void)done, (void)total;
}

/* ---- one operation ---- */

static ar_err ask_core(ar_ctx *ctx, const ar_args *args, const ar_sink *sink)
{
    player *p = (player *)(uintptr_t)ctx->tables;
    ar_request request = { .args = args, .now = ctx->now, .asof = ctx->asof, .uid = p->uid };

    return ar_core_run(p->core, &request, ctx->arena, sink);
}

static ar_err run_words(player *p, const ar_str *words, size_t n, answer *out)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_command) command = { 0 };
    ar_sink sink = { take_columns, take_row, take_note, take_progress, NULL, NULL, out };
    char **argv = ar_make_n(&arena, char *, n + 1);

    for (size_t i = 0; i < n; i++) argv[i] = (char *)(uintptr_t)ar_arena_cstr(&arena, words[i]);
    AR_TRY(ar_words_read(&p->tables, (int)n, argv, p->now, &arena, &command));

    ar_request request = { .args = &command.args, .now = p->now, .asof = p->now, .uid = p->uid };

    if (command.op->runs_in == AR_IN_DOOR)
        return ar_door_run(&p->place, &p->tables, &request, &arena, &sink);
    return ar_core_run(p->core, &request, &arena, &sink);
}

/* ---- words ---- */

static ar_str named_value(const player *p, ar_str name)
{
    for (size_t i = p->n_names; i-- > 0;)
        if (ar_str_eq(p->names[i].name, name)) return p->names[i].value;
    return (ar_str){ 0 };
}

static void give_name(player *p, ar_str name, ar_str value)
{
    if (name.len == 0) return;
    if (p->n_names == NAMES_MAX) memmove(p->names, p->names + 1, --p->n_names * sizeof *p->names);
    p->names[p->n_names++] = (named){ name, ar_arena_copy(p->arena, value) };
}

/* What stands between braces: week, date, or a time from now, -9d. */
static bool fill_one(const player *p, ar_str inside, ar_buf *out)
{
    char at[AR_TIME_LEN];
    ar_time time;

    if (ar_str_eq(inside, AR_LIT("week")))
        ar_buf_addf(out, "%d", p->week);
    else if (ar_str_eq(inside, AR_LIT("date")))
        ar_buf_addf(out, "%.10s", ar_time_print(p->now, at));
    else if (inside.len > 1 && (inside.ptr[0] == '-' || inside.ptr[0] == '+') &&
             ar_time_parse_from(inside, p->now, &time).code == AR_OK)
        ar_buf_addz(out, ar_time_print(time, at));
    else
        return false;
    return true;
}

static ar_str fill(const player *p, ar_str text, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };

    for (size_t i = 0; i < text.len; i++) {
        ar_str rest = ar_str_cut(text, i + 1, text.len);
        size_t end = ar_str_find(rest, '}');

        if (text.ptr[i] == '{' && end < rest.len && fill_one(p, ar_str_cut(rest, 0, end), &out))
            i += end + 1;
        else
            ar_buf_addc(&out, text.ptr[i]);
    }
    return ar_arena_copy(arena, ar_buf_str(&out));
}

/* A file of the story, filled like a word. */
static ar_err fill_file(const player *p, ar_str name, ar_arena *arena, ar_str *out_path)
{
    const char *file = ar_arena_cstr(arena, name), *path = ar_path_join(arena, p->facts, file);
    ar_str text;

    AR_TRY(ar_file_read(ar_path_join(arena, p->folder, file), STORY_MAX, arena, &text));
    AR_TRY(ar_file_write(path, fill(p, text, arena), 0600));
    *out_path = ar_str_of(path);
    return ar_ok();
}

static ar_err run_inner(player *p, ar_str text, ar_arena *arena, ar_str *out_value)
{
    ar_auto(answer) a = { 0 };
    ar_str words[NAMES_MAX];
    size_t n = 0;

    while (n < NAMES_MAX && ar_str_split(&text, ' ', &words[n]))
        if (words[n].len > 0) words[n] = fill(p, words[n], arena), n++;
    AR_TRY(run_words(p, words, n, &a));
    *out_value = ar_arena_copy(arena, ar_buf_str(&a.last));
    return ar_ok();
}

/* Empty: there is nothing of the kind. */
static ar_err read_word(player *p, ar_str word, ar_arena *arena, ar_str *out_word)
{
    if (ar_str_starts(word, AR_LIT("$(")))
        return run_inner(p, ar_str_cut(word, 2, word.len - 1), arena, out_word);
    if (word.len > 1 && word.ptr[0] == '@' && ar_str_ends(word, AR_LIT(".csv")))
        return fill_file(p, ar_str_cut(word, 1, word.len), arena, out_word);
    if (word.len > 1 && word.ptr[0] == '@' && ar_str_ends(word, AR_LIT(".json")))
        return fill_file(p, ar_str_cut(word, 1, word.len), arena, out_word);
    if (word.len > 1 && word.ptr[0] == '$')
        *out_word = named_value(p, ar_str_cut(word, 1, word.len));
    else
        *out_word = fill(p, word, arena);
    return ar_ok();
}

/* ---- the facts of a day ---- */

static ar_err make_facts(player *p, ar_arena *arena)
{
    char at[AR_TIME_LEN], day[16], size[16], seed[16];
    const char *beside = p->place.program;
    ar_str folder = ar_str_cut(ar_str_of(beside), 0, strlen(beside) - strlen("aright"));
    const char *toy = ar_arena_printf(arena, "%.*stools/estate-toy", AR_FMT(folder)).ptr;
    const char *argv[] = { toy,     "--story", "--size", size, "--seed", seed,
                           "--day", day,       "--now",  at,   p->facts, NULL };
    ar_spawn spawn = { .argv = argv, .keep_stderr = true };
    ar_str said;
    int status;

    (void)ar_time_print(p->now, at);
    (void)snprintf(day, sizeof day, "%d", 1 + (int)((p->now - p->story.began) / AR_DAY));
    (void)snprintf(size, sizeof size, "%d", SIZE);
    (void)snprintf(seed, sizeof seed, "%d", SEED);
    AR_TRY(ar_run(&spawn, STORY_MAX, 60, arena, &said, &status));
    return status == 0 ? ar_ok() : ar_fail(AR_UNAVAILABLE, "estate-toy ended with %d", status);
}

static bool is_among(ar_str kind, const ar_str *kinds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ar_str_eq(kind, kinds[i])) return true;
    return false;
}

/* "bring CONNECTOR KIND SOURCE FILE". `kinds` are the only ones, or, behind "but", those that are
 * left out. */
static ar_err bring(player *p, ar_str line, const ar_str *kinds, size_t n, ar_arena *arena)
{
    bool but = n > 0 && ar_str_eq(kinds[0], AR_LIT("but"));
    ar_auto(answer) a = { 0 };
    ar_str part[5];

    for (size_t i = 0; i < AR_COUNT(part); i++)
        if (!ar_str_split(&line, ' ', &part[i])) return ar_ok();
    if (!ar_str_eq(part[0], AR_LIT("bring")) || (n > 0 && is_among(part[2], kinds, n) == but))
        return ar_ok();

    ar_str file = ar_str_of(ar_path_join(arena, p->facts, ar_arena_cstr(arena, part[4])));
    ar_str words[] = { AR_LIT("import"),   part[1], file, AR_LIT("--kind"), part[2],
                       AR_LIT("--source"), part[3] };

    return run_words(p, words, AR_COUNT(words), &a);
}

static ar_err bring_facts(player *p, const ar_str *kinds, size_t n)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str text, line;

    AR_TRY(make_facts(p, &arena));
    AR_TRY(ar_file_read(ar_path_join(&arena, p->facts, "import.sh"), STORY_MAX, &arena, &text));
    while (ar_str_split(&text, '\n', &line)) AR_TRY(bring(p, line, kinds, n, &arena));
    return ar_ok();
}

/* ---- the story ---- */

static ar_err play_words(player *p, const story_event *e)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(answer) a = { .column = e->column };
    ar_str words[NAMES_MAX];

    for (size_t i = 0; i < e->n; i++) {
        AR_TRY(read_word(p, e->words[i], &arena, &words[i]));
        if (words[i].len == 0) return p->skipped++, ar_ok();
    }
    if (ar_str_eq(words[0], AR_LIT("facts"))) return bring_facts(p, words + 1, e->n - 1);

    ar_err err = run_words(p, words, e->n, &a);

    give_name(p, e->name, ar_buf_str(&a.first));
    if (e->refused && err.code == AR_OK)
        return ar_fail(AR_CONFLICT, "it was to be refused, and was not");
    if (e->doubtful && err.code == AR_DENIED) return p->skipped++, ar_ok();
    return e->refused && err.code != AR_INVALID ? ar_ok() : err;
}

static ar_err play(player *p)
{
    for (size_t i = 0; i < p->story.n; i++) {
        const story_event *e = &p->story.events[i];
        ar_time at = e->now ? ar_clock_now() : e->at;

        if (e->week != p->week) (void)fprintf(stderr, "demo: week %d of %d\n", e->week, p->weeks);
        p->week = e->week;
        /* a moment later than what was before it, so that all of it has an order */
        p->now = at > p->now ? at : p->now + AR_SECOND;
        p->uid = (int64_t)getuid();
        for (size_t k = 0; k < p->story.n_persons; k++)
            if (ar_str_eq(p->story.persons[k], e->person)) p->uid = UID_FIRST + (int64_t)k;
        AR_TRY_WITH(play_words(p, e), "line %d of the story, week %d", e->line, e->week);
        p->done++;
    }
    return ar_ok();
}

/* ---- the home ---- */

/* While the story is told its persons may do all of it; afterwards the home is its owner's. */
static ar_err write_people(const player *p, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addz(&text, "people:\n");
    ar_buf_addf(&text, "  - {person: 'person:p-0000003', uid: %lld, grants: [all]}\n",
                (long long)getuid());
    for (size_t i = 0; i < p->story.n_persons; i++)
        ar_buf_addf(&text, "  - {person: '%.*s', uid: %lld, grants: [all]}\n",
                    AR_FMT(p->story.persons[i]), (long long)UID_FIRST + (long long)i);
    return ar_file_write(ar_path_join(arena, p->place.home, "people.yaml"), ar_buf_str(&text),
                         0600);
}

/* While the story is told: most of its time goes into what little there is, which several threads
 * only hand to each other; and nobody waits for an answer, so that a busy machine ends nothing. */
static const char settings[] = "threads: 1\nquery_seconds: 600\n";

static ar_err open_home(player *p)
{
    ar_auto(ar_fd) lock = { 0 };

    AR_TRY(ar_home_make(&p->place));
    AR_TRY(ar_home_lock(&p->place, &lock));
    return ar_core_open(&p->place, &p->tables, NULL, &lock, p->now, &p->core);
}

/* A folder with things of others has no estate by which it would be known. */
static ar_err check_free(const player *p, ar_arena *arena)
{
    ar_str *names;
    size_t n;

    if (!ar_file_exists(p->place.home) || ar_file_exists(ar_home_database(&p->place, arena)))
        return ar_ok();
    AR_TRY(ar_dir_list(p->place.home, arena, &names, &n));
    return n == 0 ? ar_ok()
                  : ar_fail(AR_CONFLICT,
                            "a demo wants a home of its own, and %s holds other things; want a new "
                            "folder, or one that is empty",
                            p->place.home);
}

/* An earlier demo goes; any other home is refused by the core. */
static ar_err make_home(player *p, ar_arena *arena)
{
    AR_TRY(check_free(p, arena));
    if (ar_file_exists(ar_home_database(&p->place, arena))) {
        p->now = ar_clock_now();
        AR_TRY(open_home(p));
        ar_core_free(&p->core);
        AR_TRY(ar_dir_remove(p->place.home));
    }
    p->now = p->story.began;
    AR_TRY(ar_home_make(&p->place));
    AR_TRY(ar_file_write(ar_path_join(arena, p->place.home, "aright.yaml"), ar_str_of(settings),
                         0600));
    AR_TRY(open_home(p));
    return write_people(p, arena);
}

/* What the systems of the company are, and who answers for what. */
static ar_err furnish(player *p, ar_arena *arena)
{
    const char *connectors = ar_path_join(arena, p->place.home, "connectors");
    const char *from = ar_path_join(arena, p->facts, "connectors");
    ar_str *names, text;
    size_t n;

    AR_TRY(make_facts(p, arena));
    AR_TRY(ar_file_read(ar_path_join(arena, p->facts, "owners.yaml"), STORY_MAX, arena, &text));
    AR_TRY(ar_file_write(ar_path_join(arena, p->place.home, "owners.yaml"), text, 0600));
    AR_TRY(ar_dir_make(connectors, 0700));
    AR_TRY(ar_dir_list(from, arena, &names, &n));
    for (size_t i = 0; i < n; i++) {
        const char *name = ar_arena_cstr(arena, names[i]);

        AR_TRY(ar_file_read(ar_path_join(arena, from, name), STORY_MAX, arena, &text));
        AR_TRY(ar_file_write(ar_path_join(arena, connectors, name), text, 0600));
    }
    return ar_ok();
}

static ar_err remove_file(const player *p, const char *name, ar_arena *arena)
{
    return unlink(ar_path_join(arena, p->place.home, name)) == 0 ? ar_ok()
                                                                 : ar_fail_errno("%s", name);
}

static ar_err tell(player *p, const char *file, ar_arena *arena)
{
    ar_str text;

    AR_TRY(ar_file_read(file, STORY_MAX, arena, &text));
    AR_TRY(story_read(ar_str_of(file), text, p->weeks, ar_clock_now(), arena, &p->story));
    p->facts = ar_path_join(arena, p->place.home, "tmp/facts");
    AR_TRY(make_home(p, arena));
    AR_TRY(furnish(p, arena));
    AR_TRY(play(p));
    AR_TRY(ar_dir_remove(p->facts));
    AR_TRY(remove_file(p, "aright.yaml", arena));
    return remove_file(p, "people.yaml", arena);
}

int main(int argc, char **argv)
{
    ar_auto(ar_arena) arena = { 0 };
    player p = { .tables = ar_all_tables, .arena = &arena, .weeks = 16 };
    int64_t weeks;

    if (argc > 2 && strcmp(argv[1], "--weeks") == 0 && ar_str_int(ar_str_of(argv[2]), &weeks) &&
        weeks >= 1 && weeks <= 99) {
        p.weeks = (int)weeks;
        argc -= 2, argv += 2;
    }
    if (argc != 5 || argv[1][0] == '-') return fputs(usage, stderr), 2;
    p.tables.hooks.ask = ask_core;
    p.place.program = ar_path_absolute(&arena, argv[1]);
    p.place.data = ar_path_absolute(&arena, argv[2]);
    p.place.home = ar_path_absolute(&arena, argv[4]);
    p.place.demo = true;
    p.folder = ar_path_absolute(&arena, argv[3]);

    ar_err err = tell(&p, ar_path_join(&arena, p.folder, "story"), &arena);

    ar_core_free(&p.core);
    if (err.code != AR_OK) (void)fprintf(stderr, "demo: %.*s\n", AR_FMT(ar_err_text(err)));
    if (err.code == AR_OK)
        (void)fprintf(stderr, "demo: %d things happened, %d had nothing to happen to\n", p.done,
                      p.skipped);
    return ar_code_exit(err.code);
}
