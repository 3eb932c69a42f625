/* config: HOME/aright.yaml, from one table; an unknown key is an error with the nearest name. */
#pragma once

#include "base/base.h"

typedef struct ar_config {
    int64_t memory_mib;    /* budget of the whole program; 0: half of the machine's */
    int64_t threads;       /* 0: as many as the machine has */
    int64_t query_seconds; /* deadline of `query` */
    int64_t query_rows;    /* most rows of `query` */
    ar_str log_level;      /* error, warning, info, debug */
    int64_t keep_backups;  /* how many automatic backups stay */
} ar_config;

/* Without the file: the defaults. */
ar_err ar_config_load(const char *home, ar_arena *arena, ar_config *out_config);

/* The table itself, for `config show`, man(5) and the tests. */
typedef struct ar_config_row {
    const char *key;
    enum ar_type type;
    const char *fallback; /* as it would be written */
    const char *choices;  /* or NULL */
    int64_t min, max;     /* for ints */
    const char *help;
    size_t offset;
} ar_config_row;

extern const ar_config_row ar_config_rows[]; /* ends with a zero entry */
