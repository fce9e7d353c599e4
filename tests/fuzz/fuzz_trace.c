/* The mask of traces: shows a beginning of the line, and none of what follows a command that takes a secret. */
#include "base/check.h"
#include "fuzz.h"
#include "session/trace.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes line = fuzz_bytes(data, size);
    bool is_next_secret;

    struct bytes shown = trace_mask(line, false, &is_next_secret);
    CHECK(shown.ptr == line.ptr && shown.len <= line.len);
    struct bytes told = trace_mask_told(line);
    CHECK(told.ptr == line.ptr && told.len <= line.len);
    CHECK(trace_mask(line, true, &is_next_secret).len == 0 && !is_next_secret);

    /* Whatever the secret is, it does not show. */
    static const char *const before[] = {"/oper x ", "/oper ", "PASS ", "/login x ", " /OPER y "};
    char text[1024];
    if (size == 0 || size > 900 || strchr(" \t", (char)data[0]))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t len = strlen(before[i]);
        memcpy(text, before[i], len);
        memcpy(text + len, data, size);
        CHECK(trace_mask((struct bytes){text, len + size}, false, &is_next_secret).len <= len);
    }
    return 0;
}
