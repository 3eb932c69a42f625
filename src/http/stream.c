#include "http/stream.h"

#include "form/json.h"

#include <stdlib.h>

struct ar_stream {
    ar_answer answer; /* first: what a sink of it is given is the stream too */
    ar_client client;
    ar_relay relay;
    ar_buf out; /* events that are not read yet */
    size_t read;
    bool ended;
};

/* ---- events ---- */

/* Each line of it is one of the event. */
static void add_event(ar_stream *s, const char *name, ar_str data)
{
    ar_str line;

    ar_buf_addf(&s->out, "event: %s\n", name);
    while (ar_str_split(&data, '\n', &line)) ar_buf_addf(&s->out, "data: %.*s\n", AR_FMT(line));
    ar_buf_addc(&s->out, '\n');
}

static void on_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    ar_stream *s = self;
    ar_auto(ar_buf) data = { 0 };

    ar_buf_addz(&data, "{\"what\":");
    ar_json_text(&data, what);
    ar_buf_addf(&data, ",\"done\":%lld,\"total\":%lld}", (long long)done, (long long)total);
    add_event(s, "progress", ar_buf_str(&data));
}

static void end(ar_stream *s, ar_err err)
{
    ar_answer_end(&s->answer, err);
    add_event(s, "answer", ar_buf_str(&s->answer.body));
    s->ended = true;
}

/* ---- the stream ---- */

ar_stream *ar_stream_new(int core, const ar_tables *tables, const ar_request *request)
{
    ar_stream *s = calloc(1, sizeof *s);
    ar_err err;

    if (s == NULL) abort();
    s->answer.op = request->args->op;
    err = ar_client_through(core, &s->client);
    if (err.code == AR_OK) err = ar_client_ask(&s->client, tables, request);
    if (err.code != AR_OK) end(s, err);
    return s;
}

void ar_stream_free(ar_stream **stream)
{
    if (*stream == NULL) return;
    ar_client_done(&(*stream)->client);
    ar_relay_done(&(*stream)->relay);
    ar_answer_done(&(*stream)->answer);
    ar_buf_done(&(*stream)->out);
    free(*stream);
    *stream = NULL;
}

/* What the core says next. */
static void hear(ar_stream *s)
{
    ar_sink sink = ar_answer_sink(&s->answer);
    bool done = false;

    sink.progress = on_progress;

    ar_err err = ar_relay_some(&s->relay, ar_client_fd(&s->client), &sink, &done);

    if (err.code != AR_OK || done) end(s, err);
}

bool ar_stream_ended(const ar_stream *s)
{
    return s->ended;
}

size_t ar_stream_read(ar_stream *s, char *out, size_t max)
{
    size_t n;

    if (s->read == s->out.len) {
        ar_buf_clear(&s->out);
        s->read = 0;
    }
    while (s->out.len == 0 && !s->ended) hear(s);
    n = s->out.len - s->read < max ? s->out.len - s->read : max;
    if (n > 0) memcpy(out, s->out.ptr + s->read, n);
    s->read += n;
    return n;
}
