/* CHATHISTORY: what is asked for, and how it is answered. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/irc_cap.h"
#include "proto/irc_history.h"
#include "support/irc_text.h"

#define ALICE ":alice!u@alice.mingle "
#define BATCHED (IRC_CAP_F_BATCH | IRC_CAP_F_SERVER_TIME)

/* ---- what is asked for ---- */

static void put_mark(const struct chat_mark *mark, struct buf *out)
{
    if (mark->kind == CHAT_MARK_TIME)
        buf_printf(out, " t%d", (int)mark->wall_ms);
    else if (mark->kind == CHAT_MARK_MESSAGE)
        buf_printf(out, " m%d", (int)mark->seq);
    else
        buf_put_text(out, " -");
}

/* "range(#a) WORD way from to most", or what is answered. */
static void assert_asks(const char *line, const char *want)
{
    const struct irc_reader reader = {.server = BYTES("srv"), .you = BYTES("bob")};
    static struct irc_requests requests;
    struct irc_message message;
    struct buf have;

    buf_init(&have, 8192);
    assert_int_equal(irc_message_parse(bytes_of(line), &message), 0);
    irc_request(&reader, &message, &requests, &have);
    for (size_t i = 0; i < requests.count; i++) {
        const struct chat_request *request = &requests.items[i];
        assert_non_null(request->range);
        buf_printf(&have, "%s(%.*s) %.*s %d", request->command->name, BYTES_ARG(request->words[0]),
                   BYTES_ARG(request->text), (int)request->range->way);
        put_mark(&request->range->from, &have);
        put_mark(&request->range->to, &have);
        buf_printf(&have, " %u\r\n", request->range->most);
    }
    buf_put_char(&have, '\0');
    assert_int_equal(buf_error(&have), 0);
    assert_string_equal(have.ptr, want);
    buf_done(&have);
}

#define TIME "timestamp=1970-01-01T00:00:01.5Z"

static void test_irc_history_asks_for_ranges(void **state)
{
    (void)state;
    assert_asks("CHATHISTORY LATEST #a * 50", "range(#a) LATEST 0 - - 50\r\n");
    assert_asks("CHATHISTORY latest #a " TIME " 50", "range(#a) LATEST 0 t1500 - 50\r\n");
    assert_asks("CHATHISTORY BEFORE #a msgid=1-2 1", "range(#a) BEFORE 1 m2 - 1\r\n");
    assert_asks("CHATHISTORY AFTER #a " TIME " 4294967295", "range(#a) AFTER 2 t1500 - 4294967295\r\n");
    assert_asks("CHATHISTORY AFTER #a " TIME " 99999999999999999999999",
                "range(#a) AFTER 2 t1500 - 4294967295\r\n");
    assert_asks("CHATHISTORY AROUND #a msgid=1-2 7", "range(#a) AROUND 3 m2 - 7\r\n");
    assert_asks("CHATHISTORY BETWEEN #a msgid=1-2 " TIME " 7", "range(#a) BETWEEN 4 m2 t1500 7\r\n");
    assert_asks("CHATHISTORY TARGETS " TIME " " TIME " 7", "range() TARGETS 5 t1500 t1500 7\r\n");
}

#define FAIL(rest) ":srv FAIL CHATHISTORY " rest "\r\n"

static void test_irc_history_says_what_is_wrong(void **state)
{
    static const char limit[] = FAIL("INVALID_PARAMS LATEST 0 :The limit is a number from 1 on");
    (void)state;

    assert_asks("CHATHISTORY",
                FAIL("INVALID_PARAMS :There are AFTER, AROUND, BEFORE, BETWEEN, LATEST and TARGETS"));
    assert_asks("CHATHISTORY ALL #a",
                FAIL("UNKNOWN_COMMAND ALL :There are AFTER, AROUND, BEFORE, BETWEEN, LATEST and TARGETS"));
    assert_asks("CHATHISTORY LATEST #a *", FAIL("INVALID_PARAMS LATEST :Too few or too many parameters"));
    assert_asks("CHATHISTORY LATEST #a * 5 6", FAIL("INVALID_PARAMS LATEST :Too few or too many parameters"));
    assert_asks("CHATHISTORY LATEST #a * 0", limit);
    assert_asks("CHATHISTORY LATEST #a * -1",
                FAIL("INVALID_PARAMS LATEST -1 :The limit is a number from 1 on"));
    assert_asks("CHATHISTORY LATEST alice * 5",
                FAIL("INVALID_TARGET LATEST alice :Only what is said in rooms is kept"));
    assert_asks("CHATHISTORY BEFORE #a * 5",
                FAIL("INVALID_MSGREFTYPE BEFORE * :Give timestamp=TIME, or of a room also msgid=ID"));
    assert_asks(
        "CHATHISTORY TARGETS msgid=1-2 " TIME " 5",
        FAIL("INVALID_MSGREFTYPE TARGETS msgid=1-2 :Give timestamp=TIME, or of a room also msgid=ID"));
    assert_asks("CHATHISTORY BEFORE #a timestamp=now 5",
                FAIL("INVALID_PARAMS BEFORE timestamp=now :Times are like "
                     "timestamp=2026-11-21T14:05:03.120Z"));
    assert_asks("CHATHISTORY BEFORE #a msgid=elsewhere 5",
                FAIL("MESSAGE_ERROR BEFORE #a :There is no message with that id"));
}

/* ---- what is answered ---- */

static const struct chat_range in_room = {.way = CHAT_RANGE_LATEST, .most = 5};
static const struct chat_range rooms = {.way = CHAT_RANGE_ROOMS, .most = 5};

static struct chat_event_spec answer(const struct chat_range *range)
{
    return (struct chat_event_spec){.kind = CHAT_EV_HISTORY,
                                    .actor = BYTES("bob"),
                                    .room = range == &rooms ? (struct bytes){NULL, 0} : BYTES("#ops"),
                                    .range = range};
}

static void assert_answer(uint32_t caps, const struct chat_range *range, const char *said, const char *want)
{
    const struct chat_event_spec spec = {
        .kind = CHAT_EV_MESSAGE, .actor = BYTES("alice"), .room = BYTES("#ops"), .text = bytes_of(said)};
    struct chat_event *before = chat_event_new(&spec);

    assert_non_null(before);
    before->wall_ms = IRC_TEXT_NOW_MS - 3120;
    before->seq = 7;
    char *text = irc_text_render(
        caps, answer(range), &(struct chat_view){.history = &before, .history_count = said != NULL ? 1 : 0});
    assert_string_equal(text, want);
    free(text);
    chat_event_unref(before);
}

static void test_irc_history_answers_with_a_batch(void **state)
{
    (void)state;
    assert_answer(BATCHED | IRC_CAP_F_MESSAGE_TAGS | IRC_CAP_F_CHATHISTORY, &in_room, "one\ntwo",
                  ":srv BATCH +10 chathistory #ops\r\n"
                  "@batch=10;msgid=1a1fe6cb6e0-7;time=2026-11-21T14:05:00.000Z " ALICE "PRIVMSG #ops :one\r\n"
                  "@batch=10;time=2026-11-21T14:05:00.000Z " ALICE "PRIVMSG #ops :two\r\n"
                  ":srv BATCH -10\r\n");
    assert_answer(BATCHED | IRC_CAP_F_MULTILINE, &in_room, "one\ntwo",
                  ":srv BATCH +10 chathistory #ops\r\n"
                  "@batch=10;time=2026-11-21T14:05:00.000Z " ALICE "BATCH +7 draft/multiline #ops\r\n"
                  "@batch=7;time=2026-11-21T14:05:00.000Z " ALICE "PRIVMSG #ops :one\r\n"
                  "@batch=7;time=2026-11-21T14:05:00.000Z " ALICE "PRIVMSG #ops :two\r\n"
                  ":srv BATCH -7\r\n"
                  ":srv BATCH -10\r\n");
    assert_answer(BATCHED, &in_room, NULL, ":srv BATCH +10 chathistory #ops\r\n:srv BATCH -10\r\n");
    assert_answer(0, &in_room, NULL, "");
}

static void test_irc_history_has_times_in_the_text_for_who_does_not_show_tags(void **state)
{
    struct chat_event_spec action = {
        .kind = CHAT_EV_ACTION, .actor = BYTES("alice"), .room = BYTES("#ops"), .text = BYTES("waves")};
    (void)state;

    assert_answer(IRC_CAP_F_MESSAGE_TAGS, &in_room, "one",
                  "@msgid=1a1fe6cb6e0-7 " ALICE "PRIVMSG #ops :one\r\n");
    assert_answer(0, &in_room, "one\ntwo",
                  ALICE "PRIVMSG #ops :[14:05 UTC] one\r\n" ALICE "PRIVMSG #ops :[14:05 UTC] two\r\n");
    struct chat_event *before = chat_event_new(&action);
    assert_non_null(before);
    before->wall_ms = IRC_TEXT_NOW_MS - 24 * 3600 * 1000;
    char *text =
        irc_text_render(0, answer(&in_room), &(struct chat_view){.history = &before, .history_count = 1});
    assert_string_equal(text, ALICE "PRIVMSG #ops :\001ACTION [2026-11-20 14:05 UTC] waves\001\r\n");
    free(text);
    chat_event_unref(before);
}

static void test_irc_history_answers_targets(void **state)
{
    (void)state;
    assert_answer(BATCHED, &rooms, "one",
                  ":srv BATCH +10 draft/chathistory-targets\r\n"
                  "@batch=10 :srv CHATHISTORY TARGETS #ops 2026-11-21T14:05:00.000Z\r\n"
                  ":srv BATCH -10\r\n");
    assert_answer(BATCHED, &rooms, NULL, ":srv BATCH +10 draft/chathistory-targets\r\n:srv BATCH -10\r\n");
    assert_answer(0, &rooms, "one", ":srv CHATHISTORY TARGETS #ops 2026-11-21T14:05:00.000Z\r\n");
}

static void test_irc_history_refuses_rooms_of_others(void **state)
{
    (void)state;
    irc_text_assert(0,
                    (struct chat_event_spec){.kind = CHAT_EV_REFUSED,
                                             .err = CHAT_ERR_NO_HISTORY,
                                             .text = BYTES("#ops"),
                                             .extra = BYTES("LATEST")},
                    ":srv FAIL CHATHISTORY INVALID_TARGET LATEST #ops :Only the history of the rooms you are "
                    "in can be read\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_history_asks_for_ranges),
        cmocka_unit_test(test_irc_history_says_what_is_wrong),
        cmocka_unit_test(test_irc_history_answers_with_a_batch),
        cmocka_unit_test(test_irc_history_has_times_in_the_text_for_who_does_not_show_tags),
        cmocka_unit_test(test_irc_history_answers_targets),
        cmocka_unit_test(test_irc_history_refuses_rooms_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
