/* See paste.h. */
#include "proto/paste.h"

#include <errno.h>

#include "chat/text.h"

void paste_begin(struct paste *paste)
{
    paste_done(paste);
    buf_init(&paste->text, TEXT_BYTES_MAX);
    paste->is_on = true;
}

void paste_done(struct paste *paste)
{
    buf_done(&paste->text);
    *paste = (struct paste){0};
}

static enum paste_result finish(const struct paste *paste)
{
    if (paste->line_count == 0)
        return PASTE_EMPTY;
    if (paste->has_long_line || paste->line_count > TEXT_LINES_MAX || paste->byte_count > TEXT_BYTES_MAX)
        return PASTE_TOO_LARGE;
    return buf_error(&paste->text) ? PASTE_NO_MEMORY : PASTE_DONE;
}

enum paste_result paste_take(struct paste *paste, struct bytes line)
{
    bool is_cancel = bytes_eq_nocase(bytes_trim(line), BYTES("/cancel"));

    if (is_cancel || bytes_eq(bytes_trim(line), BYTES("."))) {
        paste->is_on = false;
        return is_cancel ? PASTE_DROPPED : finish(paste);
    }
    if (paste->line_count > 0) {
        buf_put_char(&paste->text, '\n');
        paste->byte_count++;
    }
    /* What comes from an editor may be several lines. */
    paste->line_count += text_count_lines(line) + (line.len == 0);
    paste->byte_count += line.len;
    buf_put(&paste->text, line);
    return PASTE_MORE;
}

void paste_note_long_line(struct paste *paste)
{
    paste->line_count++;
    paste->has_long_line = true;
}
