// TRIM (Dataset Management, deallocate): whole units are unmapped at submit, the command ends after its firmware
// time.
//
// Partly covered units at the edges are left alone, as the standard allows. Gigabytes are trimmed in one go, without
// an event a unit; the time it takes the firmware is charged for each unit that was mapped.
#include "ftl/ftl_internal.h"

// Unmaps the units that lie wholly in the range; returns how many were mapped.
uint64_t trim_whole_units(struct ftl *ftl, uint64_t offset, uint64_t bytes)
{
    uint64_t first = (offset + ftl->unit_mask) >> ftl->unit_shift;
    uint64_t end = (offset + bytes) >> ftl->unit_shift;
    if (first >= end)
        return 0;
    uint32_t used = ftl->buffer.used;
    buffer_trim(ftl, first, end);
    if (ftl->buffer.used != used)
        agenda_raise_later(&ftl->agenda, AGENDA_FLUSH | AGENDA_GRANT | AGENDA_DISPATCH);
    uint64_t trimmed = map_trim(&ftl->map, first, end);
    ftl->stats.trimmed_units += trimmed;
    return trimmed;
}

void trim_submit(struct ftl *ftl, struct ftl_request *request)
{
    uint64_t trimmed = trim_whole_units(ftl, request->offset, request->bytes);
    tick_t ready = ftl_charge(ftl, ftl->config.t_trim + trimmed * ftl->config.t_trim_unit);
    breakdown_enter(request->path, STAGE_COMPLETION, ready);
    ftl_finish_later(ftl, request, ready);
}
