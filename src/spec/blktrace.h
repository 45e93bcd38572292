// Wire layout of Linux blktrace: the records that the kernel writes to its relay files and blktrace saves per CPU.
//
// Sources: Linux include/uapi/linux/blktrace_api.h (version 7; version 8, `struct blk_io_trace2`, since Linux 6.19).
// Records are in the byte order of the machine that recorded; the magic tells which. What follows a record as its
// payload (`pdu`) is big-endian where it is a number. Only what a reader of recordings needs is here: no ioctls.
#ifndef SQTAIL_SPEC_BLKTRACE_H
#define SQTAIL_SPEC_BLKTRACE_H

#include <stdint.h>

enum {
    BLKTRACE_MAGIC = 0x65617400, // the low byte holds the version
    BLKTRACE_MAGIC_V7 = 0x65617407,
    BLKTRACE_MAGIC_V8 = 0x65617408,
    BLKTRACE_MINOR_BITS = 20, // of `device`; the major number is above
    BLKTRACE_SECTOR_BYTES = 512,
    BLKTRACE_COMM_BYTES = 16,    // process name in a note, padded with NUL
    BLKTRACE_CGROUP_BYTES = 8,   // cgroup id before the payload
    BLKTRACE_REMAP_BYTES = 16,   // be32 device_from, be32 device_to, be64 sector_from
    BLKTRACE_ACTION_MASK = 0xff, // of the low half of `action`
    BLKTRACE_ACTION_CGROUP = 0x100,
    BLKTRACE_CATEGORY_SHIFT = 16,
};

// Offsets and sizes of the record's fields.
enum blktrace_v7_layout {
    BLKTRACE_V7_MAGIC = 0,     // u32
    BLKTRACE_V7_SEQUENCE = 4,  // u32
    BLKTRACE_V7_TIME = 8,      // u64, ns
    BLKTRACE_V7_SECTOR = 16,   // u64
    BLKTRACE_V7_BYTES = 24,    // u32
    BLKTRACE_V7_ACTION = 28,   // u32
    BLKTRACE_V7_PID = 32,      // u32
    BLKTRACE_V7_DEVICE = 36,   // u32
    BLKTRACE_V7_CPU = 40,      // u32
    BLKTRACE_V7_ERROR = 44,    // u16
    BLKTRACE_V7_PDU_LEN = 46,  // u16
    BLKTRACE_V7_SIZE = 48,
};

enum blktrace_v8_layout {
    BLKTRACE_V8_MAGIC = 0,     // u32
    BLKTRACE_V8_SEQUENCE = 4,  // u32
    BLKTRACE_V8_TIME = 8,      // u64, ns
    BLKTRACE_V8_SECTOR = 16,   // u64
    BLKTRACE_V8_BYTES = 24,    // u32
    BLKTRACE_V8_PID = 28,      // u32
    BLKTRACE_V8_ACTION = 32,   // u64
    BLKTRACE_V8_DEVICE = 40,   // u32
    BLKTRACE_V8_CPU = 44,      // u32
    BLKTRACE_V8_ERROR = 48,    // u16
    BLKTRACE_V8_PDU_LEN = 50,  // u16
    BLKTRACE_V8_SIZE = 64,     // the last 12 bytes are padding
};

// Low byte of `action`: what happened, with blkparse's name for it.
#define BLKTRACE_ACTION_LIST(X)   \
    X(1, QUEUE, "Q")              \
    X(2, BACKMERGE, "M")          \
    X(3, FRONTMERGE, "F")         \
    X(4, GETRQ, "G")              \
    X(5, SLEEPRQ, "S")            \
    X(6, REQUEUE, "R")            \
    X(7, ISSUE, "D")              \
    X(8, COMPLETE, "C")           \
    X(9, PLUG, "P")               \
    X(10, UNPLUG_IO, "U")         \
    X(11, UNPLUG_TIMER, "UT")     \
    X(12, INSERT, "I")            \
    X(13, SPLIT, "X")             \
    X(14, BOUNCE, "B")            \
    X(15, REMAP, "A")

enum blktrace_action {
#define BLKTRACE_ACTION_ENUM(number, id, name) BLKTRACE_##id = number,
    BLKTRACE_ACTION_LIST(BLKTRACE_ACTION_ENUM)
#undef BLKTRACE_ACTION_ENUM
    BLKTRACE_ACTION_COUNT
};

// Low byte of `action` where the category is BLKTRACE_NOTIFY.
enum blktrace_note { BLKTRACE_NOTE_PROCESS = 0, BLKTRACE_NOTE_TIMESTAMP = 1, BLKTRACE_NOTE_MESSAGE = 2 };

// Categories: bits of `action` from BLKTRACE_CATEGORY_SHIFT up. From ZONE_APPEND on in version 8 only.
#define BLKTRACE_CATEGORY_LIST(X)                                                                              \
    X(0, READ) X(1, WRITE) X(2, FLUSH) X(3, SYNC) X(4, QUEUED) X(5, REQUEUED) X(6, ISSUED) X(7, COMPLETED)      \
    X(8, FS) X(9, PC) X(10, NOTIFY) X(11, AHEAD) X(12, META) X(13, DISCARD) X(14, DRV_DATA) X(15, FUA)          \
    X(16, ZONE_APPEND) X(17, ZONE_RESET) X(18, ZONE_RESET_ALL) X(19, ZONE_FINISH) X(20, ZONE_OPEN)              \
    X(21, ZONE_CLOSE) X(22, WRITE_ZEROES)

#define BLKTRACE_CATEGORY_CONSTANT(bit, id) static const uint64_t BLKTRACE_IS_##id = UINT64_C(1) << (bit + 16);
BLKTRACE_CATEGORY_LIST(BLKTRACE_CATEGORY_CONSTANT)
#undef BLKTRACE_CATEGORY_CONSTANT

static const uint64_t BLKTRACE_IS_ZONE = UINT64_C(0x3f) << 32;      // any of the zone categories
static const uint64_t BLKTRACE_V8_ONLY = ~UINT64_C(0xffffffff);     // categories that version 7 has no bit for

#endif
