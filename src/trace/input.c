// Finding and reading the files of a recording.
//
// blktrace saves one file a CPU, NAME.blktrace.CPU; some may be missing or empty, any may be compressed. A path names
// such a recording by NAME, by one of its files (all are then read) or by the folder that holds it; or it is a single
// file. Compression, tar and zip are found by content (libarchive). Files are read, not mapped: a file that somebody
// truncates meanwhile must not end the process.
#include "trace/input.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/format.h"
#include "trace/plain_text.h"
#include "util/alloc.h"

enum {
    READ_CHUNK = 1 << 20,
    PEEK_BYTES = 1 << 20,
    EXPANSION_LIMIT = 1100, // bytes from a compressed one: more than deflate can, far more than recordings give
};

// ---- bytes -------------------------------------------------------------------------------------------------------

struct buffer {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
};

static uint8_t *reserve(struct buffer *buffer, size_t more)
{
    if (buffer->capacity - buffer->size < more) {
        buffer->capacity = MAX(buffer->size + more, buffer->capacity + buffer->capacity / 2);
        buffer->bytes = xrealloc(buffer->bytes, buffer->capacity);
    }
    return buffer->bytes + buffer->size;
}

static int read_descriptor(struct buffer *buffer, int fd, size_t limit)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return -1;
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) { // a device may have no end
        errno = S_ISDIR(status.st_mode) ? EISDIR : ENODEV;
        return -1;
    }
    if (S_ISREG(status.st_mode))
        reserve(buffer, MIN((size_t)status.st_size, limit) + 1);
    while (buffer->size < limit) {
        size_t room = MAX(buffer->capacity - buffer->size, (size_t)1);
        if (room == 1)
            reserve(buffer, room = READ_CHUNK);
        ssize_t got = read(fd, buffer->bytes + buffer->size, MIN(room, limit - buffer->size));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        buffer->size += (size_t)got;
    }
    return 0;
}

static int read_file(struct buffer *buffer, struct diag *diag, const char *path, size_t limit)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 ? -1 : read_descriptor(buffer, fd, limit);
    if (result != 0)
        diag_error(diag, (struct place){.file = path}, "cannot read: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return result;
}

// ---- names -------------------------------------------------------------------------------------------------------

static bool is_compression_suffix(const char *text)
{
    static const char *const suffixes[] = {"", ".gz", ".xz", ".zst", ".bz2"};
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
    *file = (struct trace_file){.path = xstrdup(path)};
    size_t length;
    file->per_cpu = parse_name(base_name(path), &length, &file->cpu);
    if (!file->per_cpu)
        file->cpu = 0;
    return file;
}

static void set_bytes(struct trace_file *file, uint8_t *bytes, size_t size)
{
    file->bytes = bytes;
    file->size = plain_text(bytes, size);
}

static void drop_file(struct trace_input *input, size_t index)
{
    free(input->files[index].path);
    free(input->files[index].bytes);
    memmove(&input->files[index], &input->files[index + 1], (--input->count - index) * sizeof *input->files);
}

void trace_input_destroy(struct trace_input *input)
{
    while (input->count > 0)
        drop_file(input, input->count - 1);
    free(input->files);
    free(input->path);
    *input = (struct trace_input){0};
}

// ---- compression -------------------------------------------------------------------------------------------------

static bool begins_with(const struct buffer *buffer, size_t offset, const char *bytes, size_t size)
{
    return buffer->size >= offset + size && memcmp(buffer->bytes + offset, bytes, size) == 0;
}

static bool is_packed(const struct buffer *b)
{
    return begins_with(b, 0, "\x1f\x8b", 2) || begins_with(b, 0, "\xfd" "7zXZ", 6) ||
           begins_with(b, 0, "\x28\xb5\x2f\xfd", 4) || begins_with(b, 0, "BZh", 3) || begins_with(b, 257, "ustar", 5) ||
           begins_with(b, 0, "PK\3\4", 4);
}

static struct archive *open_packed(const struct buffer *packed, bool member)
{
    struct archive *archive = archive_read_new();
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_filter_bzip2(archive);
    archive_read_support_format_raw(archive);
    archive_read_support_format_empty(archive);
    if (!member) { // an archive within one is none of a recording's files
        archive_read_support_format_tar(archive);
        archive_read_support_format_zip(archive);
    }
    if (archive_read_open_memory(archive, packed->bytes, packed->size) == ARCHIVE_OK)
        return archive;
    archive_read_free(archive);
    return NULL;
}

static const char too_large[] = "it expands to absurdly many bytes";

// What a sparse member has between its parts reads as zeroes.
static void append(struct buffer *to, uint64_t offset, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    size_t gap = (size_t)offset - to->size;
    uint8_t *at = reserve(to, gap + size);
    memset(at, 0, gap);
    memcpy(at + gap, bytes, size);
    to->size += gap + size;
}

// One entry's bytes. ARCHIVE_OK at its end, else libarchive's error; what came before that is kept. Block by block:
// archive_read_data would lose what it has already copied of a piece in which an error lies.
static int unpack_entry(struct archive *archive, struct buffer *to, uint64_t limit, const char **problem)
{
    const void *bytes;
    size_t size;
    la_int64_t offset;
    int status;
    while ((status = archive_read_data_block(archive, &bytes, &size, &offset)) == ARCHIVE_OK) {
        if ((uint64_t)offset + size > limit) {
            *problem = too_large;
            return ARCHIVE_FATAL;
        }
        append(to, (uint64_t)offset, bytes, size);
    }
    *problem = status == ARCHIVE_EOF ? NULL : archive_error_string(archive);
    return status == ARCHIVE_EOF ? ARCHIVE_OK : status;
}

// As in a folder; macOS puts a file ._NAME beside each NAME.
static bool is_hidden(const char *name)
{
    return name != NULL && base_name(name)[0] == '.';
}

// What could be read before an error stands, with a word on it. libarchive gives whole blocks of 64 KiB and more, so
// that of what was cut off as much may be missing.
static void tell_cut_short(struct diag *diag, const char *path, uint64_t bytes, const char *problem)
{
    diag_warning(diag, (struct place){.file = path}, "ends early or is damaged (%s): what could be decompressed is "
                 "read, %llu bytes", problem == NULL ? "damaged at its start" : problem, (unsigned long long)bytes);
}

// The bytes of what is compressed and no archive. Where something is wrong, those before that, with a word.
static struct buffer unpack_single(struct diag *diag, const char *path, const struct buffer *packed, uint64_t limit)
{
    struct archive_entry *entry;
    struct buffer plain = {0};
    const char *problem = NULL;
    struct archive *archive = open_packed(packed, true);
    int status = archive == NULL ? ARCHIVE_FATAL : archive_read_next_header(archive, &entry);
    if (status == ARCHIVE_OK)
        status = unpack_entry(archive, &plain, limit, &problem);
    if (status != 0 && status != ARCHIVE_EOF)
        tell_cut_short(diag, path, plain.size, problem);
    if (archive != NULL)
        archive_read_free(archive);
    return plain;
}

// A member that is compressed once more becomes what it was before.
static void unpack_member(struct diag *diag, const char *path, struct buffer *bytes, uint64_t limit)
{
    if (!is_packed(bytes))
        return;
    struct buffer plain = unpack_single(diag, path, bytes, limit);
    free(bytes->bytes);
    *bytes = plain;
}

// Takes over the bytes.
static void add_unpacked(struct trace_input *input, const char *path, struct buffer *bytes, bool archived)
{
    struct trace_file *file = add_file(input, path);
    set_bytes(file, xrealloc(bytes->bytes, MAX(bytes->size, (size_t)1)), bytes->size);
    file->archived = archived;
}

struct unpacking {
    struct trace_input *input;
    struct diag *diag;
    struct archive *archive;
    const char *path;
    uint64_t limit; // bytes that may still come out
    const char *problem;
};

// A damaged member behind which others can be read is told by its own name. ARCHIVE_OK when the next may follow.
static int add_member(struct unpacking *u, const char *full)
{
    struct buffer bytes = {0};
    int result = unpack_entry(u->archive, &bytes, u->limit, &u->problem);
    if (result != ARCHIVE_OK && result != ARCHIVE_FATAL) {
        tell_cut_short(u->diag, full, bytes.size, u->problem);
        result = ARCHIVE_OK;
    }
    if (u->problem != too_large)
        unpack_member(u->diag, full, &bytes, u->limit);
    u->limit -= MIN(u->limit, bytes.size);
    add_unpacked(u->input, full, &bytes, true);
    return result;
}

// What is compressed, and no archive.
static int add_raw(struct unpacking *u)
{
    struct buffer bytes = {0};
    int result = unpack_entry(u->archive, &bytes, u->limit, &u->problem);
    add_unpacked(u->input, u->path, &bytes, false);
    return result;
}

static int add_entry(struct unpacking *u, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    if (archive_format(u->archive) == ARCHIVE_FORMAT_RAW)
        return add_raw(u);
    if (archive_entry_filetype(entry) != AE_IFREG || is_hidden(name))
        return ARCHIVE_OK;
    char *full = name == NULL ? xstrdup(u->path) : joined(u->path, strlen(u->path), ":", name);
    int result = add_member(u, full);
    free(full);
    return result;
}

static int unpack_entries(struct unpacking *u)
{
    struct archive_entry *entry;
    int status;
    while ((status = archive_read_next_header(u->archive, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN)
        if (add_entry(u, entry) != ARCHIVE_OK)
            return -1;
    u->problem = status == ARCHIVE_EOF ? NULL : archive_error_string(u->archive);
    return status == ARCHIVE_EOF ? 0 : -1;
}

static uint64_t bytes_since(const struct trace_input *input, size_t first)
{
    uint64_t bytes = 0;
    for (size_t i = first; i < input->count; i++)
        bytes += input->files[i].size;
    return bytes;
}

static int unpack(struct trace_input *input, struct diag *diag, const char *path, const struct buffer *packed)
{
    size_t before = input->count;
    struct unpacking u = {.input = input, .diag = diag, .archive = open_packed(packed, false), .path = path,
                          .limit = (uint64_t)packed->size * EXPANSION_LIMIT};
    int result = u.archive == NULL ? -1 : unpack_entries(&u);
    uint64_t bytes = bytes_since(input, before);
    if (result != 0 && bytes != 0 && u.problem != too_large) {
        tell_cut_short(diag, path, bytes, u.problem);
        result = 0;
    }
    if (result != 0)
        diag_error(diag, (struct place){.file = path}, "cannot decompress: %s",
                   u.problem == NULL ? "damaged" : u.problem);
    if (u.archive != NULL)
        archive_read_free(u.archive);
    if (result == 0 && input->count == before)
        add_file(input, path);
    return result;
}

// Takes over the buffer.
static int add_bytes(struct trace_input *input, struct diag *diag, const char *path, struct buffer *buffer)
{
    if (is_packed(buffer)) {
        int result = unpack(input, diag, path, buffer);
        free(buffer->bytes);
        return result;
    }
    set_bytes(add_file(input, path), buffer->bytes, buffer->size);
    return 0;
}

static int load(struct trace_input *input, struct diag *diag, struct sha256 *hash, const char *path)
{
    struct buffer buffer = {0};
    if (read_file(&buffer, diag, path, SIZE_MAX) != 0) {
        free(buffer.bytes);
        return -1;
    }
    sha256_add(hash, buffer.bytes, buffer.size);
    return add_bytes(input, diag, path, &buffer);
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
static int load_per_cpu(struct trace_input *input, struct diag *diag, struct sha256 *hash, const char *folder,
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
    struct trace_input listed = *input;
    input->files = NULL;
    input->count = 0;
    int result = 0;
    for (size_t i = 0; i < listed.count && result == 0; i++)
        result = load(input, diag, hash, listed.files[i].path);
    listed.path = NULL;
    trace_input_destroy(&listed);
    return result != 0 ? -1 : found;
}

static int load_base(struct trace_input *input, struct diag *diag, struct sha256 *hash, const char *path)
{
    const char *base = base_name(path);
    size_t length, folder_length = (size_t)(base - path);
    uint64_t cpu;
    if (!parse_name(base, &length, &cpu))
        length = strlen(base);
    char *folder = folder_length == 0 ? xstrdup(".") : joined(path, folder_length, "", ".");
    int found = load_per_cpu(input, diag, hash, folder, base, length);
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
    struct buffer buffer = {0};
    if (read_file(&buffer, ignored, path, PEEK_BYTES) == 0)
        add_bytes(&input, ignored, path, &buffer);
    else
        free(buffer.bytes);
    bool known = trace_format_detect(&input) != NULL;
    trace_input_destroy(&input);
    diag_destroy(ignored);
    return known;
}

// The one file of a folder without per-CPU files that is a recording.
static int load_only_file(struct trace_input *input, struct diag *diag, struct sha256 *hash, const char *folder,
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
        result = load(input, diag, hash, chosen);
    free(chosen);
    return result;
}

static int load_folder(struct trace_input *input, struct diag *diag, struct sha256 *hash, const char *folder)
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
        result = load_only_file(input, diag, hash, folder, &names);
    else if (result == 0) {
        parse_name(one, &length, &cpu);
        result = load_per_cpu(input, diag, hash, folder, one, length) < 0 ? -1 : 0;
    }
    free_names(&names);
    return result;
}

// ---- opening -----------------------------------------------------------------------------------------------------

static int load_path(struct trace_input *input, struct diag *diag, struct sha256 *hash, const char *path)
{
    struct stat status;
    size_t length;
    uint64_t cpu;
    bool exists = stat(path, &status) == 0;
    int why = errno;
    if (exists && S_ISDIR(status.st_mode))
        return load_folder(input, diag, hash, path);
    if (exists && !parse_name(base_name(path), &length, &cpu))
        return load(input, diag, hash, path);
    int found = load_base(input, diag, hash, path);
    if (found == 0)
        return diag_error(diag, (struct place){.file = path}, "cannot read: %s; nor is there a '%s.blktrace.0' or "
                          "such of another CPU", strerror(why), base_name(path));
    return found < 0 ? -1 : 0;
}

static int finish_open(struct trace_input *input, struct diag *diag, struct sha256 *hash)
{
    sha256_finish(hash, input->sha256);
    if (input->count > 1 && input->files[0].archived && choose_in_archive(input, diag) != 0)
        return -1;
    if (order_files(input, diag) != 0)
        return -1;
    warn_of_missing_cpus(input, diag);
    for (size_t i = 0; i < input->count; i++)
        if (input->files[i].size > 0)
            return 0;
    return diag_error(diag, (struct place){.file = input->path}, "no requests in it: it is empty");
}

int trace_input_open(struct trace_input *input, struct diag *diag, const char *path)
{
    struct sha256 hash;
    sha256_init(&hash);
    *input = (struct trace_input){.path = xstrdup(path)};
    return load_path(input, diag, &hash, path) != 0 ? -1 : finish_open(input, diag, &hash);
}

int trace_input_open_memory(struct trace_input *input, struct diag *diag, const char *path, const void *bytes,
                            size_t size)
{
    struct sha256 hash;
    struct buffer buffer = {.size = size, .capacity = size, .bytes = xmalloc(size)};
    if (size > 0)
        memcpy(buffer.bytes, bytes, size);
    sha256_init(&hash);
    sha256_add(&hash, bytes, size);
    *input = (struct trace_input){.path = xstrdup(path)};
    return add_bytes(input, diag, path, &buffer) != 0 ? -1 : finish_open(input, diag, &hash);
}
