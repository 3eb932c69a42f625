#include "fetch/line.h"

#include "fetch/message.h"
#include "form/utf.h"

#include <fcntl.h>
#include <unistd.h>

enum {
    THREADS = 4, /* names are looked up beside */
    CPU_SECONDS = 3600,
};

static const char the_child[] = "the process that fetches";

ar_err ar_line_nonsense(const char *what)
{
    return ar_fail(AR_UNAVAILABLE, "%s sent %s", the_child, what);
}

static ar_err start(const ar_line_plan *plan, ar_line *line)
{
    const char *const argv[] = { plan->program, "--process", plan->process, NULL };
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) return ar_fail_errno("cannot make a pipe");

    ar_auto(ar_fd) in = ar_fd_of(ends[0]);
    ar_spawn spawn = { .argv = argv,
                       .in_fd = in,
                       .memory_bytes = ar_self_space(plan->data_bytes, THREADS),
                       .cpu_seconds = CPU_SECONDS,
                       .seconds = (int)plan->seconds };

    line->to_child = ar_fd_of(ends[1]);
    return ar_child_start(&spawn, &line->child);
}

static ar_err tell(const ar_line_plan *plan, const ar_line *line)
{
    ar_auto(ar_buf) text = { 0 };
    int fd = ar_fd_n(line->to_child);

    ar_errand_print(plan->errand, &text);
    AR_TRY(ar_message_write(fd, 'J', ar_buf_str(&text)));
    return ar_message_write(fd, 'S', ar_secret_str(plan->secret));
}

ar_err ar_line_open(const ar_line_plan *plan, ar_line *out_line)
{
    ar_auto(ar_line) line = { 0 };

    AR_TRY(start(plan, &line));
    AR_TRY_WITH(tell(plan, &line), "%s", the_child);
    *out_line = ar_move(line);
    return ar_ok();
}

static ar_err child_failure(const ar_line *line)
{
    ar_str body = ar_buf_str(&line->body);
    enum ar_code code = body.len > 0 ? (enum ar_code)body.ptr[0] : AR_OK;
    ar_auto(ar_buf) words = { 0 };

    if (code <= AR_OK || code > AR_IO || body.len > AR_MESSAGE_SENTENCE_MAX + 1)
        return ar_line_nonsense("a failure without a cause");
    ar_utf8_put(&words, ar_str_cut(body, 1, body.len));
    return ar_fail(code, "%.*s", AR_FMT(ar_buf_str(&words)));
}

ar_err ar_line_hear(ar_line *line, size_t max, char *out_tag)
{
    AR_TRY(ar_child_ready(&line->child, the_child));

    ar_err err = ar_message_read(ar_fd_n(line->child.out), &line->child, max, out_tag, &line->body);

    if (err.code != AR_OK) {
        AR_TRY(ar_child_wait(&line->child, the_child)); /* how it ended says more */
        return ar_line_nonsense("less than it began");
    }
    return *out_tag == 'E' ? child_failure(line) : ar_ok();
}

ar_err ar_line_close(ar_line *line)
{
    return ar_child_wait(&line->child, the_child);
}

void ar_line_done(ar_line *line)
{
    ar_fd_done(&line->to_child); /* who has opened the estate since can end no child but so */
    ar_child_done(&line->child);
    ar_buf_done(&line->body);
}
