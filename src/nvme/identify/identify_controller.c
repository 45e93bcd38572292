// Identify of the controller: NVM Express 1.4, sections 5.15.2.2 (data structure), 5.15.2.9, 5.15.2.10 (lists of
// controllers, of which there is one); NVM Express Base 2.0, 5.17.2 for those of command sets.
#include <stdio.h>
#include <string.h>

#include "nvme/identify/cns.h"
#include "nvme/identify/identity.h"
#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"

#define MINUTE (60 * TICKS_PER_S)

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
    id->sgls = nvme->config->sgl ? NVME_SGLS_SUPPORTED | NVME_SGLS_BIT_BUCKET | NVME_SGLS_LONGER : 0;
    id->acl = 3;
    id->aerl = (uint8_t)nvme->config->aerl;
    id->elpe = (uint8_t)(nvme->config->error_log_entries - 1);
    id->sqes = NVME_SQE_SHIFT | NVME_SQE_SHIFT << 4;
    id->cqes = NVME_CQE_SHIFT | NVME_CQE_SHIFT << 4;
    id->nn = nvme->subsystem.limit;
    id->wctemp = (uint16_t)nvme->config->warning_temperature;
    id->cctemp = (uint16_t)nvme->config->critical_temperature;
}

// Those of a set of commands that are there: ONCS, OACS.
static uint16_t optional_commands(const struct nvme *nvme, enum nvme_set set)
{
    uint16_t optional = 0;
    for (int code = 0; code < 256; code++)
        optional |= nvme->opcodes.rows[set][code]->optional;
    return optional;
}

static uint16_t optional_features(const struct nvme *nvme)
{
    uint16_t optional = 0;
    for (uint32_t i = 0; i < NVME_FEATURE_COUNT; i++)
        if (nvme_feature_offered(nvme, nvme_feature_rows[i]))
            optional |= nvme_feature_rows[i]->oncs;
    return optional;
}

static uint8_t optional_logs(const struct nvme *nvme)
{
    uint8_t optional = nvme->subsystem.limit > 1 ? NVME_LPA_SMART_NAMESPACES : 0;
    for (size_t i = 0; i < NVME_LOG_PAGE_COUNT; i++)
        if (nvme_log_page_offered(nvme, nvme_log_pages[i]))
            optional |= nvme_log_pages[i]->lpa;
    return optional;
}

static uint32_t whole_us(tick_t ps)
{
    return (uint32_t)((ps + TICKS_PER_US - 1) / TICKS_PER_US);
}

// Power in steps of 10 mW where that is exact, else of 0.1 mW, as far as those reach.
static struct nvme_power_state power_state(const struct nvme_power_state_row *row)
{
    bool fine = row->power_mw % 10 != 0 && row->power_mw <= UINT16_MAX / 10;
    return (struct nvme_power_state){
        .max_power = (uint16_t)(fine ? row->power_mw * 10 : row->power_mw / 10),
        .flags = (uint8_t)((fine ? NVME_POWER_STATE_MXPS : 0) |
                           (row->kind == NVME_POWER_IDLE ? NVME_POWER_STATE_NOPS : 0)),
        .entry_us = whole_us(row->entry),
        .exit_us = whole_us(row->exit),
    };
}

static void describe_power(const struct nvme *nvme, struct nvme_identify_controller *id)
{
    const struct nvme_power_states *states = &nvme->power.states;
    id->npss = (uint8_t)(states->count - 1);
    id->apsta = states->count > 1;
    for (uint32_t i = 0; i < states->count; i++)
        id->psd[i] = power_state(&states->row[i]);
}

static void describe_capacity(const struct nvme *nvme, struct nvme_identify_controller *id)
{
    id->tnvmcap.low = nvme->subsystem.capacity;
    id->unvmcap.low = subsystem_unallocated(&nvme->subsystem);
}

static void describe_abilities(const struct nvme *nvme, struct nvme_identify_controller *id)
{
    id->ver = registers_get(&nvme->registers, NVME_REG_VS);
    id->cntrltype = 1;
    id->oaes = NVME_OAES_NAMESPACE_ATTRIBUTE | NVME_OAES_FIRMWARE_ACTIVATION;
    id->frmw = (uint8_t)(NVME_FRMW_SLOT1_READ_ONLY | nvme->config->firmware_slots << NVME_FRMW_SLOTS_SHIFT |
                         (nvme->config->firmware_slots > 1 ? NVME_FRMW_NO_RESET : 0));
    id->fna = NVME_FNA_CRYPTO;
    id->lpa = optional_logs(nvme) | NVME_LPA_EXTENDED;
    id->ctratt = NVME_CTRATT_ENDURANCE_GROUPS;
    id->endgidmax = NVME_ENDURANCE_GROUP;
    id->oacs = optional_commands(nvme, NVME_SET_ADMIN);
    id->oncs = optional_commands(nvme, NVME_SET_NVM) | optional_features(nvme) | NVME_ONCS_SAVE_SELECT;
    id->ocfs = nvme->config->copy_ranges > 0 ? (1 << NVME_COPY_FORMATS) - 1 : 0;
    id->vwc = (uint8_t)(nvme->config->volatile_write_cache | 3 << NVME_VWC_FLUSH_ALL_SHIFT);
}

static void describe_self_test(const struct nvme *nvme, struct nvme_identify_controller *id)
{
    if (!(id->oacs & NVME_OACS_SELF_TEST))
        return;
    id->edstt = (uint16_t)((nvme->config->t_extended_self_test + MINUTE - 1) / MINUTE);
    id->dsto = NVME_DSTO_ONE;
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
    memcpy(id->fr, nvme->subsystem.firmware.slots[nvme->subsystem.firmware.active - 1], sizeof id->fr);
    put_subnqn(nvme, id->subnqn);
    describe_limits(nvme, id);
    describe_abilities(nvme, id);
    describe_self_test(nvme, id);
    describe_power(nvme, id);
    if (nvme_manages_namespaces(nvme->config))
        describe_capacity(nvme, id);
}

// --- lists of controllers: those from CNTID on ---------------------------------------------------------------------

static void fill_controllers(const struct nvme_command *command, void *page)
{
    if (NVME_FIELD(command->sqe.cdw10, NVME_IDENTIFY_CNTID) == 0)
        *(uint16_t *)page = 1; // and its identifier is 0
}

static void fill_attached(const struct nvme_command *command, void *page)
{
    if (command->ns != NULL)
        fill_controllers(command, page);
}

// --- command sets: the NVM one, with no limits beyond MDTS ---------------------------------------------------------

static void fill_io_controller(const struct nvme_command *command, void *page)
{
    (void)command, (void)page;
}

static void fill_command_sets(const struct nvme_command *command, void *page)
{
    (void)command;
    *(uint64_t *)page = 1 << NVME_CSI_NVM;
}

const struct nvme_cns_row nvme_cns_controller = {.value = NVME_CNS_CONTROLLER, .name = "Controller", .fill = fill};

const struct nvme_cns_row nvme_cns_io_controller = {
    .value = NVME_CNS_IO_CONTROLLER, .name = "I/O Command Set specific Controller", .needs = CNS_NVM_SET,
    .fill = fill_io_controller};

const struct nvme_cns_row nvme_cns_attached_controllers = {
    .value = NVME_CNS_ATTACHED_CONTROLLERS, .name = "Controllers attached to a namespace", .needs = CNS_ALLOCATED,
    .offered = nvme_manages_namespaces, .fill = fill_attached};

const struct nvme_cns_row nvme_cns_controllers = {
    .value = NVME_CNS_CONTROLLERS, .name = "Controllers of the subsystem", .offered = nvme_manages_namespaces,
    .fill = fill_controllers};

const struct nvme_cns_row nvme_cns_command_sets = {
    .value = NVME_CNS_COMMAND_SETS, .name = "I/O Command Sets", .fill = fill_command_sets};
