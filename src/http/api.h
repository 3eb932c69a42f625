/* api: operations over HTTP, from their rows alone: GET /api/v1/AREA/VERB?param=value reads, POST
 * with a JSON object changes. What takes a file, or runs in the door of whoever asks, is not there.
 */
#pragma once

#include "op/args.h"

/* The operation at a path behind "/api/v1/": "waiver/list", "status". NULL: none. */
const ar_op *ar_api_find(const ar_tables *tables, ar_str path);
/* "waiver.list" is at "waiver/list". */
ar_str ar_api_path(const ar_op *op, ar_arena *arena);
bool ar_api_offers(const ar_op *op);

/* Adds one value as a query says it. AR_INVALID: no such parameter, or no such value. */
ar_err ar_api_add(ar_args *args, ar_str name, ar_str text, ar_time now);
/* Adds all values of a JSON object: texts, numbers, true, lists of them; null and false are not
 * given. */
ar_err ar_api_add_body(ar_args *args, ar_str body, ar_time now);
