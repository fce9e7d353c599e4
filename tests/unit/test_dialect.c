/* What the plain dialect says that is no event: greetings, the name question, gaps, goodbyes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/plain.h"
#include "support/plain_text.h"

static void test_gap(void **state)
{
    struct buf out;
    (void)state;

    buf_init(&out, 1000);
    plain_dialect.gap(plain_text_lf, BYTES("#ops"), 37, &out);
    plain_dialect.gap(plain_text_crlf, BYTES("#ops"), 1, &out);
    plain_dialect.gap(plain_text_lf, BYTES("#ops"), UINT64_MAX, &out);
    plain_text_assert(plain_text_of(&out),
                      "*** 37 lines in #ops were skipped: you were reading too slowly.\n"
                      "*** 1 line in #ops was skipped: you were reading too slowly.\r\n"
                      "*** 18446744073709551615 lines in #ops were skipped: you were reading too slowly.\n");
}

static char *greet(struct wire_form form, const struct greeting *greeting)
{
    struct buf out;

    buf_init(&out, 1000);
    plain_dialect.greet(form, greeting, &out);
    return plain_text_of(&out);
}

static void test_greet(void **state)
{
    struct greeting greeting = {.server_name = BYTES("chat.example.org"), .people = 12};
    (void)state;

    plain_text_assert(greet(plain_text_lf, &greeting),
                      "Welcome to chat.example.org (mingle). 12 people here now.\n"
                      "Your name? (or: /help, /quit)\n");
    greeting.people = 1;
    greeting.welcome = BYTES("Be kind.");
    plain_text_assert(greet(plain_text_lf, &greeting),
                      "Welcome to chat.example.org (mingle). 1 person here now.\n"
                      "Be kind.\n"
                      "Your name? (or: /help, /quit)\n");
    greeting.people = 0;
    greeting.offers_tls = true;
    greeting.tls_address = BYTES("chat.example.org:7000");
    plain_text_assert(greet(plain_text_crlf, &greeting),
                      "Welcome to chat.example.org (mingle). Nobody else is here yet.\r\n"
                      "Be kind.\r\n"
                      "Not encrypted. With TLS: openssl s_client -quiet -connect chat.example.org:7000\r\n"
                      "Your name? (or: /help, /quit)\r\n");
}

static void test_name_refused(void **state)
{
    struct buf out;
    (void)state;

    buf_init(&out, 1000);
    plain_dialect.name_refused(plain_text_lf, CHAT_ERR_NAME_TAKEN, BYTES("bob"), BYTES("bob2"), &out);
    plain_dialect.name_refused(plain_text_lf, CHAT_ERR_NAME_TAKEN, BYTES("bob"), BYTES(""), &out);
    /* What was typed is not shown: nobody has cleaned it. */
    plain_dialect.name_refused(plain_text_crlf, CHAT_ERR_NAME_BAD, BYTES("\033[2J"), BYTES("guest-1"), &out);
    plain_text_assert(plain_text_of(&out),
                      "*** \"bob\" is taken. Try bob2 or another name:\n"
                      "*** \"bob\" is taken. Try another name:\n"
                      "*** Names have 1-30 letters, digits or -_[]{}|^ and start with a letter. Name?\r\n");
}

static void test_name_help_and_first(void **state)
{
    struct buf out;
    (void)state;

    buf_init(&out, 1000);
    plain_name_help(plain_text_lf, &out);
    plain_text_assert(plain_text_of(&out),
                      "*** Type the name that others shall see, and press Enter. Enter alone: a guest name.\n"
                      "*** Names have 1-30 letters, digits or -_[]{}|^ and start with a letter.\n"
                      "Your name? (or: /help, /quit)\n");
    buf_init(&out, 1000);
    plain_name_first(plain_text_crlf, &out);
    plain_text_assert(plain_text_of(&out), "*** Commands work once you have a name.\r\n"
                                           "Your name? (or: /help, /quit)\r\n");
}

static char *goodbye(enum close_reason reason)
{
    struct buf out;

    buf_init(&out, 1000);
    plain_dialect.goodbye(plain_text_lf, reason, &out);
    return plain_text_of(&out);
}

static void test_goodbye_for_every_reason(void **state)
{
    (void)state;

    for (int reason = 0; reason < CLOSE_REASON_COUNT; reason++) {
        char *text = goodbye((enum close_reason)reason);
        size_t lines;
        (void)plain_text_longest(text, &lines);
        assert_int_equal(lines, 1);
        assert_string_equal(text + strlen(text) - 5, "Bye.\n");
        free(text);
    }
    plain_text_assert(goodbye(CLOSE_QUIT), "*** Bye.\n");
    plain_text_assert(goodbye(CLOSE_SHUTDOWN), "*** The server is shutting down. Bye.\n");
    plain_text_assert(goodbye(CLOSE_NAME_TIMEOUT), "*** Timed out waiting for a name. Bye.\n");
}

static void test_close_reason_str_is_one_word_each(void **state)
{
    (void)state;

    for (int reason = 0; reason < CLOSE_REASON_COUNT; reason++) {
        const char *word = close_reason_str((enum close_reason)reason);
        assert_true(strlen(word) > 0);
        assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), strlen(word));
        for (int before = 0; before < reason; before++)
            assert_string_not_equal(close_reason_str((enum close_reason)before), word);
    }
    assert_string_equal(close_reason_str(CLOSE_NAME_TIMEOUT), "name-timeout");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_greet),
        cmocka_unit_test(test_name_refused),
        cmocka_unit_test(test_name_help_and_first),
        cmocka_unit_test(test_goodbye_for_every_reason),
        cmocka_unit_test(test_close_reason_str_is_one_word_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
