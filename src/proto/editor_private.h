/* The editor's inside, for its own sources: editor.c (text and lines), editor_keys.c (what keys mean),
 * editor_history.c (earlier lines, completion), editor_draw.c (the screen). */
#ifndef PROTO_EDITOR_PRIVATE_H
#define PROTO_EDITOR_PRIVATE_H

#include <stdint.h>

#include "proto/editor.h"

#define EDITOR_SEQUENCE_BYTES_MAX 16

enum editor_paste {
    EDITOR_PASTE_NONE,
    EDITOR_PASTE_COMING, /* between its two marks */
    EDITOR_PASTE_ASKING, /* several lines: y or n? */
};

struct editor {
    editor_complete_fn complete;
    void *arg;
    bool keeps_lines, is_secret;

    /* The line: text[0 .. len), at most max bytes; the cursor is on the border of a character. */
    char *text, *line;
    size_t max, len, cursor;
    size_t line_max, line_len; /* a paste may be longer than a line */
    struct buf killed;

    /* Keys that come in several bytes. */
    int state; /* see editor_keys.c */
    char sequence[EDITOR_SEQUENCE_BYTES_MAX];
    size_t sequence_len;
    bool is_after_cr;

    enum editor_paste paste_state;
    struct buf paste;
    size_t paste_bytes, paste_lines; /* of it, also of what did not fit; line ends */
    size_t mark_bytes;               /* of the closing mark that have been seen */

    /* Completion goes on as long as Tab follows Tab. */
    bool is_completing;
    size_t word_at;
    char prefix[EDITOR_WORD_BYTES_MAX + 1], candidate[EDITOR_WORD_BYTES_MAX + 1];

    char *history[EDITOR_HISTORY_LINES]; /* oldest first */
    size_t history_count, history_bytes;
    size_t history_at; /* history_count: the line that is being typed, which is kept in `draft` */
    struct buf draft;

    /* The screen. `shown` is what was drawn last: prompt and text, or a question. */
    unsigned width, height;
    struct buf prompt, shown;
    bool is_started;
    bool is_dirty;         /* to be drawn anew */
    size_t appended;       /* else: so many bytes at the end of the text are not drawn yet */
    unsigned drawn_row;    /* the cursor's, counted from the first row that is drawn */
    unsigned drawn_column; /* the cursor's */
    size_t drawn_cursor;   /* as an index into `shown` */
    unsigned drawn_top;    /* rows of `shown` that are scrolled out above */
};

/* ---- editor.c ---- */

bool editor_insert(struct editor *editor, struct bytes piece); /* false: the line is full */
void editor_erase(struct editor *editor, size_t from, size_t to);
void editor_cut(struct editor *editor, size_t from, size_t to); /* for ^Y to put back */
void editor_replace(struct editor *editor, struct bytes text);
void editor_move(struct editor *editor, size_t to);
/* The borders next to the cursor, of what is drawn as one. */
size_t editor_before(const struct editor *editor);
size_t editor_after(const struct editor *editor);
/* The line is finished: it becomes editor_line(), and a new one begins. */
void editor_finish(struct editor *editor, struct buf *out);

/* ---- editor_keys.c ---- */

/* Any bytes as if typed, without controls: what is no clean text is left out or U+FFFD. */
void editor_type(struct editor *editor, struct bytes text);

/* ---- editor_history.c ---- */

void editor_remember(struct editor *editor, struct bytes line);
void editor_recall(struct editor *editor, bool is_older);
void editor_complete(struct editor *editor);

/* ---- editor_draw.c ---- */

/* Leaves the text as it is on the screen, with its end, and begins below it. */
void editor_commit(struct editor *editor, struct buf *out);
void editor_clear_screen(struct editor *editor, struct buf *out);

#endif
