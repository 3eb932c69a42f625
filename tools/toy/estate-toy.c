/* estate-toy: makes a company of any size, the same from the same seed: what its systems show, who
 * answers for what, and what is wrong with it (docs/toy.md). */
#include "row.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum { FLUSH = 1 << 20, STANDARDS_MAX = 128 };

static const char usage[] =
    "estate-toy: makes a company to look around in and to test with\n"
    "\n"
    "usage: estate-toy [--size N] [--seed N] [--now TIME] [--day N] [--story] DIR\n"
    "\n"
    "  --size N    how many things it has: 1000 to 100000000, else 100000\n"
    "  --seed N    which company; the same seed makes the same one, else 1\n"
    "  --now TIME  what its facts are dated from, else the time it is; the same on each day\n"
    "  --day N     the same company N - 1 days later, one of a hundred things changed each day\n"
    "  --story     much is wrong at first and mended over months; --now is then that of the day\n"
    "\n"
    "`ARIGHT_HOME=HOME sh DIR/import.sh` brings it into a home.\n";

typedef struct output {
    ar_fd fd;
    const char *path;
    ar_buf text;
} output;

static void output_done(output *out)
{
    ar_buf_done(&out->text);
    ar_fd_done(&out->fd);
}

typedef struct count {
    ar_str standard;
    int64_t of[3]; /* per toy_state */
} count;

typedef struct maker {
    const toy_world *world;
    const char *folder;
    ar_arena *arena;
    output faults, conflicts, script;
    count counts[STANDARDS_MAX];
    size_t n_counts;
} maker;

static void maker_done(maker *m)
{
    output_done(&m->faults);
    output_done(&m->conflicts);
    output_done(&m->script);
}

/* ---- files ---- */

static ar_err output_open(maker *m, const char *name, output *out)
{
    out->path = ar_path_join(m->arena, m->folder, name);
    out->fd = ar_fd_of(open(out->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    return ar_fd_n(out->fd) >= 0 ? ar_ok() : ar_fail(AR_IO, "cannot write %s", out->path);
}

static ar_err output_flush(output *out)
{
    AR_TRY_WITH(ar_fd_write_all(ar_fd_n(out->fd), (ar_str){ out->text.ptr, out->text.len }), "%s",
                out->path);
    ar_buf_clear(&out->text);
    return ar_ok();
}

/* To be called after each line. */
static ar_err output_line(output *out)
{
    return out->text.len < FLUSH ? ar_ok() : output_flush(out);
}

/* ---- how the sources write ---- */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* "os_version" as "Os Version". */
static void add_title(ar_str column, ar_buf *out)
{
    for (size_t i = 0; i < column.len; i++) {
        char c = column.ptr[i];
        ar_buf_addc(out, c == '_' ? ' ' : i == 0 || column.ptr[i - 1] == '_' ? upper(c) : c);
    }
}

/* "os_version" as "osVersion". */
static void add_camel(ar_str column, ar_buf *out)
{
    for (size_t i = 0; i < column.len; i++) {
        char c = column.ptr[i];
        if (c != '_') ar_buf_addc(out, i > 0 && column.ptr[i - 1] == '_' ? upper(c) : c);
    }
}

static void add_name(enum toy_form form, ar_str column, ar_buf *out)
{
    if (form == TOY_EXPORT)
        add_title(column, out);
    else if (form == TOY_PAGE)
        add_camel(column, out);
    else
        ar_buf_add(out, column);
}

static void add_time(ar_time time, ar_buf *out)
{
    char text[AR_TIME_LEN];

    ar_buf_addz(out, ar_time_print(time, text));
}

static void add_field(enum toy_form form, const toy_value *value, ar_buf *out)
{
    bool quoted = form == TOY_LINES || form == TOY_PAGE;

    if (form == TOY_EXPORT && value->type == TOY_NULL) {
        ar_buf_addz(out, "N/A");
    } else if (form == TOY_EXPORT && value->type == TOY_TIME) {
        ar_buf_addf(out, "%lld", (long long)(value->time / 1000));
    } else if (form == TOY_EXPORT && value->type == TOY_RAW && value->text.ptr[0] == 't') {
        ar_buf_addz(out, "Yes");
    } else if (form == TOY_EXPORT && value->type == TOY_RAW && value->text.ptr[0] == 'f') {
        ar_buf_addz(out, "No");
    } else if (value->type == TOY_RAW) {
        ar_buf_add(out, value->text);
    } else if (value->type != TOY_NULL) {
        if (quoted) ar_buf_addc(out, '"');
        if (value->type == TOY_TIME)
            add_time(value->time, out);
        else
            ar_buf_add(out, value->text);
        if (quoted) ar_buf_addc(out, '"');
    }
}

/* The columns of the kind that the source shows. */
static size_t columns_of(const maker *m, size_t kind, const toy_source *source,
                         size_t out_columns[static TOY_COLUMNS_MAX])
{
    size_t n_all, n = 0;
    const ar_str *all = toy_columns(m->world, kind, &n_all);

    for (size_t i = 0; i < n_all; i++) {
        ar_str rest = ar_str_of(source->columns), name;
        bool shows = source->columns == NULL;

        while (!shows && ar_str_split(&rest, ' ', &name)) shows = ar_str_eq(name, all[i]);
        if (shows) out_columns[n++] = i;
    }
    return n;
}

static ar_err write_connector(maker *m, size_t kind, const toy_source *source, ar_str name)
{
    static const char *const reads[] = { "", " | bool", " | int", " | int | epoch_ms" };
    bool page = source->form == TOY_PAGE;
    size_t columns[TOY_COLUMNS_MAX], n = columns_of(m, kind, source, columns), n_all;
    const ar_str *all = toy_columns(m->world, kind, &n_all);
    ar_str file = ar_arena_printf(m->arena, "connectors/%.*s.yaml", AR_FMT(name));
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "connector: %.*s\ntitle: Each %s as `%s` of the made company has it\n",
                AR_FMT(name), toy_kinds[kind].name, source->name);
    ar_buf_addf(&text, "format: %s\n%skind: %s\nsnapshot: true\nid: '%s'\ncolumns:\n",
                page ? "json" : "csv", page ? "items: value\n" : "", toy_kinds[kind].name,
                page ? "id" : "`Id`");
    for (size_t i = 0; i < n; i++) {
        ar_str column = all[columns[i]];

        ar_buf_addf(&text, "  %.*s: ", AR_FMT(column));
        if (page) {
            add_camel(column, &text);
        } else {
            ar_buf_addz(&text, "\"`");
            add_title(column, &text);
            ar_buf_addf(&text, "` | null_if('N/A')%s\"",
                        reads[toy_column_sort(m->world, kind, columns[i])]);
        }
        ar_buf_addc(&text, '\n');
    }
    return ar_file_write(ar_path_join(m->arena, m->folder, ar_arena_cstr(m->arena, file)),
                         (ar_str){ text.ptr, text.len }, 0644);
}

static void add_head(const maker *m, size_t kind, const toy_source *source, const size_t *columns,
                     size_t n, ar_buf *out)
{
    size_t n_all;
    const ar_str *all = toy_columns(m->world, kind, &n_all);

    if (source->form == TOY_PAGE) ar_buf_addz(out, "{\"value\": [\n");
    if (source->form == TOY_PAGE || source->form == TOY_LINES) return;
    add_name(source->form, AR_LIT("id"), out);
    for (size_t i = 0; i < n; i++) {
        ar_buf_addc(out, ',');
        add_name(source->form, all[columns[i]], out);
    }
    ar_buf_addc(out, '\n');
}

typedef struct showing {
    size_t kind, source; /* their numbers */
    size_t columns[TOY_COLUMNS_MAX], n;
    size_t differs; /* the column that the source has its own word for, or TOY_COLUMNS_MAX */
} showing;

static void add_row(const maker *m, const toy_row *row, const showing *s, bool first, ar_buf *text,
                    ar_buf *out)
{
    const toy_source *source = &toy_kinds[s->kind].sources[s->source];
    size_t n_all;
    const ar_str *all = toy_columns(m->world, s->kind, &n_all);
    bool json = source->form == TOY_LINES || source->form == TOY_PAGE;

    if (source->form == TOY_PAGE && !first) ar_buf_addz(out, ",\n");
    ar_buf_addz(out, json ? "{\"id\":\"" : "");
    toy_row_id(m->world, row, s->source, out);
    ar_buf_addz(out, json ? "\"" : "");
    for (size_t i = 0; i < s->n; i++) {
        toy_value value = toy_row_value(m->world, row, s->columns[i], text);

        if (json && value.type == TOY_NULL) continue;
        if (s->columns[i] == s->differs && toy_row_differs(m->world, row))
            value = (toy_value){ .type = TOY_TEXT, .text = AR_LIT("other") };
        ar_buf_addc(out, ',');
        if (json) {
            ar_buf_addc(out, '"');
            add_name(source->form, all[s->columns[i]], out);
            ar_buf_addz(out, "\":");
        }
        add_field(source->form, &value, out);
    }
    if (json) ar_buf_addc(out, '}');
    if (source->form != TOY_PAGE) ar_buf_addc(out, '\n');
}

/* One payload, the connector that reads it, and the line that brings it in. */
static ar_err write_source(maker *m, size_t kind, size_t number)
{
    static const char *const ends[] = { "ndjson", "csv", "csv", "json" };
    const toy_source *source = &toy_kinds[kind].sources[number];
    showing s = { .kind = kind, .source = number, .differs = TOY_COLUMNS_MAX };
    ar_str file = ar_arena_printf(m->arena, "payloads/%s-%s.%s", source->name, toy_kinds[kind].name,
                                  ends[source->form]);
    bool own = source->form == TOY_EXPORT || source->form == TOY_PAGE, first = true;
    ar_str connector =
        own ? ar_arena_printf(m->arena, "toy-%s-%s", source->name, toy_kinds[kind].name)
            : AR_LIT("generic");
    ar_auto(output) out = { 0 };
    ar_auto(ar_buf) text = { 0 };
    size_t n_all;
    const ar_str *all = toy_columns(m->world, kind, &n_all);

    if (own) AR_TRY(write_connector(m, kind, source, connector));
    ar_buf_addf(&m->script.text, "bring %.*s %s %s %.*s\n", AR_FMT(connector), toy_kinds[kind].name,
                source->name, AR_FMT(file));
    AR_TRY(output_open(m, ar_arena_cstr(m->arena, file), &out));
    s.n = columns_of(m, kind, source, s.columns);
    for (size_t i = 0; source->differs != NULL && i < n_all; i++)
        if (ar_str_eq(all[i], ar_str_of(source->differs))) s.differs = i;
    add_head(m, kind, source, s.columns, s.n, &out.text);
    for (int64_t i = 0; i < toy_rows(m->world, kind); i++) {
        toy_row row;

        toy_row_make(m->world, kind, i, &row);
        if (!toy_row_shown(m->world, &row, number)) continue;
        add_row(m, &row, &s, first, &text, &out.text);
        first = false;
        AR_TRY(output_line(&out));
    }
    if (source->form == TOY_PAGE) ar_buf_addz(&out.text, "\n]}\n");
    return output_flush(&out);
}

/* ---- what is right and what is wrong ---- */

static void add_count(maker *m, const toy_verdict *v)
{
    size_t i = 0;

    while (i < m->n_counts && !ar_str_eq(m->counts[i].standard, v->standard)) i++;
    if (i == STANDARDS_MAX) abort();
    if (i == m->n_counts) m->counts[m->n_counts++].standard = v->standard;
    m->counts[i].of[v->state]++;
}

static ar_err judge(maker *m, const char *kind, const char *id, const toy_verdict *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add_count(m, &list[i]);
        if (list[i].state == TOY_PASS) continue;
        ar_buf_addf(&m->faults.text,
                    "{\"standard\":\"%.*s\",\"kind\":\"%s\",\"id\":\"%s\",\"state\":\"%s\"}\n",
                    AR_FMT(list[i].standard), kind, id,
                    list[i].state == TOY_FAIL ? "fail" : "unknown");
        AR_TRY(output_line(&m->faults));
    }
    return ar_ok();
}

static ar_err judge_kind(maker *m, size_t kind)
{
    const toy_source *second = &toy_kinds[kind].sources[1];
    ar_auto(ar_buf) id = { 0 };

    for (int64_t i = 0; i < toy_rows(m->world, kind); i++) {
        toy_verdict list[TOY_VERDICTS_MAX];
        toy_row row;

        toy_row_make(m->world, kind, i, &row);
        ar_buf_clear(&id);
        toy_row_id(m->world, &row, 0, &id);
        AR_TRY(
            judge(m, toy_kinds[kind].name, id.ptr, list, toy_row_verdicts(m->world, &row, list)));
        if (second->name == NULL || row.gone || !toy_row_differs(m->world, &row)) continue;
        ar_buf_addf(&m->conflicts.text, "{\"kind\":\"%s\",\"id\":\"%s\",\"column\":\"%s\"}\n",
                    toy_kinds[kind].name, id.ptr, second->differs);
        AR_TRY(output_line(&m->conflicts));
    }
    return ar_ok();
}

static ar_err write_counts(maker *m)
{
    ar_auto(output) out = { 0 };

    AR_TRY(output_open(m, "score.csv", &out));
    ar_buf_addz(&out.text, "standard,pass,fail,unknown\n");
    for (size_t i = 0; i < m->n_counts; i++) {
        const count *c = &m->counts[i];
        ar_buf_addf(&out.text, "%.*s,%lld,%lld,%lld\n", AR_FMT(c->standard),
                    (long long)c->of[TOY_PASS], (long long)c->of[TOY_FAIL],
                    (long long)c->of[TOY_UNKNOWN]);
    }
    return output_flush(&out);
}

/* ---- owners.yaml ---- */

static const char *const divisions[TOY_DIVISIONS] = { "Identity", "Cloud", "Networks", "Devices",
                                                      "Commerce", "Data",  "Research", "Support" };

static void add_owners(const maker *m, ar_buf *out)
{
    char day[AR_TIME_LEN];

    (void)ar_time_print(toy_world_plan(m->world)->now - 20 * AR_DAY, day);
    ar_buf_addz(out, "owners:\n");
    for (int i = 0; i < TOY_DIVISIONS; i++)
        ar_buf_addf(out, "  - {id: 'division:division-%d', name: %s, domain: domain-%d}\n", i,
                    divisions[i], i);
    for (int64_t i = 0; i < toy_teams(m->world); i++)
        ar_buf_addf(out, "  - {id: 'team:team-%07lld', in: 'division:division-%d'}\n", (long long)i,
                    (int)(i % TOY_DIVISIONS));
    for (int64_t i = 0; i < toy_teams(m->world) * TOY_TEAM_PERSONS; i++) {
        ar_buf_addf(out, "  - {id: 'person:p-%07lld', in: 'team:team-%07lld'", (long long)i,
                    (long long)(i / TOY_TEAM_PERSONS));
        if (toy_has_left(i)) ar_buf_addf(out, ", left: %.10s", day);
        ar_buf_addz(out, "}\n");
    }
}

/* What is wrong with the domains: no line here, nothing wrong. */
static const struct {
    int domain;
    bool vacant, alone, outside, left; /* no deputy; reports to nobody; no seat; deputy has left */
    enum toy_state gv3, gv4;
} domain_faults[] = {
    { 3, .alone = true, .gv4 = TOY_UNKNOWN },
    { 5, .outside = true, .gv3 = TOY_FAIL },
    { 6, .vacant = true, .gv3 = TOY_UNKNOWN, .gv4 = TOY_FAIL },
    { 7, .left = true, .gv3 = TOY_FAIL },
};

static ar_err judge_domain(maker *m, const char *id, enum toy_state gv3, enum toy_state gv4)
{
    const toy_verdict list[] = { { AR_LIT("GV-3"), gv3 }, { AR_LIT("GV-4"), gv4 } };

    return judge(m, "domain", id, list, AR_COUNT(list));
}

/* Every second domain has a team that answers for what else nobody does. */
static ar_err add_domain(maker *m, int i, const char *day, ar_buf *out)
{
    static const typeof(domain_faults[0]) right = { 0 };
    const typeof(domain_faults[0]) *wrong = &right;
    char id[16];

    for (size_t k = 0; k < AR_COUNT(domain_faults); k++)
        if (domain_faults[k].domain == i) wrong = &domain_faults[k];
    (void)snprintf(id, sizeof id, "domain-%d", i);
    ar_buf_addf(out, "  - id: %s\n    name: %s\n    kind: division\n    appointed: %.10s\n", id,
                divisions[i], day);
    if (i % 2 == 0) ar_buf_addf(out, "    owner: 'team:team-%07d'\n", i);
    if (!wrong->vacant)
        ar_buf_addf(out, "    deputy_ciso: 'person:p-%07d'\n",
                    wrong->left ? TOY_TEAM_PERSONS - 1 : i * TOY_TEAM_PERSONS);
    if (!wrong->alone) ar_buf_addz(out, "    reports_to: 'person:p-0000001'\n");
    ar_buf_addf(out, "    council: %s\n", wrong->outside ? "false" : "true");
    return judge_domain(m, id, wrong->gv3, wrong->gv4);
}

static ar_err add_domains(maker *m, ar_buf *out)
{
    char day[AR_TIME_LEN];

    (void)ar_time_print(toy_world_plan(m->world)->now - 400 * AR_DAY, day);
    ar_buf_addz(out, "domains:\n");
    for (int i = 0; i < TOY_DIVISIONS; i++) AR_TRY(add_domain(m, i, day, out));
    ar_buf_addz(out, "  - {id: everything-else, default: true, deputy_ciso: 'person:p-0000002', "
                     "reports_to: 'person:p-0000001', council: true}\n");
    return judge_domain(m, "everything-else", TOY_PASS, TOY_PASS);
}

static ar_err write_owners(maker *m)
{
    ar_auto(ar_buf) text = { 0 };

    add_owners(m, &text);
    AR_TRY(add_domains(m, &text));
    return ar_file_write(ar_path_join(m->arena, m->folder, "owners.yaml"),
                         (ar_str){ text.ptr, text.len }, 0644);
}

/* ---- all of it ---- */

static const char script_head[] =
    "#!/bin/sh\n"
    "# Brings this made company into the home ARIGHT_HOME, which should be one of its own.\n"
    "set -eu\n"
    "umask 077\n"
    "here=$(cd \"$(dirname \"$0\")\" && pwd)\n"
    "aright=${ARIGHT_PROGRAM:-aright}\n"
    "mkdir -p \"${ARIGHT_HOME:?the home to fill}/connectors\"\n"
    "cp \"$here/owners.yaml\" \"$ARIGHT_HOME/owners.yaml\"\n"
    "cp \"$here\"/connectors/*.yaml \"$ARIGHT_HOME/connectors/\"\n"
    "bring() { # CONNECTOR KIND SOURCE FILE\n"
    "    \"$aright\" import \"$1\" \"$here/$4\" --kind \"$2\" --source \"$3\" >/dev/null\n"
    "}\n";

static ar_err make(const toy_plan *plan, const char *folder)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(maker) m = { .folder = folder, .arena = &arena };

    m.world = toy_world_new(plan, &arena);
    AR_TRY(ar_dir_make(ar_path_join(&arena, folder, "payloads"), 0755));
    AR_TRY(ar_dir_make(ar_path_join(&arena, folder, "connectors"), 0755));
    AR_TRY(output_open(&m, "faults.ndjson", &m.faults));
    AR_TRY(output_open(&m, "conflicts.ndjson", &m.conflicts));
    AR_TRY(output_open(&m, "import.sh", &m.script));
    ar_buf_addz(&m.script.text, script_head);
    AR_TRY(write_owners(&m));
    for (size_t kind = 0; kind < toy_n_kinds; kind++) {
        for (size_t i = 0; i < TOY_SOURCES && toy_kinds[kind].sources[i].name != NULL; i++)
            AR_TRY(write_source(&m, kind, i));
        AR_TRY(judge_kind(&m, kind));
    }
    AR_TRY(write_counts(&m));
    AR_TRY(output_flush(&m.faults));
    AR_TRY(output_flush(&m.conflicts));
    return output_flush(&m.script);
}

static ar_err read_number(const char *name, const char *word, int64_t least, int64_t most,
                          int64_t *out_n)
{
    if (!ar_str_int(ar_str_of(word), out_n) || *out_n < least || *out_n > most)
        return ar_fail(AR_INVALID, "%s is '%s'; want a whole number from %lld to %lld", name, word,
                       (long long)least, (long long)most);
    return ar_ok();
}

static ar_err read_words(int argc, char **argv, toy_plan *plan, const char **out_folder)
{
    int64_t size = 100000, seed = 1, day = 1;

    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";

        if (word[0] != '-' && *out_folder == NULL) {
            *out_folder = word;
            continue;
        }
        if (strcmp(word, "--story") == 0) {
            plan->story = true;
            continue;
        }
        if (strcmp(word, "--size") == 0)
            AR_TRY(read_number(word, value, 1000, 100000000, &size));
        else if (strcmp(word, "--seed") == 0)
            AR_TRY(read_number(word, value, 0, INT64_MAX, &seed));
        else if (strcmp(word, "--day") == 0)
            AR_TRY(read_number(word, value, 1, 1000, &day));
        else if (strcmp(word, "--now") == 0)
            AR_TRY_WITH(ar_time_parse_from(ar_str_of(value), plan->now, &plan->now), "--now");
        else
            return ar_fail(AR_INVALID, "'%s' is not understood; --help says what is", word);
        i++;
    }
    if (*out_folder == NULL) return ar_fail(AR_INVALID, "want the folder to make it in");
    plan->size = size, plan->seed = (uint64_t)seed, plan->day = (int)day;
    plan->now = ar_time_to_second(plan->now);
    return ar_ok();
}

int main(int argc, char **argv)
{
    toy_plan plan = { .now = ar_clock_now() };
    const char *folder = NULL;
    ar_err err;

    if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
    err = read_words(argc, argv, &plan, &folder);
    if (err.code == AR_OK) err = make(&plan, folder);
    if (err.code == AR_OK) return 0;
    (void)fprintf(stderr, "estate-toy: %.*s\n", AR_FMT(ar_err_text(err)));
    return err.code == AR_INVALID ? 2 : 1;
}
