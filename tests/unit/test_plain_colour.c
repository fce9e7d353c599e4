/* Colours, bells and zones of the plain dialect, to the byte; and that without them no such byte is there. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "chat/text.h"
#include "proto/plain.h"
#include "support/plain_text.h"

#define SAID(said) \
    (struct chat_event_spec) \
    { \
        .kind = CHAT_EV_MESSAGE, .actor = BYTES("bob"), .room = BYTES("#a"), .text = BYTES(said) \
    }

static struct wire_form form_of(uint32_t facts, uint16_t colour, uint16_t bell)
{
    struct wire_reader reader = {.facts = facts};

    reader.options[OPTION_COLOUR] = colour;
    reader.options[OPTION_BELL] = bell;
    return wire_form_of(&reader);
}

static void assert_shows(struct wire_form form, struct chat_event_spec spec, const char *you,
                         const char *want)
{
    const struct chat_view view = {.is_current = true, .you = bytes_of(you)};

    plain_text_assert(plain_text_render(form, spec, &view), want);
}

static void test_colour_of_speech(void **state)
{
    struct wire_form on = form_of(0, OPTION_COLOUR_ON, OPTION_BELL_OFF);
    (void)state;

    assert_shows(on, SAID("hi"), "alice", "\x1b[2m14:05 \x1b[0m<\x1b[36mbob\x1b[0m> hi\n");
    assert_shows(on, SAID("hi"), "BOB", "\x1b[2m14:05 \x1b[0m<\x1b[1;36mbob\x1b[0m> hi\n");
    assert_shows(on, SAID("hi Alice!"), "alice",
                 "\x1b[2m14:05 \x1b[0m<\x1b[36mbob\x1b[0m> hi \x1b[0;1mAlice\x1b[0m!\n");
    assert_shows(on,
                 SAID("\x02"
                      "b \x0f"
                      "c\x03"
                      "4d"),
                 "alice", "\x1b[2m14:05 \x1b[0m<\x1b[36mbob\x1b[0m> \x1b[0;1mb \x1b[0mc\x1b[0;91md\x1b[0m\n");
    assert_shows(on,
                 SAID("\x1f"
                      "to alice"),
                 "alice",
                 "\x1b[2m14:05 \x1b[0m<\x1b[36mbob\x1b[0m> \x1b[0;4mto \x1b[0;1;4malice\x1b[0;4m\x1b[0m\n");
    struct chat_event_spec private = SAID("psst");
    private.kind = CHAT_EV_PRIVATE;
    assert_shows(on, private, "alice", "\x1b[2m14:05 \x1b[0m[\x1b[36mbob\x1b[0m] psst\n");
    struct wire_form many =
        form_of(WIRE_FACT_TERMINAL | WIRE_FACT_256COLOR, OPTION_COLOUR_AUTO, OPTION_BELL_OFF);
    char *text = plain_text_render(many, SAID("hi"), &plain_text_here);
    assert_non_null(strstr(text, "<\x1b[38;5;"));
    free(text);
}

static void test_colour_of_what_the_server_says(void **state)
{
    struct wire_form on = form_of(WIRE_FACT_CRLF, OPTION_COLOUR_ON, OPTION_BELL_OFF);
    struct chat_event_spec joined = {.kind = CHAT_EV_JOINED, .actor = BYTES("bob"), .room = BYTES("#a")};
    struct chat_event_spec help = {.kind = CHAT_EV_HELP, .text = BYTES("nick")};
    (void)state;

    assert_shows(on, joined, "alice", "\x1b[2m14:05 -- bob joined\x1b[0m\r\n");
    char *text = plain_text_render(on, help, &plain_text_here);
    for (struct bytes rest = bytes_of(text); rest.len > 0;) {
        struct bytes line = bytes_cut(&rest, '\n');
        assert_true(bytes_starts_with(line, BYTES("\x1b[2m")));
        assert_true(bytes_eq(bytes_slice(line, line.len - 5, line.len), BYTES("\x1b[0m\r")));
    }
    free(text);
}

static void test_colour_history_is_coloured_and_silent(void **state)
{
    struct wire_form on = form_of(0, OPTION_COLOUR_ON, OPTION_BELL_ALL);
    struct chat_event *said = plain_text_event(PLAIN_TEXT_NOW_MS, SAID("hi alice"));
    struct chat_view view = {.is_current = true, .you = BYTES("alice"), .history = &said, .history_count = 1};
    struct chat_event_spec entered = {.kind = CHAT_EV_HISTORY, .room = BYTES("#a"), .count = 1};
    (void)state;

    plain_text_assert(plain_text_render(on, entered, &view),
                      "\x1b[2m--- Sat 21 Nov 2026, last message ---\x1b[0m\n"
                      "\x1b[2m14:05 \x1b[0m<\x1b[36mbob\x1b[0m> hi \x1b[0;1malice\x1b[0m\n"
                      "\x1b[2m--- now --- (/help for commands)\x1b[0m\n");
    chat_event_unref(said);
}

static void test_bell(void **state)
{
    struct wire_form on = form_of(0, OPTION_COLOUR_OFF, OPTION_BELL_ON);
    struct wire_form all = form_of(0, OPTION_COLOUR_OFF, OPTION_BELL_ALL);
    struct wire_form off = form_of(WIRE_FACT_TERMINAL, OPTION_COLOUR_OFF, OPTION_BELL_OFF);
    struct wire_form terminal = form_of(WIRE_FACT_TERMINAL, OPTION_COLOUR_OFF, OPTION_BELL_AUTO);
    struct wire_form nc = form_of(0, OPTION_COLOUR_AUTO, OPTION_BELL_AUTO);
    struct chat_event_spec private = SAID("psst"), sent = SAID("psst"), topic = SAID("alice");
    const struct chat_view own = {.is_actor = true, .is_current = true, .you = BYTES("bob")};
    (void)state;

    private.kind = CHAT_EV_PRIVATE;
    sent.kind = CHAT_EV_PRIVATE_SENT;
    sent.extra = BYTES("alice");
    topic.kind = CHAT_EV_TOPIC;
    assert_shows(on, SAID("hi"), "alice", "14:05 <bob> hi\n");
    assert_shows(on, SAID("hi alice"), "alice", "14:05 <bob> hi alice\a\n");
    assert_shows(on, SAID("hi alice"), "", "14:05 <bob> hi alice\n"); /* the shared block */
    assert_shows(on, private, "alice", "14:05 [bob] psst\a\n");
    assert_shows(on, sent, "bob", "14:05 [-> alice] psst\n");
    assert_shows(on, topic, "alice", "14:05 -- bob set the topic: alice\n");
    assert_shows(all, SAID("hi"), "alice", "14:05 <bob> hi\a\n");
    assert_shows(all, private, "alice", "14:05 [bob] psst\a\n");
    assert_shows(off, SAID("hi alice"), "alice", "14:05 <bob> hi alice\n");
    assert_shows(off, private, "alice", "14:05 [bob] psst\n");
    assert_shows(terminal, SAID("hi alice"), "alice", "14:05 <bob> hi alice\a\n");
    assert_shows(nc,
                 SAID("hi \x02"
                      "alice"),
                 "alice", "14:05 <bob> hi alice\n");
    all.flags |= WIRE_F_ECHO;
    plain_text_assert(plain_text_render(all, SAID("hi bob"), &own), "14:05 <bob> hi bob\n");
}

static void test_said_in_several_lines(void **state)
{
    struct wire_reader reader = {.zone = &option_zone_utc};
    struct chat_event_spec said = SAID("\x02one\n\ntwo \x1f"
                                       "alice");
    (void)state;

    assert_shows(wire_form_of(&reader), said, "alice", "14:05 <bob> one\n      | \n      | two alice\n");
    reader.options[OPTION_BELL] = OPTION_BELL_ON; /* once, at the end */
    assert_shows(wire_form_of(&reader), said, "alice", "14:05 <bob> one\n      | \n      | two alice\a\n");
    reader.options[OPTION_COLOUR] = OPTION_COLOUR_ON; /* a format ends with its line */
    assert_shows(wire_form_of(&reader), said, "alice",
                 "\x1b[2m14:05 \x1b[0m<\x1b[36mbob\x1b[0m> \x1b[0;1mone\x1b[0m\n      | \n"
                 "      | two \x1b[0;4m\x1b[0;1;4malice\x1b[0;4m\x1b[0m\a\n");
}

/* Each "a" and each change of colour costs the sender two bytes, and readers a dozen. */
static void test_escapes_of_a_message_are_bounded(void **state)
{
    static const char *const words[] = {"a ", "\x02x", "\x1f\x1d\x1e\x16\00340,41x", "\x02\n"};
    struct wire_reader reader = {.zone = &option_zone_utc, .facts = WIRE_FACT_256COLOR};
    (void)state;

    reader.options[OPTION_COLOUR] = OPTION_COLOUR_ON;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        char text[TEXT_BYTES_MAX + 1] = "";
        size_t len = 0, word_len = strlen(words[i]);
        for (unsigned n = 0; len + word_len <= TEXT_BYTES_MAX && (words[i][word_len - 1] != '\n' || n < 50);
             n++) {
            memcpy(text + len, words[i], word_len);
            len += word_len;
        }
        struct chat_event_spec said = {.kind = CHAT_EV_MESSAGE, .actor = BYTES("bob"), .text = {text, len}};
        const struct chat_view view = {.is_current = true, .you = BYTES("a")};
        char *shown = plain_text_render(wire_form_of(&reader), said, &view);
        assert_true(strlen(shown) <= DIALECT_EVENT_BYTES_MAX);
        assert_true(strlen(shown) <= 3 * TEXT_BYTES_MAX / 2 + 1024);
        free(shown);
    }
}

static void test_form_follows_from_choices(void **state)
{
    struct wire_reader reader = {.facts = WIRE_FACT_TERMINAL | WIRE_FACT_EDITOR | WIRE_FACT_CRLF};
    (void)state;

    assert_int_equal(wire_form_of(&reader).flags, WIRE_F_CRLF | WIRE_F_ECHO | WIRE_F_COLOUR | WIRE_F_BELL);
    reader.options[OPTION_PLAIN] = OPTION_PLAIN_ON; /* no escape and no bell, whatever else is chosen */
    reader.options[OPTION_COLOUR] = OPTION_COLOUR_ON;
    reader.options[OPTION_BELL] = OPTION_BELL_ALL;
    assert_int_equal(wire_form_of(&reader).flags, WIRE_F_CRLF | WIRE_F_ECHO);
    reader.options[OPTION_ECHO] = OPTION_ECHO_OFF;
    assert_int_equal(wire_form_of(&reader).flags, WIRE_F_CRLF);
    reader.options[OPTION_FORMAT] = OPTION_FORMAT_JSON;
    reader.zone = &option_zone_utc;
    assert_string_equal(wire_form_of(&reader).dialect->name, "json");
    assert_null(wire_form_of(&reader).zone);
    reader = (struct wire_reader){.facts = WIRE_FACT_256COLOR};
    assert_int_equal(wire_form_of(&reader).flags, 0);
}

static void test_zone_of_the_reader(void **state)
{
    struct wire_reader reader = {.zone = &option_zone_utc};
    (void)state;

    plain_text_set_zone("XYZ-5:30");
    assert_shows(wire_form_of(&reader), SAID("hi"), "", "14:05 <bob> hi\n");
    reader.options[OPTION_TIME] = OPTION_TIME_ISO;
    assert_shows(wire_form_of(&reader), SAID("hi"), "", "2026-11-21T14:05:03+00:00 <bob> hi\n");
    reader.zone = NULL;
    assert_shows(wire_form_of(&reader), SAID("hi"), "", "2026-11-21T19:35:03+05:30 <bob> hi\n");
    plain_text_set_zone("UTC0");
    reader.zone = &option_zone_utc;
    assert_shows(wire_form_of(&reader), (struct chat_event_spec){.kind = CHAT_EV_TIME}, "",
                 "*** It is 14:05 on Sat 21 Nov 2026, UTC.\n");
}

static int set_up(void **state)
{
    (void)state;
    plain_text_set_zone("UTC0");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colour_of_speech),
        cmocka_unit_test(test_colour_of_what_the_server_says),
        cmocka_unit_test(test_colour_history_is_coloured_and_silent),
        cmocka_unit_test(test_bell),
        cmocka_unit_test(test_said_in_several_lines),
        cmocka_unit_test(test_escapes_of_a_message_are_bounded),
        cmocka_unit_test(test_form_follows_from_choices),
        cmocka_unit_test(test_zone_of_the_reader),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
