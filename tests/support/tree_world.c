#include "support/tree_world.h"

#include <stdlib.h>

/* Marsaglia's xorshift64. */
unsigned below(struct world *world, unsigned limit)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return (unsigned)(world->random >> 33) % limit;
}

bool one_in(struct world *world, unsigned n)
{
    return below(world, n) == 0;
}

void world_init(struct world *world, struct co_loop *loop, uint64_t seed)
{
    *world = (struct world){.seed = seed, .random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1, .loop = loop};
    for (int i = 0; i < 4; i++)
        below(world, 2);
    co_queue_init(&world->queue, 1 + below(world, 3));
    co_semaphore_init(&world->semaphore, WORLD_PLACES);
    assert_int_equal(co_broadcast_init(&world->channel, 1 + below(world, 3), free), 0);
}

void world_check_and_done(struct world *world)
{
    size_t put_count = 0;
    for (int i = 0; i < WORLD_ITEMS; i++) {
        EXPECT(world, world->items[i].state != ITEM_IN_HAND);
        EXPECT(world, list_is_linked(&world->items[i].link) == (world->items[i].state == ITEM_PUT));
        put_count += world->items[i].state == ITEM_PUT;
    }
    EXPECT(world, world->queue.items.count == put_count);
    EXPECT(world, world->queue.unfinished_count == put_count);
    EXPECT(world, !world->queue.getters.first && !world->queue.putters.first && !world->queue.joiners.first);
    EXPECT(world, !world->lock.is_held && !world->lock.waiters.first && !world->holder);
    EXPECT(world, !world->condition.waiters.first);
    EXPECT(world, world->semaphore.free_count == WORLD_PLACES && !world->semaphore.waiters.first);
    EXPECT(world, world->places_taken == 0);
    EXPECT(world, !world->channel.waiters.first);
    EXPECT(world, world->entered == world->left);
    EXPECT(world, world->slots_used == 0);
    co_broadcast_done(&world->channel);
}

void world_send(struct world *world, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t *value = malloc(sizeof(*value));
        assert_non_null(value);
        *value = world->sent++;
        co_broadcast_send(&world->channel, value);
    }
}

ASYNC(guard_exit)
{
    AWAIT(co_sleep(&self->nap, self->ms));
}
END_ASYNC

static struct co_call guard_leave(struct co_task *task, struct co_with *with)
{
    struct guard *guard = container_of(with, struct guard, with);
    (void)task;
    if (guard->exit_ms == 0)
        return (struct co_call){0};
    return CALL(&guard->leaving, guard_exit, .ms = guard->exit_ms);
}

static void guard_finish(struct co_task *task, struct co_with *with)
{
    struct guard *guard = container_of(with, struct guard, with);
    (void)task;
    EXPECT(guard->world, *guard->depth == guard->own_depth);
    --*guard->depth;
    guard->world->left++;
    if (guard->release)
        guard->release(guard);
}

struct co_with *guard_open(struct guard *guard, struct world *world, unsigned *depth,
                           void (*release)(struct guard *guard), void *arg)
{
    *guard = (struct guard){.world = world, .depth = depth, .release = release, .arg = arg};
    guard->exit_ms = one_in(world, 4) ? 1 + (int)below(world, 9) : 0;
    guard->own_depth = ++*depth;
    world->entered++;
    co_with_init(&guard->with, guard_leave, guard_finish);
    return &guard->with;
}
