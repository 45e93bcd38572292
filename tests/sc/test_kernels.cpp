// SystemC and the native loop give identical statistics on every shipped configuration.
#include <cstdlib>
#include <string>

#include "child.h"
#include "sc/kernel.h"

extern "C" {
#include "../machine/rig.h"
#include "../machine/shipped.h"
}

namespace {

std::string statistics(const struct shipped &drive, const char *job, bool systemc)
{
    return run_in_child([&] {
        struct rig rig;
        rig_load(&rig, drive.name, drive.changes);
        rig_open_job(&rig, job);
        if (systemc) {
            systemc_run(rig.machine, rig.workload, &rig_watcher);
            rig_check(&rig);
        } else {
            rig_run(&rig);
        }
        char *text = rig_statistics(&rig);
        std::string result(text);
        free(text);
        rig_destroy(&rig);
        return result;
    });
}

void compare(const struct shipped &drive, const char *what, const char *job)
{
    std::string native = statistics(drive, job, false), systemc = statistics(drive, job, true);
    std::string name = std::string(what) + "_alike_on_" + drive.name;
    for (char &c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)))
            c = '_';
    report(name, native == systemc && native.size() > 1000 && native.find("failed>") == std::string::npos,
           "native\n" + native + "\nSystemC\n" + systemc);
}

} // namespace

int main()
{
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    for (const struct shipped &drive : shipped) {
        compare(drive, "reads", "rw=randread bs=4k iodepth=32 number_ios=10000 ramp_ios=1000");
        compare(drive, "a_mix", "rw=randrw bs=16k fsync=20 iodepth=16 numjobs=3 number_ios=3000");
        compare(drive, "arrivals", "rw=randwrite bs=4k rate_iops=40000 rate_process=poisson number_ios=5000");
        compare(drive, "trims", "rw=randtrim bs=32k iodepth=8 number_ios=1000");
    }
    return g_failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
