/* Files, read and written on the executor's threads, because a disk blocks and epoll cannot wait for it.
 *
 *     ASYNC_WITH(CALL(&self->open, co_file_open, .file = &self->file, .executor = ex, .path = "a.txt",
 *                     .flags = O_RDONLY), co_file_with(&self->file)) {
 *         AWAIT(CALL(&self->read, co_file_read, .file = &self->file, .data = self->buf, .size = sizeof(self->buf)));
 *     } END_WITH;                                  // closed, whatever way the block is left
 *
 * One operation at a time per file. All of these suspend; they fail with the errno of the system call. A
 * cancelled read or write has either not begun or is finished. */
#ifndef ASYNC_FILE_H
#define ASYNC_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "async/co.h"
#include "async/executor.h"

/* One blocking call, with its arguments and its result, for the thread. */
struct co_file_call {
    int fd;
    const char *path;
    int flags;
    mode_t mode;
    void *data;
    const void *source;
    size_t size;
    ssize_t result;
    int error; /* errno; 0 */
};

struct co_file {
    struct co_executor *executor;
    int fd;
    struct co_with with;
    struct co_job job;
    struct co_file_call call;
};

struct co_file_open {
    struct co_frame co;
    struct co_file *file;
    struct co_executor *executor;
    const char *path;
    int flags;   /* as open(2); O_CLOEXEC is added */
    mode_t mode; /* with O_CREAT */
};
ASYNC_DECLARE(co_file_open);

struct co_file_read {
    struct co_frame co;
    struct co_file *file;
    void *data;
    size_t size;
    size_t count; /* result: bytes read, 0 at the end of the file */
};
ASYNC_DECLARE(co_file_read);

struct co_file_write {
    struct co_frame co;
    struct co_file *file;
    const void *data;
    size_t size; /* all of it is written */
    size_t count;
};
ASYNC_DECLARE(co_file_write);

/* The manager that closes a file that was opened. A failing close (a full disk may show itself there) is
 * an error of the block. */
struct co_with *co_file_with(struct co_file *file);

#endif
