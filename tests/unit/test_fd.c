/* Waiting for descriptors. */
#include "async/fd.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "support/async_probe.h"
#include "support/loop_fixture.h"

struct reader {
    struct co_frame co;
    struct words *trace;
    const char *name;
    int fd;
    short what;
    int code;
    struct co_fd_op op;
};

ASYNC(reader)
{
    TRY_AWAIT(self->code, co_fd_wait(&self->op, self->fd, self->what));
    words_add(self->trace, "%s", self->code ? "failed" : self->name);
}
END_ASYNC

static void write_x(void *arg)
{
    assert_int_equal(write(*(int *)arg, "x", 1), 1);
}

static void close_end(void *arg)
{
    close(*(int *)arg);
}

struct pair {
    struct co_frame co;
    struct words trace;
    void (*act)(void *arg);
    int ends[2];
    struct co_group group;
    CO_TASK(reader) reader, writer;
    CO_TASK(later) later;
    char c;
};

ASYNC(pair)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, self->ends), 0);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->reader, reader, .trace = &self->trace, .name = "readable ",
              .fd = self->ends[0], .what = EV_READ);
        SPAWN(&self->group, &self->writer, reader, .trace = &self->trace, .name = "writable ",
              .fd = self->ends[0], .what = EV_WRITE);
        SPAWN(&self->group, &self->later, later, .ms = 3, .act = self->act, .arg = &self->ends[1]);
    }
    END_WITH;
    /* Nothing was taken. */
    assert_int_equal(read(self->ends[0], &self->c, 1), self->act == write_x);
    close(self->ends[0]);
    if (self->act == write_x)
        close(self->ends[1]);
}
END_ASYNC

static void test_fd_wait_comes_when_there_is_something_to_do(void **state)
{
    (void)state;
    CO_TASK(pair) root;
    loop_fixture_run(TASK(&root, pair, .act = write_x));
    assert_string_equal(root.fn.trace.text, "writable readable ");
}

static void test_fd_end_of_stream_is_readable(void **state)
{
    (void)state;
    CO_TASK(pair) root;
    loop_fixture_run(TASK(&root, pair, .act = close_end));
    assert_string_equal(root.fn.trace.text, "writable readable ");
}

struct cancelled {
    struct co_frame co;
    int ends[2];
    struct co_timeout limit;
    struct co_fd_op op;
};

ASYNC(cancelled)
{
    assert_int_equal(pipe(self->ends), 0);
    WITH(co_timeout_open(co, &self->limit, 2, false)) {
        AWAIT(co_fd_wait(&self->op, self->ends[0], EV_READ));
    }
    END_WITH;
    assert_true(self->limit.has_expired);
    memset(&self->op, 0x5a, sizeof(self->op)); /* nothing knows of it any more */
    write_x(&self->ends[1]);
    AWAIT(co_fd_wait(&self->op, self->ends[0], EV_READ));
    AWAIT(co_fd_wait(&self->op, self->ends[0], EV_READ)); /* it is still there */
    close(self->ends[0]);
    close(self->ends[1]);
}
END_ASYNC

static void test_fd_wait_can_be_cancelled_and_done_again(void **state)
{
    (void)state;
    CO_TASK(cancelled) root;
    loop_fixture_run(TASK(&root, cancelled));
}

struct canceller {
    struct co_frame co;
    struct words *trace;
    int fd;
    struct co_task *other;
    struct co_fd_op op;
};

ASYNC(canceller)
{
    AWAIT(co_fd_wait(&self->op, self->fd, EV_READ));
    co_cancel(&self->other->self);
    words_add(self->trace, "came ");
}
END_ASYNC

struct both {
    struct co_frame co;
    struct words trace;
    int ends[2];
    struct co_group group;
    CO_TASK(canceller) a, b;
    struct co_sleep_op sleep;
};

/* Both become ready in the same poll, and the first to run cancels the other. */
ASYNC(both)
{
    assert_int_equal(pipe(self->ends), 0);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->a, canceller, .trace = &self->trace, .fd = self->ends[0],
              .other = &self->b.task);
        SPAWN(&self->group, &self->b, canceller, .trace = &self->trace, .fd = self->ends[0],
              .other = &self->a.task);
        AWAIT(co_sleep(&self->sleep, 1));
        write_x(&self->ends[1]);
    }
    END_WITH;
    close(self->ends[0]);
    close(self->ends[1]);
}
END_ASYNC

static void test_fd_that_is_ready_beats_a_cancel(void **state)
{
    (void)state;
    CO_TASK(both) root;
    loop_fixture_run(TASK(&root, both));
    assert_string_equal(root.fn.trace.text, "came came ");
}

struct bad {
    struct co_frame co;
    int fd, code;
    struct co_fd_op op;
};

ASYNC(bad)
{
    TRY_AWAIT(self->code, co_fd_wait(&self->op, self->fd, EV_READ));
}
END_ASYNC

static void ignore_log(int severity, const char *text)
{
    (void)severity;
    (void)text;
}

static void test_fd_that_cannot_be_waited_for_fails(void **state)
{
    (void)state;
    CO_TASK(bad) root;
    event_set_log_callback(ignore_log);
    loop_fixture_run(TASK(&root, bad, .fd = 1000000));
    assert_int_equal(root.fn.code, EBADF);

    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC); /* a plain file */
    assert_true(fd >= 0);
    loop_fixture_run(TASK(&root, bad, .fd = fd));
    assert_int_equal(root.fn.code, EBADF);
    close(fd);
    event_set_log_callback(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fd_wait_comes_when_there_is_something_to_do),
        cmocka_unit_test(test_fd_end_of_stream_is_readable),
        cmocka_unit_test(test_fd_wait_can_be_cancelled_and_done_again),
        cmocka_unit_test(test_fd_that_is_ready_beats_a_cancel),
        cmocka_unit_test(test_fd_that_cannot_be_waited_for_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
