// What the drive of a configuration adds up to, for whoever shows it.
#ifndef SQTAIL_CLI_DRIVE_SHEET_H
#define SQTAIL_CLI_DRIVE_SHEET_H

#include <jansson.h>

#include "cli/session/session.h"
#include "machine/margins.h"

struct drive_sheet {
    struct nand_geometry geometry;
    double capacity_bytes, flash_bytes; // for the host; without parity
    double over_provisioning;           // of the capacity
    double effective;   // without what collection keeps free on average, open superblocks, and the SLC cache
    bool has_slc_cache;
    double slc_bytes, slc_dynamic_bytes; // that it holds in any case, and more while the drive is empty
    struct ftl_memory memory; // of the controller, that each part takes
    struct retry_margin retry;
    struct collection_margin collection;
};

// The configuration has passed its check. Prepares such a drive, which takes a moment.
struct drive_sheet drive_sheet_of(const struct machine_config *values);

// With bounds and idle keys, as an object.
json_t *drive_sheet_json(const struct drive_sheet *sheet, const struct loaded_config *loaded, const char *path);

#endif
