// The order in which queues are served, by each mechanism of the registry.
#include "bench.h"

enum { QUEUES = 6 };

struct contest {
    struct nvme_arbiter arbiter;
    const struct nvme_arbitration_ops *ops;
    struct nvme_contender queues[QUEUES];
    uint32_t left[QUEUES];
};

static void contest_start(struct contest *c, unsigned ams, uint32_t feature)
{
    *c = (struct contest){.ops = nvme_arbitrations[ams]};
    nvme_arbiter_reset(&c->arbiter, feature);
}

static void contest_enter(struct contest *c, unsigned queue, uint32_t commands)
{
    c->left[queue] = commands;
    c->ops->enter(&c->arbiter, &c->queues[queue]);
}

// Serves up to `most` commands at a time and writes the queues' digits in order of service.
static void contest_run(struct contest *c, uint32_t most, char *order)
{
    uint32_t limit;
    for (struct nvme_contender *q; (q = c->ops->pick(&c->arbiter, &limit)) != NULL;) {
        size_t n = (size_t)(q - c->queues);
        uint32_t count = MIN(MIN(limit, most), c->left[n]);
        assert_true(count > 0);
        c->left[n] -= count;
        for (uint32_t i = 0; i < count; i++)
            *order++ = (char)('0' + n);
        c->ops->served(&c->arbiter, q, count, c->left[n] > 0);
    }
    *order = '\0';
}

static void test_every_mechanism_serves_all_commands_of_all_queues(void **state)
{
    (void)state;
    for (unsigned ams = 0; ams < NVME_ARBITRATION_COUNT; ams++) {
        assert_int_equal(nvme_arbitrations[ams]->ams, ams);
        assert_string_equal(nvme_arbitrations[ams]->name, nvme_arbitration_names[ams]);
        for (uint32_t feature = 0; feature < 8; feature++) {
            struct contest c;
            contest_start(&c, ams, feature);
            c.queues[0].admin = 1;
            for (unsigned q = 0; q < QUEUES; q++) {
                c.queues[q].priority = q % NVME_QPRIO_COUNT;
                contest_enter(&c, q, 10 + q);
            }
            char order[128];
            contest_run(&c, 3, order);
            assert_int_equal(strlen(order), 75);
        }
    }
    assert_null(nvme_arbitration_names[NVME_ARBITRATION_COUNT]);
}

static void test_round_robin_takes_a_burst_of_each(void **state)
{
    (void)state;
    struct contest c;
    char order[64];
    contest_start(&c, NVME_AMS_ROUND_ROBIN, 1); // 2 commands
    contest_enter(&c, 0, 5);
    contest_enter(&c, 1, 1);
    contest_enter(&c, 2, 4);
    contest_run(&c, 8, order);
    assert_string_equal(order, "0012200220");
    contest_start(&c, NVME_AMS_ROUND_ROBIN, 1);
    contest_enter(&c, 0, 3);
    contest_enter(&c, 2, 3);
    contest_run(&c, 1, order); // a burst may take several fetches
    assert_string_equal(order, "002202");
    contest_start(&c, NVME_AMS_ROUND_ROBIN, 7); // no limit
    contest_enter(&c, 0, 5);
    contest_enter(&c, 1, 5);
    contest_run(&c, 2, order);
    assert_string_equal(order, "0000011111");
}

// The admin queue, then one of each class, the most urgent first.
static void weighted_start(struct contest *c, uint32_t feature)
{
    contest_start(c, NVME_AMS_WEIGHTED, feature);
    c->queues[0].admin = 1;
    c->queues[1].priority = NVME_QPRIO_URGENT;
    c->queues[2].priority = NVME_QPRIO_HIGH;
    c->queues[3].priority = NVME_QPRIO_MEDIUM;
    c->queues[4].priority = NVME_QPRIO_LOW;
}

static void test_weights_share_what_urgent_queues_leave(void **state)
{
    (void)state;
    struct contest c;
    char order[64];
    weighted_start(&c, 7 | 0 << 8 | 1 << 16 | 2 << 24); // low 1, medium 2, high 3
    contest_enter(&c, 4, 3);
    contest_enter(&c, 3, 6);
    contest_enter(&c, 2, 6);
    contest_enter(&c, 1, 2);
    contest_enter(&c, 0, 2);
    contest_run(&c, 8, order);
    assert_string_equal(order, "0011" "222334" "222334" "334");
    weighted_start(&c, 7 | 2 << 8 | 1 << 16 | 0 << 24); // low 3, medium 2, high 1
    contest_enter(&c, 4, 4);
    contest_enter(&c, 3, 3);
    contest_enter(&c, 2, 2);
    contest_run(&c, 8, order);
    assert_string_equal(order, "233444" "234");
}

static void test_queues_of_a_class_take_turns(void **state)
{
    (void)state;
    struct contest c;
    char order[64];
    contest_start(&c, NVME_AMS_WEIGHTED, 0 | 3 << 16); // bursts of 1, medium 4
    c.queues[2].priority = c.queues[3].priority = NVME_QPRIO_MEDIUM;
    c.queues[4].priority = NVME_QPRIO_LOW;
    contest_enter(&c, 2, 4);
    contest_enter(&c, 3, 4);
    contest_enter(&c, 4, 2);
    contest_run(&c, 8, order);
    assert_string_equal(order, "2323423234");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_mechanism_serves_all_commands_of_all_queues),
        cmocka_unit_test(test_round_robin_takes_a_burst_of_each),
        cmocka_unit_test(test_weights_share_what_urgent_queues_leave),
        cmocka_unit_test(test_queues_of_a_class_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
