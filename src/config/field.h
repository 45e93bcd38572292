// The rows from which everything about a configuration key comes: parsing, default, range, help.
//
// Each room describes its own struct by an array of `struct config_field` (see src/nand/nand_config.c for one); the
// program puts the rooms' sections together and hands them to the loader. Defaults and bounds are written as text, as
// a user would write them, and pass through the same parser as the user's own values.
#ifndef SQTAIL_CONFIG_FIELD_H
#define SQTAIL_CONFIG_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/tick.h"

enum { CONFIG_STRING_BYTES = 256, CONFIG_TIMES_MAX = 8 };

// Up to CONFIG_TIMES_MAX times, such as one for each page type: `[40us, 55us, 70us]`.
struct config_times {
    uint32_t count;
    tick_t at[CONFIG_TIMES_MAX]; // ps
};

enum config_type {
    CONFIG_BOOL,      // bool             true, false
    CONFIG_UINT,      // uint32_t         12
    CONFIG_HEX,       // uint32_t         0x15b7, or decimal
    CONFIG_UINT64,    // uint64_t         12
    CONFIG_REAL,      // double           1.48e-3
    CONFIG_RATIO,     // double, 0.07     7% or 0.07; a bare 7 is an error
    CONFIG_TIME,      // tick_t, ps       50us: units ps ns us ms s min h d; a bare number is an error, but for 0
    CONFIG_TIMES,     // config_times     [40us, 55us] or 50us
    CONFIG_BYTES,     // uint64_t         16KiB: units B KiB MiB GiB TiB kB MB GB TB; bare numbers as for TIME
    CONFIG_SIZE_OR_SHARE, // uint64_t     16KiB, or 25% of another size: config_bytes_of
    CONFIG_FREQUENCY, // uint64_t, Hz     500MHz: units Hz kHz MHz GHz
    CONFIG_TRANSFERS, // uint64_t, 1/s    1200MT/s: units MT/s GT/s
    CONFIG_CHOICE,    // uint32_t, index  one of `choices`
    CONFIG_STRING,    // char[CONFIG_STRING_BYTES]
};

// A value of CONFIG_SIZE_OR_SHARE: bytes, or with this bit a share of another size, in millionths of a percent.
#define CONFIG_SHARE (UINT64_C(1) << 63)
enum { CONFIG_PERCENT = 1000000 };

static inline bool config_is_share(uint64_t value)
{
    return (value & CONFIG_SHARE) != 0;
}

// What it comes to of the size `whole`, in whole bytes.
static inline uint64_t config_bytes_of(uint64_t value, uint64_t whole)
{
    if (!config_is_share(value))
        return value;
    return (uint64_t)((unsigned __int128)whole * (value & ~CONFIG_SHARE) / (100 * CONFIG_PERCENT));
}

struct config_field {
    const char *key; // as written in YAML, below its section
    enum config_type type;
    size_t offset;                // of the value in the section's struct
    const char *fallback;         // the default, as a user would write it
    const char *min, *max;        // inclusive bounds as text, NULL for none; for TIMES of each element
    const char *const *choices;   // CONFIG_CHOICE: the names, ending with NULL; the value is the index
    const char *help;             // one sentence: meaning, standard and section or source
    const char *when;             // when the key has an effect, NULL: always; see below
    const char *instead_of;       // a key, "ftl.capacity", that this one, given later, puts back to its default
    const char *formerly;         // the key's name before it was renamed, "ftl.wear", to tell who still writes that one
    const char *goes_with;        // keys, "nand.cell nand.interface", for whose values this one's was chosen
};

// `when` is a sentence that is shown to users as it stands:
//
//   ecc.engine is bch or ldpc                             one of these values
//   ftl.write_buffer is not 0                             any other value
//   nvme.t_decode is not 0 or nvme.t_complete is not 0
//   ecc.engine is bch or ldpc, and ecc.clock is not 0     `and` binds less than `or`; commas are for the reader
//
// A key that has no effect itself makes no condition hold. Giving a key that has no effect is an error (effect.c), so
// that a what-if cannot come to nothing unnoticed.

// One top-level mapping of the YAML file, `name:`, laid over a struct at `offset` of the whole configuration. The keys
// of a section whose name is "" stand at the top level themselves. Tables of one section stand together.
struct config_section {
    const char *name; // NULL ends an array of sections
    const char *help;
    const struct config_field *fields;
    size_t field_count;
    size_t offset;
};

#endif
