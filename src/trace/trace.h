// Recorded block I/O: one reader for every format, one request layout for all who replay.
//
// A recording of any length takes no more memory than one of a few hundred thousand requests: it is read once for what
// is in it, and then for its requests, one after the other, as often as they are asked for from the front.
#ifndef SQTAIL_TRACE_TRACE_H
#define SQTAIL_TRACE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "spec/io.h"
#include "util/diag.h"

#define TRACE_LATENCY_UNKNOWN UINT64_MAX

// How far reading looks ahead unless told otherwise, in events or requests.
#define TRACE_WINDOW UINT64_C(131072)

struct request_source;

struct trace_request {
    uint64_t time_ns;    // since the recording's first event
    uint64_t offset;     // bytes
    uint64_t bytes;      // 0 for IO_FLUSH
    uint64_t latency_ns; // recorded, issue to completion; TRACE_LATENCY_UNKNOWN where the recording has none
    enum io_kind kind;
    uint32_t cpu;        // that issued it
    uint32_t device;     // major << 20 | minor
    uint32_t pid;        // who asked for it; where only 'D' is recorded, whoever issued it; 0: not recorded
    bool fua, sync, meta, ahead;
    bool preflush;       // the cache is flushed first; then comes the transfer
    bool plugged;        // with 'Q': its process holds back what it submits,
    bool unplug_end, unplug_sleep; // and submits it after this one, being at its end, or because it goes to sleep
    bool slept_first;    // or because it went to sleep before this one had its place
    uint32_t range_count;          // IO_TRIM of several ranges, whose bytes are summed above: how many; else 0
    const struct io_range *ranges; // these; until the next request is asked for
};

struct trace_options {
    char action;        // blktrace event to replay: 'D' (issued to the driver, default) or 'Q' (queued)
    uint64_t skip_bad;  // malformed records or lines to tolerate and count before giving up
    const char *format; // NAME of a format or "NAME: COLUMNS" (trace/read/columns.h); NULL: found by content
    uint64_t window;    // how many events and requests reading looks ahead; 0: TRACE_WINDOW
    const char *device; // "MAJOR,MINOR", whose requests to replay; "all"; NULL: the one at the bottom, with most requests
};

struct trace_device {
    uint32_t number; // major << 20 | minor
    uint64_t requests, bytes, end_offset;
};

// What a reader found, for `trace info`, summaries and checks.
struct trace_info {
    const char *format;  // name in the registry, such as "blktrace"
    const char *path;
    char sha256[65];     // of the files' bytes in the order they were read
    uint64_t files;
    uint64_t events;     // records or lines of any kind
    uint64_t requests;   // what trace_next gives, by kind below
    uint64_t by_kind[IO_KIND_COUNT];
    uint64_t bytes_by_kind[IO_KIND_COUNT];
    uint64_t events_by_action[256]; // blktrace: by blkparse's letter, such as 'Q', 'D', 'C'
    uint64_t completed;  // requests with a recorded latency
    uint64_t unanswered; // requests whose completion is missing, or stands before them
    uint64_t untrusted;  // recorded latencies that are a guess: several requests to one place were under way
    uint64_t preflushes; // requests that flush the cache first
    uint64_t unfollowed; // trims of which is not known whether several ranges were merged into them
    uint64_t skipped;    // bad records tolerated
    uint64_t passed;     // lines that are nothing of blkparse's, and a last line or record that is cut off
    uint64_t lost;       // events that the recorder dropped, from gaps in the sequence numbers of files a CPU
    uint64_t gaps;       // the same in other recordings, which somebody may have filtered
    uint64_t passthrough; // requests of raw commands to the device, which are not replayed
    uint64_t unsupported; // requests of a kind that is not replayed: zone commands, transfers of no bytes
    uint64_t disordered; // requests that stood behind later ones, and were put in order
    uint64_t late;       // events or requests behind more later ones than reading looks ahead: put where it had come to
    uint64_t unaligned;  // requests that were extended to whole sectors
    uint64_t requeued;   // issues that the driver gave back, told or not; the later issue of the same request counts
    uint64_t other_devices; // requests left out because they went to another device than `device`
    uint32_t device;     // major << 20 | minor, the one whose requests these are
    bool every_device;   // they are those of all devices; `device` is that with most
    const struct trace_device *devices; // to which any requests went, the chosen one first; they live as long as the trace
    uint64_t device_count;
    uint64_t end_offset; // bytes: the drive must be at least this large
    uint64_t granularity; // bytes: all bits that any offset or size has, of a range or of a request without ranges
    bool has_empty;      // a request that moves or names no bytes and is no flush
    uint64_t duration_ns;
    uint32_t cpus;       // that issued the requests
};

struct trace;

// Reads "MAJOR,MINOR". Returns 0, or -1 with the reason in `diag`.
int trace_parse_device(struct diag *diag, const char *text, uint32_t *device);

// Opens and reads the recording at `path`: a file, compressed or not, or for per-CPU blktrace files the name before
// `.blktrace.N`, or a folder that holds one recording. NULL with the reasons in `diag` when there is nothing to
// replay in it.
struct trace *trace_open(struct diag *diag, const char *path, const struct trace_options *options);
void trace_close(struct trace *trace);

const struct trace_info *trace_get_info(const struct trace *trace);

// The next request in order of time; false behind the last, info.requests of them. What it points to stays until the
// next call.
bool trace_next(struct trace *trace, struct trace_request *request);

// The first is next.
void trace_rewind(struct trace *trace);

// The same as a source (trace/source.h), for what takes any; it lives as long as the trace.
struct request_source *trace_as_source(struct trace *trace);

// Whether the recording could not be read again as it was read first, as when somebody has changed it: trace_next has
// ended before its time, and the reason is in the diag that it was opened with.
bool trace_failed(const struct trace *trace);

#endif
