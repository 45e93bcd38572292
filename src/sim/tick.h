// Simulated time: whole picoseconds, and clocks as arithmetic on it.
#ifndef SQTAIL_SIM_TICK_H
#define SQTAIL_SIM_TICK_H

#include <stdbool.h>
#include <stdint.h>

// Picoseconds since the simulation began. Both instants and durations.
typedef uint64_t tick_t;

// A sum of durations of which many run at once: 64 bits of it are full when 3 million requests have waited 6 s each.
__extension__ typedef unsigned __int128 tick_sum_t;

#define TICK_NEVER UINT64_MAX

// Where simulated time ends, after 106 days: no event runs from here on. The other half of the range is room for what
// models add to the present, so that such sums never wrap: each of their durations is bounded, by the ranges of the
// configuration's keys, to a small part of it, and timelines do not reserve beyond this point.
#define TICK_END (UINT64_C(1) << 63)

#define TICKS_PER_NS UINT64_C(1000)
#define TICKS_PER_US UINT64_C(1000000)
#define TICKS_PER_MS UINT64_C(1000000000)
#define TICKS_PER_S UINT64_C(1000000000000)

// A clock domain. Period in ticks; 0 stands for an ideal clock, whose every tick is an edge and whose cycles take
// no time.
struct clock {
    tick_t period;
};

static inline struct clock clock_from_hz(uint64_t hz)
{
    return (struct clock){.period = hz == 0 ? 0 : (TICKS_PER_S + hz / 2) / hz};
}

// The first edge at or after t.
static inline tick_t clock_edge(struct clock clock, tick_t t)
{
    if (clock.period <= 1)
        return t;
    tick_t past = t % clock.period;
    return past == 0 ? t : t + clock.period - past;
}

// Just before TICK_END when it would be later: a sum of two such times still has 64 bits.
static inline tick_t clock_cycles(struct clock clock, uint64_t cycles)
{
    tick_t time;
    bool fits = !__builtin_mul_overflow(clock.period, cycles, &time) && time < TICK_END;
    return fits ? time : TICK_END - 1;
}

// `duration` rounded up to whole cycles.
static inline tick_t clock_round_up(struct clock clock, tick_t duration)
{
    return clock_edge(clock, duration);
}

#endif
