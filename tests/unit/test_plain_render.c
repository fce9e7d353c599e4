/* What people see, to the word. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chat/hub.h"
#include "proto/plain.h"
#include "support/plain_text.h"

#define HOUR_MS INT64_C(3600000)

#define SPEC(...) ((struct chat_event_spec){__VA_ARGS__})
#define ROOM_EVENT(event_kind, event_text) \
    SPEC(.kind = (event_kind), .actor = BYTES("alice"), .room = BYTES("#ops"), .text = BYTES(event_text), \
         .count = 3)

/* ---- rooms ---- */

static void test_render_message(void **state)
{
    (void)state;
    plain_text_assert(
        plain_text_render(plain_text_lf, ROOM_EVENT(CHAT_EV_MESSAGE, "hi $ ~ %s"), &plain_text_here),
        "14:05 <alice> hi $ ~ %s\n");
    plain_text_assert(
        plain_text_render(plain_text_lf, ROOM_EVENT(CHAT_EV_MESSAGE, "disk at 91%"), &plain_text_elsewhere),
        "14:05 #ops <alice> disk at 91%\n");
    plain_text_assert(
        plain_text_render(plain_text_crlf, ROOM_EVENT(CHAT_EV_MESSAGE, "\xc3\xa9"), &plain_text_here),
        "14:05 <alice> \xc3\xa9\r\n");
}

static void test_render_room_events(void **state)
{
    static const struct {
        enum chat_event_kind kind;
        const char *text, *expected;
    } cases[] = {
        {CHAT_EV_ACTION, "waves", "* alice waves\n"},
        {CHAT_EV_JOINED, "", "-- alice joined\n"},
        {CHAT_EV_PARTED, "", "-- alice left\n"},
        {CHAT_EV_PARTED, "lunch", "-- alice left (lunch)\n"},
        {CHAT_EV_QUIT, "", "-- alice left\n"},
        {CHAT_EV_QUIT, "connection lost", "-- alice left (connection lost)\n"},
        {CHAT_EV_TOPIC, "Release", "-- alice set the topic: Release\n"},
        {CHAT_EV_TOPIC, "", "-- alice cleared the topic\n"},
        {CHAT_EV_RENAMED, "eve", "-- alice is now known as eve\n"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct chat_event_spec spec = {.kind = cases[i].kind,
                                       .actor = BYTES("alice"),
                                       .room = BYTES("#ops"),
                                       .text = bytes_of(cases[i].text)};
        char expected[128];
        (void)snprintf(expected, sizeof(expected), "14:05 %s", cases[i].expected);
        plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_here), expected);
        (void)snprintf(expected, sizeof(expected), "14:05 #ops %s", cases[i].expected);
        plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_elsewhere), expected);
    }
}

/* Renames and quits are told once, of no room. */
static void test_render_without_room(void **state)
{
    struct chat_event_spec spec = {.kind = CHAT_EV_QUIT, .actor = BYTES("alice")};
    (void)state;

    plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_elsewhere), "14:05 -- alice left\n");
}

static void test_render_hides_joins_in_big_rooms(void **state)
{
    static const enum chat_event_kind kinds[] = {CHAT_EV_JOINED, CHAT_EV_PARTED, CHAT_EV_QUIT};
    const struct chat_view quiet = {.is_current = true, .quiet_above = 30};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct chat_event_spec spec = {.kind = kinds[i], .actor = BYTES("alice")};
        for (spec.count = 29; spec.count <= 32; spec.count++) {
            char *text = plain_text_render(plain_text_lf, spec, &quiet);
            assert_int_equal(text[0] != '\0', spec.count <= 30);
            free(text);
            text = plain_text_render(plain_text_lf, spec, &plain_text_here);
            assert_true(text[0] != '\0');
            free(text);
        }
    }
    struct chat_event_spec message = ROOM_EVENT(CHAT_EV_MESSAGE, "hi");
    message.count = 1000;
    plain_text_assert(plain_text_render(plain_text_lf, message, &quiet), "14:05 <alice> hi\n");
}

static void test_render_hides_own_news(void **state)
{
    const struct wire_form echo = {.dialect = &plain_dialect, .flags = WIRE_F_ECHO};
    const struct chat_view own = {.is_actor = true, .is_current = true};
    (void)state;

    for (int kind = 0; kind < CHAT_EV_KIND_COUNT; kind++) {
        struct chat_event_spec spec = ROOM_EVENT((enum chat_event_kind)kind, "text");
        if (chat_event_audience(spec.kind) == CHAT_TO_USER || spec.kind == CHAT_EV_ROOM_RENAMED)
            continue;
        plain_text_assert(plain_text_render(plain_text_lf, spec, &own), "");
        char *text = plain_text_render(echo, spec, &own);
        assert_int_equal(text[0] != '\0', kind == CHAT_EV_MESSAGE || kind == CHAT_EV_ACTION);
        free(text);
    }
    plain_text_assert(plain_text_render(echo, ROOM_EVENT(CHAT_EV_MESSAGE, "hi"), &own), "14:05 <alice> hi\n");
}

static struct wire_form form_with(enum chat_option option, uint16_t value)
{
    struct wire_reader reader = {0};
    reader.options[option] = value;
    return wire_form_of(&reader);
}

static void test_render_options(void **state)
{
    const struct chat_view large = {.is_current = true, .quiet_above = 30};
    struct chat_event_spec message = ROOM_EVENT(CHAT_EV_MESSAGE, "hi");
    struct chat_event_spec joined = {.kind = CHAT_EV_JOINED, .actor = BYTES("alice"), .count = 5};
    (void)state;

    plain_text_assert(plain_text_render(form_with(OPTION_TIME, OPTION_TIME_OFF), message, &large),
                      "<alice> hi\n");
    plain_text_assert(plain_text_render(form_with(OPTION_TIME, OPTION_TIME_ISO), message, &large),
                      "2026-11-21T14:05:03+00:00 <alice> hi\n");
    plain_text_set_zone("XYZ5:30");
    plain_text_assert(plain_text_render(form_with(OPTION_TIME, OPTION_TIME_ISO), message, &large),
                      "2026-11-21T08:35:03-05:30 <alice> hi\n");
    plain_text_set_zone("UTC0");
    plain_text_assert(plain_text_render(form_with(OPTION_JOINS, OPTION_JOINS_OFF), joined, &large), "");
    plain_text_assert(plain_text_render(form_with(OPTION_JOINS, OPTION_JOINS_OFF), message, &large),
                      "14:05 <alice> hi\n");
    joined.count = 31;
    plain_text_assert(plain_text_render(form_with(OPTION_JOINS, OPTION_JOINS_SMART), joined, &large), "");
    plain_text_assert(plain_text_render(form_with(OPTION_JOINS, OPTION_JOINS_ON), joined, &large),
                      "14:05 -- alice joined\n");
    const struct chat_view own = {.is_actor = true, .is_current = true};
    plain_text_assert(plain_text_render(form_with(OPTION_ECHO, OPTION_ECHO_ON), message, &own),
                      "14:05 <alice> hi\n");
}

static void test_render_width_wraps_lists(void **state)
{
    struct chat_item items[20];
    size_t lines;
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        items[i] = (struct chat_item){.name = BYTES("abcdefgh")};
    struct chat_event_spec spec = {
        .kind = CHAT_EV_NAMES, .room = BYTES("#ops"), .items = items, .item_count = 20, .count = 20};
    char *text = plain_text_render(form_with(OPTION_WIDTH, 40), spec, &plain_text_here);
    assert_int_equal(plain_text_longest(text, &lines), 37); /* three names of 9, and a blank between */
    assert_int_equal(lines, 1 + 7);
    free(text);
}

static void test_render_uses_local_time(void **state)
{
    (void)state;

    plain_text_set_zone("XYZ-5:30");
    plain_text_assert(plain_text_render(plain_text_lf, ROOM_EVENT(CHAT_EV_MESSAGE, "hi"), &plain_text_here),
                      "19:35 <alice> hi\n");
    plain_text_set_zone("UTC0");
    plain_text_assert(plain_text_render(plain_text_lf, ROOM_EVENT(CHAT_EV_MESSAGE, "hi"), &plain_text_here),
                      "14:05 <alice> hi\n");
}

static void test_render_time_before_1970(void **state)
{
    struct chat_event *event = plain_text_event(-1, ROOM_EVENT(CHAT_EV_MESSAGE, "hi"));
    struct buf out;
    (void)state;

    buf_init(&out, 1000);
    plain_dialect.render(plain_text_lf, event, &plain_text_here, &out);
    chat_event_unref(event);
    plain_text_assert(plain_text_of(&out), "23:59 <alice> hi\n");
}

/* ---- entering ---- */

static const struct chat_item company[] = {{.name = BYTES("alice")},
                                           {.name = BYTES("dave"), .flags = CHAT_ITEM_F_OPERATOR},
                                           {.name = BYTES("erin")}};

static struct chat_event_spec entered(size_t item_count, uint32_t count, const char *topic)
{
    return SPEC(.kind = CHAT_EV_ENTERED, .actor = BYTES("bob"), .room = BYTES("#lobby"),
                .text = bytes_of(topic), .items = company, .item_count = item_count, .count = count);
}

#define HINT "*** Type to talk, /help for commands.\n"

static void test_render_entered(void **state)
{
    (void)state;

    plain_text_assert(plain_text_render(plain_text_lf, entered(3, 3, "Release on Friday"), &plain_text_here),
                      "*** You are bob, in #lobby with alice, @dave, erin. Topic: Release on Friday\n" HINT);
    plain_text_assert(plain_text_render(plain_text_lf, entered(1, 1, ""), &plain_text_here),
                      "*** You are bob, in #lobby with alice.\n" HINT);
    plain_text_assert(plain_text_render(plain_text_lf, entered(0, 0, ""), &plain_text_here),
                      "*** You are bob, in #lobby, alone so far.\n" HINT);
    plain_text_assert(plain_text_render(plain_text_lf, entered(0, 0, "T"), &plain_text_here),
                      "*** You are bob, in #lobby, alone so far. Topic: T\n" HINT);
    plain_text_assert(plain_text_render(plain_text_lf, entered(2, 972, ""), &plain_text_here),
                      "*** You are bob, in #lobby with alice, @dave and 970 more (/names).\n" HINT);
    plain_text_assert(plain_text_render(plain_text_lf, entered(0, 5, ""), &plain_text_here),
                      "*** You are bob, in #lobby with 5 more (/names).\n" HINT);
}

/* It is an answer, although its actor is the reader. */
static void test_render_entered_to_its_actor(void **state)
{
    const struct chat_view own = {.is_actor = true, .is_current = true};
    (void)state;

    plain_text_assert(plain_text_render(plain_text_lf, entered(0, 0, ""), &own),
                      "*** You are bob, in #lobby, alone so far.\n" HINT);
}

static void test_render_entered_with_history(void **state)
{
    struct chat_event *history[] = {
        plain_text_event(PLAIN_TEXT_NOW_MS - 25 * HOUR_MS, ROOM_EVENT(CHAT_EV_MESSAGE, "the day before")),
        plain_text_event(PLAIN_TEXT_NOW_MS - 24 * HOUR_MS, ROOM_EVENT(CHAT_EV_MESSAGE, "still")),
        plain_text_event(PLAIN_TEXT_NOW_MS - 2 * HOUR_MS, ROOM_EVENT(CHAT_EV_ACTION, "waves")),
        plain_text_event(PLAIN_TEXT_NOW_MS - HOUR_MS,
                         SPEC(.kind = CHAT_EV_MESSAGE, .actor = BYTES("bob"), .text = BYTES("mine"))),
    };
    struct chat_view view = {.is_actor = true, .history = history, .history_count = ARRAY_LEN(history)};
    (void)state;

    plain_text_assert(plain_text_render(plain_text_lf, entered(1, 1, ""), &view),
                      "*** You are bob, in #lobby with alice.\n"
                      "--- Fri 20 Nov 2026, last 4 messages ---\n"
                      "13:05 <alice> the day before\n"
                      "14:05 <alice> still\n"
                      "--- Sat 21 Nov 2026 ---\n"
                      "12:05 * alice waves\n"
                      "13:05 <bob> mine\n"
                      "--- now --- (/help for commands)\n");
    view.history_count = 1;
    plain_text_assert(plain_text_render(plain_text_crlf, entered(1, 1, ""), &view),
                      "*** You are bob, in #lobby with alice.\r\n"
                      "--- Fri 20 Nov 2026, last message ---\r\n"
                      "13:05 <alice> the day before\r\n"
                      "--- now --- (/help for commands)\r\n");
    for (size_t i = 0; i < ARRAY_LEN(history); i++)
        chat_event_unref(history[i]);
}

/* The same day of the year, but a year apart. */
static void test_render_history_over_a_year(void **state)
{
    struct chat_event *history[] = {
        plain_text_event(PLAIN_TEXT_NOW_MS - 365 * 24 * HOUR_MS, ROOM_EVENT(CHAT_EV_MESSAGE, "old")),
        plain_text_event(PLAIN_TEXT_NOW_MS, ROOM_EVENT(CHAT_EV_MESSAGE, "new")),
    };
    struct chat_view view = {.history = history, .history_count = ARRAY_LEN(history)};
    (void)state;

    plain_text_assert(plain_text_render(plain_text_lf, entered(1, 1, ""), &view),
                      "*** You are bob, in #lobby with alice.\n"
                      "--- Fri 21 Nov 2025, last 2 messages ---\n"
                      "14:05 <alice> old\n"
                      "--- Sat 21 Nov 2026 ---\n"
                      "14:05 <alice> new\n"
                      "--- now --- (/help for commands)\n");
    for (size_t i = 0; i < ARRAY_LEN(history); i++)
        chat_event_unref(history[i]);
}

/* ---- answers ---- */

static void test_render_private(void **state)
{
    (void)state;

    plain_text_assert(
        plain_text_render(plain_text_lf,
                          SPEC(.kind = CHAT_EV_PRIVATE, .actor = BYTES("carol"), .text = BYTES("hi")),
                          &plain_text_elsewhere),
        "14:05 [carol] hi\n");
    plain_text_assert(plain_text_render(plain_text_lf,
                                        SPEC(.kind = CHAT_EV_PRIVATE_SENT, .actor = BYTES("bob"),
                                             .extra = BYTES("carol"), .text = BYTES("hi")),
                                        &(struct chat_view){.is_actor = true}),
                      "14:05 [-> carol] hi\n");
}

static void test_render_one_line_answers(void **state)
{
    static const struct {
        enum chat_event_kind kind;
        const char *text, *extra, *expected;
    } cases[] = {
        {CHAT_EV_LEFT, "", "#lobby", "*** You left #ops. What you type goes to #lobby now.\n"},
        {CHAT_EV_LEFT, "", "", "*** You left #ops and are in no room now. To enter one: /join #ROOM\n"},
        {CHAT_EV_SWITCHED, "", "", "*** What you type goes to #ops now.\n"},
        {CHAT_EV_NICK, "eve", "", "*** You are eve now.\n"},
        {CHAT_EV_TOPIC_IS, "Release", "dave", "*** Topic of #ops, set by dave: Release\n"},
        {CHAT_EV_TOPIC_IS, "Release", "", "*** Topic of #ops: Release\n"},
        {CHAT_EV_TOPIC_IS, "", "", "*** #ops has no topic. To set one: /topic TEXT\n"},
        {CHAT_EV_TOPIC_SET, "Release", "", "*** You set the topic of #ops: Release\n"},
        {CHAT_EV_TOPIC_SET, "", "", "*** You cleared the topic of #ops.\n"},
        {CHAT_EV_NOTICE, "Restart at 18:00", "", "*** Restart at 18:00\n"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct chat_event_spec spec = {.kind = cases[i].kind,
                                       .actor = BYTES("bob"),
                                       .room = BYTES("#ops"),
                                       .text = bytes_of(cases[i].text),
                                       .extra = bytes_of(cases[i].extra)};
        plain_text_assert(plain_text_render(plain_text_lf, spec, &(struct chat_view){.is_actor = true}),
                          cases[i].expected);
    }
}

/* ---- all kinds ---- */

static void test_render_every_kind(void **state)
{
    size_t lines;
    (void)state;

    for (int kind = 0; kind < CHAT_EV_KIND_COUNT; kind++) {
        struct chat_event_spec spec = ROOM_EVENT((enum chat_event_kind)kind, "join");
        spec.err = CHAT_ERR_USAGE;
        spec.change = CHAT_CHANGE_BAN;
        spec.extra = BYTES("carol");
        char *unix_text = plain_text_render(plain_text_lf, spec, &plain_text_elsewhere);
        (void)plain_text_longest(unix_text, &lines);
        assert_int_equal(lines > 0, !chat_event_is_for_programs(spec.kind));

        /* With CR LF it is the same text but for its ends. */
        char *telnet_text = plain_text_render(plain_text_crlf, spec, &plain_text_elsewhere);
        assert_int_equal(strlen(telnet_text), strlen(unix_text) + lines);
        for (const char *end = strchr(telnet_text, '\n'); end != NULL; end = strchr(end + 1, '\n'))
            assert_int_equal(end[-1], '\r');
        free(unix_text);
        free(telnet_text);
    }
}

static void test_render_keeps_its_limit(void **state)
{
    static char longest[HUB_TEXT_BYTES_MAX];
    (void)state;

    memset(longest, 'x', sizeof(longest));
    for (int kind = 0; kind < CHAT_EV_KIND_COUNT; kind++) {
        bool is_refusal = kind == CHAT_EV_REFUSED;
        struct chat_event_spec spec = {
            .kind = (enum chat_event_kind)kind,
            .err = CHAT_ERR_LEADING_SPACE,
            .change = CHAT_CHANGE_BAN,
            .actor = {longest, NAME_USER_BYTES_MAX},
            .room = {longest, NAME_ROOM_BYTES_MAX},
            .text = {longest, is_refusal ? HUB_SUBJECT_BYTES_MAX : sizeof(longest)},
            .extra = {longest, NAME_ROOM_BYTES_MAX}};
        char *text = plain_text_render(plain_text_crlf, spec, &plain_text_elsewhere);
        assert_true(strlen(text) <= DIALECT_EVENT_BYTES_MAX);
        free(text);
    }
}

static void test_render_later_lines_belong_to_the_first(void **state)
{
    (void)state;
    plain_text_assert(plain_text_render(plain_text_lf,
                                        ROOM_EVENT(CHAT_EV_MESSAGE, "one\n\n14:05 <bob> three"),
                                        &plain_text_elsewhere),
                      "14:05 #ops <alice> one\n      | \n      | 14:05 <bob> three\n");
    plain_text_assert(
        plain_text_render(plain_text_crlf, ROOM_EVENT(CHAT_EV_ACTION, "one\ntwo"), &plain_text_here),
        "14:05 * alice one\r\n      | two\r\n");
}

/* Runs in a child: a control byte in an event is a bug, and must end the process, not reach the wire. */
static void render_in_child(const struct chat_event_spec *spec)
{
    const struct rlimit no_core = {0, 0};
    struct buf out;

    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)signal(SIGABRT, SIG_DFL);
    if (freopen("/dev/null", "w", stderr) == NULL)
        _exit(2);
    buf_init(&out, 1000);
    plain_dialect.render(plain_text_lf, plain_text_event(PLAIN_TEXT_NOW_MS, *spec), &plain_text_here, &out);
    _exit(0);
}

static bool survives(const struct chat_event_spec *spec)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        render_in_child(spec);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGABRT : WEXITSTATUS(status) == 0);
    return WIFEXITED(status);
}

static void test_render_never_lets_a_control_byte_out(void **state)
{
    (void)state;

    for (int byte = 0; byte < 256; byte++) {
        char text[] = {'a', (char)byte, 'b'};
        struct chat_event_spec spec = {
            .kind = CHAT_EV_MESSAGE, .actor = BYTES("alice"), .text = {text, sizeof(text)}};
        bool is_format = byte != 0 && strchr("\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f", byte) != NULL;
        assert_int_equal(survives(&spec), is_format || byte == '\n' || (byte >= 0x20 && byte < 0x7f));
        spec.kind = CHAT_EV_TOPIC; /* knows no formatting, and has one line */
        assert_int_equal(survives(&spec), byte >= 0x20 && byte < 0x7f);
    }
    static const char *const bad[] = {"\xc2\x80",     "\xc2\x9b",     "\xc2\x9f",
                                      "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\xa8",
                                      "\xc0\x80",     "\xed\xa0\x80", "\xef\xbb\xbf"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct chat_event_spec said = {
            .kind = CHAT_EV_MESSAGE, .actor = BYTES("alice"), .text = bytes_of(bad[i])};
        assert_false(survives(&said));
    }
    struct chat_event_spec closed = {.kind = CHAT_EV_MESSAGE,
                                     .actor = BYTES("alice"),
                                     .text = BYTES("\xe2\x80\xaex\xe2\x80\xac \xc2\xa0")};
    assert_true(survives(&closed));
    struct chat_event_spec name = {.kind = CHAT_EV_JOINED, .actor = BYTES("al\nice")};
    assert_false(survives(&name));
    struct chat_event_spec subject = {
        .kind = CHAT_EV_REFUSED, .err = CHAT_ERR_NO_SUCH_USER, .text = BYTES("\033[2J")};
    assert_false(survives(&subject));
}

static int group_setup(void **state)
{
    (void)state;
    plain_text_set_zone("UTC0");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_render_message),
        cmocka_unit_test(test_render_room_events),
        cmocka_unit_test(test_render_without_room),
        cmocka_unit_test(test_render_hides_joins_in_big_rooms),
        cmocka_unit_test(test_render_hides_own_news),
        cmocka_unit_test(test_render_options),
        cmocka_unit_test(test_render_width_wraps_lists),
        cmocka_unit_test(test_render_uses_local_time),
        cmocka_unit_test(test_render_time_before_1970),
        cmocka_unit_test(test_render_entered),
        cmocka_unit_test(test_render_entered_to_its_actor),
        cmocka_unit_test(test_render_entered_with_history),
        cmocka_unit_test(test_render_history_over_a_year),
        cmocka_unit_test(test_render_private),
        cmocka_unit_test(test_render_one_line_answers),
        cmocka_unit_test(test_render_every_kind),
        cmocka_unit_test(test_render_keeps_its_limit),
        cmocka_unit_test(test_render_later_lines_belong_to_the_first),
        cmocka_unit_test(test_render_never_lets_a_control_byte_out),
    };
    return cmocka_run_group_tests(tests, group_setup, NULL);
}
