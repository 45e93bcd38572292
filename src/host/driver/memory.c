// Simulated host memory.
//
// Queues, PRP lists, buffers of admin commands: everything whose contents the device acts upon lies in one lazily
// backed region, so that the host addresses its rings directly and a device's access is one comparison away from the
// bytes. User data have addresses, which PRPs carry and the link's timing depends on, but contents only where the drive
// keeps them: at millions of requests they would only cost time. Assumption: memory answers without delay; the PCIe link's latency is the
// controller's model.
#include "host/driver/memory.h"

#include <string.h>

#include "util/alloc.h"
#include "util/check.h"

static uint64_t round_to_pages(uint64_t bytes)
{
    return (bytes + MEMORY_PAGE_BYTES - 1) & ~(uint64_t)(MEMORY_PAGE_BYTES - 1);
}

void memory_init(struct memory *memory, uint64_t bytes)
{
    *memory = (struct memory){.bytes = round_to_pages(bytes)};
    memory->contents = lazy_alloc(memory->bytes);
}

void memory_destroy(struct memory *memory)
{
    lazy_free(memory->contents, memory->bytes);
    lazy_free(memory->data, memory->data_bytes);
}

uint64_t memory_allocate(struct memory *memory, uint64_t bytes)
{
    uint64_t address = MEMORY_BASE + memory->used;
    memory->used += round_to_pages(bytes);
    CHECK(memory->used <= memory->bytes, "host memory is too small for another %llu bytes",
          (unsigned long long)bytes);
    return address;
}

void memory_keep_data(struct memory *memory, uint64_t bytes)
{
    memory->data_bytes = bytes;
    memory->data = lazy_alloc(bytes);
}

uint64_t memory_allocate_data(struct memory *memory, uint64_t bytes)
{
    uint64_t address = MEMORY_DATA_BASE + memory->data_used;
    memory->data_used += round_to_pages(bytes);
    CHECK(memory->data == NULL || memory->data_used <= memory->data_bytes, "host memory is too small for its data");
    return address;
}

static bool is_data(const struct memory *memory, uint64_t address, size_t bytes)
{
    uint64_t offset = address - MEMORY_DATA_BASE;
    return offset <= memory->data_used && bytes <= memory->data_used - offset;
}

bool memory_read_data(const struct memory *memory, uint64_t address, void *to, size_t bytes)
{
    if (!is_data(memory, address, bytes))
        return false;
    if (memory->data != NULL)
        memcpy(to, memory_data_at(memory, address), bytes);
    else if (to != NULL)
        memset(to, 0, bytes);
    return true;
}

bool memory_write_data(struct memory *memory, uint64_t address, const void *from, size_t bytes)
{
    if (!is_data(memory, address, bytes))
        return false;
    if (memory->data != NULL)
        memcpy(memory_data_at(memory, address), from, bytes);
    return true;
}
