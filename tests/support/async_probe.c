#include "support/async_probe.h"

#include <stdio.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/scope.h"

void words_add(struct words *words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(words->text + words->len, sizeof(words->text) - words->len, format, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < sizeof(words->text) - words->len);
    words->len += (size_t)n;
}

ASYNC(probe_exit)
{
    words_add(self->probe->trace, "-%s", self->probe->name);
    if (self->probe->exit_ms != 0) {
        AWAIT(co_sleep(&self->nap, self->probe->exit_ms));
        words_add(self->probe->trace, "=%s", self->probe->name);
    }
    if (self->probe->exit_error)
        RAISE(self->probe->exit_error, "exit of a probe");
}
END_ASYNC

static struct co_call probe_leave(struct co_task *task, struct co_with *with)
{
    struct probe *probe = container_of(with, struct probe, with);
    (void)task;
    return CALL(&probe->leaving, probe_exit, .probe = probe);
}

static void probe_finish(struct co_task *task, struct co_with *with)
{
    struct probe *probe = container_of(with, struct probe, with);
    (void)task;
    probe->seen_error = with->error.code;
    if (probe->is_suppressing)
        with->error = (struct co_error){0};
}

struct co_with *probe_open(struct probe *probe, struct probe plan)
{
    *probe = plan;
    co_with_init(&probe->with, probe_leave, probe_finish);
    return &probe->with;
}

ASYNC(later)
{
    if (self->ms)
        AWAIT(co_sleep(&self->nap, self->ms));
    for (; self->yields > 0; self->yields--)
        AWAIT(co_yield(&self->nap.op));
    self->act(self->arg);
}
END_ASYNC

void later_cancel(void *scope)
{
    co_cancel(scope);
}

void later_kill(void *scope)
{
    co_kill(scope);
}

void later_cancel_group(void *group)
{
    co_group_cancel(group);
}

ASYNC(yield_once)
{
    AWAIT(co_yield(&self->op));
}
END_ASYNC
