// Which numbers of a sequence have occurred, a bit each. Internal to the trace room.
#ifndef SQTAIL_TRACE_NUMBER_SET_H
#define SQTAIL_TRACE_NUMBER_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/pair_map.h"

enum { NUMBER_SET_CHUNK = 4096 }; // numbers that have their bits together

struct number_chunk {
    uint64_t bits[NUMBER_SET_CHUNK / 64];
};

struct number_set {
    struct pair_map chunk_of; // (sequence and part of the number, device) -> chunks
    struct number_chunk *chunks;
    uint64_t count;
};

void number_set_init(struct number_set *set);
void number_set_destroy(struct number_set *set);

// Adds a number of the events of one device on one CPU; returns whether it was there.
bool number_set_add(struct number_set *set, uint32_t cpu, uint32_t device, uint32_t number);

#endif
