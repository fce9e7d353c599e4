#include "load/mark.h"

#include <string.h>

static void put_hex(char *at, unsigned width, uint64_t value)
{
    for (unsigned i = width; i > 0; i--, value >>= 4)
        at[i - 1] = "0123456789abcdef"[value & 15];
}

void mark_write(struct mark mark, char *text, size_t size)
{
    memset(text, 'x', size);
    text[0] = '~';
    put_hex(text + 1, 4, mark.sender);
    text[5] = ' ';
    put_hex(text + 6, 8, mark.number);
    text[14] = ' ';
    put_hex(text + 15, 16, mark.sent_ns);
    if (size > MARK_BYTES)
        text[MARK_BYTES] = ' ';
}

/* Of lower-case digits, which is all that is written. */
static uint64_t hex(const char *at, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) {
        unsigned char c = (unsigned char)at[i];
        value = value << 4 | ((c & 15u) + (c > '9' ? 9u : 0u));
    }
    return value;
}

bool mark_read(struct bytes line, size_t size, struct mark *ret_mark)
{
    size_t at = bytes_find(line, '~');
    if (at == line.len || line.len - at < size)
        return false;
    const char *text = line.ptr + at;
    if (text[5] != ' ' || text[14] != ' ' || (size > MARK_BYTES + 1 && text[size - 1] != 'x'))
        return false;
    *ret_mark = (struct mark){.sender = (uint32_t)hex(text + 1, 4),
                              .number = (uint32_t)hex(text + 6, 8),
                              .sent_ns = hex(text + 15, 16)};
    return true;
}
