/* cycle: the life that assets of a kind may have, as data (docs/formats.md): how long, from when on
 * they are idle, which notices, quarantine and grace stand before the end, and who guards it. */
#pragma once

#include "act/action.h"

enum {
    AR_CYCLE_FILE_BYTES_MAX = 64 * 1024,
    AR_CYCLE_CLASSES_MAX = 16,
    AR_CYCLE_SOURCES_MAX = 8,
    AR_CYCLE_NOTICES_MAX = 10,
    AR_CYCLE_BATCH_MAX = 1000,
};

typedef struct ar_cycle_class {
    ar_str name;
    int64_t life; /* microseconds; 0: it need not end */
} ar_cycle_class;

/* A step that does something to the asset. Lengths are microseconds. */
typedef struct ar_cycle_step {
    int64_t lasts;           /* before the next one may come; of a notice: the time to answer it */
    const ar_action *action; /* NULL: people do it by hand */
} ar_cycle_step;

typedef struct ar_cycle {
    ar_str name, title; /* the name is the kind's */
    const ar_kind *kind;
    ar_str used;           /* the column that tells when it was last used */
    const ar_expr *proven; /* whether it is as it should begin; NULL: nothing is asked */
    ar_str class;          /* the column with its class; empty: all are of one class */
    const ar_cycle_class *classes;
    size_t n_classes;
    int64_t idle, fresh; /* unused so long; as seen by a source within so long */
    int64_t sources;     /* so many must say so before a purge */
    int64_t notices;     /* so many without an answer stand for one */
    ar_cycle_step notice, quarantine, soft_delete, purge;
    int64_t batch, two_persons_above;
    double restores; /* steps stop when more than this share was taken back */
    int64_t within;  /* of those so long ago at most, */
    int64_t least;   /* and at least so many */
    ar_str file;
    bool shipped;
} ar_cycle;

/* Reads and checks one file. `name` is the file's without .yaml; empty: any. AR_INVALID says file,
 * line, column and what would be right: also of a guard that could never hold, or never bind. */
ar_err ar_cycle_parse(ar_str file, ar_str name, ar_str text, const ar_kinds *kinds,
                      const ar_definitions *actions, ar_arena *arena, ar_cycle *out_cycle);
/* All of them, shipped and of the home: each is an ar_cycle. */
ar_err ar_cycles_load(const ar_place *place, const ar_kinds *kinds, const ar_definitions *actions,
                      ar_arena *arena, ar_definitions *out_cycles);
/* As ar_definitions_find; of a kind. */
ar_err ar_cycles_find(const ar_definitions *cycles, ar_str kind, const ar_cycle **out_cycle);

/* How long a life of that class may be; 0: it need not end. */
int64_t ar_cycle_life(const ar_cycle *cycle, ar_str class);
