// The shipped configurations, with fewer and smaller blocks, so that a run takes milliseconds.
#ifndef SQTAIL_TESTS_MACHINE_SHIPPED_H
#define SQTAIL_TESTS_MACHINE_SHIPPED_H

struct shipped {
    const char *name;
    const char *changes;
};

static const struct shipped shipped[] = {
    {"ideal.yaml", "nand.pages_per_block=16 nand.blocks_per_plane=100"},
    {"tiny.yaml", "nand.pages_per_block=12 ftl.capacity=200MiB ftl.precondition=random"},
    {"generic-tlc-gen4.yaml", "nand.pages_per_block=6 nand.blocks_per_plane=100"},
    {"wd-black-sn750-1tb.yaml", "nand.pages_per_block=6 nand.blocks_per_plane=100 ftl.capacity=400MiB "
                                "ftl.slc_size=16MiB ftl.precondition=random"},
    {"sandforce-sf3700.yaml", "nand.pages_per_block=6 nand.blocks_per_plane=100 ftl.capacity=1GiB "
                              "ftl.precondition=random"},
};

#endif
