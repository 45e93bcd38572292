// Every section of a configuration file, in the order in which they are shown.
#include "machine/machine.h"

#include "util/check.h"

#define AT(member) offsetof(struct machine_config, member)

static const struct config_field general_fields[] = {
    {.key = "name", .type = CONFIG_STRING, .offset = AT(name), .fallback = "",
     .help = "Name of the drive, shown with results."},
    {.key = "description", .type = CONFIG_STRING, .offset = AT(description), .fallback = "",
     .help = "What this configuration is, in a sentence."},
    {.key = "seed", .type = CONFIG_UINT64, .offset = AT(seed), .fallback = "1",
     .help = "Seed of every random stream: the same input and seed give the same results, byte for byte."},
    {.key = "functional", .type = CONFIG_BOOL, .offset = AT(drive.nvme.functional), .fallback = "false",
     .help = "The drive keeps what is written to it, and the host checks what it reads; times do not depend on it."},
};

void machine_get_sections(struct config_section sections[MACHINE_SECTIONS_MAX])
{
    const struct config_section all[] = {
        {"", "General.", general_fields, ARRAY_SIZE(general_fields), 0},
        {"host", "The host: processors, queues and the cost of its software.", host_config_fields,
         host_config_field_count, AT(host)},
        {"pcie", "The link, and what the drive shows of itself in configuration space.", pcie_config_fields,
         pcie_config_field_count, AT(drive.pcie)},
        {"nvme", "The front-end: controller, queues, namespace.", nvme_config_fields, nvme_config_field_count,
         AT(drive.nvme)},
        {"dram", "The controller's memory, which user data cross.", dram_config_fields, dram_config_field_count,
         AT(drive.dram)},
        {"ftl", "The core: mapping, write buffer, garbage collection, initial state.", ftl_config_fields,
         ftl_config_field_count, AT(drive.ftl)},
        {"nand", "The flash: geometry, interface, timing.", nand_config_fields, nand_config_field_count,
         AT(drive.nand)},
        {"ecc", "The error-correcting code and read retry.", ecc_config_fields, ecc_config_field_count,
         AT(drive.nand.ecc)},
        {"raid", "Parity across dies.", raid_config_fields, raid_config_field_count, AT(drive.nand.raid)},
        {"reliability", "Raw bit errors by wear, retention and read disturb.", reliability_config_fields,
         reliability_config_field_count, AT(drive.nand.reliability)},
        {.name = NULL},
    };
    CHECK(ARRAY_SIZE(all) <= MACHINE_SECTIONS_MAX, "%zu sections", ARRAY_SIZE(all));
    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        sections[i] = all[i];
}
