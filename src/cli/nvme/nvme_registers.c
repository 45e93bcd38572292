// sqtail nvme show-regs.
#include <stdlib.h>

#include "cli/nvme/cmd_nvme.h"
#include "cli/nvme/nvme_drive.h"
#include "nvme/registers.h"
#include "util/macros.h"

static int ask(const struct nvme_asked *asked)
{
    const struct nvme_ask_options *options = asked->options;
    enum registers_form form = options->format == NVME_FORMAT_JSON ? REGISTERS_JSON
                               : options->all                      ? REGISTERS_HUMAN
                                                                   : REGISTERS_PLAIN;
    registers_show(asked->nvme, stdout, form);
    return EXIT_SUCCESS;
}

static const struct option_row rows[] = {
    {"human-readable", 'H', OPTION_FLAG, offsetof(struct nvme_ask_options, all), NULL, "With the fields of each."},
    NVME_ASK_ROWS
};

static int run(const struct invocation *call)
{
    return nvme_drive_answer(call, ask);
}

const struct command command_nvme_show_regs = NVME_COMMAND("show-regs", "The controller's registers.", rows, run);
