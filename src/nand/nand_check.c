// What spans several keys of the back-end's sections.
#include <inttypes.h>

#include "nand/ecc/ecc.h"
#include "nand/nand_config.h"
#include "util/check.h"
#include "util/macros.h"

struct checker {
    const struct config *config;
    struct diag *diag;
    int errors;
};

#define REQUIRE(checker, key, condition, ...)                                                         \
    do {                                                                                              \
        if (!(condition)) {                                                                           \
            CONFIG_ERROR((checker)->config, (checker)->diag, key, __VA_ARGS__);                       \
            (checker)->errors++;                                                                      \
        }                                                                                             \
    } while (0)

// Transfers a second that an interface can do: ONFI 1 to 5.1; a toggle interface is bounded as the fastest of them.
static const uint64_t fastest[] = {
    [INTERFACE_NV_DDR] = 200000000,
    [INTERFACE_NV_DDR2] = 533000000,
    [INTERFACE_NV_DDR3] = 1600000000,
    [INTERFACE_NV_LPDDR4] = 3600000000,
    [INTERFACE_TOGGLE] = 3600000000,
};

static void check_times(struct checker *c, const struct nand_config *n)
{
    uint32_t bits = n->cell + 1;
    REQUIRE(c, "nand.t_r", n->t_r.count == 1 || n->t_r.count == bits, "one time, or one for each of %u page types",
            bits);
    if (n->program_mode == PROGRAM_ONE_SHOT)
        REQUIRE(c, "nand.t_prog", n->t_prog.count == 1, "one_shot mode has one time, that of a word line");
    else
        REQUIRE(c, "nand.t_prog", n->t_prog.count == 1 || n->t_prog.count == bits,
                "one time, or one for each of %u page types", bits);
    REQUIRE(c, "nand.transfer_rate", n->transfer_rate <= fastest[n->interface],
            "faster than the interface, which ends at %" PRIu64 " MT/s", fastest[n->interface] / 1000000);
}

static void check_geometry(struct checker *c, const struct nand_config *n)
{
    uint32_t bits = n->cell + 1;
    REQUIRE(c, "nand.pages_per_block", n->pages_per_block % bits == 0, "not a multiple of %u, the bits a cell", bits);
    uint64_t unit = n->unit_bytes;
    REQUIRE(c, "nand.page_size", n->page_size % unit == 0 && n->page_size >= unit,
            "not a multiple of the mapping unit, %" PRIu64 " bytes", unit);
    uint64_t multi_page = n->planes_per_die * n->page_size / unit;
    REQUIRE(c, "nand.page_size", multi_page <= MULTI_PAGE_UNITS_MAX,
            "%" PRIu64 " mapping units in a multi-plane page; at most %d are possible", multi_page,
            MULTI_PAGE_UNITS_MAX);
    uint64_t per_block = (uint64_t)n->channels * n->dies_per_channel * n->pages_per_block * multi_page;
    uint64_t most = MIN(NAND_UNITS_MAX, UINT64_MAX / per_block); // the latter for fastdiv
    REQUIRE(c, "nand.blocks_per_plane", per_block <= most / n->blocks_per_plane,
            "%" PRIu64 " blocks of %" PRIu64 " mapping units; all together at most %" PRIu64 " are possible",
            (uint64_t)n->blocks_per_plane, per_block, most);
}

static void check_ecc(struct checker *c, const struct nand_config *n)
{
    const struct ecc_config *e = &n->ecc;
    if (e->engine == ECC_NONE)
        return;
    REQUIRE(c, "ecc.codeword_data", e->codeword_data <= n->unit_bytes && n->unit_bytes % e->codeword_data == 0,
            "not a divisor of the mapping unit, %u bytes", n->unit_bytes);
    REQUIRE(c, "ecc.ldpc_max_iterations", e->ldpc_min_iterations <= e->ldpc_max_iterations,
            "less than ecc.ldpc_min_iterations");
}

static void check_raid(struct checker *c, const struct nand_config *n)
{
    if (!n->raid.enabled)
        return;
    uint32_t dies = n->channels * n->dies_per_channel;
    uint32_t stripe = n->raid.stripe_dies == 0 ? dies : n->raid.stripe_dies;
    REQUIRE(c, "raid.stripe_dies", stripe >= 2 && dies % stripe == 0,
            "%u dies in a stripe; at least 2 and a divisor of the drive's %u dies are needed", stripe, dies);
}

int nand_config_check(const struct nand_config *nand, const struct config *config, struct diag *diag)
{
    CHECK(nand->unit_bytes > 0, "the mapping unit has not been set");
    struct checker checker = {.config = config, .diag = diag};
    check_times(&checker, nand);
    check_geometry(&checker, nand);
    check_ecc(&checker, nand);
    check_raid(&checker, nand);
    return checker.errors;
}
