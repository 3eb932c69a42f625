/* text: what LIKE matches, here and in the engine. */
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

/* ---- the same inside the engine: ar_like(text, pattern, escape) ---- */

static ar_err run_like(const void *self, const ar_vector *args, size_t n_rows, ar_vector_out *out)
{
    (void)self;
    for (size_t row = 0; row < n_rows; row++) {
        bool known = ar_vector_has(&args[0], row) && ar_vector_has(&args[1], row) &&
                     ar_vector_has(&args[2], row);
        char escape = known && args[2].s[row].len > 0 ? args[2].s[row].ptr[0] : '\0';

        if (!known || ar_like_broken(args[1].s[row], escape))
            ar_vector_clear(out, row);
        else
            out->b[row] = ar_like_match(args[0].s[row], args[1].s[row], escape);
    }
    return ar_ok();
}

ar_err ar_expr_opened(ar_engine *engine)
{
    static const enum ar_type args[] = { AR_TEXT, AR_TEXT, AR_TEXT };

    return ar_engine_scalar(engine, "ar_like", args, AR_COUNT(args), AR_BOOL, run_like, NULL);
}
