/* Coroutines in plain C: the macros to write one, and what they stand on.
 *
 * A coroutine is a struct (its frame) and a body:
 *
 *     struct greet {
 *         struct co_frame co;            // must come first
 *         int times;                     // argument
 *         int i;                         // local that survives an await
 *         struct co_sleep_op sleep;      // what it awaits lives in its frame
 *     };
 *     ASYNC(greet)
 *     {
 *         for (self->i = 0; self->i < self->times; self->i++)
 *             AWAIT(co_sleep(&self->sleep, 100));
 *     }
 *     END_ASYNC
 *
 * The rules:
 *   - State that must survive an await lives in the frame. C locals die at every await.
 *   - The frame of whatever you call is embedded in yours (in a union, when only one runs at a time),
 *     so that calling needs no memory and cannot fail.
 *   - `return;` ends the coroutine, also from inside WITH: exits run on the way, last in first out.
 *   - No AWAIT inside a `switch` of your own, no two awaits on one line. The compiler refuses both.
 *   - `break` and `continue` inside WITH leave the WITH only.
 *   - Errors travel by themselves: AWAIT passes them to the caller, TRY_AWAIT catches all of them but
 *     cancellation, which only ends at the scope that was cancelled.
 *
 * How it works: a body is one `switch` on the line where it waits. AWAIT stores the line, returns, and
 * its `case` label is where the next step goes on. The trampoline (async/task.c) always resumes the
 * innermost frame, so depth costs nothing. The idea is Simon Tatham's "Coroutines in C"; the unwinding
 * through context managers and the scope tree follow Python's `async with` and Trio. */
#ifndef ASYNC_CO_H
#define ASYNC_CO_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct co_frame;
struct co_loop;
struct co_op;
struct co_select;
struct co_task;
struct co_with;

/* ---- errors ---- */

/* Codes are errno values (positive) or these. */
enum {
    CO_EEOF = 10001, /* the stream ended */
    CO_ETOOLONG,     /* a line over the limit */
    CO_ECLOSED,      /* the queue or the connection is closed */
    CO_ELAGGED,      /* a receiver was too slow and has missed something */
    CO_EGENEXIT,     /* raised in a generator that is closed early */
};

/* An error on its way up. `msg` is a static string; file and line say where it arose. */
struct co_error {
    int code; /* 0: none */
    int line;
    const char *file, *msg;
};

const char *co_error_str(int code); /* "end of stream", else strerror's text */

/* ---- frames, calls, operations ---- */

/* What AWAIT takes: a coroutine's frame or a leaf operation. To make one and not await it is an error. */
struct co_call {
    struct co_frame *frame;
    struct co_op *op;
};
#define CO_MUST_AWAIT __attribute__((warn_unused_result))

struct co_type {
    void (*step)(struct co_frame *frame, struct co_task *task, uint64_t at);
    const char *name, *file;
    size_t size; /* of the frame struct */
};

/* First member of every coroutine's struct. */
struct co_frame {
    const struct co_type *type;
    struct co_frame *parent; /* who awaits it; NULL for a task's outermost */
    struct co_with *exits;   /* entered context managers, innermost first */
    uint32_t line;           /* where it waits; CO_END_ marks the end of a WITH */
    bool is_suspended, is_returning;
    bool is_generator, is_yielded; /* see async/generator.h */
};

/* A leaf wait. It is embedded in a larger struct that lives in the waiter's frame. */
struct co_op_vt {
    const char *name; /* for the task tree: "sleep", "queue.get" */
    /* Begins the wait. True: finished at once, op->code is the result. False: registered, and
     * co_op_complete() is called later (or was called just now, to give way once). */
    bool (*start)(struct co_op *op);
    /* Unregisters a pending op. False: cannot, it will complete by itself; the waiter's frame stays. */
    bool (*abort)(struct co_op *op);
    /* Optional: takes the result when the waiter runs, for results that must not be taken earlier. Sets
     * op->code. Only called after start or co_op_complete() ended the wait with code 0. */
    void (*collect)(struct co_op *op);
    bool is_uncancellable; /* starts although its scope is cancelled: joins */
    /* Optional, for one that is uncancellable: its scope is cancelled now, while it is pending. */
    void (*on_cancel)(struct co_op *op);
};

struct co_op {
    const struct co_op_vt *vt;
    struct co_task *task;        /* who waits */
    struct co_op *next, **pprev; /* on the list of what it waits for */
    struct co_select *select;    /* of which it is one; NULL: awaited on its own */
    int code;                    /* result: 0 or an error code */
    bool is_pending, is_to_collect;
};

/* For whoever writes an awaitable: the wait is over. Queues the task; nothing runs before this returns. */
void co_op_complete(struct co_op *op, int code);

/* FIFO of waiting ops, linked through op->next and op->pprev. */
struct co_op_list {
    struct co_op *first, **tail; /* tail NULL: empty, never used */
};
void co_op_list_push(struct co_op_list *list, struct co_op *op);
void co_op_list_remove(struct co_op_list *list, struct co_op *op);
struct co_op *co_op_list_pop(struct co_op_list *list); /* NULL when empty */

/* ---- context managers ---- */

/* An entered context manager; lives in the resource it releases. */
struct co_with {
    struct co_with *outer;
    /* Begins the release: returns what is to be awaited, or an empty call when nothing is. */
    struct co_call (*exit)(struct co_task *task, struct co_with *with);
    /* After the exit, may be NULL. May look at with->error and clear it, which suppresses it. */
    void (*finish)(struct co_task *task, struct co_with *with);
    struct co_error error; /* why the block is left */
    uint32_t line;
    bool is_inside;
};

static inline void co_with_init(struct co_with *with,
                                struct co_call (*exit)(struct co_task *, struct co_with *),
                                void (*finish)(struct co_task *, struct co_with *))
{
    *with = (struct co_with){.exit = exit, .finish = finish};
}

/* ---- writing a coroutine ---- */

/* Labels are above 32 bits, so that an AWAIT inside a switch on an int does not compile. */
#define CO_LABEL_(n) ((UINT64_C(1) << 40) | (uint64_t)(n)) /* resume after an await */
#define CO_PAD_(n) ((UINT64_C(1) << 41) | (uint64_t)(n))   /* landing pad: leave this WITH */
#define CO_END_ UINT32_C(0x80000000)
#define CO_FALLTHROUGH_ __attribute__((fallthrough))

#define ASYNC_DECLARE(T) extern const struct co_type T##_type

#define ASYNC(T) \
    ASYNC_DECLARE(T); \
    static void T##_body_(struct T *self, struct co_task *co, uint64_t at); \
    static void T##_step_(struct co_frame *frame, struct co_task *co, uint64_t at) \
    { \
        T##_body_((struct T *)(void *)frame, co, at); \
    } \
    _Static_assert(offsetof(struct T, co) == 0, "struct co_frame co must come first"); \
    const struct co_type T##_type = {T##_step_, #T, __FILE__, sizeof(struct T)}; \
    static void T##_body_(struct T *self, struct co_task *co, uint64_t at) \
    { \
        (void)self; \
        switch (at) { \
        default: \
            co_bad_resume(co); \
            return; \
        case CO_LABEL_(0):

#define END_ASYNC \
    } \
    }

/* Prepares the frame *p for a call, arguments by name, everything else zero: CALL(&self->u.x, x, .n = 3) */
#define CALL(p, T, ...) \
    (*(p) = (struct T){.co = {.type = &T##_type}, __VA_ARGS__}, co_call_new(&(p)->co, __FILE__, __LINE__))

/* Waits. An error ends this coroutine and goes on to its caller. */
#define AWAIT(call) \
    do { \
        if (co_await(co, &self->co, (call), __LINE__)) \
            return; \
        CO_FALLTHROUGH_; \
    case CO_LABEL_(__LINE__): \
        if (co_error_of(co)->code) \
            return; \
    } while (0)

/* Waits; `result` becomes 0 or the error's code. Cancellation is not caught. */
#define TRY_AWAIT(result, call) \
    do { \
        if (co_await(co, &self->co, (call), __LINE__)) \
            return; \
        CO_FALLTHROUGH_; \
    case CO_LABEL_(__LINE__): \
        (result) = co_catch(co); \
        if (co_error_of(co)->code) \
            return; \
    } while (0)

/* Fails with a code and a static text. */
#define RAISE(error_code, text) \
    do { \
        *co_error_of(co) = (struct co_error){(error_code), __LINE__, __FILE__, (text)}; \
        return; \
    } while (0)

#define CO_BLOCK_(with) \
    co_with_push(&self->co, (with), __LINE__); \
    if (0) { \
    case CO_PAD_(__LINE__):; \
    } \
    for (; self->co.exits->is_inside; self->co.exits->is_inside = false)

/* WITH(co_timeout_open(…)) { … } END_WITH: the exit is awaited whatever way the block is left. */
#define WITH(with) \
    { \
        CO_BLOCK_(with)

/* The same for managers whose entering must be awaited: ASYNC_WITH(CALL(…open…), &self->thing.with) */
#define ASYNC_WITH(enter, with) \
    { \
        AWAIT(enter); \
        CO_BLOCK_(with)

#define END_WITH \
    if (co_exit_begin(co, &self->co, __LINE__ | CO_END_)) \
        return; \
    CO_FALLTHROUGH_; \
    case CO_LABEL_(__LINE__ | CO_END_): \
        if (co_exit_end(co, &self->co)) \
            return; \
        }

/* ---- used by the macros ---- */

bool co_await(struct co_task *task, struct co_frame *self, struct co_call call, uint32_t line);
int co_catch(struct co_task *task);
/* Looked at after each await, and so inline: a task begins with its error (async/task.h). */
static inline struct co_error *co_error_of(struct co_task *task)
{
    return (struct co_error *)(void *)task;
}
void co_with_push(struct co_frame *self, struct co_with *with, uint32_t line);
bool co_exit_begin(struct co_task *task, struct co_frame *self, uint32_t line);
bool co_exit_end(struct co_task *task, struct co_frame *self);
void co_bad_resume(struct co_task *task) __attribute__((noreturn));

CO_MUST_AWAIT static inline struct co_call co_call_frame(struct co_frame *frame)
{
    return (struct co_call){.frame = frame};
}

/* For debug mode: calls that were prepared but never awaited (async/debug.h). */
extern bool co_debug_notes_calls;
void co_debug_note_prepared(const struct co_frame *frame, const char *file, int line);
void co_debug_note_started(const struct co_frame *frame, bool is_overwritten);

CO_MUST_AWAIT static inline struct co_call co_call_new(struct co_frame *frame, const char *file, int line)
{
    if (__builtin_expect(co_debug_notes_calls, 0))
        co_debug_note_prepared(frame, file, line);
    return (struct co_call){.frame = frame};
}

CO_MUST_AWAIT static inline struct co_call co_call_op(struct co_op *op, const struct co_op_vt *vt)
{
    op->vt = vt;
    return (struct co_call){.op = op};
}

#endif
