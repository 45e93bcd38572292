// Features of queues and interrupts: NVM Express 1.4, sections 5.21.1.1 (arbitration), 5.21.1.7 (number of queues),
// 5.21.1.8 (interrupt coalescing), 5.21.1.9 (interrupt vector configuration).
#include "nvme/feature/feature.h"
#include "nvme/nvme_internal.h"
#include "nvme/queue/cq_heads.h"
#include "util/macros.h"

// --- arbitration ---------------------------------------------------------------------------------------------------

static uint32_t initial_arbitration(const struct nvme *nvme, uint32_t part, uint8_t *data)
{
    (void)part, (void)data;
    return nvme->config->arbitration_burst;
}

static void arbitration_changed(struct nvme *nvme, uint32_t part, uint32_t value, const uint8_t *data)
{
    (void)part, (void)data;
    nvme_arbiter_configure(&nvme->fetch.arbiter, value);
}

static void reset_arbitration(struct nvme *nvme)
{
    nvme_arbiter_reset(&nvme->fetch.arbiter, initial_arbitration(nvme, 0, NULL));
}

const struct nvme_feature_row nvme_feature_arbitration = {
    .fid = NVME_FEATURE_ARBITRATION,
    .name = "Arbitration",
    .flags = FEATURE_SAVEABLE,
    .reserved = 0x000000f8,
    .initial = initial_arbitration,
    .changed = arbitration_changed,
    .reset = reset_arbitration,
};

// --- number of queues ----------------------------------------------------------------------------------------------

static uint32_t both(uint32_t pairs)
{
    return (pairs - 1) * 0x00010001;
}

static uint32_t initial_queues(const struct nvme *nvme, uint32_t part, uint8_t *data)
{
    (void)part, (void)data;
    return both(nvme->config->max_queues);
}

// Pairs are granted, as many as the larger request asks for; once, until a reset.
static unsigned check_queues(struct nvme *nvme, uint32_t part, uint32_t *value, const uint8_t *data)
{
    uint32_t submission = NVME_FIELD(*value, NVME_QUEUES_NSQR), completion = NVME_FIELD(*value, NVME_QUEUES_NCQR);
    (void)part, (void)data;
    if (submission == NVME_QUEUES_NONE || completion == NVME_QUEUES_NONE)
        return NVME_SC_INVALID_FIELD;
    if (nvme->queues.count > 0)
        return NVME_SC_COMMAND_SEQUENCE;
    if (!nvme->queues.granted)
        nvme->queues.limit = MIN(MAX(submission, completion) + 1, nvme->config->max_queues);
    nvme->queues.granted = true;
    *value = both(nvme->queues.limit);
    return NVME_SC_SUCCESS;
}

static void reset_queues(struct nvme *nvme)
{
    nvme->queues.limit = nvme->config->max_queues;
    nvme->queues.granted = false;
}

const struct nvme_feature_row nvme_feature_number_of_queues = {
    .fid = NVME_FEATURE_NUMBER_OF_QUEUES,
    .name = "Number of Queues",
    .flags = FEATURE_ANSWERS,
    .initial = initial_queues,
    .check = check_queues,
    .reset = reset_queues,
};

// --- interrupts ----------------------------------------------------------------------------------------------------

// Completions that are held back want to know at once what the host has taken.
static unsigned check_coalescing(struct nvme *nvme, uint32_t part, uint32_t *value, const uint8_t *data)
{
    (void)part, (void)value, (void)data;
    cq_heads_become_events(nvme);
    return NVME_SC_SUCCESS;
}

const struct nvme_feature_row nvme_feature_interrupt_coalescing = {
    .fid = NVME_FEATURE_INTERRUPT_COALESCING,
    .name = "Interrupt Coalescing",
    .flags = FEATURE_SAVEABLE,
    .reserved = 0xffff0000,
    .check = check_coalescing,
};

static uint32_t count_vectors(const struct nvme *nvme)
{
    return nvme->config->msix_vectors;
}

static bool find_vector(const struct nvme *nvme, uint32_t cdw11, bool set, uint32_t *part)
{
    (void)set;
    *part = NVME_FIELD(cdw11, NVME_VECTOR_IV);
    return *part < nvme->config->msix_vectors;
}

static uint32_t initial_vector(const struct nvme *nvme, uint32_t part, uint8_t *data)
{
    (void)nvme, (void)data;
    return part;
}

static void vector_changed(struct nvme *nvme, uint32_t part, uint32_t value, const uint8_t *data)
{
    (void)data;
    nvme->interrupts.vectors[part].coalescing_disabled = NVME_FIELD(value, NVME_VECTOR_CD);
}

const struct nvme_feature_row nvme_feature_interrupt_vector = {
    .fid = NVME_FEATURE_INTERRUPT_VECTOR,
    .name = "Interrupt Vector Configuration",
    .flags = FEATURE_SAVEABLE,
    .reserved = 0xfffe0000,
    .selects = NVME_VECTOR_IV_MASK,
    .parts = count_vectors,
    .part = find_vector,
    .initial = initial_vector,
    .changed = vector_changed,
};
