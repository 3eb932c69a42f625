#include "response/decision.h"

#include "form/yaml.h"
#include "sys/file.h"

enum { FILE_BYTES_MAX = 256 * 1024 };

/* ---- reading ---- */

static const size_t nowhere = SIZE_MAX;

static size_t place_of(ar_str text, const ar_str *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ar_str_eq(text, names[i])) return i;
    return nowhere;
}

static ar_str words(const ar_str *names, size_t n, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };

    for (size_t i = 0; i < n; i++)
        ar_buf_addf(&out, "%s%.*s", i == 0 ? "" : i + 1 < n ? ", " : " or ", AR_FMT(names[i]));
    return ar_arena_copy(arena, ar_buf_str(&out));
}

static ar_err read_value(ar_str file, const ar_node *node, const ar_decision_point *point,
                         ar_arena *arena, size_t *out_place)
{
    size_t place = place_of(node->text, point->values, point->n);
    ar_str all = { 0 };

    if (place != nowhere) return *out_place = place, ar_ok();
    all = words(point->values, point->n, arena);
    return ar_node_fail(file, node, "'%.*s' is no value of %.*s (want %.*s)", AR_FMT(node->text),
                        AR_FMT(point->name), AR_FMT(all));
}

/* One value for all, or five by criticality. */
static ar_err read_assume(ar_str file, const ar_node *map, ar_arena *arena, ar_decision_point *p)
{
    const ar_node *node = ar_node_get(map, AR_LIT("assume"));
    bool list = node != NULL && node->kind == AR_NODE_LIST;

    if (node == NULL) return ar_node_fail(file, map, "'assume' is missing");
    if (list && node->n != AR_DECISION_CRITICALITIES)
        return ar_node_fail(file, node, "%zu values; want one, or %d by criticality", node->n,
                            AR_DECISION_CRITICALITIES);
    for (size_t i = 0; i < AR_DECISION_CRITICALITIES; i++)
        AR_TRY(read_value(file, list ? node->items[i] : node, p, arena, &p->assume[i]));
    return ar_ok();
}

static ar_err read_values(ar_str file, const ar_node *map, ar_arena *arena, ar_decision_point *p)
{
    const ar_node *list = NULL;

    AR_TRY(ar_node_list(file, map, "values", true, &list));
    if (list->n == 0 || list->n > AR_DECISION_VALUES_MAX)
        return ar_node_fail(file, list, "%zu values; want 1 to %d", list->n,
                            AR_DECISION_VALUES_MAX);

    ar_str *values = ar_make_n(arena, ar_str, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (place_of(list->items[i]->text, values, i) != nowhere || list->items[i]->text.len == 0)
            return ar_node_fail(file, list->items[i], "want another name for each value");
        values[i] = list->items[i]->text;
    }
    p->values = values;
    p->n = list->n;
    return ar_ok();
}

static ar_err read_points(const ar_node *root, ar_arena *arena, ar_decision_table *t)
{
    static const ar_str keys[] = { AR_LIT("meaning"), AR_LIT("values"), AR_LIT("assume") };
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(t->file, root, "points", true, &map));
    if (map->n == 0 || map->n > AR_DECISION_POINTS_MAX)
        return ar_node_fail(t->file, map, "%zu points; want 1 to %d", map->n,
                            AR_DECISION_POINTS_MAX);

    ar_decision_point *points = ar_make_n(arena, ar_decision_point, map->n);
    for (size_t i = 0; i < map->n; i++) {
        const ar_node *point = map->pairs[i].value;

        points[i].name = map->pairs[i].key;
        AR_TRY(ar_node_only(t->file, point, keys, AR_COUNT(keys)));
        AR_TRY(ar_node_text(t->file, point, "meaning", true, &points[i].meaning));
        AR_TRY(read_values(t->file, point, arena, &points[i]));
        AR_TRY(read_assume(t->file, point, arena, &points[i]));
    }
    t->points = points;
    t->n_points = map->n;
    return ar_ok();
}

static ar_err read_outcomes(const ar_node *root, ar_arena *arena, ar_decision_table *t)
{
    static const ar_str keys[] = { AR_LIT("due"), AR_LIT("severity") };
    const ar_node *map = NULL;

    AR_TRY(ar_node_map(t->file, root, "outcomes", true, &map));

    ar_decision_outcome *outcomes = ar_make_n(arena, ar_decision_outcome, map->n);
    for (size_t i = 0; i < map->n; i++) {
        const ar_node *outcome = map->pairs[i].value;
        ar_str due = { 0 };

        outcomes[i].name = map->pairs[i].key;
        AR_TRY(ar_node_only(t->file, outcome, keys, AR_COUNT(keys)));
        AR_TRY(ar_node_text(t->file, outcome, "severity", true, &outcomes[i].severity));
        AR_TRY(ar_node_text(t->file, outcome, "due", true, &due));

        ar_err err = ar_span_parse(due, &outcomes[i].due);
        if (err.code != AR_OK || outcomes[i].due <= 0)
            return ar_node_fail(t->file, ar_node_get(outcome, AR_LIT("due")),
                                "'%.*s' is no time that a case may take (want 3d or 12h)",
                                AR_FMT(due));
    }
    t->outcomes = outcomes;
    t->n_outcomes = map->n;
    return ar_ok();
}

/* Which combination it is. */
static ar_err read_row(const ar_decision_table *t, const ar_node *row, ar_arena *arena,
                       size_t *out_place)
{
    size_t place = 0;

    if (row->kind != AR_NODE_LIST || row->n != t->n_points + 1)
        return ar_node_fail(t->file, row, "want a list of %zu: a value of each point, the outcome",
                            t->n_points + 1);
    for (size_t i = 0; i < t->n_points; i++) {
        size_t value = 0;

        AR_TRY(read_value(t->file, row->items[i], &t->points[i], arena, &value));
        place = place * t->points[i].n + value;
    }
    *out_place = place;
    return ar_ok();
}

static ar_err read_outcome(const ar_decision_table *t, const ar_node *node, size_t *out_outcome)
{
    for (size_t i = 0; i < t->n_outcomes; i++)
        if (ar_str_eq(node->text, t->outcomes[i].name)) return *out_outcome = i, ar_ok();
    return ar_node_fail(t->file, node, "'%.*s' is none of the outcomes", AR_FMT(node->text));
}

static ar_err count_rows(const ar_decision_table *t, const ar_node *list, size_t *out_n)
{
    size_t n = 1;

    for (size_t i = 0; i < t->n_points; i++) {
        n *= t->points[i].n;
        if (n > AR_DECISION_ROWS_MAX)
            return ar_fail(AR_LIMIT, "%.*s: more than %d combinations", AR_FMT(t->file),
                           AR_DECISION_ROWS_MAX);
    }
    if (list->n != n)
        return ar_node_fail(t->file, list, "want %zu rows, one for each combination, found %zu", n,
                            list->n);
    *out_n = n;
    return ar_ok();
}

/* As many rows as combinations, and none twice: none is missing. */
static ar_err read_rows(const ar_node *root, ar_arena *arena, ar_decision_table *t)
{
    const ar_node *list = NULL;
    size_t n = 0;

    AR_TRY(ar_node_list(t->file, root, "rows", true, &list));
    AR_TRY(count_rows(t, list, &n));

    size_t *rows = ar_make_n(arena, size_t, n);
    bool *seen = ar_make_n(arena, bool, n);
    for (size_t i = 0; i < n; i++) {
        size_t place = 0;

        AR_TRY(read_row(t, list->items[i], arena, &place));
        if (seen[place])
            return ar_node_fail(t->file, list->items[i], "this combination has a row already");
        seen[place] = true;
        AR_TRY(read_outcome(t, list->items[i]->items[t->n_points], &rows[place]));
    }
    t->rows = rows;
    return ar_ok();
}

ar_err ar_decision_parse(ar_str file, ar_str name, ar_str text, ar_arena *arena,
                         ar_decision_table *out_table)
{
    static const ar_str keys[] = { AR_LIT("table"),  AR_LIT("title"),    AR_LIT("kind"),
                                   AR_LIT("points"), AR_LIT("outcomes"), AR_LIT("rows") };
    ar_decision_table t = { .file = file };
    ar_node *root;

    AR_TRY(ar_yaml_parse(file, text, NULL, arena, &root));
    AR_TRY(ar_node_only(file, root, keys, AR_COUNT(keys)));
    AR_TRY(ar_node_text(file, root, "table", true, &t.name));
    if (!ar_str_eq(t.name, name))
        return ar_node_fail(file, ar_node_get(root, AR_LIT("table")),
                            "the file of table '%.*s' must be named %.*s.yaml", AR_FMT(t.name),
                            AR_FMT(t.name));
    AR_TRY(ar_node_text(file, root, "title", true, &t.title));
    AR_TRY(ar_node_text(file, root, "kind", true, &t.kind));
    AR_TRY(read_points(root, arena, &t));
    AR_TRY(read_outcomes(root, arena, &t));
    AR_TRY(read_rows(root, arena, &t));
    *out_table = t;
    return ar_ok();
}

ar_err ar_decision_load(const ar_place *place, ar_str kind, ar_arena *arena,
                        ar_decision_table *out_table)
{
    ar_decision_table found = { 0 };
    ar_place_file *files;
    size_t n = 0;

    AR_TRY(ar_place_files(place, "tables", arena, &files, &n));
    for (size_t i = 0; i < n; i++) {
        ar_str file = ar_str_of(files[i].path), text;
        ar_decision_table t;

        AR_TRY(ar_file_read(files[i].path, FILE_BYTES_MAX, arena, &text));
        AR_TRY(ar_decision_parse(file, files[i].name, text, arena, &t));
        if (!ar_str_eq(t.kind, kind)) continue;
        if (found.name.len > 0)
            return ar_fail(AR_INVALID, "%.*s and %.*s are both for kind %.*s; want one",
                           AR_FMT(found.file), AR_FMT(file), AR_FMT(kind));
        found = t;
    }
    if (found.name.len == 0)
        return ar_fail(AR_NOT_FOUND, "no file in tables/ is for kind %.*s", AR_FMT(kind));
    *out_table = found;
    return ar_ok();
}

/* ---- deciding ---- */

static ar_err find_point(const ar_decision_table *t, ar_str name, ar_arena *arena, size_t *out)
{
    ar_str *names = ar_make_n(arena, ar_str, t->n_points), all = { 0 };

    for (size_t i = 0; i < t->n_points; i++) {
        names[i] = t->points[i].name;
        if (ar_str_eq(name, names[i])) return *out = i, ar_ok();
    }
    all = words(names, t->n_points, arena);
    return ar_fail(AR_INVALID, "'%.*s' is no decision point of %.*s (want %.*s)", AR_FMT(name),
                   AR_FMT(t->name), AR_FMT(all));
}

/* POINT=VALUE */
static ar_err take_given(const ar_decision_table *t, ar_str text, ar_arena *arena, size_t *values)
{
    ar_str value = text, name = { 0 }, all = { 0 };
    size_t point = 0;

    (void)ar_str_split(&value, '=', &name);
    AR_TRY(find_point(t, name, arena, &point));
    if (values[point] != nowhere) return ar_fail(AR_INVALID, "%.*s is given twice", AR_FMT(name));
    values[point] = place_of(value, t->points[point].values, t->points[point].n);
    if (values[point] != nowhere) return ar_ok();
    all = words(t->points[point].values, t->points[point].n, arena);
    return ar_fail(AR_INVALID, "%.*s cannot be '%.*s' (want %.*s)", AR_FMT(name), AR_FMT(value),
                   AR_FMT(all));
}

static void take_known(const ar_decision_table *t, ar_str text, size_t *values)
{
    ar_str value = text, name = { 0 };

    (void)ar_str_split(&value, '=', &name);
    for (size_t i = 0; i < t->n_points; i++)
        if (values[i] == nowhere && ar_str_eq(name, t->points[i].name))
            values[i] = place_of(value, t->points[i].values, t->points[i].n);
}

ar_err ar_decision_take(const ar_decision_table *t, const ar_str *given, size_t n_given,
                        ar_str known, int64_t criticality, ar_arena *arena,
                        ar_decision *out_decision)
{
    size_t *values = ar_make_n(arena, size_t, t->n_points), row = 0;
    ar_auto(ar_buf) points = { 0 };
    ar_str word;

    assert(criticality >= 1 && criticality <= AR_DECISION_CRITICALITIES);
    for (size_t i = 0; i < t->n_points; i++) values[i] = nowhere;
    for (size_t i = 0; i < n_given; i++) AR_TRY(take_given(t, given[i], arena, values));
    while (ar_str_split(&known, ' ', &word)) take_known(t, word, values);
    for (size_t i = 0; i < t->n_points; i++) {
        const ar_decision_point *p = &t->points[i];
        size_t value = values[i] != nowhere ? values[i] : p->assume[criticality - 1];

        row = row * p->n + value;
        ar_buf_addf(&points, "%s%.*s=%.*s", i > 0 ? " " : "", AR_FMT(p->name),
                    AR_FMT(p->values[value]));
    }
    *out_decision = (ar_decision){ .outcome = &t->outcomes[t->rows[row]],
                                   .points = ar_arena_copy(arena, ar_buf_str(&points)) };
    return ar_ok();
}
