#include "base/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const names[] = {
    [AR_NULL] = "null",     [AR_BOOL] = "bool", [AR_INT] = "int",
    [AR_DOUBLE] = "double", [AR_TEXT] = "text", [AR_TIME] = "time",
};

const char *ar_type_name(enum ar_type type)
{
    return names[type];
}

bool ar_type_parse(ar_str name, enum ar_type *out_type)
{
    for (enum ar_type t = AR_BOOL; t <= AR_TIME; t++)
        if (ar_str_eq(name, ar_str_of(names[t]))) return *out_type = t, true;
    return false;
}

bool ar_value_eq(ar_value a, ar_value b)
{
    if (a.type != b.type) return false;
    switch (a.type) {
    case AR_NULL: return true;
    case AR_BOOL: return a.b == b.b;
    case AR_INT:
    case AR_TIME: return a.i == b.i;
    case AR_DOUBLE: return a.d == b.d || (isnan(a.d) && isnan(b.d));
    case AR_TEXT: return ar_str_eq(a.s, b.s);
    }
    return false;
}

ar_value ar_value_copy(ar_arena *arena, ar_value value)
{
    if (value.type == AR_TEXT) value.s = ar_arena_copy(arena, value.s);
    return value;
}

/* The fewest digits that read back as the same number. */
static void print_double(ar_buf *out, double d)
{
    char text[40];

    if (isnan(d)) return ar_buf_addz(out, "NaN");
    if (isinf(d)) return ar_buf_addz(out, d < 0 ? "-Infinity" : "Infinity");
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, d);
        if (strtod(text, NULL) == d) break;
    }
    ar_buf_addz(out, text);
    if (strpbrk(text, ".e") == NULL) ar_buf_addz(out, ".0");
}

void ar_value_print(ar_buf *out, ar_value value)
{
    char text[AR_TIME_LEN];

    switch (value.type) {
    case AR_NULL: return;
    case AR_BOOL: return ar_buf_addz(out, value.b ? "true" : "false");
    case AR_INT: return ar_buf_addf(out, "%lld", (long long)value.i);
    case AR_DOUBLE: return print_double(out, value.d);
    case AR_TEXT: return ar_buf_add(out, value.s);
    case AR_TIME: return ar_buf_addz(out, ar_time_print(value.i, text));
    }
}

static bool read_bool(ar_str text, bool *out)
{
    if (ar_str_eq(text, AR_LIT("true"))) return *out = true, true;
    if (ar_str_eq(text, AR_LIT("false"))) return *out = false, true;
    return false;
}

ar_err ar_value_parse(ar_str text, enum ar_type type, ar_value *out_value)
{
    ar_value v = { .type = type };
    bool fits = false;

    if (text.len == 0) return *out_value = ar_null(), ar_ok();
    switch (type) {
    case AR_NULL: break;
    case AR_BOOL: fits = read_bool(text, &v.b); break;
    case AR_INT: fits = ar_str_int(text, &v.i); break;
    case AR_DOUBLE: fits = ar_str_double(text, &v.d); break;
    case AR_TEXT: v.s = text, fits = true; break;
    case AR_TIME:
        AR_TRY(ar_time_parse(text, &v.i));
        fits = true;
        break;
    }
    if (!fits)
        return ar_fail(AR_INVALID, "'%.*s' is not %s %s%s", (int)(text.len < 60 ? text.len : 60),
                       text.ptr, type == AR_INT ? "an" : "a", ar_type_name(type),
                       type == AR_BOOL ? " (want true or false)" : "");
    *out_value = v;
    return ar_ok();
}

ar_value ar_vector_value(const ar_vector *v, size_t row)
{
    if (!ar_vector_has(v, row)) return ar_null();
    switch (v->type) {
    case AR_BOOL: return ar_bool(v->b[row]);
    case AR_INT: return ar_int(v->i[row]);
    case AR_DOUBLE: return ar_double(v->d[row]);
    case AR_TEXT: return ar_text(v->s[row]);
    case AR_TIME: return ar_at(v->i[row]);
    case AR_NULL: break;
    }
    return ar_null();
}
