// The core as a whole: its ports, its parts, and what the items of its agenda stand for.
#include "ftl/core.h"

#include <stdlib.h>

#include "ftl/ftl_internal.h"
#include "util/alloc.h"

// --- the agenda ---

static void flush_item(void *context)
{
    flush_advance(context);
}

static void grant_item(void *context)
{
    write_grant(context);
}

// Each program of host data is followed by what it lets the collector do.
static void dispatch_item(void *context)
{
    struct ftl *ftl = context;
    while (write_dispatch(ftl)) {
        gc_pump(ftl);
        if (ftl->gc.hold != HOST_GOES)
            break;
    }
}

static void move_item(void *context)
{
    gc_pump(context);
}

static agenda_fn *const agenda_rows[AGENDA_ITEMS] = {flush_item, grant_item, dispatch_item, move_item};

// --- the ports ---

static void submit(void *self, struct ftl_request *request)
{
    static void (*const by_kind[FTL_KIND_COUNT])(struct ftl *, struct ftl_request *) = {
        [FTL_READ] = read_submit,
        [FTL_WRITE] = write_submit,
        [FTL_FLUSH] = flush_submit,
        [FTL_TRIM] = trim_submit,
        [FTL_WRITE_ZEROES] = write_zeroes_submit,
    };
    struct ftl *ftl = self;
    FTL_CHECK(ftl, request->kind == FTL_FLUSH || request->bytes > 0, "a request of no bytes");
    FTL_CHECK(ftl, request->offset + request->bytes <= ftl_capacity_bytes(ftl), "a request beyond the capacity");
    ftl->requests++;
    request->status = FTL_OK;
    request->core.pending = 0;
    request->core.granted = 0;
    request->core.arrived = 0;
    request->core.state = ftl;
    by_kind[request->kind](ftl, request);
}

static void data_in(void *self, struct ftl_request *request, uint64_t bytes)
{
    write_data_in(self, request, bytes);
}

struct ftl *ftl_create(struct sim *sim, const struct ftl_config *config, const struct nand_geometry *geometry,
                       const struct raid_layout *raid)
{
    SIM_CHECK(sim, "ftl", ftl_config_superblocks_needed(config, geometry, raid) <= geometry->blocks,
              "the flash is too small for the drive");
    struct ftl *ftl = xcalloc(1, sizeof *ftl);
    ftl->sim = sim;
    ftl->config = *config;
    ftl->geometry = *geometry;
    ftl->raid = raid;
    ftl->unit_shift = (unsigned)__builtin_ctzll(config->mapping_unit);
    ftl->unit_mask = config->mapping_unit - 1;
    ftl->data_units = ftl_config_data_units(geometry, raid);
    ftl->clock = clock_from_hz(config->clock);
    ftl->agenda = (struct agenda){.sim = sim, .rows = agenda_rows, .context = ftl};
    meter_init(&ftl->processor_meter, config->processors);
    pool_init(&ftl->reads, sizeof(struct read_op));
    superblocks_init(ftl);
    map_init(&ftl->map, sim, &ftl->geometry, ftl->superblocks, ftl_config_user_units(config, geometry, raid),
             config->verify == FTL_VERIFY_VERSIONS);
    buffer_init(ftl);
    stream_init(ftl);
    gc_init(ftl);
    return ftl;
}

void ftl_destroy(struct ftl *ftl)
{
    if (ftl == NULL)
        return;
    gc_destroy(ftl);
    stream_destroy(ftl);
    buffer_destroy(ftl);
    map_destroy(&ftl->map);
    pool_destroy(&ftl->reads);
    superblocks_destroy(ftl);
    free(ftl);
}

void ftl_bind(struct ftl *ftl, struct nand_port nand)
{
    ftl->nand = nand;
}

struct ftl_port ftl_get_port(struct ftl *ftl)
{
    return (struct ftl_port){.self = ftl, .submit = submit, .data_in = data_in};
}

uint64_t ftl_capacity_bytes(const struct ftl *ftl)
{
    return ftl->map.lpns << ftl->unit_shift;
}

bool ftl_idle(const struct ftl *ftl)
{
    return ftl->requests == 0 && ftl->ops == 0;
}

void ftl_check(struct ftl *ftl)
{
    FTL_CHECK(ftl, ftl_idle(ftl), "%llu requests and %llu operations are not done",
              (unsigned long long)ftl->requests, (unsigned long long)ftl->ops);
    FTL_CHECK(ftl, list_empty(&ftl->buffer.waiting) && list_empty(&ftl->buffer.flushes), "writers or flushes wait");
    FTL_CHECK(ftl, ftl->buffer.used == ftl->buffer.queued && ftl->buffer.arriving == 0,
              "%u units in the buffer, %u queued", ftl->buffer.used, ftl->buffer.queued);
    superblocks_check(ftl);
    map_check(&ftl->map);
}

const struct meter *ftl_get_processor_meter(const struct ftl *ftl)
{
    return &ftl->processor_meter;
}
