#include "http/front.h"

#include "http/exchange.h"
#include "http/openapi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 64, STACK_BYTES = 1 << 20 };

typedef struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    };
    socklen_t len;
} address;

/* ---- where it listens ---- */

static bool read_port(ar_str text, in_port_t *out_port)
{
    int64_t port;

    if (!ar_str_int(text, &port) || port < 1 || port > UINT16_MAX) return false;
    *out_port = htons((uint16_t)port);
    return true;
}

/* Numbers only: what a name leads to may change. */
static bool read_address(ar_str listen, address *out)
{
    ar_auto(ar_arena) arena = { 0 };
    size_t colon = listen.len;
    bool six = listen.len > 0 && listen.ptr[0] == '[';

    while (colon > 0 && listen.ptr[colon - 1] != ':') colon--;
    if (colon < 2 || (six && (colon < 4 || listen.ptr[colon - 2] != ']'))) return false;

    ar_str host = six ? ar_str_cut(listen, 1, colon - 2) : ar_str_cut(listen, 0, colon - 1);
    const char *name = ar_arena_cstr(&arena, host);
    ar_str port = ar_str_cut(listen, colon, listen.len);

    *out = (address){ .len = six ? sizeof out->six : sizeof out->four };
    out->any.sa_family = six ? AF_INET6 : AF_INET;
    if (six)
        return inet_pton(AF_INET6, name, &out->six.sin6_addr) == 1 &&
               read_port(port, &out->six.sin6_port);
    return inet_pton(AF_INET, name, &out->four.sin_addr) == 1 &&
           read_port(port, &out->four.sin_port);
}

static bool is_of_this_machine(const address *a)
{
    if (a->any.sa_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&a->six.sin6_addr);
    return ntohl(a->four.sin_addr.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

static ar_err find_address(ar_str listen, address *out)
{
    if (!read_address(listen, out))
        return ar_fail(AR_INVALID,
                       "web_listen is '%.*s'; want an address and a port: 127.0.0.1:8640",
                       AR_FMT(listen));
    if (is_of_this_machine(out)) return ar_ok();
    return ar_fail(
        AR_DENIED,
        "web_listen is '%.*s', which others reach: the pages are for this machine only "
        "until people can sign in with passkeys; from elsewhere, forward a port (ssh -L)",
        AR_FMT(listen));
}

ar_err ar_front_check(ar_str listen)
{
    address a;

    return find_address(listen, &a);
}

ar_err ar_front_listen(ar_str where, ar_fd *out_socket)
{
    const int yes = 1;
    address a;

    AR_TRY(find_address(where, &a));

    ar_auto(ar_fd) fd = ar_fd_of(socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));

    if (ar_fd_n(fd) < 0 || setsockopt(ar_fd_n(fd), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
        return ar_fail_errno("socket");
    if (bind(ar_fd_n(fd), &a.any, a.len) != 0) {
        if (errno != EADDRINUSE) return ar_fail_errno("web_listen %.*s", AR_FMT(where));
        return ar_fail(AR_UNAVAILABLE,
                       "something else listens on %.*s; web_listen in aright.yaml says where the "
                       "pages are served",
                       AR_FMT(where));
    }
    if (listen(ar_fd_n(fd), BACKLOG) != 0) return ar_fail_errno("web_listen %.*s", AR_FMT(where));
    *out_socket = ar_move(fd);
    return ar_ok();
}

/* ---- serving ---- */

struct ar_front {
    ar_arena arena;
    ar_site site;
    ar_exchanges all;
    struct MHD_Daemon *daemon;
};

static enum MHD_Result on_exchange(void *all, struct MHD_Connection *connection, const char *url,
                                   const char *method, const char *version, const char *data,
                                   size_t *size, void **exchange)
{
    return (enum MHD_Result)ar_exchange_on(all, connection, url, method, version, data, size,
                                           exchange);
}

static void on_end(void *all, struct MHD_Connection *connection, void **exchange,
                   enum MHD_RequestTerminationCode how)
{
    (void)all, (void)connection, (void)how;
    ar_exchange_free(exchange);
}

/* Another name that some server's answer leads here is not in it (DNS rebinding). */
static void name_hosts(ar_front *f, ar_str where)
{
    size_t colon = where.len;

    while (where.ptr[colon - 1] != ':') colon--;
    f->all.hosts[0] = where;
    f->all.hosts[1] =
        ar_arena_printf(&f->arena, "localhost:%.*s", (int)(where.len - colon), where.ptr + colon);
}

ar_err ar_front_start(const ar_tables *tables, ar_str where, int core, ar_fd *socket,
                      ar_front **out_front)
{
    ar_own(ar_front) f = calloc(1, sizeof *f);
    ar_auto(ar_buf) openapi = { 0 };

    if (f == NULL) abort();
    ar_site_make(&f->site);
    f->all = (ar_exchanges){ .tables = tables, .core = core, .site = &f->site };
    name_hosts(f, where);
    ar_openapi(tables, &openapi);
    f->all.openapi = ar_arena_copy(&f->arena, ar_buf_str(&openapi));
    f->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0, NULL,
        NULL, on_exchange, &f->all, MHD_OPTION_LISTEN_SOCKET, ar_fd_n(*socket),
        MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)AR_FRONT_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)AR_FRONT_SECONDS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)AR_FRONT_HEAD_BYTES_MAX, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (f->daemon == NULL) return ar_fail(AR_IO, "the HTTP server does not start");
    *socket = (ar_fd){ 0 }; /* it closes that itself */
    *out_front = ar_move(f);
    return ar_ok();
}

void ar_front_free(ar_front **front)
{
    if (*front == NULL) return;
    if ((*front)->daemon != NULL) MHD_stop_daemon((*front)->daemon);
    ar_site_done(&(*front)->site);
    ar_arena_done(&(*front)->arena);
    free(*front);
    *front = NULL;
}
