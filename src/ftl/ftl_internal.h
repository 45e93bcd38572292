// What the files of the core share, and its unit tests see.
#ifndef SQTAIL_FTL_FTL_INTERNAL_H
#define SQTAIL_FTL_FTL_INTERNAL_H

#include "ftl/agenda.h"
#include "ftl/core.h"
#include "ftl/map/map.h"
#include "ftl/policies.h"
#include "sim/timeline.h"
#include "util/bitmap.h"
#include "util/list.h"
#include "util/pool.h"
#include "util/rng.h"

#define FTL_CHECK(ftl, condition, ...) SIM_CHECK((ftl)->sim, "ftl", condition, __VA_ARGS__)

enum { NONE = UINT32_MAX, FTL_PROCESSORS_MAX = 64 };

// --- superblocks ---

enum superblock_state {
    SUPERBLOCK_FREE,
    SUPERBLOCK_OPEN,    // a stream programs it
    SUPERBLOCK_CLOSED,  // every program unit was handed out; programs may be outstanding
    SUPERBLOCK_VICTIM,  // its valid units are being read
    SUPERBLOCK_DRAINED, // all were read; erased when nobody holds it any more
    SUPERBLOCK_ERASING,
};

struct superblock {
    uint64_t closed;    // write clock when it was closed: its age
    uint32_t valid;     // units that the forward map points to
    uint32_t programs;  // outstanding
    uint32_t holds;     // reasons not to erase it: reads outstanding; units read whose copy has no place yet
    uint32_t unread;    // victim: units reckoned with when it was chosen and not yet read
    uint32_t erases;    // outstanding
    uint32_t pe_cycles; // erasures so far
    enum superblock_state state;
};

void superblocks_init(struct ftl *ftl);
void superblocks_destroy(struct ftl *ftl);
void superblock_hold(struct ftl *ftl, uint32_t superblock, uint32_t holds);
void superblock_release(struct ftl *ftl, uint32_t superblock, uint32_t holds);
void superblock_drain(struct ftl *ftl, uint32_t superblock);
void superblocks_check(struct ftl *ftl);
uint32_t gc_collect_candidates(struct ftl *ftl);

// --- buffer.c: the write buffer ---

// One unit in the buffer.
struct buffer_entry {
    uint64_t sequence;          // order of arrival
    struct ftl_request *waiter; // FUA: done once programmed; NULL for none
    uint64_t lpn;
    uint32_t next, prev; // list of all entries in use, oldest first; next also of the free ones
    uint32_t version;
    bool stale;      // overwritten or trimmed since: not to be mapped
    bool dispatched; // in a program
};

struct buffer_slot {
    uint32_t low;   // 32 bits of the lpn
    uint32_t entry; // index + 1; 0 for an empty slot
};

struct buffer {
    struct buffer_entry *entries;
    uint32_t capacity; // units
    uint32_t used;     // entries in use and those granted to writers whose data have not arrived
    uint32_t arriving; // of these, granted only
    uint32_t free;     // list of entries
    uint32_t oldest, newest;
    uint32_t first_queued; // the oldest entry not dispatched: those from here on are queued
    uint32_t queued;
    uint64_t sequence; // of the last arrival
    uint64_t forced;   // dispatch entries up to this one even when they fill no program unit
    struct buffer_slot *table; // lpn -> its latest entry; open addressing, linear probing
    uint32_t table_mask;
    unsigned table_shift;
    uint32_t in_table;
    struct list waiting; // writers in order of arrival
    struct list flushes; // FLUSH requests in order of arrival
    bool write_through;
};

void buffer_init(struct ftl *ftl);
void buffer_destroy(struct ftl *ftl);
uint32_t buffer_find_slow(const struct buffer *buffer, uint64_t lpn);
bool buffer_insert(struct ftl *ftl, uint64_t lpn, struct ftl_request *waiter);
uint32_t buffer_dispatch(struct buffer *buffer);
void buffer_release(struct ftl *ftl, uint32_t index);
void buffer_trim(struct ftl *ftl, uint64_t first, uint64_t end);

// The latest entry of the unit, or NONE.
static inline uint32_t buffer_find(const struct buffer *buffer, uint64_t lpn)
{
    return buffer->in_table == 0 ? NONE : buffer_find_slow(buffer, lpn);
}

static inline uint32_t buffer_room(const struct buffer *buffer)
{
    return buffer->capacity - buffer->used;
}

// --- stream.c: open superblocks and the programs that fill them ---

enum stream_id { STREAM_HOST, STREAM_GC, STREAM_COUNT };

struct stream {
    uint32_t superblock; // NONE when none is open
    uint32_t row;
    uint32_t left;        // data program units of the row not handed out
    uint64_t units_left;  // data units of the superblock not handed out
    uint64_t *row_dies;   // dies of the row still to be given data, one bit each
    uint32_t cursor;      // round robin: next position
};

// One program unit on its way. Host units name a buffer entry, copies their lpn and where they come from.
struct copy {
    uint64_t lpn; // or index of the buffer entry
    uint64_t from;
};

struct program;
typedef void program_done_fn(struct ftl *ftl, struct program *program);

struct program {
    struct nand_op op;
    struct ftl *ftl;
    program_done_fn *done; // gives it back to the pool
    uint32_t superblock;
    uint32_t die;
    uint32_t count; // units with data
    enum stream_id source;
    struct copy units[]; // units_per_program
};

void stream_init(struct ftl *ftl);
void stream_destroy(struct ftl *ftl);
struct program *stream_take_program(struct ftl *ftl, enum stream_id source, program_done_fn *done);
void stream_program(struct ftl *ftl, struct program *program);
struct stream *stream_of(struct ftl *ftl, enum stream_id source);
void stream_open(struct ftl *ftl, struct stream *stream);
void stream_resume(struct ftl *ftl, struct stream *stream, uint32_t row);
void stream_close(struct ftl *ftl, struct stream *stream);

// --- room.c ---

bool stream_has_room(const struct ftl *ftl, enum stream_id source);
uint64_t gc_room(const struct ftl *ftl);

// --- gc.c ---

// Why host programs wait.
enum host_hold {
    HOST_GOES,
    HOST_PACED,   // copies lag behind the pace
    HOST_BLOCKED, // no superblock may be opened: urgent
    HOST_HOLD_COUNT,
};

enum { CREDIT_BITS = 10 }; // credit and paces are counted in 1/1024 of a unit

struct gc {
    const struct gc_ops *ops;
    struct rng rng;
    uint32_t victim;  // being read; NONE
    uint64_t cursor;  // ppn of its next multi-plane page
    uint64_t end;
    bool active;
    enum host_hold hold;
    tick_t counted;     // up to here the times of `active` and `hold` are in the statistics
    int64_t credit;     // units that may be read, in 1/1024
    uint64_t ratio;     // copies a host unit at the present victim, in 1/1024
    uint32_t parallel;  // reads outstanding at most
    uint32_t reads;     // outstanding
    uint32_t programs;  // outstanding
    uint64_t committed; // units of victims that still need a place
    struct copy *gathered;
    uint32_t gathered_count;
    uint32_t gathered_capacity;
    uint32_t *candidates; // scratch of the policies
};

void gc_init(struct ftl *ftl);
void gc_destroy(struct ftl *ftl);
void gc_pump(struct ftl *ftl);
void gc_credit(struct ftl *ftl, uint32_t host_units);
bool gc_lags(const struct ftl *ftl);
uint64_t gc_pace(const struct ftl *ftl, uint32_t host_units, uint64_t ratio);
bool gc_select_victim(struct ftl *ftl);
void gc_update_active(struct ftl *ftl);
void gc_count_time(struct ftl *ftl);
uint64_t gc_headroom(const struct ftl *ftl);
void gc_seed(struct ftl *ftl);
void gc_settle_pace(struct ftl *ftl);

// --- steady.c ---

void steady_reach(struct ftl *ftl, uint64_t units);

// --- the rest ---

struct ftl {
    struct sim *sim;
    struct ftl_config config;
    struct nand_geometry geometry;
    const struct raid_layout *raid;
    struct nand_port nand;
    unsigned unit_shift; // log2 of the mapping unit
    uint64_t unit_mask;
    uint32_t data_units; // of a superblock: without parity
    struct map map;
    struct buffer buffer;
    struct superblock *superblocks;
    uint32_t free_count;
    uint32_t drained; // superblocks
    uint32_t erasing; // superblocks
    struct agenda agenda;
    struct stream streams[STREAM_COUNT];
    const struct alloc_ops *alloc;
    uint32_t *die_load; // our operations outstanding, by die; kept when alloc->needs_load
    uint32_t host_programs; // outstanding
    uint64_t write_clock; // units handed to programs so far
    struct gc gc;
    struct timeline processors[FTL_PROCESSORS_MAX];
    struct clock clock;
    struct meter processor_meter;
    struct pool reads, programs, erases;
    uint64_t requests; // held
    uint64_t ops;      // in the back-end
    struct ftl_stats stats;
};

// firmware.c
tick_t ftl_charge(struct ftl *ftl, tick_t duration);
void ftl_finish(struct ftl *ftl, struct ftl_request *request);
void ftl_finish_later(struct ftl *ftl, struct ftl_request *request, tick_t when);

static inline void ftl_submit_op(struct ftl *ftl, struct nand_op *op, uint32_t die)
{
    ftl->ops++;
    ftl->die_load[die]++;
    nand_submit(&ftl->nand, op);
}

static inline void ftl_op_done(struct ftl *ftl, uint32_t die)
{
    ftl->ops--;
    ftl->die_load[die]--;
}

// page_read.c
struct read_op {
    struct nand_op op;
    struct ftl *ftl;
    struct ftl_request *request; // NULL for garbage collection
    uint64_t bytes;              // of the request
    uint32_t superblock;
    uint32_t die;
    uint64_t page;      // number of the multi-plane page
    uint32_t pe_cycles; // of the superblock when the read was issued
};

// What could not be read, for the status of the operation's request.
void read_lost(const struct ftl *ftl, const struct read_op *read, enum ftl_status status);
struct read_op *read_op_take(struct ftl *ftl, uint64_t ppn, enum nand_source source, void (*done)(struct nand_op *));
void read_op_issue(struct ftl *ftl, struct read_op *read);
void read_op_finish(struct ftl *ftl, struct read_op *read);

// The bit of a unit in a multi-plane page's mask.
static inline uint64_t read_unit_bit(const struct ftl *ftl, uint64_t ppn)
{
    uint32_t unit;
    fastdiv_split(ppn, &ftl->geometry.by_multi_page, &unit);
    return UINT64_C(1) << unit;
}

// read.c
void read_submit(struct ftl *ftl, struct ftl_request *request);

// write.c
void write_submit(struct ftl *ftl, struct ftl_request *request);
void write_data_in(struct ftl *ftl, struct ftl_request *request, uint64_t bytes);
void write_zeroes_submit(struct ftl *ftl, struct ftl_request *request);
void write_grant(struct ftl *ftl);
bool write_dispatch(struct ftl *ftl);

// trim.c
uint64_t trim_whole_units(struct ftl *ftl, uint64_t offset, uint64_t bytes);
void trim_submit(struct ftl *ftl, struct ftl_request *request);

// flush.c
void flush_submit(struct ftl *ftl, struct ftl_request *request);
void flush_advance(struct ftl *ftl);
void flush_wait(struct ftl *ftl, struct ftl_request *request, void (*then)(struct ftl_request *request));

static inline uint32_t superblock_of(const struct ftl *ftl, uint64_t ppn)
{
    return (uint32_t)fastdiv_quotient(ppn, &ftl->geometry.by_superblock);
}

static inline uint32_t die_of(const struct ftl *ftl, uint64_t ppn)
{
    uint32_t die;
    fastdiv_split(fastdiv_quotient(ppn, &ftl->geometry.by_program), &ftl->geometry.by_dies, &die);
    return die;
}

static inline bool gc_eligible(const struct ftl *ftl, const struct superblock *sb)
{
    return sb->state == SUPERBLOCK_CLOSED && sb->programs == 0 && sb->valid < ftl->data_units;
}

static inline bool ftl_is_parity(const struct ftl *ftl, uint32_t row, uint32_t die)
{
    return ftl->raid != NULL && raid_is_parity(ftl->raid, row, die);
}

#endif
