#include "gate/gate.h"

#include "standard/part.h"

const char *ar_gate_effect_name(enum ar_gate_effect effect)
{
    static const char *const names[] = { "none", "audit", "warn", "deny" };

    return names[effect];
}

const char *ar_gate_state_name(const ar_gate_verdict *verdict)
{
    return verdict->waived ? "waived" : ar_state_name(verdict->state);
}

bool ar_gate_has(const ar_standard *standard, ar_str gate)
{
    for (size_t i = 0; i < standard->n_gates; i++)
        if (ar_str_eq(standard->gates[i], gate)) return true;
    return false;
}

static ar_err unknown_gate(const ar_standards *standards, ar_str gate, ar_arena *arena)
{
    ar_str *names = NULL, near;
    size_t n = 0, cap = 0;

    for (size_t i = 0; i < standards->n; i++)
        for (size_t k = 0; k < standards->list[i].n_gates; k++) {
            ar_grow(arena, names, n, cap);
            names[n++] = standards->list[i].gates[k];
        }
    near = ar_str_nearest(gate, names, n);
    if (near.len > 0)
        return ar_fail(AR_NOT_FOUND, "no standard is at a gate '%.*s'; did you mean '%.*s'?",
                       AR_FMT(gate), AR_FMT(near));
    return ar_fail(AR_NOT_FOUND,
                   "no standard is at a gate '%.*s'; `aright gate list` names those there are",
                   AR_FMT(gate));
}

ar_err ar_gate_find(const ar_standards *standards, ar_str gate, ar_arena *arena,
                    const ar_kind **out_kind)
{
    for (size_t i = 0; i < standards->n; i++)
        if (ar_gate_has(&standards->list[i], gate))
            return *out_kind = standards->list[i].kind, ar_ok();
    return unknown_gate(standards, gate, arena);
}

enum ar_gate_effect ar_gate_effect_of(const ar_standard *standard, enum ar_state state)
{
    bool open = ar_str_eq(standard->on_error, AR_LIT("open"));

    if (state == AR_PASS || state == AR_OUT) return AR_GATE_NONE;
    if (state == AR_UNKNOWN && open) return AR_GATE_AUDIT;
    return ar_str_eq(standard->mode, AR_LIT("deny"))   ? AR_GATE_DENY
           : ar_str_eq(standard->mode, AR_LIT("warn")) ? AR_GATE_WARN
                                                       : AR_GATE_AUDIT;
}

/* The conditions that are false; where none is, those that cannot be told. */
static ar_err why(const ar_standard *standard, const ar_row *row, enum ar_state state,
                  ar_arena *arena, ar_str *out_why)
{
    ar_auto(ar_buf) out = { 0 };
    ar_part *parts;
    size_t n;

    AR_TRY(ar_parts_of(standard, arena, &parts, &n));
    for (size_t i = 0; i < n; i++) {
        ar_part *part = &parts[i];

        AR_TRY(ar_row_eval(standard, row, &part->expr, 1, arena, &part->truth));
        bool null = part->truth.type == AR_NULL;
        if (state == AR_UNKNOWN ? null : !null && !part->truth.b)
            ar_part_print(&out, standard, part, row->values, row->asof);
    }
    *out_why = ar_arena_copy(arena, ar_buf_str(&out));
    return ar_ok();
}

struct ar_gate {
    ar_time asof;
    const ar_standard **standards;
    size_t n;
    const ar_panel **panels; /* each of the next AR_SCAN_SLOTS of them */
    size_t n_panels;
};

ar_err ar_gate_make(const ar_standards *standards, ar_str name, ar_time asof, ar_arena *arena,
                    const ar_gate **out_gate)
{
    ar_gate *gate = ar_make(arena, ar_gate);

    gate->asof = asof;
    gate->standards = ar_make_n(arena, const ar_standard *, standards->n + 1);
    gate->panels = ar_make_n(arena, const ar_panel *, standards->n / AR_SCAN_SLOTS + 1);
    for (size_t i = 0; i < standards->n; i++)
        if (ar_gate_has(&standards->list[i], name))
            gate->standards[gate->n++] = &standards->list[i];
    for (size_t at = 0; at < gate->n; at += AR_SCAN_SLOTS) {
        size_t n = gate->n - at < AR_SCAN_SLOTS ? gate->n - at : AR_SCAN_SLOTS;

        AR_TRY(
            ar_panel_make(gate->standards + at, n, asof, arena, &gate->panels[gate->n_panels++]));
    }
    *out_gate = gate;
    return ar_ok();
}

static ar_err decide_one(const ar_standard *standard, const ar_row *row, enum ar_state state,
                         ar_arena *arena, ar_gate_verdict *out)
{
    *out = (ar_gate_verdict){ .standard = standard,
                              .state = state,
                              .asof = row->asof,
                              .effect = ar_gate_effect_of(standard, state) };
    return out->effect == AR_GATE_NONE ? ar_ok() : why(standard, row, state, arena, &out->why);
}

ar_err ar_gate_decide(const ar_gate *gate, const ar_row *row, ar_arena *arena,
                      ar_gate_decision *out_decision)
{
    ar_gate_decision decision = { .verdicts = ar_make_n(arena, ar_gate_verdict, gate->n + 1),
                                  .n = gate->n };
    int64_t verdict = 0;

    assert(row->asof == gate->asof);
    for (size_t i = 0; i < gate->n; i++) {
        ar_gate_verdict *v = &decision.verdicts[i];
        size_t slot = i % AR_SCAN_SLOTS;

        if (slot == 0)
            AR_TRY(ar_row_verdict(gate->panels[i / AR_SCAN_SLOTS], row, arena, &verdict));
        AR_TRY(decide_one(gate->standards[i], row, (enum ar_state)(verdict >> (2 * slot) & 3),
                          arena, v));
        if (v->effect > decision.effect) decision.effect = v->effect;
    }
    *out_decision = decision;
    return ar_ok();
}

void ar_gate_note(const ar_gate_decision *decision, ar_reply *reply)
{
    for (size_t i = 0; i < decision->n; i++) {
        const ar_standard *standard = decision->verdicts[i].standard;

        if (decision->verdicts[i].effect != AR_GATE_NONE)
            ar_reply_note(reply, "%.*s %.*s: %.*s", AR_FMT(standard->id), AR_FMT(standard->title),
                          AR_FMT(standard->right));
    }
}
