/* What comes over a connection to the front process, byte by byte as it is: the HTTP server, and
 * what we make of heads, cookies, queries and bodies. No core runs, so nothing is told and nobody
 * is let in; whatever is answered by us carries our policy. */
#include "daemon/tables.h"
#include "http/exchange.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES_MAX = 64 << 10, ROUNDS_MAX = 1000 };

static int asked; /* how often ours was called for this connection */

static enum MHD_Result on_exchange(void *all, struct MHD_Connection *connection, const char *url,
                                   const char *method, const char *version, const char *data,
                                   size_t *size, void **exchange)
{
    asked++;
    return (enum MHD_Result)ar_exchange_on(all, connection, url, method, version, data, size,
                                           exchange);
}

static void on_end(void *all, struct MHD_Connection *connection, void **exchange,
                   enum MHD_RequestTerminationCode how)
{
    (void)all, (void)connection, (void)how;
    ar_exchange_free(exchange);
}

static void ignore(void *self, const char *format, va_list args)
{
    (void)self, (void)format, (void)args;
}

static struct MHD_Daemon *start(void)
{
    static ar_site site;
    static ar_exchanges all;
    struct MHD_Daemon *daemon;

    (void)signal(SIGPIPE, SIG_IGN);
    ar_site_make(&site);
    all = (ar_exchanges){ .tables = &ar_all_tables,
                          .core = -1, /* there is none */
                          .site = &site,
                          .hosts = { AR_LIT("127.0.0.1:8640"), AR_LIT("localhost:8640") },
                          .openapi = AR_LIT("{}") };
    daemon = MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, on_exchange, &all,
                              MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_EXTERNAL_LOGGER,
                              ignore, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (daemon == NULL) abort();
    return daemon;
}

/* All that comes back until the connection ends. */
static void talk(struct MHD_Daemon *daemon, ar_str bytes, ar_buf *answer)
{
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int ends[2];
    ssize_t n = -1;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) abort();
    if (write(ends[0], bytes.ptr, bytes.len) != (ssize_t)bytes.len) abort();
    (void)shutdown(ends[0], SHUT_WR);
    if (MHD_add_connection(daemon, ends[1], (struct sockaddr *)&from, sizeof from) != MHD_YES)
        abort();
    for (int i = 0; i < ROUNDS_MAX && n != 0; i++) {
        (void)MHD_run(daemon);
        while ((n = read(ends[0], ar_buf_room(answer, BYTES_MAX), BYTES_MAX)) > 0)
            answer->len += (size_t)n;
        if (n < 0 && answer->len > 100 * (size_t)BYTES_MAX) break;
    }
    (void)close(ends[0]);
    (void)MHD_run(daemon);
}

static void check(ar_str answer)
{
    if (answer.len == 0) return;
    if (!ar_str_starts(answer, AR_LIT("HTTP/1."))) abort();
    if (ar_str_contains(ar_str_cut(answer, 0, ar_str_find(answer, '\n')), AR_LIT(" 500 "))) abort();
    if (ar_str_contains(answer, AR_LIT("Set-Cookie: aright="))) abort();
    if (asked > 0 && ar_str_starts(answer, AR_LIT("HTTP/1.1 200")) &&
        !ar_str_contains(answer, AR_LIT("Content-Security-Policy: default-src 'none'")))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct MHD_Daemon *daemon;
    ar_auto(ar_buf) answer = { 0 };

    if (daemon == NULL) daemon = start();
    if (size == 0 || size > BYTES_MAX) return 0;
    asked = 0;
    talk(daemon, (ar_str){ (const char *)data, size }, &answer);
    check(ar_buf_str(&answer));
    return 0;
}
