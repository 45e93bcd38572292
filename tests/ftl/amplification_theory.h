// Write amplification of uniform random writes in theory, solved here independently of the core.
//
// Greedy collection, mean field (Bux and Iliadis 2010; Desnoyers 2012): of the superblocks of n units that may be
// collected, a share m_i = 1 / (i c) holds i valid units for i = j+1 .. n, the rest holds j; the valid units add up to
// U; and each host write makes A = 1 / (rho c) units written, rho = U / T. T leaves out what the core keeps free.
#ifndef SQTAIL_TESTS_FTL_AMPLIFICATION_THEORY_H
#define SQTAIL_TESTS_FTL_AMPLIFICATION_THEORY_H

// The mean valid units of a superblock of n for the constant c.
static inline double greedy_mean_valid(double c, int n)
{
    double share = 0, valid = 0;
    for (int i = n; i > 0; i--) {
        double m = 1 / (i * c);
        if (share + m >= 1)
            return valid + i * (1 - share);
        share += m;
        valid += i * m;
    }
    return valid;
}

static inline double greedy_theory(double rho, int n)
{
    double low = 1e-3, high = 50;
    for (int i = 0; i < 200; i++) {
        double c = (low + high) / 2;
        if (greedy_mean_valid(c, n) > rho * n)
            low = c;
        else
            high = c;
    }
    return 1 / (rho * low);
}

// Without the superblocks kept out of use: with gc_reserve 1 and gc_stop 3 on average 2 are free, half-way from the one to
// the other, and 1 is in the empty halves of the two open ones.
static inline double effective_rho(double spare_factor, int superblocks)
{
    return (1 - spare_factor) * superblocks / (superblocks - 3);
}

#endif
