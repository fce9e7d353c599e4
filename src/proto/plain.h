/* The dialect of people with nc or telnet: lines out that a person reads and grep can sort, lines in
 * that are said unless they begin with '/'.
 *
 * First character of a line out: digit = event with time (server's local zone), `***` = the server
 * answers you, `---` = separator, six spaces and `| ` = continuation. */
#ifndef PROTO_PLAIN_H
#define PROTO_PLAIN_H

#include <stdbool.h>

#include "base/bytes.h"
#include "chat/command.h"
#include "proto/dialect.h"

extern const struct dialect plain_dialect;

/* What must be remembered between a client's lines. Zeroed at the start. */
struct plain_reader {
    char bare_word[8]; /* "quit", "exit" or "help" when the last line was exactly that */
};

/* A line (without its end) after the name question: a command, a text to say, or a refusal
 * (request->command == NULL). Several lines at once were pasted: they are a text, whatever they begin with.
 * Slices in *ret_request point into `line`. An empty line gives false:
 * nothing to do. */
bool plain_parse(struct plain_reader *reader, struct bytes line, struct chat_request *ret_request);

/* What a line means while the name is asked for. */
enum plain_answer {
    PLAIN_ANSWER_NAME,  /* *ret_name: what was typed, blanks trimmed, may be no valid name; empty
                           (Enter alone): the server chooses a guest name */
    PLAIN_ANSWER_HELP,  /* "help", "?", "/help" */
    PLAIN_ANSWER_QUIT,  /* "quit", "exit", "/quit" … */
    PLAIN_ANSWER_OTHER, /* another command: not yet, a name comes first */
};
enum plain_answer plain_parse_answer(struct bytes line, struct bytes *ret_name);

/* Whether an event of a room is for this reader, by its options and its view. */
bool plain_is_shown(struct wire_form form, const struct chat_event *event, const struct chat_view *view);
/* "*** Bye." and the like, without an end of line. */
const char *plain_goodbye_text(enum close_reason reason);

/* Help and the refusal of commands while the name is asked for; both end with the question. */
void plain_name_help(struct wire_form form, struct buf *out);
void plain_name_first(struct wire_form form, struct buf *out);

#endif
