// Commands Supported and Effects: NVM Express 1.4, section 5.14.1.5, from the opcodes' rows.
#include <string.h>

#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"

static size_t size(const struct nvme *nvme)
{
    (void)nvme;
    return sizeof(struct nvme_effects_log);
}

static uint32_t effects_of(const struct nvme_opcode *opcode)
{
    return opcode->execute == NULL ? 0 : NVME_EFFECT_SUPPORTED | opcode->effects;
}

static void fill(const struct nvme *nvme, uint8_t *to, size_t offset, size_t bytes)
{
    struct nvme_effects_log log = {0};
    for (unsigned code = 0; code < 256; code++) {
        log.admin[code] = effects_of(nvme->opcodes.rows[NVME_SET_ADMIN][code]);
        log.io[code] = effects_of(nvme->opcodes.rows[NVME_SET_NVM][code]);
    }
    memcpy(to, (const uint8_t *)&log + offset, bytes);
}

const struct nvme_log_page nvme_log_page_effects = {
    .lid = NVME_LOG_COMMANDS_EFFECTS,
    .size = size,
    .fill = fill,
};
