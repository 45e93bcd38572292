// The effective configuration for results: as JSON, and as one short id.
#ifndef SQTAIL_CONFIG_CONFIG_JSON_H
#define SQTAIL_CONFIG_CONFIG_JSON_H

#include <jansson.h>

#include "config/config.h"

// {section: {key: value}} in the order of the tables, top-level keys at the top level. Plain numbers and booleans are
// JSON's (a number of 2^63 or more is a string), everything with a unit is a string as a user would write it, times
// are a list of such. The caller owns the reference.
json_t *config_to_json(const struct config *config);

// 16 hexadecimal digits that depend on every key's value, and on nothing else.
enum { CONFIG_HASH_BYTES = 17 };
void config_hash(const struct config *config, char hex[CONFIG_HASH_BYTES]);

// The same of the keys that `counts` says; the section of those at the top level is "".
typedef bool config_counts_fn(const char *section, const char *key);
void config_hash_of(const struct config *config, config_counts_fn *counts, char hex[CONFIG_HASH_BYTES]);

#endif
