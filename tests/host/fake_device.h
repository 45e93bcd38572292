// A PCIe NVMe device just real enough to test a host against: constant service time, every access recorded.
#ifndef SQTAIL_TESTS_HOST_FAKE_DEVICE_H
#define SQTAIL_TESTS_HOST_FAKE_DEVICE_H

#include <stdbool.h>

#include "nvme/pcie.h"
#include "sim/sim.h"
#include "spec/nvme.h"

enum { FAKE_QUEUES = 16, FAKE_LOG_BYTES = 1 << 16, FAKE_HELD = 70000 };

struct fake_queue {
    uint64_t sq, cq;            // addresses
    uint32_t sq_size, cq_size;  // entries
    uint32_t sq_head, sq_tail, cq_tail, cq_head;
    uint16_t phase;
    uint32_t vector;
    uint32_t sq_doorbells, cq_doorbells;
    uint32_t in_flight, most_in_flight;
    bool message_pending;
};

struct fake_command {
    struct fake_device *device;
    uint32_t queue;
    struct nvme_sqe sqe;
};

struct fake_device {
    struct sim *sim;
    struct pcie_host_port host;
    // What it is; to be changed before the host starts.
    uint64_t cap;
    uint32_t vs;
    uint32_t queues_granted;
    uint32_t msix_vectors;
    struct nvme_identify_controller controller;
    struct nvme_identify_namespace ns;
    tick_t mmio_time;    // of a register read
    tick_t ready_time;   // from CC.EN to CSTS.RDY; TICK_NEVER: never
    tick_t service_time; // of an I/O command
    tick_t batch_time;   // interrupts are held back so long, to collect completions
    int mute_opcode;     // admin command that is never answered; -1: none
    int failing_opcode;  // admin command that fails with Invalid Field; -1: none
    unsigned io_status;  // of I/O commands
    bool hold;           // I/O commands wait for fake_release
    void (*on_io)(void *context, uint32_t queue, const struct nvme_sqe *sqe);
    void *context;
    // What it has seen.
    char log[FAKE_LOG_BYTES];
    size_t log_used;
    struct fake_queue queues[FAKE_QUEUES];
    uint64_t io_commands;
    struct fake_command *held[FAKE_HELD];
    uint32_t held_count;
    uint8_t config[256];
    uint32_t cc, aqa, csts;
    uint64_t asq, acq;
    uint8_t msix_table[2048 * 16];
};

struct fake_device *fake_create(struct sim *sim);
void fake_destroy(struct fake_device *device);
struct pcie_device_port fake_get_port(struct fake_device *device);

// Completes the held commands number first .. first + count - 1 now, those of a queue with one message.
void fake_release(struct fake_device *device, uint32_t first, uint32_t count);

// Announces an asynchronous event, if a request for one is outstanding.
void fake_raise_event(struct fake_device *device);

// The addresses of the pages that a command's PRPs name; returns how many.
uint32_t fake_walk_prps(struct fake_device *device, const struct nvme_sqe *sqe, uint64_t bytes, uint64_t *pages);

#endif
