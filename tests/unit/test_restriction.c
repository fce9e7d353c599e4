/* Masks, and lists of bans and mutes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "chat/restriction.h"
#include "chat/user.h"
#include "support/chat_world.h"

static void test_restriction_glob(void **state)
{
    static const struct {
        const char *glob, *text;
        bool fits;
    } cases[] = {
        {"bob", "bob", true},
        {"bob", "BOB", true},
        {"bob", "bobby", false},
        {"bob*", "bobby", true},
        {"bob*", "bob", true},
        {"*", "", true},
        {"", "", true},
        {"", "x", false},
        {"?", "x", true},
        {"?", "", false},
        {"b?b", "bob", true},
        {"b?b", "bb", false},
        {"*b*b", "aabab", true},
        {"*b*b", "aabaa", false},
        {"**x**", "x", true},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "acb", false},
        {"[b]", "[B]", true},
        {"192.0.2.*", "192.0.2.77", true},
        {"192.0.2.*", "192.0.20.1", false},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (restriction_glob(bytes_of(cases[i].glob), bytes_of(cases[i].text)) != cases[i].fits)
            fail_msg("\"%s\" and \"%s\"", cases[i].glob, cases[i].text);
    }
}

/* Each '*' tries again from where it stood only: this would take forever otherwise. */
static void test_restriction_glob_is_not_exponential(void **state)
{
    char text[4000];
    (void)state;

    memset(text, 'a', sizeof(text));
    assert_false(restriction_glob(BYTES("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"),
                                  (struct bytes){text, sizeof(text)}));
}

static void test_restriction_is_mask(void **state)
{
    static const char *const good[] = {
        "bob", "troll*", "*", "?o?", "*@192.0.2.*", "*!*@host-1.example", "*@2001:db8::*", "x[y]{z}|^_"};
    static const char *const bad[] = {"", "a b", "a@b@c", "#ops", "$", "a/b", "x\x1b", "\xc3\xa9", "x.y"};
    char longest[RESTRICTION_MASK_BYTES_MAX + 1];
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(restriction_is_mask(bytes_of(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(restriction_is_mask(bytes_of(bad[i])));
    memset(longest, 'a', sizeof(longest));
    assert_true(restriction_is_mask((struct bytes){longest, RESTRICTION_MASK_BYTES_MAX}));
    assert_false(restriction_is_mask((struct bytes){longest, RESTRICTION_MASK_BYTES_MAX + 1}));
}

static void add(struct list *list, struct restriction_spec spec)
{
    struct restriction *restriction = restriction_new(&spec);
    assert_non_null(restriction);
    restriction_add(list, restriction);
}

static void test_restriction_means_name_person_or_host(void **state)
{
    struct chat_scene *s = *state;
    struct list list;

    list_init(&list);
    hub_set_origin(s->world.hub, s->bob, &(struct hub_origin){.host = BYTES("192.0.2.7")});
    add(&list, (struct restriction_spec){.mask = BYTES("B?b"), .until_ms = RESTRICTION_FOREVER});
    assert_non_null(restriction_find(&list, s->bob, 0));
    assert_null(restriction_find(&list, s->alice, 0));
    restriction_clear(&list);
    add(&list, (struct restriction_spec){.mask = BYTES("old"), .user_id = s->bob->id, .until_ms = 5});
    assert_non_null(restriction_find(&list, s->bob, 4));
    restriction_clear(&list);
    add(&list, (struct restriction_spec){.mask = BYTES("*@192.0.2.*"), .until_ms = 5});
    assert_non_null(restriction_find(&list, s->bob, 4));
    assert_null(restriction_find(&list, s->alice, 4)); /* whose host is not known */
    restriction_clear(&list);
    add(&list, (struct restriction_spec){.mask = BYTES("*!*@192.0.3.*"), .until_ms = 5});
    assert_null(restriction_find(&list, s->bob, 4));
    restriction_clear(&list);
    add(&list,
        (struct restriction_spec){.mask = BYTES("*@carol"), .host = BYTES("192.0.2.7"), .until_ms = 5});
    assert_non_null(restriction_find(&list, s->bob, 4));
    assert_null(restriction_find(&list, s->alice, 4));
    restriction_clear(&list);
    assert_true(list_is_empty(&list));
}

static void test_restriction_ends_and_the_longest_counts(void **state)
{
    struct chat_scene *s = *state;
    struct list list;

    list_init(&list);
    add(&list, (struct restriction_spec){.mask = BYTES("bob"), .until_ms = 1000});
    add(&list, (struct restriction_spec){.mask = BYTES("b*"), .until_ms = 2000});
    add(&list, (struct restriction_spec){.mask = BYTES("bo*"), .until_ms = 1500});
    assert_string_equal(restriction_find(&list, s->bob, 999)->mask, "b*");
    assert_non_null(restriction_find(&list, s->bob, 1999));
    assert_null(restriction_find(&list, s->bob, 2000));
    restriction_purge(&list, 1499);
    assert_int_equal(list.count, 2);
    restriction_purge(&list, 1500);
    assert_int_equal(list.count, 1);
    restriction_clear(&list);
}

static void test_restriction_of_the_same_mask_replaces(void **state)
{
    struct chat_scene *s = *state;
    struct list list;

    list_init(&list);
    add(&list, (struct restriction_spec){.mask = BYTES("bob"), .until_ms = 2000, .why = BYTES("one")});
    add(&list, (struct restriction_spec){.mask = BYTES("BOB"), .until_ms = 1000, .why = BYTES("two")});
    assert_int_equal(list.count, 1);
    assert_string_equal(restriction_find(&list, s->bob, 0)->why, "two");
    assert_true(restriction_has(&list, BYTES("bob"), 0));
    assert_false(restriction_has(&list, BYTES("bo"), s->bob->id));
    restriction_remove(&list, BYTES("Bob"), 0);
    assert_true(list_is_empty(&list));
    add(&list, (struct restriction_spec){.mask = BYTES("x"), .user_id = 7, .until_ms = 1000});
    assert_true(restriction_has(&list, BYTES("y"), 7));
    restriction_remove(&list, BYTES("y"), 7);
    assert_true(list_is_empty(&list));
}

#define SCENE_TEST(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_restriction_glob),
        cmocka_unit_test(test_restriction_glob_is_not_exponential),
        cmocka_unit_test(test_restriction_is_mask),
        SCENE_TEST(test_restriction_means_name_person_or_host),
        SCENE_TEST(test_restriction_ends_and_the_longest_counts),
        SCENE_TEST(test_restriction_of_the_same_mask_replaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
