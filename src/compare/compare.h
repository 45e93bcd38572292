// Comparing results: has one become worse than a base by more than a threshold, and by more than noise?
#ifndef SQTAIL_COMPARE_COMPARE_H
#define SQTAIL_COMPARE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "compare/threshold.h"
#include "report/read/metrics.h"
#include "util/diag.h"

// What is compared when no threshold is given, and how sure a regression is.
#define COMPARE_DEFAULTS "mean=5%", "p50=5%", "p99=5%", "iops=5%"
#define COMPARE_CONFIDENCE 0.999

struct compare_options {
    const char *const *thresholds; // NULL: the defaults
    size_t threshold_count;
    double confidence; // that no difference of all is the seeds' doing; 0: COMPARE_CONFIDENCE
    bool any_load;     // compare results of different loads, too, with a warning of what differs
    bool either;       // what became better is told as changed, and fails, too
};

enum verdict { VERDICT_OK, VERDICT_BETTER, VERDICT_NOISE, VERDICT_WORSE, VERDICT_CHANGED, VERDICT_ABSENT };

// Whether it fails the comparison.
bool verdict_fails(enum verdict verdict);
const char *verdict_word(enum verdict verdict);

// A metric of one of the new results beside the base's.
struct compared {
    const struct metric *metric; // NULL: it has none
    double difference, change;   // change: share of the base
    double noise;                // in the metric's unit; negative: one seed on either side
    enum verdict verdict;
};

struct compared_row {
    const struct metric *metric; // the base's, or the first of those that have it
    const struct metric *base;   // NULL: it has none
    const struct threshold *threshold;
    struct compared *news; // a column each
};

struct comparison {
    struct metrics base, *news;
    size_t new_count;
    struct threshold *thresholds;
    size_t threshold_count;
    struct compared_row *rows;
    size_t row_count;
    size_t compared, failed; // cells
    size_t in_noise;         // that exceed their threshold, but not the noise
    size_t more_points;      // of sweeps, that the base has not: they are not compared
    double confidence;
    bool either;
};

// Reads and compares; results of different loads (recording, how it is replayed, job, numbers of commands; seeds as
// they are) are refused. Results that lie in one folder are repetitions of one with other seeds. It is a regression
// when a metric is worse than the base's by more than its threshold: iops and bandwidth when lower, everything else
// when higher; and when one of the two does not have it, unless it is of a point by which a sweep has grown. More errors
// are one whatever the thresholds are about, unless one of them is about errors. With several seeds the difference must
// exceed the noise, too. NULL with the reasons in `diag`.
struct comparison *compare(const char *base, const char *const *news, size_t count,
                           const struct compare_options *options, struct diag *diag);
void comparison_destroy(struct comparison *comparison);

// How far a single run's value may lie from what more commands would give; negative: not known.
double metric_reach(const struct metric *metric);

#endif
