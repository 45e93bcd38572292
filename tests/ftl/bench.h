// A core on a back-end of fixed times, for tests that look at it from its port.
//
// 4 dies of 2 planes, 2 units a page, 3 pages a program: 4 units a multi-plane page, 12 a program unit. In order, units 0
// to 11 lie on die 0, the next 12 on die 1.
#ifndef SQTAIL_TESTS_FTL_BENCH_H
#define SQTAIL_TESTS_FTL_BENCH_H

#include "fake_nand.h"
#include "ftl/ftl_internal.h"

#define T_READ (50 * TICKS_PER_US)
#define T_PROGRAM (500 * TICKS_PER_US)
#define T_ERASE (3 * TICKS_PER_MS)

struct bench {
    struct sim *sim;
    struct fake_nand *nand;
    struct ftl *ftl;
    struct ftl_port port;
};

static inline struct nand_geometry bench_geometry(void)
{
    return fake_geometry(4, 2, 40, 8, 3, 2);
}

static inline struct bench bench_open(struct ftl_config config, struct nand_geometry g, const struct raid_layout *raid)
{
    struct bench b = {.sim = sim_create(3)};
    b.nand = fake_nand_create(b.sim, &g, T_READ, T_PROGRAM, T_ERASE);
    b.ftl = ftl_create(b.sim, &config, &g, raid);
    ftl_bind(b.ftl, fake_nand_port(b.nand));
    b.port = ftl_get_port(b.ftl);
    return b;
}

// Until nothing is left to do, however often a test stops the engine on the way.
static inline void bench_run(struct bench *b)
{
    while (sim_next(b->sim) != TICK_NEVER)
        sim_run_before(b->sim, TICK_NEVER);
}

static inline void bench_close(struct bench *b)
{
    bench_run(b);
    ftl_check(b->ftl);
    ftl_destroy(b->ftl);
    fake_nand_destroy(b->nand);
    sim_destroy(b->sim);
}

#endif
