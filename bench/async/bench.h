/* What the two C programs of this benchmark share: clocks, memory use, and the line a result is.
 *
 * Each program prints `NAME VALUE` lines; table.py knows the units and puts the programs side by side. */
#ifndef BENCH_H
#define BENCH_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"

static inline int64_t bench_clock_ns(clockid_t clock)
{
    struct timespec now;
    CHECK(clock_gettime(clock, &now) == 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What this process has used: does not count what others do on the same core, nor idle waiting. */
static inline int64_t bench_cpu_ns(void)
{
    return bench_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static inline int64_t bench_wall_ns(void)
{
    return bench_clock_ns(CLOCK_MONOTONIC);
}

/* Uses no CPU time. */
static inline void bench_block_ms(int64_t ms)
{
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL) == 0);
}

static inline void bench_print(const char *name, int64_t total, int64_t count)
{
    printf("%s %.3f\n", name, (double)total / (double)count);
}

/* Resident memory of this process: the second number of /proc/self/statm, in pages. */
static inline int64_t bench_rss_bytes(void)
{
    char text[128];
    uint64_t pages;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    ssize_t len = read(fd, text, sizeof(text));
    CHECK(len > 0);
    close(fd);
    struct bytes rest = {text, (size_t)len};
    bytes_word(&rest);
    CHECK(bytes_parse_u64(bytes_word(&rest), UINT32_MAX, &pages) == 0);
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

/* Always the same numbers, so that all rounds and programs do the same work. */
static inline uint32_t bench_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* A measure prints one or more results. */
struct bench_measure {
    const char *name;
    void (*run)(void);
};

/* Each measure runs in a process of its own: what one has allocated and freed is no help to the next. */
static inline void bench_run_apart(void (*run)(void))
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        run();
        fflush(stdout);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

/* Runs the measures named on the command line; all when none is named. */
static inline int bench_main(int argc, char **argv, const struct bench_measure *measures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_wanted = argc == 1;
        for (int arg = 1; arg < argc; arg++)
            is_wanted |= strcmp(argv[arg], measures[i].name) == 0;
        if (is_wanted)
            bench_run_apart(measures[i].run);
    }
    return 0;
}

#endif
