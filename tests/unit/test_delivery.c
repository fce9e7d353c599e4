/* Delivery with the real hub, the real dialect and real sockets, but without sessions: requests go in
 * by hand, batches are delivered by hand, and what arrives at the other ends of the sockets is
 * compared byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "async/loop.h"
#include "base/clock.h"
#include "chat/chat_range.h"
#include "chat/hub.h"
#include "chat/room.h"
#include "chat/user.h"
#include "net/conn.h"
#include "proto/irc_dialect.h"
#include "proto/plain.h"
#include "session/delivery.h"
#include "session/outbox.h"

#define READERS_MAX 8
#define LOG_EVENTS 64
#define INBOX_EVENTS 20

struct reader {
    struct conn conn;
    struct outbox outbox;
    struct user *user;
    int far_fd;
    bool has_failed;
    enum close_reason reason;
};

struct world {
    struct co_loop *loop;
    struct clock_fake clock;
    struct hub *hub;
    struct delivery delivery;
    struct reader readers[READERS_MAX];
    size_t count;
    char got[256 * 1024];
};

static void on_fail(struct outbox *outbox, enum close_reason reason)
{
    struct reader *reader = container_of(outbox, struct reader, outbox);
    reader->has_failed = true;
    reader->reason = reason;
}

static int setup_with_log(void **state, size_t log_events)
{
    struct world *world = calloc(1, sizeof(*world));
    const struct delivery_config delivery = {.queue_events = 1000,
                                             .log_events = log_events,
                                             .inbox_events = INBOX_EVENTS,
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

static int setup(void **state)
{
    return setup_with_log(state, LOG_EVENTS);
}

static int setup_large(void **state)
{
    return setup_with_log(state, 1024);
}

static int teardown(void **state)
{
    struct world *world = *state;
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

static void deliver(struct world *world)
{
    struct list_link *link;
    while ((link = co_queue_try_get(&world->delivery.events)) != NULL)
        delivery_batch(&world->delivery, link);
}

static void request(struct world *world, struct reader *reader, const char *line)
{
    struct plain_reader plain = {0};
    struct chat_request chat_request;
    (void)world;
    assert_true(plain_parse(&plain, bytes_of(line), &chat_request));
    assert_int_equal(hub_apply(world->hub, reader->user, &chat_request), 0);
}

/* What has arrived at the client since the last call; NUL-terminated. */
static const char *received(struct world *world, struct reader *reader)
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

static struct reader *enter(struct world *world, const char *name, uint32_t facts)
{
    const struct conn_limits limits = {.line_bytes = 512, .high_bytes = 8192, .low_bytes = 1024};
    struct reader *reader = &world->readers[world->count++];
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

/* Entered, and everything said about it is read. */
static void settle(struct world *world)
{
    deliver(world);
    for (size_t i = 0; i < world->count; i++)
        received(world, &world->readers[i]);
    world->delivery.stats = (struct delivery_stats){0};
}

static void test_delivery_renders_once_and_leaves_out_own_lines(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0),
                  *carol = enter(world, "carol", 0);
    settle(world);

    request(world, alice, "one");
    request(world, alice, "two");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> one\n14:00 <alice> two\n");
    assert_string_equal(received(world, carol), "14:00 <alice> one\n14:00 <alice> two\n");
    assert_string_equal(received(world, alice), "");
    assert_int_equal(world->delivery.stats.batches, 1);
    assert_int_equal(world->delivery.stats.blocks, 1);
    assert_int_equal(world->delivery.stats.shared_writes, 2);
}

static void test_delivery_renders_one_block_per_form(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    struct reader *carol = enter(world, "carol", WIRE_FACT_CRLF),
                  *dave = enter(world, "dave", WIRE_FACT_CRLF);
    settle(world);

    request(world, alice, "hi");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> hi\n");
    assert_string_equal(received(world, carol), "14:00 <alice> hi\r\n");
    assert_string_equal(received(world, dave), "14:00 <alice> hi\r\n");
    assert_int_equal(world->delivery.stats.blocks, 2);
}

static void test_delivery_keeps_the_order_of_replies_and_news(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    settle(world);

    request(world, alice, "before");
    request(world, bob, "/join #ops");
    request(world, bob, "alone here");
    request(world, alice, "/join #ops");
    request(world, alice, "after");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> before\n"
                                              "*** You are bob, in #ops, alone so far.\n"
                                              "*** Type to talk, /help for commands.\n"
                                              "14:00 -- alice joined\n"
                                              "14:00 <alice> after\n");
    assert_string_equal(received(world, alice), "*** You are alice, in #ops with @bob.\n"
                                                "--- Thu 1 Jan 1970, last message ---\n"
                                                "14:00 <bob> alone here\n"
                                                "--- now --- (/help for commands)\n");
}

static void test_delivery_leaves_out_those_who_are_ignored(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    struct reader *carol = enter(world, "carol", 0);
    request(world, alice, "/join #ops");
    request(world, alice, "seen by history only");
    request(world, alice, "/switch lobby");
    request(world, bob, "/ignore alice");
    settle(world);

    request(world, alice, "one");
    request(world, carol, "two");
    request(world, alice, "/me three");
    request(world, alice, "/nick ecila");
    request(world, alice, "four");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <carol> two\n14:00 -- alice is now known as ecila\n");
    request(world, bob, "/history");
    request(world, bob, "/join #ops");
    deliver(world);
    assert_string_equal(received(world, bob), "--- Thu 1 Jan 1970, last message ---\n"
                                              "14:00 <carol> two\n"
                                              "--- now --- (/help for commands)\n"
                                              "*** You are bob, in #ops with @ecila.\n"
                                              "*** Type to talk, /help for commands.\n");
    request(world, bob, "/switch lobby");
    request(world, bob, "/unignore ecila");
    settle(world);
    request(world, alice, "five");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <ecila> five\n");
}

static void test_delivery_history_stands_in_its_place(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    settle(world);

    request(world, alice, "one");
    request(world, alice, "two");
    request(world, alice, "three");
    request(world, bob, "/history 2");
    request(world, alice, "four");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> one\n14:00 <alice> two\n14:00 <alice> three\n"
                                              "--- Thu 1 Jan 1970, last 2 messages ---\n"
                                              "14:00 <alice> two\n14:00 <alice> three\n"
                                              "--- now --- (/help for commands)\n"
                                              "14:00 <alice> four\n");
    clock_fake_advance(&world->clock, 3600 * 1000);
    request(world, alice, "five");
    request(world, bob, "/history 30m");
    deliver(world);
    assert_string_equal(received(world, bob), "15:00 <alice> five\n"
                                              "--- Thu 1 Jan 1970, last message ---\n"
                                              "15:00 <alice> five\n"
                                              "--- now --- (/help for commands)\n");
}

static void ask_for(struct world *world, struct reader *reader, const char *room,
                    const struct chat_range *range)
{
    const struct chat_request request = {.command = command_client(BYTES("range")),
                                         .words = {bytes_of(room)},
                                         .word_count = room != NULL,
                                         .range = range};
    assert_int_equal(hub_apply(world->hub, reader->user, &request), 0);
}

/* A range holds what was told before it, without those who are ignored, and nothing of other rooms. */
static void test_delivery_reads_ranges_in_their_place(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    struct reader *troll = enter(world, "troll", 0);
    request(world, bob, "/ignore troll");
    settle(world);

    request(world, alice, "one");
    request(world, troll, "spam");
    request(world, alice, "two");
    ask_for(world, bob, "#lobby", &(struct chat_range){.way = CHAT_RANGE_LATEST, .most = 2});
    request(world, alice, "three");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> one\n14:00 <alice> two\n"
                                              "--- Thu 1 Jan 1970, last 2 messages ---\n"
                                              "14:00 <alice> one\n14:00 <alice> two\n"
                                              "--- now --- (/help for commands)\n"
                                              "14:00 <alice> three\n");
}

static void test_delivery_finds_the_last_message_of_each_room(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    struct chat_range range = {.way = CHAT_RANGE_ROOMS, .most = 10};
    const int64_t now_ms = clock_wall_ms(&world->clock.clock);

    range.from = (struct chat_mark){.kind = CHAT_MARK_TIME, .wall_ms = now_ms + 1};
    range.to = (struct chat_mark){.kind = CHAT_MARK_TIME, .wall_ms = now_ms - 1};
    request(world, alice, "/join #ops");
    request(world, bob, "/join #ops");
    request(world, bob, "in ops");
    request(world, alice, "/switch #lobby");
    request(world, alice, "in the lobby");
    settle(world);
    ask_for(world, bob, NULL, &range);
    deliver(world);
    assert_string_equal(received(world, bob), "--- Thu 1 Jan 1970, last 2 messages ---\n"
                                              "14:00 <bob> in ops\n14:00 <alice> in the lobby\n"
                                              "--- now --- (/help for commands)\n");
    range.most = 1;
    ask_for(world, bob, NULL, &range);
    deliver(world);
    assert_non_null(strstr(received(world, bob), "last message ---\n"));
    range.to.wall_ms = now_ms;
    ask_for(world, bob, NULL, &range);
    deliver(world);
    assert_null(strstr(received(world, bob), "in the lobby"));
}

static void test_delivery_options_hold_from_their_place_on(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    settle(world);

    request(world, alice, "one");
    request(world, bob, "/set time off");
    request(world, bob, "/set echo on");
    request(world, alice, "two");
    request(world, bob, "three");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> one\n"
                                              "*** time is off now.\n*** echo is on now.\n"
                                              "<alice> two\n<bob> three\n");
    assert_int_equal(world->delivery.stats.own_writes, 2); /* one each */
    request(world, alice, "four");
    deliver(world);
    assert_string_equal(received(world, bob), "<alice> four\n");
}

/* ---- IRC ---- */

static struct irc_dialect irc;

static struct reader *enter_irc(struct world *world, const char *name, struct wire_irc *wire)
{
    irc_dialect_init(&irc, BYTES("srv.x"));
    *wire = (struct wire_irc){.dialect = &irc.dialect};
    bytes_copy(bytes_of(name), wire->you, sizeof(wire->you));
    struct reader *reader = enter(world, name, 0);
    outbox_set_irc(&reader->outbox, wire);
    return reader;
}

static void test_delivery_passes_on_answers_in_their_place(void **state)
{
    struct world *world = *state;
    struct wire_irc wire;
    struct reader *alice = enter(world, "alice", 0), *bob = enter_irc(world, "bob", &wire);
    settle(world);

    request(world, alice, "one");
    assert_int_equal(hub_pass(world->hub, bob->user, BYTES("ACK\r\n"), IRC_CAP_F_SERVER_TIME), 0);
    request(world, alice, "two");
    assert_int_equal(wire.caps, 0);
    deliver(world);
    assert_string_equal(received(world, bob),
                        ":alice!u@alice.mingle PRIVMSG #lobby :one\r\n"
                        "ACK\r\n"
                        "@time=1970-01-01T14:00:00.000Z :alice!u@alice.mingle PRIVMSG #lobby :two\r\n");
    request(world, alice, "three");
    deliver(world);
    assert_string_equal(received(world, bob),
                        "@time=1970-01-01T14:00:00.000Z :alice!u@alice.mingle PRIVMSG #lobby :three\r\n");
}

/* What is to come before a NICK still calls the client as it knows itself. */
static void test_delivery_calls_an_irc_client_as_it_was_told(void **state)
{
    struct world *world = *state;
    struct wire_irc wire;
    struct reader *alice = enter(world, "alice", 0), *bob = enter_irc(world, "bob", &wire);
    settle(world);

    request(world, alice, "/msg bob one");
    request(world, bob, "/nick rob");
    request(world, alice, "/msg rob two");
    deliver(world);
    assert_string_equal(received(world, bob), ":alice!u@alice.mingle PRIVMSG bob :one\r\n"
                                              ":bob!u@bob.mingle NICK rob\r\n"
                                              ":alice!u@alice.mingle PRIVMSG rob :two\r\n");
}

static void test_delivery_shares_news_of_irc_clients(void **state)
{
    struct world *world = *state;
    struct wire_irc wires[3];
    struct reader *alice = enter(world, "alice", 0), *bob = enter_irc(world, "bob", &wires[0]),
                  *carol = enter_irc(world, "carol", &wires[1]), *dave = enter_irc(world, "dave", &wires[2]);
    wires[1].caps = IRC_CAP_F_ECHO_MESSAGE;
    wires[2].caps = IRC_CAP_F_SERVER_TIME;
    outbox_set_irc(&carol->outbox, &wires[1]);
    outbox_set_irc(&dave->outbox, &wires[2]);
    settle(world);

    request(world, alice, "hi");
    deliver(world);
    assert_string_equal(received(world, bob), ":alice!u@alice.mingle PRIVMSG #lobby :hi\r\n");
    assert_string_equal(received(world, carol), ":alice!u@alice.mingle PRIVMSG #lobby :hi\r\n");
    assert_int_equal(received(world, dave)[0], '@');
    assert_int_equal(world->delivery.stats.blocks, 2);
}

static void test_delivery_serves_only_who_is_named_apart(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    struct reader *carol = enter(world, "carol", 0), *dave = enter(world, "dave", 0);
    request(world, bob, "/set bell on");
    request(world, carol, "/set bell on");
    settle(world);
    assert_int_equal(world->delivery.mention_readers, 2);

    request(world, alice, "one");
    request(world, alice, "two for Bob and dave");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> one\n14:00 <alice> two for Bob and dave\a\n");
    assert_string_equal(received(world, carol), "14:00 <alice> one\n14:00 <alice> two for Bob and dave\n");
    assert_string_equal(received(world, dave), "14:00 <alice> one\n14:00 <alice> two for Bob and dave\n");
    assert_int_equal(world->delivery.stats.shared_writes, 2); /* carol, and dave without a bell */
    assert_int_equal(world->delivery.stats.own_writes, 1);
    assert_int_equal(world->delivery.stats.blocks, 2);
    request(world, bob, "/set bell off");
    hub_leave(world->hub, carol->user, BYTES(""));
    deliver(world);
    assert_int_equal(world->delivery.mention_readers, 0);
}

static void test_delivery_ends_a_room_for_who_is_kicked(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    struct reader *carol = enter(world, "carol", 0);
    request(world, alice, "/join #ops");
    request(world, bob, "/join #ops");
    request(world, carol, "/join #ops");
    settle(world);

    request(world, alice, "before");
    request(world, alice, "/kick bob out");
    request(world, alice, "after");
    deliver(world);
    assert_string_equal(received(world, bob),
                        "14:00 <alice> before\n"
                        "*** alice kicked you from #ops (out). What you type goes to #lobby now.\n");
    assert_string_equal(received(world, carol),
                        "14:00 <alice> before\n14:00 -- alice kicked bob (out)\n14:00 <alice> after\n");
    assert_string_equal(received(world, alice), "*** You kicked bob from #ops (out).\n");
    assert_int_equal(bob->user->memberships.count, 1);
    request(world, carol, "/switch lobby");
    request(world, carol, "here");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <carol> here\n"); /* its current room */
}

static void test_delivery_shows_a_rename_once_in_two_common_rooms(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    request(world, alice, "/join #ops");
    request(world, bob, "/join #ops");
    settle(world);

    request(world, alice, "/nick alicia");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 -- alice is now known as alicia\n");
}

static void test_delivery_tags_lines_of_other_rooms(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    request(world, bob, "/join #ops");
    settle(world);

    request(world, alice, "to the lobby");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 #lobby <alice> to the lobby\n");
}

static void test_delivery_gives_a_leaver_what_was_said_before(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    settle(world);

    request(world, alice, "last words");
    hub_leave(world->hub, bob->user, BYTES("bye"));
    request(world, alice, "too late");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> last words\n");
    assert_string_equal(received(world, alice), "14:00 -- bob left (bye)\n");
    assert_true(bob->outbox.finished.is_set);
    assert_null(bob->outbox.user);
    assert_int_equal(hub_user_count(world->hub), 1);
}

static void test_delivery_is_silent_about_departures_when_the_hub_closes(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    settle(world);

    request(world, alice, "last words");
    hub_close(world->hub);
    hub_leave(world->hub, bob->user, BYTES("bye"));
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> last words\n");
    assert_string_equal(received(world, alice), "");
    assert_true(bob->outbox.finished.is_set);
}

/* The number in a line that is `before` NUMBER `after` ...; false for another line. */
static bool find_number(struct bytes line, struct bytes before, struct bytes after, int *ret_number)
{
    uint64_t number;
    if (!bytes_starts_with(line, before))
        return false;
    struct bytes rest = bytes_slice(line, before.len, line.len);
    struct bytes digits = bytes_slice(rest, 0, bytes_find(rest, ' '));
    rest = bytes_slice(rest, digits.len, rest.len);
    if (bytes_parse_u64(digits, 1000000, &number) < 0 || !bytes_starts_with(rest, after))
        return false;
    *ret_number = (int)number;
    return true;
}

/* Checks that the numbers in all lines go on from *next; returns how many gaps were told. */
static int check_numbers(const char *text, int *next)
{
    struct bytes rest = bytes_of(text);
    int gaps = 0, number;
    while (rest.len) {
        struct bytes line = bytes_cut(&rest, '\n');
        if (find_number(line, BYTES("14:00 <alice> "), BYTES(""), &number)) {
            assert_int_equal(number, *next);
            ++*next;
        } else if (find_number(line, BYTES("*** "), BYTES(" lines in #lobby were skipped"), &number)) {
            gaps++;
            *next += number;
        } else {
            fail_msg("unexpected line: %.60s", line.ptr);
        }
    }
    return gaps;
}

/* alice says numbered lines until the socket of `slow` is full; `fast` reads all the while. */
static void fill(struct world *world, struct reader *from, struct reader *slow, struct reader *fast,
                 int *count)
{
    int next = 0;
    for (; !conn_is_full(&slow->conn); ++*count) {
        char line[256];
        snprintf(line, sizeof(line), "%d %0200d", *count, 0);
        request(world, from, line);
        deliver(world);
        if (fast)
            check_numbers(received(world, fast), &next);
        assert_true(*count < 100000);
    }
    assert_true(!fast || next == *count);
}

/* The loop writes what waits in the socket's buffer, and catches up as the catch-up task would. */
static int drain(struct world *world, struct reader *reader, int *next)
{
    int gaps = 0;
    for (int i = 0; i < 1000; i++) {
        gaps += check_numbers(received(world, reader), next);
        event_base_loop(co_loop_base(world->loop), EVLOOP_NONBLOCK);
        struct list_link *link = list_pop_front(&world->delivery.drained);
        if (link)
            outbox_continue(container_of(link, struct outbox, behind_link));
    }
    return gaps;
}

static void test_delivery_continues_a_slow_reader_where_it_was(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0),
                  *carol = enter(world, "carol", 0);
    int count = 0, next = 0;
    settle(world);

    fill(world, alice, bob, carol, &count);
    int next_of_carol = count;
    for (int i = 0; i < LOG_EVENTS / 2; i++) { /* still in the ring */
        char line[32];
        snprintf(line, sizeof(line), "%d", count++);
        request(world, alice, line);
        deliver(world);
    }
    check_numbers(received(world, carol), &next_of_carol);
    assert_int_equal(next_of_carol, count); /* nobody waited for bob */
    assert_true(conn_pending_bytes(&bob->conn) < 8192 + 300);
    assert_int_equal(drain(world, bob, &next), 0);
    assert_int_equal(next, count);
}

static void test_delivery_tells_a_slow_reader_what_it_missed(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0),
                  *carol = enter(world, "carol", 0);
    int count = 0, next = 0;
    settle(world);

    fill(world, alice, bob, carol, &count);
    for (int i = 0; i < 3 * LOG_EVENTS; i++) {
        char line[32];
        snprintf(line, sizeof(line), "%d", count++);
        request(world, alice, line);
        deliver(world);
    }
    assert_int_equal(drain(world, bob, &next), 1);
    assert_int_equal(next, count);
    assert_true(world->delivery.stats.gaps > 0);
}

static void test_delivery_does_not_let_news_overtake_what_waits(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0),
                  *carol = enter(world, "carol", 0);
    int count = 0, next = 0;
    settle(world);

    fill(world, alice, bob, carol, &count);
    request(world, alice, "/msg bob first");
    deliver(world);
    while (conn_is_full(&bob->conn)) { /* it drains, but the catch-up task has not had its turn */
        check_numbers(received(world, bob), &next);
        event_base_loop(co_loop_base(world->loop), EVLOOP_NONBLOCK);
    }
    request(world, alice, "second");
    deliver(world);
    for (int i = 0; i < 100 && next < count; i++) {
        event_base_loop(co_loop_base(world->loop), EVLOOP_NONBLOCK);
        struct bytes rest = bytes_of(received(world, bob));
        while (rest.len && next < count) {
            int number;
            assert_true(find_number(bytes_cut(&rest, '\n'), BYTES("14:00 <alice> "), BYTES(""), &number));
            assert_int_equal(number, next++);
        }
        if (next == count)
            assert_string_equal(rest.ptr, "14:00 [alice] first\n14:00 <alice> second\n");
    }
    assert_int_equal(next, count);
}

static void test_delivery_cuts_large_batches_so_that_nobody_in_step_misses_anything(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    int next = 0;
    settle(world);

    for (int i = 0; i < 4 * LOG_EVENTS; i++) {
        char line[32];
        snprintf(line, sizeof(line), "%d", i);
        request(world, alice, line);
    }
    deliver(world);
    assert_int_equal(check_numbers(received(world, bob), &next), 0);
    assert_int_equal(next, 4 * LOG_EVENTS);
    assert_int_equal(world->delivery.stats.gaps, 0);
}

static void say_often(struct world *world, struct reader *reader, int count)
{
    for (int i = 0; i < count; i++)
        request(world, reader, "x");
}

/* Two talk in two rooms, and take turns; carol reads one of them. */
static void test_delivery_does_not_cut_what_is_said_in_a_row(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    (void)enter(world, "carol", 0);
    request(world, bob, "/join #other");
    settle(world);

    for (int i = 0; i < 125; i++) {
        say_often(world, alice, 1);
        say_often(world, bob, 1);
    }
    say_often(world, alice, 20); /* over the 256 at which a batch may end */
    deliver(world);
    assert_int_equal(world->delivery.stats.batches, 1);
    assert_int_equal(world->delivery.stats.shared_writes, 1);

    say_often(world, alice, 256);
    say_often(world, bob, 1);
    deliver(world);
    assert_int_equal(world->delivery.stats.batches, 3);

    say_often(world, alice, 513); /* half of the ring, and one */
    deliver(world);
    assert_int_equal(world->delivery.stats.batches, 5);
    assert_int_equal(world->delivery.stats.gaps, 0);
}

/* Three are in the lobby, where more than two are many. */
static struct reader *enter_large_room(struct world *world)
{
    world->delivery.config.quiet_above = 2;
    struct reader *alice = enter(world, "alice", 0);
    (void)enter(world, "bob", 0);
    (void)enter(world, "carol", 0);
    settle(world);
    request(world, alice, "all are in step");
    settle(world);
    return alice;
}

static void test_delivery_holds_back_what_nobody_is_to_see(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter_large_room(world), *bob = &world->readers[1];
    const struct membership *bob_here = bob->user->current;
    const uint64_t cursor = bob_here->cursor;
    struct reader *dave = enter(world, "dave", 0);
    deliver(world);
    assert_int_equal(bob_here->cursor, cursor);
    assert_int_equal(world->delivery.stats.blocks, 0);
    assert_true(bytes_starts_with(bytes_of(received(world, dave)), BYTES("*** You are dave")));

    request(world, alice, "hello");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> hello\n");
    assert_string_equal(received(world, dave), "14:00 <alice> hello\n");
    assert_int_equal(world->delivery.stats.shared_writes, 2); /* bob and carol */
    assert_int_equal(bob_here->cursor, bob_here->room->log.next);

    request(world, dave, "/join #other");
    request(world, dave, "/leave #lobby");
    deliver(world);
    assert_int_equal(bob_here->room->member_count, 3);
    request(world, alice, "bye");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> bye\n");
    assert_int_equal(world->delivery.stats.shared_writes, 4);
}

static void test_delivery_shows_who_comes_to_those_who_want_to_see_it(void **state)
{
    struct world *world = *state;
    (void)enter_large_room(world);
    struct reader *bob = &world->readers[1], *carol = &world->readers[2];
    (void)enter(world, "dave", 0);
    deliver(world);
    request(world, bob, "/set joins on");
    (void)enter(world, "erin", 0);
    deliver(world); /* dave came before bob wanted to see it */
    assert_string_equal(received(world, bob), "*** joins is on now.\n14:00 -- erin joined\n");
    (void)enter(world, "frank", 0);
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 -- frank joined\n");
    assert_string_equal(received(world, carol), "");

    request(world, bob, "/set joins smart");
    settle(world);
    (void)enter(world, "gina", 0);
    deliver(world); /* the last that is told to all: nobody wants it any more */
    const uint64_t cursor = carol->user->current->cursor;
    (void)enter(world, "hugo", 0);
    deliver(world);
    assert_int_equal(carol->user->current->cursor, cursor);
    assert_string_equal(received(world, bob), "");
}

static void test_delivery_holds_back_no_more_than_the_log_has_room_for(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter_large_room(world), *bob = &world->readers[1],
                  *dave = enter(world, "dave", 0);
    request(world, dave, "/join #other");
    for (int i = 0; i < 2 * LOG_EVENTS; i++) {
        request(world, dave, "/leave #lobby");
        request(world, dave, "/join #lobby");
        deliver(world);
    }
    request(world, alice, "hello");
    deliver(world);
    assert_string_equal(received(world, bob), "14:00 <alice> hello\n");
    assert_int_equal(world->delivery.stats.gaps, 0);
}

/* A batch and an answer for which much memory is needed, which is given back. */
static void test_delivery_goes_on_after_what_was_large(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0);
    char line[2000];
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    (void)enter(world, "bob", 0);
    settle(world);

    for (int i = 0; i < 200; i++)
        request(world, alice, line);
    deliver(world);
    assert_int_equal(world->delivery.stats.shared_writes, 1);
    request(world, alice, "/history 200");
    deliver(world);
    assert_in_range(strlen(received(world, alice)), 1, sizeof(world->got));

    struct reader *carol = enter(world, "carol", 0);
    settle(world);
    request(world, alice, "short");
    deliver(world);
    assert_string_equal(received(world, carol), "14:00 <alice> short\n");
    assert_int_equal(world->delivery.stats.shared_writes, 1);
    assert_false(alice->has_failed || carol->has_failed);
}

static void test_delivery_ends_a_reader_with_too_many_replies_waiting(void **state)
{
    struct world *world = *state;
    struct reader *alice = enter(world, "alice", 0), *bob = enter(world, "bob", 0);
    int count = 0;
    settle(world);

    fill(world, alice, bob, NULL, &count);
    for (int i = 0; i < INBOX_EVENTS; i++) {
        request(world, alice, "/msg bob hello");
        deliver(world);
    }
    assert_false(bob->has_failed);
    request(world, alice, "/msg bob hello");
    deliver(world);
    assert_true(bob->has_failed);
    assert_int_equal(bob->reason, CLOSE_NOT_READING);
    assert_false(alice->has_failed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_delivery_renders_once_and_leaves_out_own_lines),
        TEST(test_delivery_renders_one_block_per_form),
        TEST(test_delivery_keeps_the_order_of_replies_and_news),
        TEST(test_delivery_leaves_out_those_who_are_ignored),
        TEST(test_delivery_history_stands_in_its_place),
        TEST(test_delivery_reads_ranges_in_their_place),
        TEST(test_delivery_finds_the_last_message_of_each_room),
        TEST(test_delivery_options_hold_from_their_place_on),
        TEST(test_delivery_passes_on_answers_in_their_place),
        TEST(test_delivery_calls_an_irc_client_as_it_was_told),
        TEST(test_delivery_shares_news_of_irc_clients),
        TEST(test_delivery_serves_only_who_is_named_apart),
        TEST(test_delivery_ends_a_room_for_who_is_kicked),
        TEST(test_delivery_shows_a_rename_once_in_two_common_rooms),
        TEST(test_delivery_tags_lines_of_other_rooms),
        TEST(test_delivery_gives_a_leaver_what_was_said_before),
        TEST(test_delivery_is_silent_about_departures_when_the_hub_closes),
        TEST(test_delivery_continues_a_slow_reader_where_it_was),
        TEST(test_delivery_tells_a_slow_reader_what_it_missed),
        TEST(test_delivery_does_not_let_news_overtake_what_waits),
        TEST(test_delivery_cuts_large_batches_so_that_nobody_in_step_misses_anything),
        cmocka_unit_test_setup_teardown(test_delivery_does_not_cut_what_is_said_in_a_row, setup_large,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_delivery_goes_on_after_what_was_large, setup_large, teardown),
        TEST(test_delivery_holds_back_what_nobody_is_to_see),
        TEST(test_delivery_shows_who_comes_to_those_who_want_to_see_it),
        TEST(test_delivery_holds_back_no_more_than_the_log_has_room_for),
        TEST(test_delivery_ends_a_reader_with_too_many_replies_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
