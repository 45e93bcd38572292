// Models of applications as workloads.
#ifndef SQTAIL_HOST_GENERATE_GENERATOR_H
#define SQTAIL_HOST_GENERATE_GENERATOR_H

#include "host/generate/model.h"

// The words that every model takes.
extern const struct word_row generator_rows[];

extern const struct workload_ops generator_ops;

// Of the load number `index`; NULL with all errors in `diag`, where the text is.
struct workload *generator_create(const struct model_ops *model, const struct job_text *text, uint32_t index,
                                  struct diag *diag);

#endif
