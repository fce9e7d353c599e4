/* See password.h. The work is OpenSSL's. */
#include "net/password.h"

#include <errno.h>
#include <inttypes.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#define NEW_SALT_BYTES 16
#define SALT_BYTES_MIN 8

const struct password_hash password_hash_none = {.log2_n = 15, .r = 8, .p = 3, .salt_len = NEW_SALT_BYTES};

/* RFC 4648, 4. */
#define BASE64_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

static void put_base64(const unsigned char *data, size_t len, struct buf *out)
{
    uint32_t bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | data[i];
        for (count += 8; count >= 6; count -= 6)
            buf_put_char(out, BASE64_DIGITS[bits >> (count - 6) & 63]);
    }
    if (count > 0)
        buf_put_char(out, BASE64_DIGITS[bits << (6 - count) & 63]);
}

/* False: no base64, more than `size` bytes, or bits left over that are not zero. */
static bool parse_base64(struct bytes text, unsigned char *ret, size_t size, size_t *ret_len)
{
    const struct bytes digits = BYTES(BASE64_DIGITS);
    uint32_t bits = 0;
    unsigned count = 0;
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        size_t digit = bytes_find(digits, text.ptr[i]);
        if (digit == digits.len)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        count += 6;
        if (count < 8)
            continue;
        if (len == size)
            return false;
        count -= 8;
        ret[len++] = (unsigned char)(bits >> count);
        bits &= (1u << count) - 1;
    }
    *ret_len = len;
    return count < 6 && bits == 0;
}

/* "NAME=NUMBER" */
static bool parse_number(struct bytes text, const char *name, uint32_t *ret_value)
{
    struct bytes value = text;
    uint64_t number;

    if (!bytes_eq(bytes_cut(&value, '='), bytes_of(name)) || bytes_parse_u64(value, UINT32_MAX, &number) < 0)
        return false;
    *ret_value = (uint32_t)number;
    return true;
}

static bool parse_cost(struct bytes text, struct password_hash *hash)
{
    return parse_number(bytes_cut(&text, ','), "ln", &hash->log2_n) &&
           parse_number(bytes_cut(&text, ','), "r", &hash->r) && parse_number(text, "p", &hash->p);
}

static bool is_cost_sane(const struct password_hash *hash)
{
    if (hash->log2_n < PASSWORD_LOG2_N_MIN || hash->log2_n > PASSWORD_LOG2_N_MAX || hash->r == 0 ||
        hash->p == 0)
        return false;
    uint32_t n = UINT32_C(1) << hash->log2_n;
    return hash->r <= PASSWORD_BLOCKS_MAX / n && hash->p <= PASSWORD_WORK_MAX / n / hash->r;
}

int password_hash_parse(struct bytes text, struct password_hash *ret_hash, const char **ret_why)
{
    struct password_hash hash = {0};
    size_t key_len;

    *ret_why = NULL;
    struct bytes before = bytes_cut(&text, '$'), kind = bytes_cut(&text, '$');
    struct bytes cost = bytes_cut(&text, '$'), salt = bytes_cut(&text, '$');
    if (before.len > 0 || !bytes_eq(kind, BYTES("scrypt")))
        *ret_why = "is no password hash; make one with `mingled --hash-password`";
    else if (!parse_cost(cost, &hash))
        *ret_why = "has no cost like ln=15,r=8,p=3; make it anew with `mingled --hash-password`";
    else if (!is_cost_sane(&hash))
        *ret_why = "has a cost out of bounds: ln is 10 to 20, and it may take 256 MiB at most";
    else if (!parse_base64(salt, hash.salt, sizeof(hash.salt), &hash.salt_len) ||
             hash.salt_len < SALT_BYTES_MIN)
        *ret_why = "has a broken salt; make it anew with `mingled --hash-password`";
    else if (!parse_base64(text, hash.key, sizeof(hash.key), &key_len) || key_len != sizeof(hash.key))
        *ret_why = "is cut off or broken at its end; make it anew with `mingled --hash-password`";
    if (*ret_why != NULL)
        return -EINVAL;
    *ret_hash = hash;
    return 0;
}

void password_hash_format(const struct password_hash *hash, struct buf *out)
{
    buf_printf(out, "$scrypt$ln=%" PRIu32 ",r=%" PRIu32 ",p=%" PRIu32 "$", hash->log2_n, hash->r, hash->p);
    put_base64(hash->salt, hash->salt_len, out);
    buf_put_char(out, '$');
    put_base64(hash->key, sizeof(hash->key), out);
}

static int derive(const struct password_hash *hash, struct bytes password,
                  unsigned char ret_key[PASSWORD_KEY_BYTES])
{
    const uint64_t n = UINT64_C(1) << hash->log2_n;
    /* The bound is OpenSSL's own, above what is ever needed here: N, p and a few blocks beside. */
    const uint64_t max_bytes = 128 * (uint64_t)hash->r * (n + hash->p + 2);
    const char *bytes = password.len > 0 ? password.ptr : "";

    return EVP_PBE_scrypt(bytes, password.len, hash->salt, hash->salt_len, n, hash->r, hash->p, max_bytes,
                          ret_key, PASSWORD_KEY_BYTES) == 1
               ? 0
               : -ENOMEM;
}

int password_hash_make(struct bytes password, struct password_hash *ret_hash)
{
    struct password_hash hash = password_hash_none;

    if (password.len == 0 || password.len > PASSWORD_BYTES_MAX)
        return -EINVAL;
    if (RAND_bytes(hash.salt, (int)hash.salt_len) != 1)
        return -ENOMEM;
    int r = derive(&hash, password, hash.key);
    if (r == 0)
        *ret_hash = hash;
    return r;
}

int password_check(const struct password_hash *hash, struct bytes password, bool *ret_is_right)
{
    unsigned char key[PASSWORD_KEY_BYTES];
    int r = derive(hash, password, key);

    if (r == 0)
        *ret_is_right = CRYPTO_memcmp(key, hash->key, sizeof(key)) == 0;
    OPENSSL_cleanse(key, sizeof(key));
    return r;
}

void password_wipe(void *memory, size_t size)
{
    OPENSSL_cleanse(memory, size);
}
