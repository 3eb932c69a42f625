/* server: answers requests on this machine with the texts a test wants, and keeps what it was
 * asked. One connection, one request, one answer; an empty answer is a connection that is cut. */
#pragma once

#include "t.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_REQUESTS_MAX = 8, SERVER_REQUEST_BYTES = 16 * 1024 };

typedef struct server {
    int fd, port;
    pthread_t thread;
    const char *const *answers; /* NULL-ended */
    int n;                      /* requests that came */
    char asked[SERVER_REQUESTS_MAX][SERVER_REQUEST_BYTES];
} server;

static inline bool server_has_all(const char *text)
{
    const char *head_end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "Content-Length:");

    if (head_end == NULL) return false;
    return length == NULL || strlen(head_end + 4) >= strtoul(length + 15, NULL, 10);
}

static inline void server_hear(int fd, char *to)
{
    size_t len = 0;

    while (!server_has_all(to)) {
        ssize_t n = read(fd, to + len, SERVER_REQUEST_BYTES - 1 - len);

        if (n <= 0) return;
        len += (size_t)n;
        to[len] = '\0';
    }
}

static inline void *server_run(void *self)
{
    server *s = self;

    for (; s->answers[s->n] != NULL && s->n < SERVER_REQUESTS_MAX; s->n++) {
        int fd = accept(s->fd, NULL, NULL);

        if (fd < 0) return NULL;
        server_hear(fd, s->asked[s->n]);
        if (write(fd, s->answers[s->n], strlen(s->answers[s->n])) < 0) abort();
        close(fd);
    }
    close(s->fd);
    return NULL;
}

static inline void server_start(server *s, const char *const *answers)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;

    *s = (server){ .answers = answers, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    if (bind(s->fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(s->fd, 8) != 0 ||
        getsockname(s->fd, (struct sockaddr *)&at, &len) != 0 ||
        pthread_create(&s->thread, NULL, server_run, s) != 0)
        abort();
    s->port = ntohs(at.sin_port);
}

/* Waits until every answer was given, and gives how many requests came. */
static inline int server_end(server *s)
{
    (void)pthread_join(s->thread, NULL);
    return s->n;
}
