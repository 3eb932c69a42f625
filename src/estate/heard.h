/* heard: all that is said of who owns the assets of a kind, as SQL: facts, evidence, claims. */
#pragma once

#include "estate/kind.h"

typedef struct ar_owner_scope {
    const char *ids; /* SQL; NULL: all */
    ar_time now;
    bool shared;    /* some asset of the kind has several rows (ar_table) */
    bool all_leads; /* also where the facts name an owner */
} ar_owner_scope;

/* SQL, behind WITH, without arguments: the engine would plan it twice.
 *   word   what each source's row says: shown, the owner `named` by it; `owner`, when here; teller
 *   told   the same of all sources together, a row for each asset
 *   led_N  for the lead N of the kind: id, leads_to, its owner, owner_source, domain_id, last_seen
 *   heard  the evidence beside these facts: owner, as `said`, evidence, rank, source, place,
 *          confidence, observed_at, recorded_at, here */
void ar_sql_heard(ar_buf *sql, const ar_kind *kind, const ar_owner_scope *scope);
