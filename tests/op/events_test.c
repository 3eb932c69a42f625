#include "op/events.h"

#include "op/reply.h"
#include "op_home.h"

static ar_err ring(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    (void)reply;
    ar_audit_add(ctx, "bell", ar_text(ar_arg_text(args, "bell")));
    ar_audit_add(ctx, "times", ar_int(3));
    return ar_str_eq(ar_arg_text(args, "bell"), AR_LIT("door/broken"))
               ? ar_fail(AR_UNAVAILABLE, "it is broken")
               : ar_ok();
}

static const ar_param params[] = { { "bell", AR_PARAM_TEXT, 0, "which", NULL }, { 0 } };
static const ar_op bell_ops[] = {
    { .name = "ring",
      .effect = AR_CHANGES,
      .grant = "bell.ring",
      .event = "bell.rung",
      .params = params,
      .run = ring },
    { 0 },
};
static const ar_op *const all_ops[] = { bell_ops, ar_event_ops, NULL };
static const ar_migration *const migrations[] = { ar_core_migrations, NULL };
static ar_opened_fn *const opened[] = { NULL };
static const ar_tables tables = {
    .version = "test", .ops = all_ops, .migrations = migrations, .opened = opened
};

/* The rows of an operation, but for the one that names columns; or a failure. */
static ar_err ask(home *h, const char *op, const char *name, const char *text, const char *limit,
                  ar_str *out_rows)
{
    ar_args args = { .op = ar_tables_find(&tables, ar_str_of(op)), .arena = &h->arena };
    ar_request request = {
        .args = &args, .now = home_now, .asof = home_now, .uid = (int64_t)getuid()
    };
    kept k = { 0 };
    ar_sink sink = kept_sink(&k);

    if (name != NULL)
        T_OK(ar_args_add(&args, ar_param_find(args.op, ar_str_of(name)), ar_str_of(text), -1,
                         home_now));
    if (limit != NULL)
        T_OK(ar_args_add(&args, ar_param_find(args.op, AR_LIT("limit")), ar_str_of(limit), -1,
                         home_now));

    ar_err err = ar_core_run(h->core, &request, &h->arena, &sink);
    ar_str all = ar_arena_copy(&h->arena, ar_buf_str(&k.text)), head;

    (void)ar_str_split(&all, '\n', &head);
    *out_rows = all;
    kept_done(&k);
    return err;
}

static void ring_all(home *h)
{
    ar_str said;

    home_init(h, &tables);
    T_OK(home_open(h));
    T_OK(ask(h, "ring", "bell", "front", NULL, &said));
    T_OK(ask(h, "ring", "bell", "house/front", NULL, &said));
    T_FAILS(ask(h, "ring", "bell", "door/broken", NULL, &said), AR_UNAVAILABLE, "broken");
}

static size_t count(home *h, const char *name, const char *text, const char *limit)
{
    ar_str rows = { 0 };

    T_OK(ask(h, "event.list", name, text, limit, &rows));
    return count_of(rows, "bell.rung");
}

TEST(the_latest_event_comes_first_and_says_what_was_asked_once_and_what_came_of_it)
{
    home h;
    ar_str rows, line;

    ring_all(&h);
    T_OK(ask(&h, "event.list", NULL, NULL, NULL, &rows));
    T_TRUE(ar_str_split(&rows, '\n', &line));
    T_TRUE(ar_str_contains(
        line, AR_LIT("|bell.rung|failed|bell door/broken; times 3; problem it is broken|1.3|")));
    T_TRUE(ar_str_split(&rows, '\n', &line));
    T_TRUE(ar_str_contains(line, AR_LIT("|ok|bell house/front; times 3|1.2|ring|")));
    home_done(&h);
}

TEST(events_are_found_by_what_they_name_by_their_kind_and_by_how_they_ended)
{
    static const struct {
        const char *param, *text;
        size_t n;
    } asked[] = {
        { "about", "front", 2 },       { "about", "house/front", 1 }, { "about", "ront", 0 },
        { "about", "house", 0 },       { "event", "bell.", 3 },       { "event", "bell.rung", 3 },
        { "event", "bell", 0 },        { "outcome", "failed", 1 },    { "outcome", "denied", 0 },
        { "since", "2026-11-22", 0 },  { "since", "2026-11-21", 3 },  { "until", "2026-11-21", 0 },
        { "who", "person:nobody", 0 },
    };
    home h;

    ring_all(&h);
    for (size_t i = 0; i < AR_COUNT(asked); i++)
        T_INT(count(&h, asked[i].param, asked[i].text, NULL), asked[i].n);
    home_done(&h);
}

TEST(a_list_that_was_cut_goes_on_at_a_place_of_the_log_and_nowhere_else)
{
    home h;
    ar_str log, rows;

    ring_all(&h);
    log = home_read(&h, "log/events.ndjson");

    size_t first = ar_str_find(log, '\n') + 1;
    char place[32];

    (void)snprintf(place, sizeof place, "%zu", first);
    T_INT(count(&h, "after", place, NULL), 1);
    T_INT(count(&h, NULL, NULL, "2"), 2);
    T_FAILS(ask(&h, "event.list", "after", "7", NULL, &rows), AR_INVALID, "no place in the log");
    T_FAILS(ask(&h, "event.list", "after", "99999999", NULL, &rows), AR_INVALID, "no place");
    T_FAILS(ask(&h, "event.list", NULL, NULL, "0", &rows), AR_LIMIT, "want 1 to");
    home_done(&h);
}

TEST(a_line_that_is_no_event_hides_none_of_the_others)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"core\":\"x\",\"epoch\":1,\"seq\":1}",
        "{\"epoch\":1,\"seq\":1,\"at\":\"never\",\"who\":\"a\",\"uid\":0,\"op\":\"b\",\"event\":"
        "\"c\",\"outcome\":\"ok\",\"detail\":{}}",
        "{\"epoch\":1,\"seq\":1,\"at\":\"2026-11-21\",\"who\":\"a\",\"uid\":0,\"op\":\"b\","
        "\"event\":\"c\",\"outcome\":\"ok\",\"detail\":[]}",
    };
    ar_auto(ar_arena) arena = { 0 };
    ar_event_line line;
    home h;

    for (size_t i = 0; i < AR_COUNT(bad); i++)
        T_TRUE(ar_event_read(ar_str_of(bad[i]), &arena, &line).code != AR_OK);
    ring_all(&h);
    T_OK(ar_fd_write_all(ar_fd_n(h.core->outbox.log), AR_LIT("no event\n{\"half\":")));
    T_INT(count(&h, NULL, NULL, NULL), 3);
    home_done(&h);
}
