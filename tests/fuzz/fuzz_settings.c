/* The configuration file: no text harms the reader, and what was understood can be written and read again.
 * Messages about it are safe to be shown on a terminal. */
#include "base/check.h"
#include "base/utf8.h"
#include "daemon/settings.h"
#include "fuzz/fuzz.h"

static void check_printable(struct bytes text)
{
    while (text.len > 0) {
        uint32_t c = 0;
        bool is_valid = false;
        size_t taken = utf8_next(text, &c, &is_valid);
        CHECK(is_valid && (c == '\n' || (c >= 0x20 && (c < 0x7f || c > 0x9f))));
        text = bytes_slice(text, taken, text.len);
    }
}

static void dump(const struct settings *settings, struct buf *out)
{
    buf_init(out, SETTINGS_DUMP_BYTES);
    settings_dump(settings, out);
    CHECK(buf_error(out) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings *first = settings_new(), *second = settings_new();
    const struct settings_row *row;
    struct buf errors, before;

    buf_init(&errors, SETTINGS_ERRORS_BYTES);
    int r = settings_load_text(first, "fuzz.conf", fuzz_bytes(data, size), &errors);
    CHECK((r == 0) == (errors.len == 0));
    r = settings_check(first, &errors);
    CHECK(r == 0 || errors.len > 0);
    check_printable(buf_bytes(&errors));

    dump(first, &before);
    buf_reset(&errors);
    CHECK(settings_load_text(second, "dump.conf", buf_bytes(&before), &errors) == 0);
    for (size_t i = 0; (row = settings_row(i)) != NULL; i++)
        CHECK(settings_is_same(first, second, row));
    buf_done(&before);
    buf_done(&errors);
    settings_free(first);
    settings_free(second);
    return 0;
}
