// Hot and cold blocks as fio draws them: zipf, pareto and normal.
#ifndef SQTAIL_HOST_JOB_FIO_SKEW_H
#define SQTAIL_HOST_JOB_FIO_SKEW_H

#include <stdint.h>

#include "host/job/distribution.h"
#include "host/job/fio_random.h"

struct fio_skew {
    enum distribution_kind kind;
    struct fio_stream stream;
    uint64_t count;  // of blocks
    uint64_t shift;  // of all
    double theta, zeta, eta; // zipf
    double power;            // pareto
    uint32_t deviation;      // normal, blocks
};

void fio_skew_init(struct fio_skew *skew, const struct distribution_spec *spec, enum fio_generator generator,
                   uint64_t count, uint64_t seed);

// The next block, below count.
uint64_t fio_skew_next(struct fio_skew *skew);

#endif
