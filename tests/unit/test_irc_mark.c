/* Ids of messages, and times, as IRC writes them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "proto/irc_mark.h"

static void assert_time(int64_t wall_ms, const char *want)
{
    char text[64];
    struct buf out;
    int64_t again;

    buf_init_fixed(&out, text, sizeof(text));
    irc_mark_put_time(wall_ms, &out);
    buf_put_char(&out, '\0');
    assert_string_equal(text, want);
    assert_true(irc_mark_parse_time(bytes_of(text), &again));
    assert_int_equal(again, wall_ms);
}

static void test_irc_mark_times_come_back(void **state)
{
    (void)state;
    assert_time(0, "1970-01-01T00:00:00.000Z");
    assert_time(INT64_C(1795269903120), "2026-11-21T14:05:03.120Z");
    assert_time(-1, "1969-12-31T23:59:59.999Z");
    assert_time(INT64_C(951782400000), "2000-02-29T00:00:00.000Z");
    assert_time(INT64_C(253402300799999), "9999-12-31T23:59:59.999Z");
}

static void test_irc_mark_takes_other_parts_of_seconds(void **state)
{
    static const struct {
        const char *text;
        int64_t wall_ms;
    } cases[] = {{"1970-01-01T00:00:01Z", 1000},
                 {"1970-01-01T00:00:01.5Z", 1500},
                 {"1970-01-01T00:00:01.123456789Z", 1123},
                 {"1970-01-01T00:00:59.999Z", 59999},
                 {"0000-01-01T00:00:00Z", -62167219200000}};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t have = 1;
        assert_true(irc_mark_parse_time(bytes_of(cases[i].text), &have));
        assert_int_equal(have, cases[i].wall_ms);
    }
}

static void test_irc_mark_refuses_what_is_no_time(void **state)
{
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-04-31T00:00:00Z",
                                      "2026-01-00T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:60:00Z",
                                      "2026-01-01T00:00:60Z",
                                      "2026-01-01T00:00:00",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00.1x2Z",
                                      "2026-01-01T00:00:00,120Z",
                                      "2026-01-01 00:00:00Z",
                                      "+026-01-01T00:00:00Z",
                                      "2026-1-01T00:00:00Z",
                                      "2026-01-01T00:00:Z",
                                      "2026-01-01T00:00:0Z"};
    int64_t have = 7;
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (irc_mark_parse_time(bytes_of(bad[i]), &have))
            fail_msg("%s was taken", bad[i]);
    }
    assert_int_equal(have, 7);
}

static void assert_id(enum chat_event_kind kind, uint32_t count, const char *want)
{
    struct chat_event *event = chat_event_new(&(struct chat_event_spec){.kind = kind, .count = count});
    struct chat_mark mark;
    char text[64];
    struct buf out;

    assert_non_null(event);
    event->wall_ms = 0x1a2b;
    event->seq = 0x10;
    buf_init_fixed(&out, text, sizeof(text));
    irc_mark_put_id(event, &out);
    buf_put_char(&out, '\0');
    assert_string_equal(text, want);
    assert_true(irc_mark_parse_id(bytes_of(text), &mark));
    assert_int_equal(mark.kind, CHAT_MARK_MESSAGE);
    assert_int_equal(mark.wall_ms, 0x1a2b);
    assert_int_equal(mark.seq, event->seq - count);
    chat_event_unref(event);
}

static void test_irc_mark_ids_come_back(void **state)
{
    (void)state;
    assert_id(CHAT_EV_MESSAGE, 0, "1a2b-10");
    assert_id(CHAT_EV_PRIVATE, 0, "1a2b-10");
    assert_id(CHAT_EV_PRIVATE_SENT, 0, "1a2b-10");
    assert_id(CHAT_EV_PRIVATE_SENT, 1, "1a2b-f");
}

static void test_irc_mark_knows_what_it_is_given(void **state)
{
    static const struct {
        const char *text;
        enum irc_mark_result result;
    } cases[] = {
        {"timestamp=2026-01-01T00:00:00.000Z", IRC_MARK_OK},
        {"msgid=1-2", IRC_MARK_OK},
        {"msgid=0-2", IRC_MARK_OK},
        {"msgid=7fffffffffffffff-ffffffffffffffff", IRC_MARK_OK},
        {"msgid=8000000000000000-1", IRC_MARK_NO_MESSAGE},
        {"msgid=1-10000000000000000", IRC_MARK_NO_MESSAGE},
        {"msgid=1-2-3", IRC_MARK_NO_MESSAGE},
        {"msgid=01-2", IRC_MARK_NO_MESSAGE},
        {"msgid=1-G", IRC_MARK_NO_MESSAGE},
        {"msgid=", IRC_MARK_NO_MESSAGE},
        {"msgid", IRC_MARK_NO_MESSAGE},
        {"timestamp=now", IRC_MARK_BAD_VALUE},
        {"timestamp", IRC_MARK_BAD_VALUE},
        {"*", IRC_MARK_BAD_TYPE},
        {"", IRC_MARK_BAD_TYPE},
        {"time=1", IRC_MARK_BAD_TYPE},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct chat_mark mark;
        assert_int_equal(irc_mark_parse(bytes_of(cases[i].text), &mark), cases[i].result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_mark_times_come_back),
        cmocka_unit_test(test_irc_mark_takes_other_parts_of_seconds),
        cmocka_unit_test(test_irc_mark_refuses_what_is_no_time),
        cmocka_unit_test(test_irc_mark_ids_come_back),
        cmocka_unit_test(test_irc_mark_knows_what_it_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
