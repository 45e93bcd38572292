// What the cycles of each NAND command cost, on the bus and on the die.
#ifndef SQTAIL_NAND_SEQUENCE_H
#define SQTAIL_NAND_SEQUENCE_H

#include <stdint.h>

#include "nand/nand_config.h"

enum nand_sequence {
    SEQUENCE_READ,          // command and addresses of a read, up to the array's work
    SEQUENCE_READ_DATA,     // before the first data of a read
    SEQUENCE_NEXT_COLUMN,   // before data of the same plane that do not follow on the last ones
    SEQUENCE_NEXT_PLANE,    // before the data of another plane
    SEQUENCE_PROGRAM,       // first page of a program, all but its data
    SEQUENCE_PROGRAM_NEXT,  // each further page, all but its data
    SEQUENCE_COPY_PROGRAM,  // program of what is in the die's registers
    SEQUENCE_ERASE,         // command and addresses of an erase
    SEQUENCE_SUSPEND,       // suspending a program or erase; resuming it costs the same
    SEQUENCE_COUNT
};

struct sequence_time {
    tick_t bus; // the channel is held
    tick_t die; // the die alone is held
};

// What the sequence takes for `planes` planes at once.
struct sequence_time nand_sequence_time(const struct nand_config *config, enum nand_sequence sequence,
                                        uint32_t planes);

// `bytes` over the bus, rounded to the nearest picosecond.
tick_t nand_transfer_time(const struct nand_config *config, uint64_t bytes);

#endif
