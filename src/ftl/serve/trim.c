// TRIM (Dataset Management, deallocate): whole units are unmapped at submit, the command ends after its firmware
// time.
//
// Partly covered units at the edges are left alone, as the standard allows. Gigabytes are trimmed in one go, without
// an event a unit; the time it takes the firmware is charged for each unit that was mapped.
#include "ftl/serve/serve.h"

uint64_t trim_whole_units(struct serve *serve, uint64_t offset, uint64_t bytes)
{
    struct base *base = serve->base;
    struct buffer *buffer = serve->buffer;
    uint64_t first = (offset + base->unit_mask) >> base->unit_shift;
    uint64_t end = (offset + bytes) >> base->unit_shift;
    if (first >= end)
        return 0;
    uint32_t used = buffer->used;
    buffer_trim(buffer, first, end);
    if (buffer->used != used)
        agenda_raise_later(&base->agenda, AGENDA_FLUSH | AGENDA_GRANT | AGENDA_DISPATCH);
    uint64_t trimmed = map_trim(serve->map, first, end);
    base->stats.trimmed_units += trimmed;
    return trimmed;
}

void trim_submit(struct serve *serve, struct ftl_request *request)
{
    struct base *base = serve->base;
    uint64_t trimmed = trim_whole_units(serve, request->offset, request->bytes);
    serve_work_and_finish(serve, request, base->config.t_trim + trimmed * base->config.t_trim_unit);
}
