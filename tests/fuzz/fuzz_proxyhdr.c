/* PROXY headers: bounded, decided by few bytes, and the same however they are split. */
#include <errno.h>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "net/proxyhdr.h"

static int parse(struct bytes first, struct proxyhdr *header)
{
    *header = (struct proxyhdr){0};
    return proxyhdr_parse(first, header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes first = fuzz_bytes(data, size);
    struct proxyhdr header, early;
    char text[ADDR_TEXT_MAX], early_text[ADDR_TEXT_MAX];

    int r = parse(first, &header);
    CHECK(r == 0 || r == -EAGAIN || r == -EINVAL || r == -EMSGSIZE);
    CHECK(r != -EAGAIN || first.len < PROXYHDR_LOOK_BYTES);
    CHECK(r != 0 || (header.len >= 15 && header.len <= PROXYHDR_BYTES_MAX));
    if (header.has_peer)
        addr_format(&header.peer, text);
    for (size_t len = 0; len < first.len && len <= PROXYHDR_LOOK_BYTES; len++) {
        int r_early = parse(bytes_slice(first, 0, len), &early);
        CHECK(r_early == -EAGAIN || r_early == r);
        CHECK(r_early != 0 || (early.len == header.len && early.has_peer == header.has_peer));
        if (!early.has_peer)
            continue;
        addr_format(&early.peer, early_text);
        CHECK(bytes_eq(bytes_of(text), bytes_of(early_text)));
    }
    return 0;
}
