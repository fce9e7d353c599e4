/* The task tree as text: who waits, where, for what. It only reads, so that it can be asked for at
 * any moment between two steps. */
#include <string.h>

#include "async/loop_private.h"
#include "base/buf.h"

#define LINE_BYTES_MAX 1024
#define FRAMES_MAX 32

/* The last two parts of a path are enough to find a file. */
static const char *short_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return path;
    while (slash > path && slash[-1] != '/')
        slash--;
    return slash;
}

static void put_frames(struct buf *line, const struct co_task *task)
{
    const struct co_frame *frames[FRAMES_MAX];
    size_t count = 0;
    for (const struct co_frame *frame = task->top; frame && count < FRAMES_MAX; frame = frame->parent)
        frames[count++] = frame;
    for (size_t i = count; i-- > 0;) {
        const char *mark = i == count - 1 ? "" : " > ";
        buf_printf(line, "%s%s (%s:%u)", mark, frames[i]->type->name, short_path(frames[i]->type->file),
                   (unsigned)(frames[i]->line & ~CO_END_));
    }
}

static void put_state(struct buf *line, const struct co_task *task)
{
    if (task->op && task->op->is_pending)
        buf_printf(line, " waits: %s", task->op->vt->name);
    else
        buf_put_text(line, task->is_queued ? " ready" : " running");
    if (task->exit_depth)
        buf_put_text(line, " leaving");
    if (task->scope->effective != CO_SCOPE_LIVE)
        buf_put_text(line, task->scope->effective == CO_SCOPE_KILLED ? " killed" : " cancelled");
}

void co_loop_dump(const struct co_loop *loop, void (*line)(void *arg, struct bytes text), void *arg)
{
    struct buf text;
    unsigned depth = 0;
    if (!loop->root)
        return;
    buf_init(&text, LINE_BYTES_MAX);
    const struct co_scope *root = &loop->root->self;
    for (const struct co_scope *scope = root; scope;) {
        if (scope->is_task) {
            buf_reset(&text);
            for (unsigned i = 0; i < depth; i++)
                buf_put_text(&text, "  ");
            put_frames(&text, scope->owner);
            put_state(&text, scope->owner);
            line(arg, buf_bytes(&text));
        }
        if (scope->first_child) {
            depth += scope->is_task;
            scope = scope->first_child;
            continue;
        }
        while (scope != root && !scope->next) {
            scope = scope->parent;
            depth -= scope->is_task;
        }
        scope = scope == root ? NULL : scope->next;
    }
    buf_done(&text);
}
