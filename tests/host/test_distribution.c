// Which blocks random jobs ask for: frequencies against closed forms.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/job/distribution.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { DRAWS = 400000, BLOCKS = 1000 };

static void init(struct distribution *d, struct distribution_spec *spec, const char *text, uint64_t count)
{
    struct rng spread;
    assert_null(distribution_parse(text, spec));
    rng_seed(&spread, 1, "spread");
    distribution_init(d, spec, count, &spread);
}

static uint64_t *count_ranks(const struct distribution *d)
{
    struct rng rng;
    uint64_t *counts = xcalloc(d->count, sizeof *counts);
    rng_seed(&rng, 5, "draws");
    for (int i = 0; i < DRAWS; i++)
        counts[distribution_draw_rank(d, &rng)]++;
    return counts;
}

// Chi-square of ranks, those beyond the 100th in ten classes; its mean is the number of classes less one, its variance
// twice that.
static void expect_frequencies(const char *text, double (*cumulative)(double rank, double parameter))
{
    struct distribution d;
    struct distribution_spec spec;
    init(&d, &spec, text, BLOCKS);
    uint64_t *counts = count_ranks(&d);
    double chi = 0, all = cumulative(BLOCKS, spec.parameter);
    uint32_t classes = 0;
    for (uint32_t first = 0; first < BLOCKS; classes++) {
        uint32_t end = first < 100 ? first + 1 : first + 90;
        uint64_t seen = 0;
        for (uint32_t rank = first; rank < end; rank++)
            seen += counts[rank];
        double share = (cumulative(end, spec.parameter) - cumulative(first, spec.parameter)) / all;
        chi += ((double)seen - share * DRAWS) * ((double)seen - share * DRAWS) / (share * DRAWS);
        first = end;
    }
    double sigma = sqrt(2.0 * (classes - 1));
    print_message("    %s: chi-square %.0f of %u classes\n", text, chi, classes);
    assert_true(fabs(chi - (classes - 1)) < 4 * sigma);
    free(counts);
}

static double zipf(double ranks, double theta)
{
    double sum = 0;
    for (int k = 1; k <= (int)ranks; k++)
        sum += pow(k, -theta);
    return sum;
}

static void test_zipf_frequencies_are_the_power_law(void **state)
{
    (void)state;
    expect_frequencies("zipf:0", zipf);
    expect_frequencies("zipf:0.5", zipf);
    expect_frequencies("zipf:0.999999", zipf);
    expect_frequencies("zipf:1", zipf);
    expect_frequencies("zipf:1.2", zipf);
}

// So steep that only the first ranks come: 1 / zeta(3) for the first, the sum of all k^-3 being 1.2020569.
static void test_a_steep_zipf_gives_its_first_ranks(void **state)
{
    (void)state;
    struct distribution d;
    struct distribution_spec spec;
    init(&d, &spec, "zipf:3", 1000000000);
    struct rng rng;
    uint64_t counts[3] = {0};
    rng_seed(&rng, 5, "draws");
    for (int i = 0; i < DRAWS; i++) {
        uint64_t rank = distribution_draw_rank(&d, &rng);
        if (rank < 3)
            counts[rank]++;
    }
    for (int k = 1; k <= 3; k++) {
        double p = pow(k, -3) / 1.2020569;
        assert_true(fabs((double)counts[k - 1] - p * DRAWS) < 4 * sqrt(p * (1 - p) * DRAWS));
    }
}

// The upper half of 2^40 blocks at theta 0.5 gets 1 - sqrt(1/2) of the requests, the first 1/10000 gets 1/100.
static void test_zipf_of_many_blocks_reaches_all_of_them(void **state)
{
    (void)state;
    struct distribution d;
    struct distribution_spec spec;
    init(&d, &spec, "zipf:0.5", UINT64_C(1) << 40);
    struct rng rng;
    double half = 0, first = 0;
    rng_seed(&rng, 5, "draws");
    for (int i = 0; i < DRAWS; i++) {
        uint64_t rank = distribution_draw_rank(&d, &rng);
        assert_true(rank < d.count);
        half += rank >= d.count / 2;
        first += rank < d.count / 10000;
    }
    double p = 1 - sqrt(0.5);
    assert_true(fabs(half - p * DRAWS) < 4 * sqrt(p * (1 - p) * DRAWS));
    assert_true(fabs(first - 0.01 * DRAWS) < 4 * sqrt(0.01 * 0.99 * DRAWS));
}

static double pareto(double ranks, double h)
{
    return pow(ranks / BLOCKS, log(1 - h) / log(h));
}

static void test_pareto_gives_the_share_h_of_blocks_the_share_1_h_of_requests(void **state)
{
    (void)state;
    assert_true(fabs(pareto(200, 0.2) - 0.8) < 1e-9);
    assert_true(fabs(pareto(900, 0.9) - 0.1) < 1e-9);
    expect_frequencies("pareto:0.2", pareto);
    expect_frequencies("pareto:0.4", pareto);
    expect_frequencies("pareto:0.5", pareto);
}

static void test_ranks_are_spread_over_the_blocks_one_to_one(void **state)
{
    (void)state;
    struct distribution d;
    struct distribution_spec spec;
    init(&d, &spec, "zipf:0.8", BLOCKS);
    uint64_t *ranks = count_ranks(&d), *blocks = xcalloc(BLOCKS, sizeof *blocks), neighbours = 0;
    struct rng rng;
    rng_seed(&rng, 5, "draws");
    for (int i = 0; i < DRAWS; i++)
        blocks[distribution_draw(&d, &rng)]++;
    for (uint32_t rank = 0; rank < BLOCKS; rank++)
        assert_int_equal(blocks[permute(&d.spread, d.salt, rank)], ranks[rank]);
    for (uint32_t rank = 0; rank + 1 < 100; rank++)
        neighbours += permute(&d.spread, d.salt, rank) + 1 == permute(&d.spread, d.salt, rank + 1);
    assert_in_range(neighbours, 0, 2);
    free(ranks);
    free(blocks);
}

static void test_which_block_is_the_hottest_depends_on_the_seed(void **state)
{
    (void)state;
    uint64_t seen[10], same = 0;
    for (uint64_t seed = 0; seed < ARRAY_SIZE(seen); seed++) {
        struct distribution d;
        struct distribution_spec spec;
        struct rng spread;
        assert_null(distribution_parse("zipf:1.2", &spec));
        rng_seed(&spread, seed, "spread");
        distribution_init(&d, &spec, 64, &spread);
        seen[seed] = permute(&d.spread, d.salt, 0);
        for (uint64_t before = 0; before < seed; before++)
            same += seen[before] == seen[seed];
    }
    assert_in_range(same, 0, 4); // 45 pairs, each alike with 1/64
}

static void test_zones_get_their_shares_from_the_beginning_on(void **state)
{
    (void)state;
    struct distribution d;
    struct distribution_spec spec;
    init(&d, &spec, "zoned:60/10:30/20:8/30:2/40", BLOCKS);
    static const struct {
        uint64_t first, end;
        double share;
    } zones[] = {{0, 100, 0.6}, {100, 300, 0.3}, {300, 600, 0.08}, {600, 1000, 0.02}};
    struct rng rng;
    uint64_t counts[BLOCKS] = {0};
    rng_seed(&rng, 5, "draws");
    for (int i = 0; i < DRAWS; i++)
        counts[distribution_draw(&d, &rng)]++;
    for (size_t z = 0; z < ARRAY_SIZE(zones); z++) {
        double seen = 0, p = zones[z].share;
        for (uint64_t block = zones[z].first; block < zones[z].end; block++)
            seen += (double)counts[block];
        assert_true(fabs(seen - p * DRAWS) < 4 * sqrt(p * (1 - p) * DRAWS));
        double each = seen / (double)(zones[z].end - zones[z].first);
        for (uint64_t block = zones[z].first; block < zones[z].end; block++)
            assert_true(fabs((double)counts[block] - each) < 5 * sqrt(each));
    }
}

static void test_one_block_and_zones_smaller_than_a_block_are_no_trouble(void **state)
{
    (void)state;
    static const char *const texts[] = {"random", "zipf:1.2", "zipf:0", "pareto:0.9", "zoned:1/1:98/98:1/1"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        for (uint64_t count = 1; count <= 5; count++) {
            struct distribution d;
            struct distribution_spec spec;
            struct rng rng;
            init(&d, &spec, texts[i], count);
            rng_seed(&rng, 5, "draws");
            for (int draw = 0; draw < 1000; draw++)
                assert_true(distribution_draw(&d, &rng) < count);
        }
}

static void test_what_is_no_distribution_is_told_what_is_one(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "zipf:1.2:2",   "zipf:",          "zipf:x",         "zipf:-1",      "zipf:10.1",      "zipf:1.2x",
        "pareto:0",     "pareto:1",       "pareto:1.5",     "pareto:0.2:",  "zoned:",         "zoned:50/50",
        "zoned:60/10x", "zoned:60/10:39", "zoned:50/0:50/100", "zoned:101/50:1/50", "gauss:1", "",
        "zoned:60/90:40/20", "zoned",     "zoned:60/100:40/", "zoned_abs:60/1g:40", "zoned_abs:60/1g:40/x",
        "normal:100",   "normal:-1",      "zipfy:1.2",      "zipf:1.2:0.5:1",
    };
    struct distribution_spec spec;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        if (distribution_parse(texts[i], &spec) == NULL)
            fail_msg("'%s' is taken", texts[i]);
    assert_non_null(strstr(distribution_parse("zipf:11", &spec), "from 0 to 10"));
    assert_non_null(strstr(distribution_parse("gauss:1", &spec), "random, zipf:THETA"));
}

static void test_what_is_left_out_is_as_in_fio(void **state)
{
    (void)state;
    struct distribution_spec spec;
    assert_null(distribution_parse("zipf", &spec));
    assert_true(spec.parameter == 1.1 && !spec.centred);
    assert_null(distribution_parse("pareto:0.3:0.25", &spec));
    assert_true(spec.parameter == 0.3 && spec.centred && spec.centre == 0.25);
    assert_null(distribution_parse("normal", &spec));
    assert_true(spec.parameter == 0);
    assert_null(distribution_parse("zoned:60/10:30/:10/", &spec));
    assert_int_equal(spec.zones[1].size, 45);
    assert_int_equal(spec.zones[2].size, 45);
    assert_null(distribution_parse("zoned_abs:60/16m:40/1g", &spec));
    assert_int_equal(spec.zones[0].size, 16 << 20);
    assert_int_equal(spec.zones[1].size, 1 << 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zipf_frequencies_are_the_power_law),
        cmocka_unit_test(test_a_steep_zipf_gives_its_first_ranks),
        cmocka_unit_test(test_zipf_of_many_blocks_reaches_all_of_them),
        cmocka_unit_test(test_pareto_gives_the_share_h_of_blocks_the_share_1_h_of_requests),
        cmocka_unit_test(test_ranks_are_spread_over_the_blocks_one_to_one),
        cmocka_unit_test(test_which_block_is_the_hottest_depends_on_the_seed),
        cmocka_unit_test(test_zones_get_their_shares_from_the_beginning_on),
        cmocka_unit_test(test_one_block_and_zones_smaller_than_a_block_are_no_trouble),
        cmocka_unit_test(test_what_is_no_distribution_is_told_what_is_one),
        cmocka_unit_test(test_what_is_left_out_is_as_in_fio),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
