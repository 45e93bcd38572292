// sqtail nvme smart-log, error-log, fw-log, effects-log, self-test-log, endurance-log, telemetry-log,
// supported-log-pages.
#include <stdlib.h>
#include <string.h>

#include "cli/nvme/cmd_nvme.h"
#include "cli/nvme/nvme_drive.h"
#include "cli/nvme/nvme_print.h"
#include "nvme/command/opcode.h"
#include "nvme/log/log_page.h"
#include "util/macros.h"

// Reads the page's first bytes; NULL: it was refused, which has been told.
static const void *read_log(const struct nvme_asked *asked, uint32_t lid, uint32_t nsid, uint32_t lsi, uint32_t bytes)
{
    struct nvme_cqe answer;
    uint32_t doublewords = bytes / 4 - 1;
    struct nvme_sqe sqe = {.opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = nsid, .cdw10 = lid | doublewords << 16,
                           .cdw11 = doublewords >> 16 | lsi << NVME_LOG_LSI_SHIFT};
    return nvme_drive_run(asked, sqe, bytes, &answer) == EXIT_SUCCESS ? console_data(asked->console) : NULL;
}

static uint32_t nsid_of(const struct nvme_asked *asked)
{
    return nvme_drive_nsid(asked, NVME_NSID_ALL);
}

static enum nvme_format format_of(const struct nvme_asked *asked)
{
    return (enum nvme_format)((const struct nvme_ask_options *)asked->options)->format;
}

// Prints a log that is one table of fields, below `title`.
static int show(const struct nvme_asked *asked, const char *title, const struct nvme_print_row *rows, size_t count,
                const void *log, uint32_t bytes)
{
    if (log == NULL)
        return EXIT_FAILURE;
    if (format_of(asked) == NVME_FORMAT_BINARY)
        return nvme_drive_dump(asked, bytes);
    if (format_of(asked) == NVME_FORMAT_JSON) {
        nvme_print_object(nvme_print_json(rows, count, log));
        return EXIT_SUCCESS;
    }
    puts(title);
    nvme_print_text(rows, count, log);
    return EXIT_SUCCESS;
}

// --- smart-log -----------------------------------------------------------------------------------------------------

#define SMART struct nvme_smart_log

static const struct nvme_print_row smart_rows[] = {
    PRINT_FIELD(SMART, critical_warning, "critical_warning\t\t\t", NULL, PRINT_HEX),
    PRINT_FIELD(SMART, temperature, "temperature\t\t\t\t", NULL, PRINT_KELVIN),
    PRINT_FIELD(SMART, available_spare, "available_spare\t\t\t\t", "avail_spare", PRINT_PERCENT),
    PRINT_FIELD(SMART, available_spare_threshold, "available_spare_threshold\t\t", "spare_thresh", PRINT_PERCENT),
    PRINT_FIELD(SMART, percentage_used, "percentage_used\t\t\t\t", "percent_used", PRINT_PERCENT),
    PRINT_FIELD(SMART, endurance_critical_warning, "endurance group critical warning summary",
                "endurance_grp_critical_warning_summary", PRINT_HEX),
    PRINT_FIELD(SMART, data_units_read, "Data Units Read\t\t\t\t", "data_units_read", PRINT_UNITS),
    PRINT_FIELD(SMART, data_units_written, "Data Units Written\t\t\t", "data_units_written", PRINT_UNITS),
    PRINT_FIELD(SMART, host_reads, "host_read_commands\t\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(SMART, host_writes, "host_write_commands\t\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(SMART, controller_busy_minutes, "controller_busy_time\t\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(SMART, power_cycles, "power_cycles\t\t\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(SMART, power_on_hours, "power_on_hours\t\t\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(SMART, unsafe_shutdowns, "unsafe_shutdowns\t\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(SMART, media_errors, "media_errors\t\t\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(SMART, error_log_entries, "num_err_log_entries\t\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(SMART, warning_temperature_minutes, "Warning Temperature Time\t\t", "warning_temp_time", PRINT_DEC),
    PRINT_FIELD(SMART, critical_temperature_minutes, "Critical Composite Temperature Time\t", "critical_comp_time",
                PRINT_DEC),
    PRINT_FIELD(SMART, thermal_transitions[0], "Thermal Management T1 Trans Count\t", "thm_temp1_trans_count", PRINT_DEC),
    PRINT_FIELD(SMART, thermal_transitions[1], "Thermal Management T2 Trans Count\t", "thm_temp2_trans_count", PRINT_DEC),
    PRINT_FIELD(SMART, thermal_seconds[0], "Thermal Management T1 Total Time\t", "thm_temp1_total_time", PRINT_DEC),
    PRINT_FIELD(SMART, thermal_seconds[1], "Thermal Management T2 Total Time\t", "thm_temp2_total_time", PRINT_DEC),
};

static int ask_smart(const struct nvme_asked *asked)
{
    char title[80];
    snprintf(title, sizeof title, "Smart Log for NVME device:sqtail namespace-id:%x", nsid_of(asked));
    const void *log = read_log(asked, NVME_LOG_SMART, nsid_of(asked), 0, sizeof(SMART));
    return show(asked, title, smart_rows, ARRAY_SIZE(smart_rows), log, sizeof(SMART));
}

// --- endurance-log -------------------------------------------------------------------------------------------------

#define GROUP struct nvme_endurance_group_log

static const struct nvme_print_row group_rows[] = {
    PRINT_FIELD(GROUP, critical_warning, "critical warning\t", "critical_warning", PRINT_DEC),
    PRINT_FIELD(GROUP, available_spare, "avl_spare\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(GROUP, available_spare_threshold, "avl_spare_threshold\t", NULL, PRINT_DEC),
    PRINT_FIELD(GROUP, percentage_used, "percent_used\t\t", NULL, PRINT_PERCENT),
    PRINT_FIELD(GROUP, endurance_estimate, "endurance_estimate\t", NULL, PRINT_DEC),
    PRINT_FIELD(GROUP, data_units_read, "data_units_read\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(GROUP, data_units_written, "data_units_written\t", NULL, PRINT_DEC),
    PRINT_FIELD(GROUP, media_units_written, "media_units_written\t", NULL, PRINT_DEC),
    PRINT_FIELD(GROUP, host_reads, "host_read_cmds\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(GROUP, host_writes, "host_write_cmds\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(GROUP, media_errors, "media_data_integrity_err", NULL, PRINT_DEC),
    PRINT_FIELD(GROUP, error_log_entries, "num_err_info_log_entries", NULL, PRINT_DEC),
};

static int ask_endurance(const struct nvme_asked *asked)
{
    const void *log = read_log(asked, NVME_LOG_ENDURANCE_GROUP, 0, NVME_ENDURANCE_GROUP, sizeof(GROUP));
    return show(asked, "Endurance Group Log for NVME device:sqtail Group ID:1", group_rows, ARRAY_SIZE(group_rows), log,
                sizeof(GROUP));
}

// --- error-log -----------------------------------------------------------------------------------------------------

#define ERROR struct nvme_error_entry

static const struct nvme_print_row error_rows[] = {
    PRINT_FIELD(ERROR, error_count, "error_count\t", NULL, PRINT_DEC),
    PRINT_FIELD(ERROR, sqid, "sqid\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(ERROR, cid, "cmdid\t\t", NULL, PRINT_HEX),
    PRINT_FIELD(ERROR, status, "status_field\t", NULL, PRINT_HEX),
    PRINT_FIELD(ERROR, reserved30[0], "phase_tag\t", NULL, PRINT_HEX),
    PRINT_FIELD(ERROR, location, "parm_err_loc\t", "parm_error_location", PRINT_HEX),
    PRINT_FIELD(ERROR, lba, "lba\t\t", NULL, PRINT_HEX),
    PRINT_FIELD(ERROR, nsid, "nsid\t\t", NULL, PRINT_HEX),
    PRINT_FIELD(ERROR, vendor_log, "vs\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(ERROR, trtype, "trtype\t\t", NULL, PRINT_DEC),
    PRINT_FIELD(ERROR, command_information, "cs\t\t", NULL, PRINT_HEX),
    PRINT_FIELD(ERROR, transport_information, "trtype_spec_info", NULL, PRINT_HEX),
};

// The phase tag, bit 0 of the status field, is shown apart: in a byte that is reserved.
static struct nvme_error_entry with_phase_apart(const struct nvme_error_entry *entry)
{
    struct nvme_error_entry shown = *entry;
    shown.reserved30[0] = entry->status & NVME_CQE_PHASE;
    shown.status >>= NVME_CQE_STATUS_SHIFT;
    return shown;
}

static void print_error(uint32_t number, const struct nvme_error_entry *entry)
{
    struct nvme_error_entry shown = with_phase_apart(entry);
    printf(".................\n Entry[%2u]   \n.................\n", number);
    nvme_print_text(error_rows, ARRAY_SIZE(error_rows), &shown);
}

static json_t *errors_json(const struct nvme_error_entry *entries, uint32_t count)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++) {
        struct nvme_error_entry shown = with_phase_apart(&entries[i]);
        json_array_append_new(list, nvme_print_json(error_rows, ARRAY_SIZE(error_rows), &shown));
    }
    return json_pack("{s:o}", "errors", list);
}

static int ask_errors(const struct nvme_asked *asked)
{
    const struct nvme_ask_options *options = asked->options;
    uint32_t count = options->entries == 0 ? 64 : (uint32_t)MIN(options->entries, 256u);
    const struct nvme_error_entry *entries = read_log(asked, NVME_LOG_ERROR, NVME_NSID_ALL, 0, count * sizeof(ERROR));
    if (entries == NULL)
        return EXIT_FAILURE;
    if (options->format == NVME_FORMAT_BINARY)
        return nvme_drive_dump(asked, count * sizeof(ERROR));
    if (options->format == NVME_FORMAT_JSON) {
        nvme_print_object(errors_json(entries, count));
        return EXIT_SUCCESS;
    }
    printf("Error Log Entries for device:sqtail entries:%u\n", count);
    for (uint32_t i = 0; i < count; i++)
        print_error(i, &entries[i]);
    puts(".................");
    return EXIT_SUCCESS;
}

// --- fw-log --------------------------------------------------------------------------------------------------------

static void put_slot(char to[64], const char revision[8])
{
    uint64_t value;
    memcpy(&value, revision, sizeof value);
    int length = sprintf(to, "%#016llx (", (unsigned long long)value);
    for (int i = 0; i < 8; i++)
        to[length++] = revision[i] > ' ' && revision[i] < 0x7f ? revision[i] : '.';
    strcpy(to + length, ")");
}

static void print_firmware(const struct nvme_firmware_log *log)
{
    char slot[64];
    printf("Firmware Log for device:sqtail\nafi  : %#x\n", log->afi);
    for (int i = 0; i < 7; i++) {
        put_slot(slot, log->revisions[i]);
        if (log->revisions[i][0] != '\0')
            printf("frs%d : %s\n", i + 1, slot);
    }
}

static json_t *firmware_json(const struct nvme_firmware_log *log)
{
    json_t *slots = json_pack("{s:i}", "Active Firmware Slot (afi)", log->afi);
    char key[32], slot[64];
    for (int i = 0; i < 7; i++) {
        uint64_t value;
        memcpy(&value, log->revisions[i], sizeof value);
        put_slot(slot, log->revisions[i]);
        snprintf(key, sizeof key, "Firmware Rev Slot %d", i + 1);
        if (value != 0)
            json_object_set_new(slots, key, json_sprintf("%llu%s", (unsigned long long)value, strchr(slot, ' ')));
    }
    return json_pack("{s:o}", "sqtail", slots);
}

static int ask_firmware(const struct nvme_asked *asked)
{
    const struct nvme_firmware_log *log = read_log(asked, NVME_LOG_FIRMWARE, NVME_NSID_ALL, 0, sizeof *log);
    if (log == NULL)
        return EXIT_FAILURE;
    if (format_of(asked) == NVME_FORMAT_BINARY)
        return nvme_drive_dump(asked, sizeof *log);
    if (format_of(asked) == NVME_FORMAT_JSON)
        nvme_print_object(firmware_json(log));
    else
        print_firmware(log);
    return EXIT_SUCCESS;
}

// --- effects-log ---------------------------------------------------------------------------------------------------

static const char *opcode_name(enum nvme_set set, unsigned code)
{
    for (size_t i = 0; i < nvme_opcode_row_count; i++)
        if (nvme_opcode_rows[i]->set == set && nvme_opcode_rows[i]->code == code)
            return nvme_opcode_rows[i]->name;
    return "Unknown";
}

static uint32_t effects_of(const struct nvme_effects_log *log, enum nvme_set set, unsigned code)
{
    return set == NVME_SET_ADMIN ? log->admin[code] : log->io[code];
}

static void print_effects(enum nvme_set set, const char *prefix, const struct nvme_effects_log *log)
{
    static const char *const bits[] = {"CSUPP", "LBCC", "NCC", "NIC", "CCC"};
    for (unsigned code = 0; code < 256; code++) {
        uint32_t effects = effects_of(log, set, code);
        if (effects == 0)
            continue;
        printf("%s%-6u[%-32s] %08x", prefix, code, opcode_name(set, code), effects);
        for (unsigned bit = 0; bit < ARRAY_SIZE(bits); bit++)
            printf("  %s%c", bits[bit], effects >> bit & 1 ? '+' : '-');
        printf("  USS-  No command restriction\n");
    }
}

static json_t *effects_json(enum nvme_set set, const char *prefix, const struct nvme_effects_log *log)
{
    json_t *json = json_object();
    char key[16];
    for (unsigned code = 0; code < 256; code++) {
        snprintf(key, sizeof key, "%s%u", prefix, code);
        if (effects_of(log, set, code) != 0)
            json_object_set_new(json, key, json_integer(effects_of(log, set, code)));
    }
    return json;
}

static int ask_effects(const struct nvme_asked *asked)
{
    const struct nvme_effects_log *log = read_log(asked, NVME_LOG_COMMANDS_EFFECTS, NVME_NSID_ALL, 0, sizeof *log);
    if (log == NULL)
        return EXIT_FAILURE;
    if (format_of(asked) == NVME_FORMAT_BINARY)
        return nvme_drive_dump(asked, sizeof *log);
    if (format_of(asked) == NVME_FORMAT_JSON) {
        nvme_print_object(json_pack("{s:o,s:o}", "admin_cmd_set", effects_json(NVME_SET_ADMIN, "ACS_", log), "io_cmd_set",
                                    effects_json(NVME_SET_NVM, "IOCS_", log)));
        return EXIT_SUCCESS;
    }
    puts("Admin Commands");
    print_effects(NVME_SET_ADMIN, "ACS", log);
    puts("\nI/O Commands");
    print_effects(NVME_SET_NVM, "IOCS", log);
    return EXIT_SUCCESS;
}

// --- self-test-log -------------------------------------------------------------------------------------------------

#define SELF_TEST struct nvme_self_test_log
#define RESULT struct nvme_self_test_entry

static const struct nvme_print_row self_test_rows[] = {
    PRINT_FIELD(SELF_TEST, current, "Current operation  ", "Current Device Self-Test Operation", PRINT_HEX),
    PRINT_FIELD(SELF_TEST, percent, "Current Completion ", "Current Device Self-Test Completion", PRINT_PERCENT),
};

// Of an entry that is not used, only the first row is shown. The test's code is shown from a byte that is reserved.
static const struct nvme_print_row result_rows[] = {
    PRINT_FIELD(RESULT, status, "  Operation Result             ", "Self test result", PRINT_HEX),
    PRINT_FIELD(RESULT, reserved3, "  Self Test Code               ", "Self test code", PRINT_DEC),
    PRINT_FIELD(RESULT, valid, "  Valid Diagnostic Information ", "Valid Diagnostic Information", PRINT_HEX),
    PRINT_FIELD(RESULT, power_on_hours, "  Power on hours (POH)         ", "Power on hours", PRINT_HEX),
};

static struct nvme_self_test_entry with_code_apart(const struct nvme_self_test_entry *entry)
{
    struct nvme_self_test_entry shown = *entry;
    shown.reserved3 = entry->status >> NVME_SELF_TEST_CODE_SHIFT;
    shown.status = entry->status & NVME_SELF_TEST_UNUSED;
    return shown;
}

static size_t rows_of(const struct nvme_self_test_entry *shown)
{
    return shown->status == NVME_SELF_TEST_UNUSED ? 1 : ARRAY_SIZE(result_rows);
}

static void print_self_tests(const struct nvme_self_test_log *log, uint32_t count)
{
    puts("Device Self Test Log for NVME device:sqtail");
    nvme_print_text(self_test_rows, ARRAY_SIZE(self_test_rows), log);
    for (uint32_t i = 0; i < count; i++) {
        struct nvme_self_test_entry shown = with_code_apart(&log->results[i]);
        printf("Self Test Result[%u]:\n", i);
        nvme_print_text(result_rows, rows_of(&shown), &shown);
        if (rows_of(&shown) > 1)
            printf("  Vendor Specific              : %x %x\n", shown.vendor[0], shown.vendor[1]);
    }
}

static json_t *self_test_json(const struct nvme_self_test_entry *entry)
{
    struct nvme_self_test_entry shown = with_code_apart(entry);
    json_t *result = nvme_print_json(result_rows, rows_of(&shown), &shown);
    if (rows_of(&shown) > 1) {
        json_object_set_new(result, "Segment number", json_integer(shown.segment));
        json_object_set_new(result, "Vendor Specific", json_integer(shown.vendor[0] | shown.vendor[1] << 8));
    }
    return result;
}

static json_t *self_tests_json(const struct nvme_self_test_log *log, uint32_t count)
{
    json_t *json = nvme_print_json(self_test_rows, ARRAY_SIZE(self_test_rows), log), *list = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(list, self_test_json(&log->results[i]));
    json_object_set_new(json, "List of Valid Reports", list);
    return json;
}

static int ask_self_tests(const struct nvme_asked *asked)
{
    const struct nvme_ask_options *options = asked->options;
    uint32_t most = NVME_SELF_TEST_RESULTS;
    uint32_t count = options->entries == 0 ? most : (uint32_t)MIN(options->entries, (uint64_t)most);
    const struct nvme_self_test_log *log = read_log(asked, NVME_LOG_SELF_TEST, NVME_NSID_ALL, 0, sizeof *log);
    if (log == NULL)
        return EXIT_FAILURE;
    if (options->format == NVME_FORMAT_BINARY)
        return nvme_drive_dump(asked, offsetof(SELF_TEST, results) + count * sizeof(RESULT));
    if (options->format == NVME_FORMAT_JSON)
        nvme_print_object(self_tests_json(log, count));
    else
        print_self_tests(log, count);
    return EXIT_SUCCESS;
}

// --- supported-log-pages -------------------------------------------------------------------------------------------

static const char *page_name(uint32_t lid)
{
    for (size_t i = 0; i < NVME_LOG_PAGE_COUNT; i++)
        if (nvme_log_pages[i]->lid == lid)
            return nvme_log_pages[i]->name;
    return "Unknown";
}

static int ask_supported(const struct nvme_asked *asked)
{
    enum { BYTES = 256 * sizeof(uint32_t) };
    const uint32_t *log = read_log(asked, NVME_LOG_SUPPORTED, NVME_NSID_ALL, 0, BYTES);
    if (log == NULL)
        return EXIT_FAILURE;
    if (format_of(asked) == NVME_FORMAT_BINARY)
        return nvme_drive_dump(asked, BYTES);
    json_t *pages = json_object();
    if (format_of(asked) == NVME_FORMAT_NORMAL)
        puts("Support Log Pages Details for sqtail:");
    for (uint32_t lid = 0; lid < 256; lid++) {
        char key[8];
        snprintf(key, sizeof key, "0x%x", lid);
        if (log[lid] != 0 && format_of(asked) == NVME_FORMAT_NORMAL)
            printf("LID 0x%x (%s), supports 0x%x\n\n", lid, page_name(lid), log[lid]);
        if (log[lid] != 0)
            json_object_set_new(pages, key, json_integer(log[lid]));
    }
    if (format_of(asked) == NVME_FORMAT_JSON)
        nvme_print_object(pages);
    else
        json_decref(pages);
    return EXIT_SUCCESS;
}

// --- telemetry-log: captured, and written as it is -----------------------------------------------------------------

static int ask_telemetry(const struct nvme_asked *asked)
{
    enum { CREATE = 1 << 8 };
    const struct nvme_telemetry_log *log =
        read_log(asked, NVME_LOG_TELEMETRY_HOST | CREATE, NVME_NSID_ALL, 0, NVME_TELEMETRY_BLOCK);
    if (log == NULL)
        return EXIT_FAILURE;
    uint32_t bytes = (log->area_last[2] + 1u) * NVME_TELEMETRY_BLOCK;
    if (read_log(asked, NVME_LOG_TELEMETRY_HOST, NVME_NSID_ALL, 0, MIN(bytes, (uint32_t)CONSOLE_DATA_BYTES)) == NULL)
        return EXIT_FAILURE;
    return nvme_drive_dump(asked, MIN(bytes, (uint32_t)CONSOLE_DATA_BYTES));
}

// --- commands ------------------------------------------------------------------------------------------------------

static const struct option_row error_options[] = {
    {"log-entries", 'e', OPTION_COUNT, offsetof(struct nvme_ask_options, entries), "N", "How many entries (64)."},
    NVME_ASK_ROWS
};

static const struct option_row self_test_options[] = {
    {"dst-entries", 'e', OPTION_COUNT, offsetof(struct nvme_ask_options, entries), "N", "How many results (20)."},
    NVME_ASK_ROWS
};

static const struct option_row ask_rows[] = {NVME_ASK_ROWS};

#define RUNS(name)                                             \
    static int run_##name(const struct invocation *call)       \
    {                                                          \
        return nvme_drive_answer(call, ask_##name);            \
    }
RUNS(smart)
RUNS(endurance)
RUNS(errors)
RUNS(firmware)
RUNS(effects)
RUNS(self_tests)
RUNS(supported)
RUNS(telemetry)

const struct command command_nvme_smart_log = NVME_COMMAND("smart-log", "SMART / Health Information.", ask_rows, run_smart);
const struct command command_nvme_endurance_log =
    NVME_COMMAND("endurance-log", "Endurance Group Information.", ask_rows, run_endurance);
const struct command command_nvme_error_log = NVME_COMMAND("error-log", "Error Information.", error_options, run_errors);
const struct command command_nvme_fw_log = NVME_COMMAND("fw-log", "Firmware Slot Information.", ask_rows, run_firmware);
const struct command command_nvme_effects_log =
    NVME_COMMAND("effects-log", "Commands Supported and Effects.", ask_rows, run_effects);
const struct command command_nvme_self_test_log =
    NVME_COMMAND("self-test-log", "Device self-tests (nvme.self_test).", self_test_options, run_self_tests);
const struct command command_nvme_supported_log_pages =
    NVME_COMMAND("supported-log-pages", "Supported Log Pages.", ask_rows, run_supported);
const struct command command_nvme_telemetry_log =
    NVME_COMMAND("telemetry-log", "Captured telemetry, as it is.", ask_rows, run_telemetry);
