/* Notices of the administrator; see control_tell.h. */
#include "daemon/control_tell.h"

#include "base/log.h"
#include "base/utf8.h"
#include "chat/hub.h"
#include "chat/user.h"
#include "daemon/server.h"

void control_tell_begin(struct control_tell *tell, struct server *server, uint64_t room_id, struct bytes text)
{
    *tell = (struct control_tell){.server = server, .room_id = room_id};
    bytes_copy(utf8_prefix(text, sizeof(tell->text) - 1), tell->text, sizeof(tell->text));
    registry_walk_begin(&server->registry, &tell->walk);
}

static bool is_meant(const struct control_tell *tell, const struct user *user)
{
    if (!user || user->is_gone)
        return false;
    if (tell->room_id == 0)
        return true;
    const struct room *room = hub_find_room_id(tell->server->hub, tell->room_id);
    return room && user_membership(user, room);
}

bool control_tell_step(struct control_tell *tell)
{
    struct server *server = tell->server;
    for (size_t i = 0; i < CONTROL_TELL_PIECE; i++) {
        struct registry_entry *entry = registry_walk_next(&server->registry, &tell->walk);
        if (!entry)
            return false;
        struct session *session = container_of(entry, struct session, place);
        if (!is_meant(tell, session->user))
            continue;
        if (hub_notify(server->hub, session->user, bytes_of(tell->text)) == 0)
            tell->told++;
        else
            log_warning("no memory to tell somebody what the administrator says");
    }
    return true;
}

void control_tell_end(struct control_tell *tell)
{
    if (tell->server)
        registry_walk_end(&tell->server->registry, &tell->walk);
    tell->server = NULL;
}
