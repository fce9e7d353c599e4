/* Telnet: what is data, what is not, and how options are settled. */
#include "proto/telnet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A transcript of events: data as it is, others in angle brackets. */
struct probe {
    struct telnet telnet;
    struct buf events, reply;
};

static void probe_init(struct probe *probe)
{
    telnet_init(&probe->telnet);
    buf_init(&probe->events, 65536);
    buf_init(&probe->reply, 65536);
}

static void probe_done(struct probe *probe)
{
    telnet_done(&probe->telnet);
    buf_done(&probe->events);
    buf_done(&probe->reply);
}

static void note(struct probe *probe, const struct telnet_event *event)
{
    static const char *const words[] = {
        [TELNET_EV_AYT] = "<ayt>",   [TELNET_EV_IP] = "<ip>", [TELNET_EV_AO] = "<ao>",
        [TELNET_EV_BREAK] = "<brk>", [TELNET_EV_EC] = "<ec>", [TELNET_EV_EL] = "<el>",
        [TELNET_EV_EOF] = "<eof>",
    };
    switch (event->kind) {
    case TELNET_EV_NONE:
        break;
    case TELNET_EV_DATA:
        buf_put(&probe->events, event->data);
        break;
    case TELNET_EV_OPTION:
        buf_printf(&probe->events, "<%s %d %s>", event->is_local ? "our" : "their", (int)event->option,
                   event->is_on ? "on" : "off");
        break;
    case TELNET_EV_TTYPE:
        buf_printf(&probe->events, "<type %s>", event->name);
        break;
    case TELNET_EV_NAWS:
        buf_printf(&probe->events, "<size %u %u>", event->width, event->height);
        break;
    case TELNET_EV_USER:
        buf_printf(&probe->events, "<user %s>", event->name);
        break;
    default:
        buf_put_text(&probe->events, words[event->kind]);
    }
}

static void feed(struct probe *probe, struct bytes in)
{
    struct telnet_event event;
    size_t used = 0;

    do {
        used += telnet_step(&probe->telnet, bytes_slice(in, used, in.len), &event, &probe->reply);
        note(probe, &event);
    } while (event.kind != TELNET_EV_NONE);
    assert_int_equal(used, in.len);
}

static void assert_bytes(const struct buf *got, struct bytes expected)
{
    if (!bytes_eq(buf_bytes(got), expected)) {
        for (size_t i = 0; i < got->len; i++)
            fprintf(stderr, "%02x ", (unsigned)(unsigned char)got->ptr[i]);
        fail_msg("%zu bytes, expected %zu: \"%.*s\"", got->len, expected.len, (int)got->len, got->ptr);
    }
}

/* For every split of the input into two. */
static void check(struct bytes in, struct bytes events, struct bytes reply)
{
    for (size_t split = 0; split <= in.len; split++) {
        struct probe probe;
        probe_init(&probe);
        feed(&probe, bytes_slice(in, 0, split));
        feed(&probe, bytes_slice(in, split, in.len));
        assert_bytes(&probe.events, events);
        assert_bytes(&probe.reply, reply);
        probe_done(&probe);
    }
}

#define NOTHING BYTES("")

static void test_telnet_data(void **state)
{
    (void)state;
    check(BYTES("bob\r\nhi\n"), BYTES("bob\r\nhi\n"), NOTHING);
    check(BYTES("a\r\0b\r\0\0c\0"), BYTES("a\rb\r\0c\0"), NOTHING); /* only the NUL of a CR goes */
    check(BYTES("a\r\r\0b"), BYTES("a\r\rb"), NOTHING);
    check(BYTES("1\xff\xff"
                "2\xff\xff\xff\xff"),
          BYTES("1\xff"
                "2\xff\xff"),
          NOTHING);
    check(BYTES("\r\xff\xf1\0x"), BYTES("\r\0x"), NOTHING);
}

static void test_telnet_commands(void **state)
{
    (void)state;
    check(BYTES("a\xff\xf6"
                "b\xff\xf4\xff\xf5\xff\xf3\xff\xf7\xff\xf8\xff\xec"
                "c"),
          BYTES("a<ayt>b<ip><ao><brk><ec><el><eof>c"), NOTHING);
    check(BYTES("a\xff\xf1"
                "b\xff\xf9"
                "c\xff\xf0"
                "d\xff\xf2"
                "e\xff\x01"
                "f"),
          BYTES("abcdef"), NOTHING);
}

static void test_telnet_refuses_what_it_does_not_know(void **state)
{
    (void)state;
    check(BYTES("\xff\xfd\x05\xff\xfb\x22\xff\xfc\x22\xff\xfe\x05"), NOTHING,
          BYTES("\xff\xfc\x05\xff\xfe\x22"));
    check(BYTES("\xff\xfb\x19\xff\xfd\x19\xff\xfd\x00\xff\xfb\x00"),
          BYTES("<our 6 on><our 5 on><their 5 on>"),
          BYTES("\xff\xfe\x19\xff\xfb\x19\xff\xfb\x00\xff\xfd\x00"));
    check(BYTES("\xff\xfb\x01\xff\xfd\x01\xff\xfd\x18"), NOTHING,
          BYTES("\xff\xfe\x01\xff\xfc\x01\xff\xfc\x18")); /* not this way round */
    check(BYTES("\xff\xfd\x06\xff\xfd\x06"), NOTHING, BYTES("\xff\xfb\x06\xff\xfb\x06")); /* timing mark */
}

static void test_telnet_accepts_what_a_client_begins(void **state)
{
    (void)state;
    /* What PuTTY sends first: WILL NAWS, WILL TTYPE, WILL NEW-ENVIRON, WILL SGA, DO SGA. */
    check(BYTES("\xff\xfb\x1f\xff\xfb\x18\xff\xfb\x27\xff\xfb\x03\xff\xfd\x03"),
          BYTES("<their 3 on><their 2 on><their 4 on><their 1 on><our 1 on>"),
          BYTES("\xff\xfd\x1f\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0\xff\xfd\x27\xff\xfa\x27\x01\x00USER\xff\xf0"
                "\xff\xfd\x03\xff\xfb\x03"));
    /* Once more is no change; then off, twice. */
    check(BYTES("\xff\xfb\x1f\xff\xfb\x1f\xff\xfc\x1f\xff\xfc\x1f"), BYTES("<their 3 on><their 3 off>"),
          BYTES("\xff\xfd\x1f\xff\xfe\x1f"));
}

static void test_telnet_asks_and_is_answered(void **state)
{
    struct probe probe;
    (void)state;
    probe_init(&probe);
    telnet_set_remote(&probe.telnet, TELNET_TTYPE, true, &probe.reply);
    telnet_set_remote(&probe.telnet, TELNET_TTYPE, true, &probe.reply);
    telnet_set_local(&probe.telnet, TELNET_ECHO, true, &probe.reply);
    assert_bytes(&probe.reply, BYTES("\xff\xfd\x18\xff\xfb\x01"));
    buf_reset(&probe.reply);
    feed(&probe, BYTES("\xff\xfc\x18\xff\xfd\x01"));
    assert_bytes(&probe.events, BYTES("<their 2 off><our 0 on>"));
    assert_bytes(&probe.reply, NOTHING);
    telnet_set_local(&probe.telnet, TELNET_ECHO, true, &probe.reply); /* is so */
    assert_bytes(&probe.reply, NOTHING);
    feed(&probe, BYTES("\xff\xfe\x01"));
    assert_bytes(&probe.events, BYTES("<their 2 off><our 0 on><our 0 off>"));
    assert_bytes(&probe.reply, BYTES("\xff\xfc\x01"));
    probe_done(&probe);
}

/* RFC 1143: a wish that changes while it is negotiated is carried out after the answer. */
static void test_telnet_changes_its_mind(void **state)
{
    struct probe probe;
    (void)state;
    probe_init(&probe);
    telnet_set_local(&probe.telnet, TELNET_ECHO, true, &probe.reply);
    telnet_set_local(&probe.telnet, TELNET_ECHO, false, &probe.reply);
    assert_bytes(&probe.reply, BYTES("\xff\xfb\x01"));
    feed(&probe, BYTES("\xff\xfd\x01"));
    assert_bytes(&probe.reply, BYTES("\xff\xfb\x01\xff\xfc\x01"));
    assert_bytes(&probe.events, NOTHING);
    telnet_set_local(&probe.telnet, TELNET_ECHO, true, &probe.reply);
    feed(&probe, BYTES("\xff\xfe\x01"));
    assert_bytes(&probe.reply, BYTES("\xff\xfb\x01\xff\xfc\x01\xff\xfb\x01"));
    feed(&probe, BYTES("\xff\xfd\x01"));
    assert_bytes(&probe.events, BYTES("<our 0 on>"));
    probe_done(&probe);
}

static void check_mark(struct bytes in, struct bytes expected)
{
    struct probe probe;
    struct buf out;

    probe_init(&probe);
    buf_init(&out, 16);
    feed(&probe, in);
    telnet_end_prompt(&probe.telnet, &out);
    assert_bytes(&out, expected);
    buf_done(&out);
    probe_done(&probe);
}

static void test_telnet_marks_the_end_of_a_prompt(void **state)
{
    (void)state;
    check_mark(NOTHING, BYTES("\xff\xf9"));
    check_mark(BYTES("\xff\xfd\x19"), BYTES("\xff\xef"));
    check_mark(BYTES("\xff\xfd\x03"), NOTHING);
    check_mark(BYTES("\xff\xfd\x03\xff\xfd\x19"), BYTES("\xff\xef"));
    check_mark(BYTES("\xff\xfd\x19\xff\xfe\x19"), BYTES("\xff\xf9"));
    assert_true(telnet_wants_prompts(BYTES("TinTin++")) && telnet_wants_prompts(BYTES("MUDLET 4.1")));
    assert_false(telnet_wants_prompts(BYTES("dumb")) || telnet_wants_prompts(NOTHING));
    assert_false(telnet_wants_prompts(BYTES("XTERM")));
}

static void test_telnet_subnegotiations(void **state)
{
    (void)state;
    check(BYTES("a\xff\xfa\x18\x00XTERM-256COLOR\xff\xf0"
                "b"),
          BYTES("a<type XTERM-256COLOR>b"), NOTHING);
    check(BYTES("\xff\xfa\x18\x00\x1b[2J x\xff\xf0"), BYTES("<type [2Jx>"), NOTHING);
    check(BYTES("\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0"), BYTES("<size 80 24>"), NOTHING);
    check(BYTES("\xff\xfa\x1f\x00\xff\xff\xff\xff\x01\xff\xf0"), BYTES("<size 255 65281>"), NOTHING);
    check(BYTES("\xff\xfa\x27\x00\x00USER\x01"
                "bob\x03X\x01y\xff\xf0"),
          BYTES("<user bob>"), NOTHING);
    check(BYTES("\xff\xfa\x27\x02\x00LANG\x01"
                "C\x03USER\x01"
                "amy\xff\xf0"),
          BYTES("<user amy>"), NOTHING);
    check(BYTES("\xff\xfa\x27\x00\x00USER\x00Z\x01q\xff\xf0"), NOTHING, NOTHING);
    check(BYTES("\xff\xfa\x27\x00\x00USERS\x01q\xff\xf0"), NOTHING, NOTHING);
    /* Malformed, unknown, empty. */
    check(BYTES("\xff\xfa\x1f\x00\x50\x00\xff\xf0\xff\xfa\x18\x01\xff\xf0\xff\xfa\x07xx\xff\xf0"
                "\xff\xfa\xff\xf0."),
          BYTES("."), NOTHING);
    /* Not ended, but a command follows. */
    check(BYTES("\xff\xfa\x18\x00XT\xff\xf6"
                "b"),
          BYTES("<ayt>b"), NOTHING);
}

static void test_telnet_names_are_cut(void **state)
{
    struct probe probe;
    (void)state;
    probe_init(&probe);
    feed(&probe, BYTES("\xff\xfa\x18\x00"));
    for (size_t i = 0; i < TELNET_NAME_BYTES_MAX + 1; i++)
        feed(&probe, BYTES("x"));
    feed(&probe, BYTES("\xff\xf0"));
    assert_int_equal(probe.events.len, strlen("<type >") + TELNET_NAME_BYTES_MAX);
    probe_done(&probe);
}

static void check_sub_of(size_t len, const char *expected)
{
    struct probe probe;
    probe_init(&probe);
    feed(&probe, BYTES("\xff\xfa\x18\x00"));
    feed(&probe, BYTES("x"));
    for (size_t i = 3; i < len; i++)
        feed(&probe, BYTES(" "));
    feed(&probe, BYTES("\xff\xf0.\xff\xfa\x1f\0\1\0\2\xff\xf0"));
    assert_bytes(&probe.events, bytes_of(expected));
    assert_true(probe.telnet.sub.cap <= TELNET_SUB_BYTES_MAX);
    probe_done(&probe);
}

static void test_telnet_subnegotiation_has_a_limit(void **state)
{
    (void)state;
    check_sub_of(TELNET_SUB_BYTES_MAX - 1, "<type x>.<size 1 2>");
    check_sub_of(TELNET_SUB_BYTES_MAX, "<type x>.<size 1 2>");
    check_sub_of(TELNET_SUB_BYTES_MAX + 1, ".<size 1 2>");
    check_sub_of(100000, ".<size 1 2>");
}

static void test_telnet_falls_silent_after_the_limit(void **state)
{
    struct probe probe;
    (void)state;
    probe_init(&probe);
    for (size_t i = 0; i < TELNET_CHANGES_MAX - 1; i++)
        feed(&probe, BYTES("\xff\xfd\x22"));
    feed(&probe, BYTES("\xff\xfb\x1f"));
    assert_bytes(&probe.events, BYTES("<their 3 on>"));
    assert_int_equal(probe.reply.len, 3 * TELNET_CHANGES_MAX);
    feed(&probe, BYTES("\xff\xfc\x1f\xff\xfd\x22\xff\xfd\x06"
                       "data"));
    assert_bytes(&probe.events, BYTES("<their 3 on>data"));
    assert_int_equal(probe.reply.len, 3 * TELNET_CHANGES_MAX);
    probe_done(&probe);
}

/* What one of two servers says, the other hears, until nobody says anything. */
static void test_telnet_two_servers_do_not_answer_for_ever(void **state)
{
    struct probe a, b;
    int rounds = 0;
    (void)state;
    probe_init(&a);
    probe_init(&b);
    for (unsigned option = 0; option < TELNET_OPTION_COUNT; option++) {
        telnet_set_remote(&a.telnet, option, true, &a.reply);
        telnet_set_local(&b.telnet, option, true, &b.reply);
        telnet_set_remote(&b.telnet, option, true, &b.reply);
        telnet_set_local(&a.telnet, option, true, &a.reply);
    }
    while (a.reply.len + b.reply.len > 0) {
        struct buf said = a.reply;
        buf_init(&a.reply, 65536);
        feed(&b, buf_bytes(&said));
        buf_done(&said);
        said = b.reply;
        buf_init(&b.reply, 65536);
        feed(&a, buf_bytes(&said));
        buf_done(&said);
        assert_true(++rounds < 5);
    }
    assert_true(a.telnet.change_count < TELNET_CHANGES_MAX);
    probe_done(&a);
    probe_done(&b);
}

static void test_telnet_garbage_is_the_same_for_every_split(void **state)
{
    uint32_t seed = 1;
    (void)state;
    for (int round = 0; round < 300; round++) {
        static const char alphabet[] = "\xff\xff\xff\xfa\xf0\xfb\xfc\xfd\xfe\x18\x1f\x27\x03\x01\x00\r\nab";
        char text[40];
        struct probe whole, split;
        for (size_t i = 0; i < sizeof(text); i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
        }
        probe_init(&whole);
        probe_init(&split);
        feed(&whole, (struct bytes){text, sizeof(text)});
        for (size_t i = 0; i < sizeof(text); i++)
            feed(&split, (struct bytes){&text[i], 1});
        assert_bytes(&split.events, buf_bytes(&whole.events));
        assert_bytes(&split.reply, buf_bytes(&whole.reply));
        probe_done(&whole);
        probe_done(&split);
    }
}

static void test_telnet_knows_terminals(void **state)
{
    static const char *const yes[] = {"XTERM-256COLOR", "xterm", "screen.xterm-256color",
                                      "tmux-256color",  "vt100", "LINUX",
                                      "ansi",           "putty", "rxvt-unicode"};
    static const char *const no[] = {"",     "TINTIN++", "TINYFUGUE", "MUDLET",
                                     "dumb", "unknown",  "xter",      "NETWORK"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(telnet_is_terminal(bytes_of(yes[i])));
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(telnet_is_terminal(bytes_of(no[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_telnet_data),
        cmocka_unit_test(test_telnet_commands),
        cmocka_unit_test(test_telnet_refuses_what_it_does_not_know),
        cmocka_unit_test(test_telnet_accepts_what_a_client_begins),
        cmocka_unit_test(test_telnet_asks_and_is_answered),
        cmocka_unit_test(test_telnet_changes_its_mind),
        cmocka_unit_test(test_telnet_marks_the_end_of_a_prompt),
        cmocka_unit_test(test_telnet_subnegotiations),
        cmocka_unit_test(test_telnet_names_are_cut),
        cmocka_unit_test(test_telnet_subnegotiation_has_a_limit),
        cmocka_unit_test(test_telnet_falls_silent_after_the_limit),
        cmocka_unit_test(test_telnet_two_servers_do_not_answer_for_ever),
        cmocka_unit_test(test_telnet_garbage_is_the_same_for_every_split),
        cmocka_unit_test(test_telnet_knows_terminals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
