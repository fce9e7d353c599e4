/* Opening the control socket, who may use it, and accepting; see control.h. */
#include "daemon/control.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log_event.h"
#include "daemon/server.h"
#include "daemon/settings.h"

#include "async/poison.h"

#define BACKLOG 16
#define CLIENTS_KILL_MS 500
#define PEER_GROUPS_MAX 1024

/* ---- opening ---- */

static int find_group(struct control *control, const char *name, struct buf *error)
{
    if (!name[0])
        return 0;
    const struct group *group = getgrnam(name);
    if (!group) {
        buf_printf(error, "control.group = %s: there is no such group; `addgroup --system %s` makes it", name,
                   name);
        return -ENOENT;
    }
    control->has_group = true;
    control->group = group->gr_gid;
    return 0;
}

static int set_access(const struct control *control, const struct settings *settings, struct buf *error)
{
    const char *path = settings->control.socket;
    if (control->has_group && chown(path, (uid_t)-1, control->group) < 0) {
        int r = -errno;
        buf_printf(error, "control.group = %s: cannot give it %s: %s; the daemon's user has to be in it",
                   settings->control.group, path, strerror(-r));
        return r;
    }
    if (chmod(path, settings->control.mode) < 0) {
        int r = -errno;
        buf_printf(error, "control.mode = %04o: %s: %s", settings->control.mode, path, strerror(-r));
        return r;
    }
    return 0;
}

static void explain(const struct settings *settings, int r, struct buf *error)
{
    const char *path = settings->control.socket;
    buf_printf(error, "control.socket = %s: %s", path, strerror(-r));
    if (r == -EADDRINUSE)
        buf_put_text(error, "; another mingled that runs has it, or a file is in the way");
    else if (r == -ENOENT)
        buf_put_text(error, "; its folder does not exist");
    else if (r == -EACCES)
        buf_put_text(error, "; the daemon's user may not write to its folder");
}

static int open_socket(struct control *control, const struct settings *settings, struct buf *error)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct addr addr;

    if (!bytes_copy(bytes_of(settings->control.socket), un.sun_path, sizeof(un.sun_path))) {
        buf_printf(error, "control.socket = %s: a socket's path is shorter than 108 bytes",
                   settings->control.socket);
        return -EINVAL;
    }
    addr_from_sockaddr((const struct sockaddr *)&un, sizeof(un), &addr);
    int r = listener_open(&control->listener, control->server->loop, &addr, BACKLOG);
    if (r < 0) {
        explain(settings, r, error);
        return r;
    }
    control->is_open = true;
    r = set_access(control, settings, error);
    if (r < 0)
        control_close(control);
    return r;
}

int control_open(struct control *control, struct server *server, const struct settings *settings,
                 struct buf *error)
{
    size_t mark = error->len;

    *control = (struct control){.server = server,
                                .clients_max = settings->control.clients,
                                .timeout_ms = settings->control.timeout_ms};
    if (!settings->control.socket[0])
        return 0;
    int r = find_group(control, settings->control.group, error);
    if (r == 0)
        r = open_socket(control, settings, error);
    if (r == 0)
        return 0;
    if (strcmp(settings->control.socket, MINGLE_CONTROL_SOCKET) != 0) {
        buf_put_char(error, '\n');
        return r;
    }
    struct bytes text = bytes_slice(buf_bytes(error), mark, error->len);
    log_event(LOG_KIND_CONTROL_OFF, LOG_LEVEL_NOTICE, LOG_TEXT("error", text));
    buf_truncate(error, mark);
    return 0;
}

void control_close(struct control *control)
{
    if (control->is_open)
        listener_close(&control->listener);
    control->is_open = false;
}

/* ---- who may use it ---- */

static bool has_group(int fd, gid_t wanted)
{
    gid_t groups[PEER_GROUPS_MAX];
    socklen_t len = sizeof(groups);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
        return false;
    for (size_t i = 0; i < len / sizeof(*groups); i++)
        if (groups[i] == wanted)
            return true;
    return false;
}

static bool is_allowed(const struct control *control, int fd, struct ucred *ret_peer)
{
    socklen_t len = sizeof(*ret_peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret_peer, &len) < 0) {
        *ret_peer = (struct ucred){.uid = (uid_t)-1, .gid = (gid_t)-1};
        return false;
    }
    if (ret_peer->uid == 0 || ret_peer->uid == geteuid())
        return true;
    return control->has_group && (ret_peer->gid == control->group || has_group(fd, control->group));
}

/* One who gets no task hears why, as the protocol says it. */
static void turn_away(int fd, struct bytes answer)
{
    (void)!send(fd, answer.ptr, answer.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
}

static void tell(enum log_kind kind, enum log_level level, uint64_t id, const struct ucred *peer)
{
    log_event(kind, level, LOG_UINT("control", id), LOG_INT("pid", peer->pid), LOG_UINT("uid", peer->uid),
              LOG_UINT("gid", peer->gid));
}

static void start_client(struct control_server *self)
{
    struct control *control = self->control;
    int fd = self->accept.fd;
    struct ucred peer;
    bool may_enter = is_allowed(control, fd, &peer);
    uint64_t id = ++control->last_client_id;

    if (!may_enter) {
        tell(LOG_KIND_CONTROL_REFUSED, LOG_LEVEL_WARNING, id, &peer);
        turn_away(fd, BYTES("-you may not use this socket: root may, mingled's own user, and the members of "
                            "control.group\nfailed\n"));
        return;
    }
    tell(LOG_KIND_CONTROL_OPEN, LOG_LEVEL_INFO, id, &peer);
    if (control->client_count >= control->clients_max) {
        turn_away(fd, BYTES("-too many control clients at a time (control.clients); try again\nfailed\n"));
        return;
    }
    if (SPAWN_NEW(&self->clients, control_client, .control = control, .fd = fd, .id = id) < 0) {
        turn_away(fd, BYTES("-the server is out of memory; try again\nfailed\n"));
        return;
    }
    control->client_count++;
}

ASYNC(control_server)
{
    WITH(co_group_open(co, &self->clients, CLIENTS_KILL_MS)) {
        self->clients.is_tolerant = true;
        SPAWN(&self->clients, &self->countdown, control_countdown, .control = self->control);
        do {
            TRY_AWAIT(self->code, listener_accept(&self->control->listener, &self->accept));
            if (!self->code)
                start_client(self);
        } while (!self->code);
        if (self->control->is_open)
            log_error("control socket lost: %s", co_error_str(self->code));
        co_group_cancel(&self->clients);
    }
    END_WITH;
}
END_ASYNC
