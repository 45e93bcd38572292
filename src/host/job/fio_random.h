// fio's random numbers, so that a job with its seed asks for what it asks for there, request by request.
#ifndef SQTAIL_HOST_JOB_FIO_RANDOM_H
#define SQTAIL_HOST_JOB_FIO_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#include "util/rng.h"

// What random_generator names; the first is this program's own.
enum fio_generator { FIO_GENERATOR_XOSHIRO, FIO_GENERATOR_TAUSWORTHE, FIO_GENERATOR_TAUSWORTHE64, FIO_GENERATOR_LFSR };

// What a job draws, each from a stream of its own, by fio's number of its seed.
enum fio_draw {
    FIO_DRAW_READ_SIZE = 0,
    FIO_DRAW_WRITE_SIZE = 1,
    FIO_DRAW_TRIM_SIZE = 2,
    FIO_DRAW_MIX = 4,
    FIO_DRAW_OFFSET = 6,
    FIO_DRAW_IS_RANDOM = 10,
    FIO_DRAW_ZONE = 16,
    FIO_DRAWS = 17,
};

struct fio_seeds {
    uint64_t of[FIO_DRAWS];
};

// Of the job that is fio's `thread`, counted from 1: those of randseed, or those that it has without one, which `shift`
// moves.
void fio_seeds_of(struct fio_seeds *seeds, uint64_t randseed, uint32_t thread);
void fio_seeds_without(struct fio_seeds *seeds, uint64_t shift, uint32_t thread, bool random);

struct fio_stream {
    enum fio_generator generator;
    union {
        uint32_t taus88[3];
        uint64_t taus258[5];
        struct rng xoshiro;
    };
};

void fio_stream_seed(struct fio_stream *stream, enum fio_generator generator, uint64_t seed);

// Of numbers from 0 to `most`: 2^32 of them, 2^64 of tausworthe64, 2^53 of xoshiro.
uint64_t fio_stream_next(struct fio_stream *stream, uint64_t *most);
uint32_t fio_stream_next32(struct fio_stream *stream); // not of tausworthe64

// One of them as a share of all; of 2^64 it may round to one.
static inline double fio_stream_fraction(struct fio_stream *stream)
{
    uint64_t most, number = fio_stream_next(stream, &most);
    return (double)number / ((double)most + 1);
}

// 0 .. 99.
static inline uint32_t fio_stream_percent(struct fio_stream *stream)
{
    return (uint32_t)(100 * fio_stream_fraction(stream));
}

// Each number below `count` once, in the order of a linear feedback shift register.
struct fio_lfsr {
    uint64_t state, taps, top, count, drawn;
    bool fresh; // it has not moved yet
};

void fio_lfsr_init(struct fio_lfsr *lfsr, uint64_t count, uint64_t seed);
void fio_lfsr_reset(struct fio_lfsr *lfsr, uint64_t seed);

// Returns false when all have come.
bool fio_lfsr_next(struct fio_lfsr *lfsr, uint64_t *number);

#endif
