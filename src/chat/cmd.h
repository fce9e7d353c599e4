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

MUST_CHECK int cmd_role_say_operators(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_role_say_voiced(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_talk_tags(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_talk_tags_to(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_room_join(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_room_part(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_room_switch(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_room_topic(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_room_leave_all(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_profile_realname(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_profile_modes(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_profile_modes_of(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_admin_wallops(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_list_invites(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_watch_watch(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_watch_status(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_watch_unwatch(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_present_whowas(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_present_counts(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_present_which(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_list_rooms(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_list_names(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_user_nick(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_user_help(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_oper_kick(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_oper_ban(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_oper_unban(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_oper_mute(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_oper_unmute(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_oper_except(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_oper_unexcept(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_oper_admit(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_oper_unadmit(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_role_op(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_role_deop(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_role_voice(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_role_devoice(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_role_invite(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_mode_mode(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_mode_slow(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_mode_key(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_mode_limit(struct hub *hub, struct user *user, const struct chat_request *request);

MUST_CHECK int cmd_list_who(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_option_set(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_people_whois(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_people_away(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_people_back(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_people_ignore(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_people_unignore(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_range_read(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_rename(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_redact(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_server_history(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_server_time(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_server_ping(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_server_version(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_server_motd(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_server_rules(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_admin_kill(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_admin_wall(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_admin_deoper(struct hub *hub, struct user *user, const struct chat_request *request);
MUST_CHECK int cmd_server_uptime(struct hub *hub, struct user *user, const struct chat_request *request);

/* An event about `room` (may be NULL) that the user caused. */
struct chat_event_spec cmd_spec(enum chat_event_kind kind, const struct user *user, const struct room *room);
/* The same, told to the user itself. */
struct chat_event_spec cmd_spec_reply(enum chat_event_kind kind, const struct user *user,
                                      const struct room *room);

/* All events or, with -ENOMEM, none. */
MUST_CHECK int cmd_make_all(const struct chat_event_spec *specs, size_t count, struct chat_event **ret_all);
void cmd_emit_all(struct hub *hub, struct chat_event *const *events, size_t count);
/* Both events or, with -ENOMEM, none. */
MUST_CHECK int cmd_make_both(const struct chat_event_spec *first, const struct chat_event_spec *second,
                             struct chat_event *ret_both[2]);
/* Makes the event and emits it. 0 or -ENOMEM. */
MUST_CHECK int cmd_tell(struct hub *hub, const struct chat_event_spec *spec);

/* CHAT_EV_COUNTS for the user; NULL when out of memory. */
MUST_CHECK struct chat_event *cmd_make_counts(const struct hub *hub, const struct user *user);

/* CHAT_EV_NAMES about the room, for the user; NULL when out of memory. */
MUST_CHECK struct chat_event *cmd_make_names(const struct user *user, const struct room *room);

/* CHAT_EV_ROOM_RENAMED with its lists; NULL when out of memory. */
MUST_CHECK struct chat_event *cmd_make_renamed(const struct user *user, const struct room *room,
                                               struct bytes name, struct bytes why);

/* A person as in CHAT_EV_WHO. */
struct chat_item cmd_person_item(const struct user *person, const struct user *you, int64_t now_ms);

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

/* Finds the person. When it is NULL the refusal is emitted: its result is in *ret_err. */
MUST_CHECK struct user *cmd_find_person(struct hub *hub, struct user *user, struct bytes name, int *ret_err);
/* The same for somebody in the user's current room. */
MUST_CHECK struct membership *cmd_find_member(struct hub *hub, struct user *user, struct bytes name,
                                              int *ret_err);

/* Tells the current room and the user of a change; first, so that the caller may change the state when it
 * is 0. `change`, `extra`, `text`, `count` and `time_ms` of the spec are taken. */
MUST_CHECK int cmd_make_change(const struct user *user, const struct room *room,
                               const struct chat_event_spec *change, struct chat_event *ret_both[2]);

/* Which room is current once `left` is: the one that was, or the one joined last. */
struct membership *cmd_current_without(const struct user *user, const struct membership *left);

/* For CHAT_EV_ENTERED: fills `ret` with the others in the room, sorted by name, at most
 * CHAT_ENTERED_NAMES_MAX. Looks at a bounded number of members only: joining a huge room must stay
 * cheap, so there the names are a sample. Returns how many. */
size_t cmd_list_others(const struct room *room, const struct user *user,
                       struct chat_item ret[CHAT_ENTERED_NAMES_MAX]);

#endif
