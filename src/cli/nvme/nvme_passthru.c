// sqtail nvme admin-passthru: any admin command, in nvme-cli's words.
#include <stdlib.h>
#include <string.h>

#include "cli/nvme/cmd_nvme.h"
#include "cli/nvme/nvme_drive.h"

struct passthru_options {
    struct nvme_drive_options drive;
    const char *opcode, *nsid, *cdw2, *cdw3, *cdw[6], *bytes;
    const char *input;
    bool read, write, raw;
};

#define AT(member) offsetof(struct passthru_options, member)
#define DOUBLEWORD(name, member) {name, 0, OPTION_TEXT, AT(member), "VALUE", "Doubleword of the command, 0 if not given."}

static const struct option_row rows[] = {
    {"opcode", 'O', OPTION_TEXT, AT(opcode), "VALUE", "Opcode, decimal or 0x."},
    {"namespace-id", 'n', OPTION_TEXT, AT(nsid), "VALUE", "NSID."},
    DOUBLEWORD("cdw2", cdw2),
    DOUBLEWORD("cdw3", cdw3),
    {"cdw10", '4', OPTION_TEXT, AT(cdw[0]), "VALUE", "Doubleword of the command."},
    {"cdw11", '5', OPTION_TEXT, AT(cdw[1]), "VALUE", "Doubleword of the command."},
    {"cdw12", '6', OPTION_TEXT, AT(cdw[2]), "VALUE", "Doubleword of the command."},
    {"cdw13", '7', OPTION_TEXT, AT(cdw[3]), "VALUE", "Doubleword of the command."},
    {"cdw14", '8', OPTION_TEXT, AT(cdw[4]), "VALUE", "Doubleword of the command."},
    {"cdw15", '9', OPTION_TEXT, AT(cdw[5]), "VALUE", "Doubleword of the command."},
    {"data-len", 'l', OPTION_TEXT, AT(bytes), "BYTES", "Of data, up to 128 KiB."},
    {"input-file", 'i', OPTION_TEXT, AT(input), "FILE", "Data that the command takes."},
    {"read", 'r', OPTION_FLAG, AT(read), NULL, "The command gives data."},
    {"write", 'w', OPTION_FLAG, AT(write), NULL, "The command takes data."},
    {"raw-binary", 'b', OPTION_FLAG, AT(raw), NULL, "Print data as they are."},
    NVME_DRIVE_ROWS(struct passthru_options)
};

static bool build(const struct passthru_options *o, struct nvme_sqe *sqe, uint32_t *bytes)
{
    bool valid = o->opcode != NULL;
    uint32_t opcode = nvme_drive_number(o->opcode, &valid);
    *sqe = (struct nvme_sqe){
        .opcode = (uint8_t)opcode, .nsid = nvme_drive_number(o->nsid, &valid), .cdw2 = nvme_drive_number(o->cdw2, &valid),
        .cdw3 = nvme_drive_number(o->cdw3, &valid), .cdw10 = nvme_drive_number(o->cdw[0], &valid), .cdw11 = nvme_drive_number(o->cdw[1], &valid),
        .cdw12 = nvme_drive_number(o->cdw[2], &valid), .cdw13 = nvme_drive_number(o->cdw[3], &valid), .cdw14 = nvme_drive_number(o->cdw[4], &valid),
        .cdw15 = nvme_drive_number(o->cdw[5], &valid)};
    *bytes = nvme_drive_number(o->bytes, &valid);
    return valid && opcode <= UINT8_MAX && *bytes <= CONSOLE_DATA_BYTES;
}

static int take_input(const char *path, uint8_t *data, uint32_t bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "sqtail: error: cannot open %s\n", path);
        return EXIT_USER_ERROR;
    }
    size_t read = fread(data, 1, bytes, file);
    fclose(file);
    if (read == bytes)
        return EXIT_SUCCESS;
    fprintf(stderr, "sqtail: error: %s has %zu bytes, not %u\n", path, read, bytes);
    return EXIT_USER_ERROR;
}

static void print_bytes(const uint8_t *data, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i += 16) {
        printf("%04x:", i);
        for (uint32_t j = i; j < i + 16 && j < bytes; j++)
            printf(" %02x", data[j]);
        putchar('\n');
    }
}

static int ask(const struct nvme_asked *asked)
{
    const struct passthru_options *options = asked->options;
    struct nvme_sqe sqe;
    struct nvme_cqe answer;
    uint32_t bytes;
    if (!build(options, &sqe, &bytes)) {
        fprintf(stderr, "sqtail: error: admin-passthru wants numbers: --opcode to 0xff, others of 32 bits, --data-len to %u\n",
                CONSOLE_DATA_BYTES);
        return EXIT_USER_ERROR;
    }
    if (options->input != NULL && take_input(options->input, console_data(asked->console), bytes) != EXIT_SUCCESS)
        return EXIT_USER_ERROR;
    int code = nvme_drive_run(asked, sqe, bytes, &answer);
    if (code != EXIT_SUCCESS)
        return code;
    fprintf(options->raw ? stderr : stdout, "Admin Command Passthru is Success and result: 0x%08x\n", answer.dw0);
    if (options->read && options->raw)
        return nvme_drive_dump(asked, bytes);
    if (options->read)
        print_bytes(console_data(asked->console), bytes);
    return EXIT_SUCCESS;
}

static int run(const struct invocation *call)
{
    const struct passthru_options *options = call->options;
    return nvme_drive_ask(call, &options->drive, ask);
}

const struct command command_nvme_admin_passthru = {
    .name = "nvme admin-passthru",
    .arguments = "CONFIG --opcode=VALUE [options]",
    .summary = "Send any admin command and print what comes back.",
    .example = "sqtail nvme admin-passthru tiny.yaml --opcode=6 --cdw10=1 --data-len=4096 --read",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct passthru_options),
    .run = run,
};
