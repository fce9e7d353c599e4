/* What the nodes of a random task tree can do. Each act is a coroutine that ends by itself in time, or
 * with the limit that its caller sets; each leaves its world as it has found it. */
#ifndef SUPPORT_TREE_ACTS_H
#define SUPPORT_TREE_ACTS_H

#include "async/generator.h"
#include "async/select.h"
#include "async/timeout.h"
#include "support/tree_world.h"

/* Sleeps `ms`, maybe behind a shield, and looks how long that was. */
struct act_sleep {
    struct co_frame co;
    struct world *world;
    bool is_shielded;
    int ms;
    int64_t began_ns;
    unsigned depth;
    struct guard guard;
    struct co_shield shield;
    struct co_sleep_op nap;
};

/* Has the lock for a while; `is_waiting`: and waits for the condition with it. */
struct act_lock {
    struct co_frame co;
    struct world *world;
    bool is_waiting; /* for the condition */
    unsigned depth;
    struct guard guard;
    struct co_lock_op acquire;
    struct co_lock_with hold;
    struct co_condition_wait wait;
    struct co_sleep_op nap;
};

/* Has a place of the semaphore for a while. */
struct act_place {
    struct co_frame co;
    struct world *world;
    unsigned depth;
    struct guard guard;
    struct co_semaphore_op acquire;
    struct co_semaphore_with hold;
    struct co_sleep_op nap;
};

/* Puts an item when there is one in no hand. */
struct act_put {
    struct co_frame co;
    struct world *world;
    unsigned depth;
    struct item *item;
    struct guard guard;
    struct co_queue_op put;
};

/* Gets an item and is done with it. */
struct act_get {
    struct co_frame co;
    struct world *world;
    struct co_queue_op get;
};

/* Waits until all items are dealt with. */
struct act_join {
    struct co_frame co;
    struct world *world;
    struct co_queue_op join;
};

/* Receives some values and checks that none is missing but those it is told of. */
struct act_listen {
    struct co_frame co;
    struct world *world;
    int i, code;
    uint64_t expected; /* the next value, were none missed */
    struct co_receiver receiver;
    struct co_receive_op receive;
};

/* Lock, place, item or time: what comes first. */
struct act_select {
    struct co_frame co;
    struct world *world;
    unsigned first;
    struct co_lock_op acquire;
    struct co_semaphore_op place;
    struct co_queue_op get;
    struct co_sleep_op nap;
    struct co_op *ops[4];
    struct co_select select;
};

/* A generator, */
struct count {
    struct co_frame co;
    struct world *world;
    int end, value;
    unsigned depth;
    struct guard guard;
    struct co_sleep_op nap;
};

/* a generator over it, */
struct twice {
    struct co_frame co;
    struct world *world;
    int end, value;
    struct count count;
    struct co_iter iter;
};

/* and a loop over that, often left early. */
struct act_loop {
    struct co_frame co;
    struct world *world;
    int end, seen;
    unsigned depth;
    struct guard guard;
    struct twice twice;
    struct co_iter iter;
    struct co_sleep_op nap;
};

/* A context generator: the lock, for a limited time. Only for a lock that is free. */
struct held {
    struct co_frame co;
    struct world *world;
    unsigned depth;
    struct guard guard;
    struct co_lock_op acquire;
    struct co_lock_with hold;
    struct co_timeout limit;
};

/* A block with it. */
struct act_held {
    struct co_frame co;
    struct world *world;
    struct held held;
    struct co_iter iter;
    struct co_sleep_op nap;
};

ASYNC_DECLARE(act_sleep);
ASYNC_DECLARE(act_lock);
ASYNC_DECLARE(act_place);
ASYNC_DECLARE(act_put);
ASYNC_DECLARE(act_get);
ASYNC_DECLARE(act_join);
ASYNC_DECLARE(act_listen);
ASYNC_DECLARE(act_select);
ASYNC_DECLARE(act_loop);
ASYNC_DECLARE(act_held);

#endif
