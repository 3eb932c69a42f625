#include "inspect/report.h"

#include "form/json.h"
#include "sys/file.h"

static struct ar_report_kind *kind_of(ar_report *report, const char *name)
{
    for (size_t i = 0; i < report->n_kinds; i++)
        if (strcmp(report->kinds[i].name, name) == 0) return &report->kinds[i];
    assert(report->n_kinds < AR_REPORT_KINDS_MAX);
    report->kinds[report->n_kinds].name = name;
    return &report->kinds[report->n_kinds++];
}

void ar_report_seen(ar_report *report, const char *kind)
{
    kind_of(report, kind)->seen = true;
}

void ar_report_seen_partly(ar_report *report, const char *kind)
{
    kind_of(report, kind)->seen = kind_of(report, kind)->partly = true;
}

void ar_report_unread(ar_report *report, const char *name, ar_str why)
{
    struct ar_report_kind *kind = kind_of(report, name);

    kind->partly = true;
    if (kind->n_unread++ == 0) kind->unread = ar_arena_copy(&report->arena, why);
}

static void add_text(ar_buf *out, const char *key, ar_str text)
{
    ar_buf_addf(out, ",\"%s\":", key);
    ar_json_text(out, text);
}

void ar_report_could_not(ar_report *report, const char *what, ar_str why)
{
    if (report->n_notes++ >= AR_REPORT_NOTES_MAX) return;
    ar_buf_addz(&report->notes, "{\"could_not\":");
    ar_json_text(&report->notes, ar_str_of(what));
    add_text(&report->notes, "why", why);
    ar_buf_addz(&report->notes, "}\n");
}

static void refuse(ar_report *report, const char *what, ar_str id, size_t max)
{
    ar_str shown = ar_str_cut(id, 0, id.len < 80 ? id.len : 80);

    ar_report_could_not(report, what,
                        ar_arena_printf(&report->arena, "'%.*s%s': longer than %zu bytes",
                                        AR_FMT(shown), shown.len < id.len ? "…" : "", max));
}

static bool is_long(ar_value value)
{
    return value.type == AR_TEXT && value.s.len > AR_REPORT_TEXT_MAX;
}

static void refuse_fact(ar_report *report, const char *kind, ar_str id, const char *column)
{
    ar_str what = ar_arena_printf(&report->arena, "%s.%s", kind, column);

    refuse(report, what.ptr, id, AR_REPORT_TEXT_MAX);
}

void ar_report_row(ar_report *report, const char *kind_name, ar_str id, const ar_fact *facts,
                   size_t n)
{
    struct ar_report_kind *kind = kind_of(report, kind_name);
    size_t before = kind->rows.len;
    bool is_new;

    if (kind->n == AR_REPORT_ROWS_MAX || report->n_bytes > AR_REPORT_BYTES_MAX) {
        if (!kind->too_many)
            ar_report_could_not(report, kind_name,
                                ar_arena_printf(&report->arena, "more than %d rows or %d bytes",
                                                (int)AR_REPORT_ROWS_MAX, (int)AR_REPORT_BYTES_MAX));
        kind->too_many = kind->partly = true;
        return;
    }
    if (id.len > AR_REPORT_ID_MAX) {
        refuse(report, kind_name, id, AR_REPORT_ID_MAX);
        return;
    }
    (void)ar_map_put(&kind->ids, &report->arena, ar_arena_copy(&report->arena, id), &is_new);
    if (!is_new) return;

    kind->n++;
    ar_buf_addf(&kind->rows, "{\"kind\":\"%s\"", kind_name);
    add_text(&kind->rows, "id", id);
    for (size_t i = 0; i < n; i++) {
        if (facts[i].value.type == AR_NULL) continue;
        if (is_long(facts[i].value)) {
            refuse_fact(report, kind_name, id, facts[i].column);
            continue;
        }
        /* "kind" says what the row is; a column of that name carries an underscore */
        bool taken = strcmp(facts[i].column, "kind") == 0;
        ar_buf_addf(&kind->rows, ",\"%s%s\":", facts[i].column, taken ? "_" : "");
        ar_json_value(&kind->rows, facts[i].value);
    }
    ar_buf_addz(&kind->rows, "}\n");
    report->n_bytes += kind->rows.len - before;
}

void ar_report_owner(ar_report *report, const char *kind, ar_str id, ar_str owner,
                     const char *evidence, double confidence, ar_time observed_at)
{
    ar_buf *out = &report->owners;
    char at[AR_TIME_LEN];

    if (id.len > AR_REPORT_ID_MAX || owner.len > AR_REPORT_ID_MAX) return;
    ar_buf_addz(out, "{\"owner_of\":");
    ar_json_text(out, ar_arena_printf(&report->arena, "%s:%.*s", kind, AR_FMT(id)));
    add_text(out, "owner", owner);
    ar_buf_addf(out, ",\"evidence\":\"%s\",\"confidence\":%.2f,\"observed_at\":\"%s\"}\n", evidence,
                confidence, ar_time_print(observed_at, at));
}

/* Half a list must not look like things that went: such a kind has a list of its own. */
static void add_kinds(ar_buf *out, const ar_report *report, const char *key, bool partly)
{
    size_t listed = 0;

    ar_buf_addf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < report->n_kinds; i++)
        if (report->kinds[i].seen && report->kinds[i].partly == partly)
            ar_buf_addf(out, "%s\"%s\"", listed++ > 0 ? "," : "", report->kinds[i].name);
    ar_buf_addc(out, ']');
}

static void add_unread(ar_buf *out, const struct ar_report_kind *kind)
{
    ar_auto(ar_buf) why = { 0 };

    ar_buf_add(&why, kind->unread);
    if (kind->n_unread > 1) ar_buf_addf(&why, ", and %zu more", kind->n_unread - 1);
    ar_buf_addf(out, "{\"could_not\":\"%s\"", kind->name);
    add_text(out, "why", ar_buf_str(&why));
    ar_buf_addz(out, "}\n");
}

ar_err ar_report_write(const ar_report *report, const char *inspector, ar_str source, int fd)
{
    ar_auto(ar_buf) head = { 0 }, tail = { 0 };
    ar_auto(ar_arena) arena = { 0 };
    char at[AR_TIME_LEN];
    size_t rows = 0;

    ar_buf_addf(&head, "{\"inspector\":\"%s\"", inspector);
    add_text(&head, "source", ar_arena_printf(&arena, "%s:%.*s", inspector, AR_FMT(source)));
    ar_buf_addf(&head, ",\"observed_at\":\"%s\"", ar_time_print(report->now, at));
    add_kinds(&head, report, "kinds", false);
    add_kinds(&head, report, "partly", true);
    ar_buf_addz(&head, "}\n");
    for (size_t i = 0; i < report->n_kinds; i++)
        if (report->kinds[i].n_unread > 0) add_unread(&head, &report->kinds[i]);
    if (report->n_notes > AR_REPORT_NOTES_MAX)
        ar_buf_addf(&head,
                    "{\"could_not\":\"%zu things\",\"why\":\"beyond %d they are counted\"}\n",
                    report->n_notes - AR_REPORT_NOTES_MAX, (int)AR_REPORT_NOTES_MAX);
    AR_TRY(ar_fd_write_all(fd, ar_buf_str(&head)));
    AR_TRY(ar_fd_write_all(fd, ar_buf_str(&report->notes)));
    for (size_t i = 0; i < report->n_kinds; i++) {
        const struct ar_report_kind *kind = &report->kinds[i];

        if (!kind->seen) continue;
        AR_TRY(ar_fd_write_all(fd, ar_buf_str(&kind->rows)));
        rows += kind->n;
    }
    AR_TRY(ar_fd_write_all(fd, ar_buf_str(&report->owners)));
    ar_buf_addf(&tail, "{\"done\":true,\"rows\":%zu}\n", rows);
    return ar_fd_write_all(fd, ar_buf_str(&tail));
}

void ar_report_done(ar_report *report)
{
    for (size_t i = 0; i < report->n_kinds; i++) ar_buf_done(&report->kinds[i].rows);
    ar_buf_done(&report->notes);
    ar_buf_done(&report->owners);
    ar_arena_done(&report->arena);
    *report = (ar_report){ 0 };
}
