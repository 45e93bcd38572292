// The drive that a command of `sqtail nvme` asks: as its configuration has it, or at the end of a run.
#ifndef SQTAIL_CLI_NVME_NVME_DRIVE_H
#define SQTAIL_CLI_NVME_NVME_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/options.h"
#include "cli/session/session.h"
#include "host/console/console.h"

struct nvme_drive_options {
    struct option_texts sets, jobs, traces;
};

#define NVME_DRIVE_ROWS(S) \
    {"set", 's', OPTION_TEXTS, offsetof(S, drive.sets), "KEY=VALUE", "Change a key of the configuration."}, \
    {"job", 'j', OPTION_TEXTS, offsetof(S, drive.jobs), "TEXT", \
     "Ask at the end of this job, or of several, as in sqtail run (default: a fresh, empty drive)."}, \
    {"trace", 't', OPTION_TEXTS, offsetof(S, drive.traces), "PATH", "Ask at the end of the replay of a recording."},

// A drive that answers.
struct nvme_asked {
    struct console *console;
    const struct nvme *nvme;
    const void *options; // the command's
};

// Has the drive ready, calls `ask` and returns the exit code: what that returned, or that of what went wrong before.
typedef int nvme_ask_fn(const struct nvme_asked *asked);
int nvme_drive_ask(const struct invocation *call, const struct nvme_drive_options *options, nvme_ask_fn *ask);

// Runs a command for its data. Returns 0; or prints the status in nvme-cli's words and returns EXIT_FAILURE.
int nvme_drive_run(const struct nvme_asked *asked, struct nvme_sqe sqe, uint32_t bytes, struct nvme_cqe *answer);

// What most of the commands take.
enum nvme_format { NVME_FORMAT_NORMAL, NVME_FORMAT_JSON, NVME_FORMAT_BINARY };
struct nvme_ask_options {
    struct nvme_drive_options drive;
    const char *nsid, *feature, *select, *cdw11; // numbers, decimal or 0x; NULL: not given
    uint32_t format; // enum nvme_format
    bool all;
    uint64_t entries;
};

#define NVME_ASK_ROWS \
    {"namespace-id", 'n', OPTION_TEXT, offsetof(struct nvme_ask_options, nsid), "NSID", "Of this namespace, decimal or 0x."}, \
    {"output-format", 'o', OPTION_CHOICE, offsetof(struct nvme_ask_options, format), "normal|json|binary", \
     "How to print it."}, \
    NVME_DRIVE_ROWS(struct nvme_ask_options)

#define NVME_COMMAND(word, what, option_rows, runs) { \
    .name = "nvme " word, .arguments = "CONFIG [options]", .summary = what, .example = "sqtail nvme " word " tiny.yaml", \
    .rows = option_rows, .row_count = ARRAY_SIZE(option_rows), .min_arguments = 1, .max_arguments = 1, \
    .options_bytes = sizeof(struct nvme_ask_options), .run = runs}

// A number as nvme-cli takes it, 0 for NULL; what is none makes `valid` false.
uint32_t nvme_drive_number(const char *text, bool *valid);

// The namespace that was asked for, or else that one.
uint32_t nvme_drive_nsid(const struct nvme_asked *asked, uint32_t otherwise);

// As nvme_drive_ask, of a command with these options.
int nvme_drive_answer(const struct invocation *call, nvme_ask_fn *ask);

// The data as they are.
int nvme_drive_dump(const struct nvme_asked *asked, uint32_t bytes);

#endif
