// What a die consists of, as far as operations hold it: on each plane an array, a page register between array and bus,
// and a cache register that keeps what a program still needs; and one interface, which takes commands and tells ready
// or busy (ONFI 5.1, chapter 3).
//
// A set of parts is a number, a bit a part. What may start on a die is decided by these sets alone: an operation whose
// parts are free. That an operation gives parts back at a moment still to come is kept here until somebody looks, so
// that no event is needed for it.
#ifndef SQTAIL_NAND_CHIP_PARTS_H
#define SQTAIL_NAND_CHIP_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/tick.h"

enum { PLANES_LIMIT = 16 };

typedef uint64_t parts_t;

// Kinds of parts, and, of those that each plane has, the one of plane 0.
#define PART_ARRAY ((parts_t)1)
#define PART_REGISTER ((parts_t)1 << PLANES_LIMIT)
#define PART_CACHE ((parts_t)1 << 2 * PLANES_LIMIT)
#define PART_INTERFACE ((parts_t)1 << 3 * PLANES_LIMIT)

// The parts of `kinds` on the planes of a mask.
static inline parts_t parts_on(parts_t kinds, uint32_t planes)
{
    return (kinds & ~PART_INTERFACE) * planes | (kinds & PART_INTERFACE);
}

struct part_holds {
    parts_t held;
    parts_t leaving;  // of those: given back, at `leaves_at`
    tick_t leaves_at;
};

static inline void parts_settle(struct part_holds *holds, tick_t now)
{
    if (holds->leaving == 0 || holds->leaves_at > now)
        return;
    holds->held &= ~holds->leaving;
    holds->leaving = 0;
}

static inline bool parts_free(struct part_holds *holds, parts_t parts, tick_t now)
{
    parts_settle(holds, now);
    return (holds->held & parts) == 0;
}

static inline void parts_take(struct part_holds *holds, parts_t parts, tick_t now)
{
    parts_settle(holds, now);
    holds->held |= parts;
}

// `parts` are free from `when` on, now or later. Returns whether no others are on their way out: the die's transfers
// follow each other, and of all other work the end is told when it has come.
static inline bool parts_give(struct part_holds *holds, parts_t parts, tick_t now, tick_t when)
{
    parts_settle(holds, now);
    if (holds->leaving != 0)
        return false;
    holds->leaving = parts;
    holds->leaves_at = when;
    return true;
}

#endif
