/* Where the time comes from: the system, or a test that moves it by hand.
 *
 * Monotonic time is for waiting and for rates; wall time is for showing to people. Both in
 * milliseconds. What is said to people or decides over them takes its time from a struct clock, so that tests
 * own it; the event loop has a clock of its own, which may be virtual (async/loop.h). */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock {
    int64_t (*mono_ms)(const struct clock *clock);
    int64_t (*wall_ms)(const struct clock *clock); /* since 1970-01-01 UTC */
};

const struct clock *clock_system(void);

/* Monotonic time of the system itself, for the loop and those who watch over it. From any thread. */
int64_t clock_system_mono_ns(void);

/* A clock that stands still until it is told otherwise. */
struct clock_fake {
    struct clock clock;
    int64_t mono_now_ms, wall_now_ms;
};

void clock_fake_init(struct clock_fake *fake, int64_t mono_ms, int64_t wall_ms);
void clock_fake_advance(struct clock_fake *fake, int64_t ms); /* moves both; ms >= 0 */

static inline int64_t clock_mono_ms(const struct clock *clock)
{
    return clock->mono_ms(clock);
}

static inline int64_t clock_wall_ms(const struct clock *clock)
{
    return clock->wall_ms(clock);
}

#endif
