// Loaded before nvme-cli (LD_PRELOAD) this makes a character device, /dev/null, an NVMe controller: each admin command
// that is sent to it goes to `sqtail nvme admin-passthru`, so that nvme-cli decodes what a simulated drive answers.
//
// SQTAIL is the program, SQTAIL_DRIVE the configuration and options behind it. The ioctl is Linux's (include/uapi/linux/
// nvme_ioctl.h).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct passthru {
    uint8_t opcode, flags;
    uint16_t reserved;
    uint32_t nsid, cdw2, cdw3;
    uint64_t metadata, address;
    uint32_t metadata_bytes, bytes;
    uint32_t cdw[6];
    uint32_t timeout_ms, result;
};

enum { IOCTL_ID = 0x4e40, IOCTL_ADMIN = 0x4e41 }; // type and number

static int read_all(FILE *from, uint8_t *to, uint32_t bytes)
{
    size_t count = fread(to, 1, bytes, from);
    return count == bytes ? 0 : -1;
}

// The status that sqtail tells of a command that failed, else -1.
static int status_of(const char *path)
{
    char line[256];
    unsigned status;
    int found = -1;
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "NVMe status: (0x%x)", &status) == 1)
            found = (int)status;
    if (file != NULL)
        fclose(file);
    return found;
}

static uint32_t result_of(const char *path)
{
    char line[256];
    unsigned result = 0;
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        sscanf(line, "Admin Command Passthru is Success and result: 0x%x", &result);
    if (file != NULL)
        fclose(file);
    return result;
}

static int pass(struct passthru *p)
{
    char line[4096], errors[] = "/tmp/nvme_cli.XXXXXX";
    int fd = mkstemp(errors);
    if (fd < 0)
        return -1;
    snprintf(line, sizeof line, "LD_PRELOAD= %s nvme admin-passthru %s --opcode=%u --namespace-id=%u --cdw2=%u --cdw3=%u "
             "--cdw10=%u --cdw11=%u --cdw12=%u --cdw13=%u --cdw14=%u --cdw15=%u --data-len=%u --read --raw-binary 2>%s",
             getenv("SQTAIL"), getenv("SQTAIL_DRIVE"), p->opcode, p->nsid, p->cdw2, p->cdw3, p->cdw[0], p->cdw[1],
             p->cdw[2], p->cdw[3], p->cdw[4], p->cdw[5], p->bytes, errors);
    FILE *pipe = popen(line, "r");
    int failed = p->bytes > 0 && read_all(pipe, (uint8_t *)(uintptr_t)p->address, p->bytes) != 0;
    failed |= pclose(pipe) != 0;
    int status = failed ? status_of(errors) : 0;
    p->result = failed ? 0 : result_of(errors);
    remove(errors);
    return status;
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    switch (request & 0xffff) {
    case IOCTL_ADMIN: return pass(argument);
    case IOCTL_ID: return 1;
    default: return ((int (*)(int, unsigned long, void *))dlsym(RTLD_NEXT, "ioctl"))(fd, request, argument);
    }
}
