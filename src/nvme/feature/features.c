// Get Features and Set Features: NVM Express 1.4, sections 5.14, 5.21, by feature identifier.
//
// No feature can be saved over a reset, so the saved value is the default one (5.14). Error recovery and write
// atomicity keep what the host sets: the drive retries as its error model says, and writes of a logical block are
// atomic anyhow.
#include "nvme/feature/features.h"

#include "nvme/queue/cq_heads.h"
#include "nvme/admin/events.h"
#include "nvme/feature/feature.h"
#include "nvme/io/io.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

// --- arbitration ---------------------------------------------------------------------------------------------------

static uint32_t initial_arbitration(const struct nvme *nvme)
{
    return nvme->config->arbitration_burst;
}

static unsigned set_arbitration(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    (void)dw0;
    nvme->features.value[NVME_FEATURE_ARBITRATION] = value;
    nvme_arbiter_configure(&nvme->fetch.arbiter, value);
    return NVME_SC_SUCCESS;
}

// --- temperature ---------------------------------------------------------------------------------------------------

static uint32_t initial_temperature(const struct nvme *nvme)
{
    return nvme->config->warning_temperature;
}

// Only the composite temperature is there; `under` selects the lower threshold.
static bool select_threshold(uint32_t value, bool all_allowed, bool *under)
{
    uint32_t sensor = NVME_FIELD(value, NVME_TEMPERATURE_TMPSEL), type = NVME_FIELD(value, NVME_TEMPERATURE_THSEL);
    *under = type == 1;
    return type <= 1 && (sensor == 0 || (all_allowed && sensor == NVME_TEMPERATURE_TMPSEL_ALL));
}

static unsigned set_temperature(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    bool under;
    (void)dw0;
    if (!select_threshold(value, true, &under))
        return NVME_SC_INVALID_FIELD;
    if (under)
        nvme->features.under_temperature = NVME_FIELD(value, NVME_TEMPERATURE_TMPTH);
    else
        nvme->features.value[NVME_FEATURE_TEMPERATURE_THRESHOLD] = NVME_FIELD(value, NVME_TEMPERATURE_TMPTH);
    events_check_health(nvme);
    return NVME_SC_SUCCESS;
}

static bool get_temperature(const struct nvme *nvme, uint32_t selector, bool initial, uint32_t *value)
{
    bool under;
    if (!select_threshold(selector, false, &under))
        return false;
    if (under)
        *value = initial ? 0 : nvme->features.under_temperature;
    else
        *value = initial ? initial_temperature(nvme) : nvme->features.value[NVME_FEATURE_TEMPERATURE_THRESHOLD];
    return true;
}

// --- queues and interrupts -----------------------------------------------------------------------------------------

static uint32_t initial_queues(const struct nvme *nvme)
{
    return (nvme->config->max_queues - 1) * 0x00010001;
}

static unsigned set_queues(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    uint32_t submission = NVME_FIELD(value, NVME_QUEUES_NSQR), completion = NVME_FIELD(value, NVME_QUEUES_NCQR);
    if (submission == NVME_QUEUES_NONE || completion == NVME_QUEUES_NONE)
        return NVME_SC_INVALID_FIELD;
    if (nvme->queues.count > 0)
        return NVME_SC_COMMAND_SEQUENCE;
    // Pairs are granted, as many as the larger request asks for; once, until a reset (5.21.1.7).
    if (!nvme->queues.granted)
        nvme->queues.limit = MIN(MAX(submission, completion) + 1, nvme->config->max_queues);
    nvme->queues.granted = true;
    *dw0 = (nvme->queues.limit - 1) * 0x00010001;
    nvme->features.value[NVME_FEATURE_NUMBER_OF_QUEUES] = *dw0;
    return NVME_SC_SUCCESS;
}

// Completions that are held back want to know at once what the host has taken.
static unsigned set_coalescing(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    (void)dw0;
    cq_heads_become_events(nvme);
    nvme->features.value[NVME_FEATURE_INTERRUPT_COALESCING] = value;
    return NVME_SC_SUCCESS;
}

static unsigned set_vector(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    uint32_t vector = NVME_FIELD(value, NVME_VECTOR_IV);
    (void)dw0;
    if (vector >= nvme->config->msix_vectors)
        return NVME_SC_INVALID_FIELD;
    nvme->interrupts.vectors[vector].coalescing_disabled = NVME_FIELD(value, NVME_VECTOR_CD);
    return NVME_SC_SUCCESS;
}

static bool get_vector(const struct nvme *nvme, uint32_t selector, bool initial, uint32_t *value)
{
    uint32_t vector = NVME_FIELD(selector, NVME_VECTOR_IV);
    if (vector >= nvme->config->msix_vectors)
        return false;
    bool disabled = !initial && nvme->interrupts.vectors[vector].coalescing_disabled;
    *value = vector | (uint32_t)disabled << NVME_VECTOR_CD_SHIFT;
    return true;
}

// --- others --------------------------------------------------------------------------------------------------------

static uint32_t initial_write_cache(const struct nvme *nvme)
{
    return nvme->config->volatile_write_cache;
}

static bool has_write_cache(const struct nvme *nvme)
{
    return nvme->config->volatile_write_cache; // 5.21.1.6: not supported without
}

// What a cache holds that is switched off is written out.
static void apply_write_cache(struct nvme_command *command)
{
    if (command->nvme->features.value[NVME_FEATURE_VOLATILE_WRITE_CACHE])
        command_complete(command);
    else
        io_flush(command);
}

static unsigned set_events(struct nvme *nvme, uint32_t value, uint32_t *dw0)
{
    (void)dw0;
    nvme->features.value[NVME_FEATURE_ASYNC_EVENT] = value;
    events_check_health(nvme);
    return NVME_SC_SUCCESS;
}

// --- rows ----------------------------------------------------------------------------------------------------------

static void reset_arbitration(struct nvme *nvme)
{
    nvme_arbiter_reset(&nvme->fetch.arbiter, initial_arbitration(nvme));
}

static void reset_temperature(struct nvme *nvme)
{
    nvme->features.under_temperature = 0;
}

static void reset_queues(struct nvme *nvme)
{
    nvme->queues.limit = nvme->config->max_queues;
    nvme->queues.granted = false;
}

static void reset_vectors(struct nvme *nvme)
{
    for (uint32_t vector = 0; vector < nvme->config->msix_vectors; vector++)
        nvme->interrupts.vectors[vector].coalescing_disabled = false;
}

const struct nvme_feature_row nvme_feature_arbitration = {
    .fid = NVME_FEATURE_ARBITRATION,
    .reserved = 0x000000f8,
    .initial = initial_arbitration,
    .set = set_arbitration,
    .reset = reset_arbitration,
};

const struct nvme_feature_row nvme_feature_power_management = {
    .fid = NVME_FEATURE_POWER_MANAGEMENT,
    .reserved = 0xffffff1f, // one power state; any workload hint
};

const struct nvme_feature_row nvme_feature_temperature_threshold = {
    .fid = NVME_FEATURE_TEMPERATURE_THRESHOLD,
    .reserved = 0xffc00000,
    .initial = initial_temperature,
    .set = set_temperature,
    .get = get_temperature,
    .reset = reset_temperature,
};

const struct nvme_feature_row nvme_feature_error_recovery = {
    .fid = NVME_FEATURE_ERROR_RECOVERY,
    .scope = SCOPE_NAMESPACE,
    .reserved = 0xffff0000, // DULBE is not offered
};

const struct nvme_feature_row nvme_feature_volatile_write_cache = {
    .fid = NVME_FEATURE_VOLATILE_WRITE_CACHE,
    .reserved = 0xfffffffe,
    .initial = initial_write_cache,
    .offered = has_write_cache,
    .apply = apply_write_cache,
};

const struct nvme_feature_row nvme_feature_number_of_queues = {
    .fid = NVME_FEATURE_NUMBER_OF_QUEUES,
    .initial = initial_queues,
    .set = set_queues,
    .reset = reset_queues,
};

const struct nvme_feature_row nvme_feature_interrupt_coalescing = {
    .fid = NVME_FEATURE_INTERRUPT_COALESCING,
    .reserved = 0xffff0000,
    .set = set_coalescing,
};

const struct nvme_feature_row nvme_feature_interrupt_vector = {
    .fid = NVME_FEATURE_INTERRUPT_VECTOR,
    .reserved = 0xfffe0000,
    .set = set_vector,
    .get = get_vector,
    .reset = reset_vectors,
};

const struct nvme_feature_row nvme_feature_write_atomicity = {
    .fid = NVME_FEATURE_WRITE_ATOMICITY,
    .reserved = 0xfffffffe,
};

const struct nvme_feature_row nvme_feature_async_event = {
    .fid = NVME_FEATURE_ASYNC_EVENT,
    .reserved = 0xfffffe00,
    .set = set_events,
};

// --- Get Features, Set Features ------------------------------------------------------------------------------------

#define FEATURE_ROW(name) &nvme_feature_##name,
static const struct nvme_feature_row *const rows[] = {NVME_FEATURE_LIST(FEATURE_ROW)};

static uint32_t initial_value(const struct nvme *nvme, const struct nvme_feature_row *row)
{
    return row->initial == NULL ? row->initial_value : row->initial(nvme);
}

void features_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        nvme->features.value[rows[i]->fid] = initial_value(nvme, rows[i]);
        if (rows[i]->reset != NULL)
            rows[i]->reset(nvme);
    }
}

static const struct nvme_feature_row *find(const struct nvme *nvme, uint32_t fid)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i]->fid == fid && (rows[i]->offered == NULL || rows[i]->offered(nvme)))
            return rows[i];
    return NULL;
}

// The value that Get Features asks for; false when CDW11 selects none.
static bool get_value(const struct nvme *nvme, const struct nvme_feature_row *feature, uint32_t select,
                      uint32_t selector, uint32_t *value)
{
    bool initial = select == NVME_SELECT_DEFAULT || select == NVME_SELECT_SAVED;
    if (select == NVME_SELECT_CAPABILITIES)
        *value = NVME_FEATURE_CAN_CHANGE | (feature->scope == SCOPE_NAMESPACE ? NVME_FEATURE_PER_NAMESPACE : 0);
    else if (feature->get != NULL)
        return feature->get(nvme, selector, initial, value);
    else
        *value = initial ? initial_value(nvme, feature) : nvme->features.value[feature->fid];
    return true;
}

// Whether the namespace identifier is one, and suits the feature's scope: 5.14, 5.21, 6.1.4. Set may name all
// namespaces, not none; Get one, or none, as hosts ask that do not look at the scope.
static unsigned check_scope(const struct nvme_command *command, enum nvme_feature_scope scope, bool set)
{
    uint32_t nsid = command->sqe.nsid;
    if (nsid != 0 && command->ns == NULL && nsid != NVME_NSID_ALL)
        return NVME_SC_INVALID_NAMESPACE;
    if (scope == SCOPE_CONTROLLER)
        return set && command->ns != NULL ? NVME_SC_FEATURE_NOT_NAMESPACE_SPECIFIC : NVME_SC_SUCCESS;
    return nsid == (set ? 0 : NVME_NSID_ALL) ? NVME_SC_INVALID_NAMESPACE : NVME_SC_SUCCESS;
}

static void get_features(struct nvme_command *command)
{
    const struct nvme *nvme = command->nvme;
    uint32_t select = NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_SEL);
    const struct nvme_feature_row *feature = find(nvme, NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_FID));
    unsigned status = feature == NULL ? NVME_SC_SUCCESS : check_scope(command, feature->scope, false);
    if (feature == NULL)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
    else if (select > NVME_SELECT_CAPABILITIES)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_SELECT);
    else if (status != NVME_SC_SUCCESS)
        command_fail(command, status, AT_NSID);
    else if (!get_value(nvme, feature, select, command->sqe.cdw11, &command->dw0))
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW11);
    else
        command_complete(command);
}

// Returns a status.
static unsigned take_value(struct nvme_command *command, const struct nvme_feature_row *feature)
{
    uint32_t value = command->sqe.cdw11;
    if (value & feature->reserved)
        return NVME_SC_INVALID_FIELD;
    if (feature->set != NULL)
        return feature->set(command->nvme, value, &command->dw0);
    command->nvme->features.value[feature->fid] = value;
    return NVME_SC_SUCCESS;
}

static void set_value(struct nvme_command *command, const struct nvme_feature_row *feature)
{
    unsigned status = take_value(command, feature);
    if (status != NVME_SC_SUCCESS)
        command_fail(command, status, AT_CDW11);
    else if (feature->apply != NULL)
        feature->apply(command);
    else
        command_complete(command);
}

static void set_features(struct nvme_command *command)
{
    const struct nvme_feature_row *feature =
        find(command->nvme, NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_FID));
    unsigned status = feature == NULL ? NVME_SC_SUCCESS : check_scope(command, feature->scope, true);
    if (feature == NULL)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
    else if (NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_SV))
        command_fail(command, NVME_SC_FEATURE_NOT_SAVEABLE, AT_SAVE);
    else if (status != NVME_SC_SUCCESS)
        command_fail(command, status, AT_NSID);
    else
        set_value(command, feature);
}

const struct nvme_opcode nvme_opcode_get_features = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_GET_FEATURES,
    .name = "Get Features",
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = get_features,
};

const struct nvme_opcode nvme_opcode_set_features = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_SET_FEATURES,
    .name = "Set Features",
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = set_features,
};
