/* The executor: what becomes of a job when its task is cancelled. */
#include "async/executor.h"

#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/select.h"
#include "async/sleep.h"
#include "support/async_probe.h"
#include "support/executor_job.h"
#include "support/loop_fixture.h"
#include "support/thread_gate.h"

/* ---- cancelled while queued ---- */

struct counted {
    int order[8], count;
};

struct numbered {
    struct counted *counted;
    int number;
};

static void note_number(void *arg)
{
    const struct numbered *numbered = arg;
    numbered->counted->order[numbered->counted->count++] = numbered->number;
}

struct queued {
    struct co_frame co;
    struct thread_gate gate;
    struct counted counted;
    struct numbered numbers[5];
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(executor_job) busy, jobs[5];
    struct co_op op;
};

/* One thread, which is busy: of four that wait the first, one in the middle and the last are cancelled. */
ASYNC(queued)
{
    thread_gate_init(&self->gate);
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_EXECUTOR_JOB(self, busy, thread_gate_pass, &self->gate);
        for (int i = 0; i < 4; i++) {
            self->numbers[i] = (struct numbered){&self->counted, i};
            SPAWN_EXECUTOR_JOB(self, jobs[i], note_number, &self->numbers[i]);
        }
        AWAIT(co_yield(&self->op));
        sem_wait(&self->gate.begun);
        co_cancel(&self->jobs[0].task.self);
        co_kill(&self->jobs[2].task.self);
        co_cancel(&self->jobs[3].task.self);
        self->numbers[4] = (struct numbered){&self->counted, 4};
        SPAWN_EXECUTOR_JOB(self, jobs[4], note_number, &self->numbers[4]); /* behind the one that has gone */
        AWAIT(co_yield(&self->op));
        AWAIT(co_yield(&self->op));
        assert_true(self->jobs[0].task.is_done && self->jobs[2].task.is_done && self->jobs[3].task.is_done);
        sem_post(&self->gate.may_end);
    }
    END_WITH;
    co_executor_free(self->executor);
    thread_gate_done(&self->gate);
    assert_int_equal(self->counted.count, 2);
    assert_int_equal(self->counted.order[0], 1);
    assert_int_equal(self->counted.order[1], 4);
    assert_int_equal(self->jobs[0].task.error.code, ECANCELED);
    assert_int_equal(self->jobs[2].task.error.code, ECANCELED);
    assert_true(self->jobs[1].fn.is_through && self->jobs[4].fn.is_through);
}
END_ASYNC

static void test_executor_cancelled_while_queued_does_not_run(void **state)
{
    (void)state;
    CO_TASK(queued) root;
    loop_fixture_run(TASK(&root, queued));
}

/* ---- cancelled while it runs ---- */

struct running {
    struct co_frame co;
    bool is_killing, is_late; /* late: the job has ended, but the loop does not know yet */
    struct thread_gate gate;
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(executor_job) job;
    struct co_sleep_op nap;
};

static void let_time_pass(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

ASYNC(running)
{
    thread_gate_init(&self->gate);
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_EXECUTOR_JOB(self, job, thread_gate_pass, &self->gate);
        AWAIT(co_yield(&self->nap.op));
        sem_wait(&self->gate.begun);
        if (self->is_late) {
            sem_post(&self->gate.may_end);
            let_time_pass();
        }
        co_cancel(&self->job.task.self);
        if (self->is_killing)
            co_kill(&self->job.task.self);
        if (!self->is_late) {
            AWAIT(co_sleep(&self->nap, 3));
            assert_false(self->job.task.is_done); /* its memory is in use */
            sem_post(&self->gate.may_end);
        }
    }
    END_WITH;
    co_executor_free(self->executor);
    thread_gate_done(&self->gate);
    assert_true(self->job.fn.is_through);
    assert_int_equal(self->job.fn.code, ECANCELED); /* the await after it is refused */
    assert_int_equal(self->gate.run_count, 1);
}
END_ASYNC

static void test_executor_cancelled_while_it_runs_waits_and_succeeds(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        CO_TASK(running) root;
        loop_fixture_run(TASK(&root, running, .is_killing = i & 1, .is_late = i & 2));
    }
}

struct refused {
    struct co_frame co;
    struct thread_gate gate;
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(executor_job) job;
};

ASYNC(refused)
{
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN_EXECUTOR_JOB(self, job, thread_gate_pass, &self->gate);
        co_group_cancel(&self->group);
    }
    END_WITH;
    co_executor_free(self->executor);
    assert_int_equal(self->gate.run_count, 0);
}
END_ASYNC

static void test_executor_of_a_cancelled_task_does_not_begin(void **state)
{
    (void)state;
    CO_TASK(refused) root;
    loop_fixture_run(TASK(&root, refused));
}

/* ---- in a select ---- */

struct selecting {
    struct co_frame co;
    bool is_running; /* when the sleep wins */
    struct thread_gate gate, other;
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(executor_job) busy;
    CO_TASK(later) open;
    struct co_job job;
    struct co_sleep_op nap;
    struct co_op *ops[2];
    struct co_select select;
};

static void open_gate(void *gate)
{
    sem_post(&((struct thread_gate *)gate)->may_end);
}

ASYNC(selecting)
{
    thread_gate_init(&self->gate);
    thread_gate_init(&self->other);
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        if (!self->is_running)
            SPAWN_EXECUTOR_JOB(self, busy, thread_gate_pass, &self->other);
        SPAWN(&self->group, &self->open, later, .ms = 20, .act = open_gate,
              .arg = self->is_running ? &self->gate : &self->other);
        AWAIT(co_yield(&self->nap.op));
        self->ops[0] =
            co_select_op(co_run_in_executor(self->executor, &self->job, thread_gate_pass, &self->gate));
        self->ops[1] = co_select_op(co_sleep(&self->nap, 5));
        AWAIT(co_select(&self->select, self->ops, 2));
        assert_int_equal(self->select.which, 1);
        assert_int_equal(self->open.task.is_done, self->is_running); /* it waited for the job that ran */
    }
    END_WITH;
    co_executor_free(self->executor);
    assert_int_equal(self->gate.run_count, self->is_running);
    thread_gate_done(&self->gate);
    thread_gate_done(&self->other);
}
END_ASYNC

static void test_executor_job_that_loses_a_select(void **state)
{
    (void)state;
    for (int is_running = 0; is_running <= 1; is_running++) {
        CO_TASK(selecting) root;
        loop_fixture_run(TASK(&root, selecting, .is_running = is_running));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_executor_cancelled_while_queued_does_not_run),
        cmocka_unit_test(test_executor_cancelled_while_it_runs_waits_and_succeeds),
        cmocka_unit_test(test_executor_of_a_cancelled_task_does_not_begin),
        cmocka_unit_test(test_executor_job_that_loses_a_select),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
