// A database under transactions: pages at random, and a log.
//
// Each transaction reads pages one after the other, appends to the log and waits for its commit (host/generate/log.c).
// It leaves pages changed, which writers in the background write in place; when too many wait for that, transactions
// wait, too. Pages are read and written by one distribution, and so many are read for each that is written: 1.9 in
// TPC-C, 9.7 in TPC-E (Chen et al., "TPC-E vs. TPC-C: characterizing the new TPC-E benchmark via an I/O comparison
// study", SIGMOD Record 39(3), 2010, which finds the accesses of both random).
//
// Left out: the buffer pool, whose misses these are (host/generate/btree.c has one); checkpoints; locks.
#include "host/generate/models.h"

#include <stdlib.h>

#include "host/generate/log.h"
#include "host/job/distribution.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { WRITERS_MAX = 1024 };

struct oltp_options {
    struct model_options common;
    uint64_t page, log_size, log_record; // bytes
    uint64_t reads;                      // pages a transaction
    uint64_t ratio;                      // pages read for each that is written, in thousandths
    uint64_t writers;                    // pages written at a time
    uint64_t dirty;                      // pages that may wait to be written
    uint32_t commit;                     // enum log_sync
    struct distribution_spec distribution;
};

struct oltp_counts {
    uint64_t pages_read, pages_written, stalls;
    struct log_counts log;
};

struct oltp {
    struct distribution pages;
    uint64_t first;      // byte of page 0
    struct log log;
    struct task *writer;
    uint64_t dirty, owed; // pages to be written, and thousandths of one
    struct task_list stalled;
};

#define WORD(...) WORD_ROW(struct oltp_options, __VA_ARGS__)

static const struct word_row rows[] = {
    WORD(page, page, SIZE, "8k", 512, 1 << 20, "bytes of a page"),
    WORD(reads, reads, COUNT, "4", 0, 10000, "pages that a transaction reads, one after the other"),
    WORD(ratio, ratio, THOUSANDTHS, "1.9", 1, UINT32_MAX, "pages read for each that is written: TPC-C 1.9, TPC-E 9.7"),
    WORD(distribution, distribution, DISTRIBUTION, "zipf:0.8", 0, 0,
         "which pages: random, zipf:THETA, pareto:H, zoned:A/S:..."),
    WORD(writers, writers, COUNT, "8", 1, WRITERS_MAX, "pages that are written at a time"),
    WORD(dirty, dirty, COUNT, "1000", 1, UINT32_MAX, "changed pages that may wait until transactions do"),
    WORD(log_record, log_record, SIZE, "2k", 1, 1 << 20, "bytes that a transaction appends to the log"),
    WORD(log_size, log_size, SIZE, "64m", 2 << 20, JOB_PERCENT - 1, "bytes of the log, at the beginning of the space"),
    WORD(commit, commit, CHOICE, "fua", 0, 0, "how the log is made durable: fua, flush, none",
         .choices = log_sync_names),
    {.name = NULL},
};

#define COUNT_ROW(name, text) {#name, STAT_COUNT, offsetof(struct oltp_counts, name), "1", text}
static const struct stat_field fields[] = {
    COUNT_ROW(pages_read, "Pages read by transactions."),
    COUNT_ROW(pages_written, "Changed pages written in the background."),
    COUNT_ROW(stalls, "Transactions that waited because too many changed pages did."),
    LOG_COUNT_ROWS(struct oltp_counts, log),
};

static uint64_t clients(const void *options)
{
    (void)options;
    return 16;
}

static const char *check(const void *options)
{
    const struct oltp_options *o = options;
    return o->page % 512 == 0 ? NULL : "page must be a multiple of 512 bytes";
}

static const char *check_space(const void *options, const struct model_space *space)
{
    const struct oltp_options *o = options;
    if (o->page % space->block != 0)
        return "page must be a multiple of the logical block";
    return space->bytes >= o->log_size + o->page ? NULL : "its space has no room for log_size and a page";
}

static uint64_t draw_page(struct oltp *m, const struct oltp_options *o, struct task *task)
{
    return m->first + distribution_draw(&m->pages, &task->rng) * o->page;
}

static void choose(struct generator *g, struct task *client)
{
    (void)g, (void)client;
}

// What a transaction has changed, in thousandths of a page for each that it read; false: it has to wait.
static bool leave_dirty(struct generator *g, struct oltp *m, const struct oltp_options *o, struct task *client)
{
    m->owed += o->reads * 1000 * 1000;
    m->dirty += m->owed / (o->ratio * 1000);
    m->owed %= o->ratio * 1000;
    generator_wake(g, m->writer);
    if (m->dirty <= o->dirty)
        return true;
    ((struct oltp_counts *)generator_counts(g))->stalls++;
    task_list_push(&m->stalled, client);
    return false;
}

// Its reads, its commit, what it leaves, its end.
static enum step_result step(struct generator *g, struct task *client)
{
    struct oltp *m = generator_model(g);
    const struct oltp_options *o = generator_options(g);
    uint64_t at = client->at++;
    if (at < o->reads) {
        ((struct oltp_counts *)generator_counts(g))->pages_read++;
        generator_io(g, client, IO_READ, draw_page(m, o, client), o->page);
        return STEP_ON;
    }
    if (at == o->reads) {
        log_append(&m->log, o->log_record);
        return log_commit(&m->log, g, client) ? STEP_WAITS : STEP_ON;
    }
    return at > o->reads + 1 || leave_dirty(g, m, o, client) ? STEP_DONE : STEP_WAITS;
}

static enum step_result write_log(struct generator *g, struct task *writer)
{
    return log_write_step(&((struct oltp *)generator_model(g))->log, g, writer);
}

static enum step_result write_pages(struct generator *g, struct task *writer)
{
    struct oltp *m = generator_model(g);
    const struct oltp_options *o = generator_options(g);
    uint64_t count = MIN(m->dirty, o->writers);
    while (m->dirty <= o->dirty && m->stalled.first != NULL)
        generator_wake(g, task_list_pop(&m->stalled));
    if (count == 0)
        return STEP_DONE;
    m->dirty -= count;
    ((struct oltp_counts *)generator_counts(g))->pages_written += count;
    for (uint64_t i = 0; i < count; i++)
        generator_io(g, writer, IO_WRITE, draw_page(m, o, writer), o->page);
    return STEP_ON;
}

static void *create(struct generator *g, const struct model_space *space)
{
    struct oltp *m = xcalloc(1, sizeof *m);
    const struct oltp_options *o = generator_options(g);
    struct task *log_writer = generator_add_task(g, write_log);
    struct oltp_counts *counts = generator_counts(g);
    uint32_t block = MAX(space->block, 512u);
    m->writer = generator_add_task(g, write_pages);
    log_init(&m->log, log_writer, &counts->log, 0, o->log_size, block, o->commit);
    m->first = (o->log_size + o->page - 1) / o->page * o->page;
    uint64_t pages = MAX((space->bytes - m->first) / o->page, 1);
    distribution_init(&m->pages, &o->distribution, pages, &m->writer->rng);
    return m;
}

const struct model_ops model_oltp = {
    .name = "oltp",
    .help = "a database under transactions: pages at random, and a log",
    .rows = rows,
    .options_bytes = sizeof(struct oltp_options),
    .tasks = 2,
    .fields = fields,
    .field_count = ARRAY_SIZE(fields),
    .counts_bytes = sizeof(struct oltp_counts),
    .clients = clients,
    .check = check,
    .check_space = check_space,
    .create = create,
    .destroy = free,
    .choose = choose,
    .step = step,
};
