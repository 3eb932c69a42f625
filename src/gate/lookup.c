#include "gate/lookup.h"

#include "lookup/index.h"
#include "sys/file.h"

#include <stdlib.h>

/* ---- the index, as its file is now ---- */

typedef struct kept {
    ar_lookup *lookup;
    ar_file_stamp stamp;
} kept;

static void free_kept(void *self)
{
    kept *k = self;

    ar_lookup_free(&k->lookup);
    free(k);
}

static ar_err open_index(ar_ctx *ctx, const ar_lookup **out_lookup)
{
    const char *folder = ar_lookup_folder(ctx->place, ctx->arena);
    kept *k = ctx->keep->kept[AR_KEPT_LOOKUP];
    ar_file_stamp stamp = { 0 };
    ar_err err = ar_file_stamp_read(ar_lookup_manifest_path(folder, ctx->arena), &stamp);

    if (err.code == AR_NOT_FOUND)
        return ar_fail(AR_NOT_FOUND, "nothing was judged yet (`aright evaluate` does)");
    AR_TRY(err);
    if (k == NULL || memcmp(&k->stamp, &stamp, sizeof stamp) != 0) {
        ar_own(ar_lookup) lookup = NULL;

        AR_TRY(ar_lookup_open(folder, &lookup));
        k = calloc(1, sizeof *k);
        if (k == NULL) abort();
        *k = (kept){ ar_move(lookup), stamp };
        ar_keep_put(ctx->keep, AR_KEPT_LOOKUP, k, free_kept);
    }
    *out_lookup = k->lookup;
    return ar_ok();
}

/* ---- one standard ---- */

typedef struct looking {
    const ar_lookup *lookup;        /* NULL: there is none, which `looked` says */
    const ar_lookup_standard *last; /* whose verdict was looked up last, */
    const ar_lookup_entry *entry;   /* and which it is: most standards of a gate share one */
    ar_arena *arena;
    ar_time asof;
    ar_gate_looked *looked;
} looking;

static void say(const looking *l, ar_gate_verdict *v, enum ar_state state, ar_str why)
{
    v->state = state;
    v->why = why;
    v->effect = v->waived ? AR_GATE_AUDIT : ar_gate_effect_of(v->standard, state);
    if (v->asof != AR_TIME_MIN && (l->looked->asof == AR_TIME_MIN || v->asof < l->looked->asof))
        l->looked->asof = v->asof;
}

static void unknown(const looking *l, ar_gate_verdict *v, ar_str why)
{
    say(l, v, AR_UNKNOWN, why);
}

static ar_err say_waived(const looking *l, ar_gate_verdict *v, enum ar_state state)
{
    const ar_gate_looked *to = l->looked;
    char at[AR_TIME_LEN];
    ar_time until;

    AR_TRY(ar_lookup_waived(l->lookup, v->standard->id, to->kind, to->id, l->asof, &until));
    v->waived = until != AR_TIME_MIN;
    say(l, v, state,
        v->waived ? ar_arena_printf(l->arena, "it may miss it through %s",
                                    ar_time_print(ar_time_to_second(until), at))
                  : ar_arena_printf(l->arena, "`aright finding explain %.*s/%.*s:%.*s` says why",
                                    AR_FMT(v->standard->id), AR_FMT(to->kind), AR_FMT(to->id)));
    return ar_ok();
}

static ar_err find_verdict(looking *l, const ar_lookup_standard *judged,
                           const ar_lookup_entry **out_entry)
{
    bool same = l->last != NULL && l->last->batch == judged->batch &&
                ar_str_eq(l->last->judged, judged->judged);

    if (!same)
        AR_TRY(ar_lookup_verdict(l->lookup, judged, l->looked->kind, l->looked->id, &l->entry));
    l->last = judged;
    *out_entry = l->entry;
    return ar_ok();
}

static ar_err say_verdict(looking *l, ar_gate_verdict *v, const ar_lookup_standard *judged)
{
    const ar_gate_looked *to = l->looked;
    const ar_lookup_entry *entry;
    enum ar_state state;

    AR_TRY(find_verdict(l, judged, &entry));
    v->asof = judged->asof;
    if (entry == NULL)
        return unknown(l, v,
                       ar_arena_printf(l->arena, "the estate has no %.*s:%.*s", AR_FMT(to->kind),
                                       AR_FMT(to->id))),
               ar_ok();
    if ((ar_time)entry->at * AR_SECOND > v->asof) v->asof = (ar_time)entry->at * AR_SECOND;
    state = (enum ar_state)(entry->bits >> (2 * judged->slot) & 3);
    if (state == AR_OUT && entry->there == 0)
        return unknown(l, v, AR_LIT("the estate has it no more")), ar_ok();
    if (state == AR_FAIL || state == AR_UNKNOWN) return say_waived(l, v, state);
    if (state == AR_PASS && v->standard->stale_after > 0 &&
        l->asof - v->asof > v->standard->stale_after)
        return unknown(l, v, AR_LIT("it was judged so long ago that it may be so no more")),
               ar_ok();
    say(l, v, state, (ar_str){ 0 });
    return ar_ok();
}

static ar_err look_up(looking *l, ar_gate_verdict *v)
{
    const ar_lookup_standard *judged = NULL;

    v->asof = AR_TIME_MIN;
    if (l->lookup == NULL) return unknown(l, v, l->looked->broken), ar_ok();
    judged = ar_lookup_standard_of(l->lookup, v->standard->id);
    if (judged == NULL)
        return unknown(l, v, AR_LIT("nothing was judged by it yet (`aright evaluate` does)")),
               ar_ok();
    if (!ar_str_eq(judged->hash, v->standard->hash))
        return unknown(l, v,
                       AR_LIT("it is another text than what was judged by (`aright evaluate` "
                              "judges by it)")),
               ar_ok();

    ar_err err = say_verdict(l, v, judged);

    if (err.code != AR_INVALID) return err;
    l->looked->broken = ar_arena_copy(l->arena, ar_err_text(err));
    return unknown(l, v, l->looked->broken), ar_ok();
}

/* ---- all of them ---- */

static ar_err read_asset(const ar_kinds *kinds, const ar_kind *judged, ar_str gate, ar_str asset,
                         ar_gate_looked *out)
{
    size_t colon = ar_str_find(asset, ':');
    const ar_kind *kind;

    if (colon == 0 || colon + 1 >= asset.len)
        return ar_fail(AR_INVALID, "'%.*s' is no asset; want KIND:ID, as %.*s:payments",
                       AR_FMT(asset), AR_FMT(judged->name));
    out->kind = ar_str_cut(asset, 0, colon);
    out->id = ar_str_cut(asset, colon + 1, asset.len);
    AR_TRY(ar_kinds_find(kinds, out->kind, &kind));
    if (kind == judged || ar_str_eq(judged->name, AR_LIT("asset"))) return ar_ok();
    return ar_fail(AR_INVALID, "%.*s judges %.*s, and %.*s is none", AR_FMT(gate),
                   AR_FMT(judged->name), AR_FMT(asset));
}

ar_err ar_gate_lookup(ar_ctx *ctx, const ar_standards *standards, const ar_kinds *kinds,
                      ar_str gate, ar_str asset, ar_time asof, ar_gate_looked *out_looked)
{
    ar_gate_looked looked = { .asof = AR_TIME_MIN };
    looking l = { .arena = ctx->arena, .asof = asof, .looked = &looked };
    ar_gate_decision *d = &looked.decision;
    const ar_kind *kind;

    AR_TRY(ar_gate_find(standards, gate, ctx->arena, &kind));
    AR_TRY(read_asset(kinds, kind, gate, asset, &looked));

    ar_err err = open_index(ctx, &l.lookup);

    if (err.code != AR_OK) looked.broken = ar_arena_copy(ctx->arena, ar_err_text(err));
    d->verdicts = ar_make_n(ctx->arena, ar_gate_verdict, standards->n + 1);
    for (size_t i = 0; i < standards->n; i++) {
        ar_gate_verdict *v = &d->verdicts[d->n];

        if (!ar_gate_has(&standards->list[i], gate)) continue;
        v->standard = &standards->list[i];
        AR_TRY(look_up(&l, v));
        if (v->effect > d->effect) d->effect = v->effect;
        d->n++;
    }
    *out_looked = looked;
    return ar_ok();
}
