/* Runs what is meant to abort in a child process. */
#ifndef SUPPORT_RUN_CHILD_H
#define SUPPORT_RUN_CHILD_H

#include <stdbool.h>

struct run_child_outcome {
    int status;         /* of waitpid(2) */
    char output[16384]; /* the beginning of its stderr */
};

/* A child whose function returns exits with 0. */
void run_child(void (*function)(void), struct run_child_outcome *ret_outcome);

bool run_child_is_aborted(const struct run_child_outcome *outcome);

/* The function must abort and say `text`. */
void assert_aborts(void (*function)(void), const char *text);

#endif
