// User data as bytes: what is done beside the timing where a drive's contents are kept.
#ifndef SQTAIL_NVME_IO_CONTENTS_H
#define SQTAIL_NVME_IO_CONTENTS_H

#include <stdbool.h>
#include <stdint.h>

struct nvme;
struct nvme_command;

// A Read or Write is about to begin: its pages in host memory will be kept.
void contents_attach(struct nvme_command *command);

// The core has read: the data are there, to be sent with the completion.
void contents_give(struct nvme_command *command);

// The core has written: takes the data from the host; false when those could not be reached.
bool contents_take(struct nvme_command *command);

// The drive's range has been made zeroes: its contents are, where they are kept, and no block of it is uncorrectable.
void contents_zero(struct nvme *nvme, uint64_t offset, uint64_t bytes);

// It has been written: no block of it is uncorrectable.
void contents_unmark(struct nvme *nvme, uint64_t offset, uint64_t bytes);

#endif
