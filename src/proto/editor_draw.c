/* The screen: where the cursor is, drawing the prompt and the line, and printing above them.
 *
 * Rows are laid out here and ended with CR LF, so that the terminal never wraps by itself. */
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "base/width.h"
#include "proto/editor_private.h"

enum {
    WIDTH_DEFAULT = 80,
    HEIGHT_DEFAULT = 24,
    WIDTH_MIN = 10,
    HEIGHT_MIN = 2,
    SIZE_MAX_SANE = 1000,
    INDENT_WIDTH_MIN = 30,
};

#define INDENT "      "  /* of the rows after a wrapped line's first: as wide as "14:05 " */
#define MORE INDENT "| " /* begins a line that belongs to the one above it */

/* The next character goes here. */
struct place {
    unsigned row, column;
};

static unsigned columns_of(const struct editor *editor)
{
    return editor->width - 1;
}

static unsigned clamp(unsigned value, unsigned least, unsigned fallback)
{
    if (value == 0)
        value = fallback;
    return value < least ? least : value > SIZE_MAX_SANE ? SIZE_MAX_SANE : value;
}

/* ---- laying out ---- */

/* A character that does not fit into the row goes to the next. */
static void make_room(struct place *place, unsigned width, unsigned columns)
{
    if (place->column + width > columns) {
        place->row++;
        place->column = 0;
    }
}

/* Where the character at `index` stands. */
static struct place place_of(struct bytes shown, size_t index, unsigned columns)
{
    struct place place = {0};
    size_t at = 0;

    while (at < shown.len) {
        unsigned width;
        size_t n = width_cut_cluster(bytes_slice(shown, at, shown.len), &width);
        make_room(&place, width, columns);
        if (at >= index)
            return place;
        place.column += width;
        at += n;
    }
    return place;
}

/* What may be written as it is: whole characters, no controls. */
static void put_cluster(struct buf *out, struct bytes cluster)
{
    unsigned char first = (unsigned char)cluster.ptr[0];

    if (first < 0x20 || first == 0x7f)
        buf_put_char(out, ' ');
    else
        buf_put(out, utf8_is_valid(cluster) ? cluster : BYTES("\xef\xbf\xbd"));
}

/* Draws `count` rows of `shown`, from `top` on. */
static void put_rows(struct bytes shown, unsigned columns, unsigned top, unsigned count, struct buf *out)
{
    struct place place = {0};
    unsigned row = 0;

    while (shown.len > 0) {
        unsigned width;
        size_t n = width_cut_cluster(shown, &width);
        make_room(&place, width, columns);
        if (place.row >= top + count)
            return;
        if (place.row > row && place.row > top)
            buf_put_text(out, "\r\n");
        row = place.row;
        if (place.row >= top)
            put_cluster(out, bytes_slice(shown, 0, n));
        place.column += width;
        shown = bytes_slice(shown, n, shown.len);
    }
}

/* ---- drawing ---- */

/* To the first row of what is drawn, and nothing is there any more. */
static void erase(struct editor *editor, struct buf *out)
{
    if (editor->drawn_row > 0)
        buf_printf(out, "\x1b[%uA", editor->drawn_row);
    buf_put_text(out, "\r\x1b[J");
    editor->drawn_row = editor->drawn_column = 0;
}

/* What is to be seen; returns the cursor's index in it. */
static size_t compose(struct editor *editor)
{
    buf_reset(&editor->shown);
    if (editor->paste_state == EDITOR_PASTE_ASKING) {
        buf_printf(&editor->shown, "Send these %zu lines as one message? (y/n) ", editor->paste_lines + 1);
        return editor->shown.len;
    }
    buf_put(&editor->shown, buf_bytes(&editor->prompt));
    if (editor->is_secret)
        return editor->prompt.len;
    buf_put(&editor->shown, (struct bytes){editor->text, editor->len});
    return editor->prompt.len + editor->cursor;
}

/* From the first row, which is empty. A line that is higher than the screen is shown around the cursor. */
static void draw(struct editor *editor, struct buf *out)
{
    unsigned columns = columns_of(editor), rows_max = editor->height - 1;
    size_t index = compose(editor);
    struct bytes shown = buf_bytes(&editor->shown);
    struct place cursor = place_of(shown, index, columns), end = place_of(shown, shown.len, columns);
    unsigned top = cursor.row >= rows_max ? cursor.row - rows_max + 1 : 0;
    unsigned rows = end.row - top + 1 < rows_max ? end.row - top + 1 : rows_max;

    put_rows(shown, columns, top, rows, out);
    if (index < shown.len) {
        unsigned up = top + rows - 1 - cursor.row;
        if (up > 0)
            buf_printf(out, "\x1b[%uA", up);
        buf_put_char(out, '\r');
        if (cursor.column > 0)
            buf_printf(out, "\x1b[%uC", cursor.column);
    }
    editor->drawn_top = top;
    editor->drawn_row = cursor.row - top;
    editor->drawn_column = cursor.column;
    editor->drawn_cursor = index;
    editor->is_dirty = false;
    editor->appended = 0;
}

/* Only what was typed at the end, when it fits into the row. */
static bool draw_appended(struct editor *editor, struct buf *out)
{
    struct bytes added = {&editor->text[editor->len - editor->appended], editor->appended};
    size_t width = width_of_text(added);
    uint32_t first;
    bool is_valid;

    utf8_next(added, &first, &is_valid);
    bool is_mark = width_of_char(first) == 0; /* belongs to the character before it */
    if (is_mark || editor->drawn_column + width > columns_of(editor))
        return false;
    put_rows(added, columns_of(editor), 0, 1, out);
    buf_put(&editor->shown, added);
    editor->drawn_cursor = editor->shown.len;
    editor->drawn_column += (unsigned)width;
    editor->appended = 0;
    return true;
}

void editor_refresh(struct editor *editor, struct buf *out)
{
    if (editor->is_secret)
        editor->appended = 0;
    if (!editor->is_started || (!editor->is_dirty && editor->appended == 0))
        return;
    if (!editor->is_dirty && draw_appended(editor, out))
        return;
    erase(editor, out);
    draw(editor, out);
}

void editor_start(struct editor *editor, struct buf *out)
{
    editor->is_started = true;
    buf_put_text(out, "\x1b[?2004h"); /* mark what is pasted */
    erase(editor, out);
    draw(editor, out);
}

void editor_end(struct editor *editor, struct buf *out)
{
    if (!editor->is_started)
        return;
    erase(editor, out);
    buf_put_text(out, "\x1b[0m\x1b[?2004l");
    editor->is_started = false;
}

void editor_commit(struct editor *editor, struct buf *out)
{
    if (!editor->is_started)
        return;
    editor->cursor = editor->len;
    erase(editor, out);
    draw(editor, out);
    buf_put_text(out, "\r\n");
    editor->drawn_row = 0;
    editor->is_dirty = true;
}

void editor_clear_screen(struct editor *editor, struct buf *out)
{
    if (!editor->is_started)
        return;
    buf_put_text(out, "\x1b[H\x1b[2J");
    editor->drawn_row = 0;
    editor->is_dirty = true;
}

/* ---- another size ---- */

/* Terminals that became narrower have wrapped our rows: how far above the cursor the first one is now.
 * (Those that cut them off instead cannot be told apart; all agree as long as a row still fits.) */
static unsigned rows_above(const struct editor *editor, unsigned width)
{
    struct bytes shown = buf_bytes(&editor->shown);
    unsigned columns = columns_of(editor), rows = 0, row = 0, length = 0;
    struct place place = {0};
    size_t at = 0;

    while (at < shown.len && place.row < editor->drawn_top + editor->drawn_row) {
        unsigned char_width;
        size_t n = width_cut_cluster(bytes_slice(shown, at, shown.len), &char_width);
        make_room(&place, char_width, columns);
        if (place.row > row) {
            if (row >= editor->drawn_top)
                rows += length > 0 ? (length + width - 1) / width : 1;
            row = place.row;
        }
        place.column += char_width;
        length = place.column;
        at += n;
    }
    return rows + editor->drawn_column / width;
}

void editor_resize(struct editor *editor, unsigned width, unsigned height, struct buf *out)
{
    width = clamp(width, WIDTH_MIN, WIDTH_DEFAULT);
    height = clamp(height, HEIGHT_MIN, HEIGHT_DEFAULT);
    if (editor->is_started)
        editor->drawn_row = rows_above(editor, width);
    editor->width = width;
    editor->height = height;
    editor->is_dirty = true;
    editor_refresh(editor, out);
}

/* ---- printing ---- */

/* Length of the colour sequence that `text` begins with: ESC [ digits and ';' m. 0: it does not. */
static size_t colour_bytes(struct bytes text)
{
    size_t end = 2;

    if (!bytes_starts_with(text, BYTES("\x1b[")))
        return 0;
    while (end < text.len && (ascii_is_digit(text.ptr[end]) || text.ptr[end] == ';'))
        end++;
    return end < text.len && text.ptr[end] == 'm' ? end + 1 : 0;
}

/* What is printed may hold colours and bells: they take no column, and are no part of a cluster. */
static size_t cut_printed(struct bytes text, unsigned *ret_width)
{
    size_t end = text.ptr[0] == '\a' ? 1 : colour_bytes(text);

    *ret_width = 0;
    if (end > 0)
        return end;
    end = 1;
    size_t n = width_cut_cluster(text, ret_width);
    while (end < n && (unsigned char)text.ptr[end] >= 0x20)
        end++;
    return end;
}

static void put_printed(struct buf *out, struct bytes part)
{
    if (part.ptr[0] == '\a' || colour_bytes(part) > 0)
        buf_put(out, part);
    else
        put_cluster(out, part);
}

/* How much of `line` goes into a row: up to the last blank if it does not fit, else what fits. */
static size_t cut_row(struct bytes line, size_t columns)
{
    size_t at = 0, used = 0, blank = 0;

    while (at < line.len) {
        unsigned width;
        size_t n = cut_printed(bytes_slice(line, at, line.len), &width);
        if (line.ptr[at] == ' ')
            blank = at;
        if (used + width > columns && at > 0)
            return blank > 0 ? blank : at;
        used += width;
        at += n;
    }
    return at;
}

static void print_row(struct bytes row, struct buf *out)
{
    while (row.len > 0) {
        unsigned width;
        size_t n = cut_printed(row, &width);
        put_printed(out, bytes_slice(row, 0, n));
        row = bytes_slice(row, n, row.len);
    }
    buf_put_text(out, "\r\n");
}

static size_t leading_blanks(struct bytes line)
{
    size_t count = 0;

    while (count < line.len && line.ptr[count] == ' ')
        count++;
    return count;
}

static bool is_continuation(struct bytes line)
{
    return bytes_starts_with(line, BYTES(MORE));
}

/* What a line's rows after the first begin with. A line that belongs to the one above it still shows that. */
static struct bytes indent_of(const struct editor *editor, struct bytes line)
{
    if (editor->width < INDENT_WIDTH_MIN)
        return (struct bytes){NULL, 0};
    return is_continuation(line) ? BYTES(MORE) : BYTES(INDENT);
}

static void print_line(const struct editor *editor, struct bytes line, struct buf *out)
{
    size_t columns = columns_of(editor);
    struct bytes indent = indent_of(editor, line);
    /* A break inside the indent that a line has of its own would make an empty row. */
    size_t blanks = is_continuation(line) ? strlen(MORE) : leading_blanks(line);
    size_t cut = blanks < columns ? blanks + cut_row(bytes_slice(line, blanks, line.len), columns - blanks)
                                  : cut_row(line, columns);

    print_row(bytes_slice(line, 0, cut), out);
    line = bytes_slice(line, cut, line.len);
    while (line.len > 0) {
        line = bytes_slice(line, leading_blanks(line), line.len);
        if (line.len == 0)
            return;
        cut = cut_row(line, columns - indent.len);
        buf_put(out, indent);
        print_row(bytes_slice(line, 0, cut), out);
        line = bytes_slice(line, cut, line.len);
    }
}

void editor_print(struct editor *editor, struct bytes text, struct buf *out)
{
    if (editor->is_started)
        erase(editor, out);
    while (text.len > 0) {
        struct bytes line = bytes_cut(&text, '\n');
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        print_line(editor, line, out);
    }
    if (editor->is_started)
        draw(editor, out);
}
