/* Places: in all, of one host, and of one host without a name. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "session/registry.h"

static struct addr peer(const char *text)
{
    struct addr addr;
    const char *why;
    assert_int_equal(addr_parse(bytes_of(text), &addr, &why), 0);
    return addr;
}

static int enter(struct registry *registry, struct registry_entry *entry, const char *address)
{
    struct addr addr = peer(address);
    int r = registry_admit(registry, entry);
    return r < 0 ? r : registry_set_host(entry, &addr);
}

static void test_registry_in_all(void **state)
{
    struct registry registry;
    struct registry_entry entries[3];
    (void)state;

    registry_init(&registry, &(struct registry_config){.sessions = 2});
    assert_int_equal(enter(&registry, &entries[0], "192.0.2.1:1"), 0);
    assert_int_equal(registry_admit(&registry, &entries[1]), 0); /* its host is not known yet */
    assert_int_equal(registry_admit(&registry, &entries[2]), -ENFILE);
    registry_leave(&entries[2]);
    assert_int_equal(registry_count(&registry), 2);
    registry_leave(&entries[1]);
    assert_int_equal(enter(&registry, &entries[2], "192.0.2.1:1"), 0);
    registry_leave(&entries[0]);
    registry_leave(&entries[2]);
    registry_leave(&entries[2]);
    assert_int_equal(registry_count(&registry), 0);
    registry_done(&registry);
}

static void test_registry_of_one_host(void **state)
{
    struct registry registry;
    struct registry_entry entries[4];
    (void)state;

    registry_init(&registry, &(struct registry_config){.per_address = 2});
    assert_int_equal(enter(&registry, &entries[0], "192.0.2.1:1"), 0);
    assert_int_equal(enter(&registry, &entries[1], "192.0.2.1:2"), 0);
    assert_int_equal(enter(&registry, &entries[2], "192.0.2.1:3"), -EUSERS);
    assert_int_equal(enter(&registry, &entries[3], "192.0.2.2:3"), 0);
    registry_leave(&entries[2]); /* was refused: gives nobody a place */
    assert_int_equal(enter(&registry, &entries[2], "192.0.2.1:3"), -EUSERS);
    registry_leave(&entries[2]);
    registry_leave(&entries[0]);
    assert_int_equal(enter(&registry, &entries[2], "192.0.2.1:3"), 0);
    for (int i = 0; i < 4; i++)
        registry_leave(&entries[i]);
    registry_done(&registry);
}

static void test_registry_without_a_name(void **state)
{
    struct registry registry;
    struct registry_entry entries[4];
    (void)state;

    registry_init(&registry, &(struct registry_config){.unnamed_per_address = 2});
    assert_int_equal(enter(&registry, &entries[0], "192.0.2.1:1"), 0);
    assert_int_equal(enter(&registry, &entries[1], "192.0.2.1:2"), 0);
    assert_int_equal(enter(&registry, &entries[2], "192.0.2.1:3"), -EBUSY);
    registry_leave(&entries[2]);
    assert_int_equal(registry_unnamed_count(&registry), 2);
    registry_set_named(&entries[0]);
    assert_int_equal(registry_unnamed_count(&registry), 1);
    assert_int_equal(enter(&registry, &entries[2], "192.0.2.1:3"), 0);
    assert_int_equal(enter(&registry, &entries[3], "192.0.2.1:4"), -EBUSY);
    registry_leave(&entries[3]);
    registry_leave(&entries[0]); /* had a name: frees no place of those without */
    assert_int_equal(registry_unnamed_count(&registry), 2);
    assert_int_equal(enter(&registry, &entries[3], "192.0.2.1:4"), -EBUSY);
    registry_leave(&entries[3]);
    registry_leave(&entries[1]);
    assert_int_equal(enter(&registry, &entries[3], "192.0.2.1:4"), 0);
    registry_leave(&entries[2]);
    registry_leave(&entries[3]);
    registry_done(&registry);
}

static void leave(struct registry_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        registry_leave(&entries[i]);
}

static void test_registry_is_deserted_when_half_of_a_crowd_has_gone(void **state)
{
    struct registry registry;
    struct registry_entry entries[200];
    (void)state;

    registry_init(&registry, &(struct registry_config){0});
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(registry_admit(&registry, &entries[i]), 0);
    assert_false(registry_is_deserted(&registry));
    leave(entries, 99);
    assert_false(registry_is_deserted(&registry));
    leave(&entries[99], 1);
    assert_true(registry_is_deserted(&registry));
    assert_false(registry_is_deserted(&registry)); /* once */
    leave(&entries[100], 50);
    assert_true(registry_is_deserted(&registry));
    leave(&entries[150], 31);
    assert_false(registry_is_deserted(&registry)); /* more than half, but few */
    leave(&entries[181], 1);
    assert_true(registry_is_deserted(&registry));
    leave(&entries[182], 18);
    assert_false(registry_is_deserted(&registry));
    registry_done(&registry);
}

static void test_registry_walk_goes_on_while_some_leave(void **state)
{
    struct registry registry;
    struct registry_entry entries[5];
    struct registry_walk walk = {0};
    (void)state;

    registry_init(&registry, &(struct registry_config){0});
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(enter(&registry, &entries[i], "192.0.2.1:1"), 0);
    registry_walk_begin(&registry, &walk);
    assert_ptr_equal(registry_walk_next(&registry, &walk), &entries[0]);
    registry_leave(&entries[0]); /* the last one seen */
    registry_leave(&entries[1]); /* the next one */
    registry_leave(&entries[2]); /* and the one that is next then */
    assert_int_equal(enter(&registry, &entries[4], "192.0.2.1:1"), 0);
    assert_ptr_equal(registry_walk_next(&registry, &walk), &entries[3]);
    registry_leave(&entries[4]);
    assert_null(registry_walk_next(&registry, &walk));
    assert_null(registry_walk_next(&registry, &walk));
    registry_walk_end(&registry, &walk);
    registry_walk_end(&registry, &walk);
    registry_leave(&entries[3]);
    registry_done(&registry);
}

static void test_registry_ask_says_what_would_be(void **state)
{
    struct registry registry;
    struct registry_entry entries[3];
    size_t count, unnamed;
    struct addr one = peer("192.0.2.1:1"), other = peer("192.0.2.2:1");
    (void)state;

    registry_init(&registry,
                  &(struct registry_config){.sessions = 3, .per_address = 2, .unnamed_per_address = 1});
    assert_int_equal(registry_ask(&registry, &one, &count, &unnamed), 0);
    assert_int_equal(enter(&registry, &entries[0], "192.0.2.1:1"), 0);
    assert_int_equal(registry_ask(&registry, &one, &count, &unnamed), -EBUSY);
    assert_int_equal(unnamed, 1);
    registry_set_named(&entries[0]);
    assert_int_equal(registry_ask(&registry, &one, &count, &unnamed), 0);
    assert_int_equal(enter(&registry, &entries[1], "192.0.2.1:1"), 0);
    assert_int_equal(registry_ask(&registry, &one, &count, &unnamed), -EUSERS);
    assert_int_equal(count, 2);
    assert_int_equal(registry_ask(&registry, &other, &count, &unnamed), 0);
    assert_int_equal(enter(&registry, &entries[2], "192.0.2.2:1"), 0);
    assert_int_equal(registry_ask(&registry, &other, &count, &unnamed), -ENFILE);
    for (size_t i = 0; i < 3; i++)
        registry_leave(&entries[i]);
    registry_done(&registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry_walk_goes_on_while_some_leave),
        cmocka_unit_test(test_registry_ask_says_what_would_be),
        cmocka_unit_test(test_registry_in_all),
        cmocka_unit_test(test_registry_of_one_host),
        cmocka_unit_test(test_registry_without_a_name),
        cmocka_unit_test(test_registry_is_deserted_when_half_of_a_crowd_has_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
