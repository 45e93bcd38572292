// Format blktrace: the binary records of Linux's block tracer, one file a CPU, or all merged by `blkparse -d`.
//
// Layout from spec/blktrace.h, versions 7 and 8, either byte order, told by each file's first magic.
//
// Opening walks through one file after the other, checks every record, collects process names and sees whether the
// records are in order of time, as a CPU's are as a rule. Reading then merges the files by (time, device, sequence),
// file number last.
//
// Notes name processes and carry messages; their sequence is 0. A wall-clock note is left out: a simulation has no use
// for it.
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
#define _GNU_SOURCE // memmem
#include <stdlib.h>
#include <string.h>

#include "trace/format.h"
#include "trace/input/input.h"
#include "trace/number_set.h"
#include "trace/pair_map.h"
#include "trace/input/stream.h"
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

struct key {
    uint64_t time;
    uint32_t device, sequence;
};

// What a record says, in the byte order of this machine.
struct record {
    struct key key;
    uint64_t sector, action;
    uint32_t bytes, pid, cpu;
    uint16_t error, pdu_length;
    const uint8_t *pdu; // with the cgroup's number; until the next record is asked for
};

// A file, and the record at hand.
struct cursor {
    const struct trace_file *file;
    struct layout layout;    // of no version: there is no record in it
    uint64_t start;          // of the first record, bytes
    struct trace_stream *stream;
    struct record record;
    uint64_t place;          // of it, bytes
    uint32_t number;         // of the file
    struct key before;       // of the event before
    size_t count;            // events
    uint64_t first_time, last_time; // of events
    bool disordered;
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
    char text[BLKTRACE_COMM_BYTES];
    uint32_t length;
};

struct blktrace_reader {
    struct trace_faults *faults;
    struct trace_faults muted; // of reading what was checked
    struct cursor *cursors; // one a file
    size_t files;
    struct cursor **heap; // those with events left
    size_t heaped;
    bool given; // the first of them was, and its next record is due
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
    uint32_t numbering_cpu, numbering_device; // the last of them that was asked for
    struct numbering *numbering;              // NULL: none was
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

static inline struct record unpack_as(const struct layout *layout, const uint8_t *p)
{
    return (struct record){
        .key = {FIELD(layout, p, 64, TIME), FIELD(layout, p, 32, DEVICE), FIELD(layout, p, 32, SEQUENCE)},
        .sector = FIELD(layout, p, 64, SECTOR),
        .action = layout->version == 7 ? get32(layout, p + BLKTRACE_V7_ACTION) : get64(layout, p + BLKTRACE_V8_ACTION),
        .bytes = FIELD(layout, p, 32, BYTES),
        .pid = FIELD(layout, p, 32, PID),
        .cpu = FIELD(layout, p, 32, CPU),
        .error = FIELD(layout, p, 16, ERROR),
        .pdu_length = FIELD(layout, p, 16, PDU_LEN),
        .pdu = p + layout->size,
    };
}

// Nearly all recordings are of the first kind, which becomes plain loads.
static inline struct record unpack(const struct layout *layout, const uint8_t *p)
{
    const struct layout plain = {.version = 7, .size = BLKTRACE_V7_SIZE};
    return layout->version == 7 && !layout->swap ? unpack_as(&plain, p) : unpack_as(layout, p);
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

// ---- records -----------------------------------------------------------------------------------------------------

// How many bytes of those at hand lie before the next magic, or before where one may begin that is cut off.
static size_t before_magic(const struct cursor *c, size_t skip)
{
    const struct trace_stream *stream = c->stream;
    size_t there = (size_t)(stream->end - stream->at), mark = sizeof c->layout.marker;
    if (there < skip + mark)
        return stream->ended ? there : MIN(there, skip);
    const uint8_t *at = memmem(stream->at + skip, there - skip, &c->layout.marker, mark);
    if (at != NULL)
        return (size_t)(at - stream->at);
    return stream->ended ? there : there - mark + 1;
}

// Passes over a byte at least, up to the next magic, or to the end.
static void skip_to_magic(struct cursor *c)
{
    size_t skip = 1, mark = sizeof c->layout.marker;
    while (trace_stream_ahead(c->stream, skip + mark) > 0) {
        size_t before = before_magic(c, skip);
        c->stream->at += before;
        skip = 0;
        if (trace_stream_ahead(c->stream, mark) >= mark && memcmp(c->stream->at, &c->layout.marker, mark) == 0)
            return;
    }
}

static int pass_over_cut(struct blktrace_reader *reader, const struct cursor *c)
{
    reader->faults->passed++;
    diag_warning(reader->faults->diag, (struct place){.file = c->file->path},
                 "record at byte %llu: the last one is cut off and passed over", (unsigned long long)c->place);
    return 0;
}

// Of a payload that goes on behind the end of the file: whether it may be that of the last record.
static int check_cut_payload(struct blktrace_reader *reader, const struct cursor *c, unsigned payload, size_t left)
{
    if (before_magic(c, 1) == left)
        return pass_over_cut(reader, c);
    return trace_fault(reader->faults, (struct place){.file = c->file->path}, "record at byte %llu: payload of %u bytes, "
                       "but the file ends after %zu", (unsigned long long)c->place, payload, left - c->layout.size);
}

// What is wrong with the record at hand: the fault is counted and its text kept. 1 when all is well; *size becomes its
// size.
static int check_record(struct blktrace_reader *reader, struct cursor *c, size_t *size)
{
    const struct layout *layout = &c->layout;
    size_t left = trace_stream_ahead(c->stream, layout->size);
    const uint8_t *p = c->stream->at;
    struct place place = {.file = c->file->path};
    unsigned long long at = c->place;
    uint32_t marker;
    if (left < layout->size)
        return pass_over_cut(reader, c);
    memcpy(&marker, p, sizeof marker);
    if (marker != layout->marker)
        return trace_fault(reader->faults, place, "record at byte %llu: wrong magic 0x%08x, expected 0x%08x", at,
                           get32(layout, p), BLKTRACE_MAGIC | layout->version);
    c->record = unpack(layout, p);
    *size = layout->size + c->record.pdu_length;
    if (c->record.pdu_length != 0 && (left = trace_stream_ahead(c->stream, *size)) < *size)
        return check_cut_payload(reader, c, c->record.pdu_length, left);
    c->record.pdu = c->stream->at + layout->size;
    if (c->record.cpu >= CPU_LIMIT)
        return trace_fault(reader->faults, place, "record at byte %llu: absurd CPU number %u", at, c->record.cpu);
    return 1;
}

// The next record of the file: 1, 0 at the end, -1 on giving up.
static int next_record(struct blktrace_reader *reader, struct cursor *c)
{
    size_t size = 0;
    while (trace_stream_ahead(c->stream, 1) > 0) {
        c->place = trace_stream_offset(c->stream);
        int fine = check_record(reader, c, &size);
        if (fine < 0)
            return -1;
        if (fine == 0) {
            skip_to_magic(c);
            reader->faults->unread += MAX((trace_stream_offset(c->stream) - c->place) / c->layout.size, UINT64_C(1));
            continue;
        }
        c->stream->at += size;
        return 1;
    }
    return 0;
}

// ---- first pass --------------------------------------------------------------------------------------------------

// The payload without the cgroup's id.
static const uint8_t *get_payload(const struct record *record, uint32_t *length)
{
    uint32_t skip = record->action & BLKTRACE_ACTION_CGROUP ? BLKTRACE_CGROUP_BYTES : 0;
    skip = MIN(skip, (uint32_t)record->pdu_length);
    *length = record->pdu_length - skip;
    return record->pdu + skip;
}

// The first name of a process in the order of reading stays, as in blkparse.
static void take_name(struct blktrace_reader *reader, const struct record *record)
{
    uint32_t length;
    const uint8_t *text = get_payload(record, &length);
    uint64_t *index = pair_map_get(&reader->name_of_pid, record->pid, 0, reader->name_count);
    if (*index != reader->name_count)
        return;
    reader->names = xgrow(reader->names, reader->name_count, sizeof *reader->names);
    length = (uint32_t)strnlen((const char *)text, MIN(length, (uint32_t)BLKTRACE_COMM_BYTES - 1));
    struct name *name = &reader->names[reader->name_count++];
    *name = (struct name){.length = length};
    memcpy(name->text, text, length);
}

static void take_session(struct blktrace_reader *reader, const struct cursor *c)
{
    uint64_t time = c->record.key.time;
    uint64_t index = *pair_map_get(&reader->session_of_device, c->record.key.device, 0, reader->session_count);
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

static struct numbering *numbering_of(struct blktrace_reader *reader, const struct cursor *c, uint32_t cpu)
{
    uint32_t device = c->record.key.device;
    if (reader->numbering != NULL && reader->numbering_cpu == cpu && reader->numbering_device == device)
        return reader->numbering;
    uint64_t index = *pair_map_get(&reader->numbering_index, cpu, device, reader->numbering_count);
    if (index == reader->numbering_count) {
        reader->numberings = xgrow(reader->numberings, reader->numbering_count, sizeof *reader->numberings);
        reader->numberings[reader->numbering_count++] =
            (struct numbering){c->record.key.time, c->record.key.sequence, c->record.key.sequence};
    }
    reader->numbering_cpu = cpu;
    reader->numbering_device = device;
    return reader->numbering = &reader->numberings[index];
}

// Numbers rise with time. Where they fall to the file's first or below while time goes on another session begins.
static void watch_numbers(struct blktrace_reader *reader, const struct cursor *c)
{
    uint32_t cpu = c->record.cpu, sequence = c->record.key.sequence;
    uint64_t time = c->record.key.time;
    struct numbering *n = numbering_of(reader, c, cpu);
    if (sequence < n->last && sequence <= n->first && time > n->time && !reader->numbers_restart) {
        reader->numbers_restart = true;
        diag_warning(reader->faults->diag, (struct place){.file = c->file->path},
                     "record at byte %llu: the numbers of CPU %u start again: does it hold several sessions?",
                     (unsigned long long)c->place, cpu);
    }
    reader->steps_back |= sequence < n->last && time < n->time;
    reader->joined |= sequence > n->last && time + clock_step_ns < n->time;
    n->time = time;
    n->last = sequence;
}

static bool is_note(const struct cursor *c)
{
    return (c->record.action & BLKTRACE_IS_NOTIFY) != 0;
}

// Whether the record at hand is an event: no note, or a message.
static bool is_event(const struct cursor *c)
{
    return !is_note(c) || (c->record.action & BLKTRACE_ACTION_MASK) == BLKTRACE_NOTE_MESSAGE;
}

static void take_note(struct blktrace_reader *reader, const struct cursor *c)
{
    uint64_t note = c->record.action & BLKTRACE_ACTION_MASK;
    if (note == BLKTRACE_NOTE_PROCESS)
        take_name(reader, &c->record);
    if (note == BLKTRACE_NOTE_TIMESTAMP)
        take_session(reader, c);
}

static inline bool is_earlier_key(const struct key *a, const struct key *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    return a->device != b->device ? a->device < b->device : a->sequence < b->sequence;
}

static void take_record(struct blktrace_reader *reader, struct cursor *c)
{
    const struct key *key = &c->record.key;
    if (is_note(c))
        take_note(reader, c);
    if (!is_event(c))
        return;
    if (!is_note(c))
        watch_numbers(reader, c);
    c->disordered |= c->count != 0 && is_earlier_key(key, &c->before);
    c->before = *key;
    c->first_time = c->count == 0 ? key->time : MIN(c->first_time, key->time);
    c->last_time = MAX(c->last_time, key->time);
    c->count++;
}

// Up to the first magic of a known version; false where there is none. *strange is the first other version on the way.
static bool find_known_magic(struct cursor *c, struct layout *strange)
{
    const size_t mark = sizeof c->layout.marker;
    for (; trace_stream_ahead(c->stream, mark) >= mark; c->stream->at++) {
        if (!parse_magic(&c->layout, c->stream->at))
            continue;
        if (c->layout.version == 7 || c->layout.version == 8)
            return true;
        if (strange->marker == 0)
            *strange = c->layout;
    }
    c->layout = (struct layout){0};
    return false;
}

// The layout of the file, from the first magic in it; and where that stands. Where only the first records' version is
// damaged the others are read; a file of another version has none that are.
static int find_layout(struct blktrace_reader *reader, struct cursor *c)
{
    struct layout strange = {0};
    struct place place = {.file = c->file->path};
    bool known = find_known_magic(c, &strange);
    c->start = trace_stream_offset(c->stream);
    if (known && c->start == 0)
        return 0;
    if (known)
        return trace_fault(reader->faults, place, "record at byte 0: no blktrace magic before byte %llu",
                           (unsigned long long)c->start);
    if (strange.marker != 0)
        return diag_error(reader->faults->diag, place, "blktrace version %u; only 7 and 8 are known", strange.version);
    return trace_fault(reader->faults, place, "record at byte 0: no blktrace magic in the whole file");
}

// ---- several recordings in one file ------------------------------------------------------------------------------

static void open_stream(struct blktrace_reader *reader, struct cursor *c)
{
    trace_stream_close(c->stream);
    c->stream = trace_stream_open(c->file, reader->faults);
}

// At the first record, once its place is known. Files may be large, and have nothing but that to pass over.
static void restart_stream(struct blktrace_reader *reader, struct cursor *c)
{
    open_stream(reader, c);
    for (uint64_t left = c->start; left > 0 && trace_stream_ahead(c->stream, 1) > 0;) {
        size_t there = (size_t)MIN(left, (uint64_t)(c->stream->end - c->stream->at));
        c->stream->at += there;
        left -= there;
    }
}

// Reads a file once more, with nothing counted or told of what is found.
static int reread(struct blktrace_reader *reader, struct cursor *c, bool (*look)(void *, const struct cursor *),
                  void *context)
{
    struct trace_faults *told = reader->faults, muted = {.diag = diag_create(), .allowed = UINT64_MAX};
    reader->faults = &muted;
    restart_stream(reader, c);
    while (next_record(reader, c) > 0)
        if (is_event(c) && !look(context, c))
            break;
    trace_stream_close(c->stream);
    c->stream = NULL;
    diag_destroy(muted.diag);
    reader->faults = told;
    return muted.broken ? -1 : 0;
}

struct number_search {
    struct number_set seen;
    bool twice;
};

static bool look_for_number(void *context, const struct cursor *c)
{
    struct number_search *search = context;
    const struct record *record = &c->record;
    if (!is_note(c))
        search->twice = number_set_add(&search->seen, record->cpu, record->key.device, record->key.sequence);
    return !search->twice;
}

// Whether any number of a device and CPU occurs twice in the file.
static bool numbers_occur_twice(struct blktrace_reader *reader, struct cursor *c)
{
    struct number_search search = {.twice = false};
    number_set_init(&search.seen);
    reread(reader, c, look_for_number, &search);
    number_set_destroy(&search.seen);
    return search.twice;
}

static int refuse_joined(struct blktrace_reader *reader, struct cursor *c)
{
    if (!reader->joined && !(reader->steps_back && numbers_occur_twice(reader, c)))
        return 0;
    return diag_error(reader->faults->diag, (struct place){.file = c->file->path},
                      "several recordings, one behind the other, whose clocks overlap; take each by itself");
}

static void start_file(struct blktrace_reader *reader)
{
    pair_map_destroy(&reader->numbering_index);
    pair_map_init(&reader->numbering_index);
    reader->numbering_count = 0;
    reader->numbering = NULL;
    reader->numbers_restart = reader->steps_back = reader->joined = false;
}

static int check_file(struct blktrace_reader *reader, struct cursor *c)
{
    int result;
    if (c->file->empty)
        return 0;
    open_stream(reader, c);
    if (find_layout(reader, c) < 0)
        return -1;
    start_file(reader);
    while (c->layout.size != 0 && (result = next_record(reader, c)) != 0) {
        if (result < 0)
            return -1;
        take_record(reader, c);
    }
    trace_stream_close(c->stream);
    c->stream = NULL;
    reader->faults->out_of_order |= c->disordered;
    return refuse_joined(reader, c);
}

// ---- sessions ----------------------------------------------------------------------------------------------------

struct older {
    const struct blktrace_reader *reader;
    size_t count;          // of events of a session before the latest of their device
    struct session latest; // of that device
    uint64_t last;         // time of the last of them
};

// Where times are in order there is none behind the first that is of the latest session.
static bool look_for_older(void *context, const struct cursor *c)
{
    struct older *older = context;
    struct key key = c->record.key;
    if (key.time + session_slack_ns >= older->reader->latest_session)
        return c->disordered;
    const uint64_t *index = pair_map_find(&older->reader->session_of_device, key.device, 0);
    if (index == NULL || key.time + session_slack_ns >= older->reader->sessions[*index].time)
        return true;
    older->count++;
    older->last = MAX(older->last, key.time);
    older->latest = older->reader->sessions[*index];
    return true;
}

static struct older find_older(struct blktrace_reader *reader, struct cursor *c)
{
    struct older older = {.reader = reader};
    if (c->file->per_cpu && c->count != 0 && c->first_time + session_slack_ns < reader->latest_session)
        reread(reader, c, look_for_older, &older);
    return older;
}

static int refuse_older_sessions(struct blktrace_reader *reader)
{
    int result = 0;
    for (size_t i = 0; i < reader->session_count; i++)
        if (reader->sessions[i].other != NULL)
            result = diag_error(reader->faults->diag, (struct place){.file = reader->sessions[i].other->path},
                                "two sessions of one device begin in the recording; take each by itself");
    for (size_t i = 0; i < reader->files; i++) {
        struct cursor *c = &reader->cursors[i];
        struct older older = find_older(reader, c);
        if (older.count != 0)
            result = diag_error(reader->faults->diag, (struct place){.file = c->file->path},
                                "%zu of its %zu events are of another session than the one that begins in '%s' %.3f s "
                                "after the last of them; take each session by itself", older.count, c->count,
                                older.latest.file->path, (double)(older.latest.time - older.last) / 1e9);
    }
    return result;
}

static int compare_starts(const void *a, const void *b)
{
    const struct cursor *x = *(struct cursor *const *)a, *y = *(struct cursor *const *)b;
    uint64_t at_x = x->first_time, at_y = y->first_time;
    return at_x != at_y ? (at_x > at_y) - (at_x < at_y) : (x->number > y->number) - (x->number < y->number);
}

// The largest pause between files: the first `before` of them in order of time end before it.
static void warn_of_distant_files(const struct blktrace_reader *reader, struct cursor *const *files, size_t count)
{
    uint64_t end = 0, widest = 0;
    size_t before = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t start = files[i]->first_time;
        if (i > 0 && start > end && start - end > widest) {
            widest = start - end;
            before = i;
        }
        end = MAX(end, files[i]->last_time);
    }
    uint64_t busy = count == 0 ? 0 : end - files[0]->first_time - widest;
    if (before == 0 || widest < session_gap_ns || widest / 10 < busy)
        return;
    const struct cursor *odd = before <= count - before ? files[0] : files[before];
    diag_warning(reader->faults->diag, (struct place){.file = odd->file->path},
                 "lies %.0f s from other files of the recording: is it of another session?", (double)widest / 1e9);
}

static int check_sessions(struct blktrace_reader *reader)
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
    const struct key *x = &a->record.key, *y = &b->record.key;
    return is_earlier_key(x, y) || (!is_earlier_key(y, x) && a->number < b->number);
}

// The next event of the file: 1, 0 at the end, -1 on giving up.
static int next_of_file(struct blktrace_reader *reader, struct cursor *c)
{
    int result;
    while ((result = next_record(reader, c)) > 0 && !is_event(c))
        continue;
    return result;
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

static int start_merge(struct blktrace_reader *reader)
{
    reader->heaped = 0;
    reader->given = false;
    for (size_t i = 0; i < reader->files; i++) {
        struct cursor *c = &reader->cursors[i];
        if (c->count == 0)
            continue;
        restart_stream(reader, c);
        int result = next_of_file(reader, c);
        if (result < 0)
            return -1;
        if (result > 0)
            reader->heap[reader->heaped++] = c;
    }
    for (size_t i = reader->heaped / 2; i-- > 0;)
        sift_down(reader, i);
    return 0;
}

static int advance(struct blktrace_reader *reader)
{
    int result = next_of_file(reader, reader->heap[0]);
    if (result < 0)
        return -1;
    if (result == 0)
        reader->heap[0] = reader->heap[--reader->heaped];
    if (reader->heaped > 1)
        sift_down(reader, 0);
    return 0;
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

static void decode(const struct cursor *c, struct trace_event *event)
{
    const struct record *record = &c->record;
    event->time_ns = record->key.time;
    event->tie = (uint64_t)record->key.device << 32 | record->key.sequence;
    event->sector = record->sector;
    event->bytes = record->bytes;
    event->action = record->action;
    event->place = c->place;
    event->device = event->recorder = record->key.device;
    event->sequence = record->key.sequence;
    event->pid = record->pid;
    event->cpu = record->cpu;
    event->error = record->error;
    event->pdu = get_payload(record, &event->pdu_length);
    event->file = c->file->path;
    if (event->pdu_length != 0 && !trace_event_is(event, BLKTRACE_IS_NOTIFY | BLKTRACE_IS_PC))
        decode_payload(event);
}

// The record that was given stays until the next is asked for.
static int next_event(void *context, struct trace_event *event)
{
    struct blktrace_reader *reader = context;
    if (reader->given && advance(reader) < 0)
        return -1;
    reader->given = reader->heaped != 0;
    if (!reader->given)
        return 0;
    decode(reader->heap[0], event);
    return 1;
}

static int rewind_reader(void *context, struct trace_faults *faults)
{
    struct blktrace_reader *reader = context;
    reader->faults = faults;
    return start_merge(reader);
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
        trace_stream_close(reader->cursors[i].stream);
    free(reader->cursors);
    free(reader->heap);
    free(reader->names);
    free(reader->sessions);
    free(reader->numberings);
    pair_map_destroy(&reader->name_of_pid);
    pair_map_destroy(&reader->session_of_device);
    pair_map_destroy(&reader->numbering_index);
    diag_destroy(reader->muted.diag);
    free(reader);
}

// What was found by checking is told; reading finds the same again, and does not tell it.
static int read_all(struct blktrace_reader *reader)
{
    for (size_t i = 0; i < reader->files; i++)
        if (check_file(reader, &reader->cursors[i]) < 0)
            return -1;
    if (check_sessions(reader) != 0)
        return -1;
    reader->faults = &reader->muted;
    return start_merge(reader);
}

static void *open_reader(const struct trace_format_ops *ops, const char *more, const struct trace_input *input,
                         struct trace_faults *faults)
{
    (void)ops;
    (void)more;
    struct blktrace_reader *reader = xcalloc(1, sizeof *reader);
    reader->faults = faults;
    reader->muted = (struct trace_faults){.diag = diag_create(), .allowed = UINT64_MAX};
    reader->files = input->count;
    reader->cursors = xcalloc(input->count, sizeof *reader->cursors);
    reader->heap = xcalloc(input->count, sizeof *reader->heap);
    for (size_t i = 0; i < input->count; i++) {
        reader->cursors[i].file = &input->files[i];
        reader->cursors[i].number = (uint32_t)i;
    }
    if (read_all(reader) == 0)
        return reader;
    close_reader(reader);
    return NULL;
}

extern const struct trace_format_ops trace_format_blktrace;
const struct trace_format_ops trace_format_blktrace = {
    .name = "blktrace",
    .help = "binary records of blktrace, version 7 or 8, one file a CPU or merged by blkparse -d",
    .probe = probe,
    .open = open_reader,
    .next = next_event,
    .rewind = rewind_reader,
    .name_process = name_process,
    .close = close_reader,
};
