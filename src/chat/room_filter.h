/* Which rooms a list is to show: what somebody types behind /rooms.
 *
 * Words, between commas or blanks: "dev*" (a mask; '#' may be left out), "!dev*" (none of those), ">5" and "<5" (people
 * in it), "C>60" and "C<60" (opened more or less than so many minutes ago), "T>60" and "T<60" (the topic was set then).
 * A room is shown that fits one of the masks, if there are any, and all of the others. A pure question; no state. */
#ifndef CHAT_ROOM_FILTER_H
#define CHAT_ROOM_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct room;

/* `words` as typed; may be empty. */
bool room_filter_fits(struct bytes words, const struct room *room, int64_t now_wall_ms);

#endif
