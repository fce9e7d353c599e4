/* File I/O: a disk blocks and cannot be polled, so that files are read and written on threads.
 *
 *     async with aiofiles.open(path, "w") as file:
 *         await file.write(text)
 *     async with aiofiles.open(path) as file:
 *         while block := await file.read(16):
 *             ...
 *
 * (asyncio has no files of its own; aiofiles does the same with threads.) While a thread works, the loop
 * runs other tasks. */
#include <fcntl.h>
#include <unistd.h>

#include "async/executor.h"
#include "async/file.h"
#include "example.h"

struct write_text {
    struct co_frame co;
    struct co_executor *executor;
    const char *path, *text;
    struct co_file file;
    union { /* one at a time */
        struct co_file_open open;
        struct co_file_write write;
    } u;
};

ASYNC(write_text)
{
    ASYNC_WITH(CALL(&self->u.open, co_file_open, .file = &self->file, .executor = self->executor,
                    .path = self->path, .flags = O_WRONLY | O_CREAT | O_TRUNC, .mode = 0600),
               co_file_with(&self->file)) {
        AWAIT(CALL(&self->u.write, co_file_write, .file = &self->file, .data = self->text,
                   .size = strlen(self->text)));
        printf("wrote %zu bytes\n", self->u.write.count);
    }
    END_WITH; /* closed here, on a thread, too; an error of close() is an error of the block */
}
END_ASYNC

struct read_text {
    struct co_frame co;
    struct co_executor *executor;
    const char *path;
    char block[16]; /* the thread reads into the frame: it lives until the read has ended */
    struct co_file file;
    union {
        struct co_file_open open;
        struct co_file_read read;
    } u;
};

ASYNC(read_text)
{
    ASYNC_WITH(CALL(&self->u.open, co_file_open, .file = &self->file, .executor = self->executor,
                    .path = self->path, .flags = O_RDONLY),
               co_file_with(&self->file)) {
        for (;;) {
            AWAIT(CALL(&self->u.read, co_file_read, .file = &self->file, .data = self->block,
                       .size = sizeof(self->block)));
            if (self->u.read.count == 0)
                break;
            printf("read %2zu bytes: %.*s\n", self->u.read.count, (int)self->u.read.count, self->block);
        }
    }
    END_WITH;
}
END_ASYNC

struct root {
    struct co_frame co;
    const char *path;
    int code;
    struct co_executor *executor;
    struct co_with finally;
    union {
        struct write_text write;
        struct read_text read;
    } u;
};

static void root_finally(struct co_task *task, struct co_with *with)
{
    (void)task;
    co_executor_free(container_of(with, struct root, finally)->executor);
}

ASYNC(root)
{
    self->executor = co_executor_new(co_loop_of(co), 2);
    if (!self->executor)
        RAISE(ENOMEM, "executor");
    co_with_init(&self->finally, NULL, root_finally);
    WITH(&self->finally) {
        AWAIT(CALL(&self->u.write, write_text, .executor = self->executor, .path = self->path,
                   .text = "The quick brown fox jumps over the lazy dog."));
        AWAIT(CALL(&self->u.read, read_text, .executor = self->executor, .path = self->path));
        TRY_AWAIT(self->code, CALL(&self->u.read, read_text, .executor = self->executor, .path = "/no/such"));
        printf("reading /no/such: %s\n", co_error_str(self->code));
    }
    END_WITH;
}
END_ASYNC

int main(void)
{
    char path[256];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof(path), "%s/example_file_io.XXXXXX", folder ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    CO_TASK(root) task;
    int status = example_run(TASK(&task, root, .path = path));
    unlink(path);
    return status;
}
