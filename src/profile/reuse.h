// Which chunks of 4 KiB a stream of requests touches, how often, and how much lies between two accesses to the same
// one.
#ifndef SQTAIL_PROFILE_REUSE_H
#define SQTAIL_PROFILE_REUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "spec/io.h"

enum {
    REUSE_CHUNK = 4096,             // bytes
    REUSE_CHUNKS_KEPT = 1 << 17,    // so many are followed exactly; more by a sample of them
    REUSE_OCTAVES = 52,             // of distances, in chunks
    REUSE_RUN_MAX = 1 << 16,        // chunks: a larger request is not followed
};

struct reuse;

struct reuse *reuse_create(uint32_t chunks_kept);
void reuse_destroy(struct reuse *reuse);

void reuse_add(struct reuse *reuse, struct io_range range, bool writes);

// What is known at the end. Counts are of accesses to chunks: a request of 8 KiB has two. Where only a sample was
// followed they are estimates, whole multiples of `sampled_one_of`.
struct reuse_summary {
    uint64_t sampled_one_of;        // chunks; 1: all, so that everything here is exact
    uint64_t skipped;               // requests that were too large to follow
    double chunks, chunks_read, chunks_written; // different ones
    double accesses;                // that were followed
    double again;                   // of these: to a chunk that was touched before
    double writes, rewrites;        // to a chunk; of these to one that was written before
    // Of those: how many other chunks were touched in between: index 0: none; i: 2^(i-1) <= distance < 2^i.
    double distance[REUSE_OCTAVES + 1];
    // Of the accesses the share that goes to the hottest 1, 5, 10, 20 and 50 % of the chunks.
    double hottest[5];
};

extern const double reuse_hottest_shares[5];

struct reuse_summary reuse_summarize(const struct reuse *reuse);

// Share of accesses that a cache of `bytes` with LRU replacement would have had, a power of two of at least a chunk.
double reuse_lru_hits(const struct reuse_summary *summary, uint64_t bytes);

// The size of such a cache, a power of two, that has so large a share of the accesses that any cache could have; 0
// where there are none.
uint64_t reuse_distance_quantile(const struct reuse_summary *summary, double share);

#endif
