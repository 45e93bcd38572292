// Runs a fuzz target without libFuzzer: every file of its corpus as it is, then mutated, the same way each time.
//
// Usage: PROGRAM [-n MUTATIONS] [FILE...]; without files the target's own corpus, the folder CORPUS below $srcdir.
#define _GNU_SOURCE // asprintf
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"
#include "util/rng.h"

enum { SIZE_MAX_READ = 1 << 20, DEFAULT_MUTATIONS = 300 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const uint64_t odd_numbers[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, UINT64_MAX,
                                       UINT64_MAX / 2, 0x65617407, 0x65617408};

static void put_odd_number(struct rng *rng, uint8_t *bytes, size_t size)
{
    uint64_t x = odd_numbers[rng_below(rng, ARRAY_SIZE(odd_numbers))];
    size_t width = (size_t)1 << rng_below(rng, 4);
    if (size < width)
        return;
    size_t at = rng_below(rng, size - width + 1);
    memcpy(bytes + at, &x, width);
}

static void copy_piece(struct rng *rng, uint8_t *bytes, size_t size)
{
    size_t length = 1 + rng_below(rng, MIN(size, (size_t)64));
    memmove(bytes + rng_below(rng, size - length + 1), bytes + rng_below(rng, size - length + 1), length);
}

// Returns the new size, at most the old one.
static size_t mutate(struct rng *rng, uint8_t *bytes, size_t size)
{
    for (uint64_t left = 1 + rng_below(rng, 4); left > 0 && size > 0; left--)
        switch (rng_below(rng, 5)) {
        case 0:
            bytes[rng_below(rng, size)] ^= (uint8_t)(1u << rng_below(rng, 8));
            break;
        case 1:
            bytes[rng_below(rng, size)] = (uint8_t)rng_below(rng, 256);
            break;
        case 2:
            put_odd_number(rng, bytes, size);
            break;
        case 3:
            copy_piece(rng, bytes, size);
            break;
        case 4:
            size = rng_below(rng, 4) == 0 ? rng_below(rng, size) : size;
            break;
        }
    return size;
}

static void replay(const char *path, uint64_t mutations)
{
    FILE *from = fopen(path, "rb");
    if (from == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    uint8_t *original = xmalloc(SIZE_MAX_READ);
    size_t size = fread(original, 1, SIZE_MAX_READ, from);
    fclose(from);
    LLVMFuzzerTestOneInput(original, size);
    struct rng rng;
    rng_seed(&rng, 1, strrchr(path, '/') == NULL ? path : strrchr(path, '/'));
    for (uint64_t i = 0; i < mutations; i++) {
        uint8_t *bytes = xmalloc(size + 1); // exactly as large as needed, for the sanitizers
        memcpy(bytes, original, size);
        LLVMFuzzerTestOneInput(bytes, mutate(&rng, bytes, size));
        free(bytes);
    }
    free(original);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay_corpus(uint64_t mutations)
{
    struct dirent **entries;
    const char *source = getenv("srcdir");
    char *folder = NULL;
    if (asprintf(&folder, "%s/%s", source == NULL ? "." : source, CORPUS) < 0)
        return -1;
    int count = scandir(folder, &entries, visible, alphasort);
    for (int i = 0; i < count; i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) >= 0)
            replay(path, mutations);
        free(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    printf("%s: %d files, each with %llu mutations\n", folder, count, (unsigned long long)mutations);
    free(folder);
    return count;
}

int main(int count, char **arguments)
{
    uint64_t mutations = DEFAULT_MUTATIONS;
    int first = 1;
    if (count > 2 && strcmp(arguments[1], "-n") == 0) {
        mutations = strtoull(arguments[2], NULL, 10);
        first = 3;
    }
    if (first == count)
        return replay_corpus(mutations) > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    for (int i = first; i < count; i++)
        replay(arguments[i], mutations);
    return EXIT_SUCCESS;
}
