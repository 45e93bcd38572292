// Run-ahead of the C engine within SystemC.
//
// Why it is exact: SystemC's next activity is at sc_time_to_pending_activity() from now; until then no process runs, so
// nobody can inject. Hence all engine events before that instant may run at once. An engine event that itself causes
// SystemC activity (notify_at) lowers the bound to that time.
//
// The rules, each with a test of its own:
//   - the bound is strict: events at the instant of SystemC activity wait until SystemC has run that instant;
//   - settle first: while anything is left to run at the present instant, the pump steps aside for a delta cycle, so
//     that all injections of the instant are there before any of them is let in;
//   - injections of one instant are sorted by port;
//   - sc_start(T) does not show T as pending activity: a fence event at T stands for it, or the engine would run ahead
//     past the end.
#include "sc/engine.h"

#include <algorithm>

using namespace sc_core;

namespace sqtail {

Engine::Engine(sc_module_name name, struct sim *sim) : sc_module(name), m_sim(sim)
{
    sc_assert(sc_get_time_resolution() == sc_time(1, SC_PS));
    sim_on_earlier(sim, &Engine::woken, this);
    SC_METHOD(pump);
    sensitive << m_wake;
}

Engine::~Engine()
{
    sim_on_earlier(m_sim, nullptr, nullptr);
}

void Engine::woken(void *self)
{
    auto *engine = static_cast<Engine *>(self);
    if (!engine->m_pumping)
        engine->sleep_until_next_event();
}

void Engine::notify_at(sc_event &event, tick_t when)
{
    event.notify(to_sc_time(when) - sc_time_stamp());
    sim_lower_bound(m_sim, when);
}

void Engine::inject(unsigned port, sim_event_fn *fn, void *context)
{
    m_injections.push_back({port, fn, context});
    m_wake.cancel();
    m_wake.notify(SC_ZERO_TIME);
}

void Engine::on_stopped(Stopped stopped, void *context)
{
    m_stopped = stopped;
    m_stopped_context = context;
}

void Engine::settle_injections()
{
    if (m_injections.empty())
        return;
    std::stable_sort(m_injections.begin(), m_injections.end(),
                     [](const Injection &a, const Injection &b) { return a.port < b.port; });
    sim_advance(m_sim, to_ticks(sc_time_stamp()));
    for (const Injection &injection : m_injections)
        sim_at(m_sim, sim_now(m_sim), injection.fn, injection.context);
    m_injections.clear();
}

tick_t Engine::bound() const
{
    if (!m_run_ahead)
        return to_ticks(sc_time_stamp()) + 1;
    if (!sc_pending_activity_at_future_time())
        return TICK_NEVER;
    return to_ticks(sc_time_stamp() + sc_time_to_pending_activity());
}

void Engine::sleep_until_next_event()
{
    tick_t next = sim_next(m_sim);
    m_wake.cancel();
    if (next == TICK_NEVER)
        return;
    tick_t present = to_ticks(sc_time_stamp());
    m_wake.notify(to_sc_time(next > present ? next - present : 0));
}

void Engine::pump()
{
    if (sc_pending_activity_at_current_time()) {
        m_wake.notify(SC_ZERO_TIME);
        return;
    }
    m_pumping = true;
    settle_injections();
    do {
        sim_run_before(m_sim, bound());
        if (sim_stopped(m_sim) && m_stopped != nullptr)
            m_stopped(m_stopped_context);
    } while (sim_stopped(m_sim));
    m_pumping = false;
    sleep_until_next_event();
}

void Engine::run(tick_t end)
{
    sleep_until_next_event();
    if (end == TICK_NEVER) {
        sc_start();
        return;
    }
    sc_time length = to_sc_time(end) - sc_time_stamp();
    m_fence.cancel();
    m_fence.notify(length);
    sc_start(length);
}

} // namespace sqtail
