// What a pattern asks for, against the real fio 3.33: the first ten requests of each job as its --write_iolog has them
// (--name=a --ioengine=null); tests/cli/fio.bats holds whole jobs against the fio that is there.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/job/fio_pattern.h"
#include "util/alloc.h"
#include "util/macros.h"

#define BLOCK UINT64_C(4096)

static const struct recorded {
    const char *words;
    struct {
        char direction; // r, w or t
        uint64_t block, blocks;
    } requests[10];
} recorded[] = {
    {"rw=randread bs=4k size=1m",
     {{'r', 15, 1}, {'r', 189, 1}, {'r', 215, 1}, {'r', 120, 1}, {'r', 102, 1}, {'r', 216, 1}, {'r', 97, 1}, {'r',
      90, 1}, {'r', 233, 1}, {'r', 17, 1}}},
    {"rw=randread bs=4k size=1000k norandommap random_generator=tausworthe64",
     {{'r', 234, 1}, {'r', 6, 1}, {'r', 20, 1}, {'r', 24, 1}, {'r', 132, 1}, {'r', 6, 1}, {'r', 110, 1}, {'r', 83,
      1}, {'r', 212, 1}, {'r', 189, 1}}},
    {"rw=randread bs=4k size=1000k random_generator=lfsr",
     {{'r', 67, 1}, {'r', 161, 1}, {'r', 208, 1}, {'r', 80, 1}, {'r', 16, 1}, {'r', 48, 1}, {'r', 32, 1}, {'r',
      40, 1}, {'r', 44, 1}, {'r', 46, 1}}},
    {"rw=randrw bs=4k size=2m rwmixread=70 randrepeat=0 randseed=42",
     {{'r', 475, 1}, {'r', 484, 1}, {'r', 53, 1}, {'w', 74, 1}, {'w', 121, 1}, {'w', 160, 1}, {'r', 388, 1}, {'r',
      116, 1}, {'r', 418, 1}, {'r', 494, 1}}},
    {"rw=randwrite bssplit=4k/10:64k/50:32k/40 size=8m",
     {{'w', 123, 8}, {'w', 1516, 1}, {'w', 1726, 8}, {'w', 962, 16}, {'w', 823, 16}, {'w', 1720, 6}, {'w', 779,
      16}, {'w', 724, 8}, {'w', 1869, 16}, {'w', 136, 16}}},
    {"rw=randread bsrange=4k-64k size=8m",
     {{'r', 123, 3}, {'r', 1516, 11}, {'r', 1726, 13}, {'r', 962, 6}, {'r', 823, 15}, {'r', 1720, 2}, {'r', 779,
      16}, {'r', 724, 3}, {'r', 1869, 4}, {'r', 136, 3}}},
    {"rw=randread bs=4k size=4m percentage_random=40",
     {{'r', 61, 1}, {'r', 62, 1}, {'r', 63, 1}, {'r', 758, 1}, {'r', 759, 1}, {'r', 863, 1}, {'r', 864, 1}, {'r',
      481, 1}, {'r', 411, 1}, {'r', 860, 1}}},
    {"rw=randread:4 bs=4k size=4m",
     {{'r', 61, 1}, {'r', 62, 1}, {'r', 63, 1}, {'r', 64, 1}, {'r', 758, 1}, {'r', 759, 1}, {'r', 760, 1}, {'r',
      761, 1}, {'r', 863, 1}, {'r', 864, 1}}},
    {"rw=write:-8k bs=4k size=1m",
     {{'w', 0, 1}, {'w', 254, 1}, {'w', 253, 1}, {'w', 252, 1}, {'w', 251, 1}, {'w', 250, 1}, {'w', 249, 1}, {'w',
      248, 1}, {'w', 247, 1}, {'w', 246, 1}}},
    {"rw=randtrimwrite bs=64k size=4m",
     {{'t', 48, 16}, {'w', 48, 16}, {'t', 752, 16}, {'w', 752, 16}, {'t', 848, 16}, {'w', 848, 16}, {'t', 480,
      16}, {'w', 480, 16}, {'t', 400, 16}, {'w', 400, 16}}},
    {"rw=randread bs=4k size=16m random_distribution=zoned:60/10:30/20:10/70",
     {{'r', 24, 1}, {'r', 302, 1}, {'r', 344, 1}, {'r', 2575, 1}, {'r', 738, 1}, {'r', 343, 1}, {'r', 720, 1},
      {'r', 144, 1}, {'r', 1156, 1}, {'r', 1419, 1}}},
    {"rw=randread bs=4k size=15m random_distribution=zipf:0.8:0.3 randrepeat=0 randseed=7",
     {{'r', 2645, 1}, {'r', 2330, 1}, {'r', 599, 1}, {'r', 1152, 1}, {'r', 981, 1}, {'r', 2369, 1}, {'r', 3666,
      1}, {'r', 524, 1}, {'r', 1174, 1}, {'r', 178, 1}}},
    {"rw=randread bs=4k size=15m random_distribution=pareto:0.3 randrepeat=0 randseed=7",
     {{'r', 2180, 1}, {'r', 2123, 1}, {'r', 2138, 1}, {'r', 874, 1}, {'r', 756, 1}, {'r', 3136, 1}, {'r', 1625,
      1}, {'r', 2493, 1}, {'r', 418, 1}, {'r', 73, 1}}},
    {"rw=randread bs=4k size=15m random_distribution=normal:20 randrepeat=0 randseed=7",
     {{'r', 3548, 1}, {'r', 927, 1}, {'r', 2006, 1}, {'r', 1626, 1}, {'r', 2832, 1}, {'r', 544, 1}, {'r', 578, 1},
      {'r', 2124, 1}, {'r', 442, 1}, {'r', 961, 1}}},
    {"rw=randread bs=4k size=16m zonemode=strided zonesize=16k zonerange=64k zoneskip=64k",
     {{'r', 0, 1}, {'r', 11, 1}, {'r', 13, 1}, {'r', 7, 1}, {'r', 38, 1}, {'r', 45, 1}, {'r', 39, 1}, {'r', 37,
      1}, {'r', 78, 1}, {'r', 65, 1}}},
};

struct bench {
    struct job_options options;
    struct fio_pattern pattern;
};

static void start(struct bench *bench, const char *words)
{
    struct diag *diag = diag_create();
    struct fio_seeds seeds;
    char *text = xformat("fio %s", words);
    assert_int_equal(job_options_parse(text, "--job", &bench->options, diag), 0);
    free(text);
    diag_destroy(diag);
    const struct job_options *o = &bench->options;
    if (o->randseed_given)
        fio_seeds_of(&seeds, o->randseed, 1);
    else
        fio_seeds_without(&seeds, 0, 1, job_is_random(o));
    struct job_region region = {.bytes = o->size, .io_size = o->io_size};
    fio_pattern_init(&bench->pattern, o, &seeds, &region);
}

static bool next(struct bench *bench, struct fio_request *request)
{
    return fio_pattern_next(&bench->pattern, &(struct fio_turn){NULL, NULL}, request);
}

static void test_requests_are_fios_own(void **state)
{
    (void)state;
    for (const struct recorded *row = recorded; row < recorded + ARRAY_SIZE(recorded); row++) {
        struct bench bench;
        start(&bench, row->words);
        for (size_t i = 0; i < ARRAY_SIZE(row->requests); i++) {
            struct fio_request request;
            assert_true(next(&bench, &request));
            if ("rwt"[request.direction] != row->requests[i].direction ||
                request.offset != row->requests[i].block * BLOCK || request.bytes != row->requests[i].blocks * BLOCK)
                fail_msg("%s: request %zu is %c %llu %llu", row->words, i, "rwt"[request.direction],
                         (unsigned long long)request.offset, (unsigned long long)request.bytes);
        }
        fio_pattern_destroy(&bench.pattern);
    }
}

// Read or write, of the first 120.
static void test_a_mix_goes_in_runs_as_fios(void **state)
{
    (void)state;
    static const char kinds[] = "wrwwwwrwwwwwrwwwrwwwwrwwwwwwrwrwwwwwrrwwwwwwrwwwrwwwrwwrrrrwrwrwrwrwrwwwrwwrwwrwrwrwwrwwww"
                                "wwwwwrwwrwrwwwwwrwrwwwrwwwwwww";
    struct bench bench;
    struct fio_request request;
    start(&bench, "rw=randrw bs=4k size=2m rwmixread=30 randrepeat=0 randseed=42");
    for (size_t i = 0; i < sizeof kinds - 1; i++) {
        assert_true(next(&bench, &request));
        assert_int_equal("rwt"[request.direction], kinds[i]);
    }
    fio_pattern_destroy(&bench.pattern);
}

// --- what ends a job -----------------------------------------------------------------------------------------------

static uint64_t run_to_the_end(const char *words, uint64_t *bytes)
{
    struct bench bench;
    struct fio_request request;
    uint64_t count = 0;
    start(&bench, words);
    for (*bytes = 0; count < 100000 && next(&bench, &request); count++)
        *bytes += request.bytes;
    fio_pattern_destroy(&bench.pattern);
    return count;
}

static void test_a_job_ends_with_its_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        uint64_t count, blocks;
    } rows[] = {
        {"rw=randread bs=4k size=1m", 256, 256},
        {"rw=read bs=12k size=1m", 85, 255}, // a last one would reach beyond the region
        {"rw=write bs=4k size=400k loops=3", 300, 300},
        {"rw=randread bs=4k size=1m io_size=2500k", 625, 625},
        {"rw=trimwrite bs=64k size=1m", 32, 512}, // each byte twice
        {"rw=read:8k bs=4k size=1m", 86, 86},     // a block of three
        {"rw=randread bs=8k blockalign=4k size=1m norandommap", 128, 256},
        {"rw=randread bs=4k size=1m random_generator=lfsr", 256, 256},
        {"rw=randread bssplit=4k/0:64k/100 size=1m", 16, 256}, // the smaller size never comes
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t bytes;
        assert_int_equal(run_to_the_end(rows[i].words, &bytes), rows[i].count);
        assert_int_equal(bytes, rows[i].blocks * BLOCK);
    }
}

// By the map, or by the register, whatever the number of blocks.
static void test_no_block_comes_again_before_all_have_come(void **state)
{
    (void)state;
    static const char *const generators[] = {"tausworthe", "tausworthe64", "lfsr", "xoshiro"};
    enum { MOST = 700 };
    for (size_t g = 0; g < ARRAY_SIZE(generators); g++)
        for (unsigned blocks = 1; blocks <= MOST; blocks += blocks < 70 ? 1 : 63) {
            struct bench bench;
            struct fio_request request;
            bool seen[MOST] = {false};
            char words[96];
            snprintf(words, sizeof words, "rw=randread bs=4k size=%uk random_generator=%s", 4 * blocks, generators[g]);
            start(&bench, words);
            for (unsigned i = 0; i < blocks; i++) {
                assert_true(next(&bench, &request));
                assert_false(seen[request.offset / BLOCK]);
                seen[request.offset / BLOCK] = true;
            }
            assert_false(next(&bench, &request));
            fio_pattern_destroy(&bench.pattern);
        }
}

// A request of several blocks ends where one has come already.
static void test_large_requests_end_at_blocks_that_have_come(void **state)
{
    (void)state;
    struct bench bench;
    struct fio_request request;
    bool seen[256] = {false};
    uint64_t blocks = 0;
    start(&bench, "rw=randwrite bsrange=4k-64k size=1m");
    while (next(&bench, &request))
        for (uint64_t i = 0; i < request.bytes / BLOCK; i++, blocks++) {
            assert_false(seen[request.offset / BLOCK + i]);
            seen[request.offset / BLOCK + i] = true;
        }
    assert_int_equal(blocks, 256);
    fio_pattern_destroy(&bench.pattern);
}

// The same numbers again, unless there is a seed.
static void test_a_loop_repeats_itself_without_a_seed(void **state)
{
    (void)state;
    for (int seeded = 0; seeded < 2; seeded++) {
        struct bench bench;
        struct fio_request request;
        uint64_t offsets[200], same = 0;
        start(&bench, seeded ? "rw=randread bs=4k size=400k loops=2 randseed=3" : "rw=randread bs=4k size=400k loops=2");
        for (int i = 0; i < 200; i++) {
            assert_true(next(&bench, &request));
            offsets[i] = request.offset;
        }
        for (int i = 0; i < 100; i++)
            same += offsets[i] == offsets[100 + i];
        assert_true(seeded ? same < 20 : same == 100);
        fio_pattern_destroy(&bench.pattern);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_fios_own),
        cmocka_unit_test(test_a_mix_goes_in_runs_as_fios),
        cmocka_unit_test(test_a_job_ends_with_its_bytes),
        cmocka_unit_test(test_no_block_comes_again_before_all_have_come),
        cmocka_unit_test(test_large_requests_end_at_blocks_that_have_come),
        cmocka_unit_test(test_a_loop_repeats_itself_without_a_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
