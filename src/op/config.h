/* config: HOME/aright.yaml, from one table; an unknown key is an error with the nearest name. */
#pragma once

#include "base/base.h"

typedef struct ar_config {
    int64_t memory_mib;    /* budget of the whole program; 0: half of the machine's */
    int64_t threads;       /* 0: as many as the machine has */
    int64_t query_seconds; /* deadline of `query` and of every other read */
    int64_t query_rows;    /* most rows of `query` */
    ar_str log_level;      /* error, warning, info, debug */
    int64_t keep_backups;  /* how many automatic backups stay */
    ar_str web_listen;     /* "127.0.0.1:8640"; empty: no pages */
    ar_str backup_folder;  /* where backups go; empty: HOME/backup */
} ar_config;

/* Shares of the budget, in percent, and what no process gets less than. */
enum { AR_SHARE_CORE = 35, AR_SHARE_CHILD = 10, AR_SHARE_LEAST_MIB = 256 };

void ar_config_default(ar_config *out_config);
/* HOME/aright.yaml. Without the file: the defaults. AR_INVALID names file, line and column. */
ar_err ar_config_load(const char *home, ar_arena *arena, ar_config *out_config);
/* A file's text; `file` is its name in errors. *out_set has a bit for each row that it sets. */
ar_err ar_config_read(ar_str file, ar_str text, ar_arena *arena, ar_config *out_config,
                      uint64_t *out_set);
/* That share of the budget, in bytes. */
uint64_t ar_config_memory(const ar_config *config, int percent);

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

extern const ar_config_row ar_config_rows[]; /* ends with a zero entry; at most 64 */

/* What a configuration holds for a row. */
ar_value ar_config_value(const ar_config *config, const ar_config_row *row);
