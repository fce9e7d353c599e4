/* Cleaning of what people type, once, on the way in.
 *
 * After it, a text is valid UTF-8 and holds no control byte (C0, DEL, C1 also in its two-byte form),
 * no line end, no bidi override that is left open, and no pile of combining marks: it cannot drive
 * another person's terminal, forge a line in a log or break a protocol's framing. */
#ifndef CHAT_TEXT_H
#define CHAT_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* A text that is said has at most so many bytes, and so many lines: about two screens, which a room can bear
 * at once. Who pastes more is told so by whoever takes the paste. */
#define TEXT_BYTES_MAX 4096
#define TEXT_LINES_MAX 50

#define TEXT_COMBINING_MAX 4  /* marks on one base character; the rest is dropped */
#define TEXT_BIDI_DEPTH_MAX 8 /* bidi controls open at once; the rest is dropped */

/* Appends the cleaned text: tabs become a space, line and paragraph separators too, other controls,
 * noncharacters and the byte order mark are dropped, malformed UTF-8 becomes U+FFFD, bidi embeddings,
 * overrides and isolates are closed at the end and closers without an opener dropped. Cleaning twice is
 * cleaning once. May set out's error. */
void text_clean(struct bytes raw, struct buf *out);

/* The same, but stops before the result is longer than max_bytes. Cutting a cleaned text anywhere else
 * could cut off a closing bidi control. */
void text_clean_cut(struct bytes raw, size_t max_bytes, struct buf *out);

/* How many lines a text has: the separators and one, without those at its end. */
size_t text_count_lines(struct bytes text);

/* True when text_clean() would change nothing. What goes out to a client is CHECKed with it. */
bool text_is_clean(struct bytes text);

/* The same for what people say. It may have several lines, which '\n' separates: each is cleaned by itself, so that
 * nothing open reaches over its end. Lines at both ends of which nothing would be seen are left out, and lines
 * above TEXT_LINES_MAX. The codes of formatting stay (chat/format.h), which the renderers of the dialects take out
 * again. */
void text_clean_said(struct bytes raw, size_t max_bytes, struct buf *out);
bool text_is_clean_said(struct bytes text);

#endif
