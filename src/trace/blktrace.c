// Format blktrace: the binary records of Linux's block tracer, one file a CPU, or all merged by `blkparse -d`.
//
// Layout from spec/blktrace.h, versions 7 and 8, either byte order, told by each file's first magic.
//
// Reading takes two passes. The first walks each file once, checks every record, collects process names and writes
// down where the events are: 8 bytes for at least 48. The second merges the files by (time, device, sequence), file
// number last. A CPU's records are in order of time as a rule; a file where they are not is sorted on its own first.
//
// Time counts from the genesis, the smallest time of any record that is not a note. Notes name processes and carry
// messages; their sequence is 0. A wall-clock note is left out: a simulation has no use for it.
//
// A malformed record is an error at its byte. Where such are tolerated the reader goes on at the next place that
// holds the magic of the file. A last record that is cut off, as where a disk was full, is passed over.
//
// Files of several sessions must not be merged. The kernel notes the wall clock once, when a session begins
// (kernel/trace/blktrace.c: blk_trace_start): two such notes of one device are of two sessions, and what was recorded
// of it long before the latest one is of an older session. Either is an error. The latter holds for the recorder's own
// files only: blkparse -d makes the times of events relative, and leaves those of notes as they are. Without a note
// only signs are left, each worth a warning: a file that lies far from all others, and numbers that start again within
// a file while time goes on. Where time steps back, too, and numbers occur twice, or go on, recordings were put into
// one file that would be sorted into each other: an error.
#define _GNU_SOURCE // memmem, qsort_r
#include <stdlib.h>
#include <string.h>

#include "trace/format.h"
#include "trace/input.h"
#include "trace/pair_map.h"
#include "util/alloc.h"

enum { CPU_LIMIT = 65536 };

// Other CPUs may record a moment before the session's note is written.
static const uint64_t session_slack_ns = UINT64_C(1000000000);

// A CPU's clock does not step back; this much is what a tool may have rounded.
static const uint64_t clock_step_ns = UINT64_C(10000000);

// Files this far from all others, and ten times as far as all of them last, are suspicious.
static const uint64_t session_gap_ns = UINT64_C(10000000000);

struct layout {
    uint32_t version;
    uint32_t size;
    bool swap;       // the recorder's byte order is not ours
    uint32_t marker; // the magic as it lies in memory
};

struct cursor {
    const struct trace_file *file;
    struct layout layout;
    uint64_t *offsets; // of the events
    size_t count;
    size_t next;
    uint64_t time; // of the next event, and so on
    uint32_t device, sequence;
    uint32_t number; // of the file
};

// Where a session of a device begins.
struct session {
    uint64_t time;
    const struct trace_file *file;
    const struct trace_file *other; // with the beginning of another one; NULL: none
};

// The records of one device on one CPU, in the order of the file.
struct numbering {
    uint64_t time;
    uint32_t first, last;
};

struct name {
    const char *text;
    uint32_t length;
};

struct blktrace_reader {
    struct trace_faults *faults;
    struct cursor *cursors; // one a file
    size_t files;
    struct cursor **heap; // those with events left
    size_t heaped;
    uint64_t genesis;
    struct pair_map name_of_pid;
    struct name *names;
    size_t name_count;
    struct pair_map session_of_device; // the latest
    struct session *sessions;
    size_t session_count;
    uint64_t latest_session; // of any device
    struct pair_map numbering_index; // (CPU, device) of the file at hand -> numberings
    struct numbering *numberings;
    size_t numbering_count;
    // of the file at hand
    bool numbers_restart; // said once
    bool steps_back;      // time and numbers, which may be no more than disorder
    bool joined;          // time, while numbers go on
};

// ---- fields ------------------------------------------------------------------------------------------------------

static inline uint16_t get16(const struct layout *layout, const uint8_t *p)
{
    uint16_t x;
    memcpy(&x, p, sizeof x);
    return layout->swap ? __builtin_bswap16(x) : x;
}

static inline uint32_t get32(const struct layout *layout, const uint8_t *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return layout->swap ? __builtin_bswap32(x) : x;
}

static inline uint64_t get64(const struct layout *layout, const uint8_t *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return layout->swap ? __builtin_bswap64(x) : x;
}

static uint64_t get_be(const uint8_t *p, size_t bytes)
{
    uint64_t x = 0;
    for (size_t i = 0; i < bytes; i++)
        x = x << 8 | p[i];
    return x;
}

#define FIELD(layout, p, width, name)                                                           \
    ((layout)->version == 7 ? get##width(layout, (p) + BLKTRACE_V7_##name)                      \
                            : get##width(layout, (p) + BLKTRACE_V8_##name))

static inline uint64_t get_action(const struct layout *layout, const uint8_t *p)
{
    return layout->version == 7 ? get32(layout, p + BLKTRACE_V7_ACTION) : get64(layout, p + BLKTRACE_V8_ACTION);
}

static bool parse_magic(struct layout *layout, const uint8_t *p)
{
    uint32_t marker;
    memcpy(&marker, p, sizeof marker);
    bool straight = (marker & ~0xffu) == BLKTRACE_MAGIC;
    uint32_t magic = straight ? marker : __builtin_bswap32(marker);
    *layout = (struct layout){.version = magic & 0xff, .swap = !straight, .marker = marker};
    layout->size = layout->version == 7 ? BLKTRACE_V7_SIZE : BLKTRACE_V8_SIZE;
    return (magic & ~0xffu) == BLKTRACE_MAGIC;
}

static bool probe(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size)
{
    (void)ops;
    struct layout layout;
    return size >= 4 && parse_magic(&layout, bytes);
}

// ---- first pass --------------------------------------------------------------------------------------------------

static uint64_t find_magic(const struct trace_file *file, uint64_t from, const struct layout *layout)
{
    if (from >= file->size)
        return file->size;
    const uint8_t *at = memmem(file->bytes + from, file->size - from, &layout->marker, sizeof layout->marker);
    return at == NULL ? file->size : (uint64_t)(at - file->bytes);
}

static int pass_over_cut(struct blktrace_reader *reader, const struct cursor *c, uint64_t offset)
{
    reader->faults->passed++;
    diag_warning(reader->faults->diag, (struct place){.file = c->file->path},
                 "record at byte %llu: the last one is cut off and passed over", (unsigned long long)offset);
    return 0;
}

// What is wrong with the record at `offset`: the fault is counted and its text kept. 1 when all is well.
static int check_record(struct blktrace_reader *reader, const struct cursor *c, uint64_t offset)
{
    const struct layout *layout = &c->layout;
    const uint8_t *p = c->file->bytes + offset;
    struct place place = {.file = c->file->path};
    unsigned long long at = offset, left = c->file->size - offset;
    uint32_t marker;
    if (left < layout->size)
        return pass_over_cut(reader, c, offset);
    memcpy(&marker, p, sizeof marker);
    if (marker != layout->marker)
        return trace_fault(reader->faults, place, "record at byte %llu: wrong magic 0x%08x, expected 0x%08x", at,
                           get32(layout, p), BLKTRACE_MAGIC | layout->version);
    unsigned payload = FIELD(layout, p, 16, PDU_LEN);
    if (left - layout->size < payload && find_magic(c->file, offset + 1, layout) == c->file->size)
        return pass_over_cut(reader, c, offset);
    if (left - layout->size < payload)
        return trace_fault(reader->faults, place, "record at byte %llu: payload of %u bytes, but the file ends after "
                           "%llu", at, payload, left - layout->size);
    uint32_t cpu = FIELD(layout, p, 32, CPU);
    if (cpu >= CPU_LIMIT)
        return trace_fault(reader->faults, place, "record at byte %llu: absurd CPU number %u", at, cpu);
    return 1;
}

// The payload without the cgroup's id.
static const uint8_t *get_payload(const struct layout *layout, const uint8_t *p, uint32_t *length)
{
    uint32_t skip = get_action(layout, p) & BLKTRACE_ACTION_CGROUP ? BLKTRACE_CGROUP_BYTES : 0;
    uint32_t all = FIELD(layout, p, 16, PDU_LEN);
    skip = MIN(skip, all);
    *length = all - skip;
    return p + layout->size + skip;
}

// The first name of a process in the order of reading stays, as in blkparse.
static void take_name(struct blktrace_reader *reader, const struct layout *layout, const uint8_t *p)
{
    uint32_t length;
    const uint8_t *text = get_payload(layout, p, &length);
    uint64_t *index = pair_map_get(&reader->name_of_pid, FIELD(layout, p, 32, PID), 0, reader->name_count);
    if (*index != reader->name_count)
        return;
    reader->names = xgrow(reader->names, reader->name_count, sizeof *reader->names);
    length = (uint32_t)strnlen((const char *)text, MIN(length, (uint32_t)BLKTRACE_COMM_BYTES - 1));
    reader->names[reader->name_count++] = (struct name){.text = (const char *)text, .length = length};
}

static void take_session(struct blktrace_reader *reader, const struct cursor *c, const uint8_t *p)
{
    uint64_t time = FIELD(&c->layout, p, 64, TIME);
    uint64_t index = *pair_map_get(&reader->session_of_device, FIELD(&c->layout, p, 32, DEVICE), 0,
                                   reader->session_count);
    if (index == reader->session_count) {
        reader->sessions = xgrow(reader->sessions, reader->session_count, sizeof *reader->sessions);
        reader->sessions[reader->session_count++] = (struct session){.time = time, .file = c->file};
    }
    struct session *session = &reader->sessions[index];
    if (MAX(time, session->time) - MIN(time, session->time) > session_slack_ns)
        session->other = c->file;
    if (session->time < time) {
        session->time = time;
        session->file = c->file;
    }
    reader->latest_session = MAX(reader->latest_session, time);
}

// Numbers rise with time. Where they fall to the file's first or below while time goes on another session begins.
static void watch_numbers(struct blktrace_reader *reader, const struct cursor *c, const uint8_t *p)
{
    uint32_t cpu = FIELD(&c->layout, p, 32, CPU), device = FIELD(&c->layout, p, 32, DEVICE);
    uint32_t sequence = FIELD(&c->layout, p, 32, SEQUENCE);
    uint64_t time = FIELD(&c->layout, p, 64, TIME);
    uint64_t index = *pair_map_get(&reader->numbering_index, cpu, device, reader->numbering_count);
    if (index == reader->numbering_count) {
        reader->numberings = xgrow(reader->numberings, reader->numbering_count, sizeof *reader->numberings);
        reader->numberings[reader->numbering_count++] = (struct numbering){time, sequence, sequence};
    }
    struct numbering *n = &reader->numberings[index];
    if (sequence < n->last && sequence <= n->first && time > n->time && !reader->numbers_restart) {
        reader->numbers_restart = true;
        diag_warning(reader->faults->diag, (struct place){.file = c->file->path},
                     "record at byte %llu: the numbers of CPU %u start again: does it hold several sessions?",
                     (unsigned long long)(p - c->file->bytes), cpu);
    }
    reader->steps_back |= sequence < n->last && time < n->time;
    reader->joined |= sequence > n->last && time + clock_step_ns < n->time;
    *n = (struct numbering){time, n->first, sequence};
}

// Whether the record is to be kept as an event.
static bool take_record(struct blktrace_reader *reader, const struct cursor *c, const uint8_t *p)
{
    const struct layout *layout = &c->layout;
    uint64_t action = get_action(layout, p);
    if (!(action & BLKTRACE_IS_NOTIFY)) {
        reader->genesis = MIN(reader->genesis, FIELD(layout, p, 64, TIME));
        watch_numbers(reader, c, p);
        return true;
    }
    if ((action & BLKTRACE_ACTION_MASK) == BLKTRACE_NOTE_PROCESS)
        take_name(reader, layout, p);
    if ((action & BLKTRACE_ACTION_MASK) == BLKTRACE_NOTE_TIMESTAMP)
        take_session(reader, c, p);
    return (action & BLKTRACE_ACTION_MASK) == BLKTRACE_NOTE_MESSAGE;
}

struct key {
    uint64_t time;
    uint32_t device, sequence;
    uint64_t tie;
};

static bool key_is_less(const struct key *a, const struct key *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->device != b->device)
        return a->device < b->device;
    return a->sequence != b->sequence ? a->sequence < b->sequence : a->tie < b->tie;
}

static struct key key_at(const struct cursor *c, uint64_t offset)
{
    const uint8_t *p = c->file->bytes + offset;
    return (struct key){.time = FIELD(&c->layout, p, 64, TIME), .device = FIELD(&c->layout, p, 32, DEVICE),
                        .sequence = FIELD(&c->layout, p, 32, SEQUENCE), .tie = offset};
}

static int compare_offsets(const void *a, const void *b, void *context)
{
    struct key x = key_at(context, *(const uint64_t *)a), y = key_at(context, *(const uint64_t *)b);
    return key_is_less(&y, &x) - key_is_less(&x, &y);
}

static void sort_if_needed(struct cursor *c)
{
    struct key last = {0};
    for (size_t i = 0; i < c->count; i++) {
        struct key key = key_at(c, c->offsets[i]);
        if (key_is_less(&key, &last)) {
            qsort_r(c->offsets, c->count, sizeof *c->offsets, compare_offsets, c);
            return;
        }
        last = key;
    }
}

// Where the first magic of a known version stands, or the file's end; *strange is the first other version on the way.
static uint64_t find_known_magic(struct cursor *c, struct layout *strange)
{
    for (uint64_t at = 0; at + sizeof c->layout.marker <= c->file->size; at++) {
        if (!parse_magic(&c->layout, c->file->bytes + at))
            continue;
        if (c->layout.version == 7 || c->layout.version == 8)
            return at;
        if (strange->marker == 0)
            *strange = c->layout;
    }
    return c->file->size;
}

// The layout of the file, from the first magic in it; and where that stands. Where only the first records' version is
// damaged the others are read; a file of another version has none that are.
static int find_layout(struct blktrace_reader *reader, struct cursor *c, uint64_t *start)
{
    struct layout strange = {0};
    struct place place = {.file = c->file->path};
    *start = find_known_magic(c, &strange);
    if (*start == 0)
        return 0;
    if (*start < c->file->size)
        return trace_fault(reader->faults, place, "record at byte 0: no blktrace magic before byte %llu",
                           (unsigned long long)*start);
    if (strange.marker != 0)
        return diag_error(reader->faults->diag, place, "blktrace version %u; only 7 and 8 are known", strange.version);
    return trace_fault(reader->faults, place, "record at byte 0: no blktrace magic in the whole file");
}

// Whether any number of a device and CPU occurs twice in the file.
static bool numbers_occur_twice(const struct cursor *c)
{
    struct pair_map seen;
    bool twice = false;
    pair_map_init(&seen);
    for (size_t i = 0; i < c->count && !twice; i++) {
        const uint8_t *p = c->file->bytes + c->offsets[i];
        uint64_t number = (uint64_t)FIELD(&c->layout, p, 32, CPU) << 32 | FIELD(&c->layout, p, 32, SEQUENCE);
        if (!(get_action(&c->layout, p) & BLKTRACE_IS_NOTIFY))
            twice = *pair_map_get(&seen, number, FIELD(&c->layout, p, 32, DEVICE), i) != i;
    }
    pair_map_destroy(&seen);
    return twice;
}

static int refuse_joined(const struct blktrace_reader *reader, const struct cursor *c)
{
    if (!reader->joined && !(reader->steps_back && numbers_occur_twice(c)))
        return 0;
    return diag_error(reader->faults->diag, (struct place){.file = c->file->path},
                      "several recordings, one behind the other, whose clocks overlap; take each by itself");
}

static void start_file(struct blktrace_reader *reader)
{
    pair_map_destroy(&reader->numbering_index);
    pair_map_init(&reader->numbering_index);
    reader->numbering_count = 0;
    reader->numbers_restart = reader->steps_back = reader->joined = false;
}

static int index_file(struct blktrace_reader *reader, struct cursor *c)
{
    uint64_t at;
    if (c->file->size == 0)
        return 0;
    if (find_layout(reader, c, &at) < 0)
        return -1;
    start_file(reader);
    c->offsets = xmalloc((c->file->size / BLKTRACE_V7_SIZE + 1) * sizeof *c->offsets);
    while (at < c->file->size) {
        const uint8_t *p = c->file->bytes + at;
        int fine = check_record(reader, c, at);
        if (fine < 0)
            return -1;
        if (fine == 0) {
            uint64_t next = find_magic(c->file, at + 1, &c->layout);
            reader->faults->unread += MAX((next - at) / c->layout.size, UINT64_C(1));
            at = next;
            continue;
        }
        if (take_record(reader, c, p))
            c->offsets[c->count++] = at;
        at += c->layout.size + FIELD(&c->layout, p, 16, PDU_LEN);
    }
    if (refuse_joined(reader, c) != 0)
        return -1;
    sort_if_needed(c);
    return 0;
}

// ---- sessions ----------------------------------------------------------------------------------------------------

static uint64_t time_at(const struct cursor *c, size_t i)
{
    return FIELD(&c->layout, c->file->bytes + c->offsets[i], 64, TIME);
}

// How many events of the file are of a session before the latest of their device; where that begins.
static size_t count_older(const struct blktrace_reader *reader, const struct cursor *c, struct session *latest,
                          uint64_t *last)
{
    size_t older = 0, count = c->file->per_cpu ? c->count : 0;
    for (size_t i = 0; i < count && time_at(c, i) + session_slack_ns < reader->latest_session; i++) {
        uint32_t device = FIELD(&c->layout, c->file->bytes + c->offsets[i], 32, DEVICE);
        const uint64_t *index = pair_map_find(&reader->session_of_device, device, 0);
        if (index == NULL || time_at(c, i) + session_slack_ns >= reader->sessions[*index].time)
            continue;
        older++;
        *last = time_at(c, i);
        *latest = reader->sessions[*index];
    }
    return older;
}

static int refuse_older_sessions(const struct blktrace_reader *reader)
{
    int result = 0;
    for (size_t i = 0; i < reader->session_count; i++)
        if (reader->sessions[i].other != NULL)
            result = diag_error(reader->faults->diag, (struct place){.file = reader->sessions[i].other->path},
                                "two sessions of one device begin in the recording; take each by itself");
    for (size_t i = 0; i < reader->files; i++) {
        const struct cursor *c = &reader->cursors[i];
        struct session latest;
        uint64_t last;
        size_t older = count_older(reader, c, &latest, &last);
        if (older != 0)
            result = diag_error(reader->faults->diag, (struct place){.file = c->file->path},
                                "%zu of its %zu events are of another session than the one that begins in '%s' %.3f s "
                                "after the last of them; take each session by itself", older, c->count,
                                latest.file->path, (double)(latest.time - last) / 1e9);
    }
    return result;
}

static int compare_starts(const void *a, const void *b)
{
    const struct cursor *x = *(struct cursor *const *)a, *y = *(struct cursor *const *)b;
    uint64_t at_x = time_at(x, 0), at_y = time_at(y, 0);
    return at_x != at_y ? (at_x > at_y) - (at_x < at_y) : (x->number > y->number) - (x->number < y->number);
}

// The largest pause between files: the first `before` of them in order of time end before it.
static void warn_of_distant_files(const struct blktrace_reader *reader, struct cursor *const *files, size_t count)
{
    uint64_t end = 0, widest = 0;
    size_t before = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t start = time_at(files[i], 0);
        if (i > 0 && start > end && start - end > widest) {
            widest = start - end;
            before = i;
        }
        end = MAX(end, time_at(files[i], files[i]->count - 1));
    }
    uint64_t busy = count == 0 ? 0 : end - time_at(files[0], 0) - widest;
    if (before == 0 || widest < session_gap_ns || widest / 10 < busy)
        return;
    const struct cursor *odd = before <= count - before ? files[0] : files[before];
    diag_warning(reader->faults->diag, (struct place){.file = odd->file->path},
                 "lies %.0f s from other files of the recording: is it of another session?", (double)widest / 1e9);
}

static int check_sessions(const struct blktrace_reader *reader)
{
    struct cursor **files = xcalloc(reader->files, sizeof(struct cursor *));
    size_t count = 0;
    for (size_t i = 0; i < reader->files; i++)
        if (reader->cursors[i].count != 0)
            files[count++] = &reader->cursors[i];
    if (count > 1)
        qsort(files, count, sizeof(struct cursor *), compare_starts);
    int result = refuse_older_sessions(reader);
    if (result == 0)
        warn_of_distant_files(reader, files, count);
    free(files);
    return result;
}

// ---- merge -------------------------------------------------------------------------------------------------------

static bool is_earlier(const struct cursor *a, const struct cursor *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->device != b->device)
        return a->device < b->device;
    return a->sequence != b->sequence ? a->sequence < b->sequence : a->number < b->number;
}

static void load_key(struct cursor *c)
{
    struct key key = key_at(c, c->offsets[c->next]);
    c->time = key.time;
    c->device = key.device;
    c->sequence = key.sequence;
}

static void sift_down(struct blktrace_reader *reader, size_t i)
{
    struct cursor *moved = reader->heap[i];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < reader->heaped && is_earlier(reader->heap[child + 1], reader->heap[child]))
            child++;
        if (child >= reader->heaped || !is_earlier(reader->heap[child], moved))
            break;
        reader->heap[i] = reader->heap[child];
        i = child;
    }
    reader->heap[i] = moved;
}

static void start_merge(struct blktrace_reader *reader)
{
    for (size_t i = 0; i < reader->files; i++) {
        if (reader->cursors[i].count == 0)
            continue;
        load_key(&reader->cursors[i]);
        reader->heap[reader->heaped++] = &reader->cursors[i];
    }
    for (size_t i = reader->heaped / 2; i-- > 0;)
        sift_down(reader, i);
}

static void advance(struct blktrace_reader *reader)
{
    struct cursor *first = reader->heap[0];
    if (++first->next < first->count)
        load_key(first);
    else
        reader->heap[0] = reader->heap[--reader->heaped];
    if (reader->heaped > 0)
        sift_down(reader, 0);
}

// ---- events ------------------------------------------------------------------------------------------------------

static void decode_payload(struct trace_event *event)
{
    const uint8_t *pdu = event->pdu;
    switch (trace_event_action(event)) {
    case BLKTRACE_UNPLUG_IO:
    case BLKTRACE_UNPLUG_TIMER:
    case BLKTRACE_SPLIT:
        event->value = event->pdu_length >= 8 ? get_be(pdu, 8) : 0;
        break;
    case BLKTRACE_REMAP:
        if (event->pdu_length < BLKTRACE_REMAP_BYTES)
            break;
        event->from_device = (uint32_t)get_be(pdu, 4);
        event->device = (uint32_t)get_be(pdu + 4, 4);
        event->from_sector = get_be(pdu + 8, 8);
        break;
    }
}

static void decode(const struct blktrace_reader *reader, const struct cursor *c, struct trace_event *event)
{
    const struct layout *layout = &c->layout;
    const uint8_t *p = c->file->bytes + c->offsets[c->next];
    event->time_ns = c->time < reader->genesis ? 0 : c->time - reader->genesis;
    event->sector = FIELD(layout, p, 64, SECTOR);
    event->bytes = FIELD(layout, p, 32, BYTES);
    event->action = get_action(layout, p);
    event->place = c->offsets[c->next];
    event->device = c->device;
    event->recorder = c->device;
    event->sequence = c->sequence;
    event->pid = FIELD(layout, p, 32, PID);
    event->cpu = FIELD(layout, p, 32, CPU);
    event->error = FIELD(layout, p, 16, ERROR);
    event->pdu = get_payload(layout, p, &event->pdu_length);
    event->file = c->file->path;
    if (event->pdu_length != 0 && !trace_event_is(event, BLKTRACE_IS_NOTIFY | BLKTRACE_IS_PC))
        decode_payload(event);
}

static int next_event(void *context, struct trace_event *event)
{
    struct blktrace_reader *reader = context;
    if (reader->heaped == 0)
        return 0;
    decode(reader, reader->heap[0], event);
    advance(reader);
    return 1;
}

static void name_process(const void *context, struct trace_event *event)
{
    const struct blktrace_reader *reader = context;
    const uint64_t *index = pair_map_find(&reader->name_of_pid, event->pid, 0);
    if (index == NULL)
        return;
    event->process = reader->names[*index].text;
    event->process_length = reader->names[*index].length;
}

static void close_reader(void *context)
{
    struct blktrace_reader *reader = context;
    for (size_t i = 0; i < reader->files; i++)
        free(reader->cursors[i].offsets);
    free(reader->cursors);
    free(reader->heap);
    free(reader->names);
    free(reader->sessions);
    free(reader->numberings);
    pair_map_destroy(&reader->name_of_pid);
    pair_map_destroy(&reader->session_of_device);
    pair_map_destroy(&reader->numbering_index);
    free(reader);
}

static void *open_reader(const struct trace_format_ops *ops, const char *more, const struct trace_input *input,
                         struct trace_faults *faults)
{
    (void)ops;
    (void)more;
    struct blktrace_reader *reader = xcalloc(1, sizeof *reader);
    reader->faults = faults;
    reader->files = input->count;
    reader->cursors = xcalloc(input->count, sizeof *reader->cursors);
    reader->heap = xcalloc(input->count, sizeof *reader->heap);
    reader->genesis = UINT64_MAX;
    for (size_t i = 0; i < input->count; i++) {
        reader->cursors[i].file = &input->files[i];
        reader->cursors[i].number = (uint32_t)i;
        if (index_file(reader, &reader->cursors[i]) < 0) {
            close_reader(reader);
            return NULL;
        }
    }
    if (check_sessions(reader) != 0) {
        close_reader(reader);
        return NULL;
    }
    start_merge(reader);
    return reader;
}

extern const struct trace_format_ops trace_format_blktrace;
const struct trace_format_ops trace_format_blktrace = {
    .name = "blktrace",
    .help = "binary records of blktrace, version 7 or 8, one file a CPU or merged by blkparse -d",
    .probe = probe,
    .open = open_reader,
    .next = next_event,
    .name_process = name_process,
    .close = close_reader,
};
