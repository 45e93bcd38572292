// The event engine as a SystemC channel: run-ahead co-simulation.
//
// The C engine holds all model events; SystemC holds whatever else is in the simulation. One SC_METHOD lets the
// engine run every event that is strictly earlier than the next pending SystemC activity, then sleeps until the
// engine's next event. No other process can run in that window, so the result is the same, event by event, as with
// one SystemC notification for each engine event.
//
// Inside an engine event the local time is now(), which may be ahead of sc_time_stamp(). Two calls cross the border:
//
//   notify_at()  engine -> SystemC: an sc_event at a local time; lowers the bound so that the engine waits for it
//   inject()     SystemC -> engine: a C callback at the present SystemC time, among others of the same time by port
//
// Events at one instant: SystemC's processes run first, then the injections sorted by port, then engine events.
#ifndef SQTAIL_SC_ENGINE_H
#define SQTAIL_SC_ENGINE_H

#include <systemc>
#include <vector>

extern "C" {
#include "sim/sim.h"
}

namespace sqtail {

// The two conversions between SystemC's time and ticks; both count picoseconds when the resolution is SystemC's
// default, which Engine checks.
inline sc_core::sc_time to_sc_time(tick_t ticks)
{
    return sc_core::sc_time::from_value(ticks);
}

inline tick_t to_ticks(const sc_core::sc_time &time)
{
    return time.value();
}

class Engine : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(Engine);
    Engine(sc_core::sc_module_name name, struct sim *sim);
    ~Engine() override;

    struct sim *sim() const { return m_sim; }
    tick_t now() const { return sim_now(m_sim); }

    // From an engine event: notifies `event` at local time `when`, not earlier than now().
    void notify_at(sc_core::sc_event &event, tick_t when);

    // From a SystemC process: runs fn(context) as an engine event at the present SystemC time. `port` orders the
    // injections of one instant, so that it does not matter in which order SystemC happened to run the processes.
    void inject(unsigned port, sim_event_fn *fn, void *context);

    // Runs SystemC until `end` (exclusive for engine events), or to the end of all activity when it is TICK_NEVER.
    void run(tick_t end = TICK_NEVER);

    // What is called each time the engine was stopped by sim_stop, as signal handlers do; the run then goes on.
    using Stopped = void (*)(void *context);
    void on_stopped(Stopped stopped, void *context);

    // One SystemC notification for each instant of the engine: slower, the same results. The reference for tests, and
    // what sc_trace needs to see every change.
    void set_run_ahead(bool run_ahead) { m_run_ahead = run_ahead; }

private:
    struct Injection {
        unsigned port;
        sim_event_fn *fn;
        void *context;
    };

    void pump();
    void settle_injections();
    tick_t bound() const;
    void sleep_until_next_event();
    static void woken(void *self);

    struct sim *m_sim;
    sc_core::sc_event m_wake;  // the engine has something to do
    sc_core::sc_event m_fence; // end of the running sc_start
    std::vector<Injection> m_injections;
    Stopped m_stopped = nullptr;
    void *m_stopped_context = nullptr;
    bool m_run_ahead = true;
    bool m_pumping = false;
};

} // namespace sqtail

#endif
