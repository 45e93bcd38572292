// Features, by identifier.
#ifndef SQTAIL_NVME_FEATURE_FEATURES_H
#define SQTAIL_NVME_FEATURE_FEATURES_H

#include <stdint.h>

#include "nvme/feature/feature.h"
#include "nvme/reset.h"

// The values of a feature's parts, one after the other: a doubleword and data each.
struct nvme_feature_values {
    uint32_t parts;
    uint32_t stride; // bytes
    uint8_t *current, *saved, *initial;
};

struct nvme_features {
    uint32_t value[256]; // current doublewords of the first parts, by identifier
    uint32_t under_temperature; // feature 04h, THSEL 1
    struct nvme_feature_values values[NVME_FEATURE_COUNT];
};

void features_create(struct nvme *nvme);
void features_destroy(struct nvme *nvme);
void features_reset(struct nvme *nvme, enum nvme_reset kind);

// The namespace's values are the default ones, saved ones forgotten.
void features_forget_namespace(struct nvme *nvme, uint32_t nsid);

#endif
