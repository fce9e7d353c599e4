/* Names in what people say. A word is a run of the characters that names have; it names somebody as it is, or
 * without the signs around it: "bob", "[bob]", "bob-". Codes of formatting (chat/format.h) stand between words. Pure
 * functions. */
#ifndef CHAT_MENTION_H
#define CHAT_MENTION_H

#include <stdbool.h>

#include "base/bytes.h"

/* Cuts the text before the next word off `rest` into *ret_before, and the word into *ret_word. At the end
 * both may be empty, and `rest` is. */
void mention_cut(struct bytes *rest, struct bytes *ret_before, struct bytes *ret_word);

/* The word without -_[]{}|^ at its ends. */
struct bytes mention_core(struct bytes word);

/* Whether the word names this person. */
bool mention_is(struct bytes word, struct bytes name);

/* Whether the text names this person. */
bool mention_is_in(struct bytes text, struct bytes name);

#endif
