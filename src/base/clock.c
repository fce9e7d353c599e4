/* The system's clock, and the one that a test moves by hand. */
#include "base/clock.h"

#include <time.h>

#include "base/attr.h"
#include "base/check.h"

static int64_t read_ms(clockid_t id)
{
    struct timespec now;
    CHECK(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_mono_ms(const struct clock *clock)
{
    (void)clock;
    return read_ms(CLOCK_MONOTONIC);
}

static int64_t system_wall_ms(const struct clock *clock)
{
    (void)clock;
    return read_ms(CLOCK_REALTIME);
}

const struct clock *clock_system(void)
{
    static const struct clock clock = {.mono_ms = system_mono_ms, .wall_ms = system_wall_ms};
    return &clock;
}

int64_t clock_system_mono_ns(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t fake_mono_ms(const struct clock *clock)
{
    return container_of(clock, const struct clock_fake, clock)->mono_now_ms;
}

static int64_t fake_wall_ms(const struct clock *clock)
{
    return container_of(clock, const struct clock_fake, clock)->wall_now_ms;
}

void clock_fake_init(struct clock_fake *fake, int64_t mono_ms, int64_t wall_ms)
{
    *fake = (struct clock_fake){
        .clock = {.mono_ms = fake_mono_ms, .wall_ms = fake_wall_ms},
        .mono_now_ms = mono_ms,
        .wall_now_ms = wall_ms,
    };
}

void clock_fake_advance(struct clock_fake *fake, int64_t ms)
{
    CHECK(ms >= 0);
    fake->mono_now_ms += ms;
    fake->wall_now_ms += ms;
}
