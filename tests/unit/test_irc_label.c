/* Labels of messages, and the answers that have them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/irc_cap.h"
#include "proto/irc_label.h"

#define KNOWS (IRC_CAP_F_BATCH | IRC_CAP_F_LABELED_RESPONSE)

static void assert_label(uint32_t caps, const char *line, const char *want)
{
    const struct irc_reader reader = {.server = BYTES("srv"), .you = BYTES("bob"), .caps = caps};
    struct irc_message message;
    struct bytes label = {NULL, 0};

    assert_int_equal(irc_message_parse(bytes_of(line), &message), 0);
    assert_int_equal(irc_label_find(&reader, &message, &label), want != NULL);
    if (want != NULL)
        assert_true(bytes_eq(label, bytes_of(want)));
}

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void test_irc_label_is_found(void **state)
{
    (void)state;
    assert_label(KNOWS, "@label=a1 PING x", "a1");
    assert_label(KNOWS, "@x=y;label=a\\sb;z PING x", "a\\sb");
    assert_label(KNOWS, "@label=" SIXTY "0123 PING x", SIXTY "0123");
    assert_label(KNOWS, "@label=" SIXTY "01234 PING x", NULL);
    assert_label(KNOWS, "@label= PING x", NULL);
    assert_label(KNOWS, "@label PING x", NULL);
    assert_label(KNOWS, "@label=\xff PING x", NULL);
    assert_label(KNOWS, "PING x", NULL);
    assert_label(IRC_CAP_F_LABELED_RESPONSE, "@label=a PING x", NULL);
    assert_label(IRC_CAP_F_BATCH, "@label=a PING x", NULL);
}

static void assert_put(const char *answers, const char *want)
{
    const struct irc_reader reader = {.server = BYTES("srv"), .you = BYTES("bob"), .caps = KNOWS};
    struct buf out;

    buf_init(&out, 4096);
    irc_label_put(&reader, BYTES("l1"), 0x2a, bytes_of(answers), &out);
    buf_put_char(&out, '\0');
    assert_int_equal(buf_error(&out), 0);
    assert_string_equal(out.ptr, want);
    buf_done(&out);
}

static void test_irc_label_of_no_answer_is_an_ack(void **state)
{
    (void)state;
    assert_put("", "@label=l1 :srv ACK\r\n");
}

static void test_irc_label_of_one_answer_is_on_it(void **state)
{
    (void)state;
    assert_put(":srv PONG srv :x\r\n", "@label=l1 :srv PONG srv :x\r\n");
    assert_put("@time=now :a!u@a PRIVMSG #a :x\r\n", "@label=l1;time=now :a!u@a PRIVMSG #a :x\r\n");
}

static void test_irc_label_of_several_answers_is_on_their_batch(void **state)
{
    (void)state;
    assert_put(":srv 311 bob\r\n@time=now :srv 318 bob\r\n", "@label=l1 :srv BATCH +2a labeled-response\r\n"
                                                             "@batch=2a :srv 311 bob\r\n"
                                                             "@batch=2a;time=now :srv 318 bob\r\n"
                                                             ":srv BATCH -2a\r\n");
}

static void test_irc_label_of_a_batch_is_on_its_beginning(void **state)
{
    (void)state;
    assert_put(":srv BATCH +7 chathistory #a\r\n:srv BATCH -7\r\n",
               "@label=l1 :srv BATCH +7 chathistory #a\r\n:srv BATCH -7\r\n");
    assert_put(":srv BATCH +7 chathistory #a\r\n@batch=7 :a PRIVMSG #a :x\r\n:srv BATCH -7\r\n",
               "@label=l1 :srv BATCH +7 chathistory #a\r\n@batch=7 :a PRIVMSG #a :x\r\n:srv BATCH -7\r\n");
    /* with another one in it */
    assert_put("@time=t :srv BATCH +7 chathistory #a\r\n@batch=7 :a BATCH +8 draft/multiline #a\r\n"
               "@batch=8 :a PRIVMSG #a :x\r\n:srv BATCH -8\r\n:srv BATCH -7\r\n",
               "@label=l1;time=t :srv BATCH +7 chathistory #a\r\n@batch=7 :a BATCH +8 draft/multiline #a\r\n"
               "@batch=8 :a PRIVMSG #a :x\r\n:srv BATCH -8\r\n:srv BATCH -7\r\n");
}

static void test_irc_label_batches_beside_others_are_in_one(void **state)
{
    (void)state;
    assert_put(
        ":bob JOIN #a\r\n:srv BATCH +7 chathistory #a\r\n@batch=7 :a PRIVMSG #a :x\r\n:srv BATCH -7\r\n",
        "@label=l1 :srv BATCH +2a labeled-response\r\n"
        "@batch=2a :bob JOIN #a\r\n"
        "@batch=2a :srv BATCH +7 chathistory #a\r\n"
        "@batch=7 :a PRIVMSG #a :x\r\n"
        ":srv BATCH -7\r\n"
        ":srv BATCH -2a\r\n");
    assert_put(":srv BATCH +7 x\r\n:srv BATCH -7\r\n:srv BATCH +8 x\r\n:srv BATCH -8\r\n",
               "@label=l1 :srv BATCH +2a labeled-response\r\n"
               "@batch=2a :srv BATCH +7 x\r\n:srv BATCH -7\r\n"
               "@batch=2a :srv BATCH +8 x\r\n:srv BATCH -8\r\n"
               ":srv BATCH -2a\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_label_is_found),
        cmocka_unit_test(test_irc_label_of_no_answer_is_an_ack),
        cmocka_unit_test(test_irc_label_of_one_answer_is_on_it),
        cmocka_unit_test(test_irc_label_of_several_answers_is_on_their_batch),
        cmocka_unit_test(test_irc_label_of_a_batch_is_on_its_beginning),
        cmocka_unit_test(test_irc_label_batches_beside_others_are_in_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
