// What a stream of requests is like: a recording's, or a job's. In memory that does not depend on its length.
#ifndef SQTAIL_PROFILE_PROFILE_H
#define SQTAIL_PROFILE_PROFILE_H

#include "profile/in_flight.h"
#include "profile/reuse.h"
#include "stats/histogram.h"
#include "trace/source.h"

enum {
    PROFILE_SECTOR = 512, // bytes; sizes are counted in these
    PROFILE_PLACES = 1024, // parts of what data are read from and written to
    PROFILE_BINS = 100,    // parts of its time
    PROFILE_STREAMS = 32,  // of so many requests before the end is remembered
};

// Requests whose places follow each other are of one direction: a write with FUA is a write.
enum profile_direction { PROFILE_READS, PROFILE_WRITES, PROFILE_TRIMS, PROFILE_ZEROES, PROFILE_DIRECTIONS };

// -1 of a flush, which is of no place.
int profile_direction_of(enum io_kind kind);

// What must be known beforehand.
struct profile_scope {
    uint64_t duration_ns; // to the last request, or the last completion
    uint64_t lo, hi;      // bytes: where data are read and written; hi 0: nowhere
};

struct profile_kind {
    uint64_t count, bytes;
    struct histogram sizes;   // sectors
    uint64_t completed;
    struct histogram latency; // ns
    double latency_sum;
};

struct profile_places {
    uint64_t count;
    uint64_t sequential;  // begin where the one before of this direction ended
    uint64_t interleaved; // begin where one of the PROFILE_STREAMS requests before ended, of any direction
    uint64_t offset_bits; // all bits that offsets have, of requests that are not sequential
    uint64_t end;         // of the last one
    uint64_t parts[PROFILE_PLACES]; // that begin in each part of the scope
};

struct profile {
    struct profile_scope scope;
    uint64_t requests;
    uint64_t first_ns, last_ns; // of the first and last request
    struct profile_kind kinds[IO_KIND_COUNT];
    struct profile_places places[PROFILE_DIRECTIONS];
    struct histogram intervals; // ns between requests
    double interval_squares;    // sum of their squares, ns^2
    struct histogram depth;     // requests with a known latency that are under way when one comes
    uint64_t deepest;
    double busy_ns;             // sum of known latencies
    uint64_t bins[PROFILE_BINS], byte_bins[PROFILE_BINS]; // requests and bytes of data in each part of the time
    struct reuse *reuse;        // of data

    struct in_flight in_flight;
    uint64_t ends[PROFILE_STREAMS]; // of the last ones that are of a place
    uint64_t placed;                // how many there were
};

// Reads all of the source once.
struct profile_scope profile_scope_of(struct request_source *source);

struct profile *profile_create(const struct profile_scope *scope);
void profile_destroy(struct profile *profile);
void profile_add(struct profile *profile, const struct trace_request *request);

// All of a source, which is read twice and rewound.
struct profile *profile_of(struct request_source *source);

// ---- what follows ------------------------------------------------------------------------------------------------

double profile_seconds(const struct profile *profile);
uint64_t profile_data_bytes(const struct profile *profile);
uint64_t profile_completed(const struct profile *profile);
double profile_mean_depth(const struct profile *profile);    // over its time
double profile_mean_interval(const struct profile *profile); // ns
double profile_interval_variation(const struct profile *profile); // standard deviation over mean; 1: Poisson

struct profile_size {
    uint64_t bytes, count;
};

// The most frequent sizes of a histogram, at most `limit`, the most frequent first, of equal ones the smaller. Returns
// how many.
unsigned profile_frequent_sizes(const struct histogram *sizes, struct profile_size *frequent, unsigned limit);

#endif
