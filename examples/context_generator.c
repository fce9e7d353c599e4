/* An async context manager, generator form: what is before the YIELD enters, what is after it leaves.
 *
 *     @asynccontextmanager
 *     async def transaction(name):
 *         print("begin"); await asyncio.sleep(0.05)
 *         try:
 *             yield
 *         except ValueError:
 *             print("roll back"); await asyncio.sleep(0.05)
 *         else:
 *             print("commit")
 *
 *     @asynccontextmanager
 *     async def locked(lock):
 *         async with lock:
 *             yield
 *
 *     async with transaction("t1"):
 *         ... */
#include <errno.h>

#include "async/generator.h"
#include "async/lock.h"
#include "async/sleep.h"
#include "example.h"

struct transaction {
    struct co_frame co;
    const char *name;
    int code;
    struct co_sleep_op sleep;
};

ASYNC(transaction)
{
    printf("  %s: begin\n", self->name);
    AWAIT(co_sleep(&self->sleep, 50));
    /* The block runs here. An error it raises is caught, all but a cancel: what has to be undone then, too,
     * is a manager of its own around the YIELD, as the lock below. */
    TRY_YIELD(self->code);
    if (self->code) {
        printf("  %s: roll back (%s)\n", self->name, co_error_str(self->code));
        AWAIT(co_sleep(&self->sleep, 50));
        if (self->code != EINVAL)
            RAISE(self->code, "transaction"); /* raise again; only EINVAL is handled */
    } else {
        printf("  %s: commit\n", self->name);
    }
}
END_ASYNC

struct locked {
    struct co_frame co;
    struct co_lock *lock;
    struct co_lock_op acquire;
    struct co_lock_with hold;
};

ASYNC(locked)
{
    ASYNC_WITH(co_lock_acquire(self->lock, &self->acquire), co_lock_hold(self->lock, &self->hold)) {
        YIELD; /* not caught: the lock is released on the way, and the error goes on */
    }
    END_WITH;
}
END_ASYNC

struct work {
    struct co_frame co;
    const char *name;
    int error;
    struct co_lock *lock;
    struct co_iter outer, inner;
    struct locked locked;
    struct transaction transaction;
};

ASYNC(work)
{
    WITH_GEN(&self->outer, CALL(&self->locked, locked, .lock = self->lock)) {
        WITH_GEN(&self->inner, CALL(&self->transaction, transaction, .name = self->name)) {
            printf("  %s: work\n", self->name);
            if (self->error)
                RAISE(self->error, "work");
        }
        END_WITH;
        printf("  %s: after the transaction, lock is %s\n", self->name,
               self->lock->is_held ? "held" : "free");
    }
    END_WITH;
}
END_ASYNC

struct root {
    struct co_frame co;
    int code;
    struct co_lock lock;
    struct work work;
};

ASYNC(root)
{
    puts("all goes well:");
    AWAIT(CALL(&self->work, work, .name = "t1", .lock = &self->lock));
    puts("an error is handled:");
    AWAIT(CALL(&self->work, work, .name = "t2", .lock = &self->lock, .error = EINVAL));
    puts("an error passes:");
    TRY_AWAIT(self->code, CALL(&self->work, work, .name = "t3", .lock = &self->lock, .error = EIO));
    printf("  caught: %s, lock is %s\n", co_error_str(self->code), self->lock.is_held ? "held" : "free");
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
