// The keys of the `dram` section.
#include "dram/dram_config.h"

#include "util/macros.h"

#define AT(member) offsetof(struct dram_config, member)
#define IS_THERE "dram.bandwidth is not 0"

static const char *const reads_names[] = {"through", "bypass", NULL};

const struct config_field dram_config_fields[] = {
    {.key = "bandwidth", .type = CONFIG_BYTES, .offset = AT(bandwidth), .fallback = "0", .min = "0", .max = "1TB",
     .help = "Bytes a second that user data move into and out of the controller's memory; 0: any number, at once."},
    {.key = "latency", .type = CONFIG_TIME, .offset = AT(latency), .fallback = "0", .min = "0", .max = "1ms",
     .when = IS_THERE, .help = "From the end of a transfer until its data can be used; others go on meanwhile."},
    {.key = "turnaround", .type = CONFIG_TIME, .offset = AT(turnaround), .fallback = "0", .min = "0", .max = "1ms",
     .when = IS_THERE,
     .help = "Lost when data go in after data went out, or the other way round (JESD79-4: tWTR, tRTW)."},
    {.key = "reads", .type = CONFIG_CHOICE, .offset = AT(reads), .fallback = "through", .choices = reads_names,
     .when = IS_THERE, .help = "What the host reads: in and out again, or from the decoder to the link."},
};
const size_t dram_config_field_count = ARRAY_SIZE(dram_config_fields);
