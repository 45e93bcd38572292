#include "hand_nand.h"

#include <stdio.h>
#include <string.h>

#include "util/check.h"

static void name(const struct hand_nand *hand, const struct nand_op *op, char text[HAND_NAME_MAX])
{
    const struct nand_geometry *g = &hand->geometry;
    uint32_t within = (uint32_t)(op->at.n % g->units_per_superblock);
    uint32_t place = op->kind == NAND_READ    ? within / g->units_per_multi_page
                     : op->kind == NAND_ERASE ? nand_locate(g, op->at).die
                                              : within / g->units_per_program;
    snprintf(text, HAND_NAME_MAX, "%c%c%u.%u", op->source.tag == NAND_FOR_GC ? 'g' : 'h', "rpef"[op->kind],
             (uint32_t)(op->at.n / g->units_per_superblock), place);
}

static void submit(void *self, struct nand_op *op)
{
    struct hand_nand *hand = self;
    CHECK(hand->count < HAND_OPS_MAX, "too many operations");
    struct hand_op *new = &hand->ops[hand->count++];
    *new = (struct hand_op){.op = op, .since = sim_now(hand->sim)};
    name(hand, op, new->name);
    op->status = NAND_OK;
    op->failed_units = 0;
    breakdown_start(&op->path, STAGE_ARRAY, new->since);
}

static bool widen(void *self, struct nand_op *op, uint64_t units)
{
    const struct hand_nand *hand = self;
    if (hand->waiting)
        op->units |= units;
    return hand->waiting;
}

static void assume(void *self, uint32_t block, uint32_t rows_written)
{
    (void)self, (void)block, (void)rows_written;
}

struct nand_port hand_nand_port(struct hand_nand *hand)
{
    return (struct nand_port){.self = hand, .submit = submit, .widen = widen, .assume = assume};
}

const char *hand_names(struct hand_nand *hand)
{
    hand->names[0] = '\0';
    for (unsigned i = 0; i < hand->count; i++) {
        strcat(hand->names, i == 0 ? "" : " ");
        strcat(hand->names, hand->ops[i].name);
    }
    return hand->names;
}

void hand_fail(struct hand_nand *hand, const char *wanted, uint64_t failed)
{
    unsigned i = 0;
    while (i < hand->count && strcmp(hand->ops[i].name, wanted) != 0)
        i++;
    CHECK(i < hand->count, "%s is not among %s", wanted, hand_names(hand));
    struct nand_op *op = hand->ops[i].op;
    hand->count--;
    memmove(&hand->ops[i], &hand->ops[i + 1], (hand->count - i) * sizeof *hand->ops);
    op->failed_units = failed;
    op->status = failed == 0 ? NAND_OK : NAND_UNCORRECTABLE;
    breakdown_enter(&op->path, STAGE_ECC, sim_now(hand->sim));
    op->done(op);
}

void hand_end(struct hand_nand *hand, const char *wanted)
{
    hand_fail(hand, wanted, 0);
}
