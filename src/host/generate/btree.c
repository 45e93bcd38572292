// YCSB on a B-tree with a buffer pool and a log, as InnoDB.
//
// Each operation goes from the root to a leaf, page by page. A page that is not in the pool is read, in the place of
// the one used least recently, which is written first if it has been changed. What changes a leaf appends to the redo
// log and waits for its commit (host/generate/log.c). A task in the background writes changed pages, those first that
// were changed first: when more than `dirty` percent of the pool are, or when the log since the oldest of them takes
// three quarters of its place; when it takes all of it, writers wait. With a doublewrite buffer a batch is written
// there before it is written in place (MySQL 8.0 Reference Manual, "Doublewrite Buffer").
//
// Records are spread over leaves at random, as YCSB hashes keys, each leaf full to 69 % (ln 2: Yao, "On random 2-3
// trees", Acta Informatica 9, 1978).
//
// Left out: splits and growth, so that an insertion changes a leaf that is there; latches; read-ahead; a page that is
// being read counts as read for others that want it.
#include <math.h>
#include <stdlib.h>

#include "host/generate/log.h"
#include "host/generate/lru.h"
#include "host/generate/models.h"
#include "host/generate/ycsb.h"
#include "util/alloc.h"
#include "util/macros.h"
#include "util/permutation.h"

enum { KEY_BYTES = 24, POINTER_BYTES = 8, FILL_PERCENT = 69, HEIGHT_MAX = 12, BATCH_MAX = 128, LEAST_POOL = 64 };

struct btree_options {
    struct model_options common;
    struct ycsb_options ycsb;
    uint64_t page, pool, log_size; // bytes
    uint64_t dirty;                // of the pool, above which pages are written, %
    uint64_t writers;              // pages that are written at a time
    uint64_t doublewrite;          // 1: yes
    uint32_t commit;               // enum log_sync
};

struct btree_counts {
    struct ycsb_counts operations;
    struct log_counts log;
    uint64_t user_bytes, page_hits, page_misses, pages_written, pages_evicted, doublewrites, stalls;
    double cache_hit_share;
};

enum { FINDING, CHANGING, CHANGED };

struct btree_client {
    struct ycsb_choice choice;
    uint64_t leaf;
    uint32_t level;     // above leaves, of the page that it looks for next, with one added; 0: none is left
    uint32_t leaves;    // that a scan still reads after this one
    uint64_t leaving;   // a page that it drives out, and has written to the doublewrite buffer, with one added; 0: none
};

// A page that was changed, and the log at that time.
struct changed {
    uint64_t page, at;
};

struct btree {
    const struct btree_options *options;
    struct ycsb ycsb;
    struct permutation spread; // of keys over leaves
    uint64_t salt, a_leaf, fanout;
    uint32_t height;           // levels
    uint64_t first[HEIGHT_MAX], count[HEIGHT_MAX]; // pages of each, from leaves on
    uint64_t doublewrite, data; // where they begin
    struct lru pool;
    struct log log;
    struct btree_client *clients;
    struct task *writer;
    struct changed *changed;   // a ring, oldest first; those that are clean again by now are still there
    uint64_t ring, head, changed_count;
    uint64_t dirty;            // pages
    uint64_t batch[BATCH_MAX]; // of the writer
    uint32_t batch_count;
    struct task_list stalled;
};

#define WORD(...) WORD_ROW(struct btree_options, __VA_ARGS__)
#define LARGE (UINT64_C(1) << 40)

static const struct word_row rows[] = {
    YCSB_ROWS(struct btree_options, ycsb),
    WORD(page, page, SIZE, "16k", 4096, 1 << 20, "bytes of a page"),
    WORD(pool, pool, SIZE, "128m", 1 << 18, LARGE, "bytes of the buffer pool"),
    WORD(dirty, dirty, PERCENT, "10", 0, 100, "percentage of the pool that may be changed before pages are written"),
    WORD(writers, writers, COUNT, "32", 1, BATCH_MAX, "pages that are written at a time"),
    WORD(doublewrite, doublewrite, COUNT, "0", 0, 1, "1: pages are written to a doublewrite buffer first"),
    WORD(log_size, log_size, SIZE, "100m", 4 << 20, LARGE, "bytes of the redo log, at the beginning of the space"),
    WORD(commit, commit, CHOICE, "flush", 0, 0, "how the log is made durable: fua, flush, none",
         .choices = log_sync_names),
    {.name = NULL},
};

#define COUNT_ROW(name, unit, text) {#name, STAT_COUNT, offsetof(struct btree_counts, name), unit, text}
static const struct stat_field fields[] = {
    YCSB_COUNT_ROWS(struct btree_counts, operations),
    LOG_COUNT_ROWS(struct btree_counts, log),
    COUNT_ROW(user_bytes, "bytes", "Keys and records that clients wrote."),
    COUNT_ROW(page_hits, "1", "Pages found in the buffer pool."),
    COUNT_ROW(page_misses, "1", "Pages read."),
    COUNT_ROW(pages_written, "1", "Changed pages written in the background."),
    COUNT_ROW(pages_evicted, "1", "Changed pages written to make room for others."),
    COUNT_ROW(doublewrites, "1", "Pages written to the doublewrite buffer."),
    COUNT_ROW(stalls, "1", "Writes that were held up by a full log."),
    {"cache_hit_share", STAT_REAL, offsetof(struct btree_counts, cache_hit_share), "1", "Of pages: found in the pool."},
};

static struct btree_counts *counts_of(struct generator *g)
{
    return generator_counts(g);
}

static uint64_t entry_of(const struct btree_options *o)
{
    return o->ycsb.value + KEY_BYTES;
}

// --- its shape -----------------------------------------------------------------------------------------------------

static void shape(struct btree *m, const struct btree_options *o)
{
    uint64_t full = o->page * FILL_PERCENT / 100, pages = 0;
    m->a_leaf = MAX(full / entry_of(o), 1);
    m->fanout = MAX(full / (KEY_BYTES + POINTER_BYTES), 2);
    uint64_t count = (o->ycsb.keys + m->a_leaf - 1) / m->a_leaf;
    for (m->height = 0; m->height < HEIGHT_MAX; count = (count + m->fanout - 1) / m->fanout) {
        m->first[m->height] = pages;
        m->count[m->height++] = count;
        pages += count;
        if (count == 1)
            return;
    }
}

static uint64_t page_count(const struct btree *m)
{
    return m->first[m->height - 1] + m->count[m->height - 1];
}

static uint64_t page_of(const struct btree *m, uint64_t leaf, uint32_t level)
{
    for (uint32_t i = 0; i < level; i++)
        leaf /= m->fanout;
    return m->first[level] + leaf;
}

static uint64_t leaf_of(const struct btree *m, uint64_t key)
{
    bool there = key < m->options->ycsb.keys;
    return there ? permute(&m->spread, m->salt, key) / m->a_leaf : rng_mix(key) % m->count[0];
}

static uint64_t address_of(const struct btree *m, uint64_t page)
{
    return m->data + page * m->options->page;
}

// --- changed pages -------------------------------------------------------------------------------------------------

static void note_change(struct btree *m, uint64_t page)
{
    if (m->changed_count == m->ring) {
        struct changed *changed = xcalloc(2 * m->ring, sizeof *changed);
        for (uint64_t i = 0; i < m->ring; i++)
            changed[i] = m->changed[(m->head + i) % m->ring];
        free(m->changed);
        m->changed = changed;
        m->head = 0;
        m->ring *= 2;
    }
    m->changed[(m->head + m->changed_count++) % m->ring] = (struct changed){page, m->log.appended};
    m->dirty++;
}

static void forget_oldest(struct btree *m)
{
    m->head = (m->head + 1) % m->ring;
    m->changed_count--;
}

// The block of the page that was changed first; NULL: none is. One that was written, and changed again, stands for its
// older change, too, which at worst writes it early.
static struct lru_block *oldest_change(struct btree *m)
{
    while (m->changed_count > 0) {
        struct lru_block *block = lru_find(&m->pool, m->changed[m->head].page);
        if (block != NULL && block->dirty)
            return block;
        forget_oldest(m);
    }
    return NULL;
}

// Log since the oldest change that is not in place.
static uint64_t log_age(struct btree *m)
{
    return oldest_change(m) == NULL ? 0 : m->log.appended - m->changed[m->head].at;
}

static bool must_write(struct btree *m)
{
    const struct btree_options *o = m->options;
    return m->dirty * 100 > o->dirty * m->pool.room || log_age(m) > m->log.bytes / 4 * 3;
}

static bool has_log(struct btree *m)
{
    return log_age(m) + m->log.bytes / 16 < m->log.bytes;
}

static void clean(struct btree *m, struct lru_block *block)
{
    block->dirty = false;
    m->dirty--;
}

static void collect_batch(struct btree *m)
{
    struct lru_block *block;
    for (m->batch_count = 0; m->batch_count < m->options->writers && must_write(m); m->batch_count++) {
        if ((block = oldest_change(m)) == NULL)
            return;
        m->batch[m->batch_count] = block->number;
        clean(m, block);
        forget_oldest(m);
    }
}

enum { COLLECT, IN_PLACE, DURABLE, WRITTEN };

static void begin_batch(struct generator *g, struct btree *m, struct task *task)
{
    const struct btree_options *o = m->options;
    if (!o->doublewrite || m->batch_count == 0)
        return;
    counts_of(g)->doublewrites += m->batch_count;
    generator_io(g, task, IO_WRITE, m->doublewrite, m->batch_count * o->page);
}

static void write_batch(struct generator *g, struct btree *m, struct task *task)
{
    for (uint32_t i = 0; i < m->batch_count; i++)
        generator_io(g, task, IO_WRITE, address_of(m, m->batch[i]), m->options->page);
    counts_of(g)->pages_written += m->batch_count;
}

static void end_batch(struct generator *g, struct btree *m)
{
    struct task *client;
    while (has_log(m) && (client = task_list_pop(&m->stalled)) != NULL)
        generator_wake(g, client);
}

// A batch: to the doublewrite buffer at once, then each page, then a flush before the log may go on over it.
static enum step_result write_pages(struct generator *g, struct task *task)
{
    struct btree *m = generator_model(g);
    uint32_t at = task->at;
    task->at = at == WRITTEN ? COLLECT : at + 1;
    if (at == COLLECT) {
        collect_batch(m);
        begin_batch(g, m, task);
        task->at = m->batch_count == 0 ? COLLECT : IN_PLACE;
        return m->batch_count == 0 ? STEP_DONE : STEP_ON;
    }
    if (at == IN_PLACE)
        write_batch(g, m, task);
    else if (at == WRITTEN)
        end_batch(g, m);
    else if (m->options->commit != LOG_NONE)
        generator_io(g, task, IO_FLUSH, 0, 0);
    return STEP_ON;
}

static enum step_result write_log(struct generator *g, struct task *writer)
{
    return log_write_step(&((struct btree *)generator_model(g))->log, g, writer);
}

// --- finding a leaf ------------------------------------------------------------------------------------------------

// Writes the page that is to leave the pool, to the doublewrite buffer first. Returns whether there is one to be
// written.
static bool write_leaving(struct generator *g, struct btree *m, struct task *task, struct btree_client *c)
{
    struct lru_block *block = lru_leaves(&m->pool);
    if (c->leaving == 0 && (block == NULL || !block->dirty))
        return false;
    if (c->leaving == 0) {
        c->leaving = block->number + 1;
        clean(m, block);
        counts_of(g)->pages_evicted++;
        counts_of(g)->doublewrites += m->options->doublewrite;
        if (m->options->doublewrite) {
            generator_io(g, task, IO_WRITE, m->doublewrite, m->options->page);
            return true;
        }
    }
    generator_io(g, task, IO_WRITE, address_of(m, c->leaving - 1), m->options->page);
    c->leaving = 0;
    return true;
}

static void next_page(const struct btree *m, struct btree_client *c)
{
    if (--c->level > 0 || c->leaves == 0)
        return;
    c->leaves--;
    c->leaf = (c->leaf + 1) % m->count[0];
    c->level = 1;
}

// Returns whether a page is being read, or written to make room for it.
static bool find_on(struct generator *g, struct btree *m, struct task *task)
{
    struct btree_client *c = &m->clients[task->index];
    if (c->leaving > 0)
        return write_leaving(g, m, task, c);
    for (; c->level > 0; next_page(m, c)) {
        uint64_t page = page_of(m, c->leaf, c->level - 1);
        if (lru_use(&m->pool, page) != NULL) {
            counts_of(g)->page_hits++;
            continue;
        }
        if (write_leaving(g, m, task, c))
            return true;
        lru_add(&m->pool, page);
        counts_of(g)->page_misses++;
        generator_io(g, task, IO_READ, address_of(m, page), m->options->page);
        next_page(m, c);
        return true;
    }
    return false;
}

// --- operations ----------------------------------------------------------------------------------------------------

static void choose(struct generator *g, struct task *task)
{
    struct btree *m = generator_model(g);
    struct btree_client *c = &m->clients[task->index];
    *c = (struct btree_client){.choice = ycsb_choose(&m->ycsb, &task->rng), .level = m->height};
    c->leaf = leaf_of(m, c->choice.key);
    c->leaves = (uint32_t)((c->choice.count + m->a_leaf - 1) / m->a_leaf);
    c->leaves -= c->leaves > 0;
}

// The leaf is there, unless others have driven it out since it was read; then it is read again.
static enum step_result change(struct generator *g, struct btree *m, struct task *task)
{
    struct btree_client *c = &m->clients[task->index];
    struct lru_block *block = lru_use(&m->pool, page_of(m, c->leaf, 0));
    if (block == NULL) {
        c->level = 1;
        task->at = FINDING;
        return STEP_ON;
    }
    if (!has_log(m)) {
        counts_of(g)->stalls++;
        generator_wake(g, m->writer);
        task_list_push(&m->stalled, task);
        return STEP_WAITS;
    }
    if (!block->dirty)
        note_change(m, block->number);
    block->dirty = true;
    task->at = CHANGED;
    log_append(&m->log, entry_of(m->options));
    counts_of(g)->user_bytes += entry_of(m->options);
    if (must_write(m))
        generator_wake(g, m->writer);
    return log_commit(&m->log, g, task) ? STEP_WAITS : STEP_DONE;
}

static enum step_result step(struct generator *g, struct task *task)
{
    struct btree *m = generator_model(g);
    if (task->at == FINDING && find_on(g, m, task))
        return STEP_ON;
    if (task->at == CHANGED || !ycsb_writes(m->clients[task->index].choice.op))
        return STEP_DONE;
    task->at = CHANGING;
    return change(g, m, task);
}

// --- its life ------------------------------------------------------------------------------------------------------

static uint64_t clients(const void *options)
{
    (void)options;
    return 16;
}

static const char *check(const void *options)
{
    const struct btree_options *o = options;
    if (o->page % 4096 != 0)
        return "page must be a multiple of 4k";
    if (entry_of(o) > o->page)
        return "value: a record and its key must fit into a page";
    return o->pool / o->page >= LEAST_POOL ? NULL : "pool must have room for 64 pages";
}

static uint64_t data_at(const struct btree_options *o)
{
    return (o->log_size + o->page - 1) / o->page * o->page + BATCH_MAX * o->page;
}

static const char *check_space(const void *options, const struct model_space *space)
{
    const struct btree_options *o = options;
    struct btree m = {0};
    shape(&m, o);
    if (o->page % space->block != 0)
        return "page must be a multiple of the logical block";
    if (m.count[m.height - 1] > 1)
        return "keys: the tree is too high";
    return space->bytes >= data_at(o) && (space->bytes - data_at(o)) / o->page >= page_count(&m)
               ? NULL : "its space has no room for log_size, 128 pages, and keys in pages full to 69 %";
}

static void *create(struct generator *g, const struct model_space *space)
{
    struct btree *m = xcalloc(1, sizeof *m);
    const struct btree_options *o = m->options = generator_options(g);
    struct task *log_writer = generator_add_task(g, write_log);
    m->writer = generator_add_task(g, write_pages);
    shape(m, o);
    m->spread = permutation_draw(&m->writer->rng, m->count[0] * m->a_leaf);
    m->salt = rng_u64(&m->writer->rng);
    m->data = data_at(o);
    m->doublewrite = m->data - BATCH_MAX * o->page;
    log_init(&m->log, log_writer, &counts_of(g)->log, 0, o->log_size, MAX(space->block, 512u), o->commit);
    lru_init(&m->pool, o->pool / o->page);
    m->ring = 64;
    m->changed = xcalloc(m->ring, sizeof *m->changed);
    m->clients = xcalloc(generator_clients(g), sizeof *m->clients);
    ycsb_init(&m->ycsb, &o->ycsb, UINT64_MAX >> 1, &counts_of(g)->operations, &m->writer->rng);
    return m;
}

static void destroy(void *model)
{
    struct btree *m = model;
    lru_destroy(&m->pool);
    free(m->changed);
    free(m->clients);
    free(m);
}

static void settle(struct generator *g)
{
    struct btree_counts *counts = counts_of(g);
    uint64_t all = counts->page_hits + counts->page_misses;
    counts->cache_hit_share = all == 0 ? NAN : (double)counts->page_hits / (double)all;
}

const struct model_ops model_btree = {
    .name = "btree",
    .help = "YCSB on a B-tree with a log: buffer pool, redo log, checkpoints",
    .rows = rows,
    .options_bytes = sizeof(struct btree_options),
    .tasks = 2,
    .fields = fields,
    .field_count = ARRAY_SIZE(fields),
    .counts_bytes = sizeof(struct btree_counts),
    .clients = clients,
    .check = check,
    .check_space = check_space,
    .create = create,
    .destroy = destroy,
    .choose = choose,
    .step = step,
    .settle = settle,
};
