/* evaluate: judges the whole estate, one scan a kind, and turns what changed since the last time
 * into episodes of findings. */
#pragma once

#include "standard/standard.h"

/* What came of one kind. */
typedef struct ar_evaluated {
    const ar_kind *kind;
    int64_t standards, assets, pass, fail, unknown;
    int64_t opened, closed;
} ar_evaluated;

typedef struct ar_evaluation {
    int64_t id;          /* 0: not stored */
    ar_time last;        /* `asof` of the one stored before; AR_TIME_MIN: none */
    ar_evaluated *kinds; /* those that standards judge, by name */
    size_t n;
} ar_evaluation;

/* Told before each kind; may be NULL. */
typedef void ar_evaluate_fn(void *self, const ar_kind *kind, size_t done, size_t total);

/* Judges as of `asof`. Earlier than the last stored evaluation, or later than now, nothing is
 * stored: one stored as of next year would keep all until then from being stored. Runs inside the
 * caller's transaction; after a failure that must be rolled back. */
ar_err ar_evaluate(ar_engine *engine, const ar_kinds *kinds, const ar_standards *standards,
                   ar_time now, ar_time asof, ar_evaluate_fn *tell, void *self, ar_arena *arena,
                   ar_evaluation *out_evaluation);

/* Judges again, as of now, only the assets that the table `assets` (kind, id) has, by the standards
 * that judged last and are as they were then: verdicts, episodes and counts are what ar_evaluate
 * would make them where nothing else changed. Adds to the table the assets whose verdicts look at
 * those. What aright itself makes of findings, items as assets, is judged with everything only.
 * Where nothing was ever judged, nothing happens. */
ar_err ar_evaluate_some(ar_engine *engine, const ar_kinds *kinds, const ar_standards *standards,
                        const char *assets, ar_time now, ar_arena *arena,
                        ar_evaluation *out_evaluation);
