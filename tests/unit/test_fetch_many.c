/* Several downloads with one fetcher: cancelling, limits of time and of connections. */
#include "fetch/fetch.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "async/group.h"
#include "async/select.h"
#include "async/timeout.h"
#include "support/fetch_probe.h"
#include "support/loop_fixture.h"

enum { FOREVER_MS = 600000 };

static bool is_event_new_dead; /* as when memory has run out */

/* Stands in for libevent's. */
struct event *event_new(struct event_base *base, evutil_socket_t fd, short what, event_callback_fn fn,
                        void *arg)
{
    struct event *(*real)(struct event_base *, evutil_socket_t, short, event_callback_fn, void *);
    void *symbol = dlsym(RTLD_NEXT, "event_new");
    memcpy(&real, &symbol, sizeof(real));
    return is_event_new_dead ? NULL : real(base, fd, what, fn, arg);
}

#define SPAWN_GET(task, client, number, where) \
    SPAWN(&self->group, (task), get, .fetcher = (client)->fetcher, .port = (number), .path = (where), \
          .max_bytes = PLENTY_BYTES)

/* ---- cancelling ---- */

/* Two downloads over one connection, and a second client that asks the server. */
struct rivals {
    struct co_frame co;
    int port;
    void (*cancel)(struct rivals *self);
    struct client client, observer;
    struct co_group group;
    CO_TASK(get) holder, waiter;
    struct get ask;
};

ASYNC(rivals)
{
    WITH(client_open(co, &self->client, 1)) {
        WITH(client_open(co, &self->observer, 0)) {
            WITH(co_group_open(co, &self->group, -1)) {
                SPAWN_GET(&self->holder, &self->client, self->port, "/hang/10");
                AWAIT(GET(&self->ask, &self->observer, self->port, "/hanging/1"));
                assert_string_equal(self->ask.text, "yes");
                SPAWN_GET(&self->waiter, &self->client, self->port, "/hello");
                AWAIT(GET(&self->ask, &self->observer, self->port, "/hello"));
                self->cancel(self);
            }
            END_WITH;
            AWAIT(GET(&self->ask, &self->observer, self->port, "/gone/1"));
            assert_string_equal(self->ask.text, "yes");
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

static void cancel_all(struct rivals *self)
{
    co_group_cancel(&self->group);
}

static void cancel_holder(struct rivals *self)
{
    co_cancel(&self->holder.task.self);
}

static void cancel_waiter_first(struct rivals *self)
{
    co_cancel(&self->waiter.task.self);
    co_cancel(&self->holder.task.self);
}

static void test_fetch_cancelled_closes_its_connection(void **state)
{
    CO_TASK(rivals) root;
    loop_fixture_run(TASK(&root, rivals, .port = http_server_port(state), .cancel = cancel_all));
    assert_int_equal(root.fn.holder.fn.code, ECANCELED);
    assert_int_equal(root.fn.waiter.fn.code, ECANCELED);
}

static void test_fetch_cancelled_makes_room_for_another(void **state)
{
    CO_TASK(rivals) root;
    loop_fixture_run(TASK(&root, rivals, .port = http_server_port(state), .cancel = cancel_holder));
    assert_int_equal(root.fn.holder.fn.code, ECANCELED);
    assert_int_equal(root.fn.waiter.fn.code, 0);
    assert_string_equal(root.fn.waiter.fn.text, "hello, world\n");
}

static void test_fetch_cancelled_before_it_has_a_connection(void **state)
{
    CO_TASK(rivals) root;
    loop_fixture_run(TASK(&root, rivals, .port = http_server_port(state), .cancel = cancel_waiter_first));
    assert_int_equal(root.fn.waiter.fn.code, ECANCELED);
    assert_int_equal(root.fn.waiter.fn.size, 0);
}

/* Limits a download that hangs, and then uses the same fetcher again. */
struct limited {
    struct co_frame co;
    int port;
    struct client client;
    struct co_timeout limit;
    struct get get;
};

ASYNC(limited)
{
    WITH(client_open(co, &self->client, 1)) {
        WITH(co_timeout_open(co, &self->limit, 30, false)) {
            AWAIT(GET(&self->get, &self->client, self->port, "/hang/10"));
        }
        END_WITH;
        assert_true(self->limit.has_expired);
        assert_int_equal(self->get.code, ECANCELED);
        AWAIT(GET(&self->get, &self->client, self->port, "/gone/1"));
        assert_string_equal(self->get.text, "yes");
        WITH(co_timeout_open(co, &self->limit, FOREVER_MS, false)) {
            AWAIT(GET(&self->get, &self->client, self->port, "/hello"));
        }
        END_WITH;
        assert_false(self->limit.has_expired);
        assert_int_equal(self->get.code, 0);
    }
    END_WITH;
}
END_ASYNC

static void test_fetch_ends_with_the_scope_of_a_timeout(void **state)
{
    CO_TASK(limited) root;
    loop_fixture_run(TASK(&root, limited, .port = http_server_port(state)));
}

struct race {
    struct co_frame co;
    int port;
    struct client client;
    char urls[2][64];
    struct co_fetch fetches[2];
    struct co_op *ops[2];
    struct co_select select;
    struct get ask;
};

ASYNC(race)
{
    WITH(client_open(co, &self->client, 0)) {
        snprintf(self->urls[0], sizeof(self->urls[0]), "http://127.0.0.1:%d/hang/10", self->port);
        snprintf(self->urls[1], sizeof(self->urls[1]), "http://127.0.0.1:%d/hanging/1", self->port);
        for (int i = 0; i < 2; i++)
            self->ops[i] =
                co_select_op(co_fetch(self->client.fetcher, &self->fetches[i], self->urls[i], PLENTY_BYTES));
        AWAIT(co_select(&self->select, self->ops, 2));
        assert_int_equal(self->select.which, 1);
        AWAIT(GET(&self->ask, &self->client, self->port, "/gone/1"));
        assert_string_equal(self->ask.text, "yes");
        for (int i = 0; i < 2; i++)
            co_fetch_done(&self->fetches[i]);
    }
    END_WITH;
}
END_ASYNC

static void test_fetch_can_be_selected(void **state)
{
    CO_TASK(race) root;
    loop_fixture_run(TASK(&root, race, .port = http_server_port(state)));
}

/* ---- many ---- */

enum { MANY = 50 };

struct crowd {
    struct co_frame co;
    int port;
    long max_connections;
    const char *path;
    bool is_dead; /* without memory for events */
    struct client client;
    struct co_group group;
    CO_TASK(get) gets[MANY];
    struct get most, accepted;
};

ASYNC(crowd)
{
    WITH(client_open(co, &self->client, self->max_connections)) {
        is_event_new_dead = self->is_dead;
        WITH(co_group_open(co, &self->group, -1)) {
            for (int i = 0; i < MANY; i++)
                SPAWN_GET(&self->gets[i], &self->client, self->port, self->path);
        }
        END_WITH;
        is_event_new_dead = false;
        AWAIT(GET(&self->most, &self->client, self->port, "/counter/most"));
        AWAIT(GET(&self->accepted, &self->client, self->port, "/counter/accepted"));
    }
    END_WITH; /* frees the fetcher, with the connections it has kept */
}
END_ASYNC

static void test_fetch_holds_the_limit_of_connections(void **state)
{
    static CO_TASK(crowd) root;
    /* Each is answered when five are there: with fewer at a time none would ever end. */
    loop_fixture_run(
        TASK(&root, crowd, .port = http_server_port(state), .max_connections = 5, .path = "/together/5"));
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(root.fn.gets[i].fn.code, 0);
        assert_string_equal(root.fn.gets[i].fn.text, "together\n");
    }
    assert_string_equal(root.fn.most.text, "5");
    assert_string_equal(root.fn.accepted.text, "5"); /* kept and used again */
}

static void test_fetch_has_no_limit_of_connections_unless_given(void **state)
{
    static CO_TASK(crowd) root;
    loop_fixture_run(TASK(&root, crowd, .port = http_server_port(state), .path = "/together/50"));
    for (int i = 0; i < MANY; i++)
        assert_int_equal(root.fn.gets[i].fn.code, 0);
    assert_string_equal(root.fn.most.text, "50");
}

static void test_fetch_without_memory_fails_all_and_recovers(void **state)
{
    static CO_TASK(crowd) root;
    loop_fixture_run(TASK(&root, crowd, .port = http_server_port(state), .path = "/hello", .is_dead = true));
    for (int i = 0; i < MANY; i++)
        assert_int_equal(root.fn.gets[i].fn.code, ENOMEM);
    assert_int_equal(root.fn.most.code, 0);
}

int main(void)
{
    setenv("no_proxy", "*", 1); /* nothing here may leave the machine */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fetch_cancelled_closes_its_connection, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_cancelled_makes_room_for_another, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_cancelled_before_it_has_a_connection, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_ends_with_the_scope_of_a_timeout, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_can_be_selected, http_server_setup, http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_holds_the_limit_of_connections, http_server_setup,
                                        http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_has_no_limit_of_connections_unless_given,
                                        http_server_setup, http_server_teardown),
        cmocka_unit_test_setup_teardown(test_fetch_without_memory_fails_all_and_recovers, http_server_setup,
                                        http_server_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
