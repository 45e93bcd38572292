// The course of a test: what comes next, and what has been measured so far.
#ifndef SQTAIL_PTS_COURSE_H
#define SQTAIL_PTS_COURSE_H

#include "host/phases.h"
#include "pts/test.h"
#include "pts/window.h"

// A minute of the specification lasts a minute on a drive of 10^12 bytes, and less on a smaller one: a round then
// writes the same share of it.
enum { PTS_PS_A_BYTE = 60 };

struct pts_options {
    tick_t minute;      // 0: by the capacity
    uint32_t rounds;    // at most; 0: the test's
    uint32_t iodepth, threads; // 0: the test's
    uint32_t active_percent;   // of the capacity that is written and read, from its beginning on; 0: all
    bool precondition_computed; // the drive begins as after the sequential writes, which are not played
};

// Units that left the drive's write buffer, and units programmed, so far.
struct pts_flow {
    uint64_t left, programmed;
};

// Asked at the end of each round.
struct pts_drive {
    void *self;
    struct pts_flow (*flow)(void *self);
};

struct pts_cell {
    uint64_t requests;
    double value[PTS_METRICS];
};

struct pts_round {
    struct pts_cell *cells; // mix by mix
    double seconds;         // from the beginning of the test to its end
    double fills;           // capacities written since then, the preconditioning among them
    double write_amplification; // in it; 0 when nothing was written
};

// Response times of the tracked cell.
struct pts_response {
    bool there; // begun
    struct pts_cell cell;
    struct histogram latencies; // ns
};

struct pts_course {
    const struct pts_test *test;
    struct pts_options options; // once checked, with nothing left open
    struct pts_drive drive;
    uint64_t capacity_bytes;
    uint32_t block_bytes[PTS_SIZES_MAX]; // those of the test that the drive can serve
    size_t size_count;

    struct pts_round *rounds; // that are whole
    size_t round_count;
    double *tracked;          // a number a round
    struct pts_response response;
    bool complete;

    // Where it is.
    bool preconditioning;
    size_t cell;              // of the round that goes on
    struct pts_round now;
    uint64_t written;         // bytes
    tick_t began;
    struct pts_flow flow;
    char *texts[2];           // of the phase that goes on and of the one before
    uint32_t phase;
};

void pts_course_init(struct pts_course *course, const struct pts_test *test, const struct pts_options *options,
                     const struct pts_drive *drive);
void pts_course_free(struct pts_course *course);

// To be played on a drive that is as new, or as after one sequential fill where preconditioning is computed.
struct phase_source pts_course_source(struct pts_course *course);

size_t pts_course_cells(const struct pts_course *course);
uint32_t pts_cell_percent(const struct pts_course *course, size_t cell);
uint32_t pts_cell_bytes(const struct pts_course *course, size_t cell);
size_t pts_course_tracked(const struct pts_course *course);

// The last rounds, or the only ones that there may be; false when there are too few.
bool pts_course_window(const struct pts_course *course, struct pts_window *window);

// Of a cell over a window: means of its rounds, and the largest of the largest latencies.
struct pts_cell pts_course_mean(const struct pts_course *course, const struct pts_window *window, size_t cell);

#endif
