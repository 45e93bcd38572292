// The Yahoo! Cloud Serving Benchmark's core workloads: which operation comes next, and on which key.
#ifndef SQTAIL_HOST_GENERATE_YCSB_H
#define SQTAIL_HOST_GENERATE_YCSB_H

#include "host/generate/word_rows.h"
#include "host/job/distribution.h"

enum ycsb_op { YCSB_READ, YCSB_UPDATE, YCSB_INSERT, YCSB_SCAN, YCSB_MODIFY, YCSB_OPS };
enum { YCSB_SCAN_MAX = 100 };
extern const char *const ycsb_mix_names[]; // a to f; ends with NULL

// A part of a model's options, and its rows.
struct ycsb_options {
    uint32_t mix;
    uint64_t keys, value; // records that there are at the beginning, bytes of each
    uint64_t skew;        // thousandths: theta
};

#define YCSB_ROWS(S, member)                                                                                           \
    WORD_ROW(S, mix, member.mix, CHOICE, "a", 0, 0, "YCSB's: a b c d e f", .choices = ycsb_mix_names),                 \
    WORD_ROW(S, keys, member.keys, COUNT, "1m", 1, UINT64_C(1) << 40, "records that there are at the beginning"),      \
    WORD_ROW(S, value, member.value, SIZE, "1000", 1, 1 << 20, "bytes of a record, beside its key"),                   \
    WORD_ROW(S, skew, member.skew, THOUSANDTHS, "0.99", 0, 10000, "theta of the zipfian popularity; 0: all alike")

// A part of what a model counts.
struct ycsb_counts {
    uint64_t of[YCSB_OPS];
};

#define YCSB_COUNT_ROW(type, member, name, op, text) \
    {#name, STAT_COUNT, offsetof(type, member.of) + sizeof(uint64_t) * (op), "1", text}
#define YCSB_COUNT_ROWS(type, member)                                                                                  \
    YCSB_COUNT_ROW(type, member, reads, YCSB_READ, "Operations that read a record."),                                  \
    YCSB_COUNT_ROW(type, member, updates, YCSB_UPDATE, "Operations that write a record that is there."),               \
    YCSB_COUNT_ROW(type, member, inserts, YCSB_INSERT, "Operations that add a record."),                               \
    YCSB_COUNT_ROW(type, member, scans, YCSB_SCAN, "Operations that read records in sequence."),                       \
    YCSB_COUNT_ROW(type, member, modifies, YCSB_MODIFY, "Operations that read a record and write it.")

struct ycsb {
    const struct ycsb_options *options;
    struct distribution_spec spec;
    struct distribution popularity;
    uint64_t keys, most; // so far: those beyond the options' have been inserted; and at most
    struct ycsb_counts *counts;
};

struct ycsb_choice {
    enum ycsb_op op;
    uint64_t key;   // below options->keys: its rank by popularity; else the number of an insertion after these
    uint32_t count; // of records that a scan reads
};

// Once there are `most` keys insertions write the last one again.
void ycsb_init(struct ycsb *ycsb, const struct ycsb_options *options, uint64_t most, struct ycsb_counts *counts,
               struct rng *rng);
struct ycsb_choice ycsb_choose(struct ycsb *ycsb, struct rng *rng);

static inline bool ycsb_writes(enum ycsb_op op)
{
    return op == YCSB_UPDATE || op == YCSB_INSERT || op == YCSB_MODIFY;
}

static inline bool ycsb_reads(enum ycsb_op op)
{
    return op == YCSB_READ || op == YCSB_MODIFY;
}

#endif
