/* The ring: growth, its maximum, gaps, references and history. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chat/chat_event.h"
#include "chat/room_log.h"

static struct chat_event *make(enum chat_event_kind kind, uint64_t id)
{
    struct chat_event *event = chat_event_new(&(struct chat_event_spec){.kind = kind});
    assert_non_null(event);
    event->id = id;
    return event;
}

/* Appends an event of its own; its id is its position. */
static void append(struct room_log *log, enum chat_event_kind kind)
{
    struct chat_event *event = make(kind, log->next);
    assert_int_equal(room_log_append(log, event), 0);
    chat_event_unref(event);
}

static void assert_holds(const struct room_log *log, uint64_t first, uint64_t next)
{
    assert_int_equal(log->first, first);
    assert_int_equal(log->next, next);
    for (uint64_t at = first; at < next; at++)
        assert_int_equal(room_log_get(log, at)->id, at);
}

static void test_room_log_starts_empty_without_memory(void **state)
{
    (void)state;
    struct room_log log;
    room_log_init(&log, 100);
    assert_null(log.ring);
    assert_holds(&log, 0, 0);
    room_log_done(&log);
}

static void test_room_log_keeps_up_to_its_maximum(void **state)
{
    (void)state;
    static const size_t maxima[] = {1, 2, 7, 8, 9, 16, 20, 100};
    for (size_t m = 0; m < ARRAY_LEN(maxima); m++) {
        struct room_log log;
        room_log_init(&log, maxima[m]);
        for (uint64_t n = 1; n <= 250; n++) {
            append(&log, CHAT_EV_MESSAGE);
            assert_holds(&log, n > maxima[m] ? n - maxima[m] : 0, n);
            assert_true(log.capacity <= maxima[m]);
        }
        room_log_done(&log);
    }
}

static void test_room_log_of_a_quiet_room_stays_small(void **state)
{
    (void)state;
    struct room_log log;
    room_log_init(&log, 100000);
    for (int i = 0; i < 5; i++)
        append(&log, CHAT_EV_MESSAGE);
    assert_true(log.capacity <= 8);
    room_log_done(&log);
}

static void test_room_log_holds_and_drops_references(void **state)
{
    (void)state;
    struct room_log log;
    room_log_init(&log, 2);
    struct chat_event *event = make(CHAT_EV_MESSAGE, 0);
    assert_int_equal(room_log_append(&log, event), 0);
    assert_int_equal(event->refs, 2);
    append(&log, CHAT_EV_MESSAGE);
    assert_int_equal(event->refs, 2);
    append(&log, CHAT_EV_MESSAGE);
    assert_int_equal(event->refs, 1);
    assert_int_equal(room_log_append(&log, event), 0);
    assert_int_equal(event->refs, 2);
    room_log_done(&log);
    assert_int_equal(event->refs, 1);
    chat_event_unref(event);
}

static void test_room_log_history_takes_the_last_messages_and_actions(void **state)
{
    (void)state;
    struct room_log log;
    room_log_init(&log, 100);
    append(&log, CHAT_EV_JOINED);  /* 0 */
    append(&log, CHAT_EV_MESSAGE); /* 1 */
    append(&log, CHAT_EV_ACTION);  /* 2 */
    append(&log, CHAT_EV_TOPIC);   /* 3 */
    append(&log, CHAT_EV_MESSAGE); /* 4 */
    append(&log, CHAT_EV_QUIT);    /* 5 */
    struct chat_event *got[4];
    assert_int_equal(room_log_history(&log, 6, got, 4), 3);
    assert_int_equal(got[0]->id, 1);
    assert_int_equal(got[1]->id, 2);
    assert_int_equal(got[2]->id, 4);
    assert_int_equal(room_log_history(&log, 6, got, 2), 2);
    assert_int_equal(got[0]->id, 2);
    assert_int_equal(got[1]->id, 4);
    assert_int_equal(room_log_history(&log, 4, got, 4), 2); /* before position 4, not at it */
    assert_int_equal(got[1]->id, 2);
    assert_int_equal(room_log_history(&log, 999, got, 1), 1);
    assert_int_equal(got[0]->id, 4);
    assert_int_equal(room_log_history(&log, 1, got, 4), 0);
    assert_int_equal(room_log_history(&log, 0, got, 4), 0);
    assert_int_equal(room_log_history(&log, 6, got, 0), 0);
    room_log_done(&log);
}

static void test_room_log_history_ends_where_the_ring_does(void **state)
{
    (void)state;
    struct room_log log;
    room_log_init(&log, 3);
    for (int i = 0; i < 10; i++)
        append(&log, CHAT_EV_MESSAGE);
    struct chat_event *got[10];
    assert_int_equal(room_log_history(&log, 10, got, 10), 3);
    assert_int_equal(got[0]->id, 7);
    assert_int_equal(room_log_history(&log, 5, got, 10), 0); /* all before it is gone */
    room_log_done(&log);
}

static void test_room_log_forgets_what_is_no_history(void **state)
{
    (void)state;
    struct chat_event *event = make(CHAT_EV_JOINED, 0), *got[4];
    struct room_log log;
    room_log_init(&log, 3);
    assert_int_equal(room_log_append(&log, event), 0); /* 0 */
    append(&log, CHAT_EV_MESSAGE);                     /* 1 */
    assert_int_equal(event->refs, 2);
    assert_false(room_log_is_history(&log, 0));
    assert_true(room_log_is_history(&log, 1));
    for (int i = 0; i < 2; i++) {
        room_log_forget(&log, 0);
        room_log_forget(&log, 1);
        assert_int_equal(event->refs, 1);
        assert_null(room_log_get(&log, 0));
        assert_non_null(room_log_get(&log, 1));
    }
    assert_int_equal(room_log_history(&log, 2, got, 4), 1);
    for (int i = 0; i < 3; i++) /* its place in the ring is used again as any other */
        append(&log, CHAT_EV_MESSAGE);
    assert_int_equal(log.first, 2);
    room_log_done(&log);
    chat_event_unref(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_log_starts_empty_without_memory),
        cmocka_unit_test(test_room_log_keeps_up_to_its_maximum),
        cmocka_unit_test(test_room_log_of_a_quiet_room_stays_small),
        cmocka_unit_test(test_room_log_holds_and_drops_references),
        cmocka_unit_test(test_room_log_history_takes_the_last_messages_and_actions),
        cmocka_unit_test(test_room_log_history_ends_where_the_ring_does),
        cmocka_unit_test(test_room_log_forgets_what_is_no_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
