/* gate: whether a thing may become as somebody proposes. The standards that name the gate judge it
 * as a scan would once it were so; the gate holds no rule of its own. */
#pragma once

#include "op/op.h"
#include "standard/row.h"

enum ar_gate_effect {
    AR_GATE_NONE,  /* it passes, or is not in scope */
    AR_GATE_AUDIT, /* it misses the standard, which is recorded */
    AR_GATE_WARN,  /* and said */
    AR_GATE_DENY,  /* and not allowed */
};

const char *ar_gate_effect_name(enum ar_gate_effect effect); /* "none", "audit", "warn", "deny" */

typedef struct ar_gate_verdict {
    const ar_standard *standard;
    enum ar_state state;
    bool waived;  /* it may miss the standard: only of what the estate has (gate/lookup.h) */
    ar_time asof; /* when that was so */
    enum ar_gate_effect effect;
    ar_str why; /* which conditions do not hold, with the facts; empty when it passes */
} ar_gate_verdict;

typedef struct ar_gate_decision {
    enum ar_gate_effect effect; /* the strongest of all */
    ar_gate_verdict *verdicts;  /* in the order of the standards */
    size_t n;
} ar_gate_decision;

/* "pass", "fail", "unknown", "waived", "out" */
const char *ar_gate_state_name(const ar_gate_verdict *verdict);

/* What a standard does with a thing of which it says that. */
enum ar_gate_effect ar_gate_effect_of(const ar_standard *standard, enum ar_state state);
/* Whether the standard is at the gate. */
bool ar_gate_has(const ar_standard *standard, ar_str gate);

/* The kind that is judged at the gate: "app" of app.create. AR_NOT_FOUND with the nearest name when
 * no standard names the gate. */
ar_err ar_gate_find(const ar_standards *standards, ar_str gate, ar_arena *arena,
                    const ar_kind **out_kind);

/* The standards of a gate made ready to judge at one moment; immutable, views the standards. */
typedef struct ar_gate ar_gate;
ar_err ar_gate_make(const ar_standards *standards, ar_str gate, ar_time asof, ar_arena *arena,
                    const ar_gate **out_gate);

/* What cannot be told is as wrong where the standard is closed on error, and let through where it
 * is open. `row` is of the gate's kind and moment; a standard that looks at linked rows sees those
 * which the document gives. */
ar_err ar_gate_decide(const ar_gate *gate, const ar_row *row, ar_arena *arena,
                      ar_gate_decision *out_decision);

/* Notes what would be right, for each standard that has an effect. */
void ar_gate_note(const ar_gate_decision *decision, ar_reply *reply);
