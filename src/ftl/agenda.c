// The items of the core's agenda, done one by one.
#include "ftl/agenda.h"

void agenda_raise(struct agenda *agenda, unsigned items)
{
    agenda->raised |= items;
    if (agenda->running)
        return;
    agenda->running = true;
    while (agenda->raised != 0) {
        int first = __builtin_ctz(agenda->raised);
        agenda->raised &= agenda->raised - 1;
        agenda->rows[first](agenda->context);
    }
    agenda->running = false;
}

static void raise_event(void *context)
{
    struct agenda *agenda = context;
    unsigned items = agenda->later;
    agenda->later = 0;
    agenda_raise(agenda, items);
}

void agenda_raise_later(struct agenda *agenda, unsigned items)
{
    bool scheduled = agenda->later != 0;
    agenda->later |= items;
    if (!scheduled)
        sim_after(agenda->sim, 0, raise_event, agenda);
}
