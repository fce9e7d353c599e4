#include "support/tree_acts.h"

ASYNC(act_sleep)
{
    WITH(guard_open(&self->guard, self->world, &self->depth, NULL, NULL)) {
        self->began_ns = co_loop_now_ns(self->world->loop);
        if (self->is_shielded) {
            WITH(co_shield_open(co, &self->shield)) {
                AWAIT(co_sleep(&self->nap, self->ms));
            }
            END_WITH;
        } else {
            AWAIT(co_sleep(&self->nap, self->ms));
        }
        EXPECT(self->world,
               co_loop_now_ns(self->world->loop) - self->began_ns == self->ms * INT64_C(1000000));
    }
    END_WITH;
}
END_ASYNC

static void hand_lock_back(struct guard *guard)
{
    struct world *world = guard->world;
    EXPECT(world, world->lock.is_held);
    EXPECT(world, world->holder == NULL || world->holder == guard->arg);
    world->holder = NULL;
}

ASYNC(act_lock)
{
    ASYNC_WITH(co_lock_acquire(&self->world->lock, &self->acquire),
               co_lock_hold(&self->world->lock, &self->hold)) {
        EXPECT(self->world, self->world->holder == NULL);
        self->world->holder = self;
        WITH(guard_open(&self->guard, self->world, &self->depth, hand_lock_back, self)) {
            AWAIT(co_sleep(&self->nap, (int)below(self->world, 8)));
            EXPECT(self->world, self->world->holder == self);
            if (self->is_waiting) {
                self->world->holder = NULL;
                AWAIT(CALL(&self->wait, co_condition_wait, .condition = &self->world->condition,
                           .lock = &self->world->lock));
                EXPECT(self->world, self->world->holder == NULL && self->world->lock.is_held);
                self->world->holder = self;
            }
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

static void leave_place(struct guard *guard)
{
    guard->world->places_taken--;
}

ASYNC(act_place)
{
    ASYNC_WITH(co_semaphore_acquire(&self->world->semaphore, &self->acquire),
               co_semaphore_hold(&self->world->semaphore, &self->hold)) {
        self->world->places_taken++;
        EXPECT(self->world, self->world->places_taken <= WORLD_PLACES);
        WITH(guard_open(&self->guard, self->world, &self->depth, leave_place, NULL)) {
            AWAIT(co_sleep(&self->nap, (int)below(self->world, 20)));
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

/* The put has failed: the item must not be in the queue. */
static void take_back(struct guard *guard)
{
    struct act_put *put = guard->arg;
    if (!put->item)
        return;
    EXPECT(guard->world, put->item->putter == put && put->item->state == ITEM_IN_HAND);
    EXPECT(guard->world, !list_is_linked(&put->item->link));
    put->item->state = ITEM_FREE;
}

ASYNC(act_put)
{
    WITH(guard_open(&self->guard, self->world, &self->depth, take_back, self)) {
        for (int i = 0; i < WORLD_ITEMS && !self->item; i++)
            if (self->world->items[i].state == ITEM_FREE)
                self->item = &self->world->items[i];
        if (self->item) {
            self->item->state = ITEM_IN_HAND;
            self->item->putter = self;
            AWAIT(co_queue_put(&self->world->queue, &self->put, &self->item->link));
            if (self->item->putter == self) /* else somebody has got it already */
                self->item->state = ITEM_PUT;
            self->item = NULL;
        }
    }
    END_WITH;
}
END_ASYNC

/* A put completes when its item is in the queue, but its task runs later: it may be got before that. */
static void consume(struct world *world, struct list_link *link)
{
    struct item *item = container_of(link, struct item, link);
    EXPECT(world, item >= world->items && item < world->items + WORLD_ITEMS);
    EXPECT(world, item->state != ITEM_FREE && !list_is_linked(link));
    item->state = ITEM_FREE;
    item->putter = NULL;
    co_queue_task_done(&world->queue);
}

ASYNC(act_get)
{
    AWAIT(co_queue_get(&self->world->queue, &self->get));
    consume(self->world, self->get.item);
}
END_ASYNC

ASYNC(act_join)
{
    AWAIT(co_queue_join(&self->world->queue, &self->join));
}
END_ASYNC

ASYNC(act_listen)
{
    co_receiver_init(&self->receiver, &self->world->channel);
    self->expected = self->world->sent;
    for (self->i = 0; self->i < 4; self->i++) {
        TRY_AWAIT(self->code, co_receive(&self->receiver, &self->receive));
        if (self->code) {
            EXPECT(self->world, self->code == CO_ELAGGED && self->receive.missed > 0);
            self->expected += self->receive.missed;
        } else {
            EXPECT(self->world, *(const uint64_t *)self->receive.value == self->expected);
            self->expected++;
        }
    }
}
END_ASYNC

/* In any order; the winner is given back at once. */
ASYNC(act_select)
{
    struct world *world;
    world = self->world;
    self->first = below(world, 4);
    self->ops[self->first] = co_select_op(co_lock_acquire(&world->lock, &self->acquire));
    self->ops[(self->first + 1) % 4] = co_select_op(co_semaphore_acquire(&world->semaphore, &self->place));
    self->ops[(self->first + 2) % 4] = co_select_op(co_queue_get(&world->queue, &self->get));
    self->ops[(self->first + 3) % 4] = co_select_op(co_sleep(&self->nap, (int)below(world, 20)));
    AWAIT(co_select(&self->select, self->ops, 4));
    struct co_op *winner = self->ops[self->select.which];
    if (winner == &self->acquire.op) {
        EXPECT(self->world, self->world->holder == NULL);
        co_lock_release(&self->world->lock);
    } else if (winner == &self->place.op) {
        EXPECT(self->world, self->world->places_taken < WORLD_PLACES);
        co_semaphore_release(&self->world->semaphore);
    } else if (winner == &self->get.op) {
        consume(self->world, self->get.item);
    }
}
END_ASYNC

/* ---- generators ---- */

ASYNC(count)
{
    WITH(guard_open(&self->guard, self->world, &self->depth, NULL, NULL)) {
        while (self->value < self->end) {
            if (one_in(self->world, 2))
                AWAIT(co_sleep(&self->nap, (int)below(self->world, 6)));
            if (one_in(self->world, 20))
                RAISE(EIO, "count");
            self->value++;
            YIELD;
        }
    }
    END_WITH;
}
END_ASYNC

ASYNC(twice)
{
    ASYNC_FOR(&self->iter, CALL(&self->count, count, .world = self->world, .end = self->end)) {
        self->value = self->count.value * 2;
        YIELD;
    }
    END_FOR;
}
END_ASYNC

ASYNC(held)
{
    WITH(co_timeout_open(co, &self->limit, 3 + (int)below(self->world, 20), one_in(self->world, 2))) {
        ASYNC_WITH(co_lock_acquire(&self->world->lock, &self->acquire),
                   co_lock_hold(&self->world->lock, &self->hold)) {
            EXPECT(self->world, self->world->holder == NULL);
            self->world->holder = self;
            WITH(guard_open(&self->guard, self->world, &self->depth, hand_lock_back, self)) {
                YIELD;
            }
            END_WITH;
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

ASYNC(act_loop)
{
    WITH(guard_open(&self->guard, self->world, &self->depth, NULL, NULL)) {
        ASYNC_FOR(&self->iter, CALL(&self->twice, twice, .world = self->world, .end = self->end)) {
            self->seen += 2;
            EXPECT(self->world, self->twice.value == self->seen);
            if (one_in(self->world, 6))
                break;
            if (one_in(self->world, 8))
                return;
            if (one_in(self->world, 16))
                RAISE(EPERM, "loop");
            AWAIT(co_sleep(&self->nap, (int)below(self->world, 6)));
        }
        END_FOR;
    }
    END_WITH;
}
END_ASYNC

ASYNC(act_held)
{
    if (self->world->lock.is_held)
        return;
    WITH_GEN(&self->iter, CALL(&self->held, held, .world = self->world)) {
        EXPECT(self->world, self->world->holder == &self->held);
        AWAIT(co_sleep(&self->nap, (int)below(self->world, 12)));
        EXPECT(self->world, self->world->holder == &self->held);
    }
    END_WITH;
}
END_ASYNC
