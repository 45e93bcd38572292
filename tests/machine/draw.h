// Drives drawn at random: what several tests of whole machines build their configurations with.
#ifndef SQTAIL_TESTS_MACHINE_DRAW_H
#define SQTAIL_TESTS_MACHINE_DRAW_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "util/macros.h"
#include "util/rng.h"

// 0 .. below - 1.
static inline uint32_t draw(struct rng *rng, uint32_t below)
{
    return (uint32_t)rng_below(rng, below);
}

// One of the texts.
#define CHOOSE(rng, ...)                                                  \
    ({                                                                    \
        static const char *const choices[] = {__VA_ARGS__};               \
        choices[draw(rng, (uint32_t)ARRAY_SIZE(choices))];                \
    })

// Assignments to keys, separated by blanks.
struct changes {
    char text[2048];
    size_t length;
};

static inline PRINTF_LIKE(2, 3) void add(struct changes *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    to->length += (size_t)vsnprintf(to->text + to->length, sizeof to->text - to->length, format, arguments);
    va_end(arguments);
    assert_true(to->length < sizeof to->text);
}

#endif
