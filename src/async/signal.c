#include "async/signal.h"

#include <event2/event.h>
#include <signal.h>

#include "async/loop.h"
#include "base/check.h"

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct co_signal *sig = arg;
    (void)number;
    (void)what;
    struct co_op *waiter = sig->waiter;
    sig->waiter = NULL;
    sig->has_come = !waiter;
    if (waiter)
        co_op_complete(waiter, 0);
}

int co_signal_open(struct co_signal *sig, struct co_loop *loop, int number)
{
    *sig = (struct co_signal){0};
    if (number <= 0 || number >= NSIG || number == SIGKILL || number == SIGSTOP)
        return -EINVAL;
    sig->event = evsignal_new(co_loop_base(loop), number, on_signal, sig);
    if (!sig->event)
        return -ENOMEM;
    if (event_add(sig->event, NULL) != 0) {
        co_signal_close(sig);
        return -EINVAL;
    }
    return 0;
}

void co_signal_close(struct co_signal *sig)
{
    CHECK(!sig->waiter);
    if (sig->event)
        event_free(sig->event);
    sig->event = NULL;
}

static bool wait_start(struct co_op *op)
{
    struct co_signal *sig = container_of(op, struct co_signal_op, op)->signal;
    if (sig->waiter) {
        op->code = EBUSY;
        return true;
    }
    if (sig->has_come) {
        sig->has_come = false;
        return true;
    }
    sig->waiter = op;
    return false;
}

static bool wait_abort(struct co_op *op)
{
    container_of(op, struct co_signal_op, op)->signal->waiter = NULL;
    return true;
}

static const struct co_op_vt wait_vt = {.name = "signal.wait", .start = wait_start, .abort = wait_abort};

struct co_call co_signal_wait(struct co_signal *sig, struct co_signal_op *op)
{
    op->signal = sig;
    return co_call_op(&op->op, &wait_vt);
}
