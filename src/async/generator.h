/* Async generators: coroutines that hand out values one at a time.
 *
 *     struct countdown { struct co_frame co; int from; int value; struct co_sleep_op nap; };
 *     ASYNC(countdown)
 *     {
 *         for (self->value = self->from; self->value > 0; self->value--) {
 *             YIELD;                               // the value is a field of the frame
 *             AWAIT(co_sleep(&self->nap, 100));
 *         }
 *     }
 *     END_ASYNC
 *
 *     ASYNC_FOR(&self->iter, CALL(&self->count, countdown, .from = 3)) {
 *         printf("%d\n", self->count.value);
 *     } END_FOR;
 *
 * A generator is always closed: whoever leaves ASYNC_FOR early (break, return, error, cancel) awaits its
 * end; CO_EGENEXIT is raised at its YIELD, so that its own context managers are left. It may not yield
 * while it is closed, nor with a timeout or group of its own still open.
 *
 * The same makes a context manager out of a generator with one YIELD (Python's @asynccontextmanager):
 *
 *     WITH_GEN(&self->iter, CALL(&self->lease, lease, .name = "x")) { … } END_WITH;
 *
 * What is before the YIELD enters, what is after it leaves. An error of the block is raised at the YIELD;
 * a generator that catches it (TRY_YIELD) suppresses it, all but cancellation. The YIELD may stand in a
 * timeout or group, which then is around the block. */
#ifndef ASYNC_GENERATOR_H
#define ASYNC_GENERATOR_H

#include "async/co.h"

struct co_scope;

struct co_iter {
    struct co_with with;
    struct co_frame *generator;
    struct co_scope *scope; /* the consumer's: the generator must yield in the same */
    bool is_closing;        /* left early, without an error: CO_EGENEXIT was raised to this end only */
};

/* Hands out a value; goes on when the next one is wanted. Ends the generator when it is closed. */
#define YIELD \
    do { \
        co_yield_value(&self->co, __LINE__); \
        return; \
    case CO_LABEL_(__LINE__): \
        if (co_error_of(co)->code) \
            return; \
    } while (0)

/* For a context generator: `result` becomes 0 or the code of the block's error, which is then handled.
 * Cancellation and CO_EGENEXIT are not caught. */
#define TRY_YIELD(result) \
    do { \
        co_yield_value(&self->co, __LINE__); \
        return; \
    case CO_LABEL_(__LINE__): \
        (result) = co_catch(co); \
        if (co_error_of(co)->code) \
            return; \
    } while (0)

#define ASYNC_FOR(iter, call) \
    { \
        co_with_push(&self->co, co_iter_open(co, (iter), (call)), __LINE__); \
        if (0) { \
        case CO_PAD_(__LINE__):; \
        } \
        while (self->co.exits->is_inside) { \
            if (co_await(co, &self->co, co_iter_next(self->co.exits), __LINE__)) \
                return; \
            CO_FALLTHROUGH_; \
        case CO_LABEL_(__LINE__): \
            if (co_error_of(co)->code) \
                return; \
            if (!co_iter_has_value(co, self->co.exits)) \
                break;

#define END_FOR \
    } \
    END_WITH

#define WITH_GEN(iter, call) \
    { \
        AWAIT(co_context_enter((iter), (call))); \
        CO_BLOCK_(co_context_open(co, (iter)))

/* ---- used by the macros ---- */
void co_yield_value(struct co_frame *self, uint32_t line);
struct co_with *co_iter_open(struct co_task *task, struct co_iter *iter, struct co_call call);
struct co_call co_iter_next(struct co_with *with);
bool co_iter_has_value(struct co_task *task, struct co_with *with);
struct co_call co_context_enter(struct co_iter *iter, struct co_call call);
struct co_with *co_context_open(struct co_task *task, struct co_iter *iter);

#endif
