/* Agreeing on capabilities, and numerics. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "chat/hub.h"
#include "proto/irc_cap.h"

/* With what stands behind draft/multiline. */
#define ALL_WITH(value) \
    "account-notify account-tag away-notify batch cap-notify chghost draft/channel-rename draft/chathistory " \
    "draft/message-redaction draft/multiline" value \
    " draft/no-implicit-names draft/read-marker echo-message extended-join extended-monitor invite-notify labeled-response message-tags multi-prefix " \
    "server-time setname standard-replies userhost-in-names"
#define ALL ALL_WITH("")
#define ALL_302 ALL_WITH("=max-bytes=4096,max-lines=50")

static const struct irc_reader alice = {.server = {"srv", 3}, .you = {"alice", 5}};
static const struct irc_reader nobody = {.server = {"srv", 3}};

static void assert_out(struct buf *out, const char *want)
{
    buf_put_char(out, '\0');
    assert_int_equal(buf_error(out), 0);
    assert_string_equal(out->ptr, want);
    buf_done(out);
}

static void send_as(struct irc_cap *cap, const struct irc_reader *reader, const char *line, const char *want)
{
    struct irc_message message;
    struct buf out;

    buf_init(&out, 4096);
    assert_int_equal(irc_message_parse(bytes_of(line), &message), 0);
    irc_cap_apply(cap, &message, reader, &out);
    assert_out(&out, want);
}

static void send(struct irc_cap *cap, const char *line, const char *want)
{
    send_as(cap, &nobody, line, want);
}

static void test_irc_cap_ls_holds_the_client_until_end(void **state)
{
    struct irc_cap cap = {.offered = IRC_CAP_F_ALL};
    (void)state;

    send(&cap, "CAP LS 302", ":srv CAP * LS :" ALL_302 "\r\n");
    assert_true(cap.is_negotiating);
    assert_int_equal(cap.enabled, IRC_CAP_F_CAP_NOTIFY);
    send(&cap, "CAP END", "");
    assert_false(cap.is_negotiating);
}

static void test_irc_cap_ls_of_old_clients_enables_nothing(void **state)
{
    static const char *const lines[] = {"CAP LS", "CAP ls 301", "CAP LS x"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct irc_cap cap = {.offered = IRC_CAP_F_ALL};
        send(&cap, lines[i], ":srv CAP * LS :" ALL "\r\n");
        assert_int_equal(cap.enabled, 0);
    }
}

static void test_irc_cap_once_registered_holds_nobody(void **state)
{
    struct irc_cap cap = {.offered = IRC_CAP_F_BATCH, .is_registered = true};
    (void)state;

    send_as(&cap, &alice, "CAP LS", ":srv CAP alice LS :batch\r\n");
    assert_false(cap.is_negotiating);
    send_as(&cap, &alice, "CAP REQ batch", ":srv CAP alice ACK :batch\r\n");
    assert_false(cap.is_negotiating);
    assert_int_equal(cap.enabled, IRC_CAP_F_BATCH);
}

static void test_irc_cap_req_is_granted_as_a_whole_or_not(void **state)
{
    struct irc_cap cap = {.offered = IRC_CAP_F_ALL & ~IRC_CAP_F_MULTI_PREFIX};
    (void)state;

    send(&cap, "CAP REQ :batch  server-time", ":srv CAP * ACK :batch server-time\r\n");
    assert_true(cap.is_negotiating);
    assert_int_equal(cap.enabled, IRC_CAP_F_BATCH | IRC_CAP_F_SERVER_TIME);
    send(&cap, "CAP REQ :-batch nosuch", ":srv CAP * NAK :-batch nosuch\r\n");
    send(&cap, "CAP REQ :-batch multi-prefix", ":srv CAP * NAK :-batch multi-prefix\r\n");
    send(&cap, "CAP REQ :Batch", ":srv CAP * NAK :Batch\r\n");
    send(&cap, "CAP REQ :batch=1", ":srv CAP * NAK :batch=1\r\n");
    assert_int_equal(cap.enabled, IRC_CAP_F_BATCH | IRC_CAP_F_SERVER_TIME);
    send(&cap, "CAP REQ :-batch echo-message", ":srv CAP * ACK :-batch echo-message\r\n");
    assert_int_equal(cap.enabled, IRC_CAP_F_ECHO_MESSAGE | IRC_CAP_F_SERVER_TIME);
    send(&cap, "CAP LIST", ":srv CAP * LIST :echo-message server-time\r\n");
    send(&cap, "CAP REQ :", ":srv CAP * ACK :\r\n");
}

static void test_irc_cap_notify_stays_with_302(void **state)
{
    struct irc_cap cap = {.offered = IRC_CAP_F_ALL};
    (void)state;

    send(&cap, "CAP REQ cap-notify", ":srv CAP * ACK :cap-notify\r\n");
    send(&cap, "CAP REQ -cap-notify", ":srv CAP * ACK :-cap-notify\r\n");
    assert_int_equal(cap.enabled, 0);
    send(&cap, "CAP LS 302", ":srv CAP * LS :" ALL_302 "\r\n");
    send(&cap, "CAP REQ -cap-notify", ":srv CAP * NAK :-cap-notify\r\n");
    assert_int_equal(cap.enabled, IRC_CAP_F_CAP_NOTIFY);
}

static void test_irc_cap_refuses_what_it_does_not_know(void **state)
{
    struct irc_cap cap = {.offered = IRC_CAP_F_ALL};
    (void)state;

    send(&cap, "CAP", ":srv 461 * CAP :Not enough parameters\r\n");
    send(&cap, "CAP CLEAR", ":srv 410 * CLEAR :Invalid CAP command\r\n");
    send(&cap, "CAP :a b", ":srv 410 * * :Invalid CAP command\r\n");
    assert_false(cap.is_negotiating);
}

static void test_irc_cap_ls_takes_several_lines(void **state)
{
    char name[480], want[2048];
    struct irc_reader reader = {.you = BYTES("alice")};
    struct irc_cap cap = {.offered = IRC_CAP_F_BATCH | IRC_CAP_F_CAP_NOTIFY | IRC_CAP_F_ECHO_MESSAGE};
    (void)state;

    /* ":" 474 " CAP alice LIST * :" leaves room for 16 bytes. */
    memset(name, 's', sizeof(name));
    reader.server = (struct bytes){name, 510 - 1 - sizeof(" CAP alice LIST * :") + 1 - 16};
    snprintf(want, sizeof(want),
             ":%.*s CAP alice LS * :batch cap-notify\r\n:%.*s CAP alice LS :echo-message\r\n",
             BYTES_ARG(reader.server), BYTES_ARG(reader.server));
    send_as(&cap, &reader, "CAP LS 302", want);
    reader.server.len++;
    snprintf(want, sizeof(want),
             ":%.*s CAP alice LS * :batch\r\n:%.*s CAP alice LS * :cap-notify\r\n"
             ":%.*s CAP alice LS :echo-message\r\n",
             BYTES_ARG(reader.server), BYTES_ARG(reader.server), BYTES_ARG(reader.server));
    send_as(&cap, &reader, "CAP LS 302", want);
}

static void put_batches(struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_put_text(out, i == 0 ? ":batch" : " batch");
}

static void test_irc_cap_ack_over_several_lines_has_no_mark(void **state)
{
    char memory[512], want[2048];
    struct irc_cap cap = {.offered = IRC_CAP_F_ALL};
    struct irc_reader reader = {.server = BYTES("a-server-with-a-very-long-name.example.org")};
    struct buf line, expected;
    (void)state;

    /* ":" 42 " CAP * LIST * :" leaves room for 452 bytes: 75 times "batch". */
    buf_init_fixed(&line, memory, sizeof(memory));
    buf_put_text(&line, "CAP REQ ");
    put_batches(&line, 80);
    buf_put_char(&line, '\0');
    buf_init_fixed(&expected, want, sizeof(want));
    buf_printf(&expected, ":%.*s CAP * ACK ", BYTES_ARG(reader.server));
    put_batches(&expected, 75);
    buf_printf(&expected, "\r\n:%.*s CAP * ACK ", BYTES_ARG(reader.server));
    put_batches(&expected, 5);
    buf_put(&expected, BYTES("\r\n\0"));
    assert_int_equal(buf_error(&line) | buf_error(&expected), 0);
    send_as(&cap, &reader, memory, want);
}

static void test_irc_cap_offer_tells_of_changes(void **state)
{
    struct irc_cap cap = {.offered = IRC_CAP_F_ALL, .is_registered = true};
    struct buf out;
    (void)state;

    send_as(&cap, &alice, "CAP REQ :cap-notify batch", ":srv CAP alice ACK :cap-notify batch\r\n");
    buf_init(&out, 1000);
    irc_cap_offer(&cap, IRC_CAP_F_ALL & ~IRC_CAP_F_BATCH & ~IRC_CAP_F_SERVER_TIME, &alice, &out);
    assert_int_equal(cap.enabled, IRC_CAP_F_CAP_NOTIFY);
    irc_cap_offer(&cap, IRC_CAP_F_ALL & ~IRC_CAP_F_SERVER_TIME, &alice, &out);
    irc_cap_offer(&cap, IRC_CAP_F_ALL & ~IRC_CAP_F_SERVER_TIME, &alice, &out);
    assert_int_equal(cap.enabled, IRC_CAP_F_CAP_NOTIFY);
    assert_out(&out, ":srv CAP alice DEL :batch server-time\r\n:srv CAP alice NEW :batch\r\n");

    cap.enabled = IRC_CAP_F_BATCH;
    buf_init(&out, 1000);
    irc_cap_offer(&cap, 0, &alice, &out);
    assert_int_equal(cap.enabled, 0);
    assert_out(&out, "");
}

static void test_irc_cap_rows_are_sorted_and_have_one_flag_each(void **state)
{
    uint32_t all = 0;
    (void)state;

    for (size_t i = 0; irc_cap_row(i) != NULL; i++) {
        const struct irc_cap_row *row = irc_cap_row(i);
        assert_int_equal(row->flag & (row->flag - 1), 0);
        assert_int_equal(all & row->flag, 0);
        assert_true(i == 0 || strcmp(irc_cap_row(i - 1)->name, row->name) < 0);
        all |= row->flag;
    }
    assert_int_equal(all, IRC_CAP_F_ALL);
}

static void test_irc_numeric_rows_are_sorted(void **state)
{
    (void)state;
    for (size_t i = 1; irc_numeric_row(i) != NULL; i++)
        assert_true(irc_numeric_row(i - 1)->numeric < irc_numeric_row(i)->numeric);
}

static void test_irc_cap_tells_what_the_hub_is_to_tell(void **state)
{
    (void)state;
    assert_int_equal(irc_cap_wants(0), HUB_WANTS_WELCOME | HUB_WANTS_NAMES);
    assert_int_equal(irc_cap_wants(IRC_CAP_F_NO_IMPLICIT_NAMES), HUB_WANTS_WELCOME);
    assert_int_equal(irc_cap_wants(IRC_CAP_F_AWAY_NOTIFY),
                     HUB_WANTS_WELCOME | HUB_WANTS_NAMES | HUB_WANTS_CHANGES);
    assert_int_equal(irc_cap_wants(IRC_CAP_F_INVITE_NOTIFY),
                     HUB_WANTS_WELCOME | HUB_WANTS_NAMES | HUB_WANTS_CHANGES);
    assert_int_equal(irc_cap_wants(IRC_CAP_F_EXTENDED_MONITOR), HUB_WANTS_WELCOME | HUB_WANTS_NAMES);
    assert_int_equal(irc_cap_wants(IRC_CAP_F_EXTENDED_MONITOR | IRC_CAP_F_SETNAME),
                     HUB_WANTS_WELCOME | HUB_WANTS_NAMES | HUB_WANTS_CHANGES | HUB_WANTS_WATCHED);
    assert_int_equal(irc_cap_wants(IRC_CAP_F_MESSAGE_TAGS),
                     HUB_WANTS_WELCOME | HUB_WANTS_NAMES | HUB_WANTS_TAGS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_cap_ls_holds_the_client_until_end),
        cmocka_unit_test(test_irc_cap_ls_of_old_clients_enables_nothing),
        cmocka_unit_test(test_irc_cap_once_registered_holds_nobody),
        cmocka_unit_test(test_irc_cap_req_is_granted_as_a_whole_or_not),
        cmocka_unit_test(test_irc_cap_notify_stays_with_302),
        cmocka_unit_test(test_irc_cap_refuses_what_it_does_not_know),
        cmocka_unit_test(test_irc_cap_ls_takes_several_lines),
        cmocka_unit_test(test_irc_cap_ack_over_several_lines_has_no_mark),
        cmocka_unit_test(test_irc_cap_offer_tells_of_changes),
        cmocka_unit_test(test_irc_cap_rows_are_sorted_and_have_one_flag_each),
        cmocka_unit_test(test_irc_numeric_rows_are_sorted),
        cmocka_unit_test(test_irc_cap_tells_what_the_hub_is_to_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
