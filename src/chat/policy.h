/* Who may do what: every decision of that kind is made here, and only here.
 *
 * Pure questions about the state; nothing here changes it. The dispatcher asks policy_may_run() before
 * each handler; handlers ask about what only they know (whom a command is aimed at, which room is to be
 * entered). Time is monotonic. */
#ifndef CHAT_POLICY_H
#define CHAT_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "chat/chat_err.h"

struct command;
struct membership;
struct room;
struct user;

/* What somebody is in a room, each more than the one before. */
enum policy_role {
    POLICY_ANYONE, /* in the room or not */
    POLICY_MEMBER,
    POLICY_VOICED,          /* may talk in a moderated room */
    POLICY_OPERATOR,        /* of this room */
    POLICY_SERVER_OPERATOR, /* of all rooms */
};

/* Modes of a room that are on or off. */
enum {
    ROOM_MODE_INVITE_ONLY = 1u << 0,
    ROOM_MODE_SECRET = 1u << 1,     /* people outside do not see it in lists */
    ROOM_MODE_TOPIC_LOCK = 1u << 2, /* only operators set the topic */
    ROOM_MODE_MODERATED = 1u << 3,  /* only voiced people and operators talk */
};

struct policy_verdict {
    enum chat_err err; /* CHAT_OK: go ahead */
    int64_t wait_ms;   /* with BANNED, MUTED and SLOW_MODE: for so long; 0: without end */
};

enum policy_role policy_role(const struct user *user, const struct room *room);

/* What the row asks for: to be an operator of the server, a role in the current room, the right to talk
 * there. The user is in a room when the row needs one. `has_arguments`: something was typed behind the
 * command. */
struct policy_verdict policy_may_run(const struct command *command, bool has_arguments,
                                     const struct user *user, int64_t now_ms);

/* Whether no ban and no mute of the room holds the user, in the room or not. */
bool policy_is_excepted(const struct room *room, const struct user *user, int64_t now_ms);

/* The user is not in the room. An invitation opens all doors, an admission that of invite-only rooms. Of a
 * secret room that is closed nothing is told but that: CHAT_ERR_ROOM_CLOSED. */
struct policy_verdict policy_may_join(const struct room *room, const struct user *user, struct bytes key,
                                      int64_t now_ms);

struct policy_verdict policy_may_speak(const struct membership *membership, int64_t now_ms);

/* Kicks, bans and mutes are not for oneself, and an operator is to be made a member first. */
enum chat_err policy_may_punish(const struct user *user, const struct room *room, const struct user *target);
/* Disconnecting is not for oneself either, nor for another operator of the server. */
enum chat_err policy_may_kill(const struct user *user, const struct user *target);
/* Giving and taking roles: not from a server operator. */
enum chat_err policy_may_promote(const struct user *user, const struct user *target);

/* Whether the room is in lists for this user, and its people. */
bool policy_may_see(const struct room *room, const struct user *user);

/* Whether masks of addresses are in the room's lists for this user: everybody in the room sees the lists,
 * but where others come from is only the business of operators, who typed it. */
bool policy_may_see_addresses(const struct room *room, const struct user *user);

/* Whether the person is in lists of people for this user. */
bool policy_may_find(const struct user *user, const struct user *person);

/* An operator of the room, to be asked for help; NULL when none is there. Looks at a bounded number. */
const struct user *policy_find_operator(const struct room *room);

#endif
