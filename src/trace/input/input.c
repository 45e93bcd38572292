// Finding the files of a recording.
//
// blktrace saves one file a CPU, NAME.blktrace.CPU; some may be missing or empty, any may be compressed. A path names
// such a recording by NAME, by one of its files (all are then read) or by the folder that holds it; or it is a single
// file. Compression, tar and zip are found by content.
//
// A recording is read more than once, so that what can be had but once is kept in temporary files: what comes from a
// pipe, and the members of an archive.
#include "trace/input/input.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/format.h"
#include "trace/input/packed.h"
#include "trace/input/spool.h"
#include "trace/input/stream.h"
#include "util/alloc.h"

enum { HASH_CHUNK = 1 << 16 };

// ---- names -------------------------------------------------------------------------------------------------------

static bool is_compression_suffix(const char *text)
{
    static const char *const suffixes[] = {"", ".gz", ".xz", ".zst", ".bz2", ".lz4"};
    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
        if (strcmp(text, suffixes[i]) == 0)
            return true;
    return false;
}

// Whether `name` is BASE.blktrace.CPU, compressed or not.
static bool parse_name(const char *name, size_t *base_length, uint64_t *cpu)
{
    static const char infix[] = ".blktrace.";
    const char *at = NULL;
    for (const char *next = strstr(name, infix); next != NULL; next = strstr(next + 1, infix))
        at = next;
    if (at == NULL || at == name || at[sizeof infix - 1] < '0' || at[sizeof infix - 1] > '9')
        return false;
    char *end;
    errno = 0;
    *cpu = strtoull(at + sizeof infix - 1, &end, 10);
    *base_length = (size_t)(at - name);
    return errno == 0 && is_compression_suffix(end);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static char *joined(const char *folder, size_t folder_length, const char *separator, const char *name)
{
    char *path = xmalloc(folder_length + strlen(separator) + strlen(name) + 1);
    memcpy(path, folder, folder_length);
    strcpy(path + folder_length, separator);
    strcat(path, name);
    return path;
}

// ---- files of an input -------------------------------------------------------------------------------------------

static struct trace_file *add_file(struct trace_input *input, const char *path)
{
    input->files = xrealloc(input->files, (input->count + 1) * sizeof *input->files);
    struct trace_file *file = &input->files[input->count++];
    *file = (struct trace_file){.path = xstrdup(path), .fd = -1};
    size_t length;
    file->per_cpu = parse_name(base_name(path), &length, &file->cpu);
    if (!file->per_cpu)
        file->cpu = 0;
    return file;
}

static void close_temporary(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void drop_file(struct trace_input *input, size_t index)
{
    free(input->files[index].path);
    close_temporary(input->files[index].fd);
    memmove(&input->files[index], &input->files[index + 1], (--input->count - index) * sizeof *input->files);
}

static void drop_source(struct trace_input *input)
{
    struct trace_source *last = &input->sources[--input->source_count];
    free(last->path);
    close_temporary(last->fd);
}

void trace_input_destroy(struct trace_input *input)
{
    while (input->count > 0)
        drop_file(input, input->count - 1);
    while (input->source_count > 0)
        drop_source(input);
    free(input->files);
    free(input->sources);
    free(input->path);
    *input = (struct trace_input){0};
}

// Looks whether the file is compressed, and whether there is anything in it.
static int look_into(struct trace_file *file, struct diag *diag, int fd)
{
    uint8_t first[PACKED_MAGIC_BYTES];
    ssize_t got = pread(fd, first, sizeof first, 0);
    if (got < 0)
        return diag_error(diag, (struct place){.file = file->path}, "cannot read: %s", strerror(errno));
    file->packed = packed_begins(first, (size_t)got);
    struct trace_stream *stream = trace_stream_open(file, NULL);
    file->empty = trace_stream_ahead(stream, 1) == 0;
    int result = file->empty && stream->problem != NULL
                     ? diag_error(diag, (struct place){.file = file->path}, "cannot %s: %s",
                                  file->packed ? "decompress" : "read", stream->problem)
                     : 0;
    trace_stream_close(stream);
    return result;
}

// ---- archives ----------------------------------------------------------------------------------------------------

// As in a folder; macOS puts a file ._NAME beside each NAME.
static bool is_hidden(const char *name)
{
    return name != NULL && base_name(name)[0] == '.';
}

struct unpacking {
    struct trace_input *input;
    struct diag *diag;
    struct packed *packed;
    const char *path;
    uint64_t bytes;      // kept so far
    const char *problem;
};

static void tell_cut_short(struct diag *diag, const char *path, uint64_t bytes, const char *problem)
{
    diag_warning(diag, (struct place){.file = path}, "ends early or is damaged (%s): what could be decompressed is "
                 "read, %llu bytes", problem == NULL ? "damaged at its start" : problem, (unsigned long long)bytes);
}

// One entry's bytes. ARCHIVE_OK at its end, else libarchive's error; what came before that is kept. Block by block:
// archive_read_data would lose what it has already copied of a piece in which an error lies.
static int keep_entry(struct unpacking *u, int fd, const char *full, uint64_t *kept)
{
    const void *bytes;
    size_t size;
    uint64_t offset;
    int status;
    *kept = 0;
    while ((status = packed_block(u->packed, &bytes, &size, &offset, &u->problem)) == ARCHIVE_OK) {
        if (spool_write(fd, u->diag, full, offset, bytes, size) != 0)
            return ARCHIVE_FATAL;
        *kept = size == 0 ? *kept : offset + size;
    }
    u->bytes += *kept;
    return status == ARCHIVE_EOF ? ARCHIVE_OK : status;
}

// A member that is compressed once more and cannot be read has nothing in it.
static void look_into_member(struct unpacking *u, struct trace_file *file)
{
    struct diag *reasons = diag_create();
    if (look_into(file, reasons, file->fd) != 0)
        tell_cut_short(u->diag, file->path, 0, NULL);
    diag_destroy(reasons);
}

// A damaged member behind which others can be read is told by its own name. ARCHIVE_OK when the next may follow.
static int add_member(struct unpacking *u, const char *full)
{
    uint64_t kept;
    int fd = spool_create(u->diag, full);
    if (fd < 0)
        return ARCHIVE_FATAL;
    struct trace_file *file = add_file(u->input, full);
    file->fd = fd;
    file->archived = true;
    int result = keep_entry(u, fd, full, &kept);
    if (result != ARCHIVE_OK && result != ARCHIVE_FATAL) {
        tell_cut_short(u->diag, full, kept, u->problem);
        result = ARCHIVE_OK;
    }
    look_into_member(u, file);
    return result;
}

static int add_entry(struct unpacking *u, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || is_hidden(name))
        return ARCHIVE_OK;
    char *full = name == NULL ? xstrdup(u->path) : joined(u->path, strlen(u->path), ":", name);
    int result = add_member(u, full);
    free(full);
    return result;
}

// From the entry at hand on.
static int unpack_entries(struct unpacking *u, struct archive_entry *entry, int status)
{
    while (status == ARCHIVE_OK || status == ARCHIVE_WARN) {
        if (add_entry(u, entry) != ARCHIVE_OK)
            return -1;
        status = archive_read_next_header(u->packed->archive, &entry);
    }
    u->problem = status == ARCHIVE_EOF ? NULL : archive_error_string(u->packed->archive);
    return status == ARCHIVE_EOF ? 0 : -1;
}

static int unpack(struct unpacking *u, struct archive_entry *entry, int status)
{
    size_t before = u->input->count;
    unsigned errors = diag_error_count(u->diag);
    int result = unpack_entries(u, entry, status);
    if (result != 0 && u->bytes != 0 && u->problem != packed_too_large && diag_error_count(u->diag) == errors) {
        tell_cut_short(u->diag, u->path, u->bytes, u->problem);
        result = 0;
    }
    if (result != 0 && diag_error_count(u->diag) == errors)
        diag_error(u->diag, (struct place){.file = u->path}, "cannot decompress: %s",
                   u->problem == NULL ? "damaged" : u->problem);
    if (result == 0 && u->input->count == before)
        add_file(u->input, u->path)->empty = true;
    return result;
}

// ---- one file ----------------------------------------------------------------------------------------------------

static int add_single(struct trace_input *input, struct diag *diag, const char *path, int fd, bool temporary)
{
    struct stat status;
    struct trace_file *file = add_file(input, path);
    if (fstat(fd, &status) != 0)
        return diag_error(diag, (struct place){.file = path}, "cannot read: %s", strerror(errno));
    file->fd = temporary ? dup(fd) : -1;
    file->size = (uint64_t)status.st_size;
    file->written = status.st_mtim;
    return look_into(file, diag, fd);
}

static bool is_packed(int fd)
{
    uint8_t first[PACKED_MAGIC_BYTES];
    ssize_t got = pread(fd, first, sizeof first, 0);
    return got > 0 && packed_begins(first, (size_t)got);
}

// The file, or what is in it where it is an archive. What is compressed, and no archive, is one entry without a name.
static int add_contents(struct trace_input *input, struct diag *diag, const char *path, int fd, bool temporary)
{
    struct unpacking u = {.input = input, .diag = diag, .path = path};
    struct archive_entry *entry = NULL;
    if (!is_packed(fd))
        return add_single(input, diag, path, fd, temporary);
    u.packed = packed_open(fd, false);
    int status = u.packed == NULL ? ARCHIVE_FATAL : archive_read_next_header(u.packed->archive, &entry);
    bool single = status == ARCHIVE_OK && archive_format(u.packed->archive) == ARCHIVE_FORMAT_RAW;
    int result = single              ? add_single(input, diag, path, fd, temporary)
                 : u.packed == NULL ? diag_error(diag, (struct place){.file = path}, "cannot decompress: damaged")
                                    : unpack(&u, entry, status);
    packed_close(u.packed);
    return result;
}

static void add_source(struct trace_input *input, const char *path, int temporary)
{
    input->sources = xgrow(input->sources, input->source_count, sizeof *input->sources);
    input->sources[input->source_count++] = (struct trace_source){xstrdup(path), temporary};
}

static int load_pipe(struct trace_input *input, struct diag *diag, const char *path, int from)
{
    int fd = spool_create(diag, path);
    if (fd < 0)
        return -1;
    add_source(input, path, fd);
    return spool_copy(fd, diag, path, from) != 0 ? -1 : add_contents(input, diag, path, fd, true);
}

static int cannot_read(struct diag *diag, const char *path, int why)
{
    return diag_error(diag, (struct place){.file = path}, "cannot read: %s", strerror(why));
}

static int load_open(struct trace_input *input, struct diag *diag, const char *path, int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return cannot_read(diag, path, errno);
    if (S_ISFIFO(status.st_mode))
        return load_pipe(input, diag, path, fd);
    if (!S_ISREG(status.st_mode)) // a device may have no end
        return cannot_read(diag, path, S_ISDIR(status.st_mode) ? EISDIR : ENODEV);
    add_source(input, path, -1);
    return add_contents(input, diag, path, fd, false);
}

static int load(struct trace_input *input, struct diag *diag, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cannot_read(diag, path, errno);
    int result = load_open(input, diag, path, fd);
    close(fd);
    return result;
}

// ---- hash --------------------------------------------------------------------------------------------------------

static int hash_bytes(struct sha256 *hash, struct diag *diag, const char *path, int fd)
{
    uint8_t bytes[HASH_CHUNK];
    ssize_t got;
    for (off_t at = 0; (got = pread(fd, bytes, sizeof bytes, at)) != 0; at += MAX(got, (ssize_t)0)) {
        if (got > 0)
            sha256_add(hash, bytes, (size_t)got);
        else if (errno != EINTR)
            return cannot_read(diag, path, errno);
    }
    return 0;
}

static int hash_source(struct sha256 *hash, struct diag *diag, const struct trace_source *source)
{
    int fd = source->fd >= 0 ? source->fd : open(source->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cannot_read(diag, source->path, errno);
    int result = hash_bytes(hash, diag, source->path, fd);
    if (fd != source->fd)
        close(fd);
    return result;
}

int trace_input_hash(const struct trace_input *input, struct diag *diag, char hex[SHA256_HEX_SIZE])
{
    struct sha256 hash;
    sha256_init(&hash);
    for (size_t i = 0; i < input->source_count; i++)
        if (hash_source(&hash, diag, &input->sources[i]) != 0)
            return -1;
    sha256_finish(&hash, hex);
    return 0;
}

// ---- choosing among several --------------------------------------------------------------------------------------

static bool same_base(const char *a, const char *b)
{
    size_t a_length, b_length;
    uint64_t cpu;
    a = base_name(a);
    b = base_name(b);
    return parse_name(a, &a_length, &cpu) && parse_name(b, &b_length, &cpu) && a_length == b_length &&
           memcmp(a, b, a_length) == 0;
}

static int compare_files(const void *a, const void *b)
{
    const struct trace_file *x = a, *y = b;
    return x->cpu != y->cpu ? (x->cpu > y->cpu) - (x->cpu < y->cpu) : strcmp(x->path, y->path);
}

// One file a CPU, in order of CPU.
static int order_files(struct trace_input *input, struct diag *diag)
{
    if (input->count < 2)
        return 0;
    qsort(input->files, input->count, sizeof *input->files, compare_files);
    for (size_t i = 1; i < input->count; i++)
        if (input->files[i].cpu == input->files[i - 1].cpu)
            return diag_error(diag, (struct place){.file = input->files[i].path}, "is of the same CPU as '%s'",
                              input->files[i - 1].path);
    return 0;
}

// blktrace writes a file for every CPU, an empty one where nothing happened.
static void warn_of_missing_cpus(const struct trace_input *input, struct diag *diag)
{
    char list[128];
    size_t used = 0;
    uint64_t next = 0, missing = 0;
    for (size_t i = 0; i < input->count; i++) {
        uint64_t cpu = input->files[i].cpu;
        if (!input->files[i].per_cpu)
            return;
        if (cpu > next && used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, cpu - next == 1 ? "%s%llu" : "%s%llu to %llu",
                                     missing == 0 ? "" : ", ", (unsigned long long)next, (unsigned long long)cpu - 1);
        missing += cpu - next;
        next = cpu + 1;
    }
    if (missing != 0)
        diag_warning(diag, (struct place){.file = input->path},
                     "no file of CPU %s, though blktrace writes one for every CPU: what happened there is missing",
                     list);
}

static int several_recordings(struct trace_input *input, struct diag *diag, const char *one, const char *other)
{
    return diag_error(diag, (struct place){.file = input->path}, "holds more than one recording: '%s' and '%s'", one,
                      other);
}

// What an archive held: the files of one recording a CPU each, or else the only file in a known format.
static int choose_in_archive(struct trace_input *input, struct diag *diag)
{
    size_t length, first = 0;
    uint64_t cpu;
    while (first < input->count && !parse_name(base_name(input->files[first].path), &length, &cpu))
        first++;
    bool per_cpu = first < input->count;
    char *one = per_cpu ? xstrdup(input->files[first].path) : NULL;
    int result = 0;
    for (size_t i = input->count; i-- > 0;) {
        struct trace_input single = {.files = &input->files[i], .count = 1};
        bool wanted = per_cpu ? parse_name(base_name(input->files[i].path), &length, &cpu)
                              : trace_format_detect(&single) != NULL;
        if (!wanted) {
            drop_file(input, i);
            continue;
        }
        if (one == NULL)
            one = xstrdup(input->files[i].path);
        else if (result == 0 && (per_cpu ? !same_base(input->files[i].path, one) : true))
            result = several_recordings(input, diag, one, input->files[i].path);
    }
    free(one);
    if (result == 0 && input->count == 0)
        result = diag_error(diag, (struct place){.file = input->path}, "no recording in this archive");
    return result;
}

// ---- folders -----------------------------------------------------------------------------------------------------

struct names {
    char **list;
    size_t count;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_folder(struct names *names, const char *folder)
{
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        names->list = xrealloc(names->list, (names->count + 1) * sizeof *names->list);
        names->list[names->count++] = xstrdup(entry->d_name);
    }
    closedir(dir);
    if (names->count > 1)
        qsort(names->list, names->count, sizeof *names->list, compare_names);
    return 0;
}

static void free_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
}

// Reads every BASE.blktrace.CPU in the folder. The number of them, or -1.
static int load_per_cpu(struct trace_input *input, struct diag *diag, const char *folder,
                        const char *base, size_t base_length)
{
    struct names names = {0};
    int found = 0;
    if (list_folder(&names, folder) != 0)
        return 0;
    for (size_t i = 0; i < names.count && found >= 0; i++) {
        size_t length;
        uint64_t cpu;
        if (!parse_name(names.list[i], &length, &cpu) || length != base_length ||
            memcmp(names.list[i], base, length) != 0)
            continue;
        char *path = joined(folder, strlen(folder), "/", names.list[i]);
        add_file(input, path); // bytes follow once the order is known
        free(path);
        found++;
    }
    free_names(&names);
    if (order_files(input, diag) != 0)
        return -1;
    struct trace_input listed = {.files = input->files, .count = input->count};
    input->files = NULL;
    input->count = 0;
    int result = 0;
    for (size_t i = 0; i < listed.count && result == 0; i++)
        result = load(input, diag, listed.files[i].path);
    trace_input_destroy(&listed);
    return result != 0 ? -1 : found;
}

static int load_base(struct trace_input *input, struct diag *diag, const char *path)
{
    const char *base = base_name(path);
    size_t length, folder_length = (size_t)(base - path);
    uint64_t cpu;
    if (!parse_name(base, &length, &cpu))
        length = strlen(base);
    char *folder = folder_length == 0 ? xstrdup(".") : joined(path, folder_length, "", ".");
    int found = load_per_cpu(input, diag, folder, base, length);
    free(folder);
    return found;
}

// Whether the start of the file is of a known format; silent about files that cannot be read.
static bool looks_like_recording(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    struct diag *ignored = diag_create();
    struct trace_input input = {0};
    load(&input, ignored, path);
    bool known = trace_format_detect(&input) != NULL;
    trace_input_destroy(&input);
    diag_destroy(ignored);
    return known;
}

// The one file of a folder without per-CPU files that is a recording.
static int load_only_file(struct trace_input *input, struct diag *diag, const char *folder,
                          const struct names *names)
{
    char *chosen = NULL;
    int result = 0;
    for (size_t i = 0; i < names->count && result == 0; i++) {
        char *path = joined(folder, strlen(folder), "/", names->list[i]);
        if (!looks_like_recording(path)) {
            free(path);
            continue;
        }
        if (chosen != NULL)
            result = several_recordings(input, diag, chosen, path);
        free(chosen);
        chosen = path;
    }
    if (result == 0 && chosen == NULL)
        result = diag_error(diag, (struct place){.file = folder}, "no recording in this folder");
    if (result == 0)
        result = load(input, diag, chosen);
    free(chosen);
    return result;
}

static int load_folder(struct trace_input *input, struct diag *diag, const char *folder)
{
    struct names names = {0};
    const char *one = NULL;
    size_t length;
    uint64_t cpu;
    int result = 0;
    if (list_folder(&names, folder) != 0)
        return diag_error(diag, (struct place){.file = folder}, "cannot read: %s", strerror(errno));
    for (size_t i = 0; i < names.count && result == 0; i++) {
        if (!parse_name(names.list[i], &length, &cpu))
            continue;
        if (one != NULL && !same_base(one, names.list[i]))
            result = several_recordings(input, diag, one, names.list[i]);
        one = names.list[i];
    }
    if (result == 0 && one == NULL)
        result = load_only_file(input, diag, folder, &names);
    else if (result == 0) {
        parse_name(one, &length, &cpu);
        result = load_per_cpu(input, diag, folder, one, length) < 0 ? -1 : 0;
    }
    free_names(&names);
    return result;
}

// ---- opening -----------------------------------------------------------------------------------------------------

static int load_path(struct trace_input *input, struct diag *diag, const char *path)
{
    struct stat status;
    size_t length;
    uint64_t cpu;
    bool exists = stat(path, &status) == 0;
    int why = errno;
    if (exists && S_ISDIR(status.st_mode))
        return load_folder(input, diag, path);
    if (exists && !parse_name(base_name(path), &length, &cpu))
        return load(input, diag, path);
    int found = load_base(input, diag, path);
    if (found == 0)
        return diag_error(diag, (struct place){.file = path}, "cannot read: %s; nor is there a '%s.blktrace.0' or "
                          "such of another CPU", strerror(why), base_name(path));
    return found < 0 ? -1 : 0;
}

static int finish_open(struct trace_input *input, struct diag *diag)
{
    if (input->count > 1 && input->files[0].archived && choose_in_archive(input, diag) != 0)
        return -1;
    if (order_files(input, diag) != 0)
        return -1;
    warn_of_missing_cpus(input, diag);
    for (size_t i = 0; i < input->count; i++)
        if (!input->files[i].empty)
            return 0;
    return diag_error(diag, (struct place){.file = input->path}, "no requests in it: it is empty");
}

int trace_input_open(struct trace_input *input, struct diag *diag, const char *path)
{
    *input = (struct trace_input){.path = xstrdup(path)};
    return load_path(input, diag, path) != 0 ? -1 : finish_open(input, diag);
}

int trace_input_open_memory(struct trace_input *input, struct diag *diag, const char *path, const void *bytes,
                            size_t size)
{
    *input = (struct trace_input){.path = xstrdup(path)};
    int fd = spool_create(diag, path);
    if (fd < 0)
        return -1;
    add_source(input, path, fd);
    if (spool_write(fd, diag, path, 0, bytes, size) != 0 || add_contents(input, diag, path, fd, true) != 0)
        return -1;
    return finish_open(input, diag);
}
