// Binomial distributions: of the raw bit errors in a codeword.
#ifndef SQTAIL_NAND_BINOMIAL_H
#define SQTAIL_NAND_BINOMIAL_H

#include <stdint.h>

// P(more than `t` of `n` bits are wrong) when each is with probability p, exact even where it is tiny.
double binomial_tail(uint32_t n, uint32_t t, double p);

enum { BINOMIAL_GUIDE_BITS = 8 };

// The inverse of the distribution function: numbers of errors by 64-bit thresholds.
struct binomial_table {
    uint32_t first; // the least number of errors with a threshold
    uint32_t count;
    uint16_t guide[1 << BINOMIAL_GUIDE_BITS]; // by the topmost bits of a quantile: where its search begins
    uint64_t threshold[];                     // [i] / 2^64 = P(errors <= first + i), the last one is UINT64_MAX
};

struct binomial_table *binomial_table_create(uint32_t n, double p);

// The number of errors at the quantile u / 2^64.
static inline uint32_t binomial_quantile(const struct binomial_table *table, uint64_t u)
{
    uint32_t i = table->guide[u >> (64 - BINOMIAL_GUIDE_BITS)];
    while (u > table->threshold[i])
        i++;
    return table->first + i;
}

#endif
