/* The scope tree: linking, and spreading a cancel over a subtree. */
#include "async/scope.h"

#include "async/task.h"
#include "base/check.h"

static uint8_t outer_state(const struct co_scope *scope)
{
    uint8_t outer = scope->parent ? scope->parent->effective : CO_SCOPE_LIVE;
    return scope->is_shield && outer == CO_SCOPE_CANCELLED ? CO_SCOPE_LIVE : outer;
}

static uint8_t effective_state(const struct co_scope *scope)
{
    uint8_t outer = outer_state(scope);
    return outer > scope->own ? outer : scope->own;
}

void co_scope_attach(struct co_scope *scope, struct co_scope *parent)
{
    scope->parent = parent;
    if (parent) {
        scope->next = parent->first_child;
        scope->pprev = &parent->first_child;
        if (scope->next)
            scope->next->pprev = &scope->next;
        parent->first_child = scope;
    }
    scope->effective = effective_state(scope);
}

void co_scope_detach(struct co_scope *scope)
{
    CHECK(!scope->first_child);
    if (!scope->parent)
        return;
    *scope->pprev = scope->next;
    if (scope->next)
        scope->next->pprev = scope->pprev;
    scope->parent = NULL;
    scope->pprev = NULL;
}

void co_scope_open(struct co_scope *scope, struct co_task *task, bool is_shield)
{
    /* What is opened inside an exit does not see the cancel that led there. */
    bool is_in_exit = task->exit_depth > task->scope->exit_depth;
    *scope = (struct co_scope){
        .owner = task, .is_shield = is_shield || is_in_exit, .exit_depth = task->exit_depth};
    co_scope_attach(scope, task->scope);
    task->scope = scope;
}

void co_scope_close(struct co_scope *scope)
{
    struct co_task *task = scope->owner;
    CHECK(task->scope == scope);
    task->scope = scope->parent;
    co_scope_detach(scope);
}

/* The next scope of the subtree in pre-order; `descend` says whether to look below `scope`. */
static struct co_scope *next_in_subtree(struct co_scope *scope, const struct co_scope *root, bool descend)
{
    if (descend && scope->first_child)
        return scope->first_child;
    while (scope != root && !scope->next)
        scope = scope->parent;
    return scope == root ? NULL : scope->next;
}

static void spread(struct co_scope *root, uint8_t state)
{
    if (root->own >= state)
        return;
    root->own = state;
    bool has_changed = true;
    for (struct co_scope *scope = root; scope; scope = next_in_subtree(scope, root, has_changed)) {
        uint8_t effective = effective_state(scope);
        has_changed = effective != scope->effective;
        scope->effective = effective;
        if (has_changed && scope->owner->scope == scope)
            co_task_check_cancelled(scope->owner);
    }
}

void co_cancel(struct co_scope *scope)
{
    spread(scope, CO_SCOPE_CANCELLED);
}

void co_kill(struct co_scope *scope)
{
    spread(scope, CO_SCOPE_KILLED);
}

bool co_scope_is_cancelled(const struct co_scope *scope)
{
    return scope->effective != CO_SCOPE_LIVE;
}

bool co_scope_is_cancelled_outside(const struct co_scope *scope)
{
    return outer_state(scope) != CO_SCOPE_LIVE;
}

static void shield_finish(struct co_task *task, struct co_with *with)
{
    struct co_scope *scope = &container_of(with, struct co_shield, with)->scope;
    (void)task;
    /* A cancel of its own ends here. */
    bool is_own_cancel =
        with->error.code == ECANCELED && scope->own != CO_SCOPE_LIVE && !co_scope_is_cancelled_outside(scope);
    co_scope_close(scope);
    if (is_own_cancel)
        with->error = (struct co_error){0};
}

struct co_with *co_shield_open(struct co_task *co, struct co_shield *shield)
{
    co_with_init(&shield->with, NULL, shield_finish);
    co_scope_open(&shield->scope, co, true);
    return &shield->with;
}
