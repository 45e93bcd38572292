// Reuse distances: how many different chunks were touched between two accesses to the same one (Mattson et al.,
// "Evaluation techniques for storage hierarchies", IBM Systems Journal 9, 1970), from which the hits of an LRU cache
// of any size follow.
//
// A chunk's last access has a place in a sequence; places that are some chunk's last are marked in a Fenwick tree, and
// the distance is the number of marks behind. When places run out they are numbered anew, in the same order.
//
// Memory is bounded by sampling in space (SHARDS: Waldspurger et al., "Efficient MRC construction with SHARDS", FAST
// '15): a chunk is followed when the low bits of its hash are 0. At first all are; whenever there are more than may be
// kept one more bit must be 0, half of the chunks are forgotten, and what was counted counts half. A distance in the
// sample stands for one 2^bits times as long. The hash is fixed (splitmix64), so that the same stream gives the same
// sample.
//
// Left out: SHARDS' correction of the first bucket for a sample that came out too large or too small.
#include "profile/reuse.h"

#include <stdlib.h>
#include <string.h>

#include "trace/pair_map.h"
#include "util/alloc.h"
#include "util/macros.h"
#include "util/rng.h"

const double reuse_hottest_shares[5] = {0.01, 0.05, 0.1, 0.2, 0.5};

struct chunk {
    uint64_t number;
    uint32_t place; // of its last access, from 1
    uint32_t reads, writes;
};

struct reuse {
    struct pair_map index; // of chunk numbers
    struct chunk *chunks;
    uint32_t count, kept;
    unsigned bits;         // of the hash that must be 0
    uint32_t *tree;        // Fenwick, from 1
    uint32_t places, last_place;
    uint64_t skipped;
    double accesses, again, writes, rewrites; // in the sample
    double distance[REUSE_OCTAVES + 1];
};

struct reuse *reuse_create(uint32_t chunks_kept)
{
    struct reuse *reuse = xcalloc(1, sizeof *reuse);
    reuse->kept = chunks_kept;
    reuse->places = 4 * chunks_kept;
    reuse->chunks = xcalloc(chunks_kept + 1, sizeof *reuse->chunks);
    reuse->tree = xcalloc(reuse->places + 1, sizeof *reuse->tree);
    pair_map_init(&reuse->index);
    return reuse;
}

void reuse_destroy(struct reuse *reuse)
{
    if (reuse == NULL)
        return;
    pair_map_destroy(&reuse->index);
    free(reuse->chunks);
    free(reuse->tree);
    free(reuse);
}

// ---- marks -------------------------------------------------------------------------------------------------------

static void mark(struct reuse *reuse, uint32_t place, uint32_t by)
{
    for (; place <= reuse->places; place += place & -place)
        reuse->tree[place] += by;
}

static uint32_t marks_up_to(const struct reuse *reuse, uint32_t place)
{
    uint32_t sum = 0;
    for (; place > 0; place -= place & -place)
        sum += reuse->tree[place];
    return sum;
}

static int compare_places(const void *a, const void *b)
{
    const struct chunk *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

// All chunks get places anew, in order of their last access.
static void renumber(struct reuse *reuse)
{
    qsort(reuse->chunks, reuse->count, sizeof *reuse->chunks, compare_places);
    memset(reuse->tree, 0, (reuse->places + 1) * sizeof *reuse->tree);
    pair_map_destroy(&reuse->index);
    for (uint32_t i = 0; i < reuse->count; i++) {
        reuse->chunks[i].place = i + 1;
        mark(reuse, i + 1, 1);
        pair_map_get(&reuse->index, reuse->chunks[i].number, 0, i);
    }
    reuse->last_place = reuse->count;
}

// ---- the sample --------------------------------------------------------------------------------------------------

static bool is_followed(const struct reuse *reuse, uint64_t number)
{
    return (rng_mix(number) & ((UINT64_C(1) << reuse->bits) - 1)) == 0;
}

static void halve_counts(struct reuse *reuse)
{
    reuse->accesses /= 2;
    reuse->again /= 2;
    reuse->writes /= 2;
    reuse->rewrites /= 2;
    for (int i = 0; i <= REUSE_OCTAVES; i++)
        reuse->distance[i] /= 2;
}

static void halve_sample(struct reuse *reuse)
{
    uint32_t kept = 0;
    reuse->bits++;
    for (uint32_t i = 0; i < reuse->count; i++)
        if (is_followed(reuse, reuse->chunks[i].number))
            reuse->chunks[kept++] = reuse->chunks[i];
    reuse->count = kept;
    halve_counts(reuse);
    renumber(reuse);
}

// ---- accesses ----------------------------------------------------------------------------------------------------

static void count_again(struct reuse *reuse, const struct chunk *chunk)
{
    uint64_t others = reuse->count - marks_up_to(reuse, chunk->place);
    uint64_t distance = others << reuse->bits;
    unsigned octave = distance == 0 ? 0 : 64 - (unsigned)__builtin_clzll(distance);
    reuse->again++;
    reuse->distance[MIN(octave, REUSE_OCTAVES)]++;
    mark(reuse, chunk->place, UINT32_MAX); // takes one away
}

static void touch(struct reuse *reuse, struct chunk *chunk, bool writes)
{
    reuse->accesses++;
    reuse->writes += writes;
    reuse->rewrites += writes && chunk->writes > 0;
    chunk->place = ++reuse->last_place;
    mark(reuse, chunk->place, 1);
    uint32_t *count = writes ? &chunk->writes : &chunk->reads;
    *count += *count < UINT32_MAX;
}

static void access_chunk(struct reuse *reuse, uint64_t number, bool writes)
{
    if (reuse->last_place == reuse->places)
        renumber(reuse);
    uint64_t index = *pair_map_get(&reuse->index, number, 0, reuse->count);
    struct chunk *chunk = &reuse->chunks[index];
    if (index == reuse->count)
        reuse->chunks[reuse->count++] = (struct chunk){.number = number};
    else
        count_again(reuse, chunk);
    touch(reuse, chunk, writes);
    while (reuse->count > reuse->kept)
        halve_sample(reuse);
}

void reuse_add(struct reuse *reuse, struct io_range range, bool writes)
{
    uint64_t first = range.offset / REUSE_CHUNK, last = (range.offset + range.bytes - 1) / REUSE_CHUNK;
    if (range.bytes == 0)
        return;
    if (last - first >= REUSE_RUN_MAX) {
        reuse->skipped++;
        return;
    }
    for (uint64_t number = first; number <= last; number++)
        if (is_followed(reuse, number))
            access_chunk(reuse, number, writes);
}

// ---- what is known at the end ------------------------------------------------------------------------------------

static int compare_counts(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

// How often the chunks were touched, the hottest first.
static uint64_t *sorted_counts(const struct reuse *reuse)
{
    uint64_t *counts = xcalloc(reuse->count + 1, sizeof *counts);
    for (uint32_t i = 0; i < reuse->count; i++)
        counts[i] = (uint64_t)reuse->chunks[i].reads + reuse->chunks[i].writes;
    qsort(counts, reuse->count, sizeof *counts, compare_counts);
    return counts;
}

// The last of the hottest counts in part, where the share is no whole number of chunks.
static double hottest_of(const uint64_t *counts, uint32_t count, double share)
{
    double wanted = share * count, sum = 0, all = 0;
    for (uint32_t i = 0; i < count; i++) {
        all += (double)counts[i];
        sum += (double)counts[i] * MAX(0.0, MIN(1.0, wanted - i));
    }
    return all > 0 ? sum / all : 0;
}

static void count_chunks(const struct reuse *reuse, struct reuse_summary *s)
{
    for (uint32_t i = 0; i < reuse->count; i++) {
        s->chunks_read += reuse->chunks[i].reads > 0;
        s->chunks_written += reuse->chunks[i].writes > 0;
    }
    s->chunks = reuse->count;
}

struct reuse_summary reuse_summarize(const struct reuse *reuse)
{
    struct reuse_summary s = {.sampled_one_of = UINT64_C(1) << reuse->bits, .skipped = reuse->skipped};
    double scale = (double)s.sampled_one_of;
    uint64_t *counts = sorted_counts(reuse);
    count_chunks(reuse, &s);
    s.chunks *= scale;
    s.chunks_read *= scale;
    s.chunks_written *= scale;
    s.accesses = reuse->accesses * scale;
    s.again = reuse->again * scale;
    s.writes = reuse->writes * scale;
    s.rewrites = reuse->rewrites * scale;
    for (int i = 0; i <= REUSE_OCTAVES; i++)
        s.distance[i] = reuse->distance[i] * scale;
    for (size_t i = 0; i < ARRAY_SIZE(reuse_hottest_shares); i++)
        s.hottest[i] = hottest_of(counts, reuse->count, reuse_hottest_shares[i]);
    free(counts);
    return s;
}

double reuse_lru_hits(const struct reuse_summary *summary, uint64_t bytes)
{
    double hits = 0;
    for (int i = 0; i <= REUSE_OCTAVES && (UINT64_C(1) << i) <= bytes / REUSE_CHUNK; i++)
        hits += summary->distance[i];
    return summary->accesses > 0 ? hits / summary->accesses : 0;
}

uint64_t reuse_distance_quantile(const struct reuse_summary *summary, double share)
{
    double sum = 0;
    for (int i = 0; i <= REUSE_OCTAVES; i++) {
        sum += summary->distance[i];
        if (summary->again > 0 && sum >= share * summary->again)
            return (uint64_t)REUSE_CHUNK << i;
    }
    return 0;
}
