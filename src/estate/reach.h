/* reach: how a system outside is reached: with which settings, as whom, by which secret, trusting
 * which certificates, with how much patience. Part of the files that name one: a source that is
 * fetched, a project of a tracker (docs/formats.md). */
#pragma once

#include "fetch/errand.h"
#include "sys/secret.h"

typedef struct ar_reach {
    ar_str file;
    const ar_setting *settings;
    size_t n_settings;
    ar_str user;      /* the client id, or the user's name */
    ar_str secret;    /* the file that holds it, an absolute path; empty: none */
    bool handed_over; /* by the service manager */
    ar_str ca;        /* a file of certificates; empty: the system's */
    bool plain_http;
    int64_t minutes_max, request_seconds, attempts;
} ar_reach;

/* Its keys, for ar_node_only. */
#define AR_REACH_KEYS                                                        \
    AR_LIT("with"), AR_LIT("auth"), AR_LIT("ca_file"), AR_LIT("plain_http"), \
        AR_LIT("minutes_max"), AR_LIT("request_seconds"), AR_LIT("attempts")

/* Reads these keys of a file's map over what `reach` holds, its file among it. AR_INVALID with
 * file, line and column. */
ar_err ar_reach_read(const ar_node *root, ar_arena *arena, ar_reach *reach);
/* Puts settings, user, certificates and patience into an errand. `what` asks for it, in sentences;
 * used[i] tells that settings[i] was asked for. AR_INVALID, and what ar_file_read says. */
ar_err ar_reach_errand(const ar_reach *reach, ar_str what, ar_time now, bool *used, ar_arena *arena,
                       ar_errand *errand);
/* Its secret, where it has one. Failures are those of ar_secret_read. */
ar_err ar_reach_secret(const ar_reach *reach, ar_arena *arena, ar_secret *out_secret);
/* AR_INVALID names a setting that nothing asked for; `nobody` is who did not. */
ar_err ar_reach_all_used(const ar_reach *reach, const bool *used, const char *nobody);

/* Small letters, digits, '-', '_' and '.': a name that is a file's, or a folder's. */
bool ar_reach_is_name(ar_str name);
