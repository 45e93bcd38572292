// Gaps in sequence numbers.
//
// The kernel numbers the events of each traced device on each CPU (kernel/trace/blktrace.c: bt->sequence), those that
// its own filter leaves out not at all; an event for which the buffer has no room has a number and no record. A remap
// is numbered by the device whose trace it is in, not by the one that it names. blkparse's text does not tell the
// former: such an event may fill a gap of any recorder on its CPU.
#include "trace/build/sequences.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

void sequences_init(struct sequences *sequences)
{
    *sequences = (struct sequences){0};
    pair_map_init(&sequences->index);
}

void sequences_destroy(struct sequences *sequences)
{
    pair_map_destroy(&sequences->index);
    free(sequences->list);
    free(sequences->unknown);
}

static void reserve_cpu(struct sequences *sequences, uint32_t cpu)
{
    if (cpu < sequences->cpus)
        return;
    uint32_t cpus = MAX(cpu + 1, 2 * sequences->cpus);
    sequences->unknown = xrealloc(sequences->unknown, cpus * sizeof *sequences->unknown);
    while (sequences->cpus < cpus)
        sequences->unknown[sequences->cpus++] = 0;
}

// Most events are of the same as the one before.
static struct sequence *find_sequence(struct sequences *sequences, const struct trace_event *event)
{
    if (sequences->recent < sequences->count) {
        struct sequence *recent = &sequences->list[sequences->recent];
        if (recent->cpu == event->cpu && recent->recorder == event->recorder)
            return recent;
    }
    sequences->recent = *pair_map_get(&sequences->index, event->cpu, event->recorder, sequences->count);
    if (sequences->recent == sequences->count) {
        sequences->list = xgrow(sequences->list, sequences->count, sizeof *sequences->list);
        sequences->list[sequences->count++] = (struct sequence){
            .cpu = event->cpu, .recorder = event->recorder, .first = event->sequence, .last = event->sequence};
    }
    return &sequences->list[sequences->recent];
}

void sequences_note(struct sequences *sequences, const struct trace_event *event)
{
    reserve_cpu(sequences, event->cpu);
    if (event->recorder == TRACE_RECORDER_UNKNOWN) {
        sequences->unknown[event->cpu]++;
        return;
    }
    struct sequence *s = find_sequence(sequences, event);
    s->first = MIN(s->first, event->sequence);
    s->last = MAX(s->last, event->sequence);
    s->count++;
}

uint64_t sequences_gaps(const struct sequences *sequences)
{
    uint64_t *gaps = xcalloc(sequences->cpus + 1, sizeof *gaps), sum = 0;
    for (uint64_t i = 0; i < sequences->count; i++) {
        const struct sequence *s = &sequences->list[i];
        uint64_t span = (uint64_t)s->last - s->first + 1;
        gaps[s->cpu] += span > s->count ? span - s->count : 0;
    }
    for (uint32_t cpu = 0; cpu < sequences->cpus; cpu++)
        sum += gaps[cpu] - MIN(gaps[cpu], sequences->unknown[cpu]);
    free(gaps);
    return sum;
}
