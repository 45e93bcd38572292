// sqtail nvme: a family of commands that ask a simulated drive what nvme-cli asks a real one.
#include "cli/nvme/cmd_nvme.h"

const struct command *const nvme_commands[] = {
    &command_nvme_id_ctrl,       &command_nvme_id_ns,         &command_nvme_list_ns,
    &command_nvme_smart_log,     &command_nvme_error_log,     &command_nvme_fw_log,
    &command_nvme_effects_log,   &command_nvme_endurance_log, &command_nvme_telemetry_log,
    &command_nvme_self_test_log, &command_nvme_supported_log_pages, &command_nvme_get_feature,
    &command_nvme_show_regs,     &command_nvme_admin_passthru, NULL,
};

const struct command command_nvme = {
    .name = "nvme",
    .arguments = "WORD CONFIG [options]",
    .summary = "Ask a drive, fresh or after a run, what nvme-cli asks one: identify, logs, features.",
    .details = "The drive is a fresh and empty one, or with --job or --trace what it is at the end of that. The controller is "
               "enabled anew before it is asked: logs go on, and features are as a reset leaves them.",
    .example = "sqtail nvme id-ctrl tiny.yaml",
    .subcommands = nvme_commands,
};
