/* See sgr.h. */
#include "proto/sgr.h"

#include "base/attr.h"

/* Of the first 16, the nearest of the terminal's 16: 30-37 dark, 90-97 bright. */
static const uint8_t sgr_of[16] = {97, 30, 34, 32, 91, 31, 35, 33, 93, 92, 36, 96, 94, 95, 90, 37};

/* 16 to 98 in the 256 colours: six rows of twelve hues, then greys. */
static const uint8_t extended[83] = {
    52,  94,  100, 58,  22,  29,  23,  24,  17,  54,  53,  89,  88,  130, 142, 64,  28,  35,  30,  25,  18,
    91,  90,  125, 124, 166, 184, 106, 34,  49,  37,  33,  19,  129, 127, 161, 196, 208, 226, 154, 46,  86,
    51,  75,  21,  171, 201, 198, 203, 215, 227, 191, 83,  122, 87,  111, 63,  177, 207, 205, 217, 223, 229,
    193, 157, 158, 159, 153, 147, 183, 219, 212, 16,  233, 235, 237, 239, 241, 244, 247, 250, 254, 231};

/* `base`: 0 for the foreground, 10 for the background. */
static void put_colour(uint8_t colour, unsigned base, bool has_256, struct buf *out)
{
    if (colour < 16)
        buf_printf(out, ";%u", sgr_of[colour] + base);
    else if (colour < FORMAT_COLOUR_NONE && has_256)
        buf_printf(out, ";%u;5;%u", 38 + base, extended[colour - 16]);
}

void sgr_put(struct format format, bool has_256, struct buf *out)
{
    static const struct {
        uint32_t flag;
        const char *sgr;
    } all[] = {{FORMAT_F_BOLD, ";1"},
               {FORMAT_F_ITALIC, ";3"},
               {FORMAT_F_UNDERLINE, ";4"},
               {FORMAT_F_REVERSE, ";7"},
               {FORMAT_F_STRIKE, ";9"}};

    buf_put_text(out, "\x1b[0");
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if ((format.flags & all[i].flag) != 0)
            buf_put_text(out, all[i].sgr);
    }
    put_colour(format.foreground, 0, has_256, out);
    put_colour(format.background, 10, has_256, out);
    buf_put_char(out, 'm');
}
