// The back-end's configuration: sections `nand`, `ecc`, `raid` and `reliability`.
#ifndef SQTAIL_NAND_NAND_CONFIG_H
#define SQTAIL_NAND_NAND_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "nand/geometry.h"
#include "nand/raid.h"

enum nand_cell { CELL_SLC, CELL_MLC, CELL_TLC, CELL_QLC };
enum nand_program_mode { PROGRAM_ONE_SHOT, PROGRAM_PER_PAGE };
enum nand_interface { INTERFACE_NV_DDR, INTERFACE_NV_DDR2, INTERFACE_NV_DDR3, INTERFACE_NV_LPDDR4, INTERFACE_TOGGLE };
enum reliability_model { RBER_OFF, RBER_CONSTANT, RBER_MLC_2YNM, RBER_TLC_72L, RBER_QLC_64L };
enum reliability_unit { AGE_DAYS, AGE_HOURS };

// RETRY_STEPS_LIMIT and SOFT_LEVELS_LIMIT bound the keys of that name.
enum { RETRY_STEPS_LIMIT = 24, SOFT_LEVELS_LIMIT = 6 };

struct ecc_config {
    uint32_t engine; // index into ecc_engines
    uint64_t codeword_data; // user bytes of a codeword, a divisor of the mapping unit
    bool transfer_parity;
    uint64_t clock; // Hz; 0: decoding takes no time
    uint32_t decoders_per_channel; // 0: nobody waits for a decoder
    uint32_t bch_t;
    uint32_t bch_syndrome_bits, bch_chien_bits; // bits a cycle; 0: takes no cycles
    double ldpc_rate;       // 0.5 .. 0.99
    double ldpc_efficiency; // of the capacity bound, 0 .. 1
    uint32_t ldpc_min_iterations, ldpc_max_iterations;
    uint32_t ldpc_iteration_bits; // bits a cycle; 0: takes no cycles
    uint32_t soft_levels;         // 0 .. SOFT_LEVELS_LIMIT
    tick_t t_sense;
    uint32_t retry_steps; // 0 .. RETRY_STEPS_LIMIT
    double retry_gain;    // RBER of a step / RBER of the step before, 0.01 .. 1
    tick_t t_retry;
};

struct reliability_config {
    uint32_t model; // enum reliability_model
    double rber;    // of the model `constant`
    uint32_t initial_pe_cycles;
    uint32_t rated_pe_cycles;
    tick_t retention_age;
    uint32_t age_unit; // enum reliability_unit
    double slc_rber;   // raw bit error rate of a block in SLC mode / that of a native one, 0 .. 1
    double slc_wear;   // of a program/erase cycle in SLC mode / that of a native one, 0.001 .. 1
};

struct nand_config {
    uint32_t channels, dies_per_channel, planes_per_die, blocks_per_plane, pages_per_block;
    uint64_t page_size; // bytes of user data
    uint32_t cell, program_mode, interface;
    uint64_t transfer_rate; // transfers/s over the 8-bit bus; 0: data take no time
    struct config_times t_r, t_prog;
    tick_t t_bers;
    double t_r_spread, t_prog_spread, t_bers_spread; // the farthest from the mean, as a share of it
    tick_t slc_t_r, slc_t_prog, slc_t_bers; // of blocks in SLC mode
    tick_t t_cs, t_wc, t_wb, t_rr, t_adl, t_ccs, t_rhw, t_dbsy, t_rpre, t_dqsre, t_wpst, t_wpsth;
    uint32_t scheduler; // index into schedulers
    tick_t starvation_bound;
    uint32_t suspend_limit; // suspensions of one program or erase; 0: never
    tick_t suspend_total;   // what its suspensions may take together
    tick_t suspend_min_run; // of the array after a suspension, before the next
    tick_t t_suspend_program, t_suspend_erase, t_resume;
    struct config_times suspend_steps_program, suspend_steps_erase; // of the array: it can stop at the end of each
    struct ecc_config ecc;
    struct raid_config raid;
    struct reliability_config reliability;
    uint32_t unit_bytes; // not a key here: the core's mapping unit, set by who composes the drive
};

extern const struct config_field nand_config_fields[];
extern const size_t nand_config_field_count;
// Offsets of the following are within their own structs.
extern const struct config_field ecc_config_fields[];
extern const size_t ecc_config_field_count;
extern const struct config_field raid_config_fields[];
extern const size_t raid_config_field_count;
extern const struct config_field reliability_config_fields[];
extern const size_t reliability_config_field_count;

// What spans several keys of the four sections, `unit_bytes` included. Returns the number of errors added.
int nand_config_check(const struct nand_config *nand, const struct config *config, struct diag *diag);

// The geometry, complete, of a configuration that has passed the check.
struct nand_geometry nand_geometry_make(const struct nand_config *config);

#endif
