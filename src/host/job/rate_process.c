// How arrivals of a rate lie in time.
//
//   linear, poisson       a constant rate: equal, or exponential distances
//   steps:W/T:W/T:...     a rate that goes with W for T, then as the next, round and round: a day by its hours
//   diurnal:PERIOD[:A]    1 - A cos(2 pi t / PERIOD), from its lowest point on, in 256 steps, each of the rate at its
//                         middle
//   mmpp:W/T:W/T:...      a Markov-modulated Poisson process: exponential times of mean T, then any other state, each
//                         as likely. It begins in a state drawn by the share of time, and so is stationary from the
//                         first moment on (Fischer and Meier-Hellstern, "The Markov-modulated Poisson process (MMPP)
//                         cookbook", Performance Evaluation 18(2), 1993)
//   onoff:ON/OFF          mmpp:1/ON:0/OFF, an interrupted Poisson process (Kuczura, Bell System Technical Journal
//                         52(3), 1973)
//
// The mean is that of rate or rate_iops, whatever the weights: what would take `interval` at the mean rate is
// stretched, state by state, by the mean over the state's rate. All integers, so that it is the same on every machine.
#include "host/job/rate_process.h"

#include <stdio.h>
#include <string.h>

#include "config/decimal.h"
#include "host/job/exponential.h"
#include "host/job/job_values.h"
#include "util/macros.h"

#define STATE_LEAST TICKS_PER_US
#define STATE_LONGEST (100 * 86400 * TICKS_PER_S)
#define MARKOV_LONGEST (86400 * TICKS_PER_S) // 45 times that is less than TICK_END
#define WEIGHT_MAX 1000000
#define SPEED_MAX (UINT64_C(1) << 52)        // a million times the mean
#define INTERVAL_MAX (TICK_END / 2)

// --- words ---------------------------------------------------------------------------------------------------------

// A number to three places, as thousandths, that ends at `end`; returns where, or NULL.
static const char *read_thousandths(const char *text, char end, uint64_t *value)
{
    size_t length = decimal_length(text, false);
    bool fine = length > 0 && decimal_scale(text, length, 1000, value) == DECIMAL_OK;
    return fine && text[length] == end ? text + length : NULL;
}

// A time that ends at one of `ends`; returns where, or NULL.
static const char *read_time(const char *text, const char *ends, tick_t *value)
{
    char copy[32];
    size_t length = strcspn(text, ends);
    if (length >= sizeof copy)
        return NULL;
    snprintf(copy, sizeof copy, "%.*s", (int)length, text);
    bool fine = job_value_time(copy, TICKS_PER_S, value) && *value >= STATE_LEAST && *value <= STATE_LONGEST;
    return fine ? text + length : NULL;
}

static void add_state(struct rate_process *process, tick_t time, uint64_t weight)
{
    process->states[process->count++] = (struct rate_state){.time = time, .weight = weight};
}

// ":W/T:W/T..."
static bool read_states(const char *text, struct rate_process *process)
{
    while (*text == ':') {
        uint64_t weight;
        tick_t time;
        if ((text = read_thousandths(text + 1, '/', &weight)) == NULL || weight > WEIGHT_MAX * UINT64_C(1000) ||
            (text = read_time(text + 1, ":", &time)) == NULL || process->count == RATE_STATES_MAX)
            return false;
        add_state(process, time, weight);
    }
    return *text == '\0' && process->count >= 2;
}

// How fast time goes in each; false where no state has a rate, or one has too many times the mean.
static bool settle(struct rate_process *process)
{
    unsigned __int128 sum = 0;
    tick_t longest = 0;
    for (const struct rate_state *s = process->states; s < process->states + process->count; s++) {
        sum += (unsigned __int128)s->weight * s->time;
        longest = MAX(longest, s->time);
        if (s->time > STATE_LONGEST - process->round)
            return false;
        process->round += s->time;
    }
    for (struct rate_state *s = process->states; s < process->states + process->count && sum > 0; s++) {
        unsigned __int128 speed = ((unsigned __int128)s->weight * process->round << 32) / sum;
        s->speed = speed > SPEED_MAX ? SPEED_MAX + 1 : (uint64_t)speed;
        if (speed > SPEED_MAX)
            return false;
    }
    return sum > 0 && !(process->markov && longest > MARKOV_LONGEST);
}

static const char *parse_steps(const char *text, struct rate_process *process)
{
    bool fine = read_states(text, process) && settle(process);
    return fine ? NULL : "steps:W/T:W/T:... with a rate that goes with W for the time T, one of them above 0, such as "
                         "steps:1/8h:5/16h";
}

static const char *parse_mmpp(const char *text, struct rate_process *process)
{
    process->markov = true;
    bool fine = read_states(text, process) && settle(process);
    return fine ? NULL : "mmpp:W/T:W/T:... with a rate that goes with W for a time of mean T, a day at most, one of "
                         "them above 0, such as mmpp:10/20ms:1/180ms";
}

static const char *parse_onoff(const char *text, struct rate_process *process)
{
    tick_t on, off;
    process->markov = true;
    bool fine = *text == ':' && (text = read_time(text + 1, "/", &on)) != NULL && *text == '/' &&
                (text = read_time(text + 1, "", &off)) != NULL;
    if (fine) {
        add_state(process, on, 1);
        add_state(process, off, 0);
    }
    return fine && settle(process) ? NULL : "onoff:ON/OFF with two mean times, a day at most, such as onoff:10ms/90ms";
}

// Steps of a sine of amplitude `swing`, in thousandths, by turning a vector from step to step.
static void add_sine(struct rate_process *process, tick_t period, uint64_t swing)
{
    const double turn_x = 0.9996988186962042, turn_y = 0.024541228522912288; // by 2 pi / 256
    double x = 0.9999247018391445, y = 0.012271538285719925;                 // at half of that
    for (uint64_t i = 0; i < RATE_STATES_MAX; i++) {
        tick_t begin = (tick_t)((unsigned __int128)period * i / RATE_STATES_MAX);
        tick_t end = (tick_t)((unsigned __int128)period * (i + 1) / RATE_STATES_MAX);
        add_state(process, end - begin, (uint64_t)((1000 - (double)swing * x) * 1000 + 0.5));
        double turned = x * turn_x - y * turn_y;
        y = x * turn_y + y * turn_x;
        x = turned;
    }
}

static const char *parse_diurnal(const char *text, struct rate_process *process)
{
    tick_t period = 0;
    uint64_t swing = 500;
    bool fine = *text == ':' && (text = read_time(text + 1, ":", &period)) != NULL;
    if (fine && *text == ':')
        fine = (text = read_thousandths(text + 1, '\0', &swing)) != NULL && swing <= 1000;
    if (!fine || period < RATE_STATES_MAX * STATE_LEAST)
        return "diurnal:PERIOD or diurnal:PERIOD:A with a swing A of 0 to 1 about the mean, such as diurnal:24h:0.8";
    add_sine(process, period, swing);
    settle(process);
    return NULL;
}

static const char *parse_constant(const char *text, struct rate_process *process)
{
    (void)process;
    return *text == '\0' ? NULL : "linear or poisson, with nothing behind it";
}

const char *rate_process_parse(const char *text, struct rate_process *process)
{
    static const struct {
        const char *name;
        const char *(*parse)(const char *text, struct rate_process *process);
    } kinds[] = {
        {"linear", parse_constant}, {"poisson", parse_constant}, {"onoff", parse_onoff},
        {"mmpp", parse_mmpp},       {"steps", parse_steps},      {"diurnal", parse_diurnal},
    };
    size_t length = strcspn(text, ":");
    *process = (struct rate_process){.random = strcmp(text, "linear") != 0};
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (strlen(kinds[i].name) == length && strncmp(text, kinds[i].name, length) == 0)
            return kinds[i].parse(text + length, process);
    return "linear, poisson, onoff:ON/OFF, mmpp:W/T:W/T:..., steps:W/T:W/T:... or diurnal:PERIOD:A";
}

// --- time ----------------------------------------------------------------------------------------------------------

static tick_t draw_time(const struct rate_process *process, uint32_t state, struct rng *rng)
{
    tick_t mean = process->states[state].time;
    if (!process->markov)
        return mean;
    return (tick_t)((unsigned __int128)exponential_q32(rng_u64(rng)) * mean >> 32);
}

static void enter(const struct rate_process *process, struct rate_phase *phase, uint32_t state, struct rng *rng)
{
    *phase = (struct rate_phase){.begun = true, .state = state, .left = draw_time(process, state, rng)};
}

static void begin(const struct rate_process *process, struct rate_phase *phase, struct rng *rng)
{
    uint32_t state = 0;
    if (process->markov)
        for (tick_t at = rng_below(rng, process->round); at >= process->states[state].time; state++)
            at -= process->states[state].time;
    enter(process, phase, state, rng);
}

static void go_on(const struct rate_process *process, struct rate_phase *phase, struct rng *rng)
{
    bool choose = process->markov && process->count > 2;
    uint64_t further = choose ? 1 + rng_below(rng, process->count - 1) : 1;
    enter(process, phase, (uint32_t)((phase->state + further) % process->count), rng);
}

tick_t rate_process_stretch(const struct rate_process *process, struct rate_phase *phase, tick_t interval,
                            struct rng *rng)
{
    const struct rate_state *states = process->states;
    tick_t passed = 0, holds;
    if (!phase->begun)
        begin(process, phase, rng);
    while (interval >= (holds = (tick_t)((unsigned __int128)phase->left * states[phase->state].speed >> 32))) {
        interval -= holds;
        passed += phase->left;
        if (passed > INTERVAL_MAX)
            return INTERVAL_MAX;
        go_on(process, phase, rng);
    }
    tick_t part = (tick_t)(((unsigned __int128)interval << 32) / states[phase->state].speed);
    phase->left -= part;
    return passed + part;
}
