// Names of the front-end's counters.
#include "nvme/nvme_stats.h"

#include "util/macros.h"

#define COUNT(field, u, h) {#field, STAT_COUNT, offsetof(struct nvme_stats, field), u, h}

const struct stat_field nvme_stat_fields[] = {
    COUNT(reads, "1", "Read commands completed."),
    COUNT(writes, "1", "Write commands completed."),
    COUNT(flushes, "1", "Flush commands completed."),
    COUNT(write_zeroes, "1", "Write Zeroes commands completed."),
    COUNT(dataset_managements, "1", "Dataset Management commands completed."),
    COUNT(other_commands, "1", "I/O commands of other opcodes completed."),
    COUNT(admin_commands, "1", "Admin commands completed."),
    COUNT(errors_generic, "1", "Completions with a generic status other than success."),
    COUNT(errors_command, "1", "Completions with a command specific status."),
    COUNT(errors_media, "1", "Completions with a media or data integrity status."),
    COUNT(doorbells, "1", "Doorbell writes."),
    COUNT(invalid_doorbells, "1", "Doorbell writes that named no queue or an impossible value."),
    COUNT(fetches, "1", "DMAs that fetched submission queue entries."),
    COUNT(entries_fetched, "1", "Submission queue entries fetched."),
    {"entries_per_fetch", STAT_REAL, offsetof(struct nvme_stats, entries_per_fetch), "1",
     "Mean submission queue entries a fetch."},
    COUNT(prp_lists, "1", "Pages of PRP lists, and parts of SGL segments, fetched."),
    COUNT(interrupts, "1", "Messages of MSI-X and MSI sent, and assertions of INTx."),
    COUNT(interrupts_coalesced, "1", "Completions that waited for an aggregated interrupt."),
    COUNT(completions, "1", "Completion queue entries written."),
    COUNT(completions_delayed, "1", "Completions that found their completion queue full."),
    COUNT(events, "1", "Asynchronous events reported."),
    COUNT(data_read_bytes, "B", "Data of Read commands moved to the host."),
    COUNT(data_written_bytes, "B", "Data of Write commands moved from the host."),
    COUNT(tlps_to_host, "1", "TLPs sent to the host."),
    COUNT(tlps_to_device, "1", "TLPs received from the host."),
    COUNT(wire_bytes_to_host, "B", "Bytes of TLPs sent to the host, headers and framing included."),
    COUNT(wire_bytes_to_device, "B", "Bytes of TLPs received from the host, headers and framing included."),
};
const size_t nvme_stat_field_count = ARRAY_SIZE(nvme_stat_fields);
