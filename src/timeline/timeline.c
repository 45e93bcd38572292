// From what is told of a drive's parts to what formats show: holds of dies with what is done in them, and the rest.
#include "timeline/timeline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spec/nvme.h"
#include "timeline/numbers.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { OUTPUTS_MAX = 16 };

struct output {
    const struct timeline_format *format;
    void *self;
    FILE *to;
};

// A die, as far as it was told of.
struct watched_die {
    const struct nand_op *op; // that holds it, or NULL
    struct timeline_phase *phases;
    size_t phase_count, phase_room;
    bool resumed;                  // op has held it before
    const struct nand_op *resting; // since:
    tick_t rests_from;
};

struct meter_watcher {
    struct meter_listener listener;
    struct timeline *timeline;
    size_t meter;
};

struct timeline {
    struct ssd *ssd;
    struct sim *sim;
    struct timeline_scene scene;
    struct ssd_meter meters[SSD_METERS_MAX];
    struct meter_watcher watchers[SSD_METERS_MAX];
    struct nand_observer on_nand;
    struct ssd_observer on_ssd;
    struct nvme_observer next; // who looked on at commands before
    struct ftl_port core;      // to which the front-end's requests go on
    struct watched_die *dies;
    uint32_t die_count;
    const struct nand_op *decoded; // the last of which that was told, from:
    tick_t decoded_from;
    struct numbers *numbers;
    struct output outputs[OUTPUTS_MAX];
    size_t output_count;
    bool measuring;
    uint64_t shown;
};

// --- what is shown -------------------------------------------------------------------------------------------------

#define TELL(timeline, what, item)                                             \
    do {                                                                       \
        for (size_t i_ = 0; i_ < (timeline)->output_count; i_++)               \
            if ((timeline)->outputs[i_].format->what != NULL)                  \
                (timeline)->outputs[i_].format->what((timeline)->outputs[i_].self, item); \
    } while (0)

// Counts from the origin from now on. Whether any of it is in a window.
static bool place(struct timeline *timeline, tick_t *from, tick_t *to)
{
    tick_t origin = timeline->scene.origin;
    if (!timeline->measuring || *to < origin)
        return false;
    *from = MAX(*from, origin) - origin;
    *to -= origin;
    bool shown = windows_show(&timeline->scene.windows, *from, *to);
    timeline->shown += shown;
    return shown;
}

static void tell_level(struct timeline *timeline, enum timeline_line line, uint32_t index, uint32_t value, tick_t when)
{
    struct timeline_level level = {.now = sim_now(timeline->sim), .when = when, .line = line, .index = index,
                                   .value = value};
    TELL(timeline, level, &level);
}

// --- dies ----------------------------------------------------------------------------------------------------------

static uint32_t die_of(const struct timeline *timeline, const struct nand_op *op)
{
    return nand_locate_page(timeline->scene.geometry, op->at).die;
}

static void tell_aside(struct timeline *timeline, const struct nand_op *op, enum nand_doing doing, tick_t from,
                       tick_t to)
{
    struct timeline_aside aside = {.op = op, .die = die_of(timeline, op), .doing = doing, .from = from, .to = to};
    if (from == to || !place(timeline, &aside.from, &aside.to))
        return;
    aside.info = ftl_inspect(op);
    TELL(timeline, aside, &aside);
}

static void place_phases(struct timeline *timeline, struct watched_die *die)
{
    tick_t origin = timeline->scene.origin;
    for (size_t i = 0; i < die->phase_count; i++)
        die->phases[i].from = MAX(die->phases[i].from, origin) - origin;
}

static void end_hold(struct timeline *timeline, struct watched_die *die, tick_t to)
{
    struct timeline_hold hold = {.op = die->op, .from = die->phases[0].from, .to = to};
    die->op = NULL;
    if (!place(timeline, &hold.from, &hold.to))
        return;
    place_phases(timeline, die);
    hold.info = ftl_inspect(hold.op);
    hold.at = nand_locate_page(timeline->scene.geometry, hold.op->at);
    hold.phases = die->phases;
    hold.phase_count = die->phase_count;
    hold.resumed = die->resumed;
    numbers_find(timeline->numbers, hold.op);
    hold.commands = timeline->numbers->found;
    hold.command_count = timeline->numbers->found_count;
    TELL(timeline, hold, &hold);
}

static void begin_hold(struct timeline *timeline, struct watched_die *die, const struct nand_op *op, tick_t from)
{
    die->op = op;
    die->phase_count = 0;
    die->resumed = die->resting == op;
    if (die->resumed) {
        tell_aside(timeline, op, DOING_RESTS, die->rests_from, from);
        die->resting = NULL;
    }
}

static bool leaves_die(const struct nand_op *op, enum nand_doing doing)
{
    return doing == DOING_DECODES || doing == DOING_RESTS || (doing == DOING_ENDS && op->kind != NAND_READ);
}

static void add_phase(struct watched_die *die, enum nand_doing doing, tick_t from)
{
    if (die->phase_count == die->phase_room) {
        die->phase_room = MAX(2 * die->phase_room, (size_t)16);
        die->phases = xrealloc(die->phases, die->phase_room * sizeof *die->phases);
    }
    die->phases[die->phase_count++] = (struct timeline_phase){doing, from};
}

// After it has left its die, or as it does.
static void note_aside(struct timeline *timeline, struct watched_die *die, const struct nand_op *op,
                       enum nand_doing doing, tick_t from)
{
    if (doing == DOING_RESTS) {
        die->resting = op;
        die->rests_from = from;
    } else if (doing == DOING_DECODES) {
        timeline->decoded = op;
        timeline->decoded_from = from;
    } else if (timeline->decoded == op) {
        tell_aside(timeline, op, DOING_DECODES, timeline->decoded_from, from);
        timeline->decoded = NULL;
    }
}

static bool shows_busy(enum nand_doing doing)
{
    static const bool busy[DOING_COUNT] = {
#define DOING_BUSY(id, name, is_busy) [DOING_##id] = is_busy,
        NAND_DOING_LIST(DOING_BUSY)
#undef DOING_BUSY
    };
    return busy[doing];
}

static void nand_doing_told(void *self, const struct nand_op *op, enum nand_doing doing, tick_t from)
{
    struct timeline *timeline = self;
    uint32_t index = die_of(timeline, op);
    struct watched_die *die = &timeline->dies[index];
    bool leaves = leaves_die(op, doing);
    if (doing != DOING_ENDS || leaves)
        tell_level(timeline, LINE_DIE_BUSY, index, shows_busy(doing), from);
    if (leaves) {
        end_hold(timeline, die, from);
    } else if (doing != DOING_ENDS) {
        if (die->op != op)
            begin_hold(timeline, die, op, from);
        add_phase(die, doing, from);
    }
    if (leaves || doing == DOING_ENDS)
        note_aside(timeline, die, op, doing, from);
}

// --- other resources -----------------------------------------------------------------------------------------------

static enum timeline_bus bus_of(const char *use)
{
    enum timeline_bus bus = BUS_IS_IDLE;
    while (strcmp(timeline_bus_names[bus], use) != 0)
        bus++;
    return bus;
}

static void tell_bus(struct timeline *timeline, uint32_t index, const char *use, tick_t start, tick_t end)
{
    tell_level(timeline, LINE_CHANNEL, index, bus_of(use), start);
    tell_level(timeline, LINE_CHANNEL, index, BUS_IS_IDLE, end);
}

static void meter_told(struct meter_listener *listener, tick_t start, tick_t duration, const struct meter_use *use)
{
    struct meter_watcher *watcher = container_of(listener, struct meter_watcher, listener);
    struct timeline *timeline = watcher->timeline;
    struct timeline_busy busy = {.meter = watcher->meter, .index = use->index, .what = use->what, .op = use->op,
                                 .from = start, .to = start + duration};
    if (watcher->meter == timeline->scene.channel_meter) {
        busy.what = nand_bus_use(use->op);
        tell_bus(timeline, use->index, busy.what, busy.from, busy.to);
    }
    if (!place(timeline, &busy.from, &busy.to))
        return;
    if (busy.op != NULL)
        busy.info = ftl_inspect(busy.op);
    TELL(timeline, busy, &busy);
}

// --- commands ------------------------------------------------------------------------------------------------------

// No arrow comes from what is not shown.
static void hide_write(struct timeline *timeline, uint64_t number, const struct nvme_sqe *write)
{
    const struct timeline_scene *scene = &timeline->scene;
    uint64_t lba = write->cdw10 | (uint64_t)write->cdw11 << 32;
    uint64_t blocks = (write->cdw12 & NVME_RW_NLB_MASK) + UINT64_C(1);
    uint64_t unit_bytes = scene->geometry->unit_bytes, end = (lba + blocks) * scene->lba_bytes;
    numbers_hide(timeline->numbers, number, lba * scene->lba_bytes / unit_bytes, (end + unit_bytes - 1) / unit_bytes);
}

static void command_completed(void *self, const struct nvme_completed *completed)
{
    struct timeline *timeline = self;
    struct nvme_command_name name = {completed->sqid, completed->sqe->cid};
    struct timeline_command command = {.completed = completed, .from = completed->path->start,
                                       .to = completed->path->changed};
    command.number = numbers_complete(timeline->numbers, name);
    if (place(timeline, &command.from, &command.to))
        TELL(timeline, command, &command);
    else if (completed->sqid != 0 && completed->sqe->opcode == NVME_IO_WRITE)
        hide_write(timeline, command.number, completed->sqe);
    if (timeline->next.completed != NULL)
        timeline->next.completed(timeline->next.self, completed);
}

static void core_submit(void *self, struct ftl_request *request)
{
    struct timeline *timeline = self;
    ftl_submit(&timeline->core, request);
}

// Data that come are in the write buffer afterwards.
static void core_data_in(void *self, struct ftl_request *request, uint64_t bytes)
{
    struct timeline *timeline = self;
    const struct ftl *ftl = timeline->numbers->ftl;
    uint64_t first = ftl_arrived_unit(ftl, request);
    ftl_data_in(&timeline->core, request, bytes);
    numbers_data_in(timeline->numbers, request, first, ftl_arrived_unit(ftl, request));
}

static struct ftl_port over_core(void *self, struct ftl_port core)
{
    struct timeline *timeline = self;
    timeline->core = core;
    return (struct ftl_port){.self = timeline, .submit = core_submit, .data_in = core_data_in};
}

// --- the whole -----------------------------------------------------------------------------------------------------

static void begin_output(struct output *output)
{
    rewind(output->to);
    if (ftruncate(fileno(output->to), 0) == 0)
        output->format->begin(output->self);
}

static void measuring_begins(void *self, tick_t origin)
{
    struct timeline *timeline = self;
    timeline->scene.origin = origin;
    timeline->measuring = true;
    timeline->shown = 0;
    numbers_restart(timeline->numbers);
    for (size_t i = 0; i < timeline->output_count; i++)
        begin_output(&timeline->outputs[i]);
}

static size_t meter_named(const struct timeline *timeline, const char *name)
{
    size_t i = 0;
    while (i < timeline->scene.meter_count && strcmp(timeline->meters[i].name, name) != 0)
        i++;
    return i;
}

// What dies do is told in more detail by their operations.
static void listen_to_meters(struct timeline *timeline)
{
    struct timeline_scene *scene = &timeline->scene;
    scene->meters = timeline->meters;
    scene->meter_count = ssd_meters(timeline->ssd, timeline->meters);
    scene->die_meter = meter_named(timeline, "die");
    scene->channel_meter = meter_named(timeline, "channel");
    for (size_t i = 0; i < scene->meter_count; i++) {
        timeline->watchers[i] = (struct meter_watcher){{.busy = meter_told}, timeline, i};
        if (i != scene->die_meter)
            meter_listen(timeline->meters[i].meter, &timeline->watchers[i].listener);
    }
}

struct timeline *timeline_create(struct ssd *ssd, struct sim *sim, struct timeline_windows windows, uint32_t lba_bytes)
{
    struct timeline *timeline = xcalloc(1, sizeof *timeline);
    struct nvme *nvme = ssd_frontend(ssd);
    windows_merge(&windows);
    timeline->ssd = ssd;
    timeline->sim = sim;
    timeline->scene = (struct timeline_scene){
        .geometry = nand_get_geometry(ssd_backend(ssd)), .lba_bytes = lba_bytes, .windows = windows};
    timeline->die_count = timeline->scene.geometry->dies;
    timeline->dies = xcalloc(timeline->die_count, sizeof *timeline->dies);
    timeline->numbers = xcalloc(1, sizeof *timeline->numbers);
    numbers_init(timeline->numbers, ssd_core(ssd));
    timeline->on_nand = (struct nand_observer){.self = timeline, .doing = nand_doing_told};
    timeline->on_ssd = (struct ssd_observer){timeline, over_core, measuring_begins};
    timeline->next = nvme_get_observer(nvme);
    nand_observe(ssd_backend(ssd), &timeline->on_nand);
    nvme_observe(nvme, (struct nvme_observer){
        .self = timeline, .waits = timeline->next.waits, .completed = command_completed});
    ssd_observe(ssd, &timeline->on_ssd);
    listen_to_meters(timeline);
    return timeline;
}

void timeline_write(struct timeline *timeline, const struct timeline_format *format, FILE *to)
{
    struct output *output = &timeline->outputs[timeline->output_count++];
    *output = (struct output){format, format->create(to, &timeline->scene), to};
}

void timeline_end(struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->output_count; i++)
        timeline->outputs[i].format->end(timeline->outputs[i].self, sim_now(timeline->sim));
    timeline->output_count = 0;
}

uint64_t timeline_shown(const struct timeline *timeline)
{
    return timeline->shown;
}

tick_t timeline_length(const struct timeline *timeline)
{
    return timeline->measuring ? sim_now(timeline->sim) - timeline->scene.origin : 0;
}

void timeline_destroy(struct timeline *timeline)
{
    if (timeline == NULL)
        return;
    for (uint32_t i = 0; i < timeline->die_count; i++)
        free(timeline->dies[i].phases);
    free(timeline->dies);
    numbers_destroy(timeline->numbers);
    free(timeline->numbers);
    windows_free(&timeline->scene.windows);
    free(timeline);
}
