// The statistics of all parts of a machine.
#include "machine/machine.h"

size_t machine_stat_groups(struct machine *machine, struct stat_group groups[MACHINE_GROUPS_MAX])
{
    size_t count = 0;
    struct ssd *ssd = machine_ssd(machine);
    groups[count++] = (struct stat_group){
        .name = "host",
        .fields = host_stat_fields,
        .field_count = host_stat_field_count,
        .values = host_get_stats(machine_host(machine)),
    };
    if (host_block_stats(machine_host(machine)) != NULL)
        groups[count++] = (struct stat_group){
            .name = "block",
            .fields = block_stat_fields,
            .field_count = block_stat_field_count,
            .values = host_block_stats(machine_host(machine)),
        };
    return count + ssd_stat_groups(ssd, groups + count);
}

size_t machine_meters(struct machine *machine, struct ssd_meter meters[SSD_METERS_MAX])
{
    return ssd_meters(machine_ssd(machine), meters);
}
