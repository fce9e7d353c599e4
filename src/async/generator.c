#include "async/generator.h"

#include "async/task.h"
#include "base/attr.h"
#include "base/check.h"

static struct co_iter *iter_of(struct co_with *with)
{
    return container_of(with, struct co_iter, with);
}

void co_yield_value(struct co_frame *self, uint32_t line)
{
    self->line = line;
    self->is_yielded = true;
}

struct co_call co_iter_next(struct co_with *with)
{
    struct co_frame *generator = iter_of(with)->generator;
    generator->is_generator = true;
    return co_call_frame(generator);
}

bool co_iter_has_value(struct co_task *task, struct co_with *with)
{
    const struct co_iter *iter = iter_of(with);
    if (!iter->generator->is_yielded)
        return false;
    if (task->scope != iter->scope)
        BUG("generator %s yields while a timeout or group of its own is open", iter->generator->type->name);
    return true;
}

/* Resumes the generator at its YIELD with an error in flight, so that it leaves. */
static struct co_call throw_into(struct co_task *task, struct co_frame *generator, struct co_error error)
{
    task->error = error;
    return co_call_frame(generator);
}

static struct co_call iter_exit(struct co_task *task, struct co_with *with)
{
    struct co_iter *iter = iter_of(with);
    struct co_frame *generator = iter->generator;
    if (!generator->is_yielded)
        return (struct co_call){0}; /* not begun, or at its end */
    iter->is_closing = !with->error.code;
    return throw_into(task, generator, (struct co_error){.code = CO_EGENEXIT, .msg = "generator closed"});
}

static void check_ended(const struct co_iter *iter)
{
    if (iter->generator->is_yielded)
        BUG("generator %s yields although it is to end", iter->generator->type->name);
}

static void iter_finish(struct co_task *task, struct co_with *with)
{
    const struct co_iter *iter = iter_of(with);
    (void)task;
    check_ended(iter);
    /* The consumer may be a generator that is closed itself: that CO_EGENEXIT goes on. */
    if (iter->is_closing && with->error.code == CO_EGENEXIT)
        with->error = (struct co_error){0};
}

struct co_with *co_iter_open(struct co_task *task, struct co_iter *iter, struct co_call call)
{
    *iter = (struct co_iter){.generator = call.frame, .scope = task->scope};
    co_with_init(&iter->with, iter_exit, iter_finish);
    return &iter->with;
}

/* ---- as a context manager ---- */

struct co_call co_context_enter(struct co_iter *iter, struct co_call call)
{
    *iter = (struct co_iter){.generator = call.frame};
    call.frame->is_generator = true;
    return call;
}

static struct co_call context_exit(struct co_task *task, struct co_with *with)
{
    return throw_into(task, iter_of(with)->generator, with->error);
}

static void context_finish(struct co_task *task, struct co_with *with)
{
    check_ended(iter_of(with));
    /* The block's error went through the generator, which may have handled it, or made another of it: a
     * timeout around its YIELD does so. */
    with->error = task->error;
}

struct co_with *co_context_open(struct co_task *task, struct co_iter *iter)
{
    (void)task;
    if (!iter->generator->is_yielded)
        BUG("generator %s has ended without a YIELD: nothing was entered", iter->generator->type->name);
    co_with_init(&iter->with, context_exit, context_finish);
    return &iter->with;
}
