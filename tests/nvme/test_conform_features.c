// Conformance, group Features: select, save, scope and data of Get and Set Features, and what features do.
#include "conform.h"

enum { SAVE = 1u << 31 };

static struct nvme_cqe get(struct bench *b, uint32_t fid, uint32_t select, uint32_t nsid, uint32_t cdw11)
{
    return conform_command(b, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .nsid = nsid,
                                                .cdw10 = fid | select << 8, .cdw11 = cdw11});
}

static unsigned set(struct bench *b, uint32_t fid, uint32_t nsid, uint32_t cdw11)
{
    return conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .nsid = nsid, .cdw10 = fid,
                                              .cdw11 = cdw11});
}

static const struct {
    uint32_t fid, nsid, initial, first, second;
} saveable[] = {
    {0x01, 0, 3, 0x02010005, 0x7}, {0x02, 0, 0, 0x20, 0x40},   {0x04, 0, 343, 340, 300}, {0x05, 1, 0, 0x1234, 0x1},
    {0x06, 0, 1, 0, 1},            {0x08, 0, 0, 0x0203, 0x44}, {0x0a, 0, 0, 1, 0},       {0x0b, 0, 0, 0x103, 0x1},
    {0x80, 0, 0, 5, 6},
};

// 7.8: a saved value is the current one after a reset, and after the next one, too; the default one stays.
static void test_saved_values_outlive_resets(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    for (size_t i = 0; i < ARRAY_SIZE(saveable); i++) {
        uint32_t fid = saveable[i].fid, nsid = saveable[i].nsid;
        assert_int_equal(set(b, fid | SAVE, nsid, saveable[i].first), NVME_SC_SUCCESS);
        assert_int_equal(set(b, fid, nsid, saveable[i].second), NVME_SC_SUCCESS);
        assert_int_equal(get(b, fid, NVME_SELECT_CURRENT, nsid, 0).dw0, saveable[i].second);
    }
    for (int resets = 0; resets < 2; resets++) {
        bench_enable_controller(b, BENCH_CC);
        for (size_t i = 0; i < ARRAY_SIZE(saveable); i++) {
            uint32_t fid = saveable[i].fid, nsid = saveable[i].nsid;
            assert_int_equal(get(b, fid, NVME_SELECT_CURRENT, nsid, 0).dw0, saveable[i].first);
            assert_int_equal(get(b, fid, NVME_SELECT_SAVED, nsid, 0).dw0, saveable[i].first);
            assert_int_equal(get(b, fid, NVME_SELECT_DEFAULT, nsid, 0).dw0, saveable[i].initial);
        }
    }
    bench_destroy(b);
}

// 5.21: SV is refused where SEL 3 says that nothing can be saved; 5.14: SEL above 3.
static void test_what_can_be_saved_is_as_told(void **state)
{
    (void)state;
    static const struct {
        uint32_t fid, nsid, cdw11;
        bool saveable, named;
    } rows[] = {
        {0x01, 0, 0, true, false}, {0x02, 0, 0, true, false}, {0x03, 1, 0, true, true}, {0x04, 0, 300, true, false},
        {0x05, 1, 0, true, true}, {0x06, 0, 1, true, false}, {0x07, 0, 0, false, false}, {0x08, 0, 0, true, false},
        {0x09, 0, 1, true, false}, {0x0a, 0, 0, true, false}, {0x0b, 0, 0, true, false}, {0x0e, 0, 0, false, false},
        {0x16, 0, 0, false, false}, {0x80, 0, 1, true, false},
    };
    struct bench *b = bench_create();
    b->config.timestamp = true;
    bench_start(b);
    bench_enable_function(b);
    bench_enable_controller(b, BENCH_CC);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        memset(conform_data(b), 0, 4096);
        uint32_t told = get(b, rows[i].fid, NVME_SELECT_CAPABILITIES, rows[i].nsid, 0).dw0;
        assert_int_equal(told, NVME_FEATURE_CAN_CHANGE | (rows[i].saveable ? NVME_FEATURE_CAN_SAVE : 0) |
                                   (rows[i].named ? NVME_FEATURE_PER_NAMESPACE : 0));
        assert_int_equal(set(b, rows[i].fid | SAVE, rows[i].nsid, rows[i].cdw11),
                         rows[i].saveable ? NVME_SC_SUCCESS : NVME_SC_FEATURE_NOT_SAVEABLE);
        for (uint32_t select = 4; select < 8; select++)
            assert_int_equal(bench_status(get(b, rows[i].fid, select, rows[i].nsid, 0)), NVME_SC_INVALID_FIELD);
    }
    bench_destroy(b);
}

// 5.21.1.5: each namespace has its own; FFFFFFFFh sets all (6.1.4).
static void test_namespaces_have_values_of_their_own(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    strcpy(b->config.namespaces, "25%, 25%, 25%");
    b->config.max_namespaces = 3;
    bench_up(b);
    for (uint32_t nsid = 1; nsid <= 3; nsid++)
        assert_int_equal(set(b, NVME_FEATURE_ERROR_RECOVERY | SAVE, nsid, 100 + nsid), NVME_SC_SUCCESS);
    for (uint32_t nsid = 1; nsid <= 3; nsid++)
        assert_int_equal(get(b, NVME_FEATURE_ERROR_RECOVERY, 0, nsid, 0).dw0, 100 + nsid);
    assert_int_equal(set(b, NVME_FEATURE_ERROR_RECOVERY, NVME_NSID_ALL, 7), NVME_SC_SUCCESS);
    for (uint32_t nsid = 1; nsid <= 3; nsid++) {
        assert_int_equal(get(b, NVME_FEATURE_ERROR_RECOVERY, 0, nsid, 0).dw0, 7);
        assert_int_equal(get(b, NVME_FEATURE_ERROR_RECOVERY, NVME_SELECT_SAVED, nsid, 0).dw0, 100 + nsid);
    }
    assert_int_equal(bench_status(get(b, NVME_FEATURE_ERROR_RECOVERY, 0, NVME_NSID_ALL, 0)), NVME_SC_INVALID_NAMESPACE);
    // A namespace that takes the place of another has none of its values.
    assert_int_equal(conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_NAMESPACE_MANAGEMENT, .nsid = 2,
                                                        .cdw10 = NVME_NAMESPACE_DELETE}), 0);
    *(struct nvme_identify_namespace *)conform_data(b) = (struct nvme_identify_namespace){.nsze = 4096, .ncap = 4096};
    assert_int_equal(conform_command(b, (struct nvme_sqe){.opcode = NVME_ADMIN_NAMESPACE_MANAGEMENT}).dw0, 2);
    *(struct nvme_controller_list *)conform_data(b) = (struct nvme_controller_list){.count = 1};
    assert_int_equal(conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_NAMESPACE_ATTACHMENT, .nsid = 2}), 0);
    assert_int_equal(get(b, NVME_FEATURE_ERROR_RECOVERY, 0, 2, 0).dw0, 0);
    assert_int_equal(get(b, NVME_FEATURE_ERROR_RECOVERY, NVME_SELECT_SAVED, 2, 0).dw0, 0);
    bench_destroy(b);
}

// --- features with data --------------------------------------------------------------------------------------------

// 5.21.1.3: at first one range, which is all; ranges that are set lie within, and apart.
static void test_lba_ranges(void **state)
{
    (void)state;
    const uint64_t blocks = BENCH_CAPACITY / 512;
    struct bench *b = bench_up(bench_create());
    struct nvme_lba_range *ranges = conform_data(b);
    assert_int_equal(get(b, NVME_FEATURE_LBA_RANGE_TYPE, 0, 1, 0).dw0, 0);
    assert_int_equal(ranges[0].blocks, blocks - 1);
    assert_int_equal(ranges[0].slba, 0);
    static const struct {
        uint64_t second, length; // of two ranges, the first being 0 to 99
        unsigned status;
    } rows[] = {{100, 49, 0}, {99, 49, NVME_SC_OVERLAPPING_RANGE}, {2097151, 0, 0}, {2097152, 0, NVME_SC_LBA_RANGE},
                {100, 2097052, NVME_SC_LBA_RANGE}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        memset(ranges, 0, 128);
        ranges[0] = (struct nvme_lba_range){.type = 1, .blocks = 99};
        ranges[1] = (struct nvme_lba_range){.type = 2, .slba = rows[i].second, .blocks = rows[i].length};
        assert_int_equal(set(b, NVME_FEATURE_LBA_RANGE_TYPE, 1, 1), rows[i].status);
    }
    assert_int_equal(get(b, NVME_FEATURE_LBA_RANGE_TYPE, 0, 1, 0).dw0, 1);
    assert_int_equal(ranges[1].type, 2);
    assert_int_equal(ranges[1].slba, blocks - 1);
    bench_destroy(b);
}

// 5.21.1.18: 512 bytes, kept until a reset.
static void test_host_behaviour_is_kept(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    uint8_t *data = conform_data(b), expected[512];
    for (size_t i = 0; i < sizeof expected; i++)
        data[i] = expected[i] = (uint8_t)(i * 7 + 1);
    assert_int_equal(set(b, NVME_FEATURE_HOST_BEHAVIOUR, 0, 0), NVME_SC_SUCCESS);
    memset(data, 0xee, 513);
    assert_int_equal(bench_status(get(b, NVME_FEATURE_HOST_BEHAVIOUR, 0, 0, 0)), NVME_SC_SUCCESS);
    assert_memory_equal(data, expected, sizeof expected);
    assert_int_equal(data[512], 0xee);
    bench_enable_controller(b, BENCH_CC);
    get(b, NVME_FEATURE_HOST_BEHAVIOUR, 0, 0, 0);
    assert_int_equal(data[0], 0);
    bench_destroy(b);
}

static void nothing(void *context)
{
    (void)context;
}

static void wait_for(struct bench *b, tick_t time)
{
    sim_at(b->sim, sim_now(b->sim) + time, nothing, NULL);
    bench_run(b);
}

static uint64_t timestamp(struct bench *b)
{
    uint64_t value;
    assert_int_equal(bench_status(get(b, NVME_FEATURE_TIMESTAMP, 0, 0, 0)), NVME_SC_SUCCESS);
    memcpy(&value, conform_data(b), sizeof value);
    return value;
}

// 5.21.1.14: milliseconds go on; origin 1 when the host has set it, 0 after a reset.
static void test_the_timestamp_goes_on(void **state)
{
    (void)state;
    const uint64_t at = UINT64_C(1700000000000), origin = UINT64_C(1) << 49;
    struct bench *b = bench_create();
    b->config.timestamp = true;
    bench_up(b);
    assert_int_equal(timestamp(b) >> 48, 0);
    memcpy(conform_data(b), &at, sizeof at);
    assert_int_equal(set(b, NVME_FEATURE_TIMESTAMP, 0, 0), NVME_SC_SUCCESS);
    assert_int_equal(timestamp(b), at | origin);
    wait_for(b, 1234 * TICKS_PER_MS);
    assert_int_equal(timestamp(b), (at + 1234) | origin);
    const struct nvme_identify_controller *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
    assert_true(id->oncs & NVME_ONCS_TIMESTAMP);
    bench_enable_controller(b, BENCH_CC);
    assert_true(timestamp(b) < 1000);
    bench_destroy(b);
}

// --- power ---------------------------------------------------------------------------------------------------------

static struct bench *powered(void)
{
    struct bench *b = bench_create();
    strcpy(b->config.power_states, "8000, 4000 1ms 2ms, 55 5ms 10ms idle, 5 50ms 100ms idle");
    return bench_up(b);
}

// 5.15.2.2, figure 251: power in 10 mW, or 0.1 mW with MXPS; latencies in microseconds; NOPS.
static void test_power_states_are_as_configured(void **state)
{
    (void)state;
    static const struct {
        uint16_t power;
        uint8_t flags;
        uint32_t entry_us, exit_us;
    } rows[] = {{800, 0, 0, 0}, {400, 0, 1000, 2000}, {550, 3, 5000, 10000}, {50, 3, 50000, 100000}};
    struct bench *b = powered();
    const struct nvme_identify_controller *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
    assert_int_equal(id->npss, 3);
    assert_int_equal(id->apsta, 1);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(id->psd[i].max_power, rows[i].power);
        assert_int_equal(id->psd[i].flags, rows[i].flags);
        assert_int_equal(id->psd[i].entry_us, rows[i].entry_us);
        assert_int_equal(id->psd[i].exit_us, rows[i].exit_us);
    }
    assert_int_equal(id->psd[4].max_power, 0);
    assert_int_equal(set(b, NVME_FEATURE_POWER_MANAGEMENT, 0, 4), NVME_SC_INVALID_FIELD);
    bench_destroy(b);
}

static tick_t duration(struct bench *b, uint32_t qid, struct nvme_sqe sqe)
{
    tick_t begin = sim_now(b->sim);
    b->message_at = 0;
    bench_submit(b, qid, sqe);
    tick_t took = b->message_at - begin;
    struct nvme_cqe cqe;
    assert_true(bench_take(b, qid, &cqe));
    assert_int_equal(bench_status(cqe), NVME_SC_SUCCESS);
    bench_ring_head(b, qid);
    bench_run(b);
    return took;
}

static tick_t state_takes(struct bench *b, uint32_t power_state)
{
    return duration(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x02, .cdw11 = power_state});
}

static tick_t read_takes(struct bench *b)
{
    return duration(b, 1, bench_rw(NVME_IO_READ, 0, 8));
}

// 8.4: a change takes the exit latency of the old state and the entry latency of the new one; Set Features completes
// after it. A read in a non-operational state goes back to the operational one first.
static void test_changes_of_state_take_their_latencies(void **state)
{
    (void)state;
    static const struct {
        uint32_t to;
        tick_t takes;      // ms
        tick_t read_takes; // ms
        uint32_t then;
    } rows[] = {
        {0, 0, 0, 0},         // stays
        {1, 1, 0, 1},         // 0 + 1
        {2, 2 + 5, 10 + 1, 1}, // back to 1, the last operational one
        {0, 2 + 0, 0, 0},
        {3, 50, 100, 0},
        {2, 5, 10, 0},
    };
    struct bench *b = powered();
    tick_t plain_set = state_takes(b, 0), plain_read = read_takes(b);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(state_takes(b, rows[i].to), plain_set + rows[i].takes * TICKS_PER_MS);
        assert_int_equal(get(b, NVME_FEATURE_POWER_MANAGEMENT, 0, 0, 0).dw0, rows[i].to);
        assert_int_equal(read_takes(b), plain_read + rows[i].read_takes * TICKS_PER_MS);
        assert_int_equal(get(b, NVME_FEATURE_POWER_MANAGEMENT, 0, 0, 0).dw0, rows[i].then);
    }
    bench_destroy(b);
}

static unsigned set_transitions(struct bench *b, uint32_t enable, const uint64_t rows[3])
{
    memset(conform_data(b), 0, 256);
    memcpy(conform_data(b), rows, 3 * sizeof *rows);
    return set(b, NVME_FEATURE_POWER_TRANSITIONS, 0, enable);
}

// From 0 after 100 ms to 2, from 2 after 1000 ms more to 3.
static const uint64_t chain[3] = {100u << 8 | 2 << 3, 0, 1000u << 8 | 3 << 3};

// 5.21.1.12, 8.4.2: the longer it is idle the deeper it sleeps, and the longer the next read takes. A read that comes
// while a state is being entered waits for that, too.
static void test_an_idle_controller_goes_to_sleep(void **state)
{
    (void)state;
    static const struct {
        tick_t idle_ms;
        uint32_t state;
        tick_t extra_ms;
    } rows[] = {
        {99, 0, 0}, {101, 2, 5 - 1 + 10}, {106, 2, 10}, {1000, 2, 10}, {1104, 2, 10}, {1106, 3, 10 + 50 - 1 + 100},
        {1300, 3, 100}, {100000, 3, 100},
    };
    struct bench *b = powered();
    assert_int_equal(set_transitions(b, 1, chain), NVME_SC_SUCCESS);
    read_takes(b);
    tick_t plain = read_takes(b);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        read_takes(b);
        tick_t idle_since = b->nvme->subsystem.health.idle_since;
        wait_for(b, idle_since + rows[i].idle_ms * TICKS_PER_MS - sim_now(b->sim));
        assert_int_equal(power_state_now(b->nvme), rows[i].state);
        tick_t extra = read_takes(b) - plain, expected = rows[i].extra_ms * TICKS_PER_MS;
        assert_true(extra <= expected && expected - extra < 10 * TICKS_PER_US); // less the doorbell's way
        assert_int_equal(power_state_now(b->nvme), 0);
    }
    bench_destroy(b);
}

static void test_transitions_that_cannot_be(void **state)
{
    (void)state;
    struct bench *b = powered();
    static const struct {
        uint64_t rows[3];
        uint32_t enable;
        unsigned status;
    } cases[] = {
        {{100u << 8 | 2 << 3}, 1, 0},
        {{100u << 8 | 1 << 3}, 1, NVME_SC_INVALID_FIELD}, // an operational one
        {{100u << 8 | 4 << 3}, 1, NVME_SC_INVALID_FIELD}, // one that is not there
        {{0, 0, 100u << 8 | 2 << 3}, 1, NVME_SC_INVALID_FIELD}, // itself
        {{0}, 2, NVME_SC_INVALID_FIELD},
        {{1 << 3}, 1, 0}, // never
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(set_transitions(b, cases[i].enable, cases[i].rows), cases[i].status);
    bench_destroy(b);
}

// Disabled, and after a reset, nothing happens by itself; what is saved does.
static void test_transitions_are_disabled_and_saved(void **state)
{
    (void)state;
    struct bench *b = powered();
    uint64_t kept[32];
    assert_int_equal(set_transitions(b, 1, chain), NVME_SC_SUCCESS);
    assert_int_equal(set_transitions(b, 0, chain), NVME_SC_SUCCESS);
    wait_for(b, 10 * TICKS_PER_S);
    assert_int_equal(power_state_now(b->nvme), 0);
    memset(conform_data(b), 0, 256);
    memcpy(conform_data(b), chain, sizeof chain);
    assert_int_equal(set(b, NVME_FEATURE_POWER_TRANSITIONS | SAVE, 0, 1), NVME_SC_SUCCESS);
    bench_enable_controller(b, BENCH_CC);
    assert_int_equal(get(b, NVME_FEATURE_POWER_TRANSITIONS, 0, 0, 0).dw0, 1);
    memcpy(kept, conform_data(b), sizeof kept);
    assert_memory_equal(kept, chain, sizeof chain);
    wait_for(b, 10 * TICKS_PER_S);
    assert_int_equal(power_state_now(b->nvme), 3);
    bench_destroy(b);
}

// A reset in the middle of a transition leaves nothing held.
static void test_a_reset_ends_a_transition(void **state)
{
    (void)state;
    struct bench *b = powered();
    state_takes(b, 3);
    bench_put(b, 1, bench_rw(NVME_IO_READ, 0, 8));
    bench_ring(b, 1);
    sim_run_before(b->sim, sim_now(b->sim) + 20 * TICKS_PER_MS);
    assert_true(b->nvme->power.held);
    bench_enable_controller(b, BENCH_CC);
    assert_false(b->nvme->power.held);
    bench_create_queue(b, 1, 64);
    assert_true(read_takes(b) < TICKS_PER_MS);
    bench_destroy(b);
}

static void test_power_tables_that_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool reads;
    } rows[] = {
        {"", true}, {"8000", true}, {"8000, 50 1ms 1ms idle", true}, {"50 1ms 1ms idle", false}, {"0", false},
        {"4000, 8000", false}, {"8000 1", false}, {"8000 1ms 1ms asleep", false}, {"8000, ", false}, {"watt", false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct nvme_config config = {0};
        struct nvme_power_states states;
        struct config_problem problem = {0};
        strcpy(config.power_states, rows[i].text);
        assert_int_equal(power_states_read(&config, &states, &problem), rows[i].reads);
        assert_int_equal(problem.message[0] != '\0', !rows[i].reads);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saved_values_outlive_resets),
        cmocka_unit_test(test_what_can_be_saved_is_as_told),
        cmocka_unit_test(test_namespaces_have_values_of_their_own),
        cmocka_unit_test(test_lba_ranges),
        cmocka_unit_test(test_host_behaviour_is_kept),
        cmocka_unit_test(test_the_timestamp_goes_on),
        cmocka_unit_test(test_power_states_are_as_configured),
        cmocka_unit_test(test_changes_of_state_take_their_latencies),
        cmocka_unit_test(test_an_idle_controller_goes_to_sleep),
        cmocka_unit_test(test_transitions_that_cannot_be),
        cmocka_unit_test(test_transitions_are_disabled_and_saved),
        cmocka_unit_test(test_a_reset_ends_a_transition),
        cmocka_unit_test(test_power_tables_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
