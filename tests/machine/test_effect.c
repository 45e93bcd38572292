// A row's condition tells the truth: where it does not hold, the key changes nothing that is measured, and giving it is
// an error that names the key and what takes its effect away.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

#define JOB "rw=randrw bs=4k iodepth=16 number_ios=600"

// Given after the second, in the drive that the first makes of the tiny one, the third has no effect. Cases for each
// alternative that a condition names.
static const struct {
    const char *drive, *assignment;
} cases[] = {
    {"", "host.urgent_queues=1"},
    {"", "host.high_queues=2"},
    {"", "host.medium_queues=2"},
    {"", "host.high_weight=9"},
    {"host.arbitration=weighted_round_robin nvme.arbitration=weighted_round_robin", "host.high_weight=9"},
    {"host.arbitration=weighted_round_robin nvme.arbitration=weighted_round_robin", "host.medium_weight=9"},
    {"", "host.medium_weight=9"},
    {"", "host.low_weight=9"},
    {"", "host.scheduler=mq_deadline"},
    {"", "host.nr_requests=2"},
    {"", "host.merges=true"},
    {"", "host.plugs=true"},
    {"", "host.max_segments=1"},
    {"", "host.max_discard=4KiB"},
    {"", "host.max_discard_segments=1"},
    {"", "host.io_boundary=4KiB"},
    {"", "host.t_worker=9us"},
    {"", "host.write_queues=2"},
    {"", "host.poll_queues=2"},
    {"", "host.polling=poll"},
    {"host.block_layer=true", "host.polling=hybrid"},
    {"host.block_layer=true host.poll_queues=1", "host.t_poll=9us"},
    {"", "nvme.t_firmware_commit=1s"},
    {"", "nvme.t_short_self_test=1s"},
    {"", "nvme.t_extended_self_test=1s"},
    {"", "nvme.copy_range_blocks=64"},
    {"", "nvme.copy_blocks=4096"},
    {"pcie.generation=0", "pcie.dllp_overhead=50%"},
    {"pcie.generation=0", "pcie.dma_engines=2"},
    {"nvme.t_decode=0 nvme.t_complete=0", "nvme.processors=4"},
    {"nvme.t_decode=0 nvme.t_complete=0", "nvme.frequency=1MHz"},
    {"", "ftl.over_provisioning=9%"},
    {"ftl.write_buffer=0", "ftl.power_loss_protection=true"},
    {"ftl.write_buffer=0", "ftl.write_through=true"},
    {"ftl.write_through=true nvme.volatile_write_cache=false", "ftl.power_loss_protection=true"},
    {"ftl.write_through=true", "ftl.merge=true"},
    {"ftl.write_through=true", "ftl.merge_renews=true"},
    {"ftl.write_through=true", "ftl.destage=water"},
    {"ftl.write_through=true", "ftl.destage_high=60%"},
    {"ftl.write_through=true", "ftl.destage_low=10%"},
    {"ftl.write_through=true", "ftl.destage_age=1us"},
    {"ftl.write_through=true", "ftl.destage_idle=1us"},
    {"ftl.write_buffer=0", "ftl.merge=true"},
    {"ftl.write_buffer=0", "ftl.merge_renews=true"},
    {"ftl.merge=false", "ftl.merge_renews=true"},
    {"ftl.write_buffer=0", "ftl.destage=water"},
    {"", "ftl.destage_high=60%"},
    {"ftl.write_buffer=0", "ftl.destage_high=60%"},
    {"", "ftl.destage_low=10%"},
    {"ftl.write_buffer=0", "ftl.destage_low=10%"},
    {"ftl.write_buffer=0", "ftl.destage_age=1us"},
    {"ftl.write_buffer=0", "ftl.destage_idle=1us"},
    {"", "ftl.read_ahead_buffer=8MiB"},
    {"", "ftl.read_ahead_streams=4"},
    {"", "ftl.read_ahead_after=3"},
    {"", "ftl.stripe_dies=4"},
    {"", "ftl.slc_size=64MiB"},
    {"", "ftl.slc_dynamic=50%"},
    {"", "ftl.slc_full=wait"},
    {"", "ftl.slc_fold=on_die"},
    {"", "ftl.slc_fold_idle=1us"},
    {"", "ftl.slc_fold_from=50%"},
    {"", "nand.slc_t_r=9us"},
    {"", "nand.slc_t_prog=9us"},
    {"", "nand.slc_t_bers=9us"},
    {"", "reliability.slc_rber=0.5"},
    {"", "reliability.slc_wear=0.5"},
    {"", "ftl.gc_choices=2"},
    {"", "ftl.gc_idle_free=10%"},
    {"ftl.precondition=empty", "ftl.precondition_fill=50%"},
    {"ftl.t_read=0 ftl.t_write=0 ftl.t_gc_unit=0", "ftl.processors=4"},
    {"ftl.t_read=0 ftl.t_write=0 ftl.t_gc_unit=0", "ftl.clock=1MHz"},
    {"ftl.t_gc_unit=0", "ftl.host_first=true"},
    {"ftl.t_read=0 ftl.t_write=0", "ftl.host_first=true"},
    {"ftl.t_read=0 ftl.t_write=0 ftl.t_gc_unit=0", "ftl.slice=9us"},
    {"ftl.host_first=false ftl.slice=0", "ftl.background_bound=9us"},
    {"nand.planes_per_die=1 nand.cell=slc nand.t_r=50us nand.t_prog=1ms nand.t_bers=3ms", "nand.t_dbsy=9us"},
    {"nand.planes_per_die=1 nand.program_mode=per_page nand.t_prog=1ms", "nand.t_dbsy=9us"},
    {"nand.suspend_limit=0", "nand.t_suspend_program=1us"},
    {"nand.suspend_limit=0", "nand.suspend_total=1ms"},
    {"nand.suspend_limit=0", "nand.suspend_min_run=1us"},
    {"nand.suspend_limit=0", "nand.suspend_steps_program=1us"},
    {"nand.suspend_limit=0", "nand.suspend_steps_erase=1us"},
    {"nand.suspend_limit=0", "nand.t_resume=1us"},
    {"nand.suspend_limit=0", "nand.t_suspend_erase=1us"},
    {"nand.suspend_limit=0 nand.scheduler=fifo", "nand.starvation_bound=10us"},
    {"ecc.engine=none", "ecc.codeword_data=512B"},
    {"ecc.engine=none", "ecc.transfer_parity=true"},
    {"ecc.engine=none", "ecc.clock=1MHz"},
    {"ecc.engine=none", "ecc.decoders_per_channel=7"},
    {"ecc.clock=0", "ecc.decoders_per_channel=7"},
    {"ecc.engine=ldpc", "ecc.bch_t=20"},
    {"ecc.engine=none", "ecc.bch_t=20"},
    {"ecc.engine=ldpc", "ecc.bch_syndrome_bits=1"},
    {"ecc.clock=0", "ecc.bch_syndrome_bits=1"},
    {"ecc.engine=ldpc", "ecc.bch_chien_bits=1"},
    {"ecc.clock=0", "ecc.bch_chien_bits=1"},
    {"reliability.model=off", "ecc.bch_chien_bits=1"},
    {"", "ecc.ldpc_rate=0.5"},
    {"", "ecc.ldpc_efficiency=0.1"},
    {"ecc.engine=ldpc reliability.model=off", "ecc.ldpc_efficiency=0.1"},
    {"", "ecc.ldpc_min_iterations=29"},
    {"ecc.engine=ldpc ecc.ldpc_iteration_bits=0", "ecc.ldpc_min_iterations=29"},
    {"", "ecc.ldpc_max_iterations=900"},
    {"ecc.engine=ldpc reliability.model=off", "ecc.ldpc_max_iterations=900"},
    {"", "ecc.ldpc_iteration_bits=1"},
    {"ecc.engine=ldpc ecc.clock=0", "ecc.ldpc_iteration_bits=1"},
    {"", "ecc.soft_levels=1"},
    {"ecc.engine=ldpc reliability.model=off", "ecc.soft_levels=1"},
    {"", "ecc.t_sense=9ms"},
    {"ecc.engine=ldpc ecc.soft_levels=0", "ecc.t_sense=9ms"},
    {"ecc.engine=none", "ecc.retry_steps=9"},
    {"reliability.model=off", "ecc.retry_steps=9"},
    {"ecc.retry_steps=0", "ecc.retry_gain=0.1"},
    {"ecc.retry_steps=0", "ecc.t_retry=9ms"},
    {"", "raid.stripe_dies=2"},
    {"", "raid.t_xor=9us"},
    {"", "dram.latency=9us"},
    {"", "dram.turnaround=9us"},
    {"", "dram.reads=bypass"},
    {"raid.enabled=true reliability.model=off ftl.capacity=2GiB", "raid.t_xor=9us"},
    {"ecc.engine=none", "reliability.model=constant"},
    {"", "reliability.rber=0.02"},
    {"ecc.engine=none", "reliability.rber=0.02"},
    {"reliability.model=constant reliability.rber=0.004", "reliability.retention_age=100d"},
    {"ftl.precondition=empty", "reliability.retention_age=100d"},
    {"", "reliability.age_unit=hours"},
};

static char *measure(const char *drive, const char *assignment)
{
    char changes[512];
    struct rig rig;
    snprintf(changes, sizeof changes, "nand.pages_per_block=192 ftl.capacity=1GiB %s %s", drive, assignment);
    rig_load(&rig, "tiny.yaml", changes);
    rig_open_job(&rig, JOB);
    rig_run(&rig);
    char *text = rig_statistics(&rig);
    *strstr(text, "\nfrontend_processor ") = '\0'; // the meters of processors begin with how many there are
    rig_destroy(&rig);
    return text;
}

static void expect_no_effect(const char *drive, const char *assignment)
{
    char *with = measure(drive, assignment), *without = measure(drive, "");
    if (strcmp(with, without) != 0)
        print_message("'%s' | '%s' has an effect\n", drive, assignment);
    assert_string_equal(with, without);
    free(with);
    free(without);
}

// What is told when the assignments stand in one layer with the drive's.
static char *told(const char *drive, const char *assignment)
{
    struct rig rig;
    char changes[512], *text;
    size_t size;
    struct diag *diag = diag_create();
    FILE *to = open_memstream(&text, &size);
    snprintf(changes, sizeof changes, "nand.blocks_per_plane=800 %s %s", drive, assignment); // room for any drive
    rig_load(&rig, "tiny.yaml", changes);
    config_check_effect(rig.config, diag);
    ssd_check_effect(&rig.values.drive, rig.config, diag);
    diag_print(diag, to);
    fclose(to);
    diag_destroy(diag);
    rig_destroy(&rig);
    return text;
}

static void expect_error(const char *drive, const char *assignment)
{
    char start[128], *text = told(drive, assignment);
    snprintf(start, sizeof start, "--set: error: %.*s: has an effect only when ", (int)strcspn(assignment, "="),
             assignment);
    if (strstr(text, start) == NULL)
        print_message("'%s' | '%s': %s\n", drive, assignment, text);
    assert_non_null(strstr(text, start));
    free(text);
}

// That over_provisioning is the last word against a capacity of the file is another matter: see below.
static bool takes_its_place(const char *assignment)
{
    return strncmp(assignment, "ftl.over_provisioning", strlen("ftl.over_provisioning")) == 0;
}

static void test_what_has_no_effect_is_an_error_and_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        if (takes_its_place(cases[i].assignment))
            continue;
        expect_error(cases[i].drive, cases[i].assignment);
        expect_no_effect(cases[i].drive, cases[i].assignment);
    }
}

static bool has_case(const char *section, const char *key)
{
    char start[128];
    snprintf(start, sizeof start, "%s.%s=", section, key);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        if (strncmp(cases[i].assignment, start, strlen(start)) == 0)
            return true;
    return false;
}

static void test_every_condition_is_tried(void **state)
{
    (void)state;
    struct config_section sections[MACHINE_SECTIONS_MAX];
    unsigned conditions = 0;
    machine_get_sections(sections);
    for (const struct config_section *section = sections; section->name != NULL; section++)
        for (size_t i = 0; i < section->field_count; i++) {
            const struct config_field *field = &section->fields[i];
            conditions += field->when != NULL;
            if (field->when != NULL && !has_case(section->name, field->key))
                fail_msg("%s.%s has a condition and no case", section->name, field->key);
        }
    assert_true(conditions > 35);
}

static uint64_t capacity_of(const char *changes)
{
    struct rig rig;
    rig_load(&rig, "tiny.yaml", changes);
    rig_open_job(&rig, JOB);
    uint64_t bytes = ftl_capacity_bytes(ssd_core(machine_ssd(rig.machine)));
    rig_destroy(&rig);
    return bytes;
}

// The tiny drive's flash: 192 superblocks of 4 dies, 2 planes, 192 pages of 16 KiB.
static void test_over_provisioning_given_later_takes_the_place_of_a_capacity(void **state)
{
    (void)state;
    double flash = 192.0 * 4 * 2 * 192 * 16384;
    assert_int_equal(capacity_of(""), UINT64_C(4) << 30);
    assert_int_equal(capacity_of("ftl.over_provisioning=28%"), (uint64_t)(flash / 4096 / 1.28) * 4096);
    assert_int_equal(capacity_of("ftl.capacity=2GiB"), UINT64_C(2) << 30);
    char *text = told("ftl.capacity=2GiB", "ftl.over_provisioning=28%");
    assert_string_equal(text, "--set: error: ftl.over_provisioning: has an effect only when ftl.capacity is 0; "
                              "ftl.capacity is 2GiB (--set)\n");
    free(text);
}

// The tiny drive's file has BCH with keys of its own; the one below lists a value for each engine.
static void test_what_lost_its_meaning_by_a_later_layer_is_no_error(void **state)
{
    (void)state;
    char *text = told("", "ecc.engine=ldpc");
    assert_string_equal(text, "");
    free(text);
    text = told("", "ecc.engine=none");
    assert_string_equal(text, "");
    free(text);
}

static void test_nothing_may_be_asked_for_anywhere(void **state)
{
    (void)state;
    char *text = told("", "raid.stripe_dies=0 reliability.rber=0 nvme.t_decode=0 nvme.t_complete=0 nvme.frequency=0 "
                          "raid.enabled=false ecc.soft_levels=0 ftl.over_provisioning=9%");
    assert_string_equal(text, "");
    free(text);
}

static void test_times_of_another_cell_are_told(void **state)
{
    (void)state;
    char *text = told("nand.t_r=50us", "nand.cell=qlc");
    assert_non_null(strstr(text, "--set: error: nand.cell: becomes qlc, but nand.t_prog ("));
    assert_non_null(strstr(text, "nand.t_bers ("));
    assert_null(strstr(text, "nand.t_r "));
    free(text);
    text = told("nand.t_r=50us nand.t_prog=2ms nand.t_bers=10ms", "nand.cell=qlc");
    assert_string_equal(text, "");
    free(text);
    text = told("", "nand.program_mode=per_page");
    assert_non_null(strstr(text, "nand.program_mode: becomes per_page, but nand.t_prog ("));
    free(text);
    text = told("", "nand.cell=tlc nand.program_mode=one_shot");
    assert_string_equal(text, "");
    free(text);
}

static void test_a_buffer_below_a_program_is_told(void **state)
{
    (void)state;
    char *text = told("", "ftl.write_buffer=95KiB"); // two planes of three pages of 16 KiB are 96
    assert_non_null(strstr(text, "--set: error: ftl.write_buffer: smaller than what one program command writes"));
    free(text);
    text = told("", "ftl.write_buffer=96KiB");
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_has_no_effect_is_an_error_and_changes_nothing),
        cmocka_unit_test(test_every_condition_is_tried),
        cmocka_unit_test(test_over_provisioning_given_later_takes_the_place_of_a_capacity),
        cmocka_unit_test(test_what_lost_its_meaning_by_a_later_layer_is_no_error),
        cmocka_unit_test(test_nothing_may_be_asked_for_anywhere),
        cmocka_unit_test(test_times_of_another_cell_are_told),
        cmocka_unit_test(test_a_buffer_below_a_program_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
