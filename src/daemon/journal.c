#include "daemon/journal.h"

#include "form/json.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <unistd.h>

static const ar_str levels[] = { AR_LIT("error"), AR_LIT("warning"), AR_LIT("info"),
                                 AR_LIT("debug") };

static const char *our_process = "aright";
static enum ar_level our_level = AR_LEVEL_INFO;

void ar_journal_init(const char *process, ar_str log_level)
{
    our_process = process;
    for (size_t i = 0; i < AR_COUNT(levels); i++)
        if (ar_str_eq(log_level, levels[i])) our_level = (enum ar_level)i;
}

void ar_journal(enum ar_level level, const char *fmt, ...)
{
    ar_auto(ar_buf) text = { 0 };
    ar_auto(ar_buf) line = { 0 };
    char at[AR_TIME_LEN];
    va_list ap;

    if (level > our_level) return;
    va_start(ap, fmt);
    ar_buf_vaddf(&text, fmt, ap);
    va_end(ap);
    ar_buf_addf(&line, "{\"at\":\"%s\",\"level\":\"%s\",\"process\":\"%s\",\"pid\":%d,\"message\":",
                ar_time_print(ar_clock_now(), at), levels[level].ptr, our_process, (int)getpid());
    ar_json_text(&line, ar_buf_str(&text));
    ar_buf_addz(&line, "}\n");

    /* nobody is left to be told that nobody listens */
    ar_err err = ar_fd_write_all(STDERR_FILENO, ar_buf_str(&line));

    (void)err;
}
