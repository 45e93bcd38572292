// Why units are moved out of a superblock: one file a reason.
//
// A mover serves one reason; it asks when and from which superblock to move, and reports what it does. To add one: a
// file why_NAME.c that defines its ops, a line in WHY_LIST, in order of urgency, and a line in Makefile.am.
#ifndef SQTAIL_FTL_MOVE_WHY_H
#define SQTAIL_FTL_MOVE_WHY_H

#include "ftl/move/pace.h"
#include "ftl/space/space.h"

// X(enumerator, name)
#define WHY_LIST(X)     \
    X(COLLECT, collect) \
    X(FOLD, fold)

#define WHY_ENUM(id, name) WHY_##id,
enum why { WHY_LIST(WHY_ENUM) WHY_COUNT };
#undef WHY_ENUM

struct why_ops {
    const char *name;
    struct nand_source source; // of its reads and programs
    size_t copies; // offset in struct ftl_stats of the count of units that it moves
    // Is there such a reason on a drive? NULL: always.
    bool (*applies)(const struct ftl_config *config);
    // May dies move its data by themselves? NULL: never.
    bool (*on_die)(const struct ftl_config *config);
    // What the reason keeps, for the other functions; `pace` is collection's.
    void *(*create)(struct space *space, struct pace *pace);
    void (*destroy)(void *why);
    // Is anything to be moved now? Asked at each turn of the mover, before pages are read.
    bool (*wanted)(void *why);
    // The superblock to move from next, for which superblock_movable() holds, or NONE for the time being.
    uint32_t (*pick)(void *why);
    // The mover has begun with it. NULL: nothing to do.
    void (*begun)(void *why, const struct superblock *source);
    // May another page be read now?
    bool (*may_read)(const void *why);
    // So many units are being read. NULL: nothing to do.
    void (*reads)(void *why, uint32_t units);
    // Must what has been read go out though it fills no program unit?
    bool (*urgent)(const void *why);
    // Reads or programs have ended, and the mover has had its turn. NULL: nothing to do.
    void (*advanced)(void *why);
};

#define WHY_EXTERN(id, name) extern const struct why_ops why_##name##_ops;
WHY_LIST(WHY_EXTERN)
#undef WHY_EXTERN

#endif
