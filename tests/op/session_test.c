#include "op/session.h"

#include "op/core.h"
#include "op_home.h"

static const ar_op *const all_ops[] = { ar_session_ops, NULL };
static const ar_migration *const all_migrations[] = { ar_core_migrations, ar_session_migrations,
                                                      NULL };
static ar_opened_fn *const opened[] = { NULL };
static const ar_tables tables = {
    .version = "test", .ops = all_ops, .migrations = all_migrations, .opened = opened
};

static ar_err ask_as(home *h, bool front, const char *op, ar_str token, ar_time now, ar_str *out)
{
    ar_args args = { .op = ar_tables_find(&tables, ar_str_of(op)), .arena = &h->arena };
    ar_request request = { .args = &args,
                           .now = now,
                           .asof = now,
                           .uid = (int64_t)getuid(),
                           .front = front,
                           .token = token };
    kept k = { 0 };
    ar_sink sink = kept_sink(&k);
    ar_err err = ar_core_run(h->core, &request, &h->arena, &sink);

    /* the second line, to its first bar */
    ar_str text = ar_arena_copy(&h->arena, ar_buf_str(&k.text)), line;

    (void)ar_str_split(&text, '\n', &line);
    (void)ar_str_split(&text, '\n', &line);
    *out = ar_str_cut(line, 0, ar_str_find(line, '|'));
    kept_done(&k);
    return err;
}

static ar_err ask(home *h, const char *op, ar_str token, ar_time now, ar_str *out)
{
    return ask_as(h, token.len > 0, op, token, now, out);
}

static ar_str link_of(home *h)
{
    ar_str link;

    T_OK(ask(h, "web.link", (ar_str){ 0 }, home_now, &link));
    T_TRUE(ar_str_starts(link, AR_LIT("http://127.0.0.1:8640/enter?link=")));
    return ar_str_cut(link, link.len - AR_TOKEN_LEN, link.len);
}

TEST(a_link_becomes_a_session_once_and_the_session_is_its_person)
{
    home h;
    ar_str session, said;

    home_init(&h, &tables);
    T_OK(home_open(&h));

    ar_str link = link_of(&h);

    T_OK(ask(&h, "web.enter", link, home_now + AR_MINUTE, &session));
    T_INT(session.len, AR_TOKEN_LEN);
    T_TRUE(!ar_str_eq(session, link));
    T_FAILS(ask(&h, "web.enter", link, home_now + AR_MINUTE, &said), AR_DENIED, "aright web link");
    T_OK(ask(&h, "web.who", session, home_now + AR_HOUR, &said));
    T_TRUE(ar_str_starts(said, AR_LIT("person:")));
    home_done(&h);
}

TEST(links_and_sessions_end)
{
    home h;
    ar_str session, said;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_FAILS(ask(&h, "web.enter", link_of(&h), home_now + AR_LINK_MINUTES * AR_MINUTE, &said),
            AR_DENIED, "no longer");
    T_OK(ask(&h, "web.enter", link_of(&h), home_now, &session));
    T_OK(ask(&h, "web.who", session, home_now + AR_SESSION_HOURS * AR_HOUR - 1, &said));
    T_FAILS(ask(&h, "web.who", session, home_now + AR_SESSION_HOURS * AR_HOUR, &said), AR_DENIED,
            "no longer");
    T_OK(ask(&h, "web.enter", link_of(&h), home_now, &session));
    T_OK(ask(&h, "web.leave", session, home_now, &said));
    T_FAILS(ask(&h, "web.who", session, home_now, &said), AR_DENIED, "no longer");
    home_done(&h);
}

TEST(a_session_does_not_make_its_own_end_later)
{
    home h;
    ar_str session, said;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_OK(ask(&h, "web.enter", link_of(&h), home_now, &session));
    T_FAILS(ask(&h, "web.link", session, home_now, &said), AR_DENIED, "on this machine");
    home_done(&h);
}

TEST(neither_is_good_for_what_the_other_is)
{
    home h;
    ar_str session, said;

    home_init(&h, &tables);
    T_OK(home_open(&h));
    T_FAILS(ask(&h, "web.who", link_of(&h), home_now, &said), AR_DENIED, "session");
    T_OK(ask(&h, "web.enter", link_of(&h), home_now, &session));
    T_FAILS(ask(&h, "web.enter", session, home_now, &said), AR_DENIED, "link");
    T_FAILS(ask(&h, "web.enter", (ar_str){ 0 }, home_now, &said), AR_INVALID, "opened link");
    home_done(&h);
}

TEST(only_the_front_process_brings_a_token_and_without_one_it_is_nobody)
{
    home h;
    ar_str said;

    home_init(&h, &tables);
    T_OK(home_open(&h));

    ar_str link = link_of(&h);

    T_FAILS(ask_as(&h, false, "web.enter", link, home_now, &said), AR_DENIED, "front process");
    T_FAILS(ask_as(&h, true, "web.who", (ar_str){ 0 }, home_now, &said), AR_DENIED, "session");
    home_done(&h);
}

TEST(no_token_is_told)
{
    home h;
    ar_str session;

    home_init(&h, &tables);
    T_OK(home_open(&h));

    ar_str link = link_of(&h);

    T_OK(ask(&h, "web.enter", link, home_now, &session));
    T_INT(count_of(home_read(&h, "log/events.ndjson"), ar_arena_cstr(&h.arena, link)), 0);
    T_INT(count_of(home_read(&h, "log/events.ndjson"), ar_arena_cstr(&h.arena, session)), 0);
    home_done(&h);
}
