// A job's words (fio's HOWTO) that follow from what a stream of requests is like: shares become whole percentages, the
// rarest sizes their nearest neighbours.
#include "characterize/words.h"

#include <inttypes.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

enum {
    PERCENT = 100,
    SIZES_MAX = 16,  // of a direction
    RARE = 200,      // kinds and sizes of less than one of so many are left out
    ZONES = 20,
    ALIGN_MAX = 1 << 20,
};

// ---- which requests ----------------------------------------------------------------------------------------------

static uint64_t writes_of(const struct profile *p)
{
    return p->kinds[IO_WRITE].count + p->kinds[IO_WRITE_FUA].count;
}

struct words_scope words_scope_of(const struct profile *p)
{
    uint64_t reads = p->kinds[IO_READ].count, writes = writes_of(p), trims = p->kinds[IO_TRIM].count;
    struct words_scope s = {.offset = p->scope.lo / PROFILE_SECTOR * PROFILE_SECTOR};
    s.trims = trims > reads + writes;
    s.reads = !s.trims && reads * RARE >= reads + writes;
    s.writes = !s.trims && writes * RARE >= reads + writes && writes > 0;
    s.requests = s.trims ? trims : (s.reads ? reads : 0) + (s.writes ? writes : 0);
    s.size = p->scope.hi - s.offset;
    return s;
}

// ---- whole percentages -------------------------------------------------------------------------------------------

struct part {
    uint64_t key;   // size, or size of a zone
    uint64_t count;
    unsigned percent;
};

static unsigned round_percent(uint64_t count, uint64_t all)
{
    return all == 0 ? 0 : (unsigned)((count * PERCENT + all / 2) / all);
}

// How much more it has than is given to it, in hundredths of `all`.
static int64_t lost(const struct part *part, uint64_t all)
{
    return (int64_t)(part->count * PERCENT) - (int64_t)(part->percent * all);
}

// Rounded down, and then one more for those that lost most, until there are 100.
static void set_percents(struct part *parts, unsigned count)
{
    uint64_t all = 0, given = 0;
    for (unsigned i = 0; i < count; i++)
        all += parts[i].count;
    for (unsigned i = 0; i < count; i++)
        given += parts[i].percent = (unsigned)(parts[i].count * PERCENT / all);
    for (; given < PERCENT; given++) {
        unsigned most = 0;
        for (unsigned i = 1; i < count; i++)
            if (lost(&parts[i], all) > lost(&parts[most], all))
                most = i;
        parts[most].percent++;
    }
}

// ---- sizes -------------------------------------------------------------------------------------------------------

static int compare_keys(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

// The part whose size is nearest, by factor.
static struct part *nearest_part(struct part *parts, unsigned count, uint64_t size)
{
    unsigned i = 0;
    while (i + 1 < count && (unsigned __int128)size * size > (unsigned __int128)parts[i].key * parts[i + 1].key)
        i++;
    return &parts[i];
}

// The sizes that a job has: those that are frequent, the others as the nearest of them.
static unsigned choose_sizes(const struct histogram *sizes, struct part parts[SIZES_MAX])
{
    struct profile_size frequent[SIZES_MAX + 1];
    unsigned found = profile_frequent_sizes(sizes, frequent, SIZES_MAX), count = 0;
    for (unsigned i = 0; i < found; i++)
        if (i == 0 || frequent[i].count * RARE >= sizes->count)
            parts[count++] = (struct part){.key = frequent[i].bytes};
    qsort(parts, count, sizeof *parts, compare_keys);
    uint64_t left = sizes->count;
    for (uint32_t i = 0; left > 0; i++) {
        if (sizes->buckets[i] == 0)
            continue;
        nearest_part(parts, count, histogram_bucket_bottom(i) * PROFILE_SECTOR)->count += sizes->buckets[i];
        left -= sizes->buckets[i];
    }
    set_percents(parts, count);
    return count;
}

static void put_size(uint64_t bytes, FILE *to)
{
    if (bytes % 1024 == 0)
        fprintf(to, "%" PRIu64 "k", bytes / 1024);
    else
        fprintf(to, "%" PRIu64, bytes);
}

static void put_split(const struct part *parts, unsigned count, bool only, FILE *to)
{
    const char *before = "";
    for (unsigned i = 0; i < count; i++) {
        if (parts[i].percent == 0 && !only)
            continue;
        fputs(before, to);
        put_size(parts[i].key, to);
        if (!only)
            fprintf(to, "/%u", parts[i].percent);
        before = ":";
    }
}

// The sizes of reads, writes and trims; one that the job has not is as that before it.
struct sizes {
    struct part parts[PROFILE_TRIMS + 1][SIZES_MAX];
    unsigned count[PROFILE_TRIMS + 1];
};

static void merge_writes(const struct profile *p, struct histogram *to)
{
    histogram_init(to);
    histogram_add(to, &p->kinds[IO_WRITE].sizes);
    histogram_add(to, &p->kinds[IO_WRITE_FUA].sizes);
}

static void find_sizes(const struct profile *p, const struct words_scope *scope, struct sizes *sizes)
{
    struct histogram writes;
    *sizes = (struct sizes){.count = {0}};
    merge_writes(p, &writes);
    if (scope->reads)
        sizes->count[PROFILE_READS] = choose_sizes(&p->kinds[IO_READ].sizes, sizes->parts[PROFILE_READS]);
    if (scope->writes)
        sizes->count[PROFILE_WRITES] = choose_sizes(&writes, sizes->parts[PROFILE_WRITES]);
    if (scope->trims)
        sizes->count[PROFILE_TRIMS] = choose_sizes(&p->kinds[IO_TRIM].sizes, sizes->parts[PROFILE_TRIMS]);
    histogram_destroy(&writes);
}

static bool same_sizes(const struct sizes *s)
{
    const struct part *reads = s->parts[PROFILE_READS], *writes = s->parts[PROFILE_WRITES];
    bool same = s->count[PROFILE_READS] == s->count[PROFILE_WRITES];
    for (unsigned i = 0; same && i < s->count[PROFILE_READS]; i++)
        same = reads[i].key == writes[i].key && reads[i].percent == writes[i].percent;
    return same;
}

// bs=16k, bs=4k,16k, bssplit=4k/70:64k/30,16k/100.
static void put_sizes(const struct sizes *s, FILE *to)
{
    bool single = s->count[0] <= 1 && s->count[1] <= 1 && s->count[2] <= 1, both = s->count[0] > 0 && s->count[1] > 0;
    int first = s->count[0] > 0 ? PROFILE_READS : s->count[1] > 0 ? PROFILE_WRITES : PROFILE_TRIMS;
    fputs(single ? " bs=" : " bssplit=", to);
    put_split(s->parts[first], s->count[first], single, to);
    if (both && !same_sizes(s)) {
        fputc(',', to);
        put_split(s->parts[PROFILE_WRITES], s->count[PROFILE_WRITES], single, to);
    }
}

static uint64_t smallest_size(const struct sizes *s)
{
    uint64_t smallest = UINT64_MAX;
    for (int i = 0; i <= PROFILE_TRIMS; i++)
        for (unsigned k = 0; k < s->count[i]; k++)
            if (s->parts[i][k].percent > 0)
                smallest = MIN(smallest, s->parts[i][k].key);
    return smallest;
}

// ---- places ------------------------------------------------------------------------------------------------------

// What divides all offsets, seen from the region's beginning.
static uint64_t alignment_of(const struct profile *p, const struct words_scope *scope)
{
    uint64_t bits = ALIGN_MAX;
    if (scope->reads)
        bits |= p->places[PROFILE_READS].offset_bits;
    if (scope->writes)
        bits |= p->places[PROFILE_WRITES].offset_bits;
    if (scope->trims)
        bits |= p->places[PROFILE_TRIMS].offset_bits;
    bits |= scope->offset;
    return bits & -bits;
}

static unsigned random_percent(const struct profile_places *places)
{
    return PERCENT - round_percent(places->sequential, places->count);
}

static void put_random(const struct profile *p, const struct words_scope *s, FILE *to)
{
    unsigned reads = random_percent(&p->places[PROFILE_READS]), writes = random_percent(&p->places[PROFILE_WRITES]);
    if (s->trims)
        reads = writes = random_percent(&p->places[PROFILE_TRIMS]);
    reads = s->reads || s->trims ? reads : writes;
    writes = s->writes || s->trims ? writes : reads;
    if (reads == PERCENT && writes == PERCENT)
        return;
    fprintf(to, " percentage_random=%u", reads);
    if (reads != writes)
        fprintf(to, ",%u", writes);
}

static void put_places(const struct profile *p, const struct words_scope *s, const struct words_choice *choice,
                       const struct sizes *sizes, FILE *to)
{
    uint64_t align = alignment_of(p, s);
    if (s->offset > 0)
        fprintf(to, " offset=%" PRIu64, s->offset);
    fprintf(to, " size=%" PRIu64, s->size);
    if (choice->sequential)
        return;
    put_random(p, s, to);
    if (align != smallest_size(sizes)) {
        fputs(" blockalign=", to);
        put_size(MAX(align, (uint64_t)PROFILE_SECTOR), to);
    }
    if (*choice->distribution != '\0')
        fprintf(to, " random_distribution=%s", choice->distribution);
    fputs(" norandommap=1", to);
}

static uint64_t data_in_part(const struct profile *p, unsigned part)
{
    return p->places[PROFILE_READS].parts[part] + p->places[PROFILE_WRITES].parts[part];
}

// The hundredths of the region, those put together that have nearly as many requests, each zone with one in a hundred
// at least; their key is their size. Returns how many zones.
static unsigned find_zones(const struct profile *p, struct part zones[ZONES + 1])
{
    uint64_t all = 0, left;
    unsigned count = 0, part = 0;
    for (unsigned i = 0; i < PROFILE_PLACES; i++)
        all += data_in_part(p, i);
    left = all;
    for (unsigned percent = 0; all > 0 && percent < PERCENT; percent++) {
        struct part *zone = &zones[count];
        for (; part < (percent + 1) * PROFILE_PLACES / PERCENT; part++)
            zone->count += data_in_part(p, part);
        zone->key++;
        bool enough = zone->key >= PERCENT / ZONES && zone->count * PERCENT >= all;
        if (enough && (left - zone->count) * PERCENT >= all) {
            left -= zone->count;
            count++;
        }
    }
    return all == 0 ? 0 : count + (zones[count].key > 0);
}

void words_zones(const struct profile *p, char text[WORDS_DISTRIBUTION])
{
    struct part zones[ZONES + 1] = {{0}};
    unsigned count = find_zones(p, zones);
    *text = '\0';
    if (count < 2)
        return;
    set_percents(zones, count);
    size_t used = (size_t)snprintf(text, WORDS_DISTRIBUTION, "zoned");
    for (unsigned i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, WORDS_DISTRIBUTION - used, ":%u/%" PRIu64, zones[i].percent,
                                 zones[i].key);
}

// ---- times -------------------------------------------------------------------------------------------------------

static double mean_size(const struct sizes *sizes, enum profile_direction direction)
{
    double bytes = 0;
    for (unsigned i = 0; i < sizes->count[direction]; i++)
        bytes += (double)sizes->parts[direction][i].key * sizes->parts[direction][i].percent / PERCENT;
    return bytes;
}

static void put_number(double value, FILE *to)
{
    fprintf(to, "%" PRIu64, MAX((uint64_t)(value + 0.5), UINT64_C(1)));
}

// Requests a second; but of several sizes, evenly, fio's rate_iops is one of the smallest, so bytes a second are told.
static void put_rate(const struct profile *p, const struct words_scope *s, const struct sizes *sizes, bool poisson,
                     double rate, FILE *to)
{
    enum profile_direction first = s->trims ? PROFILE_TRIMS : s->reads ? PROFILE_READS : PROFILE_WRITES;
    bool both = s->reads && s->writes, several = sizes->count[first] > 1 || sizes->count[PROFILE_WRITES] > 1;
    bool bytes = several && !poisson;
    double reads = both ? (double)p->kinds[IO_READ].count / (double)s->requests : 1;
    fputs(bytes ? " rate=" : " rate_iops=", to);
    put_number(rate * reads * (bytes ? mean_size(sizes, first) : 1), to);
    if (both) { // each has its own
        fputc(',', to);
        put_number(rate * (1 - reads) * (bytes ? mean_size(sizes, PROFILE_WRITES) : 1), to);
    }
    if (poisson)
        fputs(" rate_process=poisson", to);
}

static void put_times(const struct profile *p, const struct words_scope *s, const struct words_choice *choice,
                      const struct sizes *sizes, FILE *to)
{
    double interval = profile_mean_interval(p) * (double)p->requests / (double)MAX(s->requests, UINT64_C(1));
    fprintf(to, " iodepth=%" PRIu64, choice->iodepth != 0 ? choice->iodepth : MIN(p->deepest + 1, UINT64_C(65536)));
    if (choice->think_us > 0)
        fprintf(to, " thinktime=%" PRIu64, choice->think_us);
    if (choice->iodepth == 0 && interval > 0)
        put_rate(p, s, sizes, choice->poisson, 1e9 / interval, to);
}

// ---- all of it ---------------------------------------------------------------------------------------------------

static void put_mix(const struct profile *p, const struct words_scope *s, const struct words_choice *choice, FILE *to)
{
    const char *what = s->trims ? "trim" : s->reads && s->writes ? "rw" : s->reads ? "read" : "write";
    fprintf(to, "rw=%s%s", choice->sequential ? "" : "rand", what);
    if (s->reads && s->writes)
        fprintf(to, " rwmixread=%u", round_percent(p->kinds[IO_READ].count, s->requests));
}

static void put_flushes(const struct profile *p, const struct words_scope *s, FILE *to)
{
    uint64_t flushes = p->kinds[IO_FLUSH].count, writes = writes_of(p);
    if (!s->writes)
        return;
    if (p->kinds[IO_WRITE_FUA].count * 2 > writes)
        fputs(" sync=dsync", to);
    if (flushes > 0)
        fprintf(to, " fsync=%" PRIu64, MAX((writes + flushes / 2) / flushes, UINT64_C(1)));
}

char *words_of(const struct profile *p, const struct words_scope *scope, const struct words_choice *choice)
{
    struct sizes sizes;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    find_sizes(p, scope, &sizes);
    put_mix(p, scope, choice, to);
    put_sizes(&sizes, to);
    put_places(p, scope, choice, &sizes, to);
    put_times(p, scope, choice, &sizes, to);
    put_flushes(p, scope, to);
    fprintf(to, " number_ios=%" PRIu64, scope->requests);
    fclose(to);
    return text;
}
