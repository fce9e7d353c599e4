#include "support/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "base/width.h"

void screen_init(struct screen *screen, unsigned width, unsigned height)
{
    assert_true(width <= SCREEN_WIDTH_MAX && height <= SCREEN_HEIGHT_MAX);
    memset(screen, 0, sizeof(*screen));
    screen->width = width;
    screen->height = height;
}

static void line_feed(struct screen *screen)
{
    if (screen->row + 1 < screen->height) {
        screen->row++;
        return;
    }
    memmove(screen->cells[0], screen->cells[1], sizeof(screen->cells[0]) * (screen->height - 1));
    memset(screen->cells[screen->height - 1], 0, sizeof(screen->cells[0]));
}

static void erase_below(struct screen *screen)
{
    memset(screen->cells[screen->row][screen->column], 0,
           sizeof(screen->cells[0][0]) * (SCREEN_WIDTH_MAX - screen->column));
    for (unsigned row = screen->row + 1; row < screen->height; row++)
        memset(screen->cells[row], 0, sizeof(screen->cells[row]));
}

/* "ESC [ …" with its last byte. */
static void control(struct screen *screen, struct bytes parameters, char final)
{
    uint64_t number = 0;

    if (bytes_eq(parameters, BYTES("?2004"))) {
        assert_true(final == 'h' || final == 'l');
        screen->marks_pastes = final == 'h';
        return;
    }
    if (final == 'm') /* a colour */
        return;
    if (parameters.len > 0)
        assert_int_equal(bytes_parse_u64(parameters, 999, &number), 0);
    if (final == 'A') {
        assert_in_range(number, 1, screen->row);
        screen->row -= (unsigned)number;
    } else if (final == 'C') {
        assert_in_range(number, 1, screen->width - 1 - screen->column);
        screen->column += (unsigned)number;
    } else if (final == 'H') {
        screen->row = screen->column = 0;
    } else if (final == 'J' && number == 2) {
        memset(screen->cells, 0, sizeof(screen->cells));
    } else if (final == 'm' && number == 0) {
        /* All attributes off: there are none here. */
    } else if (final == 'J') {
        erase_below(screen);
    } else {
        fail_msg("ESC [ %.*s %c", BYTES_ARG(parameters), final);
    }
}

static size_t escape(struct screen *screen, struct bytes out)
{
    size_t end = 2;

    assert_true(out.len > 2 && out.ptr[1] == '[');
    while (end < out.len && (unsigned char)out.ptr[end] < 0x40)
        end++;
    assert_true(end < out.len);
    control(screen, bytes_slice(out, 2, end), out.ptr[end]);
    return end + 1;
}

static size_t draw(struct screen *screen, struct bytes out)
{
    unsigned width;
    size_t n = width_cut_cluster(out, &width);
    char *cell = screen->cells[screen->row][screen->column];

    assert_true(utf8_is_valid(bytes_slice(out, 0, n)));
    assert_true((unsigned char)out.ptr[0] >= 0x20 && out.ptr[0] != 0x7f);
    if (width == 0 && screen->column > 0) { /* a mark that comes late */
        cell = screen->cells[screen->row][screen->column - 1];
        memcpy(cell + strlen(cell), out.ptr, n);
        return n;
    }
    assert_true(n < SCREEN_CELL_BYTES);
    if (screen->column + width >= screen->width)
        fail_msg("the last column of row %u is written to", screen->row);
    memset(cell, 0, SCREEN_CELL_BYTES);
    memcpy(cell, out.ptr, n);
    screen->column += width;
    return n;
}

void screen_feed(struct screen *screen, struct bytes out)
{
    while (out.len > 0) {
        size_t n = 1;
        if (out.ptr[0] == '\r')
            screen->column = 0;
        else if (out.ptr[0] == '\n')
            line_feed(screen);
        else if (out.ptr[0] == '\x1b')
            n = escape(screen, out);
        else if (out.ptr[0] != '\a')
            n = draw(screen, out);
        out = bytes_slice(out, n, out.len);
    }
}

static bool is_blank(const char *cell)
{
    return cell[0] == '\0' || strcmp(cell, " ") == 0;
}

/* Columns of the row that are to be shown: to the last that is not blank, or to the cursor. */
static unsigned shown_columns(const struct screen *screen, unsigned row)
{
    unsigned count = screen->width;

    while (count > 0 && is_blank(screen->cells[row][count - 1]))
        count--;
    return row == screen->row && count < screen->column ? screen->column : count;
}

static size_t put_row(struct screen *screen, unsigned row, char *text)
{
    unsigned count = shown_columns(screen, row), half = 0;
    size_t len = 0;

    for (unsigned column = 0; column <= count; column++) {
        const char *cell = screen->cells[row][column];
        if (row == screen->row && column == screen->column)
            text[len++] = '_';
        if (column == count)
            break;
        if (cell[0] == '\0' && half == 0)
            text[len++] = ' ';
        memcpy(&text[len], cell, strlen(cell));
        len += strlen(cell);
        half = cell[0] != '\0' && width_of_text(bytes_of(cell)) == 2;
    }
    text[len++] = '\n';
    return len;
}

const char *screen_text(struct screen *screen)
{
    size_t len = 0;
    unsigned rows = screen->height;

    while (rows > 0 && rows - 1 > screen->row && shown_columns(screen, rows - 1) == 0)
        rows--;
    for (unsigned row = 0; row < rows; row++)
        len += put_row(screen, row, &screen->text[len]);
    screen->text[len] = '\0';
    return screen->text;
}
