// The registry of opcodes.
#include "nvme/command/opcode.h"

#include "nvme/nvme_config.h"
#include "util/macros.h"

static const struct nvme_opcode unsupported[NVME_SET_COUNT] = {
    [NVME_SET_ADMIN] = {.set = NVME_SET_ADMIN, .counter = OPCODE_COUNTER(admin_commands)},
    [NVME_SET_NVM] = {.set = NVME_SET_NVM, .counter = OPCODE_COUNTER(other_commands)},
};

#define OPCODE_ROW(name) &nvme_opcode_##name,
const struct nvme_opcode *const nvme_opcode_rows[] = {NVME_OPCODE_LIST(OPCODE_ROW)};
const size_t nvme_opcode_row_count = ARRAY_SIZE(nvme_opcode_rows);

void opcodes_create(struct nvme_opcodes *opcodes, const struct nvme_config *config)
{
    for (int set = 0; set < NVME_SET_COUNT; set++)
        for (int code = 0; code < 256; code++)
            opcodes->rows[set][code] = &unsupported[set];
    for (size_t i = 0; i < ARRAY_SIZE(nvme_opcode_rows); i++) {
        const struct nvme_opcode *row = nvme_opcode_rows[i];
        if (row->offered == NULL || row->offered(config))
            opcodes->rows[row->set][row->code] = row;
    }
}
