// summary.json, stats.csv and host.json.
#ifndef SQTAIL_REPORT_DATA_SUMMARY_JSON_H
#define SQTAIL_REPORT_DATA_SUMMARY_JSON_H

#include <jansson.h>

#include "report/report.h"

#define REPORT_SCHEMA "sqtail.result/1"
#define REPORT_HOST_SCHEMA "sqtail.host/1"

void report_write_json(const struct report_input *input, FILE *to);
void report_write_csv(const struct report_input *input, FILE *to);
void report_write_host(const struct report_host *host, uint64_t commands, uint64_t events, FILE *to);

// {mean, min, p50 ... max}
json_t *report_latency_json(const struct report_latency *latency);

// {version, commit}: the same for all builds of one commit.
json_t *report_tool_json(void);

// A count; a string beyond what JSON readers agree on.
json_t *report_whole_json(uint64_t value);

// What was changed with --set, but for the seed, which results name by itself: "set", only if there is any.
void report_put_sets(json_t *object, const char *const *sets, size_t count);

// A JSON string; bytes that are no UTF-8, as file names may have, become '?'.
json_t *report_json_text(const char *text);

// Numbers with 12 digits, keys in the order they were set.
void report_dump_json(json_t *json, FILE *to);

#endif
