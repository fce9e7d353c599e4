/* What a test of asynchronous code should not have to think of: a fresh loop, a time limit, leaks. */
#include "support/loop_fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT_S 20

static int count_entries(const char *path)
{
    DIR *dir = opendir(path);
    int count = 0;

    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

int loop_fixture_fd_count(void)
{
    return count_entries("/proc/self/fd") - 1; /* without that of the folder itself */
}

int loop_fixture_thread_count(void)
{
    return count_entries("/proc/self/task");
}

struct co_error loop_fixture_run_error(struct co_task *root)
{
    signal(SIGPIPE, SIG_IGN);
    alarm(LIMIT_S);
    int fds_before = loop_fixture_fd_count();
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    struct co_error error = co_loop_run(loop, root);
    assert_int_equal(co_loop_free(loop), 0);
    assert_int_equal(loop_fixture_fd_count(), fds_before);
    alarm(0);
    return error;
}

void loop_fixture_run(struct co_task *root)
{
    struct co_error error = loop_fixture_run_error(root);
    if (error.code)
        fail_msg("%s:%d: %s (%s)", error.file, error.line, co_error_str(error.code), error.msg);
}
