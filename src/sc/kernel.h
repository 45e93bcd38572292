// The SystemC kernel: runs a machine as a SystemC simulation.
#ifndef SQTAIL_SC_KERNEL_H
#define SQTAIL_SC_KERNEL_H

#ifdef __cplusplus
extern "C" {
#endif

#include "machine/machine.h"

// Composes the machine's parts, not yet bound, from SystemC modules, and runs `workload` to the end, as machine_start
// and machine_run_native do. Once a process.
void systemc_run(struct machine *machine, struct workload *workload, const struct machine_watcher *watcher);

#ifdef __cplusplus
}
#endif

#endif
