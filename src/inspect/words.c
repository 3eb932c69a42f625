#include "inspect/words.h"

#include "form/hash.h"

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

ar_str ar_word(ar_str *rest)
{
    size_t from = 0;
    while (from < rest->len && blank(rest->ptr[from])) from++;

    size_t to = from;
    while (to < rest->len && !blank(rest->ptr[to])) to++;

    ar_str word = ar_str_cut(*rest, from, to);
    *rest = ar_str_cut(*rest, to, rest->len);
    return word;
}

bool ar_line(ar_str *rest, ar_str *out_line)
{
    if (rest->len == 0) return false;
    size_t end = ar_str_find(*rest, '\n');
    *out_line = ar_str_cut(*rest, 0, end);
    *rest = ar_str_cut(*rest, end < rest->len ? end + 1 : end, rest->len);
    return true;
}

ar_str ar_before(ar_str text, char byte)
{
    return ar_str_cut(text, 0, ar_str_find(text, byte));
}

bool ar_glob_match(ar_str pattern, ar_str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, retry = 0;

    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            retry = t;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == text.ptr[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*') p++;
    return p == pattern.len;
}

ar_str ar_last_part(ar_str path)
{
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '/') from--;
    return ar_str_cut(path, from, path.len);
}

ar_str ar_short_hash(ar_arena *arena, ar_str text)
{
    return ar_str_cut(ar_sha256(text, arena), 0, 12);
}
