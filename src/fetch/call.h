/* call: HTTP requests to one system, each made by a child that holds the network, one secret and
 * nothing else. The child is started before its parent opens the estate, since who does that gives
 * up the network, and asks when it is told to. */
#pragma once

#include "fetch/errand.h"
#include "sys/secret.h"

enum {
    AR_CALL_BODY_MAX = 1 << 20,   /* bytes of what is sent, */
    AR_CALL_ANSWER_MAX = 4 << 20, /* and of what comes back */
    AR_CALL_WANTED_MAX = 8,       /* headers of an answer */
    AR_CALL_LIFE_SECONDS = 6 * 3600,
};

typedef struct ar_caller ar_caller;

typedef struct ar_call_system {
    const char *program; /* to start the child with */
    /* Read and filled in as a connector's `fetch` is: its url is the system's (nothing is asked of
     * another host, port or scheme), its headers go with every request, its proof and certificates
     * count, and of its limits request_seconds, attempts, and seconds_max for one call with all its
     * waits. */
    const ar_errand *errand;
    const ar_secret *secret;
    void (*waits)(void *self, const char *why); /* or NULL */
    void *self;
} ar_call_system;

/* Texts of `system` need not outlive this. AR_UNAVAILABLE, AR_IO. */
ar_err ar_caller_open(const ar_call_system *system, ar_caller **out_caller);
void ar_caller_free(ar_caller **caller);

typedef struct ar_call {
    const char *method; /* GET, POST, PUT, PATCH or DELETE */
    ar_str url;         /* whole, or as a link on the system's url */
    ar_str headers;     /* "Name: value" lines; a body is JSON unless one says Content-Type */
    ar_str body;        /* UTF-8; ptr NULL: none */
    bool repeatable;    /* twice is as once: asked again where the system fails. Without, it is
                           asked again only when it cannot have been done */
    const char *want[AR_CALL_WANTED_MAX]; /* headers of the answer */
} ar_call;

typedef struct ar_call_answer {
    int status;        /* 0: none came */
    bool done;         /* whether the system may have done it: a status of 200 to 299, or an answer
                          that was lost or is of a system that failed half-way */
    enum ar_code code; /* AR_OK for 200 to 299, else what sort of failure it is, */
    ar_str problem;    /* and its sentence, without secrets */
    ar_str type;       /* Content-Type, without parameters, in lower case */
    ar_str headers[AR_CALL_WANTED_MAX];
    ar_str body;
} ar_call_answer;

/* Any answer of the system, also none at all, is an answer; a redirect is followed for GET, on the
 * same host. A failure is the child's, which can be asked no more: what was asked may be done.
 *   AR_LIMIT, AR_INVALID  the call itself is too large or no call; nothing was asked
 *   AR_UNAVAILABLE        the child is gone */
ar_err ar_caller_ask(ar_caller *caller, const ar_call *call, ar_arena *arena,
                     ar_call_answer *out_answer);

/* The body of the answer as JSON. AR_INVALID: it is none; a page that asks to sign in is named. */
ar_err ar_call_json(const ar_call_answer *answer, ar_arena *arena, ar_node **out_root);

struct ar_tables;
/* The work of `aright --process call`. */
int ar_call_main(const struct ar_tables *tables, int argc, char **argv);
