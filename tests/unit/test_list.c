/* The intrusive list: order, counts, unlinking and walks that remove. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/list.h"

struct item {
    char name;
    struct list_link link; /* not first, so that container_of() has to subtract */
};

static void item_init(struct item *item, char name)
{
    *item = (struct item){.name = name};
}

/* Checks the order forwards by LIST_FOREACH and backwards by the links. */
static void assert_order(struct list *list, const char *expected)
{
    size_t n = 0, expected_len = strlen(expected);
    LIST_FOREACH(item, list, struct item, link) {
        assert_true(n < expected_len);
        assert_int_equal(item->name, expected[n]);
        n++;
    }
    assert_int_equal(n, expected_len);
    assert_int_equal(list->count, expected_len);
    assert_int_equal(list_is_empty(list), expected_len == 0);
    for (struct list_link *at = list->head.prev; at != &list->head; at = at->prev) {
        n--;
        assert_int_equal(container_of(at, struct item, link)->name, expected[n]);
    }
    assert_int_equal(n, 0);
}

static void test_list_starts_empty(void **state)
{
    (void)state;
    struct list list;
    list_init(&list);
    assert_order(&list, "");
    assert_null(list_first(&list, struct item, link));
    assert_null(list_pop_front(&list));
    LIST_FOREACH_SAFE(item, &list, struct item, link)
        fail_msg("%s", "walked into an empty list");
}

static void test_list_zeroed_link_is_unlinked(void **state)
{
    (void)state;
    struct list list;
    struct item a;
    list_init(&list);
    item_init(&a, 'a');
    assert_false(list_is_linked(&a.link));
    list_remove(&list, &a.link);
    assert_order(&list, "");
    list_push_back(&list, &a.link);
    assert_true(list_is_linked(&a.link));
}

static void test_list_pushes_at_both_ends(void **state)
{
    (void)state;
    struct list list;
    struct item a, b, c;
    list_init(&list);
    item_init(&a, 'a');
    item_init(&b, 'b');
    item_init(&c, 'c');
    list_push_back(&list, &b.link);
    assert_order(&list, "b");
    list_push_back(&list, &c.link);
    list_push_front(&list, &a.link);
    assert_order(&list, "abc");
    assert_ptr_equal(list_first(&list, struct item, link), &a);
}

static void test_list_inserts_before(void **state)
{
    (void)state;
    struct list list;
    struct item a, b, c;
    list_init(&list);
    item_init(&a, 'a');
    item_init(&b, 'b');
    item_init(&c, 'c');
    list_push_back(&list, &c.link);
    list_insert_before(&list, &c.link, &a.link);
    list_insert_before(&list, &c.link, &b.link);
    assert_order(&list, "abc");
}

static void test_list_remove_twice_is_harmless(void **state)
{
    (void)state;
    struct list list;
    struct item items[3];
    list_init(&list);
    for (unsigned i = 0; i < 3; i++) {
        item_init(&items[i], (char)('a' + i));
        list_push_back(&list, &items[i].link);
    }
    list_remove(&list, &items[1].link);
    assert_order(&list, "ac");
    assert_false(list_is_linked(&items[1].link));
    list_remove(&list, &items[1].link);
    assert_order(&list, "ac");
    list_remove(&list, &items[0].link);
    list_remove(&list, &items[2].link);
    assert_order(&list, "");
    list_push_back(&list, &items[1].link);
    assert_order(&list, "b");
}

static void test_list_pops_in_order(void **state)
{
    (void)state;
    struct list list;
    struct item items[3];
    list_init(&list);
    for (unsigned i = 0; i < 3; i++) {
        item_init(&items[i], (char)('a' + i));
        list_push_back(&list, &items[i].link);
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_ptr_equal(list_pop_front(&list), &items[i].link);
        assert_false(list_is_linked(&items[i].link));
    }
    assert_null(list_pop_front(&list));
    assert_order(&list, "");
}

static void test_list_safe_walk_may_remove(void **state)
{
    (void)state;
    static const char *const removals[] = {"", "a", "d", "bc", "ad", "abcd"};
    static const char *const left[] = {"abcd", "bcd", "abc", "ad", "bc", ""};
    for (size_t row = 0; row < ARRAY_LEN(removals); row++) {
        struct list list;
        struct item items[4];
        size_t seen = 0;
        list_init(&list);
        for (unsigned i = 0; i < 4; i++) {
            item_init(&items[i], (char)('a' + i));
            list_push_back(&list, &items[i].link);
        }
        LIST_FOREACH_SAFE(item, &list, struct item, link) {
            seen++;
            if (strchr(removals[row], item->name) != NULL)
                list_remove(&list, &item->link);
        }
        assert_int_equal(seen, 4);
        assert_order(&list, left[row]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_starts_empty),
        cmocka_unit_test(test_list_zeroed_link_is_unlinked),
        cmocka_unit_test(test_list_pushes_at_both_ends),
        cmocka_unit_test(test_list_inserts_before),
        cmocka_unit_test(test_list_remove_twice_is_harmless),
        cmocka_unit_test(test_list_pops_in_order),
        cmocka_unit_test(test_list_safe_walk_may_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
