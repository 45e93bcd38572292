// The registers in words: names, values and fields.
//
// Sources: NVM Express 1.4, section 3.1, and 2.0, 3.1.3, for the fields; nvme-cli, `show-regs`, for the lines' form. A
// field is a row: where it lies, and by which unit or words it is told.
#include <inttypes.h>
#include <string.h>

#include "nvme/nvme_internal.h"
#include "nvme/registers.h"
#include "util/macros.h"

enum unit {
    NUMBER,     // as it is, in hexadecimal
    COUNT,      // 0's based
    POWER,      // 2^n bytes
    HOST_PAGE,  // 2^(12 + n) bytes
    STRIDE,     // 2^(2 + n) bytes
    HALF_SECONDS,
};

struct field {
    uint32_t offset; // of its register
    const char *name;
    unsigned shift, bits;
    enum unit unit;
    const char *const *words; // by value, ending with NULL; then the unit does not matter
};

#define WORDS(...) (const char *const[]){__VA_ARGS__, NULL}
#define SUPPORT WORDS("Not Supported", "Supported")
#define YES_NO WORDS("No", "Yes")

static const struct field fields[] = {
    {NVME_REG_CAP, "Controller Ready Independent of Media Support (CRIMS)", 60, 1, NUMBER, SUPPORT},
    {NVME_REG_CAP, "Controller Ready With Media Support (CRWMS)", 59, 1, NUMBER, SUPPORT},
    {NVME_REG_CAP, "Controller Memory Buffer Supported (CMBS)", 57, 1, NUMBER, SUPPORT},
    {NVME_REG_CAP, "Persistent Memory Region Supported (PMRS)", 56, 1, NUMBER, SUPPORT},
    {NVME_REG_CAP, "Memory Page Size Maximum (MPSMAX)", 52, 4, HOST_PAGE, NULL},
    {NVME_REG_CAP, "Memory Page Size Minimum (MPSMIN)", 48, 4, HOST_PAGE, NULL},
    {NVME_REG_CAP, "Boot Partition Support (BPS)", 45, 1, NUMBER, YES_NO},
    {NVME_REG_CAP, "Command Sets Supported (CSS)", 37, 8, NUMBER, NULL},
    {NVME_REG_CAP, "NVM Subsystem Reset Supported (NSSRS)", 36, 1, NUMBER, YES_NO},
    {NVME_REG_CAP, "Doorbell Stride (DSTRD)", 32, 4, STRIDE, NULL},
    {NVME_REG_CAP, "Timeout (TO)", 24, 8, HALF_SECONDS, NULL},
    {NVME_REG_CAP, "Weighted Round Robin with Urgent Priority Class (AMS)", 17, 1, NUMBER, SUPPORT},
    {NVME_REG_CAP, "Contiguous Queues Required (CQR)", 16, 1, NUMBER, YES_NO},
    {NVME_REG_CAP, "Maximum Queue Entries Supported (MQES)", 0, 16, COUNT, NULL},
    {NVME_REG_VS, "Major Version Number (MJR)", 16, 16, NUMBER, NULL},
    {NVME_REG_VS, "Minor Version Number (MNR)", 8, 8, NUMBER, NULL},
    {NVME_REG_INTMS, "Interrupt Vector Mask Set (IVMS)", 0, 32, NUMBER, NULL},
    {NVME_REG_INTMC, "Interrupt Vector Mask Clear (IVMC)", 0, 32, NUMBER, NULL},
    {NVME_REG_CC, "I/O Completion Queue Entry Size (IOCQES)", 20, 4, POWER, NULL},
    {NVME_REG_CC, "I/O Submission Queue Entry Size (IOSQES)", 16, 4, POWER, NULL},
    {NVME_REG_CC, "Shutdown Notification (SHN)", 14, 2, NUMBER,
     WORDS("No notification", "Normal shutdown", "Abrupt shutdown", "Reserved")},
    {NVME_REG_CC, "Arbitration Mechanism Selected (AMS)", 11, 3, NUMBER,
     WORDS("Round Robin", "Weighted Round Robin with Urgent Priority Class")},
    {NVME_REG_CC, "Memory Page Size (MPS)", 7, 4, HOST_PAGE, NULL},
    {NVME_REG_CC, "I/O Command Set Selected (CSS)", 4, 3, NUMBER, NULL},
    {NVME_REG_CC, "Enable (EN)", 0, 1, NUMBER, YES_NO},
    {NVME_REG_CSTS, "Processing Paused (PP)", 5, 1, NUMBER, YES_NO},
    {NVME_REG_CSTS, "NVM Subsystem Reset Occurred (NSSRO)", 4, 1, NUMBER, YES_NO},
    {NVME_REG_CSTS, "Shutdown Status (SHST)", 2, 2, NUMBER,
     WORDS("Normal operation", "Shutdown processing occurring", "Shutdown processing complete", "Reserved")},
    {NVME_REG_CSTS, "Controller Fatal Status (CFS)", 1, 1, NUMBER, YES_NO},
    {NVME_REG_CSTS, "Ready (RDY)", 0, 1, NUMBER, YES_NO},
    {NVME_REG_NSSR, "NVM Subsystem Reset Control (NSSRC)", 0, 32, NUMBER, NULL},
    {NVME_REG_AQA, "Admin Completion Queue Size (ACQS)", 16, 12, COUNT, NULL},
    {NVME_REG_AQA, "Admin Submission Queue Size (ASQS)", 0, 12, COUNT, NULL},
    {NVME_REG_ASQ, "Admin Submission Queue Base (ASQB)", 0, 64, NUMBER, NULL},
    {NVME_REG_ACQ, "Admin Completion Queue Base (ACQB)", 0, 64, NUMBER, NULL},
    {NVME_REG_CMBLOC, "Offset (OFST)", 12, 20, NUMBER, NULL},
    {NVME_REG_CMBLOC, "Base Indicator Register (BIR)", 0, 3, NUMBER, NULL},
    {NVME_REG_CMBSZ, "Size (SZ)", 12, 20, NUMBER, NULL},
    {NVME_REG_CMBSZ, "Size Units (SZU)", 8, 4, NUMBER,
     WORDS("4 KB", "64 KB", "1 MB", "16 MB", "256 MB", "4 GB", "64 GB")},
    {NVME_REG_CMBSZ, "Write Data Support (WDS)", 4, 1, NUMBER, SUPPORT},
    {NVME_REG_CMBSZ, "Read Data Support (RDS)", 3, 1, NUMBER, SUPPORT},
    {NVME_REG_CMBSZ, "PRP SGL List Support (LISTS)", 2, 1, NUMBER, SUPPORT},
    {NVME_REG_CMBSZ, "Completion Queue Support (CQS)", 1, 1, NUMBER, SUPPORT},
    {NVME_REG_CMBSZ, "Submission Queue Support (SQS)", 0, 1, NUMBER, SUPPORT},
    {NVME_REG_CMBMSC, "Controller Base Address (CBA)", 12, 52, NUMBER, NULL},
    {NVME_REG_CMBMSC, "Controller Memory Space Enable (CMSE)", 1, 1, NUMBER, YES_NO},
    {NVME_REG_CMBMSC, "Capabilities Registers Enabled (CRE)", 0, 1, NUMBER, YES_NO},
    {NVME_REG_CMBSTS, "Controller Base Address Invalid (CBAI)", 0, 1, NUMBER, YES_NO},
    {NVME_REG_CRTO, "Controller Ready Independent of Media Timeout (CRIMT)", 16, 16, HALF_SECONDS, NULL},
    {NVME_REG_CRTO, "Controller Ready With Media Timeout (CRWMT)", 0, 16, HALF_SECONDS, NULL},
};

static uint64_t value_of(const struct nvme *nvme, const struct nvme_register_row *row)
{
    uint64_t value = registers_read(nvme, row->offset);
    return row->bytes == 8 ? value | (uint64_t)registers_read(nvme, row->offset + 4) << 32 : value;
}

static void lower_case(char *to, const char *name)
{
    for (; *name != '\0'; name++)
        *to++ = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
    *to = '\0';
}

// --- fields --------------------------------------------------------------------------------------------------------

static const char *word_of(const char *const *words, uint64_t value)
{
    while (value > 0 && *words != NULL)
        words++, value--;
    return *words == NULL ? "Reserved" : *words;
}

static void print_number(FILE *out, enum unit unit, uint64_t value)
{
    static const struct {
        const char *form;
        unsigned shift;  // of the smallest, where it is a power of two
        uint64_t factor, plus;
    } units[] = {
        [NUMBER] = {"%" PRIx64, 0, 1, 0},
        [COUNT] = {"%" PRIu64, 0, 1, 1},
        [POWER] = {"%" PRIu64 " bytes", 0, 0, 0},
        [HOST_PAGE] = {"%" PRIu64 " bytes", 12, 0, 0},
        [STRIDE] = {"%" PRIu64 " bytes", 2, 0, 0},
        [HALF_SECONDS] = {"%" PRIu64 " ms", 0, 500, 0},
    };
    uint64_t told = units[unit].factor == 0 ? UINT64_C(1) << (units[unit].shift + value)
                                            : value * units[unit].factor + units[unit].plus;
    fprintf(out, units[unit].form, told);
}

static void print_field(FILE *out, const struct field *field, uint64_t value)
{
    uint64_t part = value >> field->shift & (UINT64_MAX >> (64 - field->bits));
    fprintf(out, "\t%s: ", field->name);
    if (field->words != NULL)
        fputs(word_of(field->words, part), out);
    else
        print_number(out, field->unit, part);
    fputc('\n', out);
}

static void print_fields(FILE *out, const struct nvme_register_row *row, uint64_t value)
{
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        if (fields[i].offset == row->offset)
            print_field(out, &fields[i], value);
    fputc('\n', out);
}

// --- forms ---------------------------------------------------------------------------------------------------------

static void print_line(FILE *out, const struct nvme_register_row *row, uint64_t value)
{
    char name[16];
    lower_case(name, row->offset == NVME_REG_VS ? "version" : row->name);
    fprintf(out, "%-8s: %" PRIx64 "\n", name, value);
}

static void print_member(FILE *out, const struct nvme_register_row *row, uint64_t value)
{
    char name[16];
    lower_case(name, row->name);
    fprintf(out, "%s  \"%s\":%" PRIu64, row->offset == 0 ? "{\n" : ",\n", name, value);
}

static void print_described(FILE *out, const struct nvme_register_row *row, uint64_t value)
{
    print_line(out, row, value);
    print_fields(out, row, value);
}

void registers_show(const struct nvme *nvme, FILE *out, enum registers_form form)
{
    static void (*const print[])(FILE *out, const struct nvme_register_row *row, uint64_t value) = {
        [REGISTERS_PLAIN] = print_line, [REGISTERS_HUMAN] = print_described, [REGISTERS_JSON] = print_member};
    for (size_t i = 0; i < nvme_register_count; i++)
        print[form](out, &nvme_register_rows[i], value_of(nvme, &nvme_register_rows[i]));
    if (form == REGISTERS_JSON)
        fputs("\n}\n", out);
}
