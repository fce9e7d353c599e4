/* What the kernel knows of a process: its processor time and memory. */
#ifndef BENCH_LOAD_PROCESS_STAT_H
#define BENCH_LOAD_PROCESS_STAT_H

#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"

struct process_stat {
    int64_t cpu_ns; /* user and system, all threads that live */
    int64_t rss_bytes;
};

/* Of `pid`; 0: of this process. -Exxx when there is no such process, or it is not ours to see. */
MUST_CHECK int process_stat_read(pid_t pid, struct process_stat *ret_stat);

#endif
