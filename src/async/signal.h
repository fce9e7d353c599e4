/* Signals as something to await. A signal that comes while nobody waits is remembered, once. */
#ifndef ASYNC_SIGNAL_H
#define ASYNC_SIGNAL_H

#include "async/co.h"
#include "base/attr.h"

struct co_loop;
struct event;

struct co_signal {
    struct event *event;
    struct co_op *waiter;
    bool has_come;
};

struct co_signal_op {
    struct co_op op;
    struct co_signal *signal;
};

/* From now on the signal is caught. 0, -ENOMEM, or -EINVAL for one that cannot be caught. */
MUST_CHECK int co_signal_open(struct co_signal *sig, struct co_loop *loop, int number);
void co_signal_close(struct co_signal *sig); /* nobody may be waiting; also when not open */
/* One waiter at a time: a second fails with EBUSY. */
CO_MUST_AWAIT struct co_call co_signal_wait(struct co_signal *sig, struct co_signal_op *op);

#endif
