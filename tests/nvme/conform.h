// What the conformance groups share: a controller that is up, and commands of which one thing is checked each.
//
// A group is a file, as UNH-IOL's test plan and tnvme have them; a check names the section that it is about.
#ifndef SQTAIL_TESTS_NVME_CONFORM_H
#define SQTAIL_TESTS_NVME_CONFORM_H

#include "bench.h"

struct conform_check {
    const char *section; // of NVM Express 1.4, unless it says otherwise, and what is asked
    struct nvme_sqe sqe;
    unsigned status;
};

// A command of the admin queue whose data go to, or come from, BENCH_DATA and the page after it.
static inline struct nvme_cqe conform_command(struct bench *b, struct nvme_sqe sqe)
{
    if (sqe.prp1 == 0)
        sqe.prp1 = BENCH_DATA;
    if (sqe.prp2 == 0)
        sqe.prp2 = BENCH_DATA + 0x1000;
    return bench_command(b, 0, sqe);
}

static inline unsigned conform_admin(struct bench *b, struct nvme_sqe sqe)
{
    return bench_status(conform_command(b, sqe));
}

static inline void conform_run(struct bench *b, const struct conform_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned status = conform_admin(b, checks[i].sqe);
        if (status != checks[i].status)
            print_error("section %s: status %03x, not %03x\n", checks[i].section, status, checks[i].status);
        assert_int_equal(status, checks[i].status);
    }
}
#define CONFORM_RUN(b, checks) conform_run(b, checks, ARRAY_SIZE(checks))

static inline void *conform_data(struct bench *b)
{
    return b->memory + BENCH_DATA;
}

static inline const void *conform_identify(struct bench *b, uint32_t cns, uint32_t nsid)
{
    memset(conform_data(b), 0xee, NVME_IDENTIFY_BYTES);
    assert_int_equal(conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .cdw10 = cns}), 0);
    return conform_data(b);
}

static inline unsigned conform_log(struct bench *b, uint32_t lid, uint32_t nsid, uint32_t bytes, uint64_t offset)
{
    memset(conform_data(b), 0xee, 0x2000);
    uint32_t dwords = bytes / 4 - 1;
    return conform_admin(b, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = nsid,
                                              .cdw10 = lid | dwords << 16, .cdw11 = dwords >> 16,
                                              .cdw12 = (uint32_t)offset, .cdw13 = (uint32_t)(offset >> 32)});
}

// Whether an event has been reported to a request that waited, and which.
static inline bool conform_event(struct bench *b, uint32_t *dw0)
{
    struct nvme_cqe cqe;
    bool taken = bench_take(b, 0, &cqe);
    bench_ring_head(b, 0);
    bench_run(b);
    *dw0 = taken ? cqe.dw0 : 0;
    return taken;
}

static inline void conform_request_event(struct bench *b)
{
    bench_submit(b, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST});
}

#endif
