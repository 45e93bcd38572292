// Format vscsi: SCSI commands as VMware's vscsiStats records them and CloudPhysics published them: binary records,
// little endian, of two versions.
//
//     1, 32 bytes: u32 number, u32 bytes, u32 segments, u16 command, u16 version, u64 block, u64 time
//     2, 40 bytes: u16 command, u16 version, u32 number, u32 bytes, u32 segments, u64 block, u64 time, u64 response
//
// Blocks are of 512 bytes, times microseconds; the upper byte of `version` is the version. Layouts: libCacheSim,
// traceReader/include/vscsi.h. Commands: SBC-3, READ, WRITE and SYNCHRONIZE CACHE of each length; others are counted
// and not replayed (UNMAP among them: its ranges are data, and not in the record).
#include <stdlib.h>
#include <string.h>

#include "trace/format.h"
#include "trace/input/input.h"
#include "trace/input/stream.h"
#include "trace/trace.h"
#include "util/alloc.h"

enum { PROBE_RECORDS = 16, PROBE_BYTES = 40 * PROBE_RECORDS, US = 1000 };

static const struct layout {
    unsigned version;
    size_t size;
    size_t bytes, command, version_at, block, time, response; // where in the record; response 0: it has none
} layouts[] = {
    {.version = 1, .size = 32, .bytes = 4, .command = 12, .version_at = 14, .block = 16, .time = 24},
    {.version = 2, .size = 40, .bytes = 8, .command = 0, .version_at = 2, .block = 16, .time = 24, .response = 32},
};

enum direction { OTHER, READ, WRITE, FLUSH };

static const uint8_t directions[256] = {
    [0x08] = READ,  [0x28] = READ,  [0xa8] = READ,  [0x88] = READ,  // READ (6), (10), (12), (16)
    [0x0a] = WRITE, [0x2a] = WRITE, [0xaa] = WRITE, [0x8a] = WRITE, // WRITE
    [0x35] = FLUSH, [0x91] = FLUSH,                                 // SYNCHRONIZE CACHE (10), (16)
};

struct vscsi_reader {
    const struct layout *layout;
    const struct trace_file *file;
    struct trace_faults *faults;
    struct trace_stream *stream;
};

static uint64_t get(const uint8_t *at, size_t bytes)
{
    uint64_t number = 0;
    while (bytes-- > 0)
        number = number << 8 | at[bytes];
    return number;
}

// ---- detection ---------------------------------------------------------------------------------------------------

static bool is_record(const struct layout *layout, const uint8_t *record)
{
    return get(record + layout->version_at, 2) >> 8 == layout->version && get(record + layout->command, 2) <= 0xff;
}

// Whether the first records, and there is one at least, are of the layout.
static bool fits(const struct layout *layout, const uint8_t *bytes, size_t size)
{
    size_t count = MIN(size / layout->size, (size_t)PROBE_RECORDS);
    for (size_t i = 0; i < count; i++)
        if (!is_record(layout, bytes + i * layout->size))
            return false;
    return count > 0;
}

static const struct layout *find_layout(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
        if (fits(&layouts[i], bytes, size))
            return &layouts[i];
    return NULL;
}

static bool probe(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size)
{
    (void)ops;
    return find_layout(bytes, size) != NULL;
}

// ---- reading -----------------------------------------------------------------------------------------------------

// The next record that is one: 1, 0 at the end, -1 on giving up.
static int next_record(struct vscsi_reader *reader, const uint8_t **record)
{
    const struct layout *layout = reader->layout;
    struct place place = {.file = reader->file->path};
    size_t there;
    while ((there = trace_stream_ahead(reader->stream, layout->size)) >= layout->size) {
        *record = reader->stream->at;
        reader->stream->at += layout->size;
        if (is_record(layout, *record))
            return 1;
        if (trace_fault(reader->faults, place, "record at byte %llu: it is not of version %u",
                        (unsigned long long)(trace_stream_offset(reader->stream) - layout->size), layout->version) < 0)
            return -1;
    }
    reader->faults->passed += there != 0; // a record that is cut off
    reader->stream->at += there;
    return 0;
}

static uint64_t in_ns(uint64_t us)
{
    return us > UINT64_MAX / US ? UINT64_MAX - 1 : us * US;
}

static uint64_t action_of(enum direction direction)
{
    const uint64_t categories[] = {[OTHER] = 0, [READ] = BLKTRACE_IS_READ, [WRITE] = BLKTRACE_IS_WRITE,
                                   [FLUSH] = BLKTRACE_IS_FLUSH};
    return BLKTRACE_ISSUE | BLKTRACE_IS_ISSUED | BLKTRACE_IS_FS | categories[direction];
}

static int next_event(void *context, struct trace_event *event)
{
    struct vscsi_reader *reader = context;
    const struct layout *layout = reader->layout;
    const uint8_t *record;
    int result = next_record(reader, &record);
    if (result <= 0)
        return result;
    enum direction direction = directions[get(record + layout->command, 2)];
    event->whole = true;
    event->recorder = TRACE_RECORDER_UNKNOWN;
    event->time_ns = in_ns(get(record + layout->time, 8));
    event->action = action_of(direction);
    event->sector = get(record + layout->block, 8);
    event->bytes = direction == READ || direction == WRITE ? get(record + layout->bytes, 4) : 0;
    event->latency_ns = layout->response == 0 ? TRACE_LATENCY_UNKNOWN : in_ns(get(record + layout->response, 8));
    event->file = reader->file->path;
    event->place = trace_stream_offset(reader->stream) - layout->size;
    return 1;
}

static void close_reader(void *context)
{
    struct vscsi_reader *reader = context;
    trace_stream_close(reader->stream);
    free(reader);
}

static const struct layout *layout_of(const struct trace_file *file)
{
    struct trace_stream *stream = trace_stream_open(file, NULL);
    size_t size = trace_stream_ahead(stream, PROBE_BYTES);
    const struct layout *layout = find_layout(stream->at, size);
    trace_stream_close(stream);
    return layout;
}

// The one file that holds such records.
static int choose_file(struct vscsi_reader *reader, const struct trace_input *input, struct diag *diag)
{
    for (size_t i = 0; i < input->count; i++) {
        const struct layout *layout = layout_of(&input->files[i]);
        if (layout == NULL)
            continue;
        if (reader->file != NULL)
            return diag_error(diag, (struct place){.file = input->files[i].path},
                              "a recording of vscsi is one file, but '%s' belongs to it too", reader->file->path);
        reader->file = &input->files[i];
        reader->layout = layout;
    }
    return reader->file != NULL ? 0
                                : diag_error(diag, (struct place){.file = input->path}, "no records of vscsi in it");
}

static void *open_reader(const struct trace_format_ops *ops, const char *more, const struct trace_input *input,
                         struct trace_faults *faults)
{
    struct vscsi_reader *reader = xcalloc(1, sizeof *reader);
    (void)ops;
    (void)more;
    reader->faults = faults;
    if (choose_file(reader, input, faults->diag) != 0) {
        close_reader(reader);
        return NULL;
    }
    reader->stream = trace_stream_open(reader->file, faults);
    return reader;
}

extern const struct trace_format_ops trace_format_vscsi;
const struct trace_format_ops trace_format_vscsi = {
    .name = "vscsi",
    .help = "binary records of VMware's vscsiStats as CloudPhysics published them, version 1 or 2",
    .probe = probe,
    .open = open_reader,
    .next = next_event,
    .close = close_reader,
};
