// Results in the layout of `fio --output-format=json`, for what reads that.
#ifndef SQTAIL_REPORT_DATA_FIO_JSON_H
#define SQTAIL_REPORT_DATA_FIO_JSON_H

#include "report/report.h"

// With `bins` as json+, with the latencies' histograms.
void report_write_fio_json(const struct report_input *input, bool bins, FILE *to);

#endif
