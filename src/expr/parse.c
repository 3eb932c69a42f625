/* parse: tokens to a tree, by binding power (Pratt). The checker types it afterwards. */
#include "expr/tree.h"
#include "form/utf.h"

/* How tightly an operator binds; an operand is read with the power that its operator asks for. */
enum power {
    POWER_NONE,
    POWER_OR,
    POWER_AND,
    POWER_NOT,
    POWER_COMPARE, /* does not chain */
    POWER_ADD,
    POWER_MUL,
    POWER_SIGN,
};

/* Parentheses that add no level to the tree are free up to here; the stack must hold them. */
enum { NEST_MAX = 3 * AR_EXPR_DEPTH_MAX };

struct parser {
    const struct ar_origin *source;
    ar_arena *arena;
    struct ar_token tok; /* the one to be read next */
    uint32_t end;        /* where the token before it ended */
    uint32_t nodes;
    uint32_t nest;
    bool in_link;
};

static ar_err parse(struct parser *p, enum power power, ar_expr **out);

const struct ar_unit ar_units[AR_UNITS] = {
    { "DAY", AR_DAY },
    { "HOUR", AR_HOUR },
    { "MINUTE", AR_MINUTE },
    { "SECOND", AR_SECOND },
};

const struct ar_function ar_functions[AR_FUNCTIONS] = {
    { "coalesce", NODE_COALESCE, 1, AR_EXPR_NODES_MAX },
    { "nullif", NODE_NULLIF, 2, 2 },
    { "least", NODE_LEAST, 1, AR_EXPR_NODES_MAX },
    { "greatest", NODE_GREATEST, 1, AR_EXPR_NODES_MAX },
    { "lower", NODE_LOWER, 1, 1 },
    { "upper", NODE_UPPER, 1, 1 },
    { "length", NODE_LENGTH, 1, 1 },
    { "abs", NODE_ABS, 1, 1 },
};

/* What people write out of habit, and what it is called here. */
static const struct {
    const char *name, *instead;
} habits[] = {
    { "now", "the moment that is judged is :asof" },
    { "current_timestamp", "the moment that is judged is :asof" },
    { "to_days", "a length of time is written INTERVAL n DAY" },
    { "ifnull", "it is called coalesce" },
    { "if", "a choice is written CASE WHEN … THEN … ELSE … END" },
    { "cast", "there are no casts" },
};

/* ---- small steps ---- */

static ar_str slice(const struct parser *p, struct ar_token tok)
{
    return ar_str_cut(p->source->text, tok.from, tok.to);
}

static ar_err advance(struct parser *p)
{
    p->end = p->tok.to;
    return ar_lex(p->source, p->tok.to, &p->tok);
}

/* "want ')' before 'x'" */
static ar_err unexpected(const struct parser *p, const char *want)
{
    ar_str at = slice(p, p->tok);

    if (p->tok.kind == TOK_END)
        return ar_origin_fail(p->source, AR_INVALID, p->tok.from, "want %s before the end", want);
    return ar_origin_fail(p->source, AR_INVALID, p->tok.from, "want %s before %.*s", want,
                          (int)(at.len < 40 ? at.len : 40), at.ptr);
}

static ar_err expect(struct parser *p, enum ar_token_kind kind, const char *what)
{
    if (p->tok.kind != kind) return unexpected(p, what);
    return advance(p);
}

static bool accept_kind(const struct parser *p, enum ar_token_kind kind)
{
    return p->tok.kind == kind;
}

static ar_err new_node(struct parser *p, enum ar_node kind, uint32_t from, ar_expr **out)
{
    if (p->nodes++ >= AR_EXPR_NODES_MAX)
        return ar_origin_fail(p->source, AR_LIMIT, from, "more than %d parts",
                              (int)AR_EXPR_NODES_MAX);

    ar_expr *node = ar_make(p->arena, ar_expr);

    node->node = kind;
    node->from = from;
    node->to = p->end;
    node->depth = 1;
    *out = node;
    return ar_ok();
}

void ar_node_add(ar_expr *node, ar_arena *arena, ar_expr *arg)
{
    ar_grow(arena, node->args, node->n, node->cap);
    node->args[node->n++] = arg;
    if (arg->depth >= node->depth) node->depth = arg->depth + 1;
}

/* Adds an argument that was just read: the node now ends where it ends. */
static ar_err adopt(struct parser *p, ar_expr *node, ar_expr *arg)
{
    ar_node_add(node, p->arena, arg);
    node->to = p->end;
    if (node->depth > AR_EXPR_DEPTH_MAX)
        return ar_origin_fail(p->source, AR_LIMIT, node->from, "nested more than %d deep",
                              (int)AR_EXPR_DEPTH_MAX);
    return ar_ok();
}

static ar_err adopt_next(struct parser *p, ar_expr *node, enum power power)
{
    ar_expr *arg;

    AR_TRY(parse(p, power, &arg));
    return adopt(p, node, arg);
}

/* ---- literals ---- */

static ar_err parse_const(struct parser *p, ar_value value, uint32_t from, ar_expr **out)
{
    AR_TRY(advance(p));
    AR_TRY(new_node(p, NODE_CONST, from, out));
    (*out)->value = value;
    return ar_ok();
}

static ar_err parse_number(struct parser *p, const char *sign, uint32_t from, ar_expr **out)
{
    ar_str text = ar_arena_printf(p->arena, "%s%.*s", sign, AR_FMT(slice(p, p->tok)));
    ar_value value = { .type = p->tok.kind == TOK_INT ? AR_INT : AR_DOUBLE };

    if (value.type == AR_INT && !ar_str_int(text, &value.i))
        return ar_origin_fail(p->source, AR_INVALID, from,
                              "%.*s is beyond the ints, which end at 9223372036854775807",
                              AR_FMT(text));
    if (value.type == AR_DOUBLE && !ar_str_double(text, &value.d))
        return ar_origin_fail(p->source, AR_INVALID, from, "%.*s is beyond the doubles",
                              AR_FMT(text));
    return parse_const(p, value, from, out);
}

/* The text between the quotes, '' being one quote. */
static ar_str unquote(const struct parser *p, struct ar_token tok)
{
    ar_str raw = ar_str_cut(p->source->text, tok.from + 1, tok.to - 1);
    char *to = ar_arena_take(p->arena, raw.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < raw.len; i++) {
        to[len++] = raw.ptr[i];
        if (raw.ptr[i] == '\'') i++;
    }
    return (ar_str){ .ptr = to, .len = len };
}

static ar_err parse_timestamp(struct parser *p, uint32_t from, ar_expr **out)
{
    ar_value value = { .type = AR_TIME };
    ar_err err = ar_time_parse(unquote(p, p->tok), &value.i);

    if (err.code != AR_OK)
        return ar_origin_fail(p->source, err.code, p->tok.from, "%.*s", AR_FMT(ar_err_text(err)));
    return parse_const(p, value, from, out);
}

/* ---- names ---- */

static ar_err parse_link_body(struct parser *p, ar_expr *link)
{
    if (p->in_link)
        return ar_origin_fail(p->source, AR_INVALID, link->from,
                              "a link cannot be looked up inside another");
    if (!accept_kind(p, TOK_NAME)) return unexpected(p, "the name of a link");
    link->name = slice(p, p->tok);
    AR_TRY(advance(p));
    link->to = p->end;
    if (!accept_kind(p, TOK_WHERE)) return ar_ok();

    AR_TRY(advance(p));
    p->in_link = true;
    AR_TRY(adopt_next(p, link, POWER_NONE));
    p->in_link = false;
    return ar_ok();
}

/* EXISTS takes all that follows: EXISTS log_sources WHERE a AND b. */
static ar_err parse_exists(struct parser *p, ar_expr **out)
{
    uint32_t from = p->tok.from;

    AR_TRY(advance(p));
    AR_TRY(new_node(p, NODE_LINK, from, out));
    (*out)->exists = true;
    if (accept_kind(p, TOK_OPEN))
        return ar_origin_fail(p->source, AR_INVALID, p->tok.from,
                              "want the name of a link: (EXISTS log_sources WHERE …)");
    return parse_link_body(p, *out);
}

static ar_err parse_count(struct parser *p, uint32_t from, ar_expr **out)
{
    AR_TRY(advance(p));
    AR_TRY(new_node(p, NODE_LINK, from, out));
    AR_TRY(parse_link_body(p, *out));
    AR_TRY(expect(p, TOK_CLOSE, "')'"));
    (*out)->to = p->end;
    return ar_ok();
}

static ar_err unknown_function(const struct parser *p, ar_str name, uint32_t from)
{
    ar_str names[AR_FUNCTIONS + 1] = { AR_LIT("count") };

    for (size_t i = 0; i < AR_COUNT(habits); i++)
        if (ar_str_same(name, ar_str_of(habits[i].name)))
            return ar_origin_fail(p->source, AR_INVALID, from, "unknown function '%.*s'; %s",
                                  AR_FMT(name), habits[i].instead);
    for (size_t i = 0; i < AR_FUNCTIONS; i++) names[i + 1] = ar_str_of(ar_functions[i].name);

    ar_str near = ar_str_nearest(name, names, AR_COUNT(names));

    if (near.len > 0)
        return ar_origin_fail(p->source, AR_INVALID, from,
                              "unknown function '%.*s'; did you mean '%.*s'?", AR_FMT(name),
                              AR_FMT(near));
    return ar_origin_fail(p->source, AR_INVALID, from,
                          "unknown function '%.*s'; there are coalesce, nullif, least, greatest, "
                          "lower, upper, length, abs and COUNT",
                          AR_FMT(name));
}

static ar_err parse_arguments(struct parser *p, const struct ar_function *function, ar_expr *call)
{
    do {
        AR_TRY(advance(p)); /* the parenthesis, or the comma before the next */
        if (accept_kind(p, TOK_CLOSE)) break;
        AR_TRY(adopt_next(p, call, POWER_NONE));
    } while (accept_kind(p, TOK_COMMA));

    if (call->n < function->least || call->n > function->most)
        return ar_origin_fail(p->source, AR_INVALID, call->from, "%s takes %u argument%s, not %u",
                              function->name, function->least, function->least == 1 ? "" : "s",
                              call->n);
    AR_TRY(expect(p, TOK_CLOSE, "',' or ')'"));
    call->to = p->end;
    return ar_ok();
}

static ar_err parse_call(struct parser *p, ar_str name, uint32_t from, ar_expr **out)
{
    if (ar_str_same(name, AR_LIT("count"))) return parse_count(p, from, out);
    for (size_t i = 0; i < AR_FUNCTIONS; i++) {
        if (!ar_str_same(name, ar_str_of(ar_functions[i].name))) continue;
        AR_TRY(new_node(p, ar_functions[i].node, from, out));
        return parse_arguments(p, &ar_functions[i], *out);
    }
    return unknown_function(p, name, from);
}

static ar_err parse_name(struct parser *p, ar_expr **out)
{
    ar_str name = slice(p, p->tok);
    uint32_t from = p->tok.from;

    AR_TRY(advance(p));
    if (accept_kind(p, TOK_OPEN)) return parse_call(p, name, from, out);
    if (accept_kind(p, TOK_TEXT) && ar_str_same(name, AR_LIT("timestamp")))
        return parse_timestamp(p, from, out);
    AR_TRY(new_node(p, NODE_COLUMN, from, out));
    (*out)->name = name;
    return ar_ok();
}

static ar_err parse_param(struct parser *p, ar_expr **out)
{
    uint32_t from = p->tok.from;
    ar_str name = ar_str_cut(p->source->text, from + 1, p->tok.to);

    AR_TRY(advance(p));
    AR_TRY(new_node(p, NODE_PARAM, from, out));
    (*out)->name = name;
    return ar_ok();
}

/* ---- what begins an operand ---- */

static ar_err parse_parens(struct parser *p, ar_expr **out)
{
    AR_TRY(advance(p));
    AR_TRY(parse(p, POWER_NONE, out));
    return expect(p, TOK_CLOSE, "')'");
}

static ar_err parse_sign(struct parser *p, ar_expr **out)
{
    uint32_t from = p->tok.from;

    AR_TRY(advance(p));
    if (accept_kind(p, TOK_INT) || accept_kind(p, TOK_DOUBLE))
        return parse_number(p, "-", from, out);
    AR_TRY(new_node(p, NODE_NEG, from, out));
    return adopt_next(p, *out, POWER_SIGN);
}

static ar_err parse_not(struct parser *p, ar_expr **out)
{
    uint32_t from = p->tok.from;

    AR_TRY(advance(p));
    AR_TRY(new_node(p, NODE_NOT, from, out));
    return adopt_next(p, *out, POWER_NOT);
}

static ar_err parse_case(struct parser *p, ar_expr **out)
{
    ar_expr *node;
    uint32_t from = p->tok.from;

    AR_TRY(advance(p));
    AR_TRY(new_node(p, NODE_CASE, from, &node));
    node->has_operand = !accept_kind(p, TOK_WHEN);
    if (node->has_operand) AR_TRY(adopt_next(p, node, POWER_NONE));
    if (!accept_kind(p, TOK_WHEN)) return unexpected(p, "WHEN");
    while (accept_kind(p, TOK_WHEN)) {
        AR_TRY(advance(p));
        AR_TRY(adopt_next(p, node, POWER_NONE));
        AR_TRY(expect(p, TOK_THEN, "THEN"));
        AR_TRY(adopt_next(p, node, POWER_NONE));
    }
    node->has_else = accept_kind(p, TOK_ELSE);
    if (node->has_else) {
        AR_TRY(advance(p));
        AR_TRY(adopt_next(p, node, POWER_NONE));
    }
    AR_TRY(expect(p, TOK_END_CASE, "WHEN, ELSE or END"));
    node->to = p->end;
    *out = node;
    return ar_ok();
}

static ar_err parse_operand(struct parser *p, enum power power, ar_expr **out)
{
    struct ar_token tok = p->tok;

    if ((tok.kind == TOK_NOT || tok.kind == TOK_EXISTS) && power > POWER_NOT)
        return ar_origin_fail(p->source, AR_INVALID, tok.from, "put parentheses around %s …",
                              tok.kind == TOK_NOT ? "NOT" : "EXISTS");
    switch ((int)tok.kind) {
    case TOK_OPEN: return parse_parens(p, out);
    case TOK_NAME: return parse_name(p, out);
    case TOK_PARAM: return parse_param(p, out);
    case TOK_INT:
    case TOK_DOUBLE: return parse_number(p, "", tok.from, out);
    case TOK_TEXT: return parse_const(p, ar_text(unquote(p, tok)), tok.from, out);
    case TOK_TRUE: return parse_const(p, ar_bool(true), tok.from, out);
    case TOK_FALSE: return parse_const(p, ar_bool(false), tok.from, out);
    case TOK_NULL: return parse_const(p, ar_null(), tok.from, out);
    case TOK_MINUS: return parse_sign(p, out);
    case TOK_NOT: return parse_not(p, out);
    case TOK_CASE: return parse_case(p, out);
    case TOK_EXISTS: return parse_exists(p, out);
    case TOK_INTERVAL:
        return ar_origin_fail(p->source, AR_INVALID, tok.from,
                              "INTERVAL stands only behind + or -, as in :asof - INTERVAL 30 DAY");
    default: return unexpected(p, "a value");
    }
}

/* ---- what may follow an operand ---- */

/* a AND b AND c is one node with three arguments, however it was parenthesised. */
static ar_err parse_chain(struct parser *p, ar_expr *left, enum ar_node kind, enum power power,
                          ar_expr **out)
{
    ar_expr *node = left, *right;

    AR_TRY(advance(p));
    if (left->node != kind) {
        AR_TRY(new_node(p, kind, left->from, &node));
        AR_TRY(adopt(p, node, left));
    }
    AR_TRY(parse(p, power + 1, &right));
    if (right->node != kind) AR_TRY(adopt(p, node, right));
    for (uint32_t i = 0; right->node == kind && i < right->n; i++)
        AR_TRY(adopt(p, node, right->args[i]));
    *out = node;
    return ar_ok();
}

static ar_err parse_unit(struct parser *p, uint8_t *out_unit)
{
    ar_str names[AR_UNITS];

    for (uint8_t i = 0; i < AR_UNITS; i++) {
        names[i] = ar_str_of(ar_units[i].name);
        if (accept_kind(p, TOK_NAME) && ar_str_same(slice(p, p->tok), names[i])) {
            *out_unit = i;
            return advance(p);
        }
    }
    if (accept_kind(p, TOK_NAME))
        return ar_origin_fail(p->source, AR_INVALID, p->tok.from,
                              "unknown unit '%.*s' (want DAY, HOUR, MINUTE or SECOND)",
                              AR_FMT(slice(p, p->tok)));
    return unexpected(p, "DAY, HOUR, MINUTE or SECOND");
}

static ar_err parse_shift(struct parser *p, ar_expr *left, bool minus, ar_expr **out)
{
    ar_expr *node;

    AR_TRY(advance(p));
    AR_TRY(new_node(p, NODE_SHIFT, left->from, &node));
    AR_TRY(adopt(p, node, left));
    node->minus = minus;
    if (accept_kind(p, TOK_TEXT))
        return ar_origin_fail(p->source, AR_INVALID, p->tok.from,
                              "the number of an INTERVAL takes no quotes: INTERVAL 30 DAY");
    AR_TRY(adopt_next(p, node, POWER_SIGN));
    AR_TRY(parse_unit(p, &node->unit));
    node->to = p->end;
    *out = node;
    return ar_ok();
}

static ar_err parse_binary(struct parser *p, ar_expr *left, enum ar_node kind, enum power power,
                           ar_expr **out)
{
    ar_expr *node;

    AR_TRY(advance(p));
    if (accept_kind(p, TOK_INTERVAL) && (kind == NODE_ADD || kind == NODE_SUB))
        return parse_shift(p, left, kind == NODE_SUB, out);
    AR_TRY(new_node(p, kind, left->from, &node));
    AR_TRY(adopt(p, node, left));
    AR_TRY(adopt_next(p, node, power + 1));
    if (power == POWER_COMPARE && (ar_is_null(left) || ar_is_null(node->args[1])))
        return ar_origin_fail(p->source, AR_INVALID, node->from,
                              "nothing compares with NULL; write IS NULL or IS NOT NULL");
    *out = node;
    return ar_ok();
}

static ar_err parse_is(struct parser *p, ar_expr *left, bool *out_not, ar_expr **out)
{
    AR_TRY(advance(p));
    *out_not = accept_kind(p, TOK_NOT);
    if (*out_not) AR_TRY(advance(p));
    AR_TRY(expect(p, TOK_NULL, *out_not ? "NULL" : "NULL or NOT NULL"));
    AR_TRY(new_node(p, NODE_IS_NULL, left->from, out));
    return adopt(p, *out, left);
}

static ar_err parse_in(struct parser *p, ar_expr *left, ar_expr **out)
{
    ar_expr *node;

    AR_TRY(advance(p));
    AR_TRY(new_node(p, NODE_IN, left->from, &node));
    AR_TRY(adopt(p, node, left));
    if (!accept_kind(p, TOK_OPEN)) return unexpected(p, "'(' and a list");
    do {
        AR_TRY(advance(p));
        AR_TRY(adopt_next(p, node, POWER_NONE));
    } while (accept_kind(p, TOK_COMMA));
    AR_TRY(expect(p, TOK_CLOSE, "',' or ')'"));
    node->to = p->end;
    *out = node;
    return ar_ok();
}

static ar_err parse_between(struct parser *p, ar_expr *left, ar_expr **out)
{
    ar_expr *node;

    AR_TRY(advance(p));
    AR_TRY(new_node(p, NODE_BETWEEN, left->from, &node));
    AR_TRY(adopt(p, node, left));
    AR_TRY(adopt_next(p, node, POWER_ADD));
    AR_TRY(expect(p, TOK_AND, "AND and the upper end of BETWEEN"));
    AR_TRY(adopt_next(p, node, POWER_ADD));
    *out = node;
    return ar_ok();
}

static ar_err parse_like(struct parser *p, ar_expr *left, ar_expr **out)
{
    ar_expr *node;

    AR_TRY(advance(p));
    AR_TRY(new_node(p, NODE_LIKE, left->from, &node));
    AR_TRY(adopt(p, node, left));
    AR_TRY(adopt_next(p, node, POWER_ADD));
    *out = node;
    if (!accept_kind(p, TOK_ESCAPE)) return ar_ok();

    AR_TRY(advance(p));
    ar_str c = accept_kind(p, TOK_TEXT) ? unquote(p, p->tok) : (ar_str){ 0 };

    if (c.len != 1 || (unsigned char)c.ptr[0] >= 0x80 || c.ptr[0] == '%' || c.ptr[0] == '_')
        return unexpected(p, "one ASCII character in quotes, neither % nor _, to escape with");
    node->escape = c.ptr[0];
    AR_TRY(advance(p));
    node->to = p->end;
    return ar_ok();
}

static ar_err parse_predicate(struct parser *p, ar_expr *left, ar_expr **out)
{
    ar_expr *node;
    bool negated = accept_kind(p, TOK_NOT);

    if (negated) AR_TRY(advance(p));
    switch ((int)p->tok.kind) {
    case TOK_IS:
        if (negated) return unexpected(p, "IN, BETWEEN or LIKE");
        AR_TRY(parse_is(p, left, &negated, &node));
        break;
    case TOK_IN: AR_TRY(parse_in(p, left, &node)); break;
    case TOK_BETWEEN: AR_TRY(parse_between(p, left, &node)); break;
    case TOK_LIKE: AR_TRY(parse_like(p, left, &node)); break;
    default: return unexpected(p, "IN, BETWEEN or LIKE");
    }
    *out = node;
    if (!negated) return ar_ok();
    AR_TRY(new_node(p, NODE_NOT, left->from, out));
    return adopt(p, *out, node);
}

static const struct infix {
    enum ar_token_kind token;
    enum power power;
    enum ar_node node;
} infixes[] = {
    { TOK_OR, POWER_OR, NODE_OR },         { TOK_AND, POWER_AND, NODE_AND },
    { TOK_EQ, POWER_COMPARE, NODE_EQ },    { TOK_NE, POWER_COMPARE, NODE_NE },
    { TOK_LT, POWER_COMPARE, NODE_LT },    { TOK_LE, POWER_COMPARE, NODE_LE },
    { TOK_GT, POWER_COMPARE, NODE_GT },    { TOK_GE, POWER_COMPARE, NODE_GE },
    { TOK_IS, POWER_COMPARE, NODE_NOT },   { TOK_NOT, POWER_COMPARE, NODE_NOT },
    { TOK_IN, POWER_COMPARE, NODE_NOT },   { TOK_BETWEEN, POWER_COMPARE, NODE_NOT },
    { TOK_LIKE, POWER_COMPARE, NODE_NOT }, { TOK_PLUS, POWER_ADD, NODE_ADD },
    { TOK_MINUS, POWER_ADD, NODE_SUB },    { TOK_STAR, POWER_MUL, NODE_MUL },
    { TOK_SLASH, POWER_MUL, NODE_DIV },    { TOK_PERCENT, POWER_MUL, NODE_MOD },
};

static const struct infix *find_infix(enum ar_token_kind token)
{
    for (size_t i = 0; i < AR_COUNT(infixes); i++)
        if (infixes[i].token == token) return &infixes[i];
    return NULL;
}

static ar_err parse_rest(struct parser *p, const struct infix *infix, ar_expr *left, ar_expr **out)
{
    if (infix->power <= POWER_AND) return parse_chain(p, left, infix->node, infix->power, out);
    if (infix->node == NODE_NOT) return parse_predicate(p, left, out);
    return parse_binary(p, left, infix->node, infix->power, out);
}

static ar_err parse(struct parser *p, enum power power, ar_expr **out)
{
    ar_expr *left;
    const struct infix *infix;
    bool compared = false;

    if (++p->nest > NEST_MAX)
        return ar_origin_fail(p->source, AR_LIMIT, p->tok.from, "nested more than %d deep",
                              (int)AR_EXPR_DEPTH_MAX);
    AR_TRY(parse_operand(p, power, &left));
    while ((infix = find_infix(p->tok.kind)) != NULL && infix->power >= power) {
        if (infix->power == POWER_COMPARE && compared)
            return ar_origin_fail(p->source, AR_INVALID, p->tok.from,
                                  "comparisons do not chain; use AND, or parentheses");
        compared = infix->power == POWER_COMPARE;
        AR_TRY(parse_rest(p, infix, left, &left));
    }
    p->nest--;
    *out = left;
    return ar_ok();
}

ar_err ar_expr_parse(const ar_expr_scope *scope, const ar_expr_param *params, size_t n_params,
                     ar_expr_place place, ar_str text, ar_arena *arena, const ar_expr **out_expr)
{
    /* names in the tree view the text, so the tree keeps its own */
    struct ar_origin source = { .place = place };
    struct parser p = { .source = &source, .arena = arena };
    ar_expr *tree;

    if (text.len > AR_EXPR_TEXT_MAX)
        return ar_origin_fail(&source, AR_LIMIT, 0, "%zu bytes long, %d is the most", text.len,
                              (int)AR_EXPR_TEXT_MAX);
    source.text = ar_arena_copy(arena, text);
    if (ar_utf8_valid(text) < text.len)
        return ar_origin_fail(&source, AR_INVALID, ar_utf8_valid(text), "not valid UTF-8");

    AR_TRY(advance(&p));
    if (accept_kind(&p, TOK_END))
        return ar_origin_fail(&source, AR_INVALID, 0, "the expression is empty");
    AR_TRY(parse(&p, POWER_NONE, &tree));
    if (!accept_kind(&p, TOK_END)) return unexpected(&p, "an operator or the end");
    AR_TRY(ar_expr_check(&source, scope, params, n_params, arena, tree));
    *out_expr = tree;
    return ar_ok();
}

ar_err ar_expr_parse_as(enum ar_type type, const ar_expr_scope *scope, const ar_expr_param *params,
                        size_t n_params, ar_expr_place place, ar_str text, ar_arena *arena,
                        const ar_expr **out_expr)
{
    const ar_expr *tree;

    AR_TRY(ar_expr_parse(scope, params, n_params, place, text, arena, &tree));
    if (tree->type != type && tree->type != AR_NULL)
        return ar_origin_fail(&(struct ar_origin){ .place = place, .text = text }, AR_INVALID, 0,
                              "this is %s, want %s", ar_type_name(tree->type), ar_type_name(type));
    if (tree->type == AR_NULL) {
        ar_expr *null = ar_make(arena, ar_expr);

        *null = *tree;
        null->type = type;
        tree = null;
    }
    *out_expr = tree;
    return ar_ok();
}

enum ar_type ar_expr_type(const ar_expr *expr)
{
    return expr->type;
}

static bool uses(const ar_expr *e, ar_str column)
{
    if (e->node == NODE_COLUMN) return ar_str_eq(e->name, column);
    if (e->node == NODE_LINK) return false; /* its columns are another kind's */
    for (uint32_t i = 0; i < e->n; i++)
        if (uses(e->args[i], column)) return true;
    return false;
}

bool ar_expr_uses(const ar_expr *expr, ar_str column)
{
    return uses(expr, column);
}
