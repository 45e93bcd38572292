// Linux 6.1's probe, reset and unbind, access by access as they were recorded, against the controller: every answer is
// one that the specifications allow. The tables below say which.
#include <stdio.h>

#include "bench.h"

enum { QUEUES = 5, ACCESSES = 512, IO_ENTRIES = 1024, LIST_BYTES = IO_ENTRIES * NVME_SQE_BYTES };

struct access {
    char kind[4];
    char name[8]; // of a register
    uint32_t a, b, c, d, e, f;
};

struct replay {
    struct bench *b;
    struct access accesses[ACCESSES];
    size_t count, next_command[QUEUES];
    uint32_t fetched[QUEUES];        // entries put into the queue
    struct nvme_sqe entries[QUEUES][IO_ENTRIES];
    uint32_t seen[BENCH_VECTORS]; // messages
    uint32_t cc, command, msix;      // as written last
    uint32_t commands;
};

// --- the recording -------------------------------------------------------------------------------------------------

static bool parse(const char *line, struct access *at)
{
    *at = (struct access){.name = ""};
    if (line[0] == '#' || sscanf(line, "%3s", at->kind) != 1)
        return false;
    const char *rest = line + strlen(at->kind);
    int fields = strcmp(at->kind, "RD") == 0 || strcmp(at->kind, "WR") == 0 ? sscanf(rest, "%7s %x", at->name, &at->a)
                 : at->kind[0] == 'C' && (at->kind[1] == 'R' || at->kind[1] == 'W')
                     ? sscanf(rest, "%x %u %x", &at->a, &at->b, &at->c)
                     : sscanf(rest, "%u %x %x %x %x %x", &at->a, &at->b, &at->c, &at->d, &at->e, &at->f);
    assert_true(fields >= 1);
    return true;
}

static void load(struct replay *r, const char *name)
{
    char path[512], line[128];
    const char *source = getenv("srcdir");
    snprintf(path, sizeof path, "%s/tests/nvme/%s", source == NULL ? "." : source, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    r->count = 0;
    memset(r->next_command, 0, sizeof r->next_command);
    while (fgets(line, sizeof line, file) != NULL) {
        assert_true(r->count < ACCESSES);
        r->count += parse(line, &r->accesses[r->count]);
    }
    fclose(file);
}

// --- what may be answered ------------------------------------------------------------------------------------------

static uint32_t expected_command(const struct replay *r)
{
    return r->command;
}

static uint32_t expected_msix(const struct replay *r)
{
    return r->msix | (BENCH_VECTORS - 1);
}

// Configuration space: of the bits of `mask` those of `value`, or of what the replay knows. Others are the drive's own.
static const struct {
    uint32_t offset;
    unsigned bytes;
    uint32_t mask, value;
    uint32_t (*known)(const struct replay *r);
    const char *section;
} legal_config[] = {
    {0x00, 4, 0xffffffff, 0x500615b7, NULL, "PCI 3.0, 6.2.1: the identity that the drive is given"},
    {0x04, 2, 0xffff, 0, expected_command, "PCI 3.0, 6.2.2: what was written, as far as it is there"},
    {0x04, 4, 0xffff, 0, expected_command, "PCI 3.0, 6.2.2"},
    {0x04, 4, 0xf9100000, 0x00100000, NULL, "PCI 3.0, 6.2.3: capabilities, no errors"},
    {0x06, 2, 0xf910, 0x0010, NULL, "PCI 3.0, 6.2.3"},
    {0x08, 4, 0xffffff00, 0x01080200, NULL, "NVMe 1.4, 2.1.5: class code"},
    {0x0c, 4, 0x007f0000, 0x00000000, NULL, "PCI 3.0, 6.2.1: header type 0"},
    {0x10, 4, 0x0000000f, 0x00000004, NULL, "PCI 3.0, 6.2.5.1: memory, 64 bits"},
    {0x14, 4, 0, 0, NULL, "PCI 3.0, 6.2.5.1: the upper half"},
    {0x18, 4, 0xffffffff, 0, NULL, "PCI 3.0, 6.2.5.1: no BAR"},
    {0x1c, 4, 0xffffffff, 0, NULL, "PCI 3.0, 6.2.5.1: no BAR"},
    {0x20, 4, 0xffffffff, 0, NULL, "PCI 3.0, 6.2.5.1: no BAR"},
    {0x24, 4, 0xffffffff, 0, NULL, "PCI 3.0, 6.2.5.1: no BAR"},
    {0x28, 4, 0xffffffff, 0, NULL, "PCI 3.0, 6.2.4: no CardBus"},
    {0x2c, 4, 0xffffffff, 0x500715b7, NULL, "PCI 3.0, 6.2.4"},
    {0x30, 4, 0xffffffff, 0, NULL, "PCI 3.0, 6.2.5.2: no expansion ROM"},
    {0x34, 1, 0xff, 0x40, NULL, "PCI 3.0, 6.7: where the trace's next reads find MSI-X"},
    {0x34, 4, 0xffffff03, 0, NULL, "PCI 3.0, 6.7: reserved bits"},
    {0x38, 4, 0xffffffff, 0, NULL, "PCI 3.0, 6.1: reserved"},
    {0x3c, 4, 0xffffff00, 0x00000100, NULL, "PCI 3.0, 6.2.4: INTA#"},
    {0x3d, 1, 0xff, 0x01, NULL, "PCI 3.0, 6.2.4: INTA#"},
    {0x40, 2, 0xff, PCI_CAP_MSIX, NULL, "PCI 3.0, 6.8.2"},
    {0x42, 2, 0xffff, 0, expected_msix, "PCI 3.0, 6.8.2.3: what was written, and the table's size"},
    {0x44, 4, 0x00000007, 0, NULL, "PCI 3.0, 6.8.2.4: the table lies in BAR0"},
    {0x60, 2, 0xff, PCI_CAP_PM, NULL, "PCI PM 1.2, 3.2.1"},
    {0x64, 2, 0x0003, 0, NULL, "PCI PM 1.2, 3.2.4: D0"},
    {0x80, 2, 0xff, PCI_CAP_PCIE, NULL, "PCIe 4.0, 7.5.3.1"},
    {0x88, 2, 0x8000, 0, NULL, "PCIe 4.0, 7.5.3.4: Initiate Function Level Reset reads 0"},
    {0xa8, 2, 0xffe0, 0, NULL, "PCIe 4.0, 7.5.3.16: what was not enabled"},
    {0xb0, 2, 0xfff0, 0, NULL, "PCIe 4.0, 7.5.3.19: nothing but the link's speed"},
    {0x100, 4, 0x000f0000, 0x00020000, NULL, "PCIe 4.0, 7.6.3: an extended capability of version 2"},
};

static uint32_t expected_cc(const struct replay *r)
{
    return r->cc;
}

static uint32_t expected_status(const struct replay *r)
{
    uint32_t ready = r->cc & 1, shutdown = NVME_FIELD(r->cc, NVME_CC_SHN) != 0 ? NVME_SHST_COMPLETE : 0;
    return ready * NVME_CSTS_RDY | shutdown << NVME_CSTS_SHST_SHIFT;
}

static const struct {
    const char *name;
    uint32_t offset, mask, value;
    uint32_t (*known)(const struct replay *r);
    const char *section;
} legal_registers[] = {
    {"CAP.lo", 0x00, 0x00f9ffff, 0x000103ff, NULL, "NVMe 1.4, 3.1.1: MQES, contiguous queues, reserved bits"},
    {"CAP.hi", 0x04, 0xfe0f001f, 0x00000000, NULL, "3.1.1: no CMB nor PMR, pages from 4 KiB, no stride"},
    {"VS", 0x08, 0xffffffff, 0x00010400, NULL, "3.1.2"},
    {"CC", 0x14, 0xffffffff, 0, expected_cc, "3.1.5: what was written"},
    {"CSTS", 0x1c, 0xffffffff, 0, expected_status, "3.1.6: RDY as CC.EN, shutdown complete when asked for, not fatal"},
    {"CMBSZ", 0x3c, 0xffffffff, 0, NULL, "3.1.12: no CMB"},
};

// What may complete an admin command, other than success; all others must succeed.
static const struct {
    uint8_t opcode;
    uint32_t low_byte; // of CDW10; ANY
    unsigned status;
    const char *section;
} legal_statuses[] = {
#define ANY UINT32_MAX
    {0x7c, ANY, NVME_SC_INVALID_OPCODE, "5.7: Doorbell Buffer Config is optional (OACS bit 8)"},
    {0x09, 0x0e, NVME_SC_INVALID_FIELD, "5.21.1.14: Timestamp is optional (ONCS bit 6)"},
    {0x09, 0x16, NVME_SC_INVALID_FIELD, "5.21.1.18: Host Behavior Support is optional"},
    {0x06, 0x05, NVME_SC_INVALID_FIELD, "NVMe 2.0, 5.17: CNS 05h is not of 1.4"},
    {0x06, 0x06, NVME_SC_INVALID_FIELD, "NVMe 2.0, 5.17: CNS 06h is not of 1.4"},
};

static bool is_legal_status(const struct nvme_sqe *sqe, bool admin, unsigned status)
{
    bool legal = status == NVME_SC_SUCCESS;
    for (size_t i = 0; admin && i < ARRAY_SIZE(legal_statuses); i++)
        legal |= legal_statuses[i].opcode == sqe->opcode && legal_statuses[i].status == status &&
                 (legal_statuses[i].low_byte == ANY || legal_statuses[i].low_byte == (sqe->cdw10 & 0xff));
    return legal;
}

// --- accesses ------------------------------------------------------------------------------------------------------

static void read_config(struct replay *r, const struct access *at)
{
    uint32_t value = bench_config(r->b, at->a, at->b);
    unsigned checks = 0;
    for (size_t i = 0; i < ARRAY_SIZE(legal_config); i++) {
        if (legal_config[i].offset != at->a || legal_config[i].bytes != at->b)
            continue;
        uint32_t legal = legal_config[i].known != NULL ? legal_config[i].known(r) : legal_config[i].value;
        if ((value ^ legal) & legal_config[i].mask)
            fail_msg("%x reads %x: %s", at->a, value, legal_config[i].section);
        checks++;
    }
    if (checks == 0)
        fail_msg("nothing says what %u bytes at %x may read", at->b, at->a);
}

// Bits that are not there are not kept: I/O space and bus-address enables of other kinds.
static void write_config(struct replay *r, const struct access *at)
{
    r->b->device.config_write(r->b->nvme, at->a, at->b, at->c);
    if (at->a == PCI_COMMAND)
        r->command = at->c & 0x546;
    else
        r->msix = at->c & 0xc000;
    bench_run(r->b);
}

static void read_register(struct replay *r, const struct access *at)
{
    for (size_t i = 0; i < ARRAY_SIZE(legal_registers); i++) {
        if (strcmp(legal_registers[i].name, at->name) != 0)
            continue;
        uint32_t value = (uint32_t)bench_read(r->b, legal_registers[i].offset, 4);
        uint32_t legal = legal_registers[i].known != NULL ? legal_registers[i].known(r) : legal_registers[i].value;
        if ((value ^ legal) & legal_registers[i].mask)
            fail_msg("%s reads %x: %s", at->name, value, legal_registers[i].section);
        return;
    }
    fail_msg("nothing says what %s may read", at->name);
}

// Queues lie in this host's memory, not where they did in the guest's.
static uint64_t sq_of(uint32_t qid)
{
    return BENCH_SQ + qid * (uint64_t)LIST_BYTES;
}

static uint64_t cq_of(uint32_t qid)
{
    return BENCH_DATA + qid * (uint64_t)LIST_BYTES;
}

// The recorded device offers I/O command sets (CAP.CSS bit 6), for which Linux writes CC.CSS = 6; where they are not
// offered it writes 0 (drivers/nvme/host/core.c, nvme_enable_ctrl).
static uint32_t cc_for(struct replay *r, uint32_t recorded)
{
    bool sets = NVME_FIELD(bench_read(r->b, NVME_REG_CAP, 8), NVME_CAP_CSS) >> 6 & 1;
    return sets ? recorded : recorded & ~((uint32_t)NVME_CC_CSS_MASK << NVME_CC_CSS_SHIFT);
}

static void write_register(struct replay *r, const struct access *at)
{
    static const struct {
        const char *name;
        uint32_t offset;
        uint32_t value; // in place of the recorded one
    } rows[] = {
        {"CC", NVME_REG_CC, 0},        {"AQA", NVME_REG_AQA, 0},        {"ASQ.lo", NVME_REG_ASQ, BENCH_SQ},
        {"ASQ.hi", NVME_REG_ASQ + 4, 0}, {"ACQ.lo", NVME_REG_ACQ, BENCH_DATA}, {"ACQ.hi", NVME_REG_ACQ + 4, 0},
    };
    size_t i = 0;
    while (strcmp(rows[i].name, at->name) != 0)
        assert_true(++i < ARRAY_SIZE(rows));
    bool is_cc = rows[i].offset == NVME_REG_CC;
    uint32_t value = rows[i].value != 0 ? rows[i].value : is_cc ? cc_for(r, at->a) : at->a;
    bench_write(r->b, rows[i].offset, value);
    if (!is_cc)
        return;
    r->cc = (r->cc & 1) && !(value & 1) ? 0 : value; // a reset clears it: 7.3.2
    if (!(value & 1)) {
        memset(r->b->memory + BENCH_DATA, 0, QUEUES * LIST_BYTES);
        memset(r->fetched, 0, sizeof r->fetched);
        r->b->queues[0] = (struct bench_queue){.size = 32, .phase = 1, .sq = sq_of(0), .cq = cq_of(0)};
    }
}

// Where data and lists of the command lie, and queues that it creates.
static void place_data(struct replay *r, struct nvme_sqe *sqe, bool admin)
{
    uint32_t qid = sqe->cdw10 & 0xffff, size = (sqe->cdw10 >> 16) + 1;
    sqe->prp1 = BENCH_LISTS;
    sqe->prp2 = BENCH_LISTS + 0x1000;
    if (!admin || (sqe->opcode != NVME_ADMIN_CREATE_CQ && sqe->opcode != NVME_ADMIN_CREATE_SQ))
        return;
    sqe->prp1 = sqe->opcode == NVME_ADMIN_CREATE_CQ ? cq_of(qid) : sq_of(qid);
    r->b->queues[qid] = (struct bench_queue){.size = size, .phase = 1, .sq = sq_of(qid), .cq = cq_of(qid)};
    if (sqe->opcode == NVME_ADMIN_CREATE_CQ)
        memset(r->b->memory + cq_of(qid), 0, LIST_BYTES);
    r->fetched[qid] = 0;
}

static void put(struct replay *r, uint32_t qid, struct nvme_sqe sqe)
{
    struct bench_queue *q = &r->b->queues[qid];
    place_data(r, &sqe, qid == 0);
    sqe.cid = (uint16_t)r->fetched[qid];
    r->entries[qid][r->fetched[qid]] = sqe;
    memcpy(r->b->memory + q->sq + r->fetched[qid] * sizeof sqe, &sqe, sizeof sqe);
    r->fetched[qid] = (r->fetched[qid] + 1) % q->size;
    r->commands++;
}

// The next entry of that queue in the trace.
static struct nvme_sqe next_entry(struct replay *r, uint32_t qid)
{
    size_t *at = &r->next_command[qid];
    while (strcmp(r->accesses[*at].kind, "CMD") != 0 || r->accesses[*at].a != qid)
        assert_true(++*at < r->count);
    const struct access *entry = &r->accesses[(*at)++];
    return (struct nvme_sqe){.opcode = (uint8_t)entry->b, .nsid = entry->c, .cdw10 = entry->d, .cdw11 = entry->e,
                             .cdw12 = entry->f};
}

static void ring_tail(struct replay *r, const struct access *at)
{
    while (r->fetched[at->a] != at->b)
        put(r, at->a, next_entry(r, at->a));
    bench_write(r->b, bench_doorbell(r->b, at->a, false), at->b);
}

static void ring_head(struct replay *r, const struct access *at)
{
    struct nvme_cqe cqe;
    while (r->b->queues[at->a].cq_head != at->b) {
        assert_true(bench_take(r->b, at->a, &cqe));
        const struct nvme_sqe *sqe = &r->entries[at->a][cqe.cid];
        if (!is_legal_status(sqe, at->a == 0, bench_status(cqe)))
            fail_msg("opcode %02x, cdw10 %x: status %03x", sqe->opcode, sqe->cdw10, bench_status(cqe));
    }
    bench_write(r->b, bench_doorbell(r->b, at->a, true), at->b);
}

static void expect_interrupt(struct replay *r, const struct access *at)
{
    assert_true(r->b->messages[at->a] > r->seen[at->a]);
    r->seen[at->a] = r->b->messages[at->a];
}

static void in_the_queue_already(struct replay *r, const struct access *at)
{
    (void)r, (void)at;
}

static void play(struct replay *r, const char *name)
{
    static const struct {
        const char *kind;
        void (*play)(struct replay *r, const struct access *at);
    } kinds[] = {
        {"CR", read_config}, {"CW", write_config}, {"RD", read_register}, {"WR", write_register},
        {"SQ", ring_tail},   {"CQ", ring_head},    {"IRQ", expect_interrupt}, {"CMD", in_the_queue_already},
    };
    load(r, name);
    for (size_t i = 0; i < r->count; i++) {
        size_t kind = 0;
        while (strcmp(kinds[kind].kind, r->accesses[i].kind) != 0)
            assert_true(++kind < ARRAY_SIZE(kinds));
        kinds[kind].play(r, &r->accesses[i]);
    }
}

// What the guest did in between is not recorded: as many commands as its doorbells tell of.
static void catch_up(struct replay *r, uint32_t tail)
{
    struct nvme_cqe cqe;
    while (r->fetched[0] != tail) {
        put(r, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FEATURE_ARBITRATION});
        bench_write(r->b, bench_doorbell(r->b, 0, false), r->fetched[0]);
        assert_true(bench_take(r->b, 0, &cqe));
        bench_ring_head(r->b, 0);
    }
    bench_run(r->b);
    memcpy(r->seen, r->b->messages, sizeof r->seen);
}

// The PCI core's part, before the trace begins: sizes, memory space, bus master. Linux writes the MSI-X table by plain
// stores, which the trace does not have.
static void enable(struct bench *b)
{
    b->device.config_write(b->nvme, PCI_COMMAND, 2, 0x107);
    for (uint32_t vector = 0; vector < BENCH_VECTORS; vector++) {
        bench_write(b, b->nvme->pci.table_offset + 16 * vector, BENCH_MSI);
        bench_write(b, b->nvme->pci.table_offset + 16 * vector + 8, vector);
        bench_write(b, b->nvme->pci.table_offset + 16 * vector + 12, 0);
    }
}

static void test_probe_reset_and_unbind_get_legal_answers(void **state)
{
    (void)state;
    struct replay *r = xcalloc(1, sizeof *r);
    r->b = bench_create();
    bench_start(r->b);
    enable(r->b);
    r->command = 0x107 & 0x546;
    play(r, "linux_probe.txt");
    assert_int_equal(r->commands, 26);
    assert_int_equal(nvme_get_stats(r->b->nvme)->reads, 3);
    catch_up(r, 0x1b);
    play(r, "linux_reset.txt");
    assert_int_equal(r->fetched[0], 0x15);
    play(r, "linux_unbind.txt");
    assert_int_equal(nvme_get_stats(r->b->nvme)->invalid_doorbells, 0);
    assert_int_equal(bench_config(r->b, PCI_STATUS, 2), PCI_STATUS_CAPABILITIES);
    bench_destroy(r->b);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_reset_and_unbind_get_legal_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
