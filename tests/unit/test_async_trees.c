/* Thousands of small random task trees under the virtual clock. Each does a bit of everything (locks,
 * semaphores, queues, conditions, broadcasts, selects, gathers, generators that are left early) while
 * its nodes are cancelled, killed and timed out at random. Whatever happens:
 *   - what was entered is left exactly once, in each frame the last first;
 *   - no item, token or lock is lost, or there twice;
 *   - no task, timer or waiter is left;
 *   - a sleep that is not cancelled takes exactly its time.
 * A failure names its seed. MINGLE_TREES_SEED=n runs from that seed on and names each before it runs. */
#include <stdlib.h>
#include <unistd.h>

#include "async/group.h"
#include "async/wait.h"
#include "base/bytes.h"
#include "support/tree_acts.h"
#include "support/tree_world.h"

enum { TREES = 20000, DEPTH_MAX = 3, SLOTS = 32, CHILDREN_MAX = 4 };

/* ---- acts with tasks of their own ---- */

struct act_group {
    struct co_frame co;
    struct world *world;
    int level;
    unsigned count, depth;
    struct slot *slots[CHILDREN_MAX];
    struct co_task *tasks[CHILDREN_MAX];
    struct co_joiner joiners[CHILDREN_MAX];
    struct guard guard;
    struct co_group group;
    struct co_wait_op wait;
    struct co_join_op join;
    struct co_sleep_op nap;
    int code;
};

struct act_gather {
    struct co_frame co;
    struct world *world;
    int level;
    bool return_errors;
    unsigned count, depth;
    struct slot *slots[CHILDREN_MAX];
    struct co_task *tasks[CHILDREN_MAX];
    struct guard guard;
    struct co_gather gather;
};

ASYNC_DECLARE(act_group);
ASYNC_DECLARE(act_gather);

/* Does some acts, each within a time limit. */
struct node {
    struct co_frame co;
    struct world *world;
    int level; /* of the tree, 0 at the root */
    int rounds, limit_ms, code;
    int64_t began_ns;
    unsigned depth;
    struct guard guard;
    struct co_timeout timeout;
    union {
        struct act_sleep sleep;
        struct act_lock lock;
        struct act_place place;
        struct act_put put;
        struct act_get get;
        struct act_join join;
        struct act_listen listen;
        struct act_select select;
        struct act_loop loop;
        struct act_held held;
        struct act_group group;
        struct act_gather gather;
    } u;
};

/* Where nodes that are joined live. */
struct slot {
    CO_TASK(node) ct;
    bool is_used;
};

static void cancel_somebody(struct world *world)
{
    struct slot *slot = &world->slots[below(world, SLOTS)];
    if (!slot->is_used || slot->ct.task.is_done)
        return;
    if (one_in(world, 4))
        co_kill(&slot->ct.task.self);
    else
        co_cancel(&slot->ct.task.self);
}

static struct co_call act_with_tasks(struct node *self)
{
    if (one_in(self->world, 2))
        return CALL(&self->u.group, act_group, .world = self->world, .level = self->level);
    return CALL(&self->u.gather, act_gather, .world = self->world, .level = self->level,
                .return_errors = one_in(self->world, 2));
}

static struct co_call act(struct node *self)
{
    struct world *world = self->world;
    if (self->level == 0 && one_in(world, 2))
        return act_with_tasks(self);
    switch (below(world, 16)) {
    case 0:
    case 1:
        return CALL(&self->u.lock, act_lock, .world = world, .is_waiting = one_in(world, 2));
    case 2:
        return CALL(&self->u.place, act_place, .world = world);
    case 3:
    case 4:
        return CALL(&self->u.put, act_put, .world = world);
    case 5:
    case 6:
        return CALL(&self->u.get, act_get, .world = world);
    case 7:
        return CALL(&self->u.join, act_join, .world = world);
    case 8:
        return CALL(&self->u.listen, act_listen, .world = world);
    case 9:
        return CALL(&self->u.select, act_select, .world = world);
    case 10:
        return CALL(&self->u.loop, act_loop, .world = world, .end = (int)below(world, 8));
    case 11:
        return CALL(&self->u.held, act_held, .world = world);
    case 12:
    case 13:
    case 14:
        if (self->level < DEPTH_MAX)
            return act_with_tasks(self);
        break;
    default:
        break;
    }
    return CALL(&self->u.sleep, act_sleep, .world = world, .ms = (int)below(world, 20),
                .is_shielded = one_in(world, 4));
}

/* What takes no time. */
static void poke(struct world *world)
{
    if (one_in(world, 6))
        cancel_somebody(world);
    if (one_in(world, 3))
        world_send(world, 1 + below(world, 3));
    if (one_in(world, 3))
        co_condition_notify(&world->condition, below(world, 3));
}

ASYNC(node)
{
    WITH(guard_open(&self->guard, self->world, &self->depth, NULL, NULL)) {
        self->rounds = 1 + (int)below(self->world, self->level == 0 ? 16 : 6);
        for (; self->rounds > 0; self->rounds--) {
            poke(self->world);
            self->limit_ms = (int)below(self->world, self->level == 0 ? 200 : 60);
            self->began_ns = co_loop_now_ns(self->world->loop);
            WITH(co_timeout_open(co, &self->timeout, self->limit_ms, one_in(self->world, 8))) {
                if (one_in(self->world, 2))
                    TRY_AWAIT(self->code, act(self));
                else
                    AWAIT(act(self));
            }
            END_WITH;
            if (self->timeout.has_expired)
                EXPECT(self->world, co_loop_now_ns(self->world->loop) - self->began_ns >=
                                        self->limit_ms * INT64_C(1000000));
            if (one_in(self->world, 40))
                RAISE(EIO, "node");
        }
    }
    END_WITH;
}
END_ASYNC

/* ---- slots ---- */

static struct co_task *take_slot(struct world *world, struct slot **ret_slot, int level)
{
    for (int i = 0; i < SLOTS; i++) {
        struct slot *slot = &world->slots[i];
        if (slot->is_used)
            continue;
        slot->is_used = true;
        world->slots_used++;
        *ret_slot = slot;
        return TASK(&slot->ct, node, .world = world, .level = level);
    }
    return NULL;
}

static unsigned take_slots(struct world *world, struct slot **slots, struct co_task **tasks, int level)
{
    unsigned count = 0;
    for (unsigned wanted = 1 + below(world, CHILDREN_MAX); count < wanted; count++) {
        tasks[count] = take_slot(world, &slots[count], level);
        if (!tasks[count])
            break;
    }
    return count;
}

static void give_slots_back(struct world *world, struct slot *const *slots, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        EXPECT(world, slots[i]->is_used && slots[i]->ct.task.is_done);
        EXPECT(world, slots[i]->ct.fn.depth == 0);
        slots[i]->is_used = false;
        world->slots_used--;
    }
}

static void leave_group(struct guard *guard)
{
    struct act_group *self = guard->arg;
    EXPECT(guard->world, self->group.live_count == 0);
    give_slots_back(guard->world, self->slots, self->count);
}

static void leave_gather(struct guard *guard)
{
    struct act_gather *self = guard->arg;
    give_slots_back(guard->world, self->slots, self->count);
}

ASYNC(act_group)
{
    self->count = take_slots(self->world, self->slots, self->tasks, self->level + 1);
    WITH(guard_open(&self->guard, self->world, &self->depth, leave_group, self)) {
        WITH(co_group_open(co, &self->group, (int)below(self->world, 16) - 1)) {
            self->group.is_tolerant = one_in(self->world, 3);
            for (unsigned i = 0; i < self->count; i++)
                co_group_start(&self->group, self->tasks[i]);
            if (one_in(self->world, 3)) {
                int r = SPAWN_NEW(&self->group, node, .world = self->world, .level = self->level + 1);
                EXPECT(self->world, r == 0);
            }
            if (one_in(self->world, 2)) {
                AWAIT(co_wait(&self->wait, self->tasks, self->joiners, self->count,
                              (enum co_wait_mode)below(self->world, 3)));
                EXPECT(self->world, self->wait.done_count > 0 || self->count == 0);
            }
            if (self->count > 0 && one_in(self->world, 2)) {
                TRY_AWAIT(self->code, co_join(&self->join, self->tasks[0]));
                EXPECT(self->world, self->tasks[0]->is_done && self->code == self->tasks[0]->error.code);
            }
            if (one_in(self->world, 2))
                AWAIT(co_sleep(&self->nap, (int)below(self->world, 20)));
            if (one_in(self->world, 3))
                co_group_cancel(&self->group);
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

ASYNC(act_gather)
{
    self->count = take_slots(self->world, self->slots, self->tasks, self->level + 1);
    WITH(guard_open(&self->guard, self->world, &self->depth, leave_gather, self)) {
        AWAIT(CALL(&self->gather, co_gather, .tasks = self->tasks, .count = self->count,
                   .return_errors = self->return_errors));
        for (unsigned i = 0; !self->return_errors && i < self->count; i++)
            EXPECT(self->world, self->tasks[i]->error.code == 0 || self->tasks[i]->error.code == ECANCELED);
    }
    END_WITH;
}
END_ASYNC

/* ---- the trees ---- */

static void grow(uint64_t seed)
{
    static struct slot slots[SLOTS];
    struct world world;
    CO_TASK(node) root;
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    co_loop_set_virtual(loop, true);
    world_init(&world, loop, seed);
    world.slots = slots;
    for (int i = 0; i < SLOTS; i++)
        slots[i].is_used = false;
    co_loop_run(loop, TASK(&root, node, .world = &world));
    EXPECT(&world, root.fn.depth == 0);
    world_check_and_done(&world);
    EXPECT(&world, co_loop_free(loop) == 0);
}

static void test_async_trees_lose_nothing(void **state)
{
    uint64_t first = 1;
    const char *from = getenv("MINGLE_TREES_SEED");
    (void)state;
    if (from)
        assert_int_equal(bytes_parse_u64(bytes_of(from), UINT32_MAX, &first), 0);
    for (uint64_t seed = first; seed < first + TREES; seed++) {
        if (from)
            print_message("seed %" PRIu64 "\n", seed);
        alarm(20);
        grow(seed);
    }
    alarm(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_async_trees_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
