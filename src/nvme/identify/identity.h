// What names of the drive are made of.
#ifndef SQTAIL_NVME_IDENTIFY_IDENTITY_H
#define SQTAIL_NVME_IDENTIFY_IDENTITY_H

#include <stdint.h>

#include "util/rng.h"

enum { NVME_OUI_0 = 0x02, NVME_OUI_1 = 0x51, NVME_OUI_2 = 0x71 }; // locally administered

static inline uint64_t identity_hash(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = rng_mix(hash ^ (uint8_t)*text);
    return hash;
}

#endif
