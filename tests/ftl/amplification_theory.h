// Write amplification of uniform random writes in theory, solved here independently of the core. n units a superblock,
// rho = U / T.
//
// Greedy collection, mean field (Bux and Iliadis 2010; Desnoyers 2012): of the superblocks of n units that may be
// collected, a share m_i = 1 / (i c) holds i valid units for i = j+1 .. n, the rest holds j; the valid units add up to
// U; and each host write makes A = 1 / (rho c) units written, rho = U / T. T leaves out what the core keeps free.
// The best of d superblocks drawn at random, mean field (Van Houdt, SIGMETRICS 2013). S_i is the share of superblocks
// with i valid units or more, m_i = S_i - S_(i+1). While one victim is collected, h overwrites hit each valid unit
// (times the number of superblocks), which takes i h m_i superblocks out of those with i or more; the victim, full
// again, comes in when it had fewer than i:
//
//   i h m_i = 1 - ((S_i - f) / (1 - f))^d,   sum of S_i, i = 1 .. n, is rho n,   A = 1 / (rho h)
//
// f = 0 draws from all superblocks, as Van Houdt does. f = m_n draws from those that have something to give, as the
// core does. For d = 1 that has a closed form. The victim is any of those not full, so its mean is
// (rho n - n m_n) / (1 - m_n); from A = n / (n - mean) and n h m_n = 1, that is m_n = A rho / n,
//
//   A = 1 / (1 - rho + rho / n)
#ifndef SQTAIL_TESTS_FTL_AMPLIFICATION_THEORY_H
#define SQTAIL_TESTS_FTL_AMPLIFICATION_THEORY_H

#include <math.h>
#include <stdbool.h>

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

// m_i for what S_(i+1) is: the left side grows with it, the right side falls.
static inline double choices_share(double h, int i, int d, double above, double left_out)
{
    double low = 0, high = 1 - above;
    for (int k = 0; k < 60; k++) {
        double m = (low + high) / 2;
        if (i * h * m < 1 - pow((above + m - left_out) / (1 - left_out), d))
            low = m;
        else
            high = m;
    }
    return low;
}

static inline double choices_mean_valid(double h, int n, int d, bool full_too)
{
    double full = full_too ? choices_share(h, n, d, 0, 0) : 1 / (n * h);
    double share = full, valid = share;
    for (int i = n - 1; i > 0; i--) {
        share += choices_share(h, i, d, share, full_too ? 0 : full);
        valid += share;
    }
    return valid;
}

static inline double choices_theory(double rho, int n, int d, bool full_too)
{
    double low = 1.0 / n, high = 50; // m_n is at most 1
    for (int i = 0; i < 60; i++) {
        double h = (low + high) / 2;
        if (choices_mean_valid(h, n, d, full_too) > rho * n)
            low = h;
        else
            high = h;
    }
    return 1 / (rho * low);
}

static inline double random_theory(double rho, int n)
{
    return 1 / (1 - rho + rho / n);
}

// Without the superblocks kept out of use: with gc_reserve 1 and gc_stop 3 on average 2 are free, half-way from the one
// to the other, and 1 is in the empty halves of the two open ones.
static inline double effective_rho(double spare_factor, int superblocks)
{
    return (1 - spare_factor) * superblocks / (superblocks - 3);
}

#endif
