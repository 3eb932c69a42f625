#include "fetch/call.h"
#include "server.h"
#include "sys/ticks.h"

/* A system at the server of the test, and a child that calls it. */
typedef struct play {
    ar_arena arena;
    server server;
    ar_errand errand;
    ar_secret secret;
    ar_caller *caller;
} play;

static void play_done(play *p)
{
    ar_caller_free(&p->caller);
    ar_secret_done(&p->secret);
    ar_arena_done(&p->arena);
}

static void play_start(play *p, const char *const *answers)
{
    ar_call_system system = { .program = getenv("ARIGHT_PROGRAM"),
                              .errand = &p->errand,
                              .secret = &p->secret };

    server_start(&p->server, answers);
    p->errand =
        (ar_errand){ .url = ar_arena_printf(&p->arena, "http://127.0.0.1:%d/api/", p->server.port),
                     .headers = AR_LIT("X-Version: 7\n"),
                     .proof = AR_PROOF_HEADER,
                     .proof_header = AR_LIT("Authorization"),
                     .proof_prefix = AR_LIT("Bearer "),
                     .seconds_max = 20,
                     .request_seconds = 2,
                     .attempts = 3 };
    ar_secret_set(&p->secret, AR_LIT("s3cret"));
    T_OK(ar_caller_open(&system, &p->caller));
}

#define PLAY __attribute__((cleanup(play_done))) play

#define OK(headers, body) \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" headers "\r\n" body

TEST(a_call_says_what_it_is_told_and_proves_who_we_are)
{
    static const char *const answers[] = { OK("Location: /there\r\n", "{\"id\":7}"), NULL };
    PLAY p = { 0 };
    ar_call call = { .method = "PATCH",
                     .url = AR_LIT("items/1"),
                     .headers = AR_LIT("Content-Type: application/json-patch+json\n"),
                     .body = AR_LIT("[{\"op\":\"test\"}]"),
                     .want = { "location", "X-None" } };
    ar_call_answer answer;
    ar_node *root = NULL;

    play_start(&p, answers);
    T_OK(ar_caller_ask(p.caller, &call, &p.arena, &answer));
    T_INT(answer.status, 200);
    T_INT(answer.code, AR_OK);
    T_TRUE(answer.done);
    T_STR(answer.headers[0], "/there");
    T_STR(answer.headers[1], "");
    T_OK(ar_call_json(&answer, &p.arena, &root));
    T_INT(ar_node_get(root, AR_LIT("id"))->i, 7);

    T_INT(server_end(&p.server), 1);

    const char *asked = p.server.asked[0];

    T_TRUE(strncmp(asked, "PATCH /api/items/1 HTTP/1.1\r\n", 29) == 0);
    T_TRUE(strstr(asked, "\r\nContent-Type: application/json-patch+json\r\n") != NULL);
    T_TRUE(strstr(asked, "application/json\r\n") == NULL);
    T_TRUE(strstr(asked, "\r\nX-Version: 7\r\n") != NULL);
    T_TRUE(strstr(asked, "\r\nAuthorization: Bearer s3cret\r\n") != NULL);
    T_TRUE(strstr(asked, "\r\n\r\n[{\"op\":\"test\"}]") != NULL);
}

TEST(what_may_have_been_done_is_not_asked_for_again)
{
    static const char *const answers[] = { "", OK("", "{}"), NULL };
    PLAY p = { 0 };
    ar_call call = { .method = "POST", .url = AR_LIT("items"), .body = AR_LIT("{}") };
    ar_call_answer answer;

    play_start(&p, answers);
    T_OK(ar_caller_ask(p.caller, &call, &p.arena, &answer));
    T_INT(answer.status, 0);
    T_INT(answer.code, AR_UNAVAILABLE);
    T_TRUE(answer.done && answer.problem.len > 0);
    call.repeatable = true; /* the same child goes on */
    T_OK(ar_caller_ask(p.caller, &call, &p.arena, &answer));
    T_INT(answer.status, 200);
    T_INT(server_end(&p.server), 2);
}

TEST(what_is_repeatable_is_asked_again_where_the_system_fails)
{
    static const char *const answers[] = { "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
                                           "", OK("", "{}"), NULL };
    PLAY p = { 0 };
    ar_call call = { .method = "GET", .url = AR_LIT("items"), .repeatable = true };
    ar_call_answer answer;

    play_start(&p, answers);
    T_OK(ar_caller_ask(p.caller, &call, &p.arena, &answer));
    T_INT(answer.status, 200);
    T_INT(server_end(&p.server), 3);
}

TEST(a_system_that_says_when_to_come_again_has_done_nothing_and_is_asked_again)
{
    static const char *const answers[] = {
        "HTTP/1.1 429 Slow down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n", OK("", "{}"), NULL
    };
    PLAY p = { 0 };
    ar_call call = { .method = "POST", .url = AR_LIT("items"), .body = AR_LIT("{}") };
    ar_call_answer answer;
    int64_t began = ar_ticks_ms();

    play_start(&p, answers);
    T_OK(ar_caller_ask(p.caller, &call, &p.arena, &answer));
    T_INT(answer.status, 200);
    T_TRUE(ar_ticks_ms() - began >= 1000);
    T_INT(server_end(&p.server), 2);
}

TEST(a_refusal_is_an_answer_in_the_words_of_the_system_without_the_secret)
{
    static const char *const answers[] = {
        "HTTP/1.1 422 No\r\nContent-Type: application/json\r\n\r\n{\"message\":\"not s3cret\"}",
        NULL
    };
    PLAY p = { 0 };
    ar_call call = { .method = "DELETE", .url = AR_LIT("items/1") };
    ar_call_answer answer;

    play_start(&p, answers);
    T_OK(ar_caller_ask(p.caller, &call, &p.arena, &answer));
    T_INT(answer.status, 422);
    T_INT(answer.code, AR_INVALID);
    T_TRUE(!answer.done);
    T_TRUE(ar_str_ends(answer.problem, AR_LIT("answers with status 422: not …")));
    T_INT(server_end(&p.server), 1);
}

TEST(the_secret_goes_to_no_other_system)
{
    static const char *const answers[] = {
        "HTTP/1.1 302 Found\r\nLocation: http://localhost:1/\r\n\r\n", NULL
    };
    PLAY p = { 0 };
    ar_call elsewhere = { .method = "POST",
                          .url = AR_LIT("http://localhost:1/"),
                          .body = AR_LIT("{}") };
    ar_call follows = { .method = "GET", .url = AR_LIT("items"), .repeatable = true };
    ar_call_answer answer;

    play_start(&p, answers);
    T_OK(ar_caller_ask(p.caller, &elsewhere, &p.arena, &answer));
    T_INT(answer.code, AR_DENIED);
    T_TRUE(!answer.done && ar_str_contains(answer.problem, AR_LIT("leads elsewhere")));
    T_OK(ar_caller_ask(p.caller, &follows, &p.arena, &answer));
    T_INT(answer.code, AR_DENIED);
    T_INT(server_end(&p.server), 1);
}

TEST(nothing_is_done_where_nobody_listens)
{
    static const char *const answers[] = { NULL };
    PLAY p = { 0 };
    ar_call call = { .method = "POST", .url = AR_LIT("items"), .body = AR_LIT("{}") };
    ar_call_answer answer;

    play_start(&p, answers);
    T_INT(server_end(&p.server), 0);
    T_OK(ar_caller_ask(p.caller, &call, &p.arena, &answer));
    T_INT(answer.status, 0);
    T_TRUE(!answer.done);
    T_TRUE(ar_str_starts(answer.problem, AR_LIT("asked 3 times: ")));
}

TEST(a_call_that_is_none_is_refused_before_it_is_made)
{
    static const char *const answers[] = { NULL };
    PLAY p = { 0 };
    ar_call call = { .method = "TRACE", .url = AR_LIT("items") };
    ar_call_answer answer;

    play_start(&p, answers);
    T_FAILS(ar_caller_ask(p.caller, &call, &p.arena, &answer), AR_INVALID, "'TRACE' is no method");
    call.method = "POST";
    call.body = AR_LIT("\xff");
    T_FAILS(ar_caller_ask(p.caller, &call, &p.arena, &answer), AR_INVALID, "is not UTF-8");
    call.body =
        ar_arena_copy(&p.arena, (ar_str){ .ptr = ar_arena_take(&p.arena, AR_CALL_BODY_MAX + 1),
                                          .len = AR_CALL_BODY_MAX + 1 });
    T_FAILS(ar_caller_ask(p.caller, &call, &p.arena, &answer), AR_LIMIT, "are the most");
    T_INT(server_end(&p.server), 0);
}

TEST(a_page_that_asks_to_sign_in_is_no_json)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_call_answer page = { .status = 200, .type = AR_LIT("text/html"), .body = AR_LIT("<html>") };
    ar_call_answer cut = { .status = 200, .type = AR_LIT("application/json"), .body = AR_LIT("{") };
    ar_node *root;

    T_FAILS(ar_call_json(&page, &arena, &root), AR_INVALID, "as one that asks to sign in");
    T_FAILS(ar_call_json(&cut, &arena, &root), AR_INVALID, "answer:1:2");
}
