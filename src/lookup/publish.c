#include "lookup/publish.h"

#include "lookup/index.h"
#include "lookup/writer.h"

#include <sys/random.h>
#include <unistd.h>

/* A segment is merged with the next older one unless that is so many times larger. */
enum { GROWTH = 8 };

const ar_migration ar_lookup_migrations[] = {
    { 510, "which index of verdicts is the estate's",
      "CREATE TABLE ar.lookup (id VARCHAR); INSERT INTO ar.lookup VALUES ('')" },
    { 0 },
};

/* ---- entries, made inside the engine ---- */

/* Where the engine's function puts what it is given. An engine cannot forget a function, so there
 * is one, and one publisher at a time. */
static struct {
    ar_lookup_heap *heap;
    const uint64_t *key;
} into;

enum { PART, KIND, ID, BITS, AT, THERE, ARGS };

/* Downwards, as the time of who asks is. */
static uint32_t seconds(ar_time at)
{
    int64_t s = at / AR_SECOND;

    return s < 0 ? 0 : s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

static ar_err put(const void *self, const ar_vector *args, size_t n_rows, ar_vector_out *out)
{
    ar_lookup_entry *entry = ar_lookup_heap_take(into.heap, n_rows);

    (void)self;
    if (entry == NULL) return ar_fail(AR_LIMIT, "more verdicts than were counted");
    for (size_t i = 0; i < n_rows; i++, entry++) {
        ar_value at = ar_vector_value(&args[AT], i);

        *entry = (ar_lookup_entry){
            .hash =
                ar_lookup_hash(into.key, ar_vector_value(&args[PART], i).s,
                               ar_vector_value(&args[KIND], i).s, ar_vector_value(&args[ID], i).s),
            .bits = ar_vector_value(&args[BITS], i).i,
            .at = at.type == AR_TIME ? seconds(at.i) : 0,
            .there = ar_vector_has(&args[THERE], i) && args[THERE].b[i],
        };
        out->i[i] = 1;
    }
    return ar_ok();
}

static ar_err know_put(ar_engine *engine)
{
    static const enum ar_type types[ARGS] = { AR_TEXT, AR_TEXT, AR_TEXT, AR_INT, AR_TIME, AR_BOOL };

    return ar_engine_scalar(engine, "ar_lookup_put", types, ARGS, AR_INT, put, NULL);
}

/* ---- one publication ---- */

typedef struct edition {
    ar_engine *engine;
    ar_arena *arena;
    const char *folder;
    ar_str id;          /* of what the estate holds for published */
    int64_t evaluation; /* the latest; 0: nothing was judged */
    int64_t changes;    /* that are not published */
    bool anew;          /* everything is to be written */
    ar_lookup_manifest m;
} edition;

static ar_err read_state(edition *e)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(e->engine,
                           AR_LIT("SELECT (SELECT id FROM ar.lookup),"
                                  " (SELECT coalesce(max(id), 0) FROM ar.evaluation),"
                                  " (SELECT count(*) FROM ar.verdict_change),"
                                  " (SELECT count(*) FROM ar.verdict_change WHERE part IS NULL)"),
                           NULL, 0, &rows));
    if (!ar_rows_next(rows)) return ar_fail(AR_INVALID, "ar.lookup has no row");
    e->id = ar_arena_copy(e->arena, ar_rows_get(rows, 0).s);
    e->evaluation = ar_rows_get(rows, 1).i;
    e->changes = ar_rows_get(rows, 2).i;
    e->anew = ar_rows_get(rows, 3).i > 0;
    return ar_ok();
}

static ar_err draw_hex(ar_arena *arena, ar_str *out)
{
    unsigned char bytes[16];
    char *text = ar_arena_take(arena, 2 * sizeof bytes + 1);

    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) return ar_fail_errno("getrandom");
    ar_hex(bytes, sizeof bytes, text);
    *out = (ar_str){ text, 2 * sizeof bytes };
    return ar_ok();
}

/* What is there is taken for ours when it is what the estate holds for published, or the next,
 * behind which a crash came: what was changed is still noted then, and is published once more. */
static void read_manifest(edition *e)
{
    ar_err err = ar_lookup_manifest_read(e->folder, e->arena, &e->m);

    if (err.code == AR_OK && e->id.len > 0 &&
        (ar_str_eq(e->m.id, e->id) || ar_str_eq(e->m.before, e->id)))
        return;
    e->m = (ar_lookup_manifest){ 0 };
    e->anew = true;
}

static ar_err read_standards(edition *e)
{
    ar_own(ar_rows) rows = NULL;
    size_t cap = 0;

    e->m.standards = NULL;
    e->m.n_standards = 0;
    AR_TRY(ar_engine_query(e->engine,
                           AR_LIT("SELECT s.id, s.hash, v.kind, v.batch, v.slot, s.last_judged"
                                  " FROM ar.verdict_slot v JOIN ar.standard s"
                                  " ON s.id = v.standard_id WHERE s.retired_at IS NULL"
                                  " ORDER BY s.id"),
                           NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        if (e->m.n_standards == AR_LOOKUP_STANDARDS_MAX)
            return ar_fail(AR_LIMIT, "more than %d standards", (int)AR_LOOKUP_STANDARDS_MAX);
        ar_grow(e->arena, e->m.standards, e->m.n_standards, cap);
        e->m.standards[e->m.n_standards++] = (ar_lookup_standard){
            .id = ar_arena_copy(e->arena, ar_rows_get(rows, 0).s),
            .hash = ar_arena_copy(e->arena, ar_rows_get(rows, 1).s),
            .judged = ar_arena_copy(e->arena, ar_rows_get(rows, 2).s),
            .batch = ar_rows_get(rows, 3).i,
            .slot = ar_rows_get(rows, 4).i,
            .asof = ar_rows_get(rows, 5).i,
        };
    }
    return ar_ok();
}

/* ---- segments ---- */

/* All of it: verdicts, and the waivers that have not ended. */
static const char all_sql[] =
    "SELECT judged || '/' || batch AS part, kind, asset_id, bits, NULL::TIMESTAMP AS since, there"
    " FROM ar.verdict UNION ALL"
    " SELECT 'waived ' || standard_id, kind, asset_id, epoch_us(until), granted_at, TRUE"
    " FROM ar.waiver w WHERE ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM ar.waiver n"
    "  WHERE n.standard_id = w.standard_id AND n.kind = w.kind AND n.asset_id = w.asset_id"
    "  AND n.ended_at IS NULL AND n.id > w.id)";

static const char changes_sql[] =
    "SELECT part, kind, asset_id, arg_max(bits, rowid) AS bits, arg_max(since, rowid) AS since,"
    " arg_max(there, rowid) AS there FROM ar.verdict_change GROUP BY part, kind, asset_id";

static ar_err write_segment(edition *e, const char *sql, ar_lookup_part *out)
{
    __attribute__((cleanup(ar_lookup_heap_done))) ar_lookup_heap heap = { 0 };
    ar_str count = ar_arena_printf(e->arena, "SELECT count(*) FROM (%s)", sql);
    ar_str fill = ar_arena_printf(
        e->arena,
        "SELECT sum(ar_lookup_put(part, kind, asset_id, bits, since, there))::BIGINT FROM (%s)",
        sql);
    ar_value n;

    AR_TRY(ar_engine_value(e->engine, count, NULL, 0, e->arena, &n));
    AR_TRY(ar_lookup_heap_open(e->folder, (size_t)n.i, &heap));
    into.heap = &heap;
    into.key = e->m.key;
    AR_TRY(ar_engine_value(e->engine, fill, NULL, 0, e->arena, &n));
    return ar_lookup_write(e->folder, &heap, &out->id, &out->n);
}

static ar_err write_anew(edition *e)
{
    if (getrandom(e->m.key, sizeof e->m.key, 0) != sizeof e->m.key)
        return ar_fail_errno("getrandom");
    AR_TRY(write_segment(e, all_sql, &e->m.parts[0]));
    e->m.n_parts = 1;
    return ar_ok();
}

static ar_err merge_first_two(edition *e)
{
    ar_auto(ar_lookup_segment) newer = { 0 };
    ar_auto(ar_lookup_segment) older = { 0 };
    ar_lookup_part merged;

    AR_TRY(ar_lookup_segment_open(e->folder, e->m.parts[0].id, &newer));
    AR_TRY(ar_lookup_segment_open(e->folder, e->m.parts[1].id, &older));
    AR_TRY(ar_lookup_merge(e->folder, &newer, &older, &merged.id, &merged.n));
    memmove(e->m.parts, e->m.parts + 1, --e->m.n_parts * sizeof e->m.parts[0]);
    e->m.parts[0] = merged;
    return ar_ok();
}

/* Each segment stays a fraction of the next older one, so there are few of them to look into, and
 * what is large is seldom written. */
static ar_err write_changes(edition *e)
{
    ar_lookup_part part;

    if (e->changes == 0) return ar_ok();
    AR_TRY(write_segment(e, changes_sql, &part));
    memmove(e->m.parts + 1, e->m.parts, e->m.n_parts++ * sizeof e->m.parts[0]);
    e->m.parts[0] = part;
    while (e->m.n_parts > 1 &&
           (e->m.parts[1].n / GROWTH < e->m.parts[0].n || e->m.n_parts == AR_LOOKUP_SEGMENTS_MAX))
        AR_TRY(merge_first_two(e));
    return ar_ok();
}

/* What the manifest does not name any more, and what a crash left. */
static ar_err remove_others(const edition *e)
{
    ar_str *names;
    size_t n;

    AR_TRY(ar_dir_list(e->folder, e->arena, &names, &n));
    for (size_t i = 0; i < n; i++) {
        bool named = !ar_str_ends(names[i], AR_LIT(".verdict"));

        for (size_t k = 0; k < e->m.n_parts && !named; k++)
            named = ar_str_ends(
                ar_str_of(ar_lookup_segment_path(e->folder, e->m.parts[k].id, e->arena)), names[i]);
        if (!named) (void)unlink(ar_path_join(e->arena, e->folder, names[i].ptr));
    }
    return ar_ok();
}

/* ---- all of it ---- */

static ar_err enter_published(const edition *e)
{
    ar_value id = ar_text(e->m.id);

    AR_TRY(ar_engine_begin(e->engine));

    ar_err err = ar_engine_run(e->engine, AR_LIT("UPDATE ar.lookup SET id = $1"), &id, 1, NULL);

    if (err.code == AR_OK) err = ar_engine_exec(e->engine, "DELETE FROM ar.verdict_change");
    if (err.code == AR_OK) err = ar_engine_commit(e->engine);
    ar_engine_rollback(e->engine);
    return err;
}

/* Segments, then what names them, then that the estate knows of it. */
static ar_err write_edition(edition *e)
{
    ar_err err = e->anew ? write_anew(e) : write_changes(e);

    /* a segment that was to be merged is damaged, or gone */
    if (!e->anew && (err.code == AR_INVALID || err.code == AR_NOT_FOUND)) err = write_anew(e);
    AR_TRY(err);
    AR_TRY(read_standards(e));
    e->m.evaluation = e->evaluation;
    e->m.before = e->id;
    AR_TRY(draw_hex(e->arena, &e->m.id));
    AR_TRY(ar_lookup_manifest_write(e->folder, &e->m));
    AR_TRY(enter_published(e));
    return remove_others(e);
}

ar_err ar_lookup_publish(ar_ctx *ctx)
{
    edition e = { .engine = ctx->engine,
                  .arena = ctx->arena,
                  .folder = ar_lookup_folder(ctx->place, ctx->arena) };

    AR_TRY(read_state(&e));
    if (e.evaluation == 0) return ar_ok();
    read_manifest(&e);
    if (!e.anew && e.changes == 0 && e.m.evaluation == e.evaluation && ar_str_eq(e.m.id, e.id))
        return ar_ok();
    AR_TRY(ar_dir_make(e.folder, 0700));
    return write_edition(&e);
}

/* What cannot be written now keeps nobody from the estate: the next change tries again, and says
 * what is wrong. */
ar_err ar_lookup_opened(ar_ctx *ctx)
{
    AR_TRY(know_put(ctx->engine));

    ar_err err = ar_lookup_publish(ctx);

    (void)err;
    return ar_ok();
}

ar_err ar_lookup_distrust(ar_engine *engine)
{
    return ar_engine_exec(engine, "INSERT INTO ar.verdict_change (part) VALUES (NULL)");
}
