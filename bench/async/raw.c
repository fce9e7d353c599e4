/* The floor under the runtime: tasks as step functions with a hand-written switch and a plain ring as
 * ready queue. No calls between coroutines, no errors, no cancelling, no join but a counter, no I/O.
 *
 * Usage: raw [MEASURE]... */
#include <stdlib.h>

#include "base/attr.h"
#include "bench.h"

enum {
    SPAWN_ROUNDS = 20000,
    SPAWN_BATCH = 100,
    YIELDS = 5000000,
    ROUND_TRIPS = 1000000,
    CALLS = 2000000,
    SLEEPERS = 1000000,
    SLEEP_MS = 500,
    SLEEP_SPREAD_MS = 200,
    RING_SIZE = 1 << 20, /* a power of 2, > SLEEPERS */
    CLOCK_EVERY = 256,   /* steps between two looks at the clock */
};

struct raw_task {
    void (*step)(struct raw_task *task);
    unsigned state;
};

static struct {
    struct raw_task *slots[RING_SIZE];
    size_t head, tail;
} ring;

static void make_ready(struct raw_task *task)
{
    ring.slots[ring.tail++ % RING_SIZE] = task;
}

static void run_ready(void)
{
    while (ring.head != ring.tail) {
        struct raw_task *task = ring.slots[ring.head++ % RING_SIZE];
        task->step(task);
    }
}

/* ---- spawn and join ---- */

struct nop {
    struct raw_task task;
    int *live_count;
    bool is_heap;
};

static void nop_step(struct raw_task *task)
{
    struct nop *nop = container_of(task, struct nop, task);
    switch (task->state) {
    case 0:
        --*nop->live_count;
        if (nop->is_heap)
            free(nop);
    }
}

static void spawn_and_print(const char *name, bool is_heap)
{
    static struct nop nops[SPAWN_BATCH];
    int live_count = 0;
    int64_t start_ns = bench_cpu_ns();
    for (int round = 0; round < SPAWN_ROUNDS; round++) {
        for (int i = 0; i < SPAWN_BATCH; i++) {
            struct nop *nop = is_heap ? malloc(sizeof(*nop)) : &nops[i];
            CHECK(nop);
            *nop = (struct nop){{nop_step, 0}, &live_count, is_heap};
            live_count++;
            make_ready(&nop->task);
        }
        run_ready();
        CHECK(live_count == 0);
    }
    bench_print(name, bench_cpu_ns() - start_ns, (int64_t)SPAWN_ROUNDS * SPAWN_BATCH);
}

static void measure_spawn(void)
{
    spawn_and_print("spawn_join", false);
    spawn_and_print("spawn_join_heap", true);
}

/* ---- yield ---- */

struct yielder {
    struct raw_task task;
    int left;
};

static void yielder_step(struct raw_task *task)
{
    struct yielder *self = container_of(task, struct yielder, task);
    switch (task->state) {
    case 0:
        for (; self->left > 0; self->left--) {
            task->state = 1;
            make_ready(task);
            return;
        case 1:;
        }
    }
}

static void measure_yield(void)
{
    struct yielder a = {{yielder_step, 0}, YIELDS}, b = a;
    int64_t start_ns = bench_cpu_ns();
    make_ready(&a.task);
    make_ready(&b.task);
    run_ready();
    bench_print("yield", bench_cpu_ns() - start_ns, 2 * (int64_t)YIELDS);
}

/* ---- ping-pong over two boxes for one item ---- */

struct box {
    void *item;
    struct raw_task *getter;
};

struct player {
    struct raw_task task;
    struct box *in, *out;
    void *item;
    int left;
};

static void box_put(struct box *box, void *item)
{
    box->item = item;
    if (box->getter)
        make_ready(box->getter);
    box->getter = NULL;
}

static void player_step(struct raw_task *task)
{
    struct player *self = container_of(task, struct player, task);
    switch (task->state) {
    case 0:
        for (; self->left > 0; self->left--) {
            if (self->item)
                box_put(self->out, self->item);
            if (!self->in->item) {
                self->in->getter = task;
                task->state = 1;
                return;
            }
            __attribute__((fallthrough));
        case 1:
            self->item = self->in->item;
            self->in->item = NULL;
        }
        if (self->item)
            box_put(self->out, self->item);
    }
}

static void measure_pingpong(void)
{
    struct box ping = {0}, pong = {0};
    struct player a = {{player_step, 0}, &pong, &ping, &ping, ROUND_TRIPS};
    struct player b = {{player_step, 0}, &ping, &pong, NULL, ROUND_TRIPS};
    int64_t start_ns = bench_cpu_ns();
    make_ready(&a.task);
    make_ready(&b.task);
    run_ready();
    bench_print("pingpong", bench_cpu_ns() - start_ns, ROUND_TRIPS);
    CHECK(a.left == 0 && b.left == 0);
}

/* ---- call: through a pointer, as any task would be ---- */

static void callee_step(struct raw_task *task)
{
    switch (task->state) {
    case 0:
        task->state = 1;
    }
}

static void measure_call(void)
{
    struct raw_task callee;
    void (*volatile step)(struct raw_task *) = callee_step;
    int64_t start_ns = bench_cpu_ns();
    for (int i = 0; i < CALLS; i++) {
        callee = (struct raw_task){step, 0};
        callee.step(&callee);
        CHECK(callee.state == 1);
    }
    bench_print("call", bench_cpu_ns() - start_ns, CALLS);
}

/* ---- sleepers: a binary heap of times ---- */

struct sleep_entry {
    int64_t when_ns;
    struct raw_task *task;
};

struct sleep_heap {
    struct sleep_entry *entries; /* from 1 */
    size_t count;
};

struct sleeper {
    struct raw_task task;
    struct sleep_heap *heap;
    int64_t when_ns;
    int *awake_count;
};

static void heap_push(struct sleep_heap *heap, struct sleep_entry entry)
{
    size_t index = ++heap->count;
    for (; index > 1 && heap->entries[index / 2].when_ns > entry.when_ns; index /= 2)
        heap->entries[index] = heap->entries[index / 2];
    heap->entries[index] = entry;
}

static struct raw_task *heap_pop(struct sleep_heap *heap)
{
    struct raw_task *task = heap->entries[1].task;
    struct sleep_entry last = heap->entries[heap->count--];
    size_t index = 1;
    for (size_t child; (child = index * 2) <= heap->count; index = child) {
        if (child < heap->count && heap->entries[child + 1].when_ns < heap->entries[child].when_ns)
            child++;
        if (last.when_ns <= heap->entries[child].when_ns)
            break;
        heap->entries[index] = heap->entries[child];
    }
    heap->entries[index] = last;
    return task;
}

static void sleeper_step(struct raw_task *task)
{
    struct sleeper *self = container_of(task, struct sleeper, task);
    switch (task->state) {
    case 0:
        task->state = 1;
        heap_push(self->heap, (struct sleep_entry){self->when_ns, task});
        return;
    case 1:
        ++*self->awake_count;
        free(self);
    }
}

static void wake_due(struct sleep_heap *heap)
{
    while (heap->count) {
        int64_t now_ns = bench_wall_ns();
        for (int i = 0; i < CLOCK_EVERY && heap->count && heap->entries[1].when_ns <= now_ns; i++)
            make_ready(heap_pop(heap));
        if (ring.head == ring.tail)
            bench_block_ms((heap->entries[1].when_ns - now_ns) / 1000000 + 1);
        run_ready();
    }
}

static void start_sleepers(struct sleep_heap *heap, int *awake_count)
{
    uint32_t seed = 1;
    int64_t now_ns = 0;
    for (int i = 0; i < SLEEPERS; i++) {
        struct sleeper *sleeper = malloc(sizeof(*sleeper));
        CHECK(sleeper);
        if (i % CLOCK_EVERY == 0)
            now_ns = bench_wall_ns();
        int64_t sleep_ms = SLEEP_MS + bench_random(&seed) % SLEEP_SPREAD_MS;
        *sleeper = (struct sleeper){{sleeper_step, 0}, heap, now_ns + sleep_ms * 1000000, awake_count};
        make_ready(&sleeper->task);
    }
    run_ready();
}

static void measure_sleepers(void)
{
    int awake_count = 0;
    int64_t start_bytes = bench_rss_bytes();
    int64_t start_ns = bench_cpu_ns();
    struct sleep_heap heap = {.entries = malloc((SLEEPERS + 1) * sizeof(struct sleep_entry))};
    CHECK(heap.entries);
    start_sleepers(&heap, &awake_count);
    int64_t asleep_ns = bench_cpu_ns();
    /* The ring is not a sleeper's: at rest it needs a few slots. */
    int64_t ring_bytes = (int64_t)sizeof(ring);
    bench_print("sleeper_bytes", bench_rss_bytes() - start_bytes - ring_bytes, SLEEPERS);
    bench_print("sleeper_start", asleep_ns - start_ns, SLEEPERS);
    wake_due(&heap);
    bench_print("sleeper_wake", bench_cpu_ns() - asleep_ns, SLEEPERS);
    CHECK(awake_count == SLEEPERS);
    free(heap.entries);
}

int main(int argc, char **argv)
{
    static const struct bench_measure measures[] = {
        {"spawn", measure_spawn}, {"yield", measure_yield},       {"pingpong", measure_pingpong},
        {"call", measure_call},   {"sleepers", measure_sleepers},
    };
    return bench_main(argc, argv, measures, ARRAY_LEN(measures));
}
