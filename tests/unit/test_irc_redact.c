/* REDACT: asked for, and told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/irc_cap.h"
#include "support/irc_text.h"

static void assert_asks(const char *line, size_t count, const char *answer)
{
    const struct irc_requests *requests = irc_text_ask(line, answer);

    assert_int_equal(requests->count, count);
    if (count == 0)
        return;
    assert_string_equal(requests->items[0].command->name, "redact");
    assert_true(bytes_eq(requests->items[0].room, BYTES("#a")));
    assert_true(bytes_eq(requests->items[0].text, BYTES("by mistake")));
    assert_int_equal(requests->items[0].range->from.seq, 0x10);
    assert_int_equal(requests->items[0].range->from.wall_ms, 0x1f);
}

static void test_irc_redact_asks(void **state)
{
    (void)state;
    assert_asks("REDACT #a 1f-10 :by mistake", 1, "");
    assert_asks("REDACT #a", 0, ":srv 461 bob REDACT :Not enough parameters\r\n");
    assert_asks("REDACT #a xyz", 0,
                ":srv FAIL REDACT UNKNOWN_MSGID #a xyz :There is no message with that id\r\n");
    assert_asks("REDACT alice 1f-10", 0,
                ":srv FAIL REDACT INVALID_TARGET alice :Only what is said in rooms is kept\r\n");
}

static void test_irc_redact_is_told_as_clients_know_it(void **state)
{
    struct chat_event_spec spec = {.kind = CHAT_EV_REDACTED,
                                   .actor_id = 1,
                                   .actor = BYTES("alice"),
                                   .extra = BYTES("carol"),
                                   .room = BYTES("#a"),
                                   .target_id = 0x10,
                                   .time_ms = IRC_TEXT_NOW_MS - 1000};
    const uint32_t knows = IRC_CAP_F_MESSAGE_REDACTION;
    (void)state;

    irc_text_assert(knows, spec, ":alice!u@alice.mingle REDACT #a 1a1fe6cbf28-10\n");
    irc_text_assert(0, spec, ":srv NOTICE #a :alice took back what carol said 1 second ago\n");
    spec.text = BYTES("spam");
    irc_text_assert(knows, spec, ":alice!u@alice.mingle REDACT #a 1a1fe6cbf28-10 :spam\n");
    spec.time_ms -= 1000;
    irc_text_assert(0, spec, ":srv NOTICE #a :alice took back what carol said 2 seconds ago: spam\n");
    char *own = irc_text_render(knows, spec, &(struct chat_view){.is_actor = true});
    assert_non_null(strstr(own, "REDACT"));
    free(own);
}

static void test_irc_redact_refusals(void **state)
{
    static const struct {
        enum chat_err err;
        const char *want;
    } cases[] = {
        {CHAT_ERR_NO_SUCH_MESSAGE,
         ":srv FAIL REDACT UNKNOWN_MSGID #a 1-2 :That message is not there any more\n"},
        {CHAT_ERR_NOT_YOUR_MESSAGE, ":srv FAIL REDACT REDACT_FORBIDDEN #a 1-2 :Only who said it, and "
                                    "operators of the room, take it back\n"},
        {CHAT_ERR_MESSAGE_OLD,
         ":srv FAIL REDACT REDACT_WINDOW_EXPIRED #a 1-2 3600 :That was said too long ago\n"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        irc_text_assert(
            0,
            (struct chat_event_spec){
                .kind = CHAT_EV_REFUSED, .err = cases[i].err, .text = BYTES("1-2"), .extra = BYTES("#a")},
            cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_redact_asks),
        cmocka_unit_test(test_irc_redact_is_told_as_clients_know_it),
        cmocka_unit_test(test_irc_redact_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
