/* The tokens of RPL_ISUPPORT. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/irc_isupport.h"

static void assert_put(const struct irc_isupport *settings, struct bytes server, const char *want)
{
    const struct irc_reader reader = {.server = server, .you = BYTES("bob")};
    struct buf out;

    buf_init(&out, 8192);
    irc_isupport_put(&reader, settings, &out);
    buf_put_char(&out, '\0');
    assert_int_equal(buf_error(&out), 0);
    assert_string_equal(out.ptr, want);
    buf_done(&out);
}

static void test_irc_isupport_tells_the_limits(void **state)
{
    (void)state;
    assert_put(
        &(struct irc_isupport){.network = BYTES("My Net"), .rooms_per_user = 50}, BYTES("srv"),
        ":srv 005 bob AWAYLEN=200 BOT=B CASEMAPPING=ascii CHANLIMIT=#:50 CHANMODES=beIq,k,lW,imnst "
        "CHANNELLEN=50 CHANTYPES=# CHATHISTORY=200 ELIST=CMNTU EXCEPTS=e EXTBAN=,m INVEX=I KEYLEN=32 "
        ":are supported by this server\r\n"
        ":srv 005 bob KICKLEN=200 MAXLIST=b:100,e:100,I:100,q:100 MODES=10 MONITOR=100 "
        "MSGREFTYPES=msgid,timestamp NAMELEN=100 NETWORK=My-Net NICKLEN=30 PREFIX=(ov)@+ SAFELIST STATUSMSG=@+ "
        "TARGMAX=JOIN:10,KICK:10,NAMES:10,NOTICE:10,PART:10,PRIVMSG:10,WHOIS:10 TOPICLEN=300 "
        ":are supported by this server\r\n:srv 005 bob UTF8ONLY WHOX :are supported by this server\r\n");
}

/* However long the server's name is, every token arrives whole. */
static void test_irc_isupport_fits_the_lines(void **state)
{
    static char name[380];
    const struct irc_reader reader = {.server = {name, sizeof(name)}, .you = BYTES("bob")};
    struct buf out;
    (void)state;

    memset(name, 's', sizeof(name));
    buf_init(&out, 65536);
    irc_isupport_put(&reader, &(struct irc_isupport){.rooms_per_user = 1}, &out);
    assert_int_equal(buf_error(&out), 0);
    struct bytes rest = buf_bytes(&out);
    size_t tokens = 0;
    while (rest.len > 0) {
        struct irc_message message;
        struct bytes line = bytes_cut(&rest, '\n');
        line.len--;
        assert_int_equal(irc_message_parse(line, &message), 0);
        struct bytes last = message.params[message.param_count - 1];
        assert_true(bytes_eq(last, BYTES("are supported by this server")));
        tokens += message.param_count - 2;
    }
    assert_int_equal(tokens, 27);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_isupport_tells_the_limits),
        cmocka_unit_test(test_irc_isupport_fits_the_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
