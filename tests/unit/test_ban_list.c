/* Bans of the server: whom each kind of mask means, when they end, how many there may be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "session/ban_list.h"

static const struct bytes nobody = {NULL, 0};

static const struct ban *find(const struct ban_list *list, const char *address, struct bytes name, int64_t ms)
{
    struct addr addr;
    const char *why;
    assert_int_equal(addr_parse(bytes_of(address), &addr, &why), 0);
    return ban_list_find(list, &addr, name, ms);
}

static int add(struct ban_list *list, const char *mask, int64_t until_ms)
{
    const struct ban *ban;
    return ban_list_add(list, bytes_of(mask), until_ms, BYTES("why"), &ban);
}

static bool keeps_out(const char *mask, const char *address, const char *name)
{
    struct ban_list list;
    ban_list_init(&list);
    assert_int_equal(add(&list, mask, BAN_FOREVER), 0);
    bool result = find(&list, address, bytes_of(name), 0) != NULL;
    ban_list_done(&list);
    return result;
}

static void test_ban_list_masks(void **state)
{
    (void)state;
    assert_true(keeps_out("192.0.2.7", "192.0.2.7:1", ""));
    assert_true(keeps_out("192.0.2.7", "[::ffff:192.0.2.7]:1", ""));
    assert_false(keeps_out("192.0.2.7", "192.0.2.70:1", ""));
    assert_true(keeps_out("2001:db8::/32", "[2001:db8::9]:1", "bob"));
    assert_false(keeps_out("2001:db8::/32", "[2001:db9::9]:1", "bob"));
    assert_true(keeps_out("unix", "unix:/run/x", ""));
    assert_true(keeps_out("*@192.0.2.*", "192.0.2.7:1", ""));
    assert_true(keeps_out("*@192.0.2.*", "[::ffff:192.0.2.7]:1", ""));
    assert_true(keeps_out("*@2001:db8:*", "[2001:db8::9]:1", ""));
    assert_false(keeps_out("*@192.0.2.*", "192.0.3.7:1", "bob"));
    assert_true(keeps_out("troll*", "192.0.2.7:1", "Troll2"));
    assert_false(keeps_out("troll*", "192.0.2.7:1", "")); /* not named yet */
    assert_false(keeps_out("troll*", "192.0.2.7:1", "bob"));
    assert_true(keeps_out("troll*@192.0.2.*", "192.0.2.7:1", "troll"));
    assert_false(keeps_out("troll*@192.0.2.*", "192.0.2.7:1", ""));
    assert_false(keeps_out("troll*@192.0.2.*", "192.0.3.7:1", "troll"));
}

static void test_ban_list_refuses_what_is_no_mask(void **state)
{
    static const char *const bad[] = {"", "a b", "10.0.0.1/8", "192.0.2.*", "x@y@z", "\033"};
    struct ban_list list;
    (void)state;
    ban_list_init(&list);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(add(&list, bad[i], BAN_FOREVER), -EINVAL);
    assert_int_equal(list.bans.count, 0);
    ban_list_done(&list);
}

static void test_ban_list_ends(void **state)
{
    struct ban_list list;
    (void)state;
    ban_list_init(&list);
    assert_int_equal(add(&list, "192.0.2.7", 1000), 0);
    assert_non_null(find(&list, "192.0.2.7:1", nobody, 999));
    assert_null(find(&list, "192.0.2.7:1", nobody, 1000));
    ban_list_purge(&list, 999);
    assert_int_equal(list.bans.count, 1);
    ban_list_purge(&list, 1000);
    assert_int_equal(list.bans.count, 0);
    ban_list_done(&list);
}

static void test_ban_list_same_mask_is_replaced(void **state)
{
    struct ban_list list;
    (void)state;
    ban_list_init(&list);
    assert_int_equal(add(&list, "troll*", 1000), 0);
    assert_int_equal(add(&list, "TROLL*", 2000), 0);
    assert_int_equal(list.bans.count, 1);
    assert_non_null(find(&list, "192.0.2.7:1", BYTES("troll"), 1500));
    assert_true(ban_list_remove(&list, BYTES("troll*")));
    assert_false(ban_list_remove(&list, BYTES("troll*")));
    ban_list_done(&list);
}

static void test_ban_list_has_a_limit(void **state)
{
    struct ban_list list;
    char mask[32];
    (void)state;
    ban_list_init(&list);
    for (int i = 0; i < BAN_LIST_MAX; i++) {
        snprintf(mask, sizeof(mask), "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        assert_int_equal(add(&list, mask, BAN_FOREVER), 0);
    }
    assert_int_equal(add(&list, "192.0.2.7", BAN_FOREVER), -ENOSPC);
    assert_true(ban_list_remove(&list, BYTES("10.0.0.0")));
    assert_int_equal(add(&list, "192.0.2.7", BAN_FOREVER), 0);
    ban_list_done(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ban_list_masks),       cmocka_unit_test(test_ban_list_refuses_what_is_no_mask),
        cmocka_unit_test(test_ban_list_ends),        cmocka_unit_test(test_ban_list_same_mask_is_replaced),
        cmocka_unit_test(test_ban_list_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
