// Device Self-test: NVM Express 1.4, sections 5.8, 5.14.1.6, 8.11.
//
// A test goes on in the background for `nvme.t_short_self_test` or `nvme.t_extended_self_test` and finds nothing wrong.
// It needs no event: whether it has ended, and how much of it is done, follows from the time when somebody looks, so
// that a drive is not kept busy by a test that nobody asks after. A reset ends a short one; an extended one goes on
// across all of them. Format NVM and the removal of a namespace end a test that includes the namespace; a test of the
// controller alone is not concerned. Left out: what a test costs other commands, failures, vendor specific tests.
#include "nvme/admin/self_test.h"

#include <string.h>

#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

static bool is_offered(const struct nvme_config *config)
{
    return config->self_test;
}

static tick_t duration_of(const struct nvme *nvme)
{
    bool is_short = nvme->subsystem.self_tests.current == NVME_SELF_TEST_SHORT;
    return is_short ? nvme->config->t_short_self_test : nvme->config->t_extended_self_test;
}

static void end(struct nvme_self_tests *tests, enum nvme_self_test_result result, tick_t at)
{
    memmove(&tests->results[1], &tests->results[0], sizeof tests->results - sizeof tests->results[0]);
    tests->results[0] = (struct nvme_self_test_entry){
        .status = (uint8_t)(result | tests->current << NVME_SELF_TEST_CODE_SHIFT),
        .power_on_hours = at / (3600 * TICKS_PER_S),
    };
    tests->count = MIN(tests->count + 1, (uint32_t)NVME_SELF_TEST_RESULTS);
    tests->current = NVME_SELF_TEST_NONE;
}

// Ends what has come to its end meanwhile. Returns whether a test is under way.
static bool is_under_way(struct nvme *nvme)
{
    struct nvme_self_tests *tests = &nvme->subsystem.self_tests;
    if (tests->current == NVME_SELF_TEST_NONE)
        return false;
    tick_t until = tests->since + duration_of(nvme);
    if (sim_now(nvme->sim) < until)
        return true;
    end(tests, NVME_SELF_TEST_PASSED, until);
    return false;
}

void self_test_reset(struct nvme *nvme, enum nvme_reset kind)
{
    struct nvme_self_tests *tests = &nvme->subsystem.self_tests;
    (void)kind;
    if (is_under_way(nvme) && tests->current == NVME_SELF_TEST_SHORT)
        end(tests, NVME_SELF_TEST_RESET, sim_now(nvme->sim));
}

void self_test_end_on(struct nvme *nvme, uint32_t nsid, enum nvme_self_test_result why)
{
    struct nvme_self_tests *tests = &nvme->subsystem.self_tests;
    if (is_under_way(nvme) && (tests->nsid == nsid || tests->nsid == NVME_NSID_ALL))
        end(tests, why, sim_now(nvme->sim));
}

// --- the command ---------------------------------------------------------------------------------------------------

static void abort_test(struct nvme_command *command)
{
    if (is_under_way(command->nvme))
        end(&command->nvme->subsystem.self_tests, NVME_SELF_TEST_ABORTED, sim_now(command->nvme->sim));
    command_complete(command);
}

static void begin(struct nvme_command *command)
{
    struct nvme_self_tests *tests = &command->nvme->subsystem.self_tests;
    uint32_t nsid = command->sqe.nsid;
    if (nsid != 0 && nsid != NVME_NSID_ALL && command->ns == NULL) {
        command_fail(command, NVME_SC_INVALID_NAMESPACE, AT_NSID);
        return;
    }
    if (is_under_way(command->nvme)) {
        command_fail(command, NVME_SC_SELF_TEST_IN_PROGRESS, AT_CDW10);
        return;
    }
    tests->current = (enum nvme_self_test)NVME_FIELD(command->sqe.cdw10, NVME_SELF_TEST_STC);
    tests->nsid = nsid;
    tests->since = sim_now(command->nvme->sim);
    command_complete(command);
}

static void device_self_test(struct nvme_command *command)
{
    switch (NVME_FIELD(command->sqe.cdw10, NVME_SELF_TEST_STC)) {
    case NVME_SELF_TEST_SHORT:
    case NVME_SELF_TEST_EXTENDED: begin(command); break;
    case NVME_SELF_TEST_ABORT: abort_test(command); break;
    default: command_fail(command, NVME_SC_INVALID_FIELD, AT_CDW10);
    }
}

const struct nvme_opcode nvme_opcode_device_self_test = {
    .set = NVME_SET_ADMIN,
    .code = NVME_ADMIN_DEVICE_SELF_TEST,
    .name = "Device Self-test",
    .optional = NVME_OACS_SELF_TEST,
    .offered = is_offered,
    .counter = OPCODE_COUNTER(admin_commands),
    .execute = device_self_test,
};

// --- log page 06h --------------------------------------------------------------------------------------------------

static size_t log_size(const struct nvme *nvme)
{
    (void)nvme;
    return sizeof(struct nvme_self_test_log);
}

static void fill_log(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    struct nvme *nvme = command->nvme;
    const struct nvme_self_tests *tests = &nvme->subsystem.self_tests;
    struct nvme_self_test_log log = {0};
    if (is_under_way(nvme)) {
        log.current = (uint8_t)tests->current;
        log.percent = (uint8_t)((sim_now(nvme->sim) - tests->since) * 100 / duration_of(nvme));
    }
    for (uint32_t i = 0; i < NVME_SELF_TEST_RESULTS; i++)
        log.results[i] =
            i < tests->count ? tests->results[i] : (struct nvme_self_test_entry){.status = NVME_SELF_TEST_UNUSED};
    memcpy(to, (const uint8_t *)&log + offset, bytes);
}

const struct nvme_log_page nvme_log_page_self_test = {
    .lid = NVME_LOG_SELF_TEST,
    .name = "Device Self-test",
    .offered = is_offered,
    .size = log_size,
    .fill = fill_log,
};
