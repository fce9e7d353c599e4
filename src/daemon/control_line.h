/* A request on the control socket: one line of words.
 *
 *     --json ban "*@192.0.2.*" 2h "no more of that"
 *
 * Words stand between blanks. Between '"' blanks belong to the word; there, and outside, '\' takes the
 * next byte as it is. Quotes may begin inside a word. Options come first: `--json`, `--width N`; they end
 * at the first word that is none. Pure: allocates nothing, knows no command. docs/control.md is its manual. */
#ifndef DAEMON_CONTROL_LINE_H
#define DAEMON_CONTROL_LINE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/bytes.h"

#define CONTROL_LINE_BYTES_MAX 4096 /* without its end */
#define CONTROL_LINE_WORDS_MAX 256
#define CONTROL_LINE_WIDTH_MAX 10000

struct control_line {
    bool is_json;
    unsigned width; /* columns of the reader's terminal; 0: not known */
    size_t count;   /* of words; the first one is the command */
    struct bytes words[CONTROL_LINE_WORDS_MAX];
    char text[CONTROL_LINE_BYTES_MAX]; /* which the words point into */
};

/* 0, or -EINVAL with *ret_why, a static text that says what is wrong; *ret_line then has no meaning. The
 * words point into *ret_line, which must not be moved. */
MUST_CHECK int control_line_parse(struct bytes text, struct control_line *ret_line, const char **ret_why);

#endif
