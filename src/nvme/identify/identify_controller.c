// Identify Controller: NVM Express 1.4, section 5.15.2.2.
#include <stdio.h>
#include <string.h>

#include "nvme/identify/cns.h"
#include "nvme/identify/identity.h"
#include "nvme/nvme_internal.h"

// ASCII fields are padded with spaces, 1.5.
static void put_text(char *to, size_t size, const char *text)
{
    memset(to, ' ', size);
    memcpy(to, text, strnlen(text, size));
}

static void describe_limits(const struct nvme *nvme, struct nvme_identify_controller *id)
{
    id->rab = (uint8_t)nvme->config->arbitration_burst;
    id->mdts = (uint8_t)nvme->config->mdts;
    id->acl = 3;
    id->aerl = (uint8_t)nvme->config->aerl;
    id->elpe = (uint8_t)(nvme->config->error_log_entries - 1);
    id->sqes = NVME_SQE_SHIFT | NVME_SQE_SHIFT << 4;
    id->cqes = NVME_CQE_SHIFT | NVME_CQE_SHIFT << 4;
    id->nn = NVME_NAMESPACES;
    id->wctemp = (uint16_t)nvme->config->warning_temperature;
    id->cctemp = (uint16_t)nvme->config->critical_temperature;
}

static uint16_t optional_commands(const struct nvme *nvme)
{
    uint16_t oncs = 0;
    for (int code = 0; code < 256; code++)
        oncs |= nvme->opcodes.rows[NVME_SET_NVM][code]->oncs;
    return oncs;
}

static void describe_abilities(const struct nvme *nvme, struct nvme_identify_controller *id)
{
    id->ver = NVME_VS_1_4;
    id->cntrltype = 1;
    id->oaes = NVME_OAES_NAMESPACE_ATTRIBUTE;
    id->frmw = NVME_FRMW_SLOT1_READ_ONLY | 1 << NVME_FRMW_SLOTS_SHIFT;
    id->lpa = NVME_LPA_EFFECTS | NVME_LPA_EXTENDED;
    id->oncs = optional_commands(nvme) | NVME_ONCS_SAVE_SELECT;
    id->vwc = (uint8_t)(nvme->config->volatile_write_cache | 3 << NVME_VWC_FLUSH_ALL_SHIFT);
    id->psd[0].max_power = 800; // 8 W, the one power state
}

// A name that needs no naming authority, 7.9: a UUID of the drive's own, version 8 (RFC 9562), made of model and serial
// number.
static void put_subnqn(const struct nvme *nvme, char subnqn[256])
{
    uint64_t high = identity_hash(1, nvme->config->model_number);
    uint64_t low = identity_hash(high, nvme->config->serial_number);
    snprintf(subnqn, 256, "nqn.2014-08.org.nvmexpress:uuid:%08x-%04x-8%03x-%04x-%012llx", (unsigned)(high >> 32),
             (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xfff), (unsigned)(0x8000 | (low >> 48 & 0x3fff)),
             (unsigned long long)(low & UINT64_C(0xffffffffffff)));
}

static void fill(const struct nvme_command *command, void *page)
{
    const struct nvme *nvme = command->nvme;
    struct nvme_identify_controller *id = page;
    id->vid = (uint16_t)nvme->pcie->vendor_id;
    id->ssvid = (uint16_t)nvme->pcie->subsystem_vendor_id;
    memcpy(id->ieee, (uint8_t[]){NVME_OUI_2, NVME_OUI_1, NVME_OUI_0}, sizeof id->ieee);
    put_text(id->sn, sizeof id->sn, nvme->config->serial_number);
    put_text(id->mn, sizeof id->mn, nvme->config->model_number);
    put_text(id->fr, sizeof id->fr, nvme->config->firmware_revision);
    put_subnqn(nvme, id->subnqn);
    describe_limits(nvme, id);
    describe_abilities(nvme, id);
}

const struct nvme_cns_row nvme_cns_controller = {.value = NVME_CNS_CONTROLLER, .fill = fill};
