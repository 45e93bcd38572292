// sqtail nvme get-feature.
#include <stdlib.h>
#include <string.h>

#include "cli/nvme/cmd_nvme.h"
#include "cli/nvme/nvme_drive.h"
#include "nvme/feature/feature.h"
#include "util/macros.h"

static const struct nvme_feature_row *row_of(uint32_t fid)
{
    for (uint32_t i = 0; i < NVME_FEATURE_COUNT; i++)
        if (nvme_feature_rows[i]->fid == fid)
            return nvme_feature_rows[i];
    return NULL;
}

static void print_data(const uint8_t *data, uint32_t bytes)
{
    printf("       0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f\n");
    for (uint32_t i = 0; i < bytes; i += 16) {
        printf("%04x:", i);
        for (uint32_t j = i; j < i + 16; j++)
            printf(j < bytes ? " %02x" : "   ", j < bytes ? data[j] : 0);
        printf(" \"");
        for (uint32_t j = i; j < i + 16 && j < bytes; j++)
            putchar(data[j] >= ' ' && data[j] <= '~' ? data[j] : '.');
        printf("\"\n");
    }
}

static void print_value(const struct nvme_feature_row *row, uint32_t select, uint32_t value)
{
    static const char *const kinds[] = {"Current", "Default", "Saved", "Supported capabilities"};
    printf("get-feature:0x%02x (%s), %s value:%#0*x\n", row->fid, row->name, kinds[select], value != 0 ? 10 : 8, value);
}

static void print_capabilities(uint32_t value)
{
    if (value & NVME_FEATURE_CAN_SAVE)
        puts("  Feature is saveable");
    if (value & NVME_FEATURE_PER_NAMESPACE)
        puts("  Feature is per-namespace");
    if (value & NVME_FEATURE_CAN_CHANGE)
        puts("  Feature is changeable");
}

static int ask_one(const struct nvme_asked *asked, const struct nvme_feature_row *row)
{
    const struct nvme_ask_options *o = asked->options;
    bool valid = true;
    uint32_t select = nvme_drive_number(o->select, &valid);
    struct nvme_cqe answer;
    struct nvme_sqe sqe = {.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = row->fid | select << NVME_FEATURE_SEL_SHIFT,
                           .nsid = nvme_drive_nsid(asked, row->scope == SCOPE_NAMESPACE),
                           .cdw11 = nvme_drive_number(o->cdw11, &valid)};
    if (nvme_drive_run(asked, sqe, row->bytes, &answer) != EXIT_SUCCESS)
        return EXIT_FAILURE;
    bool has_data = row->bytes > 0 && select != NVME_SELECT_CAPABILITIES;
    if (o->format == NVME_FORMAT_BINARY)
        return has_data ? nvme_drive_dump(asked, row->bytes) : fwrite(&answer.dw0, 4, 1, stdout) == 1 ? 0 : EXIT_FAILURE;
    print_value(row, select, answer.dw0);
    if (select == NVME_SELECT_CAPABILITIES)
        print_capabilities(answer.dw0);
    else if (has_data)
        print_data(console_data(asked->console), row->bytes);
    return EXIT_SUCCESS;
}

// Those that are offered.
static int ask_all(const struct nvme_asked *asked)
{
    int code = EXIT_SUCCESS;
    for (uint32_t i = 0; i < NVME_FEATURE_COUNT; i++)
        if (nvme_feature_offered(asked->nvme, nvme_feature_rows[i]))
            code |= ask_one(asked, nvme_feature_rows[i]);
    return code;
}

static int ask(const struct nvme_asked *asked)
{
    const struct nvme_ask_options *options = asked->options;
    bool valid = true;
    uint32_t fid = nvme_drive_number(options->feature, &valid), select = nvme_drive_number(options->select, &valid);
    const struct nvme_feature_row *row = row_of(fid);
    if (select <= NVME_SELECT_CAPABILITIES && options->feature == NULL)
        return ask_all(asked);
    if (select <= NVME_SELECT_CAPABILITIES && row != NULL)
        return ask_one(asked, row);
    fprintf(stderr, "sqtail: error: there is no feature 0x%02x, or no value %u of one\n", fid, select);
    return EXIT_USER_ERROR;
}

static const struct option_row rows[] = {
    {"feature-id", 'f', OPTION_TEXT, offsetof(struct nvme_ask_options, feature), "FID", "Which (default: all)."},
    {"sel", 0, OPTION_TEXT, offsetof(struct nvme_ask_options, select), "N",
     "0: current, 1: default, 2: saved value, 3: what can be done with it."},
    {"cdw11", 'c', OPTION_TEXT, offsetof(struct nvme_ask_options, cdw11), "VALUE",
     "Which part of it, such as the interrupt vector."},
    NVME_ASK_ROWS
};

static int run(const struct invocation *call)
{
    return nvme_drive_answer(call, ask);
}

const struct command command_nvme_get_feature = NVME_COMMAND("get-feature", "Values of features.", rows, run);
