/* Messages of IRC, read and written. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "proto/irc_message.h"

static void assert_bytes(struct bytes have, const char *want)
{
    assert_int_equal(have.len, strlen(want));
    if (have.len > 0)
        assert_memory_equal(have.ptr, want, have.len);
}

static struct irc_message parse(const char *line)
{
    struct irc_message message;

    assert_int_equal(irc_message_parse(bytes_of(line), &message), 0);
    return message;
}

static void test_irc_message_parse_finds_all_parts(void **state)
{
    struct irc_message message = parse("@id=1;x :bob!u@h PRIVMSG #ops :hello there");
    (void)state;

    assert_bytes(message.tags, "id=1;x");
    assert_bytes(message.source, "bob!u@h");
    assert_bytes(message.command, "PRIVMSG");
    assert_int_equal(message.param_count, 2);
    assert_bytes(message.params[0], "#ops");
    assert_bytes(message.params[1], "hello there");
    assert_bytes(irc_message_param(&message, 2), "");
}

static void test_irc_message_parse_takes_many_spaces(void **state)
{
    struct irc_message message = parse("  @a   :src   JOIN   #a   key  ");
    (void)state;

    assert_bytes(message.source, "src");
    assert_bytes(message.command, "JOIN");
    assert_int_equal(message.param_count, 2);
    assert_bytes(message.params[1], "key");
}

static void test_irc_message_parse_keeps_empty_and_odd_last_parameters(void **state)
{
    (void)state;
    struct irc_message message = parse("TOPIC #a :");
    assert_int_equal(message.param_count, 2);
    assert_bytes(message.params[1], "");
    message = parse("PRIVMSG a ::-) : ");
    assert_bytes(message.params[1], ":-) : ");
    message = parse("PRIVMSG a b:c");
    assert_bytes(message.params[1], "b:c");
    message = parse("001");
    assert_int_equal(message.param_count, 0);
}

static void test_irc_message_parse_gives_the_rest_to_the_fifteenth(void **state)
{
    (void)state;
    struct irc_message message = parse("C 1 2 3 4 5 6 7 8 9 10 11 12 13 14");
    assert_int_equal(message.param_count, 14);
    message = parse("C 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
    assert_int_equal(message.param_count, 15);
    assert_bytes(message.params[14], "15 16");
    message = parse("C 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16");
    assert_bytes(message.params[14], "15 16");
}

static void assert_refused(struct bytes line, int err)
{
    struct irc_message message = {.param_count = 77};

    assert_int_equal(irc_message_parse(line, &message), err);
    assert_int_equal(message.param_count, 77);
}

static void test_irc_message_parse_refuses_what_is_no_message(void **state)
{
    static const char *const bad[] = {"@a=b",    ":src",   "@a :src ", "12",        "1234",
                                      "NI-CK a", "N1CK a", ": :",      "\xc3\xa4 b"};
    (void)state;

    assert_refused(BYTES(""), -ENODATA);
    assert_refused(BYTES("   "), -ENODATA);
    assert_refused(BYTES("NICK a\0b"), -EBADMSG);
    assert_refused(BYTES("NICK a\rb"), -EBADMSG);
    assert_refused(BYTES("NICK a\nb"), -EBADMSG);
    assert_refused(BYTES("@a=\r NICK a"), -EBADMSG);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_refused(bytes_of(bad[i]), -EBADMSG);
}

/* "[@ttt… ]NICK aaa…": so many bytes of tags, so many of the body. */
static struct bytes long_line(char *memory, size_t tag_bytes, size_t body_bytes)
{
    size_t at = 0;

    memory[at++] = '@';
    memset(&memory[at], 't', tag_bytes);
    at += tag_bytes;
    memory[at++] = ' ';
    memset(&memory[at], 'a', body_bytes);
    memcpy(&memory[at], "NICK ", 5);
    return (struct bytes){memory, at + body_bytes};
}

static void test_irc_message_parse_limits_tags_and_the_rest_apart(void **state)
{
    char memory[8192];
    struct irc_message message;
    (void)state;

    assert_int_equal(irc_message_parse(long_line(memory, 4093, 509), &message), 0);
    struct bytes longest = long_line(memory, 4094, 510);
    assert_int_equal(longest.len, IRC_CLIENT_LINE_BYTES_MAX);
    assert_int_equal(irc_message_parse(longest, &message), 0);
    assert_int_equal(message.tags.len, 4094);
    assert_refused(long_line(memory, 4095, 10), -E2BIG);
    assert_refused(long_line(memory, 4095, 511), -E2BIG);
    assert_refused(long_line(memory, 10, 511), -EMSGSIZE);
    assert_refused(long_line(memory, 0, 600), -EMSGSIZE);
}

static void test_irc_tag_next_walks_over_all(void **state)
{
    struct bytes rest = BYTES("a;;b=;+c/d=e=f;=x");
    struct irc_tag tag;
    (void)state;

    assert_true(irc_tag_next(&rest, &tag));
    assert_bytes(tag.key, "a");
    assert_bytes(tag.value, "");
    assert_true(irc_tag_next(&rest, &tag));
    assert_bytes(tag.key, "b");
    assert_bytes(tag.value, "");
    assert_true(irc_tag_next(&rest, &tag));
    assert_bytes(tag.key, "+c/d");
    assert_bytes(tag.value, "e=f");
    assert_false(irc_tag_next(&rest, &tag));
}

static void test_irc_tag_find_takes_the_last(void **state)
{
    struct bytes value = BYTES("untouched");
    (void)state;

    assert_true(irc_tag_find(BYTES("label=1;x;label=2"), BYTES("label"), &value));
    assert_bytes(value, "2");
    assert_false(irc_tag_find(BYTES("label=1"), BYTES("labe"), &value));
    assert_bytes(value, "2");
}

static void assert_unescaped(const char *value, const char *want)
{
    struct buf out;

    buf_init(&out, 100);
    irc_tag_unescape(bytes_of(value), &out);
    assert_bytes(buf_bytes(&out), want);
    buf_done(&out);
}

static void test_irc_tag_unescape_knows_all(void **state)
{
    (void)state;
    assert_unescaped("a\\:b\\sc\\\\d\\re\\nf", "a;b c\\d\re\nf");
    assert_unescaped("\\b\\", "b");
    assert_unescaped("\\\\s", "\\s");
    assert_unescaped("", "");
}

static void assert_written(struct buf *out, const char *want)
{
    assert_int_equal(buf_error(out), 0);
    assert_bytes(buf_bytes(out), want);
    buf_done(out);
}

static void test_irc_line_writes_all_parts(void **state)
{
    struct buf out;
    struct irc_line line = {.out = &out};
    (void)state;

    buf_init(&out, 1000);
    buf_put_text(&out, "before\r\n");
    irc_line_tag(&line, "time", BYTES("12:00"));
    irc_line_tag(&line, "bot", BYTES(""));
    irc_line_tag(&line, "x", BYTES("a b;c\\\r\n"));
    irc_line_start(&line, BYTES("bob!u@h"), "PRIVMSG");
    irc_line_word(&line, BYTES("#ops"));
    irc_line_last(&line, BYTES("hello there"));
    irc_line_end(&line);
    assert_written(&out,
                   "before\r\n@time=12:00;bot;x=a\\sb\\:c\\\\\\r\\n :bob!u@h PRIVMSG #ops :hello there\r\n");
}

static void test_irc_line_echo_shows_only_words(void **state)
{
    static const char *const bad[] = {"", ":a", "a b", "\xff"};
    struct buf out;
    struct irc_line line = {.out = &out};
    (void)state;

    buf_init(&out, 1000);
    irc_line_start(&line, BYTES(""), "E");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        irc_line_echo(&line, bytes_of(bad[i]));
    irc_line_echo(&line, BYTES("a:b"));
    irc_line_end(&line);
    assert_written(&out, "E * * * * a:b\r\n");
}

/* ":s X" and a text of `bytes` times "a" and one "ä". */
static size_t body_with(size_t bytes, bool is_word)
{
    char text[1000];
    struct buf out;
    struct irc_line line = {.out = &out};

    memset(text, 'a', sizeof(text));
    memcpy(&text[bytes], "\xc3\xa4", 2);
    buf_init(&out, 1000);
    irc_line_start(&line, BYTES("s"), "X");
    if (is_word)
        irc_line_word(&line, (struct bytes){text, bytes + 2});
    else
        irc_line_last(&line, (struct bytes){text, bytes + 2});
    irc_line_end(&line);
    assert_int_equal(buf_error(&out), 0);
    assert_true(utf8_is_valid(buf_bytes(&out)));
    size_t len = out.len;
    buf_done(&out);
    return len;
}

static void test_irc_line_cuts_between_characters(void **state)
{
    (void)state;
    assert_int_equal(body_with(501, false), 511); /* ":s X" + " :" + 503 */
    assert_int_equal(body_with(502, false), 512);
    assert_int_equal(body_with(503, false), 511); /* no room for the whole character */
    assert_int_equal(body_with(900, false), 512);
    assert_int_equal(body_with(503, true), 512);
    assert_int_equal(body_with(504, true), 511);
}

static void test_irc_line_drops_tags_over_the_limit(void **state)
{
    static char value[5000];
    struct buf out;
    struct irc_line line = {.out = &out};
    (void)state;

    memset(value, 'v', sizeof(value));
    buf_init(&out, 10000);
    irc_line_tag(&line, "a", (struct bytes){value, 4093});
    irc_line_tag(&line, "b", (struct bytes){value, 4092});
    irc_line_tag(&line, "c", BYTES(""));
    irc_line_start(&line, BYTES(""), "X");
    irc_line_end(&line);
    assert_int_equal(out.len, 1 + 4094 + 1 + 1 + 2);
    assert_memory_equal(out.ptr, "@b=v", 4);
    buf_done(&out);
}

static void assert_split(const char *text, size_t max_bytes, const char *const *want)
{
    struct bytes rest = bytes_of(text), piece;

    for (; *want != NULL; want++) {
        assert_true(irc_split(&rest, max_bytes, &piece));
        assert_bytes(piece, *want);
    }
    assert_false(irc_split(&rest, max_bytes, &piece));
}

static void test_irc_split_at_lines_spaces_and_characters(void **state)
{
    (void)state;
    assert_split("", 10, (const char *const[]){NULL});
    assert_split("a\n\nb", 10, (const char *const[]){"a", "", "b", NULL});
    assert_split("0123456789", 10, (const char *const[]){"0123456789", NULL});
    assert_split("0123456789a", 10, (const char *const[]){"0123456789", "a", NULL});
    assert_split("0123456789 ab", 10, (const char *const[]){"0123456789", "ab", NULL});
    assert_split("0123456 89ab", 10, (const char *const[]){"0123456", "89ab", NULL});
    assert_split("01 3456789ab", 10, (const char *const[]){"01 3456789", "ab", NULL});
    assert_split("012\xc3\xa4", 4, (const char *const[]){"012", "\xc3\xa4", NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_message_parse_finds_all_parts),
        cmocka_unit_test(test_irc_message_parse_takes_many_spaces),
        cmocka_unit_test(test_irc_message_parse_keeps_empty_and_odd_last_parameters),
        cmocka_unit_test(test_irc_message_parse_gives_the_rest_to_the_fifteenth),
        cmocka_unit_test(test_irc_message_parse_refuses_what_is_no_message),
        cmocka_unit_test(test_irc_message_parse_limits_tags_and_the_rest_apart),
        cmocka_unit_test(test_irc_tag_next_walks_over_all),
        cmocka_unit_test(test_irc_tag_find_takes_the_last),
        cmocka_unit_test(test_irc_tag_unescape_knows_all),
        cmocka_unit_test(test_irc_line_writes_all_parts),
        cmocka_unit_test(test_irc_line_echo_shows_only_words),
        cmocka_unit_test(test_irc_line_cuts_between_characters),
        cmocka_unit_test(test_irc_line_drops_tags_over_the_limit),
        cmocka_unit_test(test_irc_split_at_lines_spaces_and_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
