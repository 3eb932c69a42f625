/* open: engines for tests, and one value out of them. */
#pragma once

#include "engine/engine.h"
#include "t.h"

[[maybe_unused]] static ar_engine *memory_engine(void)
{
    ar_engine *engine = NULL;

    T_OK(ar_engine_open(&(ar_engine_options){ .threads = 2 }, &engine));
    assert(engine != NULL); /* nothing else can be tested without one */
    return engine;
}

[[maybe_unused]] static ar_value value(ar_engine *engine, const char *sql, ar_arena *arena)
{
    ar_value got = ar_null();

    T_OK(ar_engine_value(engine, ar_str_of(sql), NULL, 0, arena, &got));
    return got;
}
