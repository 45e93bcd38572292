// From an entry that was fetched to the function that executes it: decoded by a processor, checked as its opcode's row
// asks, executed. NVM Express 1.4, section 4.2 (submission queue entry).
#include "nvme/queue/dispatch.h"

#include "nvme/nvme_internal.h"
#include "stats/wait.h"
#include "util/macros.h"

static bool suits_namespace(const struct nvme_command *command)
{
    unsigned flags = command->opcode->flags;
    if (!(flags & OPCODE_NAMESPACE))
        return true;
    return command->ns != NULL || (command->sqe.nsid == NVME_NSID_ALL && (flags & OPCODE_ALL_NAMESPACES));
}

// Fused operations are not there; SGLs for I/O commands only (NVM Express 1.4, section 4.2, figure 104, PSDT).
static bool suits_flags(const struct nvme_command *command)
{
    unsigned psdt = command->sqe.flags & NVME_SQE_PSDT_MASK;
    bool sgl = command->nvme->config->sgl && command->sq->id != NVME_ADMIN_QUEUE && psdt != NVME_PSDT_RESERVED;
    return !(command->sqe.flags & NVME_SQE_FUSE_MASK) && (psdt == 0 || sgl);
}

static void fail_flags(struct nvme_command *command)
{
    command_fail(command, NVME_SC_INVALID_FIELD, command->sqe.flags & NVME_SQE_FUSE_MASK ? AT_FUSE : AT_PSDT);
}

static void execute(struct nvme_command *command)
{
    const struct nvme_opcode *opcode = command->opcode;
    if (unlikely(opcode->execute == NULL))
        command_fail(command, NVME_SC_INVALID_OPCODE, AT_OPCODE);
    else if (unlikely(command->sqe.flags & (NVME_SQE_FUSE_MASK | NVME_SQE_PSDT_MASK)) && !suits_flags(command))
        fail_flags(command);
    else if (unlikely(!suits_namespace(command)))
        command_fail(command, NVME_SC_INVALID_NAMESPACE, AT_NSID);
    else
        opcode->execute(command);
}

static void decoded(void *context)
{
    struct nvme_command *command = context;
    if (!command_stale(command))
        execute(command);
}

static tick_t decode_ends(struct nvme_command *command)
{
    struct nvme *nvme = command->nvme;
    tick_t now = sim_now(nvme->sim), end = processors_work(nvme, &nvme->processors.decode);
    tick_t waited = end - nvme->processors.decode.takes - now;
    if (unlikely(command->path.waits != NULL) && waited > nvme->processors.clock.period)
        wait_add(&command->path, WAIT_CONTROLLER_FRONTEND, waited);
    return end;
}

void dispatch_start(struct nvme *nvme, struct nvme_sq *sq, const struct nvme_sqe *sqe)
{
    struct nvme_command *command = command_take(nvme, sq, sqe);
    enum nvme_set set = sq->id == NVME_ADMIN_QUEUE ? NVME_SET_ADMIN : NVME_SET_NVM;
    command->opcode = nvme->opcodes.rows[set][sqe->opcode];
    command->ns = subsystem_namespace(&nvme->subsystem, sqe->nsid);
    if (nvme->processors.decode.takes == 0)
        execute(command);
    else
        command_at(command, decode_ends(command), decoded);
}
