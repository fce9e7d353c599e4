/* The task tree as text: who waits, where, for what. It only reads, so that it can be asked for at
 * any moment between two steps. */
#include <string.h>

#include "async/loop_private.h"
#include "base/buf.h"

#define LINE_BYTES_MAX 1024

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

void co_task_frame_put(const struct co_task_frame *frame, struct buf *out)
{
    buf_printf(out, "%s (%s:%u)", frame->type->name, short_path(frame->type->file), (unsigned)frame->line);
}

static void fill_frames(struct co_task_view *view, const struct co_task *task)
{
    size_t at = 0;
    for (const struct co_frame *frame = task->top; frame && at < CO_TASK_VIEW_FRAMES; frame = frame->parent)
        at++;
    view->frame_count = at;
    for (const struct co_frame *frame = task->top; at > 0; frame = frame->parent)
        view->frames[--at] = (struct co_task_frame){frame->type, frame->line & ~CO_END_};
}

static void fill(struct co_task_view *view, const struct co_loop *loop, const struct co_task *task,
                 unsigned depth)
{
    bool is_waiting = task->op && task->op->is_pending;
    view->depth = depth;
    view->wait = is_waiting ? task->op->vt->name : NULL;
    view->waits_ms = is_waiting ? (loop->now_ns - task->waits_since_ns) / 1000000 : 0;
    view->is_running = !is_waiting && !task->is_queued;
    view->is_leaving = task->exit_depth > 0;
    view->state = task->scope->effective;
    fill_frames(view, task);
}

void co_loop_visit(const struct co_loop *loop, void (*visit)(void *arg, const struct co_task_view *view),
                   void *arg)
{
    struct co_task_view view;
    unsigned depth = 0;
    if (!loop->root)
        return;
    const struct co_scope *root = &loop->root->self;
    for (const struct co_scope *scope = root; scope;) {
        if (scope->is_task) {
            fill(&view, loop, scope->owner, depth);
            visit(arg, &view);
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
}

struct dump {
    void (*line)(void *arg, struct bytes text);
    void *arg;
    struct buf text;
};

static void put_state(struct buf *line, const struct co_task_view *view)
{
    if (view->wait)
        buf_printf(line, " waits: %s", view->wait);
    else
        buf_put_text(line, view->is_running ? " running" : " ready");
    if (view->is_leaving)
        buf_put_text(line, " leaving");
    if (view->state != CO_SCOPE_LIVE)
        buf_put_text(line, view->state == CO_SCOPE_KILLED ? " killed" : " cancelled");
}

static void dump_one(void *arg, const struct co_task_view *view)
{
    struct dump *dump = arg;
    struct buf *text = &dump->text;

    buf_reset(text);
    for (unsigned i = 0; i < view->depth; i++)
        buf_put_text(text, "  ");
    for (size_t i = 0; i < view->frame_count; i++) {
        buf_put_text(text, i ? " > " : "");
        co_task_frame_put(&view->frames[i], text);
    }
    put_state(text, view);
    dump->line(dump->arg, buf_bytes(text));
}

void co_loop_dump(const struct co_loop *loop, void (*line)(void *arg, struct bytes text), void *arg)
{
    char memory[LINE_BYTES_MAX + 1]; /* no heap: see async/watchdog.h */
    struct dump dump = {.line = line, .arg = arg};
    buf_init_fixed(&dump.text, memory, sizeof(memory));
    co_loop_visit(loop, dump_one, &dump);
}
