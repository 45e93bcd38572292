// The commands of `sqtail nvme`, grouped in files as nvme-cli's are by what they ask for.
#ifndef SQTAIL_CLI_NVME_CMD_NVME_H
#define SQTAIL_CLI_NVME_CMD_NVME_H

#include "cli/commands.h"

extern const struct command command_nvme_id_ctrl, command_nvme_id_ns, command_nvme_list_ns, command_nvme_smart_log,
    command_nvme_error_log, command_nvme_fw_log, command_nvme_effects_log, command_nvme_endurance_log,
    command_nvme_telemetry_log, command_nvme_self_test_log, command_nvme_supported_log_pages, command_nvme_get_feature,
    command_nvme_show_regs, command_nvme_admin_passthru;

// All of them, as help shows them; ends with NULL.
extern const struct command *const nvme_commands[];

#endif
