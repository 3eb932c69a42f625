/* text: what LIKE matches. */
#include "expr/tree.h"

bool ar_like_broken(ar_str pattern, char escape)
{
    bool open = false;

    for (size_t i = 0; i < pattern.len && escape != 0; i++)
        open = !open && pattern.ptr[i] == escape;
    return open;
}

/* One pass, going back only to the last %: what an earlier % could take, a later one can as well.
 */
bool ar_like_match(ar_str text, ar_str pattern, char escape)
{
    size_t t = 0, p = 0, star_t = 0, star_p = SIZE_MAX;

    for (;;) {
        bool any = p < pattern.len && pattern.ptr[p] == '%';

        if (any) {
            star_p = ++p;
            star_t = t;
            continue;
        }
        if (t == text.len && p == pattern.len) return true;
        if (t < text.len && p < pattern.len) {
            bool escaped = escape != 0 && pattern.ptr[p] == escape;

            if (!escaped && pattern.ptr[p] == '_') {
                t += ar_utf8_step(text, t);
                p++;
                continue;
            }
            if (pattern.ptr[p + escaped] == text.ptr[t]) {
                t++;
                p += 1 + (size_t)escaped;
                continue;
            }
        }
        if (star_p == SIZE_MAX || star_t == text.len) return false;
        star_t += ar_utf8_step(text, star_t);
        t = star_t;
        p = star_p;
    }
}
