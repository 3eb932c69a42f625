/* sshkey: public keys as OpenSSH writes them, and what the head of a private key file tells.
 * sshd(8) "AUTHORIZED_KEYS FILE FORMAT", PROTOCOL.key of OpenSSH. */
#pragma once

#include "base/base.h"

typedef struct ar_ssh_key {
    ar_str algorithm;   /* "ed25519", "rsa", "ecdsa", "dsa"; "sk-ed25519", "sk-ecdsa" in hardware */
    int64_t bits;       /* 0: not known */
    ar_str fingerprint; /* "SHA256:…", as ssh-keygen -l prints it */
    ar_str comment;
    ar_str options;  /* as written before the key */
    bool restricted; /* bound to an address, a command or a certificate authority */
    ar_str expires;  /* of expiry-time="…", as written; empty: never */
} ar_ssh_key;

/* One line of authorized_keys or of a .pub file; false when it holds no key. */
bool ar_ssh_key_line(ar_str line, ar_arena *arena, ar_ssh_key *out_key);
/* The key in wire form (RFC 4253 section 6.6). */
bool ar_ssh_key_blob(ar_str blob, ar_arena *arena, ar_ssh_key *out_key);

typedef struct ar_ssh_private {
    bool encrypted;
    ar_str cipher;   /* "aes256-ctr"; empty when not encrypted or not said */
    bool has_public; /* `key` is set: the new format carries the public half in clear */
    ar_ssh_key key;
} ar_ssh_private;

/* `head`: the first bytes of a file, 4096 are enough. False when it is no private key. */
bool ar_ssh_private_head(ar_str head, ar_arena *arena, ar_ssh_private *out_private);
