/* load: finds libduckdb and its functions when the first database is opened, so that a program
 * that opens none starts without it. */
#include "engine/duck.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The header's version, which DuckDB does not write into it; tools/engine/package.json names it. */
static const char wanted[] = "v1.4.4";

struct ar_duck ar_duck;

static void *try(const char *path, ar_buf *tried)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) ar_buf_addf(tried, "%s%s", tried->len == 0 ? "" : ", ", path);
    return library;
}

/* `tail` in the folder of the running program. */
static void *try_beside(const char *tail, ar_buf *tried)
{
    char program[PATH_MAX], path[PATH_MAX + 64];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);

    while (len > 0 && program[len - 1] != '/') len--;
    if (len <= 0) return NULL;
    (void)snprintf(path, sizeof path, "%.*s%s", (int)len, program, tail);
    return try(path, tried);
}

static void *find_library(ar_buf *tried)
{
    const char *chosen = secure_getenv("ARIGHT_ENGINE_LIB");
    void *library = NULL;

    if (chosen != NULL) return try(chosen, tried);
    if (library == NULL) library = try_beside("libduckdb.so", tried);
    if (library == NULL) library = try_beside("../lib/aright/libduckdb.so", tried);
    if (library == NULL) library = try(AR_ENGINE_LIB, tried);
    return library;
}

static ar_err load(void)
{
    ar_auto(ar_buf) tried = { 0 };
    void *library = find_library(&tried);

    if (library == NULL)
        return ar_fail(AR_UNAVAILABLE,
                       "libduckdb.so is not there or cannot be loaded (tried %s); ./start gets it, "
                       "ARIGHT_ENGINE_LIB names another",
                       tried.ptr);
#define X(name)                                                \
    *(void **)&ar_duck.name = dlsym(library, "duckdb_" #name); \
    if (ar_duck.name == NULL)                                  \
        return ar_fail(AR_UNAVAILABLE, "libduckdb has no duckdb_" #name "; want DuckDB %s", wanted);
    AR_DUCK(X)
#undef X
    if (strcmp(ar_duck.library_version(), wanted) != 0)
        return ar_fail(AR_UNAVAILABLE, "libduckdb is %s, want %s", ar_duck.library_version(),
                       wanted);
    return ar_ok();
}

ar_err ar_duck_load(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool loaded;

    (void)pthread_mutex_lock(&lock);
    ar_err err = loaded ? ar_ok() : load();
    loaded = err.code == AR_OK;
    (void)pthread_mutex_unlock(&lock);
    return err;
}
