/* The IRC dialect as sessions use it: lines in, and forms that follow from what was agreed on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "proto/irc_dialect.h"
#include "proto/irc_message.h"
#include "proto/plain.h"

static const struct irc_reader bob = {.server = BYTES("srv"), .you = BYTES("bob")};

/* ---- the server's name ---- */

static void assert_server(const char *name, const char *server)
{
    struct irc_dialect irc;
    char text[IRC_SERVER_BYTES_MAX + 1];

    irc_dialect_init(&irc, bytes_of(name));
    assert_true(bytes_copy(irc_dialect_server(&irc), text, sizeof(text)));
    assert_string_equal(text, server);
    assert_string_equal(irc.dialect.name, "irc");
}

static void test_irc_dialect_server_is_the_name_of_a_host(void **state)
{
    char longest[IRC_SERVER_BYTES_MAX + 2] = "", dotted[sizeof(longest)];
    struct irc_dialect irc;
    (void)state;

    assert_server("chat.example.org", "chat.example.org");
    assert_server("localhost", "localhost.mingle");
    assert_server("fe80::1 x!", "fe80--1-x-.mingle");
    assert_server("", ".mingle");
    memset(longest, 'x', sizeof(longest) - 1);
    memcpy(dotted, longest, sizeof(dotted));
    dotted[1] = '.';
    irc_dialect_init(&irc, bytes_of(longest));
    assert_int_equal(irc_dialect_server(&irc).len, IRC_SERVER_BYTES_MAX);
    assert_string_equal(irc.server + IRC_SERVER_BYTES_MAX - 7, ".mingle");
    irc_dialect_set_server(&irc, bytes_of(dotted));
    assert_memory_equal(irc.server, dotted, IRC_SERVER_BYTES_MAX);
    assert_int_equal(irc_dialect_server(&irc).len, IRC_SERVER_BYTES_MAX);
}

/* ---- in ---- */

/* How many requests; what is answered is compared. */
static size_t read_line(struct irc_cap *cap, struct bytes line, const char *answers)
{
    struct irc_dialect_client client = {.cap = *cap};
    struct wire_irc wire = {.dialect = NULL};
    struct irc_requests requests;
    char text[2048];
    struct buf out;

    buf_init(&out, sizeof(text) - 1);
    assert_int_equal(irc_dialect_read(&bob, &client, &wire, line, &requests, &out), 0);
    *cap = client.cap;
    assert_true(bytes_copy(buf_bytes(&out), text, sizeof(text)));
    assert_string_equal(text, answers);
    buf_done(&out);
    return requests.count;
}

static void test_irc_dialect_reads_requests_and_answers(void **state)
{
    struct irc_cap cap = {.offered = IRC_CAP_F_ALL, .is_registered = true};
    (void)state;

    assert_int_equal(read_line(&cap, BYTES("JOIN #a,b,#c"), ":srv 403 bob b :There is no such room\r\n"), 2);
    assert_int_equal(read_line(&cap, BYTES("PING x"), ":srv PONG srv :x\r\n"), 0);
    assert_int_equal(read_line(&cap, BYTES("PRIVMSG #a :x"), ""), 1);
    assert_int_equal(read_line(&cap, BYTES(""), ""), 0);
    assert_int_equal(read_line(&cap, BYTES("  "), ""), 0);
    assert_int_equal(read_line(&cap, BYTES("@a"), ":srv 421 bob * :Unknown command\r\n"), 0);
    assert_int_equal(read_line(&cap, BYTES("FOO"), ":srv 421 bob FOO :Unknown command\r\n"), 0);
}

static void test_irc_dialect_reads_caps(void **state)
{
    struct irc_cap cap = {.offered = IRC_CAP_F_ECHO_MESSAGE | IRC_CAP_F_BATCH, .is_registered = true};
    (void)state;

    assert_int_equal(read_line(&cap, BYTES("cap REQ echo-message"), ":srv CAP bob ACK :echo-message\r\n"), 0);
    assert_int_equal(cap.enabled, IRC_CAP_F_ECHO_MESSAGE);
    assert_false(cap.is_negotiating);
    assert_int_equal(read_line(&cap, BYTES("CAP REQ server-time"), ":srv CAP bob NAK :server-time\r\n"), 0);
    assert_int_equal(cap.enabled, IRC_CAP_F_ECHO_MESSAGE);
}

static void test_irc_dialect_warns_of_text_that_is_no_utf8(void **state)
{
    static const struct bytes said = BYTES("privmsg #a,bob :caf\xe9"), noticed = BYTES("NOTICE #a :caf\xe9");
    const char *notice =
        ":srv NOTICE bob :Your text was no UTF-8, and was changed: set your client to UTF-8\r\n";
    const char *warning = ":srv WARN PRIVMSG INVALID_UTF8 :Your text was no UTF-8, and was changed\r\n";
    struct irc_cap cap = {.enabled = IRC_CAP_F_STANDARD_REPLIES, .is_registered = true};
    struct irc_dialect_client client = {.cap = {0}};
    struct wire_irc wire = {.dialect = NULL};
    struct irc_requests requests;
    struct buf out;
    (void)state;

    for (int i = 0; i < 2; i++)
        assert_int_equal(read_line(&cap, said, warning), 2);
    assert_int_equal(read_line(&cap, noticed, ""), 1);
    assert_int_equal(read_line(&cap, BYTES("PRIVMSG #a :caf\xc3\xa9"), ""), 1);
    assert_int_equal(read_line(&cap, BYTES("TOPIC #a :\xff"),
                               ":srv WARN TOPIC INVALID_UTF8 :Your text was no UTF-8, and was changed\r\n"),
                     1);
    buf_init(&out, 4096);
    for (int i = 0; i < 2; i++) { /* whose client knows no standard replies is told once */
        assert_int_equal(irc_dialect_read(&bob, &client, &wire, said, &requests, &out), 0);
        assert_int_equal(requests.count, 2);
    }
    buf_put_char(&out, '\0');
    assert_string_equal(out.ptr, notice);
    buf_done(&out);
}

static void test_irc_dialect_limits_of_a_line(void **state)
{
    const char *too_long = ":srv 417 bob :Input line was too long\r\n";
    static char line[IRC_CLIENT_LINE_BYTES_MAX + 1];
    struct irc_cap cap = {0};
    struct buf out;
    (void)state;

    memset(line, 'x', sizeof(line));
    memcpy(line, "PRIVMSG #a :", strlen("PRIVMSG #a :"));
    assert_int_equal(read_line(&cap, (struct bytes){line, IRC_BODY_BYTES_MAX}, ""), 1);
    assert_int_equal(read_line(&cap, (struct bytes){line, IRC_BODY_BYTES_MAX + 1}, too_long), 0);
    memset(line, 'x', sizeof(line));
    line[0] = '@';
    memcpy(line + 1 + IRC_TAG_DATA_BYTES_MAX, " PRIVMSG #a :", strlen(" PRIVMSG #a :"));
    assert_int_equal(read_line(&cap, (struct bytes){line, IRC_CLIENT_LINE_BYTES_MAX}, ""), 1);
    assert_int_equal(read_line(&cap, (struct bytes){line, IRC_CLIENT_LINE_BYTES_MAX + 1}, too_long), 0);
    memcpy(line + 1 + IRC_TAG_DATA_BYTES_MAX, "x PRIVMSG #a :", strlen("x PRIVMSG #a :"));
    assert_int_equal(read_line(&cap, (struct bytes){line, 1 + IRC_TAG_DATA_BYTES_MAX + 20}, too_long), 0);
    buf_init(&out, 100);
    irc_dialect_too_long(&bob, &out);
    assert_int_equal(out.len, strlen(too_long));
    buf_done(&out);
}

static void test_irc_dialect_knows_looks(void **state)
{
    static const char *const looks[] = {"MODE #a",   "MODE #a b", "MODE #a +q",
                                        "MODE #a e", "MODE #a I", "WHO #a"};
    static const char *const others[] = {"MODE #a +m", "MODE #a +b x", "MODE #a +e x",   "WHO",
                                         "WHO a*",     "JOIN #a",      "PRIVMSG #a :who"};
    struct irc_requests requests;
    struct irc_dialect_client client = {.cap = {0}};
    struct wire_irc wire = {.dialect = NULL};
    struct buf out;
    (void)state;

    buf_init(&out, 4096);
    for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
        assert_int_equal(irc_dialect_read(&bob, &client, &wire, bytes_of(looks[i]), &requests, &out), 0);
        assert_int_equal(requests.count, 1);
        assert_true(irc_dialect_is_look(&requests.items[0]));
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_int_equal(irc_dialect_read(&bob, &client, &wire, bytes_of(others[i]), &requests, &out), 0);
        assert_int_equal(requests.count, 1);
        assert_false(irc_dialect_is_look(&requests.items[0]));
    }
    assert_false(irc_dialect_is_look(&(struct chat_request){.err = CHAT_ERR_USAGE}));
    buf_done(&out);
}

static void test_irc_dialect_knows_who_leaves(void **state)
{
    (void)state;
    assert_true(irc_dialect_is_quit(BYTES("QUIT")));
    assert_true(irc_dialect_is_quit(BYTES("@a=b :x quit :bye")));
    assert_false(irc_dialect_is_quit(BYTES("QUITE")));
    assert_false(irc_dialect_is_quit(BYTES("PRIVMSG #a :QUIT")));
    assert_false(irc_dialect_is_quit(BYTES("")));
}

/* ---- forms ---- */

static struct wire_form form_with(struct irc_dialect *irc, uint32_t caps)
{
    struct wire_irc wire = {.dialect = &irc->dialect, .caps = caps};
    const struct wire_reader reader = {
        .irc = &wire, .facts = WIRE_FACT_CRLF, .options = {[OPTION_COLOUR] = OPTION_COLOUR_ON}};

    return wire_form_of(&reader);
}

static void test_irc_dialect_form_is_what_was_agreed_on(void **state)
{
    struct irc_dialect irc;
    (void)state;

    irc_dialect_init(&irc, BYTES("srv.x"));
    struct wire_form none = form_with(&irc, 0), time = form_with(&irc, IRC_CAP_F_SERVER_TIME);
    assert_ptr_equal(none.dialect, &irc.dialect);
    assert_int_equal(none.flags, 0); /* nothing of what people choose */
    assert_false(wire_form_is_same_news(none, time));
    assert_false(wire_form_is_same_news(none, (struct wire_form){.dialect = &plain_dialect}));
    /* What changes answers only leaves a room's news shared. */
    assert_true(wire_form_is_same_news(none, form_with(&irc, IRC_CAP_F_BATCH | IRC_CAP_F_MULTI_PREFIX)));
    assert_true(wire_form_is_same_news(none, form_with(&irc, IRC_CAP_F_MULTILINE)));
    assert_true(
        wire_form_is_same_news(none, form_with(&irc, IRC_CAP_F_ACCOUNT_NOTIFY | IRC_CAP_F_ACCOUNT_TAG)));
    assert_false(wire_form_is_same_news(none, form_with(&irc, IRC_CAP_F_BATCH | IRC_CAP_F_MULTILINE)));
    assert_true(wire_form_is_same_news(
        time, form_with(&irc, IRC_CAP_F_SERVER_TIME | IRC_CAP_F_ECHO_MESSAGE | IRC_CAP_F_STANDARD_REPLIES)));
    assert_false(wire_form_is_same_news(none, form_with(&irc, IRC_CAP_F_MESSAGE_TAGS)));
    assert_false(wire_form_is_same_news(none, form_with(&irc, IRC_CAP_F_EXTENDED_JOIN)));
}

static void test_irc_dialect_writes_with_the_servers_name(void **state)
{
    struct irc_dialect irc;
    char text[256];
    struct buf out;
    (void)state;

    irc_dialect_init(&irc, BYTES("srv.x"));
    struct wire_form form = form_with(&irc, 0);
    buf_init(&out, sizeof(text) - 1);
    form.dialect->gap(form, BYTES("#a"), 2, &out);
    form.dialect->goodbye(form, CLOSE_SHUTDOWN, &out);
    assert_true(bytes_copy(buf_bytes(&out), text, sizeof(text)));
    buf_done(&out);
    assert_string_equal(text, ":srv.x NOTICE #a :2 lines were skipped: you were reading too slowly\r\n"
                              "ERROR :Closing link: The server is shutting down\r\n");
}

static void test_irc_dialect_version_is_told_with_the_tokens(void **state)
{
    const struct chat_event_spec spec = {.kind = CHAT_EV_VERSION, .target_id = 1, .text = BYTES("1.2")};
    struct chat_event *event = chat_event_new(&spec);
    const struct chat_view view = {.is_current = true, .you = BYTES("bob")};
    struct irc_dialect irc;
    struct buf out, want;
    (void)state;

    assert_non_null(event);
    irc_dialect_init(&irc, BYTES("My Net"));
    irc.rooms_per_user = 7;
    struct wire_form form = form_with(&irc, 0);
    buf_init(&out, 4096);
    buf_init(&want, 4096);
    buf_put_text(&want, ":My-Net.mingle 351 bob mingle-1.2 My-Net.mingle :\r\n");
    const struct irc_reader reader = {.server = BYTES("My-Net.mingle"), .you = BYTES("bob")};
    irc_isupport_put(&reader, &(struct irc_isupport){.network = BYTES("My Net"), .rooms_per_user = 7}, &want);
    form.dialect->render(form, event, &view, &out);
    assert_int_equal(buf_error(&out) | buf_error(&want), 0);
    assert_true(bytes_eq(buf_bytes(&out), buf_bytes(&want)));
    assert_true(out.len > 300);
    chat_event_unref(event);
    buf_done(&out);
    buf_done(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_dialect_server_is_the_name_of_a_host),
        cmocka_unit_test(test_irc_dialect_reads_requests_and_answers),
        cmocka_unit_test(test_irc_dialect_reads_caps),
        cmocka_unit_test(test_irc_dialect_warns_of_text_that_is_no_utf8),
        cmocka_unit_test(test_irc_dialect_limits_of_a_line),
        cmocka_unit_test(test_irc_dialect_knows_looks),
        cmocka_unit_test(test_irc_dialect_knows_who_leaves),
        cmocka_unit_test(test_irc_dialect_form_is_what_was_agreed_on),
        cmocka_unit_test(test_irc_dialect_writes_with_the_servers_name),
        cmocka_unit_test(test_irc_dialect_version_is_told_with_the_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
