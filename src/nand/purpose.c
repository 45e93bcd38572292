// What operations are for, in words and by holders.
#include "nand/nand.h"

#define PURPOSE_NAME(id, name, read, program) [NAND_TO_##id] = name,
const char *const nand_purpose_names[NAND_PURPOSE_COUNT] = {NAND_PURPOSE_LIST(PURPOSE_NAME)};

enum nand_holder nand_holder_of(const struct nand_op *op)
{
#define PURPOSE_HOLDERS(id, name, read, program) [NAND_TO_##id] = {HOLDER_##read, HOLDER_##program},
    static const uint8_t holders[NAND_PURPOSE_COUNT][2] = {NAND_PURPOSE_LIST(PURPOSE_HOLDERS)};
    return op->kind == NAND_ERASE ? HOLDER_ERASE : holders[op->source.purpose][op->kind != NAND_READ];
}
