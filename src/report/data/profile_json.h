// What is in a recording, and what it is like, as JSON (doc/schema/recording.json).
#ifndef SQTAIL_REPORT_DATA_PROFILE_JSON_H
#define SQTAIL_REPORT_DATA_PROFILE_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "profile/profile.h"

#define RECORDING_SCHEMA "sqtail.recording/1"

// `profile` may be NULL: what is in it alone.
void recording_write_json(const struct trace_info *info, const struct profile *profile, FILE *to);

// What the stream is like alone: {"kinds", "sequential", "rate", ...}.
json_t *profile_json(const struct profile *profile);

#endif
