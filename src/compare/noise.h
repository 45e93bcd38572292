// How much of a difference may be the seeds' doing.
#ifndef SQTAIL_COMPARE_NOISE_H
#define SQTAIL_COMPARE_NOISE_H

#include "report/read/metrics.h"

// The half width of the interval around the difference of the means in which it lies but for `outside`, both sides
// being measured with several seeds, or one of them. Negative: there is but one seed on either side, and nothing can be
// said.
double noise_of(const struct metric *base, const struct metric *new, double outside);

// How many seeds a side would bring the noise down to `width`, as far as these tell; 0: not known, or NOISE_SEEDS_MAX
// would not do.
enum { NOISE_SEEDS_MAX = 1000 };
size_t noise_seeds_for(const struct metric *base, const struct metric *new, double outside, double width);

#endif
