/* Tells in time that a certificate is about to end, and changes the keys of session tickets. */
#ifndef DAEMON_TLS_WATCH_H
#define DAEMON_TLS_WATCH_H

#include <stdint.h>

#include "async/co.h"
#include "async/sleep.h"
#include "base/log.h"

struct server;
struct tls_context;

#define TLS_WATCH_NEVER INT64_MAX

/* How loudly a certificate that ends in `left_s` seconds (< 0: has ended) is told of, and how often: every
 * returned number of seconds; TLS_WATCH_NEVER: not yet. */
int64_t tls_watch_interval_s(int64_t left_s, unsigned warn_days, enum log_level *ret_level);

/* Looks at the start, at each new context, and every now and then. */
struct tls_watch {
    struct co_frame co;
    struct server *server;
    const struct tls_context *seen; /* only compared */
    int64_t told_s, interval_s;     /* when, of the wall clock; and after how long again */
    struct co_sleep_op sleep;
};
ASYNC_DECLARE(tls_watch);

#endif
