/* The timer heap against a model that is too simple to be wrong. */
#include "async/timer.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/attr.h"

struct model {
    struct co_timer timer;
    int64_t when_ns;
};

/* Always the same numbers: a failure comes again. */
static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static int64_t earliest(const struct model *models, size_t count)
{
    int64_t when_ns = INT64_MAX;
    for (size_t i = 0; i < count; i++)
        if (models[i].timer.index != 0 && models[i].when_ns < when_ns)
            when_ns = models[i].when_ns;
    return when_ns;
}

static void check_against(const struct co_timer_heap *heap, const struct model *models, size_t count)
{
    size_t armed_count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t index = models[i].timer.index;
        if (index == 0)
            continue;
        armed_count++;
        assert_in_range(index, 1, heap->count);
        assert_ptr_equal(heap->entries[index - 1].timer, &models[i].timer);
        assert_true(heap->entries[index - 1].when_ns == models[i].when_ns);
    }
    assert_int_equal(armed_count, heap->count);
    assert_true(co_timer_next_ns(heap) == earliest(models, count));
}

static void test_timer_heap_random_operations(void **state)
{
    (void)state;
    enum { TIMERS = 150, STEPS = 100000 };
    static struct model models[TIMERS];
    struct co_timer_heap heap = {0};
    uint64_t seed = 1;
    int64_t now_ns = 0;

    for (int step = 0; step < STEPS; step++) {
        struct model *model = &models[next_random(&seed) % TIMERS];
        uint32_t what = next_random(&seed) % 8;
        if (what < 5) {                                         /* arm, or move */
            model->when_ns = now_ns + next_random(&seed) % 100; /* many are equal */
            assert_int_equal(co_timer_arm(&heap, &model->timer, model->when_ns), 0);
        } else if (what < 7) {
            co_timer_disarm(&heap, &model->timer);
            assert_int_equal(model->timer.index, 0);
        } else {
            now_ns += next_random(&seed) % 10;
            int64_t first_ns = earliest(models, TIMERS);
            struct co_timer *due = co_timer_take_due(&heap, now_ns);
            assert_int_equal(due != NULL, first_ns <= now_ns);
            assert_true(!due || container_of(due, struct model, timer)->when_ns == first_ns);
        }
        if (step % 16 == 0)
            check_against(&heap, models, TIMERS);
    }
    co_timer_heap_done(&heap);
}

static void test_timer_heap_sorts_many(void **state)
{
    (void)state;
    enum { TIMERS = 100000 };
    struct model *models = calloc(TIMERS, sizeof(*models));
    struct co_timer_heap heap = {0};
    uint64_t seed = 2;
    assert_non_null(models);

    for (size_t i = 0; i < TIMERS; i++) {
        models[i].when_ns = next_random(&seed);
        assert_int_equal(co_timer_arm(&heap, &models[i].timer, models[i].when_ns), 0);
    }
    for (size_t i = 0; i < TIMERS; i += 3)
        co_timer_disarm(&heap, &models[i].timer);
    int64_t last_ns = INT64_MIN;
    size_t taken_count = 0;
    struct co_timer *timer;
    while ((timer = co_timer_take_due(&heap, INT64_MAX)) != NULL) {
        const struct model *model = container_of(timer, struct model, timer);
        assert_true((model - models) % 3 != 0);
        assert_true(model->when_ns >= last_ns);
        assert_int_equal(timer->index, 0);
        last_ns = model->when_ns;
        taken_count++;
    }
    assert_int_equal(taken_count, TIMERS - (TIMERS + 2) / 3);
    assert_int_equal(heap.count, 0);
    co_timer_heap_done(&heap);
    free(models);
}

static void test_timer_is_due_at_its_time_not_before(void **state)
{
    (void)state;
    struct co_timer_heap heap = {0};
    struct co_timer timer = {0};
    assert_true(co_timer_next_ns(&heap) == INT64_MAX);
    assert_null(co_timer_take_due(&heap, INT64_MAX));

    assert_int_equal(co_timer_arm(&heap, &timer, 100), 0);
    assert_int_equal(co_timer_next_ns(&heap), 100);
    assert_null(co_timer_take_due(&heap, 99));
    assert_ptr_equal(co_timer_take_due(&heap, 100), &timer);
    assert_null(co_timer_take_due(&heap, 100));

    assert_int_equal(co_timer_arm(&heap, &timer, INT64_MIN), 0);
    assert_ptr_equal(co_timer_take_due(&heap, INT64_MIN), &timer);
    co_timer_heap_done(&heap);
    co_timer_heap_done(&heap);
}

static void test_timer_disarm_of_an_unarmed_one_does_nothing(void **state)
{
    (void)state;
    struct co_timer_heap heap = {0};
    struct co_timer timers[3] = {0};
    co_timer_disarm(&heap, &timers[0]);
    for (int i = 0; i < 3; i++)
        assert_int_equal(co_timer_arm(&heap, &timers[i], 10 + i), 0);
    co_timer_disarm(&heap, &timers[1]);
    co_timer_disarm(&heap, &timers[1]);
    assert_int_equal(heap.count, 2);
    /* Moved, forwards and back, it is still there once. */
    assert_int_equal(co_timer_arm(&heap, &timers[0], 50), 0);
    assert_int_equal(co_timer_next_ns(&heap), 12);
    assert_int_equal(co_timer_arm(&heap, &timers[0], 5), 0);
    assert_int_equal(co_timer_next_ns(&heap), 5);
    assert_int_equal(heap.count, 2);
    co_timer_heap_done(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timer_heap_random_operations),
        cmocka_unit_test(test_timer_heap_sorts_many),
        cmocka_unit_test(test_timer_is_due_at_its_time_not_before),
        cmocka_unit_test(test_timer_disarm_of_an_unarmed_one_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
