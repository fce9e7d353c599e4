/* The loop's watchdog: a turn that takes too long is told of while it lasts, with the tree of tasks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "async/loop.h"
#include "async/sleep.h"
#include "async/task.h"
#include "async/watchdog.h"

#define DEADLINE_S 20

struct told {
    atomic_int count;
    int64_t ms;
    char tree[4096];
};

static void on_hang(void *arg, int64_t ms, struct bytes tree)
{
    struct told *told = arg;
    told->ms = ms;
    bytes_copy(tree, told->tree, sizeof(told->tree));
    atomic_fetch_add(&told->count, 1);
}

/* Turns in circles, as a mistake would, until the watchdog has spoken. */
static void hang_until(struct told *told, int count)
{
    time_t until = time(NULL) + DEADLINE_S;
    while (atomic_load(&told->count) < count && time(NULL) < until)
        ;
}

struct hanging {
    struct co_frame co;
    struct told *told;
    int i;
    struct co_sleep_op sleep;
};
ASYNC(hanging)
{
    for (self->i = 1; self->i <= 2; self->i++) {
        AWAIT(co_sleep(&self->sleep, 1));
        hang_until(self->told, self->i);
    }
}
END_ASYNC

static void test_watchdog_tells_of_each_hang_once_with_the_tree(void **state)
{
    (void)state;
    struct told told = {0};
    const struct co_watchdog_config config = {.hang_ms = 50, .report = on_hang, .arg = &told};
    CO_TASK(hanging) root;
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    struct co_watchdog *watchdog = co_watchdog_start(loop, &config);
    assert_non_null(watchdog);
    assert_int_equal(co_loop_run(loop, TASK(&root, hanging, .told = &told)).code, 0);
    co_watchdog_stop(watchdog);
    assert_int_equal(told.count, 2);
    assert_true(told.ms >= 50);
    assert_non_null(strstr(told.tree, "hanging (unit/test_watchdog.c:"));
    assert_non_null(strstr(told.tree, " running\n"));
    assert_int_equal(co_loop_free(loop), 0);
}

struct calm {
    struct co_frame co;
    int i;
    struct co_sleep_op sleep;
};
ASYNC(calm)
{
    AWAIT(co_sleep(&self->sleep, 300));
}
END_ASYNC

/* To wait for something is no hang, however long it is; hang_ms is far above what a turn takes. */
static void test_watchdog_says_nothing_while_the_loop_waits(void **state)
{
    (void)state;
    struct told told = {0};
    const struct co_watchdog_config config = {.hang_ms = 250, .report = on_hang, .arg = &told};
    CO_TASK(calm) root;
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    struct co_watchdog *watchdog = co_watchdog_start(loop, &config);
    assert_non_null(watchdog);
    assert_int_equal(co_loop_run(loop, TASK(&root, calm, .i = 0)).code, 0);
    co_watchdog_stop(watchdog);
    assert_null(strstr(told.tree, "waits: sleep"));
    assert_int_equal(co_loop_free(loop), 0);
}

/* The handler is gone afterwards, and foreign signals of its number do no harm meanwhile. */
static void test_watchdog_ignores_foreign_signals(void **state)
{
    (void)state;
    struct told told = {0};
    struct sigaction action;
    const struct co_watchdog_config config = {.hang_ms = 60000, .report = on_hang, .arg = &told};
    struct co_loop *loop = co_loop_new();
    struct co_watchdog *watchdog = co_watchdog_start(loop, &config);
    assert_non_null(watchdog);
    assert_int_equal(kill(getpid(), SIGRTMIN), 0);
    co_watchdog_stop(watchdog);
    assert_int_equal(sigaction(SIGRTMIN, NULL, &action), 0);
    assert_true(action.sa_handler == SIG_DFL);
    co_watchdog_stop(NULL);
    assert_int_equal(co_loop_free(loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_watchdog_tells_of_each_hang_once_with_the_tree),
        cmocka_unit_test(test_watchdog_says_nothing_while_the_loop_waits),
        cmocka_unit_test(test_watchdog_ignores_foreign_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
