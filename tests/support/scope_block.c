#include "support/scope_block.h"

#include <errno.h>

#include "base/attr.h"

static void finish(struct co_task *task, struct co_with *with)
{
    struct scope_block *block = container_of(with, struct scope_block, with);
    (void)task;
    if (with->error.code == ECANCELED && !co_scope_is_cancelled_outside(&block->scope))
        with->error = (struct co_error){0};
    co_scope_close(&block->scope);
}

struct co_with *scope_block_open(struct co_task *co, struct scope_block *block, bool is_shield)
{
    co_with_init(&block->with, NULL, finish);
    co_scope_open(&block->scope, co, is_shield);
    return &block->with;
}
