// The walk from phase to phase (phase.c) for dies that somebody looks at.
#define PHASE_WATCHED 1
#define PHASE_START phase_start_watched
#include "nand/control/phase.c"
