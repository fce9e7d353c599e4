/* Awaiting a reload: verdict and report, and which run those get who ask while one runs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "async/loop.h"
#include "async/sleep.h"
#include "base/log.h"
#include "daemon/options.h"
#include "daemon/reload.h"
#include "daemon/server.h"
#include "daemon/settings.h"
#include "daemon/setup.h"
#include "support/temp_folder.h"

#define ASKERS 3

struct fixture {
    struct temp_folder folder;
    char config[TEMP_FOLDER_PATH_MAX];
    struct options options;
    struct server *server;
    struct buf reports[ASKERS];
    unsigned run_count;
};

/* Counts the runs by their verdicts. */
static void on_log(void *arg, enum log_level level, struct bytes line)
{
    struct fixture *fixture = arg;
    char text[512];
    (void)level;
    bytes_copy(line, text, sizeof(text));
    if (strstr(text, "reload: settings reloaded") || strstr(text, "reload: reload refused"))
        fixture->run_count++;
}

static void put_file(struct fixture *fixture, const char *text)
{
    temp_folder_put(&fixture->folder, "config", bytes_of(text));
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct setup *first;
    struct buf errors;
    assert_non_null(fixture);
    temp_folder_make(&fixture->folder);
    temp_folder_path(&fixture->folder, "config", fixture->config);
    put_file(fixture, "[listen]\naddress = 127.0.0.1:0\n");
    fixture->options.config = fixture->config;
    buf_init(&errors, SETTINGS_ERRORS_BYTES);
    assert_int_equal(setup_load(&fixture->options, NULL, NULL, &errors, &first), 0);
    fixture->server = server_new(&fixture->options, first, &errors);
    assert_non_null(fixture->server);
    buf_done(&errors);
    for (size_t i = 0; i < ASKERS; i++)
        buf_init(&fixture->reports[i], RELOAD_REPORT_BYTES);
    log_set_sink(on_log, fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    log_set_sink(NULL, NULL);
    server_free(fixture->server);
    for (size_t i = 0; i < ASKERS; i++)
        buf_done(&fixture->reports[i]);
    temp_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

/* What the server's own stages do, and the askers beside it. */
struct root {
    struct co_frame co;
    struct fixture *fixture;
    const char *second_file; /* written once the first run has begun; NULL: all ask before it begins */
    struct co_group workers, sessions, askers;
    CO_TASK(reload_worker) worker;
    CO_TASK(reload) reloads[ASKERS];
    struct co_op yield;
    struct co_sleep_op nap;
};

static void ask(struct root *self, size_t i)
{
    SPAWN(&self->askers, &self->reloads[i], reload, .server = self->fixture->server,
          .report = &self->fixture->reports[i]);
}

ASYNC(root)
{
    WITH(co_group_open(co, &self->workers, 100)) {
        SPAWN(&self->workers, &self->worker, reload_worker, .server = self->fixture->server);
        WITH(co_group_open(co, &self->sessions, 100)) {
            self->fixture->server->sessions = &self->sessions;
            endpoints_start(&self->fixture->server->endpoints, &self->sessions,
                            &self->fixture->server->session_env);
            WITH(co_group_open(co, &self->askers, 100)) {
                ask(self, 0);
                if (self->second_file) {
                    while (!self->worker.fn.run) /* has not begun */
                        AWAIT(co_yield(&self->yield));
                    put_file(self->fixture, self->second_file);
                }
                ask(self, 1);
                ask(self, 2);
            }
            END_WITH;
            endpoints_close(&self->fixture->server->endpoints);
        }
        END_WITH;
        co_group_cancel(&self->workers);
    }
    END_WITH;
}
END_ASYNC

static int verdict(struct fixture *fixture, struct root *root, size_t i, const char *word)
{
    buf_put_char(&fixture->reports[i], '\0');
    assert_non_null(strstr(fixture->reports[i].ptr, word));
    return root->reloads[i].fn.verdict;
}

static void run(struct fixture *fixture, void *task)
{
    assert_int_equal(co_loop_run(fixture->server->loop, task).code, 0);
}

static void test_reload_those_who_ask_together_share_a_run(void **state)
{
    struct fixture *fixture = *state;
    CO_TASK(root) root;
    put_file(fixture, "[server]\nwelcome = New.\n[listen]\naddress = 127.0.0.1:0\n");
    run(fixture, TASK(&root, root, .fixture = fixture));
    for (size_t i = 0; i < ASKERS; i++)
        assert_int_equal(verdict(fixture, &root.fn, i, "settings reloaded\nchanged: server.welcome\n"), 0);
    assert_int_equal(fixture->run_count, 1);
    assert_string_equal(fixture->server->settings->server.welcome, "New.");
}

static void test_reload_who_asks_during_a_run_gets_the_next(void **state)
{
    struct fixture *fixture = *state;
    CO_TASK(root) root;
    run(fixture, TASK(&root, root, .fixture = fixture, .second_file = "[server]\nnam = x\n"));
    for (size_t i = 1; i < ASKERS; i++)
        assert_int_equal(verdict(fixture, &root.fn, i, ":2: unknown setting \"server.nam\"; did you mean"),
                         -EINVAL);
    assert_int_equal(fixture->run_count, 2);
    assert_string_equal(fixture->server->settings->server.name, "localhost");
}

static void test_reload_is_refused_by_a_server_that_stops(void **state)
{
    struct fixture *fixture = *state;
    CO_TASK(root) root;
    server_stop(fixture->server);
    run(fixture, TASK(&root, root, .fixture = fixture));
    for (size_t i = 0; i < ASKERS; i++)
        assert_int_equal(verdict(fixture, &root.fn, i, "the server is stopping"), -ESHUTDOWN);
    assert_int_equal(fixture->run_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_reload_those_who_ask_together_share_a_run),
        TEST(test_reload_who_asks_during_a_run_gets_the_next),
        TEST(test_reload_is_refused_by_a_server_that_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
