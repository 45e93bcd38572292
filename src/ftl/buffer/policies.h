// The policies of the write buffer: when its data go to the flash of themselves, that is, without anybody who waits.
//
// To add one: a file destage_NAME.c that defines its ops, a line in the list in ftl_config.h, and a line in
// Makefile.am.
#ifndef SQTAIL_FTL_BUFFER_POLICIES_H
#define SQTAIL_FTL_BUFFER_POLICIES_H

#include "ftl/buffer/buffer.h"
#include "ftl/ftl_config.h"

struct destage_ops {
    const char *name;
    const char *help;
    // May the oldest program unit's worth of data go? At least as much is queued. Asked for each program; may not
    // schedule.
    bool (*wanted)(struct buffer *buffer);
};

#define POLICY_EXTERN(id, name) extern const struct destage_ops destage_##name##_ops;
FTL_DESTAGE_LIST(POLICY_EXTERN)
#undef POLICY_EXTERN

extern const struct destage_ops *const destage_registry[FTL_DESTAGE_COUNT];

#endif
