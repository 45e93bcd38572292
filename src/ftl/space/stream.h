// Streams: the open superblocks, and the programs that fill them.
#ifndef SQTAIL_FTL_SPACE_STREAM_H
#define SQTAIL_FTL_SPACE_STREAM_H

#include "ftl/space/space.h"

// A unit of a program. Which member of the union is used is its submitter's affair.
struct program_unit {
    union {
        uint64_t lpn;
        uint32_t entry; // of the write buffer
    };
    uint64_t from; // copies: where it lay
};

// One program unit on its way.
struct program;
typedef void program_done_fn(struct program *program);

struct program {
    struct nand_op op;
    struct space *space;
    void *owner;           // the submitter's
    program_done_fn *done; // gives it back by program_give
    uint64_t first;        // place of its first unit
    uint32_t superblock;
    uint32_t die;
    uint32_t count; // units with data
    enum purpose purpose;
    union {
        tick_t held[4];                // the submitter's, of host data
        ppn_t sources[PAGE_TYPES_MAX]; // pages that a die folds
    };
    tick_t waits[WAIT_NAND_COUNT]; // causes of the operation's waits, where they are kept
    struct program_unit units[]; // as many as a program unit has
};

// How many of the units from the first on come from the same superblock as that.
static inline uint32_t units_from_one(const struct space *space, const struct program_unit *units, uint32_t count)
{
    uint64_t first = superblock_first_unit(space, superblock_of(space, units[0].from));
    uint32_t run = 1;
    while (run < count && units[run].from - first < space->base->geometry.units_per_superblock)
        run++;
    return run;
}

// How many of the programs that come next are filled together: no more than the superblock has left.
uint32_t stream_stripe(const struct space *space, const struct stream *stream);

void streams_init(struct space *space);
void streams_destroy(struct space *space);

// The stream that data go to.
struct stream *stream_for(struct space *space, enum purpose purpose, uint64_t lpn);

// As stream_has_room, of a stream with no superblock open or one in which others must be left room.
bool room_in_stream(const struct space *space, const struct stream *stream);

// May host data be programmed to the stream now? Copies always may: room is kept for all that are committed.
static inline bool stream_has_room(const struct space *space, const struct stream *stream)
{
    return (stream->superblock != NONE && !stream->takes_copies) || room_in_stream(space, stream);
}

// Data units of a superblock that the stream fills.
uint32_t stream_units(const struct space *space, const struct stream *stream);

struct program *program_take(struct space *space, enum purpose purpose, void *owner, program_done_fn *done);

static inline void program_give(struct program *program)
{
    pool_give(&program->space->programs, program);
}

// Programs what `program` holds at the stream's next place; for host data stream_has_room() held.
void stream_program(struct space *space, struct stream *stream, struct program *program);

// Does the row that the stream fills take data of the die now?
static inline bool stream_takes_die(const struct stream *stream, uint32_t die)
{
    return stream->superblock == NONE || bitmap_test(stream->row_dies, die);
}

// As stream_program, on a die that it takes data of.
void stream_program_on(struct space *space, struct stream *stream, struct program *program, uint32_t die);

// For preparation. Opens the least worn free superblock; takes the open one's rows before `row` as written; closes it.
void stream_open(struct space *space, struct stream *stream);
void stream_resume(struct space *space, struct stream *stream, uint32_t row);
void stream_close(struct space *space, struct stream *stream);

#endif
