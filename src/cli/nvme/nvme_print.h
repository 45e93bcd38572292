// NVMe data structures as text and JSON, in the words of nvme-cli: a row a field.
#ifndef SQTAIL_CLI_NVME_NVME_PRINT_H
#define SQTAIL_CLI_NVME_NVME_PRINT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum nvme_print_form {
    PRINT_DEC,
    PRINT_HEX,
    PRINT_PERCENT,
    PRINT_KELVIN, // "40°C (313 Kelvin)"
    PRINT_UNITS,  // thousands of 512 bytes: "1 (512.00 kB)"; JSON: a string, as of all numbers of 16 bytes
    PRINT_TEXT,   // ASCII, to its end
    PRINT_STRING, // ASCII, to a zero
    PRINT_OUI,
    PRINT_UUID,
    PRINT_BYTES,
};

struct nvme_print_row {
    const char *label; // with what stands between it and the colon
    const char *key;   // in JSON; NULL: the label up to its first blank
    uint16_t offset;
    uint16_t bytes;
    enum nvme_print_form form;
};

// A row of a field of a structure, whose label is padded by the table.
#define PRINT_FIELD(structure, field, label, key, form) \
    {label, key, offsetof(structure, field), sizeof(((structure *)0)->field), form}

void nvme_print_text(const struct nvme_print_row *rows, size_t count, const void *data);
json_t *nvme_print_json(const struct nvme_print_row *rows, size_t count, const void *data);

// Prints the JSON, and lets go of it.
void nvme_print_object(json_t *json);

#endif
