/* guard: a person's own SELECT, made safe: one statement, allow-listed functions, nothing outside.
 */
#pragma once

#include "engine/engine.h"

enum { AR_GUARD_SQL_MAX = 64 * 1024 };

/* AR_OK when `sql` is one SELECT that names only tables and views of the main schema (AR_NOT_FOUND
 * for one that is not there) and functions of the allow-list; else AR_INVALID or AR_DENIED saying
 * what is not allowed and what would be, AR_LIMIT when it is too large. Looks at the engine's own
 * parse of it. What it lets through can still take time and memory: run it in a child with a limit
 * on memory, read-only, with a deadline (ar_engine_interrupt). */
ar_err ar_engine_guard(ar_engine *engine, ar_str sql);
