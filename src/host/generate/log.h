// A log that operations commit to in groups.
#ifndef SQTAIL_HOST_GENERATE_LOG_H
#define SQTAIL_HOST_GENERATE_LOG_H

#include "host/generate/model.h"

enum log_sync { LOG_FUA, LOG_FLUSH, LOG_NONE, LOG_JOURNAL }; // the last is for file systems
extern const char *const log_sync_names[]; // in this order; ends with NULL

// A part of what a model counts.
struct log_counts {
    uint64_t commits, writes, bytes;
};

#define LOG_COUNT_ROWS(type, member)                                                                              \
    {"log_commits", STAT_COUNT, offsetof(type, member.commits), "1", "Commits to the log."},                      \
    {"log_writes", STAT_COUNT, offsetof(type, member.writes), "1", "Writes of the log, each of many commits."},   \
    {"log_bytes", STAT_COUNT, offsetof(type, member.bytes), "bytes", "Written to the log, in whole blocks."}

// A part of a model.
struct log {
    uint64_t first, bytes;   // its place, which it goes round
    uint32_t block;          // it is written in whole blocks of so many bytes
    enum log_sync sync;
    uint64_t appended;       // bytes of records so far,
    uint64_t wanted;         // of these to be written,
    uint64_t taken, written; // on their way, and on the drive
    struct task *writer;
    struct task_list waiting; // for a commit
    struct log_counts *counts;
};

void log_init(struct log *log, struct task *writer, struct log_counts *counts, uint64_t first, uint64_t bytes,
              uint32_t block, enum log_sync sync);

// The step of its writer, a task in the background, which the model's own calls.
enum step_result log_write_step(struct log *log, struct generator *generator, struct task *writer);

void log_append(struct log *log, uint64_t bytes);

// Has all that was appended written, and does not wait.
void log_flush(struct log *log, struct generator *generator);

// The task waits until all that was appended is written, which it must do with STEP_WAITS; false: it need not wait.
bool log_commit(struct log *log, struct generator *generator, struct task *task);

#endif
