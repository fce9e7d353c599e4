/* An event: a flag that tasks wait for. */
#ifndef ASYNC_EVENT_H
#define ASYNC_EVENT_H

#include "async/co.h"

/* Zero-initialised: not set. */
struct co_event {
    struct co_op_list waiters;
    bool is_set;
};

struct co_event_op {
    struct co_op op;
    struct co_event *event;
};

void co_event_set(struct co_event *event); /* wakes all; stays set */
void co_event_clear(struct co_event *event);
CO_MUST_AWAIT struct co_call co_event_wait(struct co_event *event, struct co_event_op *op);

#endif
