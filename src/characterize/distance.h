// How far two streams of requests are from each other.
#ifndef SQTAIL_CHARACTERIZE_DISTANCE_H
#define SQTAIL_CHARACTERIZE_DISTANCE_H

#include "profile/profile.h"

// What is compared, with what a distance of 1 means, and up to which it is near and not far.
#define DISTANCE_LIST(X)                                                                                               \
    X(MIX, mix, "share of requests that are of another kind", 0.02, 0.1)                                               \
    X(SIZES, sizes, "octaves: factors of two between sizes of the same rank", 0.05, 0.5)                               \
    X(SEQUENTIAL, sequential, "difference of the shares that follow the request before", 0.03, 0.15)                   \
    X(OFFSETS, offsets, "parts of the region that places of the same rank lie apart", 0.02, 0.1)                       \
    X(HOTTEST, hottest, "difference of the shares of accesses that go to the hottest chunks", 0.03, 0.15)              \
    X(RATE, rate, "octaves: factors of two between the rates", 0.05, 0.5)                                              \
    X(INTERVALS, intervals, "octaves: factors of two between intervals of the same rank", 0.3, 1)                      \
    X(DEPTH, depth, "octaves: factors of two between depths of the same rank, each and one", 0.3, 1)

enum distance {
#define DISTANCE_ENUM(id, name, unit, near, far) DISTANCE_##id,
    DISTANCE_LIST(DISTANCE_ENUM)
#undef DISTANCE_ENUM
    DISTANCE_COUNT
};

struct distance_row {
    const char *name, *unit;
    double good, fair; // at most
};
extern const struct distance_row distance_rows[DISTANCE_COUNT];

struct distances {
    double value[DISTANCE_COUNT]; // no number: it is not known of both
};

// Their scopes must be of the same region.
struct distances distances_between(const struct profile *a, const struct profile *b);

// A distance in the measure of what counts as good, so that those of several kinds can be added; 0 where it is not
// known.
double distance_weighed(const struct distances *distances, enum distance which);

// "good", "fair", "poor", "-".
const char *distance_verdict(const struct distances *distances, enum distance which);

#endif
