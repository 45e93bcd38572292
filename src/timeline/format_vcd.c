// Value change dump: what logic analysers show, such as GTKWave.
//
// Source: IEEE 1364-2005, clause 18 (four-state VCD). A module a channel, with its bus as three bits, whose meaning a
// comment tells, and the R/B# line of each of its dies: 0 while the die is busy by itself. Outside the windows the dump
// is off ($dumpoff, all x). Time is that of the results, in picoseconds.
//
// Changes are told with the time at which they are to come, and not in its order; those to come wait in a heap. There
// is little in it: one or two a die or channel.
#include <inttypes.h>
#include <stdlib.h>

#include "timeline/format.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { BUS_BITS = 3, ID_DIGITS = 94, ID_BYTES = 8 };

struct change {
    tick_t when;
    uint64_t order; // in which it was told
    uint32_t line;
    uint32_t value;
};

struct line {
    uint32_t value, written;
};

struct writer {
    FILE *to;
    const struct timeline_scene *scene;
    struct line *lines; // R/B# of the dies, then the channels
    uint32_t line_count;
    struct change *heap; // the earliest first
    size_t heap_count;
    uint64_t told;
    size_t window; // the present one, or the next
    bool open;     // it has begun
    bool dumped;   // one has
};

static uint32_t line_of(const struct writer *writer, enum timeline_line line, uint32_t index)
{
    return line == LINE_DIE_BUSY ? index : writer->scene->geometry->dies + index;
}

static bool is_bus(const struct writer *writer, uint32_t line)
{
    return line >= writer->scene->geometry->dies;
}

static void *create(FILE *to, const struct timeline_scene *scene)
{
    struct writer *writer = xcalloc(1, sizeof *writer);
    writer->to = to;
    writer->scene = scene;
    writer->line_count = scene->geometry->dies + scene->geometry->channels;
    writer->lines = xcalloc(writer->line_count, sizeof *writer->lines);
    for (uint32_t die = 0; die < scene->geometry->dies; die++)
        writer->lines[die].value = 1;
    return writer;
}

// --- text ----------------------------------------------------------------------------------------------------------

// Identifier codes are of the printable characters, from ! to ~.
static const char *id_of(uint32_t line, char text[ID_BYTES])
{
    size_t length = 0;
    do
        text[length++] = (char)('!' + line % ID_DIGITS);
    while ((line /= ID_DIGITS) > 0);
    text[length] = '\0';
    return text;
}

static void put_value(const struct writer *writer, uint32_t line, bool unknown)
{
    char id[ID_BYTES];
    uint32_t value = writer->lines[line].value;
    id_of(line, id);
    if (unknown)
        fprintf(writer->to, "%s%s\n", is_bus(writer, line) ? "bx " : "x", id);
    else if (is_bus(writer, line))
        fprintf(writer->to, "b%u%u%u %s\n", value >> 2 & 1, value >> 1 & 1, value & 1, id);
    else
        fprintf(writer->to, "%u%s\n", value, id);
}

static void put_all(struct writer *writer, tick_t when, const char *keyword, bool unknown)
{
    fprintf(writer->to, "#%" PRIu64 "\n%s\n", when, keyword);
    for (uint32_t line = 0; line < writer->line_count; line++) {
        put_value(writer, line, unknown);
        writer->lines[line].written = writer->lines[line].value;
    }
    fputs("$end\n", writer->to);
}

static void put_channel(const struct writer *writer, uint32_t channel)
{
    const struct nand_geometry *geometry = writer->scene->geometry;
    char id[ID_BYTES];
    fprintf(writer->to, "$scope module channel%" PRIu32 " $end\n", channel);
    id_of(line_of(writer, LINE_CHANNEL, channel), id);
    fprintf(writer->to, "$var wire %d %s bus [%d:0] $end\n", BUS_BITS, id, BUS_BITS - 1);
    for (uint32_t die = 0; die < geometry->dies; die++)
        if (nand_channel_of(geometry, die) == channel)
            fprintf(writer->to, "$var wire 1 %s die%" PRIu32 "_rb_n $end\n", id_of(die, id), die);
    fputs("$upscope $end\n", writer->to);
}

static void begin(void *self)
{
    struct writer *writer = self;
    writer->window = 0;
    writer->open = writer->dumped = false;
    fputs("$version sqtail $end\n$comment bus:", writer->to);
    for (int i = 0; i < TIMELINE_BUS_COUNT; i++)
        fprintf(writer->to, " %d %s%s", i, timeline_bus_names[i], i + 1 < TIMELINE_BUS_COUNT ? "," : "");
    fputs(" $end\n$timescale 1 ps $end\n$scope module drive $end\n", writer->to);
    for (uint32_t channel = 0; channel < writer->scene->geometry->channels; channel++)
        put_channel(writer, channel);
    fputs("$upscope $end\n$enddefinitions $end\n", writer->to);
}

// --- windows -------------------------------------------------------------------------------------------------------

static void open_window(struct writer *writer, tick_t when)
{
    put_all(writer, when, writer->dumped ? "$dumpon" : "$dumpvars", false);
    writer->open = writer->dumped = true;
}

static void close_window(struct writer *writer, tick_t when)
{
    put_all(writer, when, "$dumpoff", true);
    writer->open = false;
    writer->window++;
}

// Time goes on to `when`, which counts from the origin.
static void go_on_to(struct writer *writer, tick_t when)
{
    const struct timeline_windows *windows = &writer->scene->windows;
    while (writer->window < windows->count) {
        struct timeline_window window = windows->at[writer->window];
        if (!writer->open && window.from <= when)
            open_window(writer, window.from);
        if (!writer->open || window.to > when)
            return;
        close_window(writer, window.to);
    }
}

// --- changes -------------------------------------------------------------------------------------------------------

static bool earlier(const struct change *a, const struct change *b)
{
    return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void swap(struct change *a, struct change *b)
{
    struct change kept = *a;
    *a = *b;
    *b = kept;
}

static void push(struct writer *writer, struct change change)
{
    size_t i = writer->heap_count++;
    writer->heap = xgrow(writer->heap, i, sizeof *writer->heap);
    writer->heap[i] = change;
    for (; i > 0 && earlier(&writer->heap[i], &writer->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&writer->heap[i], &writer->heap[(i - 1) / 2]);
}

static struct change pop(struct writer *writer)
{
    struct change *heap = writer->heap, first = heap[0];
    heap[0] = heap[--writer->heap_count];
    for (size_t i = 0, child; (child = 2 * i + 1) < writer->heap_count; i = child) {
        child += child + 1 < writer->heap_count && earlier(&heap[child + 1], &heap[child]);
        if (!earlier(&heap[child], &heap[i]))
            break;
        swap(&heap[i], &heap[child]);
    }
    return first;
}

// Lines that have another value than was written, of those that have changed: a line may change twice in one moment.
static void put_changed(struct writer *writer, tick_t when, const uint32_t *changed, size_t count)
{
    bool stamped = false;
    for (size_t i = 0; i < count; i++) {
        struct line *line = &writer->lines[changed[i]];
        if (line->written == line->value)
            continue;
        if (!stamped)
            fprintf(writer->to, "#%" PRIu64 "\n", when);
        stamped = true;
        put_value(writer, changed[i], false);
        line->written = line->value;
    }
}

// All that changes in one moment.
static void change_at(struct writer *writer, tick_t when)
{
    tick_t origin = writer->scene->origin;
    uint32_t *changed = NULL;
    size_t count = 0;
    if (when >= origin)
        go_on_to(writer, when - origin);
    while (writer->heap_count > 0 && writer->heap[0].when == when) {
        struct change change = pop(writer);
        writer->lines[change.line].value = change.value;
        changed = xgrow(changed, count, sizeof *changed);
        changed[count++] = change.line;
    }
    if (writer->open)
        put_changed(writer, when - origin, changed, count);
    free(changed);
}

static void run_until(struct writer *writer, tick_t now)
{
    while (writer->heap_count > 0 && writer->heap[0].when < now)
        change_at(writer, writer->heap[0].when);
}

static void note_level(void *self, const struct timeline_level *level)
{
    struct writer *writer = self;
    uint32_t value = level->line == LINE_DIE_BUSY ? !level->value : level->value;
    run_until(writer, level->now);
    push(writer, (struct change){level->when, writer->told++, line_of(writer, level->line, level->index), value});
}

// A window that goes on beyond the end of the simulation ends with it.
static void end(void *self, tick_t now)
{
    struct writer *writer = self;
    run_until(writer, now + 1);
    tick_t length = now > writer->scene->origin ? now - writer->scene->origin : 0;
    go_on_to(writer, length);
    if (writer->open)
        fprintf(writer->to, "#%" PRIu64 "\n", length);
    free(writer->lines);
    free(writer->heap);
    free(writer);
}

const struct timeline_format timeline_format_vcd = {
    .suffix = "vcd",
    .help = "value change dump: R/B# of dies and state of channels, for GTKWave",
    .create = create,
    .begin = begin,
    .level = note_level,
    .end = end,
};
