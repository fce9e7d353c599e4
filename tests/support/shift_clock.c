/* Sets the wall clock of a program that runs: a library for LD_PRELOAD.
 *
 * The file named by $SHIFT_CLOCK is shared memory with one number of 64 bits: how many seconds the wall
 * clock is ahead. The monotonic clock and all timers stay as they are, as when somebody sets a machine's
 * clock; libfaketime moves absolute timers of the monotonic clock as well. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ret_time);
int gettimeofday(struct timeval *restrict ret_time, void *restrict zone);
time_t time(time_t *ret_time);

static _Atomic int64_t *ahead_s;
static int (*next_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
    *(void **)&next_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");

    const char *path = getenv("SHIFT_CLOCK");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *shared = mmap(NULL, sizeof(*ahead_s), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED)
        ahead_s = shared;
    close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    if (next_clock_gettime == NULL)
        begin();
    int result = next_clock_gettime(clock, ret_time);
    if (result == 0 && ahead_s != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        ret_time->tv_sec += (time_t)atomic_load(ahead_s);
    return result;
}

int gettimeofday(struct timeval *restrict ret_time, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    *ret_time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return result;
}

time_t time(time_t *ret_time)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret_time != NULL)
        *ret_time = now.tv_sec;
    return now.tv_sec;
}
