// The core as a whole: its ports, its parts, and what the items of its agenda stand for.
#include "ftl/core.h"

#include <stdlib.h>

#include "ftl/ftl_internal.h"
#include "util/alloc.h"

// --- the agenda ---

static void flush_item(void *context)
{
    struct ftl *ftl = context;
    flush_advance(&ftl->serve);
}

static void grant_item(void *context)
{
    struct ftl *ftl = context;
    grant_room(&ftl->serve);
}

static void move_item(void *context)
{
    struct ftl *ftl = context;
    for (int i = 0; i < WHY_COUNT; i++)
        mover_turn(&ftl->movers[i]);
}

// Each program of host data is followed by what it lets the movers do.
static void dispatch_item(void *context)
{
    struct ftl *ftl = context;
    while (destage_next(&ftl->serve)) {
        move_item(ftl);
        if (ftl->pace.hold != HOST_GOES)
            break;
    }
}

static agenda_fn *const agenda_rows[AGENDA_ITEMS] = {flush_item, grant_item, dispatch_item, move_item};

// --- the ports ---

static void submit(void *self, struct ftl_request *request)
{
    static void (*const by_kind[FTL_KIND_COUNT])(struct serve *, struct ftl_request *) = {
        [FTL_READ] = read_submit,
        [FTL_WRITE] = write_submit,
        [FTL_FLUSH] = flush_submit,
        [FTL_TRIM] = trim_submit,
        [FTL_WRITE_ZEROES] = write_zeroes_submit,
    };
    struct ftl *ftl = self;
    FTL_CHECK(&ftl->base, request->kind == FTL_FLUSH || request->bytes > 0, "a request of no bytes");
    FTL_CHECK(&ftl->base, request->offset + request->bytes <= ftl_capacity_bytes(ftl), "a request beyond the capacity");
    ftl->serve.requests++;
    idle_ends(&ftl->base.idle);
    request->status = FTL_OK;
    request->core.pending = 0;
    request->core.granted = 0;
    request->core.arrived = 0;
    request->core.state = &ftl->serve;
    by_kind[request->kind](&ftl->serve, request);
}

static void data_in(void *self, struct ftl_request *request, uint64_t bytes)
{
    struct ftl *ftl = self;
    write_data_in(&ftl->serve, request, bytes);
}

// --- its parts ---

static void superblock_erased(void *context, uint32_t superblock)
{
    struct ftl *ftl = context;
    map_erased(&ftl->map, superblock);
}

static void init_memory(struct base *base, const struct nand_geometry *geometry)
{
    const struct ftl_config *config = &base->config;
    struct ftl_memory takes = ftl_config_memory(config, geometry, base->raid);
    uint64_t shared = takes.ahead + takes.copies;
    if (config->memory != 0)
        shared = MIN(shared, config->memory - takes.map - takes.buffer);
    base->memory = (struct memory){
        .limit = {[MEMORY_AHEAD] = takes.ahead >> base->unit_shift, [MEMORY_COPIES] = takes.copies >> base->unit_shift},
        .kept = {[MEMORY_COPIES] = ftl_config_least_copy_units(geometry)},
        .shared = shared >> base->unit_shift,
    };
}

static void init_base(struct base *base, struct sim *sim, const struct ftl_config *config,
                      const struct nand_geometry *geometry, const struct raid_layout *raid)
{
    base->sim = sim;
    base->config = ftl_config_on_flash(config, geometry, raid);
    base->geometry = *geometry;
    base->raid = raid;
    base->unit_shift = (unsigned)__builtin_ctzll(config->mapping_unit);
    base->unit_mask = config->mapping_unit - 1;
    base->die_load = xcalloc(geometry->dies, sizeof *base->die_load);
    base->idle.sim = sim;
    init_memory(base, geometry);
    firmware_init(&base->firmware, sim, config);
}

static void init_movers(struct ftl *ftl)
{
    uint32_t count = 0;
    for (int i = 0; i < WHY_COUNT; i++) {
        mover_init(&ftl->movers[i], i, &ftl->space, &ftl->map, &ftl->pace);
        count += ftl->movers[i].ops != NULL;
    }
    ftl->space.rounding = (count - 1) * ftl->base.geometry.units_per_program;
}

struct ftl *ftl_create(struct sim *sim, const struct ftl_config *config, const struct nand_geometry *geometry,
                       const struct raid_layout *raid)
{
    SIM_CHECK(sim, "ftl", ftl_config_superblocks_needed(config, geometry, raid) <= geometry->blocks,
              "the flash is too small for the drive");
    struct ftl *ftl = xcalloc(1, sizeof *ftl);
    init_base(&ftl->base, sim, config, geometry, raid);
    ftl->base.agenda = (struct agenda){.sim = sim, .rows = agenda_rows, .context = ftl};
    space_init(&ftl->space, &ftl->base);
    ftl->space.erased = superblock_erased;
    ftl->space.erased_context = ftl;
    map_init(&ftl->map, &ftl->space, ftl_config_user_units(config, geometry, raid),
             config->verify == FTL_VERIFY_VERSIONS);
    ftl->space.slc.mapped = &ftl->map.mapped;
    ftl->space.slc.user_units = ftl->map.lpns;
    buffer_init(&ftl->buffer, &ftl->base);
    pace_init(&ftl->pace, &ftl->base, &ftl->space, &ftl->movers[WHY_COLLECT].at);
    init_movers(ftl);
    ftl->serve = (struct serve){.base = &ftl->base, .space = &ftl->space, .map = &ftl->map, .buffer = &ftl->buffer,
                                .pace = &ftl->pace};
    destage_init(&ftl->serve);
    linger_init(&ftl->serve);
    ahead_init(&ftl->serve.ahead, &ftl->base, &ftl->space, &ftl->map, &ftl->buffer);
    ftl->serve.ahead.part_arrived = read_part_arrived;
    return ftl;
}

void ftl_destroy(struct ftl *ftl)
{
    if (ftl == NULL)
        return;
    for (int i = 0; i < WHY_COUNT; i++)
        mover_destroy(&ftl->movers[i]);
    ahead_destroy(&ftl->serve.ahead);
    destage_destroy(&ftl->serve);
    buffer_destroy(&ftl->buffer);
    map_destroy(&ftl->map);
    space_destroy(&ftl->space);
    firmware_destroy(&ftl->base.firmware);
    free(ftl->base.die_load);
    free(ftl);
}

void ftl_explain(struct ftl *ftl)
{
    ftl->base.explained = true;
    firmware_explain(&ftl->base.firmware);
}

void ftl_bind(struct ftl *ftl, struct nand_port nand)
{
    ftl->base.nand = nand;
}

struct ftl_port ftl_get_port(struct ftl *ftl)
{
    return (struct ftl_port){.self = ftl, .submit = submit, .data_in = data_in};
}

uint64_t ftl_capacity_bytes(const struct ftl *ftl)
{
    return ftl->map.lpns << ftl->base.unit_shift;
}

void ftl_rest(struct ftl *ftl)
{
    ftl->base.idle.over = true;
}

bool ftl_idle(const struct ftl *ftl)
{
    return ftl->serve.requests == 0 && ftl->base.ops == 0;
}

void ftl_check(struct ftl *ftl)
{
    FTL_CHECK(&ftl->base, ftl_idle(ftl), "%llu requests and %llu operations are not done",
              (unsigned long long)ftl->serve.requests, (unsigned long long)ftl->base.ops);
    FTL_CHECK(&ftl->base, list_empty(&ftl->buffer.waiting) && list_empty(&ftl->buffer.flushes),
              "writers or flushes wait");
    uint64_t gathered = 0;
    for (int i = 0; i < WHY_COUNT; i++)
        gathered += ftl->movers[i].gathered_count;
    FTL_CHECK(&ftl->base, ftl->base.memory.held[MEMORY_COPIES] == gathered, "%llu units of memory held by copies",
              (unsigned long long)ftl->base.memory.held[MEMORY_COPIES]);
    FTL_CHECK(&ftl->base, ftl->buffer.used == ftl->buffer.queued && ftl->buffer.arriving == 0,
              "%u units in the buffer, %u queued", ftl->buffer.used, ftl->buffer.queued);
    superblocks_check(&ftl->space);
    map_check(&ftl->map);
}

struct meter *ftl_get_processor_meter(struct ftl *ftl)
{
    return &ftl->base.firmware.meter;
}
