/* An async context manager, class form: entering and leaving may await.
 *
 *     class Connection:
 *         async def __aenter__(self):
 *             print("opening"); await asyncio.sleep(0.05); return self
 *         async def __aexit__(self, kind, error, traceback):
 *             print("closing"); await asyncio.sleep(0.05)
 *             return kind is TimeoutError              # suppresses this one
 *
 *     async with Connection("db") as connection:
 *         await connection.query("select 1")
 *
 * The class is a struct with a co_with: `exit` says what to await on the way out, `finish` runs after it
 * and sees the error, if there is one. The exit runs whatever way the block is left. */
#include <errno.h>

#include "async/sleep.h"
#include "base/attr.h"
#include "example.h"

struct connection;

struct connection_close {
    struct co_frame co;
    struct connection *connection;
    struct co_sleep_op sleep;
};

struct connection {
    const char *name;
    struct co_with with;
    struct connection_close close; /* the exit's frame lives in the resource: closing cannot lack memory */
};

struct connection_open { /* __aenter__ */
    struct co_frame co;
    struct connection *connection;
    const char *name;
    struct co_sleep_op sleep;
};

ASYNC(connection_open)
{
    self->connection->name = self->name;
    printf("  %s: opening\n", self->name);
    AWAIT(co_sleep(&self->sleep, 50));
    printf("  %s: open\n", self->name);
}
END_ASYNC

ASYNC(connection_close)
{
    printf("  %s: closing\n", self->connection->name);
    AWAIT(co_sleep(&self->sleep, 50));
    printf("  %s: closed\n", self->connection->name);
}
END_ASYNC

static struct co_call connection_exit(struct co_task *task, struct co_with *with) /* __aexit__ */
{
    struct connection *connection = container_of(with, struct connection, with);
    (void)task;
    return CALL(&connection->close, connection_close, .connection = connection);
}

static void connection_finish(struct co_task *task, struct co_with *with)
{
    (void)task;
    if (with->error.code == ETIMEDOUT) /* return True: the error ends here */
        with->error = (struct co_error){0};
}

static struct co_with *connection_with(struct connection *connection)
{
    co_with_init(&connection->with, connection_exit, connection_finish);
    return &connection->with;
}

/* One block that ends as it is told. */
struct use {
    struct co_frame co;
    const char *name;
    int error;
    struct connection connection;
    struct connection_open open;
};

ASYNC(use)
{
    ASYNC_WITH(CALL(&self->open, connection_open, .connection = &self->connection, .name = self->name),
               connection_with(&self->connection)) {
        printf("  %s: in use\n", self->connection.name);
        if (self->error)
            RAISE(self->error, "query");
    }
    END_WITH;
    printf("  %s: after the block\n", self->name);
}
END_ASYNC

struct root {
    struct co_frame co;
    int code;
    struct use use;
};

ASYNC(root)
{
    puts("all goes well:");
    AWAIT(CALL(&self->use, use, .name = "a"));
    puts("an error passes:");
    TRY_AWAIT(self->code, CALL(&self->use, use, .name = "b", .error = EIO));
    printf("  caught: %s\n", co_error_str(self->code));
    puts("an error is suppressed:");
    AWAIT(CALL(&self->use, use, .name = "c", .error = ETIMEDOUT));
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
