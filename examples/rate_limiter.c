/* A rate limiter: ten requests, at most five per second, three at once.
 *
 *     class RateLimiter:
 *         async def acquire(self):
 *             while self.tokens < 1:
 *                 await asyncio.sleep(0.1)       # polls
 *                 self.refill()
 *             self.tokens -= 1
 *
 *     async def request(n):
 *         await limiter.acquire()
 *         print("request", n, "sent")
 *
 * co_limiter computes when the next token is there and sleeps once, until then; nobody overtakes. */
#include "async/group.h"
#include "async/limiter.h"
#include "example.h"

enum { REQUESTS = 10, PER_SECOND = 5, BURST = 3 };

struct request {
    struct co_frame co;
    struct co_limiter *limiter;
    int number;
    int64_t start_ms;
    struct co_limiter_op acquire;
};

ASYNC(request)
{
    AWAIT(co_limiter_acquire(self->limiter, &self->acquire));
    printf("request %2d sent after %.1f s\n", self->number, example_seconds(co, self->start_ms));
}
END_ASYNC

struct root {
    struct co_frame co;
    int64_t start_ms;
    struct co_limiter limiter;
    struct co_group group;
    CO_TASK(request) requests[REQUESTS];
};

ASYNC(root)
{
    co_limiter_init(&self->limiter, co_loop_of(co), PER_SECOND * 1000, BURST);
    self->start_ms = example_now_ms(co);
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < REQUESTS; i++)
            SPAWN(&self->group, &self->requests[i], request, .limiter = &self->limiter, .number = i + 1,
                  .start_ms = self->start_ms);
    }
    END_WITH;
    printf("all sent in %.1f s\n", example_seconds(co, self->start_ms));
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
