#include "support/run_child.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The child's side: stderr goes to the pipe. */
static void run_apart(void (*function)(void), const int ends[2])
{
    signal(SIGABRT, SIG_DFL);
    prctl(PR_SET_DUMPABLE, 0); /* no core file: the abort is wanted */
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    function();
    _exit(0);
}

/* Up to the end of file, so that the child never waits for us; what is too much is dropped. */
static void read_output(int fd, char *output, size_t size)
{
    char rest[1024];
    size_t len = 0;

    for (;;) {
        size_t room = size - 1 - len;
        ssize_t n = room > 0 ? read(fd, output + len, room) : read(fd, rest, sizeof(rest));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        if (room > 0)
            len += (size_t)n;
    }
    output[len] = '\0';
}

void run_child(void (*function)(void), struct run_child_outcome *ret_outcome)
{
    int ends[2];

    fflush(NULL);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        run_apart(function, ends);
    close(ends[1]);
    read_output(ends[0], ret_outcome->output, sizeof(ret_outcome->output));
    close(ends[0]);
    assert_int_equal(waitpid(child, &ret_outcome->status, 0), child);
}

bool run_child_is_aborted(const struct run_child_outcome *outcome)
{
    return WIFSIGNALED(outcome->status) && WTERMSIG(outcome->status) == SIGABRT;
}

void assert_aborts(void (*function)(void), const char *text)
{
    struct run_child_outcome outcome;

    run_child(function, &outcome);
    if (!run_child_is_aborted(&outcome) || !strstr(outcome.output, text))
        fail_msg("expected an abort with \"%s\"; status %#x, it said: %s", text, (unsigned)outcome.status,
                 outcome.output);
}
