/* Masks of IRC and of the domain. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/irc_mask.h"

static void test_irc_source_shows_no_address(void **state)
{
    struct irc_source source;
    struct bytes bob = irc_source(&source, BYTES("bob"));
    (void)state;

    assert_string_equal(source.text, "bob!u@bob.mingle");
    assert_int_equal(bob.len, strlen(source.text));
    assert_memory_equal(irc_source_host(bob).ptr, "bob.mingle", 10);
    (void)irc_source(&source, BYTES("123456789012345678901234567890"));
    assert_int_equal(strlen(source.text), IRC_SOURCE_BYTES_MAX);
}

static void assert_means(const char *mask, const char *want)
{
    struct irc_chat_mask have;

    assert_true(irc_mask_parse(bytes_of(mask), &have));
    assert_string_equal(have.text, want);
}

static void test_irc_mask_parse_keeps_the_meaning(void **state)
{
    (void)state;
    assert_means("troll", "troll");
    assert_means("troll!*@*", "troll");
    assert_means("troll*!*@*", "troll*");
    assert_means("troll!*", "troll");
    assert_means("troll@*", "troll");
    assert_means("*!*@192.0.2.*", "*@192.0.2.*");
    assert_means("@192.0.2.1", "*@192.0.2.1");
    assert_means("troll!*@192.0.2.*", "troll@192.0.2.*");
    /* What clients make of bob!u@bob.mingle. */
    assert_means("*!*@bob.mingle", "*@bob");
    assert_means("*!*u@bob.MINGLE", "*@bob");
    assert_means("bob!u@bob.mingle", "bob");
    assert_means("bob!*@*.mingle", "bob");
    assert_means("*!*@b*b.mingle", "b*b");
    assert_means("*!*@[x].mingle", "[x]");
}

static void test_irc_mask_parse_refuses_what_means_everybody(void **state)
{
    static const char *const bad[] = {
        "",
        "*",
        "*!*@*",
        "**!*@**",
        "*!*@*.mingle",
        "*!u@*",
        "tr oll",
        "a@b@c",
        "0123456789012345678901234567890123456789012345678901234567890123x!*@*"};
    struct irc_chat_mask mask = {"untouched"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(irc_mask_parse(bytes_of(bad[i]), &mask));
    assert_string_equal(mask.text, "untouched");
}

static void assert_shown(const char *mask, const char *want)
{
    struct buf out;

    buf_init(&out, 100);
    irc_mask_put(bytes_of(mask), &out);
    buf_put_char(&out, '\0');
    assert_string_equal(out.ptr, want);
    buf_done(&out);
}

static void test_irc_mask_put_shows_three_parts(void **state)
{
    (void)state;
    assert_shown("troll*", "troll*!*@*");
    assert_shown("*@192.0.2.*", "*!*@192.0.2.*");
    assert_shown("*!*@192.0.2.*", "*!*@192.0.2.*");
    assert_shown("*@bob", "*!*@bob.mingle");
    assert_shown("b*!*@bob", "b*!*@bob.mingle");
    assert_shown("*@2001:db8::*", "*!*@2001:db8::*");
    assert_shown("*@b?b", "*!*@b?b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_source_shows_no_address),
        cmocka_unit_test(test_irc_mask_parse_keeps_the_meaning),
        cmocka_unit_test(test_irc_mask_parse_refuses_what_means_everybody),
        cmocka_unit_test(test_irc_mask_put_shows_three_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
