// The stripes' shape, from the configuration. See raid.h.
#include "nand/raid.h"

struct raid_layout raid_layout_make(const struct raid_config *config, const struct nand_geometry *geometry)
{
    struct raid_layout layout = {.enabled = config->enabled, .stripe_dies = 1};
    if (config->enabled)
        layout.stripe_dies = config->stripe_dies == 0 ? geometry->dies : config->stripe_dies;
    layout.by_stripe_dies = fastdiv_make(layout.stripe_dies);
    if (config->enabled)
        layout.by_data_dies = fastdiv_make(layout.stripe_dies - 1);
    return layout;
}
