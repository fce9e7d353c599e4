/* Answers about people and the server, to the word. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plain_text.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static void assert_render(struct chat_event_spec spec, const char *expected)
{
    plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_here), expected);
}

static void test_plain_people_who(void **state)
{
    struct chat_item items[] = {
        {.name = BYTES("alice"), .count = 59, .flags = CHAT_ITEM_F_YOU},
        {.name = BYTES("bob"), .count = 60},
        {.name = BYTES("carol"), .count = 7200, .flags = CHAT_ITEM_F_AWAY, .detail = BYTES("lunch")},
    };
    struct chat_event_spec spec = {.kind = CHAT_EV_WHO, .text = BYTES("x*")};
    (void)state;

    assert_render(spec, "*** Nobody here is called like x*. To list all: /who\n");
    spec.items = items;
    spec.item_count = 3;
    spec.count = 5;
    assert_render(spec, "--- 5 people ---\n"
                        "      | alice (you)\n"
                        "      | bob, idle for 60 seconds\n"
                        "      | carol, idle for 2 hours, away (lunch)\n"
                        "      | and 2 more\n");
    items[0].flags |= CHAT_ITEM_F_ROOM_OPERATOR | CHAT_ITEM_F_VOICED;
    items[1].flags |= CHAT_ITEM_F_VOICED;
    spec.item_count = spec.count = 2;
    assert_render(spec, "--- 2 people ---\n"
                        "      | @alice (you)\n"
                        "      | +bob, idle for 60 seconds\n");
}

static void test_plain_people_whois(void **state)
{
    struct chat_item items[] = {
        {.name = BYTES("alice"), .count = 300, .flags = CHAT_ITEM_F_AWAY | CHAT_ITEM_F_ENCRYPTED},
        {.name = BYTES("#lobby")},
        {.name = BYTES("#ops"), .flags = CHAT_ITEM_F_OPERATOR},
    };
    struct chat_event_spec spec = {.kind = CHAT_EV_WHOIS,
                                   .text = BYTES("plain"),
                                   .time_ms = PLAIN_TEXT_NOW_MS - 3600000,
                                   .items = items,
                                   .item_count = 3};
    (void)state;

    assert_render(spec, "*** alice is here since 13:05, idle for 5 minutes, away, on plain with TLS."
                        " In #lobby, @#ops with you.\n");
    items[0].flags = CHAT_ITEM_F_OPERATOR;
    items[0].count = 0;
    spec.item_count = 1;
    spec.time_ms = PLAIN_TEXT_NOW_MS - DAY_MS;
    assert_render(spec, "*** alice, an operator of the server, is here since Fri 20 Nov 2026 14:05,"
                        " on plain without TLS.\n");
}

static void test_plain_people_one_line_answers(void **state)
{
    static const struct {
        struct chat_event_spec spec;
        const char *expected;
    } cases[] = {
        {{.kind = CHAT_EV_AWAY, .count = 1, .text = BYTES("lunch")},
         "*** You are away (lunch). When you are back: /back\n"},
        {{.kind = CHAT_EV_AWAY, .count = 1}, "*** You are away. When you are back: /back\n"},
        {{.kind = CHAT_EV_AWAY}, "*** You are back.\n"},
        {{.kind = CHAT_EV_AWAY_IS, .extra = BYTES("alice"), .text = BYTES("lunch")},
         "*** alice is away (lunch).\n"},
        {{.kind = CHAT_EV_AWAY_IS, .extra = BYTES("alice")}, "*** alice is away.\n"},
        {{.kind = CHAT_EV_IGNORED, .count = 1, .text = BYTES("troll")},
         "*** You ignore troll now. To undo it: /unignore troll\n"},
        {{.kind = CHAT_EV_IGNORED, .text = BYTES("troll")}, "*** You do not ignore troll any more.\n"},
        {{.kind = CHAT_EV_IGNORES}, "*** You ignore nobody. To ignore somebody: /ignore NAME\n"},
        {{.kind = CHAT_EV_OPTION_SET, .text = BYTES("time"), .extra = BYTES("iso")},
         "*** time is iso now.\n"},
        {{.kind = CHAT_EV_PONG}, "*** pong\n"},
        {{.kind = CHAT_EV_VERSION, .text = BYTES("1.2")}, "*** mingle 1.2\n"},
        {{.kind = CHAT_EV_TIME}, "*** It is 14:05 on Sat 21 Nov 2026, server's time.\n"},
        {{.kind = CHAT_EV_UPTIME, .count = 3 * 86400, .time_ms = PLAIN_TEXT_NOW_MS - 3 * DAY_MS},
         "*** The server is up for 3 days, since Wed 18 Nov 2026 14:05.\n"},
        {{.kind = CHAT_EV_HISTORY, .room = BYTES("#ops")},
         "*** Nothing of it is left: #ops has no messages from then.\n"},
    };
    const struct chat_item options[] = {{.name = BYTES("time"), .detail = BYTES("iso")},
                                        {.name = BYTES("width"), .detail = BYTES("auto")}};
    const struct chat_item ignored[] = {{.name = BYTES("troll")}, {.name = BYTES("spammer")}};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_render(cases[i].spec, cases[i].expected);
    assert_render((struct chat_event_spec){.kind = CHAT_EV_IGNORES, .items = ignored, .item_count = 2},
                  "*** You ignore troll, spammer. To undo it: /unignore NAME\n");
    assert_render((struct chat_event_spec){.kind = CHAT_EV_OPTIONS, .items = options, .item_count = 2},
                  "*** To change an option: /set OPTION VALUE (more: /help set)\n"
                  "      | time    iso           (on, off, HH:MM, iso)\n"
                  "      | width   auto          (auto, 40 to 400)\n");
}

static void test_plain_people_history_is_like_that_on_entering(void **state)
{
    struct chat_event *said = plain_text_event(
        PLAIN_TEXT_NOW_MS,
        (struct chat_event_spec){.kind = CHAT_EV_MESSAGE, .actor = BYTES("bob"), .text = BYTES("hi")});
    const struct chat_view view = {.is_actor = true, .history = &said, .history_count = 1};
    (void)state;

    plain_text_assert(
        plain_text_render(plain_text_lf, (struct chat_event_spec){.kind = CHAT_EV_HISTORY}, &view),
        "--- Sat 21 Nov 2026, last message ---\n"
        "14:05 <bob> hi\n"
        "--- now --- (/help for commands)\n");
    chat_event_unref(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_people_who),
        cmocka_unit_test(test_plain_people_whois),
        cmocka_unit_test(test_plain_people_one_line_answers),
        cmocka_unit_test(test_plain_people_history_is_like_that_on_entering),
    };
    plain_text_set_zone("UTC0");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
