#include "cli/key.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

/* ---- what it is about ---- */

static ar_err pass_columns(void *self, const ar_column *columns, size_t n)
{
    const ar_about *about = self;

    return about->sink->columns(about->sink->self, columns, n);
}

static ar_err keep_first(void *self, const ar_value *values, size_t n)
{
    ar_about *about = self;

    if (about->what.ptr == NULL && n > 0 && values[0].type == AR_TEXT)
        about->what = ar_arena_copy(about->arena, values[0].s);
    return about->sink->row(about->sink->self, values, n);
}

static void pass_note(void *self, ar_str text)
{
    const ar_about *about = self;

    about->sink->note(about->sink->self, text);
}

static void pass_progress(void *self, ar_str what, int64_t done, int64_t total)
{
    const ar_about *about = self;

    about->sink->progress(about->sink->self, what, done, total);
}

static void pass_about(void *self, ar_str name, ar_value value)
{
    const ar_about *about = self;

    about->sink->about(about->sink->self, name, value);
}

ar_sink ar_about_sink(ar_about *about)
{
    return (ar_sink){ .columns = pass_columns,
                      .row = keep_first,
                      .note = pass_note,
                      .progress = pass_progress,
                      .about = pass_about,
                      .self = about };
}

/* ---- the key ---- */

bool ar_key_yes_no(bool *out_yes)
{
    struct termios before, raw;
    char key = 0;

    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0)
        return false;
    (void)fputs("y yes, n no, any other key: later ", stderr);
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG); /* Ctrl-C is a later, too */
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) != 0) return false;

    bool got = read(STDIN_FILENO, &key, 1) == 1;

    (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
    (void)fputs("\n", stderr);
    *out_yes = key == 'y' || key == 'Y';
    return got && (*out_yes || key == 'n' || key == 'N');
}
