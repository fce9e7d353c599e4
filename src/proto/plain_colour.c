/* See plain_colour.h. Nothing but this file writes an escape or a bell. */
#include "proto/plain_colour.h"

#include "base/check.h"
#include "base/utf8.h"
#include "chat/format.h"
#include "chat/mention.h"
#include "chat/name.h"
#include "chat/text.h"
#include "proto/plain_out.h"
#include "proto/sgr.h"

#define SGR_RESET "\x1b[0m"
#define SGR_DIM "\x1b[2m"
#define BELL '\a'

/* Of the 16, those that can be read on white and on black; not the yellows. */
static const uint8_t hues_16[] = {31, 32, 35, 36, 91, 94, 95};

/* Of the 256, saturated ones with a contrast of 3.2 or more to white and to black. */
static const uint8_t hues_256[] = {131, 160, 167, 196, 166, 137, 130, 94,  136, 100, 64,  28,  29,
                                   30,  31,  32,  25,  33,  67,  26,  27,  68,  69,  61,  62,  63,
                                   99,  98,  97,  135, 93,  134, 129, 128, 165, 127, 133, 164, 170,
                                   200, 163, 199, 169, 162, 198, 132, 161, 197, 168};

static bool has_colour(struct wire_form form)
{
    return (form.flags & WIRE_F_COLOUR) != 0;
}

/* The same for a name in any case: FNV-1a of its folded form. */
static uint32_t hash_of(struct bytes name)
{
    char folded[NAME_BYTES_MAX + 1];
    uint32_t hash = 2166136261u;

    name_fold(name, folded);
    for (const char *c = folded; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return hash;
}

void plain_colour_name(struct wire_form form, struct bytes name, struct bytes you, struct buf *out)
{
    if (!has_colour(form)) {
        plain_out_text(out, name);
        return;
    }
    const char *bold = you.len > 0 && bytes_eq_nocase(name, you) ? "1;" : "";
    uint32_t hash = hash_of(name);

    if ((form.flags & WIRE_F_COLOUR256) != 0)
        buf_printf(out, "\x1b[%s38;5;%um", bold, hues_256[hash % ARRAY_LEN(hues_256)]);
    else
        buf_printf(out, "\x1b[%s%um", bold, hues_16[hash % ARRAY_LEN(hues_16)]);
    plain_out_text(out, name);
    buf_put_text(out, SGR_RESET);
}

static bool is_changed(struct format a, struct format b)
{
    return a.flags != b.flags || a.foreground != b.foreground || a.background != b.background;
}

/* Who says many short words in colours must not cost the readers many times what it took to say them: behind so
 * many bytes of escapes the rest of a message has none. */
#define SGR_BYTES_MAX 2048

struct said {
    struct wire_form form;
    struct bytes you;
    struct buf *out;
    size_t sgr_bytes; /* written so far */
};

static void put_sgr(struct said *said, struct format format)
{
    size_t start = said->out->len;

    sgr_put(format, (said->form.flags & WIRE_F_COLOUR256) != 0, said->out);
    said->sgr_bytes += said->out->len - start;
}

static void put_mention(struct said *said, struct bytes word, struct format format)
{
    struct format bold = format;

    bold.flags |= FORMAT_F_BOLD;
    put_sgr(said, bold);
    buf_put(said->out, word);
    put_sgr(said, format);
}

/* A piece of one format. */
static void put_piece(struct said *said, struct bytes piece, struct format format)
{
    struct bytes before, word;

    while (piece.len > 0 && said->you.len > 0 && said->sgr_bytes < SGR_BYTES_MAX) {
        mention_cut(&piece, &before, &word);
        buf_put(said->out, before);
        if (mention_is(word, said->you))
            put_mention(said, word, format);
        else
            buf_put(said->out, word);
    }
    buf_put(said->out, piece);
}

static void put_formatted(struct said *said, struct bytes line)
{
    struct format shown = format_none(), format = format_none();

    while (line.len > 0 && said->sgr_bytes < SGR_BYTES_MAX) {
        struct format now = format;
        struct bytes piece = format_cut(&line, &format);
        if (piece.len == 0)
            continue;
        if (is_changed(now, shown))
            put_sgr(said, now);
        shown = now;
        put_piece(said, piece, now);
    }
    if (is_changed(shown, format_none()))
        buf_put_text(said->out, SGR_RESET);
    format_strip(line, said->out);
}

static void put_line(struct said *said, struct bytes line)
{
    bool is_ascii = utf8_is_printable_ascii(line); /* and holds no formatting */
    bool is_coloured = has_colour(said->form);

    CHECK(is_ascii || text_is_clean_said(line));
    if (is_ascii && (!is_coloured || said->you.len == 0))
        buf_put(said->out, line);
    else if (is_coloured)
        put_formatted(said, line);
    else
        format_strip(line, said->out);
}

void plain_colour_said(struct wire_form form, struct bytes text, struct bytes you, struct buf *out)
{
    struct said said = {.form = form, .you = you, .out = out};

    put_line(&said, bytes_cut(&text, '\n'));
    while (text.len > 0) {
        plain_out_end(form, out);
        buf_put_text(out, PLAIN_OUT_MORE);
        put_line(&said, bytes_cut(&text, '\n'));
    }
}

static void put_dim(struct bytes part, struct buf *out)
{
    buf_put_text(out, SGR_DIM);
    buf_put(out, part);
    buf_put_text(out, SGR_RESET);
}

void plain_colour_dim(struct wire_form form, size_t start, struct buf *out)
{
    struct buf copy;

    if (!has_colour(form) || out->len <= start)
        return;
    buf_init(&copy, out->len - start);
    buf_put(&copy, bytes_slice(buf_bytes(out), start, out->len));
    buf_truncate(out, start);
    struct bytes rest = buf_bytes(&copy);
    while (rest.len > 0) {
        size_t end = bytes_find(rest, '\n');
        bool has_end = end < rest.len;
        size_t shown = end > 0 && rest.ptr[end - 1] == '\r' ? end - 1 : end;
        put_dim(bytes_slice(rest, 0, shown), out);
        buf_put(out, bytes_slice(rest, shown, end + has_end));
        rest = bytes_slice(rest, end + has_end, rest.len);
    }
    if (buf_error(&copy))
        out->error = buf_error(&copy);
    buf_done(&copy);
}

void plain_colour_ring(struct wire_form form, const struct chat_event *event, const struct chat_view *view,
                       struct buf *out)
{
    bool is_private = event->kind == CHAT_EV_PRIVATE;
    bool rings_all = (form.flags & WIRE_F_BELL_ALL) != 0;
    bool rings = (form.flags & WIRE_F_BELL) != 0;

    if ((!rings && !rings_all) || (view->is_actor && !is_private))
        return;
    if (rings_all || is_private || (view->you.len > 0 && mention_is_in(event->text, view->you)))
        buf_put_char(out, BELL);
}
