#include "inspect/logrotate.h"

#include "inspect/words.h"

void ar_logrotate_init(ar_logrotate *conf)
{
    *conf = (ar_logrotate){ .global = { .period_days = 7 } }; /* logrotate(8): weekly, rotate 0 */
}

static const struct {
    const char *name;
    double days;
} periods[] = {
    { "hourly", 1.0 / 24 }, { "daily", 1 }, { "weekly", 7 }, { "monthly", 30 }, { "yearly", 365 },
};

static bool is_script_start(ar_str word)
{
    static const char *const names[] = { "prerotate", "postrotate", "firstaction", "lastaction",
                                         "preremove" };

    for (size_t i = 0; i < AR_COUNT(names); i++)
        if (ar_str_eq(word, ar_str_of(names[i]))) return true;
    return false;
}

/* Reads "rotate 4", "rotate=4", "weekly", … into the rule. */
static void read_directive(ar_str line, ar_logrotate_rule *rule)
{
    size_t end = 0;
    int64_t n;

    while (end < line.len && strchr(" \t=", line.ptr[end]) == NULL) end++;
    ar_str word = ar_str_cut(line, 0, end);
    ar_str value = ar_str_trim(ar_str_cut(line, end, line.len));
    if (value.len > 0 && value.ptr[0] == '=') value = ar_str_trim(ar_str_cut(value, 1, value.len));

    for (size_t i = 0; i < AR_COUNT(periods); i++)
        if (ar_str_eq(word, ar_str_of(periods[i].name))) rule->period_days = periods[i].days;
    if (ar_str_eq(word, AR_LIT("size"))) rule->period_days = 0;
    if (ar_str_eq(word, AR_LIT("rotate")) && ar_str_int(value, &n) && n >= -1 && n <= 1000000)
        rule->rotate = n;
    if (ar_str_eq(word, AR_LIT("maxage")) && ar_str_int(value, &n) && n >= 0 && n <= 1000000)
        rule->maxage_days = n;
}

/* A path, perhaps in quotes; *rest moves past it. */
static ar_str take_path(ar_str *rest)
{
    ar_str text = ar_str_trim(*rest);

    if (text.len > 0 && (text.ptr[0] == '"' || text.ptr[0] == '\'')) {
        ar_str path = ar_before(ar_str_cut(text, 1, text.len), text.ptr[0]);
        size_t end = path.len + 2 < text.len ? path.len + 2 : text.len;

        *rest = ar_str_cut(text, end, text.len);
        return path;
    }
    return ar_word(rest);
}

/* Patterns wait for the '{' that gives them their directives. */
typedef struct reader {
    ar_arena *arena;
    ar_logrotate *conf;
    size_t first; /* rule of the open block */
    bool inside, script;
    ar_logrotate_rule block;
} reader;

static ar_err add_patterns(reader *r, ar_str line)
{
    ar_logrotate *c = r->conf;

    for (ar_str path; (path = take_path(&line)).len > 0;) {
        if (c->n == AR_LOGROTATE_RULES_MAX)
            return ar_fail(AR_LIMIT, "logrotate: more than %d patterns",
                           (int)AR_LOGROTATE_RULES_MAX);
        ar_grow(r->arena, c->rules, c->n, c->cap);
        c->rules[c->n++] = (ar_logrotate_rule){ .pattern = path };
    }
    return ar_ok();
}

static void close_block(reader *r)
{
    for (size_t i = r->first; i < r->conf->n; i++) {
        ar_str pattern = r->conf->rules[i].pattern;

        r->conf->rules[i] = r->block;
        r->conf->rules[i].pattern = pattern;
    }
    r->first = r->conf->n;
    r->inside = false;
}

static ar_err add_include(reader *r, ar_str path)
{
    ar_logrotate *c = r->conf;

    if (c->n_includes == AR_LOGROTATE_RULES_MAX)
        return ar_fail(AR_LIMIT, "logrotate: more than %d files", (int)AR_LOGROTATE_RULES_MAX);
    ar_grow(r->arena, c->includes, c->n_includes, c->cap_includes);
    c->includes[c->n_includes++] = path;
    return ar_ok();
}

static ar_err outside(reader *r, ar_str line)
{
    size_t brace = ar_str_find(line, '{');
    ar_str rest = line;

    if (ar_str_eq(ar_word(&rest), AR_LIT("include"))) return add_include(r, ar_str_trim(rest));
    if (line.ptr[0] == '/' || line.ptr[0] == '"' || line.ptr[0] == '\'')
        AR_TRY(add_patterns(r, ar_str_cut(line, 0, brace)));
    else if (brace == line.len)
        read_directive(line, &r->conf->global);
    if (brace == line.len) return ar_ok();
    r->inside = true;
    r->block = r->conf->global;
    line = ar_str_trim(ar_str_cut(line, brace + 1, line.len));
    if (ar_str_ends(line, AR_LIT("}"))) {
        read_directive(ar_str_trim(ar_str_cut(line, 0, line.len - 1)), &r->block);
        close_block(r);
    } else {
        read_directive(line, &r->block);
    }
    return ar_ok();
}

ar_err ar_logrotate_parse(ar_str text, ar_arena *arena, ar_logrotate *conf)
{
    reader r = { .arena = arena, .conf = conf, .first = conf->n };
    ar_str line;

    while (ar_line(&text, &line)) {
        line = ar_str_trim(line);
        ar_str rest = line, word = ar_word(&rest);

        if (line.len == 0 || line.ptr[0] == '#') continue;
        if (r.script)
            r.script = !ar_str_eq(word, AR_LIT("endscript"));
        else if (!r.inside)
            AR_TRY(outside(&r, line));
        else if (is_script_start(word))
            r.script = true;
        else if (line.ptr[0] == '}')
            close_block(&r);
        else
            read_directive(line, &r.block);
    }
    conf->n = r.first; /* a block that never ends counts for nothing */
    return ar_ok();
}

const ar_logrotate_rule *ar_logrotate_find(const ar_logrotate *conf, ar_str path)
{
    for (size_t i = 0; i < conf->n; i++)
        if (ar_glob_match(conf->rules[i].pattern, path)) return &conf->rules[i];
    return NULL;
}

bool ar_logrotate_days(const ar_logrotate_rule *rule, int64_t *out_days)
{
    bool bounded = rule->maxage_days > 0;
    double days = rule->period_days * (double)rule->rotate;

    if (rule->period_days <= 0 || rule->rotate < 0) {
        *out_days = rule->maxage_days;
        return bounded && rule->rotate < 0;
    }
    if (bounded && days > (double)rule->maxage_days) days = (double)rule->maxage_days;
    *out_days = (int64_t)days;
    return true;
}
