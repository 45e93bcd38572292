// Compressed files and archives, by libarchive, read from front to back.
//
// More bytes than deflate could make of so many come from no recording: reading ends there.
#include "trace/input/packed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { EXPANSION_LIMIT = 1100 };

const char packed_too_large[] = "it expands to absurdly many bytes";

bool packed_begins(const uint8_t *bytes, size_t size)
{
    static const struct {
        size_t offset, size;
        const char *bytes;
    } marks[] = {
        {0, 2, "\x1f\x8b"}, {0, 6, "\xfd" "7zXZ"}, {0, 4, "\x28\xb5\x2f\xfd"}, {0, 3, "BZh"}, {257, 5, "ustar"},
        {0, 4, "PK\3\4"}, {0, 4, "\x04\x22\x4d\x18"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
        if (size >= marks[i].offset + marks[i].size &&
            memcmp(bytes + marks[i].offset, marks[i].bytes, marks[i].size) == 0)
            return true;
    return false;
}

static la_ssize_t read_bytes(struct archive *archive, void *context, const void **bytes)
{
    struct packed *packed = context;
    ssize_t got;
    do
        got = pread(packed->fd, packed->buffer, sizeof packed->buffer, packed->position);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        archive_set_error(archive, errno, "%s", strerror(errno));
    packed->position += MAX(got, (ssize_t)0);
    *bytes = packed->buffer;
    return got;
}

// zip has its list of members at its end.
static la_int64_t seek(struct archive *archive, void *context, la_int64_t offset, int whence)
{
    struct packed *packed = context;
    (void)archive;
    const la_int64_t from[] = {[SEEK_SET] = 0, [SEEK_CUR] = packed->position, [SEEK_END] = (la_int64_t)packed->size};
    packed->position = MAX(from[whence] + offset, (la_int64_t)0);
    return packed->position;
}

static void support(struct archive *archive, bool single)
{
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_lz4(archive);
    archive_read_support_format_raw(archive);
    archive_read_support_format_empty(archive);
    if (single)
        return;
    archive_read_support_format_tar(archive);
    archive_read_support_format_zip(archive);
}

struct packed *packed_open(int fd, bool single)
{
    struct packed *packed = xmalloc(sizeof *packed);
    struct stat status;
    packed->archive = archive_read_new();
    packed->fd = fd;
    packed->position = 0;
    packed->out = 0;
    packed->size = fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
    support(packed->archive, single);
    archive_read_set_seek_callback(packed->archive, seek);
    if (archive_read_open(packed->archive, packed, NULL, read_bytes, NULL) == ARCHIVE_OK)
        return packed;
    packed_close(packed);
    return NULL;
}

void packed_close(struct packed *packed)
{
    if (packed == NULL)
        return;
    archive_read_free(packed->archive);
    free(packed);
}

int packed_block(struct packed *packed, const void **bytes, size_t *size, uint64_t *offset, const char **problem)
{
    la_int64_t at;
    int status = archive_read_data_block(packed->archive, bytes, size, &at);
    *problem = NULL;
    *offset = (uint64_t)at;
    if (status != ARCHIVE_OK) {
        *problem = status == ARCHIVE_EOF ? NULL : archive_error_string(packed->archive);
        return status;
    }
    packed->out += *size;
    if (MAX(*offset + *size, packed->out) <= packed->size * EXPANSION_LIMIT)
        return ARCHIVE_OK;
    *problem = packed_too_large;
    return ARCHIVE_FATAL;
}
