// Any bytes as a configuration file: no crash, and what came of it is written as YAML that loads to the same.
#include <stdlib.h>
#include <string.h>

#include "../config/example.h"
#include "config/config_internal.h"
#include "config/config_json.h"
#include "util/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Returns whether it loaded without errors.
static int load(const char *text, size_t size, char hash[CONFIG_HASH_BYTES], char **yaml)
{
    struct example values;
    struct diag *diag = diag_create();
    struct config *config = config_create(example_sections, &values);
    int result = config_load_text(config, diag, "no-such-folder/fuzz.yaml", text, size);
    CHECK((result == 0) == (diag_error_count(diag) == 0), "result %d, %u errors", result, diag_error_count(diag));
    size_t length;
    FILE *to = open_memstream(yaml, &length);
    config_write_yaml(config, to);
    fclose(to);
    config_hash(config, hash);
    config_destroy(config);
    diag_destroy(diag);
    return result == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char first[CONFIG_HASH_BYTES], second[CONFIG_HASH_BYTES];
    char *yaml, *again;
    // Values that an error left alone are as good as any: what is written always loads.
    load((const char *)data, size, first, &yaml);
    CHECK(load(yaml, strlen(yaml), second, &again), "written configuration does not load:\n%s", yaml);
    CHECK(strcmp(first, second) == 0 && strcmp(yaml, again) == 0, "%s became %s", yaml, again);
    free(yaml);
    free(again);
    return 0;
}
