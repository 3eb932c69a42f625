/* session: whom a request through the front process acts for: a one-time link, given to a person of
 * this machine, becomes a session that ends. The estate keeps only hashes of both. */
#pragma once

#include "op/op.h"

enum {
    AR_TOKEN_LEN = 64, /* hexadecimal digits of 256 random bits */
    AR_LINK_MINUTES = 5,
    AR_SESSION_HOURS = 12,
};

enum ar_token { AR_TOKEN_LINK, AR_TOKEN_SESSION };

/* Whose it is. AR_DENIED: it is none, was used, or has ended, and what would be right. */
ar_err ar_session_person(ar_engine *engine, enum ar_token what, ar_str token, ar_time now,
                         ar_arena *arena, ar_str *out_person);

extern const ar_migration ar_session_migrations[];
extern const ar_op ar_session_ops[];
