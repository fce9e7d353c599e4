/* A line editor for people at a terminal that sends every key.
 *
 * Pure: keys in, lines and bytes for the terminal out. What others say is printed above the line that is
 * being typed, in one piece. The editor owns the terminal's last rows: it knows where the cursor stands
 * below the first of them, goes back there, erases from there, and draws anew. It never writes into the
 * last column, where terminals differ about when a line wraps.
 *
 *     arrows, Home, End, ^A ^E ^B ^F    move           ^U ^K ^W, ^Y         cut, and put back
 *     Backspace, Delete, ^D             erase          Up, Down, ^P ^N      earlier lines
 *     Tab                               complete       ^L                   clear the screen
 *     ^C                                drop the line  ^D on an empty line  leave
 *
 * Several lines that are pasted become one event after a "y": a line with '\n' in it. */
#ifndef PROTO_EDITOR_H
#define PROTO_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "chat/text.h"

#define EDITOR_HISTORY_LINES 50
#define EDITOR_HISTORY_BYTES (16u * 1024) /* of all of them */
#define EDITOR_PASTE_BYTES_MAX TEXT_BYTES_MAX
#define EDITOR_PASTE_LINES_MAX TEXT_LINES_MAX
#define EDITOR_WORD_BYTES_MAX 64 /* longer words are not completed */

struct editor;

/* Writes the first match of `prefix` that comes after `after` (empty: the first of all), in an order that
 * is always the same; false when there is none. The editor puts what follows a name behind it. */
typedef bool (*editor_complete_fn)(void *arg, struct bytes prefix, bool is_line_start, struct bytes after,
                                   struct buf *out);

enum editor_event {
    EDITOR_EV_NONE,  /* all bytes are used up */
    EDITOR_EV_LINE,  /* editor_line() is complete */
    EDITOR_EV_LEAVE, /* ^D on an empty line */
};

/* NULL when out of memory. `complete` may be NULL. */
MUST_CHECK struct editor *editor_new(size_t max_bytes, editor_complete_fn complete, void *arg);
void editor_free(struct editor *editor);

/* Shown with the next drawing. At most EDITOR_PROMPT_BYTES_MAX, the rest is cut off. */
#define EDITOR_PROMPT_BYTES_MAX 120
void editor_set_prompt(struct editor *editor, struct bytes prompt);
/* Whether finished lines stay on the screen. Otherwise only commands do, for what is said comes back. */
void editor_set_keeps_lines(struct editor *editor, bool keeps_lines);

/* While it is on nothing of what is typed is shown, remembered, completed or kept to be put back. */
void editor_set_secret(struct editor *editor, bool is_secret);

/* Whether a paste is coming, or the question about it is open: what comes next belongs to it. */
bool editor_is_pasting(const struct editor *editor);

/* The last finished line is not to be called back. */
void editor_forget(struct editor *editor);

/* Columns and rows; 0 is not known, and taken for 80 × 24. Draws anew when started. */
void editor_resize(struct editor *editor, unsigned width, unsigned height, struct buf *out);

/* Takes the terminal's last row, on which the cursor is to stand at the left; gives it back. */
void editor_start(struct editor *editor, struct buf *out);
void editor_end(struct editor *editor, struct buf *out);

/* Takes keys up to the first event and returns how many bytes that were: call it until it says
 * EDITOR_EV_NONE. */
size_t editor_feed(struct editor *editor, struct bytes keys, struct buf *out, enum editor_event *ret_event);
/* The line of the last EDITOR_EV_LINE, until the next call of editor_feed(). With '\n' in it it was pasted: a
 * text of several lines, none of which is a command. */
struct bytes editor_line(const struct editor *editor);

/* Brings the screen up to date; call it after the last editor_feed() of what came at once. */
void editor_refresh(struct editor *editor, struct buf *out);

/* Writes whole lines above the prompt, each wrapped at words. */
void editor_print(struct editor *editor, struct bytes text, struct buf *out);

#endif
