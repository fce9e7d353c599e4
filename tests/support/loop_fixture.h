/* Runs a coroutine under a loop of its own and fails the test when anything is left behind. */
#ifndef SUPPORT_LOOP_FIXTURE_H
#define SUPPORT_LOOP_FIXTURE_H

#include "async/loop.h"
#include "async/task.h"

/* Runs `root` (prepared with TASK) to its end. Fails the test when it ends with an error, when timers
 * or ready tasks are left, or when a descriptor more is open than before; the whole program is ended
 * when it takes longer than 20 s. SIGPIPE is ignored from then on. */
void loop_fixture_run(struct co_task *root);

/* The same for a coroutine that is meant to fail: returns its error. */
struct co_error loop_fixture_run_error(struct co_task *root);

int loop_fixture_fd_count(void);     /* open descriptors of this process */
int loop_fixture_thread_count(void); /* its threads */

#endif
