// Command sequences as a table: a row a phase, walked by one short function.
//
// The sequences are those of ONFI 4/5 (Open NAND Flash Interface Specification, chapter 5, command definition) and
// of toggle-mode parts; phases and numbers of cycles are counted as MQSim does (CMU-SAFARI/MQSim,
// ONFI_Channel_NVDDR2), which leaves out the confirming second command cycle:
//
//   read     tCS + k 6 tWC + (k-1) tDBSY + tWB + tRR, then tR; data: tRPRE + tDQSRE + data
//   program  tCS + 6 tWC + tADL + data + tWPST + tWPSTH + tWB, then tPROG; a further page: the same, tDBSY for tCS
//   copy     reads as above without data, then tCS + k 6 tWC + (k-1) tDBSY + tWB, then tPROG
//   erase    tCS + k 4 tWC + (k-1) tDBSY + tWB, then tBERS
//   suspend  tCS + 3 tWC
//
// Where the die is busy by itself (tDBSY, tRR) other dies use the bus. The pieces of a multi-plane command are
// reserved as one, their gaps are charged to the die alone. Left out: status polling, and chip select set-up when
// another die's cycles came between the parts of an operation.
#include "nand/chip/sequence.h"

#include "util/macros.h"

enum repeat { ONCE, EACH_PLANE, BETWEEN_PLANES };
enum holds { BUS, DIE };
enum { ANY_INTERFACE = -1, ALL_BUT_TOGGLE = -2 };

struct phase {
    enum nand_sequence sequence;
    enum repeat repeat;
    enum holds holds;
    uint32_t count;
    size_t time; // offset of a tick_t in struct nand_config
    int interface;
};

#define T(name) offsetof(struct nand_config, name)

static const struct phase phases[] = {
    {SEQUENCE_READ, ONCE, BUS, 1, T(t_cs), ANY_INTERFACE},
    {SEQUENCE_READ, EACH_PLANE, BUS, 6, T(t_wc), ANY_INTERFACE}, // 00h, 5 addresses; 32h or 30h
    {SEQUENCE_READ, BETWEEN_PLANES, DIE, 1, T(t_dbsy), ANY_INTERFACE},
    {SEQUENCE_READ, ONCE, BUS, 1, T(t_wb), ANY_INTERFACE},
    {SEQUENCE_READ, ONCE, DIE, 1, T(t_rr), ANY_INTERFACE},

    {SEQUENCE_READ_DATA, ONCE, BUS, 1, T(t_rpre), ANY_INTERFACE},
    {SEQUENCE_READ_DATA, ONCE, BUS, 1, T(t_dqsre), ANY_INTERFACE},

    {SEQUENCE_NEXT_COLUMN, ONCE, BUS, 1, T(t_rhw), ANY_INTERFACE},
    {SEQUENCE_NEXT_COLUMN, ONCE, BUS, 4, T(t_wc), ANY_INTERFACE}, // 05h, 2 addresses, E0h
    {SEQUENCE_NEXT_COLUMN, ONCE, BUS, 1, T(t_ccs), ANY_INTERFACE},
    {SEQUENCE_NEXT_COLUMN, ONCE, BUS, 1, T(t_rpre), ANY_INTERFACE},
    {SEQUENCE_NEXT_COLUMN, ONCE, BUS, 1, T(t_dqsre), ANY_INTERFACE},

    {SEQUENCE_NEXT_PLANE, ONCE, BUS, 1, T(t_rhw), ANY_INTERFACE},
    {SEQUENCE_NEXT_PLANE, ONCE, BUS, 6, T(t_wc), ALL_BUT_TOGGLE},    // 06h, 5 addresses; E0h
    {SEQUENCE_NEXT_PLANE, ONCE, BUS, 10, T(t_wc), INTERFACE_TOGGLE}, // 00h, 5 addresses, 05h, 2 addresses, E0h
    {SEQUENCE_NEXT_PLANE, ONCE, BUS, 1, T(t_ccs), ANY_INTERFACE},
    {SEQUENCE_NEXT_PLANE, ONCE, BUS, 1, T(t_rpre), ANY_INTERFACE},
    {SEQUENCE_NEXT_PLANE, ONCE, BUS, 1, T(t_dqsre), ANY_INTERFACE},

    {SEQUENCE_PROGRAM, ONCE, BUS, 1, T(t_cs), ANY_INTERFACE},
    {SEQUENCE_PROGRAM, ONCE, BUS, 6, T(t_wc), ANY_INTERFACE}, // 80h, 5 addresses; 11h, 1Ah or 10h
    {SEQUENCE_PROGRAM, ONCE, BUS, 1, T(t_adl), ANY_INTERFACE},
    {SEQUENCE_PROGRAM, ONCE, BUS, 1, T(t_wpst), ANY_INTERFACE},
    {SEQUENCE_PROGRAM, ONCE, BUS, 1, T(t_wpsth), ANY_INTERFACE},
    {SEQUENCE_PROGRAM, ONCE, BUS, 1, T(t_wb), ANY_INTERFACE},

    {SEQUENCE_PROGRAM_NEXT, ONCE, DIE, 1, T(t_dbsy), ANY_INTERFACE},
    {SEQUENCE_PROGRAM_NEXT, ONCE, BUS, 6, T(t_wc), ANY_INTERFACE},
    {SEQUENCE_PROGRAM_NEXT, ONCE, BUS, 1, T(t_adl), ANY_INTERFACE},
    {SEQUENCE_PROGRAM_NEXT, ONCE, BUS, 1, T(t_wpst), ANY_INTERFACE},
    {SEQUENCE_PROGRAM_NEXT, ONCE, BUS, 1, T(t_wpsth), ANY_INTERFACE},
    {SEQUENCE_PROGRAM_NEXT, ONCE, BUS, 1, T(t_wb), ANY_INTERFACE},

    {SEQUENCE_COPY_PROGRAM, ONCE, BUS, 1, T(t_cs), ANY_INTERFACE},
    {SEQUENCE_COPY_PROGRAM, EACH_PLANE, BUS, 6, T(t_wc), ANY_INTERFACE}, // 85h, 5 addresses; 11h or 10h
    {SEQUENCE_COPY_PROGRAM, BETWEEN_PLANES, DIE, 1, T(t_dbsy), ANY_INTERFACE},
    {SEQUENCE_COPY_PROGRAM, ONCE, BUS, 1, T(t_wb), ANY_INTERFACE},

    {SEQUENCE_ERASE, ONCE, BUS, 1, T(t_cs), ANY_INTERFACE},
    {SEQUENCE_ERASE, EACH_PLANE, BUS, 4, T(t_wc), ANY_INTERFACE}, // 60h, 3 addresses; D1h or D0h
    {SEQUENCE_ERASE, BETWEEN_PLANES, DIE, 1, T(t_dbsy), ANY_INTERFACE},
    {SEQUENCE_ERASE, ONCE, BUS, 1, T(t_wb), ANY_INTERFACE},

    {SEQUENCE_SUSPEND, ONCE, BUS, 1, T(t_cs), ANY_INTERFACE},
    {SEQUENCE_SUSPEND, ONCE, BUS, 3, T(t_wc), ANY_INTERFACE},
};

static bool applies(const struct phase *phase, enum nand_sequence sequence, uint32_t interface)
{
    if (phase->sequence != sequence)
        return false;
    if (phase->interface == ALL_BUT_TOGGLE)
        return interface != INTERFACE_TOGGLE;
    return phase->interface == ANY_INTERFACE || phase->interface == (int)interface;
}

struct sequence_time nand_sequence_time(const struct nand_config *config, enum nand_sequence sequence,
                                        uint32_t planes)
{
    const uint32_t times[] = {[ONCE] = 1, [EACH_PLANE] = planes, [BETWEEN_PLANES] = planes - 1};
    struct sequence_time sum = {0};
    for (size_t i = 0; i < ARRAY_SIZE(phases); i++) {
        const struct phase *phase = &phases[i];
        if (!applies(phase, sequence, config->interface))
            continue;
        tick_t one = *(const tick_t *)((const char *)config + phase->time);
        tick_t all = times[phase->repeat] * phase->count * one;
        if (phase->holds == BUS)
            sum.bus += all;
        else
            sum.die += all;
    }
    return sum;
}

tick_t nand_transfer_time(const struct nand_config *config, uint64_t bytes)
{
    if (config->transfer_rate == 0)
        return 0;
    return (bytes * TICKS_PER_S + config->transfer_rate / 2) / config->transfer_rate;
}
