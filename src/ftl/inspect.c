// Operations as who submitted them knows them.
#include "ftl/inspect.h"

#include "ftl/ftl_internal.h"
#include "ftl/move/why.h"
#include "ftl/serve/extent.h"
#include "ftl/space/superblock.h"

// --- reads ---------------------------------------------------------------------------------------------------------

static const struct page_read *read_of(const struct nand_op *op)
{
    return container_of(op, struct page_read, op);
}

static const char *purpose_of_read(const struct nand_op *op)
{
    static const char *const names[NAND_TAG_COUNT] = {
        [NAND_FOR_HOST] = "host", [NAND_FOR_AHEAD] = "ahead", [NAND_FOR_STRIPE] = "raid"};
    if (op->source.tag != NAND_FOR_GC)
        return names[op->source.tag];
    const struct mover *mover = read_of(op)->owner;
    return mover->ops->name;
}

static struct ftl_op_info inspect_read(const struct nand_op *op)
{
    return (struct ftl_op_info){
        .purpose = purpose_of_read(op),
        .superblock = op->source.tag == NAND_FOR_STRIPE ? FTL_UNKNOWN : read_of(op)->superblock,
        .units = (uint64_t)__builtin_popcountll(op->units),
    };
}

typedef void reader_fn(void *context, const struct ftl_request *request);

static void each_of_segment(const struct ahead_segment *segment, reader_fn *each, void *context)
{
    for (const struct list_link *link = segment->parts.head; link != NULL; link = link->next)
        each(context, container_of(link, struct ahead_part, link)->request);
}

static void each_of_read(const struct page_read *read, reader_fn *each, void *context)
{
    if (read->op.source.tag == NAND_FOR_HOST)
        each(context, read->owner);
    else if (read->op.source.tag == NAND_FOR_AHEAD)
        each_of_segment(read->owner, each, context);
}

void ftl_each_reader(const struct nand_op *op, reader_fn *each, void *context)
{
    if (op->kind != NAND_READ || op->source.tag == NAND_FOR_STRIPE)
        return;
    const struct page_read *read = read_of(op);
    each_of_read(read, each, context);
    if (read->space->joinable == NULL)
        return;
    for (const struct list_link *link = read->joined.head; link != NULL; link = link->next)
        each_of_read(container_of(link, struct page_read, op.link), each, context);
}

// --- programs and erases -------------------------------------------------------------------------------------------

static const struct program *program_of(const struct nand_op *op)
{
    return container_of(op, struct program, op);
}

static bool is_parity(const struct program *program)
{
    return program->owner == NULL;
}

static const char *purpose_of_program(const struct program *program)
{
    if (is_parity(program))
        return "parity";
    if (program->purpose == PURPOSE_HOST)
        return "host";
    return ((const struct mover *)program->owner)->ops->name;
}

static struct ftl_op_info inspect_program(const struct nand_op *op)
{
    const struct program *program = program_of(op);
    return (struct ftl_op_info){
        .purpose = purpose_of_program(program),
        .superblock = program->superblock,
        .units = program->count,
    };
}

void ftl_each_entry(const struct nand_op *op, void (*each)(void *context, uint32_t entry), void *context)
{
    if (op->kind != NAND_PROGRAM)
        return;
    const struct program *program = program_of(op);
    if (program->purpose != PURPOSE_HOST || is_parity(program))
        return;
    for (uint32_t i = 0; i < program->count; i++)
        each(context, program->units[i].entry);
}

// Erased are superblocks that something was moved out of, or nothing was left in; or that are about to be programmed.
static const char *purpose_of_erase(const struct superblock *superblock)
{
    if (superblock->state != SUPERBLOCK_ERASING)
        return "reuse";
    return superblock->mode == NAND_SLC ? why_fold_ops.name : why_collect_ops.name;
}

static struct ftl_op_info inspect_erase(const struct nand_op *op)
{
    const struct space *space = op->owner;
    uint32_t superblock = superblock_of_erase(op);
    return (struct ftl_op_info){.purpose = purpose_of_erase(&space->superblocks[superblock]), .superblock = superblock};
}

struct ftl_op_info ftl_inspect(const struct nand_op *op)
{
    static struct ftl_op_info (*const by_kind[NAND_KIND_COUNT])(const struct nand_op *op) = {
        [NAND_READ] = inspect_read, [NAND_PROGRAM] = inspect_program, [NAND_ERASE] = inspect_erase};
    return by_kind[op->kind](op);
}

// --- the write buffer ----------------------------------------------------------------------------------------------

uint32_t ftl_buffer_entries(const struct ftl *ftl)
{
    return ftl->buffer.capacity;
}

uint32_t ftl_buffer_entry(const struct ftl *ftl, uint64_t lpn)
{
    return buffer_find(&ftl->buffer, lpn);
}

uint64_t ftl_first_unit(const struct ftl *ftl, const struct ftl_request *request)
{
    return extent_first(&ftl->base, request);
}

uint64_t ftl_arrived_unit(const struct ftl *ftl, const struct ftl_request *request)
{
    return extent_first(&ftl->base, request) + extent_units_within(&ftl->base, request, request->core.arrived);
}
