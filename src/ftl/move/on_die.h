// Which pages of a superblock of the SLC cache its dies can fold by themselves.
#ifndef SQTAIL_FTL_MOVE_ON_DIE_H
#define SQTAIL_FTL_MOVE_ON_DIE_H

#include "ftl/map/map.h"
#include "ftl/space/stream.h"

struct on_die {
    const struct space *space;
    const struct map *map;
    uint64_t first;  // unit of the superblock
    uint32_t *rows;  // by die: those before it were looked at
    uint64_t *taken; // pages that are folded, or copied, a bit each, by row and die
    uint32_t die;    // whose turn it is
};

// As many pages as a native word line has, each by its first unit.
struct word_line {
    uint32_t die;
    uint64_t pages[PAGE_TYPES_MAX];
};

struct on_die *on_die_create(const struct space *space, const struct map *map);
void on_die_destroy(struct on_die *on_die);

// The superblock is to be folded.
void on_die_begin(struct on_die *on_die, uint32_t superblock);

// Takes pages that one die can fold, to the row that the stream fills. False when there are none at the moment.
bool on_die_take(struct on_die *on_die, const struct stream *stream, struct word_line *line);

// Takes the page that begins with the unit, to be copied. False when it was taken before.
bool on_die_take_page(struct on_die *on_die, uint64_t ppn);

#endif
