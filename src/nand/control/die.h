// A die: what is held of it, what waits for it, and who goes next.
#ifndef SQTAIL_NAND_CONTROL_DIE_H
#define SQTAIL_NAND_CONTROL_DIE_H

#include "nand/control/explain.h"
#include "nand/control/scheduler.h"
#include "nand/control/suspend.h"
#include "nand/nand_stats.h"
#include "nand/observer.h"

// Those who stand above the die, as it reaches them.
struct die_ops {
    // An operation has its die: its parts are held from now on.
    void (*start)(struct nand_op *op);
    // An operation has come to wait while a program or erase holds the die.
    void (*queued)(struct nand_die *die);
    // A program or erase rests, and the die is free for something else or for going on with it.
    void (*turn)(struct nand_die *die);
};

// What all dies of a drive have in common.
struct die_rules {
    const struct die_ops *ops;
    const struct scheduler_ops *scheduler;
    tick_t starvation_bound;
    struct suspend_rules suspend;
    struct meter meter; // time that dies are held
    struct nand_stats *stats;
    const struct nand_observer *observer; // NULL: none
};

struct nand_die {
    struct nand *nand; // whose operations' rows know it
    struct sim *sim;
    struct die_rules *rules;
    struct nand_channel *channel;
    tick_t *busy; // of the rules' meter, its own
    uint32_t index;
    bool wake_pending; // an event is scheduled for when parts are free
    struct part_holds holds;
    tick_t held_since; // when the interface was last taken
    struct die_queue queue;
    struct array_work work;
    struct holding *holding; // by whom it is held; NULL: nobody asks
};

// Gives `op` to its die: it starts at once or waits its turn, at the head when `first`.
void die_submit(struct nand_die *die, struct nand_op *op, bool first);

// The first of a class leaves the queue.
struct nand_op *die_take(struct nand_die *die, unsigned class);

// `op`, whose parts are free and which does not wait any more, has the die.
void die_start(struct nand_die *die, struct nand_op *op);

void die_hold(struct nand_die *die, parts_t parts);

// `parts` of those that `op` holds are free from `when` on, now or later.
void die_give(const struct nand_op *op, parts_t parts, tick_t when);

#endif
