/* Names: the alphabet, the lengths at their limits, and folding. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "chat/name.h"

static void test_name_takes_every_allowed_character(void **state)
{
    (void)state;
    assert_true(name_is_user(BYTES("abcxyzABCXYZ019")));
    assert_true(name_is_user(BYTES("_-[]{}|^")));
    assert_true(name_is_user(BYTES("a")));
    assert_true(name_is_user(BYTES("[bot]")));
    assert_true(name_is_room(BYTES("#-[]{}|^_.0aZ")));
    assert_true(name_is_room(BYTES("#1")));
    assert_true(name_is_room(BYTES("#.")));
}

static void test_name_refuses_every_other_byte(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_digit = c >= '0' && c <= '9';
        bool is_allowed = is_letter || is_digit || (c != 0 && strchr("-_[]{}|^", c) != NULL);
        char user[2] = {'a', (char)c}, room[3] = {'#', 'a', (char)c};
        assert_int_equal(name_is_user((struct bytes){user, 2}), is_allowed);
        assert_int_equal(name_is_room((struct bytes){room, 3}), is_allowed || c == '.');
    }
}

static void test_name_of_user_refuses_bad_first_characters(void **state)
{
    (void)state;
    assert_false(name_is_user(BYTES("1bob")));
    assert_false(name_is_user(BYTES("-bob")));
    assert_false(name_is_user(BYTES("#bob")));
    assert_false(name_is_user(BYTES("")));
    assert_false(name_is_user((struct bytes){NULL, 0}));
    assert_true(name_is_user(BYTES("_1-")));
}

static void test_name_of_room_needs_hash_and_more(void **state)
{
    (void)state;
    assert_false(name_is_room(BYTES("#")));
    assert_false(name_is_room(BYTES("")));
    assert_false(name_is_room((struct bytes){NULL, 0}));
    assert_false(name_is_room(BYTES("ops")));
    assert_false(name_is_room(BYTES("##ops")));
}

static void test_name_lengths_at_their_limits(void **state)
{
    (void)state;
    char text[NAME_BYTES_MAX + 2];
    memset(text, 'a', sizeof(text));
    assert_true(name_is_user((struct bytes){text, NAME_USER_BYTES_MAX - 1}));
    assert_true(name_is_user((struct bytes){text, NAME_USER_BYTES_MAX}));
    assert_false(name_is_user((struct bytes){text, NAME_USER_BYTES_MAX + 1}));
    text[0] = '#';
    assert_true(name_is_room((struct bytes){text, NAME_ROOM_BYTES_MAX - 1}));
    assert_true(name_is_room((struct bytes){text, NAME_ROOM_BYTES_MAX}));
    assert_false(name_is_room((struct bytes){text, NAME_ROOM_BYTES_MAX + 1}));
}

static void test_name_set_keeps_case_and_folds(void **state)
{
    (void)state;
    struct name name;
    name_set(&name, BYTES("BoB[]|"));
    assert_string_equal(name.text, "BoB[]|");
    assert_string_equal(name.folded, "bob[]|"); /* rfc1459 would make "{}\\" of it. */
    name_set(&name, BYTES("AZaz"));
    assert_string_equal(name.folded, "azaz");
    name_set(&name, BYTES("#Ops"));
    assert_string_equal(name.text, "#Ops");
    assert_string_equal(name.folded, "#ops");
}

static void test_name_set_takes_longest_room(void **state)
{
    (void)state;
    char text[NAME_ROOM_BYTES_MAX];
    memset(text, 'A', sizeof(text));
    text[0] = '#';
    struct name name;
    name_set(&name, (struct bytes){text, sizeof(text)});
    assert_int_equal(strlen(name.text), NAME_ROOM_BYTES_MAX);
    assert_int_equal(strlen(name.folded), NAME_ROOM_BYTES_MAX);
    assert_int_equal(name.folded[NAME_ROOM_BYTES_MAX - 1], 'a');
}

static void test_name_fold_gives_nothing_for_too_long_text(void **state)
{
    (void)state;
    char text[NAME_BYTES_MAX + 1], folded[NAME_BYTES_MAX + 1];
    memset(text, 'A', sizeof(text));
    name_fold((struct bytes){text, NAME_BYTES_MAX}, folded);
    assert_int_equal(strlen(folded), NAME_BYTES_MAX);
    name_fold((struct bytes){text, NAME_BYTES_MAX + 1}, folded);
    assert_string_equal(folded, "");
    name_fold((struct bytes){NULL, 0}, folded);
    assert_string_equal(folded, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_takes_every_allowed_character),
        cmocka_unit_test(test_name_refuses_every_other_byte),
        cmocka_unit_test(test_name_of_user_refuses_bad_first_characters),
        cmocka_unit_test(test_name_of_room_needs_hash_and_more),
        cmocka_unit_test(test_name_lengths_at_their_limits),
        cmocka_unit_test(test_name_set_keeps_case_and_folds),
        cmocka_unit_test(test_name_set_takes_longest_room),
        cmocka_unit_test(test_name_fold_gives_nothing_for_too_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
