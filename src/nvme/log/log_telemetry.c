// Telemetry: NVM Express 1.4, sections 5.14.1.7 (host-initiated), 5.14.1.8 (controller-initiated), 8.14.
//
// The host has the controller capture its state, and reads it in blocks of 512 bytes as often as it likes. What is
// captured is the front-end's statistics, a line of text each: name and value. All of it is in data area 1. The
// controller itself never captures anything.
#include <stdio.h>
#include <string.h>

#include "nvme/identify/identity.h"
#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"

enum { BLOCK = NVME_TELEMETRY_BLOCK, DATA = NVME_TELEMETRY_DATA_BYTES, CREATE = 1 << 8 /* LSP, CDW10 */ };

static double value_of(const struct nvme_stats *stats, const struct stat_field *field)
{
    const char *at = (const char *)stats + field->offset;
    return field->type == STAT_REAL ? *(const double *)at : (double)*(const uint64_t *)at;
}

static void capture(struct nvme *nvme)
{
    struct nvme_telemetry *telemetry = &nvme->telemetry;
    size_t length = 0;
    memset(telemetry->data, 0, sizeof telemetry->data);
    for (size_t i = 0; i < nvme_stat_field_count && length < DATA; i++)
        length += (size_t)snprintf(telemetry->data + length, DATA - length, "%s %.15g\n", nvme_stat_fields[i].name,
                                   value_of(&nvme->stats, &nvme_stat_fields[i]));
    telemetry->generation++;
}

static size_t size(const struct nvme *nvme)
{
    (void)nvme;
    return BLOCK + DATA;
}

static struct nvme_telemetry_log header_of(uint8_t lid, bool has_data)
{
    uint16_t last = has_data ? DATA / BLOCK : 0;
    return (struct nvme_telemetry_log){.lid = lid, .ieee = {NVME_OUI_2, NVME_OUI_1, NVME_OUI_0},
                                       .area_last = {last, last, last}};
}

// The parts of the header and of the data that lie within.
static void put(uint8_t *to, size_t offset, size_t bytes, const struct nvme_telemetry_log *header, const char *data)
{
    for (size_t i = 0; i < bytes; i++) {
        size_t at = offset + i;
        to[i] = at < BLOCK ? ((const uint8_t *)header)[at] : (uint8_t)data[at - BLOCK];
    }
}

static void fill_host(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    const struct nvme_telemetry *telemetry = &command->nvme->telemetry;
    struct nvme_telemetry_log header = header_of(NVME_LOG_TELEMETRY_HOST, telemetry->generation > 0);
    header.host_generation = (uint8_t)telemetry->generation;
    put(to, offset, bytes, &header, telemetry->data);
}

static void fill_controller(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    static const char nothing[DATA];
    struct nvme_telemetry_log header = header_of(NVME_LOG_TELEMETRY_CONTROLLER, false);
    (void)command;
    put(to, offset, bytes, &header, nothing);
}

// Whole blocks are asked for.
static unsigned check_controller(struct nvme_command *command)
{
    const struct nvme_sqe *sqe = &command->sqe;
    uint32_t low = NVME_FIELD(sqe->cdw10, NVME_LOG_NUMDL), doublewords = low + 1;
    return doublewords % (BLOCK / 4) != 0 || sqe->cdw12 % BLOCK != 0 ? NVME_SC_INVALID_FIELD : NVME_SC_SUCCESS;
}

static unsigned check_host(struct nvme_command *command)
{
    unsigned status = check_controller(command);
    if (status == NVME_SC_SUCCESS && (command->sqe.cdw10 & CREATE))
        capture(command->nvme);
    return status;
}

const struct nvme_log_page nvme_log_page_telemetry_host = {
    .lid = NVME_LOG_TELEMETRY_HOST,
    .name = "Telemetry Host-Initiated",
    .lpa = NVME_LPA_TELEMETRY,
    .size = size,
    .fill = fill_host,
    .check = check_host,
};

const struct nvme_log_page nvme_log_page_telemetry_controller = {
    .lid = NVME_LOG_TELEMETRY_CONTROLLER,
    .name = "Telemetry Controller-Initiated",
    .lpa = NVME_LPA_TELEMETRY,
    .size = size,
    .fill = fill_controller,
    .check = check_controller,
};
