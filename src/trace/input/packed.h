// Compressed files, and archives of several. Internal to the trace room.
#ifndef SQTAIL_TRACE_INPUT_PACKED_H
#define SQTAIL_TRACE_INPUT_PACKED_H

#include <archive.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { PACKED_MAGIC_BYTES = 512 };

// Whether the first bytes of a file are those of a compressed one or of an archive.
bool packed_begins(const uint8_t *bytes, size_t size);

struct packed {
    struct archive *archive;
    int fd;         // is read from `position` on, and not closed
    off_t position;
    uint64_t size;  // of the file
    uint64_t out;   // bytes that came out
    uint8_t buffer[1 << 16];
};

// `single`: an archive counts as bytes like any others. NULL where nothing can be read.
struct packed *packed_open(int fd, bool single);
void packed_close(struct packed *packed);

// The next block of the entry at hand: ARCHIVE_OK, ARCHIVE_EOF at its end, else libarchive's error, and *problem says
// what it is. `*offset`: where the block stands in the entry.
int packed_block(struct packed *packed, const void **bytes, size_t *size, uint64_t *offset, const char **problem);

extern const char packed_too_large[]; // a problem that is not to be passed over

#endif
