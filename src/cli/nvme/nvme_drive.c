// Drives to be asked.
#include "cli/nvme/nvme_drive.h"

#include <ctype.h>
#include <stdlib.h>

// What is asked when there is a machine.
struct question {
    nvme_ask_fn *ask;
    const void *options;
    struct machine *machine;
    int code;
};

static int pose(struct question *question)
{
    struct nvme *nvme = ssd_frontend(machine_ssd(question->machine));
    struct console *console = console_open(machine_sim(question->machine), nvme);
    if (console == NULL) {
        fprintf(stderr, "sqtail: error: the controller does not become ready\n");
        return EXIT_FAILURE;
    }
    int code = question->ask(&(struct nvme_asked){console, nvme, question->options});
    console_close(console);
    return code;
}

// --- a fresh drive -------------------------------------------------------------------------------------------------

static int ask_fresh(struct question *question, const char *path, const struct option_texts *sets)
{
    struct diag *diag = diag_create();
    struct loaded_config loaded = {0};
    int code = EXIT_USER_ERROR;
    if (loaded_config_read(&loaded, diag, path, sets, NULL) == 0) {
        loaded.values.drive.ftl.precondition = FTL_PRECONDITION_EMPTY;
        question->machine = machine_create(&loaded.values);
        machine_bind(question->machine);
        machine_prepare(question->machine);
        code = pose(question);
        machine_destroy(question->machine);
    }
    diag_print(diag, stderr);
    diag_destroy(diag);
    loaded_config_free(&loaded);
    return code;
}

// --- at the end of a run -------------------------------------------------------------------------------------------

static int attach(void *self, struct machine *machine, const struct machine_config *config, struct diag *diag)
{
    struct question *question = self;
    (void)config, (void)diag;
    question->machine = machine;
    return 0;
}

static int ended(void *self, bool complete, struct diag *diag)
{
    struct question *question = self;
    (void)complete, (void)diag;
    question->code = pose(question);
    return 0;
}

static int no_results(void *context, const struct report_input *input, struct diag *diag)
{
    (void)context, (void)input, (void)diag;
    return 0;
}

static int ask_after_run(struct question *question, const char *path, const struct nvme_drive_options *options,
                         const char *line)
{
    const struct session_watch watch = {.self = question, .attach = attach, .ended = ended};
    struct session_options session = {.config_path = path, .sets = options->sets, .jobs = options->jobs,
                                      .traces = options->traces, .kernel = SESSION_NATIVE, .tail = SESSION_TAIL_OFF,
                                      .quiet = true, .no_plots = true, .watch = &watch};
    int code = session_run(&session, line, no_results, NULL);
    return code == EXIT_SUCCESS ? question->code : code;
}

int nvme_drive_ask(const struct invocation *call, const struct nvme_drive_options *options, nvme_ask_fn *ask)
{
    struct question question = {.ask = ask, .options = call->options};
    if (options->jobs.count == 0 && options->traces.count == 0)
        return ask_fresh(&question, call->arguments[0], &options->sets);
    return ask_after_run(&question, call->arguments[0], options, call->line);
}

uint32_t nvme_drive_number(const char *text, bool *valid)
{
    char *end;
    if (text == NULL)
        return 0;
    unsigned long long value = strtoull(text, &end, 0);
    *valid &= isdigit((unsigned char)*text) && *end == '\0' && value <= UINT32_MAX;
    return (uint32_t)value;
}

uint32_t nvme_drive_nsid(const struct nvme_asked *asked, uint32_t otherwise)
{
    const struct nvme_ask_options *options = asked->options;
    bool valid = true;
    return options->nsid == NULL ? otherwise : nvme_drive_number(options->nsid, &valid);
}

static bool are_numbers(const struct nvme_ask_options *options)
{
    const char *const texts[] = {options->nsid, options->feature, options->select, options->cdw11};
    bool valid = true;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        nvme_drive_number(texts[i], &valid);
    return valid;
}

int nvme_drive_answer(const struct invocation *call, nvme_ask_fn *ask)
{
    const struct nvme_ask_options *options = call->options;
    if (!are_numbers(options)) {
        fprintf(stderr, "sqtail: error: namespace-id, feature-id, sel and cdw11 want numbers of 32 bits, decimal or 0x\n");
        return EXIT_USER_ERROR;
    }
    return nvme_drive_ask(call, &options->drive, ask);
}

// --- commands ------------------------------------------------------------------------------------------------------

int nvme_drive_run(const struct nvme_asked *asked, struct nvme_sqe sqe, uint32_t bytes, struct nvme_cqe *answer)
{
    if (!console_admin(asked->console, sqe, bytes, answer)) {
        fprintf(stderr, "sqtail: error: the command is not answered while nothing happens\n");
        return EXIT_FAILURE;
    }
    unsigned status = answer->status >> NVME_CQE_STATUS_SHIFT;
    if (status == NVME_SC_SUCCESS)
        return EXIT_SUCCESS;
    fprintf(stderr, "NVMe status: (0x%x)\n", status);
    return EXIT_FAILURE;
}

int nvme_drive_dump(const struct nvme_asked *asked, uint32_t bytes)
{
    return fwrite(console_data(asked->console), 1, bytes, stdout) == bytes ? EXIT_SUCCESS : EXIT_FAILURE;
}
