// The devices of a recording, and the one whose requests are replayed.
//
// A remap ('A') needs nothing else than to know which device stands upon which: the kernel records it before the 'Q'
// or, from request-based device mapper, the 'D' of the device that it led to. Where the requests of a recording went
// to several devices, those of one are replayed, with a warning: of those that nothing was remapped from the one with
// most 'D' events, else with most requests.
#include "trace/build/build_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { DEVICES_NAMED = 4 };

struct device *build_device(struct builder *b, uint32_t number)
{
    if (b->device_count > 0 && b->devices[b->device_count - 1].number == number)
        return &b->devices[b->device_count - 1];
    uint64_t index = *pair_map_get(&b->device_index, number, 0, b->device_count);
    if (index == b->device_count) {
        b->devices = xgrow(b->devices, b->device_count, sizeof *b->devices);
        b->devices[b->device_count++] = (struct device){.number = number};
    }
    return &b->devices[index];
}

static unsigned major_of(uint32_t device)
{
    return device >> BLKTRACE_MINOR_BITS;
}

static unsigned minor_of(uint32_t device)
{
    return device & ((1u << BLKTRACE_MINOR_BITS) - 1);
}

static int compare_devices(const void *x, const void *y)
{
    const struct device *a = x, *b = y;
    if (a->remapped != b->remapped)
        return a->remapped - b->remapped;
    if (a->issues != b->issues)
        return a->issues > b->issues ? -1 : 1;
    if (a->counts.requests != b->counts.requests)
        return a->counts.requests > b->counts.requests ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

// "8,16 (100 requests), 8,32 (50)", of at most so many as make sense in a message.
static void list_devices(const struct device *devices, uint64_t count, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint64_t i = 0; i < MIN(count, (uint64_t)DEVICES_NAMED) && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%u,%u (%llu)", i == 0 ? "" : ", ",
                                 major_of(devices[i].number), minor_of(devices[i].number),
                                 (unsigned long long)devices[i].counts.requests);
    if (count > DEVICES_NAMED && used < size)
        snprintf(text + used, size - used, ", ...");
}

static int choose_wanted(struct builder *b, struct diag *diag, const char *wanted, uint64_t devices)
{
    char found[256];
    uint32_t number;
    if (trace_parse_device(diag, wanted, &number) != 0)
        return -1;
    for (uint64_t i = 0; i < devices; i++)
        if (b->devices[i].number == number) {
            struct device chosen = b->devices[i];
            b->devices[i] = b->devices[0];
            b->devices[0] = chosen;
            return 0;
        }
    list_devices(b->devices, devices, found, sizeof found);
    return diag_error(diag, (struct place){.file = "--device"},
                      "no requests to %s in it; there are to (how many): %s", wanted, found);
}

// Brings those with requests to the front, the one to be replayed first; how many there are.
static uint64_t rank_devices(struct builder *b)
{
    uint64_t devices = 0;
    for (uint64_t i = 0; i < b->device_count; i++) {
        struct device device = b->devices[i];
        if (device.counts.requests == 0)
            continue;
        b->devices[i] = b->devices[devices];
        b->devices[devices++] = device;
    }
    if (devices > 1)
        qsort(b->devices, devices, sizeof *b->devices, compare_devices);
    return devices;
}

int build_choose_device(struct builder *b, struct diag *diag, const char *wanted, struct trace_info *info)
{
    char others[256];
    uint64_t devices = rank_devices(b);
    info->device_count = devices;
    info->every_device = wanted != NULL && strcmp(wanted, "all") == 0;
    if (devices == 0)
        return 0;
    if (wanted != NULL && !info->every_device && choose_wanted(b, diag, wanted, devices) != 0)
        return -1;
    info->device = b->devices[0].number;
    if (wanted != NULL || devices == 1)
        return 0;
    list_devices(b->devices + 1, devices - 1, others, sizeof others);
    diag_warning(diag, (struct place){.file = info->path},
                 "requests to %llu devices; only those to %u,%u are replayed; --device chooses another: %s",
                 (unsigned long long)devices, major_of(info->device), minor_of(info->device), others);
    return 0;
}
