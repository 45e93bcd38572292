// What an operation of the core's in the flash is for: instrumentation, to be asked while the back-end has it.
#ifndef SQTAIL_FTL_INSPECT_H
#define SQTAIL_FTL_INSPECT_H

#include "ftl/core.h"

enum { FTL_UNKNOWN = UINT32_MAX };

struct ftl_op_info {
    const char *purpose; // nand_purpose_names
    uint32_t superblock; // FTL_UNKNOWN for reads of stripe members
    uint64_t units;      // that hold or bring data; 0 for erases
};

struct ftl_op_info ftl_inspect(const struct nand_op *op);

// The host's requests that wait for a read.
void ftl_each_reader(const struct nand_op *op, void (*each)(void *context, const struct ftl_request *request),
                     void *context);

// The entries of the write buffer that a program brings into the flash.
void ftl_each_entry(const struct nand_op *op, void (*each)(void *context, uint32_t entry), void *context);

// How many entries the write buffer has, and the latest one of a unit; FTL_UNKNOWN: none.
uint32_t ftl_buffer_entries(const struct ftl *ftl);
uint32_t ftl_buffer_entry(const struct ftl *ftl, uint64_t lpn);

// The first unit of a request, and the one behind those whose data have come so far.
uint64_t ftl_first_unit(const struct ftl *ftl, const struct ftl_request *request);
uint64_t ftl_arrived_unit(const struct ftl *ftl, const struct ftl_request *request);

#endif
