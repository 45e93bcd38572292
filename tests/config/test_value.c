// Values: exactness, units, every reason to refuse a text, and the round trip through the canonical form.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/value.h"
#include "util/macros.h"
#include "util/rng.h"

static const char *const choices[] = {"greedy", "cost_benefit", "fifo", NULL};

static struct config_field field_of(enum config_type type)
{
    return (struct config_field){.key = "k", .type = type, .fallback = "", .choices = choices, .help = ""};
}

static uint64_t read_uint64(enum config_type type, const char *text)
{
    struct config_field field = field_of(type);
    struct config_problem problem;
    uint64_t value = 0;
    if (!config_parse(&field, text, &value, &problem))
        fail_msg("%s: %s", text, problem.message);
    return value;
}

static void refuse_within(enum config_type type, const char *min, const char *max, const char *text,
                          const char *message)
{
    struct config_field field = field_of(type);
    struct config_problem problem;
    unsigned char value[CONFIG_STRING_BYTES], before[CONFIG_STRING_BYTES];
    field.min = min;
    field.max = max;
    memset(value, 0x5a, sizeof value);
    memset(before, 0x5a, sizeof before);
    assert_false(config_parse(&field, text, value, &problem));
    assert_string_equal(problem.message, message);
    assert_memory_equal(value, before, sizeof value);
}

static void refuse(enum config_type type, const char *text, const char *message)
{
    refuse_within(type, NULL, NULL, text, message);
}

static void canonical(enum config_type type, const char *text, const char *expected)
{
    struct config_field field = field_of(type);
    struct config_problem problem;
    char value[CONFIG_STRING_BYTES], written[512];
    if (!config_parse(&field, text, value, &problem))
        fail_msg("%s: %s", text, problem.message);
    int length = config_format(&field, value, written, sizeof written);
    assert_string_equal(written, expected);
    assert_int_equal(length, strlen(expected));
}

static void test_times_are_exact_in_picoseconds(void **state)
{
    (void)state;
    assert_int_equal(read_uint64(CONFIG_TIME, "7.5us"), 7500000);
    assert_int_equal(read_uint64(CONFIG_TIME, "0.000001us"), 1);
    assert_int_equal(read_uint64(CONFIG_TIME, "1.10us"), 1100000);
    assert_int_equal(read_uint64(CONFIG_TIME, "0.3s"), UINT64_C(300000000000));
    assert_int_equal(read_uint64(CONFIG_TIME, "1ps"), 1);
    assert_int_equal(read_uint64(CONFIG_TIME, "2ns"), 2000);
    assert_int_equal(read_uint64(CONFIG_TIME, "3ms"), 3 * TICKS_PER_MS);
    assert_int_equal(read_uint64(CONFIG_TIME, "2min"), 120 * TICKS_PER_S);
    assert_int_equal(read_uint64(CONFIG_TIME, "1.5h"), 5400 * TICKS_PER_S);
    assert_int_equal(read_uint64(CONFIG_TIME, "213d"), UINT64_C(213) * 86400 * TICKS_PER_S);
    assert_int_equal(read_uint64(CONFIG_TIME, "50 us"), 50 * TICKS_PER_US);
    assert_int_equal(read_uint64(CONFIG_TIME, "0"), 0);
    assert_int_equal(read_uint64(CONFIG_TIME, "18446744073709551614ps"), UINT64_MAX - 1);
}

static void test_sizes_take_binary_and_decimal_units(void **state)
{
    (void)state;
    assert_int_equal(read_uint64(CONFIG_BYTES, "1B"), 1);
    assert_int_equal(read_uint64(CONFIG_BYTES, "16KiB"), 16384);
    assert_int_equal(read_uint64(CONFIG_BYTES, "0.5KiB"), 512);
    assert_int_equal(read_uint64(CONFIG_BYTES, "3MiB"), 3 << 20);
    assert_int_equal(read_uint64(CONFIG_BYTES, "2GiB"), UINT64_C(1) << 31);
    assert_int_equal(read_uint64(CONFIG_BYTES, "1TiB"), UINT64_C(1) << 40);
    assert_int_equal(read_uint64(CONFIG_BYTES, "1kB"), 1000);
    assert_int_equal(read_uint64(CONFIG_BYTES, "1.001MB"), 1001000);
    assert_int_equal(read_uint64(CONFIG_BYTES, "7GB"), UINT64_C(7000000000));
    assert_int_equal(read_uint64(CONFIG_BYTES, "7.68TB"), UINT64_C(7680000000000));
    assert_int_equal(read_uint64(CONFIG_BYTES, "18446744073709551615B"), UINT64_MAX);
    // fio's
    assert_int_equal(read_uint64(CONFIG_BYTES, "4k"), 4096);
    assert_int_equal(read_uint64(CONFIG_BYTES, "1.5M"), 3 << 19);
    assert_int_equal(read_uint64(CONFIG_BYTES, "512b"), 512);
    assert_int_equal(read_uint64(CONFIG_BYTES, "2t"), UINT64_C(2) << 40);
    assert_int_equal(read_uint64(CONFIG_TIME, "50usec"), 50 * TICKS_PER_US);
    assert_int_equal(read_uint64(CONFIG_TIME, "50\u00b5s"), 50 * TICKS_PER_US);
}

static void test_rates_are_exact(void **state)
{
    (void)state;
    assert_int_equal(read_uint64(CONFIG_FREQUENCY, "1.2GHz"), 1200000000);
    assert_int_equal(read_uint64(CONFIG_FREQUENCY, "33.333333MHz"), 33333333);
    assert_int_equal(read_uint64(CONFIG_TRANSFERS, "1200MT/s"), 1200000000);
    assert_int_equal(read_uint64(CONFIG_TRANSFERS, "32GT/s"), UINT64_C(32000000000));
}

static double read_real(enum config_type type, const char *text)
{
    struct config_field field = field_of(type);
    struct config_problem problem;
    double value = -1;
    if (!config_parse(&field, text, &value, &problem))
        fail_msg("%s: %s", text, problem.message);
    return value;
}

static void test_ratios_are_the_nearest_double_of_what_is_written(void **state)
{
    (void)state;
    assert_true(read_real(CONFIG_RATIO, "7%") == 0.07);
    assert_true(read_real(CONFIG_RATIO, "0.07") == 0.07);
    assert_true(read_real(CONFIG_RATIO, "28.6%") == 0.286);
    assert_true(read_real(CONFIG_RATIO, "1e-15") == 1e-15);
    assert_true(read_real(CONFIG_RATIO, "2.5e-3%") == 2.5e-5);
    assert_true(read_real(CONFIG_RATIO, "0") == 0 && read_real(CONFIG_RATIO, "1") == 1);
    assert_true(read_real(CONFIG_RATIO, "150%") == 1.5 && read_real(CONFIG_RATIO, "1.5") == 1.5);
    assert_true(read_real(CONFIG_REAL, "-1.48e-3") == -1.48e-3);
}

static void test_what_is_no_time_is_refused_with_the_reason(void **state)
{
    (void)state;
    const char *units = "'k' wants a time in ps, ns, us, ms, s, min, h or d; got ";
    char text[160];
    refuse(CONFIG_TIME, "50", "'k' wants a time with its unit, such as 50us; got '50'");
    refuse(CONFIG_TIME, "fast", "'k' wants a time with its unit, such as 50us; got 'fast'");
    refuse(CONFIG_TIME, "", "'k' has no value; it wants a time with its unit, such as 50us");
    refuse(CONFIG_TIME, "+5us", "'k' wants a time with its unit, such as 50us; got '+5us'");
    refuse(CONFIG_TIME, ".5us", "'k' wants a time with its unit, such as 50us; got '.5us'");
    refuse(CONFIG_TIME, "5.us", "'k' wants a time with its unit, such as 50us; got '5.us'");
    refuse(CONFIG_TIME, "nan", "'k' wants a time with its unit, such as 50us; got 'nan'");
    refuse(CONFIG_TIME, "infus", "'k' wants a time with its unit, such as 50us; got 'infus'");
    snprintf(text, sizeof text, "%s'%s'", units, "16KiB");
    refuse(CONFIG_TIME, "16KiB", text);
    snprintf(text, sizeof text, "%s'%s'", units, "50us!");
    refuse(CONFIG_TIME, "50us!", text);
    snprintf(text, sizeof text, "%s'%s'", units, "1e3us");
    refuse(CONFIG_TIME, "1e3us", text);
    snprintf(text, sizeof text, "%s'%s'; did you mean 'us'?", units, "50US");
    refuse(CONFIG_TIME, "50US", text);
    refuse(CONFIG_TIME, "-5us", "'k' must not be negative; got '-5us'");
    refuse(CONFIG_TIME, "010us", "'k' must not have leading zeros; got '010us'");
    refuse(CONFIG_TIME, "0.5ps", "'k' is finer than 1ps; got '0.5ps'");
    refuse(CONFIG_TIME, "0.0000001us", "'k' is finer than 1ps; got '0.0000001us'");
    refuse(CONFIG_TIME, "0.00000000000000000001d", "'k' is finer than 1ps; got '0.00000000000000000001d'");
    refuse(CONFIG_TIME, "18446744073709551615ps", "'k' is too large; got '18446744073709551615ps'");
    refuse(CONFIG_TIME, "18446744073709551616ps", "'k' is too large; got '18446744073709551616ps'");
    refuse(CONFIG_TIME, "214d", "'k' is too large; got '214d'");
    refuse(CONFIG_TIME, "99999999999999999999999999999999999999999999s",
           "'k' is too large; got '99999999999999999999999999999999999999999999s'");
}

static void test_what_is_out_of_range_is_refused_with_the_range(void **state)
{
    (void)state;
    refuse_within(CONFIG_TIME, "1us", "10ms", "20ms", "'k' must be 1us to 10ms; got '20ms'");
    refuse_within(CONFIG_TIME, "1us", "10ms", "10.000000001ms", "'k' must be 1us to 10ms; got '10.000000001ms'");
    refuse_within(CONFIG_TIME, "1us", "10ms", "999d", "'k' must be 1us to 10ms; got '999d'");
    refuse_within(CONFIG_TIME, "1us", NULL, "999999ps", "'k' must be at least 1us; got '999999ps'");
    refuse_within(CONFIG_UINT, NULL, "64", "65", "'k' must be at most 64; got '65'");
    refuse_within(CONFIG_HEX, NULL, "0xffff", "0x10000", "'k' must be at most 0xffff; got '0x10000'");
    refuse_within(CONFIG_REAL, "-1", "1", "-1.5", "'k' must be -1 to 1; got '-1.5'");
    refuse_within(CONFIG_RATIO, NULL, "50%", "0.51", "'k' must be at most 50%; got '0.51'");
    refuse_within(CONFIG_TIMES, "1us", "1ms", "[1us, 2ms]", "'k' must be 1us to 1ms; got '2ms'");
}

static void test_bounds_are_inclusive(void **state)
{
    (void)state;
    struct config_field field = field_of(CONFIG_TIME);
    struct config_problem problem;
    tick_t value;
    field.min = "1us";
    field.max = "10ms";
    assert_true(config_parse(&field, "1us", &value, &problem));
    assert_true(config_parse(&field, "10ms", &value, &problem));
}

static void test_what_is_no_number_is_refused_with_the_reason(void **state)
{
    (void)state;
    refuse(CONFIG_UINT, "12.5", "'k' wants a whole number, such as 12; got '12.5'");
    refuse(CONFIG_UINT, "12 ", "'k' wants a whole number, such as 12; got '12 '");
    refuse(CONFIG_UINT, "0x12", "'k' wants a whole number, such as 12; got '0x12'");
    refuse(CONFIG_UINT, "1e3", "'k' wants a whole number, such as 12; got '1e3'");
    refuse(CONFIG_UINT, "010", "'k' must not have leading zeros; got '010'");
    refuse(CONFIG_UINT, "-1", "'k' must not be negative; got '-1'");
    refuse(CONFIG_UINT, "4294967296", "'k' is too large; got '4294967296'");
    refuse(CONFIG_UINT64, "18446744073709551616", "'k' is too large; got '18446744073709551616'");
    refuse(CONFIG_HEX, "15b7", "'k' wants a number, such as 0x15b7; got '15b7'");
    refuse(CONFIG_HEX, "0x", "'k' wants a number, such as 0x15b7; got '0x'");
    refuse(CONFIG_HEX, "0x15b7h", "'k' wants a number, such as 0x15b7; got '0x15b7h'");
    refuse(CONFIG_HEX, "0x123456789", "'k' is too large; got '0x123456789'");
    refuse(CONFIG_HEX, "-1", "'k' must not be negative; got '-1'");
    refuse(CONFIG_REAL, "nan", "'k' wants a number, such as 1.48e-3; got 'nan'");
    refuse(CONFIG_REAL, "inf", "'k' wants a number, such as 1.48e-3; got 'inf'");
    refuse(CONFIG_REAL, "0x1p3", "'k' wants a number, such as 1.48e-3; got '0x1p3'");
    refuse(CONFIG_REAL, "1,5", "'k' wants a number, such as 1.48e-3; got '1,5'");
    refuse(CONFIG_REAL, "01.5", "'k' must not have leading zeros; got '01.5'");
    refuse(CONFIG_REAL, "1e999", "'k' is too large; got '1e999'");
    refuse(CONFIG_REAL, "1e-999", "'k' is too small; got '1e-999'");
}

static void test_other_types_refuse_with_the_reason(void **state)
{
    (void)state;
    refuse(CONFIG_BOOL, "yes", "'k' wants true or false; got 'yes'");
    refuse(CONFIG_BOOL, "True", "'k' wants true or false; got 'True'");
    refuse(CONFIG_RATIO, "7", "'k' wants a ratio, such as 7% or 0.07; got '7'");
    refuse(CONFIG_RATIO, "7%%", "'k' wants a ratio, such as 7% or 0.07; got '7%%'");
    refuse(CONFIG_RATIO, "%", "'k' wants a ratio, such as 7% or 0.07; got '%'");
    refuse(CONFIG_RATIO, "-7%", "'k' must not be negative; got '-7%'");
    refuse(CONFIG_RATIO, "07%", "'k' must not have leading zeros; got '07%'");
    refuse(CONFIG_RATIO, "1e99999999999999999999%", "'k' is too large; got '1e99999999999999999999%'");
    refuse(CONFIG_BYTES, "4KB",
           "'k' wants a size in B, KiB, MiB, GiB, TiB, kB, MB, GB or TB; got '4KB'; did you mean 'kB'?");
    refuse(CONFIG_BYTES, "4096", "'k' wants a size with its unit, such as 16KiB; got '4096'");
    refuse(CONFIG_BYTES, "0.3B", "'k' is finer than 1B; got '0.3B'");
    refuse(CONFIG_BYTES, "16777216TiB", "'k' is too large; got '16777216TiB'");
    refuse(CONFIG_FREQUENCY, "500", "'k' wants a frequency with its unit, such as 500MHz; got '500'");
    refuse(CONFIG_FREQUENCY, "5us", "'k' wants a frequency in Hz, kHz, MHz or GHz; got '5us'");
    refuse(CONFIG_TRANSFERS, "1200", "'k' wants a transfer rate with its unit, such as 1200MT/s; got '1200'");
    refuse(CONFIG_TRANSFERS, "1200MHz", "'k' wants a transfer rate in MT/s or GT/s; got '1200MHz'");
    refuse(CONFIG_CHOICE, "gredy",
           "'k' must be one of greedy, cost_benefit, fifo; got 'gredy'; did you mean 'greedy'?");
    refuse(CONFIG_CHOICE, "random", "'k' must be one of greedy, cost_benefit, fifo; got 'random'");
    refuse(CONFIG_STRING, "a\nb", "'k' wants printable text in UTF-8");
    refuse(CONFIG_STRING, "\xff", "'k' wants printable text in UTF-8");
    refuse(CONFIG_STRING, "\xc0\x80", "'k' wants printable text in UTF-8");
    refuse(CONFIG_STRING, "\xed\xa0\x80", "'k' wants printable text in UTF-8");
    refuse(CONFIG_STRING, "\xe2\x80\xa8", "'k' wants printable text in UTF-8");
}

static void test_lists_of_times_refuse_with_the_reason(void **state)
{
    (void)state;
    refuse(CONFIG_TIMES, "[1us", "'k' wants a time or a list of times, such as [40us, 55us]; got '[1us'");
    refuse(CONFIG_TIMES, "1us]", "'k' wants a time or a list of times, such as [40us, 55us]; got '1us]'");
    refuse(CONFIG_TIMES, "[]", "'k' wants a time or a list of times, such as [40us, 55us]; got '[]'");
    refuse(CONFIG_TIMES, "[1us, ]", "'k' has no value; it wants a time with its unit, such as 50us");
    refuse(CONFIG_TIMES, "1us,2", "'k' wants a time with its unit, such as 50us; got '2'");
    refuse(CONFIG_TIMES, "1us,1us,1us,1us,1us,1us,1us,1us,1us", "'k' takes at most 8 times");
}

static void test_very_long_texts_are_refused_and_shown_short(void **state)
{
    (void)state;
    char text[5000];
    memset(text, '1', sizeof text);
    text[sizeof text - 1] = '\0';
    refuse(CONFIG_UINT, text,
           "'k' wants a whole number, such as 12; got '"
           "111111111111111111111111111111111111111111111111111111111111...'");
    refuse(CONFIG_STRING, text, "'k' takes at most 255 bytes; got 4999");
    text[255] = '\0';
    canonical(CONFIG_STRING, text, text);
}

static void test_the_canonical_form_is_short_and_without_rounding(void **state)
{
    (void)state;
    canonical(CONFIG_TIME, "50us", "50us");
    canonical(CONFIG_TIME, "7.5us", "7500ns");
    canonical(CONFIG_TIME, "60s", "1min");
    canonical(CONFIG_TIME, "0ns", "0");
    canonical(CONFIG_BYTES, "16384B", "16KiB");
    canonical(CONFIG_BYTES, "7.68TB", "7680GB");
    canonical(CONFIG_FREQUENCY, "1200000kHz", "1200MHz");
    canonical(CONFIG_TRANSFERS, "1.6GT/s", "1600MT/s");
    canonical(CONFIG_TRANSFERS, "0.000125MT/s", "0.000125MT/s");
    canonical(CONFIG_TRANSFERS, "1200.5MT/s", "1200.5MT/s");
    canonical(CONFIG_RATIO, "0.07", "7%");
    canonical(CONFIG_RATIO, "1", "100%");
    canonical(CONFIG_RATIO, "0", "0%");
    canonical(CONFIG_RATIO, "1e-15", "1e-15");
    canonical(CONFIG_REAL, "1.48e-3", "0.00148");
    canonical(CONFIG_REAL, "-100", "-100");
    canonical(CONFIG_REAL, "-0", "0");
    canonical(CONFIG_REAL, "6.02e23", "6.02e23");
    canonical(CONFIG_HEX, "5559", "0x15b7");
    canonical(CONFIG_HEX, "0xC", "0x000c");
    canonical(CONFIG_UINT64, "18446744073709551615", "18446744073709551615");
    canonical(CONFIG_BOOL, "true", "true");
    canonical(CONFIG_CHOICE, "fifo", "fifo");
    canonical(CONFIG_TIMES, "50us", "[50us]");
    canonical(CONFIG_TIMES, " 1us ,2us", "[1us, 2us]");
    canonical(CONFIG_STRING, "Grün", "Grün");
}

static void test_formatting_says_how_much_room_it_wants(void **state)
{
    (void)state;
    struct config_field times = field_of(CONFIG_TIMES), ratio = field_of(CONFIG_RATIO);
    char text[8];
    assert_int_equal(config_format(&times, &(struct config_times){3, {1, 2, 3}}, text, sizeof text), 15);
    assert_string_equal(text, "[1ps, 2");
    double value = 0.07;
    assert_int_equal(config_format(&ratio, &value, text, 2), 2);
    assert_string_equal(text, "7");
}

// Any size of number: as many bits as chance gives.
static uint64_t random_number(struct rng *rng)
{
    uint64_t bits = rng_u64(rng);
    return bits >> rng_below(rng, 64);
}

static void round_trip(enum config_type type, const void *value, size_t size)
{
    struct config_field field = field_of(type);
    struct config_problem problem;
    char text[512];
    unsigned char again[CONFIG_STRING_BYTES];
    memset(again, 0, sizeof again);
    config_format(&field, value, text, sizeof text);
    if (!config_parse(&field, text, again, &problem))
        fail_msg("%s: %s", text, problem.message);
    assert_memory_equal(value, again, size);
}

static double random_real(struct rng *rng)
{
    double value;
    do {
        uint64_t bits = rng_u64(rng) >> 1;
        memcpy(&value, &bits, sizeof value);
    } while (!__builtin_isfinite(value));
    return value;
}

static void test_every_value_reads_back_from_its_canonical_form(void **state)
{
    (void)state;
    static const enum config_type wide[] = {CONFIG_UINT64, CONFIG_TIME, CONFIG_BYTES, CONFIG_FREQUENCY,
                                            CONFIG_TRANSFERS};
    struct rng rng;
    rng_seed(&rng, 1, "test.value");
    for (int i = 0; i < 3000; i++) {
        uint64_t number = random_number(&rng) - (i % 2);
        uint64_t power = 1;
        for (uint64_t zeros = rng_below(&rng, 12); zeros > 0; zeros--)
            power *= 10;
        number = i % 3 == 0 ? number : random_number(&rng) % 100000 * power;
        number -= number == UINT64_MAX;
        for (size_t t = 0; t < ARRAY_SIZE(wide); t++)
            round_trip(wide[t], &number, sizeof number);
        uint32_t narrow = (uint32_t)number;
        round_trip(CONFIG_UINT, &narrow, sizeof narrow);
        round_trip(CONFIG_HEX, &narrow, sizeof narrow);
        double real = random_real(&rng), unit = (double)(rng_u64(&rng) >> 11) * 0x1p-53;
        round_trip(CONFIG_REAL, &real, sizeof real);
        round_trip(CONFIG_REAL, &unit, sizeof unit);
        round_trip(CONFIG_RATIO, &real, sizeof real);
        round_trip(CONFIG_RATIO, &unit, sizeof unit);
        struct config_times times = {.count = 1 + (uint32_t)rng_below(&rng, CONFIG_TIMES_MAX)};
        for (uint32_t n = 0; n < times.count; n++)
            times.at[n] = random_number(&rng) / 2;
        round_trip(CONFIG_TIMES, &times, sizeof times);
    }
}

// A size is as of any other key; a share is kept as it is written, and comes to whole bytes of what it is of.
static void test_a_size_or_a_share_of_another_size(void **state)
{
    (void)state;
    assert_int_equal(read_uint64(CONFIG_SIZE_OR_SHARE, "3MiB"), 3 << 20);
    assert_int_equal(config_bytes_of(3 << 20, 1000), 3 << 20);
    assert_int_equal(config_bytes_of(read_uint64(CONFIG_SIZE_OR_SHARE, "25%"), 1 << 20), 1 << 18);
    assert_int_equal(config_bytes_of(read_uint64(CONFIG_SIZE_OR_SHARE, "33.3%"), 1000), 333);
    assert_int_equal(config_bytes_of(read_uint64(CONFIG_SIZE_OR_SHARE, "0.000001%"), UINT64_C(299999999)), 2);
    assert_int_equal(config_bytes_of(read_uint64(CONFIG_SIZE_OR_SHARE, "100%"), UINT64_C(1) << 62), UINT64_C(1) << 62);
    assert_int_equal(read_uint64(CONFIG_SIZE_OR_SHARE, "0%"), 0);
    canonical(CONFIG_SIZE_OR_SHARE, "25.0%", "25%");
    canonical(CONFIG_SIZE_OR_SHARE, "12.50%", "12.5%");
    canonical(CONFIG_SIZE_OR_SHARE, "0.000001%", "0.000001%");
    canonical(CONFIG_SIZE_OR_SHARE, "1024KiB", "1MiB");
    refuse(CONFIG_SIZE_OR_SHARE, "100.1%", "'k' must be at most 100%; got '100.1%'");
    refuse(CONFIG_SIZE_OR_SHARE, "0.0000001%", "'k' is finer than 0.000001%; got '0.0000001%'");
    refuse(CONFIG_SIZE_OR_SHARE, "7", "'k' wants a size, such as 16KiB, or a share, such as 25%; got '7'");
    refuse_within(CONFIG_SIZE_OR_SHARE, "0", "64GiB", "65GiB", "'k' must be 0 to 64GiB; got '65GiB'");
}

// Twice a quarter is a half; a fifth more of a quarter could be 30 or 45 %.
static void test_shares_of_sizes_take_factors_and_no_percentages(void **state)
{
    (void)state;
    struct config_field field = field_of(CONFIG_SIZE_OR_SHARE);
    struct config_problem problem;
    char text[CONFIG_VALUE_BYTES];
    uint64_t size = 1 << 20, share = read_uint64(CONFIG_SIZE_OR_SHARE, "25%");
    assert_int_equal(config_relative(&field, &share, "x2", text, &problem), CONFIG_RELATIVE);
    assert_string_equal(text, "50%");
    assert_int_equal(config_relative(&field, &size, "+50%", text, &problem), CONFIG_RELATIVE);
    assert_string_equal(text, "1536KiB");
    assert_int_equal(config_relative(&field, &share, "+20%", text, &problem), CONFIG_RELATION_BAD);
    assert_string_equal(problem.message,
                        "'k' is a share itself; give the share, or a factor such as x1.2; got '+20%'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_are_exact_in_picoseconds),
        cmocka_unit_test(test_sizes_take_binary_and_decimal_units),
        cmocka_unit_test(test_rates_are_exact),
        cmocka_unit_test(test_ratios_are_the_nearest_double_of_what_is_written),
        cmocka_unit_test(test_what_is_no_time_is_refused_with_the_reason),
        cmocka_unit_test(test_what_is_out_of_range_is_refused_with_the_range),
        cmocka_unit_test(test_bounds_are_inclusive),
        cmocka_unit_test(test_what_is_no_number_is_refused_with_the_reason),
        cmocka_unit_test(test_other_types_refuse_with_the_reason),
        cmocka_unit_test(test_lists_of_times_refuse_with_the_reason),
        cmocka_unit_test(test_very_long_texts_are_refused_and_shown_short),
        cmocka_unit_test(test_the_canonical_form_is_short_and_without_rounding),
        cmocka_unit_test(test_formatting_says_how_much_room_it_wants),
        cmocka_unit_test(test_a_size_or_a_share_of_another_size),
        cmocka_unit_test(test_shares_of_sizes_take_factors_and_no_percentages),
        cmocka_unit_test(test_every_value_reads_back_from_its_canonical_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
