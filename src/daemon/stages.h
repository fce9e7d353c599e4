/* The root task: start, serve, stop. The order of a stop is the nesting of the groups.
 *
 *     server_stages
 *       WITH workers                    broadcaster, catch_up, sweeper, rester, reloads, signals, heartbeat, tls_watch,
 *                                       metrics
 *         WITH sessions                 acceptors, all sessions, the control socket
 *           wait for the request to stop
 *           stop = cancel `sessions`: acceptors end, every session leaves its block, and its exits say
 *           goodbye, flush and close, all before one deadline, at which what is left is killed
 *         the workers are still there while sessions leave, for departures have to be delivered
 *       cancel `workers`
 */
#ifndef DAEMON_STAGES_H
#define DAEMON_STAGES_H

#include "async/co.h"
#include "async/event.h"
#include "async/group.h"
#include "async/signal.h"
#include "async/sleep.h"
#include "daemon/control.h"
#include "daemon/metrics_server.h"
#include "daemon/reload.h"
#include "daemon/tls_watch.h"
#include "session/delivery.h"
#include "session/rest.h"

struct server;

/* Does something whenever a signal comes. */
struct signal_watch {
    struct co_frame co;
    struct server *server;
    int number;
    void (*handle)(struct server *server, int number);
    struct co_signal signal;
    struct co_with with;
    struct co_signal_op wait;
};
ASYNC_DECLARE(signal_watch);

/* Tells the service manager that the loop turns and that events are delivered, and what goes on. When they are
 * not, it tells nothing, and the manager's watchdog ends the process. Gives memory back
 * that is not needed. */
struct heartbeat {
    struct co_frame co;
    struct server *server;
    int64_t interval_ms;
    uint64_t come_count;    /* sessions that had come by the last beat, */
    uint64_t trimmed_count; /* and when memory was last given back after a rush */
    struct co_sleep_op sleep;
};
ASYNC_DECLARE(heartbeat);

#define STAGES_SIGNALS 4

struct server_stages {
    struct co_frame co;
    struct server *server;
    struct co_group workers, sessions;
    CO_TASK(broadcaster) broadcaster;
    CO_TASK(catch_up) catch_up;
    CO_TASK(sweeper) sweeper;
    CO_TASK(rester) rester;
    CO_TASK(reload_worker) reloads;
    CO_TASK(heartbeat) heartbeat;
    CO_TASK(control_server) control;
    CO_TASK(tls_watch) tls_watch;
    CO_TASK(metrics_server) metrics;
    CO_TASK(signal_watch) signals[STAGES_SIGNALS];
    union {
        struct co_op yield;
        struct co_event_op wait;
    };
};
ASYNC_DECLARE(server_stages);

#endif
