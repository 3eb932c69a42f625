#include "fetch/ask.h"
#include "fetch/call.h"
#include "fetch/message.h"
#include "form/json.h"
#include "sys/ticks.h"

#include <unistd.h>

typedef struct request {
    ar_str method, headers, body;
    const ar_node *want;
    bool repeatable;
    ar_str url;
} request;

static ar_err read_request(ar_str text, ar_arena *arena, request *out)
{
    static const ar_str file = AR_LIT("call");
    ar_node *root;

    AR_TRY(ar_json_parse(file, ar_arena_copy(arena, text), NULL, arena, &root));
    AR_TRY(ar_node_text(file, root, "method", true, &out->method));
    AR_TRY(ar_node_text(file, root, "url", true, &out->url));
    AR_TRY(ar_node_text(file, root, "headers", true, &out->headers));
    AR_TRY(ar_node_text(file, root, "body", false, &out->body));
    AR_TRY(ar_node_bool(file, root, "repeatable", true, &out->repeatable));
    return ar_node_list(file, root, "want", true, &out->want);
}

/* The status is for who asked to judge; the system's failure alone may pass by itself. */
static bool judge(void *self, const ar_http_answer *answer, ar_arena *arena, ar_err *err)
{
    const request *r = self;

    (void)answer, (void)arena;
    return r->repeatable && err->code == AR_UNAVAILABLE;
}

static bool may_be_done(const ar_http_answer *answer)
{
    if (answer->status == 0) return answer->sent;
    return answer->status < 300 || (answer->status >= 500 && answer->wait_s == 0);
}

static ar_err say_answer(ar_asker *asker, const request *r, const ar_http_answer *answer,
                         ar_err err, ar_arena *arena)
{
    ar_str problem =
        err.code == AR_OK ? (ar_str){ 0 } : ar_asker_hide(asker, ar_err_text(err), arena);
    ar_auto(ar_buf) head = { 0 }, body = { 0 };

    ar_buf_addf(&head, "{\"status\":%d,\"code\":%d,\"done\":%s,\"problem\":", answer->status,
                (int)err.code, may_be_done(answer) ? "true" : "false");
    ar_json_text(&head, problem);
    ar_buf_addz(&head, ",\"type\":");
    ar_json_text(&head, answer->status == 0 ? (ar_str){ 0 } : answer->type);
    ar_buf_addz(&head, ",\"headers\":[");
    for (size_t i = 0; i < r->want->n && answer->status != 0; i++) {
        const char *name = ar_arena_cstr(arena, r->want->items[i]->text);

        if (i > 0) ar_buf_addc(&head, ',');
        ar_json_text(&head, ar_http_header(asker->http, name, 0));
    }
    ar_buf_addz(&head, "]}");

    uint32_t len = (uint32_t)head.len;

    ar_buf_add(&body, (ar_str){ .ptr = (const char *)&len, .len = sizeof len });
    ar_buf_add(&body, ar_buf_str(&head));
    if (answer->status != 0) ar_buf_add(&body, ar_buf_str(&answer->body));
    return ar_message_write(STDOUT_FILENO, 'A', ar_buf_str(&body));
}

static ar_err answer_call(ar_asker *asker, ar_str text)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_http_answer) answer = { 0 };
    request r = { 0 };
    ar_asking asking = { .judge = judge, .self = &r };

    AR_TRY(read_request(text, &arena, &r));
    asking.question.method =
        ar_str_eq(r.method, AR_LIT("GET")) ? NULL : ar_arena_cstr(&arena, r.method);
    asking.question.body = r.body;
    asking.question.max = AR_CALL_ANSWER_MAX;
    asking.headers = r.headers;
    asking.once = !r.repeatable;
    asker->until_ms = ar_ticks_ms() + asker->e.seconds_max * 1000;

    ar_err err = ar_http_join(asker->e.url, r.url, &arena, &asking.question.url);

    if (err.code == AR_OK) err = ar_ask(asker, &asking, &arena, &answer);
    return say_answer(asker, &r, &answer, err, &arena);
}

int ar_call_main(const struct ar_tables *tables, int argc, char **argv)
{
    (void)tables, (void)argc, (void)argv;
    return ar_asker_main(answer_call);
}
