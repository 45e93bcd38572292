// The shape of a log-structured merge tree.
//
// O'Neil et al., "The log-structured merge-tree", Acta Informatica 33, 1996, as LevelDB and RocksDB have it: level 0
// has files of all keys, each further level is one sorted run, cut into files, and when a level is larger than its
// target, one file moves on, in turn by key, and is merged with the files there that it overlaps.
//
// No keys are kept. They are spread over the space of keys evenly, whatever their popularity, as YCSB hashes them; so
// of a file it is enough to know, by class of popularity (ranks 1, 2 to 3, 4 to 7, ...), which share of the keys within
// its range it has. Merging a and b of the same keys gives a + b - a b. The last level has all keys that were there at
// the beginning, so its size does not change. Of keys that were inserted since a file has those from one number to
// another.
//
// What it gives are the expected sizes of files, of keys that are equally popular within a class, and of files that are
// independent of each other; a file has one share from end to end. That the file whose turn it is has waited longest,
// and so has more keys in its range than its level on average, is in it: a level then costs half its ratio, not all of
// it (Lim, Andersen and Kaminsky, "Towards accurate and fast evaluation of multi-stage log-structured designs", FAST
// 2016).
#include "host/generate/lsm_tree.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"
#include "util/rng.h"

typedef unsigned __int128 wide;

// --- files ---------------------------------------------------------------------------------------------------------

uint64_t lsm_place_of(uint64_t key)
{
    return rng_mix(key + UINT64_C(0x9e3779b97f4a7c15)) >> 32;
}

bool lsm_file_has(const struct lsm_tree *tree, const struct lsm_file *file, uint64_t key)
{
    if (key >= tree->keys)
        return key >= file->added_from && key < file->added_to;
    return rng_mix(key ^ rng_mix(file->id)) >> 33 < file->share[lsm_class_of(key)];
}

void lsm_measure(const struct lsm_tree *tree, struct lsm_file *file)
{
    wide keys = (wide)(file->added_to - file->added_from) << 31;
    for (int c = 0; c < LSM_CLASSES; c++)
        keys += (wide)tree->class_keys[c] * file->share[c];
    keys = keys * (file->high - file->low) >> 32;
    file->bytes = MAX((uint64_t)(keys * tree->entry >> 31), 1);
}

// The first file that ends beyond a place, or count.
static uint32_t first_beyond(const struct lsm_level *level, uint64_t place)
{
    uint32_t low = 0, high = level->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (level->files[middle].high <= place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct lsm_file *lsm_find(const struct lsm_level *level, uint64_t place)
{
    uint32_t at = first_beyond(level, place);
    return at < level->count && level->files[at].low <= place ? &level->files[at] : NULL;
}

// --- the tree ------------------------------------------------------------------------------------------------------

static void set_targets(struct lsm_tree *tree, uint64_t base, uint64_t ratio)
{
    uint64_t target = tree->keys * tree->entry;
    uint32_t below = 0;
    for (uint64_t size = target; size > base && below < LSM_LEVELS_MAX - 2; size /= ratio)
        below++;
    tree->level_count = below + 2;
    for (uint32_t i = tree->level_count; i-- > 1; target /= ratio)
        tree->levels[i].target = target;
    tree->levels[tree->level_count - 1].target = UINT64_MAX;
}

void lsm_tree_init(struct lsm_tree *tree, uint64_t keys, uint64_t entry, uint64_t file_bytes, uint64_t base,
                   uint64_t ratio)
{
    *tree = (struct lsm_tree){.keys = keys, .entry = entry, .file_bytes = file_bytes};
    for (int c = 0; c < LSM_CLASSES; c++) {
        uint64_t first = (UINT64_C(1) << c) - 1, end = (UINT64_C(2) << c) - 1;
        tree->class_keys[c] = MIN(end, keys) - MIN(first, keys);
    }
    set_targets(tree, base, ratio);
}

void lsm_tree_destroy(struct lsm_tree *tree)
{
    for (int i = 0; i < LSM_LEVELS_MAX; i++)
        free(tree->levels[i].files);
}

// Puts files in the place of `old` others.
static void replace(struct lsm_level *level, uint32_t at, uint32_t old, const struct lsm_file *files, uint32_t count)
{
    for (uint32_t i = at; i < at + old; i++)
        level->bytes -= level->files[i].bytes;
    if (level->room < level->count + count) {
        level->room = 2 * (level->count + count);
        level->files = xrealloc(level->files, level->room * sizeof *files);
    }
    if (old != count)
        memmove(level->files + at + count, level->files + at + old, (level->count - at - old) * sizeof *files);
    level->count += count - old;
    for (uint32_t i = 0; i < count; i++) {
        level->files[at + i] = files[i];
        level->bytes += files[i].bytes;
    }
}

static void join_added(struct lsm_file *to, const struct lsm_file *file)
{
    if (file->added_from == file->added_to)
        return;
    bool first = to->added_from == to->added_to;
    to->added_from = first ? file->added_from : MIN(to->added_from, file->added_from);
    to->added_to = MAX(to->added_to, file->added_to);
}

// What the segments have from low on and before high, as one file.
static struct lsm_file average(struct lsm_tree *tree, const struct lsm_file *segments, uint32_t count, uint64_t low,
                               uint64_t high)
{
    struct lsm_file file = {.id = ++tree->next_id, .low = low, .high = high};
    wide shares[LSM_CLASSES] = {0};
    for (const struct lsm_file *s = segments; s < segments + count; s++) {
        uint64_t from = MAX(low, s->low), to = MIN(high, s->high);
        if (from >= to)
            continue;
        join_added(&file, s);
        for (int c = 0; c < LSM_CLASSES; c++)
            shares[c] += (wide)s->share[c] * (to - from);
    }
    for (int c = 0; c < LSM_CLASSES; c++)
        file.share[c] = (uint32_t)((shares[c] + (high - low) / 2) / (high - low));
    lsm_measure(tree, &file);
    return file;
}

// Files of equal size, none larger than it may be, of segments one behind the other.
static struct lsm_file *cut(struct lsm_tree *tree, const struct lsm_file *segments, uint32_t segment_count,
                            uint32_t *count)
{
    uint64_t bytes = 0, done = 0;
    for (uint32_t i = 0; i < segment_count; i++)
        bytes += segments[i].bytes;
    *count = (uint32_t)((bytes + tree->file_bytes - 1) / tree->file_bytes);
    struct lsm_file *files = xcalloc(*count, sizeof *files);
    uint64_t low = segments[0].low;
    for (uint32_t i = 0, at = 0; i < *count; i++) {
        uint64_t until = (uint64_t)((wide)bytes * (i + 1) / *count);
        while (at + 1 < segment_count && done + segments[at].bytes <= until)
            done += segments[at++].bytes;
        uint64_t width = segments[at].high - segments[at].low;
        uint64_t high = segments[at].low + (uint64_t)((wide)width * (until - done) / segments[at].bytes);
        high = i + 1 == *count ? segments[segment_count - 1].high : MAX(high, low + 1);
        files[i] = average(tree, segments, segment_count, low, high);
        low = high;
    }
    return files;
}

void lsm_fill(struct lsm_tree *tree, uint32_t level, const uint32_t share[LSM_CLASSES])
{
    struct lsm_file whole = {.high = LSM_WHOLE, .added_from = tree->keys, .added_to = tree->keys};
    uint32_t count;
    memcpy(whole.share, share, sizeof whole.share);
    lsm_measure(tree, &whole);
    struct lsm_file *files = cut(tree, &whole, 1, &count);
    replace(&tree->levels[level], 0, 0, files, count);
    free(files);
}

void lsm_add(struct lsm_tree *tree, struct lsm_file file)
{
    file.id = ++tree->next_id;
    replace(&tree->levels[0], tree->levels[0].count, 0, &file, 1);
}

// Of how much it is too large, in 1 / 2^20.
static uint64_t score_of(const struct lsm_tree *tree, uint32_t level, uint32_t trigger)
{
    const struct lsm_level *l = &tree->levels[level];
    return level == 0 ? ((uint64_t)l->count << 20) / trigger : (uint64_t)(((wide)l->bytes << 20) / l->target);
}

uint32_t lsm_choose(const struct lsm_tree *tree, uint32_t trigger)
{
    uint32_t best = tree->level_count;
    uint64_t highest = (UINT64_C(1) << 20) - 1;
    for (uint32_t i = 0; i + 1 < tree->level_count; i++) {
        uint64_t score = score_of(tree, i, trigger);
        if (score <= highest)
            continue;
        highest = score;
        best = i;
    }
    return best;
}

// --- merging -------------------------------------------------------------------------------------------------------

// a + b - a b.
static uint32_t join_shares(uint64_t a, uint64_t b)
{
    return (uint32_t)(a + b - (a * b + LSM_ALL / 2) / LSM_ALL);
}

// What lies above `segment`, which is within its range or apart from it, comes over it.
static void lay_over(struct lsm_file *segment, const struct lsm_file *file)
{
    if (file->low > segment->low || file->high < segment->high)
        return;
    for (int c = 0; c < LSM_CLASSES; c++)
        segment->share[c] = join_shares(file->share[c], segment->share[c]);
    join_added(segment, file);
}

static void choose_inputs(struct lsm_tree *tree, struct lsm_merge *merge)
{
    struct lsm_level *upper = &tree->levels[merge->from], *lower = upper + 1;
    uint32_t at = merge->from == 0 ? 0 : first_beyond(upper, upper->cursor);
    at = at == upper->count ? 0 : at;
    merge->upper = merge->from == 0 ? upper->count : 1;
    uint32_t first = first_beyond(lower, upper->files[at].low), end = first;
    while (end < lower->count && lower->files[end].low < upper->files[at].high)
        end++;
    merge->count = merge->upper + end - first;
    merge->inputs = xcalloc(merge->count, sizeof *merge->inputs);
    memcpy(merge->inputs, upper->files + at, merge->upper * sizeof *merge->inputs);
    memcpy(merge->inputs + merge->upper, lower->files + first, (end - first) * sizeof *merge->inputs);
}

// Ends a segment at `high`, with what `file` has there, where there is one.
static uint64_t end_segment(struct lsm_file *segments, uint32_t *count, uint64_t low, uint64_t high,
                            const struct lsm_file *file)
{
    if (low >= high)
        return low;
    segments[*count] = file == NULL ? (struct lsm_file){0} : *file;
    segments[*count].low = low;
    segments[(*count)++].high = high;
    return high;
}

// The ranges between two ends of any input: of the older ones, which are disjoint, of gaps between them, and of those
// that move on, which all have one range.
static struct lsm_file *split(const struct lsm_merge *merge, uint64_t low, uint64_t high, uint32_t *count)
{
    struct lsm_file *segments = xcalloc(3 * (size_t)merge->count + 3, sizeof *segments);
    uint64_t at = merge->count > merge->upper ? MIN(low, merge->inputs[merge->upper].low) : low;
    for (uint32_t i = merge->upper; i < merge->count; i++) {
        const struct lsm_file *file = &merge->inputs[i];
        at = end_segment(segments, count, at, MIN(low, file->low), NULL);
        at = end_segment(segments, count, at, MIN(high, file->low), NULL);
        at = end_segment(segments, count, at, MIN(low, file->high), file);
        at = end_segment(segments, count, at, MIN(high, file->high), file);
        at = end_segment(segments, count, at, file->high, file);
    }
    end_segment(segments, count, at, high, NULL);
    return segments;
}

static void make_outputs(struct lsm_tree *tree, struct lsm_merge *merge)
{
    uint32_t count = 0;
    struct lsm_file *segments = split(merge, merge->inputs[0].low, merge->inputs[0].high, &count);
    for (uint32_t s = 0; s < count; s++) {
        for (uint32_t i = 0; i < merge->upper; i++)
            lay_over(&segments[s], &merge->inputs[i]);
        lsm_measure(tree, &segments[s]);
    }
    merge->outputs = cut(tree, segments, count, &merge->output_count);
    free(segments);
}

struct lsm_merge lsm_plan(struct lsm_tree *tree, uint32_t from)
{
    struct lsm_merge merge = {.from = from};
    choose_inputs(tree, &merge);
    tree->levels[from].cursor = merge.inputs[0].high % LSM_WHOLE;
    make_outputs(tree, &merge);
    for (uint32_t i = 0; i < merge.count; i++)
        merge.bytes_in += merge.inputs[i].bytes;
    for (uint32_t i = 0; i < merge.output_count; i++)
        merge.bytes_out += merge.outputs[i].bytes;
    return merge;
}

void lsm_apply(struct lsm_tree *tree, struct lsm_merge *merge)
{
    struct lsm_level *upper = &tree->levels[merge->from], *lower = upper + 1;
    uint32_t at = merge->from == 0 ? 0 : first_beyond(upper, merge->inputs[0].low);
    replace(upper, at, merge->upper, NULL, 0);
    at = first_beyond(lower, merge->outputs[0].low);
    replace(lower, at, merge->count - merge->upper, merge->outputs, merge->output_count);
    free(merge->inputs);
    free(merge->outputs);
}
