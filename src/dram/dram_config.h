// The `dram` section: the memory of the controller that user data cross.
#ifndef SQTAIL_DRAM_DRAM_CONFIG_H
#define SQTAIL_DRAM_DRAM_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "config/field.h"
#include "sim/tick.h"

enum dram_reads { DRAM_READS_THROUGH, DRAM_READS_BYPASS };

struct dram_config {
    uint64_t bandwidth; // bytes a second, both directions together; 0: data cross no memory
    tick_t latency;     // ps, from the end of a transfer until its data can be used
    tick_t turnaround;  // ps lost when a transfer goes the other way than the one before it
    uint32_t reads;     // enum dram_reads: whether what the host reads crosses it
};

extern const struct config_field dram_config_fields[];
extern const size_t dram_config_field_count;

#endif
