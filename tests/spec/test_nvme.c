// Offsets of fields in the wire structures, as the standards' tables give them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spec/nvme.h"
#include "spec/pci.h"

#define ROW(type, field, at) {#type "." #field, offsetof(struct type, field), at}

static const struct {
    const char *name;
    size_t actual, expected;
} rows[] = {
    ROW(nvme_sqe, cid, 2), ROW(nvme_sqe, nsid, 4), ROW(nvme_sqe, mptr, 16), ROW(nvme_sqe, prp1, 24),
    ROW(nvme_sqe, prp2, 32), ROW(nvme_sqe, cdw10, 40), ROW(nvme_sqe, cdw15, 60),
    ROW(nvme_cqe, sqhd, 8), ROW(nvme_cqe, sqid, 10), ROW(nvme_cqe, cid, 12), ROW(nvme_cqe, status, 14),
    ROW(nvme_dsm_range, nlb, 4), ROW(nvme_dsm_range, slba, 8),
    ROW(nvme_identify_controller, sn, 4), ROW(nvme_identify_controller, mn, 24),
    ROW(nvme_identify_controller, fr, 64), ROW(nvme_identify_controller, mdts, 77),
    ROW(nvme_identify_controller, ver, 80), ROW(nvme_identify_controller, oaes, 92),
    ROW(nvme_identify_controller, cntrltype, 111), ROW(nvme_identify_controller, oacs, 256),
    ROW(nvme_identify_controller, lpa, 261), ROW(nvme_identify_controller, wctemp, 266),
    ROW(nvme_identify_controller, tnvmcap, 280), ROW(nvme_identify_controller, sanicap, 328),
    ROW(nvme_identify_controller, pels, 352), ROW(nvme_identify_controller, sqes, 512),
    ROW(nvme_identify_controller, nn, 516), ROW(nvme_identify_controller, oncs, 520),
    ROW(nvme_identify_controller, vwc, 525), ROW(nvme_identify_controller, sgls, 536),
    ROW(nvme_identify_controller, subnqn, 768), ROW(nvme_identify_controller, psd, 2048),
    ROW(nvme_identify_controller, vendor, 3072),
    ROW(nvme_identify_namespace, flbas, 26), ROW(nvme_identify_namespace, dlfeat, 33),
    ROW(nvme_identify_namespace, nvmcap, 48), ROW(nvme_identify_namespace, npwg, 64),
    ROW(nvme_identify_namespace, anagrpid, 92), ROW(nvme_identify_namespace, nguid, 104),
    ROW(nvme_identify_namespace, eui64, 120), ROW(nvme_identify_namespace, lbaf, 128),
    ROW(nvme_identify_namespace, vendor, 384),
    ROW(nvme_smart_log, temperature, 1), ROW(nvme_smart_log, available_spare, 3),
    ROW(nvme_smart_log, data_units_read, 32), ROW(nvme_smart_log, host_writes, 80),
    ROW(nvme_smart_log, error_log_entries, 176), ROW(nvme_smart_log, warning_temperature_minutes, 192),
    ROW(nvme_smart_log, temperature_sensors, 200), ROW(nvme_smart_log, thermal_seconds, 224),
    ROW(nvme_error_entry, sqid, 8), ROW(nvme_error_entry, status, 12), ROW(nvme_error_entry, location, 14),
    ROW(nvme_error_entry, lba, 16), ROW(nvme_error_entry, nsid, 24), ROW(nvme_error_entry, command_information, 32),
    ROW(nvme_firmware_log, revisions, 8), ROW(nvme_effects_log, io, 1024),
    ROW(pci_msix_entry, data, 8), ROW(pci_msix_entry, control, 12),
};

static void test_fields_lie_where_the_standards_put_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].actual != rows[i].expected)
            fail_msg("%s at %zu, not %zu", rows[i].name, rows[i].actual, rows[i].expected);
}

// Values of registers recorded from a device, taken apart by the field definitions.
static void test_register_fields(void **state)
{
    (void)state;
    uint64_t cap = UINT64_C(0x004018200f0107ff);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_MQES), 2047);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_CQR), 1);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_TO), 15);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_CSS), 0xc1);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_MPSMIN), 0);
    assert_int_equal(NVME_FIELD(cap, NVME_CAP_MPSMAX), 4);
    assert_int_equal(NVME_FIELD(0x00464061u, NVME_CC_SHN), NVME_SHN_NORMAL);
    assert_int_equal(NVME_FIELD(0x00460061u, NVME_CC_IOSQES), NVME_SQE_SHIFT);
    assert_int_equal(NVME_FIELD(0x00460061u, NVME_CC_IOCQES), NVME_CQE_SHIFT);
    assert_int_equal(NVME_FIELD(0x00460061u, NVME_CC_CSS), 6);
    assert_int_equal(NVME_MAKE(NVME_CAP_MPSMAX, 4) | NVME_MAKE(NVME_CAP_CQR, 1), UINT64_C(0x0040000000010000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_lie_where_the_standards_put_them),
        cmocka_unit_test(test_register_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
