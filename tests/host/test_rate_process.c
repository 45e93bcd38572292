// Rates that change: words, hand-made schedules, and moments against closed forms.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/job/arrivals.h"
#include "util/macros.h"

static void test_words_say_what_is_expected(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected; // NULL: it is taken
    } cases[] = {
        {"linear", NULL},
        {"poisson", NULL},
        {"onoff:10ms/90ms", NULL},
        {"mmpp:10/20ms:1/180ms:0.5/1s", NULL},
        {"steps:1/8h:5.5/16h", NULL},
        {"diurnal:24h:0.8", NULL},
        {"diurnal:1s", NULL},
        {"poisson:3", "nothing behind it"},
        {"bursts", "linear, poisson, onoff"},
        {"onoff", "onoff:ON/OFF"},
        {"onoff:10ms", "onoff:ON/OFF"},
        {"onoff:10ms/0", "onoff:ON/OFF"},
        {"onoff:10ms/2d", "a day at most"},
        {"mmpp:1/10ms", "mmpp:W/T"},         // one state
        {"mmpp:0/10ms:0/10ms", "mmpp:W/T"},  // never a request
        {"mmpp:1/10ms:1", "mmpp:W/T"},
        {"steps:1/60d:0/60d", "steps:W/T"},  // too long in all
        {"steps:1/1us:0/90d", "steps:W/T"},  // far above a million times the mean
        {"diurnal:10us", "diurnal:PERIOD"},  // steps of less than a microsecond
        {"diurnal:1s:1.1", "diurnal:PERIOD"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct rate_process process;
        const char *got = rate_process_parse(cases[i].text, &process);
        if ((got == NULL) != (cases[i].expected == NULL) || (got != NULL && strstr(got, cases[i].expected) == NULL))
            fail_msg("%s: got '%s'", cases[i].text, got == NULL ? "nothing" : got);
    }
}

// One of two equal parts of a round has all of the rate: there, time takes half as long.
static void test_an_interval_is_stretched_over_states(void **state)
{
    (void)state;
    struct rate_process process;
    struct rate_phase phase = {0};
    static const struct {
        tick_t mean_us, expected_us; // 20 us of the mean's time are in each of the first parts
    } steps[] = {{5000, 2500}, {15000, 17500}, {30000, 25000}, {60000, 60000}, {5000, 2500}};
    assert_null(rate_process_parse("steps:1/10ms:0/10ms", &process));
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
        assert_int_equal(rate_process_stretch(&process, &phase, steps[i].mean_us * TICKS_PER_US, NULL),
                         steps[i].expected_us * TICKS_PER_US);
}

// --- moments -------------------------------------------------------------------------------------------------------

// Arrivals of one stream.
struct stream {
    struct rate_process process;
    struct arrivals arrivals;
    struct rng rng;
    tick_t at;
};

static void start(struct stream *s, const char *text, uint64_t rate)
{
    *s = (struct stream){0};
    assert_null(rate_process_parse(text, &s->process));
    arrivals_init(&s->arrivals, 1, rate, &s->process);
    rng_seed(&s->rng, 7, "test");
}

static tick_t next(struct stream *s)
{
    return s->at += arrivals_interval(&s->arrivals, 0, 1, &s->rng);
}

static bool is_near(double got, double expected, double share)
{
    return fabs(got - expected) <= share * expected;
}

// Mean, and index of dispersion (variance over mean), of the arrivals in a window of `window_s`.
static void count_windows(struct stream *s, double window_s, uint32_t windows, double *mean, double *dispersion)
{
    double sum = 0, squares = 0;
    tick_t end = 0, at = next(s);
    for (uint32_t i = 0; i < windows; i++) {
        double count = 0;
        for (end += (tick_t)(window_s * TICKS_PER_S); at < end; at = next(s))
            count++;
        sum += count;
        squares += count * count;
    }
    *mean = sum / windows;
    *dispersion = (squares / windows - *mean * *mean) / *mean;
}

// Of two states the covariance of the rate dies away with the sum of their rates of leaving, c: the variance of a count
// is m t + 2 p q (l1 - l2)^2 (t / c - (1 - exp(-c t)) / c^2).
static double dispersion_of_two(double rate, double w1, double t1, double w2, double t2, double t)
{
    double mean_weight = (w1 * t1 + w2 * t2) / (t1 + t2), difference = rate * (w1 - w2) / mean_weight;
    double p = t1 / (t1 + t2), c = 1 / t1 + 1 / t2;
    double covariance = 2 * p * (1 - p) * difference * difference * (t / c - (1 - exp(-c * t)) / (c * c));
    return 1 + covariance / (rate * t);
}

static void test_two_states_have_the_dispersion_of_the_closed_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double w1, t1, w2, t2, window;
    } cases[] = {
        {"mmpp:10/20ms:1/180ms", 10, 0.02, 1, 0.18, 0.1},
        {"mmpp:10/20ms:1/180ms", 10, 0.02, 1, 0.18, 0.005},
        {"onoff:10ms/30ms", 1, 0.01, 0, 0.03, 0.02},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct stream s;
        double mean, dispersion;
        start(&s, cases[i].text, 1000);
        count_windows(&s, cases[i].window, 20000, &mean, &dispersion);
        double expected = dispersion_of_two(1000, cases[i].w1, cases[i].t1, cases[i].w2, cases[i].t2, cases[i].window);
        assert_true(is_near(mean, 1000 * cases[i].window, 0.04));
        assert_true(is_near(dispersion, expected, 0.06));
        arrivals_destroy(&s.arrivals);
    }
}

// Of an interrupted Poisson process of rate l, left with rate a and come back to with b, intervals have a squared
// coefficient of variation of 1 + 2 l a / (a + b)^2 (Kuczura 1973).
static void test_on_and_off_have_the_variation_of_the_closed_form(void **state)
{
    (void)state;
    enum { COUNT = 400000 };
    struct stream s;
    double sum = 0, squares = 0;
    start(&s, "onoff:10ms/30ms", 1000);
    for (int i = 0; i < COUNT; i++) {
        tick_t before = s.at;
        double interval = (double)(next(&s) - before) / TICKS_PER_S;
        sum += interval;
        squares += interval * interval;
    }
    double mean = sum / COUNT, variation = (squares / COUNT - mean * mean) / (mean * mean), a = 100, b = 1 / 0.03;
    assert_true(is_near(mean, 0.001, 0.02));
    assert_true(is_near(variation, 1 + 2 * 4000 * a / ((a + b) * (a + b)), 0.04));
    arrivals_destroy(&s.arrivals);
}

static void test_three_states_have_the_mean_rate(void **state)
{
    (void)state;
    struct stream s;
    double mean, dispersion;
    start(&s, "mmpp:10/2ms:1/18ms:4/5ms", 1000);
    count_windows(&s, 0.1, 10000, &mean, &dispersion);
    assert_true(is_near(mean, 100, 0.02));
    assert_true(dispersion > 2);
    arrivals_destroy(&s.arrivals);
}

// The middle half of the day has 1/2 + A / pi of the requests, and a day as many as the mean says.
static void test_a_day_goes_with_its_sine(void **state)
{
    (void)state;
    struct stream s;
    uint32_t count = 0, middle = 0;
    start(&s, "diurnal:1s:0.8", 1000);
    for (tick_t at; (at = next(&s)) < 200 * TICKS_PER_S; count++)
        middle += at % TICKS_PER_S >= TICKS_PER_S / 4 && at % TICKS_PER_S < 3 * TICKS_PER_S / 4;
    assert_true(is_near(count, 200000, 0.01));
    assert_true(is_near((double)middle / count, 0.5 + 0.8 / 3.14159265, 0.01));
    arrivals_destroy(&s.arrivals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_say_what_is_expected),
        cmocka_unit_test(test_an_interval_is_stretched_over_states),
        cmocka_unit_test(test_two_states_have_the_dispersion_of_the_closed_form),
        cmocka_unit_test(test_on_and_off_have_the_variation_of_the_closed_form),
        cmocka_unit_test(test_three_states_have_the_mean_rate),
        cmocka_unit_test(test_a_day_goes_with_its_sine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
