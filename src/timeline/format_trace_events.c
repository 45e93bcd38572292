// Trace events: what Perfetto (ui.perfetto.dev) and chrome://tracing open.
//
// Source: Google, "Trace Event Format", JSON array format. Each kind of resources is a process, each resource a thread
// of it, each interval an X event; holds of dies have their phases nested in them. Each submission queue is a process,
// and its commands, of which many are in flight, are nestable asynchronous events (b, e); so are decoding and
// suspension, which go on beside what their die does. M events give names. An arrow goes from each command to the
// operations in the flash that it waits for, or that program its data. Arrows by s and f events end at slices of
// threads only, and a command has none: they are the format's flow_out and flow_in, by bind_id, which asynchronous
// events take, too. A slice ends one arrow: further commands of an operation have a slice without length of their own
// in it.
//
// Times are whole nanoseconds, rounded down, so that what is nested stays so; `ps` has begin and end to the picosecond.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "spec/nvme.h"
#include "timeline/format.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { PID_METERS = 1, PID_QUEUES = 100, QUEUES = 65536 };

struct writer {
    FILE *to;
    const struct timeline_scene *scene;
    bool begun;           // an event was written
    uint64_t asides;      // so far: identifiers of asynchronous events
    uint64_t queues[QUEUES / 64]; // that have been named, a bit each
};

static void *create(FILE *to, const struct timeline_scene *scene)
{
    struct writer *writer = xcalloc(1, sizeof *writer);
    writer->to = to;
    writer->scene = scene;
    return writer;
}

// --- parts of an event ---------------------------------------------------------------------------------------------

// Of the viewer's reserved names, for those that show them; Perfetto goes by the name of the slice.
static const struct {
    const char *category, *colour;
} colours[] = {
    {"host", "good"},
    {"ahead", "rail_load"},
    {"collect", "bad"},
    {"fold", "rail_idle"},
    {"erase", "terrible"},
    {"parity", "grey"},
    {"raid", "rail_animation"},
    {"ecc", "thread_state_running"},
    {"suspended", "yellow"},
    {"wait", "white"},
};

static const char *colour_of(const char *category)
{
    for (size_t i = 0; i < ARRAY_SIZE(colours); i++)
        if (strcmp(colours[i].category, category) == 0)
            return colours[i].colour;
    return NULL;
}

static void put_us(const struct writer *writer, const char *name, tick_t ps)
{
    uint64_t ns = ps / TICKS_PER_NS;
    fprintf(writer->to, ",\"%s\":%" PRIu64 ".%03u", name, ns / 1000, (unsigned)(ns % 1000));
}

// Everything up to its arguments, which `close` ends.
static void open_event(struct writer *writer, char phase, uint32_t pid, uint32_t tid, const char *category)
{
    fprintf(writer->to, "%s{\"ph\":\"%c\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32, writer->begun ? ",\n" : "", phase, pid,
            tid);
    writer->begun = true;
    if (category == NULL)
        return;
    const char *colour = colour_of(category);
    fprintf(writer->to, ",\"cat\":\"%s\"", category);
    if (colour != NULL)
        fprintf(writer->to, ",\"cname\":\"%s\"", colour);
}

static void open_slice(struct writer *writer, uint32_t pid, uint32_t tid, const char *category, tick_t from, tick_t to)
{
    open_event(writer, 'X', pid, tid, category);
    put_us(writer, "ts", from);
    put_us(writer, "dur", (to / TICKS_PER_NS - from / TICKS_PER_NS) * TICKS_PER_NS);
}

static void open_arguments(struct writer *writer, tick_t from, tick_t to)
{
    fprintf(writer->to, ",\"args\":{\"ps\":[%" PRIu64 ",%" PRIu64 "]", from, to);
}

static void put_number(const struct writer *writer, const char *name, uint64_t value)
{
    fprintf(writer->to, ",\"%s\":%" PRIu64, name, value);
}

static void close_event(const struct writer *writer)
{
    fputs("}}", writer->to);
}

static void put_name(struct writer *writer, const char *what, uint32_t pid, uint32_t tid, const char *name,
                     uint32_t number)
{
    open_event(writer, 'M', pid, tid, NULL);
    fprintf(writer->to, ",\"name\":\"%s\",\"args\":{\"name\":\"%s %" PRIu32 "\"}}", what, name, number);
}

static void put_order(struct writer *writer, uint32_t pid, uint32_t order)
{
    open_event(writer, 'M', pid, 0, NULL);
    fprintf(writer->to, ",\"name\":\"process_sort_index\",\"args\":{\"sort_index\":%" PRIu32 "}}", order);
}

// --- beginning and end ---------------------------------------------------------------------------------------------

static uint32_t pid_of_meter(size_t meter)
{
    return PID_METERS + (uint32_t)meter;
}

// Queues come first, then what a command meets on its way into the flash: the meters from the last to the first.
static void name_meter(struct writer *writer, size_t meter)
{
    const struct ssd_meter *row = &writer->scene->meters[meter];
    uint32_t pid = pid_of_meter(meter);
    open_event(writer, 'M', pid, 0, NULL);
    fprintf(writer->to, ",\"name\":\"process_name\",\"args\":{\"name\":\"%s\"}}", row->name);
    put_order(writer, pid, QUEUES + (uint32_t)(writer->scene->meter_count - meter));
    for (uint32_t i = 0; i < row->meter->resources; i++)
        put_name(writer, "thread_name", pid, i, row->name, i);
}

static void begin(void *self)
{
    struct writer *writer = self;
    writer->begun = false;
    memset(writer->queues, 0, sizeof writer->queues);
    fputs("[\n", writer->to);
    for (size_t i = 0; i < writer->scene->meter_count; i++)
        name_meter(writer, i);
}

static void end(void *self, tick_t now)
{
    struct writer *writer = self;
    (void)now;
    fputs("\n]\n", writer->to);
    free(writer);
}

// --- dies ----------------------------------------------------------------------------------------------------------

static const char *const kinds[NAND_KIND_COUNT] = {
    [NAND_READ] = "read", [NAND_PROGRAM] = "program", [NAND_ERASE] = "erase", [NAND_FOLD_ON_DIE] = "on die"};
static const char *const array_times[NAND_KIND_COUNT] = {
    [NAND_READ] = "tR", [NAND_PROGRAM] = "tPROG", [NAND_ERASE] = "tBERS", [NAND_FOLD_ON_DIE] = "array"};

static const char *doing_name(const struct nand_op *op, enum nand_doing doing)
{
    static const char *const names[DOING_COUNT] = {
#define DOING_NAME(id, name, busy) [DOING_##id] = name,
        NAND_DOING_LIST(DOING_NAME)
#undef DOING_NAME
    };
    return doing == DOING_ARRAY ? array_times[op->kind] : names[doing];
}

static const char *category_of(const struct nand_op *op, const struct ftl_op_info *info)
{
    return op->kind == NAND_ERASE ? "erase" : info->purpose;
}

// "host read", "collect program", "erase".
static void put_op_name(const struct writer *writer, const struct nand_op *op, const struct ftl_op_info *info)
{
    if (op->kind == NAND_ERASE)
        fputs("erase", writer->to);
    else
        fprintf(writer->to, "%s %s", info->purpose, kinds[op->kind]);
}

static void put_commands(const struct writer *writer, const struct timeline_hold *hold)
{
    if (hold->command_count == 0)
        return;
    fputs(",\"commands\":[", writer->to);
    for (size_t i = 0; i < hold->command_count; i++)
        fprintf(writer->to, "%s%" PRIu64, i > 0 ? "," : "", hold->commands[i]);
    fputs("]", writer->to);
}

static void put_op_arguments(const struct writer *writer, const struct timeline_hold *hold)
{
    if (hold->info.superblock != FTL_UNKNOWN)
        put_number(writer, "superblock", hold->info.superblock);
    put_number(writer, "block", hold->at.block);
    if (hold->op->kind != NAND_ERASE) {
        put_number(writer, "row", hold->at.row);
        put_number(writer, "units", hold->info.units);
    }
    if (hold->op->kind == NAND_READ)
        put_number(writer, "page", hold->at.page);
    put_number(writer, "planes", hold->op->backend.planes);
    put_number(writer, "step", hold->op->backend.step);
    put_number(writer, "slc", hold->op->mode == NAND_SLC);
    put_number(writer, "resumed", hold->resumed);
    put_commands(writer, hold);
}

static void put_flow_in(const struct writer *writer, uint64_t command)
{
    fprintf(writer->to, ",\"bind_id\":\"0x%" PRIx64 "\",\"flow_in\":true", command);
}

static void put_phase(struct writer *writer, const struct timeline_hold *hold, size_t i)
{
    const struct timeline_phase *phase = &hold->phases[i];
    tick_t to = i + 1 < hold->phase_count ? hold->phases[i + 1].from : hold->to;
    if (phase->from >= to)
        return;
    open_slice(writer, pid_of_meter(writer->scene->die_meter), hold->at.die,
               phase->doing == DOING_WAITS ? "wait" : category_of(hold->op, &hold->info), phase->from, to);
    fprintf(writer->to, ",\"name\":\"%s\"", doing_name(hold->op, phase->doing));
    open_arguments(writer, phase->from, to);
    close_event(writer);
}

static void put_further_command(struct writer *writer, const struct timeline_hold *hold, size_t i)
{
    open_slice(writer, pid_of_meter(writer->scene->die_meter), hold->at.die, "host", hold->from, hold->from);
    fprintf(writer->to, ",\"name\":\"command %" PRIu64 "\"", hold->commands[i]);
    put_flow_in(writer, hold->commands[i]);
    open_arguments(writer, hold->from, hold->from);
    close_event(writer);
}

// One that goes on after a suspension has its arrows already.
static void put_hold(void *self, const struct timeline_hold *hold)
{
    struct writer *writer = self;
    size_t arrows = hold->resumed ? 0 : hold->command_count;
    open_slice(writer, pid_of_meter(writer->scene->die_meter), hold->at.die, category_of(hold->op, &hold->info),
               hold->from, hold->to);
    fputs(",\"name\":\"", writer->to);
    put_op_name(writer, hold->op, &hold->info);
    fputs("\"", writer->to);
    if (arrows > 0)
        put_flow_in(writer, hold->commands[0]);
    open_arguments(writer, hold->from, hold->to);
    put_op_arguments(writer, hold);
    close_event(writer);
    for (size_t i = 1; i < arrows; i++)
        put_further_command(writer, hold, i);
    for (size_t i = 0; i < hold->phase_count; i++)
        put_phase(writer, hold, i);
}

// --- other resources -----------------------------------------------------------------------------------------------

static void put_busy(void *self, const struct timeline_busy *busy)
{
    struct writer *writer = self;
    const char *category = busy->op == NULL ? busy->what : category_of(busy->op, &busy->info);
    open_slice(writer, pid_of_meter(busy->meter), busy->index, category, busy->from, busy->to);
    fprintf(writer->to, ",\"name\":\"%s", busy->what);
    if (busy->op != NULL) {
        fputs(": ", writer->to);
        put_op_name(writer, busy->op, &busy->info);
    }
    fputs("\"", writer->to);
    open_arguments(writer, busy->from, busy->to);
    if (busy->op != NULL)
        put_number(writer, "die", nand_locate_page(writer->scene->geometry, busy->op->at).die);
    close_event(writer);
}

// --- asynchronous events -------------------------------------------------------------------------------------------

static void put_end(struct writer *writer, uint32_t pid, uint32_t tid, const char *category, uint64_t id, tick_t when)
{
    open_event(writer, 'e', pid, tid, category);
    fprintf(writer->to, ",\"id\":\"0x%" PRIx64 "\"", id);
    put_us(writer, "ts", when);
}

static void put_aside(void *self, const struct timeline_aside *aside)
{
    struct writer *writer = self;
    uint32_t pid = pid_of_meter(writer->scene->die_meter);
    const char *category = aside->doing == DOING_RESTS ? "suspended" : "ecc";
    uint64_t id = ++writer->asides;
    open_event(writer, 'b', pid, aside->die, category);
    fprintf(writer->to, ",\"id\":\"0x%" PRIx64 "\",\"name\":\"%s\"", id, category);
    put_us(writer, "ts", aside->from);
    open_arguments(writer, aside->from, aside->to);
    put_number(writer, "die", aside->die);
    fputs(",\"operation\":\"", writer->to);
    put_op_name(writer, aside->op, &aside->info);
    fputs("\"", writer->to);
    close_event(writer);
    put_end(writer, pid, aside->die, category, id, aside->to);
    fprintf(writer->to, ",\"name\":\"%s\"}", category);
}

static const char *command_name(uint16_t sqid, uint8_t opcode)
{
    static const char *const names[] = {
        [NVME_IO_FLUSH] = "flush",
        [NVME_IO_WRITE] = "write",
        [NVME_IO_READ] = "read",
        [NVME_IO_WRITE_ZEROES] = "write zeroes",
        [NVME_IO_DATASET_MANAGEMENT] = "trim",
    };
    const char *name = opcode < ARRAY_SIZE(names) ? names[opcode] : NULL;
    return sqid == 0 || name == NULL ? "admin" : name;
}

static void name_queue(struct writer *writer, uint16_t sqid)
{
    uint64_t bit = UINT64_C(1) << sqid % 64;
    if (writer->queues[sqid / 64] & bit)
        return;
    writer->queues[sqid / 64] |= bit;
    put_name(writer, "process_name", PID_QUEUES + sqid, 0, "submission queue", sqid);
    put_order(writer, PID_QUEUES + sqid, sqid);
}

static bool has_range(const struct nvme_sqe *sqe)
{
    return sqe->opcode == NVME_IO_READ || sqe->opcode == NVME_IO_WRITE || sqe->opcode == NVME_IO_WRITE_ZEROES;
}

static void put_stages(const struct writer *writer, const struct breakdown *path)
{
    const char *comma = "";
    fputs(",\"stages_ps\":{", writer->to);
    for (int i = 0; i < STAGE_COUNT; i++) {
        if (path->spent[i] == 0)
            continue;
        fprintf(writer->to, "%s\"%s\":%" PRIu64, comma, stage_names[i], path->spent[i]);
        comma = ",";
    }
    fputs("}", writer->to);
}

static void put_command_arguments(const struct writer *writer, const struct timeline_command *command)
{
    const struct nvme_sqe *sqe = command->completed->sqe;
    put_number(writer, "command", command->number);
    put_number(writer, "cid", sqe->cid);
    put_number(writer, "status", command->completed->status);
    if (command->completed->sqid != 0 && has_range(sqe)) {
        put_number(writer, "lba", sqe->cdw10 | (uint64_t)sqe->cdw11 << 32);
        put_number(writer, "bytes", (uint64_t)writer->scene->lba_bytes * ((sqe->cdw12 & NVME_RW_NLB_MASK) + 1));
    }
    put_stages(writer, command->completed->path);
}

static void put_command(void *self, const struct timeline_command *command)
{
    struct writer *writer = self;
    const struct nvme_completed *completed = command->completed;
    const char *name = command_name(completed->sqid, completed->sqe->opcode);
    uint32_t pid = PID_QUEUES + completed->sqid;
    name_queue(writer, completed->sqid);
    open_event(writer, 'b', pid, 0, "command");
    fprintf(writer->to, ",\"id\":\"0x%" PRIx64 "\",\"name\":\"%s\",\"bind_id\":\"0x%" PRIx64 "\",\"flow_out\":true",
            command->number, name, command->number);
    put_us(writer, "ts", command->from);
    open_arguments(writer, command->from, command->to);
    put_command_arguments(writer, command);
    close_event(writer);
    put_end(writer, pid, 0, "command", command->number, command->to);
    fprintf(writer->to, ",\"name\":\"%s\"}", name);
}

const struct timeline_format timeline_format_trace_events = {
    .suffix = "json",
    .help = "trace events: Perfetto (ui.perfetto.dev), chrome://tracing",
    .create = create,
    .begin = begin,
    .hold = put_hold,
    .aside = put_aside,
    .busy = put_busy,
    .command = put_command,
    .end = end,
};
