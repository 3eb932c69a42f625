#include "work/ticket.h"

#include "form/json.h"

/* ---- JSON ---- */

#define TEXTS(X) X(project) X(item) X(action) X(outcome) X(key) X(page) X(sent) X(problem)

void ar_ticket_print(const ar_ticket_news *news, ar_buf *out)
{
#define X(name)                                                                     \
    ar_buf_addf(out, "%s\"%s\":", out->ptr[out->len - 1] == '{' ? "" : ",", #name); \
    ar_json_text(out, news->name);
    ar_buf_addc(out, '{');
    TEXTS(X)
#undef X
    ar_buf_addf(out, ",\"level\":%lld,\"at\":%lld,\"unsure\":%s,\"keys\":[", (long long)news->level,
                (long long)news->at, news->unsure ? "true" : "false");
    for (size_t i = 0; i < news->n_keys; i++) {
        if (i > 0) ar_buf_addc(out, ',');
        ar_json_text(out, news->keys[i]);
    }
    ar_buf_addz(out, "]}");
}

static ar_err check(const ar_ticket_news *news)
{
    if (news->key.len > AR_TICKET_KEY_MAX || news->page.len > AR_TICKET_PAGE_MAX)
        return ar_fail(AR_LIMIT, "a key has %d bytes at most, a page %d", AR_TICKET_KEY_MAX,
                       AR_TICKET_PAGE_MAX);
    return ar_ok();
}

ar_err ar_ticket_parse(ar_str text, ar_arena *arena, ar_ticket_news *out_news)
{
    static const ar_str file = AR_LIT("answer");
    ar_ticket_news news = { 0 };
    const ar_node *keys = NULL;
    ar_node *root;

    AR_TRY(ar_json_parse(file, text, NULL, arena, &root));
#define X(name) AR_TRY(ar_node_text(file, root, #name, true, &news.name));
    TEXTS(X)
#undef X
    AR_TRY(ar_node_int(file, root, "level", true, &news.level));
    AR_TRY(ar_node_int(file, root, "at", true, &news.at));
    AR_TRY(ar_node_bool(file, root, "unsure", true, &news.unsure));
    AR_TRY(ar_node_list(file, root, "keys", true, &keys));

    ar_str *list = ar_make_n(arena, ar_str, keys->n + 1);

    for (size_t i = 0; i < keys->n; i++) list[i] = keys->items[i]->text;
    news.keys = list;
    news.n_keys = keys->n;
    AR_TRY(check(&news));
    *out_news = news;
    return ar_ok();
}

/* ---- into the estate ---- */

#define NEWS                                                                              \
    "(SELECT $1::VARCHAR AS project, $2::VARCHAR AS item, $3::TIMESTAMP AS at,"           \
    " $4::VARCHAR AS key, $5::VARCHAR AS page, $6::VARCHAR AS sent, $7::BIGINT AS level," \
    " $8::VARCHAR AS problem, $9::BOOLEAN AS unsure) n"                                   \
    " WHERE t.project = n.project AND t.item = n.item"
#define SET(what) "UPDATE ar.ticket t SET " what " FROM " NEWS

static const struct {
    const char *outcome, *action; /* action NULL: any */
    const char *sql;
} changes[] = {
    { "trying", NULL, SET("tried_at = n.at") },
    { "done", "create",
      SET("key = n.key, page = n.page, state = 'open', sent = n.sent, level = n.level,"
          " tried_at = NULL, opened_at = n.at, problem = NULL") },
    { "done", "update", SET("sent = n.sent, level = least(t.level, n.level), problem = NULL") },
    { "done", "escalate", SET("level = n.level, problem = NULL") },
    { "done", "reopen",
      SET("told = t.told + CAST(t.state = 'shut' AS BIGINT), state = 'open', sent = n.sent,"
          " level = n.level, opened_at = n.at, problem = NULL") },
    { "done", "close",
      SET("key = n.key, state = 'closed', round = t.round + 1, tried_at = NULL, problem = NULL") },
    { "failed", "create", SET("tried_at = CASE WHEN n.unsure THEN n.at END, problem = n.problem") },
    { "failed", NULL, SET("problem = n.problem") },
    { "gone", "close", "DELETE FROM ar.ticket t USING " NEWS },
    { "gone", NULL, SET("key = NULL, state = 'new', tried_at = NULL, problem = n.problem") },
};

static const char *change_of(const ar_ticket_news *news)
{
    for (size_t i = 0; i < AR_COUNT(changes); i++)
        if (ar_str_eq(news->outcome, ar_str_of(changes[i].outcome)) &&
            (changes[i].action == NULL || ar_str_eq(news->action, ar_str_of(changes[i].action))))
            return changes[i].sql;
    return NULL;
}

static ar_err enter_look(ar_ctx *ctx, const ar_ticket_news *news)
{
    ar_value look[] = { ar_text(news->project), ar_at(news->at) };

    for (size_t i = 0; i < news->n_keys; i++) {
        ar_value key[] = { look[0], ar_text(news->keys[i]) };

        AR_TRY(ar_engine_run(ctx->engine,
                             AR_LIT("UPDATE ar.ticket SET state = 'shut' WHERE project = $1"
                                    " AND key = $2 AND state = 'open'"),
                             key, AR_COUNT(key), NULL));
    }
    AR_TRY(ar_engine_run(ctx->engine, AR_LIT("DELETE FROM ar.project_look WHERE project = $1"),
                         look, 1, NULL));
    return ar_engine_run(ctx->engine, AR_LIT("INSERT INTO ar.project_look VALUES ($1, $2)"), look,
                         AR_COUNT(look), NULL);
}

static ar_err make(ar_ctx *ctx, const ar_ticket_news *news)
{
    ar_value args[] = { ar_text(news->project), ar_text(news->item) };

    return ar_engine_run(ctx->engine,
                         AR_LIT("INSERT INTO ar.ticket (project, item, state, level, round, told)"
                                " SELECT $1, $2, 'new', 0, 0, 0 WHERE NOT EXISTS"
                                " (SELECT 1 FROM ar.ticket WHERE project = $1 AND item = $2)"),
                         args, AR_COUNT(args), NULL);
}

ar_err ar_ticket_enter(ar_ctx *ctx, const ar_ticket_news *news)
{
    ar_str problem = ar_str_cut(news->problem, 0,
                                news->problem.len < AR_TICKET_PROBLEM_MAX ? news->problem.len
                                                                          : AR_TICKET_PROBLEM_MAX);
    ar_value args[] = {
        ar_text(news->project),     ar_text(news->item),         ar_at(news->at),
        ar_text_or_null(news->key), ar_text_or_null(news->page), ar_text_or_null(news->sent),
        ar_int(news->level),        ar_text_or_null(problem),    ar_bool(news->unsure)
    };
    const char *sql = change_of(news);

    if (ar_str_eq(news->action, AR_LIT("look"))) return enter_look(ctx, news);
    if (sql == NULL)
        return ar_fail(AR_INVALID, "'%.*s' of '%.*s' is nothing that became of an item",
                       AR_FMT(news->outcome), AR_FMT(news->action));
    AR_TRY(make(ctx, news));
    return ar_engine_run(ctx->engine, ar_str_of(sql), args, AR_COUNT(args), NULL);
}
