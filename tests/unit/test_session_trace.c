/* A trace of a real session of a real server in this process: what its log shows, and what it does not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log_event.h"
#include "daemon/options.h"
#include "daemon/server.h"
#include "daemon/setup.h"
#include "session/trace.h"

#define DEADLINE_S 20

struct scene {
    struct server *server;
    struct buf log;
    const char *says;
    char heard[16384];
};

static void on_line(void *arg, enum log_level level, struct bytes line)
{
    struct scene *scene = arg;
    (void)level;
    buf_put(&scene->log, line);
    buf_put_char(&scene->log, '\n');
}

/* The client: says all of it, reads to the end, then stops the server. */
static void *client(void *arg)
{
    struct scene *scene = arg;
    const struct addr *addr = &scene->server->endpoints.items[0]->listener.addr;
    const struct timeval deadline = {.tv_sec = DEADLINE_S};
    size_t len = 0;
    ssize_t n = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
    if (connect(fd, &addr->u.sa, sizeof(struct sockaddr_in)) == 0 &&
        send(fd, scene->says, strlen(scene->says), MSG_NOSIGNAL) > 0)
        while (len < sizeof(scene->heard) - 1 &&
               (n = recv(fd, scene->heard + len, sizeof(scene->heard) - 1 - len, 0)) > 0)
            len += (size_t)n;
    close(fd);
    kill(getpid(), SIGTERM);
    return NULL;
}

static void play(struct scene *scene, const char *says, bool is_traced)
{
    struct options_set sets[] = {{BYTES("listen.address"), BYTES("127.0.0.1:0")},
                                 {BYTES("limits.flood"), BYTES("off")}};
    const struct options options = {.sets = sets, .set_count = ARRAY_LEN(sets)};
    struct setup *setup;
    struct buf error;
    struct addr host;
    const char *why;
    pthread_t thread;

    buf_init(&error, 4096);
    buf_init(&scene->log, 1024 * 1024);
    scene->says = says;
    assert_int_equal(setup_load(&options, NULL, NULL, &error, &setup), 0);
    scene->server = server_new(&options, setup, &error);
    assert_non_null(scene->server);
    assert_int_equal(addr_parse(BYTES("127.0.0.1:1"), &host, &why), 0);
    session_trace_next(&scene->server->session_env, &host);
    if (!is_traced)
        session_trace_next(&scene->server->session_env, NULL);
    log_set_sink(on_line, scene);
    assert_int_equal(pthread_create(&thread, NULL, client, scene), 0);
    assert_int_equal(server_run(scene->server), EXIT_SUCCESS);
    pthread_join(thread, NULL);
    log_set_sink(NULL, NULL);
    assert_null(session_trace_find(&scene->server->session_env, 1)); /* it has gone */
    server_free(scene->server);
    buf_put_char(&scene->log, '\0');
    assert_int_equal(buf_error(&scene->log), 0);
    buf_done(&error);
}

static void test_session_trace_shows_lines_in_and_out_without_secrets(void **state)
{
    (void)state;
    static struct scene scene;
    play(&scene, "alice\nhello there\n/opre alice sesame\nPASS sesame\n/key sesame\n/quit\n", true);
    static const char *const shown[] = {
        "notice session=1 trace on\n",
        "notice session=1 in alice\n",
        "notice session=1 in \"hello there\"\n",
        "notice session=1 in \"/opre ***\"\n",
        "notice session=1 in \"PASS ***\"\n",
        "notice session=1 in \"/key ***\"\n",
        "notice session=1 in /quit\n",
        "notice session=1 out \"*** You are alice, in #lobby",
        "notice session=1 out \"*** Unknown command /opre.",
    };
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        if (!strstr(scene.log.ptr, shown[i]))
            fail_msg("no %s in:\n%s", shown[i], scene.log.ptr);
    assert_null(strstr(scene.log.ptr, " in PASS sesame"));
    for (const char *at = scene.log.ptr; (at = strstr(at, " in ")) != NULL; at++) {
        struct bytes line = {at, strcspn(at, "\n")};
        char text[1024];
        bytes_copy(line, text, sizeof(text));
        assert_null(strstr(text, "sesame"));
    }
    buf_done(&scene.log);
}

static void test_session_trace_is_off_by_default(void **state)
{
    (void)state;
    static struct scene scene;
    play(&scene, "alice\nhello\n/quit\n", false);
    assert_null(strstr(scene.log.ptr, " in "));
    assert_null(strstr(scene.log.ptr, "trace"));
    assert_non_null(strstr(scene.log.ptr, "closed reason=quit"));
    buf_done(&scene.log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_trace_shows_lines_in_and_out_without_secrets),
        cmocka_unit_test(test_session_trace_is_off_by_default),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
