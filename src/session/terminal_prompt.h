/* What stands before the line that is being typed: "[#lobby] bob> ". For terminal.c. */
#ifndef SESSION_TERMINAL_PROMPT_H
#define SESSION_TERMINAL_PROMPT_H

#include "base/buf.h"
#include "base/bytes.h"
#include "session/terminal.h"

/* Appends it. True when it is a question of the session's own, whose answer is not said. */
bool terminal_prompt(const struct terminal *terminal, struct buf *out);

/* In line mode: appends the text, and the prompt with its mark for a client that shows prompts. */
void terminal_prompt_behind(struct terminal *terminal, struct bytes text, struct buf *out);
/* The cursor to a fresh line, for good. */
void terminal_prompt_leave(struct terminal *terminal, struct buf *out);

#endif
