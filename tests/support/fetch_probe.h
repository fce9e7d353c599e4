/* For tests of downloads: the server of http_server.py, a fetcher for a block, one download. */
#ifndef SUPPORT_FETCH_PROBE_H
#define SUPPORT_FETCH_PROBE_H

#include <sys/types.h>

#include "fetch/fetch.h"

enum { PLENTY_BYTES = 100000 };

struct http_server {
    pid_t pid;
    int port; /* on 127.0.0.1 */
};

/* Starts a server; `argument` is the script's. Fails the test when it does not start. The script is found
 * by way of TOP_SRCDIR in the environment, else in the current folder. */
struct http_server http_server_start(const char *argument);
void http_server_stop(const struct http_server *server);

/* For cmocka: each test has a server of its own. */
int http_server_setup(void **state);
int http_server_teardown(void **state);
int http_server_port(void *const *state);

/* A fetcher that is freed at the end of the block. */
struct client {
    struct fetcher *fetcher;
    struct co_with with;
};
struct co_with *client_open(struct co_task *co, struct client *client, long max_connections);

/* One download and what came of it; the body is freed again. Fails only when it is cancelled. */
struct get {
    struct co_frame co;
    struct fetcher *fetcher;
    int port;
    const char *path; /* with a slash first; else it is a whole URL */
    size_t max_bytes;
    int code;
    size_t size;
    char text[32]; /* how the body begins */
    struct co_with finally;
    char url[64];
    struct co_fetch fetch;
};
ASYNC_DECLARE(get);

#define GET(frame, client, number, where) \
    CALL((frame), get, .fetcher = (client)->fetcher, .port = (number), .path = (where), \
         .max_bytes = PLENTY_BYTES)

#endif
