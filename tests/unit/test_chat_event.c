/* Events: that they own all they show, and that every kind has a name and an audience. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "chat/chat_event.h"
#include "chat/hub.h"

static void test_chat_event_copies_everything(void **state)
{
    (void)state;
    char actor[] = "bob", room[] = "#ops", text[] = "hello", extra[] = "more", name[] = "alice",
         detail[] = "topic";
    struct chat_item items[2] = {
        {.name = bytes_of(name), .detail = bytes_of(detail), .count = 7, .flags = CHAT_ITEM_F_OPERATOR},
        {.name = bytes_of(actor), .flags = CHAT_ITEM_F_YOU},
    };
    struct chat_event *event = chat_event_new(&(struct chat_event_spec){.kind = CHAT_EV_NAMES,
                                                                        .err = CHAT_ERR_USAGE,
                                                                        .actor_id = 1,
                                                                        .target_id = 2,
                                                                        .room_id = 3,
                                                                        .count = 4,
                                                                        .items = items,
                                                                        .item_count = 2,
                                                                        .actor = bytes_of(actor),
                                                                        .room = bytes_of(room),
                                                                        .text = bytes_of(text),
                                                                        .extra = bytes_of(extra)});
    assert_non_null(event);
    memset(actor, 'x', 3), memset(room, 'x', 4), memset(text, 'x', 5), memset(extra, 'x', 4);
    memset(name, 'x', 5), memset(detail, 'x', 5), memset(items, 0, sizeof(items));

    assert_true(bytes_eq(event->actor, BYTES("bob")));
    assert_true(bytes_eq(event->room, BYTES("#ops")));
    assert_true(bytes_eq(event->text, BYTES("hello")));
    assert_true(bytes_eq(event->extra, BYTES("more")));
    assert_int_equal(event->item_count, 2);
    assert_true(bytes_eq(event->items[0].name, BYTES("alice")));
    assert_true(bytes_eq(event->items[0].detail, BYTES("topic")));
    assert_int_equal(event->items[0].count, 7);
    assert_int_equal(event->items[0].flags, CHAT_ITEM_F_OPERATOR);
    assert_true(bytes_eq(event->items[1].name, BYTES("bob")));
    assert_int_equal(event->items[1].detail.len, 0);
    assert_int_equal(event->err, CHAT_ERR_USAGE);
    assert_int_equal(event->actor_id, 1);
    assert_int_equal(event->target_id, 2);
    assert_int_equal(event->room_id, 3);
    assert_int_equal(event->count, 4);
    assert_int_equal(event->seq, 0);
    assert_int_equal(event->id, 0);
    assert_int_equal(event->audience, CHAT_TO_USER);
    chat_event_unref(event);
}

static void test_chat_event_may_be_empty(void **state)
{
    (void)state;
    struct chat_event *event = chat_event_new(&(struct chat_event_spec){.kind = CHAT_EV_TOPIC});
    assert_non_null(event);
    assert_int_equal(event->text.len + event->actor.len + event->item_count, 0);
    assert_int_equal(event->audience, CHAT_TO_ROOM);
    chat_event_unref(event);
    chat_event_unref(NULL);
}

static void test_chat_event_lives_until_last_unref(void **state)
{
    (void)state;
    struct chat_event *event =
        chat_event_new(&(struct chat_event_spec){.kind = CHAT_EV_NOTICE, .text = BYTES("x")});
    assert_non_null(event);
    assert_ptr_equal(chat_event_ref(event), event);
    assert_int_equal(event->refs, 2);
    chat_event_unref(event);
    assert_int_equal(event->refs, 1);
    assert_true(bytes_eq(event->text, BYTES("x")));
    chat_event_unref(event);
}

static void test_chat_event_kinds_have_names_and_audiences(void **state)
{
    (void)state;
    for (int kind = 0; kind < CHAT_EV_KIND_COUNT; kind++) {
        const char *name = chat_event_kind_str((enum chat_event_kind)kind);
        assert_non_null(name);
        for (int other = 0; other < kind; other++)
            assert_string_not_equal(name, chat_event_kind_str((enum chat_event_kind)other));
        enum chat_audience want = kind <= CHAT_EV_ROOM_RENAMED       ? CHAT_TO_ROOM
                                  : kind <= CHAT_EV_REALNAME_CHANGED ? CHAT_TO_PEERS
                                                                     : CHAT_TO_USER;
        assert_int_equal(chat_event_audience((enum chat_event_kind)kind), want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chat_event_copies_everything),
        cmocka_unit_test(test_chat_event_may_be_empty),
        cmocka_unit_test(test_chat_event_lives_until_last_unref),
        cmocka_unit_test(test_chat_event_kinds_have_names_and_audiences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
