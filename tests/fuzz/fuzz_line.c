/* However a stream is split, the same lines come out of it, and little is kept between the pieces. The
 * first two bytes of the input are the longest line and the size of the pieces. */
#include <errno.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/line.h"
#include "fuzz/fuzz.h"

#define LINE_MAX_BYTES 64

static void note(struct buf *out, char kind, struct bytes line)
{
    buf_put_char(out, kind);
    buf_put(out, line);
    buf_put_char(out, '\n');
}

/* Writes all lines to `out`; `piece` bytes at a time arrive. */
static void cut_all(struct bytes stream, uint32_t max, size_t piece, struct buf *out)
{
    struct line_framer framer = {.max = max};
    size_t from = 0, to = 0, consumed;
    struct bytes line, rest;
    bool has_crlf;

    for (;;) {
        struct bytes in = bytes_slice(stream, from, to);
        int r = line_cut(&framer, in, &consumed, &line, &has_crlf);
        CHECK(consumed <= in.len);
        if (r > 0) {
            CHECK(line.len <= max && fuzz_is_inside(line, in));
            note(out, has_crlf ? 'c' : 'l', line);
        } else if (r < 0) {
            CHECK(r == -EMSGSIZE);
            note(out, '!', (struct bytes){NULL, 0});
        }
        from += consumed;
        if (r != 0 || consumed > 0)
            continue;
        CHECK(to - from <= max + LINE_END_BYTES_MAX);
        if (to == stream.len)
            break;
        to = stream.len - to < piece ? stream.len : to + piece;
    }
    if (line_rest(&framer, bytes_slice(stream, from, to), &rest))
        note(out, 'r', rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, pieces;

    if (size < 2)
        return 0;
    uint32_t max = 1 + data[0] % LINE_MAX_BYTES, piece = 1 + data[1] % 16u;
    struct bytes stream = fuzz_bytes(data + 2, size - 2);
    buf_init(&whole, 1 << 20);
    buf_init(&pieces, 1 << 20);
    cut_all(stream, max, stream.len + 1, &whole);
    cut_all(stream, max, piece, &pieces);
    CHECK(buf_error(&whole) == 0 && buf_error(&pieces) == 0);
    CHECK(bytes_eq(buf_bytes(&whole), buf_bytes(&pieces)));
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
