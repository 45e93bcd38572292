// Invariants that stay on in release builds.
//
// A CHECK that fails is a bug in sqtail, never the user's fault and never a simulated error: it prints what broke
// and ends the process with exit code 3. Where a simulation is at hand use SIM_CHECK (sim/sim.h), which also tells
// the simulated time, the component, the seed and how to reproduce the run.
#ifndef SQTAIL_UTIL_CHECK_H
#define SQTAIL_UTIL_CHECK_H

#include "util/macros.h"

enum { EXIT_BROKEN_INVARIANT = 3 };

#define CHECK(condition, ...)                                             \
    do {                                                                  \
        if (unlikely(!(condition)))                                       \
            check_failed(__FILE__, __LINE__, #condition, __VA_ARGS__);    \
    } while (0)

NORETURN void check_failed(const char *file, int line, const char *condition, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
