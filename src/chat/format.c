/* See format.h. */
#include "chat/format.h"

#include "base/ascii.h"

#define CODE_COLOUR '\x03'
#define CODE_HEX_COLOUR '\x04'
#define CODE_RESET '\x0f'
#define CODE_MONOSPACE '\x11' /* what terminals always have */
#define HEX_DIGITS 6

static bool is_hex(char c)
{
    return ascii_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* 0: not a code that is turned on and off. */
static uint32_t flag_of(char c)
{
    switch (c) {
    case '\x02':
        return FORMAT_F_BOLD;
    case '\x1d':
        return FORMAT_F_ITALIC;
    case '\x1f':
        return FORMAT_F_UNDERLINE;
    case '\x1e':
        return FORMAT_F_STRIKE;
    case '\x16':
        return FORMAT_F_REVERSE;
    default:
        return 0;
    }
}

bool format_is_code(char c)
{
    return flag_of(c) != 0 || c == CODE_COLOUR || c == CODE_HEX_COLOUR || c == CODE_RESET ||
           c == CODE_MONOSPACE;
}

bool format_is_argument(char c)
{
    return is_hex(c) || c == ',';
}

/* One or two digits. */
static bool take_colour(struct bytes *rest, uint8_t *ret_colour)
{
    unsigned colour = 0;
    size_t n = 0;

    while (n < rest->len && n < 2 && ascii_is_digit(rest->ptr[n]))
        colour = colour * 10 + (unsigned)(rest->ptr[n++] - '0');
    if (n == 0)
        return false;
    *rest = bytes_slice(*rest, n, rest->len);
    *ret_colour = (uint8_t)colour;
    return true;
}

/* "4" or "4,12"; nothing: no colours any more. A comma without digits behind it is text. */
static void take_colours(struct bytes *rest, struct format *format)
{
    if (!take_colour(rest, &format->foreground)) {
        format->foreground = format->background = FORMAT_COLOUR_NONE;
        return;
    }
    if (rest->len > 1 && rest->ptr[0] == ',' && ascii_is_digit(rest->ptr[1])) {
        *rest = bytes_slice(*rest, 1, rest->len);
        (void)take_colour(rest, &format->background);
    }
}

/* "FF0000" or "FF0000,00FF00": not shown, but no text either. */
static void skip_hex(struct bytes *rest)
{
    for (size_t part = 0; part < 2; part++) {
        size_t start = part > 0, n = 0;
        if (part > 0 && (rest->len == 0 || rest->ptr[0] != ','))
            return;
        while (start + n < rest->len && n < HEX_DIGITS && is_hex(rest->ptr[start + n]))
            n++;
        if (n < HEX_DIGITS)
            return;
        *rest = bytes_slice(*rest, start + n, rest->len);
    }
}

static void take_code(struct bytes *rest, struct format *format)
{
    char c = rest->ptr[0];

    *rest = bytes_slice(*rest, 1, rest->len);
    if (c == CODE_RESET)
        *format = format_none();
    else if (c == CODE_COLOUR)
        take_colours(rest, format);
    else if (c == CODE_HEX_COLOUR)
        skip_hex(rest);
    else
        format->flags ^= flag_of(c);
}

struct bytes format_cut(struct bytes *rest, struct format *format)
{
    size_t n = 0;

    while (n < rest->len && !format_is_code(rest->ptr[n]))
        n++;
    struct bytes text = bytes_slice(*rest, 0, n);
    *rest = bytes_slice(*rest, n, rest->len);
    while (rest->len > 0 && format_is_code(rest->ptr[0]))
        take_code(rest, format);
    return text;
}

size_t format_code_bytes(struct bytes text)
{
    struct format format = format_none();
    struct bytes rest = text;

    if (text.len == 0 || !format_is_code(text.ptr[0]))
        return 0;
    take_code(&rest, &format);
    return text.len - rest.len;
}

void format_strip(struct bytes text, struct buf *out)
{
    struct format format = format_none();

    while (text.len > 0)
        buf_put(out, format_cut(&text, &format));
}
