/* RENAME: asked for, and told to clients that know it and to those that do not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "proto/irc_cap.h"
#include "support/irc_text.h"

#define BOB ":bob!u@bob.mingle "
#define ALICE ":alice!u@alice.mingle "

static void assert_asks(const char *line, const char *why, const char *answer)
{
    const struct irc_requests *requests = irc_text_ask(line, answer);

    assert_int_equal(requests->count, why != NULL ? 1 : 0);
    if (why == NULL)
        return;
    assert_string_equal(requests->items[0].command->name, "rename");
    assert_true(bytes_eq(requests->items[0].room, BYTES("#a")));
    assert_true(bytes_eq(requests->items[0].words[0], BYTES("#b")));
    assert_true(bytes_eq(requests->items[0].text, bytes_of(why)));
}

static void test_irc_rename_asks(void **state)
{
    (void)state;
    assert_asks("RENAME #a #b :a better one", "a better one", "");
    assert_asks("RENAME #a #b", "", "");
    assert_asks("RENAME #a", NULL, ":srv 461 bob RENAME :Not enough parameters\r\n");
    assert_asks("RENAME", NULL, ":srv 461 bob RENAME :Not enough parameters\r\n");
}

static const struct chat_item items[] = {
    {.name = BYTES("Release"), .detail = BYTES("carol")},
    {.name = BYTES("alice"), .flags = CHAT_ITEM_F_OPERATOR | CHAT_ITEM_F_VOICED},
    {.name = BYTES("bob")},
};

static struct chat_event_spec renamed(const char *why)
{
    return (struct chat_event_spec){.kind = CHAT_EV_ROOM_RENAMED,
                                    .actor_id = 1,
                                    .actor = BYTES("alice"),
                                    .room = BYTES("#a"),
                                    .extra = BYTES("#b"),
                                    .text = bytes_of(why),
                                    .time_ms = IRC_TEXT_NOW_MS,
                                    .is_bot = true,
                                    .items = items,
                                    .item_count = ARRAY_LEN(items),
                                    .count = 2};
}

static void test_irc_rename_is_told_as_it_is(void **state)
{
    (void)state;
    irc_text_assert(IRC_CAP_F_CHANNEL_RENAME, renamed("why"), ALICE "RENAME #a #b :why\n");
    irc_text_assert(IRC_CAP_F_CHANNEL_RENAME, renamed(""), ALICE "RENAME #a #b :\n");
    char *own = irc_text_render(IRC_CAP_F_CHANNEL_RENAME, renamed(""), &(struct chat_view){.is_actor = true});
    assert_string_equal(own, ALICE "RENAME #a #b :\r\n");
    free(own);
}

static void test_irc_rename_is_leaving_and_entering_for_others(void **state)
{
    static const char topic[] = ":srv 332 bob #b :Release\n:srv 333 bob #b carol!u@carol.mingle 1795269903\n";
    struct chat_event_spec bare = renamed(""), cased = renamed("");
    char want[512];
    (void)state;

    snprintf(want, sizeof(want), "%s%s%s%s%s", BOB "PART #a :why\n", BOB "JOIN #b\n", topic,
             ":srv 353 bob = #b :@alice bob\n", ":srv 366 bob #b :End of NAMES list\n");
    irc_text_assert(0, renamed("why"), want);
    snprintf(want, sizeof(want), "%s%s%s%s", BOB "PART #a :why\n", BOB "JOIN #b * :bob\n", topic,
             ":srv MARKREAD #b *\n");
    irc_text_assert(IRC_CAP_F_EXTENDED_JOIN | IRC_CAP_F_NO_IMPLICIT_NAMES | IRC_CAP_F_READ_MARKER,
                    renamed("why"), want);
    bare.items = (const struct chat_item[]){{.count = 0}, {.name = BYTES("bob")}};
    bare.item_count = 2;
    bare.change = CHAT_CHANGE_SECRET;
    irc_text_assert(
        0, bare, BOB "PART #a\n" BOB "JOIN #b\n:srv 353 bob @ #b :bob\n:srv 366 bob #b :End of NAMES list\n");
    cased.extra = BYTES("#A");
    irc_text_assert(0, cased, "");
    irc_text_assert(IRC_CAP_F_CHANNEL_RENAME, cased, ALICE "RENAME #a #A :\n");
}

static void test_irc_rename_refusals(void **state)
{
    static const struct {
        enum chat_err err;
        const char *room, *want;
    } cases[] = {
        {CHAT_ERR_ROOM_NAME_TAKEN, "#a",
         "FAIL RENAME CHANNEL_NAME_IN_USE #a #b :There is a room of that name\n"},
        {CHAT_ERR_ROOM_NAME_FIXED, "#a", "FAIL RENAME CANNOT_RENAME #a #b :This room keeps its name\n"},
        {CHAT_ERR_ROOM_NAME_BAD, "#a",
         "FAIL RENAME CANNOT_RENAME #a #b :Names of rooms are # and 1-49 letters, digits or .-_[]{}|^\n"},
        {CHAT_ERR_ROOM_NAME_BAD, "",
         "403 bob #b :Names of rooms are # and 1-49 letters, digits or .-_[]{}|^\n"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char want[200];
        snprintf(want, sizeof(want), ":srv %s", cases[i].want);
        irc_text_assert(0,
                        (struct chat_event_spec){.kind = CHAT_EV_REFUSED,
                                                 .err = cases[i].err,
                                                 .text = BYTES("#b"),
                                                 .extra = bytes_of(cases[i].room)},
                        want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_rename_asks),
        cmocka_unit_test(test_irc_rename_is_told_as_it_is),
        cmocka_unit_test(test_irc_rename_is_leaving_and_entering_for_others),
        cmocka_unit_test(test_irc_rename_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
