// A timeline: what every part of a drive does, and for whom, from picosecond to picosecond.
//
// It looks on (nand/observer.h, nvme/observer.h, stats/meter.h, ftl/inspect.h) and changes nothing; a drive that nobody
// looks at does not pay.
#ifndef SQTAIL_TIMELINE_TIMELINE_H
#define SQTAIL_TIMELINE_TIMELINE_H

#include <stdio.h>

#include "timeline/format.h"

struct timeline;

// Looks on from now on; to be called before the drive is bound and before the first event. The windows, which begin
// counting when measuring begins, are merged and taken over. `ssd` must outlive the simulation.
struct timeline *timeline_create(struct ssd *ssd, struct sim *sim, struct timeline_windows windows, uint32_t lba_bytes);

// What there is to show is written to a file, too, which can be emptied: measuring may begin anew.
void timeline_write(struct timeline *timeline, const struct timeline_format *format, FILE *to);

// The simulation has ended: what is left is written. Files stay open.
void timeline_end(struct timeline *timeline);

// How much there was in the windows, and when the simulation ended, counted from when measuring began.
uint64_t timeline_shown(const struct timeline *timeline);
tick_t timeline_length(const struct timeline *timeline);

// May be called when the drive is gone.
void timeline_destroy(struct timeline *timeline);

#endif
