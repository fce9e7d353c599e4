/* The handlers behind the command table, and what they share.
 *
 * All have the contract of struct command's handler: the dispatcher has checked what the row says; the
 * handler makes all its events, then changes the state, then emits. */
#ifndef CHAT_CMD_H
#define CHAT_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "chat/chat_event.h"
#include "chat/command.h"
#include "chat/hub.h"

MUST_CHECK int cmd_talk_say(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_talk_me(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_talk_msg(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_talk_reply(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_room_join(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_room_part(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_room_switch(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_room_topic(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_list_rooms(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_list_names(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_user_nick(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_user_help(struct hub *hub, struct user *user, const struct chat_request *request);

/* An event about `room` (may be NULL) that the user caused. */
struct chat_event_spec cmd_spec(enum chat_event_kind kind, const struct user *user, const struct room *room);
/* The same, told to the user itself. */
struct chat_event_spec cmd_spec_reply(enum chat_event_kind kind, const struct user *user,
                                      const struct room *room);

/* Both events or, with -ENOMEM, none. */
MUST_CHECK int cmd_make_both(const struct chat_event_spec *first, const struct chat_event_spec *second,
                             struct chat_event *ret_both[2]);
/* Makes the event and emits it. 0 or -ENOMEM. */
MUST_CHECK int cmd_tell(struct hub *hub, const struct chat_event_spec *spec);

/* The room's topic, empty when it has none. */
struct bytes cmd_topic(const struct room *room);

/* A room's name as typed, in which the '#' may be left out. */
struct cmd_room_name {
    char text[NAME_ROOM_BYTES_MAX + 1];
};
/* False when it is no room's name even with a '#'. */
bool cmd_room_name(struct bytes word, struct cmd_room_name *ret_name);

/* Finds the room that `word` names. When it is NULL the refusal is emitted: its result is in *ret_err. */
MUST_CHECK struct room *cmd_find_room(struct hub *hub, struct user *user, struct bytes word, int *ret_err);

/* For CHAT_EV_ENTERED: fills `ret` with the others in the room, sorted by name, at most
 * CHAT_ENTERED_NAMES_MAX. Looks at a bounded number of members only: joining a huge room must stay
 * cheap, so there the names are a sample. Returns how many. */
size_t cmd_list_others(const struct room *room, const struct user *user,
                       struct chat_item ret[CHAT_ENTERED_NAMES_MAX]);

#endif
