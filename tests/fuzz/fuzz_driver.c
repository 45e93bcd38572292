// A fuzz target without libFuzzer: replays a corpus, and the same mutations of it on every run.
//
// Usage: replay_x [FOLDER [MUTATIONS]]; FOLDER is FUZZ_CORPUS below the source directory unless given.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/check.h"
#include "util/rng.h"

#ifndef FUZZ_MUTATIONS
#define FUZZ_MUTATIONS 3000
#endif

enum { INPUT_BYTES_MAX = 1 << 16, EDITS_MAX = 6, PIECE_BYTES_MAX = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    uint8_t *bytes;
    size_t size;
};

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static struct input read_input(const char *folder, const char *name)
{
    char *path = xmalloc(strlen(folder) + strlen(name) + 2);
    sprintf(path, "%s/%s", folder, name);
    FILE *from = fopen(path, "rb");
    CHECK(from != NULL, "cannot read %s", path);
    free(path);
    struct input input = {.bytes = xmalloc(INPUT_BYTES_MAX)};
    input.size = fread(input.bytes, 1, INPUT_BYTES_MAX, from);
    fclose(from);
    return input;
}

static size_t read_corpus(const char *folder, struct input **inputs)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_visible, compare_names);
    CHECK(count > 0, "no corpus in %s", folder);
    *inputs = xcalloc((size_t)count, sizeof **inputs);
    for (int i = 0; i < count; i++) {
        (*inputs)[i] = read_input(folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return (size_t)count;
}

// Replaces `cut` bytes at `at` by a piece.
static void splice(struct input *input, size_t at, size_t cut, const uint8_t *piece, size_t piece_size)
{
    size_t tail = input->size - at - cut;
    if (at + piece_size + tail > INPUT_BYTES_MAX)
        return;
    memmove(input->bytes + at + piece_size, input->bytes + at + cut, tail);
    memcpy(input->bytes + at, piece, piece_size);
    input->size = at + piece_size + tail;
}

// A number at the edge of some range, as binary formats hold it.
static size_t odd_number(struct rng *rng, uint8_t piece[static 8])
{
    static const uint64_t numbers[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, UINT64_MAX / 2,
                                       UINT64_MAX};
    memcpy(piece, &numbers[rng_below(rng, ARRAY_SIZE(numbers))], 8);
    return (size_t)1 << rng_below(rng, 4);
}

// One edit: a changed byte, a cut, an odd number, or a piece of another input put in.
static void edit(struct rng *rng, struct input *input, const struct input *other)
{
    size_t at = rng_below(rng, input->size + 1);
    size_t cut = rng_below(rng, MIN(input->size - at, PIECE_BYTES_MAX) + 1);
    uint8_t byte = (uint8_t)rng_u64(rng);
    uint8_t piece[PIECE_BYTES_MAX];
    size_t from = rng_below(rng, other->size + 1);
    size_t length = rng_below(rng, MIN(other->size - from, PIECE_BYTES_MAX) + 1);
    memcpy(piece, other->bytes + from, length);
    switch (rng_below(rng, 5)) {
    case 0:
        splice(input, at, MIN(cut, 1), &byte, 1);
        break;
    case 1:
        splice(input, at, cut, piece, 0);
        break;
    case 2:
        splice(input, at, 0, piece, length);
        break;
    case 3:
        length = odd_number(rng, piece);
        splice(input, at, MIN(length, input->size - at), piece, length);
        break;
    default:
        splice(input, at, cut, piece, length);
        break;
    }
}

// An exact copy, so that the address sanitizer sees a read past the end.
static void run(const struct input *input)
{
    uint8_t *exact = xmalloc(input->size + (input->size == 0));
    memcpy(exact, input->bytes, input->size);
    LLVMFuzzerTestOneInput(exact, input->size);
    free(exact);
}

static void run_mutation(struct rng *rng, const struct input *inputs, size_t count)
{
    const struct input *base = &inputs[rng_below(rng, count)];
    struct input mutant = {.bytes = xmalloc(INPUT_BYTES_MAX), .size = base->size};
    memcpy(mutant.bytes, base->bytes, base->size);
    for (uint64_t edits = 1 + rng_below(rng, EDITS_MAX); edits > 0; edits--)
        edit(rng, &mutant, &inputs[rng_below(rng, count)]);
    run(&mutant);
    free(mutant.bytes);
}

int main(int argc, char **argv)
{
    char folder[4096];
    const char *source = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
    snprintf(folder, sizeof folder, "%s/%s", source, FUZZ_CORPUS);
    unsigned long mutations = argc > 2 ? strtoul(argv[2], NULL, 10) : FUZZ_MUTATIONS;
    struct input *inputs;
    size_t count = read_corpus(argc > 1 ? argv[1] : folder, &inputs);
    struct rng rng;
    rng_seed(&rng, 1, "fuzz");
    for (size_t i = 0; i < count; i++)
        run(&inputs[i]);
    for (unsigned long i = 0; i < mutations; i++)
        run_mutation(&rng, inputs, count);
    printf("%zu inputs and %lu mutations of them\n", count, mutations);
    for (size_t i = 0; i < count; i++)
        free(inputs[i].bytes);
    free(inputs);
    return 0;
}
