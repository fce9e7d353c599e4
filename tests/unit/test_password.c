/* Hashes of passwords: the text form at its edges, and that only the password matches. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "net/password.h"
#include "session/operators.h"

/* RFC 7914, 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), the first 32 bytes. */
#define KNOWN "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI"
#define SALT "AAAAAAAAAAAAAAAAAAAAAA"
#define KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static struct password_hash parse(const char *text)
{
    struct password_hash hash;
    const char *why;
    if (password_hash_parse(bytes_of(text), &hash, &why) != 0)
        fail_msg("%s: %s", text, why);
    return hash;
}

static void test_password_known_vector(void **state)
{
    struct password_hash hash = parse(KNOWN);
    bool is_right = false;
    (void)state;

    assert_int_equal(password_check(&hash, BYTES("pleaseletmein"), &is_right), 0);
    assert_true(is_right);
    assert_int_equal(password_check(&hash, BYTES("pleaseletmeim"), &is_right), 0);
    assert_false(is_right);
    assert_int_equal(password_check(&hash, BYTES(""), &is_right), 0);
    assert_false(is_right);
}

static void test_password_format_is_what_parse_takes(void **state)
{
    struct password_hash hash = parse(KNOWN);
    struct buf out;
    (void)state;

    buf_init(&out, PASSWORD_TEXT_BYTES_MAX);
    password_hash_format(&hash, &out);
    assert_int_equal(buf_error(&out), 0);
    assert_true(bytes_eq(buf_bytes(&out), BYTES(KNOWN)));
    buf_done(&out);
}

static void test_password_made_hash_matches_and_has_its_own_salt(void **state)
{
    struct password_hash one, two;
    bool is_right = false;
    char longest[PASSWORD_BYTES_MAX + 1];
    (void)state;

    memset(longest, 'x', sizeof(longest));
    assert_int_equal(password_hash_make(BYTES("sesame"), &one), 0);
    assert_int_equal(password_hash_make(BYTES("sesame"), &two), 0);
    assert_memory_not_equal(one.salt, two.salt, one.salt_len);
    assert_memory_not_equal(one.key, two.key, sizeof(one.key));
    assert_int_equal(password_check(&one, BYTES("sesame"), &is_right), 0);
    assert_true(is_right);
    assert_int_equal(password_hash_make(BYTES(""), &two), -EINVAL);
    assert_int_equal(password_hash_make((struct bytes){longest, sizeof(longest)}, &two), -EINVAL);
    assert_int_equal(password_hash_make((struct bytes){longest, sizeof(longest) - 1}, &two), 0);
}

static void test_password_costs_have_bounds(void **state)
{
    static const struct {
        const char *cost;
        bool is_good;
    } cases[] = {
        {"ln=10,r=1,p=1", true},
        {"ln=9,r=1,p=1", false},
        {"ln=20,r=2,p=1", true},
        {"ln=21,r=1,p=1", false},
        {"ln=20,r=3,p=1", false},
        {"ln=18,r=8,p=4", true},
        {"ln=18,r=8,p=5", false},
        {"ln=18,r=9,p=1", false},
        {"ln=10,r=0,p=1", false},
        {"ln=10,r=1,p=0", false},
        {"ln=10,r=1", false},
        {"ln=10,p=1,r=1", false},
        {"ln=10,r=4294967295,p=1", false},
        {"ln=10,r=1,p=4294967295", false},
        {"ln=10,r=1,p=4294967296", false},
        {"ln=99999999999,r=1,p=1", false},
        {"ln=10,r=1,p=1,x=1", false},
        {"ln=-1,r=1,p=1", false},
        {"", false},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct password_hash hash;
        const char *why;
        struct buf text;
        buf_init(&text, 256);
        buf_printf(&text, "$scrypt$%s$" SALT "$" KEY, cases[i].cost);
        int r = password_hash_parse(buf_bytes(&text), &hash, &why);
        if ((r == 0) != cases[i].is_good || (r != 0) != (why != NULL))
            fail_msg("%s: %d", cases[i].cost, r);
        buf_done(&text);
    }
}

static void test_password_broken_texts_are_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "$",
        "sesame",
        "scrypt$ln=10,r=1,p=1$" SALT "$" KEY,
        "x$scrypt$ln=10,r=1,p=1$" SALT "$" KEY,
        "$argon2id$ln=10,r=1,p=1$" SALT "$" KEY,
        "$scrypt$ln=10,r=1,p=1$" SALT "$" KEY "A",
        "$scrypt$ln=10,r=1,p=1$" SALT "$AAAA",
        "$scrypt$ln=10,r=1,p=1$" SALT "$",
        "$scrypt$ln=10,r=1,p=1$" SALT,
        "$scrypt$ln=10,r=1,p=1$AAAAAAAAAA$" KEY,             /* a salt of 7 bytes */
        "$scrypt$ln=10,r=1,p=1$" KEY "AA$" KEY,              /* of 33 */
        "$scrypt$ln=10,r=1,p=1$AAAAAAAAAAAAAAAAAAAAAB$" KEY, /* bits left over */
        "$scrypt$ln=10,r=1,p=1$AAAAAAAAAAA*AAAAAAAAAA$" KEY,
        "$scrypt$ln=10,r=1,p=1$" SALT "==$" KEY, /* no padding */
        "$scrypt$ln=10,r=1,p=1$" SALT "$" KEY "$",
        "$scrypt$ln=10,r=1,p=1$" SALT "$" KEY " ",
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct password_hash hash = {.p = 77};
        const char *why = NULL;
        if (password_hash_parse(bytes_of(texts[i]), &hash, &why) != -EINVAL || why == NULL || hash.p != 77)
            fail_msg("%s", texts[i]);
    }
    (void)parse("$scrypt$ln=10,r=1,p=1$AAAAAAAAAAA$" KEY); /* a salt of 8 bytes */
    (void)parse("$scrypt$ln=10,r=1,p=1$" KEY "$" KEY);     /* and of 32 */
}

static void test_password_operators_are_found(void **state)
{
    struct operators_entry entries[2];
    const char *why;
    (void)state;

    assert_int_equal(operators_parse(BYTES("alice   $scrypt$ln=11,r=2,p=3$" SALT "$" KEY), &entries[0], &why),
                     0);
    assert_int_equal(operators_parse(BYTES("Bob " KNOWN), &entries[1], &why), 0);
    assert_int_equal(operators_parse(BYTES("bob"), &entries[1], &why), -EINVAL);
    assert_int_equal(operators_parse(BYTES("bob sesame"), &entries[1], &why), -EINVAL);
    assert_int_equal(operators_parse(BYTES("1bob " KNOWN), &entries[1], &why), -EINVAL);
    assert_int_equal(operators_parse(BYTES(""), &entries[1], &why), -EINVAL);
    const struct operators operators = {entries, 2};
    assert_ptr_equal(operators_find(&operators, BYTES("bOB")), &entries[1]);
    assert_null(operators_find(&operators, BYTES("bobb")));
    assert_null(operators_find(&operators, BYTES("")));
}

static void test_password_unknown_name_costs_the_same_and_never_matches(void **state)
{
    struct operators_entry entry;
    const char *why;
    bool is_right = true;
    (void)state;

    assert_int_equal(operators_parse(BYTES("alice $scrypt$ln=11,r=2,p=3$" SALT "$" KEY), &entry, &why), 0);
    struct password_hash hash = operators_hash(&(struct operators){&entry, 1}, BYTES("mallory"));
    assert_int_equal(hash.log2_n, 11);
    assert_int_equal(hash.r, 2);
    assert_int_equal(hash.p, 3);
    assert_int_equal(password_check(&hash, BYTES(""), &is_right), 0);
    assert_false(is_right);
    hash = operators_hash(&(struct operators){NULL, 0}, BYTES("mallory"));
    assert_int_equal(hash.log2_n, password_hash_none.log2_n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_password_known_vector),
        cmocka_unit_test(test_password_format_is_what_parse_takes),
        cmocka_unit_test(test_password_made_hash_matches_and_has_its_own_salt),
        cmocka_unit_test(test_password_costs_have_bounds),
        cmocka_unit_test(test_password_broken_texts_are_refused),
        cmocka_unit_test(test_password_operators_are_found),
        cmocka_unit_test(test_password_unknown_name_costs_the_same_and_never_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
