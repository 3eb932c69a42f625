#include "standard/part.h"

#include "standard/conjuncts.h"

#include <ctype.h>

/* ---- reading ---- */

ar_err ar_parts_of_expr(const ar_standard *standard, const ar_expr_scope *scope,
                        const ar_expr *expr, ar_arena *arena, ar_part **out_parts, size_t *out_n)
{
    ar_expr_place place = { standard->file, 1, 1 };
    ar_str *texts = ar_conjuncts(ar_standard_expr_text(expr, arena), arena, out_n);
    ar_part *parts = ar_make_n(arena, ar_part, *out_n);

    for (size_t i = 0; i < *out_n; i++) {
        parts[i].text = texts[i];
        AR_TRY(ar_expr_parse_as(AR_BOOL, scope, standard->params, standard->n_params, place,
                                texts[i], arena, &parts[i].expr));
    }
    *out_parts = parts;
    return ar_ok();
}

ar_err ar_parts_of(const ar_standard *standard, ar_arena *arena, ar_part **out_parts, size_t *out_n)
{
    const ar_expr_scope *scope = &standard->kind->scope;
    ar_part *of_where = NULL, *of_pass = NULL, *all;
    size_t n_where = 0, n_pass = 0;

    if (standard->where != NULL)
        AR_TRY(ar_parts_of_expr(standard, scope, standard->where, arena, &of_where, &n_where));
    AR_TRY(ar_parts_of_expr(standard, scope, standard->pass, arena, &of_pass, &n_pass));
    all = ar_make_n(arena, ar_part, n_where + n_pass);
    for (size_t i = 0; i < n_where; i++) {
        all[i] = of_where[i];
        all[i].of_where = true;
    }
    for (size_t i = 0; i < n_pass; i++) all[n_where + i] = of_pass[i];
    *out_parts = all;
    *out_n = n_where + n_pass;
    return ar_ok();
}

/* ---- in words ---- */

void ar_fact_print(ar_buf *out, ar_str name, ar_value value)
{
    ar_buf_addf(out, "%.*s = ", AR_FMT(name));
    if (value.type == AR_NULL) return ar_buf_addz(out, "(not known)");
    if (value.type == AR_TIME) value.i = ar_time_to_second(value.i);
    ar_value_print(out, value);
}

/* Whether the text names the parameter. */
static bool names_param(ar_str text, ar_str name)
{
    for (size_t at = 0; at + name.len < text.len; at++) {
        ar_str rest = ar_str_cut(text, at + 1, text.len);
        char after = rest.len > name.len ? rest.ptr[name.len] : ' ';

        if (text.ptr[at] == ':' && ar_str_starts(rest, name) && after != '_' &&
            !isalnum((unsigned char)after))
            return true;
    }
    return false;
}

static void add_params(ar_buf *out, const ar_standard *standard, ar_str text, const char *before,
                       ar_time asof)
{
    ar_auto(ar_arena) arena = { 0 };
    const ar_expr_param *params = ar_standard_params(standard, asof, &arena);

    for (size_t i = 0; i < standard->n_params; i++) {
        if (!names_param(text, params[i].name)) continue;
        ar_buf_addf(out, "%s:", before);
        ar_fact_print(out, params[i].name, params[i].value);
        before = ", ";
    }
}

void ar_part_print(ar_buf *out, const ar_standard *standard, const ar_part *part,
                   const ar_value *facts, ar_time asof)
{
    const char *before = ": ";

    if (out->len > 0) ar_buf_addc(out, '\n');
    ar_buf_addf(out, "%.*s %s", AR_FMT(part->text),
                part->truth.type == AR_NULL ? "cannot be told"
                : part->of_where            ? "does not hold, so it is out of scope"
                                            : "does not hold");
    for (size_t i = 0; i < standard->kind->n_columns; i++) {
        if (!ar_expr_uses(part->expr, standard->kind->columns[i].name)) continue;
        ar_buf_addz(out, before);
        ar_fact_print(out, standard->kind->columns[i].name, facts[i]);
        before = ", ";
    }
    add_params(out, standard, part->text, before, asof);
}
