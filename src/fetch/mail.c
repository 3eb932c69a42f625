#include "fetch/mail.h"

#include "fetch/line.h"
#include "fetch/message.h"
#include "form/json.h"

#include <stdlib.h>

enum {
    DATA_BYTES = 256 << 20,
    LIFE_SECONDS = 3600,
    ADDRESS_BYTES_MAX = 254, /* RFC 5321, section 4.5.3.1.3 */
};

struct ar_mailer {
    ar_line line;
};

bool ar_mail_is_address(ar_str text)
{
    size_t at = ar_str_find(text, '@');

    if (at == 0 || at + 1 >= text.len || text.len > ADDRESS_BYTES_MAX) return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~' ||
            strchr("<>,;:\"\\()[]", text.ptr[i]) != NULL || (text.ptr[i] == '@' && i != at))
            return false;
    return true;
}

ar_err ar_mailer_open(const ar_mail_server *server, ar_mailer **out_mailer)
{
    ar_own(ar_mailer) m = calloc(1, sizeof *m);
    ar_line_plan plan = { .program = server->program,
                          .process = "mail",
                          .errand = server->errand,
                          .secret = server->secret,
                          .data_bytes = DATA_BYTES,
                          .seconds = LIFE_SECONDS };

    if (m == NULL) abort();
    AR_TRY(ar_line_open(&plan, &m->line));
    *out_mailer = ar_move(m);
    return ar_ok();
}

void ar_mailer_free(ar_mailer **mailer)
{
    if (*mailer == NULL) return;
    ar_line_done(&(*mailer)->line);
    free(*mailer);
    *mailer = NULL;
}

static ar_err check(const ar_letter *letter)
{
    if (!ar_mail_is_address(letter->from) || !ar_mail_is_address(letter->to))
        return ar_fail(AR_INVALID, "'%.*s' or '%.*s' is no mail address", AR_FMT(letter->from),
                       AR_FMT(letter->to));
    if (letter->text.len <= AR_MAIL_BYTES_MAX) return ar_ok();
    return ar_fail(AR_LIMIT, "the letter has %zu bytes, %d are the most", letter->text.len,
                   (int)AR_MAIL_BYTES_MAX);
}

ar_err ar_mailer_send(ar_mailer *mailer, const ar_letter *letter)
{
    ar_auto(ar_buf) text = { 0 };
    int64_t code = 0;
    ar_auto(ar_arena) arena = { 0 };
    ar_str problem = { 0 };
    ar_node *root;
    char tag;

    AR_TRY(check(letter));
    ar_buf_addz(&text, "{\"from\":"), ar_json_text(&text, letter->from);
    ar_buf_addz(&text, ",\"to\":"), ar_json_text(&text, letter->to);
    ar_buf_addz(&text, ",\"text\":"), ar_json_text(&text, letter->text);
    ar_buf_addc(&text, '}');
    AR_TRY_WITH(ar_message_write(ar_fd_n(mailer->line.to_child), 'L', ar_buf_str(&text)),
                "the process that mails");
    AR_TRY(ar_line_hear(&mailer->line, AR_MESSAGE_CALL_MAX, &tag));
    if (tag != 'M' ||
        ar_json_parse(AR_LIT("answer"), ar_buf_str(&mailer->line.body), NULL, &arena, &root).code !=
            AR_OK ||
        ar_node_int(AR_LIT("answer"), root, "code", true, &code).code != AR_OK ||
        ar_node_text(AR_LIT("answer"), root, "problem", true, &problem).code != AR_OK ||
        code < AR_OK || code > AR_IO)
        return ar_line_nonsense("an answer that is none");
    return code == AR_OK ? ar_ok() : ar_fail((enum ar_code)code, "%.*s", AR_FMT(problem));
}
