/* One reader is one socket pair. See delivery_world.h. */
#include "support/delivery_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/plain.h"

static void on_fail(struct outbox *outbox, enum close_reason reason)
{
    struct delivery_reader *reader = container_of(outbox, struct delivery_reader, outbox);
    reader->has_failed = true;
    reader->reason = reason;
}

static int setup_with_log(void **state, size_t log_events)
{
    struct delivery_world *world = calloc(1, sizeof(*world));
    const struct delivery_config delivery = {.queue_events = 1000,
                                             .log_events = log_events,
                                             .inbox_events = DELIVERY_WORLD_INBOX_EVENTS,
                                             .history_events = 3,
                                             .quiet_above = 0,
                                             .stalled_ms = 1000};
    const struct hub_config hub = {.lobby = "#lobby", .log_events = log_events, .rooms_per_user = 10};

    setenv("TZ", "UTC", 1);
    signal(SIGPIPE, SIG_IGN);
    world->loop = co_loop_new();
    clock_fake_init(&world->clock, 0, (int64_t)14 * 3600 * 1000); /* 1 Jan 1970, 14:00 */
    assert_int_equal(delivery_init(&world->delivery, &world->clock.clock, &delivery), 0);
    world->hub = hub_new(&hub, &world->clock.clock, &world->delivery.sink);
    assert_non_null(world->hub);
    delivery_set_hub(&world->delivery, world->hub);
    *state = world;
    return 0;
}

int delivery_world_setup(void **state)
{
    return setup_with_log(state, DELIVERY_WORLD_LOG_EVENTS);
}

int delivery_world_setup_large(void **state)
{
    return setup_with_log(state, 1024);
}

int delivery_world_teardown(void **state)
{
    struct delivery_world *world = *state;
    for (size_t i = 0; i < world->count; i++) {
        outbox_detach(&world->readers[i].outbox);
        conn_done(&world->readers[i].conn);
        close(world->readers[i].far_fd);
    }
    delivery_done(&world->delivery);
    hub_free(world->hub);
    assert_int_equal(co_loop_free(world->loop), 0);
    free(world);
    return 0;
}

void delivery_world_deliver(struct delivery_world *world)
{
    struct list_link *link;
    while ((link = co_queue_try_get(&world->delivery.events)) != NULL)
        delivery_batch(&world->delivery, link);
}

void delivery_world_type(struct delivery_world *world, struct delivery_reader *reader, const char *line)
{
    struct plain_reader plain = {0};
    struct chat_request chat_request;
    (void)world;
    assert_true(plain_parse(&plain, bytes_of(line), &chat_request));
    assert_int_equal(hub_apply(world->hub, reader->user, &chat_request), 0);
}

const char *delivery_world_received(struct delivery_world *world, struct delivery_reader *reader)
{
    size_t len = 0;
    ssize_t n;
    while ((n = recv(reader->far_fd, world->got + len, sizeof(world->got) - 1 - len, MSG_DONTWAIT)) > 0)
        len += (size_t)n;
    world->got[len] = '\0';
    return world->got;
}

static void on_conn_drained(struct conn *conn, void *arg)
{
    (void)conn;
    outbox_on_drained(arg);
}

static const struct conn_events conn_events = {.on_drained = on_conn_drained};

struct delivery_reader *delivery_world_enter(struct delivery_world *world, const char *name, uint32_t facts)
{
    const struct conn_limits limits = {.line_bytes = 512, .high_bytes = 8192, .low_bytes = 1024};
    struct delivery_reader *reader = &world->readers[world->count++];
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    reader->far_fd = fds[1];
    assert_int_equal(conn_init_tcp(&reader->conn, world->loop, fds[0], &limits), 0);
    outbox_init(&reader->outbox, &world->delivery, &reader->conn, on_fail);
    reader->conn.events = &conn_events;
    reader->conn.events_arg = &reader->outbox;
    assert_int_equal(hub_enter(world->hub, bytes_of(name), NULL, &reader->user), 0);
    outbox_attach(&reader->outbox, reader->user);
    outbox_set_fact(&reader->outbox, facts, true);
    assert_int_equal(hub_join_lobby(world->hub, reader->user), 0);
    return reader;
}

void delivery_world_settle(struct delivery_world *world)
{
    delivery_world_deliver(world);
    for (size_t i = 0; i < world->count; i++)
        delivery_world_received(world, &world->readers[i]);
    world->delivery.stats = (struct delivery_stats){0};
}
