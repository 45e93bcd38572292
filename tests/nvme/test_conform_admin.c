// Conformance, groups Firmware, Format and Self-test: images, slots, activation; logical blocks anew, and what was held
// given back; tests in the background, and what ends them.
#include "conform.h"

// --- firmware ------------------------------------------------------------------------------------------------------

enum { REPLACE, REPLACE_THEN_ACTIVATE, ACTIVATE, ACTIVATE_NOW }; // 5.11, figure 154

static struct bench *with_slots(uint32_t slots)
{
    struct bench *b = bench_create();
    b->config.firmware_slots = slots;
    b->config.t_firmware_commit = 20 * TICKS_PER_MS;
    return bench_up(b);
}

static unsigned download(struct bench *b, uint32_t offset, uint32_t bytes, uint8_t content)
{
    memset(conform_data(b), content, bytes);
    return conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_FIRMWARE_DOWNLOAD, .cdw10 = bytes / 4 - 1,
                                              .cdw11 = offset / 4});
}

static unsigned commit(struct bench *b, uint32_t action, uint32_t slot)
{
    return conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_FIRMWARE_COMMIT, .cdw10 = slot | action << 3});
}

static const struct nvme_firmware_log *slots(struct bench *b)
{
    assert_int_equal(conform_log(b, NVME_LOG_FIRMWARE, NVME_NSID_ALL, 512, 0), 0);
    return conform_data(b);
}

static void revision(struct bench *b, char fr[9])
{
    const struct nvme_identify_controller *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
    snprintf(fr, 9, "%.8s", id->fr);
}

// 8.1: what is committed is in its slot, and in use after a reset, or at once.
static void test_an_image_becomes_active(void **state)
{
    (void)state;
    struct bench *b = with_slots(3);
    char before[9], after[9], kept[8];
    revision(b, before);
    assert_string_equal(before, "1.0     ");
    assert_int_equal(download(b, 0, 8192, 0x11), 0);
    assert_int_equal(commit(b, REPLACE_THEN_ACTIVATE, 2), 0);
    assert_int_equal(slots(b)->afi, 1 | 2 << 4);
    memcpy(kept, slots(b)->revisions[1], 8);
    assert_int_equal(kept[0], 'F');
    revision(b, after);
    assert_string_equal(after, before);
    bench_enable_controller(b, BENCH_CC);
    assert_int_equal(slots(b)->afi, 2);
    revision(b, after);
    assert_memory_equal(after, kept, 8);
    assert_int_equal(commit(b, ACTIVATE_NOW, 1), 0); // back, without a reset
    revision(b, after);
    assert_string_equal(after, before);
    assert_int_equal(commit(b, ACTIVATE, 2), 0);
    assert_int_equal(slots(b)->afi, 1 | 2 << 4);
    bench_destroy(b);
}

// The revision is that of the image, however it was cut into parts; another image has another one.
static void test_a_revision_is_the_images(void **state)
{
    (void)state;
    struct bench *b = with_slots(4);
    assert_int_equal(download(b, 0, 8192, 0x11), 0);
    assert_int_equal(commit(b, REPLACE, 2), 0);
    assert_int_equal(download(b, 0, 4096, 0x11), 0);
    assert_int_equal(download(b, 4096, 4096, 0x11), 0);
    assert_int_equal(commit(b, REPLACE, 3), 0);
    assert_int_equal(download(b, 0, 8192, 0x12), 0);
    assert_int_equal(commit(b, REPLACE, 4), 0);
    const struct nvme_firmware_log *log = slots(b);
    assert_int_equal(log->afi, 1);
    assert_memory_equal(log->revisions[1], log->revisions[2], 8);
    assert_memory_not_equal(log->revisions[1], log->revisions[3], 8);
    bench_destroy(b);
}

static void test_firmware_that_cannot_be(void **state)
{
    (void)state;
    struct bench *b = with_slots(2);
    assert_int_equal(commit(b, REPLACE, 2), NVME_SC_INVALID_FIRMWARE_IMAGE); // none
    assert_int_equal(commit(b, ACTIVATE, 2), NVME_SC_INVALID_FIRMWARE_IMAGE); // empty
    assert_int_equal(download(b, 0, 4096, 1), 0);
    assert_int_equal(download(b, 0, 4096, 1), NVME_SC_OVERLAPPING_RANGE);
    assert_int_equal(download(b, 8192, 4096, 1), NVME_SC_INVALID_FIELD);
    assert_int_equal(commit(b, REPLACE, 1), NVME_SC_INVALID_FIRMWARE_SLOT); // read-only
    assert_int_equal(commit(b, REPLACE, 3), NVME_SC_INVALID_FIRMWARE_SLOT);
    for (uint32_t action = 4; action < 8; action++)
        assert_int_equal(commit(b, action, 2), NVME_SC_INVALID_FIELD);
    bench_enable_controller(b, BENCH_CC);
    assert_int_equal(commit(b, REPLACE, 2), NVME_SC_INVALID_FIRMWARE_IMAGE); // a reset forgets it
    assert_int_equal(slots(b)->revisions[1][0], 0);
    bench_destroy(b);
    b = with_slots(1);
    assert_int_equal(download(b, 0, 4096, 1), NVME_SC_INVALID_OPCODE);
    assert_int_equal(commit(b, ACTIVATE, 1), NVME_SC_INVALID_OPCODE);
    bench_destroy(b);
}

// 5.11: slot 0 leaves the choice to the controller: an empty one, then one that is not in use.
static void test_the_controller_chooses_a_slot(void **state)
{
    (void)state;
    struct bench *b = with_slots(3);
    static const uint8_t active[] = {2, 3, 2, 3};
    for (size_t i = 0; i < sizeof active; i++) {
        assert_int_equal(download(b, 0, 4096, (uint8_t)i), 0);
        assert_int_equal(commit(b, REPLACE_THEN_ACTIVATE, 0), 0);
        bench_enable_controller(b, BENCH_CC);
        assert_int_equal(slots(b)->afi, active[i]);
    }
    bench_destroy(b);
}

// Writing the slot takes its time; 5.2: activation at once is told when feature 0Bh asks for it.
static void test_commit_takes_its_time_and_activation_is_told(void **state)
{
    (void)state;
    uint32_t event;
    struct bench *b = with_slots(2);
    assert_int_equal(download(b, 0, 4096, 7), 0);
    assert_int_equal(conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b,
                                                        .cdw11 = NVME_OAES_FIRMWARE_ACTIVATION}), 0);
    conform_request_event(b);
    tick_t begin = sim_now(b->sim);
    bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_FIRMWARE_COMMIT, .cdw10 = 2 | ACTIVATE_NOW << 3});
    tick_t took = b->message_at - begin;
    assert_true(took > 20 * TICKS_PER_MS && took < 20 * TICKS_PER_MS + 10 * TICKS_PER_US);
    assert_true(conform_event(b, &event));
    assert_int_equal(event, NVME_EVENT_NOTICE | NVME_EVENT_NOTICE_FIRMWARE << 8 | NVME_LOG_FIRMWARE << 16);
    bench_destroy(b);
}

// FRMW, OACS bit 2 and the effects log say the same as the opcodes.
static void test_slots_are_told(void **state)
{
    (void)state;
    for (uint32_t count = 1; count <= 7; count++) {
        struct bench *b = with_slots(count);
        const struct nvme_identify_controller *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
        assert_int_equal(id->frmw, 1 | count << 1 | (count > 1 ? 1 << 4 : 0));
        assert_int_equal(id->oacs & NVME_OACS_FIRMWARE, count > 1 ? NVME_OACS_FIRMWARE : 0);
        bench_destroy(b);
    }
}

// --- format --------------------------------------------------------------------------------------------------------

static unsigned format(struct bench *b, uint32_t nsid, uint32_t cdw10)
{
    return conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_FORMAT_NVM, .nsid = nsid, .cdw10 = cdw10});
}

static unsigned read_block(struct bench *b, uint32_t nsid, uint64_t slba)
{
    struct nvme_sqe sqe = bench_rw(NVME_IO_READ, slba, 1);
    sqe.nsid = nsid;
    return bench_status(bench_command(b, 1, sqe));
}

// 5.23: blocks of the new size, over the same range, all of which is deallocated.
static void test_format_changes_blocks_and_deallocates(void **state)
{
    (void)state;
    static const uint32_t formats[] = {3, 1, 0, 2, 2};
    struct bench *b = bench_up(bench_create());
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        assert_int_equal(format(b, 1, formats[i] | (uint32_t)(i % 3) << 9), 0);
        struct bench_core_entry trim = b->core_log[b->core_count - 1];
        assert_int_equal(trim.kind, FTL_TRIM);
        assert_int_equal(trim.offset, 0);
        assert_int_equal(trim.bytes, BENCH_CAPACITY);
        const struct nvme_identify_namespace *id = conform_identify(b, NVME_CNS_NAMESPACE, 1);
        assert_int_equal(id->flbas, formats[i]);
        assert_int_equal(id->nsze, BENCH_CAPACITY >> (9 + formats[i]));
        assert_int_equal(read_block(b, 1, id->nsze - 1), 0);
        assert_int_equal(b->core_log[b->core_count - 1].bytes, 512u << formats[i]);
        assert_int_equal(read_block(b, 1, BENCH_CAPACITY >> (9 + formats[i])), NVME_SC_LBA_RANGE);
    }
    bench_destroy(b);
}

// What was marked by Write Uncorrectable is a block like any other after it.
static void test_format_leaves_nothing_uncorrectable(void **state)
{
    (void)state;
    struct bench *b = bench_up(bench_create());
    struct nvme_sqe mark = {.opcode = NVME_IO_WRITE_UNCORRECTABLE, .nsid = 1, .cdw10 = 8, .cdw12 = 7};
    assert_int_equal(bench_status(bench_command(b, 1, mark)), 0);
    assert_int_equal(read_block(b, 1, 8), NVME_SC_UNRECOVERED_READ);
    assert_int_equal(format(b, 1, 0), 0);
    assert_int_equal(read_block(b, 1, 8), 0);
    bench_destroy(b);
}

// It ends when the core has given back what was there.
static void test_format_waits_for_the_core(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    b->core_delay = 3 * TICKS_PER_MS;
    bench_up(b);
    tick_t begin = sim_now(b->sim);
    bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 1});
    assert_true(b->message_at - begin > 3 * TICKS_PER_MS);
    bench_destroy(b);
}

// 5.23: FFFFFFFFh formats each, with its own range; others stay as they are.
static void test_one_or_all_are_formatted(void **state)
{
    (void)state;
    struct bench *b = bench_create();
    strcpy(b->config.namespaces, "25% 4KiB, 25% 4KiB");
    bench_up(b);
    assert_int_equal(format(b, 2, 0), 0);
    assert_int_equal(((const struct nvme_identify_namespace *)conform_identify(b, NVME_CNS_NAMESPACE, 1))->flbas, 3);
    assert_int_equal(((const struct nvme_identify_namespace *)conform_identify(b, NVME_CNS_NAMESPACE, 2))->flbas, 0);
    assert_int_equal(b->core_log[0].offset, BENCH_CAPACITY / 4);
    assert_int_equal(format(b, NVME_NSID_ALL, 1), 0);
    assert_int_equal(b->core_count, 3);
    for (uint32_t nsid = 1; nsid <= 2; nsid++)
        assert_int_equal(((const struct nvme_identify_namespace *)conform_identify(b, NVME_CNS_NAMESPACE, nsid))->flbas, 1);
    bench_destroy(b);
}

static void test_formats_that_cannot_be(void **state)
{
    (void)state;
    enum { OP = NVME_ADMIN_FORMAT_NVM };
    static const struct conform_check checks[] = {
        {"5.23: no namespace", {.opcode = OP}, NVME_SC_INVALID_NAMESPACE},
        {"5.23: one that is not there", {.opcode = OP, .nsid = 2}, NVME_SC_INVALID_NAMESPACE},
        {"5.23: LBAF above NLBAF", {.opcode = OP, .nsid = 1, .cdw10 = 4}, NVME_SC_INVALID_FORMAT},
        {"5.23: MSET without metadata", {.opcode = OP, .nsid = 1, .cdw10 = 1 << 4}, NVME_SC_INVALID_FORMAT},
        {"5.23: PI type 1", {.opcode = OP, .nsid = 1, .cdw10 = 1 << 5}, NVME_SC_INVALID_FORMAT},
        {"5.23: PIL", {.opcode = OP, .nsid = 1, .cdw10 = 1 << 8}, NVME_SC_INVALID_FORMAT},
        {"5.23: SES 3", {.opcode = OP, .nsid = 1, .cdw10 = 3 << 9}, NVME_SC_INVALID_FIELD},
        {"5.23: SES 2, FNA bit 2", {.opcode = OP, .nsid = 1, .cdw10 = 2 << 9}, 0},
    };
    struct bench *b = bench_up(bench_create());
    CONFORM_RUN(b, checks);
    assert_int_equal(b->core_count, 1);
    bench_destroy(b);
}

// --- device self-test: 5.8, 5.14.1.6, 8.11 --------------------------------------------------------------------------

enum { SHORT = 1, EXTENDED = 2, END = 0xf, ALL = (int)NVME_NSID_ALL };
enum { PASSED = 0, BY_COMMAND = 1, BY_RESET = 2, BY_REMOVAL = 3, BY_FORMAT = 4, UNUSED = 0xf }; // 5.14.1.6

static struct bench *with_self_test(void)
{
    struct bench *b = bench_create();
    b->config.self_test = true;
    b->config.t_short_self_test = 100 * TICKS_PER_S;
    b->config.t_extended_self_test = 2 * 3600 * TICKS_PER_S + 1;
    strcpy(b->config.namespaces, "25% 4KiB, 25% 512B");
    b->config.max_namespaces = 4;
    return bench_up(b);
}

static unsigned self_test(struct bench *b, uint32_t code, uint32_t nsid)
{
    return conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_DEVICE_SELF_TEST, .nsid = nsid, .cdw10 = code});
}

static const struct nvme_self_test_log *self_test_log(struct bench *b)
{
    assert_int_equal(conform_log(b, NVME_LOG_SELF_TEST, NVME_NSID_ALL, 564, 0), 0);
    return conform_data(b);
}

static void nothing(void *context)
{
    (void)context;
}

static void pass(struct bench *b, tick_t time)
{
    sim_after(b->sim, time, nothing, NULL);
    bench_run(b);
}

// The newest result is of that test, and ended so; none is under way.
static void assert_ended(struct bench *b, uint32_t code, uint32_t how)
{
    const struct nvme_self_test_log *log = self_test_log(b);
    assert_int_equal(log->current, 0);
    assert_int_equal(log->percent, 0);
    assert_int_equal(log->results[0].status, code << 4 | how);
    assert_int_equal(log->results[0].valid, 0);
}

// 5.14.1.6: which one is under way, how much of it is done, and with what it ended, when.
static void test_self_tests_take_their_time(void **state)
{
    (void)state;
    struct bench *b = with_self_test();
    const struct nvme_self_test_log *log = self_test_log(b);
    for (int i = 0; i < 20; i++)
        assert_int_equal(log->results[i].status, UNUSED);
    assert_int_equal(self_test(b, SHORT, ALL), 0);
    pass(b, 42 * TICKS_PER_S);
    assert_int_equal(self_test_log(b)->current, SHORT);
    assert_int_equal(self_test_log(b)->percent, 42);
    assert_int_equal(self_test(b, EXTENDED, ALL), NVME_SC_SELF_TEST_IN_PROGRESS);
    pass(b, 58 * TICKS_PER_S);
    assert_ended(b, SHORT, PASSED);
    assert_int_equal(self_test(b, EXTENDED, 0), 0);
    pass(b, 9 * 3600 * TICKS_PER_S); // it ends after two
    assert_ended(b, EXTENDED, PASSED);
    assert_int_equal(self_test_log(b)->results[0].power_on_hours, 2);
    assert_int_equal(self_test_log(b)->results[1].status, SHORT << 4 | PASSED);
    assert_int_equal(self_test_log(b)->results[2].status, UNUSED);
    bench_destroy(b);
}

// 5.8, 8.11: Fh ends one, and does nothing when there is none; the log has the last twenty.
static void test_a_self_test_is_aborted_and_results_are_twenty(void **state)
{
    (void)state;
    struct bench *b = with_self_test();
    assert_int_equal(self_test(b, END, ALL), 0);
    assert_int_equal(self_test_log(b)->results[0].status, UNUSED);
    for (uint32_t i = 0; i < 21; i++) {
        assert_int_equal(self_test(b, i == 0 ? EXTENDED : SHORT, 1), 0);
        assert_int_equal(self_test(b, END, 0), 0);
    }
    assert_ended(b, SHORT, BY_COMMAND);
    assert_int_equal(self_test_log(b)->results[19].status, SHORT << 4 | BY_COMMAND); // the extended one is gone
    bench_destroy(b);
}

// 8.11: a reset ends a short test; an extended one goes on, and results are kept.
static void test_resets_and_self_tests(void **state)
{
    (void)state;
    struct bench *b = with_self_test();
    assert_int_equal(self_test(b, SHORT, ALL), 0);
    bench_enable_controller(b, BENCH_CC);
    assert_ended(b, SHORT, BY_RESET);
    assert_int_equal(self_test(b, EXTENDED, ALL), 0);
    pass(b, 3600 * TICKS_PER_S);
    bench_enable_controller(b, BENCH_CC);
    assert_int_equal(self_test_log(b)->current, EXTENDED);
    assert_int_equal(self_test_log(b)->percent, 50);
    pass(b, 3600 * TICKS_PER_S);
    bench_enable_controller(b, BENCH_CC);
    assert_ended(b, EXTENDED, PASSED);
    assert_int_equal(self_test_log(b)->results[1].status, SHORT << 4 | BY_RESET);
    bench_destroy(b);
}

static void format_namespace(struct bench *b, uint32_t nsid)
{
    assert_int_equal(conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_FORMAT_NVM, .nsid = nsid}), 0);
}

// 8.11: Format ends a test that includes its namespace, and leaves others alone.
static void test_format_ends_a_self_test_of_its_namespace(void **state)
{
    (void)state;
    struct bench *b = with_self_test();
    static const uint32_t tested[] = {1, NVME_NSID_ALL, 2, 0};
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(self_test(b, EXTENDED, tested[i]), 0);
        format_namespace(b, 1);
        assert_int_equal(self_test_log(b)->current, i < 2 ? 0 : EXTENDED);
        assert_int_equal(self_test_log(b)->results[0].status, EXTENDED << 4 | (i < 3 ? BY_FORMAT : BY_COMMAND));
        assert_int_equal(self_test(b, END, 0), 0);
    }
    bench_destroy(b);
}

static void test_a_removed_namespace_ends_its_self_test(void **state)
{
    (void)state;
    struct bench *b = with_self_test();
    assert_int_equal(self_test(b, SHORT, 2), 0);
    struct nvme_sqe delete = {.opcode = NVME_ADMIN_NAMESPACE_MANAGEMENT, .nsid = 1, .cdw10 = 1};
    assert_int_equal(conform_admin(b, delete), 0);
    assert_int_equal(self_test_log(b)->current, SHORT);
    *(struct nvme_controller_list *)conform_data(b) = (struct nvme_controller_list){.count = 1};
    struct nvme_sqe detach = {.opcode = NVME_ADMIN_NAMESPACE_ATTACHMENT, .nsid = 2, .cdw10 = 1};
    assert_int_equal(conform_admin(b, detach), 0);
    assert_ended(b, SHORT, BY_REMOVAL);
    bench_destroy(b);
}

// 5.15.2.2, 5.8: OACS bit 4, EDSTT in whole minutes, DSTO; what cannot be asked for; without the key nothing is there.
static void test_self_test_as_offered(void **state)
{
    (void)state;
    enum { OP = NVME_ADMIN_DEVICE_SELF_TEST };
    static const struct conform_check checks[] = {
        {"5.8: STC 0h", {.opcode = OP, .cdw10 = 0}, NVME_SC_INVALID_FIELD},
        {"5.8: STC 3h", {.opcode = OP, .cdw10 = 3}, NVME_SC_INVALID_FIELD},
        {"5.8: STC Eh, vendor specific", {.opcode = OP, .cdw10 = 0xe}, NVME_SC_INVALID_FIELD},
        {"5.8: a namespace that is not there", {.opcode = OP, .nsid = 3, .cdw10 = SHORT}, NVME_SC_INVALID_NAMESPACE},
        {"5.8: none at all", {.opcode = OP, .nsid = 99, .cdw10 = EXTENDED}, NVME_SC_INVALID_NAMESPACE},
    };
    struct bench *b = with_self_test();
    CONFORM_RUN(b, checks);
    const struct nvme_identify_controller *id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
    assert_true(id->oacs & 1 << 4);
    assert_int_equal(id->edstt, 121);
    assert_int_equal(id->dsto, 1);
    bench_destroy(b);
    b = bench_up(bench_create());
    assert_int_equal(self_test(b, SHORT, ALL), NVME_SC_INVALID_OPCODE);
    assert_int_equal(conform_log(b, NVME_LOG_SELF_TEST, NVME_NSID_ALL, 564, 0), NVME_SC_INVALID_LOG_PAGE);
    id = conform_identify(b, NVME_CNS_CONTROLLER, 0);
    assert_int_equal(id->oacs & 1 << 4, 0);
    assert_int_equal(id->edstt, 0);
    bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_image_becomes_active),
        cmocka_unit_test(test_a_revision_is_the_images),
        cmocka_unit_test(test_firmware_that_cannot_be),
        cmocka_unit_test(test_the_controller_chooses_a_slot),
        cmocka_unit_test(test_commit_takes_its_time_and_activation_is_told),
        cmocka_unit_test(test_slots_are_told),
        cmocka_unit_test(test_format_changes_blocks_and_deallocates),
        cmocka_unit_test(test_format_leaves_nothing_uncorrectable),
        cmocka_unit_test(test_format_waits_for_the_core),
        cmocka_unit_test(test_one_or_all_are_formatted),
        cmocka_unit_test(test_formats_that_cannot_be),
        cmocka_unit_test(test_self_tests_take_their_time),
        cmocka_unit_test(test_a_self_test_is_aborted_and_results_are_twenty),
        cmocka_unit_test(test_resets_and_self_tests),
        cmocka_unit_test(test_format_ends_a_self_test_of_its_namespace),
        cmocka_unit_test(test_a_removed_namespace_ends_its_self_test),
        cmocka_unit_test(test_self_test_as_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
