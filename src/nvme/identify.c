// Identify: NVM Express 1.4, section 5.15, by controller or namespace structure (CNS).
//
// CNS 06h is of NVMe 2.0; Linux asks 1.4 controllers for it too. Its answer for the NVM command set is all zeroes:
// no limits beyond MDTS.
#include <stdio.h>
#include <string.h>

#include "nvme/command_buffer.h"
#include "nvme/nvme_internal.h"
#include "nvme/prp.h"
#include "util/macros.h"
#include "util/rng.h"

enum { OUI_0 = 0x02, OUI_1 = 0x51, OUI_2 = 0x71 };

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
    id->nn = NVME_NAMESPACE;
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

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = rng_mix(hash ^ (uint8_t)*text);
    return hash;
}

// A name that needs no naming authority, 7.9: a UUID of the drive's own, version 8 (RFC 9562), made of model and serial
// number.
static void put_subnqn(const struct nvme *nvme, char subnqn[256])
{
    uint64_t high = hash_text(1, nvme->config->model_number), low = hash_text(high, nvme->config->serial_number);
    snprintf(subnqn, 256, "nqn.2014-08.org.nvmexpress:uuid:%08x-%04x-8%03x-%04x-%012llx", (unsigned)(high >> 32),
             (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xfff), (unsigned)(0x8000 | (low >> 48 & 0x3fff)),
             (unsigned long long)(low & UINT64_C(0xffffffffffff)));
}

static void identify_controller(struct nvme_command *command, void *data)
{
    const struct nvme *nvme = command->nvme;
    struct nvme_identify_controller *id = data;
    id->vid = (uint16_t)nvme->pcie->vendor_id;
    id->ssvid = (uint16_t)nvme->pcie->subsystem_vendor_id;
    memcpy(id->ieee, (uint8_t[]){OUI_2, OUI_1, OUI_0}, sizeof id->ieee);
    put_text(id->sn, sizeof id->sn, nvme->config->serial_number);
    put_text(id->mn, sizeof id->mn, nvme->config->model_number);
    put_text(id->fr, sizeof id->fr, nvme->config->firmware_revision);
    put_subnqn(nvme, id->subnqn);
    describe_limits(nvme, id);
    describe_abilities(nvme, id);
    prp_answer(command);
}

// The namespace's EUI-64, made of a locally administered OUI and the serial number.
static void put_eui64(const struct nvme *nvme, uint8_t eui64[8])
{
    uint64_t hash = hash_text(0, nvme->config->serial_number);
    memcpy(eui64, (uint8_t[]){OUI_0, OUI_1, OUI_2}, 3);
    memcpy(eui64 + 3, &hash, 5);
}

static void identify_namespace(struct nvme_command *command, void *data)
{
    const struct nvme *nvme = command->nvme;
    if (command->sqe.nsid != NVME_NAMESPACE) {
        command_fail(command, NVME_SC_INVALID_NAMESPACE, AT_NSID);
        return;
    }
    struct nvme_identify_namespace *id = data;
    id->nsze = id->ncap = id->nuse = nvme->ns.blocks;
    id->dlfeat = NVME_DLFEAT_READS_ZERO | NVME_DLFEAT_WRITE_ZEROES_DEAC;
    id->nvmcap.low = nvme->ns.blocks << nvme->ns.lba_shift;
    put_eui64(nvme, id->eui64);
    id->lbaf[0].lbads = (uint8_t)nvme->ns.lba_shift;
    prp_answer(command);
}

// Ascending identifiers above the one given.
static void identify_active_namespaces(struct nvme_command *command, void *data)
{
    if (command->sqe.nsid >= NVME_NSID_ALL - 1) {
        command_fail(command, NVME_SC_INVALID_NAMESPACE, AT_NSID);
        return;
    }
    if (command->sqe.nsid < NVME_NAMESPACE)
        *(uint32_t *)data = NVME_NAMESPACE;
    prp_answer(command);
}

// One identifier: a copy of Identify Namespace's EUI-64, 5.15.2.4.
static void identify_descriptors(struct nvme_command *command, void *data)
{
    if (command->sqe.nsid != NVME_NAMESPACE) {
        command_fail(command, NVME_SC_INVALID_NAMESPACE, AT_NSID);
        return;
    }
    struct nvme_namespace_descriptor descriptor = {.nidt = NVME_NIDT_EUI64, .nidl = 8};
    memcpy(data, &descriptor, sizeof descriptor);
    put_eui64(command->nvme, (uint8_t *)data + sizeof descriptor);
    prp_answer(command);
}

static void identify_io_controller(struct nvme_command *command, void *data)
{
    (void)data; // no limits
    if (command->sqe.cdw11 >> 24 != 0)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CSI);
    else
        prp_answer(command);
}

static void (*const answers[])(struct nvme_command *command, void *data) = {
    [NVME_CNS_NAMESPACE] = identify_namespace,
    [NVME_CNS_CONTROLLER] = identify_controller,
    [NVME_CNS_ACTIVE_NAMESPACES] = identify_active_namespaces,
    [NVME_CNS_NAMESPACE_DESCRIPTORS] = identify_descriptors,
    [NVME_CNS_IO_CONTROLLER] = identify_io_controller,
};

static void identify(struct nvme_command *command)
{
    uint32_t cns = command->sqe.cdw10 & 0xff;
    if (cns >= ARRAY_SIZE(answers) || answers[cns] == NULL) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
        return;
    }
    command_buffer_attach(command, NVME_IDENTIFY_BYTES, true);
    answers[cns](command, command->buffer->data);
}

const struct nvme_opcode nvme_opcode_identify = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_IDENTIFY,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = identify,
};
