// Namespaces of the subsystem: NVM Express 1.4, section 6.1 (allocated, active), 8.12 (management). Each is one range
// of the drive, found first fit; ranges begin on multiples of NVME_NAMESPACE_GRANULE. Left out: thin provisioning,
// namespaces in several pieces.
#include "nvme/namespace.h"

#include "util/macros.h"

static uint64_t granules(uint64_t bytes)
{
    return (bytes + NVME_NAMESPACE_GRANULE - 1) / NVME_NAMESPACE_GRANULE * NVME_NAMESPACE_GRANULE;
}

// The end of what an allocated namespace takes.
static uint64_t end_of(const struct nvme_namespace *ns)
{
    return ns->base + granules(namespace_bytes(ns));
}

// The namespace that lies in the way of a range; NULL.
static const struct nvme_namespace *in_the_way(const struct nvme_subsystem *subsystem, uint64_t base, uint64_t bytes)
{
    for (uint32_t i = 0; i < subsystem->limit; i++) {
        const struct nvme_namespace *ns = &subsystem->namespaces[i];
        if (ns->allocated && ns->base < base + bytes && base < end_of(ns))
            return ns;
    }
    return NULL;
}

static bool find_range(const struct nvme_subsystem *subsystem, uint64_t bytes, uint64_t *base)
{
    const struct nvme_namespace *other;
    for (*base = 0; bytes <= subsystem->capacity && *base <= subsystem->capacity - bytes; *base = end_of(other))
        if ((other = in_the_way(subsystem, *base, bytes)) == NULL)
            return true;
    return false;
}

static struct nvme_namespace *free_identifier(struct nvme_subsystem *subsystem)
{
    for (uint32_t i = 0; i < subsystem->limit; i++)
        if (!subsystem->namespaces[i].allocated)
            return &subsystem->namespaces[i];
    return NULL;
}

static void add_usage(struct nvme_usage *sum, const struct nvme_usage *usage)
{
    sum->reads += usage->reads;
    sum->writes += usage->writes;
    sum->read_bytes += usage->read_bytes;
    sum->written_bytes += usage->written_bytes;
}

struct nvme_namespace *subsystem_find(struct nvme_subsystem *subsystem, uint32_t nsid)
{
    return nsid - 1 < subsystem->limit && subsystem->namespaces[nsid - 1].allocated ? &subsystem->namespaces[nsid - 1]
                                                                                    : NULL;
}

struct nvme_namespace *subsystem_allocate(struct nvme_subsystem *subsystem, uint64_t blocks, unsigned lba_shift)
{
    uint64_t base;
    struct nvme_namespace *ns = free_identifier(subsystem);
    if (ns == NULL || blocks > subsystem->capacity >> lba_shift || !find_range(subsystem, blocks << lba_shift, &base))
        return NULL;
    add_usage(&subsystem->health.former, &ns->usage);
    *ns = (struct nvme_namespace){.nsid = (uint32_t)(ns - subsystem->namespaces) + 1, .lba_shift = lba_shift,
                                  .allocated = true, .base = base, .blocks = blocks};
    return ns;
}

void subsystem_attach(struct nvme_subsystem *subsystem, struct nvme_namespace *ns, bool attached)
{
    subsystem->active[ns->nsid - 1] = attached ? ns : NULL;
}

void subsystem_free(struct nvme_subsystem *subsystem, struct nvme_namespace *ns)
{
    subsystem_attach(subsystem, ns, false);
    ns->allocated = false;
}

uint64_t subsystem_unallocated(const struct nvme_subsystem *subsystem)
{
    uint64_t left = subsystem->capacity;
    for (uint32_t i = 0; i < subsystem->limit; i++)
        if (subsystem->namespaces[i].allocated)
            left -= MIN(left, granules(namespace_bytes(&subsystem->namespaces[i])));
    return left;
}

struct nvme_usage subsystem_usage(const struct nvme_subsystem *subsystem)
{
    struct nvme_usage sum = subsystem->health.former;
    for (uint32_t i = 0; i < subsystem->limit; i++)
        add_usage(&sum, &subsystem->namespaces[i].usage);
    return sum;
}

void subsystem_create(struct nvme_subsystem *subsystem, const struct nvme_layout *layout, uint32_t limit,
                      uint64_t capacity)
{
    subsystem->limit = MAX(limit, layout->count);
    subsystem->capacity = capacity;
    subsystem->health.available_spare = 100;
    for (uint32_t i = 0; i < layout->count; i++) {
        unsigned shift = (unsigned)__builtin_ctzll(layout->row[i].block_bytes);
        uint64_t bytes = layout_bytes(layout, i, capacity);
        subsystem_attach(subsystem, subsystem_allocate(subsystem, bytes >> shift, shift), true);
    }
}
