#include "work/task.h"

#include "form/hash.h"
#include "form/json.h"
#include "form/markdown.h"
#include "work/body.h"
#include "work/ticket.h"

enum {
    MARKER_DIGITS = 20, /* of a SHA-256: 80 bits */
    NAMED_MAX = 10,     /* findings in a comment */
    LOOK_BACK_MINUTES = 10,
    BODY_BYTES_MAX = 24 * 1024, /* Jira takes 32,767 characters */
};

typedef struct ticket {
    ar_str project, item, key, state, sent;
    int64_t level, round, told;
    ar_value tried_at, opened_at;
    bool open; /* its item is, and this project serves it */
} ticket;

typedef struct planner {
    ar_ctx *ctx;
    const ar_task_query *q;
    ar_task_fn *see;
    void *self;
    ticket *tickets;
    size_t n_tickets;
    ar_map by_name; /* "PROJECT\nITEM" -> ticket */
    ar_map parents; /* owner -> ar_str * */
    ar_map served;  /* items that are open */
    ar_rows *members;
    bool has_member;
} planner;

/* ---- what is known ---- */

static ar_str text_at(const planner *p, ar_rows *rows, size_t i)
{
    ar_value value = ar_rows_get(rows, i);

    return value.type == AR_TEXT ? ar_arena_copy(p->ctx->arena, value.s) : (ar_str){ 0 };
}

static ar_str name_of(ar_str project, ar_str item, ar_arena *arena)
{
    return ar_arena_printf(arena, "%.*s\n%.*s", AR_FMT(project), AR_FMT(item));
}

static ar_err load_tickets(planner *p)
{
    ar_arena *arena = p->ctx->arena;
    ar_own(ar_rows) rows = NULL;
    size_t cap = 0;
    bool is_new;

    AR_TRY(ar_engine_query(p->ctx->engine,
                           AR_LIT("SELECT project, item, key, state, sent, level, round, told,"
                                  " tried_at, opened_at FROM ar.ticket ORDER BY project, item"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        ar_grow(arena, p->tickets, p->n_tickets, cap);
        p->tickets[p->n_tickets++] = (ticket){ .project = text_at(p, rows, 0),
                                               .item = text_at(p, rows, 1),
                                               .key = text_at(p, rows, 2),
                                               .state = text_at(p, rows, 3),
                                               .sent = text_at(p, rows, 4),
                                               .level = ar_rows_get(rows, 5).i,
                                               .round = ar_rows_get(rows, 6).i,
                                               .told = ar_rows_get(rows, 7).i,
                                               .tried_at = ar_rows_get(rows, 8),
                                               .opened_at = ar_rows_get(rows, 9) };
    }
    for (size_t i = 0; i < p->n_tickets; i++) {
        ticket *t = &p->tickets[i];

        ar_map_put(&p->by_name, arena, name_of(t->project, t->item, arena), &is_new)->ptr = t;
    }
    return ar_ok();
}

static ar_err load_parents(planner *p)
{
    ar_own(ar_rows) rows = NULL;
    bool is_new;

    AR_TRY(ar_engine_query(p->ctx->engine,
                           AR_LIT("SELECT id, parent FROM ar.owner WHERE parent IS NOT NULL"), NULL,
                           0, &rows));
    while (ar_rows_next(rows)) {
        ar_str *parent = ar_make(p->ctx->arena, ar_str);

        *parent = text_at(p, rows, 1);
        ar_map_put(&p->parents, p->ctx->arena, text_at(p, rows, 0), &is_new)->ptr = parent;
    }
    return ar_ok();
}

static bool is_asked_for(const planner *p, const ar_project *project)
{
    return (p->q->project.len == 0 || ar_str_eq(p->q->project, project->name)) &&
           (p->q->tracker.len == 0 || ar_str_eq(p->q->tracker, project->tracker));
}

/* ---- one item ---- */

/* Columns behind AR_WORK_HEAD. */
enum { ITEM = AR_WORK_HEAD_N, OWNER, DOMAIN, RANK, LEVEL, WHOSE, OVERDUE, ROW_N };

typedef struct item {
    const ar_value *row;
    const ar_project *project;
    const ticket *ticket; /* or NULL */
    ar_arena *arena;
    ar_str marker, title, body, named; /* named: the first findings */
    ar_str note, comment;
} item;

static ar_str text_of(ar_value value)
{
    return value.type == AR_TEXT ? value.s : (ar_str){ 0 };
}

static ar_str marker_of(ar_str project, ar_str name, ar_arena *arena)
{
    ar_str hash = ar_sha256(name_of(project, name, arena), arena);

    return ar_arena_printf(arena, "aright-%.*s", MARKER_DIGITS, hash.ptr);
}

/* Reads the members on to those of this item; both come in the order of items. */
static ar_err add_members(planner *p, ar_str name, ar_buf *body, ar_buf *named, int64_t *out_n)
{
    int64_t n = 0;

    for (;; p->has_member = ar_rows_next(p->members)) {
        ar_value member[AR_WORK_LINE_N];
        int order;

        if (!p->has_member) break;
        order = ar_str_cmp(ar_rows_get(p->members, 0).s, name);
        if (order > 0) break;
        if (order < 0 || body->len > BODY_BYTES_MAX) continue;
        for (size_t i = 0; i < AR_WORK_LINE_N; i++) member[i] = ar_rows_get(p->members, i + 1);
        ar_work_add_member(body, member);
        if (n < NAMED_MAX) ar_work_add_member(named, member);
        n++;
    }
    *out_n = n;
    return ar_ok();
}

static ar_err write_item(planner *p, item *it)
{
    ar_auto(ar_buf) title = { 0 }, body = { 0 }, named = { 0 };
    ar_str owner = text_of(it->row[OWNER]);
    int64_t n = 0;

    ar_buf_addf(&title, "%.*s: %.*s (%.*s)", AR_FMT(it->row[AR_WORK_STANDARD].s),
                AR_FMT(it->row[AR_WORK_TITLE].s),
                AR_FMT(owner.len > 0 ? owner : AR_LIT("nobody's")));
    AR_TRY(ar_work_add_head(p->ctx->engine, p->q->standards, it->row, it->row[ITEM].s, p->ctx->asof,
                            it->arena, &body));
    ar_buf_addz(&named, "\n\n| asset | name | state | since | due |\n|---|---|---|---|---|\n");
    AR_TRY(add_members(p, it->row[ITEM].s, &body, &named, &n));
    ar_work_add_rest(&body, it->row[ITEM].s, it->row[AR_WORK_OPEN].i - n);
    ar_buf_addf(&body,
                "\nThis text is kept by aright (`%.*s`) and written anew as things change."
                " Talk in comments.\n",
                AR_FMT(it->marker));
    it->title = ar_arena_copy(it->arena, ar_buf_str(&title));
    it->body = ar_arena_copy(it->arena, ar_buf_str(&body));
    it->named = ar_arena_copy(it->arena, ar_buf_str(&named));
    return ar_ok();
}

static void add_field(ar_buf *out, const char *name, ar_str text)
{
    if (text.len == 0) return;
    ar_buf_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    ar_json_text(out, text);
}

static ar_str fields_of(const item *it)
{
    ar_auto(ar_buf) out = { 0 };
    char day[AR_TIME_LEN] = "";

    if (it->row[AR_WORK_DUE].type == AR_TIME) (void)ar_time_print(it->row[AR_WORK_DUE].i, day);
    day[10] = '\0';
    ar_buf_addc(&out, '{');
    add_field(&out, "item", it->row[ITEM].s);
    add_field(&out, "marker", it->marker);
    add_field(&out, "standard", it->row[AR_WORK_STANDARD].s);
    add_field(&out, "owner", text_of(it->row[OWNER]));
    add_field(&out, "title", it->title);
    add_field(&out, "body", it->body);
    add_field(&out, "due", ar_str_of(day));
    add_field(&out, "rank", ar_arena_printf(it->arena, "%lld", (long long)it->row[RANK].i));
    add_field(&out, "assignee", ar_project_person(it->project, text_of(it->row[WHOSE])));
    add_field(&out, "note", it->note);
    add_field(&out, "comment", it->comment);
    ar_buf_addc(&out, '}');
    return ar_arena_copy(it->arena, ar_buf_str(&out));
}

/* The comment, and what it is known by: `kind` and numbers that are another the next time. */
static void say(item *it, const char *kind, int64_t n, int64_t m, ar_str text)
{
    it->note = ar_arena_printf(it->arena, "%.*s-%s%lld.%lld", AR_FMT(it->marker), kind,
                               (long long)n, (long long)m);
    it->comment = ar_arena_printf(it->arena, "%.*s\n\n`%.*s`\n", AR_FMT(text), AR_FMT(it->note));
}

static ar_err emit(planner *p, const item *it, const char *action, bool waits)
{
    ar_task task = { .project = it->project->name,
                     .item = it->row[ITEM].s,
                     .action = ar_str_of(action),
                     .fields = fields_of(it),
                     .sent = ar_sha256(ar_arena_printf(it->arena, "%.*s\n%.*s", AR_FMT(it->title),
                                                       AR_FMT(it->body)),
                                       it->arena),
                     .level = it->row[LEVEL].i,
                     .waits = waits };

    if (it->ticket != NULL) task.key = it->ticket->key;
    return p->see(p->self, &task);
}

static void say_escalation(item *it, int64_t round)
{
    static const char *const risen[] = { "", "who is above its owner",
                                         "as Deputy CISO of its domain" };
    int64_t level = it->row[LEVEL].i;
    ar_auto(ar_buf) whose = { 0 };
    ar_auto(ar_buf) late = { 0 };

    ar_markdown_text(&whose, text_of(it->row[WHOSE]));
    if (it->row[OVERDUE].type == AR_INT)
        ar_buf_addf(&late, "%lld days overdue. ", (long long)it->row[OVERDUE].i);
    else
        ar_buf_addz(&late, "Nobody is known to own it. ");
    say(it, "l", round, level,
        ar_arena_printf(it->arena, "%sIt is with %.*s now, %s.", late.ptr,
                        AR_FMT(ar_buf_str(&whose)), risen[level >= 0 && level <= 2 ? level : 0]));
}

static bool may_not_be_found(const planner *p, const item *it)
{
    const ar_tracker *tracker = NULL;

    if (it->ticket == NULL || it->ticket->tried_at.type == AR_NULL ||
        ar_trackers_find(p->q->trackers, it->project->tracker, &tracker).code != AR_OK)
        return false;
    return p->ctx->now < it->ticket->tried_at.i + tracker->settle;
}

static ar_err emit_create(planner *p, item *it)
{
    int64_t round = it->ticket == NULL ? 0 : it->ticket->round;

    if (it->row[LEVEL].i > 0) say_escalation(it, round);
    return emit(p, it, "create", may_not_be_found(p, it));
}

static ar_err emit_reopen(planner *p, item *it, bool shut)
{
    long long n = (long long)it->row[AR_WORK_OPEN].i;

    if (shut)
        say(it, "s", it->ticket->round, it->ticket->told,
            ar_arena_printf(it->arena,
                            "It was closed here, and %lld of it %s still not right. It closes by "
                            "itself once evidence shows that they are.%.*s",
                            n, n == 1 ? "is" : "are", AR_FMT(it->named)));
    else
        say(it, "o", it->ticket->round, 0,
            ar_arena_printf(it->arena, "Open again: %lld of it %s not right.%.*s", n,
                            n == 1 ? "is" : "are", AR_FMT(it->named)));
    return emit(p, it, "reopen", false);
}

static ar_err decide(planner *p, item *it)
{
    const ticket *t = it->ticket;
    ar_str sent;

    if (t == NULL || ar_str_eq(t->state, AR_LIT(AR_TICKET_NEW))) return emit_create(p, it);
    if (ar_str_eq(t->state, AR_LIT(AR_TICKET_CLOSED))) return emit_reopen(p, it, false);
    if (ar_str_eq(t->state, AR_LIT(AR_TICKET_SHUT))) return emit_reopen(p, it, true);
    sent = ar_sha256(ar_arena_printf(it->arena, "%.*s\n%.*s", AR_FMT(it->title), AR_FMT(it->body)),
                     it->arena);
    if (!ar_str_eq(sent, t->sent)) AR_TRY(emit(p, it, "update", false));
    if (it->row[LEVEL].i <= t->level) return ar_ok();
    say_escalation(it, t->round);
    return emit(p, it, "escalate", false);
}

static ar_err plan_item(planner *p, const ar_value *row)
{
    ar_auto(ar_arena) arena = { 0 };
    item it = { .row = row, .arena = &arena };
    ar_map_value *known;
    bool is_new;

    ar_map_put(&p->served, p->ctx->arena, ar_arena_copy(p->ctx->arena, row[ITEM].s), &is_new);
    it.project =
        ar_projects_serve(p->q->projects, &p->parents, text_of(row[OWNER]), text_of(row[DOMAIN]));
    if (it.project == NULL || !is_asked_for(p, it.project)) return ar_ok();
    known = ar_map_get(&p->by_name, name_of(it.project->name, row[ITEM].s, &arena));
    if (known != NULL) {
        ((ticket *)known->ptr)->open = true;
        it.ticket = known->ptr;
    }
    it.marker = marker_of(it.project->name, row[ITEM].s, &arena);
    AR_TRY(write_item(p, &it));
    return decide(p, &it);
}

static ar_err plan_items(planner *p)
{
    ar_value asof = ar_at(p->ctx->asof), args[] = { asof, ar_int(AR_WORK_SHOWN) };
    ar_own(ar_rows) rows = NULL;
    ar_own(ar_rows) members = NULL;
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql,
                "SELECT " AR_WORK_HEAD ", item, owner, domain, rank, level, whose, overdue_days"
                " FROM %s i ORDER BY item",
                ar_work_items);
    AR_TRY(ar_engine_query(p->ctx->engine, ar_buf_str(&sql), &asof, 1, &rows));
    AR_TRY(ar_engine_query(p->ctx->engine, ar_str_of(ar_work_all_members), args, AR_COUNT(args),
                           &members));
    p->members = members;
    p->has_member = ar_rows_next(members);
    while (ar_rows_next(rows)) {
        ar_value row[ROW_N];

        for (size_t i = 0; i < ROW_N; i++) row[i] = ar_rows_get(rows, i);
        AR_TRY(plan_item(p, row));
    }
    return ar_ok();
}

/* ---- what is open there and not here ---- */

/* How the findings of an item closed since it is open there: "3 fixed, 1 deleted". */
static ar_err add_reasons(planner *p, const ticket *t, const ar_work_id *id, ar_buf *out)
{
    ar_value args[] = { ar_text(id->standard), ar_text(id->owner), t->opened_at };
    ar_own(ar_rows) rows = NULL;
    const char *before = "";

    AR_TRY(ar_engine_query(p->ctx->engine,
                           AR_LIT("SELECT reason, count(*) FROM ar.finding WHERE standard_id = $1"
                                  " AND coalesce(owner_id, '-') = $2 AND closed_at IS NOT NULL"
                                  " AND closed_at >= coalesce($3, closed_at)"
                                  " GROUP BY reason ORDER BY reason"),
                           args, AR_COUNT(args), &rows));
    for (; ar_rows_next(rows); before = ", ")
        ar_buf_addf(out, "%s%lld %.*s", before, (long long)ar_rows_get(rows, 1).i,
                    AR_FMT(ar_rows_get(rows, 0).s));
    return ar_ok();
}

static ar_err plan_close(planner *p, const ticket *t, const ar_project *project)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) reasons = { 0 };
    ar_value row[ROW_N] = { [ITEM] = ar_text(t->item) };
    item it = { .row = row, .project = project, .ticket = t, .arena = &arena };
    ar_work_id id;

    AR_TRY(ar_work_id_parse(t->item, &id));
    row[AR_WORK_STANDARD] = ar_text(id.standard);
    row[OWNER] = ar_text(id.owner);
    it.marker = marker_of(project->name, t->item, &arena);
    AR_TRY(add_reasons(p, t, &id, &reasons));
    if (ar_map_get(&p->served, t->item) != NULL)
        say(&it, "c", t->round, 0, AR_LIT("It is followed elsewhere now."));
    else
        say(&it, "c", t->round, 0,
            ar_arena_printf(&arena, "Nothing of it is open any more%s%.*s.",
                            reasons.len > 0 ? ": " : "", AR_FMT(ar_buf_str(&reasons))));
    return emit(p, &it, "close", may_not_be_found(p, &it));
}

static ar_err plan_closings(planner *p)
{
    for (size_t i = 0; i < p->n_tickets; i++) {
        const ticket *t = &p->tickets[i];
        const ar_project *project;
        bool never_made = ar_str_eq(t->state, AR_LIT(AR_TICKET_NEW)) && t->tried_at.type == AR_NULL;

        if (t->open || never_made || ar_str_eq(t->state, AR_LIT(AR_TICKET_CLOSED))) continue;
        if (ar_projects_find(p->q->projects, t->project, &project).code != AR_OK) continue;
        if (is_asked_for(p, project)) AR_TRY(plan_close(p, t, project));
    }
    return ar_ok();
}

/* ---- where to look what was closed ---- */

static ar_err see_look(planner *p, const ar_project *project, ar_time since)
{
    ar_arena *arena = p->ctx->arena;
    int64_t minutes = (p->ctx->now - since) / AR_MINUTE + 1;
    char text[AR_TIME_LEN];

    (void)ar_time_print(ar_time_to_second(since), text);

    ar_task task = { .project = project->name,
                     .action = AR_LIT("look"),
                     .fields =
                         ar_arena_printf(arena, "{\"since\":\"%s\",\"since_minutes\":\"%lld\"}",
                                         text, (long long)(minutes < 1 ? 1 : minutes)) };

    return p->see(p->self, &task);
}

static ar_err plan_looks(planner *p)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(
        p->ctx->engine,
        AR_LIT("SELECT t.project, coalesce(any_value(l.looked_at), min(t.opened_at))"
               " FROM ar.ticket t LEFT JOIN ar.project_look l ON l.project = t.project"
               " WHERE t.state = 'open' GROUP BY t.project ORDER BY t.project"),
        NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        const ar_project *project;
        ar_value since = ar_rows_get(rows, 1);

        if (ar_projects_find(p->q->projects, ar_rows_get(rows, 0).s, &project).code != AR_OK ||
            !is_asked_for(p, project) || since.type == AR_NULL)
            continue;
        AR_TRY(see_look(p, project, since.i - LOOK_BACK_MINUTES * AR_MINUTE));
    }
    return ar_ok();
}

ar_err ar_tasks(ar_ctx *ctx, const ar_task_query *query, ar_task_fn *see, void *self)
{
    planner p = { .ctx = ctx, .q = query, .see = see, .self = self };

    if (query->looks) return plan_looks(&p);
    AR_TRY(load_tickets(&p));
    AR_TRY(load_parents(&p));
    AR_TRY(plan_items(&p));
    return plan_closings(&p);
}
