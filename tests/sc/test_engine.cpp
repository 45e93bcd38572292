// The engine within SystemC: run-ahead gives the order that one notification an event gives, and each rule that makes
// it so holds by itself. One simulation a process, so every scenario runs in a child that reports its log.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "child.h"
#include "sc/engine.h"

extern "C" {
#include "util/rng.h"
}

using namespace sc_core;
using sqtail::Engine;
using sqtail::to_ticks;

namespace {

using Scenario = std::function<void(Engine &, std::string &)>;

Scenario g_scenario;
bool g_run_ahead;
std::string g_log;

std::string run_scenario(const Scenario &scenario, bool run_ahead)
{
    return run_in_child([&] {
        g_scenario = scenario;
        g_run_ahead = run_ahead;
        char name[] = "test";
        char *argv[] = {name, nullptr};
        sc_elab_and_sim(1, argv);
        return g_log;
    });
}

// A scenario whose log is known, with and without run-ahead.
void expect(const char *name, const std::string &expected, const Scenario &scenario)
{
    std::string ahead = run_scenario(scenario, true);
    std::string stepwise = run_scenario(scenario, false);
    report(name, ahead == expected && stepwise == expected,
           "expected " + expected + "\nahead    " + ahead + "\nstepwise " + stepwise);
}

void expect_same(const char *name, const Scenario &scenario)
{
    std::string ahead = run_scenario(scenario, true);
    std::string stepwise = run_scenario(scenario, false);
    report(name, ahead == stepwise && ahead.size() > 100, "the logs differ");
}

struct Letter {
    std::string *log;
    char letter;
};

void write_letter(void *context)
{
    auto *letter = static_cast<Letter *>(context);
    letter->log->push_back(letter->letter);
}

// A process that injects a letter at each of some times.
class Injector : public sc_module {
public:
    SC_HAS_PROCESS(Injector);
    Injector(sc_module_name name, Engine &engine, std::string &log, unsigned port, char letter, tick_t when,
             unsigned deltas = 0)
        : sc_module(name), m_engine(engine), m_port(port), m_letter{&log, letter}, m_deltas(deltas)
    {
        SC_METHOD(act);
        sensitive << m_event;
        dont_initialize();
        m_event.notify(sqtail::to_sc_time(when));
    }

private:
    void act()
    {
        if (m_deltas > 0) {
            m_deltas--;
            m_event.notify(SC_ZERO_TIME);
            return;
        }
        m_engine.inject(m_port, write_letter, &m_letter);
    }

    Engine &m_engine;
    unsigned m_port;
    Letter m_letter;
    unsigned m_deltas;
    sc_event m_event;
};

void strict_bound(Engine &engine, std::string &log)
{
    static Letter p{&log, 'P'}, x{&log, 'X'};
    // An engine event at the very instant of an injection runs before it, since it was scheduled earlier; one that is
    // scheduled by an event of that instant runs after it.
    sim_at(engine.sim(), 50, write_letter, &p);
    static struct sim *sim = engine.sim();
    sim_at(sim, 50, [](void *) { sim_at(sim, 50, write_letter, &x); }, nullptr);
    static Injector i("i", engine, log, 0, 'I', 50);
    engine.run();
}

void settling(Engine &engine, std::string &log)
{
    // The injector needs three delta cycles at its instant; the engine must wait for it before it runs that instant.
    static Letter p{&log, 'P'};
    static Injector late("late", engine, log, 0, 'L', 50, 3);
    static Injector early("early", engine, log, 1, 'E', 50, 0);
    static struct sim *sim = engine.sim();
    sim_at(sim, 40, [](void *) { sim_at(sim, 51, write_letter, &p); }, nullptr);
    engine.run();
}

void port_order(Engine &engine, std::string &log)
{
    static Injector c("c", engine, log, 3, 'C', 70), a("a", engine, log, 1, 'A', 70), b("b", engine, log, 2, 'B', 70);
    engine.run();
}

void fence(Engine &engine, std::string &log)
{
    static Letter one{&log, '1'}, two{&log, '2'};
    sim_at(engine.sim(), 99, write_letter, &one);
    sim_at(engine.sim(), 100, write_letter, &two);
    engine.run(100);
    log.push_back('|');
    log += std::to_string(to_ticks(sc_time_stamp()));
    log.push_back('|');
    engine.run(101);
}

class Echo : public sc_module {
public:
    SC_HAS_PROCESS(Echo);
    Echo(sc_module_name name, Engine &engine, std::string &log) : sc_module(name), m_engine(engine), m_letter{&log, 'e'}
    {
        SC_METHOD(act);
        sensitive << event;
        dont_initialize();
    }
    sc_event event;

private:
    void act() { m_engine.inject(0, write_letter, &m_letter); }
    Engine &m_engine;
    Letter m_letter;
};

void outward_calls_lower_the_bound(Engine &engine, std::string &log)
{
    static Echo echo("echo", engine, log);
    static Engine *e = &engine;
    static Letter after{&log, 'a'};
    sim_at(engine.sim(), 1000, [](void *) { e->notify_at(echo.event, 1500); }, nullptr);
    sim_at(engine.sim(), 1499, write_letter, &after);
    sim_at(engine.sim(), 1501, write_letter, &after);
    engine.run();
}

// Random chains of engine events, of which some notify a SystemC process that injects again, zero delays included.
struct Chaos {
    Engine &engine;
    std::string &log;
    struct rng rng;
    unsigned left;
    std::vector<class Bouncer *> bouncers;
};

class Bouncer : public sc_module {
public:
    SC_HAS_PROCESS(Bouncer);
    Bouncer(sc_module_name name, Chaos &chaos, unsigned port) : sc_module(name), m_chaos(chaos), m_port(port)
    {
        SC_METHOD(act);
        sensitive << event;
        dont_initialize();
    }
    sc_event event;
    static void step(void *context);

private:
    void act() { m_chaos.engine.inject(m_port, step, &m_chaos); }
    Chaos &m_chaos;
    unsigned m_port;
};

void Bouncer::step(void *context)
{
    auto *chaos = static_cast<Chaos *>(context);
    chaos->log += std::to_string(chaos->engine.now()) + ' ';
    for (int i = 0; i < 2 && chaos->left > 0; i++) {
        chaos->left--;
        tick_t delay = rng_below(&chaos->rng, 3) == 0 ? 0 : rng_below(&chaos->rng, 40);
        uint64_t who = rng_below(&chaos->rng, 8);
        if (who < chaos->bouncers.size())
            chaos->engine.notify_at(chaos->bouncers[who]->event, chaos->engine.now() + delay);
        else
            sim_at(chaos->engine.sim(), chaos->engine.now() + delay, step, chaos);
    }
}

template <unsigned Seed> void chaos(Engine &engine, std::string &log)
{
    static Chaos c{engine, log, {}, 4000, {}};
    rng_seed(&c.rng, Seed, "chaos");
    static Bouncer a("a", c, 2), b("b", c, 1), d("d", c, 3);
    c.bouncers = {&a, &b, &d};
    for (int i = 0; i < 20; i++)
        sim_at(engine.sim(), i * 7, Bouncer::step, &c);
    engine.run();
}

} // namespace

int sc_main(int, char **)
{
    struct sim *sim = sim_create(1);
    static Engine engine("engine", sim);
    engine.set_run_ahead(g_run_ahead);
    g_scenario(engine, g_log);
    return 0;
}

int main()
{
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    expect("events_at_the_instant_of_an_injection_keep_their_order", "PIX", strict_bound);
    expect("the_engine_waits_until_an_instant_has_settled", "LEP", settling);
    expect("injections_of_one_instant_are_sorted_by_port", "ABC", port_order);
    expect("a_bounded_run_does_not_run_ahead_of_its_end", "1|100|2", fence);
    expect("an_outward_call_lowers_the_bound", "aea", outward_calls_lower_the_bound);
    expect_same("random_traffic_both_ways_runs_alike_1", chaos<1>);
    expect_same("random_traffic_both_ways_runs_alike_2", chaos<2>);
    expect_same("random_traffic_both_ways_runs_alike_3", chaos<3>);
    return g_failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
