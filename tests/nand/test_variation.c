// Variation of the array's times against its closed form: mean, variance, extremes, and what each part belongs to.
#include <math.h>

#include "nand/chip/variation.h"
#include "rig.h"

enum { SAMPLES = 200000 };

struct moments {
    double mean, deviation, least, most; // of the relative deviation from the configured time
};

static struct moments moments_of(const struct variation *v, struct array_site (*site)(uint32_t i))
{
    const double t = 50 * US;
    double sum = 0, squares = 0;
    struct moments m = {.least = 1, .most = -1};
    for (uint32_t i = 0; i < SAMPLES; i++) {
        struct array_site at = site(i);
        double x = (double)variation_of_time(v, 50 * US, &at) / t - 1;
        sum += x;
        squares += x * x;
        m.least = fmin(m.least, x);
        m.most = fmax(m.most, x);
    }
    m.mean = sum / SAMPLES;
    m.deviation = sqrt(squares / SAMPLES - m.mean * m.mean);
    return m;
}

static struct array_site everywhere(uint32_t i)
{
    return (struct array_site){.die = i % 7, .block = i / 7, .line = i, .when = 1000 * i};
}

static struct array_site one_place(uint32_t i)
{
    return (struct array_site){.die = 3, .block = 5, .line = 8, .when = 50 * US * i};
}

// Three uniform parts: mean 0, standard deviation spread / 3, none beyond the spread.
static void test_times_have_mean_deviation_and_bounds_of_the_formula(void **state)
{
    (void)state;
    struct variation v = variation_make(0.12, 1, "test");
    struct moments m = moments_of(&v, everywhere);
    assert_true(fabs(m.mean) < 5 * 0.04 / sqrt(SAMPLES));
    assert_true(fabs(m.deviation / 0.04 - 1) < 0.01);
    assert_true(m.least > -0.12 && m.least < -0.11 && m.most < 0.12 && m.most > 0.11);
}

// At one place only a third is left to chance: uniform over a third of the spread to either side.
static void test_what_belongs_to_the_place_stays(void **state)
{
    (void)state;
    struct variation v = variation_make(0.12, 1, "test");
    struct moments m = moments_of(&v, one_place);
    assert_true(fabs(m.deviation / (0.04 / sqrt(3)) - 1) < 0.01);
    assert_true(m.most - m.least > 0.0799 && m.most - m.least < 0.0801);
}

static double mean_at(const struct variation *v, uint32_t die, uint32_t block, uint32_t line)
{
    double sum = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        struct array_site at = {.die = die, .block = block, .line = line, .when = 12345 * i};
        sum += (double)variation_of_time(v, 50 * US, &at) / (50 * US) - 1;
    }
    return sum / 20000;
}

// The mean at a place is that of its word line and that of its block, which add.
static void test_word_lines_differ_alike_in_all_blocks(void **state)
{
    (void)state;
    struct variation v = variation_make(0.3, 1, "test");
    double line = mean_at(&v, 0, 0, 1) - mean_at(&v, 0, 0, 0), block = mean_at(&v, 5, 7, 0) - mean_at(&v, 0, 0, 0);
    assert_true(fabs(line) > 0.01 && fabs(block) > 0.01);
    assert_true(fabs(mean_at(&v, 5, 7, 1) - mean_at(&v, 0, 0, 0) - line - block) < 0.004);
    assert_true(fabs(mean_at(&v, 5, 7, 0) - mean_at(&v, 7, 5, 0)) > 0.01);
}

static void test_the_same_seed_gives_the_same_times_and_kinds_have_their_own(void **state)
{
    (void)state;
    struct variation a = variation_make(0.1, 1, "a"), same = variation_make(0.1, 1, "a");
    struct variation other = variation_make(0.1, 1, "b"), seed = variation_make(0.1, 2, "a");
    struct array_site at = {.die = 1, .block = 2, .line = 3, .when = 4};
    assert_int_equal(variation_of_time(&a, 50 * US, &at), variation_of_time(&same, 50 * US, &at));
    assert_int_not_equal(variation_of_time(&a, 50 * US, &at), variation_of_time(&other, 50 * US, &at));
    assert_int_not_equal(variation_of_time(&a, 50 * US, &at), variation_of_time(&seed, 50 * US, &at));
}

static tick_t spent_at_the_array(double t_r, double t_prog, double t_bers, enum nand_kind kind)
{
    struct nand_config c = rig_config();
    c.t_r_spread = t_r;
    c.t_prog_spread = t_prog;
    c.t_bers_spread = t_bers;
    struct rig *rig = rig_create(&c, 1);
    nand_assume(&rig->port, 0, 1);
    struct rig_op *r = rig_at(rig, 0, kind, NAND_HOST, (struct nand_address){.row = kind == NAND_PROGRAM}, 1);
    rig_run(rig);
    tick_t took = rig_took(r);
    rig_destroy(rig);
    return took;
}

// Folding on the die has none of its own: it reads and programs.
static void test_each_kind_of_operation_goes_by_its_own_spread(void **state)
{
    (void)state;
    static const tick_t means[] = {[NAND_READ] = 40 * US, [NAND_PROGRAM] = 1100 * US, [NAND_ERASE] = 5000 * US};
    for (enum nand_kind kind = NAND_READ; kind <= NAND_ERASE; kind++) {
        double own[] = {0, 0, 0}, others[] = {0.1, 0.1, 0.1};
        own[kind] = 0.1;
        others[kind] = 0;
        tick_t varied = spent_at_the_array(own[0], own[1], own[2], kind);
        assert_int_not_equal(varied, means[kind]);
        assert_in_range(varied, means[kind] / 10 * 9, means[kind] / 10 * 11);
        assert_int_equal(spent_at_the_array(others[0], others[1], others[2], kind), means[kind]);
    }
}

// Erases of different blocks, and two of one block, all differ; their blocks stand for word lines.
static void test_erases_differ_by_block_and_time(void **state)
{
    (void)state;
    struct nand_config c = rig_config();
    c.t_bers_spread = 0.1;
    struct rig *rig = rig_create(&c, 1);
    struct rig_op *r[3];
    for (uint32_t i = 0; i < 3; i++)
        r[i] = rig_at(rig, i * 10000 * US, NAND_ERASE, NAND_GC, (struct nand_address){.block = i % 2}, 0);
    rig_run(rig);
    struct variation v = variation_make(0.1, 1, "nand.t_bers");
    struct array_site second = {.block = 1, .line = 1, .when = 10000 * US};
    assert_int_equal(rig_took(r[1]), variation_of_time(&v, 5000 * US, &second));
    assert_int_not_equal(rig_took(r[0]), rig_took(r[1]));
    assert_int_not_equal(rig_took(r[0]), rig_took(r[2]));
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_have_mean_deviation_and_bounds_of_the_formula),
        cmocka_unit_test(test_what_belongs_to_the_place_stays),
        cmocka_unit_test(test_word_lines_differ_alike_in_all_blocks),
        cmocka_unit_test(test_the_same_seed_gives_the_same_times_and_kinds_have_their_own),
        cmocka_unit_test(test_each_kind_of_operation_goes_by_its_own_spread),
        cmocka_unit_test(test_erases_differ_by_block_and_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
