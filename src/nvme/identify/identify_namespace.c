// Identify of namespaces: NVM Express 1.4, sections 5.15.2.1 (data structure), 5.15.2.3 (active ones), 5.15.2.4
// (identification descriptors), 5.15.2.7 to 5.15.2.8 (allocated ones); NVM Express Base 2.0, 5.17.2 for those that tell
// of a command set or are independent of it.
#include <string.h>

#include "nvme/identify/cns.h"
#include "nvme/identify/identity.h"
#include "nvme/nvme_internal.h"

// The namespace's EUI-64, made of a locally administered OUI, the serial number and its identifier.
static void put_eui64(const struct nvme *nvme, uint32_t nsid, uint8_t eui64[8])
{
    uint64_t hash = identity_hash(nsid - 1, nvme->config->serial_number);
    memcpy(eui64, (uint8_t[]){NVME_OUI_0, NVME_OUI_1, NVME_OUI_2}, 3);
    memcpy(eui64 + 3, &hash, 5);
}

// What all namespaces have.
static void describe_common(struct nvme_identify_namespace *id)
{
    id->nlbaf = NVME_LBA_FORMATS - 1;
    id->dlfeat = NVME_DLFEAT_READS_ZERO | NVME_DLFEAT_WRITE_ZEROES_DEAC;
    for (unsigned format = 0; format < NVME_LBA_FORMATS; format++)
        id->lbaf[format].lbads = (uint8_t)(NVME_LBA_SHIFT_MIN + format);
}

static void describe_copy(const struct nvme_config *config, struct nvme_identify_namespace *id)
{
    if (config->copy_ranges == 0)
        return;
    id->mssrl = (uint16_t)config->copy_range_blocks;
    id->mcl = config->copy_blocks;
    id->msrc = (uint8_t)(config->copy_ranges - 1);
}

static void describe(const struct nvme *nvme, const struct nvme_namespace *ns, struct nvme_identify_namespace *id)
{
    describe_common(id);
    describe_copy(nvme->config, id);
    id->nsze = id->ncap = id->nuse = ns->blocks;
    id->flbas = (uint8_t)(ns->lba_shift - NVME_LBA_SHIFT_MIN);
    id->nvmcap.low = namespace_bytes(ns);
    id->endgid = NVME_ENDURANCE_GROUP;
    put_eui64(nvme, ns->nsid, id->eui64);
}

static void fill_namespace(const struct nvme_command *command, void *page)
{
    if (command->sqe.nsid == NVME_NSID_ALL)
        describe_common(page);
    else if (command->ns != NULL)
        describe(command->nvme, command->ns, page);
}

static void fill_allocated(const struct nvme_command *command, void *page)
{
    const struct nvme_namespace *ns = subsystem_find(&command->nvme->subsystem, command->sqe.nsid);
    if (ns != NULL)
        describe(command->nvme, ns, page);
}

// --- lists: ascending identifiers above the one given --------------------------------------------------------------

static void fill_list(const struct nvme_command *command, uint32_t *list, bool active)
{
    struct nvme_subsystem *subsystem = &command->nvme->subsystem;
    for (uint32_t nsid = command->sqe.nsid + 1; nsid <= subsystem->limit; nsid++)
        if (active ? subsystem_namespace(subsystem, nsid) != NULL : subsystem_find(subsystem, nsid) != NULL)
            *list++ = nsid;
}

static void fill_active_list(const struct nvme_command *command, void *page)
{
    fill_list(command, page, true);
}

static void fill_allocated_list(const struct nvme_command *command, void *page)
{
    fill_list(command, page, false);
}

// --- identification descriptors ------------------------------------------------------------------------------------

static uint8_t *put_descriptor(uint8_t *to, enum nvme_nidt nidt, const void *identifier, uint8_t bytes)
{
    struct nvme_namespace_descriptor descriptor = {.nidt = (uint8_t)nidt, .nidl = bytes};
    memcpy(to, &descriptor, sizeof descriptor);
    memcpy(to + sizeof descriptor, identifier, bytes);
    return to + sizeof descriptor + bytes;
}

// A copy of Identify Namespace's EUI-64, and the command set.
static void fill_descriptors(const struct nvme_command *command, void *page)
{
    uint8_t eui64[8], csi = NVME_CSI_NVM;
    put_eui64(command->nvme, command->ns->nsid, eui64);
    put_descriptor(put_descriptor(page, NVME_NIDT_EUI64, eui64, sizeof eui64), NVME_NIDT_CSI, &csi, sizeof csi);
}

// --- what the command set adds: no protection information, and no format beyond those above ------------------------

static void fill_nothing(const struct nvme_command *command, void *page)
{
    (void)command, (void)page;
}

static void fill_independent(const struct nvme_command *command, void *page)
{
    struct nvme_independent_namespace *id = page;
    id->endgid = command->ns != NULL ? NVME_ENDURANCE_GROUP : 0;
    id->nstat = command->ns != NULL; // ready
}

const struct nvme_cns_row nvme_cns_namespace = {
    .value = NVME_CNS_NAMESPACE, .name = "Namespace", .needs = CNS_VALID | CNS_COMMON, .fill = fill_namespace};

const struct nvme_cns_row nvme_cns_active_namespaces = {
    .value = NVME_CNS_ACTIVE_NAMESPACES, .name = "Active Namespace ID list", .needs = CNS_LIST_START,
    .fill = fill_active_list};

const struct nvme_cns_row nvme_cns_descriptors = {
    .value = NVME_CNS_NAMESPACE_DESCRIPTORS, .name = "Namespace Identification Descriptor list", .needs = CNS_ACTIVE,
    .fill = fill_descriptors};

const struct nvme_cns_row nvme_cns_io_namespace = {
    .value = NVME_CNS_IO_NAMESPACE, .name = "I/O Command Set specific Namespace", .needs = CNS_VALID | CNS_NVM_SET,
    .fill = fill_nothing};

const struct nvme_cns_row nvme_cns_io_active_namespaces = {
    .value = NVME_CNS_IO_ACTIVE_NAMESPACES, .name = "I/O Command Set specific Active Namespace ID list",
    .needs = CNS_LIST_START | CNS_NVM_SET, .fill = fill_active_list};

const struct nvme_cns_row nvme_cns_independent_namespace = {
    .value = NVME_CNS_INDEPENDENT_NAMESPACE, .name = "I/O Command Set independent Namespace", .needs = CNS_VALID,
    .fill = fill_independent};

const struct nvme_cns_row nvme_cns_allocated_namespaces = {
    .value = NVME_CNS_ALLOCATED_NAMESPACES, .name = "Allocated Namespace ID list", .needs = CNS_LIST_START,
    .offered = nvme_manages_namespaces, .fill = fill_allocated_list};

const struct nvme_cns_row nvme_cns_allocated_namespace = {
    .value = NVME_CNS_ALLOCATED_NAMESPACE, .name = "Namespace of an allocated NSID", .needs = CNS_ALLOCATED,
    .offered = nvme_manages_namespaces, .fill = fill_allocated};

const struct nvme_cns_row nvme_cns_io_allocated_namespaces = {
    .value = NVME_CNS_IO_ALLOCATED_NAMESPACES, .name = "I/O Command Set specific Allocated Namespace ID list",
    .needs = CNS_LIST_START | CNS_NVM_SET, .offered = nvme_manages_namespaces, .fill = fill_allocated_list};

const struct nvme_cns_row nvme_cns_io_allocated_namespace = {
    .value = NVME_CNS_IO_ALLOCATED_NAMESPACE, .name = "I/O Command Set specific Namespace of an allocated NSID",
    .needs = CNS_ALLOCATED | CNS_NVM_SET, .offered = nvme_manages_namespaces, .fill = fill_nothing};
