/* Earlier lines, and words completed. */
#include <stdlib.h>
#include <string.h>

#include "proto/editor_private.h"

static void forget_oldest(struct editor *editor)
{
    editor->history_bytes -= strlen(editor->history[0]);
    free(editor->history[0]);
    editor->history_count--;
    memmove(&editor->history[0], &editor->history[1], editor->history_count * sizeof(editor->history[0]));
}

/* Out of memory is no reason to fail: the line is just not there later. */
void editor_remember(struct editor *editor, struct bytes line)
{
    size_t count = editor->history_count;
    bool is_repeated = count > 0 && bytes_eq(line, bytes_of(editor->history[count - 1]));

    if (line.len > 0 && line.len <= EDITOR_HISTORY_BYTES && !is_repeated) {
        char *copy = bytes_dup(line);
        if (copy) {
            while (editor->history_count == EDITOR_HISTORY_LINES ||
                   editor->history_bytes + line.len > EDITOR_HISTORY_BYTES)
                forget_oldest(editor);
            editor->history[editor->history_count++] = copy;
            editor->history_bytes += line.len;
        }
    }
    editor->history_at = editor->history_count;
}

/* Only what has just been remembered: a line that was said before stays. */
void editor_forget(struct editor *editor)
{
    size_t last = editor->history_count - 1;

    if (editor->history_count == 0 || !bytes_eq(editor_line(editor), bytes_of(editor->history[last])))
        return;
    editor->history_bytes -= strlen(editor->history[last]);
    explicit_bzero(editor->history[last], strlen(editor->history[last]));
    free(editor->history[last]);
    editor->history_at = editor->history_count = last;
}

void editor_recall(struct editor *editor, bool is_older)
{
    size_t at = editor->history_at;

    if (editor->is_secret || at == (is_older ? 0 : editor->history_count))
        return;
    if (at == editor->history_count) {
        buf_reset(&editor->draft);
        buf_put(&editor->draft, (struct bytes){editor->text, editor->len});
    }
    at = is_older ? at - 1 : at + 1;
    editor->history_at = at;
    editor_replace(editor,
                   at == editor->history_count ? buf_bytes(&editor->draft) : bytes_of(editor->history[at]));
}

/* ---- completion ---- */

static void begin_completion(struct editor *editor)
{
    size_t at = editor->cursor;

    while (at > 0 && editor->text[at - 1] != ' ')
        at--;
    struct bytes word = {&editor->text[at], editor->cursor - at};
    editor->word_at = at;
    editor->candidate[0] = '\0';
    editor->is_completing = bytes_copy(word, editor->prefix, sizeof(editor->prefix));
}

/* The next candidate, or the first after the last one; false when there is none at all. */
static bool next_candidate(struct editor *editor, struct buf *out)
{
    struct bytes prefix = bytes_of(editor->prefix), after = bytes_of(editor->candidate);
    bool is_line_start = editor->word_at == 0;

    if (editor->complete(editor->arg, prefix, is_line_start, after, out))
        return true;
    buf_reset(out);
    return after.len > 0 &&
           editor->complete(editor->arg, prefix, is_line_start, (struct bytes){NULL, 0}, out);
}

/* A name at the start of a line addresses somebody. */
static const char *suffix_of(const struct editor *editor)
{
    bool is_name = editor->prefix[0] != '/' && editor->prefix[0] != '#';
    return is_name && editor->word_at == 0 ? ": " : " ";
}

void editor_complete(struct editor *editor)
{
    struct buf word;

    if (!editor->complete || editor->is_secret)
        return;
    if (!editor->is_completing)
        begin_completion(editor);
    buf_init(&word, EDITOR_WORD_BYTES_MAX + 2);
    if (editor->is_completing && next_candidate(editor, &word) && word.len <= EDITOR_WORD_BYTES_MAX) {
        bytes_copy(buf_bytes(&word), editor->candidate, sizeof(editor->candidate));
        buf_put_text(&word, suffix_of(editor));
        size_t room = editor->max - (editor->len - (editor->cursor - editor->word_at));
        if (!buf_error(&word) && word.len <= room) {
            editor_erase(editor, editor->word_at, editor->cursor);
            (void)editor_insert(editor, buf_bytes(&word));
        }
    }
    buf_done(&word);
}
