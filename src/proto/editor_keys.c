/* What keys mean. Bytes become characters, control keys, escape sequences (ECMA-48, 5.4; the keys are
 * xterm's and the linux console's) or a paste (xterm's bracketed paste). */
#include <string.h>

#include "base/utf8.h"
#include "chat/text.h"
#include "proto/editor_private.h"

enum { ST_TEXT, ST_ESC, ST_CSI, ST_SS3 };

#define CTRL(letter) ((letter)&0x1f)
#define KEY_ESC 0x1b
#define KEY_DEL 0x7f

static const char paste_end[] = "\x1b[201~";
#define PASTE_END_BYTES (sizeof(paste_end) - 1)

/* ---- characters ---- */

void editor_type(struct editor *editor, struct bytes text)
{
    while (text.len > 0) {
        uint32_t c;
        bool is_valid;
        size_t n = utf8_next(text, &c, &is_valid);
        struct bytes piece = bytes_slice(text, 0, n);
        if (!is_valid)
            piece = BYTES("\xef\xbf\xbd");
        if (c == '\t')
            piece = BYTES(" ");
        /* What would be cleaned away later is not shown now. */
        if (text_is_clean(piece))
            (void)editor_insert(editor, piece);
        text = bytes_slice(text, n, text.len);
    }
}

/* Bytes of the character that begins with `first`; 1 for what begins none. */
static size_t char_bytes(unsigned char first)
{
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    return first >= 0xF0 && first <= 0xF4 ? 4 : 1;
}

static struct bytes sequence_of(const struct editor *editor)
{
    return (struct bytes){editor->sequence, editor->sequence_len};
}

/* Half a character that will not become whole. */
static void flush_half(struct editor *editor)
{
    if (editor->sequence_len > 0)
        editor_type(editor, sequence_of(editor));
    editor->sequence_len = 0;
}

/* One byte of text, which may be the part of a character. */
static void take_text(struct editor *editor, char byte)
{
    uint32_t c;
    bool is_valid;

    editor->sequence[editor->sequence_len++] = byte;
    size_t n = utf8_next(sequence_of(editor), &c, &is_valid);
    if (!is_valid && n < editor->sequence_len) { /* the byte does not go on with what is there */
        editor->sequence_len--;
        flush_half(editor);
        editor->sequence[editor->sequence_len++] = byte;
    }
    if (editor->sequence_len >= char_bytes((unsigned char)editor->sequence[0]))
        flush_half(editor);
}

/* ---- pastes ---- */

static void begin_paste(struct editor *editor)
{
    editor->paste_state = EDITOR_PASTE_COMING;
    editor->mark_bytes = 0;
    editor->paste_bytes = editor->paste_lines = 0;
    buf_reset(&editor->paste);
}

static void end_paste(struct editor *editor)
{
    editor->paste_state = EDITOR_PASTE_NONE;
    editor->is_dirty = true;
    buf_done(&editor->paste);
    buf_init(&editor->paste, EDITOR_PASTE_BYTES_MAX);
}

bool editor_is_pasting(const struct editor *editor)
{
    return editor->paste_state != EDITOR_PASTE_NONE;
}

/* One byte of a paste; all ends of lines become LF. */
static void put_pasted(struct editor *editor, char c)
{
    bool is_after_cr = editor->is_after_cr;

    editor->is_after_cr = c == '\r';
    if (c == '\n' && is_after_cr)
        return;
    if (c == '\r')
        c = '\n';
    editor->paste_bytes++;
    editor->paste_lines += c == '\n';
    buf_put_char(&editor->paste, c);
}

static void refuse_paste(struct editor *editor, size_t lines, struct buf *out)
{
    struct buf text;

    buf_init(&text, 256);
    buf_printf(
        &text,
        "*** Not sent: a message has at most %d lines and %d bytes, this paste has %zu and %zu. Send it"
        " in parts.\n",
        EDITOR_PASTE_LINES_MAX, EDITOR_PASTE_BYTES_MAX, lines, editor->paste_bytes);
    end_paste(editor);
    editor_print(editor, buf_bytes(&text), out);
    buf_done(&text);
}

/* The paste is complete. One line goes to where the cursor is, and so does the first one of several that
 * were to be a password. */
static void finish_paste(struct editor *editor, struct buf *out)
{
    while (editor->paste.len > 0 && editor->paste.ptr[editor->paste.len - 1] == '\n') {
        buf_truncate(&editor->paste, editor->paste.len - 1);
        editor->paste_lines--;
    }
    struct bytes text = buf_bytes(&editor->paste);
    size_t lines = editor->paste_lines + 1;
    bool is_one = lines == 1 || editor->is_secret;
    if (buf_error(&editor->paste) || lines > EDITOR_PASTE_LINES_MAX ||
        (is_one && text.len > editor->max - editor->len)) {
        refuse_paste(editor, lines, out);
    } else if (!is_one) {
        editor->paste_state = EDITOR_PASTE_ASKING;
        editor->is_dirty = true;
    } else {
        editor_type(editor, bytes_cut(&text, '\n'));
        end_paste(editor);
    }
}

static void take_pasted(struct editor *editor, char c, struct buf *out)
{
    if (c != paste_end[editor->mark_bytes]) {
        for (size_t i = 0; i < editor->mark_bytes; i++)
            put_pasted(editor, paste_end[i]);
        editor->mark_bytes = 0;
    }
    if (c != paste_end[editor->mark_bytes]) {
        put_pasted(editor, c);
        return;
    }
    if (++editor->mark_bytes == PASTE_END_BYTES) {
        editor->is_after_cr = false;
        finish_paste(editor, out);
    }
}

static void take_answer(struct editor *editor, char c, enum editor_event *ret_event)
{
    if (c == 'y' || c == 'Y') {
        *ret_event = EDITOR_EV_LINE;
        memcpy(editor->line, editor->paste.ptr, editor->paste.len);
        editor->line_len = editor->paste.len;
        end_paste(editor);
    } else if (c == 'n' || c == 'N' || c == CTRL('C') || c == CTRL('D')) {
        end_paste(editor);
    }
}

/* ---- keys ---- */

/* Over the blanks before the cursor, then over the word. */
static size_t word_before(const struct editor *editor)
{
    size_t at = editor->cursor;

    while (at > 0 && editor->text[at - 1] == ' ')
        at--;
    while (at > 0 && editor->text[at - 1] != ' ')
        at--;
    return at;
}

static void yank(struct editor *editor)
{
    (void)editor_insert(editor, buf_bytes(&editor->killed));
}

static void drop_line(struct editor *editor)
{
    editor_replace(editor, (struct bytes){NULL, 0});
    editor->history_at = editor->history_count;
}

/* Keys that move or erase. */
static void take_edit_key(struct editor *editor, char c)
{
    switch (c) {
    case CTRL('A'):
        editor_move(editor, 0);
        break;
    case CTRL('B'):
        editor_move(editor, editor_before(editor));
        break;
    case CTRL('E'):
        editor_move(editor, editor->len);
        break;
    case CTRL('F'):
        editor_move(editor, editor_after(editor));
        break;
    case CTRL('H'):
    case KEY_DEL:
        editor_erase(editor, editor_before(editor), editor->cursor);
        break;
    case CTRL('K'):
        editor_cut(editor, editor->cursor, editor->len);
        break;
    case CTRL('U'):
        editor_cut(editor, 0, editor->cursor);
        break;
    case CTRL('W'):
        editor_cut(editor, word_before(editor), editor->cursor);
        break;
    case CTRL('Y'):
        yank(editor);
        break;
    default:
        break;
    }
}

static void take_control(struct editor *editor, char c, struct buf *out, enum editor_event *ret_event)
{
    switch (c) {
    case KEY_ESC:
        editor->state = ST_ESC;
        break;
    case '\n':
    case '\r':
        *ret_event = EDITOR_EV_LINE;
        editor_finish(editor, out);
        break;
    case '\t':
        editor_complete(editor);
        break;
    case CTRL('C'):
        drop_line(editor);
        break;
    case CTRL('D'):
        if (editor->len == 0)
            *ret_event = EDITOR_EV_LEAVE;
        else
            editor_erase(editor, editor->cursor, editor_after(editor));
        break;
    case CTRL('L'):
        editor_clear_screen(editor, out);
        break;
    case CTRL('N'):
    case CTRL('P'):
        editor_recall(editor, c == CTRL('P'));
        break;
    default:
        take_edit_key(editor, c);
        break;
    }
}

/* ---- escape sequences ---- */

/* "ESC [ number ~" */
static void take_numbered(struct editor *editor)
{
    uint64_t number;

    if (bytes_parse_u64(sequence_of(editor), 999, &number) < 0)
        return;
    switch (number) {
    case 1:
    case 7:
        editor_move(editor, 0);
        break;
    case 3:
        editor_erase(editor, editor->cursor, editor_after(editor));
        break;
    case 4:
    case 8:
        editor_move(editor, editor->len);
        break;
    case 200:
        begin_paste(editor);
        break;
    default:
        break;
    }
}

static void take_final(struct editor *editor, char c)
{
    switch (c) {
    case 'A':
    case 'B':
        editor_recall(editor, c == 'A');
        break;
    case 'C':
        editor_move(editor, editor_after(editor));
        break;
    case 'D':
        editor_move(editor, editor_before(editor));
        break;
    case 'F':
        editor_move(editor, editor->len);
        break;
    case 'H':
        editor_move(editor, 0);
        break;
    case '~':
        take_numbered(editor);
        break;
    default:
        break;
    }
}

/* A byte after ESC. Returns false when it is none of the sequence, which is given up. */
static bool take_escaped(struct editor *editor, char c)
{
    if ((unsigned char)c < 0x20 || (unsigned char)c >= KEY_DEL)
        return false;
    if (editor->state == ST_ESC) {
        editor->state = c == '[' ? ST_CSI : c == 'O' ? ST_SS3 : ST_TEXT;
        return true;
    }
    if (editor->state == ST_CSI && c < 0x40) {
        if (editor->sequence_len < sizeof(editor->sequence))
            editor->sequence[editor->sequence_len++] = c;
        return true;
    }
    editor->state = ST_TEXT;
    take_final(editor, c);
    editor->sequence_len = 0;
    return true;
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == KEY_DEL;
}

static void take_key(struct editor *editor, char c, struct buf *out, enum editor_event *ret_event)
{
    bool is_after_cr = editor->is_after_cr;

    if (editor->paste_state == EDITOR_PASTE_COMING) {
        take_pasted(editor, c, out);
        return;
    }
    editor->is_after_cr = c == '\r';
    if (c == '\n' && is_after_cr)
        return;
    if (editor->state != ST_TEXT) {
        if (take_escaped(editor, c))
            return;
        editor->state = ST_TEXT;
        editor->sequence_len = 0;
    }
    if (editor->paste_state == EDITOR_PASTE_ASKING) {
        take_answer(editor, c, ret_event);
        return;
    }
    if (c != '\t')
        editor->is_completing = false;
    if (!is_control(c)) {
        take_text(editor, c);
        return;
    }
    flush_half(editor);
    take_control(editor, c, out, ret_event);
}

size_t editor_feed(struct editor *editor, struct bytes keys, struct buf *out, enum editor_event *ret_event)
{
    size_t used = 0;

    *ret_event = EDITOR_EV_NONE;
    while (used < keys.len && *ret_event == EDITOR_EV_NONE)
        take_key(editor, keys.ptr[used++], out, ret_event);
    return used;
}
