/* A fresh loop per run, as in loop_fixture.c, whose time is the test's own. */
#include "support/virtual_fixture.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/loop_fixture.h"

#define LIMIT_S 20

/* One loop runs at a time; its coroutines ask how long. */
static int64_t began_ms;

struct co_error virtual_fixture_run_error(struct co_task *root)
{
    signal(SIGPIPE, SIG_IGN);
    alarm(LIMIT_S);
    int fds_before = loop_fixture_fd_count();
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    co_loop_set_virtual(loop, true);
    began_ms = co_loop_now_ms(loop);
    struct co_error error = co_loop_run(loop, root);
    assert_int_equal(co_loop_free(loop), 0);
    assert_int_equal(loop_fixture_fd_count(), fds_before);
    alarm(0);
    return error;
}

void virtual_fixture_run(struct co_task *root)
{
    struct co_error error = virtual_fixture_run_error(root);
    if (error.code)
        fail_msg("%s:%d: %s (%s)", error.file, error.line, co_error_str(error.code), error.msg);
}

int virtual_fixture_ms(const struct co_task *co)
{
    return (int)(co_loop_now_ms(co_loop_of(co)) - began_ms);
}
