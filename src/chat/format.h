/* Formatting codes in what people say, as IRC has them (modern.ircdocs.horse/formatting): bold, italics, colours
 * … between single control bytes. Pure functions. */
#ifndef CHAT_FORMAT_H
#define CHAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

enum {
    FORMAT_F_BOLD = 1u << 0,
    FORMAT_F_ITALIC = 1u << 1,
    FORMAT_F_UNDERLINE = 1u << 2,
    FORMAT_F_STRIKE = 1u << 3,
    FORMAT_F_REVERSE = 1u << 4,
};

#define FORMAT_COLOUR_NONE 99 /* the reader's own */

struct format {
    uint32_t flags;
    uint8_t foreground, background; /* 0-98, or FORMAT_COLOUR_NONE */
};

static inline struct format format_none(void)
{
    return (struct format){0, FORMAT_COLOUR_NONE, FORMAT_COLOUR_NONE};
}

/* Whether the byte begins one. */
bool format_is_code(char c);

/* Whether the byte may belong to the code before it: a digit of a colour, or what stands between two. */
bool format_is_argument(char c);

/* How many bytes the code has that `text` begins with, the digits of a colour included; 0: none stands there. */
size_t format_code_bytes(struct bytes text);

/* Cuts what stands before the next code off `rest`, and the codes behind it, which change *format for what
 * follows. Returns the text, may be empty; `rest` gets shorter. */
struct bytes format_cut(struct bytes *rest, struct format *format);

/* Appends the text without its codes. */
void format_strip(struct bytes text, struct buf *out);

#endif
