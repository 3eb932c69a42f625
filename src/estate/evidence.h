/* evidence: a reason to think that somebody owns an asset: of a class, from a source, with a
 * confidence and a date. Classes have an order; within one the confidence decides, then the order
 * of the sources, then the date. */
#pragma once

#include "engine/engine.h"

enum { AR_EVIDENCE_NAMING = 3 }; /* through this rank it says who owns it, beyond it only hints */

typedef struct ar_evidence_class {
    const char *word;
    int rank;          /* 1 decides before 2 */
    bool told;         /* a source may say so */
    double confidence; /* unless the source lowers it */
    const char *meaning;
} ar_evidence_class;

extern const ar_evidence_class ar_evidence_classes[]; /* by rank; ends with a zero entry */
/* Of those that a source may tell; NULL when there is none of that name. */
const ar_evidence_class *ar_evidence_class_find(ar_str word);
double ar_evidence_confidence(ar_str word); /* of any class */
/* "register, owner, …": they, for a sentence that says what would be right. */
ar_str ar_evidence_class_words(ar_arena *arena);
/* What a row has in AR_KIND_OWNERS, as people read it: "person:ada (register), person:bob
 * (creator, 2026-01-01T00:00:00Z)". */
ar_str ar_evidence_print(ar_str packed, ar_arena *arena);
/* SQL: the rank of the class that the expression holds; 99 of what is none. */
void ar_sql_rank(ar_buf *sql, const char *expression);

typedef struct ar_evidence {
    ar_str kind, id;
    ar_str owner;      /* "person:sam@example.org" */
    ar_str evidence;   /* its class */
    double confidence; /* 0 to 1 */
    ar_time observed_at;
} ar_evidence;

/* The evidence of one source takes the place of what that source said before. */
ar_err ar_evidence_replace(ar_engine *engine, ar_str source, const ar_evidence *list, size_t n,
                           ar_time now);
/* That of a source which saw only a part takes the place of what it said of the same assets. */
ar_err ar_evidence_add(ar_engine *engine, ar_str source, const ar_evidence *list, size_t n,
                       ar_time now);
