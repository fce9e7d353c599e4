/* Who is named in a text. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chat/mention.h"

static void test_mention_is_in(void **state)
{
    static const char *const yes[] = {"bob",     "bob: hi", "hi Bob",  "(bob)",
                                      "[bob] x", "x,bob,y", "\"bob\"", "hello-bob bob",
                                      "bob's",   "-bob-",   "BOB!!!",  "\xc3\xa9 bob"};
    static const char *const no[] = {"", "bobby", "abob", "hello-bob", "bo b", "b_ob", "bob2", "bob-x"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(mention_is_in(bytes_of(yes[i]), BYTES("bob")));
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(mention_is_in(bytes_of(no[i]), BYTES("bob")));
    assert_true(mention_is_in(BYTES("hi [bob]"), BYTES("[bob]")));
    static const char *const formatted[] = {"\x03"
                                            "04bob",
                                            "a \x03"
                                            "4,12bob\x03",
                                            "\x02"
                                            "bob\x02",
                                            "\x04"
                                            "FF0000bob"};
    for (size_t i = 0; i < ARRAY_LEN(formatted); i++)
        assert_true(mention_is_in(bytes_of(formatted[i]), BYTES("bob")));
    assert_false(mention_is_in(BYTES("\x03"
                                     "041bob"),
                               BYTES("bob"))); /* the third digit is text */
    assert_false(mention_is_in(BYTES("hi bob"), BYTES("[bob]")));
    assert_true(mention_is_in(BYTES("|_-^ hi"), BYTES("|_-^")));
}

static void test_mention_cut_loses_nothing(void **state)
{
    struct bytes text = BYTES("..bob, [al] -- \x02x\x02\xc3\xa9"), rest = text, before, word;
    const char *at = text.ptr;
    (void)state;

    while (rest.len > 0) {
        mention_cut(&rest, &before, &word);
        assert_ptr_equal(before.ptr, at);
        assert_ptr_equal(word.ptr, before.ptr + before.len);
        at = word.ptr + word.len;
        assert_ptr_equal(rest.ptr, at);
    }
    assert_ptr_equal(at, text.ptr + text.len);
    assert_int_equal(mention_core(BYTES("--")).len, 0);
    assert_true(bytes_eq(mention_core(BYTES("[a-b]")), BYTES("a-b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mention_is_in),
        cmocka_unit_test(test_mention_cut_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
