// The words of a job and their values.
#ifndef SQTAIL_HOST_JOB_JOB_OPTIONS_H
#define SQTAIL_HOST_JOB_JOB_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "host/job/distribution.h"
#include "host/job/fio_random.h"
#include "host/job/rate_process.h"
#include "sim/tick.h"
#include "util/diag.h"

// Random ones after the others.
enum job_rw {
    JOB_READ, JOB_WRITE, JOB_RW, JOB_TRIM, JOB_TRIMWRITE,
    JOB_RANDREAD, JOB_RANDWRITE, JOB_RANDRW, JOB_RANDTRIM, JOB_RANDTRIMWRITE,
};

// What has a value of its own where a word gives several: bs=4k,64k.
enum job_direction { JOB_READS, JOB_WRITES, JOB_TRIMS, JOB_DIRECTIONS };

enum { JOB_NAME_BYTES = 32, JOB_SPLITS_MAX = 64 };

#define JOB_PERCENT (UINT64_C(1) << 63)

enum job_sequencer { JOB_SEQUENTIAL, JOB_IDENTICAL };
enum job_zonemode { JOB_ZONES_NONE, JOB_ZONES_STRIDED };
enum job_blocks_type { JOB_BLOCKS_COMPLETE, JOB_BLOCKS_ISSUE };

struct job_split {
    uint32_t count;
    struct job_size_share {
        uint64_t bytes;
        uint32_t percent;
    } of[JOB_SPLITS_MAX];
};

struct job_each {
    uint64_t bs;                 // bytes of each request; 0: not given
    struct job_range {
        uint64_t min, max;
    } bsrange;                   // as bs, where given; once parsed: of bs and bssplit, too
    struct job_split bssplit;    // as bs, where given
    uint64_t blockalign;         // bytes; once parsed never 0
    uint64_t rate, rate_iops;    // a second; 0: none
    uint64_t percentage_random;  // the others follow their predecessor
};

struct job_options {
    uint64_t fio;              // 1: what is left open is as in fio
    uint32_t rw;               // enum job_rw
    uint64_t rw_run;           // random: requests from one that is to the next; 0: all are. Else: bytes passed over
    bool rw_backwards;         // and they are passed over backwards
    uint32_t rw_sequencer;     // enum job_sequencer: those in between
    struct job_each each[JOB_DIRECTIONS];
    uint64_t bs_is_seq_rand;   // 1: sizes of reads are those of sequential requests, sizes of writes of random ones
    uint64_t size;             // of the region; 0: to the end of the drive. Bytes, or JOB_PERCENT with that share of it
    uint64_t io_size;          // as size, shares of size: what is moved; 0: size
    uint64_t offset;           // as size: where the region begins
    uint64_t offset_increment; // as size: each further job's region begins so much later
    uint64_t offset_align;     // bytes; 0: bs
    struct distribution_spec random_distribution;
    uint32_t random_generator; // enum fio_generator
    uint64_t randseed;
    uint64_t randrepeat;       // 1: what repeats is the same again
    uint64_t norandommap;      // 0: no block comes again before all have come
    uint64_t iodepth;          // requests in flight a job
    uint64_t iodepth_low;      // once it is full, nothing comes before it has sunk to that; 0: iodepth
    uint64_t iodepth_batch_complete_min; // as many completions at once
    uint64_t numjobs;
    uint64_t number_ios;       // requests a job; 0: as many as the region has blocks
    uint64_t loops;            // of all that
    uint64_t rwmixread;        // %
    struct rate_process rate_process;
    tick_t thinktime;          // ps without a request, none in flight,
    uint64_t thinktime_blocks; // after so many
    tick_t thinktime_iotime;   // or after so much time; 0: never
    uint32_t thinktime_blocks_type; // enum job_blocks_type
    uint64_t fsync, fdatasync; // a flush after so many writes; 0: never
    uint64_t end_fsync;        // 1: and a last one
    uint64_t writefua;         // 1: writes with FUA
    uint32_t sync;             // as it is given; above 1: writefua
    uint32_t zonemode;         // enum job_zonemode
    uint64_t zonesize, zonerange, zoneskip; // bytes moved in a zone, of the zone, between it and the next
    tick_t latency_target;     // ps; 0: none
    tick_t latency_window;
    double latency_percentile; // of requests that must reach it
    uint64_t latency_run;      // 1: goes on looking for the depth
    uint64_t stonewall;        // 1: begins when those before it are done
    tick_t startdelay;         // ps
    tick_t runtime;            // ps; 0: until number_ios
    uint64_t time_based;       // 1: until runtime, whatever the size
    tick_t ramp_time;          // ps not measured
    uint64_t ramp_ios;         // requests a job not measured
    uint64_t exitall;          // 1: its end is the others'
    char name[JOB_NAME_BYTES]; // "": none given
    bool iodepth_given, randseed_given;

    // What follows from them.
    uint64_t bs, largest;      // bytes of the smallest and of the largest request in any direction
    uint64_t rate, rate_iops;  // of its first direction
    bool by_pattern;           // requests come from host/job/fio_pattern.h
};

static inline bool job_is_random(const struct job_options *options)
{
    return options->rw >= JOB_RANDREAD;
}

bool job_moves(const struct job_options *options, enum job_direction direction);

// Where a job's text stands in a file, each of its words: name and value.
struct job_text {
    const char *text;
    const char *where; // for messages: "--job", or the file's name
    uint64_t line;     // of the whole
    const struct job_word_place {
        struct place name, value;
    } *words;          // in order; NULL: each at its column of line 1
};

// fio's words that may be given and change nothing, with what they mean here, or that are refused with what would do;
// the last has a NULL name.
struct job_neutral_word {
    const char *name;
    const char *values; // that are taken, each followed by a blank; NULL: any; "": none
    const char *help;
};
extern const struct job_neutral_word job_neutral_words[];

// NULL: it is none of them.
const struct job_neutral_word *job_neutral_word_find(const char *name);
bool job_neutral_word_takes(const struct job_neutral_word *word, const char *value); // NULL: as 1

// The name of the word that this one is another name of; itself where it is none.
const char *job_word_name(const char *name);

// Fills in what `text` says over the defaults. Returns 0, or -1 with all errors in `diag`, each at {where, 1, column}.
int job_options_parse(const char *text, const char *where, struct job_options *options, struct diag *diag);
int job_options_parse_text(const struct job_text *text, struct job_options *options, struct diag *diag);

#endif
