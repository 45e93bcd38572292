// The SystemC kernel: runs a machine as a SystemC simulation.
#ifndef SQTAIL_SC_KERNEL_H
#define SQTAIL_SC_KERNEL_H

#ifdef __cplusplus
extern "C" {
#endif

#include "machine/machine.h"

// Composes the machine's parts, not yet bound, from SystemC modules, starts `workload` and runs to the end. `stopped` as
// in machine_run_native. Once a process.
void systemc_run(struct machine *machine, struct workload *workload, machine_stopped_fn *stopped, void *context);

#ifdef __cplusplus
}
#endif

#endif
