/* The hash map: SipHash's published vectors, and a long random run against the simplest model. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"

#define ITEM_COUNT 100000u

struct item {
    char key_text[16];
    struct bytes key;
    bool is_in_map, is_seen; /* the model */
};

/* Key 00 01 .. 0f; input i is the first i bytes of 00 01 02 ..; as in the authors' reference code. */
static void test_hashmap_siphash_gives_the_published_vectors(void **state)
{
    (void)state;
    static const uint64_t vectors[64] = {
        0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d, 0xcf2794e0277187b7,
        0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462, 0x9e0082df0ba9e4b0,
        0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7, 0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee,
        0xa129ca6149be45e5, 0x3f2acc7f57c29bdb, 0x699ae9f52cbe4794, 0x4bc1b3f0968dd39c, 0xbb6dc91da77961bd,
        0xbed65cf21aa2ee98, 0xd0f2cbb02e3b67c7, 0x93536795e3a33e88, 0xa80c038ccd5ccec8, 0xb8ad50c6f649af94,
        0xbce192de8a85b8ea, 0x17d835b85bbb15f3, 0x2f2e6163076bcfad, 0xde4daaaca71dc9a5, 0xa6a2506687956571,
        0xad87a3535c49ef28, 0x32d892fad841c342, 0x7127512f72f27cce, 0xa7f32346f95978e3, 0x12e0b01abb051238,
        0x15e034d40fa197ae, 0x314dffbe0815a3b4, 0x027990f029623981, 0xcadcd4e59ef40c4d, 0x9abfd8766a33735c,
        0x0e3ea96b5304a7d0, 0xad0c42d6fc585992, 0x187306c89bc215a9, 0xd4a60abcf3792b95, 0xf935451de4f21df2,
        0xa9538f0419755787, 0xdb9acddff56ca510, 0xd06c98cd5c0975eb, 0xe612a3cb9ecba951, 0xc766e62cfcadaf96,
        0xee64435a9752fe72, 0xa192d576b245165a, 0x0a8787bf8ecb74b2, 0x81b3e73d20b49b6f, 0x7fa8220ba3b2ecea,
        0x245731c13ca42499, 0xb78dbfaf3a8d83bd, 0xea1ad565322a1a0b, 0x60e61c23a3795013, 0x6606d7e446282b93,
        0x6ca4ecb15c5f91e1, 0x9f626da15c9625f3, 0xe51b38608ef25f57, 0x958a324ceb064572,
    };
    uint8_t key[16];
    char data[64];
    for (unsigned i = 0; i < 16; i++)
        key[i] = (uint8_t)i;
    for (unsigned i = 0; i < 64; i++)
        data[i] = (char)i;
    for (size_t len = 0; len < 64; len++)
        assert_true(hashmap_siphash(key, (struct bytes){data, len}) == vectors[len]);
    assert_true(hashmap_siphash(key, (struct bytes){NULL, 0}) == vectors[0]);
}

static void test_hashmap_siphash_does_not_need_alignment_or_sign(void **state)
{
    (void)state;
    uint8_t key[17] = {0};
    char data[40];
    memset(data, '\xFF', sizeof(data));
    uint64_t expected = hashmap_siphash(key, (struct bytes){data, 21});
    for (size_t offset = 1; offset < 16; offset++)
        assert_true(hashmap_siphash(key + 1, (struct bytes){data + offset, 21}) == expected);
    data[20] = '\x7F';
    assert_false(hashmap_siphash(key, (struct bytes){data, 21}) == expected);
    key[15] = 1;
    data[20] = '\xFF';
    assert_false(hashmap_siphash(key, (struct bytes){data, 21}) == expected);
}

static void test_hashmap_empty_answers_null(void **state)
{
    (void)state;
    struct hashmap map;
    size_t iter = 0;
    hashmap_init(&map);
    assert_null(map.slots);
    assert_null(hashmap_find(&map, BYTES("a")));
    assert_null(hashmap_remove(&map, BYTES("a")));
    assert_null(hashmap_next(&map, &iter));
    hashmap_done(&map);
    hashmap_done(NULL);
}

static void test_hashmap_put_find_remove(void **state)
{
    (void)state;
    struct hashmap map;
    int a = 1, b = 2;
    hashmap_init(&map);
    assert_int_equal(hashmap_put(&map, BYTES("alice"), &a), 0);
    assert_int_equal(hashmap_put(&map, BYTES("bob"), &b), 0);
    assert_int_equal(map.count, 2);
    assert_ptr_equal(hashmap_find(&map, BYTES("alice")), &a);
    assert_ptr_equal(hashmap_find(&map, BYTES("bob")), &b);
    assert_null(hashmap_find(&map, BYTES("alic")));
    assert_null(hashmap_find(&map, BYTES("alicee")));
    assert_null(hashmap_find(&map, BYTES("Alice")));
    assert_ptr_equal(hashmap_remove(&map, BYTES("alice")), &a);
    assert_null(hashmap_remove(&map, BYTES("alice")));
    assert_null(hashmap_find(&map, BYTES("alice")));
    assert_int_equal(map.count, 1);
    assert_int_equal(hashmap_put(&map, BYTES("alice"), &b), 0);
    assert_ptr_equal(hashmap_find(&map, BYTES("alice")), &b);
    hashmap_done(&map);
    assert_int_equal(map.count, 0);
    assert_null(hashmap_find(&map, BYTES("bob")));
    hashmap_done(&map);
}

static void test_hashmap_put_refuses_a_key_that_is_there(void **state)
{
    (void)state;
    struct hashmap map;
    int a = 1, b = 2;
    char same[] = "alice"; /* same bytes, other place */
    hashmap_init(&map);
    assert_int_equal(hashmap_put(&map, BYTES("alice"), &a), 0);
    assert_int_equal(hashmap_put(&map, bytes_of(same), &b), -EEXIST);
    assert_int_equal(map.count, 1);
    assert_ptr_equal(hashmap_find(&map, bytes_of(same)), &a);
    hashmap_done(&map);
}

static void test_hashmap_move_key_lets_the_old_bytes_go(void **state)
{
    (void)state;
    struct hashmap map;
    int a = 1;
    char before[] = "alice", now[] = "alice";
    hashmap_init(&map);
    assert_int_equal(hashmap_put(&map, bytes_of(before), &a), 0);
    hashmap_move_key(&map, bytes_of(now));
    before[0] = 'x';
    assert_ptr_equal(hashmap_find(&map, BYTES("alice")), &a);
    assert_int_equal(map.count, 1);
    assert_ptr_equal(hashmap_remove(&map, BYTES("alice")), &a);
    hashmap_done(&map);
}

static void test_hashmap_keys_are_bytes(void **state)
{
    (void)state;
    struct hashmap map;
    int values[4];
    hashmap_init(&map);
    assert_int_equal(hashmap_put(&map, (struct bytes){NULL, 0}, &values[0]), 0);
    assert_int_equal(hashmap_put(&map, BYTES("\0"), &values[1]), 0);
    assert_int_equal(hashmap_put(&map, BYTES("a\0b"), &values[2]), 0);
    assert_int_equal(hashmap_put(&map, BYTES("a\0c"), &values[3]), 0);
    assert_int_equal(hashmap_put(&map, BYTES(""), &values[3]), -EEXIST);
    assert_ptr_equal(hashmap_find(&map, BYTES("")), &values[0]);
    assert_ptr_equal(hashmap_find(&map, BYTES("\0")), &values[1]);
    assert_ptr_equal(hashmap_find(&map, BYTES("a\0b")), &values[2]);
    assert_ptr_equal(hashmap_find(&map, BYTES("a\0c")), &values[3]);
    hashmap_done(&map);
}

static struct item *items_new(void)
{
    struct item *items = calloc(ITEM_COUNT, sizeof(*items));
    assert_non_null(items);
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        snprintf(items[i].key_text, sizeof(items[i].key_text), "#room-%u", i);
        items[i].key = bytes_of(items[i].key_text);
    }
    return items;
}

/* xorshift64: the same run every time. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void put_by_model(struct hashmap *map, struct item *item)
{
    assert_int_equal(hashmap_put(map, item->key, item), item->is_in_map ? -EEXIST : 0);
    item->is_in_map = true;
}

static void remove_by_model(struct hashmap *map, struct item *item)
{
    assert_ptr_equal(hashmap_remove(map, item->key), item->is_in_map ? item : NULL);
    item->is_in_map = false;
}

/* Every answer, the count and a walk agree with the model. */
static void assert_agrees(const struct hashmap *map, struct item *items)
{
    size_t expected_count = 0, walked = 0, iter = 0;
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        items[i].is_seen = false;
        expected_count += items[i].is_in_map;
        assert_ptr_equal(hashmap_find(map, items[i].key), items[i].is_in_map ? &items[i] : NULL);
    }
    assert_int_equal(map->count, expected_count);
    for (struct item *item; (item = hashmap_next(map, &iter)) != NULL; walked++) {
        assert_true(item->is_in_map && !item->is_seen);
        item->is_seen = true;
    }
    assert_int_equal(walked, expected_count);
    assert_null(hashmap_next(map, &iter));
}

static void test_hashmap_agrees_with_a_model(void **state)
{
    (void)state;
    struct item *items = items_new();
    struct hashmap map;
    uint64_t seed = 0x9E3779B97F4A7C15u;
    hashmap_init(&map);
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        put_by_model(&map, &items[i]);
        if (next_random(&seed) % 4 == 0)
            remove_by_model(&map, &items[next_random(&seed) % (i + 1)]);
    }
    assert_agrees(&map, items);
    for (unsigned i = 0; i < 2 * ITEM_COUNT; i++) {
        struct item *item = &items[next_random(&seed) % ITEM_COUNT];
        if (next_random(&seed) % 2 == 0)
            put_by_model(&map, item);
        else
            remove_by_model(&map, item);
    }
    assert_agrees(&map, items);
    for (unsigned i = 0; i < ITEM_COUNT; i++)
        put_by_model(&map, &items[i]);
    assert_agrees(&map, items);
    hashmap_done(&map);
    free(items);
}

static void test_hashmap_walk_may_remove_what_it_returned(void **state)
{
    (void)state;
    struct item *items = items_new();
    struct hashmap map;
    size_t iter = 0, walked = 0;
    hashmap_init(&map);
    for (unsigned i = 0; i < 1000; i++)
        put_by_model(&map, &items[i]);
    for (struct item *item; (item = hashmap_next(&map, &iter)) != NULL; walked++) {
        assert_false(item->is_seen);
        item->is_seen = true;
        if ((item - items) % 3 != 0)
            remove_by_model(&map, item);
    }
    assert_int_equal(walked, 1000);
    assert_int_equal(map.count, 334);
    assert_agrees(&map, items);
    hashmap_done(&map);
    free(items);
}

/* Members come and go for months: the table must stay as small as what is in it at a time. */
static void test_hashmap_churn_does_not_grow(void **state)
{
    (void)state;
    struct item *items = items_new();
    struct hashmap map;
    hashmap_init(&map);
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        put_by_model(&map, &items[i]);
        if (i >= 10)
            remove_by_model(&map, &items[i - 10]);
    }
    assert_int_equal(map.count, 10);
    assert_true(map.capacity <= 64);
    assert_true(map.used < map.capacity);
    assert_agrees(&map, items);
    hashmap_done(&map);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashmap_siphash_gives_the_published_vectors),
        cmocka_unit_test(test_hashmap_siphash_does_not_need_alignment_or_sign),
        cmocka_unit_test(test_hashmap_empty_answers_null),
        cmocka_unit_test(test_hashmap_put_find_remove),
        cmocka_unit_test(test_hashmap_put_refuses_a_key_that_is_there),
        cmocka_unit_test(test_hashmap_move_key_lets_the_old_bytes_go),
        cmocka_unit_test(test_hashmap_keys_are_bytes),
        cmocka_unit_test(test_hashmap_agrees_with_a_model),
        cmocka_unit_test(test_hashmap_walk_may_remove_what_it_returned),
        cmocka_unit_test(test_hashmap_churn_does_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
