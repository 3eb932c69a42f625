#include "open.h"

#include "sys/file.h"

#include <stdlib.h>

static ar_err open_with(const char *library)
{
    ar_own(ar_engine) engine = NULL;

    assert(setenv("ARIGHT_ENGINE_LIB", library, 1) == 0);
    ar_err err = ar_engine_open(&(ar_engine_options){ .threads = 1 }, &engine);
    assert(unsetenv("ARIGHT_ENGINE_LIB") == 0);
    return err;
}

static ar_str wanted_version(ar_arena *arena)
{
    const char *source = getenv("ARIGHT_SOURCE");
    ar_str text;

    assert(source != NULL); /* the suite sets it */
    T_OK(ar_file_read(ar_path_join(arena, source, "tools/engine/package.json"), 1 << 20, arena,
                      &text));
    return text;
}

/* One test: a library that is loaded stays, so the refusals come first. */
TEST(only_the_library_that_the_lock_file_brings_is_loaded)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_own(ar_engine) engine = NULL;

    T_FAILS(open_with("/nowhere/libduckdb.so"), AR_UNAVAILABLE, "/nowhere/libduckdb.so");
    T_FAILS(open_with("libm.so.6"), AR_UNAVAILABLE, "has no duckdb_");
    T_OK(ar_engine_open(&(ar_engine_options){ .threads = 1 }, &engine));

    ar_str version = ar_str_of(ar_engine_version(engine) + strlen("DuckDB v"));
    T_TRUE(ar_str_contains(wanted_version(&arena),
                           ar_arena_printf(&arena, "\"duckdb\": \"%.*s\"", AR_FMT(version))));
}
