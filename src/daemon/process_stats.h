/* What the kernel and the allocator know of this process. Reads files and walks the heap: for a thread, not for
 * the loop. */
#ifndef DAEMON_PROCESS_STATS_H
#define DAEMON_PROCESS_STATS_H

#include <stdint.h>

struct process_stats {
    uint64_t resident_bytes, open_fds, max_fds; /* 0: not known */
    uint64_t heap_used_bytes, heap_free_bytes;
    double cpu_seconds;
};

void process_stats_read(struct process_stats *ret_stats);

#endif
