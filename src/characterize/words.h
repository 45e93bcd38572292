// A job's words that follow from what a stream of requests is like.
#ifndef SQTAIL_CHARACTERIZE_WORDS_H
#define SQTAIL_CHARACTERIZE_WORDS_H

#include <stdio.h>

#include "profile/profile.h"

enum { WORDS_DISTRIBUTION = 512 };

// What does not follow, and is found by trying.
struct words_choice {
    bool sequential;   // rw=read and the like; else rw=randread with percentage_random
    uint64_t iodepth;  // 0: as many as ever were in flight, and
    uint64_t think_us; // in a closed loop of one: between two requests
    bool poisson;      // so come those of its rate; iodepth not 0: closed loop, no rate
    char distribution[WORDS_DISTRIBUTION]; // random_distribution; "": random
};

// What of a stream a job has: reads and writes, or trims alone.
struct words_scope {
    bool reads, writes, trims;
    uint64_t requests; // of these
    uint64_t offset, size; // bytes: the region
};

struct words_scope words_scope_of(const struct profile *profile);

// "rw=randrw rwmixread=70 ..."
char *words_of(const struct profile *profile, const struct words_scope *scope, const struct words_choice *choice);

// "zoned:..." of where requests go; "" where they go everywhere alike.
void words_zones(const struct profile *profile, char text[WORDS_DISTRIBUTION]);

#endif
