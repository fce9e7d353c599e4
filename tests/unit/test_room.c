/* Rooms and memberships: who counts, who still reads, and what is left behind. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chat/chat_event.h"
#include "chat/room.h"
#include "chat/user.h"

static struct room *make_room(void)
{
    struct room *room = room_new(7, BYTES("#Ops"), 10);
    assert_non_null(room);
    return room;
}

static struct user *make_user(uint64_t id, const char *name)
{
    struct user *user = user_new(id, bytes_of(name), NULL);
    assert_non_null(user);
    return user;
}

static struct membership *join(struct room *room, struct user *user)
{
    struct membership *membership = room_join(room, user);
    assert_non_null(membership);
    return membership;
}

static void test_room_new_is_empty(void **state)
{
    (void)state;
    struct room *room = make_room();
    assert_int_equal(room->id, 7);
    assert_int_equal(room->next_event_id, 1);
    assert_true(bytes_eq(room_name(room), BYTES("#Ops")));
    assert_int_equal(room->member_count + room->present_count, 0);
    room_free(room);
    room_free(NULL);
}

static void test_user_new_is_nowhere(void **state)
{
    (void)state;
    struct user *user = make_user(3, "Bob");
    assert_true(bytes_eq(user_name(user), BYTES("Bob")));
    assert_string_equal(user->name_key, "bob");
    assert_int_equal(user_reply_to(user).len, 0);
    assert_null(user->current);
    assert_int_equal(user_room_count(user), 0);
    user_free(user);
    user_free(NULL);
}

static void test_room_join_counts_and_waits_for_its_cursor(void **state)
{
    (void)state;
    struct room *room = make_room();
    struct user *user = make_user(1, "bob");
    struct membership *membership = join(room, user);
    assert_int_equal(membership->state, MEMBERSHIP_JOINING);
    assert_false(membership->is_leaving);
    assert_int_equal(room->present_count, 1);
    assert_int_equal(user_room_count(user), 1);
    assert_ptr_equal(user_membership(user, room), membership);
    user->current = membership;
    room_detach(membership);
    assert_null(user->current);
    assert_int_equal(room->member_count + room->present_count, 0);
    user_free(user);
    room_free(room);
}

static void test_room_leave_counts_no_more_but_stays(void **state)
{
    (void)state;
    struct room *room = make_room();
    struct user *user = make_user(1, "bob");
    struct membership *old = join(room, user);
    room_leave(old);
    assert_int_equal(room->present_count, 0);
    assert_int_equal(room->member_count, 1);
    assert_null(user_membership(user, room));
    assert_int_equal(user_room_count(user), 0);

    struct membership *fresh = join(room, user); /* beside the one that still reads */
    assert_ptr_equal(user_membership(user, room), fresh);
    assert_int_equal(room->present_count, 1);
    assert_int_equal(room->member_count, 2);
    assert_int_equal(user_room_count(user), 1);
    room_detach(old);
    assert_int_equal(room->present_count, 1);
    room_detach(fresh);
    assert_int_equal(room->present_count, 0);
    user_free(user);
    room_free(room);
}

static void test_room_members_stay_dense(void **state)
{
    (void)state;
    enum { PEOPLE = 20 };
    struct room *room = make_room();
    struct user *users[PEOPLE];
    struct membership *memberships[PEOPLE];
    for (size_t i = 0; i < PEOPLE; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        users[i] = make_user(i + 1, name);
        memberships[i] = join(room, users[i]);
    }
    /* From the front, the middle and the end. */
    for (size_t n = 0; n < PEOPLE; n++) {
        size_t victim = n * 7 % PEOPLE;
        room_detach(memberships[victim]);
        assert_true(list_is_empty(&users[victim]->memberships));
        assert_int_equal(room->member_count, PEOPLE - n - 1);
        for (size_t i = 0; i < room->member_count; i++)
            assert_int_equal(room->members[i]->index, i);
    }
    for (size_t i = 0; i < PEOPLE; i++)
        user_free(users[i]);
    room_free(room);
}

static void append(struct room *room, enum chat_event_kind kind)
{
    struct chat_event *event = chat_event_new(&(struct chat_event_spec){.kind = kind});
    assert_non_null(event);
    assert_int_equal(room_log_append(&room->log, event), 0);
    chat_event_unref(event);
}

static void test_room_forgets_news_that_everybody_has_read(void **state)
{
    (void)state;
    struct room *room = make_room();
    struct user *users[] = {make_user(1, "a"), make_user(2, "b"), make_user(3, "c")};
    struct membership *reading = join(room, users[0]), *ended = join(room, users[1]);
    join(room, users[2]); /* has no cursor yet, and so is owed nothing */
    append(room, CHAT_EV_MESSAGE);
    append(room, CHAT_EV_TOPIC);
    append(room, CHAT_EV_PARTED);
    reading->state = MEMBERSHIP_READING;
    reading->cursor = 2;
    ended->state = MEMBERSHIP_ENDED;
    ended->cursor = ended->end = 2;
    room_forget_news(room, 0); /* one is owed the last one */
    assert_non_null(room_log_get(&room->log, 1));
    reading->cursor = 3;
    ended->cursor = 1;
    room_forget_news(room, 0); /* one who has left, what came before */
    assert_non_null(room_log_get(&room->log, 1));
    ended->cursor = 2;
    room_forget_news(room, 2);
    assert_non_null(room_log_get(&room->log, 1));
    assert_null(room_log_get(&room->log, 2));
    room_forget_news(room, 0);
    assert_non_null(room_log_get(&room->log, 0)); /* what is said is kept for the history */
    assert_null(room_log_get(&room->log, 1));
    while (room->member_count > 0)
        room_detach(room->members[0]);
    for (size_t i = 0; i < ARRAY_LEN(users); i++)
        user_free(users[i]);
    room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_new_is_empty),
        cmocka_unit_test(test_user_new_is_nowhere),
        cmocka_unit_test(test_room_join_counts_and_waits_for_its_cursor),
        cmocka_unit_test(test_room_leave_counts_no_more_but_stays),
        cmocka_unit_test(test_room_members_stay_dense),
        cmocka_unit_test(test_room_forgets_news_that_everybody_has_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
