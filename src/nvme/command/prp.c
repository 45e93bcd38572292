// Physical region pages: where a command's data lie in host memory; and data that are moved as bytes.
//
// Source: NVM Express 1.4, section 4.3. PRP1 may start anywhere in a page on a doubleword; all further entries must
// name whole pages. With data in more than two pages PRP2 points to a list, which may start anywhere in its page on a
// quadword; when it does not fit, the last entry of its page points to the next page of the list.
//
// A list is fetched by DMA, each page in turn, because each names the next, and only the entries that are needed.
// User data are not moved, so for reads and writes the entries are checked only; for Identify, logs and ranges the
// addresses are kept and the bytes are real.
#include "nvme/command/prp.h"

#include <string.h>

#include "nvme/command/command_buffer.h"
#include "nvme/command/sgl.h"
#include "nvme/pci/bus_master.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

enum { ENTRY_BYTES = 8 };

static uint64_t page_mask(const struct nvme *nvme)
{
    return (UINT64_C(1) << nvme->page_shift) - 1;
}

static void keep_pages(struct nvme_command *command, const uint64_t *addresses, uint32_t count)
{
    if (command->buffer != NULL)
        memcpy(&command->buffer->pages[command->prp.count], addresses, count * sizeof *addresses);
    command->prp.count += count;
    command->prp.left -= count;
}

static void fetch_list(struct nvme_command *command);

// Entries of this page of the list, the pointer to the next page included when there is one.
static uint32_t entries_here(const struct nvme_command *command)
{
    const struct nvme *nvme = command->nvme;
    uint64_t room = ((page_mask(nvme) + 1) - (command->prp.list & page_mask(nvme))) / ENTRY_BYTES;
    return (uint32_t)MIN(room, command->prp.left);
}

static bool are_whole_pages(const struct nvme *nvme, const uint64_t *entries, uint32_t count)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < count; i++)
        bits |= entries[i];
    return (bits & page_mask(nvme)) == 0;
}

// Whether some of a command's data lie in the controller memory buffer and some do not: 4.7. A queue's pages may.
static bool is_mixed(const struct nvme_command *command, const uint64_t *entries, uint32_t count)
{
    uint32_t inside = 0;
    if (likely(command->nvme->cmb.window == 0) || command->data_bytes == 0)
        return false;
    for (uint32_t i = 0; i < count; i++)
        inside += cmb_has(&command->nvme->cmb, entries[i]);
    return inside != (command->in_cmb ? count : 0);
}

static void list_arrived(void *context)
{
    struct nvme_command *command = context;
    if (command_stale(command))
        return;
    struct nvme *nvme = command->nvme;
    uint32_t count = entries_here(command);
    bool chained = count < command->prp.left;
    uint64_t *entries = (uint64_t *)nvme->scratch;
    if (!bus_read(nvme, command->prp.list, entries, count * (size_t)ENTRY_BYTES)) {
        command_fail(command, NVME_SC_DATA_TRANSFER_ERROR, AT_PRP2);
        return;
    }
    if (!are_whole_pages(nvme, entries, count)) {
        command_fail(command, NVME_SC_PRP_OFFSET_INVALID, AT_PRP2);
        return;
    }
    if (unlikely(is_mixed(command, entries, count - chained))) {
        command_fail(command, NVME_SC_INVALID_CMB_USE, AT_PRP2);
        return;
    }
    keep_pages(command, entries, count - chained);
    if (!chained) {
        command->prp.then(command);
        return;
    }
    command->prp.list = entries[count - 1];
    fetch_list(command);
}

static void fetch_list(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    nvme->stats.prp_lists++;
    uint64_t bytes = entries_here(command) * (uint64_t)ENTRY_BYTES;
    command_at(command, bus_read_arrival(nvme, command->prp.list, bytes), list_arrived);
}

void prp_walk(struct nvme_command *command, void (*then)(struct nvme_command *command))
{
    command->bucket_bytes = 0;
    if (unlikely(command->sqe.flags & NVME_SQE_PSDT_MASK)) {
        sgl_walk(command, then);
        return;
    }
    uint64_t mask = page_mask(command->nvme), prp1 = command->sqe.prp1, prp2 = command->sqe.prp2;
    uint64_t pages = ((prp1 & mask) + command->data_bytes + mask) >> command->nvme->page_shift;
    command->prp.left = (uint32_t)pages;
    command->prp.count = 0;
    command->prp.then = then;
    if (prp1 & 3) {
        command_fail(command, NVME_SC_PRP_OFFSET_INVALID, AT_PRP1);
        return;
    }
    command->in_cmb = cmb_has(&command->nvme->cmb, prp1);
    keep_pages(command, &prp1, 1);
    if (pages > 1 && (prp2 & (pages == 2 ? mask : ENTRY_BYTES - 1))) {
        command_fail(command, NVME_SC_PRP_OFFSET_INVALID, AT_PRP2);
        return;
    }
    if (pages > 2) {
        command->prp.list = prp2;
        fetch_list(command);
        return;
    }
    if (pages == 2 && unlikely(is_mixed(command, &prp2, 1))) {
        command_fail(command, NVME_SC_INVALID_CMB_USE, AT_PRP2);
        return;
    }
    if (pages == 2)
        keep_pages(command, &prp2, 1);
    then(command);
}

void prp_walk_queue(struct nvme_command *command, uint32_t pages, void (*then)(struct nvme_command *command))
{
    command_buffer_attach(command, pages << command->nvme->page_shift, false);
    command->data_bytes = 0; // the host's entries are no data of the command
    command->prp = (struct nvme_prp){.list = command->sqe.prp1, .left = pages, .then = then};
    fetch_list(command);
}

static void send_answer(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    if (!command->in_cmb)
        link_to_host(&nvme->link, sim_now(nvme->sim), command->data_bytes, &command->data);
    command_complete(command);
}

void prp_answer(struct nvme_command *command)
{
    prp_walk(command, send_answer);
}

static void data_arrived(void *context)
{
    struct nvme_command *command = context;
    if (command_stale(command))
        return;
    if (command_buffer_move(command))
        command->prp.taken(command);
    else
        command_fail(command, NVME_SC_DATA_TRANSFER_ERROR, AT_PRP1);
}

static void fetch_data(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    tick_t now = sim_now(nvme->sim);
    command_at(command, command->in_cmb ? now : link_read_host(&nvme->link, now, command->data_bytes), data_arrived);
}

void prp_fetch(struct nvme_command *command, void (*then)(struct nvme_command *command))
{
    command->prp.taken = then;
    fetch_data(command);
}

void prp_take(struct nvme_command *command, uint32_t bytes, void (*then)(struct nvme_command *command))
{
    command_buffer_attach(command, bytes, false);
    command->prp.taken = then;
    prp_walk(command, fetch_data);
}
