// Features, by identifier.
#ifndef SQTAIL_NVME_FEATURE_FEATURES_H
#define SQTAIL_NVME_FEATURE_FEATURES_H

#include <stdint.h>

#include "nvme/reset.h"
#include "spec/nvme.h"

struct nvme_features {
    uint32_t value[256]; // by identifier
    uint32_t under_temperature; // feature 04h, THSEL 1
};

void features_reset(struct nvme *nvme, enum nvme_reset kind);

#endif
