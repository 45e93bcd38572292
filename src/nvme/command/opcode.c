// The registry of opcodes.
#include "nvme/command/opcode.h"

#include "util/macros.h"

static const struct nvme_opcode unsupported[NVME_SET_COUNT] = {
    [NVME_SET_ADMIN] = {.set = NVME_SET_ADMIN, .counter = OPCODE_COUNTER(admin_commands)},
    [NVME_SET_NVM] = {.set = NVME_SET_NVM, .counter = OPCODE_COUNTER(other_commands)},
};

#define OPCODE_ROW(name) &nvme_opcode_##name,
static const struct nvme_opcode *const rows[] = {NVME_OPCODE_LIST(OPCODE_ROW)};

void opcodes_create(struct nvme_opcodes *opcodes)
{
    for (int set = 0; set < NVME_SET_COUNT; set++)
        for (int code = 0; code < 256; code++)
            opcodes->rows[set][code] = &unsupported[set];
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        opcodes->rows[rows[i]->set][rows[i]->code] = rows[i];
}
