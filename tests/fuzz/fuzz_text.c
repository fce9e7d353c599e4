/* Whatever people type, what is shown to others is clean. The first byte of the input is where it is cut. */
#include "base/check.h"
#include "base/utf8.h"
#include "chat/format.h"
#include "chat/text.h"
#include "fuzz/fuzz.h"

/* Not by the code under test: no byte that a terminal obeys, and only valid characters. */
static void check_harmless(struct bytes text)
{
    while (text.len > 0) {
        uint32_t c = 0;
        bool is_valid = false;
        size_t taken = utf8_next(text, &c, &is_valid);
        CHECK(is_valid && c >= 0x20 && (c < 0x7f || c > 0x9f) && c != 0x2028 && c != 0x2029);
        text = bytes_slice(text, taken, text.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf once, twice, cut;

    if (size < 1)
        return 0;
    struct bytes raw = fuzz_bytes(data + 1, size - 1);
    buf_init(&once, 1 << 20);
    buf_init(&twice, 1 << 20);
    buf_init(&cut, 1 << 20);
    text_clean(raw, &once);
    CHECK(buf_error(&once) == 0);
    CHECK(text_is_clean(buf_bytes(&once)));
    check_harmless(buf_bytes(&once));
    text_clean(buf_bytes(&once), &twice);
    CHECK(bytes_eq(buf_bytes(&once), buf_bytes(&twice)));
    CHECK(text_is_clean(raw) == bytes_eq(raw, buf_bytes(&once)));

    text_clean_cut(raw, data[0], &cut);
    CHECK(buf_error(&cut) == 0 && cut.len <= data[0]);
    CHECK(text_is_clean(buf_bytes(&cut)));

    buf_reset(&cut);
    text_clean_said(raw, data[0], &cut);
    CHECK(buf_error(&cut) == 0 && cut.len <= data[0] && text_count_lines(buf_bytes(&cut)) <= TEXT_LINES_MAX);
    buf_reset(&twice);
    text_clean_said(buf_bytes(&cut), data[0], &twice);
    CHECK(bytes_eq(buf_bytes(&cut), buf_bytes(&twice)));
    CHECK(text_is_clean_said(buf_bytes(&cut)));
    for (struct bytes rest = buf_bytes(&cut); rest.len > 0;) {
        buf_reset(&twice);
        format_strip(bytes_cut(&rest, '\n'), &twice);
        CHECK(text_is_clean(buf_bytes(&twice)));
        check_harmless(buf_bytes(&twice));
    }
    buf_done(&once);
    buf_done(&twice);
    buf_done(&cut);
    return 0;
}
