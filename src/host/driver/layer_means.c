// Linux 6.1 block/blk-mq.c: blk_mq_poll_stats_bkt, blk_mq_poll_stats_start, blk_mq_poll_nsecs: a bucket for each direction and
// power of two of sectors, the mean of each window of 100 ms. A window begins with a request here, and not with a timer.
#include "host/driver/layer_means.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { BUCKETS = 16 }; // Linux: BLK_MQ_POLL_STATS_BKTS, both directions
static const tick_t window = 100 * TICKS_PER_MS;

struct bucket {
    tick_t sum, mean;
    uint64_t count;
    tick_t ends; // the window; 0: none has begun
};

struct layer_means {
    struct bucket buckets[BUCKETS];
};

struct layer_means *layer_means_create(void)
{
    return xcalloc(1, sizeof(struct layer_means));
}

void layer_means_destroy(struct layer_means *means)
{
    free(means);
}

static unsigned bucket_of(const struct block_request *request)
{
    uint64_t sectors = MAX(request->bytes / 512, UINT64_C(1));
    unsigned bucket = 2 * (63 - (unsigned)__builtin_clzll(sectors)) + (request->kind != IO_READ);
    return MIN(bucket, BUCKETS - 2u + (request->kind != IO_READ));
}

void layer_add_mean(struct layer_means *means, const struct block_request *request, tick_t now)
{
    struct bucket *bucket = &means->buckets[bucket_of(request)];
    if (now >= bucket->ends) {
        bucket->mean = bucket->count == 0 ? bucket->mean : bucket->sum / bucket->count;
        bucket->sum = bucket->count = 0;
        bucket->ends = now + window;
    }
    bucket->sum += now - request->issued;
    bucket->count++;
}

tick_t layer_mean(const struct layer_means *means, const struct block_request *request)
{
    return means->buckets[bucket_of(request)].mean;
}
