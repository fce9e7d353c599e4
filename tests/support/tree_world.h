/* The world of the random task trees: what their nodes share, and a context manager that counts. */
#ifndef SUPPORT_TREE_WORLD_H
#define SUPPORT_TREE_WORLD_H

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/broadcast.h"
#include "async/condition.h"
#include "async/lock.h"
#include "async/loop.h"
#include "async/queue.h"
#include "async/semaphore.h"
#include "async/sleep.h"

enum { WORLD_ITEMS = 6, WORLD_PLACES = 2 };

struct slot;

struct item {
    struct list_link link;
    enum { ITEM_FREE, ITEM_IN_HAND, ITEM_PUT } state;
    const void *putter; /* NULL once somebody has got it */
};

/* What the nodes of a tree share. */
struct world {
    uint64_t seed, random;
    struct co_loop *loop;
    unsigned entered, left;
    struct co_lock lock;
    const void *holder; /* of the lock, as the nodes see it */
    struct co_condition condition;
    struct co_semaphore semaphore;
    unsigned places_taken;
    struct co_queue queue;
    struct item items[WORLD_ITEMS];
    struct co_broadcast channel;
    uint64_t sent;
    struct slot *slots;
    unsigned slots_used;
};

/* Fails the test and names the seed. */
#define EXPECT(world, condition) \
    do { \
        if (!(condition)) \
            fail_msg("seed %" PRIu64 ": %s:%d: %s", (world)->seed, __FILE__, __LINE__, #condition); \
    } while (0)

void world_init(struct world *world, struct co_loop *loop, uint64_t seed);
/* Fails the test when anything is lost, there twice, or still waited for. */
void world_check_and_done(struct world *world);

unsigned below(struct world *world, unsigned limit); /* random, 0 to limit - 1 */
bool one_in(struct world *world, unsigned n);

/* Sends some values to whoever listens. */
void world_send(struct world *world, unsigned count);

/* ---- a context manager that counts, and whose exit awaits now and then ---- */

struct guard_exit {
    struct co_frame co;
    int ms;
    struct co_sleep_op nap;
};

struct guard {
    struct co_with with;
    struct world *world;
    unsigned *depth, own_depth; /* depth: how many its frame is in */
    void (*release)(struct guard *guard);
    void *arg;
    int exit_ms;
    struct guard_exit leaving;
};

/* `depth` counts the guards that the caller's frame is in. `release` may be NULL. */
struct co_with *guard_open(struct guard *guard, struct world *world, unsigned *depth,
                           void (*release)(struct guard *guard), void *arg);

#endif
