/* lex: bytes to tokens, and bytes to places. */
#include "expr/tree.h"

static const char *const words[] = {
    "AND",  "OR",   "NOT",  "IS",  "NULL",   "IN",    "BETWEEN", "LIKE",  "ESCAPE",   "CASE",
    "WHEN", "THEN", "ELSE", "END", "EXISTS", "WHERE", "TRUE",    "FALSE", "INTERVAL",
};
static_assert(AR_COUNT(words) == TOK_INTERVAL - TOK_AND + 1);

/* Longest first where one begins another. */
static const struct {
    const char *text;
    enum ar_token_kind kind;
    const char *instead; /* what would be right, where SQL or we want something else */
} signs[] = {
    { "<>", TOK_NE, NULL },
    { "<=", TOK_LE, NULL },
    { ">=", TOK_GE, NULL },
    { "==", TOK_END, "equality is written =" },
    { "!=", TOK_END, "not equal is written <>" },
    { "&&", TOK_END, "both is written AND" },
    { "||", TOK_END, "either is written OR, and texts cannot be joined" },
    { "--", TOK_END,
      "there are no comments; a negative number after - takes a blank or parentheses" },
    { "/*", TOK_END, "there are no comments" },
    { "::", TOK_END, "there are no casts" },
    { "\"", TOK_END, "text takes single quotes: 'production'" },
    { "`", TOK_END, "names take no quotes" },
    { "!", TOK_END, "negation is written NOT" },
    { ";", TOK_END, "one expression ends without a sign" },
    { "(", TOK_OPEN, NULL },
    { ")", TOK_CLOSE, NULL },
    { ",", TOK_COMMA, NULL },
    { "+", TOK_PLUS, NULL },
    { "-", TOK_MINUS, NULL },
    { "*", TOK_STAR, NULL },
    { "/", TOK_SLASH, NULL },
    { "%", TOK_PERCENT, NULL },
    { "=", TOK_EQ, NULL },
    { "<", TOK_LT, NULL },
    { ">", TOK_GT, NULL },
};

/* Columns count characters; behind the first line they count from 1, for where a later line of a
 * folded YAML text begins is not known here. */
ar_err ar_origin_fail(const struct ar_origin *source, enum ar_code code, size_t at, const char *fmt,
                      ...)
{
    const ar_expr_place *place = &source->place;
    uint32_t line = place->line == 0 ? 1 : place->line;
    uint32_t column = place->column == 0 ? 1 : place->column;
    ar_auto(ar_buf) says = { 0 };
    va_list ap;

    for (size_t i = 0; i < at; i += ar_utf8_step(source->text, i)) {
        column++;
        if (source->text.ptr[i] == '\n') line++, column = 1;
    }
    va_start(ap, fmt);
    ar_buf_vaddf(&says, fmt, ap);
    va_end(ap);
    if (place->file.len == 0) return ar_fail(code, "%u:%u: %s", line, column, says.ptr);
    return ar_fail(code, "%.*s:%u:%u: %s", AR_FMT(place->file), line, column, says.ptr);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t ar_utf8_step(ar_str text, size_t at)
{
    unsigned char c = (unsigned char)text.ptr[at];
    size_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    size_t step = 1;

    while (step < want && at + step < text.len &&
           ((unsigned char)text.ptr[at + step] & 0xc0) == 0x80)
        step++;
    return step;
}

static size_t skip_blanks(ar_str text, size_t at)
{
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t' || text.ptr[at] == '\n' ||
                             text.ptr[at] == '\r'))
        at++;
    return at;
}

static size_t skip_name(ar_str text, size_t at)
{
    while (at < text.len && (is_letter(text.ptr[at]) || is_digit(text.ptr[at]))) at++;
    return at;
}

static size_t skip_digits(ar_str text, size_t at)
{
    while (at < text.len && is_digit(text.ptr[at])) at++;
    return at;
}

static ar_err lex_number(const struct ar_origin *source, struct ar_token *token)
{
    ar_str text = source->text;
    size_t at = skip_digits(text, token->from);

    token->kind = TOK_INT;
    if (at + 1 < text.len && text.ptr[at] == '.' && is_digit(text.ptr[at + 1])) {
        token->kind = TOK_DOUBLE;
        at = skip_digits(text, at + 1);
    }
    if (at < text.len && ar_lower(text.ptr[at]) == 'e') {
        size_t sign = at + 1 < text.len && (text.ptr[at + 1] == '-' || text.ptr[at + 1] == '+');
        size_t digits = at + 1 + sign, end = skip_digits(text, digits);

        if (end > digits) token->kind = TOK_DOUBLE, at = end;
    }
    token->to = (uint32_t)at;
    if (skip_name(text, at) > at)
        return ar_origin_fail(source, AR_INVALID, token->from,
                              "'%.*s' is not a number; a length of time is written INTERVAL 30 DAY",
                              AR_FMT(ar_str_cut(text, token->from, skip_name(text, at))));
    return ar_ok();
}

static ar_err lex_text(const struct ar_origin *source, struct ar_token *token)
{
    ar_str text = source->text;

    for (size_t at = token->from + 1; at < text.len; at++) {
        if (text.ptr[at] == '\0')
            return ar_origin_fail(source, AR_INVALID, at, "a text cannot hold a NUL");
        if (text.ptr[at] != '\'') continue;
        if (at + 1 < text.len && text.ptr[at + 1] == '\'') {
            at++;
            continue;
        }
        token->kind = TOK_TEXT;
        token->to = (uint32_t)at + 1;
        return ar_ok();
    }
    return ar_origin_fail(source, AR_INVALID, token->from,
                          "the text that begins here has no closing quote");
}

static ar_err lex_word(const struct ar_origin *source, struct ar_token *token)
{
    token->kind = TOK_NAME;
    token->to = (uint32_t)skip_name(source->text, token->from);
    for (size_t i = 0; i < AR_COUNT(words); i++)
        if (ar_str_same(ar_str_cut(source->text, token->from, token->to), ar_str_of(words[i])))
            token->kind = (enum ar_token_kind)(TOK_AND + i);
    return ar_ok();
}

static ar_err lex_param(const struct ar_origin *source, struct ar_token *token)
{
    size_t end = skip_name(source->text, token->from + 1);

    if (end == token->from + 1)
        return ar_origin_fail(source, AR_INVALID, token->from,
                              "want a name behind ':', as in :asof");
    token->kind = TOK_PARAM;
    token->to = (uint32_t)end;
    return ar_ok();
}

static ar_err lex_sign(const struct ar_origin *source, struct ar_token *token)
{
    ar_str rest = ar_str_cut(source->text, token->from, source->text.len);

    for (size_t i = 0; i < AR_COUNT(signs); i++) {
        ar_str sign = ar_str_of(signs[i].text);

        if (!ar_str_starts(rest, sign)) continue;
        if (signs[i].instead != NULL)
            return ar_origin_fail(source, AR_INVALID, token->from, "unexpected %s; %s",
                                  signs[i].text, signs[i].instead);
        token->kind = signs[i].kind;
        token->to = token->from + (uint32_t)sign.len;
        return ar_ok();
    }
    if ((unsigned char)rest.ptr[0] < ' ')
        return ar_origin_fail(source, AR_INVALID, token->from, "unexpected byte 0x%02x",
                              (unsigned)rest.ptr[0]);
    return ar_origin_fail(source, AR_INVALID, token->from, "unexpected %.*s",
                          (int)ar_utf8_step(rest, 0), rest.ptr);
}

ar_err ar_lex(const struct ar_origin *source, size_t at, struct ar_token *out_token)
{
    ar_str text = source->text;
    struct ar_token token = { .from = (uint32_t)skip_blanks(text, at) };

    token.to = token.from;
    if (token.from < text.len) {
        char c = text.ptr[token.from];
        bool cast = c == ':' && token.from + 1 < text.len && text.ptr[token.from + 1] == ':';

        AR_TRY(is_letter(c)        ? lex_word(source, &token)
               : is_digit(c)       ? lex_number(source, &token)
               : c == '\''         ? lex_text(source, &token)
               : c == ':' && !cast ? lex_param(source, &token)
                                   : lex_sign(source, &token));
    }
    *out_token = token;
    return ar_ok();
}
