// A file system under file, mail and web servers: the personalities of Filebench.
//
// Each client goes round a list of operations, those of its fileserver, varmail and webserver (Tarasov, Zadok and
// Shepler, "Filebench: a flexible framework for file system benchmarking", ;login: 41(1), 2016), on files drawn at
// random. A whole file is read in pieces of `iosize`, one after the other, unless the page cache has it. What is
// written goes to the page cache and from there to the drive by a task in the background, several extents at a time;
// who has written too much waits for that. What changes metadata adds blocks to a journal, which fsync commits, after
// it has written the file's own data, and a timer every five seconds (ext4 with data=ordered); then the timer has
// inodes written in place, each block once.
//
// Sizes of files are gamma-distributed with shape 1.5, as Filebench's. A file has a slot of four times the mean size,
// which neither it nor what is appended to it exceeds.
//
// Left out: directories and reads of metadata, which are taken for cached; fragmentation; opening and closing.
#include <stdlib.h>

#include "host/generate/log.h"
#include "host/generate/models.h"
#include "host/job/exponential.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { BLOCK = 4096, INODES_A_BLOCK = 16, SLOT_SIZES = 4, NO_FILE = -1, FLOW_MAX = 16, WRITE_BACK_MAX = 256 };
#define COMMIT_INTERVAL (5 * TICKS_PER_S)

enum file_op { END, CREATE, WRITE, APPEND, READ, DELETE, STAT, FSYNC, APPEND_LOG };

struct personality {
    uint64_t clients, files, filesize, preallocated; // the last in percent
    enum file_op flow[FLOW_MAX];
};

static const struct personality of_fileserver = {
    50, 10000, 128 << 10, 80, {CREATE, WRITE, APPEND, READ, DELETE, STAT, END},
};
static const struct personality of_varmail = {
    16, 1000, 16 << 10, 80, {DELETE, CREATE, APPEND, FSYNC, READ, APPEND, FSYNC, READ, END},
};
static const struct personality of_webserver = {
    100, 1000, 16 << 10, 100, {READ, READ, READ, READ, READ, READ, READ, READ, READ, READ, APPEND_LOG, END},
};

struct files_options {
    struct model_options common;
    uint64_t files, filesize, append, iosize;
    uint64_t cached;    // reads of whole files that the page cache answers, %
    uint64_t dirty;     // bytes that may wait to be written
    uint64_t writers;   // extents written at a time
    uint64_t metadata;  // blocks that a change of metadata adds to the journal
    uint64_t journal_size;
    uint64_t discard;   // 1: what is deleted is trimmed
};

struct files_counts {
    uint64_t files_read, bytes_read, bytes_written, files_created, files_deleted, fsyncs, stalls;
    struct log_counts journal;
};

struct extent {
    uint64_t offset, bytes;
};

// What a client is at.
struct files_client {
    const enum file_op *next; // in the flow
    enum file_op op;
    int64_t file;             // its last one
    struct extent left;       // of what it reads or writes
    struct extent unsynced;   // what it has written and will fsync
};

struct files {
    const struct personality *personality;
    uint64_t count, filesize, slot;  // files; bytes
    uint64_t inodes, data;           // where they begin
    uint32_t *blocks;                // of each file; 0: there is none
    bool *inode_dirty;               // by block of inodes
    uint64_t log_at;                 // where the next record of the log of a server goes
    struct files_client *clients;
    struct log journal;
    struct task *writer, *timer;
    struct extent *waiting;          // to be written back: a ring
    uint64_t ring, head, waiting_count, dirty;
    struct task_list stalled;
};

#define WORD(...) WORD_ROW(struct files_options, __VA_ARGS__)

static const struct word_row rows[] = {
    WORD(files, files, COUNT, "0", 0, 1 << 26, "how many; 0: fileserver 10000, varmail and webserver 1000"),
    WORD(filesize, filesize, SIZE, "0", 0, 1 << 30, "bytes of a file, on average; 0: fileserver 128k, others 16k"),
    WORD(append, append, SIZE, "16k", 1, 1 << 30, "bytes that are appended, on average"),
    WORD(iosize, iosize, SIZE, "1m", BLOCK, 1 << 30, "bytes that are read or written at a time, at most"),
    WORD(cached, cached, PERCENT, "0", 0, 100, "percentage of reads that the page cache answers"),
    WORD(dirty, dirty, SIZE, "64m", 1 << 20, UINT64_C(1) << 40, "bytes that may wait to be written until clients do"),
    WORD(writers, writers, COUNT, "16", 1, WRITE_BACK_MAX, "extents that are written back at a time"),
    WORD(metadata, metadata, COUNT, "2", 1, 64, "blocks of 4k that each change of metadata adds to the journal"),
    WORD(journal_size, journal_size, SIZE, "32m", 2 << 20, UINT64_C(1) << 40,
         "bytes of the journal, at the beginning of the space"),
    WORD(discard, discard, COUNT, "0", 0, 1, "1: a deleted file is trimmed"),
    {.name = NULL},
};

#define COUNT_ROW(name, unit, text) {#name, STAT_COUNT, offsetof(struct files_counts, name), unit, text}
static const struct stat_field fields[] = {
    COUNT_ROW(files_read, "1", "Whole files read, from the drive or not."),
    COUNT_ROW(bytes_read, "bytes", "Of them from the drive."),
    COUNT_ROW(bytes_written, "bytes", "Written by clients to files."),
    COUNT_ROW(files_created, "1", "Files created."),
    COUNT_ROW(files_deleted, "1", "Files deleted."),
    COUNT_ROW(fsyncs, "1", "Calls of fsync."),
    COUNT_ROW(stalls, "1", "Writes that waited because too much waited to be written back."),
    LOG_COUNT_ROWS(struct files_counts, journal),
};

static struct files_counts *counts_of(struct generator *g)
{
    return generator_counts(g);
}

// --- the space -----------------------------------------------------------------------------------------------------

static uint64_t round_up(uint64_t bytes)
{
    return (bytes + BLOCK - 1) / BLOCK * BLOCK;
}

static struct files plan(const struct personality *personality, const struct files_options *o)
{
    struct files m = {.personality = personality};
    m.count = o->files > 0 ? o->files : personality->files;
    m.filesize = o->filesize > 0 ? o->filesize : personality->filesize;
    m.slot = round_up(SLOT_SIZES * m.filesize);
    m.inodes = round_up(o->journal_size);
    m.data = m.inodes + (m.count + INODES_A_BLOCK - 1) / INODES_A_BLOCK * BLOCK;
    return m;
}

// One slot more is the server's own log.
static const char *check_space_of(const struct personality *personality, const struct files_options *o,
                                  const struct model_space *space)
{
    struct files m = plan(personality, o);
    if (space->block > BLOCK)
        return "logical blocks must be of 4k at most";
    return (m.count + 1) * m.slot <= space->bytes && m.data <= space->bytes - (m.count + 1) * m.slot
               ? NULL : "its space has no room for a journal and four times filesize for each of files";
}

static uint64_t slot_of(const struct files *m, int64_t file)
{
    return m->data + (uint64_t)file * m->slot;
}

// Gamma with shape 3/2: an exponential one, and half the square of a normal one, which is another exponential one times
// the squared cosine of an angle (Box and Muller), that of a point in the unit circle.
static uint64_t draw_gamma(struct rng *rng, uint64_t mean)
{
    uint64_t x, y, squares;
    do {
        x = rng_below(rng, UINT64_C(1) << 31);
        y = rng_below(rng, UINT64_C(1) << 31);
        squares = x * x + y * y;
    } while (squares == 0 || squares >= UINT64_C(1) << 62);
    uint64_t first = exponential_q32(rng_u64(rng)), second = exponential_q32(rng_u64(rng));
    uint64_t half_square = (uint64_t)((unsigned __int128)second * (x * x) / squares);
    return (uint64_t)((unsigned __int128)(first + half_square) * mean * 2 / 3 >> 32);
}

// The first from a random one on that is there, or not; NO_FILE: none is so.
static int64_t find_file(const struct files *m, struct task *client, bool there)
{
    uint64_t from = rng_below(&client->rng, m->count);
    for (uint64_t i = 0; i < m->count; i++) {
        uint64_t file = (from + i) % m->count;
        if ((m->blocks[file] > 0) == there)
            return (int64_t)file;
    }
    return NO_FILE;
}

// --- what is written back ------------------------------------------------------------------------------------------

static void write_back_later(struct generator *g, struct files *m, struct extent extent)
{
    if (m->waiting_count == m->ring) {
        struct extent *waiting = xcalloc(2 * m->ring, sizeof *waiting);
        for (uint64_t i = 0; i < m->ring; i++)
            waiting[i] = m->waiting[(m->head + i) % m->ring];
        free(m->waiting);
        m->waiting = waiting;
        m->head = 0;
        m->ring *= 2;
    }
    m->waiting[(m->head + m->waiting_count++) % m->ring] = extent;
    m->dirty += extent.bytes;
    generator_wake(g, m->writer);
}

static enum step_result write_back(struct generator *g, struct task *writer)
{
    struct files *m = generator_model(g);
    const struct files_options *o = generator_options(g);
    while (m->dirty <= o->dirty && m->stalled.first != NULL)
        generator_wake(g, task_list_pop(&m->stalled));
    uint64_t count = MIN(m->waiting_count, o->writers);
    for (uint64_t i = 0; i < count; i++) {
        struct extent *extent = &m->waiting[m->head];
        generator_io(g, writer, IO_WRITE, extent->offset, extent->bytes);
        m->dirty -= extent->bytes;
        m->head = (m->head + 1) % m->ring;
        m->waiting_count--;
    }
    return count > 0 ? STEP_ON : STEP_DONE;
}

static enum step_result write_journal(struct generator *g, struct task *writer)
{
    return log_write_step(&((struct files *)generator_model(g))->journal, g, writer);
}

// Commits, and sends the inodes that have changed to their places.
static enum step_result commit_in_time(struct generator *g, struct task *timer)
{
    struct files *m = generator_model(g);
    log_flush(&m->journal, g);
    for (uint64_t i = 0; i < (m->count + INODES_A_BLOCK - 1) / INODES_A_BLOCK; i++) {
        if (m->inode_dirty[i])
            write_back_later(g, m, (struct extent){m->inodes + i * BLOCK, BLOCK});
        m->inode_dirty[i] = false;
    }
    generator_sleep(g, timer, generator_now(g) + COMMIT_INTERVAL);
    return STEP_WAITS;
}

// --- operations ----------------------------------------------------------------------------------------------------

static struct files_client *client_of(struct generator *g, const struct task *task)
{
    return &((struct files *)generator_model(g))->clients[task->index];
}

static void change_metadata(struct generator *g, struct files *m, int64_t file)
{
    const struct files_options *o = generator_options(g);
    m->inode_dirty[file / INODES_A_BLOCK] = true;
    log_append(&m->journal, o->metadata * BLOCK);
}

// Blocks of the file that begin at its block `from`.
static struct extent extent_of(const struct files *m, int64_t file, uint64_t from, uint64_t bytes)
{
    uint64_t blocks = round_up(MAX(bytes, 1)) / BLOCK, most = m->slot / BLOCK;
    blocks = MIN(blocks, most);
    from = MIN(from, most - blocks);
    return (struct extent){slot_of(m, file) + from * BLOCK, blocks * BLOCK};
}

static void write_to(struct generator *g, struct files *m, struct files_client *c, uint64_t from, uint64_t bytes)
{
    c->left = extent_of(m, c->file, from, bytes);
    m->blocks[c->file] = (uint32_t)((c->left.offset + c->left.bytes - slot_of(m, c->file)) / BLOCK);
    counts_of(g)->bytes_written += c->left.bytes;
    change_metadata(g, m, c->file);
}

static void create_file(struct generator *g, struct files *m, struct files_client *c, struct task *task)
{
    int64_t file = find_file(m, task, false);
    c->file = file == NO_FILE ? (int64_t)rng_below(&task->rng, m->count) : file;
    m->blocks[c->file] = 1;
    counts_of(g)->files_created++;
    change_metadata(g, m, c->file);
}

static void write_file(struct generator *g, struct files *m, struct files_client *c, struct task *task)
{
    write_to(g, m, c, 0, draw_gamma(&task->rng, m->filesize));
}

// What has just been created is that which is appended to.
static void append_file(struct generator *g, struct files *m, struct files_client *c, struct task *task)
{
    const struct files_options *o = generator_options(g);
    bool created = c->next - m->personality->flow >= 2 && c->next[-2] == CREATE;
    int64_t file = created ? c->file : find_file(m, task, true);
    c->file = file == NO_FILE ? 0 : file;
    write_to(g, m, c, created ? 0 : m->blocks[c->file], draw_gamma(&task->rng, o->append));
}

static void read_file(struct generator *g, struct files *m, struct files_client *c, struct task *task)
{
    const struct files_options *o = generator_options(g);
    int64_t file = find_file(m, task, true);
    counts_of(g)->files_read++;
    if (file == NO_FILE || rng_below(&task->rng, 100) < o->cached)
        return;
    c->left = extent_of(m, file, 0, m->blocks[file] * (uint64_t)BLOCK);
    counts_of(g)->bytes_read += c->left.bytes;
}

static void delete_file(struct generator *g, struct files *m, struct files_client *c, struct task *task)
{
    int64_t file = find_file(m, task, true);
    if (file == NO_FILE)
        return;
    c->left = extent_of(m, file, 0, m->blocks[file] * (uint64_t)BLOCK);
    m->blocks[file] = 0;
    counts_of(g)->files_deleted++;
    change_metadata(g, m, file);
}

static void do_nothing(struct generator *g, struct files *m, struct files_client *c, struct task *task)
{
    (void)g, (void)m, (void)c, (void)task;
}

static void sync_file(struct generator *g, struct files *m, struct files_client *c, struct task *task)
{
    (void)m, (void)task;
    c->left = c->unsynced;
    c->unsynced.bytes = 0;
    counts_of(g)->fsyncs++;
}

// The server's own log goes round a slot after the last file's.
static void append_log(struct generator *g, struct files *m, struct files_client *c, struct task *task)
{
    const struct files_options *o = generator_options(g);
    uint64_t bytes = MIN(round_up(MAX(draw_gamma(&task->rng, o->append), 1)), m->slot);
    m->log_at = m->log_at + bytes > m->slot ? 0 : m->log_at;
    c->left = (struct extent){slot_of(m, (int64_t)m->count) + m->log_at, bytes};
    m->log_at += bytes;
    counts_of(g)->bytes_written += bytes;
    change_metadata(g, m, 0);
}

static void choose(struct generator *g, struct task *task)
{
    static void (*const begin[])(struct generator *g, struct files *m, struct files_client *c, struct task *task) = {
        [CREATE] = create_file, [WRITE] = write_file, [APPEND] = append_file, [READ] = read_file,
        [DELETE] = delete_file, [STAT] = do_nothing,  [FSYNC] = sync_file,    [APPEND_LOG] = append_log,
    };
    struct files *m = generator_model(g);
    struct files_client *c = client_of(g, task);
    if (*c->next == END)
        c->next = m->personality->flow;
    c->op = *c->next++;
    c->left.bytes = 0;
    begin[c->op](g, m, c, task);
}

// --- their steps ---------------------------------------------------------------------------------------------------

// The next piece of what is left.
static struct extent take_piece(const struct files_options *o, struct files_client *c)
{
    struct extent piece = {c->left.offset, MIN(c->left.bytes, round_up(o->iosize))};
    c->left.offset += piece.bytes;
    c->left.bytes -= piece.bytes;
    return piece;
}

// One piece after the other.
static enum step_result move_pieces(struct generator *g, struct task *task, enum io_kind kind)
{
    struct files_client *c = client_of(g, task);
    if (c->left.bytes == 0)
        return STEP_DONE;
    struct extent piece = take_piece(generator_options(g), c);
    generator_io(g, task, kind, piece.offset, piece.bytes);
    return STEP_ON;
}

// Kept for fsync, where that comes next, or given to the page cache.
static enum step_result buffer_pieces(struct generator *g, struct task *task)
{
    struct files *m = generator_model(g);
    const struct files_options *o = generator_options(g);
    struct files_client *c = client_of(g, task);
    if (*c->next == FSYNC) {
        c->unsynced = c->left;
        return STEP_DONE;
    }
    while (c->left.bytes > 0)
        write_back_later(g, m, take_piece(o, c));
    if (m->dirty <= o->dirty || task->at++ > 0)
        return STEP_DONE;
    counts_of(g)->stalls++;
    task_list_push(&m->stalled, task);
    return STEP_WAITS;
}

static enum step_result sync_pieces(struct generator *g, struct task *task)
{
    struct files *m = generator_model(g);
    if (client_of(g, task)->left.bytes > 0)
        return move_pieces(g, task, IO_WRITE);
    if (task->at++ > 0)
        return STEP_DONE;
    return log_commit(&m->journal, g, task) ? STEP_WAITS : STEP_DONE;
}

static enum step_result trim_pieces(struct generator *g, struct task *task)
{
    const struct files_options *o = generator_options(g);
    return o->discard ? move_pieces(g, task, IO_TRIM) : STEP_DONE;
}

static enum step_result read_pieces(struct generator *g, struct task *task)
{
    return move_pieces(g, task, IO_READ);
}

static enum step_result is_done(struct generator *g, struct task *task)
{
    (void)g, (void)task;
    return STEP_DONE;
}

static enum step_result step(struct generator *g, struct task *task)
{
    static enum step_result (*const steps[])(struct generator *g, struct task *task) = {
        [CREATE] = is_done,     [WRITE] = buffer_pieces, [APPEND] = buffer_pieces, [READ] = read_pieces,
        [DELETE] = trim_pieces, [STAT] = is_done,        [FSYNC] = sync_pieces,    [APPEND_LOG] = buffer_pieces,
    };
    return steps[client_of(g, task)->op](g, task);
}

// --- its life ------------------------------------------------------------------------------------------------------

static void make_files(struct files *m, struct rng *rng)
{
    m->blocks = xcalloc(m->count, sizeof *m->blocks);
    m->inode_dirty = xcalloc((m->count + INODES_A_BLOCK - 1) / INODES_A_BLOCK, sizeof *m->inode_dirty);
    for (uint64_t i = 0; i < m->count; i++)
        if (rng_below(rng, 100) < m->personality->preallocated)
            m->blocks[i] = (uint32_t)(extent_of(m, 0, 0, draw_gamma(rng, m->filesize)).bytes / BLOCK);
}

static void *create_of(const struct personality *personality, struct generator *g)
{
    const struct files_options *o = generator_options(g);
    struct files *m = xcalloc(1, sizeof *m);
    *m = plan(personality, o);
    struct task *journal_writer = generator_add_task(g, write_journal);
    m->writer = generator_add_task(g, write_back);
    m->timer = generator_add_task(g, commit_in_time);
    log_init(&m->journal, journal_writer, &counts_of(g)->journal, 0, o->journal_size, BLOCK, LOG_JOURNAL);
    make_files(m, &m->timer->rng);
    m->clients = xcalloc(generator_clients(g), sizeof *m->clients);
    for (uint32_t i = 0; i < generator_clients(g); i++)
        m->clients[i].next = personality->flow;
    m->ring = 64;
    m->waiting = xcalloc(m->ring, sizeof *m->waiting);
    generator_sleep(g, m->timer, generator_now(g) + COMMIT_INTERVAL);
    return m;
}

static void destroy(void *model)
{
    struct files *m = model;
    free(m->blocks);
    free(m->inode_dirty);
    free(m->clients);
    free(m->waiting);
    free(m);
}

// A model for each personality.
#define PERSONALITY(personality, text)                                                                                \
    static uint64_t clients_of_##personality(const void *options)                                                     \
    {                                                                                                                 \
        (void)options;                                                                                                \
        return of_##personality.clients;                                                                              \
    }                                                                                                                 \
    static const char *check_space_of_##personality(const void *options, const struct model_space *space)             \
    {                                                                                                                 \
        return check_space_of(&of_##personality, options, space);                                                     \
    }                                                                                                                 \
    static void *create_##personality(struct generator *g, const struct model_space *space)                           \
    {                                                                                                                 \
        (void)space;                                                                                                  \
        return create_of(&of_##personality, g);                                                                       \
    }                                                                                                                 \
    const struct model_ops model_##personality = {                                                                    \
        .name = #personality,                                                                                         \
        .help = text,                                                                                                 \
        .rows = rows,                                                                                                 \
        .options_bytes = sizeof(struct files_options),                                                                \
        .tasks = 3,                                                                                                   \
        .fields = fields,                                                                                             \
        .field_count = ARRAY_SIZE(fields),                                                                            \
        .counts_bytes = sizeof(struct files_counts),                                                                  \
        .clients = clients_of_##personality,                                                                          \
        .check_space = check_space_of_##personality,                                                                  \
        .create = create_##personality,                                                                               \
        .destroy = destroy,                                                                                           \
        .choose = choose,                                                                                             \
        .step = step,                                                                                                 \
    };

PERSONALITY(fileserver, "a file server: files are created, written, appended to, read, deleted")
PERSONALITY(varmail, "a mail server: small files, with fsync after each write")
PERSONALITY(webserver, "a web server: small files are read, and a log is appended to")
