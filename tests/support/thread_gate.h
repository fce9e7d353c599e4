/* A job for an executor's thread that says when it runs and ends when it is told to. */
#ifndef SUPPORT_THREAD_GATE_H
#define SUPPORT_THREAD_GATE_H

#include <semaphore.h>

struct thread_gate {
    sem_t begun, may_end; /* sem_wait() for the one, sem_post() the other */
    int run_count;        /* the job's while it runs */
};

void thread_gate_init(struct thread_gate *gate);
void thread_gate_done(struct thread_gate *gate);

/* The job: its argument is the gate. */
void thread_gate_pass(void *gate);

#endif
