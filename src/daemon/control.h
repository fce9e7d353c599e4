/* The control socket: where the administrator asks and orders, with minglectl(1) or by hand.
 *
 * A unix stream socket. Who may use it is said by the file's mode and group, and once more by the kernel's
 * word about the peer (SO_PEERCRED): root, the daemon's own user, members of control.group. Each client is
 * a task; there are few, each line is short, and who is silent or does not read is let go.
 *
 *     control_server                 accepts; in the group of sessions, so that a stop ends it first
 *       control_countdown            an announced shutdown
 *       control_client ...           a request, its answer, the next one
 *
 * An answer is made in pieces (daemon/control_command.h), between which everybody else has a turn. The
 * protocol is in docs/control.md. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "async/co.h"
#include "async/event.h"
#include "async/group.h"
#include "async/queue.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "base/attr.h"
#include "base/buf.h"
#include "daemon/control_command.h"
#include "daemon/control_line.h"
#include "daemon/control_tell.h"
#include "daemon/reload.h"
#include "net/conn.h"
#include "net/listener.h"

struct server;
struct settings;

#define CONTROL_WHY_BYTES_MAX 200

struct control {
    struct server *server;
    struct listener listener;
    bool is_open;
    bool has_group; /* whose members may use it */
    gid_t group;
    size_t clients_max, client_count;
    int64_t timeout_ms; /* for a request to come, and for its answer to be taken */
    uint64_t last_client_id;
    int64_t shutdown_at_ms; /* monotonic; 0: none is announced */
    char shutdown_why[CONTROL_WHY_BYTES_MAX + 1];
    struct co_event shutdown_changed;
};

/* Opens control.socket; empty: nothing. When the default path cannot be used, which is so for who starts
 * the daemon by hand, that is logged and the daemon goes without. Any other path must do: -Exxx, with a
 * line in `error`. */
MUST_CHECK int control_open(struct control *control, struct server *server, const struct settings *settings,
                            struct buf *error);
/* Removes the socket. Also when not open, and again. */
void control_close(struct control *control);

struct control_countdown {
    struct co_frame co;
    struct control *control;
    struct control_tell tell;
    struct co_with with;
    struct co_timeout timeout;
    union {
        struct co_event_op wait;
        struct co_queue_op room;
        struct co_sleep_op pause;
    } u;
};
ASYNC_DECLARE(control_countdown);

struct control_client {
    struct co_frame co;
    struct control *control; /* argument */
    int fd;                  /* argument: taken over */
    uint64_t id;
    int code;
    bool is_over, has_call;
    struct conn conn;
    struct control_line line;
    struct control_call call;
    struct co_with with;
    struct co_timeout timeout;
    union {
        struct conn_read_op read;
        struct conn_write_op drain;
        struct co_queue_op room;
        struct co_sleep_op pause;
        struct conn_close close;
        struct reload reload;
    } u;
};
ASYNC_DECLARE(control_client);

/* Runs until it is cancelled; never fails. */
struct control_server {
    struct co_frame co;
    struct control *control; /* argument */
    struct co_group clients;
    CO_TASK(control_countdown) countdown;
    struct listener_op accept;
    int code;
};
ASYNC_DECLARE(control_server);

#endif
