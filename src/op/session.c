#include "op/session.h"

#include "form/hash.h"
#include "op/reply.h"

#include <sys/random.h>

const ar_migration ar_session_migrations[] = {
    { 500, "links and sessions of the front process",
      "CREATE TABLE ar.session("
      " hash VARCHAR NOT NULL PRIMARY KEY, what UTINYINT NOT NULL, person VARCHAR NOT NULL,"
      " made_at TIMESTAMP NOT NULL, ends_at TIMESTAMP NOT NULL)" },
    { 0 },
};

static const char *const names[] = { "link", "session" };

ar_err ar_session_person(ar_engine *engine, enum ar_token what, ar_str token, ar_time now,
                         ar_arena *arena, ar_str *out_person)
{
    ar_value args[] = { ar_text(ar_sha256(token, arena)), ar_int(what), ar_at(now) };
    ar_value person;

    AR_TRY(ar_engine_value(engine,
                           AR_LIT("SELECT max(person) FROM ar.session"
                                  " WHERE hash = $1 AND what = $2 AND ends_at > $3"),
                           args, AR_COUNT(args), arena, &person));
    if (person.type == AR_NULL)
        return ar_fail(AR_DENIED, "this %s is not, or no longer, good; `aright web link` makes one",
                       names[what]);
    *out_person = person.s;
    return ar_ok();
}

static ar_err make(ar_ctx *ctx, enum ar_token what, ar_time ends, ar_str *out_token)
{
    unsigned char bytes[AR_TOKEN_LEN / 2];
    char token[AR_TOKEN_LEN + 1];

    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) return ar_fail_errno("getrandom");
    ar_hex(bytes, sizeof bytes, token);
    *out_token = ar_arena_copy(ctx->arena, ar_str_of(token));

    ar_value row[] = { ar_text(ar_sha256(*out_token, ctx->arena)), ar_int(what),
                       ar_text(ctx->who->name), ar_at(ctx->now), ar_at(ends) };

    return ar_engine_run(ctx->engine, AR_LIT("INSERT INTO ar.session VALUES ($1, $2, $3, $4, $5)"),
                         row, AR_COUNT(row), NULL);
}

/* What is used up, and what has ended, goes. */
static ar_err forget(ar_ctx *ctx)
{
    ar_value args[] = { ar_text(ar_sha256(ctx->token, ctx->arena)), ar_at(ctx->now) };

    return ar_engine_run(ctx->engine,
                         AR_LIT("DELETE FROM ar.session WHERE hash = $1 OR ends_at <= $2"), args,
                         AR_COUNT(args), NULL);
}

/* ---- operations ---- */

static const ar_column link_columns[] = {
    { "link", AR_TEXT, 0, "opens the pages for you, once" },
    { "until", AR_TIME, 0, "when it ends unopened" },
    { 0 },
};

static ar_err run_link(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_time ends = ctx->now + AR_LINK_MINUTES * AR_MINUTE;
    ar_str token, listen = ctx->place->config.web_listen;

    (void)args;
    if (ctx->token.len > 0)
        return ar_fail(AR_DENIED,
                       "a session makes no links; `aright web link` on this machine does");
    if (listen.len == 0)
        return ar_fail(AR_UNAVAILABLE, "web_listen in aright.yaml is empty: there are no pages");
    AR_TRY(make(ctx, AR_TOKEN_LINK, ends, &token));

    ar_str link =
        ar_arena_printf(ctx->arena, "http://%.*s/enter?link=%.*s", AR_FMT(listen), AR_FMT(token));

    return ar_reply_row(reply, (ar_value[]){ ar_text(link), ar_at(ends) }, 2);
}

static const ar_column enter_columns[] = {
    { "session", AR_TEXT, 0, "its token" },
    { "person", AR_TEXT, 0, "whom it acts for" },
    { "until", AR_TIME, 0, "when it ends" },
    { 0 },
};

static ar_err run_enter(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_time ends = ctx->now + AR_SESSION_HOURS * AR_HOUR;
    ar_str token;

    (void)args;
    if (ctx->token.len == 0) return ar_fail(AR_INVALID, "only an opened link enters");
    AR_TRY(forget(ctx));
    AR_TRY(make(ctx, AR_TOKEN_SESSION, ends, &token));
    return ar_reply_row(reply, (ar_value[]){ ar_text(token), ar_text(ctx->who->name), ar_at(ends) },
                        3);
}

static ar_err run_leave(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    (void)args, (void)reply;
    return forget(ctx);
}

static const ar_column who_columns[] = {
    { "person", AR_TEXT, 0, "who you are" },
    { "grant", AR_TEXT, 0, "what you may" },
    { 0 },
};

static ar_err run_who(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    (void)args;
    for (size_t i = 0; i < ctx->who->n_grants; i++)
        AR_TRY(ar_reply_row(
            reply, (ar_value[]){ ar_text(ctx->who->name), ar_text(ctx->who->grants[i]) }, 2));
    return ar_ok();
}

const ar_op ar_session_ops[] = {
    { .name = "web.link",
      .help = "make a link that opens the pages for you, once",
      .more = "Whoever opens it within five minutes is you for twelve hours, with your grants. "
              "`aright serve` serves the pages, to this machine only.",
      .shape = AR_SHAPE_RECORD,
      .effect = AR_CHANGES,
      .apart = true,
      .grant = "web.use",
      .event = "web.linked",
      .columns = link_columns,
      .run = run_link },
    { .name = "web.enter",
      .help = "turn an opened link into a session; the front process asks it",
      .inner = true,
      .enters = true,
      .effect = AR_CHANGES,
      .apart = true,
      .grant = "web.use",
      .event = "web.entered",
      .columns = enter_columns,
      .run = run_enter },
    { .name = "web.leave",
      .help = "end the session that asks",
      .inner = true,
      .effect = AR_CHANGES,
      .apart = true,
      .grant = "web.use",
      .event = "web.left",
      .run = run_leave },
    { .name = "web.who",
      .help = "tell who you are here, and what you may",
      .of_who = true,
      .grant = "web.use",
      .columns = who_columns,
      .run = run_who },
    { 0 },
};
