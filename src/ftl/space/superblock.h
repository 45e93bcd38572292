// One superblock: what is in it, and who is busy with it.
#ifndef SQTAIL_FTL_SPACE_SUPERBLOCK_H
#define SQTAIL_FTL_SPACE_SUPERBLOCK_H

#include <stdbool.h>
#include <stdint.h>

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
    uint32_t units;     // that can hold data, without parity; as its mode has it
    uint32_t valid;     // units that the map points to
    uint32_t programs;  // outstanding
    uint32_t holds;     // reasons not to erase it: reads outstanding; units read whose copy has no place yet
    uint32_t unread;    // victim: units reckoned with when it was chosen and not yet read
    uint32_t erases;    // dies still to be erased
    uint32_t pe_cycles; // erasures so far
    uint8_t state;      // enum superblock_state
    uint8_t mode;       // enum nand_mode: how its cells are programmed
    bool unerased;      // since it was last drained: each block is erased before its first program
    bool changed;       // what the choice of victims goes by may have changed
};

#endif
