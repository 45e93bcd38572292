// The classes of latency as summary.json and stats.csv have them.
#ifndef SQTAIL_REPORT_DATA_TAIL_ROWS_H
#define SQTAIL_REPORT_DATA_TAIL_ROWS_H

#include <jansson.h>

#include "report/data/rows.h"

// {kind: [{class, up_to_us, count, mean_us, stages_us: {...}, waits_us: {stage: {cause: ...}}}, ...]}: means over the
// class, of the classes that commands are in. Stages add up to the mean, causes to their stage; a stage that no command
// of the class waited in, and a cause that none waited for, are left out of waits_us. NULL: classes were not kept.
json_t *report_tail_json(const struct command_stats *commands);

// The same, as rows of the groups "tail.KIND.CLASS" and below.
void report_visit_tail(const struct report_input *input, row_fn *visit, void *context);

#endif
