// What comes before the end of a ramp is not measured, in any part of the machine.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

// One read after the other on the ideal drive: 55.12 us each, 5.12 of them on the channel.
static void test_reads_of_the_ramp_are_not_counted(void **state)
{
    (void)state;
    enum { MEASURED = 100 }; // and 40 before
    struct rig rig;
    rig_load(&rig, "ideal.yaml", "");
    rig_open_job(&rig, "rw=randread bs=4k iodepth=1 number_ios=100 ramp_ios=40");
    rig_run(&rig);
    struct ssd *ssd = machine_ssd(rig.machine);
    const struct nand_stats *nand = nand_get_stats(ssd_backend(ssd));
    assert_int_equal(machine_commands(rig.machine)->kinds[IO_READ].count, MEASURED);
    assert_int_equal(machine_duration(rig.machine), MEASURED * 55120 * TICKS_PER_NS);
    assert_int_equal(machine_origin(rig.machine), machine_commands(rig.machine)->origin);
    assert_true(machine_origin(rig.machine) >= 40 * 55120 * TICKS_PER_NS);
    assert_int_equal(nand->done[NAND_READ], MEASURED);
    assert_int_equal(nand->bytes_out, MEASURED * 4096);
    assert_int_equal(ftl_get_stats(ssd_core(ssd))->host_units_read, MEASURED);
    assert_int_equal(meter_total(nand_channel_meter(ssd_backend(ssd))), MEASURED * 5120 * TICKS_PER_NS);
    rig_destroy(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_of_the_ramp_are_not_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
