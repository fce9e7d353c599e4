/* The addresses where clients are received. Each is a listener, its options and its acceptor, on the heap,
 * since its sessions point to its port: one that is closed stays until the last of them has ended.
 *
 * A change has two steps: endpoints_prepare() opens what is new and can fail, endpoints_commit() closes
 * what is gone and cannot. So nobody is refused in between, and a failure changes nothing. */
#ifndef DAEMON_ENDPOINT_H
#define DAEMON_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "async/group.h"
#include "base/attr.h"
#include "base/buf.h"
#include "daemon/listen_option.h"
#include "net/listener.h"
#include "session/acceptor.h"

struct settings;

struct endpoint {
    struct endpoint *next;        /* among the closed */
    struct endpoint *predecessor; /* in a change: whose socket it takes over */
    char *entry;                  /* of listen.address, by which the next settings find it again */
    struct listener listener;
    struct listen_option option; /* its texts point into `entry` */
    CO_TASK(acceptor) acceptor;
    bool is_started;
};

struct endpoints {
    struct co_loop *loop;
    struct endpoint **items; /* in the order of the settings */
    size_t count;
    struct endpoint *closed; /* but somebody may still need them */
    bool is_activated;       /* the sockets are the service manager's: they stay whatever the settings say */
};

/* What the next settings want: endpoints that are there already, and new ones. */
struct endpoints_change {
    struct endpoint **items;
    size_t count;
    int backlog;
};

/* Whether clients with TLS are taken there, provided that there is a certificate. */
bool endpoint_has_tls(const struct endpoint *endpoint);

void endpoints_init(struct endpoints *endpoints, struct co_loop *loop);
void endpoints_done(struct endpoints *endpoints); /* no session may be left */

/* Takes the sockets that the service manager has opened, if there are any. */
MUST_CHECK int endpoints_adopt(struct endpoints *endpoints, const struct settings *settings,
                               struct buf *errors);

/* Opens what the settings want and is not open. On failure messages, one line each, are appended to
 * `errors`, and nothing has changed. Otherwise end the change with one of the two below. */
MUST_CHECK int endpoints_prepare(struct endpoints *endpoints, const struct settings *settings,
                                 struct endpoints_change *ret_change, struct buf *errors);
void endpoints_commit(struct endpoints *endpoints, struct endpoints_change *change);
void endpoints_abandon(struct endpoints *endpoints, struct endpoints_change *change);

/* Starts to accept where that has not begun. */
void endpoints_start(struct endpoints *endpoints, struct co_group *sessions, struct session_env *env);
/* Ends listening on all of them. */
void endpoints_close(struct endpoints *endpoints);
/* Frees those closed ones that nobody needs any more. */
void endpoints_sweep(struct endpoints *endpoints);

#endif
