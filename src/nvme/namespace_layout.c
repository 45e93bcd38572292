// Reading `nvme.namespaces`, and what it comes to on a drive of some size.
#include "nvme/namespace_layout.h"

#include <stdio.h>

#include "util/macros.h"

#define AT(member) offsetof(struct nvme_layout_row, member)

static const struct config_field row_fields[] = {
    {.key = "size", .type = CONFIG_SIZE_OR_SHARE, .offset = AT(size), .fallback = "0"},
    {.key = "block size", .type = CONFIG_BYTES, .offset = AT(block_bytes), .fallback = "0", .max = "4KiB"},
};

static const struct config_tuples tuples = {row_fields, ARRAY_SIZE(row_fields), sizeof(struct nvme_layout_row),
                                            NVME_NAMESPACES_MAX};

bool nvme_is_block_size(uint64_t bytes)
{
    for (unsigned format = 0; format < NVME_LBA_FORMATS; format++)
        if (bytes == UINT64_C(1) << (NVME_LBA_SHIFT_MIN + format))
            return true;
    return false;
}

static bool take_block_size(struct nvme_layout_row *row, uint64_t otherwise, struct config_problem *problem)
{
    if (row->block_bytes == 0)
        row->block_bytes = otherwise;
    if (nvme_is_block_size(row->block_bytes))
        return true;
    snprintf(problem->message, sizeof problem->message, "'block size' must be 512B, 1KiB, 2KiB or 4KiB; got %lluB",
             (unsigned long long)row->block_bytes);
    return false;
}

bool layout_read(const struct nvme_config *config, struct nvme_layout *layout, struct config_problem *problem)
{
    int count = config_parse_tuples(&tuples, config->namespaces, layout->row, problem);
    if (count < 0)
        return false;
    if (count == 0)
        layout->row[0] = (struct nvme_layout_row){0};
    layout->count = MAX((uint32_t)count, 1);
    for (uint32_t i = 0; i < layout->count; i++)
        if (!take_block_size(&layout->row[i], config->lba_size, problem))
            return false;
    return true;
}

static uint64_t whole_granules(uint64_t bytes)
{
    return bytes / NVME_NAMESPACE_GRANULE * NVME_NAMESPACE_GRANULE;
}

uint64_t layout_bytes(const struct nvme_layout *layout, uint32_t index, uint64_t capacity)
{
    uint64_t size = config_bytes_of(layout->row[index].size, capacity), left = capacity;
    if (size != 0)
        return whole_granules(size);
    if (layout->count == 1)
        return capacity;
    for (uint32_t i = 0; i < index; i++)
        left -= MIN(left, whole_granules(config_bytes_of(layout->row[i].size, capacity)));
    return whole_granules(left);
}

bool layout_fits(const struct nvme_layout *layout, uint64_t capacity)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < layout->count; i++) {
        uint64_t bytes = layout_bytes(layout, i, capacity);
        if (bytes == 0 || bytes > capacity - sum)
            return false;
        sum += bytes;
    }
    return true;
}
