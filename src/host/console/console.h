// A host of the plainest kind: one admin queue, polled, for looking at a drive by its own answers.
#ifndef SQTAIL_HOST_CONSOLE_CONSOLE_H
#define SQTAIL_HOST_CONSOLE_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme/controller.h"
#include "sim/sim.h"
#include "spec/nvme.h"

enum { CONSOLE_DATA_BYTES = 128 << 10 };

struct console;

// Takes the drive's slot over from whoever has it, and enables the controller anew: features are then as a reset leaves
// them; logs and what is saved go on. NULL when it does not become ready. The engine runs as long as it takes.
struct console *console_open(struct sim *sim, struct nvme *nvme);
void console_close(struct console *console);

// The command's data, for either direction.
uint8_t *console_data(struct console *console);

// Runs an admin command with `bytes` of data at most, whose pointers are filled in. False: it has not been answered, as
// an Asynchronous Event Request is not while nothing happens.
bool console_admin(struct console *console, struct nvme_sqe sqe, uint32_t bytes, struct nvme_cqe *answer);

#endif
