// How many requests are under way, from their times and latencies.
#ifndef SQTAIL_PROFILE_IN_FLIGHT_H
#define SQTAIL_PROFILE_IN_FLIGHT_H

#include <stddef.h>
#include <stdint.h>

enum { IN_FLIGHT_MAX = 1 << 20 }; // those beyond are not counted

struct in_flight {
    uint64_t *ends; // a heap, the earliest first
    size_t count, capacity;
};

// How many are under way when one comes at `now`, which is never earlier than before: those that end at `now` are over.
size_t in_flight_at(struct in_flight *in_flight, uint64_t now);
void in_flight_add(struct in_flight *in_flight, uint64_t end);
void in_flight_destroy(struct in_flight *in_flight);

#endif
