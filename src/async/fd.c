#include "async/fd.h"

#include <sys/stat.h>

#include "async/loop.h"
#include "async/task.h"
#include "base/attr.h"

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
    struct co_fd_op *wait = arg;
    (void)fd;
    wait->what = what;
    co_op_complete(&wait->op, 0);
}

/* The loop hands descriptors to the kernel at its next poll, too late to tell whether one can be waited for. Files
 * and folders cannot. */
static bool can_wait(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

static bool fd_start(struct co_op *op)
{
    struct co_fd_op *wait = container_of(op, struct co_fd_op, op);
    struct event_base *base = co_loop_base(op->task->loop);
    if (can_wait(wait->fd) && event_assign(&wait->event, base, wait->fd, wait->what, on_ready, wait) == 0 &&
        event_add(&wait->event, NULL) == 0)
        return false;
    op->code = EBADF;
    return true;
}

static bool fd_abort(struct co_op *op)
{
    event_del(&container_of(op, struct co_fd_op, op)->event);
    return true;
}

static const struct co_op_vt fd_vt = {.name = "fd.wait", .start = fd_start, .abort = fd_abort};

struct co_call co_fd_wait(struct co_fd_op *op, int fd, short what)
{
    op->fd = fd;
    op->what = what;
    return co_call_op(&op->op, &fd_vt);
}
