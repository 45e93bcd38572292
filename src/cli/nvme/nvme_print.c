// Fields of NVMe data structures, little-endian as this machine is.
#include "cli/nvme/nvme_print.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "util/macros.h"

enum { VALUE_BYTES = 320 };

typedef unsigned __int128 wide_t;

static wide_t number_of(const struct nvme_print_row *row, const uint8_t *at)
{
    wide_t value = 0;
    memcpy(&value, at, MIN(row->bytes, sizeof value));
    return value;
}

static void put_decimal(char *to, wide_t value)
{
    char digits[40];
    int count = 0;
    do
        digits[count++] = (char)('0' + (int)(value % 10));
    while ((value /= 10) != 0);
    while (count > 0)
        *to++ = digits[--count];
    *to = '\0';
}

static void put_units(char *to, wide_t units)
{
    static const char *const scales[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double bytes = (double)units * 512000;
    size_t scale = 0;
    for (; bytes >= 1000 && scale + 1 < ARRAY_SIZE(scales); scale++)
        bytes /= 1000;
    put_decimal(to, units);
    sprintf(to + strlen(to), " (%.2f %s)", bytes, scales[scale]);
}

static void put_uuid(char *to, const uint8_t *at)
{
    for (int i = 0; i < 16; i++)
        to += sprintf(to, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", at[i]);
}

static void put_bytes(char *to, const uint8_t *at, size_t bytes)
{
    *to = '\0';
    for (size_t i = 0; i < bytes; i++)
        to += sprintf(to, "%02x", at[i]);
}

static void put_value(char to[VALUE_BYTES], const struct nvme_print_row *row, const uint8_t *at)
{
    wide_t value = number_of(row, at);
    switch (row->form) {
    case PRINT_DEC: put_decimal(to, value); break;
    case PRINT_HEX: sprintf(to, "%#llx", (unsigned long long)value); break;
    case PRINT_PERCENT: sprintf(to, "%u%%", (unsigned)value); break;
    case PRINT_KELVIN: sprintf(to, "%d\u00b0C (%u Kelvin)", (int)value - 273, (unsigned)value); break;
    case PRINT_UNITS: put_units(to, value); break;
    case PRINT_TEXT: sprintf(to, "%.*s", row->bytes, (const char *)at); break;
    case PRINT_STRING: sprintf(to, "%.*s", (int)strnlen((const char *)at, row->bytes), (const char *)at); break;
    case PRINT_OUI: sprintf(to, "%02x%02x%02x", at[2], at[1], at[0]); break;
    case PRINT_UUID: put_uuid(to, at); break;
    case PRINT_BYTES: put_bytes(to, at, row->bytes); break;
    }
}

void nvme_print_text(const struct nvme_print_row *rows, size_t count, const void *data)
{
    char value[VALUE_BYTES];
    for (size_t i = 0; i < count; i++) {
        put_value(value, &rows[i], (const uint8_t *)data + rows[i].offset);
        printf("%s: %s\n", rows[i].label, value);
    }
}

static json_t *json_of(const struct nvme_print_row *row, const uint8_t *at)
{
    char text[VALUE_BYTES];
    bool is_number = row->form <= PRINT_UNITS || row->form == PRINT_OUI;
    if (is_number && row->bytes <= sizeof(uint64_t))
        return json_integer((json_int_t)number_of(row, at));
    if (is_number)
        put_decimal(text, number_of(row, at));
    else
        put_value(text, row, at);
    return json_string(text);
}

json_t *nvme_print_json(const struct nvme_print_row *rows, size_t count, const void *data)
{
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++) {
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)strcspn(rows[i].label, " \t"), rows[i].label);
        json_object_set_new(object, rows[i].key != NULL ? rows[i].key : key,
                            json_of(&rows[i], (const uint8_t *)data + rows[i].offset));
    }
    return object;
}

void nvme_print_object(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(json);
}
