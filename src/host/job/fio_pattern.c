// What one of fio's jobs asks for, after its io_u.c, filesetup.c and backend.c (3.33): so that, with one of fio's
// generators, requests are fio's own, one by one.
//
// Direction: of a mix one is drawn, and kept until as many requests have been issued as its share makes good of those of
// the other. Offset: sequential after the last one of its direction; or a block, drawn uniformly, of which one that has
// come already stands for the next that has not (random map); or each block once (lfsr); or by a distribution. Size:
// drawn anew until it fits the region, and cut where the next block has come. trimwrite trims and writes by turns.
//
// A pass ends when size bytes have been issued or there is no next offset. Another one begins as long as loops, io_size
// or time_based want it, with an empty map and, unless a seed is given, with the same numbers again.
//
// Left out: several files, verification, zoned drives.
#include "host/job/fio_pattern.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/bitmap.h"
#include "util/macros.h"

#define NOWHERE UINT64_MAX

// --- beginnings ----------------------------------------------------------------------------------------------------

static void seed_streams(struct fio_pattern *p)
{
    const struct job_options *o = p->options;
    bool trims_first = o->rw == JOB_TRIMWRITE || o->rw == JOB_RANDTRIMWRITE;
    bool is_lfsr = o->random_generator == FIO_GENERATOR_LFSR, own = o->random_generator == FIO_GENERATOR_XOSHIRO;
    enum fio_generator wide = is_lfsr ? FIO_GENERATOR_TAUSWORTHE : o->random_generator;
    enum fio_generator narrow = own ? FIO_GENERATOR_XOSHIRO : FIO_GENERATOR_TAUSWORTHE;
    for (int i = 0; i < JOB_DIRECTIONS; i++) {
        int as = trims_first && i == JOB_TRIMS ? JOB_WRITES : i;
        fio_stream_seed(&p->sizes[i], wide, p->seeds.of[FIO_DRAW_READ_SIZE + as]);
        fio_stream_seed(&p->is_random[i], narrow, p->seeds.of[FIO_DRAW_IS_RANDOM]);
    }
    fio_stream_seed(&p->mix, narrow, p->seeds.of[FIO_DRAW_MIX]);
    fio_stream_seed(&p->offsets, wide, p->seeds.of[FIO_DRAW_OFFSET]);
    fio_stream_seed(&p->zones, narrow, p->seeds.of[FIO_DRAW_ZONE]);
}

// As fio does where a file or a zone begins anew.
static void forget_places(struct fio_pattern *p)
{
    for (int i = 0; i < JOB_DIRECTIONS; i++) {
        p->position[i] = p->zone_first;
        p->last[i] = NOWHERE;
    }
    if (p->map != NULL)
        memset(p->map, 0, bitmap_words(p->map_blocks) * sizeof *p->map);
    else if (p->options->random_generator == FIO_GENERATOR_LFSR)
        fio_lfsr_reset(&p->lfsr, p->seeds.of[FIO_DRAW_OFFSET]);
}

static void begin_pass(struct fio_pattern *p)
{
    p->zone_first = p->first;
    p->zone_bytes = p->pass_bytes = 0;
    p->mix_until = 0;
    forget_places(p);
}

static bool has_blocks_once(const struct job_options *o)
{
    bool aligned = true;
    for (const struct job_each *each = o->each; each < o->each + JOB_DIRECTIONS; each++)
        aligned &= each->blockalign == each->bsrange.min;
    return !o->norandommap && aligned && o->random_distribution.kind == DISTRIBUTION_RANDOM;
}

static void init_random(struct fio_pattern *p)
{
    const struct job_options *o = p->options;
    uint64_t span = o->zonemode == JOB_ZONES_STRIDED ? o->zonerange : p->region;
    uint64_t least = MIN(o->each[JOB_READS].bsrange.min, o->each[JOB_WRITES].bsrange.min);
    enum distribution_kind kind = o->random_distribution.kind;
    if (kind == DISTRIBUTION_ZIPF || kind == DISTRIBUTION_PARETO || kind == DISTRIBUTION_NORMAL) {
        fio_skew_init(&p->skew, &o->random_distribution, o->random_generator, (p->region + least - 1) / least,
                      p->seeds.of[FIO_DRAW_OFFSET]);
    } else if (o->random_generator == FIO_GENERATOR_LFSR) {
        fio_lfsr_init(&p->lfsr, span / o->bs, p->seeds.of[FIO_DRAW_OFFSET]);
    } else if (has_blocks_once(o)) {
        p->map_blocks = span / o->bs;
        p->map = lazy_alloc(bitmap_words(p->map_blocks) * sizeof *p->map);
    }
}

static uint64_t times(uint64_t bytes, uint64_t loops)
{
    uint64_t product;
    return __builtin_mul_overflow(bytes, loops, &product) ? UINT64_MAX : product;
}

// In trimwrite each byte is trimmed, then written, and counts once.
static void init_limits(struct fio_pattern *p)
{
    const struct job_options *o = p->options;
    bool writes = job_moves(o, JOB_WRITES), trims_first = writes && job_moves(o, JOB_TRIMS);
    bool searches = o->latency_target > 0 && !o->latency_run; // for a depth, however long it takes
    p->endless = o->time_based || searches || (o->number_ios > 0 && !o->fio);
    p->limit = p->pass_limit = UINT64_MAX;
    p->loops_left = o->loops - 1;
    if (p->endless)
        return;
    p->limit = times(p->io_size > 0 ? p->io_size : p->region, o->loops);
    p->pass_limit = p->region;
    if (writes && job_is_random(o) && o->norandommap)
        p->pass_limit = MAX(p->region, p->io_size);
    if (trims_first)
        p->pass_limit += MIN(p->limit, UINT64_MAX - p->pass_limit);
}

void fio_pattern_init(struct fio_pattern *p, const struct job_options *options, const struct fio_seeds *seeds,
                      const struct job_region *region)
{
    *p = (struct fio_pattern){
        .options = options,
        .seeds = *seeds,
        .first = region->first,
        .region = region->bytes,
        .end = region->first + region->bytes,
        .io_size = region->io_size,
        .run_left = 1,
    };
    init_limits(p);
    seed_streams(p);
    begin_pass(p);
    if (job_is_random(options))
        init_random(p);
}

void fio_pattern_destroy(struct fio_pattern *p)
{
    if (p->map != NULL)
        lazy_free(p->map, bitmap_words(p->map_blocks) * sizeof *p->map);
}

// --- directions ----------------------------------------------------------------------------------------------------

static enum job_direction draw_mix(struct fio_pattern *p)
{
    const struct job_options *o = p->options;
    const uint64_t share[] = {o->rwmixread, 100 - o->rwmixread};
    if (p->issued[p->mix_direction] < p->mix_until)
        return p->mix_direction;
    enum job_direction drawn = fio_stream_percent(&p->mix) < o->rwmixread ? JOB_READS : JOB_WRITES;
    if (drawn != p->mix_direction)
        p->mix_until = p->issued[p->mix_direction] * share[1 - p->mix_direction] / 100;
    return drawn;
}

static enum job_direction choose_direction(struct fio_pattern *p, const struct fio_turn *turn)
{
    const struct job_options *o = p->options;
    bool writes = job_moves(o, JOB_WRITES);
    if (job_moves(o, JOB_TRIMS))
        return writes && p->last[JOB_WRITES] != p->last[JOB_TRIMS] ? JOB_WRITES : JOB_TRIMS;
    if (!writes || !job_moves(o, JOB_READS))
        return writes ? JOB_WRITES : JOB_READS;
    enum job_direction drawn = draw_mix(p);
    p->mix_direction = turn->of == NULL ? drawn : turn->of(turn->context, drawn);
    return p->mix_direction;
}

// --- offsets, from the zone's beginning ------------------------------------------------------------------------------

static bool has_come(const struct fio_pattern *p, uint64_t block)
{
    return p->map != NULL && block < p->map_blocks && bitmap_test(p->map, block);
}

// The next block that has not come, from the one after `block` on, around the end. A word at a time.
static bool next_free(const struct fio_pattern *p, uint64_t *block)
{
    uint64_t words = bitmap_words(p->map_blocks), at = (*block + 1) % p->map_blocks;
    uint64_t free = ~p->map[at / 64] >> at % 64 << at % 64;
    for (uint64_t i = 0, word = at / 64; i <= words; i++) {
        uint64_t found = word * 64 + (free == 0 ? 64 : (uint64_t)__builtin_ctzll(free));
        if (free != 0 && found < p->map_blocks) {
            *block = found;
            return true;
        }
        word = (word + 1) % words;
        free = ~p->map[word];
    }
    return false;
}

static bool draw_uniform(struct fio_pattern *p, uint64_t blocks, uint64_t *block)
{
    if (p->options->random_generator == FIO_GENERATOR_LFSR)
        return fio_lfsr_next(&p->lfsr, block);
    *block = (uint64_t)((double)blocks * fio_stream_fraction(&p->offsets));
    return !has_come(p, *block) || next_free(p, block);
}

// Of zones that are shares of `blocks`, or sizes.
static bool draw_zoned(struct fio_pattern *p, uint64_t blocks, uint64_t align, uint64_t *block)
{
    const struct distribution_spec *spec = &p->options->random_distribution;
    const struct distribution_zone *zone = spec->zones;
    bool absolute = spec->kind == DISTRIBUTION_ZONED_ABS;
    uint32_t choice = fio_stream_percent(&p->zones);
    uint64_t before = 0;
    for (; choice >= zone->accesses; zone++) {
        choice -= zone->accesses;
        before += zone->size;
    }
    uint64_t first = absolute ? before / align : before * blocks / 100;
    uint64_t count = absolute ? (before + zone->size) / align - first : zone->size * blocks / 100;
    if (first + count > blocks || !draw_uniform(p, count, block))
        return false;
    *block += first;
    return true;
}

static bool draw_block(struct fio_pattern *p, enum job_direction direction, uint64_t *block)
{
    const struct job_options *o = p->options;
    const struct job_each *each = &o->each[direction];
    enum distribution_kind kind = o->random_distribution.kind;
    uint64_t span = o->zonemode == JOB_ZONES_STRIDED ? o->zonerange : p->region;
    if (each->bsrange.min > each->blockalign)
        span -= each->bsrange.min - each->blockalign;
    uint64_t blocks = span / each->blockalign;
    if (kind == DISTRIBUTION_ZONED || kind == DISTRIBUTION_ZONED_ABS)
        return blocks > 0 && draw_zoned(p, blocks, each->blockalign, block);
    if (kind == DISTRIBUTION_RANDOM)
        return blocks > 0 && draw_uniform(p, blocks, block);
    *block = fio_skew_next(&p->skew);
    return true;
}

static bool random_offset(struct fio_pattern *p, enum job_direction direction, uint64_t *offset)
{
    uint64_t block;
    bool found = draw_block(p, direction, &block);
    if (!found && p->endless) {
        forget_places(p);
        found = draw_block(p, direction, &block);
    }
    *offset = found ? block * p->options->each[direction].blockalign : NOWHERE;
    return found;
}

// Of rw=read:4k the last one's end and so many bytes more, of rw=read:-8k less, from the end on.
static uint64_t pass_over(const struct fio_pattern *p, uint64_t place)
{
    const struct job_options *o = p->options;
    uint64_t end = MIN(p->region, p->end), run = o->rw_run;
    if (o->rw_run == 0 || job_is_random(o) || place == 0)
        return place;
    if (!o->rw_backwards)
        return place + run < p->end ? place + run : p->zone_first;
    return place >= run ? place - run : end - run;
}

static bool sequential_offset(struct fio_pattern *p, enum job_direction direction, uint64_t *offset)
{
    const struct job_options *o = p->options;
    uint64_t *position = &p->position[direction];
    if (*position >= p->first + p->region && p->endless)
        *position = p->zone_first;
    if (*position >= p->end)
        return false;
    if (o->rw_backwards && *position == p->zone_first && p->zone_first > 0)
        *position = p->end;
    *offset = pass_over(p, *position - p->zone_first);
    return true;
}

static bool draws_random(struct fio_pattern *p, enum job_direction direction)
{
    uint64_t percent = p->options->each[direction].percentage_random;
    return percent == 100 || fio_stream_percent(&p->is_random[direction]) < percent;
}

// Where the request before it is followed: with rw=randread:8 or percentage_random. Or repeated.
static bool follow(struct fio_pattern *p, enum job_direction direction, bool is_between, uint64_t *offset)
{
    if (is_between && p->options->rw_sequencer == JOB_IDENTICAL) {
        *offset = p->last[direction] == NOWHERE ? 0 : p->last[direction] - p->zone_first;
        return true;
    }
    return sequential_offset(p, direction, offset) || random_offset(p, direction, offset);
}

struct choice {
    uint64_t offset; // from the zone's beginning
    bool random;
    bool marked;     // in the map
};

static bool choose_offset(struct fio_pattern *p, enum job_direction direction, struct choice *choice)
{
    const struct job_options *o = p->options;
    bool is_between = --p->run_left > 0;
    if (!is_between)
        p->run_left = job_is_random(o) ? MAX(o->rw_run, 1) : 1;
    *choice = (struct choice){0};
    if (o->rw == JOB_RANDTRIMWRITE && direction == JOB_WRITES) {
        *choice = (struct choice){.offset = p->last[JOB_TRIMS] - p->zone_first, .random = true};
        return true;
    }
    if (!job_is_random(o) && !is_between)
        return sequential_offset(p, direction, &choice->offset);
    choice->random = choice->marked = !is_between && draws_random(p, direction);
    if (choice->random)
        return random_offset(p, direction, &choice->offset);
    return follow(p, direction, is_between, &choice->offset);
}

// --- sizes ---------------------------------------------------------------------------------------------------------

static bool fits(const struct fio_pattern *p, uint64_t offset, uint64_t bytes)
{
    return offset + bytes <= p->first + p->region;
}

// Shares in ascending order; the last one stands for what none of them takes.
static uint64_t draw_split(const struct fio_pattern *p, const struct job_split *split, uint64_t offset,
                           struct fio_stream *stream)
{
    uint64_t most, number = fio_stream_next(stream, &most), percent = 0, bytes = 0;
    for (const struct job_size_share *share = split->of; share < split->of + split->count; share++) {
        if (share->percent == 0)
            continue;
        bytes = share->bytes;
        percent += share->percent;
        if (number / percent <= most / 100 && fits(p, offset, bytes))
            break;
    }
    return bytes;
}

static uint64_t draw_size(const struct fio_pattern *p, const struct job_each *each, uint64_t offset,
                          struct fio_stream *stream)
{
    const struct job_range *range = &each->bsrange;
    if (each->bssplit.count > 0)
        return draw_split(p, &each->bssplit, offset, stream);
    uint64_t bytes = range->min + (uint64_t)((double)range->max * fio_stream_fraction(stream));
    return MIN(bytes - bytes % range->min, range->max);
}

// 0: none fits.
static uint64_t choose_size(struct fio_pattern *p, enum job_direction direction, const struct choice *choice)
{
    const struct job_options *o = p->options;
    uint64_t offset = p->zone_first + choice->offset, bytes;
    if (o->rw == JOB_RANDTRIMWRITE && direction == JOB_WRITES)
        return p->position[JOB_TRIMS] - p->last[JOB_TRIMS];
    if (o->bs_is_seq_rand)
        direction = choice->random ? JOB_WRITES : JOB_READS;
    const struct job_each *each = &o->each[direction];
    if (each->bsrange.min == each->bsrange.max)
        return each->bsrange.min;
    if (!fits(p, offset, each->bsrange.min))
        return 0;
    do
        bytes = draw_size(p, each, offset, &p->sizes[direction]);
    while (!fits(p, offset, bytes));
    return bytes;
}

// Marks blocks until one that has come; returns what of the request is left.
static uint64_t mark(struct fio_pattern *p, enum job_direction direction, const struct choice *choice, uint64_t bytes)
{
    uint64_t unit = p->options->each[direction].bsrange.min, wanted = (bytes + unit - 1) / unit, marked = 0;
    uint64_t block = choice->offset / unit;
    if (p->map == NULL || !choice->marked)
        return bytes;
    for (; marked < wanted && block + marked < p->map_blocks && !has_come(p, block + marked); marked++)
        bitmap_set(p->map, block + marked);
    return MIN(bytes, MAX(marked, 1) * unit);
}

// --- requests ------------------------------------------------------------------------------------------------------

static void enter_zone(struct fio_pattern *p, enum job_direction direction)
{
    const struct job_options *o = p->options;
    if (p->zone_bytes >= o->zonesize) {
        p->zone_bytes = 0;
        p->zone_first += o->zonerange + o->zoneskip;
        if (p->zone_first >= p->end)
            p->zone_first = p->first;
        p->position[direction] = p->zone_first;
    }
    if (p->position[direction] >= p->zone_first + o->zonerange)
        p->position[direction] = p->zone_first;
    if (p->zone_bytes % o->zonerange == 0)
        forget_places(p);
}

// The same place is trimmed twice in a row: the write in between must still come.
static void keep_turns(struct fio_pattern *p, enum job_direction direction, uint64_t offset)
{
    if (p->options->rw == JOB_RANDTRIMWRITE && direction == JOB_TRIMS && p->last[JOB_TRIMS] == offset)
        p->last[JOB_WRITES]--;
}

static void count(struct fio_pattern *p, const struct fio_request *request)
{
    bool only_writes = job_moves(p->options, JOB_TRIMS) && job_moves(p->options, JOB_WRITES);
    p->last[request->direction] = request->offset;
    p->position[request->direction] = request->offset + request->bytes;
    p->issued[request->direction]++;
    p->zone_bytes += request->bytes;
    p->pass_bytes += request->bytes;
    p->bytes += request->bytes;
    p->counted += only_writes && request->direction == JOB_TRIMS ? 0 : request->bytes;
}

static bool try_next(struct fio_pattern *p, const struct fio_turn *turn, struct fio_request *request)
{
    struct choice choice;
    enum job_direction direction = choose_direction(p, turn);
    if (p->options->zonemode == JOB_ZONES_STRIDED)
        enter_zone(p, direction);
    if (!choose_offset(p, direction, &choice) || choice.offset >= p->region)
        return false;
    uint64_t offset = p->zone_first + choice.offset;
    if (offset >= p->end)
        return false;
    keep_turns(p, direction, offset);
    uint64_t bytes = choose_size(p, direction, &choice);
    if (bytes == 0 || bytes > p->end - offset)
        return false;
    *request = (struct fio_request){direction, offset, mark(p, direction, &choice, bytes)};
    count(p, request);
    return true;
}

static bool wants_another_pass(struct fio_pattern *p)
{
    if (p->pass_bytes == 0 || p->endless)
        return p->pass_bytes > 0;
    if (p->loops_left > 0) {
        p->loops_left--;
        return true;
    }
    return p->bytes < p->io_size && p->io_size - p->bytes >= p->options->largest;
}

bool fio_pattern_next(struct fio_pattern *p, const struct fio_turn *turn, struct fio_request *request)
{
    const struct job_options *o = p->options;
    while (p->counted < p->limit) {
        if (p->pass_bytes < p->pass_limit && try_next(p, turn, request))
            return true;
        if (!wants_another_pass(p))
            return false;
        begin_pass(p);
        if (o->randrepeat && !o->randseed_given)
            seed_streams(p);
    }
    return false;
}
