// One simulation as the command line asks for it: configuration, workload, run, results.
#ifndef SQTAIL_CLI_SESSION_SESSION_H
#define SQTAIL_CLI_SESSION_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "build_config.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "config/config.h"
#include "config/config_json.h"
#include "host/beside.h"
#include "host/replay/replay.h"
#include "machine/machine.h"
#include "report/report.h"
#include "trace/trace.h"
#include "util/diag.h"

// A configuration as loaded, with everything that was wrong with it.
struct loaded_config {
    struct config_section sections[MACHINE_SECTIONS_MAX];
    struct machine_config values;
    struct config *config;
};

// Loads `path` (found as find_config does; NULL: all defaults), applies the --set texts and the seed (NULL: none),
// and checks. Returns 0, or -1 with the reasons in `diag`; to be freed in both cases.
int loaded_config_read(struct loaded_config *loaded, struct diag *diag, const char *path,
                       const struct option_texts *sets, const char *seed);
void loaded_config_free(struct loaded_config *loaded);

// Who drives the engine: SystemC by default, where it is built in.
#ifdef HAVE_SYSTEMC
#define SESSION_KERNELS "systemc|native"
enum session_kernel { SESSION_SYSTEMC, SESSION_NATIVE };
#else
#define SESSION_KERNELS "native"
enum session_kernel { SESSION_NATIVE };
#endif

// Whether latencies are explained: on by default, since the tail is what a simulated drive is asked about.
enum session_tail { SESSION_TAIL_ON, SESSION_TAIL_OFF };

// Who looks at what happens in a run.
struct session_watch {
    void *self;
    // The machine has been created, and nothing is bound yet. `config` stays until the run has ended. Returns 0, or -1
    // with the reasons in `diag`: then it is not run.
    int (*attach)(void *self, struct machine *machine, const struct machine_config *config, struct diag *diag);
    // The run has ended, `complete` or stopped early.
    int (*ended)(void *self, bool complete, struct diag *diag);
    const struct session_watch *next; // looks on, too; NULL: nobody else does
};

// A load that no option says.
struct session_load {
    void *self;
    struct workload *(*create)(void *self); // to be taken over
};

#define SESSION_LOG_FORMATS "auto|csv|sqlite"

// What to play, as the options give it: a recording or a synthetic job.
struct session_options {
    const char *config_path;
    struct option_texts sets;
    const char *seed; // NULL: the configuration's
    struct option_texts traces; // recordings (cli/session/recordings.h)
    struct option_texts jobs;
    const char *fio;    // job file
    uint32_t action;    // blktrace events to replay: 0 D, 1 Q
    uint64_t skip_bad;
    const char *device; // MAJOR,MINOR; NULL: the recording's lowest
    const char *from;   // format of the recording; NULL: by content
    uint64_t look_ahead; // events; 0: TRACE_WINDOW
    uint32_t replay;    // enum replay_mode
    uint32_t threads;   // enum replay_threads
    const char *speed;  // "2", "0.5"
    uint64_t iodepth;   // replay: requests in flight; 0: not said
    uint64_t loops;     // 0: not said
    const char *ramp_time, *ramp_ios; // "10s"; "1000", "10%"
    const char *offset, *size; // the part of the drive that is a recording's
    bool wrap, scale;
    uint32_t kernel;   // enum session_kernel
    uint32_t tail;     // enum session_tail
    const char *log;     // of every command; NULL for none
    uint32_t log_format; // index into SESSION_LOG_FORMATS; 0: as the log's name ends
    uint64_t explain_slowest; // how many commands' lives are told
    uint32_t until;    // enum session_until
    uint32_t progress; // enum progress_when
    const char *output; // result folder; NULL for none
    bool quiet;
    bool no_plots;
    const struct session_watch *watch; // no option; NULL: nobody
    const struct session_load *load;   // no option; NULL: a recording or jobs
};

// When a job ends.
enum session_until { SESSION_UNTIL_END, SESSION_UNTIL_STEADY };
#define SESSION_UNTIL_ROW(MEMBER, S) \
    {"until", 0, OPTION_CHOICE, offsetof(S, MEMBER), "end|steady", \
     "When a job ends: with its last request, or when it is steady, without its warm-up; number_ios is then the most " \
     "that it takes (doc/sweep.md)."},

#define SESSION_TRACE_ROW(S) \
    {"trace", 't', OPTION_TEXTS, offsetof(S, session.traces), "PATH", \
     "Replay a recording: blktrace files (NAME for NAME.blktrace.N, or their folder), blkparse text; may be " \
     "compressed; - for standard input. May be repeated, and stand beside jobs; words for one of several follow its " \
     "path, such as \"PATH offset=50% speed=2\"."},

#define TRACE_LOOK_AHEAD_ROW(member, S) \
    {"look-ahead", 0, OPTION_COUNT, offsetof(S, member), "N", \
     "Events that reading looks ahead, to put a recording in order of time and to find the completions of requests " \
     "(default 131072)."},

// When a recording's requests are replayed, and which.
#define REPLAY_WHEN_ROWS(S) \
    {"iodepth", 0, OPTION_COUNT, offsetof(S, session.iodepth), "N", \
     "Replay with N requests in flight instead of at the recorded times; with times or dependencies of --replay: " \
     "with N at most."}, \
    {"speed", 0, OPTION_TEXT, offsetof(S, session.speed), "X", \
     "Replay X times as fast as recorded, such as 2 or 0.5; of dependencies only the host is so fast."},
#define REPLAY_WHAT_ROWS(S) \
    {"replay", 0, OPTION_CHOICE, offsetof(S, session.replay), REPLAY_MODES, \
     "When requests of a recording are issued: at recorded times; always as many in flight as --iodepth says; or " \
     "each after as many completions as it waited for in the recording, and its think time. auto: times, or depth " \
     "where an iodepth is given."}, \
    {"threads", 0, OPTION_CHOICE, offsetof(S, session.threads), "process|cpu|one", \
     "Dependencies: whose completions a request waits for, those of its process, of its CPU, or all."}, \
    {"loops", 0, OPTION_COUNT, offsetof(S, session.loops), "N", "Replay a recording N times, one behind the other."}, \
    {"ramp-time", 0, OPTION_TEXT, offsetof(S, session.ramp_time), "TIME", \
     "Do not measure what is issued in the first TIME of a replay, such as 10s."}, \
    {"ramp-ios", 0, OPTION_TEXT, offsetof(S, session.ramp_ios), "N|N%", \
     "Do not measure the first N requests of a replay, or N percent of all."}, \
    {"offset", 0, OPTION_TEXT, offsetof(S, session.offset), "SIZE|N%", \
     "Where on the drive a recording's first byte lies (default: several lie side by side in equal parts)."}, \
    {"size", 0, OPTION_TEXT, offsetof(S, session.size), "SIZE|N%", \
     "How much of the drive is a recording's (default: all behind its offset)."}, \
    {"action", 0, OPTION_CHOICE, offsetof(S, session.action), "D|Q", \
     "blktrace events to replay: D, issued to the driver (default), or Q, queued."}, \
    {"wrap", 0, OPTION_FLAG, offsetof(S, session.wrap), NULL, \
     "Take offsets beyond the drive's capacity modulo the capacity."}, \
    {"scale", 0, OPTION_FLAG, offsetof(S, session.scale), NULL, \
     "Shrink what lies between the places that the recording touches, so that it fits the drive."}, \
    {"skip-bad", 0, OPTION_NUMBER, offsetof(S, session.skip_bad), "N", \
     "Tolerate up to N malformed records of a recording, and count them."}, \
    {"device", 0, OPTION_TEXT, offsetof(S, session.device), "MAJOR,MINOR", \
     "Of a recording of several devices, the one to replay (default: the lowest of a stack)."}, \
    {"from", 0, OPTION_TEXT, offsetof(S, session.from), "NAME|COLUMNS", \
     "Format of the recording (default: by its content), or \"columns: time=1:us offset=3:sectors bytes=4 op=5\"."}, \
    TRACE_LOOK_AHEAD_ROW(session.look_ahead, S)

// How a recording is replayed; replay_words.h has more of them.
#define REPLAY_ROWS(S) REPLAY_WHEN_ROWS(S) REPLAY_WHAT_ROWS(S)

// The rows of the options above, for a command whose options struct S has a session_options named `session`.
// The same list as that of jobs: they run at once, in the order given.
#define SESSION_WORKLOAD_ROW(S) \
    {"workload", 'w', OPTION_TEXTS, offsetof(S, session.jobs), "TEXT", \
     "Run a model of an application, its name and its words, such as \"oltp clients=16 number_ops=100000\"; see sqtail " \
     "list workload. May be repeated, and stand beside jobs."},

#define SESSION_ROWS(S) \
    SESSION_TRACE_ROW(S) \
    {"job", 'j', OPTION_TEXTS, offsetof(S, session.jobs), "TEXT", \
     "Run a synthetic job in fio's words, such as \"rw=randread bs=4k iodepth=64 number_ios=100000\"; see sqtail " \
     "list job. May be repeated: all run at once, and each is measured by itself, too."}, \
    SESSION_WORKLOAD_ROW(S) \
    {"fio", 0, OPTION_TEXT, offsetof(S, session.fio), "JOB.fio", \
     "Run the jobs of one of fio's job files (doc/fio.md)."}, \
    {"set", 's', OPTION_TEXTS, offsetof(S, session.sets), "KEY=VALUE", \
     "Change a key of the configuration, such as nand.t_prog=1400us or nand.t_prog=+20%; may be repeated."}, \
    {"seed", 0, OPTION_TEXT, offsetof(S, session.seed), "N", "Seed of every random stream; as --set seed=N."}, \
    {"kernel", 'k', OPTION_CHOICE, offsetof(S, session.kernel), SESSION_KERNELS, \
     "Who drives the engine; results are the same."}, \
    SESSION_UNTIL_ROW(session.until, S) \
    {"tail", 0, OPTION_CHOICE, offsetof(S, session.tail), "on|off", \
     "Explain latencies: where the time went in each class of them (default), or not, for a little speed."}, \
    {"explain-slowest", 0, OPTION_COUNT, offsetof(S, session.explain_slowest), "N", \
     "Tell in words where the time of the N slowest commands went, after the summary."}, \
    {"log", 0, OPTION_TEXT, offsetof(S, session.log), "FILE", \
     "Write every command with its stages and causes, as CSV or into an SQLite database, by the name's end (.csv, " \
     ".sqlite, .db)."}, \
    {"log-format", 0, OPTION_CHOICE, offsetof(S, session.log_format), SESSION_LOG_FORMATS, \
     "The format of the log, whatever its name."}, \
    REPLAY_ROWS(S) \
    {"output", 'o', OPTION_TEXT, offsetof(S, session.output), "DIR", "Write the result folder DIR."}, \
    {"no-plots", 0, OPTION_FLAG, offsetof(S, session.no_plots), NULL, \
     "Write the plots' scripts, but do not run gnuplot."}, \
    {"progress", 0, OPTION_CHOICE, offsetof(S, session.progress), "auto|always|never", \
     "When to show progress on standard error."}, \
    {"quiet", 'q', OPTION_FLAG, offsetof(S, session.quiet), NULL, \
     "Print neither summary nor progress: nothing but errors and warnings."},

// When to show progress: with --quiet only when asked for.
enum progress_when session_progress(const struct session_options *options);

const char *session_kernel_name(const struct session_options *options);

// What becomes of the results of a run. Returns 0, or -1 with the reasons in `diag`.
typedef int session_use_fn(void *context, const struct report_input *input, struct diag *diag);

// Runs it and hands the results to `use`. `command_line` is what reproduces the run. Returns the exit code.
int session_run(const struct session_options *options, const char *command_line, session_use_fn *use, void *context);

// A drive in its initial state, from which several runs begin, each in a process that begins as a copy of this one.
// NULL when there is no such drive: the run will say why.
struct session_drive;
struct session_drive *session_prepare_drive(const struct session_options *options);
void session_close_drive(struct session_drive *drive); // NULL: nothing to do

// A hash of what a drive's initial state follows from: drives of one hash may be prepared beside each other. That it has
// too much in it, or too little, costs time, and no more.
void session_initial_state(const struct config *config, char hex[CONFIG_HASH_BYTES]);

// As session_run, on such a drive, which it takes over if it is the run's; else its own is prepared beside it. NULL: it
// is prepared by itself.
int session_run_on(struct session_drive *drive, const struct session_options *options, const char *command_line,
                   session_use_fn *use, void *context);

// Opens the recording of the options; NULL with the reasons in `diag`.
struct trace *session_open_trace(const struct session_options *options, struct diag *diag);

// The jobs as one text; NULL: none. To be freed.
char *session_job_text(const struct option_texts *jobs);

// Creates the workload of the jobs, of which there is one at least. NULL with the reasons in `diag`.
struct workload *session_create_jobs(const struct option_texts *jobs, struct diag *diag);

// What the words of a job say of it. Returns 0, or -1 with the reasons in `diag`.
int session_read_terms(const char *text, struct load_terms *terms, struct diag *diag);

// Whether the jobs may end as `until` has it. Returns 0, or -1 with the reason in `diag`.
int session_check_until(const struct session_options *options, struct diag *diag);

// Draws the plots of the result that a run has written.
void session_draw(const struct session_options *options);

#endif
