#include "lookup/index.h"

#include <stdlib.h>

enum { TRIES = 5 };

struct ar_lookup {
    ar_arena arena;
    ar_lookup_manifest manifest;
    ar_map standards;
    ar_lookup_segment segments[AR_LOOKUP_SEGMENTS_MAX];
};

void ar_lookup_free(ar_lookup **lookup)
{
    ar_lookup *l = *lookup;

    if (l == NULL) return;
    for (size_t i = 0; i < AR_LOOKUP_SEGMENTS_MAX; i++) ar_lookup_segment_done(&l->segments[i]);
    ar_arena_done(&l->arena);
    free(l);
    *lookup = NULL;
}

static ar_err open_once(const char *folder, ar_lookup **out_lookup)
{
    ar_own(ar_lookup) l = calloc(1, sizeof *l);

    if (l == NULL) abort();
    AR_TRY(ar_lookup_manifest_read(folder, &l->arena, &l->manifest));
    for (size_t i = 0; i < l->manifest.n_parts; i++) {
        AR_TRY(ar_lookup_segment_open(folder, l->manifest.parts[i].id, &l->segments[i]));
        if (l->segments[i].n != l->manifest.parts[i].n)
            return ar_fail(AR_INVALID,
                           "the index of verdicts is damaged: %016llx.verdict has %lld "
                           "entries and not %lld",
                           (unsigned long long)l->manifest.parts[i].id, (long long)l->segments[i].n,
                           (long long)l->manifest.parts[i].n);
    }
    for (size_t i = 0; i < l->manifest.n_standards; i++)
        ar_map_put(&l->standards, &l->arena, l->manifest.standards[i].id, NULL)->cptr =
            &l->manifest.standards[i];
    *out_lookup = ar_move(l);
    return ar_ok();
}

/* A segment that its manifest names and that is gone has been replaced with it meanwhile. */
ar_err ar_lookup_open(const char *folder, ar_lookup **out_lookup)
{
    ar_auto(ar_arena) scratch = { 0 };
    const char *path = ar_lookup_manifest_path(folder, &scratch);
    ar_err err = ar_ok();

    for (int i = 0; i < TRIES; i++) {
        err = open_once(folder, out_lookup);
        if (err.code != AR_NOT_FOUND) return err;
        if (!ar_file_exists(path)) return err;
    }
    return ar_fail(AR_INVALID, "the index of verdicts is damaged: %.*s", AR_FMT(ar_err_text(err)));
}

const ar_lookup_manifest *ar_lookup_manifest_of(const ar_lookup *lookup)
{
    return &lookup->manifest;
}

const ar_lookup_standard *ar_lookup_standard_of(const ar_lookup *lookup, ar_str id)
{
    const ar_map_value *found = ar_map_get(&lookup->standards, id);

    return found == NULL ? NULL : found->cptr;
}

ar_siphash ar_lookup_hash(const uint64_t key[2], ar_str part, ar_str kind, ar_str id)
{
    const ar_str texts[] = { part, kind, id };

    return ar_siphash_of(key, texts, AR_COUNT(texts));
}

/* The newest that has it. */
static ar_err find(const ar_lookup *l, ar_str part, ar_str kind, ar_str id,
                   const ar_lookup_entry **out_entry)
{
    ar_siphash hash = ar_lookup_hash(l->manifest.key, part, kind, id);

    *out_entry = NULL;
    for (size_t i = 0; i < l->manifest.n_parts && *out_entry == NULL; i++)
        AR_TRY(ar_lookup_segment_find(&l->segments[i], hash, out_entry));
    return ar_ok();
}

ar_err ar_lookup_verdict(const ar_lookup *lookup, const ar_lookup_standard *standard, ar_str kind,
                         ar_str id, const ar_lookup_entry **out_entry)
{
    ar_auto(ar_buf) part = { 0 };

    ar_buf_addf(&part, "%.*s/%lld", AR_FMT(standard->judged), (long long)standard->batch);
    return find(lookup, ar_buf_str(&part), kind, id, out_entry);
}

ar_err ar_lookup_waived(const ar_lookup *lookup, ar_str standard, ar_str kind, ar_str id,
                        ar_time asof, ar_time *out_until)
{
    ar_auto(ar_buf) part = { 0 };
    const ar_lookup_entry *entry;

    ar_buf_addf(&part, "waived %.*s", AR_FMT(standard));
    AR_TRY(find(lookup, ar_buf_str(&part), kind, id, &entry));
    bool holds = entry != NULL && entry->there != 0 && entry->bits >= asof &&
                 (ar_time)entry->at * AR_SECOND <= asof;
    *out_until = holds ? entry->bits : AR_TIME_MIN;
    return ar_ok();
}
