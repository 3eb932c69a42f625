#include "work/mail_ops.h"

#include "estate/reach.h"
#include "fetch/mail.h"
#include "form/yaml.h"
#include "op/folders.h"
#include "op/reply.h"
#include "sys/file.h"
#include "work/inquire.h"
#include "work/letter.h"

enum { MAIL_FILE_MAX = 64 * 1024, DIGEST_BYTES_MAX = 1 << 20, FAILURES_MAX = 3 };

/* ---- in the estate ---- */

static const ar_column letters_columns[] = {
    { "owner", AR_TEXT, 0, "who has something to do" },
    { "day", AR_TEXT, 0, "of the digest" },
    { "items", AR_INT, 0, "how much" },
    { "address", AR_TEXT, 0, "where the estate knows to reach them" },
    { "text", AR_TEXT, AR_COLUMN_QUIET, "the digest" },
    { 0 },
};

static ar_err run_letters(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_value asof = ar_at(ctx->asof);
    ar_own(ar_rows) rows = NULL;

    (void)args;
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT d.owner_id, CAST(d.day AS VARCHAR), d.items,"
                                  " (SELECT min(n.alias) FROM ar.owner_name n WHERE n.owner ="
                                  " d.owner_id AND n.alias LIKE '%@%' AND n.alias NOT LIKE '%:%'),"
                                  " d.file FROM ar.digest d WHERE d.day = CAST($1 AS DATE)"
                                  " AND d.mailed_at IS NULL ORDER BY d.owner_id"),
                           &asof, 1, &rows));
    while (ar_rows_next(rows)) {
        ar_auto(ar_arena) arena = { 0 };
        ar_value row[] = { ar_rows_get(rows, 0), ar_rows_get(rows, 1), ar_rows_get(rows, 2),
                           ar_rows_get(rows, 3), ar_null() };
        const char *file = ar_arena_cstr(&arena, ar_rows_get(rows, 4).s);
        ar_str text;

        AR_TRY(ar_file_read(file, DIGEST_BYTES_MAX, &arena, &text));
        row[4] = ar_text(text);
        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    if (reply->rows == 0) ar_reply_note(reply, "Every digest of today is mailed.");
    return ar_ok();
}

static const ar_param mailed_params[] = {
    { "day", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "of the digests", NULL },
    { "owner", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL | AR_REPEATED, "whose is mailed", NULL },
    { 0 },
};

static const ar_column mailed_columns[] = {
    { "owner", AR_TEXT, 0, "whose is mailed" },
    { 0 },
};

static ar_err run_mailed(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_str *owners;
    size_t n = ar_arg_texts(args, "owner", &owners);

    for (size_t i = 0; i < n; i++) {
        ar_value row[] = { ar_text(ar_arg_text(args, "day")), ar_text(owners[i]), ar_at(ctx->now) };

        AR_TRY(ar_engine_run(ctx->engine,
                             AR_LIT("UPDATE ar.digest SET mailed_at = $3"
                                    " WHERE day = CAST($1 AS DATE) AND owner_id = $2"),
                             row, AR_COUNT(row), NULL));
        AR_TRY(ar_reply_row(reply, &row[1], 1));
    }
    ar_audit_add(ctx, "owners", ar_int((int64_t)n));
    return ar_ok();
}

/* ---- in the door ---- */

typedef struct digest {
    ar_str owner, day, address, text;
    int64_t items;
} digest;

typedef struct mailing {
    ar_ctx *ctx;
    ar_reply *reply;
    ar_str file, from;
    const ar_node *to; /* owner: address; or NULL */
    ar_errand errand;
    ar_mailer *mailer;
    digest *digests;
    size_t n, cap;
    int64_t failed;
    enum ar_code code; /* of the first failure */
    ar_str problem;
} mailing;

static void mailing_done(mailing *m)
{
    ar_mailer_free(&m->mailer);
}

static ar_err read_addresses(mailing *m, const ar_node *root)
{
    AR_TRY(ar_node_text(m->file, root, "from", true, &m->from));
    AR_TRY(ar_node_map(m->file, root, "to", false, &m->to));
    if (!ar_mail_is_address(m->from))
        return ar_node_fail(m->file, ar_node_get(root, AR_LIT("from")),
                            "'%.*s' is no mail address (want name@host)", AR_FMT(m->from));
    for (size_t i = 0; m->to != NULL && i < m->to->n; i++)
        if (!ar_mail_is_address(m->to->pairs[i].value->text))
            return ar_node_fail(m->file, m->to->pairs[i].value,
                                "'%.*s' is no mail address (want name@host)",
                                AR_FMT(m->to->pairs[i].value->text));
    return ar_ok();
}

static ar_err open_mailer(mailing *m, const ar_reach *reach, bool dry)
{
    ar_auto(ar_secret) secret = { 0 };
    ar_mail_server server = { .program = m->ctx->place->program,
                              .errand = &m->errand,
                              .secret = &secret };

    AR_TRY(ar_reach_secret(reach, m->ctx->arena, &secret));
    return dry ? ar_ok() : ar_mailer_open(&server, &m->mailer);
}

static ar_err read_server(mailing *m, const ar_node *root, ar_reach *reach)
{
    ar_str url = { 0 };

    AR_TRY(ar_node_text(m->file, root, "server", true, &url));
    if (!ar_str_starts(url, AR_LIT("smtps://")) && !ar_str_starts(url, AR_LIT("smtp://")))
        return ar_node_fail(m->file, ar_node_get(root, AR_LIT("server")),
                            "'%.*s' is no mail server (want smtps://HOST or smtp://HOST)",
                            AR_FMT(url));
    AR_TRY(ar_reach_read(root, m->ctx->arena, reach));
    AR_TRY(ar_reach_errand(reach, AR_LIT("mail"), m->ctx->now, NULL, m->ctx->arena, &m->errand));
    m->errand.url = url;
    return ar_ok();
}

static ar_err prepare(mailing *m, bool dry)
{
    static const ar_str keys[] = { AR_LIT("server"), AR_LIT("from"), AR_LIT("to"), AR_REACH_KEYS };
    const char *path = ar_path_join(m->ctx->arena, m->ctx->place->home, "mail.yaml");
    ar_reach reach = { .minutes_max = 10, .request_seconds = 60, .attempts = 1 };
    ar_node *root;
    ar_str text;

    m->file = reach.file = ar_str_of(path);

    ar_err err = ar_file_read(path, MAIL_FILE_MAX, m->ctx->arena, &text);

    if (err.code == AR_NOT_FOUND)
        return ar_fail(AR_NOT_FOUND,
                       "no mail server is named yet (want %s with 'server' and "
                       "'from')",
                       path);
    AR_TRY(err);
    AR_TRY(ar_yaml_parse(m->file, text, NULL, m->ctx->arena, &root));
    AR_TRY(ar_node_only(m->file, root, keys, AR_COUNT(keys)));
    AR_TRY(read_addresses(m, root));
    AR_TRY(read_server(m, root, &reach));
    return open_mailer(m, &reach, dry);
}

static ar_err take_digest(void *self, const ar_value *row, size_t n)
{
    mailing *m = self;
    ar_arena *arena = m->ctx->arena;
    digest d = { 0 };

    if (n < AR_COUNT(letters_columns) - 1) return ar_ok();
    d.owner = ar_arena_copy(arena, row[0].s);
    d.day = ar_arena_copy(arena, row[1].s);
    d.items = row[2].i;
    if (row[3].type == AR_TEXT) d.address = ar_arena_copy(arena, row[3].s);
    d.text = ar_arena_copy(arena, row[4].s);
    for (size_t i = 0; m->to != NULL && i < m->to->n; i++)
        if (ar_str_eq(m->to->pairs[i].key, d.owner)) d.address = m->to->pairs[i].value->text;
    ar_grow(arena, m->digests, m->n, m->cap);
    m->digests[m->n++] = d;
    return ar_ok();
}

static ar_err reply_digest(mailing *m, const digest *d, const char *state, ar_str problem)
{
    ar_value row[] = { ar_text(d->owner), ar_text_or_null(d->address), ar_int(d->items),
                       ar_textz(state), ar_text_or_null(problem) };

    return ar_reply_row(m->reply, row, AR_COUNT(row));
}

static ar_err enter(mailing *m, const digest *d)
{
    ar_str names[] = { AR_LIT("day"), AR_LIT("owner") }, values[] = { d->day, d->owner };
    ar_inquiry inquiry = { .op = "work.mailed", .names = names, .values = values, .n = 2 };

    return ar_inquire(m->ctx, &inquiry);
}

static ar_err send_digest(mailing *m, const digest *d)
{
    ar_letter_parts parts = { .from = m->from,
                              .to = d->address,
                              .owner = d->owner,
                              .day = d->day,
                              .items = d->items,
                              .text = d->text,
                              .now = m->ctx->now };
    ar_letter letter = { .from = m->from, .to = d->address };

    letter.text = ar_letter_write(&parts, m->ctx->arena);

    ar_err err = ar_mailer_send(m->mailer, &letter);

    if (err.code == AR_OK) {
        AR_TRY(enter(m, d));
        return reply_digest(m, d, "mailed", (ar_str){ 0 });
    }
    m->failed++;
    m->problem = ar_arena_copy(m->ctx->arena, ar_err_text(err));
    if (m->code == AR_OK) m->code = err.code;
    return reply_digest(m, d, "failed", m->problem);
}

static ar_err send_all(mailing *m, bool dry)
{
    for (size_t i = 0; i < m->n; i++) {
        const digest *d = &m->digests[i];

        if (!ar_mail_is_address(d->address))
            AR_TRY(reply_digest(m, d, "unknown",
                                AR_LIT("no address is known: an alias of the owner, or 'to' in "
                                       "mail.yaml")));
        else if (dry)
            AR_TRY(reply_digest(m, d, "would", (ar_str){ 0 }));
        else if (m->failed >= FAILURES_MAX)
            AR_TRY(reply_digest(m, d, "waits", m->problem));
        else
            AR_TRY(send_digest(m, d));
    }
    return ar_ok();
}

static ar_err run_mail(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    __attribute__((cleanup(mailing_done))) mailing m = { .ctx = ctx, .reply = reply };
    ar_inquiry write = { .op = "work.digest" };
    ar_inquiry letters = { .op = "work.letters", .row = take_digest, .self = &m };
    bool dry = ar_arg_flag(args, "dry_run");

    AR_TRY(ar_inquire_ready(ctx, "mails", "mail server"));
    AR_TRY(ar_home_make(ctx->place));
    AR_TRY(prepare(&m, dry));
    if (!dry) AR_TRY(ar_inquire(ctx, &write));
    AR_TRY(ar_inquire(ctx, &letters));
    AR_TRY(send_all(&m, dry));
    if (m.n == 0) ar_reply_note(reply, "Every digest of today is mailed.");
    if (m.code == AR_OK) return ar_ok();
    return ar_fail(m.code, "%lld could not be mailed, the next `work mail` goes on: %.*s",
                   (long long)m.failed, AR_FMT(m.problem));
}

static const ar_param mail_params[] = {
    { "dry_run", AR_PARAM_FLAG, 0, "show to whom the digests that are written would go", NULL },
    { 0 },
};

static const ar_column mail_columns[] = {
    { "owner", AR_TEXT, 0, "who has something to do" },
    { "address", AR_TEXT, 0, "where to" },
    { "items", AR_INT, 0, "how much" },
    { "state", AR_TEXT, 0, "mailed, failed, waits; unknown: no address; would: a dry run" },
    { "problem", AR_TEXT, AR_COLUMN_BRIEF, "why it was not mailed" },
    { 0 },
};

const ar_op ar_mail_ops[] = {
    { .name = "work.mail",
      .help = "mail each owner the digest of the day, once",
      .more = "Writes the digests that are not written yet, as `work digest` does, and hands each "
              "to the server that HOME/mail.yaml names. What is not mailed goes with the next run; "
              "a letter that went and was not entered goes again under the same Message-ID.",
      .example = "aright work mail",
      .effect = AR_CHANGES,
      .runs_in = AR_IN_DOOR,
      .alone = true,
      .grant = "work.digest",
      .event = "work.mailed",
      .params = mail_params,
      .columns = mail_columns,
      .run = run_mail },
    { .name = "work.letters",
      .help = "list the digests of today that are not mailed",
      .grant = "finding.read",
      .columns = letters_columns,
      .run = run_letters },
    { .name = "work.mailed",
      .help = "enter whose digests are mailed, as `work mail` does",
      .inner = true,
      .effect = AR_CHANGES,
      .grant = "work.digest",
      .event = "work.mailed",
      .params = mailed_params,
      .columns = mailed_columns,
      .run = run_mailed },
    { 0 },
};
