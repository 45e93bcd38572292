// The configuration of the core: `ftl:` in a drive's YAML.
#ifndef SQTAIL_FTL_FTL_CONFIG_H
#define SQTAIL_FTL_FTL_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "nand/geometry.h"
#include "nand/raid.h"
#include "sim/tick.h"
#include "util/diag.h"

// The policies, a line each: X(enumerator, name). The file alloc_NAME.c, place_NAME.c, gc_NAME.c or destage_NAME.c
// defines alloc_NAME_ops, place_NAME_ops, gc_NAME_ops or destage_NAME_ops; enumerators, registries and the
// configuration's choices are made from these lines.
#define FTL_ALLOC_LIST(X)       \
    X(ROUND_ROBIN, round_robin) \
    X(WAY_FIRST, way_first)     \
    X(LEAST_BUSY, least_busy)

#define FTL_PLACE_LIST(X) \
    X(SEPARATE, separate) \
    X(SHARED, shared)     \
    X(SLC, slc)

#define FTL_GC_LIST(X)          \
    X(GREEDY, greedy)           \
    X(COST_BENEFIT, cost_benefit) \
    X(RANDOM, random)           \
    X(FIFO, fifo)               \
    X(D_CHOICES, d_choices)

#define FTL_DESTAGE_LIST(X) \
    X(FULL, full)           \
    X(WATER, water)

#define FTL_ALLOC_ENUM(id, name) FTL_ALLOC_##id,
#define FTL_PLACE_ENUM(id, name) FTL_PLACE_##id,
#define FTL_GC_ENUM(id, name) FTL_GC_##id,
#define FTL_DESTAGE_ENUM(id, name) FTL_DESTAGE_##id,
enum ftl_allocation { FTL_ALLOC_LIST(FTL_ALLOC_ENUM) FTL_ALLOC_COUNT };
enum ftl_placement { FTL_PLACE_LIST(FTL_PLACE_ENUM) FTL_PLACE_COUNT };
enum ftl_gc_policy { FTL_GC_LIST(FTL_GC_ENUM) FTL_GC_COUNT };
enum ftl_destage { FTL_DESTAGE_LIST(FTL_DESTAGE_ENUM) FTL_DESTAGE_COUNT };
#undef FTL_ALLOC_ENUM
#undef FTL_PLACE_ENUM
#undef FTL_GC_ENUM
#undef FTL_DESTAGE_ENUM

// When the blocks of a superblock that holds nothing any more are erased (space/superblock.c).
enum ftl_erase { FTL_ERASE_AT_ONCE, FTL_ERASE_DIE_BY_DIE, FTL_ERASE_BEFORE_PROGRAM };

// Data in sequence over the dies that are filled together (space/striping.h): where the plane comes among the dies.
enum ftl_striping { FTL_STRIPING_OFF, FTL_STRIPING_PLANE_FIRST, FTL_STRIPING_PLANE_BETWEEN, FTL_STRIPING_PLANE_LAST };

enum ftl_precondition { FTL_PRECONDITION_EMPTY, FTL_PRECONDITION_SEQUENTIAL, FTL_PRECONDITION_RANDOM };
enum ftl_slc_full { FTL_SLC_DIRECT, FTL_SLC_WAIT };
enum ftl_slc_fold { FTL_SLC_FOLD_COPY, FTL_SLC_FOLD_ON_DIE };
enum ftl_verify { FTL_VERIFY_OFF, FTL_VERIFY_VERSIONS };

struct ftl_config {
    uint64_t mapping_unit;     // bytes, power of two, at least 512
    double over_provisioning;  // OP = T / U - 1: units of the flash, parity apart, over units of the user, less one
    uint64_t capacity;         // bytes; 0: from over_provisioning
    uint64_t write_buffer;     // bytes, or a share of memory; 0: write-through
    bool write_through;        // a write is done when it is programmed, whatever the buffer holds
    bool join_reads;           // of one page
    uint64_t read_ahead;       // bytes ahead of a stream of reads; 0: none
    uint64_t read_ahead_buffer; // bytes, or a share of memory; of all streams
    uint32_t read_ahead_streams;
    uint32_t read_ahead_after; // reads in sequence that make a stream
    bool merge;                // an overwrite of a buffered unit takes its place
    bool merge_renews;         // and makes it the youngest
    uint32_t destage;          // enum ftl_destage
    double destage_high, destage_low; // of the buffer
    tick_t destage_age;        // that a unit may stay in the buffer before it is sent; 0: no limit
    tick_t destage_idle;       // of the drive, until all is sent; 0: never
    tick_t forced_wait;        // of a program that is not full, for more forced data
    bool power_loss_protection; // what is buffered counts as written
    uint32_t allocation;       // enum ftl_allocation
    uint32_t striping;         // enum ftl_striping
    uint32_t stripe_dies;      // filled together; 0: as many as half the buffer holds
    uint32_t placement;        // enum ftl_placement
    uint64_t slc_size;         // bytes of data that the SLC cache holds in any case
    double slc_dynamic;        // of the flash for units without data, which the cache may use, too
    uint32_t slc_full;         // enum ftl_slc_full
    uint32_t slc_fold;         // enum ftl_slc_fold
    tick_t slc_fold_idle;      // of the drive, until the cache is folded; 0: never
    double slc_fold_from;      // of the cache in use, from which on it is folded beside host writes
    uint32_t gc_policy;        // enum ftl_gc_policy
    uint32_t gc_choices;       // d of d_choices
    uint32_t gc_start;         // superblocks: collects when fewer are free
    uint32_t gc_stop;          // superblocks: until as many are free
    double gc_share;           // of the spare superblocks: gc_stop is no less
    uint32_t gc_reserve;       // superblocks that only garbage collection may take
    tick_t gc_idle;            // of the drive, until it collects beyond gc_stop; 0: never
    double gc_idle_free;       // of the spare, that is then to be free
    uint64_t memory;           // bytes of the controller, for all that takes them; 0: no limit
    uint32_t gc_parallel;      // reads of victims outstanding; 0: two a die
    uint64_t gc_buffer;        // bytes, or a share of memory; of copies under way; 0: two program units a die
    uint32_t erase;            // enum ftl_erase
    uint32_t precondition;     // enum ftl_precondition
    double precondition_fill;  // of the capacity
    uint32_t initial_pe_cycles; // no key here: reliability.initial_pe_cycles, set by who composes the drive
    uint32_t processors;
    uint64_t clock;            // Hz, of the processors; 0: ideal
    bool host_first;           // background work is begun only by an idle processor
    tick_t slice;              // firmware work gives way after it; 0: never
    tick_t background_bound;   // of waiting for an idle processor; 0: none
    tick_t t_read;             // firmware time a read command
    tick_t t_read_unit;        // and each unit of it
    tick_t t_write;
    tick_t t_write_unit;
    tick_t t_trim;             // TRIM and WRITE_ZEROES
    tick_t t_trim_unit;        // each mapped unit of it
    tick_t t_flush;
    tick_t t_gc_unit;          // each unit copied
    tick_t t_buffer_hit;       // from the write buffer, or zeroes of an unmapped unit, to the data path
    uint32_t verify;           // enum ftl_verify
};

extern const struct config_field ftl_config_fields[];
extern const size_t ftl_config_field_count;

// What spans several keys. Returns the number of errors.
int ftl_config_check(const struct ftl_config *ftl, const struct config *config, struct diag *diag);

// Whether the flash can hold the drive that the configuration asks for. Returns the number of errors. `raid` may be
// NULL.
int ftl_config_check_capacity(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                              const struct raid_layout *raid, const struct config *config, struct diag *diag);

// Whether the write buffer can do what it is for. Returns the number of errors.
int ftl_config_check_effect(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                            const struct config *config, struct diag *diag);

// The user's units that the configuration and the flash give, and the units of a superblock that hold data.
uint64_t ftl_config_user_units(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                               const struct raid_layout *raid);
uint32_t ftl_config_data_units(const struct nand_geometry *geometry, const struct raid_layout *raid);

// What takes the controller's memory, in bytes: the map, the write buffer, and at most what is read ahead and copies.
struct ftl_memory {
    uint64_t map, buffer, ahead, copies;
};
struct ftl_memory ftl_config_memory(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                                    const struct raid_layout *raid);

// Units that copies under way may hold, and the fewest with which they come to an end.
uint64_t ftl_config_copy_units(const struct ftl_config *ftl, const struct nand_geometry *geometry);
uint64_t ftl_config_least_copy_units(const struct nand_geometry *geometry);

// Those of a superblock in SLC mode; and the superblocks that are set aside for the cache.
uint32_t ftl_config_slc_units(const struct nand_geometry *geometry, const struct raid_layout *raid);
uint32_t ftl_config_slc_superblocks(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                                    const struct raid_layout *raid);

// Of those, how many may hold data on average; and the superblocks that the drive asked for takes.
uint64_t ftl_config_usable_units(const struct nand_geometry *geometry, const struct raid_layout *raid);
uint64_t ftl_config_superblocks_needed(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                                       const struct raid_layout *raid);

// The same with bytes in the place of shares of the memory; with those, and the levels of collection that its share of
// the spare gives.
struct ftl_config ftl_config_in_bytes(const struct ftl_config *ftl);
struct ftl_config ftl_config_on_flash(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                                      const struct raid_layout *raid);

#endif
