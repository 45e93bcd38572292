// Times on the link against the standard's numbers, computed here byte by byte and TLP by TLP.
#include <math.h>

#include "bench.h"

static struct pcie_config config_of(uint32_t generation, uint32_t lanes)
{
    return (struct pcie_config){.generation = generation, .lanes = lanes, .max_payload = 256, .max_read_request = 512,
                                .completion_size = 128, .request_header = 16, .completion_header = 12,
                                .latency_to_host = 1000, .latency_to_device = 2000, .host_read_latency = 4000};
}

// One TLP after the other.
static uint64_t wire_bytes(uint64_t bytes, uint64_t limit, uint64_t overhead, uint64_t *tlps)
{
    uint64_t total = 0;
    for (*tlps = 0; bytes > 0; ++*tlps) {
        uint64_t part = bytes < limit ? bytes : limit;
        total += part + overhead;
        bytes -= part;
    }
    return total;
}

static void test_transfers_are_cut_into_tlps(void **state)
{
    (void)state;
    static const uint32_t framing[] = {0, 8, 8, 8, 8, 8, 0};
    for (uint32_t generation = 1; generation <= 6; generation++) {
        struct pcie_config config = config_of(generation, 4);
        struct link link;
        link_init(&link, &config);
        for (uint64_t bytes = 1; bytes < 3000; bytes += 13) {
            uint64_t tlps;
            assert_int_equal(wire_bytes(bytes, 256, 16 + framing[generation], &tlps),
                             link_write_load(&link, bytes).bytes);
            assert_int_equal(tlps, link_write_load(&link, bytes).tlps);
            assert_int_equal(wire_bytes(bytes, 128, 12 + framing[generation], &tlps),
                             link_completion_load(&link, bytes).bytes);
            assert_int_equal(tlps, link_completion_load(&link, bytes).tlps);
            uint64_t requests = wire_bytes(bytes, 512, 16 + framing[generation], &tlps) - bytes;
            assert_int_equal(requests, link_read_request_load(&link, bytes).bytes);
            assert_int_equal(tlps, link_read_request_load(&link, bytes).tlps);
        }
    }
}

static void test_a_byte_takes_as_long_as_the_standard_says(void **state)
{
    (void)state;
    // Bytes a second of one lane: 2.5 and 5 GT/s at 8b/10b, 8 to 32 GT/s at 128b/130b, 64 GT/s with 236 of 256 B
    // flits.
    static const double rate[] = {0, 2.5e9 / 10, 5e9 / 10, 8e9 * 128 / 130 / 8, 16e9 * 128 / 130 / 8,
                                  32e9 * 128 / 130 / 8, 64e9 * 236 / 256 / 8};
    for (uint32_t generation = 1; generation <= 6; generation++) {
        for (uint32_t lanes = 1; lanes <= 16; lanes *= 2) {
            struct pcie_config config = config_of(generation, lanes);
            config.dllp_overhead = 0.05;
            struct link link;
            link_init(&link, &config);
            double expected = 1e6 / (rate[generation] * lanes) * 1e12 * 1.05;
            assert_true(fabs((double)link_ticks(&link, 1000000) - expected) <= expected * 1e-6 + 1);
        }
    }
}

static void test_an_ideal_link_takes_no_time(void **state)
{
    (void)state;
    struct pcie_config config = config_of(PCIE_GENERATION_IDEAL, 4);
    config.latency_to_host = config.latency_to_device = config.host_read_latency = 0;
    struct link link;
    link_init(&link, &config);
    struct wire_flow data = {0};
    assert_int_equal(link_to_host(&link, 77, 1 << 20, &data), 77);
    assert_int_equal(link_read_host(&link, 77, 1 << 20), 77);
    assert_int_equal(link_mmio_write(&link, 77, 4), 77);
    assert_int_equal(link_mmio_read(&link, 77), 77);
    assert_int_equal(link_mmio_completion(&link, 77, 4), 77);
    assert_int_equal(link_completion_entry(&link, 77, &data, LINK_MESSAGE_MSI), 77);
    link_destroy(&link);
}

static void test_a_read_is_a_request_up_and_completions_down(void **state)
{
    (void)state;
    struct pcie_config config = config_of(1, 1); // 4000 ps a byte
    struct link link;
    link_init(&link, &config);
    uint64_t request = 8 * (16 + 8) * 4000, completions = (4096 + 32 * (12 + 8)) * UINT64_C(4000);
    assert_int_equal(link_read_host(&link, 0, 4096), request + 1000 + 4000 + completions + 2000);
    assert_int_equal(link.tlps_up, 8);
    assert_int_equal(link.tlps_down, 32);
    // The next one's completions wait for the first one's.
    assert_int_equal(link_read_host(&link, 0, 4096), request + 1000 + 4000 + 2 * completions + 2000);
}

static void test_directions_do_not_hinder_each_other(void **state)
{
    (void)state;
    struct pcie_config config = config_of(1, 1);
    struct link link;
    link_init(&link, &config);
    uint64_t write = (4096 + 16 * 24) * UINT64_C(4000);
    struct wire_flow data = {0};
    assert_int_equal(link_to_host(&link, 0, 4096, &data), write);
    assert_int_equal(link_mmio_write(&link, 0, 4), 28 * 4000 + 2000);
    assert_int_equal(link_to_host(&link, 0, 4096, &data), 2 * write);
    assert_int_equal(link_completion_entry(&link, 0, &data, LINK_MESSAGE_MSI), 2 * write + (40 + 28) * 4000 + 1000);
    link_destroy(&link);
}

static void test_doorbells_pass_completions_and_push_them_back(void **state)
{
    (void)state;
    struct pcie_config config = config_of(1, 1);
    struct link alone, shared;
    link_init(&alone, &config);
    link_init(&shared, &config);
    link_read_host(&alone, 0, 4096);
    link_read_host(&shared, 0, 4096);
    assert_int_equal(link_mmio_write(&shared, 500000, 4), 500000 + 28 * 4000 + 2000);
    assert_int_equal(link_mmio_write(&shared, 500000, 4), 500000 + 2 * 28 * 4000 + 2000);
    assert_int_equal(link_read_host(&shared, 600000, 128), link_read_host(&alone, 600000, 128) + 2 * 28 * 4000);
}

static void test_the_hosts_limits_apply(void **state)
{
    (void)state;
    struct pcie_config config = config_of(3, 4);
    struct link link;
    link_init(&link, &config);
    link_set_limits(&link, 0, 0);
    assert_int_equal(link_write_load(&link, 512).tlps, 4);
    assert_int_equal(link_read_request_load(&link, 512).tlps, 4);
    link_set_limits(&link, 5, 5); // more than the device is capable of
    assert_int_equal(link_write_load(&link, 512).tlps, 2);
    assert_int_equal(link_completion_load(&link, 512).tlps, 4);
    assert_int_equal(link_read_request_load(&link, 4096).tlps, 1);
}

// Device Control's Max_Payload_Size bounds all TLPs with data, those of completions, too (PCIe Base 4.0, 2.2.2).
static void test_the_hosts_payload_limit_applies_to_completions(void **state)
{
    (void)state;
    struct pcie_config config = config_of(4, 4);
    config.completion_size = 256;
    struct link link;
    link_init(&link, &config);
    assert_int_equal(link_completion_load(&link, 512).tlps, 2);
    link_set_limits(&link, 0, 2);
    assert_int_equal(link_completion_load(&link, 512).tlps, 4);
    assert_int_equal(link_write_load(&link, 512).tlps, 4);
}

// Generation 1, one lane: 4000 ps a byte; 8 bytes of framing, headers of 16 and, of completions, 12.
static void test_messages_and_register_reads_cross_the_link(void **state)
{
    (void)state;
    struct pcie_config config = config_of(1, 1);
    struct link link;
    link_init(&link, &config);
    assert_int_equal(link_message(&link, 0, LINK_MESSAGE_MSI), (4 + 24) * 4000 + 1000);
    assert_int_equal(link_mmio_read(&link, 0), 24 * 4000 + 2000);
    assert_int_equal(link_mmio_completion(&link, 1000000, 4), 1000000 + (4 + 20) * 4000 + 1000);
    assert_int_equal(link.wire_bytes_up, 28 + 24);
    assert_int_equal(link.wire_bytes_down, 24);
    link_restart(&link, 2000000);
    assert_int_equal(link.wire_bytes_up + link.wire_bytes_down + link.tlps_up + link.tlps_down, 0);
}

static void test_utilisation_is_that_of_each_direction(void **state)
{
    (void)state;
    struct pcie_config config = config_of(1, 1);
    struct link link;
    link_init(&link, &config);
    struct wire_flow data = {0};
    tick_t end = link_to_host(&link, 0, 4096, &data);
    assert_true(fabs(meter_utilization(&link.up.meter, end) - 1) < 1e-9);
    assert_true(meter_utilization(&link.down_meter, end) == 0);
    link_destroy(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transfers_are_cut_into_tlps),
        cmocka_unit_test(test_a_byte_takes_as_long_as_the_standard_says),
        cmocka_unit_test(test_an_ideal_link_takes_no_time),
        cmocka_unit_test(test_a_read_is_a_request_up_and_completions_down),
        cmocka_unit_test(test_directions_do_not_hinder_each_other),
        cmocka_unit_test(test_doorbells_pass_completions_and_push_them_back),
        cmocka_unit_test(test_messages_and_register_reads_cross_the_link),
        cmocka_unit_test(test_the_hosts_limits_apply),
        cmocka_unit_test(test_the_hosts_payload_limit_applies_to_completions),
        cmocka_unit_test(test_utilisation_is_that_of_each_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
