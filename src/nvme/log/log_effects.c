// What commands and features do: NVM Express 1.4, section 5.14.1.5 (Commands Supported and Effects), NVM Express Base
// 2.0, sections 5.16.1.17 (features), 5.16.1.18 (management interface, of which nothing is there); from their rows.
#include <string.h>

#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"

static uint32_t effects_of(const struct nvme_opcode *opcode)
{
    return opcode->execute == NULL ? 0 : NVME_EFFECT_SUPPORTED | opcode->effects;
}

static size_t commands_size(const struct nvme *nvme)
{
    (void)nvme;
    return sizeof(struct nvme_effects_log);
}

static void fill_commands(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    const struct nvme_opcodes *opcodes = &command->nvme->opcodes;
    struct nvme_effects_log log = {0};
    for (unsigned code = 0; code < 256; code++) {
        log.admin[code] = effects_of(opcodes->rows[NVME_SET_ADMIN][code]);
        log.io[code] = effects_of(opcodes->rows[NVME_SET_NVM][code]);
    }
    memcpy(to, (const uint8_t *)&log + offset, bytes);
}

const struct nvme_log_page nvme_log_page_effects = {
    .lid = NVME_LOG_COMMANDS_EFFECTS,
    .name = "Commands Supported and Effects",
    .lpa = NVME_LPA_EFFECTS,
    .size = commands_size,
    .fill = fill_commands,
};

// --- features ------------------------------------------------------------------------------------------------------

enum { IDENTIFIERS = 256 };

static size_t list_size(const struct nvme *nvme)
{
    (void)nvme;
    return IDENTIFIERS * sizeof(uint32_t);
}

static void fill_features(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    uint32_t log[IDENTIFIERS] = {0};
    for (size_t i = 0; i < NVME_FEATURE_COUNT; i++) {
        const struct nvme_feature_row *row = nvme_feature_rows[i];
        if (nvme_feature_offered(command->nvme, row))
            log[row->fid] = NVME_EFFECT_SUPPORTED | (row->scope == SCOPE_NAMESPACE ? NVME_EFFECT_SCOPE_NAMESPACE
                                                                                   : NVME_EFFECT_SCOPE_CONTROLLER);
    }
    memcpy(to, (const uint8_t *)log + offset, bytes);
}

static void fill_nothing(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    (void)command, (void)to, (void)offset, (void)bytes;
}

const struct nvme_log_page nvme_log_page_feature_effects = {
    .lid = NVME_LOG_FEATURE_EFFECTS,
    .name = "Feature Identifiers Supported and Effects",
    .lpa = NVME_LPA_SUPPORTED,
    .size = list_size,
    .fill = fill_features,
};

const struct nvme_log_page nvme_log_page_management_effects = {
    .lid = NVME_LOG_MANAGEMENT_EFFECTS,
    .name = "NVMe-MI Commands Supported and Effects",
    .lpa = NVME_LPA_SUPPORTED,
    .size = list_size,
    .fill = fill_nothing,
};
