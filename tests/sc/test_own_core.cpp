// A module of one's own in place of one of the drive's: a core written in C++, between the host and front-end that
// are there. It also shows that a program with an sc_main of its own links with the library, whose sc_main
// (sc/kernel.cpp) is taken only by who calls systemc_run.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include "child.h"
#include "fixed_core.h"
#include "sc/engine.h"
#include "sc/modules.h"

extern "C" {
#include "../machine/rig.h"
}

namespace {

std::function<void()> g_simulate;

void finished(void *context)
{
    *static_cast<bool *>(context) = true;
}

// The drive of `rig`, whose machine has a workload, with a core that takes `latency`.
void simulate(struct rig &rig, tick_t latency, bool run_ahead)
{
    struct machine *machine = rig.machine;
    sqtail::Engine engine("engine", machine_sim(machine));
    sqtail::Host host("host", machine_host(machine));
    sqtail::Frontend frontend("frontend", ssd_frontend(machine_ssd(machine)));
    FixedCore core("core", engine, latency);

    host.device(frontend.pcie);
    frontend.host(host.pcie);
    frontend.core(core.port);

    bool done = false;
    engine.set_run_ahead(run_ahead);
    sc_core::sc_start(sc_core::SC_ZERO_TIME); // elaborates, so that the parts are bound
    host_start(machine_host(machine), rig.workload, finished, &done);
    engine.run();
    sc_assert(done && machine_failure(machine) == nullptr);
    machine_check(machine);
}

// All statistics.
std::string run(const char *config, const char *changes, const char *job, tick_t latency, bool run_ahead = true)
{
    return run_in_child([=] {
        struct rig rig;
        rig_load(&rig, config, changes);
        rig_open_job(&rig, job);
        g_simulate = [&] { simulate(rig, latency, run_ahead); };
        char name[] = "test";
        char *argv[] = {name, nullptr};
        sc_core::sc_elab_and_sim(1, argv);
        char *text = rig_statistics(&rig);
        std::string statistics(text);
        free(text);
        rig_destroy(&rig);
        return statistics;
    });
}

// The fields of the line of all commands of a kind: see rig_statistics.
struct Kind {
    unsigned long long count = 0, bytes = 0, errors = 0, sum = 0, min = 0, max = 0;

    Kind(const std::string &statistics, const char *name)
    {
        size_t at = statistics.find(std::string("\n") + name + " ");
        if (at != std::string::npos)
            std::sscanf(statistics.c_str() + at + 1, "%*s %llu %llu %llu %llu %llu %llu", &count, &bytes, &errors,
                        &sum, &min, &max);
    }
};

bool all_take(const Kind &kind, unsigned long long count, tick_t latency)
{
    return kind.count == count && kind.errors == 0 && kind.min == latency && kind.max == latency &&
           kind.sum == count * latency;
}

const tick_t LATENCY = 17 * TICKS_PER_US + 3;

void test_each_request_takes_the_cores_time_exactly()
{
    std::string reads = run("ideal.yaml", "", "rw=randread iodepth=8 number_ios=4000", LATENCY);
    report("reads_through_an_own_core_take_its_time_exactly", all_take(Kind(reads, "read"), 4000, LATENCY), reads);
    std::string writes = run("ideal.yaml", "", "rw=randwrite iodepth=3 fsync=10 number_ios=500", LATENCY);
    report("writes_and_flushes_through_an_own_core_take_its_time_exactly",
           all_take(Kind(writes, "write"), 500, LATENCY) && all_take(Kind(writes, "flush"), 50, LATENCY), writes);
    std::string trims = run("ideal.yaml", "", "rw=randtrim bs=64k iodepth=4 number_ios=300", LATENCY);
    report("trims_through_an_own_core_take_its_time_exactly", all_take(Kind(trims, "trim"), 300, LATENCY), trims);
}

// With a real link and host: the core's time comes on top of theirs, and depth one makes the duration their sum.
void test_the_cores_time_adds_to_the_front_ends()
{
    const char *job = "rw=randread number_ios=500";
    const char *costs = "host.t_submit=700ns host.t_complete=300ns";
    Kind without(run("tiny.yaml", costs, job, 0), "read");
    Kind with(run("tiny.yaml", costs, job, 17 * TICKS_PER_US), "read");
    report("the_cores_time_adds_to_that_of_host_and_front_end",
           without.count == 500 && without.min > 2 * TICKS_PER_US && without.min == without.max &&
               all_take(with, 500, without.min + 17 * TICKS_PER_US),
           std::to_string(without.min) + " and " + std::to_string(with.min));
}

void test_all_requests_complete_under_load()
{
    const char *job = "rw=randrw bs=256k fsync=7 iodepth=64 numjobs=4 number_ios=1000";
    std::string ahead = run("tiny.yaml", "", job, LATENCY), stepwise = run("tiny.yaml", "", job, LATENCY, false);
    Kind reads(ahead, "read"), writes(ahead, "write"), flushes(ahead, "flush");
    unsigned long long most = writes.count / 7; // counted by each of the four jobs
    report("all_requests_through_an_own_core_complete_under_load",
           reads.count + writes.count == 4000 && reads.errors + writes.errors == 0 &&
               flushes.count <= most && flushes.count + 4 > most,
           ahead);
    report("an_own_core_sees_the_same_with_and_without_run_ahead", ahead == stepwise && ahead.size() > 1000,
           "the statistics differ");
}

} // namespace

int sc_main(int, char **)
{
    g_simulate();
    return 0;
}

int main()
{
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    test_each_request_takes_the_cores_time_exactly();
    test_the_cores_time_adds_to_the_front_ends();
    test_all_requests_complete_under_load();
    return g_failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
