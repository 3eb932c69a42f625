#include "access/edit.h"

#include "inspect/words.h"

/* ---- rules of sudoers ---- */

/* One logical line: physical ones, joined at a trailing backslash, with their line ends. */
static bool next_logical(ar_str *rest, ar_str *out_line)
{
    size_t to = 0;
    bool joined = true;

    if (rest->len == 0) return false;
    while (joined && to < rest->len) {
        size_t end = to + ar_str_find(ar_str_cut(*rest, to, rest->len), '\n');

        joined = end > to && rest->ptr[end - 1] == '\\';
        to = end < rest->len ? end + 1 : end;
    }
    *out_line = ar_str_cut(*rest, 0, to);
    *rest = ar_str_cut(*rest, to, rest->len);
    return true;
}

/* The rules that this line alone makes. */
static ar_err rules_of(const ar_sudoers *all, ar_str host, ar_str line, ar_arena *arena,
                       ar_sudo_rule **out_rules, size_t *out_n)
{
    ar_sudoers alone = *all;

    alone.specs = NULL;
    alone.n_specs = alone.cap_specs = 0;
    AR_TRY(ar_sudoers_parse(line, AR_LIT(""), arena, &alone));
    return ar_sudoers_rules(&alone, host, arena, out_rules, out_n);
}

static ar_err gives(const ar_sudoers *all, ar_str host, const ar_edit_grant *grant, ar_str line,
                    ar_arena *arena, bool *out_gives, size_t *out_rules)
{
    ar_sudo_rule *rules;

    *out_gives = false;
    AR_TRY(rules_of(all, host, line, arena, &rules, out_rules));
    for (size_t i = 0; i < *out_rules; i++) {
        ar_str scope = ar_arena_printf(arena, "(%.*s) %.*s", AR_FMT(rules[i].runas),
                                       AR_FMT(rules[i].commands));

        *out_gives =
            *out_gives || (ar_str_eq(scope, grant->scope) && rules[i].nopasswd == grant->nopasswd);
    }
    return ar_ok();
}

/* ---- the users of a line, where they stand ---- */

enum { USERS_MAX = 200 };

typedef struct users {
    ar_str line;
    size_t from[USERS_MAX], to[USERS_MAX]; /* of each word */
    size_t n, end;                         /* behind the last */
} users;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t skip_blanks(ar_str line, size_t at)
{
    while (at < line.len && is_blank(line.ptr[at])) at++;
    return at;
}

/* False when the list is written in a way that is better edited by hand. */
static bool read_users(ar_str line, users *out)
{
    size_t at = skip_blanks(line, 0);

    *out = (users){ .line = line };
    for (;;) {
        size_t from = at;

        while (at < line.len && !is_blank(line.ptr[at]) && line.ptr[at] != ',' &&
               line.ptr[at] != '\n')
            at++;
        if (at == from || out->n == USERS_MAX) return false;
        for (size_t i = from; i < at; i++)
            if (line.ptr[i] == '"' || line.ptr[i] == '\\' || line.ptr[i] == '=') return false;
        out->from[out->n] = from;
        out->to[out->n++] = at;
        out->end = at;
        at = skip_blanks(line, at);
        if (at >= line.len || line.ptr[at] != ',') return true;
        at = skip_blanks(line, at + 1);
    }
}

static ar_str user(const users *u, size_t i)
{
    return ar_str_cut(u->line, u->from[i], u->to[i]);
}

/* USERS_MAX: it is not among them. */
static size_t place_of(const users *u, ar_str who)
{
    for (size_t i = 0; i < u->n; i++)
        if (ar_str_eq(user(u, i), who)) return i;
    return USERS_MAX;
}

/* ---- taking out ---- */

static ar_err fail_line(const char *why, ar_str line)
{
    ar_str shown = ar_str_trim(line);

    return ar_fail(AR_CONFLICT, "the rule '%.*s' %s; change it by hand with visudo", AR_FMT(shown),
                   why);
}

/* The line without the word, with the comma that parted it from the next, or from the last. */
static void add_without(const users *u, size_t i, ar_buf *out)
{
    size_t from = i > 0 ? u->to[i - 1] : u->from[i];
    size_t to = i > 0 ? u->to[i] : u->from[i + 1];

    ar_buf_add(out, ar_str_cut(u->line, 0, from));
    ar_buf_add(out, ar_str_cut(u->line, to, u->line.len));
}

/* Behind "HOSTS =" and "(runas)", where options of a command stand. */
static bool place_of_options(const users *u, size_t *out_at)
{
    size_t at = u->end + ar_str_find(ar_str_cut(u->line, u->end, u->line.len), '=');

    if (at >= u->line.len) return false;
    at = skip_blanks(u->line, at + 1);
    if (at < u->line.len && u->line.ptr[at] == '(') {
        at += ar_str_find(ar_str_cut(u->line, at, u->line.len), ')');
        if (at++ >= u->line.len) return false;
    }
    *out_at = at;
    return true;
}

/* NOTAFTER= of sudoers(5): sudo itself refuses the rule from then on. */
static ar_err add_until(const users *u, ar_time until, ar_buf *out)
{
    ar_auto(ar_buf) digits = { 0 };
    char text[AR_TIME_LEN];
    size_t at;

    if (!place_of_options(u, &at)) return fail_line("cannot be given an end", u->line);
    (void)ar_time_print(ar_time_to_second(until), text);
    for (const char *c = text; *c != '\0'; c++)
        if (*c >= '0' && *c <= '9') ar_buf_addc(&digits, *c);
    ar_buf_add(out, ar_str_cut(u->line, 0, at));
    ar_buf_addf(out, "%sNOTAFTER=%sZ", is_blank(u->line.ptr[at - 1]) ? "" : " ", digits.ptr);
    if (!is_blank(u->line.ptr[at])) ar_buf_addc(out, ' ');
    ar_buf_add(out, ar_str_cut(u->line, at, u->line.len));
    return ar_ok();
}

static ar_err edit_line(const ar_edit_grant *grant, ar_str line, size_t rules, ar_buf *out,
                        bool *out_edited)
{
    users u;
    size_t i;

    *out_edited = false;
    if (!read_users(line, &u)) return fail_line("names its users in quotes or escapes", line);
    i = place_of(&u, grant->who);
    if (i == USERS_MAX) return ar_buf_add(out, line), ar_ok();
    *out_edited = true;
    if (rules > 1) return fail_line("gives more than this", line);
    if (grant->until != 0 && u.n > 1) return fail_line("is for others too", line);
    if (grant->until != 0 && ar_str_contains(line, AR_LIT("NOTAFTER")))
        return fail_line("has an end already", line);
    if (grant->until != 0) return add_until(&u, grant->until, out);
    if (u.n > 1) add_without(&u, i, out);
    return ar_ok();
}

ar_err ar_edit_sudoers(const ar_sudoers *all, ar_str host, const ar_edit_grant *grant, ar_str text,
                       ar_arena *arena, ar_str *out_text)
{
    ar_auto(ar_buf) out = { 0 };
    ar_str line;
    size_t n = 0, rules;

    while (next_logical(&text, &line)) {
        bool is, edited = false;

        AR_TRY(gives(all, host, grant, line, arena, &is, &rules));
        if (is)
            AR_TRY(edit_line(grant, line, rules, &out, &edited));
        else
            ar_buf_add(&out, line);
        n += edited;
    }
    if (n == 0)
        return ar_fail(AR_NOT_FOUND,
                       "no rule names %.*s for that: it comes by an alias, by ALL or by a group; "
                       "look at the host again, or change it by hand",
                       AR_FMT(grant->who));
    *out_text = ar_arena_copy(arena, ar_buf_str(&out));
    return ar_ok();
}

ar_str ar_edit_through(const ar_sudoers *all, ar_str host, const ar_edit_grant *grant, ar_str text,
                       const ar_str *groups, size_t n, ar_arena *arena)
{
    ar_str line;
    size_t rules;
    bool is;
    users u;

    while (next_logical(&text, &line)) {
        if (gives(all, host, grant, line, arena, &is, &rules).code != AR_OK || !is) continue;
        if (!read_users(line, &u)) continue;
        for (size_t i = 0; i < n; i++)
            if (place_of(&u, ar_arena_printf(arena, "%%%.*s", AR_FMT(groups[i]))) != USERS_MAX)
                return groups[i];
    }
    return (ar_str){ 0 };
}

/* ---- members of a group ---- */

/* "a,b,c" without one of them; false when it is not there. */
static bool add_members(ar_str members, ar_str who, ar_buf *out)
{
    bool found = false, first = true;
    ar_str member;

    while (ar_str_split(&members, ',', &member)) {
        if (ar_str_eq(member, who)) {
            found = true;
            continue;
        }
        if (!first) ar_buf_addc(out, ',');
        ar_buf_add(out, member);
        first = false;
    }
    return found;
}

ar_err ar_edit_group(ar_str text, ar_str group, ar_str who, ar_arena *arena, ar_str *out_text)
{
    ar_auto(ar_buf) out = { 0 };
    ar_str begin = ar_arena_printf(arena, "%.*s:", AR_FMT(group));
    bool found = false;

    while (text.len > 0) {
        size_t end = ar_str_find(text, '\n'), at = 0;
        ar_str line = ar_str_cut(text, 0, end), field;

        for (int i = 0; i < 3; i++) {
            at += ar_str_find(ar_str_cut(line, at, line.len), ':');
            if (at < line.len) at++;
        }
        field = ar_str_cut(line, at, line.len);
        if (ar_str_starts(line, begin)) {
            ar_buf_add(&out, ar_str_cut(line, 0, at));
            found = add_members(field, who, &out) || found;
        } else {
            ar_buf_add(&out, line);
        }
        if (end < text.len) ar_buf_addc(&out, '\n');
        text = ar_str_cut(text, end < text.len ? end + 1 : end, text.len);
    }
    if (!found)
        return ar_fail(AR_NOT_FOUND,
                       "group %.*s does not list %.*s: it may be their primary group, or the host "
                       "has changed since it was looked at",
                       AR_FMT(group), AR_FMT(who));
    *out_text = ar_arena_copy(arena, ar_buf_str(&out));
    return ar_ok();
}
