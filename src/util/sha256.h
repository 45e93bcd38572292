// SHA-256 (FIPS 180-4), to name a file by its bytes.
#ifndef SQTAIL_UTIL_SHA256_H
#define SQTAIL_UTIL_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_HEX_SIZE = 65 }; // with the closing NUL

struct sha256 {
    uint32_t state[8];
    uint64_t length; // bytes so far
    uint8_t block[64];
    bool instructions; // the processor has some for it
};

void sha256_init(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t size);

// Ends the hash; `hash` must be initialised before further use.
void sha256_finish(struct sha256 *hash, char hex[SHA256_HEX_SIZE]);

#endif
