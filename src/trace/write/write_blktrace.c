// Writer blktrace: all events in one binary file of version 7 records, as `blkparse -d` makes it; blkparse, btt and
// fio read it.
//
// In the byte order of this machine, as blktrace does. A note with the process's name stands before its first event.
// Version 7 has no categories for write-zeroes and zone commands: such events are refused rather than changed.
#include <stdlib.h>
#include <string.h>

#include "trace/write/convert.h"
#include "trace/pair_map.h"
#include "trace/trace_event.h"
#include "util/alloc.h"

enum { PDU_LARGEST = UINT16_MAX };

struct blktrace_writer {
    struct pair_map named; // processes
};

static void put16(uint8_t *p, uint16_t x)
{
    memcpy(p, &x, sizeof x);
}

static void put32(uint8_t *p, uint32_t x)
{
    memcpy(p, &x, sizeof x);
}

static void put64(uint8_t *p, uint64_t x)
{
    memcpy(p, &x, sizeof x);
}

static void put_be(uint8_t *p, uint64_t x, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(x >> 8 * (bytes - 1 - i));
}

static void write_record(const struct trace_event *event, uint32_t action, const void *pdu, uint32_t length, FILE *to)
{
    uint8_t record[BLKTRACE_V7_SIZE];
    put32(record + BLKTRACE_V7_MAGIC, BLKTRACE_MAGIC_V7);
    put32(record + BLKTRACE_V7_SEQUENCE, action & BLKTRACE_IS_NOTIFY ? 0 : event->sequence);
    put64(record + BLKTRACE_V7_TIME, event->time_ns);
    put64(record + BLKTRACE_V7_SECTOR, event->sector);
    put32(record + BLKTRACE_V7_BYTES, (uint32_t)event->bytes);
    put32(record + BLKTRACE_V7_ACTION, action);
    put32(record + BLKTRACE_V7_PID, event->pid);
    put32(record + BLKTRACE_V7_DEVICE, event->device);
    put32(record + BLKTRACE_V7_CPU, event->cpu);
    put16(record + BLKTRACE_V7_ERROR, event->error);
    put16(record + BLKTRACE_V7_PDU_LEN, (uint16_t)length);
    fwrite(record, sizeof record, 1, to);
    if (length != 0)
        fwrite(pdu, length, 1, to);
}

static void write_name(struct blktrace_writer *writer, const struct trace_event *event, FILE *to)
{
    char name[BLKTRACE_COMM_BYTES] = "";
    if (event->process == NULL || *pair_map_get(&writer->named, event->pid, 0, 0) != 0)
        return;
    *pair_map_find(&writer->named, event->pid, 0) = 1;
    uint32_t length = MIN(event->process_length, (uint32_t)sizeof name - 1);
    memcpy(name, event->process, length);
    struct trace_event note = {.time_ns = event->time_ns, .pid = event->pid, .device = event->device,
                               .cpu = event->cpu};
    write_record(&note, (uint32_t)BLKTRACE_IS_NOTIFY | BLKTRACE_NOTE_PROCESS, name, sizeof name, to);
}

static const char *why_not(const struct trace_event *event)
{
    if ((event->action & BLKTRACE_V8_ONLY) != 0)
        return "version 7 of blktrace has no write-zeroes and no zone commands";
    if (event->bytes > UINT32_MAX)
        return "a blktrace record holds at most 4294967295 bytes";
    return event->pdu_length > PDU_LARGEST ? "payload too long for a blktrace record" : NULL;
}

static const char *write_event(void *state, const struct trace_event *event, FILE *to)
{
    uint8_t number[BLKTRACE_REMAP_BYTES];
    const void *pdu = event->pdu;
    uint32_t length = event->pdu_length;
    const char *reason = why_not(event);
    if (reason != NULL)
        return reason;
    unsigned action = trace_event_is(event, BLKTRACE_IS_NOTIFY | BLKTRACE_IS_PC) ? 0 : trace_event_action(event);
    if (action == BLKTRACE_UNPLUG_IO || action == BLKTRACE_UNPLUG_TIMER || action == BLKTRACE_SPLIT) {
        put_be(number, event->value, 8);
        pdu = number;
        length = 8;
    } else if (action == BLKTRACE_REMAP) {
        put_be(number, event->from_device, 4);
        put_be(number + 4, event->device, 4);
        put_be(number + 8, event->from_sector, 8);
        pdu = number;
        length = sizeof number;
    }
    write_name(state, event, to);
    write_record(event, (uint32_t)event->action & ~(uint32_t)BLKTRACE_ACTION_CGROUP, pdu, length, to);
    return NULL;
}

static void *begin(FILE *to)
{
    struct blktrace_writer *writer = xcalloc(1, sizeof *writer);
    (void)to;
    pair_map_init(&writer->named);
    return writer;
}

static void end(void *state)
{
    struct blktrace_writer *writer = state;
    pair_map_destroy(&writer->named);
    free(writer);
}

extern const struct trace_writer_ops trace_writer_blktrace;
const struct trace_writer_ops trace_writer_blktrace = {
    .name = "blktrace",
    .help = "binary records of blktrace, version 7, in one file",
    .begin = begin,
    .loses = 1 << LOSS_RANGES,
    .event = write_event,
    .end = end,
};
