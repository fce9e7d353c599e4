/* What a prefix decides is what all of it decides, so that no split of the bytes changes a protocol. */
#include "base/check.h"
#include "fuzz/fuzz.h"
#include "proto/refusal.h"

static void check_answer(enum detect_result result, struct bytes first)
{
    struct buf out;

    buf_init(&out, 4096);
    refusal_render(result, first, &out);
    CHECK(buf_error(&out) == 0);
    CHECK(out.len == 0 || refusal_reason(result) != CLOSE_REASON_COUNT);
    buf_reset(&out);
    refusal_render_port(result, first, BYTES("nc or telnet"), &out);
    CHECK(buf_error(&out) == 0);
    buf_done(&out);
}

static void check_prefixes(struct bytes first, unsigned flags)
{
    const enum detect_result whole = detect(first, flags);

    CHECK(whole != DETECT_MORE || (first.len < DETECT_BYTES_MAX && !(flags & DETECT_F_AT_END)));
    for (size_t len = 0; len < first.len && len <= DETECT_BYTES_MAX; len++) {
        enum detect_result result = detect(bytes_slice(first, 0, len), flags);
        CHECK(result == DETECT_MORE || result == whole);
    }
    enum detect_result at_end = detect(first, flags | DETECT_F_AT_END);
    CHECK(at_end == (whole == DETECT_MORE ? DETECT_PLAIN : whole));
    CHECK((whole == DETECT_TLS) == (first.len >= DETECT_TLS_BYTES && detect_may_be_tls(first)));
    check_answer(whole, first);
}

/* More bytes never need fewer in all, and it is waited for no longer than there is something to come. */
static void check_hello(struct bytes first)
{
    size_t before = 0;

    for (size_t len = 0; len <= first.len; len++) {
        size_t wanted = detect_hello_bytes(bytes_slice(first, 0, len));
        CHECK(wanted >= before || wanted <= len);
        before = wanted > len ? wanted : 0;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_prefixes(fuzz_bytes(data, size), 0);
    check_hello(fuzz_bytes(data, size < 2000 ? size : 2000));
    check_prefixes(fuzz_bytes(data, size), DETECT_F_LATE);
    return 0;
}
