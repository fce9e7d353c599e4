/* How IRC clients come in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/irc_register.h"

static const struct bytes server = {"srv", 3};

static void assert_out(struct buf *out, const char *want)
{
    buf_put_char(out, '\0');
    assert_int_equal(buf_error(out), 0);
    assert_string_equal(out->ptr, want);
    buf_done(out);
}

static void send(struct irc_register *client, const char *line, enum irc_register_result result,
                 const char *want)
{
    struct irc_message message;
    struct buf out;

    buf_init(&out, 4096);
    assert_int_equal(irc_message_parse(bytes_of(line), &message), 0);
    assert_int_equal(irc_register_apply(client, &message, server, &out), result);
    assert_out(&out, want);
}

static void test_irc_register_needs_nick_and_user_in_any_order(void **state)
{
    struct irc_register client = {.has_user = false}, other = {.has_user = false};
    (void)state;

    send(&client, "PASS secret", IRC_REGISTER_MORE, "");
    send(&client, "NICK alice", IRC_REGISTER_MORE, "");
    send(&client, "USER a 0 * :Alice", IRC_REGISTER_NAME, "");
    assert_string_equal(client.name, "alice");
    send(&other, "USER a 0 * :Alice", IRC_REGISTER_MORE, "");
    send(&other, "NICK alice", IRC_REGISTER_NAME, "");
}

static void test_irc_register_warns_of_a_realname_that_is_no_utf8(void **state)
{
    struct irc_register client = {.cap = {.enabled = IRC_CAP_F_STANDARD_REPLIES}},
                        other = {.has_user = false};
    (void)state;

    send(&client, "USER a 0 * :Ren\xe9", IRC_REGISTER_MORE,
         ":srv WARN USER INVALID_UTF8 :Your realname was no UTF-8, and was changed\r\n");
    send(&other, "USER a 0 * :Ren\xe9", IRC_REGISTER_MORE, "");
}

static void test_irc_register_waits_for_the_end_of_negotiation(void **state)
{
    struct irc_register client = {.cap = {.offered = IRC_CAP_F_BATCH}};
    (void)state;

    send(&client, "CAP LS 302", IRC_REGISTER_MORE, ":srv CAP * LS :batch\r\n");
    send(&client, "NICK alice", IRC_REGISTER_MORE, "");
    send(&client, "USER a 0 * :Alice", IRC_REGISTER_MORE, "");
    send(&client, "CAP REQ batch", IRC_REGISTER_MORE, ":srv CAP * ACK :batch\r\n");
    send(&client, "CAP END", IRC_REGISTER_NAME, "");
    assert_int_equal(client.cap.enabled, IRC_CAP_F_BATCH);
}

static void test_irc_register_asks_again_for_a_name(void **state)
{
    struct irc_register client = {.has_user = false};
    struct buf out;
    (void)state;

    send(&client, "USER a 0 * :Alice", IRC_REGISTER_MORE, "");
    send(&client, "NICK", IRC_REGISTER_MORE, ":srv 431 * :No name given\r\n");
    send(
        &client, "NICK 1a", IRC_REGISTER_MORE,
        ":srv 432 * 1a :Names have 1-30 letters, digits or -_[]{}|^ and start with a letter or one of _[]{}|^\r\n");
    send(&client, "NICK alice", IRC_REGISTER_NAME, "");
    buf_init(&out, 1000);
    irc_register_taken(&client, server, &out);
    assert_out(&out, ":srv 433 * alice :That name is taken\r\n");
    send(&client, "PING x", IRC_REGISTER_MORE, ":srv PONG srv :x\r\n");
    send(&client, "NICK alice2", IRC_REGISTER_NAME, "");
}

static void test_irc_register_refuses_all_else(void **state)
{
    struct irc_register client = {.has_user = false};
    (void)state;

    send(&client, "JOIN #a", IRC_REGISTER_MORE, ":srv 451 * JOIN :Give a name first: NICK and USER\r\n");
    assert_string_equal(client.realname, "");
    send(&client, "USER a 0 *", IRC_REGISTER_MORE, ":srv 461 * USER :Not enough parameters\r\n");
    send(&client, "PASS", IRC_REGISTER_MORE, ":srv 461 * PASS :Not enough parameters\r\n");
    send(&client, "USER a 0 * :Alice", IRC_REGISTER_MORE, "");
    send(&client, "USER a 0 * :Other", IRC_REGISTER_MORE, ":srv 462 * :You have done that already\r\n");
    assert_string_equal(client.realname, "Alice");
    send(&client, "QUIT :bye", IRC_REGISTER_QUIT, "");
}

static void test_irc_register_welcome_begins_with_five_numerics(void **state)
{
    struct irc_register client = {.name = "alice", .has_user = true};
    const struct irc_welcome welcome = {.isupport = {.rooms_per_user = 50},
                                        .version = BYTES("1.2"),
                                        .started_wall_ms = INT64_C(1795269900000)};
    static const char want[] = ":srv 001 alice :Welcome, alice\r\n"
                               ":srv 002 alice :This is mingle on srv\r\n"
                               ":srv 003 alice :It runs since 2026-11-21 14:05:00 UTC\r\n"
                               ":srv 004 alice srv mingle-1.2 Biow IWbeiklmnoqstv\r\n"
                               ":srv 005 alice ";
    struct buf out;
    (void)state;

    buf_init(&out, 4096);
    irc_register_welcome(&client, &welcome, server, &out);
    assert_int_equal(buf_error(&out), 0);
    assert_true(bytes_starts_with(buf_bytes(&out), bytes_of(want)));
    assert_true(client.cap.is_registered);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_register_needs_nick_and_user_in_any_order),
        cmocka_unit_test(test_irc_register_warns_of_a_realname_that_is_no_utf8),
        cmocka_unit_test(test_irc_register_waits_for_the_end_of_negotiation),
        cmocka_unit_test(test_irc_register_asks_again_for_a_name),
        cmocka_unit_test(test_irc_register_refuses_all_else),
        cmocka_unit_test(test_irc_register_welcome_begins_with_five_numerics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
