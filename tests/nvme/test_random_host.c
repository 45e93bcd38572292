// A host that does anything a host may do, in random order, and a checker at the boundary of its memory.
//
// The host creates and deletes queues, sends good and wrong commands of all kinds, polls or takes interrupts, masks,
// coalesces, takes bus mastering or power away, resets. The checker sees each DMA and each message, and knows from the
// standard alone what may come: entries are fetched in order and once, up to the tail that was rung (NVMe 1.4, 4.1);
// completions take their queue's slots in order, with the phase of the round, never over one that the host has not
// given back (4.6); each command completes once, with a status that it must have, after its data; SQHD grows and names
// what has been fetched; data go where an outstanding command says; no DMA or message without bus mastering, no message
// that is masked or that nothing is there for; and when everything has come to rest, no interrupt is owed.
#include "bench.h"

#include "util/rng.h"

enum { TAGS = 32, QUEUES = BENCH_QUEUES + 1, ENTRIES_MAX = 32, SEEDS = 60, STEPS = 20000 };

static const tick_t SETTLE = 5 * TICKS_PER_US;    // longer than a posted write is under way
static const tick_t BACKLOG = 100 * TICKS_PER_US; // longer than a message waits for the link behind data

enum tag_state { TAG_FREE, TAG_PUT, TAG_FETCHED, TAG_COMPLETED };

struct tag {
    enum tag_state state;
    uint16_t cid;
    uint16_t status; // that it must have; media errors come besides, where the core reports them
    bool media;
    bool cut;   // bus mastering was taken away while it was under way
    bool event; // an Asynchronous Event Request
};

struct sq {
    bool exists;
    uint32_t size, tail, fetched, head; // head: the last SQHD
    uint32_t cqid;
    uint32_t life; // tells queues of one number apart
    uint8_t tag[ENTRIES_MAX]; // in this slot
    struct tag tags[TAGS];
};

struct cq {
    bool exists, interrupts;
    uint32_t size, vector;
    uint32_t written, taken, given_back; // slots: by the controller, by the host, as it told by doorbell
    uint16_t phase;                      // of the next entry written
    uint32_t untold;                     // entries written since the vector's last message
    tick_t rung_at;
    uint32_t life[ENTRIES_MAX]; // of the queue whose command this slot completes
};

struct rig {
    struct bench *b;
    struct rng rng;
    struct sq sqs[QUEUES];
    struct cq cqs[QUEUES];
    bool master, function_masked, msix_enabled;
    bool masked[BENCH_VECTORS];
    tick_t masked_at[BENCH_VECTORS];
    uint32_t lives;
    uint32_t waiting_events; // Asynchronous Event Requests
    uint64_t checked_fetches, checked_completions, checked_messages, resets, fatal;
};

static uint32_t draw(struct rig *r, uint32_t below)
{
    return (uint32_t)rng_below(&r->rng, below);
}

static uint64_t sq_base(uint32_t qid)
{
    return qid == 0 ? BENCH_ASQ : BENCH_SQ + qid * UINT64_C(0x10000);
}

static uint64_t cq_base(uint32_t qid)
{
    return qid == 0 ? BENCH_ACQ : BENCH_CQ + qid * UINT64_C(0x10000);
}

// Each tag has a page for its data and one more: the second page, or a list.
static uint64_t page_of(uint32_t qid, uint32_t tag, bool second)
{
    return (second ? BENCH_LISTS : BENCH_DATA) + (uint64_t)(qid * TAGS + tag) * 0x1000;
}

static uint32_t ring_distance(uint32_t from, uint32_t to, uint32_t size)
{
    return (to + size - from) % size;
}

static uint32_t entries_of(const struct cq *cq)
{
    return ring_distance(cq->given_back, cq->written, cq->size);
}

// --- the checker ---------------------------------------------------------------------------------------------------

static void check_fetch(struct rig *r, struct sq *sq, uint64_t offset, size_t bytes)
{
    uint32_t first = (uint32_t)(offset / NVME_SQE_BYTES), count = (uint32_t)(bytes / NVME_SQE_BYTES);
    assert_true(offset % NVME_SQE_BYTES == 0 && bytes % NVME_SQE_BYTES == 0);
    assert_int_equal(first, sq->fetched);
    assert_true(count > 0 && first + count <= sq->size);
    assert_true(count <= ring_distance(sq->fetched, sq->tail, sq->size));
    for (uint32_t i = 0; i < count; i++) {
        struct tag *tag = &sq->tags[sq->tag[first + i]];
        assert_int_equal(tag->state, TAG_PUT);
        tag->state = TAG_FETCHED;
    }
    sq->fetched = (first + count) % sq->size;
    r->checked_fetches++;
}

static void check_data(struct rig *r, uint64_t address, size_t bytes)
{
    uint64_t base = address >= BENCH_LISTS ? BENCH_LISTS : BENCH_DATA, page = (address - base) / 0x1000;
    assert_true(address >= BENCH_DATA && page < QUEUES * TAGS);
    assert_true(address % 0x1000 + bytes <= 0x1000);
    const struct sq *sq = &r->sqs[page / TAGS];
    assert_true(sq->exists);
    assert_int_equal(sq->tags[page % TAGS].state, TAG_FETCHED);
}

static bool dma_read(void *self, uint64_t address, void *to, size_t bytes)
{
    struct rig *r = self;
    assert_true(r->master);
    for (uint32_t qid = 0; qid < QUEUES; qid++) {
        struct sq *sq = &r->sqs[qid];
        if (!sq->exists || address < sq_base(qid) || address >= sq_base(qid) + sq->size * NVME_SQE_BYTES)
            continue;
        check_fetch(r, sq, address - sq_base(qid), bytes);
        return bench_dma_read(r->b, address, to, bytes);
    }
    check_data(r, address, bytes);
    return bench_dma_read(r->b, address, to, bytes);
}

static void check_status(const struct tag *tag, uint16_t status)
{
    unsigned code = status & NVME_STATUS_CODE_MASK;
    bool passing = (tag->media && code == NVME_SC_UNRECOVERED_READ) ||
                   (tag->cut && code == NVME_SC_DATA_TRANSFER_ERROR);
    if (!passing)
        assert_int_equal(code, tag->status);
    assert_int_equal((status & NVME_STATUS_MORE) != 0, code != NVME_SC_SUCCESS);
    assert_int_equal((status & NVME_STATUS_DNR) != 0, code != NVME_SC_SUCCESS && !passing);
}

static void check_completion(struct rig *r, uint32_t cqid, uint64_t offset, const struct nvme_cqe *cqe)
{
    struct cq *cq = &r->cqs[cqid];
    assert_int_equal(offset, cq->written * (uint64_t)NVME_CQE_BYTES);
    assert_true(entries_of(cq) < cq->size - 1);
    assert_int_equal(cqe->status & NVME_CQE_PHASE, cq->phase);
    uint32_t slot = cq->written;
    cq->written = (cq->written + 1) % cq->size;
    if (cq->written == 0)
        cq->phase ^= NVME_CQE_PHASE;
    cq->untold++;
    assert_true(cqe->sqid < QUEUES);
    struct sq *sq = &r->sqs[cqe->sqid];
    assert_true(sq->exists);
    assert_int_equal(sq->cqid, cqid);
    cq->life[slot] = sq->life;
    struct tag *tag = &sq->tags[cqe->cid % TAGS];
    assert_int_equal(tag->state, TAG_FETCHED);
    assert_int_equal(tag->cid, cqe->cid);
    tag->state = TAG_COMPLETED;
    check_status(tag, cqe->status >> NVME_CQE_STATUS_SHIFT);
    assert_true(ring_distance(sq->head, cqe->sqhd, sq->size) <= ring_distance(sq->head, sq->fetched, sq->size));
    sq->head = cqe->sqhd;
    r->checked_completions++;
}

static bool dma_write(void *self, uint64_t address, const void *from, size_t bytes)
{
    struct rig *r = self;
    assert_true(r->master);
    for (uint32_t qid = 0; qid < QUEUES; qid++) {
        struct cq *cq = &r->cqs[qid];
        if (!cq->exists || address < cq_base(qid) || address >= cq_base(qid) + cq->size * NVME_CQE_BYTES)
            continue;
        assert_int_equal(bytes, NVME_CQE_BYTES);
        check_completion(r, qid, address - cq_base(qid), from);
        return bench_dma_write(r->b, address, from, bytes);
    }
    check_data(r, address, bytes);
    return bench_dma_write(r->b, address, from, bytes);
}

// A message tells of all completion queues of its vector. One that was under way when the host took all itself comes.
static void receive_message(void *self, uint32_t number, uint64_t address, uint32_t vector)
{
    struct rig *r = self;
    tick_t now = sim_now(r->b->sim);
    bool reason = false;
    assert_true(r->master && r->msix_enabled && !r->function_masked);
    assert_true(!r->masked[vector] || now < r->masked_at[vector] + SETTLE);
    for (uint32_t qid = 0; qid < QUEUES; qid++) {
        struct cq *cq = &r->cqs[qid];
        if (!cq->exists || !cq->interrupts || cq->vector != vector)
            continue;
        reason |= entries_of(cq) > 0 || now < cq->rung_at + BACKLOG;
        cq->untold = 0;
    }
    assert_true(reason);
    assert_int_equal(number, vector);
    bench_interrupt(r->b, number, address, vector);
    r->checked_messages++;
}

// When nothing moves any more and nothing is masked, what lies in the queues has been told of.
static void check_nothing_owed(const struct rig *r)
{
    for (uint32_t qid = 0; qid < QUEUES; qid++) {
        const struct cq *cq = &r->cqs[qid];
        if (cq->exists && cq->interrupts && cq->taken != cq->written)
            assert_int_equal(cq->untold, 0);
    }
}

// --- the host's queues ---------------------------------------------------------------------------------------------

// The host may find the event of its request among them.
static void take_one(struct rig *r, uint32_t qid)
{
    struct cq *cq = &r->cqs[qid];
    const struct nvme_cqe *cqe =
        (const struct nvme_cqe *)(r->b->memory + cq_base(qid) + cq->taken * NVME_CQE_BYTES);
    struct sq *sq = &r->sqs[cqe->sqid];
    uint32_t life = cq->life[cq->taken];
    cq->taken = (cq->taken + 1) % cq->size;
    if (!sq->exists || sq->life != life)
        return; // deleted since
    struct tag *tag = &sq->tags[cqe->cid % TAGS];
    assert_int_equal(tag->state, TAG_COMPLETED);
    tag->state = TAG_FREE;
    r->waiting_events -= tag->event;
}

static void ring_head(struct rig *r, uint32_t qid)
{
    struct cq *cq = &r->cqs[qid];
    cq->given_back = cq->taken;
    cq->rung_at = sim_now(r->b->sim);
    bench_post(r->b, bench_doorbell(r->b, qid, true), cq->taken);
}

static void take(struct rig *r, uint32_t qid, uint32_t most)
{
    struct cq *cq = &r->cqs[qid];
    uint32_t count = ring_distance(cq->taken, cq->written, cq->size);
    for (count = MIN(count, most); count > 0; count--)
        take_one(r, qid);
    if (draw(r, 4) != 0)
        ring_head(r, qid);
}

static uint32_t free_tag(const struct sq *sq)
{
    for (uint32_t tag = 0; tag < TAGS; tag++)
        if (sq->tags[tag].state == TAG_FREE)
            return tag;
    return TAGS;
}

static bool has_room(const struct sq *sq)
{
    return ring_distance(sq->head, sq->tail, sq->size) < sq->size - 1 && free_tag(sq) < TAGS;
}

// Returns the tag.
static uint32_t put(struct rig *r, uint32_t qid, struct nvme_sqe sqe, unsigned status)
{
    struct sq *sq = &r->sqs[qid];
    uint32_t tag = free_tag(sq);
    sqe.cid = (uint16_t)(tag + TAGS * draw(r, 65536 / TAGS));
    sq->tags[tag] = (struct tag){.state = TAG_PUT, .cid = sqe.cid, .status = (uint16_t)status,
                                 .media = qid != 0};
    sq->tag[sq->tail] = (uint8_t)tag;
    memcpy(r->b->memory + sq_base(qid) + sq->tail * NVME_SQE_BYTES, &sqe, sizeof sqe);
    sq->tail = (sq->tail + 1) % sq->size;
    return tag;
}

static void ring_tail(struct rig *r, uint32_t qid)
{
    bench_post(r->b, bench_doorbell(r->b, qid, false), r->sqs[qid].tail);
}

// --- commands ------------------------------------------------------------------------------------------------------

struct plan {
    struct nvme_sqe sqe;
    unsigned status;
};

static struct plan plan_transfer(struct rig *r, uint64_t page, uint64_t list)
{
    uint8_t opcode = draw(r, 2) ? NVME_IO_READ : NVME_IO_WRITE;
    uint32_t slba = draw(r, 1000);
    uint32_t blocks = 1 + draw(r, 16);
    struct plan plan = {.sqe = bench_rw(opcode, slba, blocks)};
    uint64_t entries[] = {page, page};
    plan.sqe.prp1 = page;
    plan.sqe.prp2 = list;
    if (draw(r, 4) == 0) {
        plan.sqe.cdw12 = 23; // three pages, of a list
        memcpy(r->b->memory + list, entries, sizeof entries);
    }
    if (draw(r, 8) == 0)
        plan.sqe.cdw12 |= NVME_RW_FUA;
    return plan;
}

static struct plan plan_ranges(struct rig *r, uint64_t page, uint64_t list)
{
    (void)list;
    uint32_t count = 1 + draw(r, 4);
    struct nvme_dsm_range ranges[4];
    for (uint32_t i = 0; i < count; i++) {
        ranges[i] = (struct nvme_dsm_range){.nlb = draw(r, 3)};
        ranges[i].slba = draw(r, 1000);
    }
    memcpy(r->b->memory + page, ranges, sizeof ranges);
    return (struct plan){.sqe = {.opcode = NVME_IO_DATASET_MANAGEMENT, .nsid = 1, .prp1 = page, .cdw10 = count - 1,
                                 .cdw11 = draw(r, 4) ? NVME_DSM_AD : 0}};
}

static struct plan plan_without_data(struct rig *r, uint64_t page, uint64_t list)
{
    (void)page, (void)list;
    if (draw(r, 2))
        return (struct plan){.sqe = {.opcode = NVME_IO_FLUSH, .nsid = draw(r, 2) ? 1 : NVME_NSID_ALL}};
    uint32_t slba = draw(r, 1000);
    struct nvme_sqe zeroes = bench_rw(NVME_IO_WRITE_ZEROES, slba, 1 + draw(r, 100));
    zeroes.cdw12 |= draw(r, 2) ? (uint32_t)NVME_RW_DEAC : 0;
    return (struct plan){.sqe = zeroes};
}

static struct plan plan_wrong(struct rig *r, uint64_t page, uint64_t list)
{
    (void)list;
    struct plan plans[] = {
        {bench_rw(NVME_IO_READ, BENCH_CAPACITY / 512 - draw(r, 7), 8), NVME_SC_LBA_RANGE},
        {bench_rw(0x7f, 0, 1), NVME_SC_INVALID_OPCODE},
        {bench_rw(NVME_IO_WRITE, 0, 1), NVME_SC_INVALID_NAMESPACE},
        {bench_rw(NVME_IO_WRITE, 0, 1), NVME_SC_PRP_OFFSET_INVALID},
        {bench_rw(NVME_IO_READ, 0, 1000), NVME_SC_INVALID_FIELD}, // beyond MDTS
    };
    plans[2].sqe.nsid = 7;
    plans[3].sqe.prp1 = page + 2;
    return plans[draw(r, ARRAY_SIZE(plans))];
}

static struct plan plan_io(struct rig *r, uint32_t qid)
{
    static struct plan (*const plans[])(struct rig *, uint64_t, uint64_t) = {
        plan_transfer, plan_transfer, plan_transfer, plan_ranges, plan_without_data, plan_wrong};
    uint32_t tag = free_tag(&r->sqs[qid]);
    return plans[draw(r, ARRAY_SIZE(plans))](r, page_of(qid, tag, false), page_of(qid, tag, true));
}

static struct plan plan_admin(struct rig *r)
{
    uint32_t tag = free_tag(&r->sqs[0]);
    uint64_t data = page_of(0, tag, false), second = page_of(0, tag, true);
    uint32_t dword = draw(r, 1024);
    uint32_t log = 1 + draw(r, 5);
    uint32_t retain = draw(r, 2) ? (uint32_t)NVME_LOG_RAE : 0;
    uint32_t threshold = draw(r, 6);
    uint32_t aggregation_time = draw(r, 3);
    uint32_t vector = draw(r, BENCH_VECTORS);
    uint32_t uncoalesced = draw(r, 2);
    struct plan plans[] = {
        {{.opcode = NVME_ADMIN_IDENTIFY, .cdw10 = NVME_CNS_CONTROLLER, .prp1 = data + 4 * dword, .prp2 = second},
         NVME_SC_SUCCESS},
        {{.opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FEATURE_ARBITRATION}, NVME_SC_SUCCESS},
        {{.opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = data, .cdw10 = log | 15 << 16 | retain}, NVME_SC_SUCCESS},
        {{.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FEATURE_INTERRUPT_COALESCING,
          .cdw11 = threshold | aggregation_time << 8}, NVME_SC_SUCCESS},
        {{.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FEATURE_INTERRUPT_VECTOR,
          .cdw11 = vector | uncoalesced << 16}, NVME_SC_SUCCESS},
        {{.opcode = NVME_ADMIN_FIRMWARE_COMMIT}, NVME_SC_INVALID_OPCODE},
        {{.opcode = NVME_ADMIN_DELETE_CQ, .cdw10 = QUEUES}, NVME_SC_INVALID_QID},
    };
    return plans[draw(r, ARRAY_SIZE(plans))];
}

static void submit_some(struct rig *r)
{
    uint32_t qid = draw(r, QUEUES), count = 1 + draw(r, 8);
    struct sq *sq = &r->sqs[qid];
    for (; sq->exists && count > 0 && has_room(sq); count--) {
        struct plan plan = qid == 0 ? plan_admin(r) : plan_io(r, qid);
        put(r, qid, plan.sqe, plan.status);
    }
    if (sq->exists && draw(r, 8) != 0)
        ring_tail(r, qid);
}

static void request_event(struct rig *r)
{
    if (r->waiting_events == 3 || !has_room(&r->sqs[0]))
        return;
    r->waiting_events++;
    uint32_t tag = put(r, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST}, NVME_SC_SUCCESS);
    r->sqs[0].tags[tag].event = true;
    ring_tail(r, 0);
}

static void take_admin(struct rig *r)
{
    assert_int_not_equal(sim_next(r->b->sim), TICK_NEVER);
    sim_run_before(r->b->sim, sim_next(r->b->sim) + 1);
    if (r->cqs[0].taken == r->cqs[0].written)
        return;
    take(r, 0, TAGS);
    ring_head(r, 0);
}

// Lets the controller work until the command has completed; the host leaves the I/O queues alone meanwhile.
static void run_admin(struct rig *r, struct nvme_sqe sqe)
{
    struct sq *admin = &r->sqs[0];
    ring_head(r, 0);
    ring_tail(r, 0);
    while (!has_room(admin))
        take_admin(r);
    uint32_t tag = put(r, 0, sqe, NVME_SC_SUCCESS);
    ring_tail(r, 0);
    while (admin->tags[tag].state != TAG_FREE)
        take_admin(r);
}

static void create_cq(struct rig *r, uint32_t qid)
{
    uint32_t size = 2 + draw(r, draw(r, 2) ? 4 : ENTRIES_MAX - 1), vector = draw(r, BENCH_VECTORS);
    bool interrupts = draw(r, 8) != 0;
    struct nvme_sqe sqe = bench_create_cq(qid, size);
    sqe.cdw11 = NVME_QUEUE_PC | (interrupts ? (uint32_t)NVME_CQ_IEN : 0) | vector << NVME_CQ_VECTOR_SHIFT;
    memset(r->b->memory + cq_base(qid), 0, size * NVME_CQE_BYTES);
    run_admin(r, sqe);
    r->cqs[qid] = (struct cq){.exists = true, .interrupts = interrupts, .size = size, .vector = vector, .phase = 1};
}

static void create_sq(struct rig *r, uint32_t qid)
{
    uint32_t size = 2 + draw(r, ENTRIES_MAX - 1), cqid = 1 + draw(r, QUEUES - 1);
    if (!r->cqs[cqid].exists)
        return;
    struct nvme_sqe sqe = bench_create_sq(qid, size);
    sqe.cdw11 = NVME_QUEUE_PC | cqid << NVME_SQ_CQID_SHIFT;
    run_admin(r, sqe);
    r->sqs[qid] = (struct sq){.exists = true, .size = size, .cqid = cqid, .life = ++r->lives};
}

static bool cq_used(const struct rig *r, uint32_t cqid)
{
    for (uint32_t qid = 1; qid < QUEUES; qid++)
        if (r->sqs[qid].exists && r->sqs[qid].cqid == cqid)
            return true;
    return false;
}

// Commands may be dropped only where the host left no room for their completions.
static void delete_sq(struct rig *r, uint32_t qid)
{
    struct sq *sq = &r->sqs[qid];
    run_admin(r, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = qid});
    bool full = entries_of(&r->cqs[sq->cqid]) == r->cqs[sq->cqid].size - 1;
    for (uint32_t tag = 0; tag < TAGS; tag++)
        assert_true(full || sq->tags[tag].state != TAG_FETCHED);
    sq->exists = false;
}

static void create_or_delete(struct rig *r)
{
    uint32_t qid = 1 + draw(r, QUEUES - 1);
    if (draw(r, 2)) {
        if (!r->sqs[qid].exists)
            create_sq(r, qid);
        else if (draw(r, 3) == 0)
            delete_sq(r, qid);
    } else if (!r->cqs[qid].exists) {
        create_cq(r, qid);
    } else if (!cq_used(r, qid) && draw(r, 3) == 0) {
        run_admin(r, (struct nvme_sqe){.opcode = NVME_ADMIN_DELETE_CQ, .cdw10 = qid});
        r->cqs[qid].exists = false;
    }
}

// --- interrupts, power, resets -------------------------------------------------------------------------------------

static void mask_vector(struct rig *r, uint32_t vector, bool masked)
{
    bench_post(r->b, r->b->nvme->pci.table_offset + vector * PCI_MSIX_ENTRY_BYTES + 12, masked);
    if (masked && !r->masked[vector])
        r->masked_at[vector] = sim_now(r->b->sim);
    r->masked[vector] = masked;
}

static void set_function_mask(struct rig *r, bool masked)
{
    r->function_masked = masked;
    r->b->device.config_write(r->b->nvme, bench_capability(r->b, PCI_CAP_MSIX) + PCI_MSIX_CONTROL, 2,
                              PCI_MSIX_CONTROL_ENABLE | (masked ? PCI_MSIX_CONTROL_MASK_ALL : 0));
}

static void forget(struct rig *r)
{
    memset(r->sqs, 0, sizeof r->sqs);
    memset(r->cqs, 0, sizeof r->cqs);
    r->waiting_events = 0;
    memset(r->b->memory + BENCH_ACQ, 0, BENCH_ADMIN_ENTRIES * NVME_CQE_BYTES);
}

static void enable(struct rig *r)
{
    bench_enable_controller(r->b, BENCH_CC);
    assert_int_equal(bench_read(r->b, NVME_REG_CSTS, 4), NVME_CSTS_RDY);
    r->sqs[0] = (struct sq){.exists = true, .size = BENCH_ADMIN_ENTRIES, .life = ++r->lives};
    r->cqs[0] = (struct cq){.exists = true, .interrupts = true, .size = BENCH_ADMIN_ENTRIES, .phase = 1};
}

static void reset_function(struct rig *r)
{
    struct bench *b = r->b;
    uint32_t kind = draw(r, 3), control = bench_capability(b, PCI_CAP_PCIE) + PCI_EXP_DEVICE_CONTROL;
    if (kind == 0)
        b->device.config_write(b->nvme, control, 2, PCI_EXP_DEVICE_CONTROL_FLR);
    else
        b->device.reset(b->nvme, kind == 1 ? PCIE_RESET_HOT : PCIE_RESET_COLD);
}

static void reset(struct rig *r)
{
    if (draw(r, 3) == 0) {
        reset_function(r);
        r->master = r->msix_enabled = false;
        forget(r);
        bench_run(r->b);
        r->master = r->msix_enabled = true;
        r->function_masked = false;
        bench_enable_function(r->b);
    } else {
        registers_write(r->b->nvme, NVME_REG_CC, BENCH_CC & ~1u);
        forget(r);
    }
    for (uint32_t vector = 0; vector < BENCH_VECTORS; vector++)
        mask_vector(r, vector, false); // outside D0 what the host wrote may have been lost
    r->resets++;
    enable(r);
}

static void set_master(struct rig *r, bool by_power, bool on)
{
    struct bench *b = r->b;
    r->master = on;
    if (by_power)
        b->device.config_write(b->nvme, bench_capability(b, PCI_CAP_PM) + PCI_PM_CONTROL, 2, on ? 0 : 3);
    else
        b->device.config_write(b->nvme, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | (on ? PCI_COMMAND_MASTER : 0));
}

// What was under way is lost, which CSTS tells; outside D0 doorbells are lost, too, which only a reset mends.
static void interrupt_mastering(struct rig *r)
{
    bool by_power = draw(r, 2);
    set_master(r, by_power, false);
    for (uint32_t qid = 0; qid < QUEUES; qid++)
        for (uint32_t tag = 0; tag < TAGS; tag++)
            r->sqs[qid].tags[tag].cut = true;
    sim_run_before(r->b->sim, sim_now(r->b->sim) + draw(r, 3 * (uint32_t)TICKS_PER_US));
    set_master(r, by_power, true);
    bool fatal = registers_read(r->b->nvme, NVME_REG_CSTS) & NVME_CSTS_CFS;
    r->fatal += fatal;
    if (fatal || by_power)
        reset(r);
}

// 7.6.2: it ends, whatever is under way, and whether or not the host takes its completions.
static void shut_down(struct rig *r)
{
    uint32_t shn = draw(r, 2) ? NVME_SHN_NORMAL : NVME_SHN_ABRUPT;
    registers_write(r->b->nvme, NVME_REG_CC, BENCH_CC | shn << NVME_CC_SHN_SHIFT);
    bench_run(r->b);
    uint32_t csts = registers_read(r->b->nvme, NVME_REG_CSTS);
    assert_int_equal(NVME_FIELD(csts, NVME_CSTS_SHST), NVME_SHST_COMPLETE);
    reset(r);
}

// --- steps ---------------------------------------------------------------------------------------------------------

static void poll_some(struct rig *r)
{
    uint32_t qid = draw(r, QUEUES);
    if (r->cqs[qid].exists)
        take(r, qid, 1 + draw(r, 8));
}

static void wait_a_little(struct rig *r)
{
    r->b->core_delay = draw(r, 3) == 0 ? 0 : draw(r, 2 * (uint32_t)TICKS_PER_US);
    r->b->core_status = draw(r, 8) == 0 ? FTL_UNRECOVERED_READ : FTL_OK;
    tick_t longest = draw(r, 16) == 0 ? 300 * TICKS_PER_US : 2 * TICKS_PER_US;
    sim_run_before(r->b->sim, sim_now(r->b->sim) + rng_below(&r->rng, longest));
}

static void change_mask(struct rig *r, uint32_t vector)
{
    mask_vector(r, vector, draw(r, 2));
}

static void change_masks(struct rig *r)
{
    if (draw(r, 4) == 0)
        set_function_mask(r, !r->function_masked);
    else
        change_mask(r, draw(r, BENCH_VECTORS));
}

static void ring_everything(struct rig *r)
{
    for (uint32_t qid = 0; qid < QUEUES; qid++) {
        if (r->sqs[qid].exists)
            ring_tail(r, qid);
        if (r->cqs[qid].exists)
            ring_head(r, qid);
    }
}

static bool all_completed(const struct rig *r)
{
    uint32_t open = 0;
    for (uint32_t qid = 0; qid < QUEUES; qid++)
        for (uint32_t tag = 0; tag < TAGS; tag++)
            open += r->sqs[qid].exists && r->sqs[qid].tags[tag].state != TAG_FREE;
    return open == r->waiting_events;
}

// Everything is rung, unmasked and taken, until nothing is left to do.
static void come_to_rest(struct rig *r)
{
    set_function_mask(r, false);
    for (uint32_t vector = 0; vector < BENCH_VECTORS; vector++)
        mask_vector(r, vector, false);
    for (int rounds = 0; rounds == 0 || !all_completed(r); rounds++) {
        assert_true(rounds < 1000);
        ring_everything(r);
        bench_run(r->b);
        check_nothing_owed(r);
        for (uint32_t qid = 0; qid < QUEUES; qid++)
            if (r->cqs[qid].exists)
                take(r, qid, ENTRIES_MAX);
    }
    assert_true(nvme_idle(r->b->nvme));
    assert_int_equal(r->b->nvme->subsystem.health.io_commands, 0);
    assert_int_equal(nvme_get_stats(r->b->nvme)->invalid_doorbells, 0);
}

static const struct {
    void (*step)(struct rig *r);
    uint32_t weight;
} steps[] = {
    {submit_some, 120}, {poll_some, 160}, {wait_a_little, 160}, {create_or_delete, 40}, {change_masks, 24},
    {request_event, 2}, {come_to_rest, 3}, {interrupt_mastering, 1}, {shut_down, 1}, {reset, 1},
};

static void take_step(struct rig *r)
{
    uint32_t total = 0;
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
        total += steps[i].weight;
    uint32_t at = draw(r, total);
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        if (at < steps[i].weight) {
            steps[i].step(r);
            return;
        }
        at -= steps[i].weight;
    }
}

static struct rig *rig_create(uint64_t seed)
{
    struct rig *r = xcalloc(1, sizeof *r);
    struct bench *b = r->b = bench_create();
    rng_seed(&r->rng, seed, "random host");
    b->config.max_commands = 4 + draw(r, 40);
    b->config.fetch_burst = 1 + draw(r, 8);
    b->config.t_decode = draw(r, 2) * 60000;
    b->config.t_complete = draw(r, 2) * 40000;
    b->config.processors = 1 + draw(r, 3);
    b->config.arbitration = draw(r, 2);
    b->config.ready_delay = 0;
    b->nvme = nvme_create(b->sim, &b->pcie, &b->config, BENCH_CAPACITY);
    nvme_bind(b->nvme, (struct pcie_host_port){r, dma_read, dma_write, receive_message, NULL, false, false},
              (struct ftl_port){b, bench_core_submit, bench_core_data_in});
    b->device = nvme_get_port(b->nvme);
    r->master = r->msix_enabled = true;
    bench_enable_function(b);
    enable(r);
    return r;
}

static void test_a_random_host_gets_what_the_standard_promises(void **state)
{
    (void)state;
    uint64_t fetches = 0, completions = 0, messages = 0, resets = 0, fatal = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct rig *r = rig_create(seed);
        for (int i = 0; i < STEPS; i++)
            take_step(r);
        come_to_rest(r);
        fetches += r->checked_fetches;
        completions += r->checked_completions;
        messages += r->checked_messages;
        resets += r->resets;
        fatal += r->fatal;
        bench_destroy(r->b);
        free(r);
    }

    // The walk went everywhere.
    assert_true(fetches > 100000 && completions > 100000 && messages > 50000 && resets > 1000 && fatal > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_random_host_gets_what_the_standard_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
