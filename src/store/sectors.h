// A set of sectors of 512 bytes, most of which are not in it.
#ifndef SQTAIL_STORE_SECTORS_H
#define SQTAIL_STORE_SECTORS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/sparse.h"

struct sectors {
    struct sparse groups; // of 64, a bit each
    uint64_t count;       // in the set
};

void sectors_init(struct sectors *sectors, uint64_t capacity_bytes);
void sectors_destroy(struct sectors *sectors);

// Of ranges of bytes, whole sectors.
void sectors_add(struct sectors *sectors, uint64_t offset, uint64_t bytes);
void sectors_remove(struct sectors *sectors, uint64_t offset, uint64_t bytes);

// The first one of the range that is in the set, as its offset in bytes; the range's end: none is.
uint64_t sectors_first(const struct sectors *sectors, uint64_t offset, uint64_t bytes);

#endif
