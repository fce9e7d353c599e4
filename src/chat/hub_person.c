/* What the hub knows of a person besides the name and where it is. */
#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "chat/hub.h"
#include "chat/hub_private.h"
#include "chat/user.h"

void hub_set_wants(struct hub *hub, struct user *user, uint8_t wants)
{
    CHECK(!user->is_gone);
    hub->changes_reader_count -= (user->wants & HUB_WANTS_CHANGES) != 0 ? 1 : 0;
    hub->changes_reader_count += (wants & HUB_WANTS_CHANGES) != 0 ? 1 : 0;
    hub->tags_reader_count -= (user->wants & HUB_WANTS_TAGS) != 0 ? 1 : 0;
    hub->tags_reader_count += (wants & HUB_WANTS_TAGS) != 0 ? 1 : 0;
    user->wants = wants;
}

int hub_set_realname(struct hub *hub, struct user *user, struct bytes text)
{
    struct bytes clean = bytes_trim(hub_clean(hub, text, USER_REALNAME_BYTES_MAX));
    char *realname = clean.len > 0 ? bytes_dup(clean) : NULL;
    if (realname == NULL && clean.len > 0)
        return -ENOMEM;
    int err = user_set_realname(user, realname);
    if (err != 0)
        free(realname);
    return err;
}
