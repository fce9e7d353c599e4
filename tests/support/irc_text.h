/* What the IRC dialect writes, as C strings, for tests that compare it to the word. The reader is bob on the
 * server "srv". */
#ifndef SUPPORT_IRC_TEXT_H
#define SUPPORT_IRC_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "chat/chat_event.h"
#include "proto/dialect.h"
#include "proto/irc_request.h"

/* 2026-11-21 14:05:03.120 UTC */
#define IRC_TEXT_NOW_MS INT64_C(1795269903120)

/* What is written for an event of IRC_TEXT_NOW_MS with seq 16; owned by the caller. Fails when a line is no
 * message, or longer than 512 bytes without its tags. */
char *irc_text_render(uint32_t caps, struct chat_event_spec spec, const struct chat_view *view);

/* Lines end in CR LF there, but in '\n' in `expected`. */
void irc_text_assert(uint32_t caps, struct chat_event_spec spec, const char *expected);

/* What the client asks for with this line, which is answered with `answer` at once (CR LF and all). Valid until the
 * next call. */
const struct irc_requests *irc_text_ask(const char *line, const char *answer);

#endif
