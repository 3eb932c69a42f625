#include "row.h"

#include <assert.h>

enum sort {
    S_RAW,
    S_NULL,
    S_TEXT,
    S_CHOICE,
    S_RANGE,
    S_TIME,
    S_AGE,
    S_REF,
    S_HEX,
    S_OWNER,
    S_ASSET,
    S_ASSET_KIND
};

struct toy_spec {
    enum sort sort;
    ar_str text;         /* raw or text */
    ar_str *choices;     /* S_CHOICE */
    int64_t from, until; /* S_RANGE; microseconds of S_TIME and S_AGE */
    size_t n;            /* choices; of S_REF the table */
};

typedef struct set {
    size_t column;
    const toy_spec *spec;
} set;

typedef struct effect {
    ar_str standard;
    enum toy_state state;
    bool about; /* of the asset that a log tells of */
} effect;

typedef struct fault {
    set *sets;
    size_t n_sets;
    effect effects[TOY_VERDICTS_MAX];
    size_t n_effects;
    size_t absent; /* source + 1 that does not show it, or 0 */
    enum { OF_FACTS, OF_NOBODY, OF_LEAVER, OF_LATE } of;
} fault;

typedef struct variant {
    const toy_variant *said;
    set *sets;
    size_t n_sets;
    ar_str scope[TOY_VERDICTS_MAX];
    size_t n_scope;
    const fault *faults[TOY_FAULTS + 2];
    size_t n_faults;
} variant;

typedef struct table {
    const toy_kind *said;
    ar_str columns[TOY_COLUMNS_MAX];
    const toy_spec *facts[TOY_COLUMNS_MAX];
    size_t n_columns;
    size_t name, owner, created, entered; /* columns; n_columns when it has none */
    variant variants[TOY_VARIANTS];
    size_t n_variants;
    int64_t rows; /* of the first day */
    fault nobody, leaver, late;
} table;

struct toy_world {
    toy_plan plan;
    ar_arena *arena;
    table *kinds;
    int64_t teams;
    size_t logs, persons;           /* kinds */
    const toy_spec *newborn, *late; /* facts of what was born within days */
    const toy_spec *nobody;
};

static const ar_time issued =
    INT64_C(1795219200) * AR_SECOND; /* 2026-11-21: PE-5 binds from then */

/* ---- reading the tables ---- */

static size_t kind_named(ar_str name)
{
    size_t i = 0;

    while (i < toy_n_kinds && !ar_str_eq(ar_str_of(toy_kinds[i].name), name)) i++;
    assert(i < toy_n_kinds);
    return i;
}

static int64_t span_of(ar_str text)
{
    int64_t span = 0;
    ar_err err = ar_span_parse(text, &span);

    assert(err.code == AR_OK);
    return span;
}

/* "a..b" or "a", each as `read` reads it. */
static void read_range(ar_str text, int64_t (*read)(ar_str), toy_spec *to)
{
    size_t dot = ar_str_find(text, '.');

    to->from = read(ar_str_cut(text, 0, dot));
    to->until = dot == text.len ? to->from : read(ar_str_cut(text, dot + 2, text.len));
    assert(to->from <= to->until);
}

static int64_t int_of(ar_str text)
{
    int64_t n = 0;
    bool ok = ar_str_int(text, &n);

    assert(ok);
    return n;
}

static void read_choices(ar_str text, ar_arena *arena, toy_spec *to)
{
    to->choices = ar_make_n(arena, ar_str, 8);
    while (ar_str_split(&text, '|', &to->choices[to->n])) to->n++;
    assert(to->n <= 8);
}

static const toy_spec *read_spec(ar_str word, ar_arena *arena)
{
    static const struct {
        const char *word;
        enum sort sort;
    } words[] = { { "null", S_NULL },
                  { "true", S_RAW },
                  { "false", S_RAW },
                  { "^", S_HEX },
                  { "?owner", S_OWNER },
                  { "?asset", S_ASSET },
                  { "?asset_kind", S_ASSET_KIND } };
    toy_spec *to = ar_make(arena, toy_spec);
    ar_str rest = ar_str_cut(word, 1, word.len);
    int64_t n;

    for (size_t i = 0; i < AR_COUNT(words); i++)
        if (ar_str_eq(word, ar_str_of(words[i].word))) {
            *to = (toy_spec){ .sort = words[i].sort, .text = word };
            return to;
        }
    if (word.ptr[0] == '\'') {
        *to = (toy_spec){ .sort = S_TEXT, .text = rest };
    } else if (word.ptr[0] == '@') {
        *to = (toy_spec){ .sort = S_REF, .n = kind_named(rest) };
    } else if (word.ptr[0] == '%') {
        to->sort = S_AGE;
        read_range(rest, span_of, to);
    } else if (word.ptr[0] == '-' || word.ptr[0] == '+') {
        to->sort = S_TIME;
        read_range(word, span_of, to);
    } else if (ar_str_int(word, &n)) {
        *to = (toy_spec){ .sort = S_RAW, .text = word };
    } else if (ar_str_contains(word, AR_LIT(".."))) {
        to->sort = S_RANGE;
        read_range(word, int_of, to);
    } else {
        to->sort = S_CHOICE;
        read_choices(word, arena, to);
    }
    return to;
}

static size_t column_of(table *k, ar_str name)
{
    for (size_t i = 0; i < k->n_columns; i++)
        if (ar_str_eq(k->columns[i], name)) return i;
    assert(k->n_columns < TOY_COLUMNS_MAX);
    k->columns[k->n_columns] = name;
    return k->n_columns++;
}

static set *read_facts(table *k, const char *facts, ar_arena *arena, size_t *out_n)
{
    ar_str rest = ar_str_of(facts), word;
    set *sets = ar_make_n(arena, set, TOY_COLUMNS_MAX);

    *out_n = 0;
    while (facts != NULL && ar_str_split(&rest, ' ', &word)) {
        size_t equals = ar_str_find(word, '=');

        if (word.len == 0) continue;
        assert(equals < word.len && *out_n < TOY_COLUMNS_MAX);
        sets[(*out_n)++] = (set){ column_of(k, ar_str_cut(word, 0, equals)),
                                  read_spec(ar_str_cut(word, equals + 1, word.len), arena) };
    }
    return sets;
}

static void add_scope(variant *v, const char *scope)
{
    ar_str rest = ar_str_of(scope), word;

    while (scope != NULL && ar_str_split(&rest, ' ', &word)) {
        if (word.len == 0) continue;
        assert(v->n_scope < TOY_VERDICTS_MAX);
        v->scope[v->n_scope++] = word;
    }
}

static void add_effect(fault *f, ar_str standard, enum toy_state state, bool about)
{
    assert(f->n_effects < TOY_VERDICTS_MAX);
    f->effects[f->n_effects++] = (effect){ standard, state, about };
}

static void read_effects(fault *f, const char *effects)
{
    ar_str rest = ar_str_of(effects), word;

    while (ar_str_split(&rest, ' ', &word)) {
        size_t colon = ar_str_find(word, ':');
        ar_str state = ar_str_cut(word, colon + 1, word.len);
        bool about = word.ptr[0] == '@';

        assert(colon < word.len);
        assert(ar_str_eq(state, AR_LIT("fail")) || ar_str_eq(state, AR_LIT("unknown")));
        add_effect(f, ar_str_cut(word, about, colon),
                   ar_str_eq(state, AR_LIT("fail")) ? TOY_FAIL : TOY_UNKNOWN, about);
    }
}

static size_t source_named(const toy_kind *said, const char *name)
{
    for (size_t i = 0; name != NULL && i < TOY_SOURCES && said->sources[i].name != NULL; i++)
        if (strcmp(said->sources[i].name, name) == 0) return i + 1;
    assert(name == NULL);
    return 0;
}

static bool whole_scope(const char *scope)
{
    return scope == NULL || scope[0] != '!';
}

static void read_variant(table *k, const toy_variant *said, const fault *faults, size_t n,
                         ar_arena *arena, variant *v)
{
    v->said = said;
    v->sets = read_facts(k, said->facts, arena, &v->n_sets);
    if (!whole_scope(said->scope)) {
        add_scope(v, said->scope + 1);
        return;
    }
    if (whole_scope(k->said->scope)) add_scope(v, toy_scope);
    add_scope(v, whole_scope(k->said->scope) ? k->said->scope : k->said->scope + 1);
    if (k->said->infrastructure) add_scope(v, "MD-1");
    add_scope(v, said->scope);
    for (size_t i = 0; i < n; i++)
        if (k->said->faults[i].variant == NULL ||
            strcmp(k->said->faults[i].variant, said->name) == 0)
            v->faults[v->n_faults++] = &faults[i];
    v->faults[v->n_faults++] = &k->nobody;
    v->faults[v->n_faults++] = &k->leaver;
}

/* What follows from having no owner, from one who left, and from being registered late. */
static void make_general_faults(table *k, ar_arena *arena)
{
    ar_str rest = ar_str_of(k->said->needs_owner), word;

    k->nobody.of = OF_NOBODY;
    k->nobody.sets = read_facts(k, k->said->alone, arena, &k->nobody.n_sets);
    add_effect(&k->nobody, AR_LIT("PE-3"), TOY_FAIL, false);
    while (ar_str_split(&rest, ' ', &word)) add_effect(&k->nobody, word, TOY_FAIL, false);
    k->leaver = k->nobody;
    k->leaver.of = OF_LEAVER;
    k->late.of = OF_LATE;
    add_effect(&k->late, AR_LIT("PE-5"), TOY_FAIL, false);
    rest = ar_str_of(k->said->needs_entry);
    while (ar_str_split(&rest, ' ', &word)) add_effect(&k->late, word, TOY_FAIL, false);
}

static void read_kind(const toy_kind *said, ar_arena *arena, table *k)
{
    size_t n_sets, n = 0;
    set *sets;
    fault *faults = ar_make_n(arena, fault, TOY_FAULTS);

    k->said = said;
    for (int i = said->part; i < 2; i++) {
        sets = read_facts(k, i == 0 ? toy_common : said->facts, arena, &n_sets);
        for (size_t s = 0; s < n_sets; s++) k->facts[sets[s].column] = sets[s].spec;
    }
    make_general_faults(k, arena);
    for (; n < TOY_FAULTS && said->faults[n].facts != NULL; n++) {
        faults[n].sets = read_facts(k, said->faults[n].facts, arena, &faults[n].n_sets);
        faults[n].absent = source_named(said, said->faults[n].absent);
        read_effects(&faults[n], said->faults[n].effect);
    }
    for (; k->n_variants < TOY_VARIANTS && said->variants[k->n_variants].name != NULL;
         k->n_variants++)
        read_variant(k, &said->variants[k->n_variants], faults, n, arena,
                     &k->variants[k->n_variants]);
    k->name = column_of(k, AR_LIT("name"));
    if (said->part) return;
    k->owner = column_of(k, AR_LIT("owner_id"));
    k->created = column_of(k, AR_LIT("created_at"));
    k->entered = column_of(k, AR_LIT("inventoried_at"));
}

/* Accounts take what rounding leaves, so that there are exactly as many rows as were asked for. */
static void share_out(toy_world *w)
{
    int64_t weights = 0, rows = 0;
    size_t rest = kind_named(AR_LIT("account"));

    for (size_t i = 0; i < toy_n_kinds; i++)
        weights += toy_kinds[i].weight * (1 + toy_kinds[i].infrastructure);
    for (size_t i = 0; i < toy_n_kinds; i++) {
        int64_t n = w->plan.size * toy_kinds[i].weight / weights;

        if (i == w->logs) continue;
        w->kinds[i].rows = n < toy_kinds[i].least ? toy_kinds[i].least : n;
        rows += w->kinds[i].rows;
        if (toy_kinds[i].infrastructure) rows += w->kinds[i].rows;
        if (toy_kinds[i].infrastructure) w->kinds[w->logs].rows += w->kinds[i].rows;
    }
    w->kinds[rest].rows += w->plan.size - rows;
    assert(w->kinds[rest].rows > 0);
}

toy_world *toy_world_new(const toy_plan *plan, ar_arena *arena)
{
    toy_world *w = ar_make(arena, toy_world);

    *w = (toy_world){ .plan = *plan,
                      .arena = arena,
                      .kinds = ar_make_n(arena, table, toy_n_kinds),
                      .logs = kind_named(AR_LIT("log_source")),
                      .persons = kind_named(AR_LIT("person")),
                      .newborn = read_spec(AR_LIT("-72h..-49h"), arena),
                      .late = read_spec(AR_LIT("%30h..40h"), arena),
                      .nobody = read_spec(AR_LIT("null"), arena) };
    for (size_t i = 0; i < toy_n_kinds; i++) read_kind(&toy_kinds[i], arena, &w->kinds[i]);
    share_out(w);
    w->teams = plan->size / 1000 < 8 ? 8 : plan->size / 1000 > 20000 ? 20000 : plan->size / 1000;
    assert(w->teams * TOY_TEAM_PERSONS <= w->kinds[w->persons].rows);
    return w;
}

const toy_plan *toy_world_plan(const toy_world *w)
{
    return &w->plan;
}

int64_t toy_teams(const toy_world *w)
{
    return w->teams;
}

bool toy_has_left(int64_t person)
{
    return person % TOY_TEAM_PERSONS == TOY_TEAM_PERSONS - 1 && person / TOY_TEAM_PERSONS % 3 == 0;
}

const ar_str *toy_columns(const toy_world *w, size_t kind, size_t *out_n)
{
    *out_n = w->kinds[kind].n_columns;
    return w->kinds[kind].columns;
}

static const toy_spec *any_spec(const table *k, size_t column)
{
    if (k->facts[column] != NULL && k->facts[column]->sort != S_NULL) return k->facts[column];
    for (size_t v = 0; v < k->n_variants; v++)
        for (size_t i = 0; i < k->variants[v].n_sets; i++)
            if (k->variants[v].sets[i].column == column) return k->variants[v].sets[i].spec;
    return k->facts[column];
}

enum toy_sort toy_column_sort(const toy_world *w, size_t kind, size_t column)
{
    const toy_spec *spec = any_spec(&w->kinds[kind], column);

    if (spec == NULL) return TOY_WORD;
    if (spec->sort == S_TIME || spec->sort == S_AGE) return TOY_INSTANT;
    if (spec->sort == S_RANGE) return TOY_INT;
    if (spec->sort != S_RAW) return TOY_WORD;
    return spec->text.ptr[0] == 't' || spec->text.ptr[0] == 'f' ? TOY_BOOL : TOY_INT;
}

/* ---- one row ---- */

static uint64_t mixed(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* A number that only the seed, the row and `why` decide. */
static uint64_t chance(const toy_world *w, const toy_row *row, uint64_t why)
{
    uint64_t of = ((uint64_t)row->kind << 8 | row->about) << 48 | (uint64_t)row->number;

    return mixed(mixed(mixed(w->plan.seed) ^ of) ^ why);
}

enum why {
    WHY_VARIANT = 1000,
    WHY_FAULTY,
    WHY_FAULT,
    WHY_NEW,
    WHY_OWNER,
    WHY_TEAM,
    WHY_PERSON,
    WHY_DIFFERS,
    WHY_HEX,
    WHY_ALIAS,
    WHY_DAY
};

/* Rows that come on each later day; small kinds stay as they are. */
static int64_t rows_on(const table *k, int day)
{
    return k->rows + (k->rows >= 1000 && day > 1 ? k->rows / 1000 * (day - 1) : 0);
}

/* The day on which row `number` is there for the first time. */
static int first_day(const table *k, int64_t number)
{
    return number < k->rows ? 1 : 2 + (int)((number - k->rows) / (k->rows / 1000));
}

int64_t toy_rows(const toy_world *w, size_t kind)
{
    int64_t rows = 0;

    if (kind != w->logs) return rows_on(&w->kinds[kind], w->plan.day);
    for (size_t i = 0; i < toy_n_kinds; i++)
        if (toy_kinds[i].infrastructure) rows += rows_on(&w->kinds[i], w->plan.day);
    return rows;
}

/* The person who is one of a team has an owner's duties and stays, unless it has left. */
static const variant *variant_of(const toy_world *w, const toy_row *row)
{
    const table *k = &w->kinds[row->kind];
    int n = (int)(chance(w, row, WHY_VARIANT) % 100);

    if (row->kind == w->persons && row->number < w->teams * TOY_TEAM_PERSONS)
        return &k->variants[toy_has_left(row->number) ? 2 : 0];
    for (size_t i = 0;; i++) {
        assert(i < k->n_variants);
        n -= k->variants[i].said->share;
        if (n < 0) return &k->variants[i];
    }
}

/* How a company changes, of 1,000 rows in a day: how many go, are mended and break; whether what
 * was mended may break on the day after; whether harmless facts change; and how many times as much
 * as its kind says is wrong on the first day. */
typedef struct pace {
    int go, mend, breaks;
    bool again, harmless;
    int at_first;
} pace;

static const pace of_a_day = { 1, 100, 2, true, true, 1 };
static const pace of_a_story = { 0, 14, 1, false, false, 4 };
static const pace of_one_behind = { 0, 3, 1, false, false, 5 };

enum { DIVISION_BEHIND = 2 };

static const pace *pace_of(const toy_world *w, const toy_row *row)
{
    uint64_t team = chance(w, row, WHY_TEAM) % (uint64_t)w->teams;

    if (!w->plan.story) return &of_a_day;
    return team % TOY_DIVISIONS == DIVISION_BEHIND ? &of_one_behind : &of_a_story;
}

/* From its first day to that of the plan: what is wrong is mended or not, comes back or not. */
static void live(const toy_world *w, toy_row *row)
{
    const table *k = &w->kinds[row->kind];
    const pace *at = pace_of(w, row);
    int day = row->kind == w->logs ? 1 : first_day(k, row->number), mended = 0;
    bool can = row->variant->n_faults > 0;
    bool stays = k->rows < 1000 || row->kind == w->logs || row->kind == w->persons;
    bool faulty =
        can && chance(w, row, WHY_FAULTY) % 1000 < (uint64_t)(k->said->faulty * at->at_first);

    for (day++; day <= w->plan.day && !row->gone; day++) {
        int n = (int)(chance(w, row, WHY_DAY + (uint64_t)day) % 1000);
        bool again = at->again && mended == day - 1 && mended > 0 && n % 4 == 0;

        if (n < at->go && !stays) {
            row->gone = true;
        } else if (faulty && n < at->go + at->mend) {
            faulty = false, mended = day;
        } else if (!faulty && can && (n < at->go + at->breaks || again)) {
            faulty = true;
        } else if (n >= 993 && at->harmless) {
            row->changed = day;
        }
    }
    if (faulty)
        row->fault = row->variant->faults[chance(w, row, WHY_FAULT) % row->variant->n_faults];
}

static void apply(toy_row *row, const set *sets, size_t n)
{
    for (size_t i = 0; i < n; i++) row->facts[sets[i].column] = sets[i].spec;
}

static int64_t between(int64_t from, int64_t until, uint64_t by)
{
    return from + (int64_t)(by % (uint64_t)(until - from + 1));
}

/* What happened once, and long ago, is dated from the first day of a story. */
static bool is_lasting(const table *k, size_t column)
{
    static const ar_str names[] = { AR_LIT("created_at"), AR_LIT("hired_at"), AR_LIT("adopted_at"),
                                    AR_LIT("not_before"), AR_LIT("deleted_at") };

    for (size_t i = 0; i < AR_COUNT(names); i++)
        if (column < k->n_columns && ar_str_eq(k->columns[column], names[i])) return true;
    return false;
}

static ar_time time_of(const toy_world *w, const toy_row *row, const toy_spec *spec, uint64_t why)
{
    bool lasting =
        w->plan.story && spec->until < -8 * AR_DAY && is_lasting(&w->kinds[row->kind], why);
    ar_time now = w->plan.now - (lasting ? (w->plan.day - 1) * AR_DAY : 0);
    ar_time from = spec->sort == S_AGE ? row->born : now;

    return ar_time_to_second(from + between(spec->from, spec->until, chance(w, row, why)));
}

/* The kind and number of the asset that log `number` tells of: one log for each, kind by kind. A
 * kind grows at its end, so the logs of later days stand behind all of the first. */
static void about(const toy_world *w, toy_row *row)
{
    int64_t number = row->number;

    for (int day = 1;; day++) {
        assert(day <= w->plan.day);
        for (size_t i = 0; i < toy_n_kinds; i++) {
            const table *k = &w->kinds[i];
            int64_t before = day == 1 ? 0 : rows_on(k, day - 1), n = rows_on(k, day) - before;

            if (!k->said->infrastructure) continue;
            if (number < n) {
                row->about = i, row->number = before + number;
                return;
            }
            number -= n;
        }
    }
}

/* What would lead to another's owner says nothing: whoever owns nothing is to stay without one. */
static void cut_off(const toy_world *w, toy_row *row)
{
    static const ar_str leads[] = { AR_LIT("repo_id"), AR_LIT("app_id"), AR_LIT("account_id"),
                                    AR_LIT("person_id"), AR_LIT("manager_id") };
    const table *k = &w->kinds[row->kind];

    for (size_t i = 0; i < AR_COUNT(leads); i++)
        for (size_t c = 0; c < k->n_columns; c++)
            if (ar_str_eq(k->columns[c], leads[i])) row->facts[c] = w->nobody;
}

static void finish(const toy_world *w, toy_row *row)
{
    const table *k = &w->kinds[row->kind];

    row->variant = variant_of(w, row);
    live(w, row);
    memcpy(row->facts, k->facts, sizeof row->facts);
    apply(row, row->variant->sets, row->variant->n_sets);
    if (row->fault != NULL) apply(row, row->fault->sets, row->fault->n_sets);
    if (k->said->part) return;

    if (row->facts[k->created] == k->facts[k->created] &&
        k->facts[k->created]->from < -40 * AR_DAY && chance(w, row, WHY_NEW) % 100 == 0) {
        row->facts[k->created] = w->newborn;
        if (row->fault != NULL && row->fault->of == OF_NOBODY) row->fault = &k->late;
    }
    if (row->fault != NULL && row->fault->of == OF_NOBODY) row->facts[k->owner] = w->nobody;
    if (row->fault != NULL && (row->fault->of == OF_NOBODY || row->fault->of == OF_LEAVER))
        cut_off(w, row);
    if (row->fault != NULL && row->fault->of == OF_LATE) row->facts[k->entered] = w->late;
    row->born = time_of(w, row, row->facts[k->created], k->created);
}

void toy_row_make(const toy_world *w, size_t kind, int64_t number, toy_row *out_row)
{
    toy_row row = { .kind = kind, .number = number };

    if (kind == w->logs) about(w, &row);
    finish(w, &row);
    *out_row = row;
}

static toy_row log_of(const toy_world *w, const toy_row *asset)
{
    toy_row row = { .kind = w->logs, .number = asset->number, .about = asset->kind };

    finish(w, &row);
    return row;
}

static void add_number(ar_buf *out, int64_t number)
{
    char digits[20];
    size_t n = 0;

    for (; n < 7 || number > 0; number /= 10) digits[n++] = (char)('0' + number % 10);
    while (n > 0) ar_buf_addc(out, digits[--n]);
}

static void add_id(ar_buf *out, size_t kind, int64_t number)
{
    ar_buf_addz(out, toy_kinds[kind].prefix);
    ar_buf_addc(out, '-');
    add_number(out, number);
}

static void add_hex(uint64_t n, ar_buf *out)
{
    for (int i = 0; i < 16; i++, n >>= 4) ar_buf_addc(out, "0123456789abcdef"[n & 15]);
}

void toy_row_id(const toy_world *w, const toy_row *row, size_t source, ar_buf *out)
{
    const char *names = toy_kinds[row->kind].sources[source].names;

    if (names != NULL) {
        ar_buf_addz(out, names);
        add_hex(chance(w, row, WHY_ALIAS), out);
    } else if (row->kind == w->logs) {
        ar_buf_addz(out, "log-");
        add_id(out, row->about, row->number);
    } else {
        add_id(out, row->kind, row->number);
    }
}

/* ---- its facts ---- */

static int64_t team_of(const toy_world *w, const toy_row *row)
{
    int64_t team = (int64_t)(chance(w, row, WHY_TEAM) % (uint64_t)w->teams);

    return row->fault != NULL && row->fault->of == OF_LEAVER ? team / 3 * 3 : team;
}

/* A team, or one of its persons who is there; or the one who left. */
static void add_owner(const toy_world *w, const toy_row *row, ar_buf *out)
{
    int64_t team = team_of(w, row);
    bool left = row->fault != NULL && row->fault->of == OF_LEAVER;

    if (!left && chance(w, row, WHY_OWNER) % 2 == 0) {
        ar_buf_addz(out, "team:team-");
        add_number(out, team);
        return;
    }
    ar_buf_addz(out, "person:");
    add_id(out, w->persons,
           team * TOY_TEAM_PERSONS +
               (left ? TOY_TEAM_PERSONS - 1
                     : (int64_t)(chance(w, row, WHY_PERSON) % (TOY_TEAM_PERSONS - 1))));
}

static void add_text(const toy_row *row, ar_str text, ar_buf *out)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '#')
            add_number(out, row->number);
        else
            ar_buf_addc(out, text.ptr[i]);
}

toy_value toy_row_value(const toy_world *w, const toy_row *row, size_t column, ar_buf *text)
{
    const table *k = &w->kinds[row->kind];
    const toy_spec *spec = row->facts[column];
    toy_value value = { .type = TOY_TEXT };

    ar_buf_clear(text);
    if (spec == NULL) return (toy_value){ 0 };
    switch (spec->sort) {
    case S_NULL: return (toy_value){ 0 };
    case S_RAW: return (toy_value){ .type = TOY_RAW, .text = spec->text };
    case S_CHOICE: value.text = spec->choices[chance(w, row, column) % spec->n]; return value;
    case S_TIME:
    case S_AGE:
        return (toy_value){ .type = TOY_TIME,
                            .time =
                                column == k->created ? row->born : time_of(w, row, spec, column) };
    case S_RANGE:
        value.type = TOY_RAW;
        ar_buf_addf(text, "%lld",
                    (long long)between(spec->from, spec->until, chance(w, row, column)));
        break;
    case S_TEXT: add_text(row, spec->text, text); break;
    case S_REF: add_id(text, spec->n, row->number % w->kinds[spec->n].rows); break;
    case S_HEX: add_hex(chance(w, row, WHY_HEX), text); break;
    case S_OWNER: add_owner(w, row, text); break;
    case S_ASSET: add_id(text, row->about, row->number); break;
    case S_ASSET_KIND: ar_buf_addz(text, toy_kinds[row->about].name); break;
    }
    if (column == k->name && row->changed > 0) ar_buf_addf(text, "-v%d", row->changed);
    value.text = (ar_str){ text->ptr, text->len };
    return value;
}

bool toy_row_shown(const toy_world *w, const toy_row *row, size_t source)
{
    (void)w;
    return !row->gone && (row->fault == NULL || row->fault->absent != source + 1);
}

bool toy_row_differs(const toy_world *w, const toy_row *row)
{
    return chance(w, row, WHY_DIFFERS) % 100 == 0 &&
           (row->fault == NULL || row->fault->absent == 0);
}

/* ---- its verdicts ---- */

/* PE-5 speaks of what was born after it was issued and within a week. */
static bool speaks(const toy_world *w, const toy_row *row, ar_str standard)
{
    if (!ar_str_eq(standard, AR_LIT("PE-5"))) return true;
    return row->born >= issued && row->born > w->plan.now - 7 * AR_DAY;
}

static size_t put(toy_verdict *list, size_t n, ar_str standard, enum toy_state state)
{
    for (size_t i = 0; i < n; i++)
        if (ar_str_eq(list[i].standard, standard)) {
            list[i].state = state;
            return n;
        }
    assert(n < TOY_VERDICTS_MAX);
    list[n] = (toy_verdict){ standard, state };
    return n + 1;
}

/* A team's domain has somebody who answers for what else nobody does, in every second division. */
static bool falls_back(const toy_world *w, const toy_row *row)
{
    return row->fault->of == OF_LEAVER && team_of(w, row) % TOY_DIVISIONS % 2 == 0;
}

size_t toy_row_verdicts(const toy_world *w, const toy_row *row,
                        toy_verdict list[static TOY_VERDICTS_MAX])
{
    const table *k = &w->kinds[row->kind];
    size_t n = 0;

    for (size_t i = 0; i < row->variant->n_scope; i++)
        if (speaks(w, row, row->variant->scope[i]))
            n = put(list, n, row->variant->scope[i], TOY_PASS);
    for (size_t i = 0; row->fault != NULL && i < row->fault->n_effects; i++) {
        const effect *e = &row->fault->effects[i];

        if (e->about || (row->fault->of == OF_LATE && !speaks(w, row, e->standard))) continue;
        if (i > 0 && falls_back(w, row)) break; /* PE-3 comes first, and only it asks who says so */
        n = put(list, n, e->standard, e->state);
    }
    if (k->said->infrastructure) {
        toy_row log = log_of(w, row);
        for (size_t i = 0; log.fault != NULL && i < log.fault->n_effects; i++)
            if (log.fault->effects[i].about)
                n = put(list, n, log.fault->effects[i].standard, log.fault->effects[i].state);
    }
    for (size_t i = 0; row->gone && i < n; i++) list[i].state = TOY_UNKNOWN;
    return n;
}
