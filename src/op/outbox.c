#include "op/outbox.h"

#include "form/json.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, BATCH_BYTES = 1 << 20 };

/* ---- the estate's side ---- */

static void set_core(ar_mark *mark, ar_str core)
{
    size_t len = core.len < AR_CORE_ID_LEN - 1 ? core.len : AR_CORE_ID_LEN - 1;

    memset(mark->core, 0, sizeof mark->core);
    if (len > 0) memcpy(mark->core, core.ptr, len);
}

ar_err ar_mark_of_estate(ar_engine *engine, ar_mark *out_mark)
{
    ar_own(ar_rows) rows = NULL;
    ar_mark mark = { 0 };

    AR_TRY(ar_engine_query(engine, AR_LIT("SELECT core, epoch, seq FROM ar.home"), NULL, 0, &rows));
    if (ar_rows_next(rows)) {
        set_core(&mark, ar_rows_get(rows, 0).s);
        mark.epoch = ar_rows_get(rows, 1).i;
        mark.seq = ar_rows_get(rows, 2).i;
    }
    *out_mark = mark;
    return ar_ok();
}

static ar_err name_estate(ar_engine *engine, ar_time now, ar_mark *out_mark)
{
    unsigned char bytes[(AR_CORE_ID_LEN - 1) / 2];

    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) return ar_fail_errno("getrandom");
    *out_mark = (ar_mark){ .epoch = 1 };
    ar_hex(bytes, sizeof bytes, out_mark->core);

    ar_value row[] = { ar_textz(out_mark->core), ar_at(now) };

    return ar_engine_run(engine,
                         AR_LIT("INSERT INTO ar.home (core, epoch, seq, made_at)"
                                " VALUES ($1, 1, 0, $2)"),
                         row, AR_COUNT(row), NULL);
}

/* Takes n numbers; *out_last is the last of them. */
static ar_err take_numbers(ar_outbox *outbox, size_t n, int64_t *out_last)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_value seq, more = ar_int((int64_t)n);

    AR_TRY(
        ar_engine_run(outbox->engine, AR_LIT("UPDATE ar.home SET seq = seq + $1"), &more, 1, NULL));
    AR_TRY(
        ar_engine_value(outbox->engine, AR_LIT("SELECT seq FROM ar.home"), NULL, 0, &arena, &seq));
    *out_last = seq.i;
    return ar_ok();
}

enum { EVENT_COLUMNS = 9 };

static void fill_row(const ar_outbox *outbox, int64_t seq, const ar_event *event,
                     ar_value row[static EVENT_COLUMNS])
{
    const ar_value values[EVENT_COLUMNS] = { ar_int(seq),           ar_int(outbox->estate.epoch),
                                             ar_at(event->at),      ar_text(event->who),
                                             ar_int(event->uid),    ar_text(event->op),
                                             ar_text(event->event), ar_text(event->outcome),
                                             ar_text(event->detail) };

    memcpy(row, values, sizeof values);
}

ar_err ar_outbox_add(ar_outbox *outbox, const ar_event *event)
{
    ar_value row[EVENT_COLUMNS];
    int64_t seq;

    AR_TRY(take_numbers(outbox, 1, &seq));
    fill_row(outbox, seq, event, row);
    return ar_engine_run(
        outbox->engine, AR_LIT("INSERT INTO ar.outbox VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"),
        row, EVENT_COLUMNS, NULL);
}

ar_err ar_outbox_add_all(ar_outbox *outbox, const ar_event *events, size_t n)
{
    ar_own(ar_append) append = NULL;
    ar_value row[EVENT_COLUMNS];
    int64_t last;

    AR_TRY(take_numbers(outbox, n, &last));
    AR_TRY(ar_append_open(outbox->engine, "ar.outbox", &append));
    for (size_t i = 0; i < n; i++) {
        fill_row(outbox, last - (int64_t)(n - 1 - i), &events[i], row);
        AR_TRY(ar_append_row(append, row, EVENT_COLUMNS));
    }
    return ar_append_close(&append);
}

ar_err ar_outbox_waiting(ar_outbox *outbox, int64_t *out_n)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_value n;

    AR_TRY(ar_engine_value(outbox->engine, AR_LIT("SELECT count(*) FROM ar.outbox"), NULL, 0,
                           &arena, &n));
    *out_n = n.i;
    return ar_ok();
}

/* ---- the log's side ---- */

static ar_err read_at(int fd, const char *path, off_t from, size_t len, char *out)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(fd, out + done, len - done, from + (off_t)done);

        if (n < 0) return ar_fail_errno("%s", path);
        if (n == 0) return ar_fail(AR_IO, "%s became shorter while it was read", path);
        done += (size_t)n;
    }
    return ar_ok();
}

/* Where the line that ends before `end` begins: behind the last newline before it, or 0. */
static ar_err line_start(int fd, const char *path, off_t end, off_t *out_start)
{
    char chunk[CHUNK];

    while (end > 0) {
        size_t len = end < CHUNK ? (size_t)end : CHUNK;

        AR_TRY(read_at(fd, path, end - (off_t)len, len, chunk));

        const char *newline = memrchr(chunk, '\n', len);

        if (newline != NULL) return *out_start = end - (off_t)len + (newline - chunk) + 1, ar_ok();
        end -= (off_t)len;
    }
    *out_start = 0;
    return ar_ok();
}

static ar_err parse_mark(const char *path, ar_str line, ar_mark *out_mark)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_mark mark = { 0 };
    ar_str file = ar_str_of(path), core = { 0 };
    ar_node *root;

    AR_TRY(ar_json_parse(file, line, NULL, &arena, &root));
    AR_TRY(ar_node_text(file, root, "core", true, &core));
    AR_TRY(ar_node_int(file, root, "epoch", true, &mark.epoch));
    AR_TRY(ar_node_int(file, root, "seq", true, &mark.seq));
    set_core(&mark, core);
    *out_mark = mark;
    return ar_ok();
}

ar_err ar_mark_of_log(int fd, const char *path, bool cut, ar_mark *out_mark)
{
    ar_auto(ar_arena) arena = { 0 };
    struct stat st;
    off_t end, start;

    if (fstat(fd, &st) != 0) return ar_fail_errno("%s", path);
    AR_TRY(line_start(fd, path, st.st_size, &end));
    if (cut && end < st.st_size && ftruncate(fd, end) != 0) return ar_fail_errno("%s", path);
    if (end == 0) return *out_mark = (ar_mark){ 0 }, ar_ok();

    AR_TRY(line_start(fd, path, end - 1, &start));
    if (end - start > AR_EVENT_LINE_MAX)
        return ar_fail(AR_INVALID, "%s: the last line has %lld bytes, %d is the most", path,
                       (long long)(end - start), (int)AR_EVENT_LINE_MAX);

    size_t len = (size_t)(end - start);
    char *line = ar_arena_take(&arena, len);

    AR_TRY(read_at(fd, path, start, len, line));
    AR_TRY_WITH(parse_mark(path, (ar_str){ line, len - 1 }, out_mark),
                "the last line of the event log is no event");
    return ar_ok();
}

static bool same_run(const ar_mark *a, const ar_mark *b)
{
    return strcmp(a->core, b->core) == 0 && a->epoch == b->epoch;
}

static ar_err compare(const ar_outbox *box)
{
    const ar_mark *estate = &box->estate, *log = &box->logged;

    if (log->core[0] == '\0') return ar_ok();
    if (strcmp(log->core, estate->core) != 0)
        return ar_fail(AR_CONFLICT,
                       "%s belongs to another estate; put back the estate that it belongs to with "
                       "`aright restore`, or move the log away",
                       box->path);
    if (log->epoch > estate->epoch || (log->epoch == estate->epoch && log->seq > estate->seq))
        return ar_fail(
            AR_CONFLICT,
            "the estate is older than its log (event %lld.%lld against %lld.%lld in %s): "
            "bring the estate back with `aright restore`, which says so in the log",
            (long long)estate->epoch, (long long)estate->seq, (long long)log->epoch,
            (long long)log->seq, box->path);
    return ar_ok();
}

static void add_field(ar_buf *line, const char *name, ar_value value)
{
    ar_buf_addf(line, ",\"%s\":", name);
    ar_json_value(line, value);
}

static void add_line(ar_buf *out, const char *core, ar_rows *row)
{
    static const char *const names[] = { "at", "who", "uid", "op", "event", "outcome" };

    ar_buf_addf(out, "{\"core\":\"%s\",\"epoch\":%lld,\"seq\":%lld", core,
                (long long)ar_rows_get(row, 1).i, (long long)ar_rows_get(row, 0).i);
    for (size_t i = 0; i < AR_COUNT(names); i++) add_field(out, names[i], ar_rows_get(row, i + 2));
    ar_buf_addz(out, ",\"detail\":");
    ar_buf_add(out, ar_rows_get(row, 8).s);
    ar_buf_addz(out, "}\n");
}

static ar_err append(ar_outbox *box, ar_buf *lines)
{
    AR_TRY_WITH(ar_fd_write_all(ar_fd_n(box->log), ar_buf_str(lines)), "%s", box->path);
    ar_buf_clear(lines);
    return ar_ok();
}

/* Appends the rows that the log has not got, and says the last number of all. */
static ar_err send_rows(ar_outbox *box, int64_t *out_last)
{
    ar_own(ar_rows) rows = NULL;
    ar_auto(ar_buf) lines = { 0 };

    AR_TRY(ar_engine_query(box->engine,
                           AR_LIT("SELECT seq, epoch, \"at\", who, uid, op, event, outcome, detail "
                                  "FROM ar.outbox ORDER BY seq"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        ar_mark mark = box->estate;

        mark.epoch = ar_rows_get(rows, 1).i;
        mark.seq = ar_rows_get(rows, 0).i;
        *out_last = mark.seq;
        if (same_run(&mark, &box->logged) && mark.seq <= box->logged.seq) continue;
        box->gap |= same_run(&mark, &box->logged) && mark.seq != box->logged.seq + 1;
        add_line(&lines, box->estate.core, rows);
        if (lines.len > BATCH_BYTES) AR_TRY(append(box, &lines));
        box->logged = mark;
    }
    if (lines.len > 0) AR_TRY(append(box, &lines));
    return ar_ok();
}

ar_err ar_outbox_drain(ar_outbox *box)
{
    ar_mark before = box->logged;
    int64_t last = 0;
    ar_err err = send_rows(box, &last);

    if (err.code == AR_OK && last > 0 && fdatasync(ar_fd_n(box->log)) != 0)
        err = ar_fail_errno("%s", box->path);
    if (err.code != AR_OK) {
        /* part of it may be there: the next drain asks the file, not this memory */
        if (ar_mark_of_log(ar_fd_n(box->log), box->path, true, &box->logged).code != AR_OK)
            box->logged = before;
        return err;
    }
    if (last == 0) return ar_ok();

    ar_value until = ar_int(last);

    return ar_engine_run(box->engine, AR_LIT("DELETE FROM ar.outbox WHERE seq <= $1"), &until, 1,
                         NULL);
}

static ar_err open_log(const char *home, ar_arena *arena, ar_outbox *box)
{
    const char *folder = ar_path_join(arena, home, "log");

    AR_TRY(ar_dir_make(folder, 0700));
    box->path = ar_path_join(arena, folder, "events.ndjson");
    box->log =
        ar_fd_of(open(box->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (ar_fd_n(box->log) < 0) return ar_fail_errno("%s", box->path);

    /* a log that is made just now must not vanish with the lines that were made durable in it */
    AR_TRY(ar_dir_sync(folder));
    return ar_mark_of_log(ar_fd_n(box->log), box->path, true, &box->logged);
}

static ar_err start(ar_outbox *box, ar_time now)
{
    int64_t waiting;

    AR_TRY(ar_mark_of_estate(box->engine, &box->estate));
    if (box->estate.core[0] == '\0') AR_TRY(name_estate(box->engine, now, &box->estate));
    AR_TRY(compare(box));
    AR_TRY(ar_outbox_waiting(box, &waiting));

    /* a log that ends in an earlier epoch does not say where this one began */
    bool comparable = box->logged.core[0] == '\0' || same_run(&box->logged, &box->estate);

    box->gap = comparable && box->logged.seq + waiting < box->estate.seq;
    return ar_outbox_drain(box);
}

ar_err ar_outbox_open(ar_engine *engine, const char *home, ar_time now, ar_arena *arena,
                      ar_outbox *out_outbox)
{
    ar_auto(ar_outbox) box = { .engine = engine };

    AR_TRY(open_log(home, arena, &box));
    AR_TRY(start(&box, now));
    *out_outbox = ar_move(box);
    return ar_ok();
}

void ar_outbox_done(ar_outbox *outbox)
{
    ar_fd_done(&outbox->log);
    *outbox = (ar_outbox){ 0 };
}
