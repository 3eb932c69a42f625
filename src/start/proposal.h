/* proposal: what would come of a template and what was asked of it: the asset and the files, all in
 * memory. Nothing is judged and nothing is written. */
#pragma once

#include "start/template.h"

enum {
    AR_START_NAME_MAX = 100,
    AR_START_BYTES_MAX = 1024 * 1024, /* of all files together */
};

/* What was asked for. Texts that are empty were not said. */
typedef struct ar_wish {
    ar_str name, owner, class, expires;
    const ar_str *sets; /* "parameter=value" */
    size_t n_sets;
    ar_time now; /* when it comes to be */
} ar_wish;

typedef struct ar_proposed_file {
    ar_str path, text;
} ar_proposed_file;

typedef struct ar_proposal {
    const ar_template *template;
    ar_str id, owner, class;
    ar_time made_at;
    ar_value expires_at; /* NULL: it need not end */
    ar_str json;         /* the asset as it would be: what its gate judges */
    ar_node *asset;      /* the same, read */
    /* What is registered of it: whose it is, who answers for it, since and until when, how it came
     * to be. All else is known once a source shows it. */
    ar_node *registered;
    ar_proposed_file *files;
    size_t n_files;
    ar_str hash; /* SHA-256 of the asset and the files */
} ar_proposal;

/* AR_INVALID, AR_LIMIT: what was asked does not fit; the sentence says what would. */
ar_err ar_propose(const ar_template *template, const ar_wish *wish, ar_arena *arena,
                  ar_proposal *out_proposal);
