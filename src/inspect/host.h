/* host: what the parts of the host inspector share: the machine, its accounts and groups, and the
 * report they write into. Each part is a function that fills one or two kinds. What it cannot read
 * of them is said, and the rest stands (ar_report_unread); when it fails, the kind counts as not
 * seen. */
#pragma once

#include "form/node.h"
#include "inspect/look.h"
#include "inspect/passwd.h"
#include "inspect/report.h"

typedef struct ar_host {
    ar_look look;
    ar_arena *arena;
    ar_report *report;
    ar_str id; /* begins every id */
    const ar_account *accounts;
    size_t n_accounts;
    const ar_group *groups;
    size_t n_groups;
    ar_map privileged;      /* account names that can become root, from ar_host_grants */
    bool privileged_known;  /* the grants were readable */
    ar_map keyed;           /* account names with an authorized key, from ar_host_credentials */
    ar_map fido;            /* those with a key that lives in hardware */
    ar_map unread;          /* those whose keys could not all be seen */
    const char *keys_files; /* sshd's AuthorizedKeysFile, from ar_host_settings */
} ar_host;

/* In the order in which they must run. */
ar_err ar_host_settings(ar_host *host);    /* setting */
ar_err ar_host_credentials(ar_host *host); /* credential */
ar_err ar_host_grants(ar_host *host);      /* role_grant */
ar_err ar_host_accounts(ar_host *host);    /* account */
ar_err ar_host_device(ar_host *host);      /* device */
ar_err ar_host_listeners(ar_host *host);   /* listener */
ar_err ar_host_packages(ar_host *host);    /* package */
ar_err ar_host_logs(ar_host *host);        /* log_source */
ar_err ar_host_units(ar_host *host);       /* unit */
ar_err ar_host_neighbours(ar_host *host);  /* netdev */

/* The host's name as ids begin with it: its host name, or its machine id when it has only the name
 * that every machine has. */
ar_str ar_host_name(const ar_look *look, ar_arena *arena);
const ar_account *ar_host_account(const ar_host *host, ar_str name); /* NULL: no such account */
const ar_account *ar_host_account_by_uid(const ar_host *host, int64_t uid);
/* "HOST/…" */
ar_str ar_host_id(const ar_host *host, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
ar_value ar_host_account_id(const ar_host *host, ar_str name);
/* Whether `nft -j list ruleset` shows a packet filter that refuses what no rule allows. */
bool ar_nft_refuses(const ar_node *ruleset);

/* A socket that answers, from a line of /proc/net/tcp, tcp6, udp or udp6. */
typedef struct ar_listener {
    int family;                /* AF_INET, AF_INET6 */
    unsigned char address[16]; /* in network order */
    int port;
    int64_t inode;
} ar_listener;

bool ar_listener_line(ar_str line, bool tcp, ar_listener *out_listener);
bool ar_listener_exposed(const ar_listener *listener); /* bound beyond loopback */
