/* Password hashes: what is taken is within bounds, and is what its own text form says. */
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "net/password.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct password_hash hash, again;
    const char *why;
    struct buf text;

    int r = password_hash_parse(fuzz_bytes(data, size), &hash, &why);
    CHECK(r == 0 || (r == -EINVAL && why != NULL));
    if (r != 0)
        return 0;
    CHECK(hash.log2_n >= PASSWORD_LOG2_N_MIN && hash.log2_n <= PASSWORD_LOG2_N_MAX);
    CHECK((uint64_t)hash.r << hash.log2_n <= PASSWORD_BLOCKS_MAX);
    CHECK(((uint64_t)hash.r << hash.log2_n) * hash.p <= PASSWORD_WORK_MAX);
    buf_init(&text, PASSWORD_TEXT_BYTES_MAX);
    password_hash_format(&hash, &text);
    CHECK(buf_error(&text) == 0);
    CHECK(password_hash_parse(buf_bytes(&text), &again, &why) == 0);
    CHECK(again.log2_n == hash.log2_n && again.r == hash.r && again.p == hash.p);
    CHECK(again.salt_len == hash.salt_len && memcmp(again.salt, hash.salt, hash.salt_len) == 0);
    CHECK(memcmp(again.key, hash.key, sizeof(hash.key)) == 0);
    buf_done(&text);
    return 0;
}
