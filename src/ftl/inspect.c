// Operations as who submitted them knows them.
#include "ftl/inspect.h"

#include "ftl/ftl_internal.h"
#include "ftl/serve/extent.h"
#include "ftl/space/superblock.h"

// --- reads ---------------------------------------------------------------------------------------------------------

static const struct page_read *read_of(const struct nand_op *op)
{
    return container_of(op, struct page_read, op);
}

static struct ftl_op_info inspect_read(const struct nand_op *op)
{
    return (struct ftl_op_info){
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

static struct ftl_op_info inspect_program(const struct nand_op *op)
{
    const struct program *program = program_of(op);
    return (struct ftl_op_info){
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

static struct ftl_op_info inspect_erase(const struct nand_op *op)
{
    return (struct ftl_op_info){.superblock = superblock_of_erase(op)};
}

struct ftl_op_info ftl_inspect(const struct nand_op *op)
{
    static struct ftl_op_info (*const by_kind[NAND_KIND_COUNT])(const struct nand_op *op) = {
        [NAND_READ] = inspect_read, [NAND_PROGRAM] = inspect_program, [NAND_ERASE] = inspect_erase,
        [NAND_FOLD_ON_DIE] = inspect_program};
    struct ftl_op_info info = by_kind[op->kind](op);
    info.purpose = nand_purpose_names[op->source.purpose];
    return info;
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
