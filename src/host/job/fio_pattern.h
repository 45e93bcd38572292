// What one of fio's jobs asks for, one request after the other, as fio chooses it: direction, place and size.
#ifndef SQTAIL_HOST_JOB_FIO_PATTERN_H
#define SQTAIL_HOST_JOB_FIO_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "host/job/fio_random.h"
#include "host/job/fio_skew.h"
#include "host/job/job_options.h"
#include "host/job/job_region.h"

struct fio_request {
    enum job_direction direction;
    uint64_t offset, bytes;
};

struct fio_pattern {
    const struct job_options *options;
    struct fio_seeds seeds;
    uint64_t first, region, end; // bytes: where the region begins, how large it is, where it ends
    uint64_t limit;              // bytes to issue; UINT64_MAX: none
    uint64_t pass_limit;         // bytes of one pass through the region; UINT64_MAX: none
    uint64_t io_size, loops_left;
    bool endless;                // passes follow each other
    struct fio_stream sizes[JOB_DIRECTIONS], is_random[JOB_DIRECTIONS], mix, offsets, zones;
    struct fio_skew skew;
    struct fio_lfsr lfsr;
    uint64_t *map;               // of the blocks that came; NULL: they may come again
    uint64_t map_blocks;

    uint64_t zone_first;         // where offsets count from: the region, or one of its zones
    uint64_t zone_bytes;         // issued in it
    uint64_t position[JOB_DIRECTIONS], last[JOB_DIRECTIONS]; // where the last request ended and began
    uint64_t issued[JOB_DIRECTIONS]; // requests
    uint64_t bytes, counted, pass_bytes; // issued; of those that count towards the limit; in this pass
    enum job_direction mix_direction;
    uint64_t mix_until;          // requests in that direction, before the next one is drawn
    uint64_t run_left;           // requests until a random one
};

// The options must outlive it.
void fio_pattern_init(struct fio_pattern *pattern, const struct job_options *options, const struct fio_seeds *seeds,
                      const struct job_region *region);
void fio_pattern_destroy(struct fio_pattern *pattern);

// Another direction than the one drawn may be due: NULL, or who is asked.
struct fio_turn {
    enum job_direction (*of)(void *context, enum job_direction drawn);
    void *context;
};

// Returns false when there is none any more.
bool fio_pattern_next(struct fio_pattern *pattern, const struct fio_turn *turn, struct fio_request *request);

#endif
