// Identify of namespaces: NVM Express 1.4, sections 5.15.2.1 (data structure), 5.15.2.3 (active ones), 5.15.2.4
// (identification descriptors).
#include <string.h>

#include "nvme/identify/cns.h"
#include "nvme/identify/identity.h"
#include "nvme/nvme_internal.h"

// The namespace's EUI-64, made of a locally administered OUI and the serial number.
static void put_eui64(const struct nvme *nvme, uint8_t eui64[8])
{
    uint64_t hash = identity_hash(0, nvme->config->serial_number);
    memcpy(eui64, (uint8_t[]){NVME_OUI_0, NVME_OUI_1, NVME_OUI_2}, 3);
    memcpy(eui64 + 3, &hash, 5);
}

static void fill_namespace(const struct nvme_command *command, void *page)
{
    const struct nvme_namespace *ns = command->ns;
    struct nvme_identify_namespace *id = page;
    id->nsze = id->ncap = id->nuse = ns->blocks;
    id->dlfeat = NVME_DLFEAT_READS_ZERO | NVME_DLFEAT_WRITE_ZEROES_DEAC;
    id->nvmcap.low = ns->blocks << ns->lba_shift;
    put_eui64(command->nvme, id->eui64);
    id->lbaf[0].lbads = (uint8_t)ns->lba_shift;
}

// Ascending identifiers above the one given.
static void fill_active(const struct nvme_command *command, void *page)
{
    const struct nvme_namespace *namespaces = command->nvme->subsystem.namespaces;
    uint32_t *list = page;
    for (uint32_t i = 0; i < NVME_NAMESPACES; i++)
        if (namespaces[i].nsid > command->sqe.nsid)
            *list++ = namespaces[i].nsid;
}

// One identifier: a copy of Identify Namespace's EUI-64.
static void fill_descriptors(const struct nvme_command *command, void *page)
{
    struct nvme_namespace_descriptor descriptor = {.nidt = NVME_NIDT_EUI64, .nidl = 8};
    memcpy(page, &descriptor, sizeof descriptor);
    put_eui64(command->nvme, (uint8_t *)page + sizeof descriptor);
}

const struct nvme_cns_row nvme_cns_namespace = {
    .value = NVME_CNS_NAMESPACE, .needs = CNS_NAMESPACE, .fill = fill_namespace};

const struct nvme_cns_row nvme_cns_active_namespaces = {
    .value = NVME_CNS_ACTIVE_NAMESPACES, .needs = CNS_LIST_START, .fill = fill_active};

const struct nvme_cns_row nvme_cns_descriptors = {
    .value = NVME_CNS_NAMESPACE_DESCRIPTORS, .needs = CNS_NAMESPACE, .fill = fill_descriptors};
