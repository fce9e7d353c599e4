/* A person who has a name. Made and ended by the hub only. */
#ifndef CHAT_USER_H
#define CHAT_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/list.h"
#include "chat/name.h"
#include "chat/option.h"

struct chat_event;
struct membership;
struct outbox;
struct room;

#define USER_HOST_BYTES_MAX 45 /* a numeric address, the longest one of IPv6 */
#define USER_TOLD_MAX 64
#define USER_AWAY_BYTES_MAX 200
#define USER_REALNAME_BYTES_MAX 100

enum {
    USER_MODE_HIDDEN =
        1u << 0, /* in no list for strangers: who shares a room finds it, and operators of the server */
    USER_MODE_WALLOPS = 1u << 1,  /* wants to read CHAT_EV_WALLOPS */
    USER_MODE_BOT = 1u << 2,      /* says of itself that it is a program */
    USER_MODE_OPERATOR = 1u << 3, /* of the server; only in CHAT_EV_USER_MODES */
};

/* Exists while somebody is away. */
struct user_away {
    char why[USER_AWAY_BYTES_MAX + 1]; /* may be empty */
    uint64_t told[USER_TOLD_MAX]; /* ids of those who were told; when there are more, some hear it again */
    size_t told_count;            /* also those that are overwritten */
};

/* What few have: made when it is needed. */
struct user_rare {
    char *realname;      /* owned; NULL: none */
    char *reply_to;      /* owned: who last sent a private message; NULL: nobody */
    char *killed_why;    /* owned: disconnected by an operator of the server, and why; NULL: no */
    struct list watches; /* struct watch by user_link */
    struct list ignores; /* struct restriction by link */
};

struct user {
    uint64_t id;    /* never reused */
    char *name_key; /* owned: the folded name, under which the hub finds the user. Apart from `name`, so
                       that a rename can put the new key before it removes the old one */
    struct list memberships;        /* struct membership by user_link, oldest first, leaving ones too */
    struct membership *current;     /* where a line without command goes; NULL: nowhere */
    int64_t since_wall_ms;          /* when the name was taken */
    int64_t active_ms;              /* monotonic: the last request */
    struct user_away *away;         /* owned; NULL: here */
    struct user_rare *rare;         /* owned; NULL: nothing of that kind */
    const char *client;             /* the dialect's name, for /whois; NULL: not known */
    const struct chat_zone *zone;   /* of OPTION_TZ; NULL: the server's */
    struct outbox *outbox;          /* where the user's events go; the session's, NULL once it is gone */
    struct list_link gone_link;     /* on the hub's list of departures to tell, then on whoever publishes' */
    uint16_t options[OPTION_COUNT]; /* values by enum chat_option */
    char name[NAME_USER_BYTES_MAX + 1];
    char host[USER_HOST_BYTES_MAX +
              1]; /* where from, for bans, shown to operators of the server; "": unknown */
    bool is_encrypted, is_server_operator;
    uint8_t modes; /* USER_MODE_… */
    uint8_t wants; /* HUB_WANTS_… */
    bool is_gone;  /* has left; stays until the departure is published */
};

/* For the hub. NULL when out of memory; `name` must be valid. */
MUST_CHECK struct user *user_new(uint64_t id, struct bytes name, struct outbox *outbox);
void user_free(struct user *user); /* must be in no room any more */

struct bytes user_name(const struct user *user);
struct bytes user_realname(const struct user *user); /* empty: none */
struct bytes user_reply_to(const struct user *user); /* empty: nobody */
struct bytes user_killed_why(const struct user *user);
size_t user_ignore_count(const struct user *user);
/* NULL when out of memory. */
MUST_CHECK struct user_rare *user_get_rare(struct user *user);
/* Takes over `realname` (NULL: none). -ENOMEM: nothing changed, and it is still the caller's. */
MUST_CHECK int user_set_realname(struct user *user, char *realname);

/* The membership that counts: present, not leaving. NULL when the user is not in the room. */
struct membership *user_membership(const struct user *user, const struct room *room);
/* Whether the user does not want to read what this person says. */
bool user_ignores(const struct user *user, uint64_t person_id, struct bytes person_name);
bool user_shares_room(const struct user *user, const struct user *other);
/* Who is to be answered by /reply; without memory for the name, nobody. */
void user_set_reply_to(struct user *user, struct bytes name);
size_t user_room_count(const struct user *user); /* without the leaving ones */

#endif
