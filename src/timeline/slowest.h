// The slowest commands of a run, as the drive sees them: from the doorbell to the completion queue entry.
#ifndef SQTAIL_TIMELINE_SLOWEST_H
#define SQTAIL_TIMELINE_SLOWEST_H

#include "ssd/ssd.h"
#include "timeline/windows.h"

struct slowest;

// Looks on from now on, as a timeline does. `count` is at least 1.
struct slowest *slowest_create(struct ssd *ssd, size_t count);

// From when to when each of them was in the drive, since measuring began.
struct timeline_windows slowest_windows(const struct slowest *slowest);

void slowest_destroy(struct slowest *slowest);

#endif
