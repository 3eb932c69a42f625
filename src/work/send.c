#include "work/send.h"

#include "fetch/page.h"
#include "form/json.h"
#include "work/rich.h"

enum {
    PAGES_MAX = 20,  /* of one list */
    FIELDS_MAX = 40, /* of an item, with the settings */
};

/* One task under way. */
typedef struct run {
    const ar_sender *sender;
    const ar_task *task;
    ar_arena *arena;
    ar_field fields[FIELDS_MAX];
    size_t n;
    ar_str key;
    bool made;   /* just now */
    bool unsure; /* the last request may have been done though no answer says so */
    bool gone;   /* there is no such item there */
} run;

/* ---- fields ---- */

static void set(run *r, const char *name, ar_str text, bool json)
{
    ar_field field = { .name = ar_str_of(name), .text = text, .json = json };

    for (size_t i = 0; i < r->n; i++)
        if (ar_str_eq(r->fields[i].name, field.name)) {
            r->fields[i] = field;
            return;
        }
    if (r->n < FIELDS_MAX) r->fields[r->n++] = field;
}

static ar_str get(const run *r, const char *name)
{
    for (size_t i = 0; i < r->n; i++)
        if (ar_str_eq(r->fields[i].name, ar_str_of(name))) return r->fields[i].text;
    return (ar_str){ 0 };
}

static void set_rich(run *r, const char *name, ar_str markdown)
{
    switch (r->sender->tracker->text) {
    case AR_TRACKER_MARKDOWN: set(r, name, markdown, false); return;
    case AR_TRACKER_HTML: set(r, name, ar_rich_html(markdown, r->arena), false); return;
    case AR_TRACKER_ADF: set(r, name, ar_rich_adf(markdown, r->arena), true); return;
    }
}

static ar_err begin(run *r)
{
    static const char *const absent[] = { "owner", "due",   "assignee", "rank",         "comment",
                                          "body",  "title", "since",    "since_minutes" };
    const ar_tracker *tracker = r->sender->tracker;
    ar_node *map;

    AR_TRY(ar_json_parse(AR_LIT("fields"), r->task->fields, NULL, r->arena, &map));
    for (size_t i = 0; i < AR_COUNT(absent); i++) set(r, absent[i], (ar_str){ 0 }, false);
    for (size_t i = 0; i < tracker->n_settings; i++)
        set(r, ar_arena_cstr(r->arena, r->sender->settings[i].name), r->sender->settings[i].value,
            false);
    for (size_t i = 0; i < map->n; i++) {
        const char *name = ar_arena_cstr(r->arena, map->pairs[i].key);
        ar_str text = map->pairs[i].value->text;

        if (strcmp(name, "body") == 0 || strcmp(name, "comment") == 0)
            set_rich(r, name, text);
        else
            set(r, name, text, strcmp(name, "rank") == 0);
    }
    return ar_ok();
}

static void know_key(run *r, ar_str key)
{
    r->key = key;
    set(r, "key", key, false);
}

/* Where people see it; empty where the tracker does not say. */
static ar_str page_of(const run *r)
{
    ar_fields fields = { r->fields, r->n };
    ar_str page = { 0 };

    if (r->key.len == 0) return page;

    ar_err err = ar_recipe_text(r->sender->tracker->page, &fields, r->arena, &page);

    return err.code == AR_OK && page.len <= AR_TICKET_PAGE_MAX ? page : (ar_str){ 0 };
}

/* ---- one request ---- */

static bool is_once(enum ar_tracker_step step)
{
    return step == AR_TRACKER_CREATE || step == AR_TRACKER_COMMENT;
}

static ar_err fill(run *r, enum ar_tracker_step step, int page, ar_call *out_call)
{
    ar_fields fields;

    set(r, "page", ar_arena_printf(r->arena, "%d", page), false);
    fields = (ar_fields){ r->fields, r->n };
    AR_TRY_WITH(
        ar_recipe_fill(&r->sender->tracker->steps[step].request, &fields, r->arena, out_call),
        "%.*s: %s", AR_FMT(r->sender->tracker->file), ar_tracker_step_names[step]);
    out_call->repeatable = !is_once(step);
    return ar_ok();
}

/* An answer of 200 to 299 that is JSON, or has no body where none is needed. */
static ar_err ask(run *r, enum ar_tracker_step step, int page, const ar_node **out_root)
{
    const ar_tracker_request *q = &r->sender->tracker->steps[step];
    ar_call_answer answer;
    ar_node *root = NULL;
    ar_call call;

    AR_TRY(fill(r, step, page, &call));
    r->unsure = is_once(step); /* until an answer says otherwise */
    AR_TRY(ar_caller_ask(r->sender->caller, &call, r->arena, &answer));
    r->unsure = is_once(step) && answer.done;
    r->gone = r->key.len > 0 && (answer.status == 404 || answer.status == 410);
    if (answer.code != AR_OK)
        return ar_fail(answer.code, "%s: %.*s", ar_tracker_step_names[step],
                       AR_FMT(answer.problem));
    if (answer.body.len == 0 && !q->tells) return *out_root = NULL, ar_ok();
    AR_TRY_WITH(ar_call_json(&answer, r->arena, &root), "%s: %.*s", ar_tracker_step_names[step],
                AR_FMT(call.url));
    *out_root = root;
    return ar_ok();
}

static ar_str scalar_at(const ar_node *root, ar_str path)
{
    const ar_node *node = root == NULL || path.len == 0 ? NULL : ar_page_at(root, path);
    bool scalar = node != NULL && (node->kind == AR_NODE_TEXT || node->kind == AR_NODE_INT);

    return scalar && node->text.len <= AR_TICKET_KEY_MAX ? node->text : (ar_str){ 0 };
}

/* What is asked for by key must be what is answered for. */
static ar_err check_key(const run *r, enum ar_tracker_step step, const ar_node *root)
{
    ar_str path = r->sender->tracker->steps[step].key, key = scalar_at(root, path);

    if (path.len == 0 || ar_str_eq(key, r->key)) return ar_ok();
    return ar_fail(AR_INVALID, "%s: the answer is of '%.*s' (want '%.*s' at '%.*s')",
                   ar_tracker_step_names[step], AR_FMT(key), AR_FMT(r->key), AR_FMT(path));
}

static ar_err do_step(run *r, enum ar_tracker_step step)
{
    const ar_node *root;

    AR_TRY(ask(r, step, 1, &root));
    return check_key(r, step, root);
}

/* ---- lists ---- */

static ar_err list_of(const run *r, enum ar_tracker_step step, const ar_node *root,
                      const ar_node **out_list)
{
    ar_str path = r->sender->tracker->steps[step].items;
    const ar_node *list = path.len == 0 ? root : ar_page_at(root, path);

    if (list != NULL && list->kind == AR_NODE_LIST) return *out_list = list, ar_ok();
    return ar_fail(AR_INVALID, "%s: the answer has no list%s%.*s", ar_tracker_step_names[step],
                   path.len > 0 ? " at " : "", AR_FMT(path));
}

static bool holds(const ar_node *node, ar_str part)
{
    if (node->kind == AR_NODE_TEXT) return ar_str_contains(node->text, part);
    for (size_t i = 0; node->kind == AR_NODE_LIST && i < node->n; i++)
        if (holds(node->items[i], part)) return true;
    for (size_t i = 0; node->kind == AR_NODE_MAP && i < node->n; i++)
        if (holds(node->pairs[i].value, part)) return true;
    return false;
}

/* Whether the list has an item in which the text stands, and its key. A list that is asked for by
 * the text itself, and shows no more of an item than its key, has none but these. */
static ar_err find_in_lists(run *r, enum ar_tracker_step step, ar_str part, bool *out_found,
                            ar_str *out_key)
{
    const ar_tracker_request *q = &r->sender->tracker->steps[step];
    const ar_node *root, *list;

    for (int page = 1; page <= PAGES_MAX; page++) {
        AR_TRY(ask(r, step, page, &root));
        AR_TRY(list_of(r, step, root, &list));
        for (size_t i = 0; i < list->n; i++) {
            if (q->request.body == NULL && !holds(list->items[i], part)) continue;
            *out_key = scalar_at(list->items[i], q->key);
            *out_found = true;
            if (q->key.len == 0 || out_key->len > 0) return ar_ok();
            return ar_fail(AR_INVALID, "%s: an item of the answer has no '%.*s'",
                           ar_tracker_step_names[step], AR_FMT(q->key));
        }
        if (!q->request.paged || list->n == 0) break;
    }
    return ar_ok();
}

/* ---- steps ---- */

static ar_err create(run *r)
{
    const ar_node *root;
    ar_str key;

    AR_TRY(ask(r, AR_TRACKER_CREATE, 1, &root));
    key = scalar_at(root, r->sender->tracker->steps[AR_TRACKER_CREATE].key);
    if (key.len == 0)
        return ar_fail(AR_INVALID, "create: the answer has no '%.*s'",
                       AR_FMT(r->sender->tracker->steps[AR_TRACKER_CREATE].key));
    know_key(r, key);
    r->made = true;
    return ar_ok();
}

static ar_err comment(run *r)
{
    bool found = false;
    ar_str key;

    if (get(r, "comment").ptr == NULL) return ar_ok();
    AR_TRY(find_in_lists(r, AR_TRACKER_COMMENTS, get(r, "note"), &found, &key));
    return found ? ar_ok() : do_step(r, AR_TRACKER_COMMENT);
}

static ar_err read_closed(run *r, bool *out_closed)
{
    const ar_tracker_request *q = &r->sender->tracker->steps[AR_TRACKER_READ];
    ar_fields fields = { r->fields, r->n };
    const ar_node *root;
    ar_str state, closed;

    AR_TRY(ask(r, AR_TRACKER_READ, 1, &root));
    AR_TRY(check_key(r, AR_TRACKER_READ, root));
    state = scalar_at(root, q->state);
    if (state.len == 0)
        return ar_fail(AR_INVALID, "read: the answer has no '%.*s'", AR_FMT(q->state));
    *out_closed = false;
    for (size_t i = 0; i < q->closed->n; i++) {
        AR_TRY(ar_recipe_text(q->closed->items[i]->text, &fields, r->arena, &closed));
        *out_closed = *out_closed || ar_str_eq(state, closed);
    }
    return ar_ok();
}

static ar_err bring_to(run *r, bool closed)
{
    bool is_closed = false;

    AR_TRY(read_closed(r, &is_closed));
    if (is_closed == closed) return ar_ok();
    return do_step(r, closed ? AR_TRACKER_CLOSE : AR_TRACKER_REOPEN);
}

static ar_err see_assignee(void *self, ar_str name)
{
    bool *seen = self;

    *seen = *seen || ar_str_eq(name, AR_LIT("assignee"));
    return ar_ok();
}

static ar_err assign(run *r)
{
    const ar_tracker *tracker = r->sender->tracker;
    bool made_with = false;

    if (r->made)
        AR_TRY(
            ar_recipe_names(&tracker->steps[AR_TRACKER_CREATE].request, see_assignee, &made_with));
    if (made_with || get(r, "assignee").ptr == NULL ||
        tracker->steps[AR_TRACKER_ASSIGN].request.method == NULL)
        return ar_ok();
    return do_step(r, AR_TRACKER_ASSIGN);
}

/* What a tracker has of it already is found by its marker, open or closed. */
static ar_err find_or_make(run *r, bool make)
{
    bool found = false;
    ar_str key = { 0 };

    if (r->task->key.len > 0) return know_key(r, r->task->key), ar_ok();
    AR_TRY(find_in_lists(r, AR_TRACKER_FIND, get(r, "marker"), &found, &key));
    if (found) return know_key(r, key), ar_ok();
    return make ? create(r) : ar_ok();
}

static ar_err open_item(run *r)
{
    AR_TRY(find_or_make(r, true));
    if (!r->made) AR_TRY(do_step(r, AR_TRACKER_UPDATE));
    AR_TRY(comment(r));
    if (!r->made) AR_TRY(bring_to(r, false));
    return assign(r);
}

static ar_err close_item(run *r)
{
    AR_TRY(find_or_make(r, false));
    r->gone = r->key.len == 0;
    if (r->gone) return ar_fail(AR_NOT_FOUND, "it was never made there");
    AR_TRY(comment(r));
    return bring_to(r, true);
}

static ar_err escalate(run *r)
{
    know_key(r, r->task->key);
    AR_TRY(comment(r));
    return assign(r);
}

static ar_err look(run *r, ar_ticket_news *news)
{
    const ar_tracker_request *q = &r->sender->tracker->steps[AR_TRACKER_CLOSED];
    const ar_node *root, *list;
    ar_str *keys = NULL;
    size_t n = 0, cap = 0;

    for (int page = 1; page <= PAGES_MAX; page++) {
        AR_TRY(ask(r, AR_TRACKER_CLOSED, page, &root));
        AR_TRY(list_of(r, AR_TRACKER_CLOSED, root, &list));
        for (size_t i = 0; i < list->n; i++) {
            ar_grow(r->arena, keys, n, cap);
            keys[n] = scalar_at(list->items[i], q->key);
            if (keys[n].len > 0) n++;
        }
        if (!q->request.paged || list->n == 0) break;
    }
    news->keys = keys;
    news->n_keys = n;
    return ar_ok();
}

static ar_err carry_out(run *r, ar_ticket_news *news)
{
    ar_str action = r->task->action;

    AR_TRY(begin(r));
    if (ar_str_eq(action, AR_LIT("look"))) return look(r, news);
    if (ar_str_eq(action, AR_LIT("close"))) return close_item(r);
    if (ar_str_eq(action, AR_LIT("escalate"))) return escalate(r);
    if (ar_str_eq(action, AR_LIT("update"))) {
        know_key(r, r->task->key);
        return do_step(r, AR_TRACKER_UPDATE);
    }
    return open_item(r);
}

void ar_send(const ar_sender *sender, const ar_task *task, ar_arena *arena,
             ar_ticket_news *out_news)
{
    run r = { .sender = sender, .task = task, .arena = arena };
    ar_ticket_news news = { .project = task->project,
                            .item = task->item,
                            .action = task->action,
                            .outcome = AR_LIT("done"),
                            .sent = task->sent,
                            .level = task->level };
    ar_err err = carry_out(&r, &news);

    news.key = r.key;
    news.page = page_of(&r);
    if (err.code != AR_OK) {
        news.outcome = r.gone ? AR_LIT("gone") : AR_LIT("failed");
        news.problem = ar_arena_copy(arena, ar_err_text(err));
        news.unsure = r.unsure || r.key.len > 0;
        news.code = err.code;
    }
    *out_news = news;
}

/* ---- what it would be ---- */

static ar_err show(run *r, enum ar_tracker_step step, ar_send_seen *see, void *self)
{
    ar_call call;

    if (r->sender->tracker->steps[step].request.method == NULL) return ar_ok();
    AR_TRY(fill(r, step, 1, &call));
    return see(self, step, &call);
}

ar_err ar_send_show(const ar_sender *sender, const ar_task *task, ar_arena *arena,
                    ar_send_seen *see, void *self)
{
    run r = { .sender = sender, .task = task, .arena = arena };

    AR_TRY(begin(&r));
    know_key(&r, task->key.len > 0 ? task->key : AR_LIT("KEY"));
    set(&r, "since", AR_LIT("2026-01-01T00:00:00Z"), false);
    set(&r, "since_minutes", AR_LIT("60"), false);
    if (get(&r, "comment").ptr == NULL) set_rich(&r, "comment", AR_LIT("A comment."));
    for (int i = 0; i < AR_TRACKER_STEPS_N; i++)
        AR_TRY(show(&r, (enum ar_tracker_step)i, see, self));
    return ar_ok();
}
