/* Requests on the control socket: whatever comes, its words stay within the line's own copy. */
#include "base/check.h"
#include "daemon/control_line.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct control_line line;
    struct bytes text = fuzz_bytes(data, size);
    const struct bytes copy = {line.text, sizeof(line.text)};
    const char *why = NULL;

    if (control_line_parse(text, &line, &why) < 0) {
        CHECK(why != NULL && why[0] != '\0');
        return 0;
    }
    CHECK(size <= CONTROL_LINE_BYTES_MAX);
    CHECK(line.count > 0 && line.count <= CONTROL_LINE_WORDS_MAX && line.width <= CONTROL_LINE_WIDTH_MAX);
    size_t used = 0;
    for (size_t i = 0; i < line.count; i++) {
        CHECK(fuzz_is_inside(line.words[i], copy));
        used += line.words[i].len;
    }
    CHECK(used <= size);
    return 0;
}
