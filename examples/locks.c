/* Lock, semaphore, condition.
 *
 *     async with lock:                        async with semaphore:
 *         ...                                     ...
 *
 *     async with condition:                   async with condition:
 *         while not stock:                        stock += 1
 *             await condition.wait()              condition.notify()
 *
 * All tasks run on one thread and only an await lets others run, so that a section without an await needs
 * no lock. The one of deposit() has one. */
#include "async/condition.h"
#include "async/group.h"
#include "async/lock.h"
#include "async/semaphore.h"
#include "async/sleep.h"
#include "example.h"

/* What the tasks share. */
struct shop {
    int balance;
    int stock;
    int inside_count, inside_max;
    struct co_lock lock;
    struct co_semaphore doors;
    struct co_condition has_stock;
};

struct deposit {
    struct co_frame co;
    struct shop *shop;
    int amount, seen;
    struct co_lock_op acquire;
    struct co_lock_with hold;
    struct co_sleep_op sleep;
};

ASYNC(deposit)
{
    ASYNC_WITH(co_lock_acquire(&self->shop->lock, &self->acquire),
               co_lock_hold(&self->shop->lock, &self->hold)) {
        self->seen = self->shop->balance;
        AWAIT(co_sleep(&self->sleep, 20)); /* without the lock another one would see the same balance */
        self->shop->balance = self->seen + self->amount;
        printf("balance %d\n", self->shop->balance);
    }
    END_WITH;
}
END_ASYNC

struct visitor {
    struct co_frame co;
    struct shop *shop;
    int number;
    struct co_semaphore_op acquire;
    struct co_semaphore_with hold;
    struct co_sleep_op sleep;
};

ASYNC(visitor)
{
    ASYNC_WITH(co_semaphore_acquire(&self->shop->doors, &self->acquire),
               co_semaphore_hold(&self->shop->doors, &self->hold)) {
        if (++self->shop->inside_count > self->shop->inside_max)
            self->shop->inside_max = self->shop->inside_count;
        printf("visitor %d is in\n", self->number);
        AWAIT(co_sleep(&self->sleep, 50));
        self->shop->inside_count--;
    }
    END_WITH;
}
END_ASYNC

struct buyer {
    struct co_frame co;
    struct shop *shop;
    int number;
    struct co_lock_op acquire;
    struct co_lock_with hold;
    struct co_condition_wait wait;
};

ASYNC(buyer)
{
    ASYNC_WITH(co_lock_acquire(&self->shop->lock, &self->acquire),
               co_lock_hold(&self->shop->lock, &self->hold)) {
        while (self->shop->stock == 0) {
            printf("buyer %d waits\n", self->number);
            AWAIT(CALL(&self->wait, co_condition_wait, .condition = &self->shop->has_stock,
                       .lock = &self->shop->lock));
        }
        self->shop->stock--;
        printf("buyer %d has bought, %d left\n", self->number, self->shop->stock);
    }
    END_WITH;
}
END_ASYNC

struct supplier {
    struct co_frame co;
    struct shop *shop;
    int i;
    struct co_lock_op acquire;
    struct co_lock_with hold;
    struct co_sleep_op sleep;
};

ASYNC(supplier)
{
    for (self->i = 0; self->i < 2; self->i++) {
        AWAIT(co_sleep(&self->sleep, 50));
        ASYNC_WITH(co_lock_acquire(&self->shop->lock, &self->acquire),
                   co_lock_hold(&self->shop->lock, &self->hold)) {
            self->shop->stock++;
            puts("one delivered");
            co_condition_notify(&self->shop->has_stock, 1);
        }
        END_WITH;
    }
}
END_ASYNC

struct root {
    struct co_frame co;
    struct shop shop;
    struct co_group group;
    CO_TASK(deposit) deposits[3];
    CO_TASK(visitor) visitors[5];
    CO_TASK(buyer) buyers[2];
    CO_TASK(supplier) supplier;
};

ASYNC(root)
{
    co_semaphore_init(&self->shop.doors, 2);

    puts("lock:");
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < 3; i++)
            SPAWN(&self->group, &self->deposits[i], deposit, .shop = &self->shop, .amount = 100);
    }
    END_WITH;

    puts("semaphore:");
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < 5; i++)
            SPAWN(&self->group, &self->visitors[i], visitor, .shop = &self->shop, .number = i + 1);
    }
    END_WITH;
    printf("never more than %d inside\n", self->shop.inside_max);

    puts("condition:");
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < 2; i++)
            SPAWN(&self->group, &self->buyers[i], buyer, .shop = &self->shop, .number = i + 1);
        SPAWN(&self->group, &self->supplier, supplier, .shop = &self->shop);
    }
    END_WITH;
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
