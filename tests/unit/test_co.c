/* Frames, calls, errors, and what the runtime refuses. */
#include "async/co.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "async/event.h"
#include "async/queue.h"
#include "async/sleep.h"
#include "support/loop_fixture.h"
#include "support/run_child.h"

/* ---- calls ---- */

struct add {
    struct co_frame co;
    int a, b;
    int sum;
    struct co_op op;
};

ASYNC(add)
{
    assert_int_equal(self->sum, 0);
    self->sum = self->a;
    AWAIT(co_yield(&self->op));
    self->sum += self->b;
}
END_ASYNC

struct add_up {
    struct co_frame co;
    int times;
    int i, total;
    struct add add;
};

ASYNC(add_up)
{
    for (self->i = 1; self->i <= self->times; self->i++) {
        AWAIT(CALL(&self->add, add, .b = self->i, .a = 1000));
        self->total += self->add.sum;
    }
}
END_ASYNC

static void test_co_call_passes_arguments_and_zeroes_locals(void **state)
{
    (void)state;
    CO_TASK(add_up) root;
    loop_fixture_run(TASK(&root, add_up, .times = 100));
    assert_int_equal(root.task.error.code, 0);
    assert_int_equal(root.fn.total, 100 * 1000 + 5050);
}

struct down {
    struct co_frame co;
    struct down *below; /* this one and those under it */
    int depth, bottom;
    struct co_op op;
};

ASYNC(down)
{
    if (self->depth == 0) {
        AWAIT(co_yield(&self->op));
        RAISE(EIO, "the bottom");
    }
    AWAIT(CALL(self->below, down, .below = self->below + 1, .depth = self->depth - 1));
}
END_ASYNC

static void test_co_calls_do_not_use_the_stack(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    struct down *frames = calloc(DEPTH + 1, sizeof(*frames));
    CO_TASK(down) root;
    assert_non_null(frames);
    (void)loop_fixture_run_error(TASK(&root, down, .below = frames, .depth = DEPTH));
    assert_int_equal(root.task.error.code, EIO);
    assert_string_equal(root.task.error.msg, "the bottom");
    free(frames);
}

struct scribbler {
    struct co_frame co;
    unsigned char bytes[sizeof(struct co_queue_op) + sizeof(struct co_sleep_op)];
};

ASYNC(scribbler)
{
    memset(self->bytes, 0xa5, sizeof(self->bytes));
}
END_ASYNC

struct sharer {
    struct co_frame co;
    struct co_event event;
    struct co_queue queue;
    struct list_link item;
    int code;
    union { /* one at a time */
        struct scribbler scribbler;
        struct co_sleep_op sleep;
        struct co_queue_op queue;
        struct co_event_op event;
        struct co_op op;
    } u;
};

/* What an operation finds in its memory is whatever ran there before. */
ASYNC(sharer)
{
    co_queue_init(&self->queue, 1);
    co_event_set(&self->event);
    AWAIT(CALL(&self->u.scribbler, scribbler));
    AWAIT(co_sleep(&self->u.sleep, 1));
    AWAIT(CALL(&self->u.scribbler, scribbler));
    AWAIT(co_yield(&self->u.op));
    AWAIT(CALL(&self->u.scribbler, scribbler));
    AWAIT(co_queue_put(&self->queue, &self->u.queue, &self->item));
    AWAIT(CALL(&self->u.scribbler, scribbler));
    AWAIT(co_queue_get(&self->queue, &self->u.queue));
    assert_ptr_equal(self->u.queue.item, &self->item);
    co_queue_close(&self->queue);
    AWAIT(CALL(&self->u.scribbler, scribbler));
    TRY_AWAIT(self->code, co_queue_get(&self->queue, &self->u.queue));
    assert_int_equal(self->code, CO_ECLOSED);
    AWAIT(CALL(&self->u.scribbler, scribbler));
    AWAIT(co_event_wait(&self->event, &self->u.event));
}
END_ASYNC

static void test_co_operations_share_memory_with_callees(void **state)
{
    (void)state;
    CO_TASK(sharer) root;
    loop_fixture_run(TASK(&root, sharer));
    assert_int_equal(root.task.error.code, 0);
    assert_int_equal(root.fn.code, CO_ECLOSED);
}

/* ---- errors ---- */

struct fail {
    struct co_frame co;
    int code; /* 0: succeeds */
    int line;
};

ASYNC(fail)
{
    self->line = __LINE__ + 2;
    if (self->code)
        RAISE(self->code, "on purpose");
}
END_ASYNC

struct pass_on {
    struct co_frame co;
    int code;
    bool went_on;
    struct fail fail;
};

ASYNC(pass_on)
{
    AWAIT(CALL(&self->fail, fail, .code = self->code));
    self->went_on = true;
}
END_ASYNC

static void test_co_await_passes_the_error_to_the_caller(void **state)
{
    (void)state;
    CO_TASK(pass_on) root;
    (void)loop_fixture_run_error(TASK(&root, pass_on, .code = CO_ETOOLONG));
    assert_int_equal(root.task.error.code, CO_ETOOLONG);
    assert_int_equal(root.task.error.line, root.fn.fail.line);
    assert_string_equal(root.task.error.file, __FILE__);
    assert_string_equal(root.task.error.msg, "on purpose");
    assert_false(root.fn.went_on);

    loop_fixture_run(TASK(&root, pass_on, .code = 0));
    assert_int_equal(root.task.error.code, 0);
    assert_true(root.fn.went_on);
}

struct catcher {
    struct co_frame co;
    int codes[3];
    struct pass_on pass_on;
};

ASYNC(catcher)
{
    TRY_AWAIT(self->codes[0], CALL(&self->pass_on, pass_on, .code = EIO));
    TRY_AWAIT(self->codes[1], CALL(&self->pass_on, pass_on, .code = 0));
    TRY_AWAIT(self->codes[2], CALL(&self->pass_on, pass_on, .code = CO_EEOF));
}
END_ASYNC

static void test_co_try_await_catches(void **state)
{
    (void)state;
    CO_TASK(catcher) root;
    loop_fixture_run(TASK(&root, catcher, .codes = {-1, -1, -1}));
    assert_int_equal(root.task.error.code, 0);
    assert_int_equal(root.fn.codes[0], EIO);
    assert_int_equal(root.fn.codes[1], 0);
    assert_int_equal(root.fn.codes[2], CO_EEOF);
}

struct op_fails {
    struct co_frame co;
    struct co_queue *queue;
    int line;
    struct co_queue_op get;
};

ASYNC(op_fails)
{
    self->line = __LINE__ + 1;
    AWAIT(co_queue_get(self->queue, &self->get));
}
END_ASYNC

static void test_co_error_of_an_operation_says_where_it_was_awaited(void **state)
{
    (void)state;
    CO_TASK(op_fails) root;
    struct co_queue queue;
    co_queue_init(&queue, 1);
    co_queue_close(&queue);
    (void)loop_fixture_run_error(TASK(&root, op_fails, .queue = &queue));
    assert_int_equal(root.task.error.code, CO_ECLOSED);
    assert_int_equal(root.task.error.line, root.fn.line);
    assert_string_equal(root.task.error.msg, "queue.get");
    assert_string_equal(root.task.error.file, __FILE__);
}

static void test_co_error_str_knows_own_codes(void **state)
{
    (void)state;
    assert_string_equal(co_error_str(0), "no error");
    assert_string_equal(co_error_str(CO_EEOF), "end of stream");
    assert_string_equal(co_error_str(CO_ETOOLONG), "line too long");
    assert_string_equal(co_error_str(CO_ECLOSED), "closed");
    assert_string_equal(co_error_str(ENOENT), strerror(ENOENT));
}

/* ---- what the runtime refuses ---- */

struct misled {
    struct co_frame co;
    uint64_t value;
    struct co_op op;
};

ASYNC(misled)
{
    switch (self->value) { /* 64 bits: the one switch in which the compiler lets an await pass */
    case 7:
        AWAIT(co_yield(&self->op));
        break;
    default:
        break;
    }
}
END_ASYNC

static void run_misled(void)
{
    CO_TASK(misled) root;
    loop_fixture_run(TASK(&root, misled, .value = 7));
}

static void test_co_await_in_a_wide_switch_aborts(void **state)
{
    (void)state;
    assert_aborts(run_misled, "task misled was resumed at a line where it does not wait");
}

static void test_co_op_list_keeps_order(void **state)
{
    (void)state;
    struct co_op_list list = {0};
    struct co_op ops[4] = {0};
    assert_null(co_op_list_pop(&list));
    for (int i = 0; i < 4; i++)
        co_op_list_push(&list, &ops[i]);
    co_op_list_remove(&list, &ops[3]); /* the last */
    co_op_list_remove(&list, &ops[1]); /* in the middle */
    co_op_list_push(&list, &ops[1]);
    assert_ptr_equal(co_op_list_pop(&list), &ops[0]);
    assert_ptr_equal(co_op_list_pop(&list), &ops[2]);
    assert_ptr_equal(co_op_list_pop(&list), &ops[1]);
    assert_null(co_op_list_pop(&list));
    co_op_list_push(&list, &ops[3]);
    assert_ptr_equal(co_op_list_pop(&list), &ops[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_co_call_passes_arguments_and_zeroes_locals),
        cmocka_unit_test(test_co_calls_do_not_use_the_stack),
        cmocka_unit_test(test_co_operations_share_memory_with_callees),
        cmocka_unit_test(test_co_await_passes_the_error_to_the_caller),
        cmocka_unit_test(test_co_try_await_catches),
        cmocka_unit_test(test_co_error_of_an_operation_says_where_it_was_awaited),
        cmocka_unit_test(test_co_error_str_knows_own_codes),
        cmocka_unit_test(test_co_await_in_a_wide_switch_aborts),
        cmocka_unit_test(test_co_op_list_keeps_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
