/* stream: the answer of an operation as server-sent events: how far it is, while it works, and then
 * all of the answer.
 *
 *   event: progress    data: {"what":"judging app","done":3,"total":40}
 *   event: answer      data: the document that http/answer.h writes, as the other requests get it
 */
#pragma once

#include "door/client.h"
#include "http/answer.h"
#include "op/wire.h"

typedef struct ar_stream ar_stream;

/* Asks the core over that channel; what went wrong is said in the answer. The stream owns its
 * memory. */
ar_stream *ar_stream_new(int core, const ar_tables *tables, const ar_request *request);
void ar_stream_free(ar_stream **stream);

/* The next bytes, at most `max`, waiting for them; 0: these were the last. */
bool ar_stream_ended(const ar_stream *stream); /* nothing is waited for any more */
size_t ar_stream_read(ar_stream *stream, char *out, size_t max);
