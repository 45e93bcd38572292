// What single keys cannot tell: whether they go together, and whether the flash can hold the drive asked for.
#include "ftl/ftl_config.h"
#include "nand/nand.h"

static int check_unit(const struct ftl_config *ftl, const struct config *config, struct diag *diag)
{
    uint64_t unit = ftl->mapping_unit;
    if (unit >= 512 && (unit & (unit - 1)) == 0)
        return 0;
    CONFIG_ERROR(config, diag, "ftl.mapping_unit", "must be a power of two of at least 512B");
    return 1;
}

static int check_buffer(const struct ftl_config *ftl, const struct config *config, struct diag *diag)
{
    if (ftl->write_buffer == 0 || ftl->mapping_unit == 0 || ftl->write_buffer >= ftl->mapping_unit)
        return 0;
    CONFIG_ERROR(config, diag, "ftl.write_buffer", "smaller than one mapping unit of %llu bytes; 0 means none",
                 (unsigned long long)ftl->mapping_unit);
    return 1;
}

static int check_gc_levels(const struct ftl_config *ftl, const struct config *config, struct diag *diag)
{
    int errors = 0;
    if (ftl->gc_stop <= ftl->gc_reserve) {
        CONFIG_ERROR(config, diag, "ftl.gc_stop", "must be more than gc_reserve, %u", ftl->gc_reserve);
        errors++;
    }
    if (ftl->gc_start > ftl->gc_stop || ftl->gc_start < ftl->gc_reserve) {
        CONFIG_ERROR(config, diag, "ftl.gc_start", "must lie between gc_reserve, %u, and gc_stop, %u",
                     ftl->gc_reserve, ftl->gc_stop);
        errors++;
    }
    return errors;
}

static int check_marks(const struct ftl_config *ftl, const struct config *config, struct diag *diag)
{
    if (ftl->destage != FTL_DESTAGE_WATER || ftl->destage_low < ftl->destage_high)
        return 0;
    CONFIG_ERROR(config, diag, "ftl.destage_low", "must be less than ftl.destage_high, %g %%",
                 100 * ftl->destage_high);
    return 1;
}

static int check_read_ahead(const struct ftl_config *ftl, const struct config *config, struct diag *diag)
{
    if (ftl->read_ahead == 0)
        return 0;
    if (ftl->read_ahead < ftl->mapping_unit) {
        CONFIG_ERROR(config, diag, "ftl.read_ahead", "smaller than one mapping unit of %llu bytes; 0 means none",
                     (unsigned long long)ftl->mapping_unit);
        return 1;
    }
    if (ftl->read_ahead_buffer >= ftl->read_ahead)
        return 0;
    CONFIG_ERROR(config, diag, "ftl.read_ahead_buffer", "does not hold what is read ahead of one stream, %llu bytes",
                 (unsigned long long)ftl->read_ahead);
    return 1;
}

static int check_slc(const struct ftl_config *ftl, const struct config *config, struct diag *diag)
{
    int errors = 0;
    if (ftl->placement != FTL_PLACE_SLC)
        return 0;
    if (ftl->slc_size == 0 && ftl->slc_dynamic <= 0) {
        CONFIG_ERROR(config, diag, "ftl.placement",
                     "an SLC cache needs a size: ftl.slc_size, ftl.slc_dynamic, or both");
        errors++;
    }
    if (ftl->gc_reserve < 2) {
        CONFIG_ERROR(config, diag, "ftl.gc_reserve",
                     "with an SLC cache folding takes room beside collection: at least 2");
        errors++;
    }
    return errors;
}

// Shares are shares of something.
static int check_share(const struct ftl_config *ftl, uint64_t value, const char *key, const struct config *config,
                       struct diag *diag)
{
    if (!config_is_share(value) || config_bytes_of(value, ftl->memory) > 0)
        return 0;
    CONFIG_ERROR(config, diag, key, "is a share of ftl.memory, %s",
                 ftl->memory == 0 ? "which is not given: give the bytes of one or the other" : "and comes to no byte of it");
    return 1;
}

static int check_shares(const struct ftl_config *ftl, const struct config *config, struct diag *diag)
{
    return check_share(ftl, ftl->write_buffer, "ftl.write_buffer", config, diag) +
           check_share(ftl, ftl->read_ahead_buffer, "ftl.read_ahead_buffer", config, diag) +
           check_share(ftl, ftl->gc_buffer, "ftl.gc_buffer", config, diag);
}

static int check_sized(const struct ftl_config *ftl, const struct config *config, struct diag *diag)
{
    return check_slc(ftl, config, diag) + check_marks(ftl, config, diag) + check_unit(ftl, config, diag) +
           check_buffer(ftl, config, diag) +
           check_read_ahead(ftl, config, diag) + check_gc_levels(ftl, config, diag);
}

int ftl_config_check(const struct ftl_config *ftl, const struct config *config, struct diag *diag)
{
    struct ftl_config in_bytes = ftl_config_in_bytes(ftl);
    int errors = check_shares(ftl, config, diag);
    return errors > 0 ? errors : check_sized(&in_bytes, config, diag);
}

// A stripe is gathered in the buffer before it is programmed.
static int check_stripe(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                        const struct config *config, struct diag *diag)
{
    uint64_t program = (uint64_t)geometry->units_per_program * geometry->unit_bytes;
    if (ftl->write_buffer == 0 || ftl->striping == FTL_STRIPING_OFF || ftl->write_buffer >= ftl->stripe_dies * program)
        return 0;
    CONFIG_ERROR(config, diag, "ftl.stripe_dies",
                 "the write buffer holds %llu program units of %llu bytes, so that no more dies can be filled together",
                 (unsigned long long)(ftl->write_buffer / program), (unsigned long long)program);
    return 1;
}

// A smaller buffer could never gather a program, and each one would be filled up with padding.
static int check_program(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                         const struct config *config, struct diag *diag)
{
    uint64_t program = (uint64_t)geometry->units_per_program * geometry->unit_bytes;
    if (ftl->write_buffer == 0 || ftl->write_buffer >= program)
        return 0;
    CONFIG_ERROR(config, diag, "ftl.write_buffer",
                 "smaller than what one program command writes, %llu bytes, so that it could never fill one; 0 means "
                 "no buffer", (unsigned long long)program);
    return 1;
}

// With less, what is read could fill no program.
static int check_copies(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                        const struct config *config, struct diag *diag)
{
    uint64_t least = ftl_config_least_copy_units(geometry) * geometry->unit_bytes;
    if (ftl->gc_buffer == 0 || ftl->gc_buffer >= least)
        return 0;
    CONFIG_ERROR(config, diag, "ftl.gc_buffer", "must hold two program units and a page of all planes, %llu bytes",
                 (unsigned long long)least);
    return 1;
}

int ftl_config_check_effect(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                            const struct config *config, struct diag *diag)
{
    struct ftl_config in_bytes = ftl_config_in_bytes(ftl);
    return check_program(&in_bytes, geometry, config, diag) + check_stripe(&in_bytes, geometry, config, diag) +
           check_copies(&in_bytes, geometry, config, diag);
}

static int check_slc_mode(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                          const struct config *config, struct diag *diag)
{
    if (ftl->placement != FTL_PLACE_SLC || (geometry->bits_per_cell > 1 && nand_has_mode(geometry, NAND_SLC)))
        return 0;
    CONFIG_ERROR(config, diag, "ftl.placement",
                 "an SLC cache takes cells of several bits (nand.cell), and blocks of a word line at least "
                 "(nand.pages_per_block)");
    return 1;
}

// Dies that copy by themselves do not show the controller what its parity would be made of.
static int check_fold(const struct ftl_config *ftl, const struct raid_layout *raid, const struct config *config,
                      struct diag *diag)
{
    bool on_die = ftl->placement == FTL_PLACE_SLC && ftl->slc_fold == FTL_SLC_FOLD_ON_DIE;
    if (!on_die || raid == NULL || !raid->enabled)
        return 0;
    CONFIG_ERROR(config, diag, "ftl.slc_fold",
                 "on_die: of data that dies copy by themselves the controller can make no parity (raid.enabled)");
    return 1;
}

static int check_memory(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                        const struct raid_layout *raid, const struct config *config, struct diag *diag)
{
    struct ftl_memory takes = ftl_config_memory(ftl, geometry, raid);
    uint64_t shared = MAX(takes.ahead + ftl_config_least_copy_units(geometry) * ftl->mapping_unit, takes.copies);
    if (ftl->memory == 0 || ftl->memory >= takes.map + takes.buffer + shared)
        return 0;
    CONFIG_ERROR(config, diag, "ftl.memory",
                 "too small: the map takes %llu bytes, ftl.write_buffer %llu, and ftl.read_ahead_buffer and ftl.gc_buffer, "
                 "which share the rest, at least %llu: together %llu", (unsigned long long)takes.map,
                 (unsigned long long)takes.buffer, (unsigned long long)shared,
                 (unsigned long long)(takes.map + takes.buffer + shared));
    return 1;
}

int ftl_config_check_capacity(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                              const struct raid_layout *raid, const struct config *config, struct diag *diag)
{
    const char *key = ftl->capacity != 0 ? "ftl.capacity" : "ftl.over_provisioning";
    uint64_t user = ftl_config_user_units(ftl, geometry, raid);
    uint64_t needed = ftl_config_superblocks_needed(ftl, geometry, raid);
    if (ftl->capacity % ftl->mapping_unit != 0) {
        CONFIG_ERROR(config, diag, key, "the capacity is not a multiple of the mapping unit of %llu bytes",
                     (unsigned long long)ftl->mapping_unit);
        return 1;
    }
    if (user == 0) {
        CONFIG_ERROR(config, diag, key, "a drive must have at least one mapping unit");
        return 1;
    }
    if (check_slc_mode(ftl, geometry, config, diag) + check_fold(ftl, raid, config, diag) > 0)
        return 1;
    if (needed <= geometry->blocks)
        return check_memory(ftl, geometry, raid, config, diag);
    CONFIG_ERROR(config, diag, key,
                 "the flash is too small: %llu units of user data, gc_stop = %u free superblocks%s and 2 open ones "
                 "take %llu superblocks of %llu usable data units, and there are %u",
                 (unsigned long long)user, ftl->gc_stop, ftl->placement == FTL_PLACE_SLC ? ", the SLC cache" : "",
                 (unsigned long long)needed,
                 (unsigned long long)ftl_config_usable_units(geometry, raid), geometry->blocks);
    return 1;
}
