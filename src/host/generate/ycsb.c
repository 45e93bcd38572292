// The Yahoo! Cloud Serving Benchmark's core workloads.
//
// Source: Cooper et al., "Benchmarking cloud serving systems with YCSB", SoCC 2010, table 2: proportions of operations,
// zipfian popularity with theta 0.99, in workload d that of records by how late they were inserted, scans of 1 to 100
// records, each length as likely. Operations are drawn one by one.
//
// Left out: that records inserted in workload e become popular; deletions, of which there are none.
#include "host/generate/ycsb.h"

#include "util/macros.h"

const char *const ycsb_mix_names[] = {"a", "b", "c", "d", "e", "f", NULL};

static const struct mix {
    uint32_t percent[YCSB_OPS];
    bool latest;
} mixes[] = {
    {.percent = {[YCSB_READ] = 50, [YCSB_UPDATE] = 50}},
    {.percent = {[YCSB_READ] = 95, [YCSB_UPDATE] = 5}},
    {.percent = {[YCSB_READ] = 100}},
    {.percent = {[YCSB_READ] = 95, [YCSB_INSERT] = 5}, .latest = true},
    {.percent = {[YCSB_SCAN] = 95, [YCSB_INSERT] = 5}},
    {.percent = {[YCSB_READ] = 50, [YCSB_MODIFY] = 50}},
};

void ycsb_init(struct ycsb *ycsb, const struct ycsb_options *options, uint64_t most, struct ycsb_counts *counts,
               struct rng *rng)
{
    *ycsb = (struct ycsb){.options = options, .keys = options->keys, .most = most, .counts = counts};
    ycsb->spec = (struct distribution_spec){.kind = DISTRIBUTION_ZIPF, .parameter = (double)options->skew / 1000};
    distribution_init(&ycsb->popularity, &ycsb->spec, options->keys, rng);
}

static enum ycsb_op choose_op(const struct mix *mix, struct rng *rng)
{
    uint64_t choice = rng_below(rng, 100);
    enum ycsb_op op = 0;
    for (; choice >= mix->percent[op]; op++)
        choice -= mix->percent[op];
    return op;
}

struct ycsb_choice ycsb_choose(struct ycsb *ycsb, struct rng *rng)
{
    const struct mix *mix = &mixes[ycsb->options->mix];
    struct ycsb_choice choice = {.op = choose_op(mix, rng)};
    ycsb->counts->of[choice.op]++;
    if (choice.op == YCSB_INSERT) {
        choice.key = ycsb->keys < ycsb->most ? ycsb->keys++ : ycsb->keys - 1;
        return choice;
    }
    uint64_t rank = distribution_draw_rank(&ycsb->popularity, rng);
    choice.key = mix->latest ? ycsb->keys - 1 - rank : rank;
    choice.count = choice.op == YCSB_SCAN ? 1 + (uint32_t)rng_below(rng, YCSB_SCAN_MAX) : 0;
    return choice;
}
