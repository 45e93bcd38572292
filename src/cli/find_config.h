// Configurations by name: what is not a file here is looked for among the shipped ones.
#ifndef SQTAIL_CLI_FIND_CONFIG_H
#define SQTAIL_CLI_FIND_CONFIG_H

#include "util/diag.h"

// The file that `name` means: itself, or name or name.yaml in one of the folders of shipped configurations. To be
// freed; NULL when there is none, with the reason in `diag`.
char *find_config(const char *name, struct diag *diag);

// The same among the shipped ones alone, without a reason.
char *find_shipped_config(const char *name);

// Calls visit for every shipped configuration and part of one ("nand/tlc-64l.yaml"), sorted by name; `path` is its
// file.
typedef void find_config_visit_fn(void *context, const char *name, const char *path);
void find_config_visit(find_config_visit_fn *visit, void *context);

#endif
