// A log with group commit.
//
// One write is on its way at a time, of all that was appended by then (DeWitt et al., "Implementation techniques for
// main memory database systems", SIGMOD 1984). The log is written in whole blocks: the last one is written again while
// it is not full, as databases do. A commit is done when its records are on the medium: by a write with FUA, or by a
// write and a flush after it. Without either nobody waits, unless LAG bytes do, and the log is written when BUFFER
// bytes have come together. A journal is written, then a block that commits it, with a flush before and FUA (Linux's
// jbd2).
//
// Left out: the log's header and checksums; that the log is full.
#include "host/generate/log.h"

#include "util/macros.h"

enum { WRITE, SEAL, WRITTEN };
enum { BUFFER = 64 << 10, LARGEST = 1 << 20, LAG = 8 << 20 };

const char *const log_sync_names[] = {"fua", "flush", "none", NULL};

void log_init(struct log *log, struct task *writer, struct log_counts *counts, uint64_t first, uint64_t bytes,
              uint32_t block, enum log_sync sync)
{
    *log = (struct log){.first = first, .bytes = bytes / block * block, .block = block, .sync = sync, .writer = writer,
                        .counts = counts};
}

// As much of what has come as fits in one write, and before the end of the log's place.
static void write_block(struct log *log, struct generator *g, struct task *writer)
{
    uint64_t begin = log->written / log->block * log->block, at = begin % log->bytes;
    uint64_t end = (log->appended + log->block - 1) / log->block * log->block;
    uint64_t bytes = MIN(MIN(end - begin, (uint64_t)LARGEST), log->bytes - at);
    log->taken = MIN(log->appended, begin + bytes);
    log->counts->writes++;
    log->counts->bytes += bytes;
    if (log->sync == LOG_FUA)
        generator_write_through(g, writer, log->first + at, bytes, false);
    else
        generator_io(g, writer, IO_WRITE, log->first + at, bytes);
}

static void wake_committed(struct log *log, struct generator *g)
{
    log->written = log->taken;
    while (log->waiting.first != NULL && log->waiting.first->until <= log->written)
        generator_wake(g, task_list_pop(&log->waiting));
}

// A flush, or the block that commits what is before it.
static void seal(struct log *log, struct generator *g, struct task *writer)
{
    if (log->sync == LOG_FLUSH) {
        generator_io(g, writer, IO_FLUSH, 0, 0);
        return;
    }
    generator_write_through(g, writer, log->first + log->taken % log->bytes, log->block, true);
    log->counts->bytes += log->block;
    log->appended += log->block;
    log->taken += log->block;
}

enum step_result log_write_step(struct log *log, struct generator *g, struct task *writer)
{
    if (writer->at == SEAL) {
        seal(log, g, writer);
        writer->at = WRITTEN;
        return STEP_ON;
    }
    if (writer->at == WRITTEN)
        wake_committed(log, g);
    writer->at = WRITE;
    bool enough = log->sync == LOG_NONE ? log->appended - log->written >= BUFFER : log->wanted > log->written;
    if (!enough)
        return STEP_DONE;
    write_block(log, g, writer);
    writer->at = log->sync == LOG_FLUSH || log->sync == LOG_JOURNAL ? SEAL : WRITTEN;
    return STEP_ON;
}

void log_append(struct log *log, uint64_t bytes)
{
    log->appended += bytes;
}

void log_flush(struct log *log, struct generator *g)
{
    log->wanted = log->appended;
    generator_wake(g, log->writer);
}

bool log_commit(struct log *log, struct generator *g, struct task *task)
{
    log->counts->commits++;
    log_flush(log, g);
    uint64_t behind = log->sync == LOG_NONE ? LAG : 0;
    if (log->appended - log->written <= behind)
        return false;
    task->until = log->appended - behind;
    task_list_push(&log->waiting, task);
    return true;
}
