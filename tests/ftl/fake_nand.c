// Dies that serve in order of arrival, and the rules of flash as checks.
#include "fake_nand.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/check.h"

struct service {
    struct nand_op *op;
    struct fake_nand *fake;
};

struct nand_geometry fake_geometry(uint32_t dies, uint32_t planes, uint32_t blocks, uint32_t rows,
                                   uint32_t pages_per_row, uint32_t units_per_page)
{
    struct nand_geometry g = {.channels = dies == 1 ? 1 : 2, .dies = dies, .planes = planes, .blocks = blocks,
                              .rows = rows, .pages_per_row = pages_per_row, .bits_per_cell = pages_per_row,
                              .units_per_page = units_per_page, .unit_bytes = 4096,
                              .page_bytes = units_per_page * 4096};
    nand_geometry_derive(&g);
    return g;
}

struct fake_nand *fake_nand_create(struct sim *sim, const struct nand_geometry *geometry, tick_t read, tick_t program,
                                   tick_t erase)
{
    struct fake_nand *fake = xcalloc(1, sizeof *fake);
    fake->sim = sim;
    fake->geometry = *geometry;
    fake->latency[NAND_READ] = read;
    fake->latency[NAND_PROGRAM] = program;
    fake->latency[NAND_ERASE] = erase;
    fake->latency[NAND_FOLD_ON_DIE] = geometry->pages_per_row * read + program;
    fake->dies = xcalloc(geometry->dies, sizeof *fake->dies);
    fake->next_row = xcalloc((size_t)geometry->blocks * geometry->dies, sizeof *fake->next_row);
    pool_init(&fake->services, sizeof(struct service));
    return fake;
}

void fake_nand_destroy(struct fake_nand *fake)
{
    pool_destroy(&fake->services);
    free(fake->dies);
    free(fake->next_row);
    free(fake);
}

static void check_sources(const struct fake_nand *fake, const struct nand_op *op, struct nand_address to)
{
    for (uint32_t page = 0; page < fake->geometry.pages_per_row; page++) {
        struct nand_address at = nand_locate(&fake->geometry, op->sources[page]);
        CHECK(at.die == to.die, "die %u folds a page of die %u", to.die, at.die);
        CHECK(at.row < fake->next_row[at.block * fake->geometry.dies + at.die], "block %u die %u: row %u folded", at.block,
              at.die, at.row);
    }
}

static void check_rules(struct fake_nand *fake, const struct nand_op *op, struct nand_address at)
{
    uint32_t *next = &fake->next_row[at.block * fake->geometry.dies + at.die];
    switch (op->kind) {
    case NAND_FOLD_ON_DIE:
        check_sources(fake, op, at); // and what is checked of a program
        // fall through
    case NAND_PROGRAM:
        CHECK(at.page == 0 && at.plane == 0 && at.unit == 0, "a program begins inside a program unit");
        CHECK(*next == at.row, "block %u die %u: row %u programmed instead of %u", at.block, at.die, at.row, *next);
        ++*next;
        break;
    case NAND_ERASE:
        *next = 0;
        break;
    default:
        CHECK(at.row < *next, "block %u die %u: row %u read, only %u written", at.block, at.die, at.row, *next);
        CHECK(op->units != 0, "a read of no units");
        fake->units_read += (unsigned)__builtin_popcountll(op->units);
    }
}

// All that could be read comes at the end.
static void tell(const struct fake_nand *fake, struct nand_op *op)
{
    struct nand_arrivals arrivals = {0};
    for (uint64_t left = op->units & ~op->failed_units; left != 0; left &= left - 1) {
        arrivals.when[arrivals.count] = sim_now(fake->sim);
        arrivals.unit[arrivals.count++] = (uint8_t)__builtin_ctzll(left);
    }
    if (arrivals.count > 0)
        op->coming(op, &arrivals);
}

static void finish(void *context)
{
    struct service *service = context;
    struct nand_op *op = service->op;
    struct fake_nand *fake = service->fake;
    pool_give(&fake->services, service);
    breakdown_enter(&op->path, STAGE_ECC, sim_now(fake->sim));
    if (op->kind == NAND_READ && op->coming != NULL)
        tell(fake, op);
    op->done(op);
}

static void fail_unit(struct fake_nand *fake, struct nand_op *op)
{
    uint32_t page = fastdiv_quotient(op->at.n, &fake->geometry.by_multi_page), unit;
    if (page != fastdiv_split(fake->failing.n, &fake->geometry.by_multi_page, &unit))
        return;
    op->failed_units = op->units & UINT64_C(1) << unit;
    if (op->failed_units != 0)
        op->status = NAND_UNCORRECTABLE;
}

static void submit(void *self, struct nand_op *op)
{
    struct fake_nand *fake = self;
    struct nand_address at = nand_locate(&fake->geometry, op->at);
    tick_t now = sim_now(fake->sim);
    check_rules(fake, op, at);
    fake->ops[op->kind]++;
    fake->from_gc[op->kind] += op->source.tag == NAND_FOR_GC;
    op->status = NAND_OK;
    op->failed_units = 0;
    if (fake->fail && op->kind == NAND_READ)
        fail_unit(fake, op);
    struct service *service = pool_take(&fake->services);
    *service = (struct service){.op = op, .fake = fake};
    tick_t start = timeline_reserve(&fake->dies[at.die], now, fake->latency[op->kind]);
    breakdown_start(&op->path, STAGE_DIE_WAIT, now);
    breakdown_enter(&op->path, STAGE_ARRAY, start);
    sim_at(fake->sim, start + fake->latency[op->kind], finish, service);
}

static void assume(void *self, uint32_t block, uint32_t rows_written)
{
    struct fake_nand *fake = self;
    for (uint32_t die = 0; die < fake->geometry.dies; die++)
        fake->next_row[block * fake->geometry.dies + die] = rows_written;
    fake->assumed_blocks++;
}

struct nand_port fake_nand_port(struct fake_nand *fake)
{
    return (struct nand_port){.self = fake, .submit = submit, .assume = assume};
}
