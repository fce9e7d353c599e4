/* See duration.h. */
#include "chat/duration.h"

static int64_t unit_ms(char unit)
{
    switch (unit) {
    case 's':
        return 1000;
    case 'm':
        return 60 * 1000;
    case 'h':
        return 3600 * 1000;
    case 'd':
        return 24 * 3600 * 1000;
    case 'w':
        return 7 * 24 * 3600 * 1000;
    default:
        return 0;
    }
}

bool duration_parse(struct bytes text, int64_t *ret_ms)
{
    if (text.len < 2)
        return false;
    int64_t unit = unit_ms(text.ptr[text.len - 1]);
    uint64_t count;
    if (unit == 0)
        return false;
    if (bytes_parse_u64(bytes_slice(text, 0, text.len - 1), (uint64_t)(DURATION_MS_MAX / unit), &count) !=
            0 ||
        count == 0)
        return false;
    *ret_ms = (int64_t)count * unit;
    return true;
}
