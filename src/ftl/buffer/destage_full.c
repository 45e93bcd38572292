// Destaging: as soon as there is a program unit's worth. Dies work as early as they can, and little is lost when power
// is; what is overwritten often goes to the flash as often.
#include "ftl/buffer/policies.h"

static bool wanted(struct buffer *buffer)
{
    (void)buffer;
    return true;
}

const struct destage_ops destage_full_ops = {
    .name = "full",
    .help = "as soon as a program unit is full",
    .wanted = wanted,
};
