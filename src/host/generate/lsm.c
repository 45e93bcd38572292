// YCSB on a log-structured merge tree, as RocksDB with levelled compaction.
//
// A write goes to the log and the memtable; a full memtable is written as a file of level 0, and files are merged from
// level to level (host/generate/lsm_tree.c), read and written in large pieces, several at a time. Memtables, files of
// level 0 and compaction hold writers up when they cannot follow. A read looks into the memtables, then from file to
// file, the newest first, wherever the filter says that the key may be: a Bloom filter of b bits a key is wrong with
// 0.6185^b (Bloom, CACM 13(7), 1970). What it finds is a block of the file, from the block cache, or from the drive,
// one after the other. A scan reads the blocks of each file that has records in between.
//
// The tree begins full: all keys on the last level, and levels before it at their targets, each with the keys that come
// last among so many writes that they fill it.
//
// Left out: index and filter blocks (taken for in memory), compression, subcompactions, slowdowns before stalls, rate
// limits.
#include <math.h>
#include <stdlib.h>

#include "host/generate/log.h"
#include "host/generate/lru.h"
#include "host/generate/lsm_memtable.h"
#include "host/generate/models.h"
#include "host/generate/ycsb.h"
#include "util/alloc.h"
#include "util/exact_math.h"
#include "util/macros.h"

enum { BLOCK = 4096, KEY_BYTES = 24, DEPTH_MAX = 64, CACHE_INDEX_BITS = 24, FILES_MAX = 1 << 22 };

struct lsm_options {
    struct model_options common;
    struct ycsb_options ycsb;
    uint64_t memtable, base, file, ratio, io, cache; // bytes, and the ratio of levels
    uint64_t trigger, stop;                          // files of level 0
    uint64_t bloom, depth, discard;                  // bits a key; pieces at a time; 1: yes
    uint32_t commit;                                 // enum log_sync
};

struct lsm_counts {
    struct ycsb_counts operations;
    struct log_counts log;
    uint64_t user_bytes, flushed, compaction_read, compaction_written, trimmed;
    uint64_t flushes, compactions, stalls;
    uint64_t memtable_hits, cache_hits, blocks_read, false_positives;
    double lsm_amplification;
};

enum { READING, WRITING, WRITTEN };

struct lsm_client {
    struct ycsb_choice choice;
    uint64_t place, older_than; // of its key; of level 0 the file it has looked into last
    uint32_t level;             // into which it looks
    bool begun, found;
};

// What is moved between files and memory, in pieces.
struct lsm_move {
    const struct lsm_file *files;
    uint32_t count, at;
    uint64_t offset, done; // in that file; of all
};

struct lsm {
    const struct lsm_options *options;
    struct ycsb ycsb;
    struct lsm_tree tree;
    struct lsm_memtable tables[2];
    struct lsm_memtable *active, *full; // full: being written; NULL: none
    struct lsm_client *clients;
    struct log log;
    struct lru cache;
    struct task *flusher, *compactor;
    struct task_list stalled;
    uint64_t data, slot, false_rate;    // byte of slot 0, bytes of each; of 2^32
    uint32_t *free, slots, free_at, free_count, beyond;
    struct lsm_file flush;
    struct lsm_merge merge;
    struct lsm_move out, in;            // of the flush and of compaction: written; read
    struct lsm_move flushing;
};

#define WORD(...) WORD_ROW(struct lsm_options, __VA_ARGS__)
#define LARGE (UINT64_C(1) << 40)
#define FILE_MAX ((uint64_t)BLOCK << CACHE_INDEX_BITS)

static const struct word_row rows[] = {
    YCSB_ROWS(struct lsm_options, ycsb),
    WORD(memtable, memtable, SIZE, "64m", 64 << 10, FILE_MAX / 16, "bytes of a memtable; there are two"),
    WORD(base, base, SIZE, "256m", 64 << 10, LARGE, "bytes of level 1, at most"),
    WORD(ratio, ratio, COUNT, "10", 2, 100, "of each level to the one before it"),
    WORD(file, file, SIZE, "64m", 64 << 10, FILE_MAX, "bytes of a file, at most"),
    WORD(l0_trigger, trigger, COUNT, "4", 1, 1000, "files of level 0 that are compacted"),
    WORD(l0_stop, stop, COUNT, "12", 1, 1000, "files of level 0 that hold up writers"),
    WORD(bloom, bloom, COUNT, "10", 0, 64, "bits of the filter for each key; 0: no filter"),
    WORD(cache, cache, SIZE, "128m", 0, LARGE, "bytes of the block cache"),
    WORD(commit, commit, CHOICE, "none", 0, 0, "how the log is made durable: fua, flush, none",
         .choices = log_sync_names),
    WORD(io, io, SIZE, "1m", BLOCK, 1 << 30, "bytes that flushes and compaction read or write at a time"),
    WORD(depth, depth, COUNT, "4", 1, DEPTH_MAX, "of these in flight"),
    WORD(discard, discard, COUNT, "1", 0, 1, "1: deleted files are trimmed"),
    {.name = NULL},
};

#define COUNT_ROW(name, unit, text) {#name, STAT_COUNT, offsetof(struct lsm_counts, name), unit, text}
static const struct stat_field fields[] = {
    YCSB_COUNT_ROWS(struct lsm_counts, operations),
    LOG_COUNT_ROWS(struct lsm_counts, log),
    COUNT_ROW(user_bytes, "bytes", "Keys and records that clients wrote."),
    COUNT_ROW(flushed, "bytes", "Written to level 0."),
    COUNT_ROW(compaction_read, "bytes", "Read by compaction."),
    COUNT_ROW(compaction_written, "bytes", "Written by compaction."),
    COUNT_ROW(trimmed, "bytes", "Of deleted files."),
    COUNT_ROW(flushes, "1", "Memtables written."),
    COUNT_ROW(compactions, "1", "Merges of files of a level with those of the next."),
    COUNT_ROW(stalls, "1", "Writes that were held up by a full memtable."),
    COUNT_ROW(memtable_hits, "1", "Reads that found their key in memory."),
    COUNT_ROW(cache_hits, "1", "Blocks found in the block cache."),
    COUNT_ROW(blocks_read, "1", "Blocks that reads asked the drive for."),
    COUNT_ROW(false_positives, "1", "Files that a filter took for having a key."),
    {"lsm_amplification", STAT_REAL, offsetof(struct lsm_counts, lsm_amplification), "1",
     "Bytes written by flushes and compaction, for each that clients wrote."},
};

static struct lsm_counts *counts_of(struct generator *g)
{
    return generator_counts(g);
}

static uint64_t entry_of(const struct lsm_options *o)
{
    return o->ycsb.value + KEY_BYTES;
}

static uint64_t round_up(uint64_t bytes)
{
    return (bytes + BLOCK - 1) / BLOCK * BLOCK;
}

// --- slots ---------------------------------------------------------------------------------------------------------
//
// Each file has one. When there is none left, which check_space makes unlikely, one is used twice: only addresses
// matter.

static uint32_t take_slot(struct lsm *m)
{
    if (m->free_count == 0)
        return m->slots + m->beyond++ % m->slots;
    uint32_t slot = m->free[m->free_at];
    m->free_at = (m->free_at + 1) % m->slots;
    m->free_count--;
    return slot;
}

static uint64_t address_of(const struct lsm *m, uint32_t slot)
{
    return m->data + slot % m->slots * m->slot;
}

// The file is deleted.
static void give_slot(struct generator *g, struct lsm *m, struct task *task, const struct lsm_file *file)
{
    if (file->slot >= m->slots)
        return;
    m->free[(m->free_at + m->free_count++) % m->slots] = file->slot;
    if (!m->options->discard)
        return;
    generator_io(g, task, IO_TRIM, address_of(m, file->slot), round_up(file->bytes));
    counts_of(g)->trimmed += round_up(file->bytes);
}

// --- what is moved -------------------------------------------------------------------------------------------------

static struct lsm_move move_of(const struct lsm_file *files, uint32_t count)
{
    return (struct lsm_move){.files = files, .count = count};
}

static bool is_moved(const struct lsm_move *move)
{
    return move->at == move->count;
}

// The next pieces, at most depth of them, while less than `until` is done.
static uint64_t move_pieces(struct generator *g, struct task *task, struct lsm_move *move, enum io_kind kind,
                            uint64_t until)
{
    const struct lsm *m = generator_model(g);
    uint64_t before = move->done;
    for (uint64_t i = 0; i < m->options->depth && !is_moved(move) && move->done < until; i++) {
        const struct lsm_file *file = &move->files[move->at];
        uint64_t left = round_up(file->bytes) - move->offset, bytes = MIN(round_up(m->options->io), left);
        generator_io(g, task, kind, address_of(m, file->slot) + move->offset, bytes);
        move->done += bytes;
        move->offset = bytes == left ? 0 : move->offset + bytes;
        move->at += bytes == left;
    }
    return move->done - before;
}

static void wake_stalled(struct generator *g, struct lsm *m)
{
    for (struct task *task; (task = task_list_pop(&m->stalled)) != NULL;)
        generator_wake(g, task);
}

static enum step_result flush(struct generator *g, struct task *task)
{
    struct lsm *m = generator_model(g);
    if (m->full == NULL)
        return STEP_DONE;
    if (task->at++ == 0) {
        m->flush = lsm_memtable_file(m->full, &m->tree);
        m->flush.slot = take_slot(m);
        m->flushing = move_of(&m->flush, 1);
        counts_of(g)->flushes++;
    }
    if (!is_moved(&m->flushing)) {
        counts_of(g)->flushed += move_pieces(g, task, &m->flushing, IO_WRITE, UINT64_MAX);
        return STEP_ON;
    }
    task->at = 0;
    lsm_add(&m->tree, m->flush);
    lsm_memtable_clear(m->full);
    m->full = NULL;
    wake_stalled(g, m);
    generator_wake(g, m->compactor);
    return STEP_DONE;
}

static bool begin_merge(struct generator *g, struct lsm *m)
{
    uint32_t level = lsm_choose(&m->tree, (uint32_t)m->options->trigger);
    if (level == m->tree.level_count)
        return false;
    m->merge = lsm_plan(&m->tree, level);
    for (uint32_t i = 0; i < m->merge.output_count; i++)
        m->merge.outputs[i].slot = take_slot(m);
    m->in = move_of(m->merge.inputs, m->merge.count);
    m->out = move_of(m->merge.outputs, m->merge.output_count);
    counts_of(g)->compactions++;
    return true;
}

static void end_merge(struct generator *g, struct lsm *m, struct task *task)
{
    for (uint32_t i = 0; i < m->merge.count; i++)
        give_slot(g, m, task, &m->merge.inputs[i]);
    lsm_apply(&m->tree, &m->merge);
    m->merge = (struct lsm_merge){0};
    wake_stalled(g, m);
}

// Reads and writes in turns, so that as much is written as what was read gives.
static enum step_result compact(struct generator *g, struct task *task)
{
    struct lsm *m = generator_model(g);
    if (m->merge.inputs == NULL && !begin_merge(g, m))
        return STEP_DONE;
    if (is_moved(&m->in) && is_moved(&m->out)) {
        end_merge(g, m, task);
        return STEP_ON;
    }
    uint64_t due = (uint64_t)((unsigned __int128)m->in.done * m->merge.bytes_out / m->merge.bytes_in);
    uint64_t written = move_pieces(g, task, &m->out, IO_WRITE, is_moved(&m->in) ? UINT64_MAX : due);
    counts_of(g)->compaction_written += written;
    if (written == 0)
        counts_of(g)->compaction_read += move_pieces(g, task, &m->in, IO_READ, UINT64_MAX);
    return STEP_ON;
}

static enum step_result write_log(struct generator *g, struct task *writer)
{
    return log_write_step(&((struct lsm *)generator_model(g))->log, g, writer);
}

// --- reads ---------------------------------------------------------------------------------------------------------

// The next file, newest first, whose range has the key: of level 0 each, of others one at most.
static const struct lsm_file *next_file(const struct lsm *m, struct lsm_client *c)
{
    const struct lsm_level *level = &m->tree.levels[0];
    for (uint32_t i = level->count; c->level == 0 && i-- > 0;)
        if (level->files[i].id < c->older_than) {
            c->older_than = level->files[i].id;
            return &level->files[i];
        }
    while (++c->level < m->tree.level_count) {
        const struct lsm_file *file = lsm_find(&m->tree.levels[c->level], c->place);
        if (file != NULL)
            return file;
    }
    return NULL;
}

// Whether the filter says that the file may have the key.
static bool may_have(struct generator *g, struct lsm *m, struct task *client, struct lsm_client *c,
                     const struct lsm_file *file)
{
    c->found = lsm_file_has(&m->tree, file, c->choice.key);
    bool wrong = !c->found && rng_u64(&client->rng) >> 32 < m->false_rate;
    counts_of(g)->false_positives += wrong;
    return c->found || wrong;
}

// The blocks of a file from the key's place on that are not all in the cache. Returns whether they must be read.
static bool ask_for(struct generator *g, struct lsm *m, struct task *client, const struct lsm_file *file,
                    uint64_t blocks)
{
    const struct lsm_client *c = &m->clients[client->index];
    uint64_t all = round_up(file->bytes) / BLOCK, missing = 0;
    uint64_t first = (uint64_t)((unsigned __int128)(c->place - file->low) * all / (file->high - file->low));
    blocks = MIN(blocks, all - first);
    for (uint64_t i = first; i < first + blocks; i++) {
        uint64_t number = file->id << CACHE_INDEX_BITS | i;
        bool hit = lru_use(&m->cache, number) != NULL;
        if (!hit)
            lru_add(&m->cache, number);
        missing += !hit;
    }
    counts_of(g)->cache_hits += blocks - missing;
    if (missing == 0)
        return false;
    counts_of(g)->blocks_read += blocks;
    generator_io(g, client, IO_READ, address_of(m, file->slot) + first * BLOCK, blocks * BLOCK);
    return true;
}

static void begin_reading(struct generator *g, struct lsm *m, struct lsm_client *c)
{
    c->begun = true;
    c->level = 0;
    c->older_than = UINT64_MAX;
    c->found = c->choice.op != YCSB_SCAN && (lsm_memtable_has(m->active, c->choice.key) ||
                                             (m->full != NULL && lsm_memtable_has(m->full, c->choice.key)));
    counts_of(g)->memtable_hits += c->found;
}

// Blocks that so many bytes take.
static uint64_t blocks_of(uint64_t bytes)
{
    return round_up(bytes) / BLOCK;
}

// Returns whether a block is being read.
static bool read_on(struct generator *g, struct lsm *m, struct task *client)
{
    struct lsm_client *c = &m->clients[client->index];
    const struct lsm_file *file;
    if (!c->begun)
        begin_reading(g, m, c);
    while (!c->found && (file = next_file(m, c)) != NULL)
        if (may_have(g, m, client, c, file) && ask_for(g, m, client, file, blocks_of(entry_of(m->options))))
            return true;
    return false;
}

// Of each file those among the records that are in it, by its level's share of all.
static bool scan_on(struct generator *g, struct lsm *m, struct task *client)
{
    struct lsm_client *c = &m->clients[client->index];
    const struct lsm_file *file;
    if (!c->begun)
        begin_reading(g, m, c);
    while ((file = next_file(m, c)) != NULL) {
        uint64_t all = m->ycsb.keys * entry_of(m->options), wanted = c->choice.count * entry_of(m->options);
        uint64_t bytes = c->level == 0 ? file->bytes : m->tree.levels[c->level].bytes;
        uint64_t part = (uint64_t)((unsigned __int128)wanted * bytes / all);
        if (ask_for(g, m, client, file, blocks_of(MAX(MIN(part, wanted), 1))))
            return true;
    }
    return false;
}

// --- writes --------------------------------------------------------------------------------------------------------

// Whether the memtable has room, or can be exchanged for one that has.
static bool has_room(struct generator *g, struct lsm *m)
{
    if (m->active->records < m->active->room)
        return true;
    if (m->full != NULL || m->tree.levels[0].count >= m->options->stop)
        return false;
    m->full = m->active;
    m->active = m->full == &m->tables[0] ? &m->tables[1] : &m->tables[0];
    generator_wake(g, m->flusher);
    return true;
}

static enum step_result write_key(struct generator *g, struct lsm *m, struct task *client)
{
    const struct lsm_client *c = &m->clients[client->index];
    if (!has_room(g, m)) {
        counts_of(g)->stalls++;
        task_list_push(&m->stalled, client);
        return STEP_WAITS;
    }
    client->at = WRITTEN;
    lsm_memtable_put(m->active, &m->tree, c->choice.key);
    log_append(&m->log, entry_of(m->options));
    counts_of(g)->user_bytes += entry_of(m->options);
    return log_commit(&m->log, g, client) ? STEP_WAITS : STEP_DONE;
}

static void choose(struct generator *g, struct task *client)
{
    struct lsm *m = generator_model(g);
    struct lsm_client *c = &m->clients[client->index];
    *c = (struct lsm_client){.choice = ycsb_choose(&m->ycsb, &client->rng)};
    c->place = lsm_place_of(c->choice.key);
}

static enum step_result step(struct generator *g, struct task *client)
{
    struct lsm *m = generator_model(g);
    enum ycsb_op op = m->clients[client->index].choice.op;
    if (client->at == READING && op == YCSB_SCAN && scan_on(g, m, client))
        return STEP_ON;
    if (client->at == READING && ycsb_reads(op) && read_on(g, m, client))
        return STEP_ON;
    if (!ycsb_writes(op) || client->at == WRITTEN)
        return STEP_DONE;
    client->at = WRITING;
    return write_key(g, m, client);
}

// --- its life ------------------------------------------------------------------------------------------------------

static uint64_t clients(const void *options)
{
    (void)options;
    return 16;
}

static const char *check(const void *options)
{
    const struct lsm_options *o = options;
    if (o->ycsb.keys > LARGE / entry_of(o) * 64)
        return "keys and value: more than 64 TiB of records";
    if (o->ycsb.keys * entry_of(o) / o->file > FILES_MAX)
        return "file: keys would take more than four million files";
    return o->stop >= o->trigger ? NULL : "l0_stop must not be less than l0_trigger";
}

static uint64_t log_bytes(const struct lsm_options *o)
{
    return round_up(4 * o->memtable);
}

static uint64_t slot_bytes(const struct lsm_options *o)
{
    return round_up(MAX(o->file, o->memtable));
}

// Of the last level, which files hardly ever fill, all others and what a compaction makes beside them.
static uint64_t slots_needed(const struct lsm_options *o)
{
    uint64_t files = o->ycsb.keys * entry_of(o) / o->file + 1, base = o->base / o->file + 1;
    return files + files / 2 + 2 * base + 2 * o->stop + 4;
}

static const char *check_space(const void *options, const struct model_space *space)
{
    const struct lsm_options *o = options;
    if (space->block > BLOCK)
        return "logical blocks must be of 4k at most";
    if (space->bytes < log_bytes(o) || (space->bytes - log_bytes(o)) / slot_bytes(o) < slots_needed(o))
        return "its space is too small for keys: one and a half times their records, two of base, 4 + 2 l0_stop of "
               "file and four of memtable are needed";
    return NULL;
}

// A key's share of writes, up to a factor.
static double popularity(const struct lsm_tree *tree, const struct lsm_options *o, int c)
{
    double first = (double)(UINT64_C(1) << c), last = first + (double)tree->class_keys[c];
    return exact_exp(-(double)o->ycsb.skew / 1000 * 0.5 * (exact_log(first) + exact_log(last)));
}

// The keys among `writes`, times the sum of popularities: shares of each class, and how many.
static double keys_among(const struct lsm_tree *tree, const struct lsm_options *o, double writes,
                         uint32_t share[LSM_CLASSES])
{
    double keys = 0;
    for (int c = 0; c < LSM_CLASSES; c++) {
        double there = tree->class_keys[c] == 0 ? 0 : 1 - exact_exp(-writes * popularity(tree, o, c));
        share[c] = (uint32_t)(there * LSM_ALL);
        keys += there * (double)tree->class_keys[c];
    }
    return keys;
}

static void fill_levels(struct lsm_tree *tree, const struct lsm_options *o)
{
    uint32_t share[LSM_CLASSES];
    for (uint32_t i = 1; i + 1 < tree->level_count; i++) {
        double wanted = (double)(tree->levels[i].target / tree->entry), low = 0, high = 1;
        while (keys_among(tree, o, high, share) < wanted)
            high *= 2;
        for (int round = 0; round < 60; round++) {
            double middle = (low + high) / 2;
            *(keys_among(tree, o, middle, share) < wanted ? &low : &high) = middle;
        }
        lsm_fill(tree, i, share);
    }
    for (int c = 0; c < LSM_CLASSES; c++)
        share[c] = LSM_ALL;
    lsm_fill(tree, tree->level_count - 1, share);
}

static void place_files(struct lsm *m)
{
    for (uint32_t i = 1; i < m->tree.level_count; i++)
        for (uint32_t f = 0; f < m->tree.levels[i].count; f++)
            m->tree.levels[i].files[f].slot = take_slot(m);
}

static void create_store(struct lsm *m, const struct model_space *space)
{
    const struct lsm_options *o = m->options;
    m->data = log_bytes(o);
    m->slot = slot_bytes(o);
    m->slots = m->free_count = (uint32_t)MIN((space->bytes - m->data) / m->slot, UINT32_MAX / 4);
    m->free = xcalloc(m->slots, sizeof *m->free);
    for (uint32_t i = 0; i < m->slots; i++)
        m->free[i] = i;
    lsm_tree_init(&m->tree, o->ycsb.keys, entry_of(o), o->file, o->base, o->ratio);
    fill_levels(&m->tree, o);
    place_files(m);
    for (int i = 0; i < 2; i++)
        lsm_memtable_init(&m->tables[i], MAX(o->memtable / entry_of(o), 1));
    m->active = &m->tables[0];
    lru_init(&m->cache, o->cache / BLOCK);
    m->false_rate = (uint64_t)(exact_exp(-0.4804530139182014 * (double)o->bloom) * 4294967296.0); // (ln 2)^2
}

// Those of the beginning, and what half of the files that are not needed for them can hold.
static uint64_t most_keys(const struct lsm *m)
{
    uint64_t spare = m->slots - slots_needed(m->options);
    return m->options->ycsb.keys + spare / 2 * m->options->file / entry_of(m->options);
}

static void *create(struct generator *g, const struct model_space *space)
{
    struct lsm *m = xcalloc(1, sizeof *m);
    m->options = generator_options(g);
    struct task *log_writer = generator_add_task(g, write_log);
    m->flusher = generator_add_task(g, flush);
    m->compactor = generator_add_task(g, compact);
    create_store(m, space);
    log_init(&m->log, log_writer, &counts_of(g)->log, 0, m->data, MAX(space->block, 512u), m->options->commit);
    m->clients = xcalloc(generator_clients(g), sizeof *m->clients);
    ycsb_init(&m->ycsb, &m->options->ycsb, most_keys(m), &counts_of(g)->operations, &m->compactor->rng);
    return m;
}

static void destroy(void *model)
{
    struct lsm *m = model;
    for (int i = 0; i < 2; i++)
        lsm_memtable_destroy(&m->tables[i]);
    lsm_tree_destroy(&m->tree);
    lru_destroy(&m->cache);
    free(m->merge.inputs);
    free(m->merge.outputs);
    free(m->free);
    free(m->clients);
    free(m);
}

static void settle(struct generator *g)
{
    struct lsm_counts *counts = counts_of(g);
    double written = (double)(counts->flushed + counts->compaction_written);
    counts->lsm_amplification = counts->user_bytes == 0 ? NAN : written / (double)counts->user_bytes;
}

const struct model_ops model_lsm = {
    .name = "lsm",
    .help = "YCSB on a log-structured merge tree: log, memtables, levels, filters, block cache",
    .rows = rows,
    .options_bytes = sizeof(struct lsm_options),
    .tasks = 3,
    .fields = fields,
    .field_count = ARRAY_SIZE(fields),
    .counts_bytes = sizeof(struct lsm_counts),
    .clients = clients,
    .check = check,
    .check_space = check_space,
    .create = create,
    .destroy = destroy,
    .choose = choose,
    .step = step,
    .settle = settle,
};
