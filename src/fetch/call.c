#include "fetch/call.h"

#include "fetch/line.h"
#include "fetch/message.h"
#include "form/json.h"
#include "form/utf.h"

#include <stdlib.h>

enum { DATA_BYTES = 256 << 20 };

struct ar_caller {
    ar_line line;
    void (*waits)(void *self, const char *why);
    void *self;
};

ar_err ar_caller_open(const ar_call_system *system, ar_caller **out_caller)
{
    ar_own(ar_caller) c = calloc(1, sizeof *c);
    ar_line_plan plan = { .program = system->program,
                          .process = "call",
                          .errand = system->errand,
                          .secret = system->secret,
                          .data_bytes = DATA_BYTES,
                          .seconds = AR_CALL_LIFE_SECONDS };

    if (c == NULL) abort();
    c->waits = system->waits;
    c->self = system->self;
    AR_TRY(ar_line_open(&plan, &c->line));
    *out_caller = ar_move(c);
    return ar_ok();
}

void ar_caller_free(ar_caller **caller)
{
    if (*caller == NULL) return;
    ar_line_done(&(*caller)->line);
    free(*caller);
    *caller = NULL;
}

/* ---- the call ---- */

static ar_err check(const ar_call *call)
{
    static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

    if (call->body.len > AR_CALL_BODY_MAX)
        return ar_fail(AR_LIMIT, "the body of a request has %zu bytes, %d are the most",
                       call->body.len, (int)AR_CALL_BODY_MAX);
    if (ar_utf8_valid(call->body) != call->body.len)
        return ar_fail(AR_INVALID, "the body of a request is not UTF-8");
    for (size_t i = 0; i < AR_COUNT(methods); i++)
        if (strcmp(methods[i], call->method) == 0) return ar_ok();
    return ar_fail(AR_INVALID, "'%s' is no method (want GET, POST, PUT, PATCH or DELETE)",
                   call->method);
}

static void print(const ar_call *call, ar_buf *out)
{
    ar_buf_addz(out, "{\"method\":"), ar_json_text(out, ar_str_of(call->method));
    ar_buf_addz(out, ",\"url\":"), ar_json_text(out, call->url);
    ar_buf_addz(out, ",\"headers\":"), ar_json_text(out, call->headers);
    ar_buf_addf(out, ",\"repeatable\":%s", call->repeatable ? "true" : "false");
    if (call->body.ptr != NULL) ar_buf_addz(out, ",\"body\":"), ar_json_text(out, call->body);
    ar_buf_addz(out, ",\"want\":[");
    for (size_t i = 0; i < AR_CALL_WANTED_MAX && call->want[i] != NULL; i++) {
        if (i > 0) ar_buf_addc(out, ',');
        ar_json_text(out, ar_str_of(call->want[i]));
    }
    ar_buf_addz(out, "]}");
}

/* ---- the answer ---- */

static ar_err read_head(ar_str text, ar_arena *arena, ar_call_answer *out)
{
    static const ar_str file = AR_LIT("answer");
    int64_t status = 0, code = 0;
    const ar_node *headers = NULL;
    ar_node *head;

    AR_TRY(ar_json_parse(file, ar_arena_copy(arena, text), NULL, arena, &head));
    AR_TRY(ar_node_int(file, head, "status", true, &status));
    AR_TRY(ar_node_int(file, head, "code", true, &code));
    AR_TRY(ar_node_bool(file, head, "done", true, &out->done));
    AR_TRY(ar_node_text(file, head, "problem", true, &out->problem));
    AR_TRY(ar_node_text(file, head, "type", true, &out->type));
    AR_TRY(ar_node_list(file, head, "headers", true, &headers));
    for (size_t i = 0; i < headers->n && i < AR_CALL_WANTED_MAX; i++)
        out->headers[i] = headers->items[i]->text;
    if (status < 0 || status > 999 || code < AR_OK || code > AR_IO)
        return ar_fail(AR_INVALID, "no such status or code");
    out->status = (int)status;
    out->code = (enum ar_code)code;
    return ar_ok();
}

static ar_err read_answer(const ar_caller *c, ar_arena *arena, ar_call_answer *out_answer)
{
    ar_str body = ar_buf_str(&c->line.body);
    ar_call_answer answer = { 0 };
    uint32_t len;

    if (body.len < sizeof len) return ar_line_nonsense("a short answer");
    memcpy(&len, body.ptr, sizeof len);
    body = ar_str_cut(body, sizeof len, body.len);
    if (len > body.len || read_head(ar_str_cut(body, 0, len), arena, &answer).code != AR_OK)
        return ar_line_nonsense("an answer that is none");
    answer.body = ar_arena_copy(arena, ar_str_cut(body, len, body.len));
    *out_answer = answer;
    return ar_ok();
}

ar_err ar_caller_ask(ar_caller *caller, const ar_call *call, ar_arena *arena,
                     ar_call_answer *out_answer)
{
    ar_auto(ar_buf) text = { 0 };
    char tag = 'W';

    AR_TRY(check(call));
    print(call, &text);
    AR_TRY_WITH(ar_message_write(ar_fd_n(caller->line.to_child), 'Q', ar_buf_str(&text)),
                "the process that fetches");
    while (tag == 'W') {
        AR_TRY(ar_line_hear(&caller->line, AR_MESSAGE_CALL_MAX, &tag));
        if (tag == 'W' && caller->waits != NULL) caller->waits(caller->self, caller->line.body.ptr);
    }
    if (tag != 'A') return ar_line_nonsense("an unknown message");
    return read_answer(caller, arena, out_answer);
}

ar_err ar_call_json(const ar_call_answer *answer, ar_arena *arena, ar_node **out_root)
{
    if (ar_str_contains(answer->type, AR_LIT("html")))
        return ar_fail(AR_INVALID,
                       "the answer is a page of HTML, as one that asks to sign in is (want JSON; "
                       "see 'auth')");
    if (!ar_str_contains(answer->type, AR_LIT("json")))
        return ar_fail(AR_INVALID, "the answer is %s%.*s (want JSON: application/json)",
                       answer->type.len > 0 ? "" : "of no type at all", AR_FMT(answer->type));
    return ar_json_parse(AR_LIT("answer"), answer->body, NULL, arena, out_root);
}
