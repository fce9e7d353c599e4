/* Runs a coroutine under the virtual clock: sleeps take no time, and every wake-up is exact. */
#ifndef SUPPORT_VIRTUAL_FIXTURE_H
#define SUPPORT_VIRTUAL_FIXTURE_H

#include "async/loop.h"
#include "async/task.h"

/* As loop_fixture_run() and loop_fixture_run_error(), with a loop that has co_loop_set_virtual() on. */
void virtual_fixture_run(struct co_task *root);
struct co_error virtual_fixture_run_error(struct co_task *root);

/* Milliseconds of the loop's time since the run began; for coroutines under this fixture. */
int virtual_fixture_ms(const struct co_task *co);

#endif
