// sqtail nvme id-ctrl, id-ns, list-ns, ns-descs.
#include <stdlib.h>

#include "cli/nvme/cmd_nvme.h"
#include "cli/nvme/nvme_drive.h"
#include "cli/nvme/nvme_print.h"
#include "util/macros.h"

#define CONTROLLER struct nvme_identify_controller
#define NAMESPACE struct nvme_identify_namespace

static const struct nvme_print_row controller_rows[] = {
    PRINT_FIELD(CONTROLLER, vid, "vid       ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, ssvid, "ssvid     ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, sn, "sn        ", NULL, PRINT_TEXT),
    PRINT_FIELD(CONTROLLER, mn, "mn        ", NULL, PRINT_TEXT),
    PRINT_FIELD(CONTROLLER, fr, "fr        ", NULL, PRINT_TEXT),
    PRINT_FIELD(CONTROLLER, rab, "rab       ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, ieee, "ieee      ", NULL, PRINT_OUI),
    PRINT_FIELD(CONTROLLER, cmic, "cmic      ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, mdts, "mdts      ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, cntlid, "cntlid    ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, ver, "ver       ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, rtd3r, "rtd3r     ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, rtd3e, "rtd3e     ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, oaes, "oaes      ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, ctratt, "ctratt    ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, rrls, "rrls      ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, cntrltype, "cntrltype ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, fguid, "fguid     ", NULL, PRINT_UUID),
    {"crdt1     ", NULL, 128, 2, PRINT_DEC},
    {"crdt2     ", NULL, 130, 2, PRINT_DEC},
    {"crdt3     ", NULL, 132, 2, PRINT_DEC},
    {"nvmsr     ", NULL, 253, 1, PRINT_DEC},
    {"vwci      ", NULL, 254, 1, PRINT_DEC},
    {"mec       ", NULL, 255, 1, PRINT_DEC},
    PRINT_FIELD(CONTROLLER, oacs, "oacs      ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, acl, "acl       ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, aerl, "aerl      ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, frmw, "frmw      ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, lpa, "lpa       ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, elpe, "elpe      ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, npss, "npss      ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, avscc, "avscc     ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, apsta, "apsta     ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, wctemp, "wctemp    ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, cctemp, "cctemp    ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, mtfa, "mtfa      ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, hmpre, "hmpre     ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, hmmin, "hmmin     ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, tnvmcap, "tnvmcap   ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, unvmcap, "unvmcap   ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, rpmbs, "rpmbs     ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, edstt, "edstt     ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, dsto, "dsto      ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, fwug, "fwug      ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, kas, "kas       ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, hctma, "hctma     ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, mntmt, "mntmt     ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, mxtmt, "mxtmt     ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, sanicap, "sanicap   ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, hmminds, "hmminds   ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, hmmaxd, "hmmaxd    ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, nsetidmax, "nsetidmax ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, endgidmax, "endgidmax ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, anatt, "anatt     ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, anacap, "anacap    ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, anagrpmax, "anagrpmax ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, nanagrpid, "nanagrpid ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, pels, "pels      ", NULL, PRINT_DEC),
    {"domainid  ", NULL, 356, 2, PRINT_DEC},
    {"megcap    ", NULL, 368, 16, PRINT_DEC},
    PRINT_FIELD(CONTROLLER, sqes, "sqes      ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, cqes, "cqes      ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, maxcmd, "maxcmd    ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, nn, "nn        ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, oncs, "oncs      ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, fuses, "fuses     ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, fna, "fna       ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, vwc, "vwc       ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, awun, "awun      ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, awupf, "awupf     ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, nvscc, "icsvscc   ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, nwpc, "nwpc      ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, acwu, "acwu      ", NULL, PRINT_DEC),
    PRINT_FIELD(CONTROLLER, ocfs, "ocfs      ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, sgls, "sgls      ", NULL, PRINT_HEX),
    PRINT_FIELD(CONTROLLER, mnan, "mnan      ", NULL, PRINT_DEC),
    {"maxdna    ", NULL, 544, 16, PRINT_DEC},
    {"maxcna    ", NULL, 560, 4, PRINT_DEC},
    PRINT_FIELD(CONTROLLER, subnqn, "subnqn    ", NULL, PRINT_STRING),
    {"ioccsz    ", NULL, 1792, 4, PRINT_DEC},
    {"iorcsz    ", NULL, 1796, 4, PRINT_DEC},
    {"icdoff    ", NULL, 1800, 2, PRINT_DEC},
    {"fcatt     ", NULL, 1802, 1, PRINT_DEC},
    {"msdbd     ", NULL, 1803, 1, PRINT_DEC},
    {"ofcs      ", NULL, 1804, 2, PRINT_DEC},
};

static const struct nvme_print_row namespace_rows[] = {
    PRINT_FIELD(NAMESPACE, nsze, "nsze    ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, ncap, "ncap    ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, nuse, "nuse    ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, nsfeat, "nsfeat  ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, nlbaf, "nlbaf   ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, flbas, "flbas   ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, mc, "mc      ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, dpc, "dpc     ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, dps, "dps     ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, nmic, "nmic    ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, rescap, "rescap  ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, fpi, "fpi     ", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, dlfeat, "dlfeat  ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, nawun, "nawun   ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, nawupf, "nawupf  ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, nacwu, "nacwu   ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, nabsn, "nabsn   ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, nabo, "nabo    ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, nabspf, "nabspf  ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, noiob, "noiob   ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, nvmcap, "nvmcap  ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, mssrl, "mssrl   ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, mcl, "mcl     ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, msrc, "msrc    ", NULL, PRINT_DEC),
    {"nulbaf  ", NULL, 82, 1, PRINT_DEC},
    PRINT_FIELD(NAMESPACE, anagrpid, "anagrpid", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, nsattr, "nsattr\t", NULL, PRINT_HEX),
    PRINT_FIELD(NAMESPACE, nvmsetid, "nvmsetid", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, endgid, "endgid  ", NULL, PRINT_DEC),
    PRINT_FIELD(NAMESPACE, nguid, "nguid   ", NULL, PRINT_BYTES),
    PRINT_FIELD(NAMESPACE, eui64, "eui64   ", NULL, PRINT_BYTES),
};

// --- power states: a table of their own ----------------------------------------------------------------------------

#define STATE struct nvme_power_state

static const struct nvme_print_row state_rows[] = {
    PRINT_FIELD(STATE, max_power, "max_power", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, flags, "flags", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, entry_us, "entry_lat", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, exit_us, "exit_lat", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, rrt, "read_tput", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, rrl, "read_lat", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, rwt, "write_tput", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, rwl, "write_lat", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, idle_power, "idle_power", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, idle_scale, "idle_scale", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, active_power, "active_power", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, active_scale, "active_power_work", NULL, PRINT_DEC),
    PRINT_FIELD(STATE, active_scale, "active_scale", NULL, PRINT_DEC),
};

static void print_state(unsigned number, const struct nvme_power_state *state)
{
    bool fine = state->flags & NVME_POWER_STATE_MXPS;
    printf("ps   %4u : mp:", number);
    if (fine)
        printf("%u.%04uW ", state->max_power / 10000, state->max_power % 10000);
    else
        printf("%u.%02uW ", state->max_power / 100, state->max_power % 100);
    printf("%soperational enlat:%u exlat:%u rrt:%u rrl:%u\n", state->flags & NVME_POWER_STATE_NOPS ? "non-" : "",
           state->entry_us, state->exit_us, state->rrt, state->rrl);
    printf("            rwt:%u rwl:%u idle_power:- active_power:-\n", state->rwt, state->rwl);
    printf("            active_power_workload:-\n");
}

// --- id-ctrl, id-ns ------------------------------------------------------------------------------------------------

static const void *identify(const struct nvme_asked *asked, uint32_t cns, uint32_t nsid)
{
    struct nvme_cqe answer;
    struct nvme_sqe sqe = {.opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .cdw10 = cns};
    return nvme_drive_run(asked, sqe, NVME_IDENTIFY_BYTES, &answer) == EXIT_SUCCESS ? console_data(asked->console) : NULL;
}

static void print_controller(const struct nvme_identify_controller *id)
{
    printf("NVME Identify Controller:\n");
    nvme_print_text(controller_rows, ARRAY_SIZE(controller_rows), id);
    for (unsigned i = 0; i <= id->npss; i++)
        print_state(i, &id->psd[i]);
}

static json_t *controller_json(const struct nvme_identify_controller *id)
{
    json_t *json = nvme_print_json(controller_rows, ARRAY_SIZE(controller_rows), id), *states = json_array();
    for (unsigned i = 0; i <= id->npss; i++)
        json_array_append_new(states, nvme_print_json(state_rows, ARRAY_SIZE(state_rows), &id->psd[i]));
    json_object_set_new(json, "psds", states);
    return json;
}

static int ask_controller(const struct nvme_asked *asked)
{
    const struct nvme_ask_options *options = asked->options;
    const struct nvme_identify_controller *id = identify(asked, NVME_CNS_CONTROLLER, 0);
    if (id == NULL)
        return EXIT_FAILURE;
    if (options->format == NVME_FORMAT_BINARY)
        return nvme_drive_dump(asked, NVME_IDENTIFY_BYTES);
    if (options->format == NVME_FORMAT_JSON)
        nvme_print_object(controller_json(id));
    else
        print_controller(id);
    return EXIT_SUCCESS;
}

static void print_namespace(uint32_t nsid, const struct nvme_identify_namespace *id)
{
    printf("NVME Identify Namespace %u:\n", nsid);
    nvme_print_text(namespace_rows, ARRAY_SIZE(namespace_rows), id);
    for (unsigned i = 0; i <= id->nlbaf; i++)
        printf("lbaf %2u : ms:%-3u lbads:%-2u rp:%#x %s\n", i, id->lbaf[i].ms, id->lbaf[i].lbads, id->lbaf[i].rp,
               i == (id->flbas & 0xf) ? "(in use)" : "");
}

static json_t *namespace_json(const struct nvme_identify_namespace *id)
{
    json_t *json = nvme_print_json(namespace_rows, ARRAY_SIZE(namespace_rows), id), *formats = json_array();
    for (unsigned i = 0; i <= id->nlbaf; i++)
        json_array_append_new(formats, json_pack("{s:i,s:i,s:i}", "ms", id->lbaf[i].ms, "ds", id->lbaf[i].lbads, "rp",
                                                 id->lbaf[i].rp));
    json_object_set_new(json, "lbafs", formats);
    return json;
}

static int ask_namespace(const struct nvme_asked *asked)
{
    const struct nvme_ask_options *options = asked->options;
    uint32_t nsid = nvme_drive_nsid(asked, 1);
    const struct nvme_identify_namespace *id = identify(asked, NVME_CNS_NAMESPACE, nsid);
    if (id == NULL)
        return EXIT_FAILURE;
    if (options->format == NVME_FORMAT_BINARY)
        return nvme_drive_dump(asked, NVME_IDENTIFY_BYTES);
    if (options->format == NVME_FORMAT_JSON)
        nvme_print_object(namespace_json(id));
    else
        print_namespace(nsid, id);
    return EXIT_SUCCESS;
}

// --- list-ns -------------------------------------------------------------------------------------------------------

static int ask_list(const struct nvme_asked *asked)
{
    const struct nvme_ask_options *options = asked->options;
    const uint32_t *list = identify(asked, options->all ? NVME_CNS_ALLOCATED_NAMESPACES : NVME_CNS_ACTIVE_NAMESPACES, 0);
    if (list == NULL)
        return EXIT_FAILURE;
    if (options->format == NVME_FORMAT_BINARY)
        return nvme_drive_dump(asked, NVME_IDENTIFY_BYTES);
    json_t *found = json_array();
    for (unsigned i = 0; i < 1024 && list[i] != 0; i++) {
        if (options->format == NVME_FORMAT_NORMAL)
            printf("[%4u]:%#x\n", i, list[i]);
        json_array_append_new(found, json_pack("{s:i}", "nsid", list[i]));
    }
    json_t *json = json_pack("{s:o}", "nsid_list", found);
    if (options->format == NVME_FORMAT_JSON)
        nvme_print_object(json);
    else
        json_decref(json);
    return EXIT_SUCCESS;
}

// --- commands ------------------------------------------------------------------------------------------------------

static const struct option_row list_rows[] = {
    {"all", 'a', OPTION_FLAG, offsetof(struct nvme_ask_options, all), NULL, "Those that are not attached, too."},
    NVME_ASK_ROWS
};

static const struct option_row ask_rows[] = {NVME_ASK_ROWS};

static int run_controller(const struct invocation *call)
{
    return nvme_drive_answer(call, ask_controller);
}

static int run_namespace(const struct invocation *call)
{
    return nvme_drive_answer(call, ask_namespace);
}

static int run_list(const struct invocation *call)
{
    return nvme_drive_answer(call, ask_list);
}

const struct command command_nvme_id_ctrl = NVME_COMMAND("id-ctrl", "Identify Controller.", ask_rows, run_controller);
const struct command command_nvme_id_ns = NVME_COMMAND("id-ns", "Identify Namespace.", ask_rows, run_namespace);
const struct command command_nvme_list_ns =
    NVME_COMMAND("list-ns", "Active namespaces, or all of them.", list_rows, run_list);
