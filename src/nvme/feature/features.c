// Get Features and Set Features: NVM Express 1.4, sections 5.14, 5.21, by feature identifier; and the values.
//
// A reset gives each feature what was saved for it, or else its default value (7.8). Saved values outlive all resets.
#include "nvme/feature/features.h"

#include <stdlib.h>
#include <string.h>

#include "nvme/command/command_buffer.h"
#include "nvme/command/prp.h"
#include "nvme/nvme_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

#define FEATURE_ROW(name) &nvme_feature_##name,
const struct nvme_feature_row *const nvme_feature_rows[NVME_FEATURE_COUNT] = {NVME_FEATURE_LIST(FEATURE_ROW)};

enum { DOUBLEWORD = sizeof(uint32_t) };

// --- values --------------------------------------------------------------------------------------------------------

static uint32_t index_of(const struct nvme_feature_row *row)
{
    uint32_t index = 0;
    while (nvme_feature_rows[index] != row)
        index++;
    return index;
}

static uint32_t count_parts(const struct nvme *nvme, const struct nvme_feature_row *row)
{
    if (row->parts != NULL)
        return row->parts(nvme);
    return row->scope == SCOPE_NAMESPACE ? nvme->subsystem.limit : 1;
}

static uint32_t get_value(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static void put_initial(const struct nvme *nvme, const struct nvme_feature_row *row, uint32_t part, uint8_t *to)
{
    memset(to, 0, DOUBLEWORD + row->bytes);
    uint32_t value = row->initial == NULL ? row->initial_value : row->initial(nvme, part, to + DOUBLEWORD);
    memcpy(to, &value, sizeof value);
}

static void create_values(struct nvme *nvme, const struct nvme_feature_row *row, struct nvme_feature_values *values)
{
    values->parts = count_parts(nvme, row);
    values->stride = DOUBLEWORD + row->bytes;
    size_t bytes = (size_t)values->parts * values->stride;
    values->current = xcalloc(3, bytes);
    values->saved = values->current + bytes;
    values->initial = values->saved + bytes;
    for (uint32_t part = 0; part < values->parts; part++)
        put_initial(nvme, row, part, values->initial + (size_t)part * values->stride);
    memcpy(values->saved, values->initial, bytes);
}

void features_create(struct nvme *nvme)
{
    for (uint32_t i = 0; i < NVME_FEATURE_COUNT; i++)
        create_values(nvme, nvme_feature_rows[i], &nvme->features.values[i]);
}

void features_destroy(struct nvme *nvme)
{
    for (uint32_t i = 0; i < NVME_FEATURE_COUNT; i++)
        free(nvme->features.values[i].current);
}

// The part's current value has become another one.
static void take_effect(struct nvme *nvme, uint32_t index, uint32_t part)
{
    const struct nvme_feature_row *row = nvme_feature_rows[index];
    const struct nvme_feature_values *values = &nvme->features.values[index];
    const uint8_t *at = values->current + (size_t)part * values->stride;
    if (part == 0)
        nvme->features.value[row->fid] = get_value(at);
    if (row->changed != NULL)
        row->changed(nvme, part, get_value(at), at + DOUBLEWORD);
}

void features_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    for (uint32_t i = 0; i < NVME_FEATURE_COUNT; i++) {
        struct nvme_feature_values *values = &nvme->features.values[i];
        if (nvme_feature_rows[i]->reset != NULL)
            nvme_feature_rows[i]->reset(nvme);
        memcpy(values->current, values->saved, (size_t)values->parts * values->stride);
        for (uint32_t part = 0; part < values->parts; part++)
            take_effect(nvme, i, part);
    }
}

void features_forget_namespace(struct nvme *nvme, uint32_t nsid)
{
    for (uint32_t i = 0; i < NVME_FEATURE_COUNT; i++) {
        const struct nvme_feature_row *row = nvme_feature_rows[i];
        const struct nvme_feature_values *values = &nvme->features.values[i];
        size_t at = (size_t)(nsid - 1) * values->stride;
        if (row->scope != SCOPE_NAMESPACE)
            continue;
        put_initial(nvme, row, nsid - 1, values->initial + at);
        memcpy(values->saved + at, values->initial + at, values->stride);
        memcpy(values->current + at, values->initial + at, values->stride);
        take_effect(nvme, i, nsid - 1);
    }
}

// --- which feature, and which part of it ---------------------------------------------------------------------------

bool nvme_feature_offered(const struct nvme *nvme, const struct nvme_feature_row *row)
{
    return row->offered == NULL || row->offered(nvme);
}

static const struct nvme_feature_row *find(const struct nvme *nvme, uint32_t fid)
{
    for (uint32_t i = 0; i < NVME_FEATURE_COUNT; i++)
        if (nvme_feature_rows[i]->fid == fid && nvme_feature_offered(nvme, nvme_feature_rows[i]))
            return nvme_feature_rows[i];
    return NULL;
}

// The part that the command names; of namespaces Get Features may name none, which is then the first.
static bool find_part(const struct nvme_command *command, const struct nvme_feature_row *row, bool set, uint32_t *part)
{
    uint32_t nsid = command->sqe.nsid;
    *part = 0;
    if (row->scope == SCOPE_NAMESPACE)
        *part = nsid == NVME_NSID_ALL ? FEATURE_ALL_PARTS : MAX(nsid, 1) - 1;
    return row->part == NULL || row->part(command->nvme, command->sqe.cdw11, set, part);
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

// --- Get Features --------------------------------------------------------------------------------------------------

static uint32_t capabilities(const struct nvme_feature_row *row)
{
    return NVME_FEATURE_CAN_CHANGE | (row->flags & FEATURE_SAVEABLE ? NVME_FEATURE_CAN_SAVE : 0) |
           (row->scope == SCOPE_NAMESPACE ? NVME_FEATURE_PER_NAMESPACE : 0);
}

static const uint8_t *select_value(const struct nvme_feature_values *values, uint32_t select, uint32_t part)
{
    const uint8_t *const kinds[] = {
        [NVME_SELECT_CURRENT] = values->current,
        [NVME_SELECT_DEFAULT] = values->initial,
        [NVME_SELECT_SAVED] = values->saved,
    };
    return kinds[select] + (size_t)part * values->stride;
}

static void answer(struct nvme_command *command, const struct nvme_feature_row *row, uint32_t part)
{
    const struct nvme *nvme = command->nvme;
    uint32_t select = NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_SEL);
    const uint8_t *value = select_value(&nvme->features.values[index_of(row)], select, part);
    uint8_t *data = NULL;
    command->dw0 = get_value(value);
    if (row->bytes > 0) {
        command_buffer_attach(command, row->bytes, true);
        data = command->buffer->data;
        memcpy(data, value + DOUBLEWORD, row->bytes);
    }
    if (row->show != NULL && select == NVME_SELECT_CURRENT)
        command->dw0 = row->show(nvme, command->dw0, data);
    if (row->bytes > 0)
        prp_answer(command);
    else
        command_complete(command);
}

static void get_features(struct nvme_command *command)
{
    uint32_t part, select = NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_SEL);
    const struct nvme_feature_row *row = find(command->nvme, NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_FID));
    unsigned status = row == NULL ? NVME_SC_SUCCESS : check_scope(command, row->scope, false);
    if (row == NULL) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
    } else if (select > NVME_SELECT_CAPABILITIES) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_SELECT);
    } else if (status != NVME_SC_SUCCESS) {
        command_fail(command, status, AT_NSID);
    } else if (select == NVME_SELECT_CAPABILITIES) {
        command->dw0 = capabilities(row);
        command_complete(command);
    } else if (!find_part(command, row, false, &part)) {
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW11);
    } else {
        answer(command, row, part);
    }
}

// --- Set Features --------------------------------------------------------------------------------------------------

static void store(struct nvme_command *command, uint32_t index, uint32_t part, uint32_t value)
{
    const struct nvme_feature_row *row = nvme_feature_rows[index];
    const struct nvme_feature_values *values = &command->nvme->features.values[index];
    size_t at = (size_t)part * values->stride;
    uint32_t selected = get_value(values->initial + at) & row->selects;
    value = (value & ~row->selects) | selected;
    memcpy(values->current + at, &value, sizeof value);
    if (command->data_bytes > 0)
        memcpy(values->current + at + DOUBLEWORD, command->buffer->data, command->data_bytes);
    if (NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_SV))
        memcpy(values->saved + at, values->current + at, values->stride);
    take_effect(command->nvme, index, part);
}

// Returns a status.
static unsigned take_value(struct nvme_command *command, const struct nvme_feature_row *row)
{
    uint32_t value = command->sqe.cdw11, part, index = index_of(row);
    if ((value & row->reserved) || !find_part(command, row, true, &part))
        return NVME_SC_INVALID_FIELD;
    uint32_t first = part == FEATURE_ALL_PARTS ? 0 : part;
    uint32_t end = part == FEATURE_ALL_PARTS ? command->nvme->features.values[index].parts : part + 1;
    const uint8_t *data = command->data_bytes > 0 ? command->buffer->data : NULL;
    unsigned status = row->check == NULL ? NVME_SC_SUCCESS : row->check(command->nvme, first, &value, data);
    if (status != NVME_SC_SUCCESS)
        return status;
    for (part = first; part < end; part++)
        store(command, index, part, value);
    command->dw0 = row->flags & FEATURE_ANSWERS ? value : 0;
    return NVME_SC_SUCCESS;
}

static void set_value(struct nvme_command *command)
{
    const struct nvme_feature_row *row = find(command->nvme, NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_FID));
    unsigned status = take_value(command, row);
    if (status != NVME_SC_SUCCESS)
        command_fail(command, status, AT_CDW11);
    else if (row->apply != NULL)
        row->apply(command);
    else
        command_complete(command);
}

static void set_features(struct nvme_command *command)
{
    const struct nvme_feature_row *row = find(command->nvme, NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_FID));
    unsigned status = row == NULL ? NVME_SC_SUCCESS : check_scope(command, row->scope, true);
    if (row == NULL)
        command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
    else if (NVME_FIELD(command->sqe.cdw10, NVME_FEATURE_SV) && !(row->flags & FEATURE_SAVEABLE))
        command_fail(command, NVME_SC_FEATURE_NOT_SAVEABLE, AT_SAVE);
    else if (status != NVME_SC_SUCCESS)
        command_fail(command, status, AT_NSID);
    else if (row->bytes > 0)
        prp_take(command, row->used == NULL ? row->bytes : row->used(command->sqe.cdw11), set_value);
    else
        set_value(command);
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
