#include "async/file.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/attr.h"

#include "async/poison.h"

static void call_open(void *arg)
{
    struct co_file_call *call = arg;
    call->fd = open(call->path, call->flags | O_CLOEXEC, call->mode);
    call->error = call->fd < 0 ? errno : 0;
}

static void call_read(void *arg)
{
    struct co_file_call *call = arg;
    call->result = read(call->fd, call->data, call->size);
    call->error = call->result < 0 ? errno : 0;
}

static void call_write(void *arg)
{
    struct co_file_call *call = arg;
    call->result = write(call->fd, call->source, call->size);
    call->error = call->result < 0 ? errno : 0;
}

static void call_close(void *arg)
{
    struct co_file_call *call = arg;
    call->error = close(call->fd) < 0 ? errno : 0;
    call->fd = -1; /* in either case */
}

static struct co_call run(struct co_file *file, void (*fn)(void *))
{
    return co_run_in_executor(file->executor, &file->job, fn, &file->call);
}

ASYNC(co_file_open)
{
    *self->file = (struct co_file){.executor = self->executor, .fd = -1};
    self->file->call = (struct co_file_call){.path = self->path, .flags = self->flags, .mode = self->mode};
    AWAIT(run(self->file, call_open));
    if (self->file->call.error)
        RAISE(self->file->call.error, "open");
    self->file->fd = self->file->call.fd;
}
END_ASYNC

ASYNC(co_file_read)
{
    self->file->call = (struct co_file_call){.fd = self->file->fd, .data = self->data, .size = self->size};
    AWAIT(run(self->file, call_read));
    if (self->file->call.error)
        RAISE(self->file->call.error, "read");
    self->count = (size_t)self->file->call.result;
}
END_ASYNC

ASYNC(co_file_write)
{
    while (self->count < self->size) {
        self->file->call = (struct co_file_call){
            .fd = self->file->fd,
            .source = (const char *)self->data + self->count,
            .size = self->size - self->count,
        };
        AWAIT(run(self->file, call_write));
        if (self->file->call.error)
            RAISE(self->file->call.error, "write");
        self->count += (size_t)self->file->call.result;
    }
}
END_ASYNC

static struct co_call file_exit(struct co_task *task, struct co_with *with)
{
    struct co_file *file = container_of(with, struct co_file, with);
    (void)task;
    file->call = (struct co_file_call){.fd = file->fd};
    return run(file, call_close);
}

/* A kill may have refused the close on the thread: then it is done here, for the descriptor must go. */
static void file_finish(struct co_task *task, struct co_with *with)
{
    struct co_file *file = container_of(with, struct co_file, with);
    (void)task;
    if (file->call.fd >= 0)
        call_close(&file->call);
    file->fd = -1;
    if (file->call.error && !with->error.code)
        with->error = (struct co_error){file->call.error, __LINE__, __FILE__, "close"};
}

struct co_with *co_file_with(struct co_file *file)
{
    co_with_init(&file->with, file_exit, file_finish);
    return &file->with;
}
