/* function: our functions inside the engine: scalars, aggregates, and tables made row by row. They
 * are called on the engine's threads. */
#include "engine/duck.h"

#include <stdatomic.h>
#include <stdlib.h>

typedef struct ar_duck_function {
    struct ar_duck_function *next;
    bool known, tentative; /* until the transaction that registered it ends */
    const char *name;
    enum ar_type *args;
    size_t n_args;
    enum ar_type result;
    ar_scalar_fn *scalar;
    ar_aggregate aggregate;
    const void *self;
} ar_duck_function, function;

/* A failure goes back through the engine as text; the engine copies it. */
#define REPORT(set_error, info, err)                        \
    do {                                                    \
        ar_auto(ar_arena) words_ = { 0 };                   \
        ar_duck.set_error(info, ar_duck_say(err, &words_)); \
    } while (0)

static ar_err check_args(const char *name, size_t n_args)
{
    if (n_args > AR_ENGINE_ARGS_MAX)
        return ar_fail(AR_LIMIT, "%s: a function takes %d arguments at most, not %zu", name,
                       (int)AR_ENGINE_ARGS_MAX, n_args);
    return ar_ok();
}

static function *function_new(ar_engine *engine, const char *name, const enum ar_type *args,
                              size_t n_args, enum ar_type result, const void *self)
{
    function *f = ar_make(&engine->arena, function);

    f->name = ar_arena_copy(&engine->arena, ar_str_of(name)).ptr;
    f->args = ar_make_n(&engine->arena, enum ar_type, n_args + 1);
    if (n_args > 0) memcpy(f->args, args, n_args * sizeof *args);
    f->n_args = n_args;
    f->result = result;
    f->self = self;
    return f;
}

static ar_err registered(duckdb_state state, const char *name)
{
    if (state != DuckDBSuccess)
        return ar_fail(AR_CONFLICT, "the engine has a function %s already", name);
    return ar_ok();
}

static void remember(ar_engine *engine, function *f)
{
    f->known = true;
    f->tentative = engine->in_transaction;
    f->next = engine->functions;
    engine->functions = f;
}

bool ar_engine_has(const ar_engine *engine, const char *name)
{
    for (const function *f = engine->functions; f != NULL; f = f->next)
        if (f->known && strcmp(f->name, name) == 0) return true;
    return false;
}

/* ---- scalar ---- */

static void run_scalar(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    const function *f = ar_duck.scalar_function_get_extra_info(info);
    ar_duck_scratch *scratch = ar_duck_scratch_start(f->n_args + 1);
    size_t n = ar_duck.data_chunk_get_size(input);
    const ar_vector *args = ar_duck_columns(scratch, input, f->args, f->n_args);
    ar_vector_out out = ar_duck_out(scratch, f->result);

    ar_err err = f->scalar(f->self, args, n, &out);
    if (err.code == AR_OK) err = ar_duck_put_out(output, &out, n);
    if (err.code != AR_OK) REPORT(scalar_function_set_error, info, err);
}

ar_err ar_engine_scalar(ar_engine *engine, const char *name, const enum ar_type *args,
                        size_t n_args, enum ar_type result, ar_scalar_fn *fn, const void *self)
{
    AR_TRY(check_args(name, n_args));

    function *f = function_new(engine, name, args, n_args, result, self);
    f->scalar = fn;
    duckdb_scalar_function made = ar_duck.create_scalar_function();
    ar_duck.scalar_function_set_name(made, f->name);
    for (size_t i = 0; i < n_args; i++) {
        duckdb_logical_type type = ar_duck_logical(args[i]);

        ar_duck.scalar_function_add_parameter(made, type);
        ar_duck.destroy_logical_type(&type);
    }
    duckdb_logical_type type = ar_duck_logical(result);
    ar_duck.scalar_function_set_return_type(made, type);
    ar_duck.destroy_logical_type(&type);
    ar_duck.scalar_function_set_special_handling(made); /* rows with NULLs are ours too */
    ar_duck.scalar_function_set_extra_info(made, f, NULL);
    ar_duck.scalar_function_set_function(made, run_scalar);
    ar_err err = registered(ar_duck.register_scalar_function(engine->connection, made), name);
    if (err.code == AR_OK) remember(engine, f);
    ar_duck.destroy_scalar_function(&made);
    return err;
}

/* ---- aggregate ---- */

static idx_t state_size(duckdb_function_info info)
{
    const function *f = ar_duck.aggregate_function_get_extra_info(info);

    return f->aggregate.state_size;
}

static void state_init(duckdb_function_info info, duckdb_aggregate_state state)
{
    const function *f = ar_duck.aggregate_function_get_extra_info(info);

    memset(state, 0, f->aggregate.state_size);
}

static void state_add(duckdb_function_info info, duckdb_data_chunk input,
                      duckdb_aggregate_state *states)
{
    const function *f = ar_duck.aggregate_function_get_extra_info(info);
    ar_duck_scratch *scratch = ar_duck_scratch_start(f->n_args);
    const ar_vector *args = ar_duck_columns(scratch, input, f->args, f->n_args);

    ar_err err =
        f->aggregate.add(f->self, args, ar_duck.data_chunk_get_size(input), (void *const *)states);
    if (err.code != AR_OK) REPORT(aggregate_function_set_error, info, err);
}

static void state_merge(duckdb_function_info info, duckdb_aggregate_state *from,
                        duckdb_aggregate_state *into, idx_t n)
{
    const function *f = ar_duck.aggregate_function_get_extra_info(info);

    for (idx_t i = 0; i < n; i++) f->aggregate.merge(f->self, from[i], into[i]);
}

static void state_print(duckdb_function_info info, duckdb_aggregate_state *states,
                        duckdb_vector result, idx_t n, idx_t offset)
{
    const function *f = ar_duck.aggregate_function_get_extra_info(info);
    ar_auto(ar_buf) text = { 0 };

    for (idx_t i = 0; i < n; i++) {
        ar_buf_clear(&text);
        f->aggregate.print(f->self, states[i], &text);
        ar_err err = ar_duck_check_text(ar_buf_str(&text));
        if (err.code != AR_OK) {
            REPORT(aggregate_function_set_error, info, err);
            return;
        }
        ar_duck_put(result, offset + i, ar_text(ar_buf_str(&text)));
    }
}

ar_err ar_engine_aggregate(ar_engine *engine, const char *name, const enum ar_type *args,
                           size_t n_args, const ar_aggregate *aggregate, const void *self)
{
    AR_TRY(check_args(name, n_args));

    function *f = function_new(engine, name, args, n_args, AR_TEXT, self);
    f->aggregate = *aggregate;
    duckdb_aggregate_function made = ar_duck.create_aggregate_function();
    ar_duck.aggregate_function_set_name(made, f->name);
    for (size_t i = 0; i < n_args; i++) {
        duckdb_logical_type type = ar_duck_logical(args[i]);

        ar_duck.aggregate_function_add_parameter(made, type);
        ar_duck.destroy_logical_type(&type);
    }
    duckdb_logical_type type = ar_duck_logical(AR_TEXT);
    ar_duck.aggregate_function_set_return_type(made, type);
    ar_duck.destroy_logical_type(&type);
    ar_duck.aggregate_function_set_special_handling(made);
    ar_duck.aggregate_function_set_extra_info(made, f, NULL);
    ar_duck.aggregate_function_set_functions(made, state_size, state_init, state_add, state_merge,
                                             state_print);
    ar_err err = registered(ar_duck.register_aggregate_function(engine->connection, made), name);
    if (err.code == AR_OK) remember(engine, f);
    ar_duck.destroy_aggregate_function(&made);
    return err;
}

/* ---- source ---- */

/* What the engine knows under a name. It cannot forget a function, so the name stays and what is
 * behind it changes. */
typedef struct ar_duck_source {
    struct ar_duck_source *next;
    const char *name;
    bool known;          /* the engine has it */
    bool tentative;      /* registered in the transaction that is still open */
    ar_source source;    /* zero: nothing is behind the name now */
    atomic_size_t lanes; /* of the statement that runs: handed out so far */
} ar_duck_source;

static void source_bind(duckdb_bind_info info)
{
    const ar_duck_source *slot = ar_duck.bind_get_extra_info(info);

    if (slot->source.next == NULL) {
        REPORT(bind_set_error, info,
               ar_fail(AR_NOT_FOUND, "nothing is read by %s() now", slot->name));
        return;
    }
    for (size_t i = 0; i < slot->source.n_columns; i++) {
        ar_auto(ar_buf) name = { 0 };
        duckdb_logical_type type = ar_duck_logical(slot->source.types[i]);

        ar_buf_add(&name, slot->source.names[i]);
        ar_buf_add(&name, AR_LIT("")); /* an empty name is a text too */
        ar_duck.bind_add_result_column(info, name.ptr, type);
        ar_duck.destroy_logical_type(&type);
    }
}

static size_t lanes_of(const ar_source *source)
{
    return source->lanes == 0 ? 1 : source->lanes;
}

static void source_init(duckdb_init_info info)
{
    ar_duck_source *slot = ar_duck.init_get_extra_info(info);

    atomic_store(&slot->lanes, 0);
    ar_duck.init_set_max_threads(info, lanes_of(&slot->source));
}

/* Once for each thread that will call. */
static void source_init_lane(duckdb_init_info info)
{
    ar_duck_source *slot = ar_duck.init_get_extra_info(info);
    size_t *lane = malloc(sizeof *lane);

    if (lane == NULL) abort();
    *lane = atomic_fetch_add(&slot->lanes, 1);
    assert(*lane < lanes_of(&slot->source));
    ar_duck.init_set_init_data(info, lane, free);
}

static ar_err source_fill(const ar_source *source, size_t lane, ar_vector_out *columns,
                          duckdb_data_chunk output)
{
    size_t n = 0;

    AR_TRY(source->next(source->self, lane, columns, &n));
    assert(n <= AR_ENGINE_BATCH);
    for (size_t i = 0; i < source->n_columns; i++)
        AR_TRY_WITH(ar_duck_lend_out(ar_duck.data_chunk_get_vector(output, i), &columns[i], n),
                    "column %.*s", AR_FMT(source->names[i]));
    ar_duck.data_chunk_set_size(output, n);
    return ar_ok();
}

static void source_next(duckdb_function_info info, duckdb_data_chunk output)
{
    const ar_duck_source *slot = ar_duck.function_get_extra_info(info);
    const size_t *lane = ar_duck.function_get_local_init_data(info);
    const ar_source *source = &slot->source;
    ar_duck_scratch *scratch = ar_duck_scratch_start(source->n_columns);
    ar_vector_out *columns = ar_duck_outs(scratch, source->types, source->n_columns);

    ar_err err = source_fill(source, *lane, columns, output);
    if (err.code != AR_OK) REPORT(function_set_error, info, err);
}

static duckdb_state source_register(ar_engine *engine, ar_duck_source *slot)
{
    duckdb_table_function made = ar_duck.create_table_function();

    ar_duck.table_function_set_name(made, slot->name);
    ar_duck.table_function_set_extra_info(made, slot, NULL);
    ar_duck.table_function_set_bind(made, source_bind);
    ar_duck.table_function_set_init(made, source_init);
    ar_duck.table_function_set_local_init(made, source_init_lane);
    ar_duck.table_function_set_function(made, source_next);
    duckdb_state state = ar_duck.register_table_function(engine->connection, made);
    ar_duck.destroy_table_function(&made);
    return state;
}

static ar_duck_source *source_slot(ar_engine *engine, const char *name)
{
    for (ar_duck_source *slot = engine->sources; slot != NULL; slot = slot->next)
        if (strcmp(slot->name, name) == 0) return slot;

    ar_duck_source *slot = ar_make(&engine->arena, ar_duck_source);
    slot->name = ar_arena_copy(&engine->arena, ar_str_of(name)).ptr;
    slot->next = engine->sources;
    engine->sources = slot;
    return slot;
}

ar_err ar_engine_source(ar_engine *engine, const char *name, const ar_source *source)
{
    if (source != NULL) AR_TRY(check_args(name, source->n_columns));

    ar_duck_source *slot = source_slot(engine, name);
    if (!slot->known) {
        AR_TRY(registered(source_register(engine, slot), name));
        slot->known = true;
        slot->tentative = engine->in_transaction;
    }
    slot->source = source == NULL ? (ar_source){ 0 } : *source;
    return ar_ok();
}

void ar_duck_functions_settle(ar_engine *engine, bool committed)
{
    for (function *f = engine->functions; f != NULL; f = f->next) {
        if (f->tentative && !committed) f->known = false;
        f->tentative = false;
    }
    for (ar_duck_source *slot = engine->sources; slot != NULL; slot = slot->next) {
        if (slot->tentative && !committed) slot->known = false;
        slot->tentative = false;
    }
}
