#include "op/events.h"

#include "form/json.h"
#include "op/core.h"
#include "op/reply.h"

/* ---- one line ---- */

static ar_err read_fields(ar_str file, const ar_node *root, ar_event_line *l)
{
    ar_str at = { 0 };

    AR_TRY(ar_node_int(file, root, "epoch", true, &l->epoch));
    AR_TRY(ar_node_int(file, root, "seq", true, &l->seq));
    AR_TRY(ar_node_text(file, root, "at", true, &at));
    AR_TRY(ar_time_parse(at, &l->event.at));
    AR_TRY(ar_node_text(file, root, "who", true, &l->event.who));
    AR_TRY(ar_node_int(file, root, "uid", true, &l->event.uid));
    AR_TRY(ar_node_text(file, root, "op", true, &l->event.op));
    AR_TRY(ar_node_text(file, root, "event", true, &l->event.event));
    AR_TRY(ar_node_text(file, root, "outcome", true, &l->event.outcome));
    return ar_node_map(file, root, "detail", true, &l->detail);
}

ar_err ar_event_read(ar_str line, ar_arena *arena, ar_event_line *out_line)
{
    const ar_form_limits limits = { .bytes_max = AR_EVENT_LINE_MAX };
    const ar_str file = AR_LIT("event");
    ar_event_line l = { 0 };
    ar_node *root;

    AR_TRY(ar_json_parse(file, line, &limits, arena, &root));
    AR_TRY(read_fields(file, root, &l));
    *out_line = l;
    return ar_ok();
}

static bool is_scalar(const ar_node *node)
{
    return node->kind != AR_NODE_NULL && node->kind != AR_NODE_LIST && node->kind != AR_NODE_MAP;
}

/* What a line says, one thing after the other: its arguments, which may come twice, then the facts.
 * False behind the last. */
static bool next_fact(const ar_event_line *l, size_t *at, ar_str *out_name, ar_str *out_text)
{
    static const ar_str args_name = AR_LIT("args");
    const ar_node *args = ar_node_get(l->detail, args_name);
    size_t n_args = args != NULL && args->kind == AR_NODE_LIST ? args->n : 0;

    for (; *at < n_args; ++*at) {
        const ar_node *arg = args->items[*at];

        if (arg->kind != AR_NODE_LIST || arg->n != 2 || !is_scalar(arg->items[0]) ||
            !is_scalar(arg->items[1]))
            continue;
        *out_name = arg->items[0]->text;
        *out_text = arg->items[1]->text;
        return ++*at, true;
    }
    for (; *at - n_args < l->detail->n; ++*at) {
        const ar_pair *fact = &l->detail->pairs[*at - n_args];

        if (!is_scalar(fact->value)) continue;
        *out_name = fact->key;
        *out_text = fact->value->text;
        return ++*at, true;
    }
    return false;
}

/* A fact may say once more what was asked. */
static bool was_said(const ar_event_line *l, size_t before, ar_str name, ar_str text)
{
    ar_str other, what;

    for (size_t at = 0; next_fact(l, &at, &other, &what) && at < before;)
        if (ar_str_eq(other, name) && ar_str_eq(what, text)) return true;
    return false;
}

void ar_event_say(const ar_event_line *line, ar_buf *out)
{
    const char *comma = "";
    ar_str name, text;

    for (size_t at = 0; next_fact(line, &at, &name, &text);) {
        if (was_said(line, at, name, text)) continue;
        ar_buf_addf(out, "%s%.*s ", comma, AR_FMT(name));
        ar_buf_add(out, text);
        comma = "; ";
    }
}

bool ar_event_names(const ar_event_line *line, ar_str id)
{
    ar_str name, text;

    for (size_t at = 0; next_fact(line, &at, &name, &text);) {
        size_t before = text.len < id.len ? 0 : text.len - id.len;

        if (ar_str_ends(text, id) && (before == 0 || text.ptr[before - 1] == '/')) return true;
    }
    return false;
}

/* ---- event list ---- */

static const ar_param list_params[] = {
    { "who", AR_PARAM_TEXT, 0, "by this person only", NULL },
    { "event", AR_PARAM_TEXT, 0, "of this name only; of all that begin so when it ends in a dot",
      NULL },
    { "outcome", AR_PARAM_TEXT, 0, "with this outcome only", "ok failed denied" },
    { "about", AR_PARAM_TEXT, 0,
      "that name this asset, finding, owner, standard or whatever has an id", NULL },
    { "since", AR_PARAM_TIME, 0, "from then on", NULL },
    { "until", AR_PARAM_TIME, 0, "before then", NULL },
    { "limit", AR_PARAM_INT, 0, "at most so many; 100 when not given", NULL },
    { "after", AR_PARAM_INT, 0,
      "those before this place of the log; a list that was cut says which", NULL },
    { 0 },
};

static const ar_column list_columns[] = {
    { "at", AR_TIME, 0, "when" },
    { "who", AR_TEXT, 0, "who did it" },
    { "event", AR_TEXT, 0, "what was done" },
    { "outcome", AR_TEXT, 0, "ok, failed or denied" },
    { "what", AR_TEXT, AR_COLUMN_BRIEF, "what was asked, and what came of it" },
    { "id", AR_TEXT, AR_COLUMN_QUIET, "its number, behind that of the log's epoch" },
    { "op", AR_TEXT, AR_COLUMN_QUIET, "the operation" },
    { "uid", AR_INT, AR_COLUMN_QUIET, "of the process that asked" },
    { 0 },
};

/* What is looked for. */
typedef struct search {
    ar_str who, event, outcome, about;
    ar_str written; /* `about` as it stands in a line */
    ar_time since, until;
    int64_t limit;
    ar_reply *reply;
    int64_t broken; /* lines that are no events */
} search;

static ar_err read_search(ar_ctx *ctx, const ar_args *args, search *s)
{
    ar_auto(ar_buf) written = { 0 };

    s->who = ar_arg_text(args, "who");
    s->event = ar_arg_text(args, "event");
    s->outcome = ar_arg_text(args, "outcome");
    s->about = ar_arg_text(args, "about");
    s->since = ar_arg_time(args, "since", AR_TIME_MIN);
    s->until = ar_arg_time(args, "until", AR_TIME_MAX);
    s->limit = ar_arg_int(args, "limit", 100);
    if (s->limit < 1 || s->limit > AR_EVENTS_MAX)
        return ar_fail(AR_LIMIT, "--limit is %lld; want 1 to %d", (long long)s->limit,
                       (int)AR_EVENTS_MAX);
    ar_json_text(&written, s->about);
    s->written = ar_arena_copy(ctx->arena, ar_str_cut(ar_buf_str(&written), 1, written.len - 1));
    return ar_ok();
}

static bool is_or_begins(ar_str event, ar_str wanted)
{
    return ar_str_ends(wanted, AR_LIT(".")) ? ar_str_starts(event, wanted)
                                            : ar_str_eq(event, wanted);
}

static bool fits(const search *s, const ar_event_line *l)
{
    return l->event.at >= s->since && l->event.at < s->until &&
           (s->who.len == 0 || ar_str_eq(l->event.who, s->who)) &&
           (s->event.len == 0 || is_or_begins(l->event.event, s->event)) &&
           (s->outcome.len == 0 || ar_str_eq(l->event.outcome, s->outcome)) &&
           (s->about.len == 0 || ar_event_names(l, s->about));
}

static ar_err reply_line(const ar_event_line *l, ar_reply *reply)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) what = { 0 };
    ar_str id = ar_arena_printf(&arena, "%lld.%lld", (long long)l->epoch, (long long)l->seq);

    ar_event_say(l, &what);

    ar_value row[] = { ar_at(l->event.at),
                       ar_text(l->event.who),
                       ar_text(l->event.event),
                       ar_text(l->event.outcome),
                       ar_text_or_null(ar_buf_str(&what)),
                       ar_text(id),
                       ar_text(l->event.op),
                       ar_int(l->event.uid) };

    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err look_at(search *s, ar_str line)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_event_line l;

    /* most lines are not about it, and reading one as a tree is what takes time */
    if (!ar_str_contains(line, s->written)) return ar_ok();
    if (ar_event_read(line, &arena, &l).code != AR_OK) return s->broken++, ar_ok();
    return fits(s, &l) ? reply_line(&l, s->reply) : ar_ok();
}

/* Where the whole lines end: the last one may be being written. */
static ar_err find_end(ar_str log, int64_t after, size_t *out_end)
{
    const char *newline = log.len == 0 ? NULL : memrchr(log.ptr, '\n', log.len);

    *out_end = newline == NULL ? 0 : (size_t)(newline - log.ptr) + 1;
    if (after == INT64_MAX) return ar_ok();
    if (after < 1 || after > (int64_t)*out_end || log.ptr[after - 1] != '\n')
        return ar_fail(AR_INVALID, "--after %lld is no place in the log", (long long)after);
    *out_end = (size_t)after;
    return ar_ok();
}

/* From the end on backwards; *out_left is how much of the log is not looked through. */
static ar_err look_through(search *s, ar_str log, size_t end, size_t *out_left)
{
    size_t from = end;

    while (end > 0 && s->reply->rows < s->limit && from - end < AR_EVENTS_BYTES_MAX) {
        const char *newline = memrchr(log.ptr, '\n', end - 1);
        size_t start = newline == NULL ? 0 : (size_t)(newline - log.ptr) + 1;

        AR_TRY(look_at(s, ar_str_cut(log, start, end - 1)));
        end = start;
    }
    *out_left = end;
    return ar_ok();
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_outbox *box = &ctx->core->outbox;
    ar_auto(ar_mapped) log = { 0 };
    search s = { .reply = reply };
    size_t end, left;

    AR_TRY(read_search(ctx, args, &s));
    AR_TRY(ar_file_map(ar_fd_n(box->log), ar_str_of(box->path), &log));
    AR_TRY(find_end(log.text, ar_arg_int(args, "after", INT64_MAX), &end));
    AR_TRY(look_through(&s, log.text, end, &left));
    if (left > 0) ar_reply_about(reply, "after", ar_text(ar_arena_printf(ctx->arena, "%zu", left)));
    if (left > 0 && reply->rows < s.limit)
        ar_reply_note(reply,
                      "The last %d MiB of the log were looked through; what is before them "
                      "may hold more.",
                      (int)AR_EVENTS_BYTES_MAX >> 20);
    if (s.broken > 0)
        ar_reply_note(reply, "%lld lines of %s are no events.", (long long)s.broken, box->path);
    return ar_ok();
}

const ar_op ar_event_ops[] = {
    { .name = "event.list",
      .help = "list what was done here and by whom, the latest first",
      .none = "No event says that.",
      .more = "Every change, and every attempt that was denied or failed, is an event in "
              "HOME/log/events.ndjson, where nothing is ever taken away. With --about it is the "
              "past of one asset, finding or standard.",
      .example = "aright event list --outcome denied --since -7d",
      .grant = "event.read",
      .params = list_params,
      .columns = list_columns,
      .run = run_list },
    { 0 },
};
