// The tail explained: where the time went in each class of latency, from the quick half of the commands to the slowest.
//
// No percentile has to be known beforehand: sums are kept for each bucket of latencies, 64 to a power of two, and whole
// buckets make up the classes at the end. So the stages of a class add up to its latency to the picosecond.
#ifndef SQTAIL_STATS_TAIL_H
#define SQTAIL_STATS_TAIL_H

#include "stats/histogram.h"
#include "stats/wait.h"

enum {
    TAIL_BITS = 6,
    TAIL_BUCKETS = HISTOGRAM_BUCKETS >> (HISTOGRAM_SUB_BITS - TAIL_BITS),
};

#define TAIL_CLASS_LIST(X)     \
    X("p0-p50", 500)           \
    X("p50-p90", 900)          \
    X("p90-p99", 990)          \
    X("p99-p99.9", 999)        \
    X("p99.9-max", 1000)

enum {
#define TAIL_COUNT_CLASS(name, permille) +1
    TAIL_CLASSES = TAIL_CLASS_LIST(TAIL_COUNT_CLASS)
#undef TAIL_COUNT_CLASS
};

extern const char *const tail_class_names[TAIL_CLASSES];

// Of some commands of a kind.
struct tail_sums {
    uint64_t count;
    tick_sum_t latency; // ps, as all of these
    tick_sum_t stages[STAGE_COUNT];
    tick_sum_t waits[WAIT_COUNT];
};

struct tail_class {
    struct tail_sums sums; // count 0: no command is in the class
    uint64_t up_to_ns;     // the bucket's top with which it ends
};

// The same of a bucket. Numbers of 64 bits take half the work; they go into the sums before they could overflow.
struct tail_bucket {
    uint64_t count;
    tick_t latency; // not yet in `sums`, as all of these
    tick_t stages[STAGE_COUNT];
    tick_t waits[WAIT_COUNT];
    struct tail_sums *sums; // NULL: nothing yet
};

struct tail {
    struct tail_bucket **buckets; // TAIL_BUCKETS, lazily backed, each there once something falls into it; NULL: not kept
};

// Keeps nothing until it is begun.
void tail_begin(struct tail *tail);
void tail_end(struct tail *tail);

// A command took so long, which falls into bucket `index` of a histogram of latencies. Returns the sum of its stages.
tick_t tail_add(struct tail *tail, uint32_t index, tick_t latency, const struct breakdown *path);

// A bucket belongs to the class in which the middle one of its commands is by rank; the slowest one, unless it is the
// only one, to the last class, which so is never empty.
void tail_classes(const struct tail *tail, struct tail_class classes[TAIL_CLASSES]);

// The sums of the stages over all commands.
void tail_stages(const struct tail *tail, tick_sum_t stages[STAGE_COUNT]);

// What of a stage no cause was found for.
tick_sum_t tail_rest(const struct tail_sums *sums, enum stage stage);

#endif
