/* mail: letters handed to one mail server, by a child that holds the network, one secret and
 * nothing else (fetch/call.h says when it is started). */
#pragma once

#include "fetch/errand.h"
#include "sys/secret.h"

enum { AR_MAIL_BYTES_MAX = 4 << 20 }; /* of one letter */

typedef struct ar_mailer ar_mailer;

typedef struct ar_mail_server {
    const char *program;
    /* Its url is smtps://HOST, or smtp://HOST, which is encrypted by STARTTLS but to this machine
     * or where plain_http says so; its user, certificates and request_seconds count. */
    const ar_errand *errand;
    const ar_secret *secret;
} ar_mail_server;

typedef struct ar_letter {
    ar_str from, to; /* addresses: ar_mail_is_address */
    ar_str text;     /* RFC 5322, ASCII, lines that end in CR LF */
} ar_letter;

/* AR_UNAVAILABLE, AR_IO. */
ar_err ar_mailer_open(const ar_mail_server *server, ar_mailer **out_mailer);
void ar_mailer_free(ar_mailer **mailer);
/* The server has taken it. AR_UNAVAILABLE: it has not, or has without an answer: the same letter
 * again has the same Message-ID. AR_DENIED: the certificate, or who we are; AR_INVALID: it refuses
 * the letter or an address; what the server says, without the secret. */
ar_err ar_mailer_send(ar_mailer *mailer, const ar_letter *letter);

/* name@host, in printable ASCII, with nothing that ends an address or a line. */
bool ar_mail_is_address(ar_str text);

struct ar_tables;
/* The work of `aright --process mail`. */
int ar_mail_main(const struct ar_tables *tables, int argc, char **argv);
