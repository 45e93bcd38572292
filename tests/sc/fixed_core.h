// A core of one's own: it serves each request after a fixed time, however many there are, and forgets all data.
#ifndef SQTAIL_TESTS_SC_FIXED_CORE_H
#define SQTAIL_TESTS_SC_FIXED_CORE_H

#include <deque>

#include "sc/engine.h"
#include "sc/modules.h"

class FixedCore : public sc_core::sc_module, private sqtail::ftl_if {
public:
    sc_core::sc_export<sqtail::ftl_if> port{"port"};

    SC_HAS_PROCESS(FixedCore);
    FixedCore(sc_core::sc_module_name name, sqtail::Engine &engine, tick_t latency)
        : sc_module(name), m_engine(engine), m_latency(latency)
    {
        port.bind(*this);
        SC_METHOD(hand_over);
        sensitive << m_due;
        dont_initialize();
    }

private:
    struct Waiting {
        tick_t when;
        ftl_request *request;
    };

    // Called by the front-end, from an engine event: the time is m_engine.now(), which may be ahead of SystemC's.
    void submit(ftl_request *request) override
    {
        request->core.state = this;
        m_waiting.push_back({m_engine.now() + m_latency, request});
        if (m_waiting.size() == 1)
            m_engine.notify_at(m_due, m_waiting.front().when);
    }

    // Some of a write's data have arrived; with the last, the callback needs an event of its own.
    void data_in(ftl_request *request, uint64_t bytes) override
    {
        request->core.arrived += bytes;
        if (request->core.arrived < request->bytes)
            return; // more will come
        sim_after(m_engine.sim(), 0, [](void *context) { finish(static_cast<ftl_request *>(context)); }, request);
    }

    // A SystemC process, at SystemC's time: what is due goes back into the engine.
    void hand_over()
    {
        tick_t now = sqtail::to_ticks(sc_core::sc_time_stamp());
        for (; !m_waiting.empty() && m_waiting.front().when == now; m_waiting.pop_front())
            m_engine.inject(0, serve, m_waiting.front().request);
        if (!m_waiting.empty())
            m_due.notify(sqtail::to_sc_time(m_waiting.front().when - now));
    }

    // An engine event again: calls the front-end back. The request's stopwatch is left in the stage that follows.
    static void serve(void *context)
    {
        auto *request = static_cast<ftl_request *>(context);
        tick_t now = static_cast<FixedCore *>(request->core.state)->m_engine.now();
        switch (request->kind) {
        case FTL_READ:
            breakdown_enter(request->path, STAGE_DATA_OUT, now);
            request->piece(request, request->bytes);
            request->done(request);
            break;
        case FTL_WRITE:
            breakdown_enter(request->path, STAGE_DATA_IN, now);
            request->core.arrived = 0;
            request->ready(request, request->bytes);
            break;
        default:
            finish(request);
            break;
        }
    }

    static void finish(ftl_request *request)
    {
        tick_t now = static_cast<FixedCore *>(request->core.state)->m_engine.now();
        breakdown_enter(request->path, STAGE_COMPLETION, now);
        request->done(request);
    }

    sqtail::Engine &m_engine;
    tick_t m_latency;
    std::deque<Waiting> m_waiting;
    sc_core::sc_event m_due;
};

#endif
