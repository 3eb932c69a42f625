#include "base/err.h"

#include <errno.h>
#include <stdio.h>

enum {
    NOTES = 16,
    NOTE_LEN = 1024,
    SEQ_BITS = 20,
    SEQ_MASK = (1 << SEQ_BITS) - 1,
};

/* The sentences of the last NOTES failures of this thread. A ticket names the thread and the
 * failure; shown to another thread, or too late, it falls back on the text of its code. */
static _Atomic uint32_t threads;
static _Thread_local struct {
    uint32_t tag;
    uint32_t seq;
    char text[NOTES][NOTE_LEN];
} notes;

static const struct {
    const char *name;
    int exit_status, http_status;
    const char *text;
} codes[] = {
#define X(code, exit, http, text) [code] = { #code, exit, http, text },
    AR_CODES(X)
#undef X
};

static uint32_t next_ticket(void)
{
    if (notes.tag == 0) notes.tag = threads++ % 4095 + 1;
    notes.seq = (notes.seq + 1) & SEQ_MASK;
    return notes.tag << SEQ_BITS | notes.seq;
}

static bool still_kept(uint32_t ticket)
{
    return ticket != 0 && ticket >> SEQ_BITS == notes.tag &&
           ((notes.seq - ticket) & SEQ_MASK) < NOTES;
}

__attribute__((format(printf, 2, 0))) static ar_err keep(enum ar_code code, const char *fmt,
                                                         va_list ap)
{
    static const char cut[] = " ...";
    uint32_t ticket = next_ticket();
    char *text = notes.text[ticket % NOTES];

    if (vsnprintf(text, NOTE_LEN, fmt, ap) >= NOTE_LEN)
        memcpy(text + NOTE_LEN - sizeof cut, cut, sizeof cut);
    return (ar_err){ .code = code, .note = ticket };
}

ar_err ar_fail(enum ar_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    ar_err err = keep(code, fmt, ap);
    va_end(ap);
    return err;
}

ar_err ar_fail_errno(const char *fmt, ...)
{
    char before[NOTE_LEN];
    int number = errno;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(before, sizeof before, fmt, ap);
    va_end(ap);
    return ar_fail(AR_IO, "%s: %s", before, strerrordesc_np(number));
}

ar_err ar_context(ar_err err, const char *fmt, ...)
{
    char before[NOTE_LEN], after[NOTE_LEN];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(before, sizeof before, fmt, ap);
    va_end(ap);
    (void)snprintf(after, sizeof after, "%.*s", AR_FMT(ar_err_text(err)));
    return ar_fail(err.code, "%s: %s", before, after);
}

ar_str ar_err_text(ar_err err)
{
    return ar_str_of(still_kept(err.note) ? notes.text[err.note % NOTES] : codes[err.code].text);
}

const char *ar_code_name(enum ar_code code)
{
    return codes[code].name;
}

int ar_code_exit(enum ar_code code)
{
    return codes[code].exit_status;
}

int ar_code_http(enum ar_code code)
{
    return codes[code].http_status;
}
