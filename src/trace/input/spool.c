// Temporary files. They lie where TMPDIR says, else in /var/tmp, which is not in memory as /tmp may be: a recording is
// read more than once, and may be larger than the memory.
#define _GNU_SOURCE // O_TMPFILE
#include "trace/input/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/alloc.h"

enum { CHUNK = 1 << 16 };

static const char *folder(void)
{
    const char *named = getenv("TMPDIR");
    return named == NULL || *named == '\0' ? "/var/tmp" : named;
}

static int create_named(void)
{
    char *path = xformat("%s/sqtail.XXXXXX", folder());
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    free(path);
    return fd;
}

static int fail(struct diag *diag, const char *path)
{
    return diag_error(diag, (struct place){.file = path}, "cannot keep it in a temporary file in %s (TMPDIR): %s",
                      folder(), strerror(errno));
}

int spool_create(struct diag *diag, const char *path)
{
    int fd = -1;
#ifdef O_TMPFILE
    fd = open(folder(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
    if (fd < 0) // not every file system has files without a name
        fd = create_named();
    return fd >= 0 ? fd : fail(diag, path);
}

int spool_write(int fd, struct diag *diag, const char *path, uint64_t offset, const void *bytes, size_t size)
{
    for (const char *at = bytes; size > 0;) {
        ssize_t written = pwrite(fd, at, size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(diag, path);
        at += written;
        offset += (uint64_t)written;
        size -= (size_t)written;
    }
    return 0;
}

int spool_copy(int fd, struct diag *diag, const char *path, int from)
{
    char bytes[CHUNK];
    for (uint64_t offset = 0;;) {
        ssize_t got = read(from, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return diag_error(diag, (struct place){.file = path}, "cannot read: %s", strerror(errno));
        if (got == 0)
            return 0;
        if (spool_write(fd, diag, path, offset, bytes, (size_t)got) != 0)
            return -1;
        offset += (uint64_t)got;
    }
}
