/* What the plain dialect writes, as C strings, for tests that compare it to the word. */
#ifndef SUPPORT_PLAIN_TEXT_H
#define SUPPORT_PLAIN_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "chat/chat_event.h"
#include "proto/dialect.h"

/* Sat 21 Nov 2026, 14:05:03 UTC */
#define PLAIN_TEXT_NOW_MS INT64_C(1795269903120)

extern const struct wire_form plain_text_lf, plain_text_crlf;
extern const struct chat_view plain_text_here, plain_text_elsewhere; /* in the current room, and not */

/* Sets the local time zone, a POSIX TZ string. */
void plain_text_set_zone(const char *zone);

/* One reference, the caller's. */
struct chat_event *plain_text_event(int64_t wall_ms, struct chat_event_spec spec);

/* The buf's content as a string, owned by the caller; the buf is done with. */
char *plain_text_of(struct buf *out);

/* What is written for an event of PLAIN_TEXT_NOW_MS; owned by the caller. */
char *plain_text_render(struct wire_form form, struct chat_event_spec spec, const struct chat_view *view);

/* Frees `got`. */
void plain_text_assert(char *got, const char *expected);

/* Length of the longest line. Fails when a line has no end or does not begin as lines may begin. */
size_t plain_text_longest(const char *text, size_t *ret_lines);

#endif
