// The default composition: the four modules, bound to each other, and the engine that drives them.
//
// libsystemc calls sc_main from sc_elab_and_sim; what it is to run reaches it by the one variable here, since SystemC
// allows one simulation a process anyway.
#include "sc/kernel.h"

#include <cstdlib>

#include "sc/engine.h"
#include "sc/modules.h"

namespace {

struct Run {
    struct machine *machine;
    struct workload *workload;
    const struct machine_watcher *watcher;
};

Run g_run;

} // namespace

int sc_main(int, char **)
{
    struct machine *machine = g_run.machine;
    struct ssd *ssd = machine_ssd(machine);

    sqtail::Engine engine("engine", machine_sim(machine));
    sqtail::Host host("host", machine_host(machine));
    sqtail::Frontend frontend("frontend", ssd_frontend(ssd));
    sqtail::Core core("core", ssd_core(ssd), ssd_core_port(ssd));
    sqtail::Backend backend("backend", ssd_backend_port(ssd));

    host.device(frontend.pcie);
    frontend.host(host.pcie);
    frontend.core(core.port);
    core.backend(backend.port);

    engine.on_stopped([](void *stopped) { machine_on_stopped(static_cast<struct machine *>(stopped)); }, machine);
    sc_core::sc_start(sc_core::SC_ZERO_TIME); // elaborates, so that the parts are bound
    machine_start(machine, g_run.workload, g_run.watcher);
    engine.run();
    return 0;
}

extern "C" void systemc_run(struct machine *machine, struct workload *workload, const struct machine_watcher *watcher)
{
    char name[] = "sqtail";
    char *argv[] = {name, nullptr};
    g_run = {machine, workload, watcher};
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
    sc_core::sc_elab_and_sim(1, argv);
}
