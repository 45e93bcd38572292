// Contents kept: whole drives give back what was written, whatever moves their data; they take the same time as without;
// and a drive that does not give it back is found out.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/host.h"
#include "rig.h"
#include "spec/nvme.h"
#include "util/macros.h"

static void test_drives_give_back_what_was_written(void **state)
{
    (void)state;
    static const char *const jobs[] = {
        "rw=randrw bs=4k iodepth=64 number_ios=4000 size=8M",
        "rw=randrw bsrange=512-64k iodepth=32 number_ios=2000 size=4M fsync=16",
        "rw=randtrimwrite bs=16k iodepth=16 number_ios=1000 size=4M",
    };
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        struct rig rig;
        rig_load(&rig, "ideal.yaml", "functional=true ftl.write_buffer=1MiB");
        rig_open_job(&rig, jobs[i]);
        rig_run(&rig);
        rig_destroy(&rig);
    }
}

static char *statistics(const char *functional)
{
    struct rig rig;
    rig_load(&rig, "ideal.yaml", functional);
    rig_open_job(&rig, "rw=randrw bsrange=4k-32k iodepth=32 number_ios=1500 size=16M");
    rig_run(&rig);
    char *text = rig_statistics(&rig);
    rig_destroy(&rig);
    return text;
}

static void test_times_do_not_depend_on_it(void **state)
{
    (void)state;
    char *without = statistics("functional=false"), *with = statistics("functional=true");
    assert_string_equal(without, with);
    free(without);
    free(with);
}

// --- a drive with a fault: between it and the host's memory --------------------------------------------------------

enum { PAGE = 4096, PAGES = 16 };

static bool is_page(uint64_t address, size_t bytes)
{
    return bytes == PAGE && address >= UINT64_C(1) << 44; // queues and lists lie below
}

// A page begins with the number of its first logical block.
static uint64_t page_of(const void *data)
{
    uint64_t block;
    memcpy(&block, data, sizeof block);
    return block * 512 / PAGE;
}

struct fault {
    struct pcie_host_port host;
    uint32_t reads;       // of pages of user data so far
    uint32_t drop, spoil; // that of this number brings nothing, or a wrong bit,
    uint32_t age;         // those from this number on what their blocks were given first
    uint8_t first[PAGES][PAGE];
    bool given[PAGES];
};

static bool dma_read(void *self, uint64_t address, void *to, size_t bytes)
{
    struct fault *fault = self;
    bool reached = fault->host.dma_read(fault->host.self, address, to, bytes);
    if (!is_page(address, bytes))
        return reached;
    uint64_t page = page_of(to);
    if (!fault->given[page])
        memcpy(fault->first[page], to, bytes);
    fault->given[page] = true;
    return reached;
}

static bool dma_write(void *self, uint64_t address, const void *from, size_t bytes)
{
    struct fault *fault = self;
    uint8_t copy[PAGE];
    if (!is_page(address, bytes))
        return fault->host.dma_write(fault->host.self, address, from, bytes);
    memcpy(copy, from, bytes);
    fault->reads++;
    if (fault->reads == fault->drop)
        memset(copy, 0, sizeof copy);
    if (fault->reads == fault->spoil)
        copy[1234] ^= 4;
    if (fault->age != 0 && fault->reads >= fault->age && fault->given[page_of(copy)])
        memcpy(copy, fault->first[page_of(copy)], sizeof copy);
    return fault->host.dma_write(fault->host.self, address, copy, bytes);
}

static void interrupt(void *self, uint32_t vector, uint64_t address, uint32_t data)
{
    struct fault *fault = self;
    fault->host.interrupt(fault->host.self, vector, address, data);
}

static void expect_failure(struct fault fault, const char *message)
{
    struct rig rig;
    rig_load(&rig, "ideal.yaml", "functional=true");
    rig_open_job(&rig, "rw=randrw bs=4k iodepth=4 number_ios=400 size=64k");
    struct host *host = machine_host(rig.machine);
    struct ssd *ssd = machine_ssd(rig.machine);
    fault.host = host_get_port(host);
    ssd_bind(ssd, (struct pcie_host_port){.self = &fault, .dma_read = dma_read, .dma_write = dma_write,
                                          .interrupt = interrupt});
    host_bind(host, nvme_get_port(ssd_frontend(ssd)));
    machine_start(rig.machine, rig.workload, &rig_watcher);
    machine_run_native(rig.machine);
    assert_non_null(machine_failure(rig.machine));
    assert_non_null(strstr(machine_failure(rig.machine), message));
    rig_destroy(&rig);
}

static void test_wrong_data_end_the_run(void **state)
{
    (void)state;
    expect_failure((struct fault){.drop = 150}, "brought zeroes, but the last write to it was number ");
    expect_failure((struct fault){.spoil = 150}, "brought what was never written to it");
    expect_failure((struct fault){.age = 100}, "brought those of write number ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drives_give_back_what_was_written),
        cmocka_unit_test(test_times_do_not_depend_on_it),
        cmocka_unit_test(test_wrong_data_end_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
