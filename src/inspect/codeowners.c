#include "inspect/codeowners.h"

#include "inspect/words.h"

static bool covers_all(ar_str pattern)
{
    static const char *const all[] = { "*", "**", "/*", "/**", "/", "**/*", "/**/*", "/**/" };

    for (size_t i = 0; i < AR_COUNT(all); i++)
        if (ar_str_eq(pattern, ar_str_of(all[i]))) return true;
    return false;
}

/* "@login", "@org/team", "name@example.org"; empty for other words. GitLab's roles (@@maintainer)
 * name no one. */
static ar_str owner_of(ar_str word, ar_arena *arena)
{
    size_t at = ar_str_find(word, '@');

    if (at == word.len || ar_str_starts(word, AR_LIT("@@"))) return (ar_str){ 0 };
    if (at > 0) {
        if (at + 1 == word.len) return (ar_str){ 0 };
        return ar_arena_printf(arena, "person:%.*s", AR_FMT(word));
    }
    word = ar_str_cut(word, 1, word.len);
    if (word.len == 0) return word;
    bool team = ar_str_find(word, '/') < word.len;
    return ar_arena_printf(arena, team ? "team:%.*s" : "person:%.*s", AR_FMT(word));
}

static size_t take_owners(ar_str rest, ar_arena *arena, ar_str *out, size_t max)
{
    size_t n = 0;

    while (n < max) {
        ar_str word = ar_word(&rest);

        if (word.len == 0 || word.ptr[0] == '#') break;
        ar_str owner = owner_of(word, arena);
        if (owner.len > 0) out[n++] = owner;
    }
    return n;
}

/* GitLab: "[Section][2] @default @owners", an optional one with '^' in front. */
static bool is_section(ar_str line, ar_str *out_rest)
{
    size_t end = ar_str_starts(line, AR_LIT("^")) ? 1 : 0;

    if (end >= line.len || line.ptr[end] != '[') return false;
    while (end < line.len && line.ptr[end] == '[') {
        end += ar_str_find(ar_str_cut(line, end, line.len), ']');
        if (end == line.len) return false;
        end++;
    }
    *out_rest = ar_str_cut(line, end, line.len);
    return true;
}

static size_t copy_owners(const ar_str *from, size_t n, ar_str *to, size_t max)
{
    if (n > max) n = max;
    for (size_t i = 0; i < n; i++) to[i] = from[i];
    return n;
}

/* The owners found so far: those of earlier sections stay, those of this section are replaced by
 * each line that matches. */
typedef struct tally {
    size_t kept, n;
    ar_str defaults[AR_CODEOWNERS_MAX];
    size_t n_defaults;
} tally;

size_t ar_codeowners_of_all(ar_str text, ar_arena *arena, ar_str out_owners[AR_CODEOWNERS_MAX])
{
    tally t = { 0 };
    ar_str line, rest;

    while (ar_line(&text, &line)) {
        line = ar_str_trim(line);
        if (line.len == 0 || line.ptr[0] == '#') continue;
        if (is_section(line, &rest)) {
            t.kept = t.n;
            t.n_defaults = take_owners(rest, arena, t.defaults, AR_CODEOWNERS_MAX);
            continue;
        }
        rest = line;
        if (!covers_all(ar_word(&rest))) continue;
        size_t found = take_owners(rest, arena, out_owners + t.kept, AR_CODEOWNERS_MAX - t.kept);
        if (found == 0)
            found = copy_owners(t.defaults, t.n_defaults, out_owners + t.kept,
                                AR_CODEOWNERS_MAX - t.kept);
        t.n = t.kept + found;
    }
    return t.n;
}
