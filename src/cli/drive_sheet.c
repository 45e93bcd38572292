// What the drive of a configuration adds up to.
#include "cli/drive_sheet.h"

#include <math.h>

#include "config/config_json.h"
#include "machine/bounds.h"
#include "report/data/summary_json.h"

static void set_capacity(struct drive_sheet *sheet, const struct ftl_config *ftl)
{
    const struct nand_geometry *g = &sheet->geometry;
    double capacity = sheet->capacity_bytes, cache = (double)ftl->slc_size * g->bits_per_cell;
    double kept = (ftl->gc_stop + ftl->gc_reserve) / 2.0 + 1.5;
    sheet->has_slc_cache = ftl->placement == FTL_PLACE_SLC;
    sheet->over_provisioning = sheet->flash_bytes / capacity - 1;
    double usable = sheet->flash_bytes * (1 - kept / g->blocks) - (sheet->has_slc_cache ? cache : 0);
    sheet->effective = usable / capacity - 1;
    sheet->slc_bytes = (double)ftl->slc_size;
    sheet->slc_dynamic_bytes = ftl->slc_dynamic * capacity / (g->bits_per_cell + ftl->slc_dynamic);
}

struct drive_sheet drive_sheet_of(const struct machine_config *values)
{
    struct sim *sim = sim_create(values->seed);
    struct ssd *ssd = ssd_create(sim, &values->drive);
    struct drive_sheet sheet = {.geometry = *nand_get_geometry(ssd_backend(ssd))};
    const struct raid_layout *raid = nand_get_raid_layout(ssd_backend(ssd));
    struct ftl_config ftl = ftl_config_on_flash(&values->drive.ftl, &sheet.geometry, raid);
    sheet.capacity_bytes = (double)ftl_capacity_bytes(ssd_core(ssd));
    sheet.flash_bytes = (double)raid_data_units(raid, sheet.geometry.units) * sheet.geometry.unit_bytes;
    sheet.memory = ftl_config_memory(&ftl, &sheet.geometry, raid);
    set_capacity(&sheet, &ftl);
    ssd_destroy(ssd);
    sim_destroy(sim);
    sheet.retry = retry_margin_of(values);
    sheet.collection = collection_margin_of(values);
    return sheet;
}

// --- as JSON -------------------------------------------------------------------------------------------------------

static json_t *geometry_json(const struct nand_geometry *g)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "channels", (json_int_t)g->channels, "dies",
                     (json_int_t)g->dies, "planes_per_die", (json_int_t)g->planes, "blocks_per_plane",
                     (json_int_t)g->blocks, "pages_per_block", (json_int_t)(g->rows * g->pages_per_row), "page_bytes",
                     (json_int_t)g->page_bytes, "superblock_bytes",
                     (json_int_t)(g->units_per_superblock * g->unit_bytes), "program_unit_bytes", (json_int_t)(g->units_per_program * g->unit_bytes));
}

static json_t *bound_json(const struct bound *bound)
{
    return json_pack("{s:s, s:f}", "by", bound->by, "iops", bound->per_second);
}

static json_t *load_json(const struct machine_config *values, enum bound_load load)
{
    struct bounds bounds;
    bounds_of(values, load, &bounds);
    json_t *all = json_array();
    for (size_t i = 0; i < bounds.count; i++)
        if (!isinf(bounds.bounds[i].per_second))
            json_array_append_new(all, bound_json(&bounds.bounds[i]));
    bool none = isinf(bounds.least->per_second);
    return json_pack("{s:s+, s:I, s:o, s:o, s:f, s:o}", "load", bounds.name, bounds.note, "bytes",
                     (json_int_t)bounds.bytes, "iops", none ? json_null() : json_real(bounds.least->per_second),
                     "limited_by", none ? json_null() : json_string(bounds.least->by), "write_amplification",
                     bounds.write_amplification, "bounds", all);
}

static json_t *retry_json(const struct retry_margin *margin)
{
    if (!margin->applies)
        return json_null();
    return json_pack("{s:f, s:f, s:o, s:o}", "rber_now", margin->rber_now, "rber_retry", margin->rber_retry,
                     "pe_cycles", margin->pe_cycles == 0 ? json_null() : json_integer((json_int_t)margin->pe_cycles),
                     "age_s", margin->age_s == 0 ? json_null() : json_real(margin->age_s));
}

static json_t *collection_json(const struct collection_margin *margin)
{
    return json_pack("{s:I, s:I, s:I}", "headroom_bytes", (json_int_t)margin->headroom_bytes, "superblocks",
                     (json_int_t)margin->superblocks, "free_superblocks", (json_int_t)margin->free);
}

static json_t *memory_json(uint64_t memory, const struct ftl_memory *takes)
{
    return json_pack("{s:o, s:I, s:I, s:I, s:I}", "bytes", memory == 0 ? json_null() : json_integer((json_int_t)memory),
                     "map_bytes", (json_int_t)takes->map, "write_buffer_bytes", (json_int_t)takes->buffer,
                     "read_ahead_bytes", (json_int_t)takes->ahead, "copies_bytes", (json_int_t)takes->copies);
}

static void add_idle(void *context, const char *line)
{
    json_array_append_new(context, report_json_text(line));
}

json_t *drive_sheet_json(const struct drive_sheet *sheet, const struct loaded_config *loaded, const char *path)
{
    char id[CONFIG_HASH_BYTES];
    json_t *json = json_object(), *loads = json_array(), *idle = json_array();
    config_hash(loaded->config, id);
    json_object_set_new(json, "file", report_json_text(path));
    json_object_set_new(json, "drive", report_json_text(loaded->values.name));
    json_object_set_new(json, "description", report_json_text(loaded->values.description));
    json_object_set_new(json, "config_id", json_string(id));
    json_object_set_new(json, "capacity_bytes", json_real(sheet->capacity_bytes));
    json_object_set_new(json, "flash_bytes", json_real(sheet->flash_bytes));
    json_object_set_new(json, "over_provisioning", json_real(sheet->over_provisioning));
    json_object_set_new(json, "effective_over_provisioning", json_real(sheet->effective));
    if (sheet->has_slc_cache)
        json_object_set_new(json, "slc_cache", json_pack("{s:f, s:f}", "bytes", sheet->slc_bytes, "dynamic_bytes",
                                                         sheet->slc_dynamic_bytes));
    json_object_set_new(json, "memory", memory_json(loaded->values.drive.ftl.memory, &sheet->memory));
    json_object_set_new(json, "flash", geometry_json(&sheet->geometry));
    json_object_set_new(json, "read_retry", retry_json(&sheet->retry));
    json_object_set_new(json, "collection", collection_json(&sheet->collection));
    for (int load = 0; load < BOUND_LOAD_COUNT; load++)
        json_array_append_new(loads, load_json(&loaded->values, (enum bound_load)load));
    json_object_set_new(json, "loads", loads);
    config_visit_idle(loaded->config, add_idle, idle);
    json_object_set_new(json, "idle", idle);
    return json;
}
