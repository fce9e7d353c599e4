/* Starts the server as a process of its own, which is killed when the test ends in whatever way. */
#include "support/fetch_probe.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "async/loop.h"
#include "base/bytes.h"

/* ---- the server: a new one for each test ---- */

static void run_server(int output, const char *argument)
{
    char path[4096];
    const char *top = getenv("TOP_SRCDIR");
    snprintf(path, sizeof(path), "%s/tests/support/http_server.py", top ? top : ".");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(output, STDOUT_FILENO);
    execlp("python3", "python3", path, argument, (char *)NULL);
    _exit(127);
}

struct http_server http_server_start(const char *argument)
{
    int ends[2];
    char line[16] = "";
    uint64_t port;
    assert_int_equal(pipe(ends), 0);
    struct http_server server = {.pid = fork()};
    assert_true(server.pid >= 0);
    if (server.pid == 0)
        run_server(ends[1], argument);
    close(ends[1]);
    struct bytes text = {line, 0};
    while (text.len < sizeof(line) && read(ends[0], line + text.len, 1) == 1 && line[text.len] != '\n')
        text.len++;
    close(ends[0]);
    assert_int_equal(bytes_parse_u64(text, 65535, &port), 0);
    server.port = (int)port;
    return server;
}

void http_server_stop(const struct http_server *server)
{
    kill(server->pid, SIGKILL);
    assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
}

int http_server_setup(void **state)
{
    static struct http_server server;
    server = http_server_start(".");
    *state = &server;
    return 0;
}

int http_server_teardown(void **state)
{
    http_server_stop(*state);
    return 0;
}

int http_server_port(void *const *state)
{
    return ((const struct http_server *)*state)->port;
}

/* ---- a fetcher for a block ---- */

static void client_finish(struct co_task *task, struct co_with *with)
{
    (void)task;
    fetcher_free(container_of(with, struct client, with)->fetcher);
}

struct co_with *client_open(struct co_task *co, struct client *client, long max_connections)
{
    client->fetcher = fetcher_new(co_loop_of(co), max_connections);
    assert_non_null(client->fetcher);
    co_with_init(&client->with, NULL, client_finish);
    return &client->with;
}

/* ---- one download ---- */

static void get_finally(struct co_task *task, struct co_with *with)
{
    struct get *self = container_of(with, struct get, finally);
    (void)task;
    self->size = self->fetch.body.len;
    bytes_copy(buf_bytes(&self->fetch.body), self->text, sizeof(self->text));
    co_fetch_done(&self->fetch);
    co_fetch_done(&self->fetch);
}

ASYNC(get)
{
    snprintf(self->url, sizeof(self->url), "http://127.0.0.1:%d%.40s", self->port, self->path);
    co_with_init(&self->finally, NULL, get_finally);
    WITH(&self->finally) {
        TRY_AWAIT(self->code, co_fetch(self->fetcher, &self->fetch,
                                       self->path[0] == '/' ? self->url : self->path, self->max_bytes));
    }
    END_WITH;
}
END_ASYNC
