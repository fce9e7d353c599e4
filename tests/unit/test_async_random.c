/* Thousands of random trees of tasks. Whatever they do, each context that is entered is left once and in
 * order, no item of a queue is lost or doubled, and nothing is left behind.
 *
 * Most run on a virtual clock, so that a seed shows the same run again: put it into FIRST_SEED. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/queue.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "base/list.h"

enum {
    FIRST_SEED = 1,
    VIRTUAL_RUNS = 25000,
    REAL_RUNS = 200,
    NODES_MAX = 40,
    ITEMS = 48,
    STUBBORN_MS = 60000
};

struct item {
    struct list_link link;
    enum { ITEM_UNUSED, ITEM_PUTTING, ITEM_IN, ITEM_GOT, ITEM_ABANDONED } state;
};

struct world {
    uint64_t seed, random;
    unsigned node_count, entered_count, left_count, spawned_count, ended_count;
    unsigned item_count;
    struct item items[ITEMS];
    struct co_queue queue;
    struct list nodes; /* the live ones: whom to cancel */
};

#define REQUIRE(world, condition) \
    do { \
        if (!(condition)) \
            fail_msg("seed %llu: %s", (unsigned long long)(world)->seed, #condition); \
    } while (0)

static unsigned roll(struct world *world, unsigned sides)
{
    world->random = world->random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(world->random >> 33) % sides;
}

/* ---- a context that counts ---- */

struct node;

struct leave {
    struct co_frame co;
    struct world *world;
    unsigned kind;
    struct co_timeout limit;
    struct co_group group;
    struct co_sleep_op sleep;
};

struct guard {
    struct co_with with;
    struct node *node;
    struct guard **top, *below; /* of the task's stack of guards */
    enum { GUARD_OUT, GUARD_INSIDE, GUARD_LEAVING } state;
    struct leave leave;
};

/* ---- putting and getting, watched ---- */

struct transfer {
    struct co_frame co;
    struct world *world;
    struct item *item; /* to put; NULL: get */
    bool is_done;
    struct co_with watch;
    struct co_queue_op op;
};

static void transfer_finish(struct co_task *task, struct co_with *with)
{
    struct transfer *transfer = container_of(with, struct transfer, watch);
    struct world *world = transfer->world;
    (void)task;
    REQUIRE(world, transfer->is_done || with->error.code == ECANCELED);
    if (!transfer->item) {
        REQUIRE(world, transfer->is_done || !transfer->op.item);
    } else if (!transfer->is_done) { /* "did not happen" */
        REQUIRE(world, transfer->item->state == ITEM_PUTTING);
        transfer->item->state = ITEM_ABANDONED;
    } else if (transfer->item->state == ITEM_PUTTING) {
        transfer->item->state = ITEM_IN;
    }
}

static void note_got(struct world *world, struct list_link *link)
{
    struct item *item = container_of(link, struct item, link);
    REQUIRE(world, item->state == ITEM_IN || item->state == ITEM_PUTTING);
    item->state = ITEM_GOT;
}

ASYNC(transfer)
{
    co_with_init(&self->watch, NULL, transfer_finish);
    WITH(&self->watch) {
        if (self->item) {
            self->item->state = ITEM_PUTTING;
            AWAIT(co_queue_put(&self->world->queue, &self->op, &self->item->link));
        } else {
            AWAIT(co_queue_get(&self->world->queue, &self->op));
            note_got(self->world, self->op.item);
        }
        self->is_done = true;
    }
    END_WITH;
}
END_ASYNC

struct exchange {
    struct co_frame co;
    struct world *world;
    bool is_put;
    struct co_timeout limit;
    struct transfer transfer;
    struct co_queue_op room;
};

/* With a limit, since nobody may come to take or to give. */
ASYNC(exchange)
{
    WITH(co_timeout_open(co, &self->limit, roll(self->world, 3), roll(self->world, 4) == 0)) {
        if (self->is_put && roll(self->world, 4) == 0)
            AWAIT(co_queue_room(&self->world->queue, &self->room));
        if (!self->is_put || self->world->item_count < ITEMS)
            AWAIT(CALL(&self->transfer, transfer, .world = self->world,
                       .item = self->is_put ? &self->world->items[self->world->item_count++] : NULL));
    }
    END_WITH;
}
END_ASYNC

static void exchange_at_once(struct world *world)
{
    struct list_link *link = co_queue_try_get(&world->queue);
    if (link)
        note_got(world, link);
    if (world->item_count == ITEMS)
        return;
    struct item *item = &world->items[world->item_count++];
    item->state = ITEM_IN;
    if (roll(world, 2))
        co_queue_force(&world->queue, &item->link);
    else if (co_queue_try_put(&world->queue, &item->link) < 0)
        item->state = ITEM_ABANDONED;
}

enum {
    DO_SLEEP,
    DO_YIELD,
    DO_PUT,
    DO_GET,
    DO_PUT_TOO,
    DO_AT_ONCE,
    DO_CALL,
    DO_GROUP,
    DO_LIMIT,
    DO_DISTURB,
    DO_END,
    DO_COUNT
};

struct act {
    struct co_frame co;
    struct world *world;
    unsigned what;
    struct co_sleep_op sleep;
    struct exchange exchange;
};

/* ---- a node of the tree: a few random steps inside a guard ---- */

struct node {
    struct co_frame co;
    struct world *world;
    struct guard **top; /* NULL: of a task of its own */
    unsigned depth;
    struct guard *own_top;
    struct guard guard;
    struct list_link node_link;
    struct co_task *task;
    struct node *callee; /* on the heap, because it is of the same type */
    unsigned steps_left, what;
    int code;
    bool has_group, has_limit;
    struct co_group group;
    struct co_timeout limit;
    struct act act;
};

ASYNC_DECLARE(node);

static void spawn_node(struct world *world, struct co_group *group, unsigned depth)
{
    if (world->node_count >= NODES_MAX)
        return;
    world->node_count++;
    world->spawned_count++;
    int r = SPAWN_NEW(group, node, .world = world, .depth = depth);
    REQUIRE(world, r == 0);
}

ASYNC(leave)
{
    if (self->kind == 1) {
        AWAIT(co_sleep(&self->sleep, 0));
    } else if (self->kind == 2) {
        AWAIT(co_sleep(&self->sleep, 1));
    } else if (self->kind == 3) {
        AWAIT(co_sleep(&self->sleep, STUBBORN_MS));
    } else if (self->kind == 4) {
        RAISE(EPIPE, "exit");
    } else if (self->kind == 5) {
        WITH(co_timeout_open(co, &self->limit, 1, roll(self->world, 2))) {
            AWAIT(co_sleep(&self->sleep, STUBBORN_MS));
        }
        END_WITH;
    } else if (self->kind == 6) {
        WITH(co_group_open(co, &self->group, 1)) {
            spawn_node(self->world, &self->group, 0);
        }
        END_WITH;
    }
}
END_ASYNC

static struct co_call guard_leave(struct co_task *task, struct co_with *with)
{
    struct guard *guard = container_of(with, struct guard, with);
    struct world *world = guard->node->world;
    (void)task;
    REQUIRE(world, guard->state == GUARD_INSIDE);
    REQUIRE(world, *guard->top == guard);
    guard->state = GUARD_LEAVING;
    unsigned kind = roll(world, 12);
    if (kind == 0)
        return (struct co_call){0};
    return CALL(&guard->leave, leave, .world = world, .kind = kind);
}

static void guard_finish(struct co_task *task, struct co_with *with)
{
    struct guard *guard = container_of(with, struct guard, with);
    struct node *node = guard->node;
    struct world *world = node->world;
    REQUIRE(world, node->task == task);
    REQUIRE(world, guard->state == GUARD_LEAVING);
    REQUIRE(world, *guard->top == guard);
    guard->state = GUARD_OUT;
    *guard->top = guard->below;
    world->left_count++;
    list_remove(&world->nodes, &node->node_link);
    free(node->callee);
    if (node->top == &node->own_top)
        world->ended_count++;
    if (roll(world, 8) == 0)
        with->error = (struct co_error){0};
}

/* Enters the guard that each node lives in. */
static struct co_with *guard_open(struct co_task *co, struct node *node)
{
    struct guard *guard = &node->guard;
    if (!node->top)
        node->top = &node->own_top;
    guard->node = node;
    guard->top = node->top;
    guard->below = *guard->top;
    guard->state = GUARD_INSIDE;
    *guard->top = guard;
    node->task = co;
    node->steps_left = 1 + roll(node->world, 4);
    node->world->entered_count++;
    list_push_back(&node->world->nodes, &node->node_link);
    co_with_init(&guard->with, guard_leave, guard_finish);
    return &guard->with;
}

static void disturb(struct world *world)
{
    unsigned victim = roll(world, (unsigned)world->nodes.count);
    LIST_FOREACH(node, &world->nodes, struct node, node_link) {
        if (victim-- > 0)
            continue;
        unsigned how = roll(world, 8);
        if (how == 0)
            co_kill(&node->task->self);
        else if (how < 4 && node->has_group) /* perhaps one that has ended */
            co_group_cancel(&node->group);
        else if (how < 6 && node->has_limit)
            co_cancel(&node->limit.scope);
        else
            co_cancel(&node->task->self);
        return;
    }
}

/* The steps that need nothing of the node. */
ASYNC(act)
{
    if (self->what == DO_SLEEP)
        AWAIT(co_sleep(&self->sleep, roll(self->world, 3)));
    else if (self->what == DO_YIELD)
        AWAIT(co_yield(&self->sleep.op));
    else if (self->what == DO_AT_ONCE)
        exchange_at_once(self->world);
    else if (self->what == DO_DISTURB)
        disturb(self->world);
    else
        AWAIT(CALL(&self->exchange, exchange, .world = self->world, .is_put = self->what != DO_GET));
}
END_ASYNC

/* A node in the same task. */
CO_MUST_AWAIT static struct co_call call_node(struct node *node)
{
    if (!node->callee)
        node->callee = calloc(1, sizeof(*node->callee));
    REQUIRE(node->world, node->callee);
    node->world->node_count++;
    unsigned depth = node->depth - 1;
    return CALL(node->callee, node, .world = node->world, .top = node->top, .depth = depth);
}

static void spawn_some(struct node *node)
{
    for (unsigned count = 1 + roll(node->world, 3); count > 0; count--)
        spawn_node(node->world, &node->group, node->depth - 1);
}

/* The next step; a leaf has none that needs others, and steps that may end the node are rare. */
static unsigned choose(struct node *node)
{
    unsigned what = roll(node->world, DO_COUNT);
    if (roll(node->world, 4) < node->depth) /* up in the tree mostly what makes it grow */
        what = DO_CALL + what % 3;
    if ((node->depth == 0 || node->world->node_count >= NODES_MAX) && what >= DO_CALL && what <= DO_LIMIT)
        return DO_YIELD;
    return what >= DO_DISTURB && roll(node->world, 3) ? DO_SLEEP : what;
}

ASYNC(node)
{
    WITH(guard_open(co, self)) {
        for (; self->steps_left > 0; self->steps_left--) {
            self->what = choose(self);
            if (self->what == DO_END) {
                if (roll(self->world, 2))
                    RAISE(EIO, "node");
                return;
            }
            if (self->what == DO_CALL) {
                TRY_AWAIT(self->code, call_node(self));
            } else if (self->what == DO_GROUP) {
                WITH(co_group_open(co, &self->group, (int)roll(self->world, 4) - 1)) {
                    self->has_group = true;
                    spawn_some(self);
                    if (roll(self->world, 2))
                        AWAIT(call_node(self));
                    if (roll(self->world, 4) == 0)
                        co_group_cancel(&self->group);
                    AWAIT(CALL(&self->act, act, .world = self->world, .what = roll(self->world, DO_CALL)));
                }
                END_WITH;
            } else if (self->what == DO_LIMIT) {
                WITH(co_timeout_open(co, &self->limit, (int)roll(self->world, 4) - 1, roll(self->world, 2))) {
                    self->has_limit = true;
                    AWAIT(call_node(self));
                    AWAIT(CALL(&self->act, act, .world = self->world, .what = roll(self->world, DO_CALL)));
                }
                END_WITH;
            } else {
                AWAIT(CALL(&self->act, act, .world = self->world, .what = self->what));
            }
        }
    }
    END_WITH;
}
END_ASYNC

/* ---- a run ---- */

struct root {
    struct co_frame co;
    struct world *world;
    int64_t limit_ms; /* then everything is cancelled; < 0: it ends by itself */
    struct co_group group;
    struct co_sleep_op sleep;
};

ASYNC(root)
{
    WITH(co_group_open(co, &self->group, 4)) {
        spawn_node(self->world, &self->group, 3);
        if (self->limit_ms >= 0) {
            AWAIT(co_sleep(&self->sleep, self->limit_ms));
            co_group_cancel(&self->group);
        }
    }
    END_WITH;
}
END_ASYNC

static void check_items(struct world *world)
{
    struct list_link *link;
    size_t last_count = world->queue.items.count;
    while ((link = co_queue_try_get(&world->queue)) != NULL) {
        struct item *item = container_of(link, struct item, link);
        REQUIRE(world, item->state == ITEM_IN);
        REQUIRE(world, world->queue.items.count == --last_count); /* nobody waits to put */
        item->state = ITEM_GOT;
    }
    for (unsigned i = 0; i < ITEMS; i++) {
        const struct item *item = &world->items[i];
        REQUIRE(world, item->state != ITEM_IN && item->state != ITEM_PUTTING); /* lost */
        REQUIRE(world, (item->state == ITEM_UNUSED) == (i >= world->item_count));
        REQUIRE(world, !list_is_linked(&item->link));
    }
}

static void run_world(uint64_t seed, bool is_virtual, struct world *world)
{
    struct co_loop *loop = co_loop_new();
    CO_TASK(root) root;
    *world = (struct world){.seed = seed, .random = seed};
    REQUIRE(world, loop);
    co_loop_set_virtual(loop, is_virtual);
    for (int i = 0; i < 4; i++)
        (void)roll(world, 2); /* neighbouring seeds begin alike */
    co_queue_init(&world->queue, 1 + roll(world, 3));
    list_init(&world->nodes);
    int64_t limit_ms = is_virtual ? (int64_t)roll(world, 40) - 20 : 4;

    struct co_error error = co_loop_run(loop, TASK(&root, root, .world = world, .limit_ms = limit_ms));
    REQUIRE(world, error.code == 0 || error.code == EIO || error.code == EPIPE || error.code == ETIMEDOUT);
    REQUIRE(world, world->entered_count == world->left_count);
    REQUIRE(world, world->spawned_count == world->ended_count);
    REQUIRE(world, list_is_empty(&world->nodes));
    check_items(world);
    REQUIRE(world, co_loop_free(loop) == 0);
}

static void test_async_random_trees_on_a_virtual_clock(void **state)
{
    (void)state;
    static struct world world;
    unsigned long node_count = 0, item_count = 0;
    for (uint64_t seed = FIRST_SEED; seed < FIRST_SEED + VIRTUAL_RUNS; seed++) {
        run_world(seed, true, &world);
        node_count += world.entered_count;
        item_count += world.item_count;
    }
    assert_true(node_count > 5 * VIRTUAL_RUNS); /* it does test something */
    assert_true(item_count > 2 * VIRTUAL_RUNS);
}

static void test_async_random_trees_in_real_time(void **state)
{
    (void)state;
    static struct world world;
    for (uint64_t seed = FIRST_SEED; seed < FIRST_SEED + REAL_RUNS; seed++)
        run_world(seed, false, &world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_async_random_trees_on_a_virtual_clock),
        cmocka_unit_test(test_async_random_trees_in_real_time),
    };
    alarm(100); /* what hangs is a failure, too */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
