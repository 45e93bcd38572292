// Values of the options of `sqtail trace`. Each returns 0, or -1 with the reason, which names the option.
#ifndef SQTAIL_CLI_TRACE_TRACE_WORDS_H
#define SQTAIL_CLI_TRACE_TRACE_WORDS_H

#include "trace/filter/remap.h"
#include "trace/filter/slice.h"
#include "util/diag.h"

// NULL leaves the value as it is.
int trace_word_time(struct diag *diag, const char *option, const char *text, uint64_t *ns);
int trace_word_bytes(struct diag *diag, const char *option, const char *text, uint64_t *bytes);

// "read,write": a bit for each kind.
int trace_word_kinds(struct diag *diag, const char *text, uint32_t *kinds);

// "0-3,8".
int trace_word_cpus(struct diag *diag, const char *text, struct slice_options *slice);

// "1GiB", "-1GiB", or of one device: "8,16=1GiB".
int trace_word_shift(struct diag *diag, const char *text, struct remap_shift *shift);

#endif
