#include "support/thread_gate.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

void thread_gate_init(struct thread_gate *gate)
{
    assert_int_equal(sem_init(&gate->begun, 0, 0), 0);
    assert_int_equal(sem_init(&gate->may_end, 0, 0), 0);
    gate->run_count = 0;
}

void thread_gate_done(struct thread_gate *gate)
{
    sem_destroy(&gate->begun);
    sem_destroy(&gate->may_end);
}

void thread_gate_pass(void *arg)
{
    struct thread_gate *gate = arg;
    gate->run_count++;
    sem_post(&gate->begun);
    while (sem_wait(&gate->may_end) != 0)
        ;
}
