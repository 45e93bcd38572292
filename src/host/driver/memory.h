// The host's memory as the device sees it: one region with contents, one that has them only when asked for.
#ifndef SQTAIL_HOST_DRIVER_MEMORY_H
#define SQTAIL_HOST_DRIVER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/macros.h"

enum { MEMORY_PAGE_SHIFT = 12, MEMORY_PAGE_BYTES = 1 << MEMORY_PAGE_SHIFT };

// Where the regions lie in the host's address space.
#define MEMORY_BASE UINT64_C(0x10000000)
#define MEMORY_DATA_BASE (UINT64_C(1) << 44)
#define MEMORY_INTERRUPT_BASE UINT64_C(0xfee00000) // x86: Intel SDM volume 3A, "message address register format"
#define MEMORY_INTERRUPT_BYTES UINT64_C(0x100000)

struct memory {
    uint8_t *contents; // lazily backed: a page that nobody wrote reads as zeroes and takes no memory
    uint64_t bytes;
    uint64_t used;
    uint64_t data_used; // bytes of the data region given out
    uint8_t *data;      // its contents, NULL: they are not kept
    uint64_t data_bytes;
};

void memory_init(struct memory *memory, uint64_t bytes);
void memory_destroy(struct memory *memory);

// `bytes` of memory with contents, aligned to a page. Returns the address.
uint64_t memory_allocate(struct memory *memory, uint64_t bytes);

// From now on the data region has contents, of up to `bytes`.
void memory_keep_data(struct memory *memory, uint64_t bytes);

// Addresses for `bytes` of data, aligned to a page.
uint64_t memory_allocate_data(struct memory *memory, uint64_t bytes);

// The contents at `address`, directly addressable for `bytes`; NULL when they are not in the region with contents.
static inline void *memory_at(const struct memory *memory, uint64_t address, uint64_t bytes)
{
    uint64_t offset = address - MEMORY_BASE;
    if (offset > memory->bytes || bytes > memory->bytes - offset)
        return NULL;
    return memory->contents + offset;
}

// The same of data, given out before, that are kept.
static inline void *memory_data_at(const struct memory *memory, uint64_t address)
{
    return memory->data + (address - MEMORY_DATA_BASE);
}

// The same as the next two, of what has no contents unless they are kept.
bool memory_read_data(const struct memory *memory, uint64_t address, void *to, size_t bytes);
bool memory_write_data(struct memory *memory, uint64_t address, const void *from, size_t bytes);

// The device's accesses. Data that are not kept read as zeroes; `to` and `from` may then be NULL. False: no memory at
// that address.
static inline bool memory_read(const struct memory *memory, uint64_t address, void *to, size_t bytes)
{
    const void *from = memory_at(memory, address, bytes);
    if (unlikely(from == NULL))
        return memory_read_data(memory, address, to, bytes);
    memcpy(to, from, bytes);
    return true;
}

static inline bool memory_write(struct memory *memory, uint64_t address, const void *from, size_t bytes)
{
    void *to = memory_at(memory, address, bytes);
    if (unlikely(to == NULL))
        return memory_write_data(memory, address, from, bytes);
    memcpy(to, from, bytes);
    return true;
}

#endif
