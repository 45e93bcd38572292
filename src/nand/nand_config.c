// The keys of the sections `nand`, `ecc`, `raid` and `reliability`.
//
// The defaults are a 1 TB PCIe 4.0 TLC drive. Times of the bus are MQSim's NV-DDR2 set (CMU-SAFARI/MQSim,
// ONFI_Channel_NVDDR2); array times are those of SK hynix' 176-layer TLC, ISSCC 2021: 50 us, 168 MB/s a die.
#include "nand/nand_config.h"

#include "nand/ecc/ecc.h"
#include "nand/control/scheduler.h"
#include "util/macros.h"

static const char *const cells[] = {"slc", "mlc", "tlc", "qlc", NULL};
static const char *const program_modes[] = {"one_shot", "per_page", NULL};
static const char *const interfaces[] = {"nv_ddr", "nv_ddr2", "nv_ddr3", "nv_lpddr4", "toggle", NULL};
static const char *const models[] = {"off", "constant", "mlc_2ynm", "tlc_72l", "qlc_64l", NULL};
static const char *const age_units[] = {"days", "hours", NULL};

#define KEY(section, name, kind, initial, low, high, text, ...)                                                   \
    {.key = #name, .type = kind, .offset = offsetof(struct section, name), .fallback = initial, .min = low,     \
     .max = high, .help = text, ##__VA_ARGS__}
#define CHOICE(section, name, initial, names, text, ...)                                                          \
    {.key = #name, .type = CONFIG_CHOICE, .offset = offsetof(struct section, name), .fallback = initial,        \
     .choices = names, .help = text, ##__VA_ARGS__}
#define TIME(name, initial, text, ...) KEY(nand_config, name, CONFIG_TIME, initial, "0", "1s", text, ##__VA_ARGS__)

// A multi-plane command, or a program of several pages.
#define SEVERAL_PAGES                                                                                             \
    "nand.planes_per_die is not 1 or nand.program_mode is one_shot, and "                                          \
    "nand.planes_per_die is not 1 or nand.cell is not slc"
#define ERRORS_HAPPEN "reliability.model is not off"
#define SLC_MODE_USED "ftl.placement is slc"

const struct config_field nand_config_fields[] = {
    KEY(nand_config, channels, CONFIG_UINT, "8", "1", "256", "Channels, each a bus of its own."),
    KEY(nand_config, dies_per_channel, CONFIG_UINT, "8", "1", "256", "Dies (ONFI: LUNs) on each channel."),
    KEY(nand_config, planes_per_die, CONFIG_UINT, "4", "1", "16", "Planes of a die; they work together."),
    KEY(nand_config, blocks_per_plane, CONFIG_UINT, "344", "1", "4194304",
        "Blocks of a plane; also superblocks of the drive. The default gives 1.1 TB of raw capacity."),
    KEY(nand_config, pages_per_block, CONFIG_UINT, "768", "1", "65536",
        "Pages of a block, a multiple of the bits a cell (default: 64 layers x 4 strings x 3 pages)."),
    KEY(nand_config, page_size, CONFIG_BYTES, "16KiB", "512B", "1MiB",
        "User data of one plane's page, a multiple of the mapping unit."),
    CHOICE(nand_config, cell, "tlc", cells, "Bits a cell: 1 slc, 2 mlc, 3 tlc, 4 qlc."),
    CHOICE(nand_config, program_mode, "one_shot", program_modes,
           "What one program command writes on a plane: one_shot all pages of a word line, per_page one page."),
    CHOICE(nand_config, interface, "nv_ddr3", interfaces,
           "Data interface: bounds the transfer rate, and toggle selects planes by the longer 00h-05h-E0h sequence."),
    KEY(nand_config, transfer_rate, CONFIG_TRANSFERS, "1600MT/s", "0", "10000MT/s",
        "Transfers a second of the 8-bit bus (default: SK hynix, ISSCC 2021); 0: data take no time."),
    KEY(nand_config, t_r, CONFIG_TIMES, "[40us, 50us, 60us]", "0", "10ms",
        "tR, array read: one time, or one for each page type from LSB on (mean: SK hynix, ISSCC 2021; its split over "
        "the page types is an assumption).",
        .goes_with = "nand.cell"),
    KEY(nand_config, t_prog, CONFIG_TIMES, "1170us", "0", "100ms",
        "tPROG: of a word line in one_shot mode; per_page: one time or one for each page type (SK hynix, ISSCC "
        "2021).",
        .goes_with = "nand.cell nand.program_mode"),
    KEY(nand_config, t_bers, CONFIG_TIME, "4500us", "0", "1s", "tBERS, block erase (HP's white paper on SSDs: TLC).",
        .goes_with = "nand.cell"),
    KEY(nand_config, t_r_spread, CONFIG_RATIO, "0", "0", "90%",
        "How far a tR may be from the configured one, as a share of it: by word line, block and each time anew."),
    KEY(nand_config, t_prog_spread, CONFIG_RATIO, "0", "0", "90%",
        "The same of tPROG (HP's white paper on SSDs, TLC: 900 to 1350 us, 20 %)."),
    KEY(nand_config, t_bers_spread, CONFIG_RATIO, "0", "0", "90%",
        "The same of tBERS, by block and each time anew (same source, SLC: 1.5 to 2 ms, 14 %)."),
    KEY(nand_config, slc_t_r, CONFIG_TIME, "25us", "0", "10ms",
        "tR of a page in SLC mode (HP's white paper on SSDs: SLC).",
        .when = SLC_MODE_USED),
    KEY(nand_config, slc_t_prog, CONFIG_TIME, "250us", "0", "100ms",
        "tPROG of a page in SLC mode (same source: 200 to 300 us).",
        .when = SLC_MODE_USED),
    KEY(nand_config, slc_t_bers, CONFIG_TIME, "2ms", "0", "1s",
        "tBERS of a block in SLC mode (same source: 1.5 to 2 ms).",
        .when = SLC_MODE_USED),
    TIME(t_cs, "20ns", "tCS, chip select set-up, once an operation."),
    TIME(t_wc, "25ns", "tWC, one command or address cycle."),
    TIME(t_wb, "100ns", "tWB, last command cycle to busy; the bus is held."),
    TIME(t_rr, "20ns", "tRR, ready to data output; the bus is not held."),
    TIME(t_adl, "70ns", "tADL, last address cycle to data input."),
    TIME(t_ccs, "300ns", "tCCS, change of column or plane to data."),
    TIME(t_rhw, "100ns", "tRHW, data output to the next command."),
    TIME(t_dbsy, "500ns", "tDBSY, busy between the commands of a multi-plane operation; the bus is not held.",
        .when = SEVERAL_PAGES),
    TIME(t_rpre, "15ns", "tRPRE, read preamble."),
    TIME(t_dqsre, "15ns", "tDQSRE, RE_n to data strobe."),
    TIME(t_wpst, "6ns", "tWPST, write postamble."),
    TIME(t_wpsth, "15ns", "tWPSTH, write postamble hold."),
    CHOICE(nand_config, scheduler, "read_priority", scheduler_names,
           "Which of the operations waiting for a die goes next."),
    KEY(nand_config, starvation_bound, CONFIG_TIME, "10ms", "0", "100s",
        "How far reads may go ahead: what has waited longer goes before all that came later (read_priority), and a "
        "suspended program or erase goes on after so long, though not before a read was served; 0: none.",
        .when = "nand.scheduler is read_priority or nand.suspend_limit is not 0"),
    KEY(nand_config, suspend_limit, CONFIG_UINT, "4", "0", "1000000",
        "How often one program or erase may be suspended, each time for one host read or more; 0: never (default: an "
        "assumption)."),
    KEY(nand_config, suspend_total, CONFIG_TIME, "10ms", "0", "100s",
        "What the suspensions of one program or erase may take together; after that it is ended, and a suspension that "
        "is under way serves no more reads; 0: no bound (default: an assumption).",
        .when = "nand.suspend_limit is not 0"),
    KEY(nand_config, suspend_min_run, CONFIG_TIME, "0", "0", "100ms",
        "How long the array works after a suspension before the next one.",
        .when = "nand.suspend_limit is not 0"),
    KEY(nand_config, suspend_steps_program, CONFIG_TIMES, "0", "0", "100ms",
        "Lengths of a program's steps, pulses and their verification, at whose ends it can be suspended; the last one "
        "is that of all further steps; 0: at any time.",
        .when = "nand.suspend_limit is not 0"),
    KEY(nand_config, suspend_steps_erase, CONFIG_TIMES, "0", "0", "100ms",
        "The same of an erase.",
        .when = "nand.suspend_limit is not 0"),
    KEY(nand_config, t_resume, CONFIG_TIME, "0", "0", "100ms",
        "From the resume command until the array works again.",
        .when = "nand.suspend_limit is not 0"),
    KEY(nand_config, t_suspend_program, CONFIG_TIME, "50us", "0", "100ms",
        "From when the array stops until the die takes reads, of a program (fitted to read percentiles of enterprise "
        "drives beside writes: Haas et al., PVLDB 18(11), 2025; MQSim has 100 us).",
        .when = "nand.suspend_limit is not 0"),
    KEY(nand_config, t_suspend_erase, CONFIG_TIME, "100us", "0", "100ms",
        "From when the array stops until the die takes reads, of an erase (fitted as t_suspend_program; MQSim has "
        "700 us, with which one read of a thousand waits that long at every load).",
        .when = "nand.suspend_limit is not 0"),
};
const size_t nand_config_field_count = ARRAY_SIZE(nand_config_fields);

const struct config_field ecc_config_fields[] = {
    CHOICE(ecc_config, engine, "ldpc", ecc_engine_names,
           "Error-correcting code; none: data are taken as correct, at no cost."),
    KEY(ecc_config, codeword_data, CONFIG_BYTES, "4KiB", "64B", "16KiB",
        "User data of one codeword, a divisor of the mapping unit.",
        .when = "ecc.engine is not none"),
    KEY(ecc_config, transfer_parity, CONFIG_BOOL, "true", NULL, NULL, "Parity bytes take time on the channel.",
        .when = "ecc.engine is not none"),
    KEY(ecc_config, clock, CONFIG_FREQUENCY, "500MHz", "0", "10GHz",
        "Clock of the decoders (assumption); 0: decoding takes no time.",
        .when = "ecc.engine is not none"),
    KEY(ecc_config, decoders_per_channel, CONFIG_UINT, "1", "0", "16",
        "Decoders of a channel; 0: as many as are needed.",
        .when = "ecc.clock is not 0"),
    KEY(ecc_config, bch_t, CONFIG_UINT, "40", "1", "512", "Errors a codeword that are corrected (bch).",
        .when = "ecc.engine is bch"),
    KEY(ecc_config, bch_syndrome_bits, CONFIG_UINT, "64", "0", "65536",
        "Bits a cycle of the syndrome stage (bch), which overlaps the transfer and bounds the rate (assumption); "
        "0: free.",
        .when = "ecc.engine is bch and ecc.clock is not 0"),
    KEY(ecc_config, bch_chien_bits, CONFIG_UINT, "64", "0", "65536",
        "Bits a cycle of the Chien search (bch; assumption); 0: free.",
        .when = "ecc.engine is bch and ecc.clock is not 0 and " ERRORS_HAPPEN),
    KEY(ecc_config, ldpc_rate, CONFIG_REAL, "0.9", "0.5", "0.99", "User bits / bits of a codeword (ldpc).",
        .when = "ecc.engine is ldpc"),
    KEY(ecc_config, ldpc_efficiency, CONFIG_REAL, "0.55", "0.01", "1",
        "Decoding threshold / capacity bound on the raw bit error rate (ldpc; assumption: 0.5 to 0.6 in practice).",
        .when = "ecc.engine is ldpc and " ERRORS_HAPPEN),
    KEY(ecc_config, ldpc_min_iterations, CONFIG_UINT, "2", "0", "1000",
        "Iterations without errors (ldpc; assumption).",
        .when = "ecc.ldpc_iteration_bits is not 0"),
    KEY(ecc_config, ldpc_max_iterations, CONFIG_UINT, "30", "0", "1000",
        "Iterations before giving up (ldpc; assumption).",
        .when = "ecc.ldpc_iteration_bits is not 0 and " ERRORS_HAPPEN),
    KEY(ecc_config, ldpc_iteration_bits, CONFIG_UINT, "512", "0", "65536",
        "Bits a cycle of an iteration (ldpc; assumption); 0: free.",
        .when = "ecc.engine is ldpc and ecc.clock is not 0"),
    KEY(ecc_config, soft_levels, CONFIG_UINT, "3", "0", "6", "Soft-sensing steps after the read-retry steps (ldpc).",
        .when = "ecc.engine is ldpc and " ERRORS_HAPPEN),
    KEY(ecc_config, t_sense, CONFIG_TIME, "20us", "0", "10ms",
        "One sensing strobe of a soft step, which has two (assumption).",
        .when = "ecc.soft_levels is not 0"),
    KEY(ecc_config, retry_steps, CONFIG_UINT, "5", "0", "24",
        "Read-retry steps, each a whole read with shifted reference voltages.",
        .when = ERRORS_HAPPEN),
    KEY(ecc_config, retry_gain, CONFIG_REAL, "0.7", "0.01", "1",
        "Raw bit error rate of a read-retry step / that of the step before (assumption).",
        .when = "ecc.retry_steps is not 0"),
    KEY(ecc_config, t_retry, CONFIG_TIME, "1us", "0", "10ms",
        "Setting the shifted voltages before a read-retry step (ONFI SET FEATURES: tFEAT 1 us).",
        .when = "ecc.retry_steps is not 0"),
};
const size_t ecc_config_field_count = ARRAY_SIZE(ecc_config_fields);

const struct config_field raid_config_fields[] = {
    KEY(raid_config, enabled, CONFIG_BOOL, "false", NULL, NULL,
        "Parity across dies, to reconstruct uncorrectable pages."),
    KEY(raid_config, stripe_dies, CONFIG_UINT, "0", "0", "65536",
        "Dies of a stripe, one of which holds parity; a divisor of all dies, 0: all dies.",
        .when = "raid.enabled is true"),
    KEY(raid_config, t_xor, CONFIG_TIME, "2us", "0", "1s",
        "From the last member's arrival to the reconstructed data (assumption).",
        .when = "raid.enabled is true and " ERRORS_HAPPEN),
};
const size_t raid_config_field_count = ARRAY_SIZE(raid_config_fields);

const struct config_field reliability_config_fields[] = {
    CHOICE(reliability_config, model, "tlc_72l", models,
           "Raw bit error rate by wear, age and reads; off: no errors.",
        .when = "ecc.engine is not none"),
    KEY(reliability_config, rber, CONFIG_REAL, "1e-3", "0", "0.5", "Raw bit error rate of the model constant.",
        .when = "reliability.model is constant"),
    KEY(reliability_config, initial_pe_cycles, CONFIG_UINT, "0", "0", "1000000",
        "Program/erase cycles that every block has behind it at the start.", .formerly = "ftl.precondition_pe_cycles"),
    KEY(reliability_config, rated_pe_cycles, CONFIG_UINT, "3000", "1", "10000000",
        "Program/erase cycles a block is rated for: 100 % used in the SMART log (assumption for 3D TLC)."),
    KEY(reliability_config, retention_age, CONFIG_TIME, "0", "0", "200d",
        "Age of the data that preparation placed; data written while simulating are new.",
        .when = "reliability.model is mlc_2ynm or tlc_72l or qlc_64l and ftl.precondition is not empty"),
    CHOICE(reliability_config, age_unit, "days", age_units,
           "Unit of the model's time: published sources of the same formula disagree.",
        .when = "reliability.retention_age is not 0"),
    KEY(reliability_config, slc_rber, CONFIG_REAL, "0.01", "0", "1",
        "Raw bit error rate of a block in SLC mode / that of a native one of the same past (assumption).",
        .when = SLC_MODE_USED ", and " ERRORS_HAPPEN),
    KEY(reliability_config, slc_wear, CONFIG_REAL, "0.1", "0.001", "1",
        "What a program/erase cycle in SLC mode wears / what a native one does (Swissbit: 30 000 cycles where TLC has "
        "3 000; later generations 100 000).",
        .when = SLC_MODE_USED),
};
const size_t reliability_config_field_count = ARRAY_SIZE(reliability_config_fields);
