#include "inspect/debian.h"

#include "inspect/words.h"

static bool is_field(ar_str line, ar_str name, ar_str *out_value)
{
    if (line.len <= name.len || line.ptr[name.len] != ':') return false;
    if (!ar_str_same(ar_str_cut(line, 0, name.len), name)) return false;
    *out_value = ar_str_trim(ar_str_cut(line, name.len + 1, line.len));
    return true;
}

static void read_field(ar_str line, ar_deb_package *p)
{
    (void)(is_field(line, AR_LIT("Package"), &p->package) ||
           is_field(line, AR_LIT("Version"), &p->version) ||
           is_field(line, AR_LIT("Architecture"), &p->architecture) ||
           is_field(line, AR_LIT("Source"), &p->source) ||
           is_field(line, AR_LIT("Status"), &p->status));
}

bool ar_deb_next(ar_str *rest, ar_deb_package *out_package)
{
    ar_deb_package p = { 0 };
    ar_str line;
    bool more;

    do {
        more = ar_line(rest, &line);
        if (more && ar_str_trim(line).len > 0) {
            if (line.ptr[0] != ' ' && line.ptr[0] != '\t') read_field(line, &p);
            continue;
        }
        if (p.package.len > 0 && p.version.len > 0) {
            p.source = p.source.len == 0 ? p.package : ar_word(&p.source);
            *out_package = p;
            return true;
        }
        p = (ar_deb_package){ 0 };
    } while (more);
    return false;
}

ar_str ar_deb_field(ar_str text, ar_str name)
{
    ar_str line, value;

    while (ar_line(&text, &line) && ar_str_trim(line).len > 0)
        if (is_field(line, name, &value)) return value;
    return (ar_str){ 0 };
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* '~' before the end of the text, the end before letters, letters before all else. */
static int order(ar_str text, size_t i)
{
    if (i >= text.len || is_digit(text.ptr[i])) return 0;
    if (text.ptr[i] == '~') return -1;
    bool letter =
        (text.ptr[i] >= 'a' && text.ptr[i] <= 'z') || (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z');
    return (unsigned char)text.ptr[i] + (letter ? 0 : 256);
}

/* Compares a run of other text, then a run of digits, and again (deb-version(7)). */
static int compare_part(ar_str a, ar_str b)
{
    size_t i = 0, k = 0;

    while (i < a.len || k < b.len) {
        int first = 0;

        while ((i < a.len && !is_digit(a.ptr[i])) || (k < b.len && !is_digit(b.ptr[k]))) {
            int diff = order(a, i) - order(b, k);

            if (diff != 0) return diff;
            i++;
            k++;
        }
        while (i < a.len && a.ptr[i] == '0') i++;
        while (k < b.len && b.ptr[k] == '0') k++;
        while (i < a.len && k < b.len && is_digit(a.ptr[i]) && is_digit(b.ptr[k])) {
            if (first == 0) first = a.ptr[i] - b.ptr[k];
            i++;
            k++;
        }
        if (i < a.len && is_digit(a.ptr[i])) return 1;
        if (k < b.len && is_digit(b.ptr[k])) return -1;
        if (first != 0) return first;
    }
    return 0;
}

typedef struct version {
    ar_str epoch, upstream, revision;
} version;

static version cut_version(ar_str text)
{
    version v = { 0 };
    size_t colon = ar_str_find(text, ':');
    size_t dash;

    if (colon < text.len) {
        v.epoch = ar_str_cut(text, 0, colon);
        text = ar_str_cut(text, colon + 1, text.len);
    }
    for (dash = text.len; dash > 0 && text.ptr[dash - 1] != '-'; dash--) {
    }
    v.upstream = dash == 0 ? text : ar_str_cut(text, 0, dash - 1);
    if (dash > 0) v.revision = ar_str_cut(text, dash, text.len);
    return v;
}

int ar_deb_compare(ar_str a, ar_str b)
{
    version x = cut_version(ar_str_trim(a)), y = cut_version(ar_str_trim(b));
    int diff = compare_part(x.epoch, y.epoch);

    if (diff == 0) diff = compare_part(x.upstream, y.upstream);
    return diff != 0 ? diff : compare_part(x.revision, y.revision);
}

/* ---- apt.conf ---- */

enum { SCOPE_MAX = 16, NAME_MAX_LEN = 256 };

typedef struct conf {
    ar_str rest;
    char name[NAME_MAX_LEN]; /* the scope we stand in, "APT::Periodic" */
    size_t len;
    size_t ends[SCOPE_MAX];
    int depth;
} conf;

/* Passes blanks and the three kinds of comment. */
static void skip_comments(ar_str *rest)
{
    for (;;) {
        size_t i = 0;
        while (i < rest->len && strchr(" \t\r\n", rest->ptr[i]) != NULL && rest->ptr[i] != '\0')
            i++;
        *rest = ar_str_cut(*rest, i, rest->len);
        if (ar_str_starts(*rest, AR_LIT("/*"))) {
            size_t end = 2;
            while (end < rest->len &&
                   !ar_str_starts(ar_str_cut(*rest, end, rest->len), AR_LIT("*/")))
                end++;
            end = end + 2 < rest->len ? end + 2 : rest->len;
            *rest = ar_str_cut(*rest, end, rest->len);
        } else if (ar_str_starts(*rest, AR_LIT("//")) || ar_str_starts(*rest, AR_LIT("#"))) {
            *rest = ar_str_cut(*rest, ar_str_find(*rest, '\n'), rest->len);
        } else {
            return;
        }
    }
}

/* A word, text in quotes, or one of { } ; */
static ar_str token(ar_str *rest)
{
    size_t end = 0;

    skip_comments(rest);
    if (rest->len == 0) return (ar_str){ 0 };
    if (rest->ptr[0] == '"') {
        ar_str text = ar_before(ar_str_cut(*rest, 1, rest->len), '"');
        end = text.len + 2 < rest->len ? text.len + 2 : rest->len;
        *rest = ar_str_cut(*rest, end, rest->len);
        return text;
    }
    if (strchr("{};", rest->ptr[0]) != NULL)
        end = 1;
    else
        while (end < rest->len && strchr(" \t\r\n{};\"", rest->ptr[end]) == NULL) end++;
    if (end == 0) end = 1; /* a NUL byte */
    ar_str word = ar_str_cut(*rest, 0, end);
    *rest = ar_str_cut(*rest, end, rest->len);
    return word;
}

static bool enter(conf *c, ar_str name)
{
    if (c->depth == SCOPE_MAX || c->len + name.len + 2 > sizeof c->name) return false;
    c->ends[c->depth++] = c->len;
    if (c->len > 0) {
        memcpy(c->name + c->len, "::", 2);
        c->len += 2;
    }
    if (name.len > 0) memcpy(c->name + c->len, name.ptr, name.len);
    c->len += name.len;
    return true;
}

static void leave(conf *c)
{
    if (c->depth > 0) c->len = c->ends[--c->depth];
}

void ar_apt_conf_get(ar_str text, ar_str name, ar_str *value)
{
    conf c = { .rest = text };

    while (skip_comments(&c.rest), c.rest.len > 0) {
        ar_str key = token(&c.rest);

        if (ar_str_eq(key, AR_LIT("}"))) {
            leave(&c);
            continue;
        }
        if (ar_str_eq(key, AR_LIT(";")) || ar_str_eq(key, AR_LIT("{"))) continue;
        if (!enter(&c, key)) return;
        skip_comments(&c.rest);
        if (c.rest.len > 0 && c.rest.ptr[0] == '{') {
            (void)token(&c.rest); /* its } leaves */
            continue;
        }
        if (c.rest.len > 0 && c.rest.ptr[0] != ';') {
            ar_str given = token(&c.rest);

            if (ar_str_same((ar_str){ c.name, c.len }, name)) *value = given;
        }
        leave(&c);
    }
}
