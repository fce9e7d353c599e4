/* Cleaning of text: a walk over its characters, with the little state that marks and bidi need.
 *
 * All of them take the same steps, so that they cannot disagree. */
#include "chat/text.h"

#include "base/utf8.h"
#include "chat/format.h"

enum {
    CHAR_PDF = 0x202C, /* closes an embedding or override */
    CHAR_FIRST_ISOLATE = 0x2066,
    CHAR_PDI = 0x2069, /* closes an isolate, and with it all that was opened inside (UAX #9, BD9) */
    BIDI_BYTES = 3,    /* in UTF-8, each of them */
    STEP_BYTES_MAX = TEXT_BIDI_DEPTH_MAX * BIDI_BYTES,
};

/* The marks that people pile up. */
static const struct utf8_range combining[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
    {0x064B, 0x065F}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F},
};

/* Nothing is seen of these: marks after one still stand on the character before it. */
static const struct utf8_range invisible[] = {
    {0x00AD, 0x00AD}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F}, {0xFE00, 0xFE0F},
};

struct cleaner {
    bool keeps_formats;
    bool is_in_code; /* a code of formatting, and perhaps the digits of its colours, have just been kept */
    unsigned marks;  /* on the last visible character */
    size_t depth;
    bool is_isolate[TEXT_BIDI_DEPTH_MAX]; /* what is open, outermost first */
};

/* What one character becomes. */
struct step {
    char bytes[STEP_BYTES_MAX];
    size_t len;
};

static bool is_bidi(uint32_t c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= CHAR_FIRST_ISOLATE && c <= CHAR_PDI);
}

static bool is_dropped(uint32_t c)
{
    bool is_control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
    bool is_noncharacter = (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
    return is_control || is_noncharacter || c == 0xFEFF;
}

static void step_put(struct step *step, uint32_t c)
{
    step->len += utf8_encode(c, &step->bytes[step->len]);
}

static void close_innermost(struct cleaner *cleaner, struct step *step)
{
    cleaner->depth--;
    step_put(step, cleaner->is_isolate[cleaner->depth] ? CHAR_PDI : CHAR_PDF);
}

static bool has_open_isolate(const struct cleaner *cleaner)
{
    for (size_t i = 0; i < cleaner->depth; i++) {
        if (cleaner->is_isolate[i])
            return true;
    }
    return false;
}

static void clean_bidi(struct cleaner *cleaner, uint32_t c, struct step *step)
{
    size_t depth = cleaner->depth;
    if (c == CHAR_PDF) {
        if (depth > 0 && !cleaner->is_isolate[depth - 1])
            close_innermost(cleaner, step);
    } else if (c == CHAR_PDI) {
        if (!has_open_isolate(cleaner))
            return;
        while (!cleaner->is_isolate[cleaner->depth - 1])
            close_innermost(cleaner, step);
        close_innermost(cleaner, step);
    } else if (depth < TEXT_BIDI_DEPTH_MAX) {
        cleaner->is_isolate[cleaner->depth++] = c >= CHAR_FIRST_ISOLATE;
        step_put(step, c);
    }
}

/* False: one mark too many. */
static bool count_mark(struct cleaner *cleaner, uint32_t c)
{
    if (utf8_is_in(combining, ARRAY_LEN(combining), c)) {
        if (cleaner->marks == TEXT_COMBINING_MAX)
            return false;
        cleaner->marks++;
    } else if (!cleaner->is_in_code && !utf8_is_in(invisible, ARRAY_LEN(invisible), c)) {
        cleaner->marks = 0;
    }
    return true;
}

static void clean_char(struct cleaner *cleaner, uint32_t c, struct step *ret_step)
{
    ret_step->len = 0;
    if (c == '\t' || c == 0x2028 || c == 0x2029)
        c = ' ';
    if (cleaner->keeps_formats && c < 0x20 && format_is_code((char)c)) {
        cleaner->is_in_code = true;
        step_put(ret_step, c);
        return;
    }
    if (is_dropped(c))
        return;
    if (is_bidi(c)) {
        clean_bidi(cleaner, c, ret_step);
        cleaner->is_in_code = cleaner->is_in_code && ret_step->len == 0;
        return;
    }
    /* What may belong to a code is gone with it for who has no colours: then the marks behind it would stand on
     * the character before it. */
    cleaner->is_in_code = cleaner->is_in_code && c < 0x80 && format_is_argument((char)c);
    if (count_mark(cleaner, c))
        step_put(ret_step, c);
}

/* Takes the first character off `rest`; returns the bytes it had. */
static struct bytes next_step(struct cleaner *cleaner, struct bytes *rest, struct step *ret_step)
{
    uint32_t c;
    bool is_valid;
    size_t n = utf8_next(*rest, &c, &is_valid);
    struct bytes taken = bytes_slice(*rest, 0, n);
    *rest = bytes_slice(*rest, n, rest->len);
    clean_char(cleaner, c, ret_step);
    return taken;
}

static bool is_clean(struct cleaner cleaner, struct bytes text)
{
    if (utf8_is_printable_ascii(text))
        return true;
    while (text.len > 0) {
        struct step step;
        struct bytes taken = next_step(&cleaner, &text, &step);
        if (!bytes_eq(taken, (struct bytes){step.bytes, step.len}))
            return false;
    }
    return cleaner.depth == 0;
}

static void clean(struct cleaner cleaner, struct bytes raw, size_t max_bytes, struct buf *out)
{
    if (raw.len <= max_bytes && is_clean(cleaner, raw)) {
        buf_put(out, raw);
        return;
    }
    struct step step;
    size_t written = 0;
    while (raw.len > 0) {
        struct cleaner before = cleaner;
        next_step(&cleaner, &raw, &step);
        if (written + step.len + cleaner.depth * BIDI_BYTES > max_bytes) {
            cleaner = before;
            break;
        }
        buf_put(out, (struct bytes){step.bytes, step.len});
        written += step.len;
    }
    step.len = 0;
    while (cleaner.depth > 0)
        close_innermost(&cleaner, &step);
    buf_put(out, (struct bytes){step.bytes, step.len});
}

void text_clean(struct bytes raw, struct buf *out)
{
    text_clean_cut(raw, SIZE_MAX, out);
}

void text_clean_cut(struct bytes raw, size_t max_bytes, struct buf *out)
{
    clean((struct cleaner){0}, raw, max_bytes, out);
}

bool text_is_clean(struct bytes text)
{
    return is_clean((struct cleaner){0}, text);
}

/* Nothing would be seen of it. */
static bool is_blank(struct bytes line)
{
    while (line.len > 0) {
        size_t n = line.ptr[0] == ' ' ? 1 : format_code_bytes(line);
        if (n == 0)
            return false;
        line = bytes_slice(line, n, line.len);
    }
    return true;
}

void text_clean_said(struct bytes raw, size_t max_bytes, struct buf *out)
{
    const struct cleaner cleaner = {.keeps_formats = true};
    size_t start = out->len, end = start, count = 0;

    while (raw.len > 0 && count < TEXT_LINES_MAX) {
        bool is_first = out->len == start;
        if (out->len - start + !is_first > max_bytes)
            break;
        if (!is_first)
            buf_put_char(out, '\n');
        size_t line_start = out->len;
        clean(cleaner, bytes_cut(&raw, '\n'), max_bytes - (out->len - start), out);
        /* Only now it is known what is left of the line. */
        bool is_seen = !is_blank(bytes_slice(buf_bytes(out), line_start, out->len));
        if (is_first && !is_seen)
            buf_truncate(out, start);
        else
            count++;
        if (is_seen)
            end = out->len;
    }
    buf_truncate(out, end);
}

bool text_is_clean_said(struct bytes text)
{
    const struct cleaner cleaner = {.keeps_formats = true};

    while (text.len > 0) {
        if (!is_clean(cleaner, bytes_cut(&text, '\n')))
            return false;
    }
    return true;
}

size_t text_count_lines(struct bytes text)
{
    size_t count = 0;

    while (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    while (text.len > 0) {
        bytes_cut(&text, '\n');
        count++;
    }
    return count;
}
