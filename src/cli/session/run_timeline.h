// The options that make a run write a timeline: which files, of which stretch of time.
#ifndef SQTAIL_CLI_SESSION_RUN_TIMELINE_H
#define SQTAIL_CLI_SESSION_RUN_TIMELINE_H

#include "cli/session/session.h"

struct timeline_options {
    struct option_texts files;
    const char *window;      // "10ms-12ms"
    uint64_t around_slowest; // commands; 0: not given
};

// The rows of the options above, for a command whose options struct S has a timeline_options named `timeline`.
#define TIMELINE_ROWS(S) \
    {"timeline", 0, OPTION_TEXTS, offsetof(S, timeline.files), "FILE", \
     "Write what each die, channel, queue and processor does: as trace events for Perfetto (FILE.json), or as a " \
     "value change dump for GTKWave (FILE.vcd). May be repeated. See doc/timeline.md."}, \
    {"window", 0, OPTION_TEXT, offsetof(S, timeline.window), "FROM-TO", \
     "Of the timeline, only this time since measuring began, such as 10ms-12ms (default: all)."}, \
    {"around-slowest", 0, OPTION_COUNT, offsetof(S, timeline.around_slowest), "N", \
     "Of the timeline, only the times in which the N slowest commands were in the drive. The load is run twice."},

// Runs the session with its timelines, if any are asked for; else as session_run does.
int run_with_timeline(const struct timeline_options *options, const struct session_options *session,
                      const char *command_line, session_use_fn *use, void *context);

#endif
