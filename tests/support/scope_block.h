/* A bare scope as a context manager: a cancel of its own ends with it. */
#ifndef SUPPORT_SCOPE_BLOCK_H
#define SUPPORT_SCOPE_BLOCK_H

#include "async/co.h"
#include "async/scope.h"

struct scope_block {
    struct co_with with;
    struct co_scope scope;
};

struct co_with *scope_block_open(struct co_task *co, struct scope_block *block, bool is_shield);

#endif
