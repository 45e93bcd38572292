// Several engines that send data in one direction of a link, in turn.
#ifndef SQTAIL_NVME_LINK_WIRE_TURNS_H
#define SQTAIL_NVME_LINK_WIRE_TURNS_H

#include <stdint.h>

#include "sim/tick.h"

struct wire;
struct wire_flow;
struct wire_turns;

struct wire_turns *turns_create(uint32_t engines);
void turns_destroy(struct wire_turns *turns);

// As the functions of wire.h that are named so.
void turns_advance(struct wire *wire, tick_t now);
tick_t turns_control(struct wire *wire, tick_t now, tick_t duration);
tick_t turns_data(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow);
void turns_data_later(struct wire *wire, tick_t duration, const tick_t *when, uint32_t count, struct wire_flow *flow);
tick_t turns_follow(struct wire *wire, tick_t now, tick_t duration, struct wire_flow *flow);
tick_t turns_earliest(const struct wire *wire, const struct wire_flow *flow);
void turns_forget(struct wire *wire, tick_t now, struct wire_flow *flow);

#endif
