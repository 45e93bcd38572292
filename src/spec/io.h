// The kinds of block I/O, as results name them.
#ifndef SQTAIL_SPEC_IO_H
#define SQTAIL_SPEC_IO_H

#include <stdbool.h>
#include <stdint.h>

#define IO_KIND_LIST(X)           \
    X(READ, "read")               \
    X(WRITE, "write")             \
    X(WRITE_FUA, "write_fua")     \
    X(FLUSH, "flush")             \
    X(TRIM, "trim")               \
    X(WRITE_ZEROES, "write_zeroes")

enum io_kind {
#define IO_KIND_ENUM(id, name) IO_##id,
    IO_KIND_LIST(IO_KIND_ENUM)
#undef IO_KIND_ENUM
    IO_KIND_COUNT
};

// Bytes of the drive.
struct io_range {
    uint64_t offset, bytes;
};

static inline const char *io_kind_name(enum io_kind kind)
{
    static const char *const names[] = {
#define IO_KIND_NAME(id, name) name,
        IO_KIND_LIST(IO_KIND_NAME)
#undef IO_KIND_NAME
    };
    return names[kind];
}

// What else is known of one that was queued, a bit each: how Linux has marked it, and its task's plug.
enum io_how {
    IO_SYNC = 1,          // somebody waits for it
    IO_META = 2,
    IO_AHEAD = 4,
    IO_PLUGGED = 8,       // its task holds back what it submits (blk_start_plug)
    IO_UNPLUG_END = 16,   // and submits it after this one, being at its end (blk_finish_plug),
    IO_UNPLUG_SLEEP = 32, // or because it goes to sleep
    IO_POLLED = 128,      // its task looks for its completion itself
    IO_SLEPT_FIRST = 64,  // or because it went to sleep once it had begun to submit this one
};

// A write that is done only when the data are on the medium is a kind of its own: it waits for what others do not.
static inline enum io_kind io_kind_with_fua(enum io_kind kind, bool fua)
{
    return kind == IO_WRITE && fua ? IO_WRITE_FUA : kind;
}

// Whether data cross the link: a trim or write-zeroes command names a range and moves nothing.
static inline bool io_moves_data(enum io_kind kind)
{
    return kind == IO_READ || kind == IO_WRITE || kind == IO_WRITE_FUA;
}

#endif
