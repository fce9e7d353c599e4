/* Signals as something to await. */
#include "async/signal.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <signal.h>
#include <unistd.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"

struct catcher {
    struct co_frame co;
    struct co_signal *sig;
    int times;
    int count;
    struct co_signal_op op;
};

ASYNC(catcher)
{
    for (; self->count < self->times; self->count++)
        AWAIT(co_signal_wait(self->sig, &self->op));
}
END_ASYNC

static void send_usr1(void *arg)
{
    (void)arg;
    kill(getpid(), SIGUSR1);
}

struct waits {
    struct co_frame co;
    struct co_signal sig, other;
    struct co_group group;
    CO_TASK(catcher) catcher;
    CO_TASK(later) later;
    struct co_timeout limit;
    struct co_signal_op op;
    struct co_sleep_op sleep;
    int code;
};

static void open_both(struct waits *waits, struct co_loop *loop)
{
    assert_int_equal(co_signal_open(&waits->sig, loop, SIGUSR1), 0);
    assert_int_equal(co_signal_open(&waits->other, loop, SIGUSR2), 0);
}

static void close_both(struct waits *waits)
{
    co_signal_close(&waits->sig);
    co_signal_close(&waits->sig);
    co_signal_close(&waits->other);
}

ASYNC(waits)
{
    open_both(self, co_loop_of(co));
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->catcher, catcher, .sig = &self->sig, .times = 1);
        SPAWN(&self->group, &self->later, later, .ms = 2, .act = send_usr1);
    }
    END_WITH;
    assert_int_equal(self->catcher.fn.count, 1);
    assert_false(self->sig.has_come || self->other.has_come);

    /* One that comes while nobody waits is kept, once. */
    send_usr1(NULL);
    AWAIT(co_sleep(&self->sleep, 1));
    send_usr1(NULL);
    AWAIT(co_sleep(&self->sleep, 1));
    assert_true(self->sig.has_come);
    AWAIT(co_signal_wait(&self->sig, &self->op));
    WITH(co_timeout_open(co, &self->limit, 3, false)) {
        AWAIT(co_signal_wait(&self->sig, &self->op));
    }
    END_WITH;
    assert_true(self->limit.has_expired);
    close_both(self);
}
END_ASYNC

static void test_signal_is_awaited_and_remembered_once(void **state)
{
    (void)state;
    CO_TASK(waits) root;
    loop_fixture_run(TASK(&root, waits));
}

struct crowd {
    struct co_frame co;
    struct co_signal sig;
    struct co_group group;
    CO_TASK(catcher) catcher;
    struct co_signal_op op;
    struct co_op yield;
    int code;
};

ASYNC(crowd)
{
    self->code = co_signal_open(&self->sig, co_loop_of(co), SIGUSR1);
    assert_int_equal(self->code, 0);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->catcher, catcher, .sig = &self->sig, .times = 1);
        AWAIT(co_yield(&self->yield));
        TRY_AWAIT(self->code, co_signal_wait(&self->sig, &self->op));
        assert_int_equal(self->code, EBUSY);
        /* A cancelled waiter makes room for another, and takes nothing. */
        co_cancel(&self->catcher.task.self);
        send_usr1(NULL);
        AWAIT(co_signal_wait(&self->sig, &self->op));
    }
    END_WITH;
    co_signal_close(&self->sig);
}
END_ASYNC

static void test_signal_has_one_waiter(void **state)
{
    (void)state;
    CO_TASK(crowd) root;
    loop_fixture_run(TASK(&root, crowd));
    assert_int_equal(root.fn.catcher.fn.count, 0);
}

static void test_signal_open_refuses_what_cannot_be_caught(void **state)
{
    (void)state;
    static const int numbers[] = {SIGKILL, SIGSTOP, 0, -1, NSIG, 100000};
    struct co_loop *loop = co_loop_new();
    struct co_signal sig;
    assert_non_null(loop);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        assert_int_equal(co_signal_open(&sig, loop, numbers[i]), -EINVAL);
        co_signal_close(&sig);
    }
    assert_int_equal(co_loop_free(loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signal_is_awaited_and_remembered_once),
        cmocka_unit_test(test_signal_has_one_waiter),
        cmocka_unit_test(test_signal_open_refuses_what_cannot_be_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
