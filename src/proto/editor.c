/* The text that is being edited, and lines that are done. */
#include "proto/editor.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/width.h"
#include "proto/editor_private.h"

#define SHOWN_BYTES_EXTRA 256 /* prompt or question, besides the text */

struct editor *editor_new(size_t max_bytes, editor_complete_fn complete, void *arg)
{
    struct editor *editor = calloc(1, sizeof(*editor));

    CHECK(max_bytes > 0);
    if (!editor)
        return NULL;
    *editor = (struct editor){.complete = complete, .arg = arg, .max = max_bytes, .is_dirty = true};
    editor->text = malloc(max_bytes);
    editor->line_max = max_bytes > EDITOR_PASTE_BYTES_MAX ? max_bytes : EDITOR_PASTE_BYTES_MAX;
    editor->line = malloc(editor->line_max);
    buf_init(&editor->killed, max_bytes);
    buf_init(&editor->draft, max_bytes);
    buf_init(&editor->paste, EDITOR_PASTE_BYTES_MAX);
    buf_init(&editor->prompt, EDITOR_PROMPT_BYTES_MAX);
    buf_init(&editor->shown, max_bytes + SHOWN_BYTES_EXTRA);
    if (!editor->text || !editor->line) {
        editor_free(editor);
        return NULL;
    }
    editor_resize(editor, 0, 0, &editor->shown);
    return editor;
}

void editor_free(struct editor *editor)
{
    if (!editor)
        return;
    for (size_t i = 0; i < editor->history_count; i++)
        free(editor->history[i]);
    buf_done(&editor->killed);
    buf_done(&editor->draft);
    buf_done(&editor->paste);
    buf_done(&editor->prompt);
    buf_done(&editor->shown);
    free(editor->text);
    free(editor->line);
    free(editor);
}

void editor_set_prompt(struct editor *editor, struct bytes prompt)
{
    prompt = bytes_slice(prompt, 0, EDITOR_PROMPT_BYTES_MAX);
    if (bytes_eq(prompt, buf_bytes(&editor->prompt)))
        return;
    buf_reset(&editor->prompt);
    buf_put(&editor->prompt, prompt);
    editor->is_dirty = true;
}

void editor_set_keeps_lines(struct editor *editor, bool keeps_lines)
{
    editor->keeps_lines = keeps_lines;
}

void editor_set_secret(struct editor *editor, bool is_secret)
{
    if (is_secret == editor->is_secret)
        return;
    editor->is_secret = is_secret;
    editor_replace(editor, (struct bytes){NULL, 0});
    explicit_bzero(editor->line, editor->line_max);
    explicit_bzero(editor->text, editor->max);
    editor->line_len = 0;
}

struct bytes editor_line(const struct editor *editor)
{
    return (struct bytes){editor->line, editor->line_len};
}

bool editor_insert(struct editor *editor, struct bytes piece)
{
    char *at = &editor->text[editor->cursor];

    if (piece.len > editor->max - editor->len)
        return false;
    if (piece.len == 0)
        return true;
    memmove(at + piece.len, at, editor->len - editor->cursor);
    memcpy(at, piece.ptr, piece.len);
    if (editor->cursor == editor->len)
        editor->appended += piece.len;
    else
        editor->is_dirty = true;
    editor->len += piece.len;
    editor->cursor += piece.len;
    return true;
}

void editor_erase(struct editor *editor, size_t from, size_t to)
{
    CHECK(from <= to && to <= editor->len);
    if (from == to)
        return;
    memmove(&editor->text[from], &editor->text[to], editor->len - to);
    editor->len -= to - from;
    if (editor->cursor >= to)
        editor->cursor -= to - from;
    else if (editor->cursor > from)
        editor->cursor = from;
    editor->is_dirty = true;
}

void editor_cut(struct editor *editor, size_t from, size_t to)
{
    if (from == to)
        return;
    if (!editor->is_secret) {
        buf_reset(&editor->killed);
        buf_put(&editor->killed, (struct bytes){&editor->text[from], to - from});
    }
    editor_erase(editor, from, to);
}

void editor_replace(struct editor *editor, struct bytes text)
{
    editor_erase(editor, 0, editor->len);
    editor->is_dirty = true;
    CHECK(editor_insert(editor, text));
}

void editor_move(struct editor *editor, size_t to)
{
    if (to == editor->cursor)
        return;
    editor->cursor = to;
    editor->is_dirty = true;
}

size_t editor_after(const struct editor *editor)
{
    struct bytes rest = {&editor->text[editor->cursor], editor->len - editor->cursor};
    unsigned width;

    return rest.len == 0 ? editor->len : editor->cursor + width_cut_cluster(rest, &width);
}

/* Where the character before `at` begins; the text is valid UTF-8. */
static size_t char_before(const struct editor *editor, size_t at)
{
    do
        at--;
    while (at > 0 && ((unsigned char)editor->text[at] & 0xC0) == 0x80);
    return at;
}

size_t editor_before(const struct editor *editor)
{
    size_t at = editor->cursor;
    unsigned width = 0;

    /* Back to the first character that takes a column; the rest of a line without one is not looked at. */
    for (unsigned count = 0; at > 0 && width == 0 && count < WIDTH_CLUSTER_CHARS_MAX; count++) {
        at = char_before(editor, at);
        width_cut_cluster((struct bytes){&editor->text[at], editor->cursor - at}, &width);
    }
    return at;
}

/* Does the line come back as what others see, so that it need not stay? */
static bool comes_back(const struct editor *editor)
{
    struct bytes text = {editor->text, editor->len};

    if (editor->keeps_lines || editor->is_secret)
        return false;
    return !bytes_starts_with(text, BYTES("/")) || bytes_starts_with(text, BYTES("//"));
}

void editor_finish(struct editor *editor, struct buf *out)
{
    if (!comes_back(editor))
        editor_commit(editor, out);
    memcpy(editor->line, editor->text, editor->len);
    editor->line_len = editor->len;
    if (!editor->is_secret)
        editor_remember(editor, editor_line(editor));
    editor_replace(editor, (struct bytes){NULL, 0});
}
