/* Passwords as they are kept: a salted scrypt hash (RFC 7914), in a text that says how it was made.
 *
 *     $scrypt$ln=15,r=8,p=3$SALT$KEY      SALT and KEY in base64 without padding
 *
 * To make or check one takes memory (128 * r * 2^ln bytes) and time on purpose: not on the loop's thread,
 * but on the executor's. */
#ifndef NET_PASSWORD_H
#define NET_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"

#define PASSWORD_BYTES_MAX 255
#define PASSWORD_SALT_BYTES_MAX 32
#define PASSWORD_KEY_BYTES 32
#define PASSWORD_TEXT_BYTES_MAX 128 /* of the text form */

/* Bounds of what is read: nobody's configuration is to make a check take a gigabyte or an hour, and below
 * the least a hash protects nothing. */
#define PASSWORD_LOG2_N_MIN 10
#define PASSWORD_LOG2_N_MAX 20
#define PASSWORD_BLOCKS_MAX (UINT32_C(1) << 21) /* N * r: 256 MiB */
#define PASSWORD_WORK_MAX (UINT32_C(1) << 23)   /* N * r * p */

struct password_hash {
    uint32_t log2_n, r, p;
    size_t salt_len;
    unsigned char salt[PASSWORD_SALT_BYTES_MAX], key[PASSWORD_KEY_BYTES];
};

/* Cost of new ones: 32 MiB, about a quarter of a second. Salt and key are zero: no password is known to
 * match. */
extern const struct password_hash password_hash_none;

/* 0, or -EINVAL with *ret_why, a static text that says what is wrong. */
MUST_CHECK int password_hash_parse(struct bytes text, struct password_hash *ret_hash, const char **ret_why);
void password_hash_format(const struct password_hash *hash, struct buf *out);

/* A new hash with a random salt. Blocks. 0; -EINVAL: the password is empty or longer than
 * PASSWORD_BYTES_MAX; -ENOMEM. */
MUST_CHECK int password_hash_make(struct bytes password, struct password_hash *ret_hash);

/* Whether this is the password. Blocks; compares in constant time. 0; -ENOMEM: it cannot be told. */
MUST_CHECK int password_check(const struct password_hash *hash, struct bytes password, bool *ret_is_right);

/* Overwrites what was a password, also where the compiler sees no use in it. */
void password_wipe(void *memory, size_t size);

#endif
