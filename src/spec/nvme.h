// NVM Express as it stands on the wire: registers, queue entries, opcodes, status codes, data structures.
//
// Source: NVM Express Base Specification 1.4 (section numbers given below). Multi-byte fields are little-endian, and
// so must be the machine that sqtail runs on. Left out: metadata and protection information, Fabrics.
#ifndef SQTAIL_SPEC_NVME_H
#define SQTAIL_SPEC_NVME_H

#include <stdint.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "wire structures are laid over memory");

#define NVME_WIRE struct __attribute__((packed))

// --- controller registers, section 3.1 -----------------------------------------------------------------------------

enum nvme_register {
    NVME_REG_CAP = 0x00,   // 8 bytes
    NVME_REG_VS = 0x08,    // 4
    NVME_REG_INTMS = 0x0c, // 4
    NVME_REG_INTMC = 0x10, // 4
    NVME_REG_CC = 0x14,    // 4
    NVME_REG_CSTS = 0x1c,  // 4
    NVME_REG_NSSR = 0x20,  // 4
    NVME_REG_AQA = 0x24,   // 4
    NVME_REG_ASQ = 0x28,   // 8
    NVME_REG_ACQ = 0x30,   // 8
    NVME_REG_CMBLOC = 0x38,
    NVME_REG_CMBSZ = 0x3c,
    NVME_REG_BPINFO = 0x40,
    NVME_REG_BPRSEL = 0x44,
    NVME_REG_BPMBL = 0x48,  // 8
    NVME_REG_CMBMSC = 0x50, // 8
    NVME_REG_CMBSTS = 0x58,
    NVME_REG_CRTO = 0x68, // NVMe 2.0, 3.1.3.23
    NVME_REG_DOORBELLS = 0x1000, // SQ y tail at + 2y * stride, CQ y head at + (2y + 1) * stride
};

enum { NVME_DOORBELL_MASK = 0xffff }; // 3.1.24, 3.1.25: tail or head

// A field of a register or of a command's doubleword: shift and mask before shifting.
#define NVME_FIELD(value, field) (((value) >> field##_SHIFT) & field##_MASK)
#define NVME_MAKE(field, x) (((uint64_t)(x) & field##_MASK) << field##_SHIFT)

enum { // CAP, 3.1.1
    NVME_CAP_MQES_SHIFT = 0, NVME_CAP_MQES_MASK = 0xffff, // largest queue, 0's based
    NVME_CAP_CQR_SHIFT = 16, NVME_CAP_CQR_MASK = 1,       // queues must be physically contiguous
    NVME_CAP_AMS_SHIFT = 17, NVME_CAP_AMS_MASK = 3,       // bit 0: weighted round robin with urgent class
    NVME_CAP_TO_SHIFT = 24, NVME_CAP_TO_MASK = 0xff,      // longest wait for CSTS.RDY, 500 ms units
    NVME_CAP_DSTRD_SHIFT = 32, NVME_CAP_DSTRD_MASK = 0xf, // doorbell stride 2^(2 + n) bytes
    NVME_CAP_NSSRS_SHIFT = 36, NVME_CAP_NSSRS_MASK = 1,
    NVME_CAP_CSS_SHIFT = 37, NVME_CAP_CSS_MASK = 0xff,    // bit 0: NVM command set
    NVME_CAP_MPSMIN_SHIFT = 48, NVME_CAP_MPSMIN_MASK = 0xf, // 2^(12 + n) bytes
    NVME_CAP_MPSMAX_SHIFT = 52, NVME_CAP_MPSMAX_MASK = 0xf,
    NVME_CAP_PMRS_SHIFT = 56, NVME_CAP_PMRS_MASK = 1,
    NVME_CAP_CMBS_SHIFT = 57, NVME_CAP_CMBS_MASK = 1,
    NVME_CAP_CRWMS_SHIFT = 59, NVME_CAP_CRWMS_MASK = 1, // NVMe 2.0: ready with media
    NVME_CAP_CRIMS_SHIFT = 60, NVME_CAP_CRIMS_MASK = 1, // ready independent of media
};

enum { // CC, 3.1.5
    NVME_CC_EN_SHIFT = 0, NVME_CC_EN_MASK = 1,
    NVME_CC_CSS_SHIFT = 4, NVME_CC_CSS_MASK = 7,
    NVME_CC_MPS_SHIFT = 7, NVME_CC_MPS_MASK = 0xf,     // host page 2^(12 + n) bytes
    NVME_CC_AMS_SHIFT = 11, NVME_CC_AMS_MASK = 7,
    NVME_CC_SHN_SHIFT = 14, NVME_CC_SHN_MASK = 3,
    NVME_CC_IOSQES_SHIFT = 16, NVME_CC_IOSQES_MASK = 0xf, // I/O SQ entry 2^n bytes: 6
    NVME_CC_IOCQES_SHIFT = 20, NVME_CC_IOCQES_MASK = 0xf, // I/O CQ entry 2^n bytes: 4
};

enum nvme_ams { NVME_AMS_ROUND_ROBIN = 0, NVME_AMS_WEIGHTED = 1 };           // CC.AMS
enum nvme_shn { NVME_SHN_NONE = 0, NVME_SHN_NORMAL = 1, NVME_SHN_ABRUPT = 2 }; // CC.SHN

enum { // CSTS, 3.1.6
    NVME_CSTS_RDY = 1 << 0,
    NVME_CSTS_CFS = 1 << 1,
    NVME_CSTS_SHST_SHIFT = 2, NVME_CSTS_SHST_MASK = 3,
    NVME_CSTS_NSSRO = 1 << 4,
    NVME_CSTS_PP = 1 << 5,
};

enum nvme_shst { NVME_SHST_NORMAL = 0, NVME_SHST_OCCURRING = 1, NVME_SHST_COMPLETE = 2 };

enum { // AQA, 3.1.8
    NVME_AQA_ASQS_SHIFT = 0, NVME_AQA_ASQS_MASK = 0xfff, // 0's based
    NVME_AQA_ACQS_SHIFT = 16, NVME_AQA_ACQS_MASK = 0xfff,
};

enum { // CMBLOC, CMBSZ, CMBMSC, CMBSTS: 3.1.11, 3.1.12, 3.1.16, 3.1.17
    NVME_CMBLOC_OFST_SHIFT = 12, // in units of CMBSZ.SZU; bits 2:0 are the BAR
    NVME_CMBSZ_SZ_SHIFT = 12,    // in units of 4 KiB << 4 * SZU
    NVME_CMBSZ_SQS = 1 << 0,
    NVME_CMBSZ_CQS = 1 << 1,
    NVME_CMBSZ_LISTS = 1 << 2,
    NVME_CMBSZ_RDS = 1 << 3,
    NVME_CMBSZ_WDS = 1 << 4,
    NVME_CMBMSC_CRE = 1 << 0,  // CMBLOC and CMBSZ are shown
    NVME_CMBMSC_CMSE = 1 << 1, // commands name it by CBA, bits 63:12
    NVME_CMBSTS_CBAI = 1 << 0, // CBA is invalid
};

enum { NVME_VS_1_4 = 0x00010400, NVME_VS_2_0 = 0x00020000 }; // 3.1.2

enum { NVME_NSSR_NVME = 0x4e564d65 }; // 3.1.7: what resets the subsystem

enum { // CRTO, NVMe 2.0, 3.1.3.23: 500 ms units
    NVME_CRTO_CRWMT_SHIFT = 0, NVME_CRTO_CRWMT_MASK = 0xffff,
    NVME_CRTO_CRIMT_SHIFT = 16, NVME_CRTO_CRIMT_MASK = 0xffff,
};

// --- queue entries, sections 4.2 and 4.6 ---------------------------------------------------------------------------

enum { NVME_SQE_BYTES = 64, NVME_SQE_SHIFT = 6, NVME_CQE_BYTES = 16, NVME_CQE_SHIFT = 4, NVME_PAGE_SHIFT_MIN = 12 };

NVME_WIRE nvme_sqe
{
    uint8_t opcode;
    uint8_t flags; // bits 1:0 fused operation, 7:6 PSDT (0: PRPs)
    uint16_t cid;
    uint32_t nsid;
    uint32_t cdw2;
    uint32_t cdw3;
    uint64_t mptr;
    uint64_t prp1;
    uint64_t prp2;
    uint32_t cdw10;
    uint32_t cdw11;
    uint32_t cdw12;
    uint32_t cdw13;
    uint32_t cdw14;
    uint32_t cdw15;
};
_Static_assert(sizeof(struct nvme_sqe) == NVME_SQE_BYTES, "section 4.2, figure 104");

enum { NVME_SQE_FUSE_MASK = 0x03, NVME_SQE_PSDT_MASK = 0xc0 };

// Data pointers and opcodes: PSDT other than 0 is an SGL, whose first descriptor takes the place of PRP1 and PRP2.
enum { NVME_PSDT_RESERVED = 0xc0, NVME_OPCODE_TO_CONTROLLER = 1 << 0 };

NVME_WIRE nvme_sgl_descriptor // 4.4, figure 115
{
    uint64_t address;
    uint32_t length;
    uint8_t reserved12[3];
    uint8_t type; // bits 7:4, and subtype in 3:0
};
_Static_assert(sizeof(struct nvme_sgl_descriptor) == 16, "section 4.4");

enum nvme_sgl_type { NVME_SGL_DATA_BLOCK, NVME_SGL_BIT_BUCKET, NVME_SGL_SEGMENT, NVME_SGL_LAST_SEGMENT, NVME_SGL_KEYED };

NVME_WIRE nvme_cqe
{
    uint32_t dw0; // command specific
    uint32_t dw1;
    uint16_t sqhd;
    uint16_t sqid;
    uint16_t cid;
    uint16_t status; // bit 0 phase tag, 15:1 status field
};
_Static_assert(sizeof(struct nvme_cqe) == NVME_CQE_BYTES, "section 4.6, figure 121");

enum { NVME_CQE_PHASE = 1, NVME_CQE_STATUS_SHIFT = 1 };

// --- status field, section 4.6.1: bits 7:0 code, 10:8 type, 14 do not retry ----------------------------------------

enum nvme_status {
    NVME_SC_SUCCESS = 0x000, // type 0, generic: figures 126, 127
    NVME_SC_INVALID_OPCODE = 0x001,
    NVME_SC_INVALID_FIELD = 0x002,
    NVME_SC_CID_CONFLICT = 0x003,
    NVME_SC_DATA_TRANSFER_ERROR = 0x004,
    NVME_SC_POWER_LOSS_ABORT = 0x005,
    NVME_SC_INTERNAL = 0x006,
    NVME_SC_ABORT_REQUESTED = 0x007,
    NVME_SC_ABORT_SQ_DELETED = 0x008,
    NVME_SC_ABORT_FAILED_FUSED = 0x009,
    NVME_SC_ABORT_MISSING_FUSED = 0x00a,
    NVME_SC_INVALID_NAMESPACE = 0x00b,
    NVME_SC_COMMAND_SEQUENCE = 0x00c,
    NVME_SC_INVALID_SGL_SEGMENT = 0x00d,
    NVME_SC_INVALID_SGL_COUNT = 0x00e,
    NVME_SC_INVALID_SGL_LENGTH = 0x00f,
    NVME_SC_INVALID_SGL_TYPE = 0x011,
    NVME_SC_INVALID_CMB_USE = 0x012,
    NVME_SC_PRP_OFFSET_INVALID = 0x013,
    NVME_SC_LBA_RANGE = 0x080,
    NVME_SC_CAPACITY_EXCEEDED = 0x081,
    NVME_SC_NAMESPACE_NOT_READY = 0x082,
    NVME_SC_INVALID_CQ = 0x100, // type 1, command specific: figures 128, 129
    NVME_SC_INVALID_QID = 0x101,
    NVME_SC_INVALID_QUEUE_SIZE = 0x102,
    NVME_SC_ABORT_LIMIT = 0x103,
    NVME_SC_AER_LIMIT = 0x105,
    NVME_SC_INVALID_FIRMWARE_SLOT = 0x106,
    NVME_SC_INVALID_FIRMWARE_IMAGE = 0x107,
    NVME_SC_INVALID_INTERRUPT_VECTOR = 0x108,
    NVME_SC_INVALID_LOG_PAGE = 0x109,
    NVME_SC_INVALID_FORMAT = 0x10a,
    NVME_SC_INVALID_QUEUE_DELETION = 0x10c,
    NVME_SC_FEATURE_NOT_SAVEABLE = 0x10d,
    NVME_SC_FEATURE_NOT_CHANGEABLE = 0x10e,
    NVME_SC_FEATURE_NOT_NAMESPACE_SPECIFIC = 0x10f,
    NVME_SC_OVERLAPPING_RANGE = 0x114,
    NVME_SC_INSUFFICIENT_CAPACITY = 0x115,
    NVME_SC_NSID_UNAVAILABLE = 0x116,
    NVME_SC_ALREADY_ATTACHED = 0x118,
    NVME_SC_NOT_ATTACHED = 0x11a,
    NVME_SC_INVALID_CONTROLLER_LIST = 0x11c,
    NVME_SC_SELF_TEST_IN_PROGRESS = 0x11d,
    NVME_SC_CONFLICTING_ATTRIBUTES = 0x180,
    NVME_SC_INVALID_PROTECTION_INFORMATION = 0x181,
    NVME_SC_COMMAND_SIZE_LIMIT = 0x183, // NVM Command Set 1.0
    NVME_SC_WRITE_FAULT = 0x280, // type 2, media and data integrity: figure 130
    NVME_SC_UNRECOVERED_READ = 0x281,
    NVME_SC_COMPARE_FAILURE = 0x285,
};

enum {
    NVME_STATUS_CODE_MASK = 0x7ff,
    NVME_STATUS_TYPE_SHIFT = 8,
    NVME_STATUS_MORE = 0x2000,
    NVME_STATUS_DNR = 0x4000,
};

// --- commands ------------------------------------------------------------------------------------------------------

enum nvme_admin_opcode { // section 5, figure 139
    NVME_ADMIN_DELETE_SQ = 0x00,
    NVME_ADMIN_CREATE_SQ = 0x01,
    NVME_ADMIN_GET_LOG_PAGE = 0x02,
    NVME_ADMIN_DELETE_CQ = 0x04,
    NVME_ADMIN_CREATE_CQ = 0x05,
    NVME_ADMIN_IDENTIFY = 0x06,
    NVME_ADMIN_ABORT = 0x08,
    NVME_ADMIN_SET_FEATURES = 0x09,
    NVME_ADMIN_GET_FEATURES = 0x0a,
    NVME_ADMIN_ASYNC_EVENT_REQUEST = 0x0c,
    NVME_ADMIN_NAMESPACE_MANAGEMENT = 0x0d,
    NVME_ADMIN_FIRMWARE_COMMIT = 0x10,
    NVME_ADMIN_FIRMWARE_DOWNLOAD = 0x11,
    NVME_ADMIN_DEVICE_SELF_TEST = 0x14,
    NVME_ADMIN_NAMESPACE_ATTACHMENT = 0x15,
    NVME_ADMIN_DOORBELL_BUFFER_CONFIG = 0x7c,
    NVME_ADMIN_FORMAT_NVM = 0x80,
};

enum nvme_io_opcode { // section 6, figure 346
    NVME_IO_FLUSH = 0x00,
    NVME_IO_WRITE = 0x01,
    NVME_IO_READ = 0x02,
    NVME_IO_WRITE_UNCORRECTABLE = 0x04,
    NVME_IO_COMPARE = 0x05,
    NVME_IO_WRITE_ZEROES = 0x08,
    NVME_IO_DATASET_MANAGEMENT = 0x09,
    NVME_IO_VERIFY = 0x0c,
    NVME_IO_COPY = 0x19, // NVM Command Set 1.0
};

#define NVME_NSID_ALL UINT32_C(0xffffffff)

enum { // queue creation and deletion, 5.3 to 5.6: CDW10
    NVME_QUEUE_QID_SHIFT = 0, NVME_QUEUE_QID_MASK = 0xffff,
    NVME_QUEUE_QSIZE_SHIFT = 16, NVME_QUEUE_QSIZE_MASK = 0xffff, // entries, 0's based
};

enum { // Abort, 5.1: CDW10
    NVME_ABORT_SQID_SHIFT = 0, NVME_ABORT_SQID_MASK = 0xffff,
    NVME_ABORT_CID_SHIFT = 16, NVME_ABORT_CID_MASK = 0xffff,
};

enum { // Firmware Commit, 5.11, and Format NVM, 5.23: CDW10
    NVME_FIRMWARE_FS_SHIFT = 0, NVME_FIRMWARE_FS_MASK = 7, // slot
    NVME_FIRMWARE_CA_SHIFT = 3, NVME_FIRMWARE_CA_MASK = 7, // action
    NVME_FORMAT_LBAF_SHIFT = 0, NVME_FORMAT_LBAF_MASK = 0xf,
    NVME_FORMAT_METADATA_MASK = 0x1f0, // MSET, PI, PIL
    NVME_FORMAT_SES_SHIFT = 9, NVME_FORMAT_SES_MASK = 7, NVME_FORMAT_SES_CRYPTO = 2,
};

enum { NVME_AFI_NEXT_SHIFT = 4 }; // log page 03h: the slot from the next reset on

enum { // Namespace Management, 5.20, and Namespace Attachment, 5.19: CDW10
    NVME_NAMESPACE_SEL_SHIFT = 0, NVME_NAMESPACE_SEL_MASK = 0xf,
    NVME_NAMESPACE_CREATE = 0, NVME_NAMESPACE_DELETE = 1,
    NVME_NAMESPACE_ATTACH = 0, NVME_NAMESPACE_DETACH = 1,
};

enum { // queue creation, 5.3 and 5.4: CDW11
    NVME_QUEUE_PC = 1 << 0,         // physically contiguous
    NVME_CQ_IEN = 1 << 1,           // interrupts enabled
    NVME_CQ_VECTOR_SHIFT = 16, NVME_CQ_VECTOR_MASK = 0xffff,
    NVME_SQ_QPRIO_SHIFT = 1, NVME_SQ_QPRIO_MASK = 3,
    NVME_SQ_CQID_SHIFT = 16, NVME_SQ_CQID_MASK = 0xffff,
};

enum nvme_qprio { NVME_QPRIO_URGENT, NVME_QPRIO_HIGH, NVME_QPRIO_MEDIUM, NVME_QPRIO_LOW, NVME_QPRIO_COUNT };

enum { // CDW12 of Read, Write, Write Zeroes: 6.9, 6.15, 6.17
    NVME_RW_NLB_MASK = 0xffff, // 0's based
    NVME_RW_DEAC = 1 << 25,    // Write Zeroes: deallocate
    NVME_RW_PRINFO_MASK = 0xf << 26,
    NVME_RW_FUA = 1 << 30,
    NVME_RW_LR_SHIFT = 31, // limited retry
};

enum { // Dataset Management, 6.7
    NVME_DSM_NR_MASK = 0xff, // CDW10: ranges, 0's based
    NVME_DSM_AD = 1 << 2,    // CDW11: deallocate
    NVME_DSM_RANGES_MAX = 256,
};

NVME_WIRE nvme_dsm_range // 6.7, figure 363
{
    uint32_t attributes;
    uint32_t nlb; // not 0's based
    uint64_t slba;
};
_Static_assert(sizeof(struct nvme_dsm_range) == 16, "section 6.7");

enum { // Copy, NVM Command Set 1.0, 3.2.2: CDW12
    NVME_COPY_RANGES_SHIFT = 0, NVME_COPY_RANGES_MASK = 0xff, // 0's based
    NVME_COPY_FORMAT_SHIFT = 8, NVME_COPY_FORMAT_MASK = 0xf,
    NVME_COPY_FORMATS = 2,      // 0h and 1h
    NVME_COPY_RANGES_MAX = 128, // whose descriptors of 40 bytes any MDTS lets through
};

NVME_WIRE nvme_copy_range // what descriptors of formats 0h (32 bytes) and 1h (40) begin with; tags follow
{
    uint8_t reserved0[8];
    uint64_t slba;
    uint16_t nlb; // 0's based
    uint8_t reserved18[6];
};
_Static_assert(sizeof(struct nvme_copy_range) == 24, "NVM Command Set 1.0, section 3.2.2");

// --- features, section 5.21.1 --------------------------------------------------------------------------------------

enum nvme_feature {
    NVME_FEATURE_ARBITRATION = 0x01,
    NVME_FEATURE_POWER_MANAGEMENT = 0x02,
    NVME_FEATURE_LBA_RANGE_TYPE = 0x03,
    NVME_FEATURE_TEMPERATURE_THRESHOLD = 0x04,
    NVME_FEATURE_ERROR_RECOVERY = 0x05,
    NVME_FEATURE_VOLATILE_WRITE_CACHE = 0x06,
    NVME_FEATURE_NUMBER_OF_QUEUES = 0x07,
    NVME_FEATURE_INTERRUPT_COALESCING = 0x08,
    NVME_FEATURE_INTERRUPT_VECTOR = 0x09,
    NVME_FEATURE_WRITE_ATOMICITY = 0x0a,
    NVME_FEATURE_ASYNC_EVENT = 0x0b,
    NVME_FEATURE_POWER_TRANSITIONS = 0x0c,
    NVME_FEATURE_TIMESTAMP = 0x0e,
    NVME_FEATURE_NON_OPERATIONAL_POWER = 0x11,
    NVME_FEATURE_HOST_BEHAVIOUR = 0x16,
    NVME_FEATURE_SOFTWARE_PROGRESS = 0x80,
};

enum { // Power Management, 5.21.1.2, and LBA Range Type, 5.21.1.3: CDW11
    NVME_POWER_PS_SHIFT = 0, NVME_POWER_PS_MASK = 0x1f,
    NVME_LBA_RANGE_NUM_SHIFT = 0, NVME_LBA_RANGE_NUM_MASK = 0x3f, // 0's based
};

NVME_WIRE nvme_lba_range // 5.21.1.3, figure 277
{
    uint8_t type;
    uint8_t attributes;
    uint8_t reserved2[14];
    uint64_t slba;
    uint64_t blocks; // 0's based
    uint8_t guid[16];
    uint8_t reserved48[16];
};
_Static_assert(sizeof(struct nvme_lba_range) == 64, "section 5.21.1.3");

enum { NVME_LBA_RANGE_OVERWRITABLE = 1 << 0 };

enum { // Autonomous Power State Transition, 5.21.1.12: CDW11, and an entry of its data
    NVME_APST_ENABLE = 1 << 0,
    NVME_APST_ITPS_SHIFT = 3, NVME_APST_ITPS_MASK = 0x1f,
    NVME_APST_ITPT_SHIFT = 8, NVME_APST_ITPT_MASK = 0xffffff, // ms
};

NVME_WIRE nvme_timestamp // 5.21.1.14
{
    uint64_t ms : 48; // since 1970 when the host has set it
    uint64_t attributes : 8; // bits 3:1: 1: the host has set it
    uint64_t reserved : 8;
};
_Static_assert(sizeof(struct nvme_timestamp) == 8, "section 5.21.1.14");

enum { NVME_TIMESTAMP_ORIGIN_SHIFT = 1 };
#define NVME_TIMESTAMP_MASK ((UINT64_C(1) << 48) - 1)

enum { // Arbitration, 5.21.1.1; weights are 0's based
    NVME_ARBITRATION_AB_MASK = 7, NVME_ARBITRATION_AB_UNLIMITED = 7, // commands: 2^n
    NVME_ARBITRATION_LPW_SHIFT = 8, NVME_ARBITRATION_LPW_MASK = 0xff,
    NVME_ARBITRATION_MPW_SHIFT = 16, NVME_ARBITRATION_MPW_MASK = 0xff,
    NVME_ARBITRATION_HPW_SHIFT = 24, NVME_ARBITRATION_HPW_MASK = 0xff,
};

enum { // Temperature Threshold, 5.21.1.4: CDW11
    NVME_TEMPERATURE_TMPTH_SHIFT = 0, NVME_TEMPERATURE_TMPTH_MASK = 0xffff, // K
    NVME_TEMPERATURE_TMPSEL_SHIFT = 16, NVME_TEMPERATURE_TMPSEL_MASK = 0xf, NVME_TEMPERATURE_TMPSEL_ALL = 0xf,
    NVME_TEMPERATURE_THSEL_SHIFT = 20, NVME_TEMPERATURE_THSEL_MASK = 3,
};

enum { // Number of Queues, 5.21.1.7: CDW11, 0's based
    NVME_QUEUES_NSQR_SHIFT = 0, NVME_QUEUES_NSQR_MASK = 0xffff,
    NVME_QUEUES_NCQR_SHIFT = 16, NVME_QUEUES_NCQR_MASK = 0xffff,
    NVME_QUEUES_NONE = 0xffff, // 65536 of them: not allowed
};

enum { // Interrupt Coalescing, 5.21.1.8, and Interrupt Vector Configuration, 5.21.1.9: CDW11
    NVME_COALESCING_THR_SHIFT = 0, NVME_COALESCING_THR_MASK = 0xff,
    NVME_COALESCING_TIME_SHIFT = 8, NVME_COALESCING_TIME_MASK = 0xff, // 100 us
    NVME_VECTOR_IV_SHIFT = 0, NVME_VECTOR_IV_MASK = 0xffff,
    NVME_VECTOR_CD_SHIFT = 16, NVME_VECTOR_CD_MASK = 1, // coalescing disabled
};

enum nvme_feature_select { // Get Features CDW10 bits 10:8, section 5.14
    NVME_SELECT_CURRENT,
    NVME_SELECT_DEFAULT,
    NVME_SELECT_SAVED,
    NVME_SELECT_CAPABILITIES,
};

enum {
    NVME_FEATURE_FID_SHIFT = 0, NVME_FEATURE_FID_MASK = 0xff, // CDW10
    NVME_FEATURE_SEL_SHIFT = 8, NVME_FEATURE_SEL_MASK = 7,    // Get Features CDW10
    NVME_FEATURE_SV_SHIFT = 31, NVME_FEATURE_SV_MASK = 1,     // Set Features CDW10: save
    NVME_FEATURE_CAN_SAVE = 1 << 0,      // SEL = 3, figure 186
    NVME_FEATURE_PER_NAMESPACE = 1 << 1,
    NVME_FEATURE_CAN_CHANGE = 1 << 2,
};

// --- log pages, section 5.14.1 -------------------------------------------------------------------------------------

enum nvme_log {
    NVME_LOG_SUPPORTED = 0x00, // NVMe 2.0
    NVME_LOG_ERROR = 0x01,
    NVME_LOG_SMART = 0x02,
    NVME_LOG_FIRMWARE = 0x03,
    NVME_LOG_CHANGED_NAMESPACES = 0x04,
    NVME_LOG_COMMANDS_EFFECTS = 0x05,
    NVME_LOG_SELF_TEST = 0x06,
    NVME_LOG_TELEMETRY_HOST = 0x07,
    NVME_LOG_TELEMETRY_CONTROLLER = 0x08,
    NVME_LOG_ENDURANCE_GROUP = 0x09,
    NVME_LOG_FEATURE_EFFECTS = 0x12,    // NVMe 2.0
    NVME_LOG_MANAGEMENT_EFFECTS = 0x13, // NVMe 2.0
};

enum { // Get Log Page, 5.14
    NVME_LOG_LID_SHIFT = 0, NVME_LOG_LID_MASK = 0xff,          // CDW10
    NVME_LOG_RAE = 1 << 15,                                    // CDW10: retain asynchronous event
    NVME_LOG_NUMDL_SHIFT = 16, NVME_LOG_NUMDL_MASK = 0xffff,   // CDW10: doublewords, 0's based, lower half
    NVME_LOG_NUMDU_SHIFT = 0, NVME_LOG_NUMDU_MASK = 0xffff,    // CDW11: upper half
    NVME_LOG_LSI_SHIFT = 16, NVME_LOG_LSI_MASK = 0xffff,       // CDW11: what it is about
    NVME_LOG_OT = 1 << 23, // CDW14, NVMe 2.0: the offset is an index
};

NVME_WIRE nvme_error_entry // 5.14.1.1
{
    uint64_t error_count;
    uint16_t sqid;
    uint16_t cid;
    uint16_t status; // as in the CQE, phase tag in bit 0
    uint16_t location; // of the parameter in error: byte 7:0, bit 10:8; FFFFh none
    uint64_t lba;
    uint32_t nsid;
    uint8_t vendor_log;
    uint8_t trtype;
    uint8_t reserved30[2];
    uint64_t command_information;
    uint16_t transport_information;
    uint8_t reserved42[22];
};
_Static_assert(sizeof(struct nvme_error_entry) == 64, "section 5.14.1.1");

enum { NVME_LOCATION_NONE = 0xffff };

NVME_WIRE nvme_u128 { uint64_t low, high; };

NVME_WIRE nvme_smart_log // 5.14.1.2
{
    uint8_t critical_warning;
    uint16_t temperature; // K
    uint8_t available_spare; // %
    uint8_t available_spare_threshold;
    uint8_t percentage_used;
    uint8_t endurance_critical_warning;
    uint8_t reserved7[25];
    struct nvme_u128 data_units_read; // thousands of 512 B, rounded up
    struct nvme_u128 data_units_written;
    struct nvme_u128 host_reads;
    struct nvme_u128 host_writes;
    struct nvme_u128 controller_busy_minutes;
    struct nvme_u128 power_cycles;
    struct nvme_u128 power_on_hours;
    struct nvme_u128 unsafe_shutdowns;
    struct nvme_u128 media_errors;
    struct nvme_u128 error_log_entries;
    uint32_t warning_temperature_minutes;
    uint32_t critical_temperature_minutes;
    uint16_t temperature_sensors[8];
    uint32_t thermal_transitions[2];
    uint32_t thermal_seconds[2];
    uint8_t reserved232[280];
};
_Static_assert(sizeof(struct nvme_smart_log) == 512, "section 5.14.1.2");

enum { NVME_WARNING_SPARE = 1 << 0, NVME_WARNING_TEMPERATURE = 1 << 1, NVME_WARNING_RELIABILITY = 1 << 2 };

NVME_WIRE nvme_firmware_log // 5.14.1.3
{
    uint8_t afi; // bits 2:0 active slot, 6:4 slot at next reset
    uint8_t reserved1[7];
    char revisions[7][8];
    uint8_t reserved64[448];
};
_Static_assert(sizeof(struct nvme_firmware_log) == 512, "section 5.14.1.3");

NVME_WIRE nvme_effects_log // 5.14.1.5
{
    uint32_t admin[256];
    uint32_t io[256];
    uint8_t reserved2048[2048];
};
_Static_assert(sizeof(struct nvme_effects_log) == 4096, "section 5.14.1.5");

enum { NVME_CHANGED_NAMESPACES_BYTES = 4096 }; // 5.14.1.4: 1024 identifiers

enum { // CSUPP, LBCC, NCC, NIC, CCC
    NVME_EFFECT_SUPPORTED = 1 << 0,
    NVME_EFFECT_LOGICAL_BLOCKS = 1 << 1,
    NVME_EFFECT_NAMESPACE = 1 << 2,
    NVME_EFFECT_INVENTORY = 1 << 3,
    NVME_EFFECT_CONTROLLER = 1 << 4,
    NVME_EFFECT_SCOPE_NAMESPACE = 1 << 20,  // of features, NVMe Base 2.0, 5.16.1.17
    NVME_EFFECT_SCOPE_CONTROLLER = 1 << 21,
};

enum { NVME_TELEMETRY_BLOCK = 512 };

NVME_WIRE nvme_telemetry_log // 5.14.1.7, 5.14.1.8: its first block; the data areas follow
{
    uint8_t lid;
    uint8_t reserved1[4];
    uint8_t ieee[3];
    uint16_t area_last[3]; // block of data areas 1 to 3
    uint8_t reserved14[368];
    uint8_t controller_available;
    uint8_t host_generation; // of log 07h here, of 08h the controller's
    uint8_t reason[128];
};
_Static_assert(sizeof(struct nvme_telemetry_log) == NVME_TELEMETRY_BLOCK, "section 5.14.1.7");

enum nvme_self_test { // STC: CDW10 of Device Self-test, 5.8, and log page 06h
    NVME_SELF_TEST_NONE = 0x0,
    NVME_SELF_TEST_SHORT = 0x1,
    NVME_SELF_TEST_EXTENDED = 0x2,
    NVME_SELF_TEST_ABORT = 0xf,
};
enum { NVME_SELF_TEST_STC_SHIFT = 0, NVME_SELF_TEST_STC_MASK = 0xf };

enum nvme_self_test_result { // 5.14.1.6
    NVME_SELF_TEST_PASSED = 0x0,
    NVME_SELF_TEST_ABORTED = 0x1, // by Device Self-test
    NVME_SELF_TEST_RESET = 0x2,
    NVME_SELF_TEST_NAMESPACE_REMOVED = 0x3,
    NVME_SELF_TEST_FORMATTED = 0x4,
    NVME_SELF_TEST_UNUSED = 0xf,
};

enum { NVME_SELF_TEST_RESULTS = 20, NVME_SELF_TEST_CODE_SHIFT = 4 };

NVME_WIRE nvme_self_test_entry // 5.14.1.6
{
    uint8_t status; // bits 3:0 the result, 7:4 which test
    uint8_t segment;
    uint8_t valid; // of what follows POH: bits 3:0 NSID, LBA, SCT, SC
    uint8_t reserved3;
    uint64_t power_on_hours;
    uint32_t nsid;
    uint64_t lba;
    uint8_t status_code_type;
    uint8_t status_code;
    uint8_t vendor[2];
};
_Static_assert(sizeof(struct nvme_self_test_entry) == 28, "section 5.14.1.6");

NVME_WIRE nvme_self_test_log // 5.14.1.6
{
    uint8_t current; // enum nvme_self_test
    uint8_t percent; // of it done
    uint8_t reserved2[2];
    struct nvme_self_test_entry results[NVME_SELF_TEST_RESULTS]; // the newest first
};
_Static_assert(sizeof(struct nvme_self_test_log) == 564, "section 5.14.1.6");

enum { NVME_ENDURANCE_GROUP = 1 };

NVME_WIRE nvme_endurance_group_log // 5.14.1.9
{
    uint8_t critical_warning;
    uint8_t reserved1[2];
    uint8_t available_spare;
    uint8_t available_spare_threshold;
    uint8_t percentage_used;
    uint8_t reserved6[26];
    struct nvme_u128 endurance_estimate; // billions of bytes; 0: not told
    struct nvme_u128 data_units_read;
    struct nvme_u128 data_units_written;
    struct nvme_u128 media_units_written;
    struct nvme_u128 host_reads;
    struct nvme_u128 host_writes;
    struct nvme_u128 media_errors;
    struct nvme_u128 error_log_entries;
    uint8_t reserved160[352];
};
_Static_assert(sizeof(struct nvme_endurance_group_log) == 512, "section 5.14.1.9");

// --- asynchronous events, section 5.2 ------------------------------------------------------------------------------

enum nvme_event_type { NVME_EVENT_ERROR = 0, NVME_EVENT_SMART = 1, NVME_EVENT_NOTICE = 2, NVME_EVENT_TYPES = 8 };

enum { // event information by type, figures 147 to 150
    NVME_EVENT_ERROR_INVALID_DOORBELL = 0,       // write to a doorbell of no queue
    NVME_EVENT_ERROR_INVALID_DOORBELL_VALUE = 1,
    NVME_EVENT_ERROR_DIAGNOSTIC_FAILURE = 2,
    NVME_EVENT_ERROR_PERSISTENT_INTERNAL = 3,
    NVME_EVENT_ERROR_TRANSIENT_INTERNAL = 4,
    NVME_EVENT_SMART_RELIABILITY = 0,
    NVME_EVENT_SMART_TEMPERATURE = 1,
    NVME_EVENT_SMART_SPARE = 2,
    NVME_EVENT_NOTICE_NAMESPACE_CHANGED = 0,
    NVME_EVENT_NOTICE_FIRMWARE = 1, // activation begins
};

enum { NVME_EVENT_INFORMATION_SHIFT = 8, NVME_EVENT_LOG_SHIFT = 16 }; // completion dword 0, figure 146

// --- identify, section 5.15 ----------------------------------------------------------------------------------------

enum nvme_cns {
    NVME_CNS_NAMESPACE = 0x00,
    NVME_CNS_CONTROLLER = 0x01,
    NVME_CNS_ACTIVE_NAMESPACES = 0x02,
    NVME_CNS_NAMESPACE_DESCRIPTORS = 0x03,
    NVME_CNS_IO_NAMESPACE = 0x05,  // NVMe 2.0: I/O command set specific
    NVME_CNS_IO_CONTROLLER = 0x06, // NVMe 2.0
    NVME_CNS_IO_ACTIVE_NAMESPACES = 0x07,  // NVMe 2.0
    NVME_CNS_INDEPENDENT_NAMESPACE = 0x08, // NVMe 2.0
    NVME_CNS_ALLOCATED_NAMESPACES = 0x10,
    NVME_CNS_ALLOCATED_NAMESPACE = 0x11,
    NVME_CNS_ATTACHED_CONTROLLERS = 0x12,
    NVME_CNS_CONTROLLERS = 0x13,
    NVME_CNS_IO_ALLOCATED_NAMESPACES = 0x1a, // NVMe 2.0
    NVME_CNS_IO_ALLOCATED_NAMESPACE = 0x1b,  // NVMe 2.0
    NVME_CNS_COMMAND_SETS = 0x1c,            // NVMe 2.0
};

enum { NVME_CSI_NVM = 0 }; // the NVM command set, NVMe 2.0

enum { NVME_IDENTIFY_BYTES = 4096 };

enum { // Identify, 5.15
    NVME_IDENTIFY_CNS_SHIFT = 0, NVME_IDENTIFY_CNS_MASK = 0xff,   // CDW10
    NVME_IDENTIFY_CNTID_SHIFT = 16, NVME_IDENTIFY_CNTID_MASK = 0xffff, // CDW10
    NVME_IDENTIFY_CSI_SHIFT = 24, NVME_IDENTIFY_CSI_MASK = 0xff, // CDW11, NVMe 2.0
};

NVME_WIRE nvme_power_state // 5.15.2.2, figure 251
{
    uint16_t max_power; // 10 mW
    uint8_t reserved2;
    uint8_t flags;
    uint32_t entry_us;
    uint32_t exit_us;
    uint8_t rrt, rrl, rwt, rwl;
    uint16_t idle_power;
    uint8_t idle_scale;
    uint8_t reserved19;
    uint16_t active_power;
    uint8_t active_scale;
    uint8_t reserved23[9];
};
_Static_assert(sizeof(struct nvme_power_state) == 32, "section 5.15.2.2");

enum { NVME_POWER_STATE_MXPS = 1 << 0, NVME_POWER_STATE_NOPS = 1 << 1 }; // flags: power in 0.1 mW; non-operational

NVME_WIRE nvme_identify_controller // 5.15.2.2, figure 247
{
    uint16_t vid;
    uint16_t ssvid;
    char sn[20];
    char mn[40];
    char fr[8];
    uint8_t rab;
    uint8_t ieee[3];
    uint8_t cmic;
    uint8_t mdts; // 2^n pages of CAP.MPSMIN; 0: no limit
    uint16_t cntlid;
    uint32_t ver;
    uint32_t rtd3r;
    uint32_t rtd3e;
    uint32_t oaes;
    uint32_t ctratt;
    uint16_t rrls;
    uint8_t reserved102[9];
    uint8_t cntrltype; // 1: I/O controller
    uint8_t fguid[16];
    uint16_t crdt[3];
    uint8_t reserved134[106];
    uint8_t management[16];
    uint16_t oacs;
    uint8_t acl;  // Abort commands at once, 0's based
    uint8_t aerl; // Asynchronous Event Requests at once, 0's based
    uint8_t frmw;
    uint8_t lpa;
    uint8_t elpe; // error log entries, 0's based
    uint8_t npss; // power states, 0's based
    uint8_t avscc;
    uint8_t apsta;
    uint16_t wctemp;
    uint16_t cctemp;
    uint16_t mtfa;
    uint32_t hmpre;
    uint32_t hmmin;
    struct nvme_u128 tnvmcap;
    struct nvme_u128 unvmcap;
    uint32_t rpmbs;
    uint16_t edstt;
    uint8_t dsto;
    uint8_t fwug;
    uint16_t kas;
    uint16_t hctma;
    uint16_t mntmt;
    uint16_t mxtmt;
    uint32_t sanicap;
    uint32_t hmminds;
    uint16_t hmmaxd;
    uint16_t nsetidmax;
    uint16_t endgidmax;
    uint8_t anatt;
    uint8_t anacap;
    uint32_t anagrpmax;
    uint32_t nanagrpid;
    uint32_t pels;
    uint8_t reserved356[156];
    uint8_t sqes; // bits 3:0 required, 7:4 largest, 2^n bytes
    uint8_t cqes;
    uint16_t maxcmd;
    uint32_t nn;
    uint16_t oncs;
    uint16_t fuses;
    uint8_t fna;
    uint8_t vwc;
    uint16_t awun;
    uint16_t awupf;
    uint8_t nvscc;
    uint8_t nwpc;
    uint16_t acwu;
    uint16_t ocfs; // NVMe 2.0: formats of Copy, a bit each
    uint32_t sgls;
    uint32_t mnan;
    uint8_t reserved544[224];
    char subnqn[256];
    uint8_t reserved1024[768];
    uint8_t fabrics[256];
    struct nvme_power_state psd[32];
    uint8_t vendor[1024];
};
_Static_assert(sizeof(struct nvme_identify_controller) == NVME_IDENTIFY_BYTES, "section 5.15.2.2");

enum {
    NVME_LPA_SMART_NAMESPACES = 1 << 0, // LPA
    NVME_SGLS_SUPPORTED = 1 << 0,
    NVME_SGLS_BIT_BUCKET = 1 << 16,
    NVME_SGLS_LONGER = 1 << 18, // than the data
    NVME_LPA_EFFECTS = 1 << 1,
    NVME_LPA_EXTENDED = 1 << 2, // log page offset and 32-bit length
    NVME_LPA_TELEMETRY = 1 << 3,
    NVME_LPA_SUPPORTED = 1 << 5, // NVMe 2.0: pages 00h, 12h, 13h
    NVME_CTRATT_ENDURANCE_GROUPS = 1 << 4,
    NVME_FRMW_SLOT1_READ_ONLY = 1 << 0,
    NVME_FRMW_SLOTS_SHIFT = 1,
    NVME_OACS_FORMAT = 1 << 1,
    NVME_OACS_FIRMWARE = 1 << 2,
    NVME_OACS_NAMESPACES = 1 << 3,
    NVME_OACS_SELF_TEST = 1 << 4,
    NVME_DSTO_ONE = 1 << 0, // self-test of the subsystem at a time
    NVME_FRMW_NO_RESET = 1 << 4, // activation without one
    NVME_FNA_CRYPTO = 1 << 2,    // Format erases cryptographically, too
    NVME_OACS_DOORBELL_BUFFER = 1 << 8,
    NVME_ONCS_COMPARE = 1 << 0,
    NVME_ONCS_WRITE_UNCORRECTABLE = 1 << 1,
    NVME_ONCS_DSM = 1 << 2,
    NVME_ONCS_WRITE_ZEROES = 1 << 3,
    NVME_ONCS_SAVE_SELECT = 1 << 4,
    NVME_ONCS_TIMESTAMP = 1 << 6,
    NVME_ONCS_VERIFY = 1 << 7,
    NVME_ONCS_COPY = 1 << 8,
    NVME_VWC_PRESENT = 1 << 0,
    NVME_VWC_FLUSH_ALL_SHIFT = 1, // bits 2:1: 2 Flush of all namespaces unsupported, 3 supported
    NVME_OAES_NAMESPACE_ATTRIBUTE = 1 << 8,
    NVME_OAES_FIRMWARE_ACTIVATION = 1 << 9,
};

NVME_WIRE nvme_lba_format // figure 246
{
    uint16_t ms;
    uint8_t lbads; // 2^n bytes
    uint8_t rp;
};

NVME_WIRE nvme_identify_namespace // 5.15.2.1, figure 245
{
    uint64_t nsze; // logical blocks
    uint64_t ncap;
    uint64_t nuse;
    uint8_t nsfeat;
    uint8_t nlbaf; // 0's based
    uint8_t flbas;
    uint8_t mc;
    uint8_t dpc;
    uint8_t dps;
    uint8_t nmic;
    uint8_t rescap;
    uint8_t fpi;
    uint8_t dlfeat;
    uint16_t nawun;
    uint16_t nawupf;
    uint16_t nacwu;
    uint16_t nabsn;
    uint16_t nabo;
    uint16_t nabspf;
    uint16_t noiob;
    struct nvme_u128 nvmcap;
    uint16_t npwg;
    uint16_t npwa;
    uint16_t npdg;
    uint16_t npda;
    uint16_t nows;
    uint16_t mssrl; // NVM Command Set 1.0: of Copy, logical blocks of a range
    uint32_t mcl;   // of all
    uint8_t msrc;   // ranges, 0's based
    uint8_t reserved81[11];
    uint32_t anagrpid;
    uint8_t reserved96[3];
    uint8_t nsattr;
    uint16_t nvmsetid;
    uint16_t endgid;
    uint8_t nguid[16];
    uint8_t eui64[8];
    struct nvme_lba_format lbaf[16];
    uint8_t reserved192[192];
    uint8_t vendor[3712];
};
_Static_assert(sizeof(struct nvme_identify_namespace) == NVME_IDENTIFY_BYTES, "section 5.15.2.1");

enum {
    NVME_DLFEAT_READS_MASK = 7,        // what deallocated blocks read as
    NVME_DLFEAT_READS_ZERO = 1,
    NVME_DLFEAT_WRITE_ZEROES_DEAC = 8, // bit 3
};

NVME_WIRE nvme_namespace_descriptor // 5.15.2.4, figure 249; the identifier follows
{
    uint8_t nidt;
    uint8_t nidl;
    uint8_t reserved2[2];
};

enum nvme_nidt { NVME_NIDT_EUI64 = 1, NVME_NIDT_NGUID = 2, NVME_NIDT_UUID = 3, NVME_NIDT_CSI = 4 };

NVME_WIRE nvme_independent_namespace // NVMe Base 2.0, 5.17.2.8: I/O command set independent
{
    uint8_t nsfeat;
    uint8_t nmic;
    uint8_t rescap;
    uint8_t fpi;
    uint32_t anagrpid;
    uint8_t nsattr;
    uint8_t reserved9;
    uint16_t nvmsetid;
    uint16_t endgid;
    uint8_t nstat; // bit 0: ready
    uint8_t reserved15[4081];
};
_Static_assert(sizeof(struct nvme_independent_namespace) == NVME_IDENTIFY_BYTES, "NVMe Base 2.0, 5.17.2.8");

NVME_WIRE nvme_controller_list // 4.8
{
    uint16_t count;
    uint16_t id[2047];
};
_Static_assert(sizeof(struct nvme_controller_list) == NVME_IDENTIFY_BYTES, "section 4.8");

#endif
