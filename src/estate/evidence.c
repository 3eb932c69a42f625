#include "estate/evidence.h"

/* docs/formats.md holds the same list. */
const ar_evidence_class ar_evidence_classes[] = {
    { "claim", 1, false, 1.0, "a person said here that it is theirs, or their team's" },
    { "register", 2, true, 0.95, "a register of owners names them" },
    { "owner", 3, true, 0.9, "the system that has it names them" },
    { "codeowners", 3, true, 0.9, "the CODEOWNERS file of the repository names them" },
    { "pipeline", 4, true, 0.7, "they own the pipeline that deploys it" },
    { "creator", 5, true, 0.5, "they made it, or gave it its rights" },
    { "login", 5, true, 0.5, "they are the ones who sign in with it" },
    { "committer", 6, true, 0.4, "they changed it last" },
    { "git_history", 6, true, 0.4, "they committed to it most and last" },
    { "file_owner", 6, true, 0.2, "its files are theirs" },
    { "cost_centre", 7, true, 0.3, "they pay for it" },
    { "parent", 8, true, 0.2, "they own what it lies in" },
    { "whole", 8, false, 0.2, "they own what it is a part of" },
    { 0 },
};

const ar_evidence_class *ar_evidence_class_find(ar_str word)
{
    for (const ar_evidence_class *c = ar_evidence_classes; c->word != NULL; c++)
        if (c->told && ar_str_eq(word, ar_str_of(c->word))) return c;
    return NULL;
}

double ar_evidence_confidence(ar_str word)
{
    for (const ar_evidence_class *c = ar_evidence_classes; c->word != NULL; c++)
        if (ar_str_eq(word, ar_str_of(c->word))) return c->confidence;
    return 0;
}

ar_str ar_evidence_class_words(ar_arena *arena)
{
    ar_auto(ar_buf) words = { 0 };

    for (const ar_evidence_class *c = ar_evidence_classes; c->word != NULL; c++)
        if (c->told) ar_buf_addf(&words, "%s%s", words.len > 0 ? ", " : "", c->word);
    return ar_arena_copy(arena, ar_buf_str(&words));
}

ar_str ar_evidence_print(ar_str packed, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };
    ar_str line;

    while (ar_str_split(&packed, '\n', &line)) {
        ar_str class = { 0 }, confidence, at = { 0 };
        char day[AR_TIME_LEN];
        int64_t micros;

        (void)ar_str_split(&line, '\t', &class);
        (void)ar_str_split(&line, '\t', &confidence);
        (void)ar_str_split(&line, '\t', &at);
        ar_buf_addf(&text, "%s%.*s (%.*s", text.len > 0 ? ", " : "", AR_FMT(line), AR_FMT(class));
        if (ar_str_int(at, &micros)) ar_buf_addf(&text, ", %s", ar_time_print(micros, day));
        ar_buf_addc(&text, ')');
    }
    return ar_arena_copy(arena, ar_buf_str(&text));
}

void ar_sql_rank(ar_buf *sql, const char *expression)
{
    ar_buf_addf(sql, "CASE %s", expression);
    for (const ar_evidence_class *c = ar_evidence_classes; c->word != NULL; c++)
        ar_buf_addf(sql, " WHEN '%s' THEN %d", c->word, c->rank);
    ar_buf_addz(sql, " ELSE 99 END");
}

static ar_err append_evidence(ar_engine *engine, const ar_evidence *list, size_t n, ar_time now)
{
    ar_own(ar_append) append = NULL;

    AR_TRY(ar_append_open(engine, "ar.evidence", &append));
    for (size_t i = 0; i < n; i++) {
        ar_value row[] = { ar_text(list[i].kind),         ar_text(list[i].id),
                           ar_text(list[i].owner),        ar_text(list[i].evidence),
                           ar_double(list[i].confidence), ar_at(list[i].observed_at),
                           ar_text(AR_LIT("")),           ar_at(now) };
        AR_TRY(ar_append_row(append, row, AR_COUNT(row)));
    }
    return ar_append_close(&append);
}

/* What `which` says of the old evidence goes, and the new, which is under no source yet, comes in
 * its place; what was known already stays known since then. */
static ar_err take_over(ar_engine *engine, ar_str source, const char *which)
{
    ar_auto(ar_buf) sql = { 0 };
    ar_value arg = ar_text(source);

    AR_TRY(ar_engine_run(engine,
                         AR_LIT("UPDATE ar.evidence AS n SET recorded_at = o.recorded_at"
                                " FROM ar.evidence o WHERE n.source = '' AND o.source = $1"
                                " AND o.kind = n.kind AND o.id = n.id AND o.owner = n.owner"
                                " AND o.evidence = n.evidence"),
                         &arg, 1, NULL));
    ar_buf_addf(&sql, "DELETE FROM ar.evidence WHERE source = $1%s", which);
    AR_TRY(ar_engine_run(engine, ar_buf_str(&sql), &arg, 1, NULL));
    return ar_engine_run(engine, AR_LIT("UPDATE ar.evidence SET source = $1 WHERE source = ''"),
                         &arg, 1, NULL);
}

ar_err ar_evidence_replace(ar_engine *engine, ar_str source, const ar_evidence *list, size_t n,
                           ar_time now)
{
    AR_TRY(append_evidence(engine, list, n, now));
    return take_over(engine, source, "");
}

ar_err ar_evidence_add(ar_engine *engine, ar_str source, const ar_evidence *list, size_t n,
                       ar_time now)
{
    AR_TRY(append_evidence(engine, list, n, now));
    return take_over(engine, source,
                     " AND (kind, id) IN"
                     " (SELECT (kind, id) FROM ar.evidence WHERE source = '')");
}
