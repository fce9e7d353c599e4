/* Who was here: the names that somebody left or changed lately, the newest first. A ring of bounded size, made with the
 * hub, so that noting somebody cannot fail; what is too old is not found. */
#ifndef CHAT_WHOWAS_H
#define CHAT_WHOWAS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "chat/name.h"
#include "chat/user.h"

#define WHOWAS_MAX 500
#define WHOWAS_KEPT_MS (INT64_C(24) * 60 * 60 * 1000)

struct whowas_entry {
    char name[NAME_USER_BYTES_MAX + 1];
    char host[USER_HOST_BYTES_MAX + 1]; /* "": not known */
    char *realname;                     /* owned; NULL: none, or no memory for it */
    int64_t since_wall_ms;
    int64_t until_ms; /* monotonic */
    int64_t until_wall_ms;
};

struct whowas {
    struct whowas_entry *entries; /* WHOWAS_MAX of them */
    uint64_t noted_count;         /* also those that are overwritten */
};

/* 0 or -ENOMEM. */
MUST_CHECK int whowas_init(struct whowas *whowas);
void whowas_done(struct whowas *whowas);

/* The user gives up the name that it has, at this time of both clocks. */
void whowas_note(struct whowas *whowas, const struct user *user, int64_t now_ms, int64_t now_wall_ms);
/* The newest `most` of that name, into `ret`. Returns how many. */
size_t whowas_find(const struct whowas *whowas, struct bytes name, int64_t now_ms,
                   const struct whowas_entry **ret, size_t most);

#endif
