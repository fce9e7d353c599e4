/* The event loop: own ready queue, own timers, one libevent base for I/O and signals.
 *
 * One turn:
 *
 *     ┌─> read the clock ─> fire due timers ─> resume ≤ 256 ready tasks ─> those in the ─> chores ─> poll ─┐
 *     │                                                                    background, ¼ ms       libevent │
 *     └────────────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * The poll waits only when nothing is ready. Callbacks of libevent do no more than complete an
 * operation, which queues its task: no coroutine ever runs inside a callback. */
#ifndef ASYNC_LOOP_H
#define ASYNC_LOOP_H

#include <stdint.h>

#include "async/task.h"
#include "async/timer.h"
#include "base/bytes.h"
#include "base/histogram.h"
#include "base/list.h"

struct buf;
struct co_loop;
struct event_base;

MUST_CHECK struct co_loop *co_loop_new(void); /* NULL: out of memory, or libevent has no backend */

/* Returns how many timers and ready tasks were left behind (0 in a correct program). NULL is fine. */
size_t co_loop_free(struct co_loop *loop);

/* Runs `root` (prepared with TASK) until it and all it started have ended; returns its error. Not
 * from inside a coroutine. */
struct co_error co_loop_run(struct co_loop *loop, struct co_task *root);

struct event_base *co_loop_base(struct co_loop *loop); /* for awaitables on I/O */
struct co_loop *co_loop_of(const struct co_task *task);

/* Monotonic, as of this turn; cheap. */
int64_t co_loop_now_ns(const struct co_loop *loop);
int64_t co_loop_now_ms(const struct co_loop *loop);

/* Arms a timer `ms` from now (of the real clock, not of the turn); < 0 counts as 0. 0 or -ENOMEM. */
MUST_CHECK int co_loop_arm(struct co_loop *loop, struct co_timer *timer, int64_t ms);
void co_loop_disarm(struct co_loop *loop, struct co_timer *timer);

/* Work that is put off to the end of the turn: it is done once, however often it was asked for, and may find
 * that nothing has to be done any more. A chore is embedded in what it is about; zeroed but for `run`, it is
 * not put off. It runs outside of all tasks and of libevent's callbacks, before the poll, and before
 * co_loop_run() returns. */
struct co_chore {
    struct list_link link;
    void (*run)(struct co_chore *chore);
};

void co_loop_put_off(struct co_loop *loop, struct co_chore *chore);    /* also when it is put off already */
void co_loop_drop_chore(struct co_loop *loop, struct co_chore *chore); /* also when it is not put off */

/* For tests: time stands still while something is ready and jumps to the next timer when nothing is, so
 * that sleeps and timeouts take no time and come in exact order. Jobs on an executor are waited for in
 * real time; so is I/O while no timer is armed. Switch it on before co_loop_run(). */
void co_loop_set_virtual(struct co_loop *loop, bool is_virtual);

struct co_loop_stats {
    uint64_t turns, resumes;
    int64_t longest_turn_ns;                         /* without the poll */
    struct histogram turn_us, late_us, turn_resumes; /* turns; how late timers fire; resumes of a turn */
};
struct co_loop_stats co_loop_stats(const struct co_loop *loop);

/* The tree of tasks, a line each, indented by depth:
 *     session_run > session_talk (session/session_talk.c:87) waits: conn.readline
 * one `>` per frame, outermost first; each with the line where it waits. */
void co_loop_dump(const struct co_loop *loop, void (*line)(void *arg, struct bytes text), void *arg);

/* The same tree for whoever prints it otherwise: a task is seen as it is now, tasks come in the order of the
 * tree. A view holds no pointer into the task, only to what is static, so that it may be kept. */
#define CO_TASK_VIEW_FRAMES 16

struct co_task_frame {
    const struct co_type *type;
    uint32_t line; /* where it waits */
};

struct co_task_view {
    unsigned depth;
    const char *wait; /* what it waits for: "sleep"; NULL: it is ready or runs */
    int64_t waits_ms; /* for how long; 0 without `wait` */
    bool is_running, is_leaving;
    uint8_t state;                                    /* enum co_scope_state: whether it is cancelled */
    size_t frame_count;                               /* when there are more, the innermost ones */
    struct co_task_frame frames[CO_TASK_VIEW_FRAMES]; /* outermost first */
};

void co_loop_visit(const struct co_loop *loop, void (*visit)(void *arg, const struct co_task_view *view),
                   void *arg);
/* "session_talk (session/session_talk.c:87)": a frame as the tree shows it. */
void co_task_frame_put(const struct co_task_frame *frame, struct buf *out);

/* For the runtime. */

/* While at least one hold is on, a virtual clock does not jump: something outside is at work. */
void co_loop_hold(struct co_loop *loop);
void co_loop_unhold(struct co_loop *loop);
void co_loop_enqueue(struct co_loop *loop, struct co_task *task);
bool co_loop_is_in_background(const struct co_loop *loop); /* whether the task that runs now is there */

#endif
