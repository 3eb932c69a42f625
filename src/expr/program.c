/* program: trees to steps. Equal parts become one register, whichever expression they stand in. */
#include "expr/program.h"

#include <stdlib.h>

struct builder {
    ar_arena *arena;
    ar_map known; /* what a register holds, as bytes, to its number */
    ar_program *program;
    size_t cap_steps, cap_registers, cap_inputs;
};

static uint32_t build(struct builder *b, const ar_expr *e);

/* ---- registers and steps, each made once ---- */

static enum ar_type plain(enum ar_type type)
{
    return type == AR_NULL ? AR_INT : type;
}

static uint32_t new_register(struct builder *b, struct ar_register r)
{
    ar_program *p = b->program;

    ar_grow(b->arena, p->registers, p->n_registers, b->cap_registers);
    p->registers[p->n_registers] = r;
    return (uint32_t)p->n_registers++;
}

static void new_step(struct builder *b, struct ar_step step)
{
    ar_program *p = b->program;

    ar_grow(b->arena, p->steps, p->n_steps, b->cap_steps);
    p->steps[p->n_steps++] = step;
}

static void key_text(ar_buf *key, ar_str text)
{
    ar_buf_addf(key, "%zu:", text.len);
    ar_buf_add(key, text);
}

static void key_value(ar_buf *key, ar_value v)
{
    ar_buf_addf(key, "v%d", (int)v.type);
    if (v.type == AR_TEXT) key_text(key, v.s);
    if (v.type == AR_BOOL) ar_buf_addc(key, v.b ? 't' : 'f');
    if (v.type == AR_INT || v.type == AR_TIME || v.type == AR_DOUBLE)
        ar_buf_add(key, (ar_str){ (const char *)&v.i, sizeof v.i });
}

static void key_set(ar_buf *key, const struct ar_step *step)
{
    for (size_t i = 0; i < step->set.n; i++)
        if (step->type == AR_TEXT)
            key_text(key, step->set.s[i]);
        else
            ar_buf_add(key, (ar_str){ (const char *)&step->set.i[i], sizeof step->set.i[i] });
}

/* The register of this key; *out_new when it has yet to be filled in. */
static ar_map_value *find(struct builder *b, const ar_buf *key, bool *out_new)
{
    return ar_map_put(&b->known, b->arena, ar_arena_copy(b->arena, ar_buf_str(key)), out_new);
}

static uint32_t emit(struct builder *b, enum ar_type result, struct ar_step step)
{
    ar_auto(ar_buf) key = { 0 };
    bool is_new;

    ar_buf_addf(&key, "s%d %d %d %d %u %u %u %lld ", (int)step.code, (int)step.type, step.negate,
                step.k, step.a, step.b, step.c, (long long)step.n);
    key_value(&key, step.value);
    key_set(&key, &step);
    key_text(&key, step.like.text);
    ar_buf_addf(&key, "%d %d %d", (int)step.like.shape, step.like.escape, (int)result);

    ar_map_value *slot = find(b, &key, &is_new);

    if (is_new) {
        slot->n = new_register(
            b,
            (struct ar_register){ .type = plain(result), .owns_data = true, .owns_known = true });
        step.to = (uint32_t)slot->n;
        new_step(b, step);
    }
    return (uint32_t)slot->n;
}

static uint32_t constant(struct builder *b, ar_value value, enum ar_type type)
{
    ar_auto(ar_buf) key = { 0 };
    bool is_new;

    ar_buf_addf(&key, "c%d ", (int)type);
    key_value(&key, value);

    ar_map_value *slot = find(b, &key, &is_new);

    if (is_new)
        slot->n = new_register(b, (struct ar_register){ .type = plain(type),
                                                        .is_const = true,
                                                        .owns_data = true,
                                                        .owns_known = true,
                                                        .value = value });
    return (uint32_t)slot->n;
}

/* ---- inputs ---- */

/* Data that needs no look is used where it lies; only its step, if any, makes more of it. */
static uint32_t input_register(struct builder *b, enum ar_type type, uint32_t input)
{
    uint32_t r =
        new_register(b, (struct ar_register){ .type = type,
                                              .is_input = true,
                                              .input = input,
                                              .owns_data = type == AR_BOOL,
                                              .owns_known = type == AR_TIME || type == AR_DOUBLE });
    struct ar_step step = { .to = r, .a = r, .type = type };

    if (type == AR_BOOL) step.code = CODE_BOOL_IN, new_step(b, step);
    if (type == AR_TIME) step.code = CODE_TIME_IN, new_step(b, step);
    if (type == AR_DOUBLE) step.code = CODE_DOUBLE_IN, new_step(b, step);
    return r;
}

static uint32_t input(struct builder *b, const ar_buf *key, ar_program_input in)
{
    ar_program *p = b->program;
    bool is_new;
    ar_map_value *slot = find(b, key, &is_new);

    if (is_new) {
        ar_grow(b->arena, p->inputs, p->n_inputs, b->cap_inputs);
        p->inputs[p->n_inputs] = in;
        slot->n = input_register(b, in.type, (uint32_t)p->n_inputs++);
    }
    return (uint32_t)slot->n;
}

static uint32_t build_column(struct builder *b, const ar_expr *e)
{
    ar_auto(ar_buf) key = { 0 };

    ar_buf_addz(&key, "i");
    ar_buf_add(&key, e->name);
    return input(b, &key, (ar_program_input){ .type = e->type, .column = e->name });
}

/* ---- steps of one node ---- */

static uint32_t not_of(struct builder *b, uint32_t a)
{
    return emit(b, AR_BOOL, (struct ar_step){ .code = CODE_NOT, .type = AR_BOOL, .a = a });
}

static uint32_t bools(struct builder *b, enum ar_step_code code, uint32_t x, uint32_t y)
{
    return emit(
        b, AR_BOOL,
        (struct ar_step){ .code = code, .type = AR_BOOL, .a = x < y ? x : y, .b = x < y ? y : x });
}

static uint32_t is_null(struct builder *b, uint32_t a)
{
    return emit(
        b, AR_BOOL,
        (struct ar_step){ .code = CODE_IS_NULL, .type = b->program->registers[a].type, .a = a });
}

static uint32_t choose(struct builder *b, uint32_t when, uint32_t then, uint32_t otherwise)
{
    enum ar_type type = b->program->registers[then].type;

    return emit(b, type,
                (struct ar_step){
                    .code = CODE_SELECT, .type = type, .a = when, .b = then, .c = otherwise });
}

/* a REL b. Only =, < and <= exist below; the others are their opposites, for every two values
 * that are known are comparable. A constant moves to the right. */
static uint32_t compare(struct builder *b, enum ar_node rel, uint32_t x, uint32_t y)
{
    static const enum ar_node mirrored[] = {
        [NODE_EQ] = NODE_EQ, [NODE_NE] = NODE_NE, [NODE_LT] = NODE_GT,
        [NODE_LE] = NODE_GE, [NODE_GT] = NODE_LT, [NODE_GE] = NODE_LE,
    };
    const struct ar_register *registers = b->program->registers;
    enum ar_type type = registers[x].type;

    if (registers[x].is_const && !registers[y].is_const) {
        uint32_t swap = x;

        rel = mirrored[rel], x = y, y = swap;
    }

    bool k = registers[y].is_const && registers[y].value.type != AR_NULL && type != AR_BOOL;
    enum ar_step_code code = rel == NODE_EQ || rel == NODE_NE   ? CODE_EQ
                             : rel == NODE_LT || rel == NODE_GE ? CODE_LT
                                                                : CODE_LE;

    return emit(b, AR_BOOL,
                (struct ar_step){ .code = code,
                                  .type = type,
                                  .a = x,
                                  .b = k ? x : y,
                                  .k = k,
                                  .value = k ? registers[y].value : ar_null(),
                                  .negate = rel == NODE_NE || rel == NODE_GT || rel == NODE_GE });
}

static uint32_t build_link(struct builder *b, const ar_expr *e)
{
    ar_auto(ar_buf) key = { 0 };
    ar_program_input in = { .type = AR_INT,
                            .link = e->link,
                            .where = e->n > 0 ? e->args[0] : NULL };

    ar_buf_addz(&key, "l");
    key_text(&key, e->name);
    if (in.where != NULL) ar_expr_print(in.where, &key);

    uint32_t count = input(b, &key, in);

    return e->exists ? compare(b, NODE_GT, count, constant(b, ar_int(0), AR_INT)) : count;
}

static uint32_t binary(struct builder *b, enum ar_step_code code, enum ar_type type, uint32_t x,
                       uint32_t y)
{
    return emit(b, type, (struct ar_step){ .code = code, .type = type, .a = x, .b = y });
}

static uint32_t unary(struct builder *b, enum ar_step_code code, enum ar_type type,
                      const ar_expr *e)
{
    return emit(b, e->type,
                (struct ar_step){ .code = code, .type = type, .a = build(b, e->args[0]) });
}

static uint32_t build_chain(struct builder *b, const ar_expr *e)
{
    uint32_t all = build(b, e->args[0]);

    for (uint32_t i = 1; i < e->n; i++)
        all = bools(b, e->node == NODE_AND ? CODE_AND : CODE_OR, all, build(b, e->args[i]));
    return all;
}

/* ---- IN ---- */

static int order_int(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int order_double(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int order_text(const void *a, const void *b)
{
    const ar_str *x = a, *y = b;

    return ar_str_cmp(*x, *y);
}

static bool in_set(const ar_expr *arg)
{
    return ar_is_const(arg) && !ar_is_null(arg) && arg->type != AR_BOOL;
}

static struct ar_set gather(struct builder *b, const ar_expr *e)
{
    enum ar_type type = e->args[0]->type;
    size_t size = type == AR_TEXT ? sizeof(ar_str) : sizeof(int64_t), n = 0;
    char *items = ar_arena_take_n(b->arena, e->n, size);
    struct ar_set set = { 0 };

    for (uint32_t i = 1; i < e->n; i++)
        if (in_set(e->args[i])) memcpy(items + size * n++, &e->args[i]->value.s, size);
    qsort(items, n, size,
          type == AR_TEXT     ? order_text
          : type == AR_DOUBLE ? order_double
                              : order_int);
    set.n = n;
    set.i = (const int64_t *)(const void *)items;
    return set;
}

/* The constants of the list are one look-up; what else is in it is compared one by one. */
static uint32_t build_in(struct builder *b, const ar_expr *e)
{
    uint32_t x = build(b, e->args[0]), any = UINT32_MAX;
    enum ar_type type = b->program->registers[x].type;
    struct ar_set set = gather(b, e);

    if (set.n > 0)
        any = emit(b, AR_BOOL,
                   (struct ar_step){ .code = CODE_IN_SET, .type = type, .a = x, .set = set });
    for (uint32_t i = 1; i < e->n; i++) {
        if (in_set(e->args[i])) continue;

        uint32_t same = compare(b, NODE_EQ, x, build(b, e->args[i]));

        any = any == UINT32_MAX ? same : bools(b, CODE_OR, any, same);
    }
    return any;
}

/* ---- LIKE ---- */

static struct ar_like shape_of(ar_str pattern, char escape)
{
    struct ar_like like = { .shape = LIKE_ANY, .text = pattern, .escape = escape };
    ar_str text = pattern;
    bool front = ar_str_starts(text, AR_LIT("%"));

    if (front) text = ar_str_cut(text, 1, text.len);

    bool back = ar_str_ends(text, AR_LIT("%"));

    if (back) text = ar_str_cut(text, 0, text.len - 1);
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '%' || text.ptr[i] == '_' || (escape != 0 && text.ptr[i] == escape))
            return like;
    like.shape = front ? (back ? LIKE_PART : LIKE_SUFFIX) : (back ? LIKE_PREFIX : LIKE_EXACT);
    like.text = text;
    return like;
}

static uint32_t build_like(struct builder *b, const ar_expr *e)
{
    uint32_t text = build(b, e->args[0]);
    const ar_expr *pattern = e->args[1];
    struct ar_step step = { .code = CODE_LIKE,
                            .type = AR_TEXT,
                            .a = text,
                            .like = { .shape = LIKE_ANY, .escape = e->escape } };

    if (ar_is_const(pattern) && !ar_is_null(pattern)) {
        step.code = CODE_LIKE_K;
        step.like = shape_of(pattern->value.s, e->escape);
        return emit(b, AR_BOOL, step);
    }
    step.b = build(b, pattern);
    return emit(b, AR_BOOL, step);
}

/* ---- the rest ---- */

static uint32_t build_shift(struct builder *b, const ar_expr *e)
{
    int64_t unit = e->minus ? -ar_units[e->unit].length : ar_units[e->unit].length;
    uint32_t time = build(b, e->args[0]);
    const ar_expr *n = e->args[1];
    struct ar_step step = { .code = CODE_SHIFT, .type = AR_TIME, .a = time, .n = unit };
    int64_t by;

    if (!ar_is_const(n) || ar_is_null(n)) {
        step.b = build(b, n);
        return emit(b, AR_TIME, step);
    }
    if (__builtin_mul_overflow(n->value.i, unit, &by) || by > AR_TIME_MAX - AR_TIME_MIN ||
        by < AR_TIME_MIN - AR_TIME_MAX)
        return constant(b, ar_null(), AR_TIME);
    step.code = CODE_SHIFT_K;
    step.n = by;
    return emit(b, AR_TIME, step);
}

/* From the last WHEN to the first. */
static uint32_t build_case(struct builder *b, const ar_expr *e)
{
    uint32_t first = e->has_operand, pairs = e->n - first - e->has_else;
    uint32_t operand = e->has_operand ? build(b, e->args[0]) : 0;
    uint32_t chosen = e->has_else ? build(b, e->args[e->n - 1]) : constant(b, ar_null(), e->type);

    for (uint32_t i = first + pairs; i > first; i -= 2) {
        uint32_t when = build(b, e->args[i - 2]);

        if (e->has_operand) when = compare(b, NODE_EQ, operand, when);
        chosen = choose(b, when, build(b, e->args[i - 1]), chosen);
    }
    return chosen;
}

static uint32_t build_coalesce(struct builder *b, const ar_expr *e)
{
    uint32_t chosen = build(b, e->args[e->n - 1]);

    for (uint32_t i = e->n - 1; i > 0; i--) {
        uint32_t x = build(b, e->args[i - 1]);

        chosen = choose(b, is_null(b, x), chosen, x);
    }
    return chosen;
}

/* NULL takes no part: x where it is the better one, or where y is NULL; else y. */
static uint32_t build_extreme(struct builder *b, const ar_expr *e)
{
    enum ar_node better = e->node == NODE_LEAST ? NODE_LE : NODE_GE;
    uint32_t best = build(b, e->args[0]);

    for (uint32_t i = 1; i < e->n; i++) {
        uint32_t y = build(b, e->args[i]);
        uint32_t stays = bools(b, CODE_OR, compare(b, better, best, y), is_null(b, y));

        best = choose(b, stays, best, y);
    }
    return best;
}

static uint32_t build_nullif(struct builder *b, const ar_expr *e)
{
    uint32_t x = build(b, e->args[0]);

    return choose(b, compare(b, NODE_EQ, x, build(b, e->args[1])), constant(b, ar_null(), e->type),
                  x);
}

static uint32_t build_between(struct builder *b, const ar_expr *e)
{
    uint32_t x = build(b, e->args[0]);
    uint32_t above = compare(b, NODE_GE, x, build(b, e->args[1]));

    return bools(b, CODE_AND, above, compare(b, NODE_LE, x, build(b, e->args[2])));
}

static uint32_t build_arithmetic(struct builder *b, const ar_expr *e)
{
    static const enum ar_step_code codes[] = { CODE_ADD, CODE_SUB, CODE_MUL, CODE_DIV, CODE_MOD };
    uint32_t x = build(b, e->args[0]);

    return binary(b, codes[e->node - NODE_ADD], e->type, x, build(b, e->args[1]));
}

static uint32_t build_negative(struct builder *b, const ar_expr *e)
{
    ar_value zero = e->type == AR_INT ? ar_int(0) : ar_double(-0.0);

    return binary(b, CODE_SUB, e->type, constant(b, zero, e->type), build(b, e->args[0]));
}

static uint32_t build(struct builder *b, const ar_expr *e)
{
    switch (e->node) {
    case NODE_CONST: return constant(b, e->value, e->type);
    case NODE_COLUMN: return build_column(b, e);
    case NODE_LINK: return build_link(b, e);
    case NODE_NOT: return not_of(b, build(b, e->args[0]));
    case NODE_AND:
    case NODE_OR: return build_chain(b, e);
    case NODE_IS_NULL: return is_null(b, build(b, e->args[0]));
    case NODE_EQ:
    case NODE_NE:
    case NODE_LT:
    case NODE_LE:
    case NODE_GT:
    case NODE_GE: {
        uint32_t x = build(b, e->args[0]);

        return compare(b, e->node, x, build(b, e->args[1]));
    }
    case NODE_IN: return build_in(b, e);
    case NODE_BETWEEN: return build_between(b, e);
    case NODE_LIKE: return build_like(b, e);
    case NODE_ADD:
    case NODE_SUB:
    case NODE_MUL:
    case NODE_DIV:
    case NODE_MOD: return build_arithmetic(b, e);
    case NODE_NEG: return build_negative(b, e);
    case NODE_TO_DOUBLE: return unary(b, CODE_TO_DOUBLE, AR_INT, e);
    case NODE_SHIFT: return build_shift(b, e);
    case NODE_CASE: return build_case(b, e);
    case NODE_COALESCE: return build_coalesce(b, e);
    case NODE_NULLIF: return build_nullif(b, e);
    case NODE_LEAST:
    case NODE_GREATEST: return build_extreme(b, e);
    case NODE_LOWER: return unary(b, CODE_LOWER, AR_TEXT, e);
    case NODE_UPPER: return unary(b, CODE_UPPER, AR_TEXT, e);
    case NODE_LENGTH: return unary(b, CODE_LENGTH, AR_TEXT, e);
    case NODE_ABS: return unary(b, CODE_ABS, e->type, e);
    case NODE_PARAM: break; /* a bound tree has none */
    }
    abort();
}

/* ---- slots: memory is taken at a register's first step and given back after its last ---- */

struct pool {
    uint32_t *free;
    size_t n, cap;
    uint32_t used;
};

static uint32_t take_slot(struct pool *pool)
{
    return pool->n > 0 ? pool->free[--pool->n] : pool->used++;
}

static void give_slot(struct pool *pool, ar_arena *arena, uint32_t slot)
{
    ar_grow(arena, pool->free, pool->n, pool->cap);
    pool->free[pool->n++] = slot;
}

struct pools {
    struct pool planes, narrow, wide;
};

static void take_slots(struct pools *pools, struct ar_register *r)
{
    if (r->owns_known) r->known = take_slot(&pools->planes);
    if (!r->owns_data) return;
    if (r->type == AR_BOOL)
        r->truth = take_slot(&pools->planes);
    else
        r->data = take_slot(r->type == AR_TEXT ? &pools->wide : &pools->narrow);
}

static void give_slots(struct pools *pools, ar_arena *arena, const struct ar_register *r)
{
    if (r->owns_known) give_slot(&pools->planes, arena, r->known);
    if (!r->owns_data) return;
    if (r->type == AR_BOOL)
        give_slot(&pools->planes, arena, r->truth);
    else
        give_slot(r->type == AR_TEXT ? &pools->wide : &pools->narrow, arena, r->data);
}

/* Which registers a step reads; unused ones name `a` again. */
static void operands(const struct ar_step *step, uint32_t out[3])
{
    bool two = step->code == CODE_AND || step->code == CODE_OR || step->code == CODE_LIKE ||
               (step->code >= CODE_EQ && step->code <= CODE_LE && !step->k) ||
               (step->code >= CODE_ADD && step->code <= CODE_MOD) || step->code == CODE_SHIFT ||
               step->code == CODE_SELECT;

    out[0] = step->a;
    out[1] = two ? step->b : step->a;
    out[2] = step->code == CODE_SELECT ? step->c : step->a;
}

static void find_last_uses(ar_program *p)
{
    uint32_t reads[3];

    for (uint32_t i = 0; i < p->n_steps; i++) {
        operands(&p->steps[i], reads);
        if (p->steps[i].code != CODE_OUT) p->registers[p->steps[i].to].last_use = i;
        for (size_t k = 0; k < 3; k++) {
            p->registers[reads[k]].last_use = i;
            p->registers[reads[k]].is_read = true;
        }
    }
}

static void lay_out(ar_program *p, ar_arena *arena)
{
    struct pools pools = { 0 };
    uint32_t reads[3];

    find_last_uses(p);
    for (size_t i = 0; i < p->n_registers; i++)
        if (p->registers[i].is_const && p->registers[i].is_read)
            take_slots(&pools, &p->registers[i]);
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct ar_step *step = &p->steps[i];

        if (step->code != CODE_OUT) take_slots(&pools, &p->registers[step->to]);
        operands(step, reads);
        for (size_t k = 0; k < 3; k++) {
            const struct ar_register *r = &p->registers[reads[k]];
            bool again = (k > 0 && reads[k] == reads[0]) || (k > 1 && reads[k] == reads[1]);

            if (r->last_use == i && !r->is_const && !again) give_slots(&pools, arena, r);
        }
    }
    p->n_planes = pools.planes.used;
    p->n_narrow = pools.narrow.used;
    p->n_wide = pools.wide.used;
}

/* ---- the whole ---- */

ar_program *ar_program_build(const ar_expr *const *trees, size_t n_trees, ar_arena *arena)
{
    struct builder b = { .arena = arena, .program = ar_make(arena, ar_program) };
    ar_program *p = b.program;

    p->n_results = n_trees;
    p->result_types = ar_make_n(arena, enum ar_type, n_trees + 1);
    for (size_t i = 0; i < n_trees; i++) {
        uint32_t result = build(&b, trees[i]);

        p->result_types[i] = trees[i]->type;
        new_step(&b,
                 (struct ar_step){
                     .code = CODE_OUT, .type = trees[i]->type, .to = (uint32_t)i, .a = result });
    }
    lay_out(p, arena);
    return p;
}

ar_err ar_program_compile(const ar_expr *const *exprs, size_t n_exprs, const ar_expr_param *params,
                          size_t n_params, ar_arena *arena, const ar_program **out_program)
{
    const ar_expr **bound = ar_make_n(arena, const ar_expr *, n_exprs + 1);

    for (size_t i = 0; i < n_exprs; i++) {
        ar_expr *tree;

        AR_TRY(ar_expr_bind(exprs[i], params, n_params, arena, &tree));
        bound[i] = tree;
    }
    *out_program = ar_program_build(bound, n_exprs, arena);
    return ar_ok();
}

const ar_program_input *ar_program_inputs(const ar_program *program, size_t *out_n)
{
    *out_n = program->n_inputs;
    return program->inputs;
}
